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

    /// A room: a speaker 60 ms away in all (device, air, device), the direct sound, a wall, and a tail of
    /// reflections that decays by 60 dB within 300 ms, as furnished rooms have it.
    struct Room {
        response: Vec<(usize, f32)>,
        past: Vec<f32>,
    }

    impl Room {
        fn furnished() -> Self {
            let mut response = vec![(2_880, 0.25), (3_100, -0.12)];
            let mut seed = 5_u32;
            for step in 1..120_usize {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let sign = if seed >> 31 == 0 { 1.0 } else { -1.0 };
                let at = step * 120 + (seed >> 24) as usize % 120;
                response.push((2_880 + at, sign * 0.06 * 10_f32.powf(-3.0 * at as f32 / 14_400.0)));
            }
            Self { response, past: Vec::new() }
        }

        fn echo(&mut self, played: &Frame) -> Frame {
            self.past.extend_from_slice(played);
            let start = self.past.len() - FRAME_SAMPLES;
            std::array::from_fn(|n| {
                let part = |(delay, gain): &(usize, f32)| {
                    (start + n).checked_sub(*delay).map_or(0.0, |index| gain * self.past[index])
                };
                self.response.iter().map(part).sum()
            })
        }
    }

    #[test]
    fn audio_processing_takes_the_echo_away_by_20_db() {
        let (mut processor, mut far) = (VoiceProcessor::new(), Talker::new(7));
        let mut room = Room::furnished();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for index in 0..1_000 {
            let played = far.frame();
            processor.far_end(&played);
            let mut heard = room.echo(&played);
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

    /// Both speak at once: the near voice is still there, frame by frame, and it is the voice and not the echo.
    #[test]
    fn audio_processing_lets_both_speak_at_once() {
        let (mut processor, mut far, mut near) = (VoiceProcessor::new(), Talker::new(7), Talker::new(99));
        let mut room = Room::furnished();
        let (mut spoken, mut kept) = (Vec::new(), Vec::new());
        for index in 0..1_200 {
            let played = far.frame();
            processor.far_end(&played);
            let mut heard = room.echo(&played);
            // Five seconds to learn the room, then they talk over each other.
            let voice = if index < 500 { [0.0; FRAME_SAMPLES] } else { near.frame() };
            for (sample, voice) in heard.iter_mut().zip(&voice) {
                *sample += voice;
            }
            processor.near_end(&mut heard, 60);
            if index >= 600 {
                spoken.extend_from_slice(&voice);
                kept.extend_from_slice(&heard);
            }
        }
        let (before, after) = (level::dbfs(&spoken), level::dbfs(&kept));
        assert!(after > before - 10.0, "the voice of {before} dBFS became {after}");
        let speaking = |frame: &[f32]| level::dbfs(frame) > before - 6.0;
        let frames = || spoken.chunks_exact(FRAME_SAMPLES).zip(kept.chunks_exact(FRAME_SAMPLES));
        let all = frames().filter(|(voice, _)| speaking(voice)).count();
        let cut =
            frames().filter(|(voice, kept)| speaking(voice) && level::dbfs(kept) < level::dbfs(voice) - 20.0);
        let cut = cut.count();
        assert!(all > 200 && cut * 5 < all, "{cut} of {all} spoken frames are gone");
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
