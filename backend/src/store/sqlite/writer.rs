//! The one thread that writes. See the folder's page for why there is one.

use super::checkpoint::Checkpoints;
use super::row::failed;
use crate::store::{StoreError, Stored};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Changes that may wait; then callers wait too.
const QUEUE: usize = 4096;
/// Changes committed together at most. A message takes some 50 µs, a commit a few ms: more changes in
/// one commit make each cheaper, and the first of them wait no longer than 25 ms.
const BATCH: usize = 512;

/// Hands changes to the thread. Dropping it finishes those that wait, and joins the thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// One change with its answer.
trait Job: Send {
    /// Whether it writes last, see [`Undo`].
    fn undo(&self) -> Undo;
    /// Does it; false: undo it.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Tells the caller, after the commit; an error here is the commit's.
    fn answer(self: Box<Self>, committed: &Stored<()>);
}

/// What a change that fails leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    /// Anything: a savepoint takes it back.
    Savepoint,
    /// Nothing, since all that can go wrong is looked at before the first row is written: a savepoint, which
    /// copies every page that the change touches, would be a good part of its cost. Were such a change to fail
    /// half-way all the same, everything committed with it is given up, and from then on it gets a savepoint.
    Nothing,
}

struct Change<T, F, H> {
    undo: Undo,
    work: Option<F>,
    result: Option<Stored<T>>,
    /// Hears the outcome on the writer's own thread: a failure before the next change runs, a success
    /// after the commit, in the order of the changes.
    then: Option<H>,
    caller: oneshot::Sender<Stored<T>>,
}

impl<T, F, H> Job for Change<T, F, H>
where
    T: Send,
    F: FnOnce(&Connection) -> Stored<T> + Send,
    H: FnOnce(&mut Stored<T>) + Send,
{
    fn undo(&self) -> Undo {
        self.undo
    }

    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        let mut result = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|_| Err(StoreError::Failed("a change panicked".into())));
        let good = result.is_ok();
        if !good && let Some(then) = self.then.take() {
            then(&mut result);
        }
        self.result = Some(result);
        good
    }

    fn answer(self: Box<Self>, committed: &Stored<()>) {
        let mut result = match (self.result, committed) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(_)) | None, Err(error)) => Err(error.clone()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        if let Some(then) = self.then {
            then(&mut result);
        }
        // a caller that went away does not undo the change
        let _ = self.caller.send(result);
    }
}

impl Writer {
    /// `checkpoints`: told of every commit; ends with the writer.
    pub(super) fn start(connection: Connection, checkpoints: Option<Checkpoints>) -> Stored<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || work(&connection, queue, checkpoints.as_ref()))
            .map_err(|e| StoreError::Failed(format!("no thread for the writer: {e}")))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let answer = self.submit(Undo::Savepoint, change, |_: &mut Stored<T>| {}).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Puts a change in the queue; waits only while the queue is full. Changes of one caller run in the
    /// order in which they were put there. `then`: see [`Change::then`]; it must be quick.
    pub(super) async fn submit<T: Send + 'static>(
        &self,
        undo: Undo,
        change: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
        then: impl FnOnce(&mut Stored<T>) + Send + 'static,
    ) -> Stored<oneshot::Receiver<Stored<T>>> {
        let (caller, answer) = oneshot::channel();
        let job = Box::new(Change { undo, work: Some(change), result: None, then: Some(then), caller });
        self.jobs.as_ref().ok_or(StoreError::Closed)?.send(job).await.map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>, checkpoints: Option<&Checkpoints>) {
    let mut careful = false;
    while let Some(first) = queue.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            jobs.push(next);
        }
        let committed = batch(connection, &mut jobs, &mut careful);
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = jobs.len(), "nothing was written");
        }
        let busy = matches!(committed, Err(StoreError::Busy));
        for job in jobs {
            job.answer(&committed);
        }
        if busy {
            // they have waited as long already as the first of them did
            while let Ok(job) = queue.try_recv() {
                job.answer(&committed);
            }
        }
        if let Some(checkpoints) = checkpoints {
            checkpoints.committed();
            checkpoints.lend_a_hand(connection);
        }
    }
}

/// All jobs in one transaction. `careful`: none goes without a savepoint.
fn batch(connection: &Connection, jobs: &mut [Box<dyn Job>], careful: &mut bool) -> Stored<()> {
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    let done = jobs.iter_mut().try_for_each(|job| one(connection, job.as_mut(), careful));
    let committed = done.and_then(|()| connection.execute_batch("COMMIT").map_err(failed));
    if committed.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").map_err(failed)?;
    }
    committed
}

/// One job of a transaction; an error ends the transaction.
fn one(connection: &Connection, job: &mut dyn Job, careful: &mut bool) -> Stored<()> {
    // a full disk ends the whole transaction
    let given_up = || StoreError::CannotWrite("the transaction was given up".into());
    if job.undo() == Undo::Nothing && !*careful {
        let before = connection.total_changes();
        return match job.run(connection) {
            _ if connection.is_autocommit() => Err(given_up()),
            false if connection.total_changes() != before => {
                tracing::error!("a change failed after it had written");
                *careful = true;
                Err(StoreError::Failed("a change failed half-way".into()))
            }
            true | false => Ok(()),
        };
    }
    execute(connection, "SAVEPOINT job")?;
    let good = job.run(connection);
    if connection.is_autocommit() {
        return Err(given_up());
    }
    if !good {
        execute(connection, "ROLLBACK TO job")?;
    }
    execute(connection, "RELEASE job")
}

/// A statement without values that comes with every change.
fn execute(connection: &Connection, sql: &str) -> Stored<()> {
    connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(|_| ()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(connection: &Connection) -> Stored<u32> {
        connection.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).map_err(failed)
    }

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER NOT NULL PRIMARY KEY) STRICT").unwrap();
        Writer::start(connection, None).unwrap()
    }

    #[tokio::test]
    async fn a_failed_change_leaves_nothing_and_disturbs_nobody() {
        let writer = writer();
        let insert = |n: u32| {
            writer.run(move |c| {
                c.execute("INSERT INTO t (n) VALUES (?1)", [n]).map_err(failed)?;
                // the second statement breaks the third change after its first one worked
                if n == 3 {
                    c.execute("INSERT INTO t (n) VALUES (1)", []).map_err(failed)?;
                }
                Ok(n)
            })
        };
        let (one, two, three, four) = tokio::join!(insert(1), insert(2), insert(3), insert(4));
        assert_eq!((one, two, four), (Ok(1), Ok(2), Ok(4)));
        assert!(matches!(three, Err(StoreError::Conflict(_))));
        assert_eq!(writer.run(count).await, Ok(3));
    }

    /// Without savepoints: a failure that wrote nothing costs nobody anything; one that wrote takes those with it
    /// that are committed together, and nothing of it stays.
    #[tokio::test]
    async fn a_change_without_a_savepoint_that_fails_half_way_leaves_nothing() {
        let writer = writer();
        let insert = async |n: u32, fails: bool| {
            let work = move |c: &Connection| {
                if n > 0 {
                    c.execute("INSERT INTO t (n) VALUES (?1)", [n]).map_err(failed)?;
                }
                if fails { Err(StoreError::Failed("on purpose".into())) } else { Ok(n) }
            };
            let answer = writer.submit(Undo::Nothing, work, |_: &mut Stored<u32>| {}).await.unwrap();
            answer.await.unwrap()
        };
        let (one, nothing, two) = tokio::join!(insert(1, false), insert(0, true), insert(2, false));
        assert_eq!((one, two), (Ok(1), Ok(2)));
        assert!(nothing.is_err());
        assert_eq!(writer.run(count).await, Ok(2));
        // together with one that wrote before it failed; then with savepoints
        for round in 1..=2_u32 {
            let n = round * 10;
            let (before, broken, after) =
                tokio::join!(insert(n, false), insert(n + 1, true), insert(n + 2, false));
            assert!(broken.is_err());
            let kept = u32::from(before.is_ok()) + u32::from(after.is_ok());
            assert!(round == 1 || kept == 2, "from then on nobody else is touched: {before:?} {after:?}");
            let there: u32 = writer
                .run(move |c| {
                    c.query_row("SELECT count(*) FROM t WHERE n >= ?1", [n], |r| r.get(0)).map_err(failed)
                })
                .await
                .unwrap();
            assert_eq!(there, kept, "what was answered, and nothing else");
        }
    }

    #[tokio::test]
    async fn a_panic_in_a_change_is_only_that_changes_failure() {
        let writer = writer();
        let broken = writer
            .run(|c| {
                c.execute("INSERT INTO t (n) VALUES (1)", []).map_err(failed)?;
                if c.is_autocommit() {
                    return Ok(());
                }
                panic!("a bug")
            })
            .await;
        assert!(matches!(broken, Err(StoreError::Failed(_))));
        assert_eq!(writer.run(count).await, Ok(0));
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_does_not_undo_its_change() {
        let writer = writer();
        {
            let gone = writer.run(|c| c.execute("INSERT INTO t (n) VALUES (1)", []).map_err(failed));
            let mut gone = Box::pin(gone);
            // polled once: sent, not answered
            let _ = futures_util::poll!(&mut gone);
        }
        assert_eq!(writer.run(count).await, Ok(1));
    }

    #[tokio::test]
    async fn a_full_disk_fails_what_does_not_fit_and_nothing_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let connection = Connection::open(dir.path().join("full.db")).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (n INTEGER NOT NULL PRIMARY KEY, b BLOB NOT NULL DEFAULT x'') STRICT;
                 PRAGMA max_page_count = 16;",
            )
            .unwrap();
        let writer = Writer::start(connection, None).unwrap();
        let insert = |n: u32, bytes: u32| {
            writer.run(move |c| {
                c.execute("INSERT INTO t (n, b) VALUES (?1, zeroblob(?2))", [n, bytes]).map_err(failed)
            })
        };
        let (small, large, other) = tokio::join!(insert(1, 10), insert(2, 1_000_000), insert(3, 10));
        assert!(matches!(large, Err(StoreError::CannotWrite(_))), "{large:?}");
        let kept = writer.run(count).await.unwrap();
        // whoever was told that it is kept finds it
        assert_eq!(kept, u32::from(small.is_ok()) + u32::from(other.is_ok()));
        assert_eq!(insert(4, 10).await, Ok(1));
        assert_eq!(writer.run(count).await, Ok(kept + 1));
    }
}
