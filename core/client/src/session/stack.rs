//! The media stack of the call: starts it, tells it what the person wants, and makes of its news what
//! the call's machine and the screen need.

use super::app::App;
use super::call::Facts;
use super::event::Event;
use crate::media::{CallStack, StackNews, StackSetup, device_problem};
use crate::view::{CallFigures, CallQuality, DeviceProblem, RemotePause, VideoStep};
use miantan_domain::model::CheckInStep;
use miantan_domain::rules::call::MediaPlan;
use miantan_domain::rules::call::client::Input;
use miantan_domain::time::Timestamp;
use miantan_media::call::{self, Recovered};
use miantan_media::video::Ladder;
use miantan_media::{CallStats, MediaEvent, MediaProblem, Quality};

/// A call whose media stands still for so long gets new stacks (DESIGN.md, *Media*).
const REBUILD_AFTER_MS: u64 = 3_000;
/// The side that cannot offer asks the other one for a new path only after so long: mostly both notice
/// at once, and two restarts that cross cost more than they bring.
const ASK_AFTER_MS: u64 = 1_000;
/// A stack that did not even start is reported after so long, so that two phones without sockets do
/// not ask each other for new stacks many times a second.
const START_FAILED_MS: u64 = 1_000;
/// In a call devices are looked for so often: a headset that is plugged in is used, and named.
const LOOK_FOR_DEVICES_MS: u64 = 4_000;

/// A running stack of the call.
pub struct Stack {
    number: u64,
    epoch: u32,
    offers: bool,
    pub handle: Box<dyn CallStack>,
    /// Media stands still since then.
    still: Option<Timestamp>,
    /// When a new path is to be asked for.
    ask: Option<Timestamp>,
    /// When it is to be reported as failed.
    give_up: Option<Timestamp>,
    /// When devices are looked for.
    devices: Timestamp,
}

impl Stack {
    /// When [`App::stack_time`] has something to do.
    pub fn timeout(&self) -> Option<Timestamp> {
        self.hopeless().into_iter().chain(self.ask).chain([self.devices]).min()
    }

    /// When only new stacks help.
    fn hopeless(&self) -> Option<Timestamp> {
        let rebuild = self.still.map(|since| since.after(REBUILD_AFTER_MS));
        rebuild.into_iter().chain(self.give_up).min()
    }
}

impl App {
    pub fn stack(&mut self) -> Option<&mut Stack> {
        self.account.as_mut()?.call.stack.as_mut()
    }

    fn facts(&mut self) -> Option<&mut Facts> {
        self.account.as_mut().map(|account| &mut account.call.facts)
    }

    pub fn start_stack(&mut self, plan: MediaPlan, offers: bool) {
        self.stop_check();
        self.end_preview();
        let (number, now) = (self.number(), self.clock.now());
        let (camera, microphone, speaker) = self.devices_in_use();
        let events = self.events.clone();
        let Some(account) = &mut self.account else { return };
        let facts = &mut account.call.facts;
        facts.quality = CallQuality::Unknown;
        facts.remote_video = false;
        facts.remote_pause = None;
        facts.sending = VideoStep::Full;
        facts.problems.clear();
        // An app that was started again in the call counts from here.
        facts.answered.get_or_insert(now);
        let epoch = plan.epoch;
        let (camera_on, muted) = (facts.camera_on, facts.muted);
        let setup = StackSetup { offers, plan, camera, microphone, speaker, camera_on, muted };
        let tell = Box::new(move |news| {
            // Err: the session has ended.
            let _ = events.send(Event::Stack { stack: number, news });
        });
        let handle = self.parts.media.call(setup, tell);
        if !self.foreground {
            handle.hide(true);
        }
        let stack =
            Stack { number, epoch, offers, handle, still: None, ask: None, give_up: None, devices: now };
        account.call.stack = Some(stack);
    }

    /// What the stack of the call says.
    pub fn stack_news(&mut self, number: u64, news: StackNews) {
        let now = self.clock.now();
        let Some(stack) = self.stack().filter(|stack| stack.number == number) else { return };
        let epoch = stack.epoch;
        match news {
            StackNews::Over(problem) => {
                tracing::warn!(?problem, "the media stack ended by itself");
                stack.give_up = Some(now.after(START_FAILED_MS));
                if let Some(problem) = problem {
                    self.media_problem(&problem);
                }
            }
            StackNews::Media(event) => self.media_event(now, epoch, event),
        }
    }

    fn media_event(&mut self, now: Timestamp, epoch: u32, event: MediaEvent) {
        match event {
            MediaEvent::Signal(signal) => self.call(Input::MediaSignal { epoch, signal }),
            MediaEvent::Connected | MediaEvent::Resumed => {
                let since = self.facts().and_then(|facts| facts.answered).map(|at| now.since(at));
                tracing::debug!(epoch, since_answer_ms = since, "media flows");
                if let Some(stack) = self.stack() {
                    stack.still = None;
                    stack.ask = None;
                }
                self.call(Input::MediaFlows { epoch });
            }
            MediaEvent::Interrupted => {
                if let Some(stack) = self.stack() {
                    stack.still.get_or_insert(now);
                    if stack.offers {
                        stack.handle.restart_ice();
                    } else {
                        stack.ask = Some(now.after(ASK_AFTER_MS));
                    }
                }
                if let Some(facts) = self.facts() {
                    facts.quality = CallQuality::Lost;
                }
                self.call(Input::MediaLost { epoch });
            }
            MediaEvent::Failed => {
                if let Some(stack) = self.stack() {
                    stack.still = None;
                }
                self.call(Input::MediaFailed { epoch });
            }
            MediaEvent::FirstVideo { .. } => {
                if let Some(facts) = self.facts()
                    && facts.first_frame_ms.is_none()
                {
                    facts.first_frame_ms = facts.answered.map(|answered| now.since(answered));
                    facts.figures = Some(figures(facts.figures, None, facts.first_frame_ms));
                    tracing::info!(ms = facts.first_frame_ms, "answer to first decoded frame");
                }
            }
            MediaEvent::FirstAudio { .. } => {}
            MediaEvent::RemoteVideo(on) => {
                if let Some(facts) = self.facts() {
                    facts.remote_video = on;
                }
            }
            MediaEvent::RemotePause(why) => {
                if let Some(facts) = self.facts() {
                    facts.remote_pause = why.map(|why| match why {
                        call::RemotePause::CameraOff => RemotePause::CameraOff,
                        call::RemotePause::Network => RemotePause::Network,
                        call::RemotePause::PhoneCall => RemotePause::PhoneCall,
                        call::RemotePause::Away => RemotePause::Away,
                    });
                }
            }
            MediaEvent::Sending(step) => {
                if let Some(facts) = self.facts() {
                    facts.sending = match step {
                        Ladder::Full => VideoStep::Full,
                        Ladder::Medium => VideoStep::Medium,
                        Ladder::Small => VideoStep::Small,
                        Ladder::AudioOnly => VideoStep::AudioOnly,
                    };
                }
            }
            MediaEvent::Problem(problem) => {
                self.media_problem(&problem);
                self.refresh_devices();
            }
            MediaEvent::Recovered(what) => {
                self.refresh_devices();
                if let Some(facts) = self.facts() {
                    facts.problems.retain(|problem| is_camera(*problem) != (what == Recovered::Camera));
                }
            }
            MediaEvent::Stats(stats) => {
                if let Some(facts) = self.facts() {
                    facts.quality = match stats.quality {
                        Quality::Good => CallQuality::Good,
                        Quality::Fair => CallQuality::Fair,
                        Quality::Poor => CallQuality::Poor,
                        Quality::Lost => CallQuality::Lost,
                    };
                    facts.figures = Some(figures(facts.figures, Some(stats), facts.first_frame_ms));
                }
            }
        }
    }

    fn media_problem(&mut self, problem: &MediaProblem) {
        let Some(facts) = self.facts() else { return };
        match device_problem(problem) {
            Some(known) if !facts.problems.contains(&known) => facts.problems.push(known),
            Some(_) => {}
            None => tracing::warn!(%problem, "media"),
        }
    }

    /// Restarts and rebuilds that are due.
    pub fn stack_time(&mut self) {
        let now = self.clock.now();
        let Some(stack) = self.stack() else { return };
        if stack.ask.take_if(|at| *at <= now).is_some() {
            stack.handle.restart_ice();
        }
        let look = stack.devices <= now;
        if look {
            stack.devices = now.after(LOOK_FOR_DEVICES_MS);
        }
        if stack.hopeless().is_some_and(|at| at <= now) {
            stack.still = None;
            stack.give_up = None;
            stack.ask = None;
            let epoch = stack.epoch;
            self.call(Input::MediaFailed { epoch });
        }
        if look {
            self.refresh_devices();
        }
    }

    /// The app is in front or not. Behind, the system gives no camera; sound goes on, and the other side is told.
    pub fn call_in_front(&mut self, in_front: bool) {
        if let Some(stack) = self.stack() {
            stack.handle.hide(!in_front);
        }
    }

    pub fn set_muted(&mut self, muted: bool) {
        if let Some(facts) = self.facts() {
            facts.muted = muted;
        }
        if let Some(stack) = self.stack() {
            stack.handle.set_muted(muted);
        }
    }

    pub fn set_camera(&mut self, on: bool) {
        if let Some(facts) = self.facts() {
            facts.camera_on = on;
        }
        if !on {
            self.end_preview();
        }
        if let Some(stack) = self.stack() {
            stack.handle.set_camera_on(on);
        }
    }

    /// The devices chosen now, in a running call.
    pub fn switch_in_call(&mut self, step: CheckInStep) {
        let (camera, microphone, speaker) = self.devices_in_use();
        if let Some(preview) = self.account.as_ref().and_then(|account| account.call.preview.as_ref())
            && step == CheckInStep::Camera
        {
            preview.switch(camera.clone());
        }
        let Some(stack) = self.stack() else { return };
        match step {
            CheckInStep::Camera => stack.handle.switch_camera(camera),
            CheckInStep::Microphone => stack.handle.switch_microphone(microphone),
            CheckInStep::Speaker => stack.handle.switch_speaker(speaker),
            CheckInStep::Code | CheckInStep::Password | CheckInStep::Identity | CheckInStep::Network => {}
        }
    }

    /// The network is another one: look for a new path at once.
    pub fn call_network_changed(&mut self) {
        if let Some(stack) = self.stack() {
            stack.handle.restart_ice();
        }
    }
}

fn is_camera(problem: DeviceProblem) -> bool {
    match problem {
        DeviceProblem::NoCamera | DeviceProblem::CameraRefused | DeviceProblem::CameraLost => true,
        DeviceProblem::NoMicrophone
        | DeviceProblem::MicrophoneRefused
        | DeviceProblem::MicrophoneLost
        | DeviceProblem::NoSpeaker
        | DeviceProblem::SpeakerLost => false,
    }
}

fn figures(
    before: Option<CallFigures>,
    stats: Option<CallStats>,
    first_frame_ms: Option<u64>,
) -> CallFigures {
    match (stats, before) {
        (Some(stats), _) => CallFigures {
            round_trip_ms: stats.round_trip_ms,
            loss_percent: stats.loss_percent,
            sent_kbps: stats.sent_kbps,
            received_kbps: stats.received_kbps,
            fps_in: stats.fps_in,
            width_in: stats.width_in,
            height_in: stats.height_in,
            first_frame_ms,
        },
        (None, Some(before)) => CallFigures { first_frame_ms, ..before },
        (None, None) => CallFigures {
            round_trip_ms: None,
            loss_percent: 0.0,
            sent_kbps: 0,
            received_kbps: 0,
            fps_in: 0.0,
            width_in: 0,
            height_in: 0,
            first_frame_ms,
        },
    }
}
