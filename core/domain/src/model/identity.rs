//! Who is joining: what a camera picture says about a face, what a candidate is told, what a challenge asks for,
//! and how sure the organiser is in the end.

use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// How the organiser knows who this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Face check on the device, believed by the server because of the device's signature.
    Device,
    /// The server looked at the pictures itself.
    Verified,
    /// A face check with a synthetic camera (declared): demos and tests only.
    Simulated,
    /// A code by SMS to the number on file.
    Sms,
    /// Staff looked at an identity card.
    Staff,
}

/// The identity as a recruiter sees it on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityMark {
    pub assurance: Assurance,
    /// An attempt looked like a print or a screen (liveness median under the warning limit). Never a proof.
    #[serde(default)]
    pub doubt: bool,
    pub at: WallTime,
}

/// What one picture says, in numbers; made by `miantan-face`, judged by [`crate::rules::identity::framing`].
/// All lengths in pixels of the work picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FrameFacts {
    /// Sides of the work picture.
    pub width: f32,
    pub height: f32,
    /// The largest face.
    pub face: Option<FaceFacts>,
    /// Height of the second largest face over that of the largest; 0 when there is one face or none.
    pub second_height: f32,
    /// The work picture is at most 320 on its longer side, not 640: lengths are half of what they would be.
    pub preview: bool,
}

/// The largest face of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FaceFacts {
    /// x, y, width, height; may reach beyond the picture.
    pub bounds: [f32; 4],
    /// Detector score, 0..1.
    pub score: f32,
    /// Distance between the eyes.
    pub eye_distance: f32,
    /// Degrees; positive: nose towards the image's right (the person's own left, unmirrored).
    pub yaw: f32,
    /// Degrees; positive: looking down. Coarse.
    pub pitch: f32,
    /// Degrees; positive: clockwise.
    pub roll: f32,
    /// Luma (0..255) inside the box: 95th percentile and median.
    pub luma_p95: f32,
    pub luma_median: f32,
    /// Share of luma ≥ 250 inside the box, 0..1.
    pub saturated: f32,
    /// Mean luma of the picture outside the box widened by a quarter to each side; `luma_median` when nothing is left.
    pub surround_luma: f32,
    /// Variance of the Laplacian of the aligned face; small: blurred.
    pub sharpness: f32,
}

/// What is wrong with a picture's framing. In the order in which advice is given: the first one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    NoFace,
    MultipleFaces,
    CutOff,
    TooFar,
    LowResolution,
    TooClose,
    OffCentre,
    Tilted,
    Turned,
    LookingDown,
    LookingUp,
    TooDark,
    BackLit,
    TooBright,
    Moving,
    Blurred,
}

/// The one sentence a person is told at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    NoFace,
    OnePersonOnly,
    Nearer,
    Further,
    Centre,
    Level,
    LookAtCamera,
    MoreLight,
    LightBehind,
    LessLight,
    HoldStill,
    /// Nothing to change: stay so.
    Good,
}

/// 32 random bytes of the server for one attempt; 64 hexadecimal digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Nonce([u8; 32]);

impl Nonce {
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonce(..)")
    }
}

impl std::fmt::Display for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        nonce.to_string()
    }
}

/// Not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a nonce is 64 hexadecimal digits")]
pub struct NonceBad;

impl std::str::FromStr for Nonce {
    type Err = NonceBad;

    fn from_str(text: &str) -> Result<Self, NonceBad> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(NonceBad);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| NonceBad)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NonceBad)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Nonce {
    type Error = NonceBad;

    fn try_from(text: String) -> Result<Self, NonceBad> {
        text.parse()
    }
}

/// A movement the server asks for. Left and right are the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    TurnLeft,
    TurnRight,
    Nod,
    ComeNearer,
}

/// One movement as the device saw it done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MovementSeen {
    pub movement: Movement,
    /// When it was asked for and when it was done, in ms since the challenge began.
    pub asked_ms: u64,
    pub done_ms: u64,
    /// How far: degrees for turns and nods, times the first height for coming nearer.
    pub extent: f32,
}

/// What the device measured over an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaceScores {
    /// Frames with good framing that the medians are of.
    pub frames: u32,
    /// Median cosine with the reference, −1..1.
    pub cosine: f32,
    /// Median liveness, 0..1.
    pub liveness: f32,
    /// Smallest cosine between the first face taken and those taken between movements: one person throughout.
    pub same_person: f32,
}

/// Why an attempt did not pass, or what is odd about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FaceReason {
    /// Cosine under the limit for different persons.
    OtherPerson,
    /// Cosine between the limits: another picture, or a person, has to decide.
    NotSure,
    /// Liveness median under the limit: perhaps a print or a screen.
    NotLive,
    /// Liveness median under the warning limit: the recruiter is told.
    LivenessDoubt,
    /// A movement was not seen in its time.
    MovementMissed,
    /// Another movement was seen than the one asked for, twice.
    MovementWrong,
    /// The face left the picture, or another one took its place.
    FaceLost,
    PersonChanged,
    TooFewFrames,
    /// The pictures sent for checking do not say what the device said.
    FramesDiffer,
    /// A simulated camera where none is allowed.
    Simulated,
    /// The attempt was never answered.
    Unanswered,
}

/// Why there is no face check for someone; the SMS way is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoFaceWay {
    /// The organiser has no reference photo of this person.
    NoReference,
    /// No face, or several, in the reference photo.
    ReferenceUnusable,
    /// The server has no models or no ONNX Runtime.
    NoModels,
    /// Switched off by the organiser.
    Off,
    /// As many people's face data as the organiser may hold.
    Full,
    /// All attempts are used.
    AttemptsUsed,
    /// The number has to be proved by SMS first in this round.
    SmsFirst,
    /// This device registered no key when it joined.
    NoKey,
}

/// Why there is no SMS way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoSmsWay {
    /// No number on file.
    NoNumber,
}

/// Limits for deciding an attempt. From the organiser's settings; the defaults' reasons are in the documentation
/// of [`crate::rules::identity::report`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FaceThresholds {
    /// Same person from this cosine on.
    pub same: f32,
    /// Different person under this cosine; between: not sure.
    pub different: f32,
    /// Live from this median on.
    pub live: f32,
    /// Recruiter warned under this median.
    pub live_doubt: f32,
    /// Frames needed for the medians.
    pub frames: u32,
}

impl Default for FaceThresholds {
    fn default() -> Self {
        Self { same: 0.43, different: 0.33, live: 0.5, live_doubt: 0.2, frames: 5 }
    }
}

/// What the network check measured in 5 s.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NetworkFigures {
    /// Median round trip to the server, ms; absent: never answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<u32>,
    /// Of the probes over UDP to the relay, percent; absent: none came back, or there is no relay to try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_percent: Option<f32>,
    pub up_kbps: u32,
    pub down_kbps: u32,
    pub relay: RelayWay,
}

/// The way to the organiser's relay (TURN) over UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelayWay {
    /// It gave an address.
    Works,
    Blocked,
    /// The organiser runs none: whether UDP passes shows in the call only.
    NotOffered,
}

/// What it means for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NetworkVerdict {
    /// Clear picture and sound.
    Good,
    /// Small picture.
    SmallPicture,
    /// Sound first; the picture may be off.
    SoundOnly,
    /// Breaks are likely.
    Weak,
    /// No UDP: a call may not come about.
    NoUdp,
    /// The server was not reached.
    Unreachable,
}

/// A passed check-in, good for one day and these devices; signed by the device's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadinessPass {
    /// Days since 1970-01-01 in the fair's own time zone.
    pub day: i32,
    /// Of the device steps.
    pub steps: Vec<(super::CheckInStep, super::StepOutcome)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkVerdict>,
    /// SHA-256 over the ids of the devices in use, hex: another headset is another pass.
    pub devices: String,
    pub at: WallTime,
}

/// What a recruiter sees before ringing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Readiness {
    pub light: ReadinessLight,
    /// Why it is amber; empty for green.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReadinessReason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadinessLight {
    Green,
    Amber,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadinessReason {
    NotChecked,
    IdentityOpen,
    IdentityDoubt,
    SpeakerCannot,
    MicrophoneCannot,
    CameraCannot,
    NetworkWeak,
    NetworkNoUdp,
}

/// How long one may still have to wait, in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WaitRange {
    pub from_min: u32,
    pub to_min: u32,
}

/// Bytes of one frame sent for checking: the aligned face, 128 × 128 × 3, then the two liveness crops (near, wide),
/// 80 × 80 × 3 each; rows from the top, blue, green, red, 8 bits each.
pub const FRAME_CROPS_BYTES: usize = 128 * 128 * 3 + 2 * 80 * 80 * 3;
