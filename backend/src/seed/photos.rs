//! Reference photos for the sample's candidates, so that the face check can be tried out: pictures from a folder, by
//! name (`林晓青.jpg`) or one person after the other (`a1.jpg`, `a2.jpg`, `b1.jpg`: two people, their first pictures).

use super::{CandidateLine, SeedError, Seeded};
use crate::config::FaceConfig;
use crate::objects::store::{DiskStore, ObjectStore};
use crate::objects::{Purpose, accept};
use crate::secrets;
use crate::store::{NewPhoto, PhotoKept, sqlite};
use miantan_domain::time::WallTime;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Whose photo is which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhotoLine {
    pub name: String,
    /// File name without the folder.
    pub file: String,
}

/// Gives the sample's candidates photos from a folder: those of the rounds that ask for the identity come first, then
/// the main round's. Who is left without one has none. Notes in `seeded.photos` who got which.
///
/// # Errors
/// When the folder cannot be read or holds a picture that the server would not take.
pub async fn photos(data: &Path, folder: &Path, now: WallTime, seeded: &mut Seeded) -> Result<(), SeedError> {
    let store = DiskStore::open(&data.join(crate::state::OBJECTS_FOLDER))
        .map_err(|error| SeedError::Object(error.to_string()))?;
    let stores = sqlite::open(data)?;
    let mut lines = Vec::new();
    for (line, path) in assign(seeded, pictures(folder)?) {
        let refused = |why: String| SeedError::Photo { path: path.clone(), why };
        let picture = std::fs::read(&path).map_err(|error| refused(error.to_string()))?;
        let accepted = accept(&picture, Purpose::Photo).map_err(|why| refused(why.to_string()))?;
        let picture = accepted.cleaned.unwrap_or(picture);
        let (bytes, size) = (Uuid::from_bytes(secrets::random()), picture.len() as u64);
        store.put(bytes, picture).await.map_err(|error| SeedError::Object(error.to_string()))?;
        let most = FaceConfig::default().people_max;
        let photo = NewPhoto { candidate: line.id, bytes, size, at: now, most };
        match stores.identity.put_photo(photo).await? {
            PhotoKept::Yes { before: None } => {}
            PhotoKept::Yes { before: Some(_) } | PhotoKept::Full | PhotoKept::Unknown => {
                return Err(refused(format!("{} cannot have it", line.name)));
            }
        }
        lines.push(PhotoLine { name: line.name.clone(), file: file_name(&path) });
    }
    seeded.photos = lines;
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The pictures of a folder, by name.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, SeedError> {
    let failed = |source| SeedError::File { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if ["jpg", "jpeg", "png"].iter().any(|known| ending.eq_ignore_ascii_case(known)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Who gets which: by name first, then the first picture of each person in turn.
fn assign(seeded: &Seeded, pictures: Vec<PathBuf>) -> Vec<(&CandidateLine, PathBuf)> {
    let exams = [&seeded.identity, &seeded.identity_verified, &seeded.identity_sms_first];
    let mut people: Vec<&CandidateLine> = Vec::new();
    for line in exams.into_iter().chain(&seeded.candidates).chain(&seeded.both[..1]).chain([&seeded.second]) {
        if people.iter().all(|known| known.id != line.id) {
            people.push(line);
        }
    }
    let stem =
        |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let (mut named, mut persons) = (Vec::new(), BTreeMap::new());
    for path in pictures {
        let stem = stem(&path);
        if let Some(at) = people.iter().position(|line| line.name == stem) {
            named.push((people.remove(at), path));
        } else {
            let person = stem.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
            // of pictures with numbers only, each is somebody else's
            let person = if person.is_empty() { stem } else { person };
            persons.entry(person).or_insert(path);
        }
    }
    named.into_iter().chain(people.into_iter().zip(persons.into_values())).collect()
}
