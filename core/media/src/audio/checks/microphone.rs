//! Record a few seconds and hear yourself (J6).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::super::capture::{Capture, FrameSink, Origin};
use super::super::level::{FLOOR_DBFS, LevelMeter};
use super::super::playback::{Flow, FrameSource, Playback};
use super::super::{AudioStartError, DeviceEvent, Frame, MediaProblem, SAMPLE_RATE};
use super::{LEVEL_FRAMES, LEVEL_WINDOW_MS};

/// Longest recording, in milliseconds; it ends by itself then.
pub const MAX_RECORDING_MS: u32 = 5_000;
const MAX_SAMPLES: usize = (MAX_RECORDING_MS * (SAMPLE_RATE / 1_000)) as usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicPhase {
    /// Only the level is shown.
    Idle,
    Recording,
    /// The recording is being played.
    Playing,
}

/// What a microphone check shows.
#[derive(Debug, Clone, PartialEq)]
pub struct MicState {
    /// Level of what the microphone hears, unprocessed, in dBFS (see [`crate::audio::level`]).
    pub level_dbfs: f32,
    /// Largest sample of the same 100 ms, linear, 1 is full scale.
    pub peak: f32,
    /// Length of the recording so far, or of the one that is kept, in milliseconds.
    pub recorded_ms: u32,
    pub phase: MicPhase,
    /// Of the microphone, or of the speaker while playing.
    pub problem: Option<MediaProblem>,
}

/// A microphone under test; dropping it closes the devices and forgets the recording.
#[derive(Debug)]
pub struct MicrophoneCheck {
    capture: Capture,
    shared: Arc<Shared>,
    player: Mutex<Option<Playback>>,
}

#[derive(Debug)]
struct Shared {
    state: watch::Sender<MicState>,
    take: Mutex<Take>,
}

#[derive(Debug, Default)]
struct Take {
    sound: Vec<f32>,
    /// Counts playbacks, so that one that was stopped cannot end the next.
    playback: u64,
    microphone: Option<MediaProblem>,
    speaker: Option<MediaProblem>,
}

impl Shared {
    /// The lock is held for copying a frame at most, and never by a device callback.
    fn take(&self) -> MutexGuard<'_, Take> {
        self.take.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn problem(&self, change: impl FnOnce(&mut Take)) {
        let mut take = self.take();
        change(&mut take);
        let problem = take.microphone.clone().or_else(|| take.speaker.clone());
        self.state.send_modify(|state| state.problem = problem);
    }
}

fn problem_of(event: DeviceEvent) -> Option<MediaProblem> {
    match event {
        DeviceEvent::Problem(problem) => Some(problem),
        DeviceEvent::Recovered => None,
    }
}

impl MicrophoneCheck {
    /// Opens this microphone (`None`: the system's default) and shows its level.
    pub fn start(microphone: Option<String>) -> Result<Self, AudioStartError> {
        let (state, _) = watch::channel(MicState {
            level_dbfs: FLOOR_DBFS,
            peak: 0.0,
            recorded_ms: 0,
            phase: MicPhase::Idle,
            problem: None,
        });
        let shared = Arc::new(Shared { state, take: Mutex::default() });
        let recorder =
            Recorder { shared: shared.clone(), meter: LevelMeter::new(LEVEL_WINDOW_MS), frames: 0 };
        Ok(Self { capture: Capture::start(microphone, recorder)?, shared, player: Mutex::new(None) })
    }

    pub fn state(&self) -> watch::Receiver<MicState> {
        self.shared.state.subscribe()
    }

    /// Changes to another microphone; a recording in progress ends.
    pub fn switch(&self, microphone: Option<String>) {
        self.stop();
        self.capture.switch(microphone);
    }

    /// Starts a new recording; it ends by [`Self::stop`] or after [`MAX_RECORDING_MS`].
    pub fn record(&self) {
        self.stop();
        let mut take = self.shared.take();
        take.sound.clear();
        take.sound.reserve(MAX_SAMPLES);
        self.shared.state.send_modify(|state| {
            state.recorded_ms = 0;
            state.phase = MicPhase::Recording;
        });
    }

    /// Plays the recording on this speaker (`None`: the system's default), then is idle again.
    /// `false`: nothing was recorded.
    pub fn play_back(&self, speaker: Option<String>) -> Result<bool, AudioStartError> {
        self.stop();
        let (sound, number): (Arc<[f32]>, u64) = {
            let take = self.shared.take();
            if take.sound.is_empty() {
                return Ok(false);
            }
            (take.sound.as_slice().into(), take.playback)
        };
        self.shared.state.send_modify(|state| state.phase = MicPhase::Playing);
        let replay = Replay { sound, position: 0, number, shared: self.shared.clone() };
        match Playback::start(speaker, replay) {
            Ok(playback) => {
                *self.player() = Some(playback);
                Ok(true)
            }
            Err(error) => {
                self.stop();
                Err(error.into())
            }
        }
    }

    /// Ends recording or playing; the recording is kept.
    pub fn stop(&self) {
        *self.player() = None;
        self.shared.problem(|take| {
            take.playback += 1;
            take.speaker = None;
        });
        self.shared.state.send_modify(|state| state.phase = MicPhase::Idle);
    }

    fn player(&self) -> MutexGuard<'_, Option<Playback>> {
        self.player.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Recorder {
    shared: Arc<Shared>,
    meter: LevelMeter,
    frames: u32,
}

impl FrameSink for Recorder {
    fn frame(&mut self, frame: &mut Frame, origin: Origin, _latency_ms: u32) {
        self.meter.push(frame);
        self.frames += 1;
        let recording = self.shared.state.borrow().phase == MicPhase::Recording;
        let mut recorded = None;
        // Silence that stands in for a missing device is not recorded.
        if recording && origin != Origin::Nowhere {
            let mut take = self.shared.take();
            take.sound.extend_from_slice(frame);
            take.sound.truncate(MAX_SAMPLES);
            recorded = Some(take.sound.len());
        }
        let is_full = recorded.is_some_and(|samples| samples >= MAX_SAMPLES);
        if self.frames.is_multiple_of(LEVEL_FRAMES) || is_full {
            let (level, peak) = (self.meter.dbfs(), self.meter.peak());
            self.shared.state.send_modify(|state| {
                state.level_dbfs = level;
                state.peak = peak;
                // It may have been stopped, or begun anew, in the meantime.
                if let (Some(samples), MicPhase::Recording) = (recorded, state.phase) {
                    state.recorded_ms = samples as u32 / (SAMPLE_RATE / 1_000);
                    if is_full {
                        state.phase = MicPhase::Idle;
                    }
                }
            });
        }
    }

    fn event(&mut self, event: DeviceEvent) {
        let problem = problem_of(event);
        self.shared.problem(|take| take.microphone = problem);
    }
}

struct Replay {
    sound: Arc<[f32]>,
    position: usize,
    number: u64,
    shared: Arc<Shared>,
}

impl FrameSource for Replay {
    fn fill(&mut self, frame: &mut Frame, _latency_ms: u32) -> Flow {
        let rest = &self.sound[self.position..];
        let take = rest.len().min(frame.len());
        frame[..take].copy_from_slice(&rest[..take]);
        self.position += take;
        if self.position < self.sound.len() { Flow::More } else { Flow::End }
    }

    fn event(&mut self, event: DeviceEvent) {
        let problem = problem_of(event);
        let number = self.number;
        self.shared.problem(|take| {
            if take.playback == number {
                take.speaker = problem;
            }
        });
    }

    fn ended(&mut self) {
        let take = self.shared.take();
        if take.playback == self.number {
            self.shared.state.send_modify(|state| state.phase = MicPhase::Idle);
        }
    }
}
