//! The phone's own services behind the small traits of `miantan_client::platform`.
//!
//! | service | Linux | Android | iOS |
//! | --- | --- | --- | --- |
//! | secrets | file of this user only | the same, in the app's private folder | the same |
//! | system settings, dialler, screen on | not available | not available yet | not available yet |
//! | telephone calls, network news | not available | not available yet | not available yet |
//! | notifications | not available | not available yet | not available yet |
//!
//! "Not available" is an answer ([`miantan_client::platform::NotAvailable`]), which the app shows to
//! the person; nothing here pretends to have done something. Keystore and Keychain come in behind
//! [`miantan_client::platform::SecretStore`]; until then a token is as safe as the app's private folder.
//!
//! Architecture Invariant: only the app's `main` and tests use this crate.

mod fallback;
mod secrets;

#[cfg(target_os = "android")]
pub mod android;
#[cfg(any(target_os = "ios", target_os = "macos"))]
pub mod apple;

pub use secrets::FileSecrets;

use miantan_client::platform::Services;
use std::path::Path;

/// This system's services. `data_dir` is the app's private folder.
pub fn services(data_dir: &Path) -> Services {
    #[cfg(target_os = "android")]
    return android::services(data_dir);
    #[cfg(any(target_os = "ios", target_os = "macos"))]
    return apple::services(data_dir);
    #[cfg(not(any(target_os = "android", target_os = "ios", target_os = "macos")))]
    fallback::services(data_dir)
}
