//! Synthetic devices for the demo and the tests, where there is no sound hardware: compiled only
//! with the feature `synthetic`, used only when chosen by id, never as a stand-in.
//!
//! - `synthetic:tone` (`synthetic:tone:HERTZ:DBFS`): a sine, 440 Hz at −20 dBFS unless told.
//! - `synthetic:file:PATH`: a WAV file (PCM 16-bit or float), looped.
//! - `synthetic:sink`: a speaker nobody hears; its level is what the call and checks report.
//! - `synthetic:sink:PATH`: the same, and what is played is also written to a WAV file, for tests.

use std::time::{Duration, Instant};

use super::capture::Origin;
use super::devices::Device;
use super::recovery::OpenFailure;
use super::resample::Resampler;
use super::wav::{self, WavWriter};
use super::{FRAME_SAMPLES, Frame, SAMPLE_RATE, level};

const PREFIX: &str = "synthetic:";

/// Synthetic microphones to list in builds that have them, after the real ones.
pub fn microphones() -> Vec<Device> {
    vec![listed("synthetic:tone", "Test tone")]
}

/// Synthetic speakers to list in builds that have them, after the real ones.
pub fn speakers() -> Vec<Device> {
    vec![listed("synthetic:sink", "Silent test speaker")]
}

fn listed(id: &str, name: &str) -> Device {
    Device { id: id.to_owned(), name: name.to_owned(), is_default: false }
}

/// A tone or a file as a microphone, paced by the clock.
pub(super) struct SyntheticMicrophone {
    sound: Sound,
    started: Instant,
    /// Samples handed out.
    given: u64,
}

enum Sound {
    Tone { hertz: f64, amplitude: f32 },
    File(Vec<f32>),
}

impl SyntheticMicrophone {
    /// `None`: the id is not of a synthetic microphone.
    pub fn open(id: &str) -> Option<Result<Self, OpenFailure>> {
        let rest = id.strip_prefix(PREFIX)?;
        let sound = if rest == "tone" || rest.starts_with("tone:") { tone(rest) } else { file(rest) };
        Some(sound.ok_or(OpenFailure::Missing).map(|sound| Self { sound, started: Instant::now(), given: 0 }))
    }

    pub fn origin(&self) -> Origin {
        match self.sound {
            Sound::Tone { .. } => Origin::Tone,
            Sound::File(_) => Origin::Microphone,
        }
    }

    /// Hands out what a microphone would have heard by `now`, in whole frames.
    pub fn drain(&mut self, now: Instant, mut out: impl FnMut(&[f32])) {
        let elapsed = now.saturating_duration_since(self.started);
        let due = (elapsed.as_micros() as u64 * u64::from(SAMPLE_RATE)) / 1_000_000;
        while self.given + FRAME_SAMPLES as u64 <= due {
            let first = self.given;
            let frame: Frame = match &self.sound {
                Sound::Tone { hertz, amplitude } => std::array::from_fn(|n| {
                    let t = (first + n as u64) as f64 / f64::from(SAMPLE_RATE);
                    amplitude * (std::f64::consts::TAU * hertz * t).sin() as f32
                }),
                Sound::File(sound) => std::array::from_fn(|n| sound[(first as usize + n) % sound.len()]),
            };
            out(&frame);
            self.given += FRAME_SAMPLES as u64;
        }
    }
}

fn tone(rest: &str) -> Option<Sound> {
    let mut parts = rest.split(':').skip(1);
    let hertz: f64 = parts.next().map_or(Some(440.0), |part| part.parse().ok())?;
    let dbfs: f32 = parts.next().map_or(Some(-20.0), |part| part.parse().ok())?;
    ((1.0..24_000.0).contains(&hertz) && dbfs <= 0.0)
        .then(|| Sound::Tone { hertz, amplitude: level::amplitude(dbfs) })
}

fn file(rest: &str) -> Option<Sound> {
    let path = rest.strip_prefix("file:")?;
    let (rate, sound) = wav::read(&std::fs::read(path).ok()?)?;
    let mut resampler = Resampler::new(rate, SAMPLE_RATE).ok()?;
    let mut converted = Vec::with_capacity(sound.len());
    resampler.push(&sound, |made| converted.extend_from_slice(made));
    (!converted.is_empty()).then_some(Sound::File(converted))
}

/// A speaker nobody hears.
pub(super) struct SyntheticSpeaker {
    file: Option<WavWriter>,
}

impl SyntheticSpeaker {
    /// `None`: the id is not of a synthetic speaker.
    pub fn open(id: &str) -> Option<Result<Self, OpenFailure>> {
        let rest = id.strip_prefix(PREFIX)?;
        if rest == "sink" {
            return Some(Ok(Self { file: None }));
        }
        let opened = rest
            .strip_prefix("sink:")
            .and_then(|path| WavWriter::create(path, SAMPLE_RATE, Duration::from_secs(1)).ok());
        Some(opened.ok_or(OpenFailure::Missing).map(|file| Self { file: Some(file) }))
    }

    pub fn take(&mut self, frame: &Frame) {
        if let Some(file) = &mut self.file
            && file.write(frame).is_err()
        {
            // A full disk ends the test's file, not the call.
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_synthetic_tone_reads_its_level_and_keeps_pace() {
        let mut microphone = SyntheticMicrophone::open("synthetic:tone:997:-23.5").unwrap().unwrap();
        let mut heard = Vec::new();
        let start = microphone.started;
        for ms in (0..=1_000).step_by(7) {
            let now = start + Duration::from_millis(ms);
            microphone.drain(now, |frame| heard.extend_from_slice(frame));
        }
        assert!(heard.len().abs_diff(48_000) <= 960, "{}", heard.len());
        assert!((level::dbfs(&heard) + 23.5).abs() < 0.1);
    }

    #[test]
    fn audio_synthetic_ids() {
        assert!(SyntheticMicrophone::open("alsa:default").is_none());
        assert!(SyntheticMicrophone::open("synthetic:tone").unwrap().is_ok());
        for wrong in
            ["synthetic:tone:x", "synthetic:tone:440:3", "synthetic:file:/nowhere.wav", "synthetic:x"]
        {
            assert!(SyntheticMicrophone::open(wrong).unwrap().is_err(), "{wrong}");
        }
        assert!(SyntheticSpeaker::open("synthetic:sink").unwrap().is_ok());
        assert!(SyntheticSpeaker::open("synthetic:sink:/no/such/folder/x.wav").unwrap().is_err());
        assert!(SyntheticSpeaker::open("alsa:default").is_none());
    }
}
