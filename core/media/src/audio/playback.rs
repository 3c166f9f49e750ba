//! One speaker on a thread of its own: pulls frames, keeps the device's ring just full enough, and
//! comes back after the device was lost.
//!
//! The source is pulled at the pace of the device; while there is none, at the pace of the clock
//! with the sound discarded, so that nothing piles up behind it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::devices::Direction;
use super::recovery::{OpenFailure, Recovery};
use super::resample::Resampler;
use super::streams::{self, OutputStream};
use super::{DeviceEvent, FRAME_SAMPLES, Frame, SAMPLE_RATE};

#[cfg(feature = "synthetic")]
use super::synthetic::SyntheticSpeaker;

const TICK: Duration = Duration::from_millis(4);
const FRAME_TIME: Duration = Duration::from_millis(10);
/// After the worker was held up longer than this, pacing starts anew instead of catching up.
const CATCH_UP: Duration = Duration::from_millis(500);
/// What the ring holds beyond one callback: at first, and at most after underruns.
const RESERVE: Duration = Duration::from_millis(10);
const MAX_RESERVE: Duration = Duration::from_millis(80);
/// Time for the device to play what it has taken, after the end.
const TAIL: Duration = Duration::from_millis(150);

/// Whether there is more to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    More,
    /// This frame is the last one.
    End,
}

/// Gives the frames to play, on the playback thread. It may lock briefly, not wait.
pub trait FrameSource: Send {
    /// Fills 10 ms. `latency_ms`: from now until the frame is in the air, as far as is known.
    fn fill(&mut self, frame: &mut Frame, latency_ms: u32) -> Flow;
    fn event(&mut self, event: DeviceEvent);
    /// Everything up to the frame that said [`Flow::End`] has been played.
    fn ended(&mut self) {}
}

enum Command {
    Switch(Option<String>),
    Active(bool),
}

/// A speaker at work; dropping it stops the sound (within some milliseconds, without waiting).
#[derive(Debug)]
pub struct Playback {
    commands: Sender<Command>,
}

impl Playback {
    /// Starts playing on the speaker with this id, or the system's default.
    pub fn start(
        speaker: Option<String>,
        source: impl FrameSource + 'static,
    ) -> Result<Self, std::io::Error> {
        let (commands, receiver) = channel();
        std::thread::Builder::new()
            .name("speaker".to_owned())
            .spawn(move || Worker::new(speaker, source).run(&receiver))?;
        Ok(Self { commands })
    }

    /// Changes to another speaker (`None`: the system's default).
    pub fn switch(&self, speaker: Option<String>) {
        // Fails only after the source has ended, when there is nothing to switch.
        let _ = self.commands.send(Command::Switch(speaker));
    }

    /// Inactive: the device is closed (a phone call needs it); the source is still pulled.
    pub fn set_active(&self, active: bool) {
        let _ = self.commands.send(Command::Active(active));
    }
}

struct DeviceOutput {
    stream: OutputStream,
    resampler: Resampler,
    reserve: Duration,
    underruns: u32,
    callbacks: u32,
    playing: bool,
}

impl DeviceOutput {
    /// Samples (at the device's rate) that the ring should hold.
    fn target(&self) -> usize {
        let rate = self.stream.rate as usize;
        let callback = self.stream.health.callback_frames().max(rate / 50);
        (callback + (self.reserve.as_millis() as usize * rate) / 1_000)
            .min(self.stream.samples.buffer().capacity())
    }

    fn held(&self) -> usize {
        self.stream.samples.buffer().capacity() - self.stream.samples.slots()
    }

    fn latency_ms(&self) -> u32 {
        let ring = self.held() * 1_000 / self.stream.rate as usize;
        ring as u32 + self.stream.health.latency_ms()
    }

    fn push(&mut self, frame: &Frame) {
        let samples = &mut self.stream.samples;
        self.resampler.push(frame, |made| {
            // What does not fit is dropped; the target keeps that from happening.
            let _ = samples.push_partial_slice(made);
        });
    }

    /// Adapts the reserve to underruns; whether callbacks came since the last look.
    fn look(&mut self) -> bool {
        let underruns = self.stream.health.underruns();
        if underruns != self.underruns {
            self.underruns = underruns;
            self.reserve = (self.reserve + Duration::from_millis(10)).min(MAX_RESERVE);
        }
        let callbacks = self.stream.health.callbacks();
        let moved = callbacks != self.callbacks;
        self.callbacks = callbacks;
        moved
    }
}

enum Output {
    Device(Box<DeviceOutput>),
    #[cfg(feature = "synthetic")]
    Synthetic(SyntheticSpeaker),
}

impl Output {
    fn open(id: Option<&str>) -> Result<Self, OpenFailure> {
        #[cfg(feature = "synthetic")]
        if let Some(opened) = id.and_then(SyntheticSpeaker::open) {
            return opened.map(Self::Synthetic);
        }
        let stream = streams::open_output(id)?;
        let resampler = Resampler::new(SAMPLE_RATE, stream.rate).map_err(|_| OpenFailure::Missing)?;
        Ok(Self::Device(Box::new(DeviceOutput {
            stream,
            resampler,
            reserve: RESERVE,
            underruns: 0,
            callbacks: 0,
            playing: false,
        })))
    }
}

struct Worker<S> {
    source: S,
    output: Option<Output>,
    recovery: Recovery,
    /// When the next frame is due where no device sets the pace.
    due: Instant,
    /// When the last frame will have been played.
    end: Option<Instant>,
}

impl<S: FrameSource> Worker<S> {
    fn new(speaker: Option<String>, source: S) -> Self {
        let now = Instant::now();
        Self {
            source,
            output: None,
            recovery: Recovery::new(Direction::Output, speaker, now),
            due: now + FRAME_TIME,
            end: None,
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
            if self.end.is_some_and(|end| end <= Instant::now()) {
                // Closed first: whoever hears of the end may open the device again at once.
                self.output = None;
                self.source.ended();
                return;
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Switch(speaker) => {
                self.output = None;
                self.recovery.choose(speaker, now);
            }
            Command::Active(active) => {
                if !active {
                    self.output = None;
                }
                self.recovery.want(active, now);
            }
        }
    }

    fn tick(&mut self) {
        if let Some(attempt) = self.recovery.due(Instant::now()) {
            match Output::open(attempt.id()) {
                Ok(output) => {
                    self.output = Some(output);
                    self.recovery.opened(Instant::now());
                }
                Err(failure) => {
                    let event = self.recovery.failed(failure, Instant::now());
                    self.tell(event);
                }
            }
        }
        let now = Instant::now();
        let Some(mut output) = self.output.take() else {
            self.pace(now, |_| {});
            return;
        };
        let (moved, failed, doubtful) = match &mut output {
            Output::Device(device) => {
                while self.end.is_none() && device.held() < device.target() {
                    let frame = self.pull(device.latency_ms());
                    device.push(&frame);
                }
                // Started with a full ring, so that the first callback finds sound.
                let started = device.playing || device.stream.play().is_ok();
                device.playing = true;
                self.due = now + FRAME_TIME;
                let failed = !started || device.stream.health.has_failed();
                (device.look(), failed, device.stream.health.is_doubtful())
            }
            #[cfg(feature = "synthetic")]
            Output::Synthetic(speaker) => {
                self.pace(now, |frame| speaker.take(frame));
                (true, false, false)
            }
        };
        if moved {
            let event = self.recovery.progress(now);
            self.tell(event);
        }
        if failed || self.recovery.is_stalled(doubtful, now) {
            drop(output);
            let event = self.recovery.lost(Instant::now());
            self.tell(event);
        } else {
            self.output = Some(output);
        }
    }

    /// Pulls the frames that are due by the clock.
    fn pace(&mut self, now: Instant, mut take: impl FnMut(&Frame)) {
        if now.saturating_duration_since(self.due) > CATCH_UP {
            self.due = now;
        }
        while self.due <= now && self.end.is_none() {
            let frame = self.pull(0);
            take(&frame);
            self.due += FRAME_TIME;
        }
    }

    fn pull(&mut self, latency_ms: u32) -> Frame {
        let mut frame = [0.0; FRAME_SAMPLES];
        if self.source.fill(&mut frame, latency_ms) == Flow::End {
            let rest = Duration::from_millis(u64::from(latency_ms)) + FRAME_TIME + TAIL;
            self.end = Some(Instant::now() + rest);
        }
        frame
    }

    fn tell(&mut self, event: Option<DeviceEvent>) {
        if let Some(event) = event {
            tracing::info!(?event, "speaker");
            self.source.event(event);
        }
    }
}
