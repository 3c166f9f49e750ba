//! Threads that own what they work with (a loaded model cannot be shared) and take jobs from one bounded queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

type Job<W> = Box<dyn FnOnce(&mut W) + Send>;

/// Hands jobs to the threads; they end when it is dropped.
pub struct Pool<W> {
    jobs: SyncSender<Job<W>>,
}

/// Why a job has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// As many wait as may.
    #[error("too many pictures wait to be looked at; try again in a moment")]
    Busy,
    /// It panicked, or the threads are gone.
    #[error("looking at a picture broke off")]
    Broken,
}

impl<W: Send + 'static> Pool<W> {
    /// One thread for each worker; `waiting` jobs wait for each besides those under way.
    pub fn start(workers: Vec<W>, waiting: usize) -> Self {
        let (jobs, queue) = sync_channel(waiting * workers.len().max(1));
        let queue = Arc::new(Mutex::new(queue));
        for (number, worker) in workers.into_iter().enumerate() {
            let queue = Arc::clone(&queue);
            let spawned = std::thread::Builder::new()
                .name(format!("faces-{number}"))
                .spawn(move || work(worker, &queue));
            if let Err(error) = spawned {
                tracing::error!(%error, "a thread for faces cannot be started");
            }
        }
        Self { jobs }
    }

    /// Waits for its turn without holding up the async threads. A job whose asker went away is not done.
    ///
    /// # Errors
    /// [`PoolError::Busy`] at once when the queue is full.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut W) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (done, answer) = oneshot::channel();
        let job: Job<W> = Box::new(move |worker| {
            if !done.is_closed() {
                let result = job(worker);
                // whoever asked may have gone meanwhile
                let _ = done.send(result);
            }
        });
        match self.jobs.try_send(job) {
            Ok(()) => answer.await.map_err(|_| PoolError::Broken),
            Err(TrySendError::Full(_)) => Err(PoolError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(PoolError::Broken),
        }
    }
}

fn work<W>(mut worker: W, queue: &Mutex<Receiver<Job<W>>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // one bad picture must not take the thread along; the asker hears that it broke off
        if catch_unwind(AssertUnwindSafe(|| job(&mut worker))).is_err() {
            tracing::error!("a job on a picture panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A rush on a pool of one thread with room for two: the fourth is told at once.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_queue_says_so_at_once() {
        let pool = Arc::new(Pool::start(vec![0_u32], 2));
        let (begun, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel::<()>();
        let asking = Arc::clone(&pool);
        let first = tokio::spawn(async move {
            asking
                .run(move |count| {
                    begun.send(()).unwrap();
                    may_go.recv().unwrap();
                    *count += 1;
                    *count
                })
                .await
        });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        let second = pool.run(|count| {
            *count += 1;
            *count
        });
        let third = pool.run(|count| {
            *count += 1;
            *count
        });
        let (mut second, mut third) = (std::pin::pin!(second), std::pin::pin!(third));
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        assert!(futures_util::poll!(third.as_mut()).is_pending());
        assert_eq!(pool.run(|count| *count).await, Err(PoolError::Busy));
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(1));
        assert_eq!((second.await, third.await), (Ok(2), Ok(3)), "in their order");
    }

    #[tokio::test]
    async fn a_panic_and_a_caller_who_left_harm_nobody() {
        let pool = Pool::start(vec![Vec::<&str>::new()], 8);
        let broken = pool.run(|_| assert!(std::hint::black_box(false), "one bad picture")).await;
        assert_eq!(broken, Err(PoolError::Broken));
        let (go, may_go) = mpsc::channel::<()>();
        let slow = pool.run(move |done| {
            may_go.recv().unwrap();
            done.push("slow");
        });
        let left = pool.run(|done| done.push("left"));
        {
            let (slow, left) = (std::pin::pin!(slow), std::pin::pin!(left));
            let mut slow = slow;
            assert!(futures_util::poll!(slow.as_mut()).is_pending());
            assert!(futures_util::poll!(left).is_pending());
            // the second caller is gone here
            go.send(()).unwrap();
            assert_eq!(slow.await, Ok(()));
        }
        let done = pool.run(|done| done.clone()).await.unwrap();
        assert!(done.contains(&"slow"));
        let empty: Pool<u8> = Pool::start(Vec::new(), 1);
        assert!(empty.run(|_| ()).await.is_err());
    }
}
