//! The sound of one call: both directions, their devices, and the link between them for echo
//! cancelling. It knows nothing of the peer connection: packets go out and come in as values.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;
use rtrb::{Consumer, Producer, RingBuffer};
use tokio::sync::{mpsc, watch};

use super::capture::{Capture, FrameSink, Origin};
use super::level::{FLOOR_DBFS, LevelMeter};
use super::opus_codec::VoiceEncoder;
use super::playback::{Flow, FrameSource, Playback};
use super::processing::VoiceProcessor;
use super::voice::VoicePlayer;
use super::{AudioStartError, DeviceEvent, FRAME_SAMPLES, Frame, MediaProblem, PACKET_SAMPLES, RtpAudio};

/// Packets waiting for the network task; beyond that (1.2 s) new ones are dropped.
const OUT_QUEUE: usize = 80;
/// Places in that queue kept for problems and recoveries, which must not be dropped.
const OUT_RESERVED: usize = 20;
/// Packets waiting for the speaker thread, which looks every few milliseconds.
const IN_QUEUE: usize = 256;
/// Played frames waiting for the microphone thread (1 s).
const FAR_END_QUEUE: usize = 100;
/// Levels are averaged over 100 ms and published every 50 ms.
const LEVEL_WINDOW_MS: u32 = 100;
const LEVEL_FRAMES: u32 = 5;

/// Devices of a call, by id (see [`super::devices`]); `None` is the system's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudioConfig {
    pub microphone: Option<String>,
    pub speaker: Option<String>,
}

/// What the sound side of a call gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudioOut {
    /// One Opus packet of 20 ms to send. Timestamps count 48 kHz samples from a random start and go
    /// on through silence and mute, when no packets come.
    Packet { timestamp: u32, payload: Bytes },
    /// The call goes on with what is there, and the device is tried again.
    Problem(MediaProblem),
    /// The device that had a problem works again, or another stands in for it.
    Recovered,
}

/// Levels in dBFS as in [`super::level`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AudioLevels {
    /// What the microphone hears, before processing; also while muted, so that "you are muted" can
    /// be said to somebody who speaks.
    pub microphone_dbfs: f32,
    /// What is being played.
    pub speaker_dbfs: f32,
}

impl AudioLevels {
    const SILENT: Self = Self { microphone_dbfs: FLOOR_DBFS, speaker_dbfs: FLOOR_DBFS };
}

#[derive(Debug, Default)]
struct Switches {
    muted: AtomicBool,
    paused: AtomicBool,
    /// Bits per second and expected losses in percent; 0 is "as it was".
    bits: AtomicU32,
    loss: AtomicU8,
    /// From handing a frame to the speaker until it is in the air, in milliseconds.
    playback_ms: AtomicU32,
}

/// The sound of one call; dropping it closes both devices.
#[derive(Debug)]
pub struct AudioCall {
    capture: Capture,
    playback: Playback,
    packets: SyncSender<RtpAudio>,
    switches: Arc<Switches>,
    levels: watch::Receiver<AudioLevels>,
}

impl AudioCall {
    /// Opens both directions. A missing device is no error: it is reported as [`AudioOut::Problem`]
    /// and the call goes on with what is there.
    pub fn start(config: AudioConfig) -> Result<(Self, mpsc::Receiver<AudioOut>), AudioStartError> {
        let (out, receiver) = mpsc::channel(OUT_QUEUE);
        let (packets, arriving) = sync_channel(IN_QUEUE);
        let (played, far_end) = RingBuffer::new(FAR_END_QUEUE);
        let (levels, watching) = watch::channel(AudioLevels::SILENT);
        let levels = Arc::new(levels);
        let switches = Arc::new(Switches::default());
        let listening = Listening {
            out: out.clone(),
            levels: levels.clone(),
            switches: switches.clone(),
            arriving,
            voice: VoicePlayer::new()?,
            played,
            meter: Meter::new(),
            was_paused: false,
        };
        let speaking = Speaking {
            out,
            levels,
            switches: switches.clone(),
            far_end,
            processor: VoiceProcessor::new(),
            encoder: VoiceEncoder::new()?,
            is_tone: false,
            network: (0, 0),
            packet: [0.0; PACKET_SAMPLES],
            has_half: false,
            timestamp: rand::random(),
            meter: Meter::new(),
        };
        let call = Self {
            playback: Playback::start(config.speaker, listening)?,
            capture: Capture::start(config.microphone, speaking)?,
            packets,
            switches,
            levels: watching,
        };
        Ok((call, receiver))
    }

    /// Takes a packet from the network, in whatever order; never waits.
    pub fn receive(&self, packet: RtpAudio) {
        // Full only while the speaker thread is stuck in a device; the sound would be too old then.
        let _ = self.packets.try_send(packet);
    }

    /// Muted: nothing is sent, time goes on, the microphone stays open.
    pub fn set_muted(&self, muted: bool) {
        self.switches.muted.store(muted, Ordering::Relaxed);
    }

    /// What the network carries: bits per second for the coded sound, and how many packets of a hundred it
    /// loses, which Opus then guards against.
    pub fn set_network(&self, bits_per_second: u32, loss_percent: u8) {
        self.switches.bits.store(bits_per_second, Ordering::Relaxed);
        self.switches.loss.store(loss_percent, Ordering::Relaxed);
    }

    /// Paused (a phone call has the devices): both are closed, nothing is sent or played.
    pub fn set_paused(&self, paused: bool) {
        self.switches.paused.store(paused, Ordering::Relaxed);
        self.capture.set_active(!paused);
        self.playback.set_active(!paused);
    }

    pub fn switch_microphone(&self, microphone: Option<String>) {
        self.capture.switch(microphone);
    }

    pub fn switch_speaker(&self, speaker: Option<String>) {
        self.playback.switch(speaker);
    }

    /// Levels, about twenty times a second.
    pub fn levels(&self) -> watch::Receiver<AudioLevels> {
        self.levels.clone()
    }
}

fn send_event(out: &mpsc::Sender<AudioOut>, event: DeviceEvent) {
    let message = match event {
        DeviceEvent::Problem(problem) => AudioOut::Problem(problem),
        DeviceEvent::Recovered => AudioOut::Recovered,
    };
    // Places are reserved; it only fails where nobody listens any more.
    let _ = out.try_send(message);
}

/// A level meter that says when to publish.
struct Meter {
    meter: LevelMeter,
    frames: u32,
}

impl Meter {
    fn new() -> Self {
        Self { meter: LevelMeter::new(LEVEL_WINDOW_MS), frames: 0 }
    }

    fn push(&mut self, frame: &Frame) -> Option<f32> {
        self.meter.push(frame);
        self.frames += 1;
        self.frames.is_multiple_of(LEVEL_FRAMES).then(|| self.meter.dbfs())
    }
}

/// Microphone → packets, on the capture thread.
struct Speaking {
    out: mpsc::Sender<AudioOut>,
    levels: Arc<watch::Sender<AudioLevels>>,
    switches: Arc<Switches>,
    far_end: Consumer<Frame>,
    processor: VoiceProcessor,
    encoder: VoiceEncoder,
    is_tone: bool,
    /// Bits per second and losses that the encoder was told last.
    network: (u32, u8),
    packet: [f32; PACKET_SAMPLES],
    has_half: bool,
    timestamp: u32,
    meter: Meter,
}

impl FrameSink for Speaking {
    fn frame(&mut self, frame: &mut Frame, origin: Origin, latency_ms: u32) {
        if let Some(level) = self.meter.push(frame) {
            self.levels.send_modify(|levels| levels.microphone_dbfs = level);
        }
        while let Ok(played) = self.far_end.pop() {
            self.processor.far_end(&played);
        }
        if origin == Origin::Microphone {
            let delay = latency_ms + self.switches.playback_ms.load(Ordering::Relaxed);
            self.processor.near_end(frame, delay);
        }
        if self.is_tone != (origin == Origin::Tone) {
            self.is_tone = origin == Origin::Tone;
            if let Err(error) = self.encoder.set_dtx(!self.is_tone) {
                tracing::warn!(%error, "DTX stays as it was");
            }
        }
        let silent =
            self.switches.muted.load(Ordering::Relaxed) || self.switches.paused.load(Ordering::Relaxed);
        if silent {
            // The encoder hears silence, so that nothing from before is in the next packet.
            frame.fill(0.0);
        }
        if self.has_half {
            self.packet[FRAME_SAMPLES..].copy_from_slice(frame);
            self.send(silent);
        } else {
            self.packet[..FRAME_SAMPLES].copy_from_slice(frame);
        }
        self.has_half = !self.has_half;
    }

    fn event(&mut self, event: DeviceEvent) {
        send_event(&self.out, event);
    }
}

impl Speaking {
    fn send(&mut self, silent: bool) {
        self.follow_network();
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(PACKET_SAMPLES as u32);
        let encoded = self.encoder.encode(&self.packet);
        if let Err(error) = &encoded {
            tracing::warn!(%error, "a packet of sound was not sent");
        }
        if let Ok(Some(payload)) = encoded
            && !silent
            && self.out.capacity() > OUT_RESERVED
        {
            let _ = self.out.try_send(AudioOut::Packet { timestamp, payload });
        }
    }
}

impl Speaking {
    fn follow_network(&mut self) {
        let switches = &self.switches;
        let network = (switches.bits.load(Ordering::Relaxed), switches.loss.load(Ordering::Relaxed));
        if network == self.network || network.0 == 0 {
            return;
        }
        self.network = network;
        let told = self.encoder.set_bitrate(network.0).and_then(|()| self.encoder.expect_loss(network.1));
        if let Err(error) = told {
            tracing::warn!(%error, "sound is coded as before");
        }
    }
}

/// Packets → speaker, on the playback thread.
struct Listening {
    out: mpsc::Sender<AudioOut>,
    levels: Arc<watch::Sender<AudioLevels>>,
    switches: Arc<Switches>,
    arriving: Receiver<RtpAudio>,
    voice: VoicePlayer,
    played: Producer<Frame>,
    meter: Meter,
    was_paused: bool,
}

impl FrameSource for Listening {
    fn fill(&mut self, frame: &mut Frame, latency_ms: u32) -> Flow {
        let paused = self.switches.paused.load(Ordering::Relaxed);
        if paused && !self.was_paused {
            self.voice.reset();
        }
        self.was_paused = paused;
        while let Ok(packet) = self.arriving.try_recv() {
            if !paused {
                self.voice.receive(packet);
            }
        }
        if !paused {
            self.voice.fill(frame);
        }
        self.switches.playback_ms.store(latency_ms, Ordering::Relaxed);
        // Full only while the microphone thread is stuck in a device, when there is no echo to take
        // away.
        let _ = self.played.push(*frame);
        if let Some(level) = self.meter.push(frame) {
            self.levels.send_modify(|levels| levels.speaker_dbfs = level);
        }
        Flow::More
    }

    fn event(&mut self, event: DeviceEvent) {
        send_event(&self.out, event);
    }
}

#[cfg(all(test, feature = "synthetic"))]
mod tests;
