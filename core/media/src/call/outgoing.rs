//! From devices to the wire: pictures are scaled, coded and cut into RTP packets; Opus packets get their
//! headers. Nothing is sent before the call is connected.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use rtc::rtp::codec::h264::H264Payloader;
use rtc::rtp::header::Header;
use rtc::rtp::packetizer::Payloader;
use tokio::sync::{mpsc, watch};
use tracing::warn;
use webrtc::media_stream::track_local::TrackLocal;

use super::peer::SendTrack;
use super::tap::Flow;
use crate::frame::I420Frame;
use crate::screen::{Screen, View};
use crate::video::bandwidth::{BandwidthEstimator, Fixed};
use crate::video::h264::H264Encoder;
use crate::video::{CodedPicture, Ladder, VideoEncoder};

/// RTP payload bytes per packet: 1200 on the wire less headers, extensions and the SRTP tag.
const PAYLOAD_MAX: usize = 1140;
/// A key picture on request at most this often; two sides losing packets must not feed each other.
const KEY_EVERY_MS: u64 = 300;

/// The camera thread's end: shows the own picture and codes what the ladder's step asks for.
pub(super) struct PictureSink {
    pub(super) screen: Option<Screen>,
    pub(super) flow: Arc<Flow>,
    pub(super) connected: watch::Receiver<bool>,
    pub(super) coded: mpsc::Sender<CodedPicture>,
    pub(super) ladder: Ladder,
    pub(super) estimator: Box<dyn BandwidthEstimator>,
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
    ) -> Self {
        Self {
            screen,
            flow,
            connected,
            coded,
            ladder: Ladder::default(),
            estimator: Box::new(Fixed::default()),
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
        let Some((long, short, rate)) = self.ladder.picture() else { return };
        if !*self.connected.borrow() || !self.is_due(frame.captured_ms, rate) {
            return;
        }
        let (width, height) = frame.sides_within(long, short);
        self.code(&frame.scaled(width, height), rate);
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

    fn code(&mut self, frame: &I420Frame, rate: u32) {
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => match H264Encoder::new(self.estimator.target(), rate) {
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
        let coded = encoder.set_target(self.estimator.target(), rate).and_then(|()| encoder.encode(frame));
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

/// Sends until both sources end.
pub(super) async fn run(
    audio: SendTrack,
    video: SendTrack,
    connected: watch::Receiver<bool>,
    mut packets: mpsc::Receiver<AudioPacket>,
    mut pictures: mpsc::Receiver<CodedPicture>,
) {
    let (mut audio, mut video) = (Stream::new(audio), Stream::new(video));
    let mut payloader = H264Payloader::default();
    loop {
        tokio::select! {
            // Sound first: it is what a conversation needs.
            biased;
            Some(packet) = packets.recv() => if *connected.borrow() {
                audio.send(packet.timestamp, false, packet.payload).await;
            },
            Some(picture) = pictures.recv() => if *connected.borrow() {
                let timestamp = (picture.captured_ms.wrapping_mul(90)) as u32;
                let Ok(payloads) = payloader.payload(PAYLOAD_MAX, &picture.data) else { continue };
                let last = payloads.len().saturating_sub(1);
                for (index, payload) in payloads.into_iter().enumerate() {
                    video.send(timestamp, index == last, payload).await;
                }
            },
            else => return,
        }
    }
}
