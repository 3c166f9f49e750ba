//! What happened in a round, as it is numbered, stored and sent to recruiters' devices.

use crate::ids::*;
use crate::model::*;
use crate::rules::call::{EndReason, Interruption};
use crate::time::WallTime;
use crate::wire::live::{NoteView, NoticeView};
use serde::{Deserialize, Serialize};

/// One change. Its sequence number and wall time stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RoundEvent {
    TicketTaken {
        ticket: TicketId,
        card: CandidateCard,
        number: u32,
        appointed: Option<WallTime>,
    },
    CheckedIn {
        ticket: TicketId,
        step: CheckInStep,
        outcome: StepOutcome,
    },
    /// The server found out who this is.
    IdentitySettled {
        ticket: TicketId,
        assurance: Assurance,
        /// An attempt looked like a print or a screen.
        #[serde(default)]
        doubt: bool,
    },
    /// What the candidate's network check means.
    NetworkMeasured {
        ticket: TicketId,
        verdict: NetworkVerdict,
    },
    /// Absent at one's turn: the place is kept until then.
    Skipped {
        ticket: TicketId,
        until: WallTime,
    },
    /// Back within the grace: the place was kept.
    Returned {
        ticket: TicketId,
    },
    /// The grace is over: behind those present.
    MovedBehind {
        ticket: TicketId,
        lap: u32,
    },
    CallStarted {
        call: CallId,
        ticket: TicketId,
        member: MemberId,
        by: Side,
        device: DeviceId,
    },
    CallAnswered {
        call: CallId,
        ticket: TicketId,
        device: DeviceId,
    },
    /// Media flows on both sides.
    CallConnected {
        call: CallId,
        ticket: TicketId,
    },
    CallInterrupted {
        call: CallId,
        ticket: TicketId,
        by: Side,
        why: Interruption,
    },
    /// Both sides start new media stacks of this epoch.
    CallRebuilt {
        call: CallId,
        ticket: TicketId,
        epoch: u32,
    },
    /// `talked_ms` counts all calls of the ticket so far.
    CallEnded {
        call: CallId,
        ticket: TicketId,
        reason: EndReason,
        talked_ms: u64,
    },
    Noted {
        ticket: TicketId,
        note: NoteView,
    },
    OutcomeMarked {
        ticket: TicketId,
        outcome: Outcome,
        by: MemberId,
    },
    StageMoved {
        to: Stage,
        by: MemberId,
    },
    Announced {
        tickets: Vec<TicketId>,
        by: MemberId,
    },
    Confirmed {
        ticket: TicketId,
        confirmation: Confirmation,
    },
    /// The appointment was withdrawn, moved or cancelled: out of the line.
    GivenUp {
        ticket: TicketId,
    },
    /// Back in the line with a new appointment.
    Reappointed {
        ticket: TicketId,
        appointed: Option<WallTime>,
    },
    /// To all who wait.
    Notified {
        notice: NoticeView,
    },
    /// From a newer server: counted, otherwise without effect here.
    #[serde(other)]
    Unknown,
}
