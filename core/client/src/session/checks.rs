//! The device checks (J5–J7): music, recording, preview. One runs at a time, only while its step is at
//! hand, the app is in front and no call wants the devices.

use super::app::App;
use super::event::Event;
use super::network_check::NetworkCheck;
use crate::media::{DeviceCheck, MicrophoneTest, device_problem};
use crate::view::*;
use miantan_domain::model::CheckInStep;
use miantan_domain::rules::check_in::{StepState, is_device};
use miantan_domain::time::Timestamp;
use miantan_media::MediaProblem;
use miantan_media::audio::checks::MAX_RECORDING_MS;
use miantan_media::audio::{MicPhase, MicState, SpeakerState};
use miantan_media::preview::PreviewState;

/// The check of one step.
#[derive(Default)]
pub struct Check {
    /// The person pressed 开始检测: no sound out of nowhere before that.
    pub begun: bool,
    /// The step whose check should run; it does unless something is in the way.
    step: Option<CheckInStep>,
    number: u64,
    running: Running,
    pub view: ChecksView,
    /// The network step's measurement; it needs no device.
    pub network: NetworkCheck,
    /// When the recording began to be played.
    playing: Option<Timestamp>,
}

#[derive(Default)]
enum Running {
    #[default]
    Nothing,
    Speaker(Box<dyn DeviceCheck>),
    Microphone(Box<dyn MicrophoneTest>),
    Camera(Box<dyn DeviceCheck>),
}

impl App {
    fn check(&mut self) -> Option<&mut Check> {
        self.candidate().map(|candidate| &mut candidate.check)
    }

    /// The step whose check runs now.
    pub fn checking(&mut self) -> Option<CheckInStep> {
        let check = self.check()?;
        if matches!(check.running, Running::Nothing) { None } else { check.step }
    }

    /// This step is at hand now; its check begins by itself (J5), the first one once the person has
    /// begun the check-in.
    pub fn start_check(&mut self, step: Option<CheckInStep>) {
        self.stop_check();
        if let Some(check) = self.check() {
            check.step = step;
            check.view = ChecksView::default();
            check.network = NetworkCheck::default();
        }
        self.resume_check();
    }

    /// Begins the check of the step at hand if it may run and does not.
    pub fn resume_check(&mut self) {
        self.identity_presence();
        let free = self.foreground
            && !self.phone_call
            && !self.in_call()
            && self.account.as_ref().is_some_and(|account| !account.call.has_camera());
        let Some(candidate) = self.candidate() else { return };
        let touched =
            candidate.check_in.steps().into_iter().any(|(step, state)| {
                is_device(step) && matches!(state, StepState::Passed | StepState::Cannot)
            });
        let check = &mut candidate.check;
        let may = free && (check.begun || touched) && matches!(check.running, Running::Nothing);
        let Some(step) = check.step.filter(|_| may) else { return };
        let (camera, microphone, speaker) = self.devices_in_use();
        let (number, events) = (self.number(), self.events.clone());
        // Err from the channel below: the session has ended.
        let media = &self.parts.media;
        let started = match step {
            CheckInStep::Speaker => {
                let tell = Box::new(move |state| {
                    let _ = events.send(Event::Speaker { check: number, state });
                });
                media.speaker_check(speaker, tell).map(Running::Speaker)
            }
            CheckInStep::Microphone => {
                let tell = Box::new(move |state| {
                    let _ = events.send(Event::Microphone { check: number, state });
                });
                media.microphone_check(microphone, tell).map(Running::Microphone)
            }
            CheckInStep::Camera => {
                let tell = Box::new(move |state| {
                    let _ = events.send(Event::Camera { check: number, state });
                });
                media.preview(camera, tell).map(Running::Camera)
            }
            CheckInStep::Network => return self.start_network_check(),
            CheckInStep::Code | CheckInStep::Password | CheckInStep::Identity => return,
        };
        let Some(check) = self.check() else { return };
        check.number = number;
        check.playing = None;
        match started {
            Ok(running) => check.running = running,
            Err(problem) => {
                tracing::warn!(%problem, "the check did not start");
                check.view.problem = Some(problem_of(step, &problem));
            }
        }
    }

    /// Devices are released; the step stays at hand.
    pub fn stop_check(&mut self) {
        self.identity_pause();
        if let Some(check) = self.check() {
            check.running = Running::Nothing;
            check.view = ChecksView::default();
            if check.network.is_running() {
                // Measured behind another app it would say nothing; it begins anew.
                check.network = NetworkCheck::default();
            }
        }
    }

    /// Another device for the check that runs.
    pub fn switch_check(&mut self) {
        let (camera, microphone, speaker) = self.devices_in_use();
        let Some(check) = self.check() else { return };
        match &check.running {
            Running::Nothing => {}
            Running::Speaker(running) => running.switch(speaker),
            Running::Microphone(running) => running.switch(microphone),
            Running::Camera(running) => running.switch(camera),
        }
    }

    pub fn record_toggle(&mut self) {
        let Some(check) = self.check() else { return };
        if let Running::Microphone(running) = &check.running {
            if matches!(check.view.microphone.phase, MicrophonePhase::Recording { .. }) {
                running.stop();
            } else {
                running.record();
            }
        }
    }

    pub fn play_recording(&mut self) {
        let (_, _, speaker) = self.devices_in_use();
        let Some(check) = self.check() else { return };
        if let Running::Microphone(running) = &check.running
            && let Err(problem) = running.play_back(speaker)
        {
            tracing::warn!(%problem, "the recording cannot be played");
            check.view.problem = Some(problem_of(CheckInStep::Speaker, &problem));
        }
    }

    pub fn speaker_state(&mut self, number: u64, state: &SpeakerState) {
        let Some(check) = self.check().filter(|check| check.number == number) else { return };
        if matches!(check.running, Running::Speaker(_)) {
            check.view.problem = state.problem.as_ref().map(|p| problem_of(CheckInStep::Speaker, p));
            check.view.speaker_playing = state.problem.is_none();
        }
    }

    pub fn microphone_state(&mut self, number: u64, state: &MicState) {
        let now = self.clock.now();
        let Some(check) = self.check().filter(|check| check.number == number) else { return };
        if !matches!(check.running, Running::Microphone(_)) {
            return;
        }
        check.view.problem = state.problem.as_ref().map(|p| problem_of(CheckInStep::Microphone, p));
        let view = &mut check.view.microphone;
        view.level_dbfs = state.level_dbfs;
        view.peak_dbfs = view.peak_dbfs.max(state.level_dbfs);
        let ms = u64::from(state.recorded_ms);
        if state.phase != MicPhase::Playing {
            check.playing = None;
        }
        view.phase = match (state.phase, view.phase) {
            (MicPhase::Recording, _) => MicrophonePhase::Recording { ms, of_ms: u64::from(MAX_RECORDING_MS) },
            (MicPhase::Playing, _) => {
                let since = *check.playing.get_or_insert(now);
                MicrophonePhase::Playing { ms: now.since(since).min(ms), of_ms: ms }
            }
            (MicPhase::Idle, MicrophonePhase::Playing { .. } | MicrophonePhase::Heard) => {
                MicrophonePhase::Heard
            }
            (MicPhase::Idle, _) if ms > 0 => MicrophonePhase::Recorded { ms },
            (MicPhase::Idle, _) => MicrophonePhase::Idle,
        };
    }

    pub fn camera_state(&mut self, number: u64, state: &PreviewState) {
        let Some(check) = self.check().filter(|check| check.number == number) else { return };
        if matches!(check.running, Running::Camera(_)) {
            check.view.problem = state.problem.as_ref().map(|p| problem_of(CheckInStep::Camera, p));
            check.view.camera = CameraCheckView {
                live: state.frames > 0 && state.problem.is_none(),
                width: state.width,
                height: state.height,
                fps: state.fps,
            };
        }
    }
}

/// What the person is told; where sound or pictures cannot be set up at all, as if there were no device.
fn problem_of(step: CheckInStep, problem: &MediaProblem) -> DeviceProblem {
    device_problem(problem).unwrap_or(match step {
        CheckInStep::Camera => DeviceProblem::CameraLost,
        CheckInStep::Microphone => DeviceProblem::MicrophoneLost,
        CheckInStep::Speaker
        | CheckInStep::Code
        | CheckInStep::Password
        | CheckInStep::Identity
        | CheckInStep::Network => DeviceProblem::SpeakerLost,
    })
}
