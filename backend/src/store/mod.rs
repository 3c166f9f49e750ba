//! What lasts. One trait per area, so that another database can take SQLite's place: [`Accounts`]
//! (members, invitations, sessions, limits, audit), [`Candidates`] (their accounts, consents, résumés),
//! [`Employers`] (registrations, members, what was
//! done by whom), [`Fairs`] (fairs, stands, positions), [`Files`] (who sent which and who may read it),
//! [`Identity`] (reference photos, face attempts) and [`Rounds`] (event log, idempotent answers, call slots). `contract.rs` is the test suite every
//! implementation must pass.
//!
//! Architecture Invariant: no statement and no row type leaves this folder; nothing in here decides
//! what a round may do, reads a clock or draws a random number: those are arguments.

mod accounts;
mod candidates;
mod codes;
mod employers;
mod fairs;
mod files;
mod identity;
mod rounds;
pub mod sqlite;
mod talks;

#[cfg(test)]
mod contract;

pub use accounts::*;
pub use candidates::*;
pub use codes::*;
pub use employers::*;
pub use fairs::*;
pub use files::*;
pub use identity::*;
pub use rounds::*;
pub use talks::*;

use miantan_domain::ids::{CandidateId, MemberId};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All areas of one organiser's data.
#[derive(Clone)]
pub struct Stores {
    pub accounts: Arc<dyn Accounts>,
    pub candidates: Arc<dyn Candidates>,
    pub codes: Arc<dyn Codes>,
    pub employers: Arc<dyn Employers>,
    pub fairs: Arc<dyn Fairs>,
    pub files: Arc<dyn Files>,
    pub identity: Arc<dyn Identity>,
    pub rounds: Arc<dyn Rounds>,
    pub talks: Arc<dyn Talks>,
}

/// Somebody with an account: the owner of a call slot, and the scope in which a
/// [`miantan_domain::ids::ChangeId`] means one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    Candidate(CandidateId),
    Member(MemberId),
}

/// Why the store did not do it. Nothing of the change was kept in any of these cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A row with this key is there already (an event number taken twice, a name given twice).
    #[error("the row exists already: {0}")]
    Conflict(String),
    /// The disk is full or the files cannot be written.
    #[error("the store cannot write: {0}; free disk space and check the data folder's rights")]
    CannotWrite(String),
    /// Another program holds the database: an operator's shell, a backup.
    #[error("the database is held by another program; close whatever has it open in the data folder")]
    Busy,
    /// What is stored cannot be read as what it should be.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The data folder was made by a newer version.
    #[error("the data folder has schema {found}, this program knows {known}; use the newer program")]
    TooNew { found: u32, known: u32 },
    /// Another process uses the data folder.
    #[error("the data folder {0} is in use by another miantan-backend; stop it first")]
    InUse(String),
    /// The store is shut down.
    #[error("the store is closed")]
    Closed,
    #[error("the store failed: {0}")]
    Failed(String),
}

/// When it is worth trying again what the store could not write.
pub const RETRY_MS: u64 = 1_000;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // details stay in the server's log
        let code = match error {
            StoreError::CannotWrite(_) | StoreError::Busy => {
                return Self::new(ProblemCode::ServerStorage, "nothing was changed").retry_after(RETRY_MS);
            }
            StoreError::Conflict(_)
            | StoreError::Damaged(_)
            | StoreError::TooNew { .. }
            | StoreError::Closed
            | StoreError::InUse(_)
            | StoreError::Failed(_) => ProblemCode::Internal,
        };
        code.into()
    }
}

/// Shorthand of this module.
pub type Stored<T> = Result<T, StoreError>;
