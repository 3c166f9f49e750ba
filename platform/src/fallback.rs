//! A system without telephone, app settings or screen lock of its own, as the app sees it: a Linux
//! window. Everything but the secrets answers that it is not available.

use crate::secrets::FileSecrets;
use miantan_client::platform::*;
use std::path::Path;
use std::sync::Arc;

/// Answers [`NotAvailable`] to everything.
pub struct NotHere;

pub fn services(data_dir: &Path) -> Services {
    Services {
        secrets: Arc::new(FileSecrets::in_folder(data_dir)),
        settings: Arc::new(NotHere),
        dialler: Arc::new(NotHere),
        awake: Arc::new(NotHere),
        phone_calls: Arc::new(NotHere),
        network: Arc::new(NotHere),
        audio_routes: Arc::new(NotHere),
        notifier: Arc::new(NotHere),
    }
}

impl SystemSettings for NotHere {
    fn open(&self) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "opening the system's settings" })
    }
}

impl Dialler for NotHere {
    fn dial(&self, _number: &str) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "dialling a number" })
    }
}

impl Awake for NotHere {
    fn keep_awake(&self, _on: bool) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "keeping the screen on" })
    }
}

impl PhoneCalls for NotHere {
    fn watch(&self, _tell: PhoneCallTell) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "noticing telephone calls" })
    }
}

impl Network for NotHere {
    fn watch(&self, _tell: NetworkTell) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "noticing changes of the network" })
    }
}

impl AudioRoutes for NotHere {
    fn watch(&self, _tell: AudioRouteTell) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "noticing where the sound goes" })
    }
}

impl Notifier for NotHere {
    fn show(&self, _note: &LocalNote) -> Result<(), NotAvailable> {
        Err(NotAvailable { what: "showing a notification" })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_cannot_be_done_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let services = super::services(folder.path());
        assert!(services.settings.open().is_err());
        assert!(services.dialler.dial("12345").is_err());
        assert!(services.awake.keep_awake(true).is_err());
        assert!(services.phone_calls.watch(Box::new(|_| {})).is_err());
        assert!(services.network.watch(Box::new(|_| {})).is_err());
        assert!(services.audio_routes.watch(Box::new(|_| {})).is_err());
    }
}
