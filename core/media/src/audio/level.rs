//! Sound level in dBFS, measured over a sliding window of 10 ms blocks.
//!
//! Convention (AES17): **0 dBFS is the RMS of a full-scale sine**, so a sine of amplitude `a` reads
//! `20·log10(a)` and a full-scale square wave reads +3.01 dBFS. Digital silence reads [`FLOOR_DBFS`].
//! This module never smooths over more than the window it was given and never looks at a clock.

use super::FRAME_SAMPLES;

/// What digital silence reads: about the step of 16-bit samples. Nothing reads lower.
pub const FLOOR_DBFS: f32 = -96.0;

/// Shortest and longest window, in 10 ms blocks (10 ms to 300 ms).
const WINDOW_BLOCKS: std::ops::RangeInclusive<usize> = 1..=30;

/// Level in dBFS of a mean square (full scale 1.0), never below [`FLOOR_DBFS`].
///
/// A full-scale sine has the mean square 1/2, hence the factor 2.
pub fn dbfs_of_mean_square(mean_square: f64) -> f32 {
    if mean_square <= 0.0 || !mean_square.is_finite() {
        return FLOOR_DBFS;
    }
    ((10.0 * (2.0 * mean_square).log10()) as f32).max(FLOOR_DBFS)
}

/// Level in dBFS of a piece of sound (samples in −1..=1), never below [`FLOOR_DBFS`].
pub fn dbfs(samples: &[f32]) -> f32 {
    if samples.is_empty() {
        return FLOOR_DBFS;
    }
    dbfs_of_mean_square(energy(samples) / samples.len() as f64)
}

/// Linear amplitude of a sine that reads `dbfs`.
pub fn amplitude(dbfs: f32) -> f32 {
    10f32.powf(dbfs / 20.0)
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample) * f64::from(*sample)).sum()
}

/// A sliding RMS meter with a peak hold over the same window.
#[derive(Debug, Clone)]
pub struct LevelMeter {
    /// (energy, samples, peak) of the latest blocks, oldest overwritten.
    blocks: Vec<(f64, usize, f32)>,
    next: usize,
    window: usize,
}

impl LevelMeter {
    /// A meter over `window_ms`, rounded to 10 ms and held within 10..=300 ms.
    pub fn new(window_ms: u32) -> Self {
        let window = (window_ms as usize / 10).clamp(*WINDOW_BLOCKS.start(), *WINDOW_BLOCKS.end());
        Self { blocks: Vec::with_capacity(window), next: 0, window }
    }

    /// Adds sound at 48 kHz mono; it is cut into 10 ms blocks (a shorter rest counts as it is).
    pub fn push(&mut self, samples: &[f32]) {
        for block in samples.chunks(FRAME_SAMPLES) {
            let peak = block.iter().fold(0f32, |peak, s| peak.max(s.abs()));
            let entry = (energy(block), block.len(), peak);
            if self.blocks.len() < self.window {
                self.blocks.push(entry);
            } else {
                self.blocks[self.next] = entry;
            }
            self.next = (self.next + 1) % self.window;
        }
    }

    /// RMS level of the window in dBFS; [`FLOOR_DBFS`] when nothing was measured.
    pub fn dbfs(&self) -> f32 {
        let samples: usize = self.blocks.iter().map(|block| block.1).sum();
        if samples == 0 {
            return FLOOR_DBFS;
        }
        let energy: f64 = self.blocks.iter().map(|block| block.0).sum();
        dbfs_of_mean_square(energy / samples as f64)
    }

    /// Largest absolute sample in the window, 0..=1 for sound within full scale.
    pub fn peak(&self) -> f32 {
        self.blocks.iter().fold(0f32, |peak, block| peak.max(block.2))
    }

    /// Forgets everything measured.
    pub fn reset(&mut self) {
        self.blocks.clear();
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, amplitude: f32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| amplitude * (std::f32::consts::TAU * hertz * n as f32 / 48_000.0).sin())
            .collect()
    }

    #[test]
    fn audio_level_of_a_tone_is_its_dbfs() {
        for level in [-1.0f32, -6.0, -20.0, -40.0, -60.0] {
            for hertz in [100.0, 440.0, 1_000.0, 7_900.0] {
                let mut meter = LevelMeter::new(100);
                meter.push(&tone(hertz, amplitude(level), 9_600));
                let read = meter.dbfs();
                assert!((read - level).abs() < 0.1, "{hertz} Hz: {read} for {level}");
                assert!((20.0 * meter.peak().log10() - level).abs() < 0.2);
            }
        }
    }

    #[test]
    fn audio_level_full_scale_sine_is_zero_and_square_is_three() {
        assert!(dbfs(&tone(1_000.0, 1.0, 48_000)).abs() < 0.01);
        assert!((dbfs(&[1.0, -1.0, 1.0, -1.0]) - 3.01).abs() < 0.01);
    }

    #[test]
    fn audio_level_of_silence_is_the_floor() {
        let mut meter = LevelMeter::new(300);
        assert!((meter.dbfs() - FLOOR_DBFS).abs() < f32::EPSILON);
        meter.push(&vec![0.0; 4_800]);
        assert!((meter.dbfs() - FLOOR_DBFS).abs() < f32::EPSILON);
        assert!((dbfs(&[]) - FLOOR_DBFS).abs() < f32::EPSILON);
        assert!((dbfs(&[f32::NAN]) - FLOOR_DBFS).abs() < f32::EPSILON);
    }

    #[test]
    fn audio_level_forgets_what_left_the_window() {
        let mut meter = LevelMeter::new(100);
        meter.push(&tone(440.0, 0.5, 4_800));
        meter.push(&vec![0.0; 4_800]);
        assert!((meter.dbfs() - FLOOR_DBFS).abs() < f32::EPSILON);
    }
}
