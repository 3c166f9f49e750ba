//! What a call can be, as the wire and the log name it.

use crate::model::Side;
use crate::signal::{IceServer, MediaPath};
use serde::{Deserialize, Serialize};

/// Answer to connected: ICE and DTLS on a slow phone behind TURN take a few seconds; after this the
/// call is given up and can be rung again.
pub const CONNECT_LIMIT_MS: u64 = 20_000;
/// How long a call waits for a network to come back (DESIGN.md, *Media*).
pub const INTERRUPTED_LIMIT_MS: u64 = 30_000;
/// How long it waits for a telephone call to end.
pub const PHONE_CALL_LIMIT_MS: u64 = 10 * 60_000;
/// A side whose socket is gone for so long counts as lost, even if its media still said it flows.
pub const SOCKET_GRACE_MS: u64 = 5_000;
/// When no device has said that it rings by then, other ways are tried (push, SMS "轮到您了").
pub const NUDGE_AFTER_MS: u64 = 5_000;

/// Why a connected call stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interruption {
    /// Media broke off; the stacks are reconnecting.
    Network,
    /// A telephone call has the microphone.
    PhoneCall,
    /// The device's socket is gone (app killed, no network).
    DeviceGone,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The rung side said no.
    Declined,
    /// Nobody answered in the ring's time.
    Missed,
    /// The rung device could not be reached at all.
    Unreachable,
    /// The ringing side gave up before the answer.
    Cancelled,
    /// Answered, but media never came up.
    ConnectFailed,
    /// The recruiter ended the interview.
    Completed,
    /// The candidate hung up.
    LeftByCandidate,
    /// Interrupted for longer than it may be.
    Lost,
    /// For this device only: another device of the same person took the call.
    AnsweredElsewhere,
}

impl EndReason {
    /// The interview did not take its course: the place is kept and either side may call again.
    pub const fn cut_off(self) -> bool {
        match self {
            Self::Lost | Self::ConnectFailed | Self::LeftByCandidate => true,
            Self::Declined
            | Self::Missed
            | Self::Unreachable
            | Self::Cancelled
            | Self::Completed
            | Self::AnsweredElsewhere => false,
        }
    }
}

/// How the two devices connect. The recruiter's side offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaPlan {
    /// Which pair of media stacks. A device whose stack belongs to another epoch starts a new one;
    /// signals and reports of another epoch are dropped. Grows when a device comes back without its
    /// stack (app killed) or a stack gives up.
    pub epoch: u32,
    pub ice: Vec<IceServer>,
    pub path: MediaPath,
}

/// A call's phase as its devices are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum CallPhase {
    /// `by` rings; so much of the ring's time is left. `reached`: the other device rings indeed.
    Ringing {
        by: Side,
        left_ms: u64,
        reached: bool,
    },
    /// Answered: both devices bring up media.
    Connecting {
        plan: MediaPlan,
    },
    /// Media flows. `talked_ms` counts connected time over all calls of this ticket.
    Connected {
        talked_ms: u64,
        plan: MediaPlan,
    },
    /// Media stands still; `by` names the side it broke on.
    Interrupted {
        by: Side,
        why: Interruption,
        left_ms: u64,
        talked_ms: u64,
        plan: MediaPlan,
    },
    Ended {
        reason: EndReason,
        talked_ms: u64,
    },
}

impl CallPhase {
    /// How to connect, in the phases that have media.
    pub fn plan(&self) -> Option<&MediaPlan> {
        match self {
            Self::Connecting { plan } | Self::Connected { plan, .. } | Self::Interrupted { plan, .. } => {
                Some(plan)
            }
            Self::Ringing { .. } | Self::Ended { .. } => None,
        }
    }
}
