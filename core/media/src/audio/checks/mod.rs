//! The device check (J5, J6) and the ring: real devices, real sound.
//!
//! What a microphone check records stays in memory, is at most [`MAX_RECORDING_MS`] long, is played
//! to the same person and is gone when the check is dropped.

mod microphone;

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::level::{FLOOR_DBFS, LevelMeter};
use super::playback::{Flow, FrameSource, Playback};
use super::{AudioStartError, DeviceEvent, Frame, MediaProblem, music};

pub use microphone::{MAX_RECORDING_MS, MicPhase, MicState, MicrophoneCheck};

/// Levels are averaged over 100 ms and published every 50 ms.
const LEVEL_WINDOW_MS: u32 = 100;
const LEVEL_FRAMES: u32 = 5;

/// What a speaker check shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeakerState {
    /// Level of what is being played, in dBFS (see [`super::level`]).
    pub level_dbfs: f32,
    pub problem: Option<MediaProblem>,
}

/// Plays the check music, looped, until dropped.
#[derive(Debug)]
pub struct SpeakerCheck {
    playback: Playback,
    state: watch::Receiver<SpeakerState>,
}

impl SpeakerCheck {
    /// Starts playing on this speaker (`None`: the system's default).
    pub fn start(speaker: Option<String>) -> Result<Self, AudioStartError> {
        static MUSIC: OnceLock<Arc<[f32]>> = OnceLock::new();
        let (playback, state) = start_loop(speaker, &MUSIC, music::check_music)?;
        Ok(Self { playback, state })
    }

    /// Goes on playing on another speaker.
    pub fn switch(&self, speaker: Option<String>) {
        self.playback.switch(speaker);
    }

    pub fn state(&self) -> watch::Receiver<SpeakerState> {
        self.state.clone()
    }
}

/// Rings until dropped.
#[derive(Debug)]
pub struct Ringer {
    _playback: Playback,
    state: watch::Receiver<SpeakerState>,
}

impl Ringer {
    /// Starts ringing on this speaker (`None`: the system's default).
    pub fn start(speaker: Option<String>) -> Result<Self, AudioStartError> {
        static RING: OnceLock<Arc<[f32]>> = OnceLock::new();
        let (playback, state) = start_loop(speaker, &RING, music::ring)?;
        Ok(Self { _playback: playback, state })
    }

    pub fn state(&self) -> watch::Receiver<SpeakerState> {
        self.state.clone()
    }
}

fn start_loop(
    speaker: Option<String>,
    kept: &'static OnceLock<Arc<[f32]>>,
    compose: fn() -> Vec<f32>,
) -> Result<(Playback, watch::Receiver<SpeakerState>), AudioStartError> {
    let (state, watching) = watch::channel(SpeakerState { level_dbfs: FLOOR_DBFS, problem: None });
    let source =
        Looped { kept, compose, position: 0, meter: LevelMeter::new(LEVEL_WINDOW_MS), frames: 0, state };
    Ok((Playback::start(speaker, source)?, watching))
}

/// A sound that begins again at its end. Composed on the playback thread at first use.
struct Looped {
    kept: &'static OnceLock<Arc<[f32]>>,
    compose: fn() -> Vec<f32>,
    position: usize,
    meter: LevelMeter,
    frames: u32,
    state: watch::Sender<SpeakerState>,
}

impl FrameSource for Looped {
    fn fill(&mut self, frame: &mut Frame, _latency_ms: u32) -> Flow {
        let sound = self.kept.get_or_init(|| (self.compose)().into());
        for sample in frame.iter_mut() {
            *sample = sound[self.position];
            self.position = (self.position + 1) % sound.len();
        }
        self.meter.push(frame);
        self.frames += 1;
        if self.frames.is_multiple_of(LEVEL_FRAMES) {
            let level = self.meter.dbfs();
            self.state.send_modify(|state| state.level_dbfs = level);
        }
        Flow::More
    }

    fn event(&mut self, event: DeviceEvent) {
        self.state.send_modify(|state| {
            state.problem = match event {
                DeviceEvent::Problem(problem) => Some(problem),
                DeviceEvent::Recovered => None,
            };
        });
    }
}
