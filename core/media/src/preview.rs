//! The live picture of the device check: a camera straight to the screen's own view. Nothing is encoded
//! and nothing leaves the device.

use tokio::sync::{mpsc, watch};

use crate::camera::{CameraChoice, CameraFormat, Capture, CaptureEvent};
use crate::frame::{I420Frame, now_ms};
use crate::problem::MediaProblem;
use crate::screen::{Screen, View};

/// What the preview shows now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PreviewState {
    /// Sides of the upright picture, in samples; 0 before the first.
    pub width: u32,
    pub height: u32,
    /// Pictures per second, measured over the last second.
    pub fps: f32,
    /// Pictures since the start.
    pub frames: u64,
    /// Set while there is no picture; cleared when the camera comes (back).
    pub problem: Option<MediaProblem>,
}

/// A running preview; dropping it turns the camera off, which clears the view.
pub struct CameraPreview {
    capture: Capture,
    state: watch::Receiver<PreviewState>,
}

impl CameraPreview {
    /// Starts showing. Must be called within a tokio runtime. A missing or refused camera shows in
    /// [`PreviewState::problem`], as it may still be plugged in or allowed.
    ///
    /// # Errors
    /// [`MediaProblem::CameraLost`] when the system gives no thread.
    pub fn start(choice: CameraChoice, screen: Screen) -> Result<Self, MediaProblem> {
        Self::start_as(choice, CameraFormat::CALL, screen, None)
    }

    /// As [`Self::start`], in the sides a face is looked at; every picture is handed to `watch` as well, upright, on the
    /// camera's thread: it must not block.
    ///
    /// # Errors
    /// [`MediaProblem::CameraLost`] when the system gives no thread.
    pub fn start_watched(
        choice: CameraChoice,
        screen: Screen,
        watch: Box<dyn Fn(I420Frame) + Send + Sync>,
    ) -> Result<Self, MediaProblem> {
        Self::start_as(choice, CameraFormat::FACE, screen, Some(watch))
    }

    fn start_as(
        choice: CameraChoice,
        format: CameraFormat,
        screen: Screen,
        watch: Option<Box<dyn Fn(I420Frame) + Send + Sync>>,
    ) -> Result<Self, MediaProblem> {
        let (state_in, state) = watch::channel(PreviewState::default());
        let (events_in, mut events) = mpsc::unbounded_channel();
        let mut rate = Rate::default();
        let (to_screen, to_state) = (screen.clone(), state_in.clone());
        let sink = Box::new(move |frame: I420Frame| {
            let frame = frame.upright();
            let fps = rate.count(now_ms());
            to_state.send_modify(|state| {
                (state.width, state.height) = (frame.width, frame.height);
                state.frames += 1;
                state.fps = fps;
                state.problem = None;
            });
            if let Some(watch) = &watch {
                watch(frame.clone());
            }
            to_screen.publish(View::Own, frame);
        });
        let capture = Capture::start(choice, true, format, sink, events_in)?;
        let cleared = screen;
        // Ends when the camera thread does.
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let problem = match event {
                    CaptureEvent::Running => continue,
                    CaptureEvent::Stopped => None,
                    CaptureEvent::Problem(problem) => Some(problem),
                };
                cleared.clear(View::Own);
                state_in.send_modify(|state| {
                    state.fps = 0.0;
                    state.problem = problem;
                });
            }
        });
        Ok(Self { capture, state })
    }

    /// Another camera; the picture stays until the new one delivers.
    pub fn switch(&self, choice: CameraChoice) {
        self.capture.choose(choice);
    }

    pub fn state(&self) -> watch::Receiver<PreviewState> {
        self.state.clone()
    }
}

/// Events per second over the last second.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    since_ms: Option<u64>,
    count: u32,
    last: f32,
}

impl Rate {
    pub(crate) fn count(&mut self, now_ms: u64) -> f32 {
        let since = *self.since_ms.get_or_insert(now_ms);
        let passed = now_ms.saturating_sub(since);
        if passed >= 1000 {
            self.last = self.count as f32 * 1000.0 / passed as f32;
            self.since_ms = Some(now_ms);
            self.count = 0;
        }
        self.count += 1;
        self.last
    }
}
