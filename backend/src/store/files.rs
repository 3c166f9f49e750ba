//! Which files there are, who sent them and who may read them. The bytes are in
//! [`crate::objects::store`]; nothing here opens a file.

use super::{Mac, Person, Stored};
use crate::objects::Kind;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::FileUse;
use miantan_domain::wire::{Problem, ProblemCode};
use uuid::Uuid;

/// A file somebody is going to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePromise {
    pub id: ObjectId,
    pub owner: Person,
    pub file_use: FileUse,
    /// Where it is to be said; a conversation of the owner's.
    pub conversation: Option<ConversationId>,
    pub name: String,
    pub size: u64,
    pub sha256: Mac,
    /// The id under which its bytes come in.
    pub bytes: Uuid,
    pub at: WallTime,
}

/// How much one person may send within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileQuota {
    pub bytes: u64,
    pub files: u64,
}

/// A file as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub id: ObjectId,
    pub owner: Person,
    pub file_use: FileUse,
    pub conversation: Option<ConversationId>,
    /// Safe when it is [`FileState::Done`].
    pub name: String,
    pub size: u64,
    pub sha256: Mac,
    pub state: FileState,
    /// Where the bytes are.
    pub bytes: Uuid,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Bytes are coming in, or were not looked at yet.
    Open,
    Done(FileFacts),
    /// It was looked at and is not kept.
    Refused(Problem),
}

/// What a good file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    pub kind: Kind,
    /// Bytes that are kept.
    pub size: u64,
    pub width: u32,
    pub height: u32,
    pub thumb: Option<Uuid>,
}

/// What became of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promised {
    /// Taken, now or before.
    Yes(Box<FileRow>),
    /// The id is another file's.
    Taken,
    /// So much may be sent again after so many ms.
    Quota { wait_ms: u64 },
}

/// See the module's page.
#[async_trait]
pub trait Files: Send + Sync {
    /// Takes a promise, once.
    async fn promise(&self, promise: FilePromise, quota: FileQuota) -> Stored<Promised>;

    async fn file(&self, id: ObjectId) -> Stored<Option<FileRow>>;

    /// A part came in.
    async fn touched(&self, id: ObjectId, at: WallTime) -> Stored<()>;

    /// The file was found good, and lies at `bytes`. False: another one was quicker, or it is gone.
    async fn file_done(
        &self,
        id: ObjectId,
        name: String,
        facts: FileFacts,
        bytes: Uuid,
        at: WallTime,
    ) -> Stored<bool>;

    /// It is not kept.
    async fn file_refused(&self, id: ObjectId, why: ProblemCode, detail: String, at: WallTime) -> Stored<()>;

    /// Whether this person (and for a member: their employer) may read a finished file of another's.
    async fn may_read(&self, id: ObjectId, person: Person, employer: Option<EmployerId>) -> Stored<bool>;

    /// Takes out files nobody finished since `open_before`, and files that nothing refers to since
    /// `loose_before`. Their bytes.
    async fn forget_files(&self, open_before: WallTime, loose_before: WallTime) -> Stored<Vec<Uuid>>;

    /// Those of these bytes that no row knows.
    async fn unknown_bytes(&self, ids: Vec<Uuid>) -> Stored<Vec<Uuid>>;
}
