//! What a device signs with the key it registered when its session was made.

use crate::store::{DeviceKey, Session};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miantan_domain::wire::rest::Signed;
use miantan_domain::wire::{Problem, ProblemCode};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::de::DeserializeOwned;

/// A key as apps register it.
///
/// # Errors
/// `malformed`.
pub(in crate::http) fn device_key(text: Option<&str>) -> Result<Option<DeviceKey>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let key = STANDARD.decode(text).ok().and_then(|bytes| DeviceKey::try_from(bytes).ok());
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::new(ProblemCode::Malformed, "device_key is 32 bytes in base64")),
    }
}

fn bad(why: impl Into<String>) -> Problem {
    Problem::new(ProblemCode::ReportBad, why)
}

/// The content, once its signature is found to be that of the session's key over exactly these bytes.
///
/// # Errors
/// `report_bad`.
pub(super) fn read<T: DeserializeOwned>(session: &Session, signed: &Signed) -> Result<T, Problem> {
    let key = session.device_key.ok_or_else(|| bad("this device registered no key when it joined"))?;
    let content = STANDARD.decode(&signed.content).map_err(|_| bad("the content is no base64"))?;
    let signature = STANDARD.decode(&signed.signature).map_err(|_| bad("the signature is no base64"))?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&content, &signature)
        .map_err(|_| bad("the signature is not this device's over this content"))?;
    // the place is told, not the text
    serde_json::from_slice(&content).map_err(|e| {
        bad(format!("the content is not as expected, at line {} column {}", e.line(), e.column()))
    })
}
