//! Video coding behind two traits, so that a phone's own codecs can stand in for openh264, and the
//! steps of quality a call can send.
//!
//! It never opens a camera or a socket.

pub mod assemble;
pub mod bandwidth;
pub mod h264;
pub mod ladder;

pub use ladder::Ladder;

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
