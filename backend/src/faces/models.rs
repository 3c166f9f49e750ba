//! The models the server hands to its apps: only those that are whole and are what the manifest says. They stay in
//! memory as they were checked, so that nothing that happens to a file reaches an app.

use axum::body::Bytes;
use miantan_domain::wire::rest::ModelInfo;
use miantan_face::Role;
use miantan_face::models::{Manifest, check, file_in};
use std::collections::BTreeMap;
use std::path::Path;

/// One of them.
#[derive(Debug, Clone)]
pub struct Model {
    pub info: ModelInfo,
    pub bytes: Bytes,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Vec<Model>);

const fn role(role: Role) -> &'static str {
    match role {
        Role::Detector => "detector",
        Role::Landmarks => "landmarks",
        Role::Embedding => "embedding",
        Role::LivenessNear => "liveness_near",
        Role::LivenessWide => "liveness_wide",
        Role::SecondEmbedding => "second_embedding",
    }
}

impl Shelf {
    /// Reads the needed models. One that is missing or altered is left out, and the log names it.
    pub fn open(folder: &Path) -> Self {
        let mut models = Vec::new();
        for entry in Manifest::bundled().needed() {
            let Some(path) = file_in(folder, entry) else {
                tracing::warn!(file = entry.file, folder = %folder.display(), "a model of the face check is missing");
                continue;
            };
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    tracing::error!(file = entry.file, %error, "a model of the face check cannot be read");
                    continue;
                }
            };
            if let Err(error) = check(entry, &bytes) {
                tracing::error!(%error, "a model of the face check is not served");
                continue;
            }
            let info = ModelInfo {
                role: role(entry.role).to_owned(),
                name: entry.name.clone(),
                sha256: entry.sha256.clone(),
                bytes: entry.bytes,
                licence: entry.licence.clone(),
            };
            models.push(Model { info, bytes: bytes.into() });
        }
        Self(models)
    }

    pub fn list(&self) -> Vec<ModelInfo> {
        self.0.iter().map(|model| model.info.clone()).collect()
    }

    pub fn by_sha256(&self, sha256: &str) -> Option<&Model> {
        self.0.iter().find(|model| model.info.sha256 == sha256)
    }

    /// Role → SHA-256: what an attempt has to be made with.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|model| (model.info.role.clone(), model.info.sha256.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        miantan_face::models::folder().expect("the models are beside the sources (shared/models)")
    }

    #[test]
    fn whole_models_are_served_and_altered_ones_are_not() {
        let whole = Shelf::open(&folder());
        assert_eq!(whole.list().len(), 5);
        let dir = tempfile::tempdir().unwrap();
        let needed: Vec<_> = Manifest::bundled().needed().collect();
        for entry in &needed[1..] {
            // under the checksum as well as under the name
            std::fs::copy(folder().join(&entry.file), dir.path().join(&entry.sha256)).unwrap();
        }
        let mut bytes = std::fs::read(folder().join(&needed[1].file)).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        let altered = dir.path().join(&needed[1].sha256);
        std::fs::remove_file(&altered).unwrap();
        std::fs::write(&altered, &bytes).unwrap();
        // cut short
        let short = dir.path().join(&needed[2].sha256);
        let bytes = std::fs::read(&short).unwrap();
        std::fs::remove_file(&short).unwrap();
        std::fs::write(&short, &bytes[..bytes.len() / 2]).unwrap();
        let shelf = Shelf::open(dir.path());
        let left: Vec<_> = shelf.list().into_iter().map(|model| model.sha256).collect();
        let good: Vec<_> = needed[3..].iter().map(|entry| entry.sha256.clone()).collect();
        assert_eq!(left, good);
        assert!(shelf.by_sha256(&needed[1].sha256).is_none());
        assert!(Shelf::open(&dir.path().join("nowhere")).list().is_empty());
    }
}
