//! The identity step over REST (J4): models, face attempts, the SMS way, the network probe, the readiness pass.
//!
//! | method and path | body → answer |
//! | --- | --- |
//! | `GET /models` | → `Vec<`[`ModelInfo`]`>`; the bytes are at `/models/{sha256}` (outside `/api/v1`), ranges allowed |
//! | `GET /me/identity` | → [`IdentityStatus`] |
//! | `POST /me/identity/face` | [`FaceAttemptAsk`] → [`FaceAttempt`]; needs the consent `face_check` of this version |
//! | `PUT /me/identity/face/{nonce}/frames` | [`SealedFrames`] → 204; where the round verifies, with the consent `face_frames` |
//! | `POST /me/identity/face/report` | [`Signed`]`<FaceReport>` → [`IdentityAnswer`] |
//! | `POST /me/identity/sms` | → [`super::CodeSent`]; the number on file, never typed |
//! | `POST /me/identity/sms/check` | [`IdentityCode`] → [`IdentityAnswer`] |
//! | `POST /me/identity/sms/enough` | → [`IdentityAnswer`]: the number is proved, the face check is not wanted |
//! | `POST /join/sms` | [`super::JoinRequest`] → [`super::CodeSent`]: another device wants to take over an identity round |
//! | `GET /probe/down?bytes=n` · `POST /probe/up` | n bytes (at most [`PROBE_MAX_BYTES`]) · any bytes → [`ProbeTaken`] |
//! | `GET /probe/relay` | → [`ProbeRelay`] |
//! | `POST /admin/candidates/find` | [`CandidateFind`] → `Vec<`[`CandidateFound`]`>` (organiser) |
//! | `PUT`, `DELETE /admin/candidates/{candidate}/photo` | JPEG or PNG bytes → 204 (organiser) |
//! | `POST /me/readiness` | [`Signed`]`<ReadinessPass>` → [`Readiness`] |

use crate::ids::CandidateId;
use crate::model::*;
use crate::signal::IceServer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most bytes of one probe.
pub const PROBE_MAX_BYTES: u32 = 4 * 1024 * 1024;
/// Frames sent for checking, at most.
pub const FRAMES_MAX: usize = 8;
/// Version of the consent texts of the identity step.
pub const IDENTITY_CONSENT_VERSION: u32 = 1;

/// A model the server has for its apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelInfo {
    /// `detector`, `landmarks`, `embedding`, `liveness_near`, `liveness_wide` (as in `assets/models.toml`).
    pub role: String,
    pub name: String,
    /// Hex.
    pub sha256: String,
    pub bytes: u64,
    pub licence: String,
}

/// Where the identity of a candidate stands in their room's round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityStatus {
    pub rule: IdentityRule,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<IdentityMark>,
    /// Face attempts in all.
    pub attempts: u32,
    /// Of these, left.
    pub attempts_left: u32,
    /// Why there is no face check; absent: there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_face: Option<NoFaceWay>,
    /// The number on file, `138****5678`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_sms: Option<NoSmsWay>,
    /// The number was proved on this device (for rounds that want it first).
    #[serde(default)]
    pub number_proved: bool,
    /// Versions of the texts to consent to.
    pub consent: u32,
    /// Days for which pictures sent for checking are kept.
    pub frames_days: u32,
}

/// One of the attempts, please. Counts from the moment it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FaceAttemptAsk {
    /// Role → SHA-256 (hex) of the models the device has.
    pub models: BTreeMap<String, String>,
}

/// An attempt. Movements and their time follow from the nonce ([`crate::rules::identity::Challenge`]).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FaceAttempt {
    pub nonce: Nonce,
    /// Left after this one.
    pub attempts_left: u32,
    /// Must be answered within this time.
    pub within_ms: u64,
    /// The reference: 256 little-endian 32-bit floats, base64. Kept in memory only, dropped at the verdict.
    pub reference: String,
    pub thresholds: FaceThresholds,
    /// X25519 public key (base64) to seal frames for; absent: no frames are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames_key: Option<String>,
}

// A face template is shown nowhere.
impl std::fmt::Debug for FaceAttempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaceAttempt").field("attempts_left", &self.attempts_left).finish_non_exhaustive()
    }
}

/// Bytes with the signature of the device's key over exactly these bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signed {
    /// JSON, base64.
    pub content: String,
    /// Ed25519 over `content` decoded, base64.
    pub signature: String,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").finish_non_exhaustive()
    }
}

/// Frames for one attempt, sealed for the server: X25519 with a fresh key of the device, HKDF-SHA256 (salt: the nonce's 32
/// bytes, info: `miantan frames 1`), ChaCha20-Poly1305 with an all-zero nonce under that one-time key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SealedFrames {
    /// The device's X25519 public key, base64.
    pub key: String,
    /// Up to [`FRAMES_MAX`] frames of [`FRAME_CROPS_BYTES`] one after the other, sealed; base64.
    pub frames: String,
}

impl std::fmt::Debug for SealedFrames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedFrames").finish_non_exhaustive()
    }
}

/// What came of an attempt or a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityAnswer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<IdentityMark>,
    /// Why not; empty when settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<FaceReason>,
    pub attempts_left: u32,
    /// The number is proved, and the face check is open now.
    #[serde(default)]
    pub number_proved: bool,
}

/// The code of the SMS way.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityCode {
    pub code: String,
    /// The face check follows (rounds that want the number first): the code settles nothing by itself.
    #[serde(default)]
    pub then_face: bool,
}

impl std::fmt::Debug for IdentityCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityCode").finish_non_exhaustive()
    }
}

/// A candidate is looked for by the organiser.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidateFind {
    /// Eleven digits.
    pub phone: String,
}

impl std::fmt::Debug for CandidateFind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CandidateFind").finish_non_exhaustive()
    }
}

/// One that is known by the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidateFound {
    pub candidate: CandidateId,
    pub name: String,
    /// There is a reference photo.
    pub photo: bool,
}

/// So many bytes came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeTaken {
    pub bytes: u64,
}

/// Short-lived credentials to try the relay with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeRelay {
    pub servers: Vec<IceServer>,
}
