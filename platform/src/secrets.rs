//! Session tokens in a file that only this user can read. The simplest store that survives a kill;
//! Keystore and Keychain replace it where they are wired up.

use miantan_client::platform::{SecretError, SecretStore};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Name of the file in the app's folder.
pub const FILE: &str = "secrets.json";

/// All secrets of the app, by name.
pub struct FileSecrets {
    path: PathBuf,
    /// One change at a time: each writes the whole file.
    lock: Mutex<()>,
}

impl FileSecrets {
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join(FILE), lock: Mutex::new(()) }
    }

    fn read(&self) -> Result<BTreeMap<String, String>, SecretError> {
        match std::fs::read(&self.path) {
            // The position of an error in the file says nothing about its contents.
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| SecretError(format!("unreadable at {}:{}", error.line(), error.column()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(SecretError(error.to_string())),
        }
    }

    /// Through a second file and a rename: a kill leaves the old or the new one, never half of it.
    fn write(&self, secrets: &BTreeMap<String, String>) -> Result<(), SecretError> {
        let failed = |error: std::io::Error| SecretError(error.to_string());
        let new = self.path.with_extension("json.new");
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let text = serde_json::to_vec(secrets).map_err(|_| SecretError("not encodable".into()))?;
        // A left-over of a kill may have been made with other rights.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new).map_err(failed)?;
        file.write_all(&text).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&new, &self.path).map_err(failed)
    }

    fn change(&self, how: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), SecretError> {
        let _one = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // A file that cannot be read holds nothing that could still be used: begin anew.
        let mut secrets = self.read().unwrap_or_default();
        how(&mut secrets);
        self.write(&secrets)
    }
}

impl SecretStore for FileSecrets {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
        let _one = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.read()?.remove(name))
    }

    fn set(&self, name: &str, value: &str) -> Result<(), SecretError> {
        self.change(|secrets| {
            secrets.insert(name.to_owned(), value.to_owned());
        })
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.change(|secrets| {
            secrets.remove(name);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outlives_the_store_that_kept_it() {
        let folder = tempfile::tempdir().unwrap();
        FileSecrets::in_folder(folder.path()).set("a", "1").unwrap();
        let again = FileSecrets::in_folder(folder.path());
        again.set("b", "2").unwrap();
        assert_eq!(again.get("a").unwrap().as_deref(), Some("1"));
        again.remove("a").unwrap();
        let third = FileSecrets::in_folder(folder.path());
        assert_eq!(third.get("a").unwrap(), None);
        assert_eq!(third.get("b").unwrap().as_deref(), Some("2"));
    }

    #[cfg(unix)]
    #[test]
    fn only_this_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        FileSecrets::in_folder(folder.path()).set("a", "1").unwrap();
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_then_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{\"a\":\"top sec").unwrap();
        let secrets = FileSecrets::in_folder(folder.path());
        let error = secrets.get("a").unwrap_err();
        assert!(!error.to_string().contains("sec\""), "{error}");
        secrets.set("b", "2").unwrap();
        assert_eq!(secrets.get("b").unwrap().as_deref(), Some("2"));
    }
}
