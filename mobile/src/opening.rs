//! The start: the session opens on its own threads while the system makes the window, as both take some hundred
//! milliseconds. The first drawing waits for whichever is later; wishes that come before are kept in their order.

use crate::bridge::{Wiring, Wishes};
use miantan_client::Intent;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// Wishes on their way to a session that may not be there yet.
#[derive(Clone)]
pub struct Early(Arc<Mutex<Stage>>);

enum Stage {
    Waiting(Vec<Intent>),
    Open(Wishes),
}

impl Default for Early {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Stage::Waiting(Vec::new()))))
    }
}

impl Early {
    /// To the session, now or as soon as it is open. Never waits.
    pub fn send(&self, wish: Intent) {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Stage::Waiting(wishes) => wishes.push(wish),
            Stage::Open(session) => session(wish),
        }
    }

    /// The session is open: it gets what was wished before, then everything as it comes.
    pub fn opened(&self, session: Wishes) {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Stage::Waiting(wishes) = &mut *stage {
            for wish in wishes.drain(..) {
                session(wish);
            }
        }
        *stage = Stage::Open(session);
    }
}

/// The wiring, as soon as there is one: what the app's launch context holds.
#[derive(Clone)]
pub struct Opening(Arc<Mutex<Awaited>>);

struct Awaited {
    ready: mpsc::Receiver<Wiring>,
    /// Kept, as a system may make the interface anew while the process goes on.
    came: Option<Wiring>,
}

impl Opening {
    /// And the end to which the wiring is given, once.
    pub fn new() -> (mpsc::Sender<Wiring>, Self) {
        let (tell, ready) = mpsc::channel();
        (tell, Self(Arc::new(Mutex::new(Awaited { ready, came: None }))))
    }

    /// Waits for it.
    ///
    /// # Panics
    /// When there will be none: whoever should have given it has told why and ends the process.
    pub fn wait(&self) -> Wiring {
        let mut awaited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Awaited { ready, came } = &mut *awaited;
        came.get_or_insert_with(|| ready.recv().expect("the session is open, or the process has ended"))
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wished_before_the_session_opened_comes_first_and_once() {
        let early = Early::default();
        early.send(Intent::InFront(true));
        early.send(Intent::ResetForm);
        let (heard, wishes) = mpsc::channel();
        early.opened(Arc::new(move |wish| drop(heard.send(wish))));
        early.send(Intent::InFront(false));
        let all: Vec<Intent> = wishes.try_iter().collect();
        assert!(matches!(all[..], [Intent::InFront(true), Intent::ResetForm, Intent::InFront(false)]));
    }
}
