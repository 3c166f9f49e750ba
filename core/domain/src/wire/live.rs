//! Live frames: one WebSocket per signed-in device, JSON text frames, one frame one message.
//!
//! The server sends *whole small states* (a candidate's [`Room`], a [`CallFrame`]) or *numbered
//! events* ([`ServerFrame::Event`]), so a lost or repeated frame never leaves a device wrong: states
//! are replaced, events older than the known sequence are skipped, a gap makes the device resume.
//!
//! A device starts with [`ClientFrame::Hello`]; a recruiter watches a round with
//! [`ClientFrame::Watch`] and its last sequence; commands carry a [`ChangeId`] and are idempotent.

use crate::ids::*;
use crate::model::*;
use crate::rules::call::CallPhase;
use crate::rules::round::{QueueSnapshot, RoundEvent};
use crate::signal::Signal;
use crate::time::WallTime;
use crate::wire::Problem;
use serde::{Deserialize, Serialize};

/// Largest frame either side accepts, in bytes. The largest honest frame is an SDP (32 kB) in JSON.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;
/// Largest queue snapshot a client accepts, in bytes (5,000 tickets).
pub const SNAPSHOT_MAX_BYTES: usize = 8 * 1024 * 1024;

/// From a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClientFrame {
    /// First frame on every socket.
    /// `call` is the call this device believes to be in: it is told how that call stands, also when
    /// it is over, so that nobody waits in a call that ended while they were away.
    Hello {
        versions: Vec<u16>,
        presence: Presence,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
    },
    /// A recruiter's device wants this round's events after `since` (0: a snapshot). One round at a time.
    Watch {
        round: RoundId,
        since: u64,
    },
    /// The device's presence changed.
    Presence {
        presence: Presence,
    },
    /// A change; answered by `accepted` or `refused` with the same id, however often it is sent.
    Change {
        id: ChangeId,
        change: Change,
    },
    /// What changed in one's conversations after `since`? Answered by a head for each, then
    /// `inbox`. Absent: nothing is known here; only `inbox` comes, and lists are fetched by REST.
    Inbox {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
    /// How far this side has come in a conversation. Only grows; answered by `seen` to both sides.
    Seen {
        conversation: ConversationId,
        seen: Seen,
    },
    /// The person is typing there: at most once in [`TYPING_EVERY_MS`].
    Typing {
        conversation: ConversationId,
    },
    /// Passed on to the other side of the call as long as both are in it and of this epoch.
    Signal {
        call: CallId,
        epoch: u32,
        signal: Signal,
    },
    Ping {
        n: u64,
    },
}

/// A device says that its person is typing at most this often; it is shown for twice as long.
pub const TYPING_EVERY_MS: u64 = 3_000;

/// A change someone asks for, and what it is about. Changes of one [`Lane`] take effect in the order
/// in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Change {
    Round {
        round: RoundId,
        command: Command,
    },
    Talk {
        conversation: ConversationId,
        command: TalkCommand,
    },
    /// A candidate sends a résumé for a position (F4). Opens the conversation with that employer at
    /// that fair, or adds to it.
    Apply {
        application: ApplicationId,
        position: PositionId,
        #[serde(flatten)]
        resume: ResumeChoice,
    },
    /// A candidate follows a fair, or no longer.
    Follow {
        fair: FairId,
        on: bool,
    },
}

/// What changes must keep their order among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    Round(RoundId),
    Talk(ConversationId),
    Own,
}

impl Change {
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Round { round, .. } => Lane::Round(*round),
            Self::Talk { conversation, .. } => Lane::Talk(*conversation),
            Self::Apply { .. } | Self::Follow { .. } => Lane::Own,
        }
    }
}

/// A change in a conversation. All of them can be made offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TalkCommand {
    // both sides
    /// The [`ChangeId`] becomes the entry's id.
    Say {
        #[serde(flatten)]
        saying: Saying,
    },
    // recruiter
    Mark {
        mark: Mark,
    },
    Invite {
        invitation: InvitationId,
        terms: InvitationTerms,
    },
    /// Other terms for an invitation that is open or accepted; it must be answered anew.
    Amend {
        invitation: InvitationId,
        revision: u32,
        terms: InvitationTerms,
    },
    Withdraw {
        invitation: InvitationId,
        reason: String,
    },
    // candidate; `revision` is the one that was on screen
    Accept {
        invitation: InvitationId,
        revision: u32,
    },
    Decline {
        invitation: InvitationId,
        revision: u32,
        reason: String,
    },
    AskToMove {
        invitation: InvitationId,
        revision: u32,
        note: String,
        times: Vec<WallTime>,
    },
    /// Nothing more from this employer, or again.
    Block {
        on: bool,
    },
}

/// A change in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    // both sides
    /// Ring the other side of a ticket: a recruiter starts an interview, or either side calls again
    /// after an interruption. The id is the caller's, so a repeated ring is the same ring.
    Ring {
        call: CallId,
        ticket: TicketId,
    },
    /// This device rings (sent by the app itself when the ring arrives).
    Reached {
        call: CallId,
    },
    Answer {
        call: CallId,
    },
    Decline {
        call: CallId,
    },
    /// Ends a call in any state: the caller's ring is cancelled, a connected call is over.
    HangUp {
        call: CallId,
    },
    /// This device's media: flowing, or not and why.
    Media {
        call: CallId,
        epoch: u32,
        state: MediaReport,
    },
    /// A short text between the two sides of a ticket.
    Note {
        ticket: TicketId,
        text: String,
    },
    // candidate
    CheckIn {
        step: CheckInStep,
        outcome: StepOutcome,
    },
    /// What the network check means for the call.
    Network {
        verdict: NetworkVerdict,
    },
    Confirm {
        accepted: bool,
        comment: String,
    },
    // recruiter
    MoveStage {
        to: Stage,
    },
    MarkOutcome {
        ticket: TicketId,
        outcome: Outcome,
    },
    Announce {
        tickets: Vec<TicketId>,
    },
    /// A staff notice to all who wait.
    Notify {
        text: String,
    },
}

/// What a device says of its media in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaReport {
    /// Connected: something arrives from the other side.
    Flowing,
    /// The network lost it; the stack is trying to get it back.
    Reconnecting,
    /// A telephone call has the microphone.
    OnPhoneCall,
    /// This device has no stack of the current epoch (the app was killed, or the stack gave up):
    /// both sides must start a new one.
    Rebuild,
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerFrame {
    /// Answer to `hello`.
    Welcome {
        version: u16,
        time: WallTime,
        heartbeat_ms: u64,
    },
    /// A candidate's own room, whole, each time anything in it changes.
    Room(Box<Room>),
    /// A recruiter's round, whole: after `watch` when the events since are too many or unknown.
    Queue {
        round: RoundId,
        queue: Box<QueueSnapshot>,
    },
    /// One numbered change of a watched round.
    Event {
        round: RoundId,
        seq: u64,
        at: WallTime,
        event: RoundEvent,
    },
    /// Not numbered: a candidate's presence in a watched round.
    Presence {
        round: RoundId,
        ticket: TicketId,
        presence: Presence,
    },
    /// A call this device takes part in, or is rung by; whole.
    Call(Box<CallFrame>),
    Signal {
        call: CallId,
        epoch: u32,
        signal: Signal,
    },
    /// A conversation, whole: something other than entries and seen-marks changed in it.
    Head(Box<TalkHead>),
    /// A new entry; `pos` is the head's new one.
    Entry {
        conversation: ConversationId,
        pos: u64,
        entry: Entry,
    },
    Seen {
        conversation: ConversationId,
        pos: u64,
        side: Side,
        seen: Seen,
    },
    /// The other side is typing. Not numbered, not kept.
    Typing {
        conversation: ConversationId,
        side: Side,
    },
    /// Everything up to this position has been told on this socket; ask from here next time.
    Inbox {
        pos: u64,
    },
    /// `seq`: of the round's event or the conversation's entry that it made, or the last one there.
    Accepted {
        id: ChangeId,
        seq: u64,
    },
    Refused {
        id: ChangeId,
        problem: Problem,
    },
    /// About this socket, not about a command.
    Problem(Problem),
    Pong {
        n: u64,
    },
    /// The server closes the socket; come back after so long.
    Bye {
        reason: ByeReason,
        retry_after_ms: u64,
    },
    /// A kind this build does not know.
    #[serde(other)]
    Unknown,
}

/// Why the server closes a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// Graceful stop: reconnect.
    Restarting,
    /// The session moved to another device or was ended: do not reconnect.
    SessionOver,
    /// Another socket of the same device took over: this one is stale.
    Superseded,
    /// The device did not read fast enough.
    TooSlow,
    /// Too many frames.
    Flood,
}

/// What a candidate's waiting room shows (J8, R1-R4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub round: RoundInfo,
    /// The round's sequence this view was made from; an older room is dropped.
    pub seq: u64,
    pub stage: Stage,
    pub ticket: TicketId,
    /// Ticket number as handed out.
    pub number: u32,
    pub place: RoomPlace,
    /// When the ticket was taken: waited time is the server's now minus this.
    pub since: WallTime,
    pub checked: Vec<(CheckInStep, StepOutcome)>,
    /// How the identity was settled, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityMark>,
    /// Estimated from the round's pace; absent while it cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitRange>,
    pub notes: Vec<NoteView>,
    /// Staff notices to all who wait, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeView>,
    /// Only after the announcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Announced>,
}

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum RoomPlace {
    /// So many are ahead in the queue.
    Waiting {
        ahead: u32,
    },
    /// One's turn came while away; the place is kept until then.
    Skipped {
        ahead: u32,
        until: WallTime,
    },
    InCall {
        call: CallId,
    },
    /// The call broke off: the place is kept, either side can call again.
    CutOff {
        call: CallId,
        talked_ms: u64,
    },
    /// The interview is over; the outcome is not announced.
    Interviewed,
    /// The appointment was given up or withdrawn; a new one brings it back.
    GivenUp,
}

/// An announced outcome with the candidate's confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub outcome: Outcome,
    pub at: WallTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

/// A short text between the two sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    pub id: ChangeId,
    pub from: Side,
    pub text: String,
    pub at: WallTime,
}

/// A staff notice to all who wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    pub id: ChangeId,
    pub text: String,
    pub at: WallTime,
}

/// The whole state of a call, for one of its devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFrame {
    pub call: CallId,
    pub round: RoundId,
    pub ticket: TicketId,
    /// Counts the changes of this call; an older frame is dropped.
    pub version: u64,
    /// Which side this device is.
    pub side: Side,
    /// Who is on the other side: the employer and member, or the candidate's name.
    pub with: String,
    pub phase: CallPhase,
}
