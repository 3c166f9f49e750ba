//! One speaker on a thread of its own: pulls frames, keeps the device's ring just full enough, and
//! comes back after the device was lost.
//!
//! The source is pulled at the pace of the device; while there is none, at the pace of the clock
//! with the sound discarded, so that nothing piles up behind it.

use std::time::{Duration, Instant};

use super::device_loop::{DeviceLoop, Side, Turn};
use super::devices::Direction;
use super::recovery::OpenFailure;
use super::resample::Resampler;
use super::streams::{self, OutputStream};
use super::{DeviceEvent, FRAME_SAMPLES, Frame, SAMPLE_RATE};

#[cfg(feature = "synthetic")]
use super::synthetic::SyntheticSpeaker;

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

/// A speaker at work; dropping it stops the sound (within some milliseconds, without waiting).
#[derive(Debug)]
pub struct Playback(DeviceLoop);

impl Playback {
    /// Starts playing on the speaker with this id, or the system's default.
    pub fn start(
        speaker: Option<String>,
        source: impl FrameSource + 'static,
    ) -> Result<Self, std::io::Error> {
        let player = Player { source, due: Instant::now() + FRAME_TIME, end: None };
        DeviceLoop::start(speaker, player).map(Self)
    }

    /// Changes to another speaker (`None`: the system's default).
    pub fn switch(&self, speaker: Option<String>) {
        self.0.switch(speaker);
    }

    /// Inactive: the device is closed (a phone call needs it); the source is still pulled.
    pub fn set_active(&self, active: bool) {
        self.0.set_active(active);
    }
}

/// Opaque outside, as [`Output`], which holds it.
pub(super) struct DeviceOutput {
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

/// Opaque outside: [`DeviceLoop`] opens it and hands it back.
pub(super) enum Output {
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

struct Player<S> {
    source: S,
    /// When the next frame is due where no device sets the pace.
    due: Instant,
    /// When the last frame will have been played.
    end: Option<Instant>,
}

impl<S: FrameSource + 'static> Side for Player<S> {
    const THREAD: &'static str = "speaker";
    const DIRECTION: Direction = Direction::Output;
    type Device = Output;

    fn open(id: Option<&str>) -> Result<Output, OpenFailure> {
        Output::open(id)
    }

    fn turn(&mut self, device: Option<&mut Output>, now: Instant) -> Turn {
        match device {
            None => {
                self.pace(now, |_| {});
                Turn::default()
            }
            Some(Output::Device(device)) => {
                while self.end.is_none() && device.held() < device.target() {
                    let frame = self.pull(device.latency_ms());
                    device.push(&frame);
                }
                // Started with a full ring, so that the first callback finds sound.
                let started = device.playing || device.stream.play().is_ok();
                device.playing = true;
                self.due = now + FRAME_TIME;
                Turn {
                    failed: !started || device.stream.health.has_failed(),
                    moved: device.look(),
                    doubtful: device.stream.health.is_doubtful(),
                }
            }
            #[cfg(feature = "synthetic")]
            Some(Output::Synthetic(speaker)) => {
                self.pace(now, |frame| speaker.take(frame));
                Turn { moved: true, ..Turn::default() }
            }
        }
    }

    fn event(&mut self, event: DeviceEvent) {
        self.source.event(event);
    }

    fn end(&self) -> Option<Instant> {
        self.end
    }

    fn ended(&mut self) {
        self.source.ended();
    }
}

impl<S: FrameSource> Player<S> {
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
}
