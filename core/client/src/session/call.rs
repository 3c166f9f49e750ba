//! The call on this device: drives `rules::call::client`, ringtone and preview, and keeps the log. Its
//! media stack is in [`super::stack`].

use super::app::App;
use super::stack::Stack;
use crate::media::DeviceCheck;
use crate::store::Write;
use crate::view::{CallFigures, CallQuality, DeviceProblem, NoticeWhat, RemotePause, VideoStep};
use miantan_domain::ids::*;
use miantan_domain::rules::call::CallPhase;
use miantan_domain::rules::call::client::{CallClient, CallStage, Input, Output, Refused};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::{CallFrame, Command};
use miantan_domain::wire::{Problem, ProblemCode};

/// The call and what belongs to it.
#[derive(Default)]
pub struct Call {
    pub machine: CallClient,
    pub stack: Option<Stack>,
    /// The own camera while it rings; nothing of it leaves the device.
    pub preview: Option<Box<dyn DeviceCheck>>,
    ringer: Option<Box<dyn Send>>,
    /// Facts of one call; new for the next.
    pub facts: Facts,
}

/// What is known of one call beside its state.
pub struct Facts {
    call: Option<CallId>,
    pub muted: bool,
    pub camera_on: bool,
    pub remote_video: bool,
    pub remote_pause: Option<RemotePause>,
    pub sending: VideoStep,
    pub quality: CallQuality,
    pub figures: Option<CallFigures>,
    pub problems: Vec<DeviceProblem>,
    /// When it was answered, here or there.
    pub answered: Option<Timestamp>,
    /// Answer to first decoded picture.
    pub first_frame_ms: Option<u64>,
    logged: Logged,
}

impl Facts {
    fn of(call: Option<CallId>) -> Self {
        Self {
            call,
            muted: false,
            camera_on: true,
            remote_video: false,
            remote_pause: None,
            sending: VideoStep::Full,
            quality: CallQuality::Unknown,
            figures: None,
            problems: Vec::new(),
            answered: None,
            first_frame_ms: None,
            logged: Logged::Nothing,
        }
    }
}

impl Default for Facts {
    fn default() -> Self {
        Self::of(None)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Logged {
    Nothing,
    Began,
    Ended,
}

impl Call {
    pub fn timeout(&self) -> Option<Timestamp> {
        let stack = self.stack.as_ref().and_then(Stack::timeout);
        let machine = self.machine.poll_timeout().map(|(at, _)| at);
        stack.into_iter().chain(machine).min()
    }

    pub fn has_camera(&self) -> bool {
        self.stack.is_some() || self.preview.is_some()
    }
}

impl App {
    /// The person rings the other side of a ticket.
    pub fn ring(&mut self, ticket: TicketId) {
        let Some(round) = self.current_round() else { return };
        let (unix_ms, random) = self.id_parts();
        let call = CallId::from_parts(unix_ms, &random);
        self.call(Input::Ring { call, round, ticket });
    }

    pub fn call_frame(&mut self, frame: &CallFrame) {
        let call = frame.call;
        self.call(Input::Frame(Box::new(frame.clone())));
        let Some(account) = &mut self.account else { return };
        // A frame that the machine did not take is not this device's call.
        if account.call.facts.call == Some(call) {
            self.log_call(frame);
        }
    }

    pub fn call(&mut self, input: Input) {
        let now = self.clock.now();
        let pressed_answer = input == Input::Answer;
        let Some(account) = &mut self.account else { return };
        let was_busy = account.call.machine.busy();
        match account.call.machine.handle(now, input) {
            Ok(()) => {}
            Err(Refused::Busy) => {
                let problem = Problem::new(ProblemCode::RecruiterBusy, "in a call already");
                self.notices.tell(NoticeWhat::Refused(problem));
                return;
            }
            // A double press, or the call ended in the same moment.
            Err(Refused::NoCall) => return,
        }
        let call = &mut account.call;
        let view = call.machine.view();
        let current = view.as_ref().map(|view| view.call);
        if call.facts.call != current {
            call.facts = Facts::of(current);
        }
        let answered = pressed_answer || view.is_some_and(|view| view.stage == CallStage::Connecting);
        if answered && call.facts.answered.is_none() {
            call.facts.answered = Some(now);
        }
        let outputs: Vec<_> = std::iter::from_fn(|| call.machine.poll_output()).collect();
        for output in outputs {
            self.call_output(output);
        }
        if was_busy && !self.in_call() {
            self.end_preview();
            self.check_after_call();
        }
    }

    fn call_output(&mut self, output: Output) {
        match output {
            Output::Command { round, command } => self.command(round, command),
            Output::Signal { call, epoch, signal } => self.send_signal(call, epoch, signal),
            Output::Prepare => self.begin_preview(),
            Output::StartMedia { plan, offers, .. } => {
                self.start_stack(plan, offers);
                if self.phone_call {
                    // Answered with the telephone at the ear: nothing is captured until it is over.
                    self.call(Input::PhoneCall(true));
                }
            }
            Output::MediaSignal(signal) => {
                if let Some(stack) = self.stack() {
                    stack.handle.signal(signal);
                }
            }
            Output::PauseMedia(on) => {
                if let Some(stack) = self.stack() {
                    stack.handle.pause(on);
                }
            }
            Output::StopMedia => {
                if let Some(account) = &mut self.account {
                    account.call.stack = None;
                }
                self.end_preview();
            }
            Output::Ringtone(on) => self.ringtone(on),
            Output::Changed => {}
        }
    }

    fn begin_preview(&mut self) {
        self.stop_check();
        let (camera, _, _) = self.devices_in_use();
        let Some(account) = &mut self.account else { return };
        if account.call.preview.is_some() || !account.call.facts.camera_on {
            return;
        }
        // What it measures is of no interest here; that it cannot start the call's stack will tell.
        match self.parts.media.preview(camera, Box::new(|_| {})) {
            Ok(preview) => account.call.preview = Some(preview),
            Err(problem) => tracing::warn!(%problem, "no own picture while it rings"),
        }
    }

    pub fn end_preview(&mut self) {
        if let Some(account) = &mut self.account {
            account.call.preview = None;
        }
    }

    fn ringtone(&mut self, on: bool) {
        let (_, _, speaker) = self.devices_in_use();
        let Some(account) = &mut self.account else { return };
        if !on {
            account.call.ringer = None;
        } else if account.call.ringer.is_none() {
            match self.parts.media.ring(speaker) {
                Ok(ringer) => account.call.ringer = Some(ringer),
                // It is still on the screen.
                Err(problem) => tracing::warn!(%problem, "the ring is not heard"),
            }
        }
    }

    /// What is due.
    pub fn call_time(&mut self) {
        self.stack_time();
        let due = self.account.as_ref().and_then(|account| account.call.machine.poll_timeout());
        if due.is_some_and(|(at, _)| at <= self.clock.now()) {
            self.call(Input::Timeout);
        }
    }

    fn log_call(&mut self, frame: &CallFrame) {
        let wall = self.clock.wall();
        let Some(account) = &mut self.account else { return };
        let (server, key) = (account.address.clone(), account.key.clone());
        let facts = &mut account.call.facts;
        let logged = facts.logged;
        facts.logged = match &frame.phase {
            CallPhase::Ended { .. } => Logged::Ended,
            CallPhase::Ringing { .. }
            | CallPhase::Connecting { .. }
            | CallPhase::Connected { .. }
            | CallPhase::Interrupted { .. } => Logged::Began,
        };
        if logged == Logged::Nothing {
            self.write(Write::CallBegan {
                server: server.clone(),
                account: key,
                call: frame.call,
                ticket: frame.ticket,
                peer: frame.with.clone(),
                at: wall,
            });
        }
        if let CallPhase::Ended { reason, talked_ms } = frame.phase
            && logged != Logged::Ended
        {
            self.write(Write::CallEnded { server, call: frame.call, at: wall, reason, talked_ms });
        }
    }

    /// A note beside the call or in the room.
    pub fn note(&mut self, ticket: TicketId, text: String) {
        if let Some(round) = self.current_round() {
            self.command(round, Command::Note { ticket, text });
        }
    }
}
