//! A sample fair like the manual's: 12 employers, 269 positions, today's rounds with candidates, and
//! one invitation in each state that must be refused. For trying out, for the demo and for tests.
//!
//! Codes and passwords are new random ones each time and are handed out once, in [`Seeded`]; the
//! database has only their hashes.

mod people;
mod photos;
mod plan;
mod registrations;
mod scale;
mod talks;
mod texts;

pub use photos::{PhotoLine, photos};
pub use registrations::Registrations;
pub use scale::{EMPLOYERS_MAX, Scale};
pub use talks::ConversationLine;

use crate::secrets::{Secrets, SecretsError};
use crate::store::{Counts, StoreError, Stores, sqlite};
use miantan_domain::ids::CandidateId;
use miantan_domain::time::WallTime;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Why no sample fair was made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("the data folder {0} already holds data; use another folder, or --fresh to delete what is there")]
    NotEmpty(PathBuf),
    #[error("cannot write {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the sample's picture cannot be kept: {0}")]
    Object(String),
    #[error("the photo {path} is not taken: {why}")]
    Photo { path: PathBuf, why: String },
    #[error("there can be from 1 to {most} conversations between so many candidates and employers")]
    Conversations { most: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

/// What to type, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seeded {
    pub organiser: String,
    pub hotline: String,
    /// Name of the main round.
    pub round: String,
    /// Its employer: sign in with this.
    pub employer: EmployerLine,
    /// All employers and members.
    pub employers: Vec<EmployerLine>,
    /// The main round's candidates, in the order of their invitations; those of [`Scale`] come last.
    pub candidates: Vec<CandidateLine>,
    /// One candidate invited to both employers' rounds.
    pub both: [CandidateLine; 2],
    /// Invited to the second employer's round only.
    pub second: CandidateLine,
    /// Invited to a round that asks for an identity check.
    pub identity: CandidateLine,
    /// To one that has pictures of the face check looked at by the server too.
    pub identity_verified: CandidateLine,
    /// To one that wants the number proved before the face.
    pub identity_sms_first: CandidateLine,
    pub bad_codes: BadCodes,
    /// Companies that would like to take part.
    pub registrations: Registrations,
    /// Whose photo is which file's, after [`photos`].
    pub photos: Vec<PhotoLine>,
    /// As many as [`Scale`] asks for.
    pub conversations: Vec<ConversationLine>,
}

/// One member's sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmployerLine {
    pub uscc: String,
    pub name: String,
    pub password: String,
    /// To be given at sign-in; `null`: the owner, who need not be named.
    pub member: Option<String>,
}

/// One invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CandidateLine {
    pub id: CandidateId,
    pub name: String,
    /// Eleven digits: to sign in with, by a code that the development outbox keeps.
    pub phone: String,
    pub code: String,
    pub password: Option<String>,
    /// Unix ms.
    pub appointed: Option<WallTime>,
    pub round: String,
}

/// One code in each state that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadCodes {
    /// Its round is closed.
    pub used: String,
    /// Bound to another device, in a round that asks for an identity check.
    pub other_device: String,
    pub expired: String,
    pub too_early: String,
    pub cancelled: String,
}

/// Makes the sample fair in a data folder and, when there is none, a settings file with the
/// organiser's name and hotline. `fresh` deletes a database that is there (not the key, not the
/// settings); a folder in use by a running server is refused either way.
pub async fn run(data: &Path, fresh: bool, now: WallTime) -> Result<Seeded, SeedError> {
    run_scaled(data, fresh, now, Scale::default()).await
}

/// As [`run`], with more of everything.
pub async fn run_scaled(data: &Path, fresh: bool, now: WallTime, scale: Scale) -> Result<Seeded, SeedError> {
    let fail = |path: &Path, source| SeedError::File { path: path.into(), source };
    std::fs::create_dir_all(data).map_err(|e| fail(data, e))?;
    if fresh {
        let _lock = sqlite::lock(data)?;
        for suffix in ["", "-wal", "-shm"] {
            let path = data.join(format!("{}{suffix}", sqlite::DATABASE_FILE));
            match std::fs::remove_file(&path) {
                Ok(()) => {}
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err(fail(&path, e)),
            }
        }
    }
    let stores = sqlite::open(data)?;
    if stores.fairs.counts().await? != Counts::default() {
        return Err(SeedError::NotEmpty(data.into()));
    }
    let secrets = Secrets::open(data)?;
    let seeded = plant_scaled(&stores, &secrets, now, scale).await?;
    registrations::picture(data, &seeded.registrations).await?;
    let settings = data.join(crate::config::CONFIG_FILE);
    if !settings.exists() {
        let text = format!("organiser = {:?}\nhotline = {:?}\n", seeded.organiser, seeded.hotline);
        std::fs::write(&settings, text).map_err(|e| fail(&settings, e))?;
    }
    Ok(seeded)
}

/// Puts the sample fair into empty stores.
pub async fn plant(stores: &Stores, secrets: &Secrets, now: WallTime) -> Result<Seeded, SeedError> {
    plant_scaled(stores, secrets, now, Scale::default()).await
}

async fn plant_scaled(
    stores: &Stores,
    secrets: &Secrets,
    now: WallTime,
    scale: Scale,
) -> Result<Seeded, SeedError> {
    let (import, mut seeded) = plan::make(secrets, now, scale)?;
    let known = registrations::Known::of(&import)?;
    let sides = talks::Sides::of(&import, seeded.candidates.len() - scale.candidates);
    stores.fairs.import(import).await?;
    registrations::plant(stores, secrets, now, &known, &seeded.registrations).await?;
    seeded.conversations = sides.talk(stores, now, scale.conversations, scale.messages).await?;
    Ok(seeded)
}

#[cfg(test)]
mod tests;
