//! The one way from a round to sockets and from socket to socket. A round knows topics, never
//! sockets; a socket knows its own inbox. So a round may live in one process and the sockets in
//! others, once another implementation of [`Bus`] carries the notes between them.
//!
//! Never blocks and never keeps anything for those who are not there: what must not be lost is in
//! the round's log and is asked for again at `hello` and `watch`.

use crate::store::{Party, Person, SessionId};
use axum::extract::ws::Utf8Bytes;
use miantan_domain::ids::*;
use miantan_domain::wire::live::{ByeReason, ServerFrame};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Notes waiting for one socket, and their bytes; beyond that it reads too slowly and is closed. Ten
/// people who come back with a thousand messages each are told within a moment.
pub const INBOX_LIMIT: usize = 8 * 1024;
pub const INBOX_BYTES: usize = 8 * 1024 * 1024;

/// One person on one device. Device ids are chosen by devices and seen by others, so they never
/// stand alone as an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seat {
    pub person: Person,
    pub device: DeviceId,
}

/// Who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Seat(Seat),
    /// Every device of the candidate who holds this ticket.
    Ticket(TicketId),
    /// Every device of a member.
    Member(MemberId),
    /// Those who watch a round.
    Round(RoundId),
    Session(SessionId),
    /// Whoever follows the conversations of a candidate, or of an employer.
    Talks(Party),
}

/// Where the signals of a call go, as the socket of one of its two devices needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub call: CallId,
    pub epoch: u32,
    pub peer: Seat,
}

/// A call's state for one device.
#[derive(Debug, Clone)]
pub struct CallNote {
    pub call: CallId,
    /// While signals may pass.
    pub route: Option<Route>,
    pub frame: Utf8Bytes,
}

/// A call that is not this device's any more.
#[derive(Debug, Clone)]
pub struct ElsewhereNote {
    /// The device it is on.
    pub except: DeviceId,
    pub frame: Utf8Bytes,
}

/// What is said. Small, since an inbox has room for many: what is large and seldom is in a box. Frames
/// are written once, however many sockets get them.
#[derive(Debug, Clone)]
pub enum Note {
    Frame(Utf8Bytes),
    /// Several at once: what one input brings about is one note, however much it is.
    Frames(Arc<[Utf8Bytes]>),
    /// Events of a watched round with their numbers, in order.
    Events {
        round: RoundId,
        events: Arc<[(u64, Utf8Bytes)]>,
    },
    /// A call's state for its own device.
    Call(Box<CallNote>),
    /// For the other devices of the person who answered on `except`.
    CallElsewhere(Box<ElsewhereNote>),
    Bye(ByeReason),
    /// A newer socket of the same seat is there; sockets below this number are stale.
    Superseded {
        by: u64,
    },
}

impl Note {
    /// A frame for one socket or many.
    pub fn frame(frame: &ServerFrame) -> Self {
        Self::Frame(encode(frame))
    }

    /// Bytes of its frames.
    fn weight(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.len(),
            Self::Call(note) => note.frame.len(),
            Self::CallElsewhere(note) => note.frame.len(),
            Self::Frames(frames) => frames.iter().map(|frame| frame.len()).sum(),
            Self::Events { events, .. } => events.iter().map(|(_, frame)| frame.len()).sum(),
            Self::Bye(_) | Self::Superseded { .. } => 0,
        }
    }
}

/// A frame as it goes over the wire.
pub fn encode(frame: &ServerFrame) -> Utf8Bytes {
    // Our own frames are maps with text keys: writing them as JSON cannot fail; were it to, the
    // receiver skips an empty object as an unknown kind.
    serde_json::to_string(frame).unwrap_or_else(|_| "{}".to_owned()).into()
}

/// The sending end of one socket's queue.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// Grows with every socket of this process.
    pub number: u64,
    notes: mpsc::Sender<Note>,
    /// Bytes that wait.
    bytes: Arc<AtomicUsize>,
    overflow: CancellationToken,
}

/// The receiving end.
#[derive(Debug)]
pub struct Notes {
    notes: mpsc::Receiver<Note>,
    bytes: Arc<AtomicUsize>,
}

impl Notes {
    /// The next note; `None` when nobody can send any more.
    pub async fn recv(&mut self) -> Option<Note> {
        let note = self.notes.recv().await;
        self.taken(note)
    }

    /// The next note if one is there.
    pub fn try_recv(&mut self) -> Option<Note> {
        let note = self.notes.try_recv().ok();
        self.taken(note)
    }

    fn taken(&self, note: Option<Note>) -> Option<Note> {
        if let Some(note) = &note {
            self.bytes.fetch_sub(note.weight(), Ordering::Relaxed);
        }
        note
    }
}

impl Inbox {
    /// A bounded queue, and the token that fires when it has run over.
    pub fn new() -> (Self, Notes, CancellationToken) {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let (notes, receiver) = mpsc::channel(INBOX_LIMIT);
        let overflow = CancellationToken::new();
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let bytes = Arc::new(AtomicUsize::new(0));
        let waiting = Notes { notes: receiver, bytes: Arc::clone(&bytes) };
        (Self { number, notes, bytes, overflow: overflow.clone() }, waiting, overflow)
    }

    fn put(&self, note: Note) {
        let weight = note.weight();
        // one note may be as large as it likes
        let before = self.bytes.fetch_add(weight, Ordering::Relaxed);
        let full = before > INBOX_BYTES
            || matches!(self.notes.try_send(note), Err(mpsc::error::TrySendError::Full(_)));
        if full {
            self.bytes.fetch_sub(weight, Ordering::Relaxed);
            self.overflow.cancel();
        }
    }
}

/// Carries notes to all who joined a topic, in the order of publishing.
pub trait Bus: Send + Sync {
    fn join(&self, topic: Topic, inbox: &Inbox);
    fn leave(&self, topic: Topic, inbox: &Inbox);
    fn publish(&self, topic: Topic, note: Note);
}

/// The bus of a single process.
#[derive(Debug, Default)]
pub struct LocalBus {
    topics: Mutex<HashMap<Topic, Vec<Inbox>>>,
}

impl LocalBus {
    pub fn shared() -> Arc<dyn Bus> {
        Arc::new(Self::default())
    }
}

impl Bus for LocalBus {
    fn join(&self, topic: Topic, inbox: &Inbox) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let members = topics.entry(topic).or_default();
        if members.iter().all(|m| m.number != inbox.number) {
            members.push(inbox.clone());
        }
    }

    fn leave(&self, topic: Topic, inbox: &Inbox) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = topics.get_mut(&topic) {
            members.retain(|m| m.number != inbox.number);
            if members.is_empty() {
                topics.remove(&topic);
            }
        }
    }

    fn publish(&self, topic: Topic, note: Note) {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        for inbox in topics.get(&topic).into_iter().flatten() {
            inbox.put(note.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn pong(n: u64) -> Note {
        Note::frame(&ServerFrame::Pong { n })
    }

    fn text(note: Option<Note>) -> String {
        match note {
            Some(Note::Frame(frame)) => frame.to_string(),
            other => panic!("no frame: {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_note_reaches_exactly_those_who_joined() {
        let bus = LocalBus::default();
        let round = Topic::Round(RoundId(Uuid::from_u128(1)));
        let (wang, mut wang_reads, _) = Inbox::new();
        let (zhao, mut zhao_reads, _) = Inbox::new();
        bus.join(round, &wang);
        bus.join(round, &wang);
        bus.join(Topic::Round(RoundId(Uuid::from_u128(2))), &zhao);
        bus.publish(round, pong(1));
        bus.leave(round, &wang);
        bus.publish(round, pong(2));
        drop((wang, zhao, bus));
        assert_eq!(text(wang_reads.recv().await), r#"{"kind":"pong","n":1}"#);
        assert!(wang_reads.recv().await.is_none(), "joined once, left since");
        assert!(zhao_reads.recv().await.is_none());
    }

    #[tokio::test]
    async fn many_bytes_are_too_much_as_well_but_one_large_note_is_not() {
        let bus = LocalBus::default();
        let topic = Topic::Round(RoundId(Uuid::from_u128(1)));
        let (inbox, mut notes, over) = Inbox::new();
        bus.join(topic, &inbox);
        let large = || Note::Frame("x".repeat(INBOX_BYTES / 2 + 1).into());
        for _ in 0..3 {
            bus.publish(topic, large());
            notes.recv().await;
        }
        bus.publish(topic, Note::Frame("x".repeat(2 * INBOX_BYTES).into()));
        assert!(!over.is_cancelled());
        bus.publish(topic, pong(1));
        assert!(over.is_cancelled());
        notes.recv().await;
        assert!(notes.try_recv().is_none(), "what is too much is not kept");
    }

    #[tokio::test]
    async fn who_does_not_read_is_told_apart_and_holds_up_nobody() {
        let bus = LocalBus::default();
        let topic = Topic::Round(RoundId(Uuid::from_u128(1)));
        let (slow, _unread, slow_over) = Inbox::new();
        let (quick, mut quick_reads, quick_over) = Inbox::new();
        bus.join(topic, &slow);
        bus.join(topic, &quick);
        for n in 0..=INBOX_LIMIT as u64 {
            bus.publish(topic, pong(n));
            text(quick_reads.recv().await);
        }
        assert!(slow_over.is_cancelled());
        assert!(!quick_over.is_cancelled());
    }
}
