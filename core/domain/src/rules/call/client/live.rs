//! A call the server knows of, as this device holds it, and how it looks to the person.

use super::api::{CallStage, CallView};
use crate::model::Side;
use crate::rules::call::{CallPhase, EndReason};
use crate::time::Timestamp;
use crate::wire::live::{CallFrame, MediaReport};

#[derive(Debug)]
pub(super) struct Live {
    pub(super) frame: CallFrame,
    /// When `frame` came: remaining and talked times count from here.
    pub(super) heard: Timestamp,
    /// What the person pressed and the server has not yet said.
    pub(super) pressed: Pressed,
    pub(super) media: Media,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    Nothing,
    Answer,
    End,
}

/// This device's media stack for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// None, and this process took part in the ring: the first plan starts one.
    Fresh,
    /// None, and it should have one (the app was started again in the call): a rebuild is asked for.
    Missing {
        asked: Option<u32>,
    },
    Running {
        epoch: u32,
        said: Option<MediaReport>,
        phone: bool,
    },
}

impl Live {
    /// The other side rings this device and nobody answered yet.
    pub(super) fn rings_here(&self) -> bool {
        matches!(self.frame.phase, CallPhase::Ringing { by, .. } if by != self.frame.side)
    }

    /// Over, as the server says or as the person decided.
    pub(super) fn over(&self) -> bool {
        self.pressed == Pressed::End || matches!(self.frame.phase, CallPhase::Ended { .. })
    }

    /// What the server will say of a hang-up pressed here.
    pub(super) fn expected_end(&self) -> EndReason {
        match (&self.frame.phase, self.frame.side) {
            (CallPhase::Ringing { .. }, _) if self.rings_here() => EndReason::Declined,
            (CallPhase::Ringing { .. }, _) => EndReason::Cancelled,
            (_, Side::Recruiter) => EndReason::Completed,
            (_, Side::Candidate) => EndReason::LeftByCandidate,
        }
    }

    pub(super) fn view(&self) -> CallView {
        let stage = match &self.frame.phase {
            phase if self.pressed == Pressed::End && !matches!(phase, CallPhase::Ended { .. }) => {
                let talked_ms = match phase {
                    CallPhase::Connected { talked_ms, .. } | CallPhase::Interrupted { talked_ms, .. } => {
                        *talked_ms
                    }
                    CallPhase::Ringing { .. } | CallPhase::Connecting { .. } | CallPhase::Ended { .. } => 0,
                };
                CallStage::Ended { reason: self.expected_end(), talked_ms }
            }
            CallPhase::Ringing { by, left_ms, reached } => {
                let until = self.heard.after(*left_ms);
                if *by == self.frame.side {
                    CallStage::RingingOut { until, reached: *reached }
                } else if self.pressed == Pressed::Answer {
                    CallStage::Connecting
                } else {
                    CallStage::RingingIn { until }
                }
            }
            CallPhase::Connecting { .. } => CallStage::Connecting,
            CallPhase::Connected { talked_ms, .. } => {
                CallStage::Connected { heard: self.heard, talked_ms: *talked_ms }
            }
            CallPhase::Interrupted { by, why, left_ms, talked_ms, .. } => CallStage::Interrupted {
                mine: *by == self.frame.side,
                why: *why,
                until: self.heard.after(*left_ms),
                talked_ms: *talked_ms,
            },
            CallPhase::Ended { reason, talked_ms } => {
                CallStage::Ended { reason: *reason, talked_ms: *talked_ms }
            }
        };
        CallView {
            call: self.frame.call,
            ticket: self.frame.ticket,
            with: self.frame.with.clone(),
            side: self.frame.side,
            stage,
        }
    }
}
