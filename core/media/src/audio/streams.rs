//! The edge to the devices: cpal streams whose callbacks move samples through lock-free rings.
//!
//! The callbacks never lock, allocate or log. Everything else (resampling, framing, recovery)
//! happens on the worker threads that own these streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, ErrorKind, FromSample, Sample, SampleFormat, SizedSample, StreamConfig, SupportedBufferSize,
    SupportedStreamConfigRange,
};
use rtrb::{Consumer, Producer, RingBuffer};

use super::SAMPLE_RATE;
use super::devices::{self, Direction};
use super::recovery::OpenFailure;

/// How long a backend may wait for its device before it looks around.
const BACKEND_TIMEOUT: Duration = Duration::from_millis(500);

/// Pause between errors that may pass.
const ERROR_PAUSE: Duration = Duration::from_millis(2);

/// What the callbacks tell the worker.
#[derive(Debug, Default)]
pub(super) struct Health {
    failed: AtomicBool,
    /// An error came since the last callback that is not the end by itself.
    doubtful: AtomicBool,
    /// Counts callbacks; wraps.
    callbacks: AtomicU32,
    callback_frames: AtomicU32,
    /// Output callbacks that found too little in the ring.
    underruns: AtomicU32,
    /// From the ring to the air or from the air to the callback, in microseconds.
    latency_us: AtomicU32,
}

impl Health {
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Errors come instead of callbacks. PulseAudio's ALSA plugin does that for some milliseconds
    /// after the start, and for ever when its device has gone.
    pub fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Relaxed)
    }

    pub fn callbacks(&self) -> u32 {
        self.callbacks.load(Ordering::Relaxed)
    }

    pub fn callback_frames(&self) -> usize {
        self.callback_frames.load(Ordering::Relaxed) as usize
    }

    pub fn underruns(&self) -> u32 {
        self.underruns.load(Ordering::Relaxed)
    }

    pub fn latency_ms(&self) -> u32 {
        self.latency_us.load(Ordering::Relaxed) / 1_000
    }

    fn called(&self, frames: usize, latency: Duration) {
        self.callback_frames.store(frames as u32, Ordering::Relaxed);
        let micros = latency.as_micros().min(1_000_000) as u32;
        self.latency_us.store(micros, Ordering::Relaxed);
        self.callbacks.fetch_add(1, Ordering::Relaxed);
        self.doubtful.store(false, Ordering::Relaxed);
    }

    fn error(&self, kind: ErrorKind) {
        match kind {
            // The stream goes on by itself after these.
            ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
            ErrorKind::BackendError | ErrorKind::DeviceBusy | ErrorKind::Other => {
                self.doubtful.store(true, Ordering::Relaxed);
                // cpal's ALSA thread asks again at once, and so would keep the sound server from
                // answering. This is the error callback: no sound waits for it.
                std::thread::sleep(ERROR_PAUSE);
            }
            _ => self.failed.store(true, Ordering::Release),
        }
    }
}

/// A running microphone.
pub(super) struct InputStream {
    /// Mono, at `rate`.
    pub samples: Consumer<f32>,
    pub rate: u32,
    pub health: Arc<Health>,
    _stream: cpal::Stream,
}

/// A speaker that was opened; [`OutputStream::play`] starts it.
pub(super) struct OutputStream {
    /// Mono, at `rate`.
    pub samples: Producer<f32>,
    pub rate: u32,
    pub health: Arc<Health>,
    stream: cpal::Stream,
}

impl OutputStream {
    pub fn play(&self) -> Result<(), OpenFailure> {
        self.stream.play().map_err(|error| failure(&error))
    }
}

/// Opens and starts a microphone.
pub(super) fn open_input(id: Option<&str>) -> Result<InputStream, OpenFailure> {
    let device = devices::find(Direction::Input, id).ok_or(OpenFailure::Missing)?;
    let configs = device.supported_input_configs().map_err(|e| failure(&e))?;
    let (format, config) = choose(configs, 1).ok_or(OpenFailure::Missing)?;
    let health = Arc::new(Health::default());
    let (producer, samples) = RingBuffer::new(config.sample_rate as usize);
    let build = match format {
        SampleFormat::F32 => build_input::<f32>,
        SampleFormat::F64 => build_input::<f64>,
        SampleFormat::I8 => build_input::<i8>,
        SampleFormat::I16 => build_input::<i16>,
        SampleFormat::I32 => build_input::<i32>,
        SampleFormat::U8 => build_input::<u8>,
        SampleFormat::U16 => build_input::<u16>,
        SampleFormat::U32 => build_input::<u32>,
        _ => return Err(OpenFailure::Missing),
    };
    let stream = build(&device, config, producer, health.clone()).map_err(|e| failure(&e))?;
    stream.play().map_err(|e| failure(&e))?;
    Ok(InputStream { samples, rate: config.sample_rate, health, _stream: stream })
}

/// Opens a speaker without starting it, so that its ring can be filled first.
pub(super) fn open_output(id: Option<&str>) -> Result<OutputStream, OpenFailure> {
    let device = devices::find(Direction::Output, id).ok_or(OpenFailure::Missing)?;
    let configs = device.supported_output_configs().map_err(|e| failure(&e))?;
    let (format, config) = choose(configs, 2).ok_or(OpenFailure::Missing)?;
    let health = Arc::new(Health::default());
    let (samples, consumer) = RingBuffer::new(config.sample_rate as usize);
    let build = match format {
        SampleFormat::F32 => build_output::<f32>,
        SampleFormat::F64 => build_output::<f64>,
        SampleFormat::I8 => build_output::<i8>,
        SampleFormat::I16 => build_output::<i16>,
        SampleFormat::I32 => build_output::<i32>,
        SampleFormat::U8 => build_output::<u8>,
        SampleFormat::U16 => build_output::<u16>,
        SampleFormat::U32 => build_output::<u32>,
        _ => return Err(OpenFailure::Missing),
    };
    let stream = build(&device, config, consumer, health.clone()).map_err(|e| failure(&e))?;
    Ok(OutputStream { samples, rate: config.sample_rate, health, stream })
}

fn failure(error: &cpal::Error) -> OpenFailure {
    match error.kind() {
        ErrorKind::PermissionDenied => OpenFailure::Refused,
        ErrorKind::DeviceBusy => OpenFailure::Busy,
        _ => OpenFailure::Missing,
    }
}

/// The best of a device's configurations: 48 kHz, then a format that we convert without loss, then
/// the channel count nearest to `channels`.
fn choose(
    configs: impl Iterator<Item = SupportedStreamConfigRange>,
    channels: u16,
) -> Option<(SampleFormat, StreamConfig)> {
    let format_rank = |format: SampleFormat| match format {
        SampleFormat::F32 => 0,
        SampleFormat::I16 => 1,
        SampleFormat::I32 | SampleFormat::F64 => 2,
        SampleFormat::U16 | SampleFormat::U32 => 3,
        SampleFormat::I8 | SampleFormat::U8 => 4,
        _ => u8::MAX,
    };
    configs
        .filter(|config| format_rank(config.sample_format()) != u8::MAX && config.channels() > 0)
        .min_by_key(|config| {
            (
                nearest_rate(config).abs_diff(SAMPLE_RATE),
                format_rank(config.sample_format()),
                config.channels().abs_diff(channels),
                config.channels(),
            )
        })
        .map(|config| {
            let stream = StreamConfig {
                channels: config.channels(),
                sample_rate: nearest_rate(&config),
                buffer_size: buffer_size(&config),
            };
            (config.sample_format(), stream)
        })
}

fn nearest_rate(config: &SupportedStreamConfigRange) -> u32 {
    SAMPLE_RATE.clamp(config.min_sample_rate(), config.max_sample_rate())
}

/// ALSA's own choice is often far too long for a conversation: 20 ms there. Phones know best.
fn buffer_size(config: &SupportedStreamConfigRange) -> BufferSize {
    let wanted = nearest_rate(config) / 50;
    match config.buffer_size() {
        SupportedBufferSize::Range { min, max }
            if cfg!(target_os = "linux") && (*min..=*max).contains(&wanted) =>
        {
            BufferSize::Fixed(wanted)
        }
        _ => BufferSize::Default,
    }
}

fn build_input<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mut producer: Producer<f32>,
    health: Arc<Health>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample + Send + 'static,
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels);
    let share = 1.0 / f32::from(config.channels);
    let on_error = health.clone();
    device.build_input_stream::<T, _, _>(
        config,
        move |data, info| {
            let frames = data.len() / channels;
            // Where the worker has fallen a second behind, the newest sound is what is dropped.
            let room = producer.slots().min(frames);
            if let Ok(chunk) = producer.write_chunk_uninit(room) {
                chunk.fill_from_iter(
                    data.chunks_exact(channels)
                        .map(|frame| frame.iter().map(|s| f32::from_sample(*s)).sum::<f32>() * share),
                );
            }
            let times = info.timestamp();
            let latency = times.callback.saturating_duration_since(times.capture);
            health.called(frames, latency);
        },
        move |error| on_error.error(error.kind()),
        Some(BACKEND_TIMEOUT),
    )
}

fn build_output<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mut consumer: Consumer<f32>,
    health: Arc<Health>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32> + Send + 'static,
{
    let channels = usize::from(config.channels);
    let on_error = health.clone();
    device.build_output_stream::<T, _, _>(
        config,
        move |data, info| {
            let frames = data.len() / channels;
            let ready = consumer.slots().min(frames);
            if ready < frames {
                health.underruns.fetch_add(1, Ordering::Relaxed);
            }
            if let Ok(chunk) = consumer.read_chunk(ready) {
                let (first, second) = chunk.as_slices();
                let samples = first.iter().chain(second);
                for (frame, sample) in data.chunks_exact_mut(channels).zip(samples) {
                    frame.fill(T::from_sample(sample.clamp(-1.0, 1.0)));
                }
                chunk.commit_all();
            }
            // The rest of `data` is silence already.
            let times = info.timestamp();
            let latency = times.playback.saturating_duration_since(times.callback);
            health.called(frames, latency);
        },
        move |error| on_error.error(error.kind()),
        Some(BACKEND_TIMEOUT),
    )
}
