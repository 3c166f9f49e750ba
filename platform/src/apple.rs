//! iOS and macOS. The app's private folder holds the secrets.
//!
//! Not wired up yet, and answered as not available: the dialler (`tel:` through `UIApplication`), the
//! app's settings (`openSettingsURLString`), the screen (`isIdleTimerDisabled`), telephone calls
//! (`AVAudioSession` interruptions), the way of the sound (its route changes) and the network (`NWPathMonitor`). Most of them are bound to the
//! main thread, and none could be run where this was written.

use miantan_client::platform::Services;
use std::path::Path;

pub fn services(data_dir: &Path) -> Services {
    crate::fallback::services(data_dir)
}
