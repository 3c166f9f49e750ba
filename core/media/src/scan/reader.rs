//! The thread that looks: takes the newest picture, looks, tells, rests. Pictures that came meanwhile are dropped
//! unseen.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::look::{Kind, look};
use super::sight::Sight;
use super::{EVERY, ScanNews};
use crate::frame::{I420Frame, now_ms};
use crate::problem::MediaProblem;

#[derive(Default)]
struct Tray {
    newest: Option<I420Frame>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    tray: Mutex<Tray>,
    changed: Condvar,
}

impl Shared {
    fn tray(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a picture; `None` at the end.
    fn next(&self) -> Option<I420Frame> {
        let mut tray = self
            .changed
            .wait_while(self.tray(), |tray| !tray.closed && tray.newest.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        if tray.closed { None } else { tray.newest.take() }
    }

    /// Waits, less long when the end comes.
    fn rest(&self, time: Duration) {
        let tray = self.tray();
        drop(self.changed.wait_timeout_while(tray, time, |tray| !tray.closed));
    }
}

/// Takes pictures for the reading thread, which ends when this is dropped.
pub(super) struct Reader(Arc<Shared>);

impl Reader {
    /// Never waits for the reading.
    pub(super) fn show(&self, frame: I420Frame) {
        // A picture nobody looked at is dropped outside the lock.
        let unseen = self.0.tray().newest.replace(frame);
        drop(unseen);
        self.0.changed.notify_one();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.tray().closed = true;
        self.0.changed.notify_one();
    }
}

/// Starts the thread.
///
/// # Errors
/// [`MediaProblem::CameraLost`] when the system gives no thread.
pub(super) fn start(news: UnboundedSender<ScanNews>) -> Result<Reader, MediaProblem> {
    let shared = Arc::new(Shared::default());
    let reader = Reader(Arc::clone(&shared));
    thread::Builder::new()
        .name("miantan-scan".to_owned())
        .spawn(move || read(&shared, &news))
        .map_err(|_| MediaProblem::CameraLost)?;
    Ok(reader)
}

fn read(shared: &Shared, news: &UnboundedSender<ScanNews>) {
    let mut sight = Sight::default();
    let mut kinds = Kind::ALL.into_iter().cycle();
    while let Some(frame) = shared.next() {
        let began = Instant::now();
        // One way of looking finds nearly everything; the others take turns as the second.
        let mut texts = look(frame.width, frame.height, frame.luma(), Kind::Plain);
        if texts.is_empty() {
            let second = kinds.find(|kind| *kind != Kind::Plain).unwrap_or(Kind::Plain);
            texts = look(frame.width, frame.height, frame.luma(), second);
        }
        drop(frame);
        for told in sight.after_look(now_ms(), texts) {
            if news.send(told).is_err() {
                return;
            }
        }
        let took = began.elapsed();
        shared.rest(EVERY.saturating_sub(took).max(took));
    }
}
