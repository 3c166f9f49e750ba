//! Android. The app's private folder holds the secrets.
//!
//! Not wired up yet, and answered as not available: the dialler (`ACTION_DIAL`), the app's settings
//! (`ACTION_APPLICATION_DETAILS_SETTINGS`), the screen (`FLAG_KEEP_SCREEN_ON`), telephone calls (audio
//! focus), the way of the sound (`AudioManager.OnCommunicationDeviceChangedListener`) and the network
//! (`ConnectivityManager`). All of them need the activity through JNI, some of
//! them its own thread, and none could be run where this was written.

use miantan_client::platform::Services;
use std::path::Path;

pub fn services(data_dir: &Path) -> Services {
    crate::fallback::services(data_dir)
}
