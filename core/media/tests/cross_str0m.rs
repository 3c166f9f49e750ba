//! The client's stack against an independent one: a call with a str0m peer, which offers or answers.
//! What agrees here agrees on the wire, not only with itself.

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::*;
use miantan_domain::signal::Signal;
use miantan_media::camera::pattern;
use miantan_media::frame::now_ms;
use miantan_media::video::VideoEncoder;
use miantan_media::video::h264::H264Encoder;
use miantan_media::{CallMedia, I420Frame, MediaEvent, Screen, View};
use openh264::formats::YUVSource;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaData, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

const TICK: Duration = Duration::from_millis(20);

/// A str0m peer with a camera and a microphone of its own.
struct Stranger {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<SdpPendingOffer>,
    audio: Option<Mid>,
    video: Option<Mid>,
    connected: bool,
    encoder: H264Encoder,
    voice: opus::Encoder,
    ticks: u64,
    key_requests: u32,
    seen: Seen,
}

/// What the stranger got.
struct Seen {
    decoder: openh264::decoder::Decoder,
    ears: opus::Decoder,
    stamps: Vec<u32>,
    key_pictures: u32,
    /// Loudest decoded sample of the tone, 0 to 32767.
    loudest: i32,
    sound_packets: u32,
}

impl Seen {
    fn take(&mut self, data: &MediaData) {
        match data.params.spec().codec {
            Codec::H264 => self.picture(&data.data),
            Codec::Opus => {
                let mut sound = vec![0_i16; 5760 * 2];
                let samples = self.ears.decode(&data.data, &mut sound, false).expect("an Opus packet");
                let loudest = sound[..samples * 2].iter().map(|sample| i32::from(*sample).abs()).max();
                self.loudest = self.loudest.max(loudest.unwrap_or(0));
                self.sound_packets += 1;
            }
            other => panic!("{other:?} was not agreed on"),
        }
    }

    fn picture(&mut self, unit: &[u8]) {
        if unit.windows(5).any(|bytes| bytes[..4] == [0, 0, 0, 1] && bytes[4] & 0x1f == 5) {
            self.key_pictures += 1;
        }
        if self.key_pictures == 0 {
            return; // joined in the middle
        }
        let Some(picture) = self.decoder.decode(unit).expect("openh264 decodes what str0m received") else {
            return;
        };
        let (width, height) = picture.dimensions();
        let (y, u, v) = picture.strides();
        let frame = I420Frame::from_planes(
            width as u32,
            height as u32,
            [picture.y(), picture.u(), picture.v()],
            [y, u, v],
            0,
        )
        .expect("a usable size");
        self.stamps.push(pattern::read_stamp(&frame).expect("the time can be read in the picture"));
    }
}

impl Stranger {
    async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let mut rtc = Rtc::builder()
            .set_crypto_provider(Arc::new(str0m::crypto::from_feature_flags()))
            .clear_codecs()
            .enable_opus(true, false)
            .enable_h264(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            rtc,
            socket,
            address,
            pending: None,
            audio: None,
            video: None,
            connected: false,
            encoder: H264Encoder::new(500_000, 25).unwrap(),
            voice: opus::Encoder::new(48_000, opus::Channels::Stereo, opus::Application::Voip).unwrap(),
            ticks: 0,
            key_requests: 0,
            seen: Seen {
                decoder: openh264::decoder::Decoder::new().unwrap(),
                ears: opus::Decoder::new(48_000, opus::Channels::Stereo).unwrap(),
                stamps: Vec::new(),
                key_pictures: 0,
                loudest: 0,
                sound_packets: 0,
            },
        }
    }

    fn offer(&mut self) -> Signal {
        let mut change = self.rtc.sdp_api();
        self.audio = Some(change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None));
        self.video = Some(change.add_media(MediaKind::Video, Direction::SendRecv, None, None, None));
        let (offer, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        Signal::Offer { sdp: offer.to_sdp_string(), restart: false }
    }

    /// Takes a signal of the call; an offer gives an answer.
    fn signal(&mut self, signal: Signal) -> Option<Signal> {
        match signal {
            Signal::Offer { sdp, .. } => {
                let offer = SdpOffer::from_sdp_string(&sdp).expect("str0m reads the offer");
                let answer = self.rtc.sdp_api().accept_offer(offer).expect("str0m accepts the offer");
                Some(Signal::Answer { sdp: answer.to_sdp_string() })
            }
            Signal::Answer { sdp } => {
                let answer = SdpAnswer::from_sdp_string(&sdp).expect("str0m reads the answer");
                let pending = self.pending.take().expect("an offer was made");
                self.rtc.sdp_api().accept_answer(pending, answer).expect("str0m accepts the answer");
                None
            }
            Signal::Candidate { line, .. } => {
                let candidate = Candidate::from_sdp_string(&line).expect("str0m reads the candidate");
                self.rtc.add_remote_candidate(candidate);
                None
            }
            Signal::EndOfCandidates | Signal::RestartWanted => None,
        }
    }

    /// Sends what is due, and returns when to come back.
    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().expect("str0m goes on") {
                Output::Timeout(at) => return at,
                Output::Transmit(packet) => {
                    self.socket.send_to(&packet.contents, packet.destination).await.unwrap();
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::IceConnectionStateChange(state)) => {
                    assert_ne!(state, IceConnectionState::Disconnected, "ICE went down");
                }
                Output::Event(Event::MediaAdded(added)) => match added.kind {
                    MediaKind::Audio => self.audio = Some(added.mid),
                    MediaKind::Video => self.video = Some(added.mid),
                },
                Output::Event(Event::MediaData(data)) => self.seen.take(&data),
                Output::Event(Event::KeyframeRequest(_)) => {
                    self.key_requests += 1;
                    self.encoder.request_key_picture();
                }
                Output::Event(_) => {}
            }
        }
    }

    /// 20 ms of sound at every tick, a picture at every second one.
    async fn speak(&mut self) {
        if !self.connected {
            return;
        }
        let now = Instant::now();
        let (Some(audio), Some(video)) = (self.audio, self.video) else { return };
        let at = self.ticks * 960;
        self.ticks += 1;
        let mut sound = [0_i16; 960 * 2];
        for (index, pair) in sound.chunks_exact_mut(2).enumerate() {
            let phase = (at + index as u64) as f32 * 440.0 * std::f32::consts::TAU / 48_000.0;
            pair.fill((phase.sin() * 8000.0) as i16);
        }
        let packet = self.voice.encode_vec(&sound, 1500).unwrap();
        let writer = self.rtc.writer(audio).expect("audio was agreed on");
        let pt = writer.payload_params().next().expect("a codec").pt();
        writer.write(pt, now, MediaTime::new(at, str0m::media::Frequency::FORTY_EIGHT_KHZ), packet).unwrap();
        self.drain().await;

        if self.ticks.is_multiple_of(2) {
            let frame = pattern::draw(640, 360, now_ms()).unwrap();
            if let Some(picture) = self.encoder.encode(&frame).unwrap() {
                let writer = self.rtc.writer(video).expect("video was agreed on");
                let pt = writer
                    .payload_params()
                    .find(|params| params.spec().codec == Codec::H264)
                    .expect("H.264 was agreed on")
                    .pt();
                writer
                    .write(pt, now, MediaTime::from_90khz(frame.captured_ms * 90), picture.data.to_vec())
                    .unwrap();
                self.drain().await;
            }
        }
    }

    fn ask_for_key_picture(&mut self) {
        let video = self.video.expect("video was agreed on");
        self.rtc.writer(video).unwrap().request_keyframe(None, KeyframeRequestKind::Pli).unwrap();
    }

    /// Runs the call until `enough` says so.
    async fn run(
        &mut self,
        what: &str,
        call: &CallMedia,
        events: &mut mpsc::Receiver<MediaEvent>,
        told: &mut Vec<MediaEvent>,
        mut enough: impl FnMut(&Self, &[MediaEvent]) -> bool,
    ) {
        let mut tick = tokio::time::interval(TICK);
        let mut buffer = vec![0; 2000];
        within(what, async {
            while !enough(self, told) {
                let due = self.drain().await;
                tokio::select! {
                    received = self.socket.recv_from(&mut buffer) => {
                        let (length, source) = received.unwrap();
                        if let Ok(contents) = buffer[..length].try_into() {
                            let packet =
                                Receive { proto: Protocol::Udp, source, destination: self.address, contents };
                            self.rtc.handle_input(Input::Receive(Instant::now(), packet)).unwrap();
                        }
                    }
                    () = sleep_until(due.into()) => {
                        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
                    }
                    _ = tick.tick() => self.speak().await,
                    event = events.recv() => match event.expect("the call goes on") {
                        MediaEvent::Signal(signal) => {
                            let answer = self.signal(signal);
                            self.drain().await;
                            if let Some(answer) = answer {
                                call.signal(answer).await.expect("the call takes str0m's answer");
                            }
                        }
                        event => told.push(event),
                    },
                }
            }
        })
        .await;
    }
}

async fn talk(call_offers: bool) {
    let screen = Screen::start().await.unwrap();
    let (call, mut events) = CallMedia::start(synthetic(call_offers, &screen)).await.unwrap();
    let mut page = Page::open(&screen).await;
    let mut stranger = Stranger::new().await;
    let mut told = Vec::new();
    if !call_offers {
        let offer = stranger.offer();
        stranger.drain().await;
        call.signal(offer).await.expect("the call takes str0m's offer");
    }

    // Pictures of the stranger arrive on the page meanwhile.
    let watching = tokio::spawn(async move {
        let mut before = 0;
        for _ in 0..20 {
            let stamp = page.draw_until("the stranger's picture", View::Remote, pattern::read_stamp).await;
            assert!(stamp > before, "pictures go forward in time");
            before = stamp;
        }
    });
    stranger
        .run("pictures and sound both ways", &call, &mut events, &mut told, |stranger, told| {
            stranger.connected
                && stranger.seen.stamps.len() >= 20
                && stranger.seen.sound_packets >= 20
                && told.iter().any(|event| matches!(event, MediaEvent::FirstVideo { .. }))
                && told.iter().any(|event| matches!(event, MediaEvent::FirstAudio { .. }))
                && watching.is_finished()
        })
        .await;
    watching.await.expect("the page saw the stranger");
    assert!(told.contains(&MediaEvent::Connected));
    assert!(stranger.seen.stamps.is_sorted_by(|a, b| a < b), "in order: {:?}", stranger.seen.stamps);
    // The tone is 440 Hz at -20 dBFS (3277 of 32767), less what automatic gain and noise suppression do.
    assert!(stranger.seen.loudest > 300, "the tone is heard: {}", stranger.seen.loudest);

    // A lost picture is asked for, and a key picture comes.
    let before = stranger.seen.key_pictures;
    stranger.ask_for_key_picture();
    stranger
        .run("a key picture on request", &call, &mut events, &mut told, |stranger, _| {
            stranger.seen.key_pictures > before
        })
        .await;
    assert!(
        stranger.seen.key_pictures < 20,
        "key pictures come on request, not by themselves: {}",
        stranger.seen.key_pictures
    );
    within("hanging up", call.close()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn str0m_offers_and_the_call_answers() {
    talk(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_offers_and_str0m_answers() {
    talk(true).await;
}
