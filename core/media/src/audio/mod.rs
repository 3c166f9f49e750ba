//! Sound of a call and of the device check: microphone → voice processing → Opus, and packets →
//! playout buffer → speaker, on threads of their own.
//!
//! Inside, sound is always mono at 48 kHz in frames of 10 ms. Device callbacks only move samples
//! through lock-free rings: they never lock, allocate or log. Nothing here records a call, and a
//! synthetic device is used only when it was chosen by its id.

mod call;
pub mod capture;
pub mod checks;
mod device_loop;
pub mod devices;
pub mod level;
pub mod music;
pub mod opus_codec;
pub mod playback;
pub mod playout;
pub mod processing;
mod recovery;
mod resample;
mod streams;
#[cfg(feature = "synthetic")]
pub mod synthetic;
pub mod voice;
#[cfg(feature = "synthetic")]
pub mod wav;

use bytes::Bytes;

use crate::MediaProblem;

pub use call::{AudioCall, AudioConfig, AudioLevels, AudioOut};
pub use checks::{MicPhase, MicState, MicrophoneCheck, Ringer, SpeakerCheck, SpeakerState};
pub use devices::{Device, microphones, speakers};

/// Samples a second, everywhere inside.
pub const SAMPLE_RATE: u32 = 48_000;
/// Samples in a frame: 10 ms.
pub const FRAME_SAMPLES: usize = 480;
/// Samples in an Opus packet: 20 ms.
pub const PACKET_SAMPLES: usize = 2 * FRAME_SAMPLES;
/// 10 ms of mono sound, samples in −1..=1.
pub type Frame = [f32; FRAME_SAMPLES];

/// One audio packet from the network, after decryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtpAudio {
    pub sequence: u16,
    /// 48 kHz units.
    pub timestamp: u32,
    /// One Opus packet.
    pub payload: Bytes,
}

/// What a capture or playback thread reports about its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceEvent {
    /// Reported once; the thread keeps trying by itself.
    Problem(MediaProblem),
    /// Sound flows again after a problem.
    Recovered,
}

/// Sound could not be set up at all (a missing device is not such a case: it is reported later).
#[derive(Debug, thiserror::Error)]
pub enum AudioStartError {
    #[error("the system started no thread for sound: {0}")]
    Thread(#[from] std::io::Error),
    #[error(transparent)]
    Codec(#[from] opus_codec::OpusError),
}
