//! Moves what was committed from the log into the database file, on a thread and a connection of its own,
//! so that no change waits for it: whoever appends to the log is not in the way of whoever reads it.
//!
//! The log begins anew only when all of it was moved and nothing was appended since. While people write
//! without a pause that never happens by itself: then, once the log is long, the writer moves the little
//! that is left between two commits ([`Checkpoints::lend_a_hand`]).
//!
//! A full disk stops the moving and nothing else: what is in the log is safe there and is read from there.

use super::row::failed;
use crate::store::{StoreError, Stored};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pages in the log that are worth a move: 32 MB. Pages that are written again and again are moved once
/// for all of them, so the later the cheaper; but a log is read through by whoever opens the database.
const WORTH_IT: i64 = 8_000;
/// A log as long as this begins anew as soon as possible: 96 MB.
const LONG: i64 = 24_000;
/// When nobody writes for so long, whatever is there is moved.
const REST: Duration = Duration::from_secs(2);

/// The thread and what it says. Dropping it ends the thread.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// The log is long, and all but its end was moved.
    long: Arc<AtomicBool>,
}

/// Pages in the log, and those of them that were moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Log {
    pages: i64,
    moved: i64,
}

impl Checkpoints {
    /// `connection`: its own, able to write.
    pub(super) fn start(connection: Connection) -> Stored<Self> {
        let (wake, woken) = sync_channel(1);
        let long = Arc::new(AtomicBool::new(false));
        let says = Arc::clone(&long);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || work(&connection, &woken, &says))
            .map_err(|e| StoreError::Failed(format!("no thread for checkpoints: {e}")))?;
        Ok(Self { wake: Some(wake), thread: Some(thread), long })
    }

    /// Something was committed.
    pub(super) fn committed(&self) {
        if let Some(wake) = &self.wake {
            // full: it knows already
            let _ = wake.try_send(());
        }
    }

    /// On the writer's thread, between two commits: moves the end of a long log, so that the next change
    /// begins it anew.
    pub(super) fn lend_a_hand(&self, writer: &Connection) {
        if self.long.swap(false, Ordering::Relaxed)
            && let Err(error) = checkpoint(writer, "PASSIVE")
        {
            tracing::warn!(%error, "the end of the log was not moved");
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, woken: &Receiver<()>, long: &AtomicBool) {
    let mut waits = false;
    loop {
        let rest = match woken.recv_timeout(REST) {
            Ok(()) => false,
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if rest && !waits {
            continue;
        }
        match moved(connection, rest) {
            Ok(log) => {
                waits = log.moved < log.pages;
                if log.pages >= LONG {
                    long.store(true, Ordering::Relaxed);
                }
            }
            Err(error) => {
                // asked again with the next commit, or after a rest
                waits = true;
                tracing::warn!(%error, "the log is not moved into the database");
            }
        }
    }
}

/// Moves what is worth it. The log as it is then.
fn moved(connection: &Connection, rest: bool) -> Stored<Log> {
    let log = checkpoint(connection, "NOOP")?;
    let waiting = log.pages - log.moved;
    // of a long one as much as possible: the writer moves what is left
    let due = waiting >= WORTH_IT || log.pages >= LONG || rest;
    if due && waiting > 0 { checkpoint(connection, "PASSIVE") } else { Ok(log) }
}

fn checkpoint(connection: &Connection, how: &str) -> Stored<Log> {
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({how})"))
        .and_then(|mut s| s.query_row([], |r| Ok(Log { pages: r.get(1)?, moved: r.get(2)? })))
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::time::Instant;

    fn connect(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
        connection
    }

    fn insert(connection: &Connection, pages: u32) {
        connection.execute("INSERT INTO t (b) VALUES (zeroblob(?1))", [pages * 4096]).unwrap();
    }

    #[test]
    fn a_log_is_moved_while_others_write_and_begins_anew_when_it_is_long() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = connect(&path);
        writer
            .execute_batch("CREATE TABLE t (n INTEGER NOT NULL PRIMARY KEY, b BLOB NOT NULL) STRICT")
            .unwrap();
        let checkpoints = Checkpoints::start(connect(&path)).unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        let (mut longest, mut anew) = (0, false);
        while !anew && Instant::now() < deadline {
            insert(&writer, 500);
            checkpoints.committed();
            checkpoints.lend_a_hand(&writer);
            let log = checkpoint(&writer, "NOOP").unwrap();
            anew = log.pages < longest;
            longest = longest.max(log.pages);
        }
        assert!(anew, "{longest} pages");
        assert!(longest >= WORTH_IT, "{longest}: it is not moved all the time");
        // how far beyond LONG it gets is the disk's: others write on while it is moved
    }

    #[test]
    fn when_nobody_writes_everything_is_moved() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = connect(&path);
        writer
            .execute_batch("CREATE TABLE t (n INTEGER NOT NULL PRIMARY KEY, b BLOB NOT NULL) STRICT")
            .unwrap();
        let checkpoints = Checkpoints::start(connect(&path)).unwrap();
        insert(&writer, 3);
        checkpoints.committed();
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let log = checkpoint(&writer, "NOOP").unwrap();
            if log.pages == log.moved {
                break;
            }
            assert!(Instant::now() < deadline, "{log:?}");
            std::thread::yield_now();
        }
    }
}
