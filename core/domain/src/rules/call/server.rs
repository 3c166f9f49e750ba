//! The server's half of one call: who rings, whether it was answered, whether media flows.
//!
//! Never looks into signals and never decides who may ring whom: that is the round's business.

use super::state::*;
use crate::ids::DeviceId;
use crate::model::Side;
use crate::signal::MediaPath;
use crate::time::{Moment, Timestamp};
use crate::wire::live::MediaReport;

/// One call. The devices are bound at ring and answer; everything else follows from inputs.
#[derive(Debug, Clone)]
pub struct CallServer {
    caller: Side,
    recruiter: SideLink,
    candidate: SideLink,
    state: State,
    /// Connected milliseconds of earlier stretches and of earlier calls of the ticket.
    talked_ms: u64,
    epoch: u32,
    version: u64,
}

/// What the server knows of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SideLink {
    /// The device in the call; none before the rung side answers.
    device: Option<DeviceId>,
    media: Media,
    /// Since when the device's socket has been gone.
    gone: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    NotYet,
    Flowing,
    Down(Interruption),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ringing { since: Timestamp, until: Timestamp, reached: bool, nudged: bool },
    Connecting { until: Timestamp },
    Connected { since: Timestamp },
    Interrupted { since: Timestamp, until: Timestamp, by: Side, why: Interruption },
    Ended { reason: EndReason },
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A device of the rung side got the ring.
    Reached,
    Answer(DeviceId),
    Decline,
    HangUp(Side),
    /// What a side's device says of its media stack of this epoch.
    Media {
        side: Side,
        epoch: u32,
        report: MediaReport,
    },
    /// The side's device lost or got back its socket.
    Gone(Side),
    Back(Side),
    /// The time of [`CallServer::poll_timeout`] has come.
    Timeout,
}

/// What must happen besides telling the devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The ring reached no device: try push or SMS.
    Nudge,
}

/// Why an input changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the call is over")]
    Over,
    #[error("the call is not ringing any more")]
    NotRinging,
    #[error("the call was answered on another device")]
    AnsweredElsewhere,
    #[error("the call is not answered yet")]
    NotAnswered,
}

/// Why the call wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    RingUnreached,
    RingOver,
    ConnectOver,
    InterruptedOver,
    SocketGone,
}

fn version_at(at: Moment) -> u64 {
    u64::try_from(at.wall.0).unwrap_or(0).max(1)
}

impl CallServer {
    /// A ring that starts now. `talked_ms` is what earlier calls of the ticket already lasted.
    ///
    /// Versions start at the wall clock's milliseconds, so that those after a restart of the server
    /// are above those before it.
    pub fn ring(at: Moment, caller: Side, device: DeviceId, ring_ms: u64, talked_ms: u64) -> Self {
        let now = at.now;
        let mut call = Self {
            caller,
            recruiter: SideLink { device: None, media: Media::NotYet, gone: None },
            candidate: SideLink { device: None, media: Media::NotYet, gone: None },
            state: State::Ringing { since: now, until: now.after(ring_ms), reached: false, nudged: false },
            talked_ms,
            epoch: 1,
            version: version_at(at),
        };
        call.side_mut(caller).device = Some(device);
        call
    }

    /// A call that was answered before the server restarted: both sockets are gone for now, the
    /// media may well still flow between the devices.
    pub fn restored(
        at: Moment,
        caller: Side,
        recruiter: DeviceId,
        candidate: DeviceId,
        talked_ms: u64,
        epoch: u32,
    ) -> Self {
        let now = at.now;
        let lost = |device| SideLink { device: Some(device), media: Media::NotYet, gone: Some(now) };
        Self {
            caller,
            recruiter: lost(recruiter),
            candidate: lost(candidate),
            state: State::Interrupted {
                since: now,
                until: now.after(INTERRUPTED_LIMIT_MS),
                by: Side::Candidate,
                why: Interruption::DeviceGone,
            },
            talked_ms,
            epoch,
            version: version_at(at),
        }
    }

    pub fn caller(&self) -> Side {
        self.caller
    }

    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Counts the changes: the version of the next frame.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn device(&self, side: Side) -> Option<DeviceId> {
        self.side(side).device
    }

    pub fn ended(&self) -> Option<EndReason> {
        match self.state {
            State::Ended { reason } => Some(reason),
            State::Ringing { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Interrupted { .. } => None,
        }
    }

    pub fn is_ringing(&self) -> bool {
        matches!(self.state, State::Ringing { .. })
    }

    /// Answered and not over: signals may pass.
    pub fn is_answered(&self) -> bool {
        matches!(self.state, State::Connecting { .. } | State::Connected { .. } | State::Interrupted { .. })
    }

    /// Connected milliseconds up to `now`.
    pub fn talked_ms(&self, now: Timestamp) -> u64 {
        match self.state {
            State::Connected { since } => self.talked_ms + now.since(since),
            State::Ringing { .. }
            | State::Connecting { .. }
            | State::Interrupted { .. }
            | State::Ended { .. } => self.talked_ms,
        }
    }

    /// The phase without servers: the round fills them in.
    pub fn phase(&self, now: Timestamp) -> CallPhase {
        let talked_ms = self.talked_ms(now);
        let plan = MediaPlan { epoch: self.epoch, ice: Vec::new(), path: MediaPath::default() };
        match self.state {
            State::Ringing { until, reached, .. } => {
                CallPhase::Ringing { by: self.caller, left_ms: until.left(now), reached }
            }
            State::Connecting { .. } => CallPhase::Connecting { plan },
            State::Connected { .. } => CallPhase::Connected { talked_ms, plan },
            State::Interrupted { until, by, why, .. } => {
                CallPhase::Interrupted { by, why, left_ms: until.left(now), talked_ms, plan }
            }
            State::Ended { reason } => CallPhase::Ended { reason, talked_ms },
        }
    }

    /// Takes one input. `Ok` means the state may have changed; compare [`Self::version`].
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<Option<Output>, Refused> {
        if self.ended().is_some() {
            return Err(Refused::Over);
        }
        match input {
            Input::Reached => self.reached(),
            Input::Answer(device) => self.answer(now, device)?,
            Input::Decline => {
                if !self.is_ringing() {
                    return Err(Refused::NotRinging);
                }
                self.end(now, EndReason::Declined);
            }
            Input::HangUp(side) => self.hang_up(now, side),
            Input::Media { side, epoch, report } => {
                if self.is_ringing() {
                    return Err(Refused::NotAnswered);
                }
                if epoch == self.epoch {
                    self.media(now, side, report);
                }
            }
            Input::Gone(side) => {
                let link = self.side_mut(side);
                link.gone = link.gone.or(Some(now));
                self.settle(now);
            }
            Input::Back(side) => self.side_mut(side).gone = None,
            Input::Timeout => return Ok(self.timeout(now)),
        }
        Ok(None)
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Why)> {
        let own = match self.state {
            State::Ringing { since, until, reached, nudged } => {
                let nudge = since.after(NUDGE_AFTER_MS);
                let due = !reached && !nudged && nudge < until;
                if due { (nudge, Why::RingUnreached) } else { (until, Why::RingOver) }
            }
            State::Connecting { until } => (until, Why::ConnectOver),
            State::Connected { .. } => {
                let gone = [self.recruiter.gone, self.candidate.gone].into_iter().flatten().min()?;
                (gone.after(SOCKET_GRACE_MS), Why::SocketGone)
            }
            State::Interrupted { until, .. } => (until, Why::InterruptedOver),
            State::Ended { .. } => return None,
        };
        Some(own)
    }

    fn reached(&mut self) {
        match &mut self.state {
            State::Ringing { reached, .. } => {
                if !*reached {
                    *reached = true;
                    self.version += 1;
                }
            }
            State::Connecting { .. }
            | State::Connected { .. }
            | State::Interrupted { .. }
            | State::Ended { .. } => {}
        }
    }

    fn answer(&mut self, now: Timestamp, device: DeviceId) -> Result<(), Refused> {
        let answering = self.caller.other();
        match self.state {
            State::Ringing { .. } => {
                self.side_mut(answering).device = Some(device);
                self.go(State::Connecting { until: now.after(CONNECT_LIMIT_MS) });
                Ok(())
            }
            State::Connecting { .. } | State::Connected { .. } | State::Interrupted { .. } => {
                // the same device's repeated answer is the same answer
                if self.side(answering).device == Some(device) {
                    Ok(())
                } else {
                    Err(Refused::AnsweredElsewhere)
                }
            }
            State::Ended { .. } => Err(Refused::Over),
        }
    }

    fn hang_up(&mut self, now: Timestamp, side: Side) {
        let reason = match self.state {
            State::Ringing { .. } if side == self.caller => EndReason::Cancelled,
            State::Ringing { .. } => EndReason::Declined,
            State::Connecting { .. } | State::Connected { .. } | State::Interrupted { .. } => match side {
                Side::Recruiter => EndReason::Completed,
                Side::Candidate => EndReason::LeftByCandidate,
            },
            State::Ended { .. } => return,
        };
        self.end(now, reason);
    }

    fn media(&mut self, now: Timestamp, side: Side, report: MediaReport) {
        // a device that reports is there
        self.side_mut(side).gone = None;
        let media = match report {
            MediaReport::Flowing => Media::Flowing,
            MediaReport::Reconnecting => Media::Down(Interruption::Network),
            MediaReport::OnPhoneCall => Media::Down(Interruption::PhoneCall),
            MediaReport::Rebuild => {
                self.rebuild(now, side);
                return;
            }
        };
        self.side_mut(side).media = media;
        self.settle(now);
    }

    /// A stack is gone: both sides start anew.
    fn rebuild(&mut self, now: Timestamp, by: Side) {
        self.epoch += 1;
        self.candidate.media = Media::NotYet;
        self.recruiter.media = Media::NotYet;
        match self.state {
            State::Connected { .. } => self.interrupt(now, now, by, Interruption::Network),
            // a rebuild is no progress: the limits go on
            State::Connecting { .. } | State::Interrupted { .. } => self.go(self.state),
            State::Ringing { .. } | State::Ended { .. } => {}
        }
    }

    /// Brings the state in line with what both sides say.
    fn settle(&mut self, now: Timestamp) {
        let down = [Side::Candidate, Side::Recruiter].into_iter().find_map(|side| self.down(side));
        let both = self.candidate.media == Media::Flowing && self.recruiter.media == Media::Flowing;
        match self.state {
            State::Connecting { .. } | State::Interrupted { .. } if both => {
                self.go(State::Connected { since: now });
            }
            State::Connected { .. } => {
                if let Some((by, why)) = down {
                    self.interrupt(now, now, by, why);
                }
            }
            State::Interrupted { since, by: was, why: because, .. } => {
                // the reason may change (network → phone call), the clock of this stretch does not restart
                if let Some((by, why)) = down
                    && (by, why) != (was, because)
                {
                    self.interrupt(now, since, by, why);
                }
            }
            State::Ringing { .. } | State::Connecting { .. } | State::Ended { .. } => {}
        }
    }

    /// What a side's report comes to. Both sides lose media when one of them goes: where the other
    /// side's socket is gone as well, it is the other device that went.
    fn down(&self, side: Side) -> Option<(Side, Interruption)> {
        match self.side(side).media {
            Media::Down(Interruption::Network) if self.side(side.other()).gone.is_some() => {
                Some((side.other(), Interruption::DeviceGone))
            }
            Media::Down(why) => Some((side, why)),
            Media::NotYet | Media::Flowing => None,
        }
    }

    fn interrupt(&mut self, now: Timestamp, since: Timestamp, by: Side, why: Interruption) {
        self.talked_ms = self.talked_ms(now);
        let limit = match why {
            Interruption::Network | Interruption::DeviceGone => INTERRUPTED_LIMIT_MS,
            Interruption::PhoneCall => PHONE_CALL_LIMIT_MS,
        };
        self.go(State::Interrupted { since, until: since.after(limit).max(now), by, why });
    }

    fn timeout(&mut self, now: Timestamp) -> Option<Output> {
        let (due, why) = self.poll_timeout()?;
        if due > now {
            return None;
        }
        match why {
            Why::RingUnreached => {
                if let State::Ringing { nudged, .. } = &mut self.state {
                    *nudged = true;
                }
                return Some(Output::Nudge);
            }
            Why::RingOver => {
                let heard = matches!(self.state, State::Ringing { reached: true, .. });
                self.end(now, if heard { EndReason::Missed } else { EndReason::Unreachable });
            }
            Why::ConnectOver => self.end(now, EndReason::ConnectFailed),
            Why::InterruptedOver => self.end(now, EndReason::Lost),
            Why::SocketGone => {
                let side = match (self.candidate.gone, self.recruiter.gone) {
                    (Some(candidate), Some(recruiter)) if recruiter < candidate => Side::Recruiter,
                    (None, Some(_)) => Side::Recruiter,
                    (Some(_), _) | (None, None) => Side::Candidate,
                };
                self.side_mut(side).media = Media::Down(Interruption::DeviceGone);
                self.settle(now);
            }
        }
        None
    }

    fn end(&mut self, now: Timestamp, reason: EndReason) {
        self.talked_ms = self.talked_ms(now);
        self.go(State::Ended { reason });
    }

    fn go(&mut self, state: State) {
        self.state = state;
        self.version += 1;
    }

    fn side(&self, side: Side) -> &SideLink {
        match side {
            Side::Candidate => &self.candidate,
            Side::Recruiter => &self.recruiter,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut SideLink {
        match side {
            Side::Candidate => &mut self.candidate,
            Side::Recruiter => &mut self.recruiter,
        }
    }
}
