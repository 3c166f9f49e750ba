//! All conversations of one account on one device: what changed while it was away.

use crate::wire::live::ClientFrame;

/// Up to where this device knows every change.
///
/// The server sends the frames of one account in the order of their `pos`. While it still answers
/// "since", live frames come between the answers: their `pos` proves nothing about what has not been
/// told yet, so it counts only once `inbox` says that all before it was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxMirror {
    /// Kept by the device; `None`: never caught up.
    pos: Option<u64>,
    /// The largest live one on this connection.
    heard: u64,
    caught_up: bool,
}

impl InboxMirror {
    /// What the device had kept.
    pub fn restored(pos: Option<u64>) -> Self {
        Self { pos, heard: 0, caught_up: false }
    }

    /// The connection is gone: whatever comes before the next question is answered proves nothing.
    pub fn down(&mut self) {
        self.caught_up = false;
    }

    /// A connection was greeted: the question to ask on it, before anything else is sent.
    pub fn live(&mut self) -> ClientFrame {
        self.heard = 0;
        self.caught_up = false;
        ClientFrame::Inbox { since: self.pos }
    }

    /// A head, entry or seen-mark came. `Some`: keep this position, with what came, in one transaction.
    pub fn heard(&mut self, pos: u64) -> Option<u64> {
        self.heard = self.heard.max(pos);
        if self.caught_up { self.advance(self.heard) } else { None }
    }

    /// The server's `inbox`. `Some`: keep this position.
    pub fn told_all(&mut self, pos: u64) -> Option<u64> {
        self.caught_up = true;
        self.advance(pos.max(self.heard))
    }

    /// Whether everything up to now is known.
    pub fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    pub fn pos(&self) -> Option<u64> {
        self.pos
    }

    fn advance(&mut self, pos: u64) -> Option<u64> {
        if self.pos.is_some_and(|known| known >= pos) {
            return None;
        }
        self.pos = Some(pos);
        self.pos
    }
}
