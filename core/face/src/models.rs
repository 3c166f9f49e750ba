//! The models: which there are (`assets/models.toml`), and reading them from a folder. A file is used only when its size and
//! SHA-256 are those of the manifest. It downloads nothing: the backend serves the files, the app fetches them.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};

const TEXT: &str = include_str!("../../../assets/models.toml");

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Faces and five landmarks.
    Detector,
    /// More exact landmarks.
    Landmarks,
    /// The vector that is compared.
    Embedding,
    /// Prints and screens, near crop (2.7).
    LivenessNear,
    /// Prints and screens, wide crop (4.0).
    LivenessWide,
    /// A second, independent vector; optional.
    SecondEmbedding,
}

/// A model's row in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// For people.
    pub name: String,
    pub file: String,
    /// 64 lower-case hexadecimal digits.
    pub sha256: String,
    pub bytes: u64,
    pub licence: String,
    pub provenance: String,
    pub role: Role,
    /// Without it there is no face check.
    pub needed: bool,
}

/// All models the face check knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
}

impl Manifest {
    /// The one this program was built with.
    ///
    /// # Panics
    /// Never: a test reads the same text.
    pub fn bundled() -> &'static Self {
        static MANIFEST: OnceLock<Manifest> = OnceLock::new();
        MANIFEST.get_or_init(|| toml::from_str(TEXT).expect("assets/models.toml was read by the tests"))
    }

    /// Those without which there is no face check, in the manifest's order.
    pub fn needed(&self) -> impl Iterator<Item = &ModelEntry> {
        self.models.iter().filter(|model| model.needed)
    }

    pub fn of(&self, role: Role) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.role == role)
    }

    pub fn by_sha256(&self, sha256: &str) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.sha256 == sha256)
    }
}

/// A model that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the model {file} is not in {}; put the files that assets/models.toml names there", folder.display())]
    Missing { file: String, folder: PathBuf },
    #[error("the model {file} cannot be read: {error}")]
    Unreadable { file: String, error: io::Error },
    #[error("the model {file} has {found} bytes instead of {expected}; fetch it again")]
    Size { file: String, expected: u64, found: u64 },
    #[error(
        "the model {file} is not the one it should be: its SHA-256 is {found} instead of {expected}; fetch it again"
    )]
    Checksum { file: String, expected: String, found: String },
    #[error("no model is known for {role:?} in assets/models.toml")]
    Unknown { role: Role },
}

/// Models in memory, checked.
#[derive(Clone)]
pub struct ModelFiles {
    files: Vec<(&'static ModelEntry, Vec<u8>)>,
}

impl std::fmt::Debug for ModelFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.files.iter().map(|(entry, _)| &entry.file)).finish()
    }
}

impl ModelFiles {
    /// The needed models from a folder that has them under their names or under their SHA-256.
    ///
    /// # Errors
    /// For the first one that is missing, unreadable, or not what the manifest says.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        Self::open_all(folder, Manifest::bundled().needed())
    }

    /// The needed models and the second embedding.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_second(folder: &Path) -> Result<Self, ModelError> {
        let manifest = Manifest::bundled();
        let second = manifest.models.iter().filter(|model| model.role == Role::SecondEmbedding);
        Self::open_all(folder, manifest.needed().chain(second))
    }

    fn open_all(
        folder: &Path,
        models: impl Iterator<Item = &'static ModelEntry>,
    ) -> Result<Self, ModelError> {
        let files: Result<_, ModelError> = models.map(|entry| Ok((entry, read(folder, entry)?))).collect();
        Ok(Self { files: files? })
    }

    /// # Errors
    /// When the model was not opened.
    pub(crate) fn get(&self, role: Role) -> Result<(&'static ModelEntry, &[u8]), ModelError> {
        let found = self.files.iter().find(|(entry, _)| entry.role == role);
        found.map(|(entry, bytes)| (*entry, bytes.as_slice())).ok_or(ModelError::Unknown { role })
    }

    /// SHA-256 of the needed models, hexadecimal, in the manifest's order: what a verdict says it was made with.
    pub fn hashes() -> Vec<String> {
        Manifest::bundled().needed().map(|entry| entry.sha256.clone()).collect()
    }
}

/// Where a model is in a folder.
pub fn file_in(folder: &Path, entry: &ModelEntry) -> Option<PathBuf> {
    [&entry.file, &entry.sha256].into_iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

fn read(folder: &Path, entry: &ModelEntry) -> Result<Vec<u8>, ModelError> {
    let file = entry.file.clone();
    let Some(path) = file_in(folder, entry) else {
        return Err(ModelError::Missing { file, folder: folder.to_owned() });
    };
    let unreadable = |error| ModelError::Unreadable { file: entry.file.clone(), error };
    let found = fs::metadata(&path).map_err(unreadable)?.len();
    if found != entry.bytes {
        return Err(ModelError::Size { file, expected: entry.bytes, found });
    }
    let bytes = fs::read(&path).map_err(unreadable)?;
    check(entry, &bytes)?;
    Ok(bytes)
}

/// Whether these bytes are the model: also for what was just fetched.
///
/// # Errors
/// When the size or the SHA-256 differs; the error names both.
pub fn check(entry: &ModelEntry, bytes: &[u8]) -> Result<(), ModelError> {
    let file = entry.file.clone();
    if bytes.len() as u64 != entry.bytes {
        return Err(ModelError::Size { file, expected: entry.bytes, found: bytes.len() as u64 });
    }
    let found = hex(&Sha256::digest(bytes));
    if found == entry.sha256 {
        Ok(())
    } else {
        Err(ModelError::Checksum { file, expected: entry.sha256.clone(), found })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Where the models are on a developer's machine: `$MIANTAN_MODELS`, else `shared/models` beside the workspace or one folder
/// further up. `None` when there is no such folder.
pub fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("MIANTAN_MODELS") {
        return Some(folder.into());
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    workspace
        .ancestors()
        .skip(1)
        .take(2)
        .map(|beside| beside.join("shared/models"))
        .find(|path| path.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_every_needed_model_once() {
        let manifest = Manifest::bundled();
        let roles: Vec<Role> = manifest.needed().map(|model| model.role).collect();
        assert_eq!(
            roles,
            [Role::Detector, Role::Landmarks, Role::Embedding, Role::LivenessNear, Role::LivenessWide]
        );
        // The page of the models gives this sum for the needed set.
        assert_eq!(manifest.needed().map(|model| model.bytes).sum::<u64>(), 6_443_224);
        for model in &manifest.models {
            assert!(
                model.sha256.len() == 64 && model.sha256.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
            );
            assert!(!model.licence.is_empty() && !model.provenance.is_empty() && !model.name.is_empty());
            assert_eq!(manifest.by_sha256(&model.sha256), Some(model));
        }
        assert!(manifest.of(Role::SecondEmbedding).is_some_and(|model| !model.needed));
    }

    #[test]
    fn a_key_with_a_slip_of_the_pen_is_no_manifest() {
        assert!(toml::from_str::<Manifest>(&TEXT.replace("sha256", "sha265")).is_err());
        assert!(toml::from_str::<Manifest>(&TEXT.replace("\"detector\"", "\"detektor\"")).is_err());
    }

    #[test]
    fn an_empty_folder_has_no_models() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = ModelFiles::open(folder.path()).expect_err("nothing is there");
        assert!(matches!(&error, ModelError::Missing { file, .. } if file.contains("yunet")), "{error}");
    }
}
