//! The thread that owns an open camera and hands its pictures to a sink; it opens, switches, pauses and
//! reopens. Dropping the handle turns the camera off.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::{CameraChoice, CameraFormat, CameraSource, open};
use crate::frame::I420Frame;
use crate::problem::MediaProblem;

/// A camera just released elsewhere (the preview before a call) is busy for a moment; longer is a problem.
const BUSY: Duration = Duration::from_secs(2);
const BUSY_RETRY: Duration = Duration::from_millis(150);
/// A camera that said nothing for this long is gone, whatever its driver claims.
const SILENT: Duration = Duration::from_secs(3);
/// How often a lost camera is looked for again.
const LOST_RETRY: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) enum CaptureEvent {
    /// First picture after opening, switching or coming back.
    Running,
    /// The camera was turned off; no further picture comes before the next `Running`.
    Stopped,
    Problem(MediaProblem),
}

enum Command {
    Choose(CameraChoice),
    On(bool),
    Stop,
}

pub(crate) struct Capture {
    commands: mpsc::Sender<Command>,
}

type Sink = Box<dyn FnMut(I420Frame) + Send>;

impl Capture {
    /// Starts the thread. The camera opens at once when `on`.
    ///
    /// # Errors
    /// [`MediaProblem::CameraLost`] when the system gives no thread.
    pub(crate) fn start(
        choice: CameraChoice,
        on: bool,
        wanted: CameraFormat,
        sink: Sink,
        events: UnboundedSender<CaptureEvent>,
    ) -> Result<Self, MediaProblem> {
        let (commands, receiver) = mpsc::channel();
        // The worker is made on its thread: an open camera need not be `Send`.
        let work = move || {
            Worker { choice, on, wanted, sink, events, receiver, source: None, attempt: Attempt::Now }.run();
        };
        thread::Builder::new()
            .name("miantan-camera".to_owned())
            .spawn(work)
            .map_err(|_| MediaProblem::CameraLost)?;
        Ok(Self { commands })
    }

    pub(crate) fn choose(&self, choice: CameraChoice) {
        let _ = self.commands.send(Command::Choose(choice));
    }

    /// Off closes the device, so that its light goes out.
    pub(crate) fn set_on(&self, on: bool) {
        let _ = self.commands.send(Command::On(on));
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
    }
}

struct Running {
    source: Box<dyn CameraSource>,
    last_picture: Instant,
    announced: bool,
}

/// When and how patiently the next opening is tried.
enum Attempt {
    Now,
    /// Opening failed; the reason is told only when it still fails at `until`.
    Again {
        at: Instant,
        until: Instant,
    },
    /// The problem has been told; look again quietly.
    Later {
        at: Instant,
    },
}

struct Worker {
    choice: CameraChoice,
    on: bool,
    wanted: CameraFormat,
    sink: Sink,
    events: UnboundedSender<CaptureEvent>,
    receiver: mpsc::Receiver<Command>,
    source: Option<Running>,
    attempt: Attempt,
}

impl Worker {
    fn run(mut self) {
        loop {
            let command = match &self.source {
                Some(_) => self.receiver.try_recv(),
                None => self.wait(),
            };
            match command {
                Ok(Command::Choose(choice)) => {
                    self.choice = choice;
                    self.source = None;
                    self.attempt = Attempt::Now;
                }
                Ok(Command::On(on)) => {
                    self.on = on;
                    self.attempt = Attempt::Now;
                    if !on {
                        self.source = None;
                        let _ = self.events.send(CaptureEvent::Stopped);
                    }
                }
                Ok(Command::Stop) | Err(mpsc::TryRecvError::Disconnected) => {
                    self.source = None;
                    let _ = self.events.send(CaptureEvent::Stopped);
                    return;
                }
                Err(mpsc::TryRecvError::Empty) => self.step(),
            }
        }
    }

    /// Waits for a command, or until the next opening is due (`Empty`).
    fn wait(&self) -> Result<Command, mpsc::TryRecvError> {
        if !self.on {
            return self.receiver.recv().map_err(|_| mpsc::TryRecvError::Disconnected);
        }
        let due = match self.attempt {
            Attempt::Now => Duration::ZERO,
            Attempt::Again { at, .. } | Attempt::Later { at } => at.saturating_duration_since(Instant::now()),
        };
        self.receiver.recv_timeout(due).map_err(|error| match error {
            mpsc::RecvTimeoutError::Timeout => mpsc::TryRecvError::Empty,
            mpsc::RecvTimeoutError::Disconnected => mpsc::TryRecvError::Disconnected,
        })
    }

    fn step(&mut self) {
        match &mut self.source {
            None => self.try_open(),
            Some(running) => match running.source.next_frame() {
                Ok(Some(frame)) => {
                    running.last_picture = Instant::now();
                    if !running.announced {
                        running.announced = true;
                        let _ = self.events.send(CaptureEvent::Running);
                    }
                    (self.sink)(frame);
                }
                Ok(None) if running.last_picture.elapsed() < SILENT => {}
                Ok(None) => self.lost(MediaProblem::CameraLost),
                Err(problem) => self.lost(problem),
            },
        }
    }

    fn lost(&mut self, problem: MediaProblem) {
        self.source = None;
        self.attempt = Attempt::Later { at: Instant::now() + LOST_RETRY };
        let _ = self.events.send(CaptureEvent::Problem(problem));
    }

    fn try_open(&mut self) {
        let problem = match open(&self.choice, self.wanted) {
            Ok(source) => {
                self.source = Some(Running { source, last_picture: Instant::now(), announced: false });
                return;
            }
            Err(problem) => problem,
        };
        let now = Instant::now();
        self.attempt = match self.attempt {
            Attempt::Later { .. } => Attempt::Later { at: now + LOST_RETRY },
            Attempt::Now if problem == MediaProblem::CameraLost => {
                Attempt::Again { at: now + BUSY_RETRY, until: now + BUSY }
            }
            Attempt::Again { until, .. } if now < until => Attempt::Again { at: now + BUSY_RETRY, until },
            Attempt::Now | Attempt::Again { .. } => {
                let _ = self.events.send(CaptureEvent::Problem(problem));
                Attempt::Later { at: now + LOST_RETRY }
            }
        };
    }
}
