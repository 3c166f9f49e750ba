//! From devices to the wire: pictures are scaled, coded and cut into RTP packets; Opus packets get their
//! headers. Nothing is sent before the call is connected.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rtc::rtp::codec::h264::H264Payloader;
use rtc::rtp::header::Header;
use rtc::rtp::packetizer::Payloader;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::warn;
use webrtc::media_stream::track_local::TrackLocal;

use super::peer::SendTrack;
use super::tap::Flow;
use super::{RemotePause, sidenote};
use crate::frame::{I420Frame, now_ms};
use crate::screen::{Screen, View};
use crate::video::h264::H264Encoder;
use crate::video::{CodedPicture, Ladder, VideoEncoder};

/// RTP payload bytes per packet: 1200 on the wire less headers, extensions and the SRTP tag.
const PAYLOAD_MAX: usize = 1140;
/// A key picture on request at most this often; two sides losing packets must not feed each other.
const KEY_EVERY_MS: u64 = 500;
/// Until the network has told anything.
const FIRST_VIDEO_BITS: u32 = 600_000;
/// RTP header with its extension, SRTP tag, UDP and IP.
const HEADERS: usize = 58;
/// Packets of pictures waiting for a narrow path; a large key picture on the lowest step is a dozen.
const QUEUED: usize = 48;
/// How often filler and reasons are looked at.
const TICK: Duration = Duration::from_millis(20);
/// The reason for no pictures is told again this often: one of them may be lost.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// Filler comes in pieces of so many bytes at least, and waits at most so long for what was sent too much of.
const FILLER_LEAST: f64 = 300.0;
const FILLER_DEBT: f64 = 2_000.0;

/// The camera thread's end: shows the own picture and codes what the ladder's step asks for.
pub(super) struct PictureSink {
    pub(super) screen: Option<Screen>,
    pub(super) flow: Arc<Flow>,
    pub(super) connected: watch::Receiver<bool>,
    pub(super) coded: mpsc::Sender<CodedPicture>,
    pub(super) plan: watch::Receiver<Plan>,
    encoder: Option<Box<dyn VideoEncoder>>,
    last_key_ms: u64,
    next_due_ms: u64,
    broken: Arc<AtomicBool>,
}

impl PictureSink {
    pub(super) fn new(
        screen: Option<Screen>,
        flow: Arc<Flow>,
        connected: watch::Receiver<bool>,
        coded: mpsc::Sender<CodedPicture>,
        plan: watch::Receiver<Plan>,
    ) -> Self {
        Self {
            screen,
            flow,
            connected,
            coded,
            plan,
            encoder: None,
            last_key_ms: 0,
            next_due_ms: 0,
            broken: Arc::default(),
        }
    }

    pub(super) fn take(&mut self, frame: I420Frame) {
        let frame = frame.upright();
        if let Some(screen) = &self.screen {
            screen.publish(View::Own, frame.clone());
        }
        let plan = *self.plan.borrow();
        let Some((long, short, rate)) = plan.step.picture() else {
            // The next picture begins anew.
            self.encoder = None;
            return;
        };
        if !*self.connected.borrow() || !self.is_due(frame.captured_ms, rate) {
            return;
        }
        let (width, height) = frame.sides_within(long, short);
        self.code(&frame.scaled(width, height), plan.video_bits, rate);
    }

    /// Thins a faster camera out to `rate`, with a quarter of a period of tolerance for its jitter.
    fn is_due(&mut self, captured_ms: u64, rate: u32) -> bool {
        let period = u64::from(1000 / rate.max(1));
        if captured_ms + period / 4 < self.next_due_ms {
            return false;
        }
        self.next_due_ms = self.next_due_ms.max(captured_ms.saturating_sub(period)) + period;
        true
    }

    fn code(&mut self, frame: &I420Frame, bits: u32, rate: u32) {
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => match H264Encoder::new(bits, rate) {
                Ok(encoder) => self.encoder.insert(Box::new(encoder)),
                Err(problem) => return self.complain(&problem),
            },
        };
        if self.flow.key_wanted.load(Ordering::Relaxed)
            && frame.captured_ms.saturating_sub(self.last_key_ms) >= KEY_EVERY_MS
        {
            self.flow.key_wanted.store(false, Ordering::Relaxed);
            encoder.request_key_picture();
        }
        let coded = encoder.set_target(bits, rate).and_then(|()| encoder.encode(frame));
        match coded {
            Ok(Some(picture)) => {
                if picture.key {
                    self.last_key_ms = frame.captured_ms;
                }
                // A picture that cannot be sent breaks the chain of references: start a new one.
                if self.coded.try_send(picture).is_err() {
                    self.flow.key_wanted.store(true, Ordering::Relaxed);
                }
            }
            Ok(None) => {}
            Err(problem) => {
                self.encoder = None;
                self.complain(&problem);
            }
        }
    }

    fn complain(&self, problem: &crate::MediaProblem) {
        if !self.broken.swap(true, Ordering::Relaxed) {
            warn!(%problem, "pictures cannot be coded");
        }
    }
}

/// Numbers the packets of one stream.
struct Stream {
    to: SendTrack,
    sequence: u16,
    offset: u32,
    payload_type: Option<u8>,
}

impl Stream {
    fn new(to: SendTrack) -> Self {
        Self { to, sequence: rand::random(), offset: rand::random(), payload_type: None }
    }

    async fn payload_type(&mut self) -> Option<u8> {
        if self.payload_type.is_none() {
            let parameters = self.to.sender.get_parameters().await.ok()?;
            self.payload_type = parameters.rtp_parameters.codecs.first().map(|codec| codec.payload_type);
        }
        self.payload_type
    }

    async fn send(&mut self, timestamp: u32, marker: bool, payload: Bytes) {
        let Some(payload_type) = self.payload_type().await else { return };
        self.sequence = self.sequence.wrapping_add(1);
        let header = Header {
            version: 2,
            marker,
            payload_type,
            sequence_number: self.sequence,
            timestamp: timestamp.wrapping_add(self.offset),
            ssrc: self.to.ssrc,
            ..Default::default()
        };
        // Fails only while the connection goes away; the call's loop learns that by itself.
        let _ = self.to.track.write_rtp(rtc::rtp::Packet { header, payload }).await;
    }
}

pub(super) struct AudioPacket {
    /// 48 kHz.
    pub(super) timestamp: u32,
    pub(super) payload: Bytes,
}

/// What may be sent now; the call's loop makes a new one when something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) step: Ladder,
    /// Bits per second of coded pictures.
    pub(super) video_bits: u32,
    /// Bits per second at which one picture's packets leave; 0 is at once.
    pub(super) pace_bits: u32,
    /// Bits per second to reach with filler; 0 is none.
    pub(super) probe_bits: u32,
    /// Why no pictures are sent; the other side is told.
    pub(super) pause: Option<RemotePause>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { step: Ladder::Full, video_bits: FIRST_VIDEO_BITS, pace_bits: 0, probe_bits: 0, pause: None }
    }
}

/// Sends until both sources end.
pub(super) async fn run(
    audio: SendTrack,
    video: SendTrack,
    connected: watch::Receiver<bool>,
    plan: watch::Receiver<Plan>,
    packets: mpsc::Receiver<AudioPacket>,
    pictures: mpsc::Receiver<CodedPicture>,
) {
    let video = Pictures {
        stream: Stream::new(video),
        payloader: H264Payloader::default(),
        queue: VecDeque::new(),
        free_at: Instant::now(),
        filler_due: 0.0,
        filler_at: Instant::now(),
        told: None,
    };
    Sender { audio: Stream::new(audio), video, connected, plan, packets, pictures }.run().await;
}

struct Sender {
    audio: Stream,
    video: Pictures,
    connected: watch::Receiver<bool>,
    plan: watch::Receiver<Plan>,
    packets: mpsc::Receiver<AudioPacket>,
    pictures: mpsc::Receiver<CodedPicture>,
}

impl Sender {
    async fn run(mut self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let plan = *self.plan.borrow_and_update();
            let connected = *self.connected.borrow();
            let paced = !self.video.queue.is_empty();
            let beside = connected && (plan.probe_bits > 0 || plan.pause.is_some());
            tokio::select! {
                // Sound first: it is what a conversation needs.
                biased;
                Some(packet) = self.packets.recv() => if connected {
                    let bytes = packet.payload.len();
                    self.audio.send(packet.timestamp, false, packet.payload).await;
                    self.video.sent(bytes);
                },
                () = sleep_until(self.video.free_at), if paced => self.video.send_next(plan).await,
                Some(picture) = self.pictures.recv(), if self.video.queue.len() < QUEUED => if connected {
                    self.video.take(&picture);
                    while !self.video.queue.is_empty() && plan.pace_bits == 0 {
                        self.video.send_next(plan).await;
                    }
                },
                _ = tick.tick(), if beside => self.video.beside(plan).await,
                // Ends with the call, as the sources do.
                changed = self.plan.changed() => if changed.is_err() {
                    return;
                },
                else => return,
            }
        }
    }
}

/// The video stream with what waits to be sent on it.
struct Pictures {
    stream: Stream,
    payloader: H264Payloader,
    queue: VecDeque<(u32, bool, Bytes)>,
    /// When the path has room for the next packet.
    free_at: Instant,
    /// Filler that is due, in bytes, and since when it is counted.
    filler_due: f64,
    filler_at: Instant,
    /// The last reason told, and when.
    told: Option<(RemotePause, Instant)>,
}

impl Pictures {
    fn take(&mut self, picture: &CodedPicture) {
        let timestamp = (picture.captured_ms.wrapping_mul(90)) as u32;
        let Ok(payloads) = self.payloader.payload(PAYLOAD_MAX, &picture.data) else { return };
        let last = payloads.len().saturating_sub(1);
        self.queue
            .extend(payloads.into_iter().enumerate().map(|(n, payload)| (timestamp, n == last, payload)));
    }

    async fn send_next(&mut self, plan: Plan) {
        let Some((timestamp, marker, payload)) = self.queue.pop_front() else { return };
        let bytes = payload.len();
        self.stream.send(timestamp, marker, payload).await;
        self.sent(bytes);
        if plan.pace_bits > 0 {
            let bits = (bytes + HEADERS) as u64 * 8;
            let takes = Duration::from_micros(bits * 1_000_000 / u64::from(plan.pace_bits));
            self.free_at = self.free_at.max(Instant::now()) + takes;
        }
    }

    /// Whatever is sent needs no filler in its place.
    fn sent(&mut self, bytes: usize) {
        self.filler_due -= (bytes + HEADERS) as f64;
    }

    /// What goes beside the pictures, between two of them.
    async fn beside(&mut self, plan: Plan) {
        if !self.queue.is_empty() {
            return;
        }
        let now = Instant::now();
        let timestamp = (now_ms().wrapping_mul(90)) as u32;
        match plan.pause {
            None => self.told = None,
            Some(why) => {
                let again =
                    self.told.is_none_or(|(told, at)| told != why || now.duration_since(at) >= TELL_EVERY);
                if again {
                    self.told = Some((why, now));
                    let note = sidenote::pause(why);
                    self.stream.send(timestamp, true, note).await;
                }
            }
        }
        let passed = now.duration_since(self.filler_at).min(TICK * 5).as_secs_f64();
        self.filler_at = now;
        if plan.probe_bits == 0 {
            self.filler_due = 0.0;
            return;
        }
        // What was sent too much of is not made up for later.
        self.filler_due = self.filler_due.max(-FILLER_DEBT) + f64::from(plan.probe_bits) / 8.0 * passed;
        while self.filler_due >= FILLER_LEAST {
            let bytes = (self.filler_due as usize).min(PAYLOAD_MAX).saturating_sub(HEADERS);
            self.stream.send(timestamp, true, sidenote::filler(bytes)).await;
            self.sent(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sink that feeds a path which takes everything.
    fn sink() -> (PictureSink, mpsc::Receiver<CodedPicture>, watch::Sender<Plan>) {
        let (_connected, is_connected) = watch::channel(true);
        let (coded, pictures) = mpsc::channel(1_000);
        let (plan, the_plan) = watch::channel(Plan::default());
        (PictureSink::new(None, Arc::default(), is_connected, coded, the_plan), pictures, plan)
    }

    fn picture(ms: u64) -> I420Frame {
        I420Frame::new(64, 36, vec![(ms % 200) as u8; I420Frame::len_of(64, 36)].into(), ms).unwrap()
    }

    #[tokio::test]
    async fn a_key_picture_is_given_twice_a_second_at_most() {
        let (mut sink, mut pictures, _plan) = sink();
        for n in 0..90 {
            // The other side asks without end.
            sink.flow.key_wanted.store(true, Ordering::Relaxed);
            sink.take(picture(1_000 + n * 33));
        }
        let mut keys = Vec::new();
        while let Ok(picture) = pictures.try_recv() {
            keys.extend(picture.key.then_some(picture.captured_ms));
        }
        assert!(keys.len() >= 5, "they are given: {keys:?}");
        assert!(keys.windows(2).all(|pair| pair[1] - pair[0] >= KEY_EVERY_MS), "{keys:?}");
    }

    #[tokio::test]
    async fn the_step_decides_about_pictures_and_a_new_one_begins_with_a_key_picture() {
        let (mut sink, mut pictures, plan) = sink();
        let mut ms = 1_000;
        let mut second = |sink: &mut PictureSink| {
            for _ in 0..30 {
                sink.take(picture(ms));
                ms += 33;
            }
        };
        second(&mut sink);
        assert!(pictures.try_recv().is_ok_and(|first| first.key));
        while pictures.try_recv().is_ok() {}
        plan.send_modify(|plan| plan.step = Ladder::AudioOnly);
        second(&mut sink);
        assert!(pictures.try_recv().is_err(), "sound only");
        plan.send_modify(|plan| plan.step = Ladder::Small);
        second(&mut sink);
        let mut sent = Vec::new();
        while let Ok(picture) = pictures.try_recv() {
            sent.push(picture.key);
        }
        assert!((12..=17).contains(&sent.len()), "15 a second: {}", sent.len());
        assert!(sent[0] && !sent[1..].contains(&true), "{sent:?}");
    }
}
