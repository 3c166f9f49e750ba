//! The sound and picture side of a session behind one thin trait, so that the event loop can be
//! tested where no codec is. [`real`] is the one people get: `miantan-media` and nothing else.
//!
//! Everything here answers at once; what takes time is told through the callbacks. Dropping a handle
//! ends what it stands for and releases its devices.

pub mod real;

use crate::view::DeviceProblem;
use miantan_domain::model::Movement;
use miantan_domain::rules::call::MediaPlan;
use miantan_domain::signal::Signal;
use miantan_media::audio::{MicState, SpeakerState};
use miantan_media::devices::DeviceList;
use miantan_media::preview::PreviewState;
use miantan_media::{I420Frame, MediaEvent, MediaProblem, ScanNews};
use std::sync::Arc;

/// Called from media tasks; must not block.
pub type Tell<T> = Box<dyn Fn(T) + Send + Sync>;

/// How a call's stack is started.
#[derive(Debug, Clone)]
pub struct StackSetup {
    pub offers: bool,
    pub plan: MediaPlan,
    /// Device ids; `None` is the system's default.
    pub camera: Option<String>,
    pub microphone: Option<String>,
    pub speaker: Option<String>,
    pub camera_on: bool,
    pub muted: bool,
}

/// What a call's stack tells.
#[derive(Debug, Clone, PartialEq)]
pub enum StackNews {
    Media(MediaEvent),
    /// It never started, or its end came by itself. The last news.
    Over(Option<MediaProblem>),
}

/// A running call stack.
pub trait CallStack: Send {
    fn signal(&self, signal: Signal);
    fn set_muted(&self, muted: bool);
    fn set_camera_on(&self, on: bool);
    fn switch_camera(&self, id: Option<String>);
    fn switch_microphone(&self, id: Option<String>);
    fn switch_speaker(&self, id: Option<String>);
    fn restart_ice(&self);
    /// A telephone call has the microphone: capture nothing.
    fn pause(&self, paused: bool);
    /// The app is not in front: no camera, sound goes on.
    fn hide(&self, hidden: bool);
}

/// A running check of one device; plays, listens or films until dropped.
pub trait DeviceCheck: Send {
    fn switch(&self, id: Option<String>);
}

/// A running microphone check.
pub trait MicrophoneTest: Send {
    fn switch(&self, id: Option<String>);
    fn record(&self);
    /// Ends recording or playing; the recording is kept.
    fn stop(&self);
    /// `Ok(false)`: nothing was recorded.
    fn play_back(&self, speaker: Option<String>) -> Result<bool, MediaProblem>;
}

/// All of a device's media.
pub trait MediaHost: Send + Sync + 'static {
    /// Where the page gets its pictures. Holds a key: never logged.
    fn screen_url(&self) -> Arc<str>;
    /// Blocks while the system answers.
    fn devices(&self) -> DeviceList;
    fn call(&self, setup: StackSetup, tell: Tell<StackNews>) -> Box<dyn CallStack>;
    fn preview(
        &self,
        camera: Option<String>,
        tell: Tell<PreviewState>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem>;
    /// As [`Self::preview`], for the face check: every picture is handed over as well.
    fn face_check(
        &self,
        camera: Option<String>,
        tell: Tell<PreviewState>,
        pictures: Tell<I420Frame>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem>;
    /// Whether this camera shows no real person. Said on screen and in every report.
    fn is_simulated(&self, camera: Option<&str>) -> bool {
        let _ = camera;
        false
    }
    /// What the person is asked for now: a synthetic one does it. Nothing where there are only real cameras.
    fn cue(&self, movement: Option<Movement>) {
        let _ = movement;
    }
    /// Looks for QR codes, with the live picture on the own view.
    fn scan(
        &self,
        camera: Option<String>,
        tell: Tell<ScanNews>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem>;
    fn speaker_check(
        &self,
        speaker: Option<String>,
        tell: Tell<SpeakerState>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem>;
    fn microphone_check(
        &self,
        microphone: Option<String>,
        tell: Tell<MicState>,
    ) -> Result<Box<dyn MicrophoneTest>, MediaProblem>;
    /// Rings until dropped.
    fn ring(&self, speaker: Option<String>) -> Result<Box<dyn Send>, MediaProblem>;
}

/// The sentence the interface has for a problem; `None` where it is not about a device.
pub fn device_problem(problem: &MediaProblem) -> Option<DeviceProblem> {
    match problem {
        MediaProblem::NoCamera => Some(DeviceProblem::NoCamera),
        MediaProblem::CameraRefused => Some(DeviceProblem::CameraRefused),
        MediaProblem::CameraLost => Some(DeviceProblem::CameraLost),
        MediaProblem::NoMicrophone => Some(DeviceProblem::NoMicrophone),
        MediaProblem::MicrophoneRefused => Some(DeviceProblem::MicrophoneRefused),
        MediaProblem::MicrophoneLost => Some(DeviceProblem::MicrophoneLost),
        MediaProblem::NoSpeaker => Some(DeviceProblem::NoSpeaker),
        MediaProblem::SpeakerLost => Some(DeviceProblem::SpeakerLost),
        // About the network or the software, not about something the person can plug in or allow.
        _ => None,
    }
}
