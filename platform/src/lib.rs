//! The phone's own services behind the small traits of `miantan_client::platform`.
//!
//! | service | Linux | Android | iOS |
//! | --- | --- | --- | --- |
//! | secrets | file of this user only | the same, in the app's private folder | the same |
//! | system settings, dialler, screen on | not available | not available yet | not available yet |
//! | telephone calls, network news, ways of the sound | not available | not available yet | not available yet |
//! | notifications | the desktop's, over the session bus | not available yet | not available yet |
//!
//! "Not available" is an answer ([`miantan_client::platform::NotAvailable`]), which the app shows to
//! the person; nothing here pretends to have done something. Keystore and Keychain come in behind
//! [`miantan_client::platform::SecretStore`]; until then a token is as safe as the app's private folder.
//!
//! Architecture Invariant: only the app's `main` and tests use this crate.

mod fallback;
#[cfg(target_os = "linux")]
mod linux;
mod secrets;

#[cfg(target_os = "android")]
pub mod android;
#[cfg(any(target_os = "ios", target_os = "macos"))]
pub mod apple;

pub use secrets::FileSecrets;

use miantan_client::platform::{LocalNote, Services};
use std::path::Path;

/// A notification in the person's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    pub title: String,
    pub body: String,
}

/// Puts a notification into words. Only the app knows the language; it may be asked at any time.
pub type Words = Box<dyn Fn(&LocalNote) -> Spoken + Send + Sync>;

/// This system's services. `data_dir` is the app's private folder; without words nobody is notified of anything.
pub fn services(data_dir: &Path, words: Option<Words>) -> Services {
    #[cfg(target_os = "linux")]
    return linux::services(data_dir, words);
    // Systems without notifications here have nothing to say.
    #[cfg(not(target_os = "linux"))]
    drop(words);
    #[cfg(target_os = "android")]
    return android::services(data_dir);
    #[cfg(any(target_os = "ios", target_os = "macos"))]
    return apple::services(data_dir);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "ios", target_os = "macos")))]
    fallback::services(data_dir)
}
