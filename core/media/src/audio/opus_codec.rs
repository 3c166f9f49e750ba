//! Opus for calls: 48 kHz mono, 20 ms packets, about 32 kb/s, in-band FEC and DTX.
//!
//! The encoder says when a packet need not be sent (DTX); the decoder also recovers a lost packet
//! from its follower and conceals what stays lost. Neither keeps packets or knows about time.

use bytes::Bytes;
use opus::{Application, Bitrate, Channels, Signal};

use super::{PACKET_SAMPLES, SAMPLE_RATE};

/// Enough for one 20 ms packet at any rate that Opus allows (RFC 6716: 1275 bytes a frame).
const MAX_PACKET: usize = 1_275;
/// Longest packet that Opus allows: 120 ms.
pub const MAX_PACKET_SAMPLES: usize = 5_760;
/// libopus: "if the return value is 2 bytes or less, then the packet does not need to be
/// transmitted (DTX)".
const DTX_PACKET: usize = 2;

/// An encoder or decoder that refused.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Opus failed in {step}: {reason}")]
pub struct OpusError {
    step: &'static str,
    reason: &'static str,
}

fn failed(step: &'static str) -> impl Fn(opus::Error) -> OpusError {
    move |error| OpusError { step, reason: error.description() }
}

/// Voice encoder.
#[derive(Debug)]
pub struct VoiceEncoder {
    encoder: opus::Encoder,
    packet: Vec<u8>,
}

impl VoiceEncoder {
    /// 32 kb/s, FEC tuned for 10 % loss, DTX on.
    pub fn new() -> Result<Self, OpusError> {
        let mut encoder = opus::Encoder::new(SAMPLE_RATE, Channels::Mono, Application::Voip)
            .map_err(failed("opening the encoder"))?;
        let set = failed("setting up the encoder");
        encoder.set_bitrate(Bitrate::Bits(32_000)).map_err(&set)?;
        encoder.set_signal(Signal::Voice).map_err(&set)?;
        encoder.set_inband_fec(true).map_err(&set)?;
        encoder.set_packet_loss_perc(10).map_err(&set)?;
        encoder.set_dtx(true).map_err(&set)?;
        // Half of libopus' ceiling: inaudible at this rate, and phones stay cool.
        encoder.set_complexity(5).map_err(&set)?;
        Ok(Self { encoder, packet: vec![0; MAX_PACKET] })
    }

    /// Encodes exactly 20 ms. `None`: silence that need not be sent.
    pub fn encode(&mut self, samples: &[f32; PACKET_SAMPLES]) -> Result<Option<Bytes>, OpusError> {
        let length = self.encoder.encode_float(samples, &mut self.packet).map_err(failed("encoding"))?;
        Ok((length > DTX_PACKET).then(|| Bytes::copy_from_slice(&self.packet[..length])))
    }

    /// Whether silence is left unsent (it is, at first). libopus takes a steady tone for silence, so a
    /// tone that is to be heard needs this off.
    pub fn set_dtx(&mut self, dtx: bool) -> Result<(), OpusError> {
        self.encoder.set_dtx(dtx).map_err(failed("setting up the encoder"))
    }

    /// Another rate from the next packet on, within what Opus can do (6 to 510 kb/s).
    pub fn set_bitrate(&mut self, bits_per_second: u32) -> Result<(), OpusError> {
        let bits = bits_per_second.clamp(6_000, 510_000) as i32;
        self.encoder.set_bitrate(Bitrate::Bits(bits)).map_err(failed("setting the rate"))
    }

    /// Tells the encoder how many packets of a hundred are lost, so that it spends that much on FEC.
    pub fn expect_loss(&mut self, percent: u8) -> Result<(), OpusError> {
        self.encoder
            .set_packet_loss_perc(i32::from(percent.min(100)))
            .map_err(failed("setting the expected loss"))
    }
}

/// Voice decoder with loss recovery.
#[derive(Debug)]
pub struct VoiceDecoder {
    decoder: opus::Decoder,
    samples: Vec<f32>,
}

impl VoiceDecoder {
    pub fn new() -> Result<Self, OpusError> {
        Ok(Self {
            decoder: opus::Decoder::new(SAMPLE_RATE, Channels::Mono)
                .map_err(failed("opening the decoder"))?,
            samples: vec![0.0; MAX_PACKET_SAMPLES],
        })
    }

    /// Decodes one packet; a malformed one is an error, and the decoder goes on.
    pub fn decode(&mut self, payload: &[u8]) -> Result<&[f32], OpusError> {
        if payload.is_empty() {
            // An empty slice would mean concealment to libopus.
            return Err(OpusError { step: "decoding", reason: "empty packet" });
        }
        let count =
            self.decoder.decode_float(payload, &mut self.samples, false).map_err(failed("decoding"))?;
        Ok(&self.samples[..count])
    }

    /// Recovers the packet **before** `following` from its FEC data (concealment where it has none).
    /// `samples` is the lost packet's length, a multiple of 2.5 ms.
    pub fn recover(&mut self, following: &[u8], samples: usize) -> Result<&[f32], OpusError> {
        self.fill(following, samples, "recovering a lost packet")
    }

    /// Invents `samples` of sound for a lost packet, fading when it lasts.
    pub fn conceal(&mut self, samples: usize) -> Result<&[f32], OpusError> {
        self.fill(&[], samples, "concealing a lost packet")
    }

    fn fill(&mut self, payload: &[u8], samples: usize, step: &'static str) -> Result<&[f32], OpusError> {
        let samples = samples.min(MAX_PACKET_SAMPLES);
        let count = self
            .decoder
            .decode_float(payload, &mut self.samples[..samples], !payload.is_empty())
            .map_err(failed(step))?;
        Ok(&self.samples[..count])
    }
}

/// Samples (48 kHz) that an Opus packet holds, from its header; `None` when it is malformed.
pub fn packet_samples(payload: &[u8]) -> Option<usize> {
    if payload.is_empty() {
        return None;
    }
    opus::packet::get_nb_samples(payload, SAMPLE_RATE)
        .ok()
        .filter(|samples| (1..=MAX_PACKET_SAMPLES).contains(samples))
}

#[cfg(test)]
mod tests {
    use super::super::level;
    use super::*;

    fn packet_of_tone(index: usize) -> [f32; PACKET_SAMPLES] {
        std::array::from_fn(|n| {
            let t = (index * PACKET_SAMPLES + n) as f32 / SAMPLE_RATE as f32;
            0.25 * (std::f32::consts::TAU * 440.0 * t).sin()
        })
    }

    #[test]
    fn audio_opus_carries_a_tone_at_its_level() {
        let (mut encoder, mut decoder) = (VoiceEncoder::new().unwrap(), VoiceDecoder::new().unwrap());
        encoder.set_dtx(false).unwrap();
        let (mut heard, mut bytes) = (Vec::new(), 0);
        for index in 0..100 {
            let packet = encoder.encode(&packet_of_tone(index)).unwrap().unwrap();
            assert_eq!(packet_samples(&packet), Some(PACKET_SAMPLES));
            bytes += packet.len();
            heard.extend_from_slice(decoder.decode(&packet).unwrap());
        }
        assert_eq!(heard.len(), 100 * PACKET_SAMPLES);
        let level = level::dbfs(&heard[9_600..]);
        assert!((level + 12.04).abs() < 1.0, "{level}");
        let kilobits = bytes * 8 / 2_000;
        assert!((8..=48).contains(&kilobits), "{kilobits} kb/s");
    }

    #[test]
    fn audio_opus_a_lower_rate_makes_smaller_packets() {
        let mut encoder = VoiceEncoder::new().unwrap();
        encoder.set_dtx(false).unwrap();
        let mut noise = 7_u32;
        let mut sound = || -> [f32; PACKET_SAMPLES] {
            std::array::from_fn(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((noise >> 8) as f32 / 8_388_608.0 - 1.0) * 0.3
            })
        };
        let mut bytes = |encoder: &mut VoiceEncoder| -> usize {
            (0..100).map(|_| encoder.encode(&sound()).unwrap().map_or(0, |packet| packet.len())).sum()
        };
        let full = bytes(&mut encoder);
        encoder.set_bitrate(20_000).unwrap();
        let thin = bytes(&mut encoder);
        // Two seconds each.
        assert!((3_000..=6_000).contains(&thin), "{} kb/s", thin * 8 / 2_000);
        assert!(full > thin * 5 / 4, "{full} and {thin} bytes");
    }

    #[test]
    fn audio_opus_silence_is_not_sent() {
        let mut encoder = VoiceEncoder::new().unwrap();
        let sent = (0..200).filter(|_| encoder.encode(&[0.0; PACKET_SAMPLES]).unwrap().is_some()).count();
        // DTX starts after 200 ms and refreshes every 400 ms.
        assert!(sent < 40, "{sent} of 200 silent packets were sent");
    }

    #[test]
    fn audio_opus_recovers_a_lost_packet_better_than_it_conceals() {
        // A sweep: concealment repeats the past, FEC has the real present.
        let sweep = |index: usize| -> [f32; PACKET_SAMPLES] {
            std::array::from_fn(|n| {
                let t = (index * PACKET_SAMPLES + n) as f32 / SAMPLE_RATE as f32;
                0.4 * (std::f32::consts::TAU * (200.0 + 300.0 * t) * t).sin()
            })
        };
        let mut encoder = VoiceEncoder::new().unwrap();
        encoder.expect_loss(30).unwrap();
        encoder.set_dtx(false).unwrap();
        let packets: Vec<Bytes> =
            (0..60).map(|index| encoder.encode(&sweep(index)).unwrap().unwrap()).collect();
        let run = |lost: Option<bool>| -> Vec<f32> {
            let mut decoder = VoiceDecoder::new().unwrap();
            let mut all = Vec::new();
            for (index, packet) in packets.iter().enumerate() {
                let heard = match lost {
                    Some(fec) if index % 10 == 5 && fec => {
                        decoder.recover(&packets[index + 1], PACKET_SAMPLES)
                    }
                    Some(_) if index % 10 == 5 => decoder.conceal(PACKET_SAMPLES),
                    _ => decoder.decode(packet),
                };
                all.extend_from_slice(heard.unwrap());
            }
            all
        };
        let whole = run(None);
        let distance =
            |other: &[f32]| -> f32 { whole.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum() };
        let (recovered, concealed) = (distance(&run(Some(true))), distance(&run(Some(false))));
        assert!(recovered < 0.5 * concealed, "recovered {recovered}, concealed {concealed}");
    }

    #[test]
    fn audio_opus_malformed_packets_are_errors() {
        let mut decoder = VoiceDecoder::new().unwrap();
        assert!(decoder.decode(&[]).is_err());
        assert_eq!(packet_samples(&[]), None);
        for length in 1..64usize {
            let rubbish: Vec<u8> = (0..length).map(|n| (n * 97 + length) as u8).collect();
            // Either a packet by chance or an error; never a panic.
            let _ = decoder.decode(&rubbish).map(<[f32]>::len);
            let _ = packet_samples(&rubbish);
        }
        assert!(decoder.conceal(PACKET_SAMPLES).is_ok());
    }
}
