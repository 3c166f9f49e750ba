//! What lasts on the device: SQLite in one file, kept apart per server.
//!
//! One thread owns the connection, so there is one writer and the event loop never waits for a lock;
//! it waits for its own writes only, because a command may be sent only when it is safe from a kill.
//! WAL with `synchronous = NORMAL`: what was committed survives the death of the process and a
//! reboot; only a power cut may cost the last moments, which the server knows anyway.
//!
//! SQL rules: STRICT tables, NOT NULL with defaults, columns named in inserts, a column never changes
//! its meaning, migrations are numbered and never edited after a release. Never stored here:
//! invitation codes, passwords, session tokens (those are in the platform's
//! [`crate::platform::SecretStore`]), pictures, sound. (Pictures and files of conversations are files
//! beside it, see `session/talk`.)
//!
//! A file that cannot be read is moved aside, not deleted; where nothing can be written at all, the
//! store works in memory and says so.

mod fair;
mod migrate;
mod read;
mod talk;
mod write;

#[cfg(test)]
mod talk_tests;
#[cfg(test)]
mod tests;

pub use fair::{FairWrite, KeptUpload, Kind};
pub use read::{CallLogEntry, ServerData, Start};
pub use talk::{KeptTalk, ListPlace, Owner, TalkStart, TalkWrite, list_place, words_of_head};
pub use write::Write;

use crate::view::TalkFilter;
use miantan_domain::ids::{ConversationId, RoundId};
use miantan_domain::model::{Entry, Registration, ResumeDoc};
use miantan_domain::time::WallTime;
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::oneshot;

/// File name in the app's data folder.
pub const FILE: &str = "miantan.sqlite3";

/// How long another process (a second window, a backup) may hold the file before a write fails: the event loop
/// waits for its writes, and the screen for the event loop.
const HELD_LIMIT: Duration = Duration::from_millis(500);

/// Something was not stored or not read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the device's storage failed; free some space: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("a stored value could not be read: {0}")]
    Value(#[from] serde_json::Error),
    #[error("the storage was made by a newer version of the app ({0}); update the app")]
    Newer(i64),
    #[error("the storage thread has ended")]
    Gone,
}

/// How the store came up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    Good,
    /// The file was unreadable and is now beside the new one.
    Replaced {
        aside: PathBuf,
    },
    /// Nothing can be written; kept in memory for this run.
    Memory,
}

/// `None` once the store is closed.
type Job = Box<dyn FnOnce(&mut Option<Connection>) + Send>;

/// The store; clones are the same.
#[derive(Debug, Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Opens or makes the store in this folder. Never fails: see [`Health`].
    pub fn open(folder: &Path) -> (Self, Health) {
        let (connection, health) = open_file(&folder.join(FILE));
        (Self::on(connection), health)
    }

    fn on(connection: Connection) -> Self {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let mut connection = Some(connection);
        // Ends when the last `Store` is dropped; what was queued before is still done.
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || {
            while let Ok(job) = inbox.recv() {
                job(&mut connection);
            }
        });
        if let Err(error) = thread {
            // Every job then answers `Gone`, and the app says that nothing is stored.
            tracing::error!(%error, "no thread for the store");
        }
        Self { jobs }
    }

    /// Runs `job` on the store's thread.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.jobs.send(Box::new(move |connection| {
            // Err: nobody waits any more.
            let _ = reply.send(connection.as_mut().ok_or(StoreError::Gone).and_then(job));
        }));
        if sent.is_err() {
            return Err(StoreError::Gone);
        }
        answer.await.unwrap_or(Err(StoreError::Gone))
    }

    /// Closes the file; every job after it answers [`StoreError::Gone`].
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            drop(connection.take());
            // Err: nobody waits any more.
            let _ = reply.send(());
        });
        if self.jobs.send(job).is_ok() {
            // Err: the thread has ended, and the connection with it.
            let _ = closed.await;
        }
    }

    /// All of these or none.
    pub async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.run(move |connection| write::all(connection, &writes)).await
    }

    /// As [`Self::write`], for what nothing waits for; before everything that is asked for later.
    pub fn write_later(&self, writes: Vec<Write>, failed: impl FnOnce(StoreError) + Send + 'static) {
        let job: Job = Box::new(move |connection| {
            let done = connection.as_mut().ok_or(StoreError::Gone).and_then(|db| write::all(db, &writes));
            if let Err(error) = done {
                failed(error);
            }
        });
        // Err: no thread; the next write that is waited for says so.
        let _ = self.jobs.send(job);
    }

    /// What a starting app needs before it knows its server.
    pub async fn start(&self) -> Result<Start, StoreError> {
        self.run(|connection| read::start(connection)).await
    }

    /// Everything kept for one server.
    pub async fn server(&self, address: &str) -> Result<ServerData, StoreError> {
        let address = address.to_owned();
        self.run(move |connection| read::server(connection, &address)).await
    }

    /// The calls of one server, newest first.
    pub async fn calls(&self, address: &str) -> Result<Vec<CallLogEntry>, StoreError> {
        let address = address.to_owned();
        self.run(move |connection| read::calls(connection, &address)).await
    }

    /// What a session begins with; interviews that end after `now`.
    pub async fn talk_start(&self, owner: &Owner, now: WallTime) -> Result<TalkStart, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| talk::start(connection, &owner, now)).await
    }

    /// Conversations, the newest first, behind a place in the list.
    pub async fn talks(
        &self,
        owner: &Owner,
        filter: &TalkFilter,
        below: Option<ListPlace>,
        limit: usize,
    ) -> Result<Vec<KeptTalk>, StoreError> {
        let (owner, filter) = (owner.clone(), filter.clone());
        self.run(move |connection| talk::list(connection, &owner, &filter, below, limit)).await
    }

    pub async fn talk(
        &self,
        owner: &Owner,
        conversation: ConversationId,
    ) -> Result<Option<KeptTalk>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| talk::one(connection, &owner, conversation)).await
    }

    /// Entries `from..=to` of a conversation, in order.
    pub async fn talk_entries(
        &self,
        owner: &Owner,
        conversation: ConversationId,
        from: u64,
        to: u64,
    ) -> Result<Vec<Entry>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| talk::entries(connection, &owner, conversation, from, to)).await
    }

    /// The conversation in which somebody was invited to this round.
    pub async fn talk_of_round(
        &self,
        owner: &Owner,
        round: RoundId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| talk::of_round(connection, &owner, round)).await
    }

    /// Entries of a conversation with this text in them, newest first.
    pub async fn talk_search(
        &self,
        owner: &Owner,
        conversation: ConversationId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let (owner, query) = (owner.clone(), query.to_owned());
        self.run(move |connection| talk::search(connection, &owner, conversation, &query, limit)).await
    }
}

impl Store {
    /// One answer of the server, as it was last.
    pub async fn seen<T: DeserializeOwned + Send + 'static>(
        &self,
        owner: &Owner,
        kind: Kind,
        id: String,
    ) -> Result<Option<T>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| fair::seen(connection, &owner, kind, &id)).await
    }

    /// Ids of all answers of this kind.
    pub async fn seen_ids(&self, owner: &Owner, kind: Kind) -> Result<Vec<String>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| fair::seen_ids(connection, &owner, kind)).await
    }

    /// The résumé in the editor, and whether the server still has to get it.
    pub async fn resume(&self, owner: &Owner) -> Result<Option<(ResumeDoc, bool)>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| fair::resume(connection, &owner)).await
    }

    /// Résumé files and photos on their way.
    pub async fn uploads(&self, owner: &Owner) -> Result<Vec<KeptUpload>, StoreError> {
        let owner = owner.clone();
        self.run(move |connection| fair::uploads(connection, &owner)).await
    }

    /// The registration made on this device, and when it was looked at last.
    pub async fn registration(&self, address: &str) -> Result<Option<(Registration, WallTime)>, StoreError> {
        let address = address.to_owned();
        self.run(move |connection| fair::registration(connection, &address)).await
    }
}

/// The file, or what can be had instead of it.
fn open_file(path: &Path) -> (Connection, Health) {
    let error = match open_at(path) {
        Ok(connection) => return (connection, Health::Good),
        Err(error) => error,
    };
    tracing::error!(%error, "the stored data cannot be used");
    // A full disk or a missing right passes; only what will never open is moved aside. A newer app's
    // data is not broken either, but it is safe beside the new file until that app comes back.
    if unusable(&error) {
        match move_aside(path).map(|aside| (aside, open_at(path))) {
            Ok((aside, Ok(connection))) => return (connection, Health::Replaced { aside }),
            Ok((_, Err(error))) => tracing::error!(%error, "no new store could be made"),
            Err(error) => tracing::error!(%error, "the unreadable store cannot be moved aside"),
        }
    }
    (in_memory(), Health::Memory)
}

fn unusable(error: &StoreError) -> bool {
    match error {
        StoreError::Newer(_) => true,
        StoreError::Sqlite(error) => matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        ),
        StoreError::Value(_) | StoreError::Gone => false,
    }
}

fn open_at(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    prepare(&mut connection)?;
    Ok(connection)
}

fn in_memory() -> Connection {
    let mut connection = Connection::open_in_memory().expect("SQLite opens in memory");
    prepare(&mut connection).expect("the schema fits an empty database");
    connection
}

fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.busy_timeout(HELD_LIMIT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Overwrite what is deleted: messages and names must not linger in free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(code, Some(sound)).into());
    }
    migrate::run(connection)
}

/// Renames the file and its companions to the first free `….unreadable-N`.
fn move_aside(path: &Path) -> std::io::Result<PathBuf> {
    let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let aside = (1..=999)
        .map(|n| with(&format!(".unreadable-{n}")))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| with(".unreadable"));
    std::fs::rename(path, &aside)?;
    for companion in ["-wal", "-shm"] {
        // What was not yet in the file itself is in the first of them.
        match std::fs::rename(with(companion), format!("{}{companion}", aside.display())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}
