//! The stores in one SQLite file: the embedded default.
//!
//! There is **one writer**: SQLite lets only one connection write at a time anyway, and a queue in
//! front of it beats connections that wait for each other's locks and fail with "busy". It runs on
//! its own thread, takes closures through a bounded channel, runs those that wait together in one
//! transaction (one `fsync` for all, each in its own savepoint), and answers after the commit only.
//! Reads run beside it on a small pool: in WAL mode readers see the last commit and block nobody. The log
//! is moved into the file beside it too ([`checkpoint`]).
//!
//! Rules for statements and tables:
//! - Tables are `STRICT`; columns are `NOT NULL`, with a `DEFAULT` where a row may be made without
//!   them. Absent is `0`, `''` or `x''` where that cannot be a value; `NULL` is only for a foreign
//!   key that points nowhere.
//! - `INSERT` names its columns; `SELECT *` does not exist.
//! - A column never changes its meaning. A change is a new numbered file in `backend/migrations/`;
//!   a file that was released is never edited.
//! - Foreign keys are on. Times are Unix milliseconds, ids are 16-byte blobs, persons 17-byte blobs
//!   ([`row::person`]).
//! - What must be unique is so by a constraint in the table, never by looking first.
//! - `secure_delete = ON`: what was removed is overwritten, not only out of sight.
//! - `synchronous = FULL`: what was answered survives a power cut.

mod accounts;
mod attempts;
mod candidates;
mod checkpoint;
mod codes;
mod employers;
mod fairs;
mod files;
mod identity;
mod migrate;
mod rounds;
mod row;
mod sessions;
mod talks;
mod writer;

#[cfg(test)]
mod full;
#[cfg(test)]
mod tests;

use super::{StoreError, Stored, Stores};
use checkpoint::Checkpoints;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use writer::Writer;

/// Name of the database in the data folder.
pub const DATABASE_FILE: &str = "miantan.db";
/// Held while a process uses the data folder.
pub const LOCK_FILE: &str = "miantan.lock";
/// Connections that read. Reads are short; more only cost memory.
const READERS: usize = 4;

/// One SQLite file with its writer and its readers.
#[derive(Clone)]
struct Sqlite(Arc<Inner>);

struct Inner {
    path: PathBuf,
    // order matters: the writer ends before the folder is given back
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    permits: Semaphore,
    fairs: fairs::Memory,
    talks: Arc<talks::Memory>,
    _lock: File,
}

/// Opens (and makes, and brings up to date) the database of a data folder. A folder in use by
/// another process is refused.
pub fn open(data: &Path) -> Stored<Stores> {
    open_one(data).map(stores)
}

fn open_one(data: &Path) -> Stored<Sqlite> {
    let lock = lock(data)?;
    let path = data.join(DATABASE_FILE);
    let mut connection = connect(&path, Use::Write)?;
    migrate::run(&mut connection)?;
    fairs::search::index_missing(&connection)?;
    let checkpoints = Checkpoints::start(connect(&path, Use::Checkpoint)?)?;
    Ok(Sqlite(Arc::new(Inner {
        writer: Writer::start(connection, Some(checkpoints))?,
        readers: Mutex::new(Vec::new()),
        permits: Semaphore::new(READERS),
        fairs: fairs::Memory::default(),
        talks: Arc::default(),
        path,
        _lock: lock,
    })))
}

/// The same file for every area.
fn stores(store: Sqlite) -> Stores {
    Stores {
        accounts: Arc::new(store.clone()),
        candidates: Arc::new(store.clone()),
        codes: Arc::new(store.clone()),
        employers: Arc::new(store.clone()),
        fairs: Arc::new(store.clone()),
        files: Arc::new(store.clone()),
        identity: Arc::new(store.clone()),
        rounds: Arc::new(store.clone()),
        talks: Arc::new(store),
    }
}

/// Takes the data folder for this process; given back when the file is dropped.
pub fn lock(data: &Path) -> Stored<File> {
    let path = data.join(LOCK_FILE);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| StoreError::CannotWrite(format!("{}: {e}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(data.display().to_string())),
        Err(std::fs::TryLockError::Error(e)) => {
            Err(StoreError::CannotWrite(format!("{}: {e}", path.display())))
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Write,
    Read,
    /// Moves the log into the file, see [`checkpoint`].
    Checkpoint,
}

fn connect(path: &Path, to: Use) -> Stored<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
    if to == Use::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags).map_err(row::failed)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA busy_timeout = 5000;
             PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF;",
        )
        .map_err(row::failed)?;
    match to {
        Use::Read => connection.execute_batch("PRAGMA query_only = ON;").map_err(row::failed)?,
        // The last pages of a thousand conversations and of the indices stay in memory, so that a message
        // costs the same however many there are.
        Use::Write => connection
            .execute_batch("PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 0;")
            .map_err(row::failed)?,
        Use::Checkpoint => {}
    }
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

impl Sqlite {
    /// Runs a change on the writer. An error keeps nothing of it.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.0.writer.run(change).await
    }

    /// Runs a read beside the writer.
    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let _permit = self.0.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let this = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            let idle = this.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&this.path, Use::Read)?,
            };
            let seen = look(&connection);
            this.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            seen
        });
        task.await.map_err(|e| StoreError::Failed(format!("a read broke off: {e}")))?
    }
}
