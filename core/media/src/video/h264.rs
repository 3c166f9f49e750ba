//! H.264 constrained baseline by openh264, set up for calls: bitrate mode, frame skip on, scene-change
//! detection off, one thread, the real picture rate.
//!
//! This module is a codec edge: one `unsafe` call changes the bit rate of a running encoder, which the
//! safe binding does not offer.

use openh264::OpenH264API;
use openh264::Timestamp;
use openh264::decoder::{Decoder, DecoderConfig, Flush};
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, Profile, RateControlMode,
    SpsPpsStrategy, UsageType,
};
use openh264::formats::{YUVSlices, YUVSource};

use super::{CodedPicture, VideoDecoder, VideoEncoder};
use crate::frame::I420Frame;
use crate::problem::MediaProblem;

fn failed(what: &str) -> MediaProblem {
    MediaProblem::Codec(format!("H.264 {what}"))
}

pub struct H264Encoder {
    encoder: Encoder,
    /// The encoder exists in the library only once it has seen a picture's sides.
    started: bool,
    key_wanted: bool,
    bits_per_second: u32,
    rate: u32,
}

impl H264Encoder {
    /// # Errors
    /// [`MediaProblem::Codec`] when the library gives no encoder.
    pub fn new(bits_per_second: u32, rate: u32) -> Result<Self, MediaProblem> {
        Ok(Self {
            encoder: open(bits_per_second, rate)?,
            started: false,
            key_wanted: false,
            bits_per_second,
            rate,
        })
    }
}

fn open(bits_per_second: u32, rate: u32) -> Result<Encoder, MediaProblem> {
    let config = EncoderConfig::new()
        .bitrate(BitRate::from_bps(bits_per_second))
        .max_frame_rate(FrameRate::from_hz(rate as f32))
        .rate_control_mode(RateControlMode::Bitrate)
        .skip_frames(true)
        .scene_change_detect(false)
        .usage_type(UsageType::CameraVideoRealTime)
        .profile(Profile::Baseline)
        .complexity(Complexity::Low)
        .sps_pps_strategy(SpsPpsStrategy::ConstantId)
        .num_threads(1);
    Encoder::with_api_config(OpenH264API::from_source(), config).map_err(|_| failed("encoder did not open"))
}

impl VideoEncoder for H264Encoder {
    fn encode(&mut self, frame: &I420Frame) -> Result<Option<CodedPicture>, MediaProblem> {
        // The first picture is a key picture anyway, and the library may not be asked before it.
        if std::mem::take(&mut self.key_wanted) && self.started {
            self.encoder.force_intra_frame();
        }
        let (w, h) = (frame.width as usize, frame.height as usize);
        let [y, u, v] = frame.planes();
        let source = YUVSlices::new((y, u, v), (w, h), (w, w / 2, w / 2));
        let coded = self
            .encoder
            .encode_at(&source, Timestamp::from_millis(frame.captured_ms))
            .map_err(|_| failed("encoder failed"))?;
        self.started = true;
        let key = match coded.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P | FrameType::IPMixed => false,
            FrameType::Skip => return Ok(None),
            FrameType::Invalid => return Err(failed("encoder refused the picture")),
        };
        let data = coded.to_vec();
        Ok((!data.is_empty()).then(|| CodedPicture {
            data: data.into(),
            key,
            captured_ms: frame.captured_ms,
        }))
    }

    fn request_key_picture(&mut self) {
        self.key_wanted = true;
    }

    fn set_target(&mut self, bits_per_second: u32, rate: u32) -> Result<(), MediaProblem> {
        if (bits_per_second, rate) == (self.bits_per_second, self.rate) {
            return Ok(());
        }
        if self.started && rate == self.rate {
            change_bit_rate(&mut self.encoder, self.bits_per_second, bits_per_second)?;
        } else {
            // A new picture rate comes with new sides, hence with a key picture in any case.
            self.encoder = open(bits_per_second, rate)?;
            self.started = false;
        }
        (self.bits_per_second, self.rate) = (bits_per_second, rate);
        Ok(())
    }
}

/// The library refuses a rate above its maximum, which it takes from the rate it was opened with: on the way up the
/// maximum goes first, on the way down last.
fn change_bit_rate(encoder: &mut Encoder, from: u32, to: u32) -> Result<(), MediaProblem> {
    let rate = (openh264_sys2::ENCODER_OPTION_BITRATE, openh264_sys2::SPATIAL_LAYER_ALL);
    // For all layers it would change another number, which is not looked at.
    let most = (openh264_sys2::ENCODER_OPTION_MAX_BITRATE, openh264_sys2::SPATIAL_LAYER_0);
    for (option, layer) in if to > from { [most, rate] } else { [rate, most] } {
        set_bit_rate(encoder, option, layer, to)?;
    }
    Ok(())
}

#[allow(unsafe_code)]
fn set_bit_rate(
    encoder: &mut Encoder,
    option: openh264_sys2::ENCODER_OPTION,
    layer: openh264_sys2::LAYER_NUM,
    bits_per_second: u32,
) -> Result<(), MediaProblem> {
    let mut wanted = openh264_sys2::SBitrateInfo {
        iLayer: layer,
        iBitrate: i32::try_from(bits_per_second).map_err(|_| failed("bit rate out of range"))?,
    };
    // SAFETY: the encoder is initialised (`started`), both options take a pointer to exactly this
    // structure, and the library copies it before returning.
    let result = unsafe { encoder.raw_api().set_option(option, std::ptr::from_mut(&mut wanted).cast()) };
    if result == 0 { Ok(()) } else { Err(failed("encoder refused the bit rate")) }
}

pub struct H264Decoder {
    decoder: Decoder,
}

impl H264Decoder {
    /// # Errors
    /// [`MediaProblem::Codec`] when the library gives no decoder.
    pub fn new() -> Result<Self, MediaProblem> {
        // Calls have no reordered pictures, so there is never one to flush.
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        Decoder::with_api_config(OpenH264API::from_source(), config)
            .map(|decoder| Self { decoder })
            .map_err(|_| failed("decoder did not open"))
    }
}

impl VideoDecoder for H264Decoder {
    fn decode(&mut self, unit: &[u8], captured_ms: u64) -> Result<Option<I420Frame>, MediaProblem> {
        let Some(picture) = self.decoder.decode(unit).map_err(|_| failed("decoder needs a key picture"))?
        else {
            return Ok(None);
        };
        let (width, height) = picture.dimensions();
        let (y, u, v) = picture.strides();
        I420Frame::from_planes(
            width as u32,
            height as u32,
            [picture.y(), picture.u(), picture.v()],
            [y, u, v],
            captured_ms,
        )
        .map(Some)
        .ok_or_else(|| failed("decoder gave a picture of unusable size"))
    }
}
