//! The cameras, microphones and speakers of this device, as lists to choose from.
//!
//! It never opens a device and never asks for a permission.

use serde::{Deserialize, Serialize};

/// One device to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Stable while the device stays plugged in; goes into `CameraChoice::Device` or the audio settings.
    pub id: String,
    /// The system's name for it, shown as it is.
    pub name: String,
    pub is_default: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeviceList {
    pub cameras: Vec<Device>,
    pub microphones: Vec<Device>,
    pub speakers: Vec<Device>,
    /// Id of the camera that looks away from the person, where the system tells; it reads QR codes.
    pub outward_camera: Option<String>,
}

/// Looks for devices. Blocks while the system answers (audio servers take tens of milliseconds); call it
/// from a thread that may wait.
pub fn list_devices() -> DeviceList {
    let (microphones, speakers) = crate::audio::devices::list();
    DeviceList {
        cameras: crate::camera::list(),
        microphones,
        speakers,
        outward_camera: crate::camera::outward(),
    }
}
