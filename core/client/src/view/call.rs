//! What a running call tells of its pictures, its network and its sound.

pub use crate::platform::AudioRoute;

/// Where the sound of the call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoundTo {
    /// A device, by its name.
    Named(String),
    /// Where the system sends it by itself.
    Route(AudioRoute),
}

/// What this side sends now: less than everything where the network carries no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VideoStep {
    /// The best picture.
    #[default]
    Full,
    /// A smaller picture.
    Medium,
    /// The smallest picture.
    Small,
    /// Sound only.
    AudioOnly,
}

/// Why no pictures of the other side come, as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemotePause {
    /// Turned off, or it does not work.
    CameraOff,
    /// Its network carries sound only.
    Network,
    /// A telephone call has its devices.
    PhoneCall,
    /// Its app is not in front, where the system allows no camera.
    Away,
}
