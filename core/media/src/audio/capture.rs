//! One microphone on a thread of its own: opens it, frames its sound, and comes back after it was
//! lost.
//!
//! The sink gets 10 ms frames without end: silence, paced by the clock, stands in while there is no
//! device, so that time in the call goes on. Nothing is kept here.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::devices::Direction;
use super::recovery::{OpenFailure, Recovery};
use super::resample::Resampler;
use super::streams::{self, InputStream};
use super::{DeviceEvent, FRAME_SAMPLES, Frame, SAMPLE_RATE};

#[cfg(feature = "synthetic")]
use super::synthetic::SyntheticMicrophone;

/// How often the worker looks into the ring.
const TICK: Duration = Duration::from_millis(4);
const FRAME_TIME: Duration = Duration::from_millis(10);
/// An open device that delivers nothing for this long is filled in for.
const PATIENCE: Duration = Duration::from_millis(200);

/// Where a frame comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Microphone,
    /// A synthetic tone: exact already, so not to be processed as a voice.
    Tone,
    /// No device: silence.
    Nowhere,
}

/// Takes the frames of a microphone, on the capture thread. It may lock briefly, not wait.
pub trait FrameSink: Send {
    /// 10 ms of sound; `latency_ms` is its age since the air, as far as the system says.
    fn frame(&mut self, frame: &mut Frame, origin: Origin, latency_ms: u32);
    fn event(&mut self, event: DeviceEvent);
}

enum Command {
    Switch(Option<String>),
    Active(bool),
}

/// A microphone at work; dropping it closes the device (within some milliseconds, without waiting).
#[derive(Debug)]
pub struct Capture {
    commands: Sender<Command>,
}

impl Capture {
    /// Starts capturing from the microphone with this id, or the system's default.
    pub fn start(microphone: Option<String>, sink: impl FrameSink + 'static) -> Result<Self, std::io::Error> {
        let (commands, receiver) = channel();
        std::thread::Builder::new()
            .name("microphone".to_owned())
            .spawn(move || Worker::new(microphone, sink).run(&receiver))?;
        Ok(Self { commands })
    }

    /// Changes to another microphone (`None`: the system's default).
    pub fn switch(&self, microphone: Option<String>) {
        // The worker only ends when this handle is dropped.
        let _ = self.commands.send(Command::Switch(microphone));
    }

    /// Inactive: the device is closed (a phone call needs it) and silence stands in.
    pub fn set_active(&self, active: bool) {
        let _ = self.commands.send(Command::Active(active));
    }
}

enum Source {
    Device {
        stream: InputStream,
        resampler: Box<Resampler>,
    },
    #[cfg(feature = "synthetic")]
    Synthetic(SyntheticMicrophone),
}

impl Source {
    fn open(id: Option<&str>) -> Result<Self, OpenFailure> {
        #[cfg(feature = "synthetic")]
        if let Some(opened) = id.and_then(SyntheticMicrophone::open) {
            return opened.map(Self::Synthetic);
        }
        let stream = streams::open_input(id)?;
        let resampler = Resampler::new(stream.rate, SAMPLE_RATE).map_err(|_| OpenFailure::Missing)?;
        Ok(Self::Device { stream, resampler: Box::new(resampler) })
    }

    /// Hands out what has arrived at 48 kHz.
    fn drain(&mut self, now: Instant, mut out: impl FnMut(&[f32])) {
        match self {
            Self::Device { stream, resampler } => {
                let ready = stream.samples.slots();
                if let Ok(chunk) = stream.samples.read_chunk(ready) {
                    let (first, second) = chunk.as_slices();
                    resampler.push(first, &mut out);
                    resampler.push(second, &mut out);
                    chunk.commit_all();
                }
            }
            #[cfg(feature = "synthetic")]
            Self::Synthetic(microphone) => microphone.drain(now, out),
        }
        // Only synthetic microphones need to know the time.
        let _ = now;
    }

    fn has_failed(&self) -> bool {
        match self {
            Self::Device { stream, .. } => stream.health.has_failed(),
            #[cfg(feature = "synthetic")]
            Self::Synthetic(_) => false,
        }
    }

    fn is_doubtful(&self) -> bool {
        match self {
            Self::Device { stream, .. } => stream.health.is_doubtful(),
            #[cfg(feature = "synthetic")]
            Self::Synthetic(_) => false,
        }
    }

    fn latency_ms(&self) -> u32 {
        match self {
            Self::Device { stream, .. } => stream.health.latency_ms(),
            #[cfg(feature = "synthetic")]
            Self::Synthetic(_) => 0,
        }
    }

    fn origin(&self) -> Origin {
        match self {
            Self::Device { .. } => Origin::Microphone,
            #[cfg(feature = "synthetic")]
            Self::Synthetic(microphone) => microphone.origin(),
        }
    }
}

struct Worker<S> {
    sink: S,
    source: Option<Source>,
    recovery: Recovery,
    /// A frame in the making.
    frame: Frame,
    filled: usize,
    /// When the next frame is due at the latest.
    due: Instant,
}

impl<S: FrameSink> Worker<S> {
    fn new(microphone: Option<String>, sink: S) -> Self {
        let now = Instant::now();
        Self {
            sink,
            source: None,
            recovery: Recovery::new(Direction::Input, microphone, now),
            frame: [0.0; FRAME_SAMPLES],
            filled: 0,
            due: now + FRAME_TIME,
        }
    }

    fn run(mut self, commands: &Receiver<Command>) {
        loop {
            match commands.recv_timeout(TICK) {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.tick();
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Switch(microphone) => {
                self.source = None;
                self.recovery.choose(microphone, now);
            }
            Command::Active(active) => {
                if !active {
                    self.source = None;
                }
                self.recovery.want(active, now);
            }
        }
    }

    fn tick(&mut self) {
        if let Some(attempt) = self.recovery.due(Instant::now()) {
            match Source::open(attempt.id()) {
                Ok(source) => {
                    self.source = Some(source);
                    self.recovery.opened(Instant::now());
                }
                Err(failure) => {
                    let event = self.recovery.failed(failure, Instant::now());
                    self.tell(event);
                }
            }
        }
        let now = Instant::now();
        if let Some(mut source) = self.source.take() {
            let (origin, latency) = (source.origin(), source.latency_ms());
            let mut moved = false;
            source.drain(now, |samples| {
                moved |= !samples.is_empty();
                self.push(samples, origin, latency, now);
            });
            if moved {
                let event = self.recovery.progress(now);
                self.tell(event);
            }
            if source.has_failed() || self.recovery.is_stalled(source.is_doubtful(), now) {
                drop(source);
                let event = self.recovery.lost(Instant::now());
                self.tell(event);
            } else {
                self.source = Some(source);
            }
        }
        self.fill_in(now);
    }

    fn push(&mut self, mut samples: &[f32], origin: Origin, latency: u32, now: Instant) {
        while !samples.is_empty() {
            let take = samples.len().min(FRAME_SAMPLES - self.filled);
            self.frame[self.filled..self.filled + take].copy_from_slice(&samples[..take]);
            self.filled += take;
            samples = &samples[take..];
            if self.filled == FRAME_SAMPLES {
                self.filled = 0;
                self.sink.frame(&mut self.frame, origin, latency);
                self.due = now + FRAME_TIME;
            }
        }
    }

    /// Silence for the time that no device filled.
    fn fill_in(&mut self, now: Instant) {
        let late = now.saturating_duration_since(self.due);
        if self.source.is_some() && late < PATIENCE {
            return;
        }
        while self.due <= now {
            self.filled = 0;
            let mut silence = [0.0; FRAME_SAMPLES];
            self.sink.frame(&mut silence, Origin::Nowhere, 0);
            self.due += FRAME_TIME;
        }
    }

    fn tell(&mut self, event: Option<DeviceEvent>) {
        if let Some(event) = event {
            tracing::info!(?event, "microphone");
            self.sink.event(event);
        }
    }
}
