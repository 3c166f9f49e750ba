//! Bytes under ids, taken as uploads that resume. [`DiskStore`] keeps them in the data folder.
//!
//! An upload is begun with the size and SHA-256 it will have, appended to in order, and finished; only finish
//! makes an object of it, and only when every byte is the promised one and is on the disk. Whoever lost an answer
//! asks again: every call can be repeated.
//!
//! # Another place for the bytes
//! [`ObjectStore`] is what a store in S3 or an S3-like service would implement: `begin` is CreateMultipartUpload
//! with the promise as its metadata, `append` gathers 8 MiB and is UploadPart, `offset` sums ListParts, `finish` is
//! CompleteMultipartUpload with a full-object checksum, `read` is GetObject with Range, `sweep` is
//! AbortMultipartUpload by age. Nothing in the trait is a file or a path.

mod disk;
mod disk_store;
mod files;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use uuid::Uuid;

pub use disk::Disk;
pub use disk_store::DiskStore;

/// SHA-256 of a whole object.
pub type Sum = [u8; 32];

/// What a sender promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    pub id: Uuid,
    /// In bytes.
    pub size: u64,
    pub sha256: Sum,
}

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are here; the next one belongs at this offset.
    Part { offset: u64, size: u64 },
    /// Finished, with its size in bytes.
    Whole { size: u64 },
}

/// A finished object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    pub size: u64,
    /// Computed from what is stored, equal to what was promised.
    pub sha256: Sum,
}

/// Why a store did not do as told. Nothing half-done stays behind any of these.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such object or upload")]
    Unknown,
    /// Appended in the wrong place: go on at `expected`.
    #[error("the upload stands at {expected}; send from there")]
    WrongOffset { expected: u64 },
    /// Repeated bytes are not those of the first time.
    #[error("the bytes at {offset} differ from those sent before; begin a new upload")]
    Differs { offset: u64 },
    #[error("more bytes than the {size} promised")]
    TooLong { size: u64 },
    /// Finished too early: go on at `offset`.
    #[error("only {offset} of {size} bytes are here; send the rest")]
    Incomplete { offset: u64, size: u64 },
    /// The upload is gone: it cannot be mended.
    #[error("the bytes are not those promised (SHA-256); the upload was dropped, send it again")]
    WrongSum,
    /// The id is taken by something else.
    #[error("this id belongs to another file")]
    Conflict,
    #[error("the server's disk is full; nothing was lost, try again later")]
    NoSpace,
    #[error("the object store failed: {0}")]
    Io(#[source] std::io::Error),
    #[error("the object store is stopping")]
    Stopped,
}

/// What a sweep took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub uploads: u64,
    pub bytes: u64,
}

/// A place for objects. All calls may be repeated, and made for different ids at once.
#[async_trait]
pub trait ObjectStore: Send + Sync + 'static {
    /// Starts an upload or finds it again. Gives the offset to go on at: 0, or what is already here; the whole
    /// size when the same object is finished.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id has another promise.
    async fn begin(&self, upload: Upload) -> Result<u64, StoreError>;

    /// Adds `bytes` at `offset` and gives the offset to go on at. Bytes that are already here are compared and
    /// not written again. May lose its last bytes in a power cut: ask [`ObjectStore::progress`] after a reconnect.
    ///
    /// # Errors
    /// [`StoreError::WrongOffset`] names the right one; [`StoreError::Differs`]; [`StoreError::TooLong`];
    /// [`StoreError::NoSpace`] leaves the upload as it was.
    async fn append(&self, id: Uuid, offset: u64, bytes: Vec<u8>) -> Result<u64, StoreError>;

    /// Where the upload stands.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    async fn progress(&self, id: Uuid) -> Result<Progress, StoreError>;

    /// Proves the bytes and makes them an object. When this returns, no crash undoes it.
    ///
    /// # Errors
    /// [`StoreError::Incomplete`] names the offset to go on at; [`StoreError::WrongSum`] and a disk that fails to
    /// sync drop the upload.
    async fn finish(&self, id: Uuid) -> Result<Finished, StoreError>;

    /// Keeps bytes the server made itself (a cleaned picture, a thumbnail) as an object, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id holds other bytes; [`StoreError::NoSpace`].
    async fn put(&self, id: Uuid, bytes: Vec<u8>) -> Result<Finished, StoreError>;

    /// Bytes of an object; a range past its end gives what there is.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] also while it is not finished.
    async fn read(&self, id: Uuid, range: Range<u64>) -> Result<Vec<u8>, StoreError>;

    /// Takes away the object or the upload. `false` when there was neither.
    ///
    /// # Errors
    /// When the storage fails.
    async fn delete(&self, id: Uuid) -> Result<bool, StoreError>;

    /// Takes away uploads that nobody touched for `age`.
    ///
    /// # Errors
    /// When the storage fails.
    async fn sweep(&self, now: SystemTime, age: Duration) -> Result<Swept, StoreError>;

    /// Finished objects older than `age`: the caller deletes those that nothing refers to (a crash between finish
    /// and the record of it leaves such).
    ///
    /// # Errors
    /// When the storage fails.
    async fn older(&self, now: SystemTime, age: Duration) -> Result<Vec<Uuid>, StoreError>;
}
