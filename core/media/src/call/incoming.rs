//! From the wire to the screen and the speaker: one task per remote track, and a thread that decodes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

use super::session::Inner;
use super::sidenote::{self, Sidenote};
use super::tap::Flow;
use crate::audio::{AudioCall, RtpAudio};
use crate::frame::now_ms;
use crate::screen::{Screen, View};
use crate::video::VideoDecoder;
use crate::video::assemble::{AccessUnit, Assembler, VideoPacket};
use crate::video::h264::H264Decoder;

/// A key picture is asked for at most this often: a slow path's round trip, and the time to bring it over.
const ASK_EVERY_MS: u64 = 500;
/// How long the first key picture may take to arrive whole before it is asked for.
const FIRST_GRACE_MS: u64 = 100;
/// Units waiting for the decoder, a quarter of a second; more means it cannot keep up.
const UNDECODED_MAX: usize = 8;

#[derive(Clone)]
pub(super) struct Destination {
    pub(super) flow: Arc<Flow>,
    pub(super) audio: Option<Arc<AudioCall>>,
    pub(super) screen: Option<Screen>,
    pub(super) events: UnboundedSender<Inner>,
}

/// Reads a track until it ends.
pub(super) async fn run(track: Arc<dyn TrackRemote>, to: Destination) {
    match track.kind().await {
        RtpCodecKind::Audio => audio(&*track, &to).await,
        RtpCodecKind::Video => video(&*track, to).await,
        _ => {}
    }
}

async fn audio(track: &dyn TrackRemote, to: &Destination) {
    let mut highest: Option<u16> = None;
    while let Some(event) = track.poll().await {
        let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
        if packet.payload.is_empty() {
            continue;
        }
        if highest.is_none() {
            let _ = to.events.send(Inner::FirstAudio { at_ms: now_ms() });
        }
        // Loss as seen on arrival: a step of n means n - 1 are missing; one that comes late gives one back.
        let sequence = packet.header.sequence_number;
        let step = highest.map_or(1, |highest| sequence.wrapping_sub(highest) as i16);
        to.flow.packets_in.fetch_add(1, Ordering::Relaxed);
        if step > 0 {
            highest = Some(sequence);
            to.flow.packets_lost.fetch_add(step as u64 - 1, Ordering::Relaxed);
        } else {
            let _ = to
                .flow
                .packets_lost
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |lost| lost.checked_sub(1));
        }
        if let Some(audio) = &to.audio {
            audio.receive(RtpAudio { sequence, timestamp: packet.header.timestamp, payload: packet.payload });
        }
    }
}

async fn video(track: &dyn TrackRemote, to: Destination) {
    let (flow, events) = (Arc::clone(&to.flow), to.events.clone());
    let (units, waiting) = sync_channel(UNDECODED_MAX);
    let decoding =
        thread::Builder::new().name("miantan-decode".to_owned()).spawn(move || decode(&waiting, &to));
    if decoding.is_err() {
        return;
    }
    let mut reader =
        VideoReader { assembler: Assembler::default(), units, flow, events, asked_ms: None, lost: 0 };
    loop {
        let wait = reader
            .assembler
            .due_ms()
            .map_or(Duration::from_secs(1), |due| Duration::from_millis(due.saturating_sub(now_ms()).max(1)));
        let ready = match tokio::time::timeout(wait, track.poll()).await {
            Ok(Some(TrackRemoteEvent::OnRtpPacket(packet))) => {
                reader.flow.packets_in.fetch_add(1, Ordering::Relaxed);
                let note = sidenote::read(&packet.payload);
                if let Some(Sidenote::Pause(why)) = note {
                    reader.flow.set_pause(Some(why));
                    let _ = reader.events.send(Inner::RemotePause);
                }
                let picture = note.is_none() && !packet.payload.is_empty();
                if picture {
                    reader.flow.set_pause(None);
                    reader.flow.last_video_ms.store(now_ms(), Ordering::Relaxed);
                }
                let ssrc = packet.header.ssrc;
                let packet = VideoPacket {
                    sequence: packet.header.sequence_number,
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    // Only the place of what is no picture counts.
                    payload: if picture { packet.payload } else { Bytes::new() },
                };
                reader.decoder_stuck();
                let ready = reader.assembler.push(now_ms(), packet);
                reader.hand_over(ready);
                if picture && reader.should_ask(now_ms()) {
                    debug!("asking for a key picture");
                    let request = PictureLossIndication { sender_ssrc: 0, media_ssrc: ssrc };
                    let _ = track.write_rtcp(vec![Box::new(request)]).await;
                }
                continue;
            }
            Ok(Some(_)) => continue,
            Ok(None) => return,
            Err(_) => reader.assembler.poll(now_ms()),
        };
        reader.hand_over(ready);
    }
}

struct VideoReader {
    assembler: Assembler,
    units: SyncSender<AccessUnit>,
    flow: Arc<Flow>,
    events: UnboundedSender<Inner>,
    asked_ms: Option<u64>,
    lost: u64,
}

impl VideoReader {
    fn decoder_stuck(&mut self) {
        if self.flow.decoder_stuck.swap(false, Ordering::Relaxed) {
            self.assembler.decoding_failed();
        }
    }

    fn hand_over(&mut self, units: Vec<AccessUnit>) {
        for unit in units {
            if let Err(TrySendError::Full(_)) = self.units.try_send(unit) {
                self.assembler.decoding_failed();
            }
        }
        let lost = self.assembler.counts().lost;
        self.flow.packets_lost.fetch_add(lost - self.lost, Ordering::Relaxed);
        self.lost = lost;
    }

    fn should_ask(&mut self, now: u64) -> bool {
        // A stream normally begins with a key picture; the first packet of it is no reason to ask.
        let asked = *self.asked_ms.get_or_insert(now.saturating_sub(ASK_EVERY_MS - FIRST_GRACE_MS));
        let ask = self.assembler.needs_key() && now.saturating_sub(asked) >= ASK_EVERY_MS;
        if ask {
            self.asked_ms = Some(now);
        }
        ask
    }
}

/// Decodes until the track's task ends.
fn decode(units: &Receiver<AccessUnit>, to: &Destination) {
    let mut decoder: Option<H264Decoder> = None;
    while let Ok(unit) = units.recv() {
        let decoded = match &mut decoder {
            Some(decoder) => decoder.decode(&unit.data, unit.captured_ms),
            None => H264Decoder::new()
                .and_then(|fresh| decoder.insert(fresh).decode(&unit.data, unit.captured_ms)),
        };
        match decoded {
            Ok(Some(frame)) => {
                let flow = &to.flow;
                flow.pictures_decoded.fetch_add(1, Ordering::Relaxed);
                flow.width_in.store(frame.width, Ordering::Relaxed);
                flow.height_in.store(frame.height, Ordering::Relaxed);
                // The last pictures of before a pause are not to be seen after it was told.
                if flow.pause().is_some() {
                    continue;
                }
                if let Some(screen) = &to.screen {
                    screen.publish(View::Remote, frame);
                }
                if !flow.remote_video.swap(true, Ordering::Relaxed) {
                    let _ = to.events.send(Inner::RemoteVideoOn { at_ms: now_ms() });
                }
            }
            Ok(None) => {}
            Err(problem) => {
                debug!(%problem, "a picture did not decode");
                decoder = None;
                to.flow.decoder_stuck.store(true, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_picture_is_asked_for_twice_a_second_at_most_and_not_at_once() {
        let (units, _waiting) = sync_channel(UNDECODED_MAX);
        let (events, _told) = tokio::sync::mpsc::unbounded_channel();
        let mut reader = VideoReader {
            assembler: Assembler::default(),
            units,
            flow: Arc::default(),
            events,
            asked_ms: None,
            lost: 0,
        };
        assert!(reader.assembler.needs_key());
        let asked: Vec<u64> = (10_000..12_000).step_by(10).filter(|ms| reader.should_ask(*ms)).collect();
        assert_eq!(asked, [10_100, 10_600, 11_100, 11_600]);
    }
}
