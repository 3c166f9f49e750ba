//! What goes into and comes out of an [`super::Outbox`], and its figures.

use crate::ids::{CallId, ChangeId};
use crate::wire::live::{Change, ClientFrame, Command};
use crate::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};

/// Most durable commands sent and not yet answered.
pub const WINDOW: usize = 32;
/// Most durable commands kept, failed ones included. Months of typing; it only keeps a loop in some
/// caller from filling the phone.
pub const KEPT_MAX: usize = 5_000;
/// A ring or an answer that could not be delivered by then would surprise both sides.
pub const CALLING_LIMIT_MS: u64 = 5_000;
/// Hanging up, declining and media reports are true for longer: a network that comes back within
/// the time an interrupted call is kept still needs them.
pub const TELLING_LIMIT_MS: u64 = 30_000;
/// First pause after a refusal that says no time itself; doubled each time.
pub const TRY_AGAIN_FIRST_MS: u64 = 2_000;
/// Longest such pause, and the longest that a server may ask for.
pub const TRY_AGAIN_MAX_MS: u64 = 120_000;
/// After so many internal failures over one command it is put aside as failed, so that one command
/// that the server cannot digest does not hold up all others for ever.
pub const SERVER_FAILURES_MAX: u32 = 6;

/// How long a command is worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// Until it is answered.
    Durable,
    /// For so long.
    Passing { limit_ms: u64 },
}

impl Lasting {
    pub const fn of(change: &Change) -> Self {
        match change {
            Change::Round { command, .. } => Self::of_command(command),
            Change::Talk { .. } | Change::Apply { .. } | Change::Follow { .. } => Self::Durable,
        }
    }

    pub const fn of_command(command: &Command) -> Self {
        match command {
            Command::Note { .. }
            | Command::CheckIn { .. }
            | Command::Network { .. }
            | Command::Confirm { .. }
            | Command::MoveStage { .. }
            | Command::MarkOutcome { .. }
            | Command::Announce { .. }
            | Command::Notify { .. } => Self::Durable,
            Command::Ring { .. } | Command::Reached { .. } | Command::Answer { .. } => {
                Self::Passing { limit_ms: CALLING_LIMIT_MS }
            }
            Command::Decline { .. } | Command::HangUp { .. } | Command::Media { .. } => {
                Self::Passing { limit_ms: TELLING_LIMIT_MS }
            }
        }
    }
}

/// The call that a passing command is about.
pub(super) const fn call_of(command: &Command) -> Option<CallId> {
    match command {
        Command::Ring { call, .. }
        | Command::Reached { call }
        | Command::Answer { call }
        | Command::Decline { call }
        | Command::HangUp { call }
        | Command::Media { call, .. } => Some(*call),
        Command::Note { .. }
        | Command::CheckIn { .. }
        | Command::Network { .. }
        | Command::Confirm { .. }
        | Command::MoveStage { .. }
        | Command::MarkOutcome { .. }
        | Command::Announce { .. }
        | Command::Notify { .. } => None,
    }
}

/// Whether it tells something about a call that stays true for a while, rather than asking for one.
pub(super) const fn tells(change: &Change) -> bool {
    matches!(
        change,
        Change::Round {
            command: Command::Decline { .. } | Command::HangUp { .. } | Command::Media { .. },
            ..
        }
    )
}

/// Whether `newer` makes `older` pointless: a newer media report of the same call, or the end of
/// the call that the older one wanted to begin or describe.
pub(super) fn supersedes(newer: &Change, older: &Change) -> bool {
    let (Change::Round { command: newer, .. }, Change::Round { command: older, .. }) = (newer, older) else {
        return false;
    };
    if call_of(newer).is_none() || call_of(newer) != call_of(older) {
        return false;
    }
    match newer {
        Command::Media { .. } => matches!(older, Command::Media { .. }),
        Command::HangUp { .. } | Command::Decline { .. } => {
            matches!(
                older,
                Command::Ring { .. }
                    | Command::Reached { .. }
                    | Command::Answer { .. }
                    | Command::Media { .. }
            )
        }
        Command::Ring { .. }
        | Command::Reached { .. }
        | Command::Answer { .. }
        | Command::Note { .. }
        | Command::CheckIn { .. }
        | Command::Network { .. }
        | Command::Confirm { .. }
        | Command::MoveStage { .. }
        | Command::MarkOutcome { .. }
        | Command::Announce { .. }
        | Command::Notify { .. } => false,
    }
}

/// What a refusal means for a durable command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// Too much at once: later, as often as it takes.
    Slower,
    /// Something failed over there: later, but not for ever.
    ServerFailed,
    /// The same command will be refused again.
    ForGood,
}

impl RefusalClass {
    pub const fn of(code: ProblemCode) -> Self {
        match code {
            ProblemCode::TooMany | ProblemCode::SlowDown => Self::Slower,
            ProblemCode::ServerStorage
            | ProblemCode::StorageFailed
            | ProblemCode::Internal
            | ProblemCode::TimedOut
            | ProblemCode::Offline => Self::ServerFailed,
            // Every other code speaks about the command itself; one that this build does not know
            // is shown to the person rather than tried in the dark.
            _ => Self::ForGood,
        }
    }
}

/// A durable command as the device stores it. `Debug` shows no text of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub id: ChangeId,
    /// Its place: sent from the smallest up. Changes when a failed one is retried.
    pub order: u64,
    pub change: Change,
    /// A file that it speaks of is not on the server yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
    /// Refused for good, with this; waits for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Problem>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stored")
            .field("id", &self.id)
            .field("order", &self.order)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Someone wants this done. `waits`: a file that it speaks of must be uploaded first; until
    /// [`Input::Ready`], durable changes behind it in its lane wait with it.
    Add {
        id: ChangeId,
        change: Change,
        waits: bool,
    },
    /// Its file is on the server.
    Ready(ChangeId),
    /// Its file can never be there, for this reason.
    Hopeless {
        id: ChangeId,
        problem: Problem,
    },
    /// What the device had stored, in any order; before the first `Add`.
    Restored(Vec<Stored>),
    /// A connection was greeted (again): whatever is unanswered is sent on it.
    LinkLive,
    LinkDown,
    Accepted {
        id: ChangeId,
        seq: u64,
    },
    Refused {
        id: ChangeId,
        problem: Problem,
    },
    /// The person wants a failed one sent again; it goes to the end.
    Retry(ChangeId),
    /// The person gives a failed one up.
    Delete(ChangeId),
    /// The time of [`super::Outbox::poll_timeout`] has come. Too early is harmless.
    Timeout,
}

/// What the driver must do, in this order: a `Store` must have happened before the `Send` behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Send(ClientFrame),
    /// Insert, or replace the row with this id.
    Store(Stored),
    /// Delete the row with this id.
    Forget(ChangeId),
    /// A durable command was refused for good and waits in the failed list. Not its end.
    Failed {
        id: ChangeId,
        problem: Problem,
    },
    /// The end of a command; exactly once for each. `Ok`: accepted, with the round's sequence.
    /// `Err`: refused or timed out (passing), or deleted after it had failed (durable).
    Settled {
        id: ChangeId,
        result: Result<u64, Problem>,
    },
}

/// Why an input is refused; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("a command with this id is in the outbox already")]
    IdTaken,
    #[error("the outbox keeps {KEPT_MAX} commands and is full; connect, or delete failed ones")]
    Full,
    #[error("no failed command has this id")]
    NotFailed,
    #[error("stored commands are restored once, before anything is added")]
    RestoredTooLate,
}

/// Why [`super::Outbox::poll_timeout`] wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A passing command has lost its worth.
    Expires,
    /// The pause after a refusal is over.
    TryAgain,
}

/// Where a command stands, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Not sent on this connection yet.
    Waiting,
    /// Sent, not answered.
    Sent,
    Failed(&'a Problem),
}
