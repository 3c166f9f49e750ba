//! Voice processing: echo cancelling, noise suppression and gain, by `sonora` (a port of WebRTC's).
//!
//! The far end is exactly what is played, in order; the near end is what the microphone heard. Both
//! come as 10 ms frames at 48 kHz mono. It knows no device and no clock.

use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, MaxProcessingRate, NoiseSuppression,
    NoiseSuppressionLevel, Pipeline,
};
use sonora::{AudioProcessing, Config, StreamConfig};

use super::{FRAME_SAMPLES, Frame, SAMPLE_RATE};

/// The processor of one call.
pub struct VoiceProcessor {
    processor: AudioProcessing,
    scratch: Frame,
}

impl std::fmt::Debug for VoiceProcessor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceProcessor").finish_non_exhaustive()
    }
}

impl Default for VoiceProcessor {
    fn default() -> Self {
        Self::new()
    }
}

impl VoiceProcessor {
    pub fn new() -> Self {
        let config = Config {
            pipeline: Pipeline {
                maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
                multi_channel_render: false,
                multi_channel_capture: false,
                ..Pipeline::default()
            },
            high_pass_filter: Some(HighPassFilter::default()),
            echo_canceller: Some(EchoCanceller::default()),
            noise_suppression: Some(NoiseSuppression {
                level: NoiseSuppressionLevel::Moderate,
                ..NoiseSuppression::default()
            }),
            gain_controller2: Some(GainController2 {
                // Interviews happen in quiet rooms at arm's length: lift a low voice, and leave a
                // good one alone. The defaults (50 dB, 15 dB at once) lift breathing as well.
                adaptive_digital: Some(AdaptiveDigital {
                    max_gain_db: 24.0,
                    initial_gain_db: 6.0,
                    ..AdaptiveDigital::default()
                }),
                ..GainController2::default()
            }),
            ..Config::default()
        };
        let stream = StreamConfig::new(SAMPLE_RATE, 1);
        Self {
            processor: AudioProcessing::builder()
                .config(config)
                .capture_config(stream)
                .render_config(stream)
                .build(),
            scratch: [0.0; FRAME_SAMPLES],
        }
    }

    /// Takes a frame that is about to be played; call it for every played frame, in order.
    pub fn far_end(&mut self, played: &Frame) {
        let result = self.processor.process_render_f32(&[played], &mut [&mut self.scratch]);
        debug_assert!(result.is_ok(), "the frame length is fixed by its type");
    }

    /// Cleans a frame from the microphone in place.
    ///
    /// `delay_ms`: from [`Self::far_end`] of a frame to its echo in the microphone, roughly (the
    /// canceller finds the exact value); held within 0..=500.
    pub fn near_end(&mut self, frame: &mut Frame, delay_ms: u32) {
        let delay = delay_ms.min(500) as i32;
        if self.processor.stream_delay_ms() != delay {
            // Cannot fail within 0..=500.
            let _ = self.processor.set_stream_delay_ms(delay);
        }
        let heard = *frame;
        let result = self.processor.process_capture_f32(&[&heard], &mut [frame]);
        debug_assert!(result.is_ok(), "the frame length is fixed by its type");
    }
}

#[cfg(test)]
mod tests {
    use super::super::level;
    use super::*;

    /// Speech-like noise: low-passed noise in syllables of 250 ms with pauses, about −20 dBFS.
    struct Talker {
        seed: u32,
        state: [f32; 2],
        n: usize,
    }

    impl Talker {
        fn new(seed: u32) -> Self {
            Self { seed, state: [0.0; 2], n: 0 }
        }

        fn frame(&mut self) -> Frame {
            std::array::from_fn(|_| {
                self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let white = (self.seed >> 8) as f32 / 8_388_608.0 - 1.0;
                self.state[0] += 0.15 * (white - self.state[0]);
                self.state[1] += 0.15 * (self.state[0] - self.state[1]);
                let syllable = (std::f32::consts::PI * (self.n % 12_000) as f32 / 12_000.0).sin();
                let speaking = (self.n / 12_000) % 5 != 4;
                self.n += 1;
                if speaking { 1.2 * syllable * self.state[1] } else { 0.0 }
            })
        }
    }

    /// A room: 60 ms away, a decaying tail of reflections, 10 dB weaker.
    struct Room {
        past: Vec<f32>,
    }

    impl Room {
        fn echo(&mut self, played: &Frame) -> Frame {
            self.past.extend_from_slice(played);
            let start = self.past.len() - FRAME_SAMPLES;
            std::array::from_fn(|n| {
                [(2_880, 0.25f32), (3_100, -0.12), (3_700, 0.08), (4_900, -0.04)]
                    .iter()
                    .map(|(delay, gain)| {
                        (start + n).checked_sub(*delay).map_or(0.0, |index| gain * self.past[index])
                    })
                    .sum()
            })
        }
    }

    #[test]
    fn audio_processing_takes_the_echo_away_by_20_db() {
        let (mut processor, mut far) = (VoiceProcessor::new(), Talker::new(7));
        let mut room = Room { past: Vec::new() };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for index in 0..1_000 {
            let played = far.frame();
            processor.far_end(&played);
            let mut heard = room.echo(&played);
            // A quiet room rather than digital silence.
            let echo = heard;
            processor.near_end(&mut heard, 60);
            if index >= 500 {
                before.extend_from_slice(&echo);
                after.extend_from_slice(&heard);
            }
        }
        let (before, after) = (level::dbfs(&before), level::dbfs(&after));
        assert!(before > -50.0, "the echo was there: {before}");
        assert!(before - after >= 20.0, "ERLE {} dB", before - after);
    }

    #[test]
    fn audio_processing_keeps_the_near_voice_while_the_far_end_is_silent() {
        let (mut processor, mut near) = (VoiceProcessor::new(), Talker::new(99));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for index in 0..600 {
            processor.far_end(&[0.0; FRAME_SAMPLES]);
            let mut frame = near.frame();
            let spoken = frame;
            processor.near_end(&mut frame, 60);
            if index >= 300 {
                before.extend_from_slice(&spoken);
                after.extend_from_slice(&frame);
            }
        }
        let (before, after) = (level::dbfs(&before), level::dbfs(&after));
        assert!(after > before - 6.0, "voice {before} became {after}");
        assert!(after < 0.0, "clipped: {after}");
    }
}
