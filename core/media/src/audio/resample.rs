//! From a device's sample rate to ours and back, in pieces of any length.
//!
//! Runs on the worker threads, never inside a device callback. Equal rates pass through untouched.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// Mono resampler for a running stream.
pub struct Resampler {
    fft: Option<Fft<f32>>,
    /// Input waiting for a full chunk.
    pending: Vec<f32>,
    output: Vec<f32>,
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler")
            .field("passes_through", &self.fft.is_none())
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

/// A pair of rates that cannot be converted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("sound at {from} Hz cannot be converted to {to} Hz")]
pub struct ResampleError {
    from: u32,
    to: u32,
}

impl Resampler {
    /// From `from` to `to` hertz, working in chunks of about 10 ms.
    pub fn new(from: u32, to: u32) -> Result<Self, ResampleError> {
        let fft = if from == to {
            None
        } else {
            let chunk = (from / 100).max(1) as usize;
            let fft = Fft::new(from as usize, to as usize, chunk, 1, FixedSync::Input)
                .map_err(|_| ResampleError { from, to })?;
            Some(fft)
        };
        let output = vec![0.0; fft.as_ref().map_or(0, rubato::Resampler::output_frames_max)];
        Ok(Self { fft, pending: Vec::with_capacity(from as usize / 10), output })
    }

    /// Converts what is there and hands the result to `out`; an unfinished chunk waits for more.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        let Some(fft) = &mut self.fft else {
            out(samples);
            return;
        };
        self.pending.extend_from_slice(samples);
        let mut used = 0;
        loop {
            let need = fft.input_frames_next();
            let frames = fft.output_frames_next();
            let Some(chunk) = self.pending.get(used..used + need) else {
                break;
            };
            if self.output.len() < frames {
                self.output.resize(frames, 0.0);
            }
            let room = self.output.len();
            let made = match (
                InterleavedSlice::new(chunk, 1, need),
                InterleavedSlice::new_mut(&mut self.output, 1, room),
            ) {
                (Ok(input), Ok(mut output)) => {
                    fft.process_into_buffer(&input, &mut output, None).map_or(0, |(_, made)| made)
                }
                _ => 0,
            };
            out(&self.output[..made]);
            used += need;
        }
        self.pending.drain(..used);
    }
}

#[cfg(test)]
mod tests {
    use super::super::level;
    use super::*;

    #[test]
    fn audio_resampling_keeps_pitch_level_and_length() {
        for (from, to) in
            [(44_100, 48_000), (16_000, 48_000), (48_000, 44_100), (48_000, 48_000), (8_000, 48_000)]
        {
            let mut resampler = Resampler::new(from, to).unwrap();
            let input: Vec<f32> = (0..from * 2)
                .map(|n| 0.1 * (std::f32::consts::TAU * 997.0 * n as f32 / from as f32).sin())
                .collect();
            let mut output = Vec::new();
            for piece in input.chunks(333) {
                resampler.push(piece, |made| output.extend_from_slice(made));
            }
            let expected = to as usize * 2;
            assert!(output.len().abs_diff(expected) < to as usize / 20, "{from}→{to}: {}", output.len());
            let steady = &output[to as usize / 2..to as usize * 3 / 2];
            let level = level::dbfs(steady);
            assert!((level + 20.0).abs() < 0.2, "{from}→{to}: {level}");
            let crossings = steady.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
            assert!(crossings.abs_diff(997) <= 1, "{from}→{to}: {crossings} Hz");
        }
    }

    #[test]
    fn audio_resampling_of_impossible_rates_is_an_error() {
        assert!(Resampler::new(0, 48_000).is_err());
    }
}
