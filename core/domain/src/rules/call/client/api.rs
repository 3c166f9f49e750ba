//! What goes into and comes out of a [`super::CallClient`].

use crate::ids::{CallId, RoundId, TicketId};
use crate::model::Side;
use crate::rules::call::{EndReason, Interruption, MediaPlan};
use crate::signal::Signal;
use crate::time::Timestamp;
use crate::wire::live::{CallFrame, Command};

/// What happens to the device's call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The person rings the other side of a ticket.
    Ring {
        call: CallId,
        round: RoundId,
        ticket: TicketId,
    },
    Answer,
    Decline,
    HangUp,
    /// The ended call's screen is closed.
    Dismiss,
    Frame(Box<CallFrame>),
    /// The other side's signal.
    Signal {
        call: CallId,
        epoch: u32,
        signal: Signal,
    },
    /// The server refused this device's ring.
    RingRefused(CallId),
    /// The own media stack of an epoch says something.
    MediaFlows {
        epoch: u32,
    },
    MediaLost {
        epoch: u32,
    },
    MediaFailed {
        epoch: u32,
    },
    MediaSignal {
        epoch: u32,
        signal: Signal,
    },
    /// A telephone call took or gave back the microphone.
    PhoneCall(bool),
    Timeout,
}

/// What must happen outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Command {
        round: RoundId,
        command: Command,
    },
    Signal {
        call: CallId,
        epoch: u32,
        signal: Signal,
    },
    /// Open camera and microphone ahead of the answer; nothing leaves the device.
    Prepare,
    /// Start a media stack; `offers`: this side makes the offer.
    StartMedia {
        call: CallId,
        plan: MediaPlan,
        offers: bool,
    },
    /// Give the stack the other side's signal.
    MediaSignal(Signal),
    /// The telephone took the microphone, or gave it back.
    PauseMedia(bool),
    StopMedia,
    Ringtone(bool),
    /// The view changed.
    Changed,
}

/// Why an input changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this device is in a call already")]
    Busy,
    #[error("there is no such call on this device")]
    NoCall,
}

/// What the screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    pub call: CallId,
    pub ticket: TicketId,
    pub with: String,
    pub side: Side,
    pub stage: CallStage,
}

/// The call as this person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStage {
    /// Ring sent, not yet confirmed.
    Placing,
    RingingOut {
        until: Timestamp,
        reached: bool,
    },
    RingingIn {
        until: Timestamp,
    },
    /// Answered here or there, media coming up.
    Connecting,
    /// `talked_ms` at `heard`; a clock on screen counts on from there.
    Connected {
        heard: Timestamp,
        talked_ms: u64,
    },
    /// `mine`: it broke on this side.
    Interrupted {
        mine: bool,
        why: Interruption,
        until: Timestamp,
        talked_ms: u64,
    },
    Ended {
        reason: EndReason,
        talked_ms: u64,
    },
}
