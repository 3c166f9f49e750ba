//! Video coding behind two traits, so that a phone's own codecs can stand in for openh264, and the
//! steps of quality a call can send.
//!
//! It never decides when to change the step: that is the estimator's caller, in a later issue.

pub mod assemble;
pub mod bandwidth;
pub mod h264;

use bytes::Bytes;

use crate::frame::I420Frame;
use crate::problem::MediaProblem;

/// One coded picture as an Annex B access unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedPicture {
    pub data: Bytes,
    /// Decodable without any earlier picture.
    pub key: bool,
    /// As in [`I420Frame::captured_ms`].
    pub captured_ms: u64,
}

/// Turns pictures into access units, one in, at most one out, without delay.
pub trait VideoEncoder: Send {
    /// `None` when rate control skipped the picture. A change of the picture's sides starts with a key picture.
    ///
    /// # Errors
    /// [`MediaProblem::Codec`]; the next call may work again.
    fn encode(&mut self, frame: &I420Frame) -> Result<Option<CodedPicture>, MediaProblem>;

    /// The next coded picture will be a key picture.
    fn request_key_picture(&mut self);

    /// New target, without a key picture. `rate` is pictures per second.
    ///
    /// # Errors
    /// [`MediaProblem::Codec`]; the old target then stays.
    fn set_target(&mut self, bits_per_second: u32, rate: u32) -> Result<(), MediaProblem>;
}

/// Turns access units back into pictures.
pub trait VideoDecoder: Send {
    /// `None` when the unit completes no picture (parameter sets alone).
    ///
    /// # Errors
    /// [`MediaProblem::Codec`] when a key picture is needed to go on.
    fn decode(&mut self, unit: &[u8], captured_ms: u64) -> Result<Option<I420Frame>, MediaProblem>;
}

/// The steps of what a call sends, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Ladder {
    /// 640×360 at 30 pictures per second.
    #[default]
    Full,
    /// 320×180 at 15 pictures per second.
    Small,
    AudioOnly,
}

impl Ladder {
    /// Long side, short side and pictures per second; `None` when no video is sent.
    pub fn picture(self) -> Option<(u32, u32, u32)> {
        match self {
            Self::Full => Some((640, 360, 30)),
            Self::Small => Some((320, 180, 15)),
            Self::AudioOnly => None,
        }
    }
}
