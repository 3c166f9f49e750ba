//! From packets to sound: the playout buffer and the Opus decoder together, in 10 ms frames.
//!
//! Knows no device, no clock and no network.

use std::collections::VecDeque;

use super::opus_codec::{MAX_PACKET_SAMPLES, OpusError, VoiceDecoder, packet_samples};
use super::playout::{Arrival, Playout, PlayoutBuffer, PlayoutStats};
use super::{Frame, RtpAudio};

/// Shortest and longest piece cut out of a packet that is to be shortened: 5 ms to 10 ms, which is
/// a period or more of most voices.
const CUT: std::ops::RangeInclusive<usize> = 240..=480;
/// Length of the cross-fade over the cut (10 ms).
const FADE: usize = 480;

/// One remote voice.
#[derive(Debug)]
pub struct VoicePlayer {
    buffer: PlayoutBuffer,
    decoder: VoiceDecoder,
    ready: VecDeque<f32>,
}

impl VoicePlayer {
    pub fn new() -> Result<Self, OpusError> {
        Ok(Self {
            buffer: PlayoutBuffer::new(),
            decoder: VoiceDecoder::new()?,
            ready: VecDeque::with_capacity(2 * MAX_PACKET_SAMPLES),
        })
    }

    /// Takes a packet; one that is not Opus is ignored as if it had been lost.
    pub fn receive(&mut self, packet: RtpAudio) {
        let Some(samples) = packet_samples(&packet.payload) else {
            return;
        };
        self.buffer.insert(Arrival {
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            samples: samples as u32,
            payload: packet.payload,
        });
    }

    /// Forgets what is waiting, for when the call was paused.
    pub fn reset(&mut self) {
        self.buffer.reset();
        self.ready.clear();
    }

    pub fn stats(&self) -> PlayoutStats {
        self.buffer.stats()
    }

    /// The next 10 ms.
    pub fn fill(&mut self, frame: &mut Frame) {
        while self.ready.len() < frame.len() {
            self.pull();
        }
        let length = frame.len();
        for (sample, ready) in frame.iter_mut().zip(self.ready.drain(..length)) {
            *sample = ready;
        }
    }

    fn pull(&mut self) {
        // What the decoder refuses is filled with silence of the same length: time must go on.
        let (decoded, samples) = match self.buffer.pull() {
            Playout::Packet { payload, shorten } => {
                let samples = packet_samples(&payload).unwrap_or(super::PACKET_SAMPLES);
                match self.decoder.decode(&payload) {
                    Ok(sound) if shorten => {
                        shorten_into(sound, &mut self.ready);
                        return;
                    }
                    decoded => (decoded, samples),
                }
            }
            Playout::Recover { following, samples } => (self.decoder.recover(&following, samples), samples),
            Playout::Conceal { samples } => (self.decoder.conceal(samples), samples),
            Playout::Silence { samples } => (Ok(&[][..]), samples),
        };
        let sound = decoded.unwrap_or(&[]);
        self.ready.extend(sound);
        let missing = samples.saturating_sub(sound.len());
        self.ready.extend(std::iter::repeat_n(0.0, missing));
    }
}

/// Plays `sound` without the piece that is least missed: overlap-add at the lag where the signal
/// resembles itself most (normalised cross-correlation), which keeps the pitch.
fn shorten_into(sound: &[f32], out: &mut VecDeque<f32>) {
    if sound.len() < FADE + CUT.end() {
        out.extend(sound);
        return;
    }
    let head = &sound[..FADE];
    let likeness = |lag: usize| -> f32 {
        let tail = &sound[lag..lag + FADE];
        let (mut dot, mut energy) = (0.0f32, 1e-9f32);
        for (a, b) in head.iter().zip(tail) {
            dot += a * b;
            energy += b * b;
        }
        dot / energy.sqrt()
    };
    let lag = CUT
        .map(|lag| (lag, likeness(lag)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(*CUT.end(), |(lag, _)| lag);
    out.extend((0..FADE).map(|n| {
        let new = n as f32 / FADE as f32;
        head[n] * (1.0 - new) + sound[lag + n] * new
    }));
    out.extend(&sound[lag + FADE..]);
}

#[cfg(test)]
mod tests {
    use super::super::opus_codec::VoiceEncoder;
    use super::super::{FRAME_SAMPLES, PACKET_SAMPLES, level};
    use super::*;

    fn tone(n: usize) -> f32 {
        0.25 * (std::f32::consts::TAU * 440.0 * n as f32 / 48_000.0).sin()
    }

    /// A buzz with the pitch and the wavering of a voice: Opus sends no FEC for a steady tone.
    fn voice(n: usize) -> f32 {
        let t = n as f32 / 48_000.0;
        let phase = std::f32::consts::TAU * (150.0 * t - 4.0 * (t * 5.0).cos());
        let buzz: f32 = (1..15u8).map(|k| (phase * f32::from(k)).sin() / f32::from(k)).sum();
        0.2 * buzz * (1.0 + 0.5 * (t * 20.0).sin())
    }

    /// Five seconds of the voice through encoder and player, without the packets that `lost` names.
    fn heard(lost: impl Fn(usize) -> bool) -> (Vec<f32>, PlayoutStats) {
        let mut encoder = VoiceEncoder::new().unwrap();
        encoder.set_dtx(false).unwrap();
        let mut player = VoicePlayer::new().unwrap();
        let mut heard = Vec::new();
        for index in 0..250usize {
            let sound = std::array::from_fn(|n| voice(index * PACKET_SAMPLES + n));
            let payload = encoder.encode(&sound).unwrap().unwrap();
            if !lost(index) {
                player.receive(RtpAudio {
                    sequence: 65_400u16.wrapping_add(index as u16),
                    timestamp: (index * PACKET_SAMPLES) as u32,
                    payload,
                });
            }
            for _ in 0..2 {
                let mut frame = [0.0; FRAME_SAMPLES];
                player.fill(&mut frame);
                heard.extend_from_slice(&frame);
            }
        }
        (heard, player.stats())
    }

    #[test]
    fn audio_voice_with_losses_sounds_nearly_as_without() {
        let (whole, _) = heard(|_| false);
        let (lossy, stats) = heard(|index| index % 10 == 6);
        assert_eq!((stats.recovered, stats.concealed), (25, 0));
        let mut off = 0;
        for (a, b) in whole.chunks_exact(FRAME_SAMPLES).zip(lossy.chunks_exact(FRAME_SAMPLES)).skip(100) {
            let (a, b) = (level::dbfs(a), level::dbfs(b));
            assert!(a > -25.0 && b > -35.0, "a gap: {a} became {b}");
            off += u32::from((a - b).abs() > 3.0);
        }
        // Of 400 frames 40 were in lost packets.
        assert!(off < 20, "{off} frames are off by more than 3 dB");
    }

    #[test]
    fn audio_voice_nothing_received_is_silence() {
        let mut player = VoicePlayer::new().unwrap();
        player.receive(RtpAudio { sequence: 1, timestamp: 1, payload: bytes::Bytes::new() });
        let mut frame = [1.0; FRAME_SAMPLES];
        player.fill(&mut frame);
        assert!(frame.iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn audio_voice_shortening_keeps_pitch_and_level() {
        let sound: Vec<f32> = (0..PACKET_SAMPLES).map(tone).collect();
        let mut out = VecDeque::new();
        shorten_into(&sound, &mut out);
        let out: Vec<f32> = out.into();
        assert!((480..=720).contains(&out.len()), "{}", out.len());
        assert!((level::dbfs(&out) + 12.04).abs() < 0.5);
        let steepest = out.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.02, "a click of {steepest}");
    }
}
