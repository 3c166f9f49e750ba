//! One microphone on a thread of its own: opens it, frames its sound, and comes back after it was
//! lost.
//!
//! The sink gets 10 ms frames without end: silence, paced by the clock, stands in while there is no
//! device, so that time in the call goes on. Nothing is kept here.

use std::time::{Duration, Instant};

use super::device_loop::{DeviceLoop, Side, Turn};
use super::devices::Direction;
use super::recovery::OpenFailure;
use super::resample::Resampler;
use super::streams::{self, InputStream};
use super::{DeviceEvent, FRAME_SAMPLES, Frame, SAMPLE_RATE};

#[cfg(feature = "synthetic")]
use super::synthetic::SyntheticMicrophone;

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

/// A microphone at work; dropping it closes the device (within some milliseconds, without waiting).
#[derive(Debug)]
pub struct Capture(DeviceLoop);

impl Capture {
    /// Starts capturing from the microphone with this id, or the system's default.
    pub fn start(microphone: Option<String>, sink: impl FrameSink + 'static) -> Result<Self, std::io::Error> {
        DeviceLoop::start(microphone, Listener::new(sink)).map(Self)
    }

    /// Changes to another microphone (`None`: the system's default).
    pub fn switch(&self, microphone: Option<String>) {
        self.0.switch(microphone);
    }

    /// Inactive: the device is closed (a phone call needs it) and silence stands in.
    pub fn set_active(&self, active: bool) {
        self.0.set_active(active);
    }
}

/// Opaque outside: [`DeviceLoop`] opens it and hands it back.
pub(super) enum Source {
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

struct Listener<S> {
    sink: S,
    /// A frame in the making.
    frame: Frame,
    filled: usize,
    /// When the next frame is due at the latest.
    due: Instant,
}

impl<S: FrameSink + 'static> Side for Listener<S> {
    const THREAD: &'static str = "microphone";
    const DIRECTION: Direction = Direction::Input;
    type Device = Source;

    fn open(id: Option<&str>) -> Result<Source, OpenFailure> {
        Source::open(id)
    }

    fn turn(&mut self, mut device: Option<&mut Source>, now: Instant) -> Turn {
        let mut turn = Turn::default();
        if let Some(source) = &mut device {
            let (origin, latency) = (source.origin(), source.latency_ms());
            source.drain(now, |samples| {
                turn.moved |= !samples.is_empty();
                self.push(samples, origin, latency, now);
            });
            (turn.failed, turn.doubtful) = (source.has_failed(), source.is_doubtful());
        }
        self.fill_in(device.is_some() && !turn.failed, now);
        turn
    }

    fn event(&mut self, event: DeviceEvent) {
        self.sink.event(event);
    }
}

impl<S: FrameSink> Listener<S> {
    fn new(sink: S) -> Self {
        Self { sink, frame: [0.0; FRAME_SAMPLES], filled: 0, due: Instant::now() + FRAME_TIME }
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
    fn fill_in(&mut self, has_device: bool, now: Instant) {
        let late = now.saturating_duration_since(self.due);
        if has_device && late < PATIENCE {
            return;
        }
        while self.due <= now {
            self.filled = 0;
            let mut silence = [0.0; FRAME_SAMPLES];
            self.sink.frame(&mut silence, Origin::Nowhere, 0);
            self.due += FRAME_TIME;
        }
    }
}
