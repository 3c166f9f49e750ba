//! One device's half of its call: what the person sees, what the media stack and the ringtone do.
//!
//! The server's frames are the truth; what the person just pressed shows at once (`Answering`,
//! `Ending`) and is corrected by the next frame. Never touches a socket or a camera.

mod api;
mod live;

pub use api::*;
use live::{Live, Media, Pressed};

use super::state::*;
use crate::ids::{CallId, RoundId, TicketId};
use crate::model::Side;
use crate::signal::Signal;
use crate::time::Timestamp;
use crate::wire::live::{CallFrame, Command, MediaReport};
use std::collections::VecDeque;

/// A ring the server never confirmed is given up locally.
const PLACING_LIMIT_MS: u64 = 8_000;

/// The call of this device, if any, and what must happen because of it.
#[derive(Debug, Default)]
pub struct CallClient {
    state: State,
    /// The person hung this one up and closed its screen before the server said that it is over.
    left: Option<CallId>,
    outputs: VecDeque<Output>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    /// Ring sent, nothing heard yet.
    Placing { call: CallId, round: RoundId, ticket: TicketId, until: Timestamp },
    /// The server knows this call.
    Live(Box<Live>),
}

impl CallClient {
    /// The call on screen.
    pub fn view(&self) -> Option<CallView> {
        match &self.state {
            State::Idle => None,
            State::Placing { call, ticket, .. } => Some(CallView {
                call: *call,
                ticket: *ticket,
                with: String::new(),
                side: Side::Recruiter,
                stage: CallStage::Placing,
            }),
            State::Live(live) => Some(live.view()),
        }
    }

    /// A call is going on (ended ones on screen do not count).
    pub fn busy(&self) -> bool {
        match &self.state {
            State::Idle => false,
            State::Placing { .. } => true,
            State::Live(live) => !live.over(),
        }
    }

    /// The call to name in `hello`: one the server knows of and that is not over for this device.
    pub fn in_call(&self) -> Option<CallId> {
        match &self.state {
            State::Idle | State::Placing { .. } => None,
            State::Live(live) => self.busy().then_some(live.frame.call),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<(Timestamp, &'static str)> {
        match &self.state {
            State::Placing { until, .. } => Some((*until, "ring not confirmed")),
            State::Idle | State::Live(_) => None,
        }
    }

    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), Refused> {
        match input {
            Input::Ring { call, round, ticket } => self.ring(now, call, round, ticket)?,
            Input::Answer => self.answer()?,
            Input::Decline | Input::HangUp => self.hang_up()?,
            Input::Dismiss => {
                if !self.busy() {
                    self.leave();
                }
            }
            Input::Frame(frame) => self.frame(now, *frame),
            Input::Signal { call, epoch, signal } => self.signal(call, epoch, signal),
            Input::RingRefused(call) => {
                if matches!(self.state, State::Placing { call: placing, .. } if placing == call) {
                    self.state = State::Idle;
                }
            }
            Input::MediaFlows { epoch } => self.media(epoch, MediaReport::Flowing),
            Input::MediaLost { epoch } => self.media(epoch, MediaReport::Reconnecting),
            Input::MediaFailed { epoch } => self.media(epoch, MediaReport::Rebuild),
            Input::MediaSignal { epoch, signal } => {
                if let State::Live(live) = &self.state
                    && matches!(live.media, Media::Running { epoch: own, .. } if own == epoch)
                {
                    self.outputs.push_back(Output::Signal { call: live.frame.call, epoch, signal });
                }
            }
            Input::PhoneCall(on) => self.phone_call(on),
            Input::Timeout => {
                if matches!(self.state, State::Placing { until, .. } if until <= now) {
                    self.state = State::Idle;
                }
            }
        }
        self.outputs.push_back(Output::Changed);
        Ok(())
    }

    fn ring(
        &mut self,
        now: Timestamp,
        call: CallId,
        round: RoundId,
        ticket: TicketId,
    ) -> Result<(), Refused> {
        if self.busy() {
            return Err(Refused::Busy);
        }
        self.leave();
        self.state = State::Placing { call, round, ticket, until: now.after(PLACING_LIMIT_MS) };
        self.outputs.push_back(Output::Prepare);
        self.outputs.push_back(Output::Command { round, command: Command::Ring { call, ticket } });
        Ok(())
    }

    fn answer(&mut self) -> Result<(), Refused> {
        let State::Live(live) = &mut self.state else { return Err(Refused::NoCall) };
        if !live.rings_here() || live.pressed != Pressed::Nothing {
            return Err(Refused::NoCall);
        }
        live.pressed = Pressed::Answer;
        let (round, call) = (live.frame.round, live.frame.call);
        self.outputs.push_back(Output::Ringtone(false));
        self.outputs.push_back(Output::Command { round, command: Command::Answer { call } });
        Ok(())
    }

    fn hang_up(&mut self) -> Result<(), Refused> {
        match &mut self.state {
            State::Idle => Err(Refused::NoCall),
            State::Placing { call, round, .. } => {
                let command = Command::HangUp { call: *call };
                self.outputs.push_back(Output::Command { round: *round, command });
                self.outputs.push_back(Output::StopMedia);
                self.state = State::Idle;
                Ok(())
            }
            State::Live(live) => {
                if matches!(live.frame.phase, CallPhase::Ended { .. }) || live.pressed == Pressed::End {
                    return Err(Refused::NoCall);
                }
                let (round, call) = (live.frame.round, live.frame.call);
                let command =
                    if live.rings_here() { Command::Decline { call } } else { Command::HangUp { call } };
                live.pressed = Pressed::End;
                self.outputs.push_back(Output::Command { round, command });
                self.outputs.push_back(Output::Ringtone(false));
                // nothing more of this person leaves the device from here on
                self.outputs.push_back(Output::StopMedia);
                Ok(())
            }
        }
    }

    fn frame(&mut self, now: Timestamp, frame: CallFrame) {
        if self.left == Some(frame.call) {
            return self.after_leaving(&frame);
        }
        let busy = self.busy();
        match &mut self.state {
            State::Live(live) if live.frame.call == frame.call => {
                if frame.version < live.frame.version {
                    return;
                }
                live.frame = frame;
                live.heard = now;
            }
            State::Live(_) if busy => {
                // One device is in one call; the server sees to it. A frame of another call can only
                // be the end of an earlier one.
                return;
            }
            State::Placing { call, .. } if *call != frame.call => {
                if matches!(frame.phase, CallPhase::Ended { .. }) {
                    return;
                }
                // glare: the other side rang first; this device joins that call
                self.adopt(now, frame, Media::Fresh);
            }
            State::Placing { .. } => self.adopt(now, frame, Media::Fresh),
            State::Idle | State::Live(_) => {
                if matches!(frame.phase, CallPhase::Ended { .. }) {
                    return;
                }
                let ringing = matches!(frame.phase, CallPhase::Ringing { .. });
                let media = if ringing { Media::Fresh } else { Media::Missing { asked: None } };
                self.leave();
                self.adopt(now, frame, media);
                self.arrived();
            }
        }
        self.follow();
    }

    fn adopt(&mut self, now: Timestamp, frame: CallFrame, media: Media) {
        self.state = State::Live(Box::new(Live { frame, heard: now, pressed: Pressed::Nothing, media }));
    }

    /// Puts away a call that is over for this person; where the server has not said so yet, what it
    /// still says of that call is answered by hanging up.
    fn leave(&mut self) {
        if let State::Live(live) = &self.state
            && !matches!(live.frame.phase, CallPhase::Ended { .. })
        {
            self.left = Some(live.frame.call);
        }
        self.state = State::Idle;
    }

    fn after_leaving(&mut self, frame: &CallFrame) {
        if matches!(frame.phase, CallPhase::Ended { .. }) {
            self.left = None;
        } else {
            let command = Command::HangUp { call: frame.call };
            self.outputs.push_back(Output::Command { round: frame.round, command });
        }
    }

    /// A call that was not on this device a moment ago.
    fn arrived(&mut self) {
        let State::Live(live) = &self.state else { return };
        if live.rings_here() {
            let (round, call) = (live.frame.round, live.frame.call);
            self.outputs.push_back(Output::Ringtone(true));
            self.outputs.push_back(Output::Prepare);
            self.outputs.push_back(Output::Command { round, command: Command::Reached { call } });
        }
    }

    /// Brings ringtone and media in line with the newest frame.
    fn follow(&mut self) {
        let State::Live(live) = &mut self.state else { return };
        let (call, round, side) = (live.frame.call, live.frame.round, live.frame.side);
        let report = |epoch, state| Output::Command { round, command: Command::Media { call, epoch, state } };
        match &live.frame.phase {
            CallPhase::Ringing { .. } => {}
            CallPhase::Ended { .. } => {
                self.outputs.push_back(Output::Ringtone(false));
                self.outputs.push_back(Output::StopMedia);
                live.media = Media::Fresh;
                live.pressed = Pressed::Nothing;
            }
            CallPhase::Connecting { plan }
            | CallPhase::Connected { plan, .. }
            | CallPhase::Interrupted { plan, .. } => {
                if live.pressed == Pressed::End {
                    return;
                }
                let start = match live.media {
                    Media::Fresh => true,
                    Media::Running { epoch, .. } => epoch < plan.epoch,
                    Media::Missing { asked: Some(asked) } => asked < plan.epoch,
                    Media::Missing { asked: None } => false,
                };
                if start {
                    if matches!(live.media, Media::Running { .. }) {
                        self.outputs.push_back(Output::StopMedia);
                    }
                    self.outputs.push_back(Output::Ringtone(false));
                    let offers = side == Side::Recruiter;
                    self.outputs.push_back(Output::StartMedia { call, plan: plan.clone(), offers });
                    let phone = matches!(live.media, Media::Running { phone: true, .. });
                    if phone {
                        self.outputs.push_back(Output::PauseMedia(true));
                        self.outputs.push_back(report(plan.epoch, MediaReport::OnPhoneCall));
                    }
                    live.media = Media::Running { epoch: plan.epoch, said: None, phone };
                    return;
                }
                match live.media {
                    Media::Missing { .. } => {
                        live.media = Media::Missing { asked: Some(plan.epoch) };
                        self.outputs.push_back(report(plan.epoch, MediaReport::Rebuild));
                    }
                    // The server may have missed what was said (it was restarted, or counted the
                    // device as gone): say it again whenever it does not see the call connected.
                    Media::Running { epoch, said, phone }
                        if !matches!(live.frame.phase, CallPhase::Connected { .. }) =>
                    {
                        let state = if phone { Some(MediaReport::OnPhoneCall) } else { said };
                        if let Some(state) = state {
                            self.outputs.push_back(report(epoch, state));
                        }
                    }
                    Media::Running { .. } | Media::Fresh => {}
                }
            }
        }
    }

    fn signal(&mut self, call: CallId, epoch: u32, signal: Signal) {
        if let State::Live(live) = &self.state
            && live.frame.call == call
            && matches!(live.media, Media::Running { epoch: own, .. } if own == epoch)
        {
            self.outputs.push_back(Output::MediaSignal(signal));
        }
    }

    fn media(&mut self, of: u32, report: MediaReport) {
        let State::Live(live) = &mut self.state else { return };
        let (call, round) = (live.frame.call, live.frame.round);
        if let Media::Running { epoch, said, phone } = &mut live.media
            && *epoch == of
            && *said != Some(report)
        {
            *said = Some(report);
            if !*phone {
                self.outputs.push_back(Output::Command {
                    round,
                    command: Command::Media { call, epoch: of, state: report },
                });
            }
        }
    }

    fn phone_call(&mut self, on: bool) {
        let State::Live(live) = &mut self.state else { return };
        let (call, round) = (live.frame.call, live.frame.round);
        if let Media::Running { epoch, said, phone } = &mut live.media
            && *phone != on
        {
            *phone = on;
            self.outputs.push_back(Output::PauseMedia(on));
            let state = if on { Some(MediaReport::OnPhoneCall) } else { *said };
            if let Some(state) = state {
                let command = Command::Media { call, epoch: *epoch, state };
                self.outputs.push_back(Output::Command { round, command });
            }
        }
    }
}
