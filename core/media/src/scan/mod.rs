//! Reads QR codes off a live camera: the first screen's scanner. The picture goes to the own view, as the preview's
//! does; the newest one is looked at about every [`EVERY`] on a thread of its own, so that a hard picture slows
//! the looking and never the picture.
//!
//! It says what the codes say and judges nothing: which texts are addresses is the client's matter. Texts may carry
//! invitation codes: they are never logged, and pictures never leave the device.

mod look;
mod reader;
mod sight;

use std::time::Duration;

use tokio::sync::mpsc;

pub use look::texts_in;

use crate::camera::{CameraChoice, CameraFormat, Capture, CaptureEvent};
use crate::frame::I420Frame;
use crate::problem::MediaProblem;
use crate::screen::{Screen, View};

/// Time from one look to the next; a look that takes longer is followed by a rest of its own length.
pub const EVERY: Duration = Duration::from_millis(150);

/// More samples than a call asks for: a code on a poster across the aisle is small.
const FORMAT: CameraFormat = CameraFormat { width: 1280, height: 720, rate: 30 };

/// What the page gets, in samples: the long and the short side.
const SHOWN: (u32, u32) = (640, 360);

/// What a scan tells, in order.
#[derive(Clone, PartialEq, Eq)]
pub enum ScanNews {
    /// The first picture after opening, switching or coming back.
    Live,
    /// A code says this. Told once for as long as that code stays in sight; of several codes the one nearest the
    /// middle of the picture comes first.
    Found(String),
    /// No code has been in sight for two seconds.
    Gone,
    /// There is no picture, and why; [`ScanNews::Live`] says that it is back.
    Problem(MediaProblem),
}

/// Texts are secrets.
impl std::fmt::Debug for ScanNews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Live => f.write_str("Live"),
            Self::Found(_) => f.write_str("Found(..)"),
            Self::Gone => f.write_str("Gone"),
            Self::Problem(problem) => f.debug_tuple("Problem").field(problem).finish(),
        }
    }
}

/// A running scan; dropping it turns the camera off, which clears the view and ends the news.
pub struct CameraScan {
    capture: Capture,
}

impl CameraScan {
    /// Starts showing and looking. Must be called within a tokio runtime. A missing or refused camera comes as
    /// [`ScanNews::Problem`], as it may still be plugged in or allowed.
    ///
    /// # Errors
    /// [`MediaProblem::CameraLost`] when the system gives no thread.
    pub fn start(
        choice: CameraChoice,
        screen: Screen,
    ) -> Result<(Self, mpsc::UnboundedReceiver<ScanNews>), MediaProblem> {
        let (news, receiver) = mpsc::unbounded_channel();
        let reader = reader::start(news.clone())?;
        let to_screen = screen.clone();
        let sink = Box::new(move |frame: I420Frame| {
            reader.show(frame.clone());
            let (width, height) = frame.sides_within(SHOWN.0, SHOWN.1);
            to_screen.publish(View::Own, frame.scaled(width, height).upright());
        });
        let (events_in, mut events) = mpsc::unbounded_channel();
        let capture = Capture::start(choice, true, FORMAT, sink, events_in)?;
        // Ends when the camera thread does.
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let told = match event {
                    CaptureEvent::Running => Some(ScanNews::Live),
                    CaptureEvent::Stopped => None,
                    CaptureEvent::Problem(problem) => Some(ScanNews::Problem(problem)),
                };
                if told != Some(ScanNews::Live) {
                    screen.clear(View::Own);
                }
                // Err: nobody listens any more; the camera is about to go off.
                let _ = told.map(|told| news.send(told));
            }
        });
        Ok((Self { capture }, receiver))
    }

    /// Another camera; the picture stays until the new one delivers.
    pub fn switch(&self, choice: CameraChoice) {
        self.capture.choose(choice);
    }
}
