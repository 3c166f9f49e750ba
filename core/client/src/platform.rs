//! What only the phone's system can do, as small traits. `platform` implements them; only the app's
//! `main` puts the two together. A service that a system does not have answers [`NotAvailable`]; none
//! may pretend to have done something.

use miantan_domain::ids::ConversationId;
use miantan_domain::time::WallTime;
use std::sync::Arc;

/// This system cannot do it (or not from here).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device cannot do this by itself: {what}")]
pub struct NotAvailable {
    pub what: &'static str,
}

/// A secret could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("the device's store for secrets failed: {0}")]
pub struct SecretError(pub String);

/// Where session tokens are kept: Keystore, Keychain, or a file only this user can read. Names are
/// plain, values are secret. Called from the event loop: must answer within tens of milliseconds.
pub trait SecretStore: Send + Sync {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError>;
    fn set(&self, name: &str, value: &str) -> Result<(), SecretError>;
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

/// Opens the system's settings of this app, where permissions are granted.
pub trait SystemSettings: Send + Sync {
    fn open(&self) -> Result<(), NotAvailable>;
}

/// Opens the telephone with a number; the person presses the call button.
pub trait Dialler: Send + Sync {
    fn dial(&self, number: &str) -> Result<(), NotAvailable>;
}

/// Keeps the screen on while someone waits or talks.
pub trait Awake: Send + Sync {
    fn keep_awake(&self, on: bool) -> Result<(), NotAvailable>;
}

/// Called with `true` when a telephone call takes the microphone, `false` when it gives it back.
pub type PhoneCallTell = Box<dyn Fn(bool) + Send + Sync>;

/// Telephone calls, noticed without READ_PHONE_STATE (audio focus, audio interruptions).
pub trait PhoneCalls: Send + Sync {
    fn watch(&self, tell: PhoneCallTell) -> Result<(), NotAvailable>;
}

/// Where the system sends the sound of a call, as far as it decides by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudioRoute {
    /// To the ear, as in a telephone call.
    Earpiece,
    /// The phone's own loudspeaker.
    Loudspeaker,
    /// Headphones on a cable.
    Wired,
    /// A Bluetooth device, by its name where the system gives it.
    Bluetooth(Option<String>),
}

pub type AudioRouteTell = Box<dyn Fn(AudioRoute) + Send + Sync>;

/// Changes of the way sound takes (AVAudioSession route changes, AudioManager's communication device).
pub trait AudioRoutes: Send + Sync {
    /// Tells the present way once, then each change.
    fn watch(&self, tell: AudioRouteTell) -> Result<(), NotAvailable>;
}

/// What the system says of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkNews {
    Up,
    Down,
    /// Another default network (Wi-Fi ⇄ mobile data).
    Changed,
}

pub type NetworkTell = Box<dyn Fn(NetworkNews) + Send + Sync>;

pub trait Network: Send + Sync {
    fn watch(&self, tell: NetworkTell) -> Result<(), NotAvailable>;
}

/// Something for the system's list of notifications. Never what was said, only that and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalNote {
    /// New entries, so many unread.
    Message { conversation: ConversationId, from: String, unread: u32 },
    /// An accepted interview begins in half an hour at most.
    InterviewSoon { round_name: String, starts: WallTime },
}

/// Shows notifications while the app is not in front.
pub trait Notifier: Send + Sync {
    fn show(&self, note: &LocalNote) -> Result<(), NotAvailable>;
}

/// All of them together, as `miantan_platform::services` makes them.
#[derive(Clone)]
pub struct Services {
    pub secrets: Arc<dyn SecretStore>,
    pub settings: Arc<dyn SystemSettings>,
    pub dialler: Arc<dyn Dialler>,
    pub awake: Arc<dyn Awake>,
    pub phone_calls: Arc<dyn PhoneCalls>,
    pub network: Arc<dyn Network>,
    pub audio_routes: Arc<dyn AudioRoutes>,
    pub notifier: Arc<dyn Notifier>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Services(..)")
    }
}
