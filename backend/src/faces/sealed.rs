//! The box frames come in: X25519, HKDF-SHA256 and ChaCha20-Poly1305, as `SealedFrames` describes it. The server's
//! key pair belongs to one attempt and follows from its nonce and the key file, so that it is kept nowhere and a
//! restart does not lose it. Frames are stored as they came: still sealed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miantan_domain::model::Nonce;
use miantan_domain::wire::rest::SealedFrames;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce as AeadNonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// Binds the key to its use.
const INFO: &[u8] = b"miantan frames 1";
const KEY_BYTES: usize = 32;

/// It is no box for this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the frames are not sealed for this attempt")]
pub struct NotForUs;

/// The attempt's public key, for the app.
pub fn public_key(secret: &[u8; KEY_BYTES]) -> String {
    STANDARD.encode(PublicKey::from(&StaticSecret::from(*secret)).as_bytes())
}

/// The bytes to be stored: the device's key, then the sealed frames.
///
/// # Errors
/// When they are not base64 of what they should be.
pub fn bytes(sealed: &SealedFrames) -> Result<Vec<u8>, NotForUs> {
    let mut bytes = STANDARD.decode(&sealed.key).map_err(|_| NotForUs)?;
    if bytes.len() != KEY_BYTES {
        return Err(NotForUs);
    }
    bytes.extend(STANDARD.decode(&sealed.frames).map_err(|_| NotForUs)?);
    Ok(bytes)
}

/// Opens what [`bytes`] gave.
///
/// # Errors
/// When it was sealed for another key or nonce, or altered.
pub fn open(secret: &[u8; KEY_BYTES], nonce: &Nonce, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotForUs> {
    let (theirs, frames) = sealed.split_first_chunk::<KEY_BYTES>().ok_or(NotForUs)?;
    let shared = StaticSecret::from(*secret).diffie_hellman(&PublicKey::from(*theirs));
    // a key of low order makes a secret everybody knows
    if !shared.was_contributory() {
        return Err(NotForUs);
    }
    let derived = Salt::new(HKDF_SHA256, nonce.bytes()).extract(shared.as_bytes());
    let key = derived.expand(&[INFO], &CHACHA20_POLY1305).map_err(|_| NotForUs)?;
    let key = LessSafeKey::new(UnboundKey::from(key));
    let mut frames = Zeroizing::new(frames.to_vec());
    // the key is for these bytes only, so the nonce may be the same each time
    let zero = AeadNonce::assume_unique_for_key([0; 12]);
    let length = key.open_in_place(zero, Aad::empty(), &mut frames).map_err(|_| NotForUs)?.len();
    frames.truncate(length);
    Ok(frames)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
    use ring::rand::SystemRandom;

    /// As a device seals, with another implementation of X25519.
    pub(crate) fn seal(key: &str, nonce: &Nonce, frames: &[u8]) -> SealedFrames {
        let random = SystemRandom::new();
        let own = EphemeralPrivateKey::generate(&X25519, &random).unwrap();
        let public = own.compute_public_key().unwrap();
        let theirs = UnparsedPublicKey::new(&X25519, STANDARD.decode(key).unwrap());
        let mut bytes = frames.to_vec();
        agree_ephemeral(own, &theirs, |shared| {
            let derived = Salt::new(HKDF_SHA256, nonce.bytes()).extract(shared);
            let key = derived.expand(&[INFO], &CHACHA20_POLY1305).unwrap();
            let key = LessSafeKey::new(UnboundKey::from(key));
            let zero = AeadNonce::assume_unique_for_key([0; 12]);
            key.seal_in_place_append_tag(zero, Aad::empty(), &mut bytes).unwrap();
        })
        .unwrap();
        SealedFrames { key: STANDARD.encode(public.as_ref()), frames: STANDARD.encode(bytes) }
    }

    #[test]
    fn a_box_opens_for_its_attempt_only() {
        let (secret, nonce) = ([7; 32], Nonce::new([1; 32]));
        let sealed = bytes(&seal(&public_key(&secret), &nonce, b"frames")).unwrap();
        assert_eq!(open(&secret, &nonce, &sealed).unwrap().as_slice(), b"frames");
        assert_eq!(open(&[8; 32], &nonce, &sealed), Err(NotForUs));
        assert_eq!(open(&secret, &Nonce::new([2; 32]), &sealed), Err(NotForUs));
        for at in [0, 33, sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(open(&secret, &nonce, &altered), Err(NotForUs), "{at}");
        }
        for short in [&sealed[..0], &sealed[..31], &sealed[..40]] {
            assert_eq!(open(&secret, &nonce, short), Err(NotForUs));
        }
        // a key everybody knows the secret of
        let weak = [&[0; 32][..], &sealed[32..]].concat();
        assert_eq!(open(&secret, &nonce, &weak), Err(NotForUs));
        for (key, frames) in
            [("", ""), ("%", ""), (&STANDARD.encode([0; 31]), ""), (&STANDARD.encode([1; 32]), "?")]
        {
            let sealed = SealedFrames { key: key.into(), frames: frames.into() };
            assert_eq!(bytes(&sealed), Err(NotForUs));
        }
    }
}
