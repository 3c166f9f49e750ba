//! What this device signs and seals: reports and readiness passes with its own Ed25519 key, consented frames for the server
//! alone. The private key stays in the device's store for secrets; one key for each server, so that servers cannot tell
//! that two of their people have the same phone.

use crate::faces::Crops;
use crate::platform::{SecretError, SecretStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use miantan_domain::model::Nonce;
use miantan_domain::wire::rest::{SealedFrames, Signed};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::Serialize;
use zeroize::Zeroizing;

/// Bound into the key that frames are sealed with.
const INFO: &[u8] = b"miantan frames 1";

/// Why nothing was signed or sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The system gave no random bytes, or the library refused.
    #[error("the device could not make a key; restart it and try again")]
    Key,
    #[error("the server's key for pictures is none; update the app or tell the organiser")]
    ServerKey,
}

fn name(address: &str) -> String {
    format!("device key {address}")
}

/// This device's key for one server.
pub struct DeviceKey(Ed25519KeyPair);

impl DeviceKey {
    /// The key for this server, made at its first use. A stored one that cannot be read is replaced: the server then asks
    /// for the identity anew.
    pub fn for_server(secrets: &dyn SecretStore, address: &str) -> Result<Self, SealError> {
        if let Some(stored) = secrets.get(&name(address))? {
            let stored = Zeroizing::new(BASE64.decode(stored.trim()).unwrap_or_default());
            if let Ok(pair) = Ed25519KeyPair::from_pkcs8(&stored) {
                return Ok(Self(pair));
            }
            tracing::warn!("the device's stored key was not readable; a new one is made");
        }
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| SealError::Key)?;
        secrets.set(&name(address), &Zeroizing::new(BASE64.encode(made.as_ref())))?;
        Ed25519KeyPair::from_pkcs8(made.as_ref()).map(Self).map_err(|_| SealError::Key)
    }

    /// For `device_key` on the wire: 32 bytes, base64.
    pub fn public(&self) -> String {
        BASE64.encode(self.0.public_key().as_ref())
    }

    /// # Errors
    /// When the content cannot be written as JSON.
    pub fn sign(&self, content: &impl Serialize) -> Result<Signed, serde_json::Error> {
        let bytes = serde_json::to_vec(content)?;
        let signature = BASE64.encode(self.0.sign(&bytes).as_ref());
        Ok(Signed { content: BASE64.encode(bytes), signature })
    }
}

/// Seals frames (each of `FRAME_CROPS_BYTES`) for the server's X25519 key (base64), bound to this attempt.
pub fn seal(frames: &[Crops], server_key: &str, nonce: &Nonce) -> Result<SealedFrames, SealError> {
    let theirs = BASE64.decode(server_key).ok().filter(|key| key.len() == 32).ok_or(SealError::ServerKey)?;
    let mine = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(|_| SealError::Key)?;
    let public = mine.compute_public_key().map_err(|_| SealError::Key)?;
    let key = agree_ephemeral(mine, &UnparsedPublicKey::new(&X25519, theirs), |shared| {
        let secret = Salt::new(HKDF_SHA256, nonce.bytes()).extract(shared);
        secret.expand(&[INFO], &CHACHA20_POLY1305).map(UnboundKey::from)
    });
    let key = key.map_err(|_| SealError::ServerKey)?.map_err(|_| SealError::Key)?;
    // One key for one message: its nonce may be zero.
    let zero = ring::aead::Nonce::assume_unique_for_key([0; 12]);
    let mut bytes =
        Zeroizing::new(frames.iter().flat_map(|frame| frame.0.iter().copied()).collect::<Vec<u8>>());
    LessSafeKey::new(key)
        .seal_in_place_append_tag(zero, Aad::empty(), &mut *bytes)
        .map_err(|_| SealError::Key)?;
    Ok(SealedFrames { key: BASE64.encode(public.as_ref()), frames: BASE64.encode(&*bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, UnparsedPublicKey as Verifying};
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Drawer(Mutex<BTreeMap<String, String>>);

    impl SecretStore for Drawer {
        fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
            Ok(self.0.lock().unwrap().get(name).cloned())
        }
        fn set(&self, name: &str, value: &str) -> Result<(), SecretError> {
            self.0.lock().unwrap().insert(name.into(), value.into());
            Ok(())
        }
        fn remove(&self, name: &str) -> Result<(), SecretError> {
            self.0.lock().unwrap().remove(name);
            Ok(())
        }
    }

    #[test]
    fn one_key_for_each_server_and_the_same_one_again() {
        let drawer = Drawer::default();
        let first = DeviceKey::for_server(&drawer, "https://a.example").unwrap().public();
        assert_eq!(DeviceKey::for_server(&drawer, "https://a.example").unwrap().public(), first);
        assert_ne!(DeviceKey::for_server(&drawer, "https://b.example").unwrap().public(), first);
        drawer.set("device key https://a.example", "rubbish").unwrap();
        assert_ne!(DeviceKey::for_server(&drawer, "https://a.example").unwrap().public(), first);
    }

    #[test]
    fn a_signature_is_over_the_exact_bytes_sent() {
        let key = DeviceKey::for_server(&Drawer::default(), "https://a.example").unwrap();
        let signed = key.sign(&serde_json::json!({ "passed": true })).unwrap();
        let content = BASE64.decode(&signed.content).unwrap();
        let signature = BASE64.decode(&signed.signature).unwrap();
        let public = BASE64.decode(key.public()).unwrap();
        let verifying = Verifying::new(&ED25519, public);
        assert!(verifying.verify(&content, &signature).is_ok());
        let changed: Vec<u8> = content.iter().map(|byte| byte ^ 1).collect();
        assert!(verifying.verify(&changed, &signature).is_err());
    }

    #[test]
    fn the_server_alone_opens_what_was_sealed_for_this_attempt() {
        let server = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
        let public = BASE64.encode(server.compute_public_key().unwrap().as_ref());
        let nonce = Nonce::new([7; 32]);
        let frames = [Crops(Zeroizing::new(vec![1, 2, 3])), Crops(Zeroizing::new(vec![4, 5, 6]))];
        let sealed = seal(&frames, &public, &nonce).unwrap();
        let theirs = BASE64.decode(&sealed.key).unwrap();
        let key = agree_ephemeral(server, &UnparsedPublicKey::new(&X25519, theirs), |shared| {
            let secret = Salt::new(HKDF_SHA256, nonce.bytes()).extract(shared);
            LessSafeKey::new(UnboundKey::from(secret.expand(&[INFO], &CHACHA20_POLY1305).unwrap()))
        });
        let mut bytes = BASE64.decode(&sealed.frames).unwrap();
        let zero = ring::aead::Nonce::assume_unique_for_key([0; 12]);
        let open = key.unwrap().open_in_place(zero, Aad::empty(), &mut bytes).unwrap().to_vec();
        assert_eq!(open, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_key_that_is_none_is_said_so() {
        for key in ["", "AAAA", "not base64!"] {
            assert!(matches!(seal(&[], key, &Nonce::new([0; 32])), Err(SealError::ServerKey)), "{key}");
        }
        // The neutral point: no secret comes of it.
        let zero = BASE64.encode([0; 32]);
        assert!(matches!(seal(&[], &zero, &Nonce::new([0; 32])), Err(SealError::ServerKey)));
    }
}
