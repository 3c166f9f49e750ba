//! The peer connection of a call, set up once: codecs, feedback, timeouts, addresses, and two tracks to
//! send on. What it reports arrives as [`PeerEvent`]s.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use miantan_domain::signal::MediaPath;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::interceptor::{
    CongestionControlBuilder, NackGeneratorBuilder, NackResponderBuilder, ReceiverReportBuilder, Registry,
    SenderReportBuilder, Slot, TwccReceiverBuilder, TwccSenderBuilder,
};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::configure_simulcast_extension_headers;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_H264, MIME_TYPE_OPUS, MediaEngine};
use rtc::peer_connection::transport::RTCDtlsRole;
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use tokio::sync::mpsc::UnboundedSender;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceConnectionState, RTCIceGatheringState, RTCIceServer, RTCIceTransportPolicy,
    RTCPeerConnectionIceEvent, RTCPeerConnectionState, SettingEngineBuilder,
};
use webrtc::rtp_transceiver::RtpSender;

use super::CallConfig;
use super::congestion::Congestion;
use super::repeats::RepeatGate;
use super::tap::{Flow, Tap};
use crate::problem::MediaProblem;

/// Two lost keepalives; the usual 5 s is an eternity in an interview.
const ICE_DISCONNECTED: Duration = Duration::from_secs(2);
const ICE_FAILED: Duration = Duration::from_secs(10);
const ICE_KEEPALIVE: Duration = Duration::from_secs(1);
/// Pace of connectivity checks (RFC 8445 section 14.2 allows 50 ms; the usual 200 ms is felt at every answer),
/// and how many a pair gets: 5 s, as a relay's permission and a slow mobile link take their time.
const ICE_CHECK: Duration = Duration::from_millis(50);
const ICE_ATTEMPTS: u16 = 100;
/// How long a better path is hoped for before one through a NAT, or a relay, is taken. The usual 0.5 to 2 s are
/// felt at every answer; besides, a check that overtakes its candidate's signal makes a host pair look
/// reflexive, on any network.
const REFLEXIVE_WAIT: Duration = Duration::from_millis(50);
const RELAY_WAIT: Duration = Duration::from_millis(400);
/// A lost packet is asked for again after this; the usual 100 ms is longer than the playout buffer.
const NACK_INTERVAL: Duration = Duration::from_millis(25);
/// Reports keep a silent call alive: with the camera off and the microphone paused nothing else is sent,
/// and nothing for a second counts as an interruption.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);
/// Arrivals are reported so often: 1 to 2 kb/s of reports.
const FEEDBACK_INTERVAL: Duration = Duration::from_millis(100);

/// Every packet is numbered under this, and its arrival reported.
const TRANSPORT_WIDE: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

const OPUS_PAYLOAD: u8 = 111;
const H264_PAYLOAD: u8 = 102;
/// Constrained baseline, level 3.1, packetization mode 1: what every browser and phone can do.
const H264_FORMAT: &str = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
const OPUS_FORMAT: &str = "minptime=10;useinbandfec=1";

pub(super) enum PeerEvent {
    Candidate(String),
    GatheringDone,
    Ice(RTCIceConnectionState),
    State(RTCPeerConnectionState),
    Track(Arc<dyn TrackRemote>),
}

struct Handler(UnboundedSender<PeerEvent>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(candidate) = event.candidate.to_json() {
            let _ = self.0.send(PeerEvent::Candidate(candidate.candidate));
        }
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.0.send(PeerEvent::GatheringDone);
        }
    }

    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        let _ = self.0.send(PeerEvent::Ice(state));
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let _ = self.0.send(PeerEvent::State(state));
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let _ = self.0.send(PeerEvent::Track(track));
    }
}

/// One track to send on.
#[derive(Clone)]
pub(super) struct SendTrack {
    pub(super) track: Arc<TrackLocalStaticRTP>,
    pub(super) sender: Arc<dyn RtpSender>,
    pub(super) ssrc: u32,
}

pub(super) struct Peer {
    pub(super) connection: Arc<dyn PeerConnection>,
    pub(super) audio: SendTrack,
    pub(super) video: SendTrack,
}

pub(super) fn network(step: &str) -> MediaProblem {
    MediaProblem::Network(step.to_owned())
}

fn codec(kind: RtpCodecKind) -> RTCRtpCodecParameters {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback { typ: typ.into(), parameter: parameter.into() };
    match kind {
        RtpCodecKind::Video => RTCRtpCodecParameters {
            rtp_codec: RTCRtpCodec {
                mime_type: MIME_TYPE_H264.to_owned(),
                clock_rate: 90_000,
                channels: 0,
                sdp_fmtp_line: H264_FORMAT.to_owned(),
                rtcp_feedback: vec![
                    feedback("nack", ""),
                    feedback("nack", "pli"),
                    feedback("ccm", "fir"),
                    feedback("transport-cc", ""),
                ],
            },
            payload_type: H264_PAYLOAD,
        },
        _ => RTCRtpCodecParameters {
            rtp_codec: RTCRtpCodec {
                mime_type: MIME_TYPE_OPUS.to_owned(),
                clock_rate: 48_000,
                channels: 2,
                sdp_fmtp_line: OPUS_FORMAT.to_owned(),
                rtcp_feedback: vec![feedback("transport-cc", "")],
            },
            payload_type: OPUS_PAYLOAD,
        },
    }
}

fn media_engine() -> Result<MediaEngine, MediaProblem> {
    let bad = |_| network("codec setup");
    let mut engine = MediaEngine::default();
    for kind in [RtpCodecKind::Audio, RtpCodecKind::Video] {
        engine.register_codec(codec(kind), kind).map_err(bad)?;
    }
    configure_simulcast_extension_headers(&mut engine).map_err(bad)?;
    let video = RtpCodecKind::Video;
    for (uri, kind) in
        [(MID, RtpCodecKind::Audio), (TRANSPORT_WIDE, RtpCodecKind::Audio), (TRANSPORT_WIDE, video)]
    {
        let uri = uri.to_owned();
        engine.register_header_extension(RTCRtpHeaderExtensionCapability { uri }, kind, None).map_err(bad)?;
    }
    Ok(engine)
}

/// The default chain with faster NACK and reports, without the fixed jitter buffer, with the own congestion
/// control, and with the tap nearest to the wire.
fn registry(flow: Arc<Flow>) -> Registry {
    Registry::new()
        .with(Slot::from(500), Tap::new(Arc::clone(&flow)))
        .with(Slot::from(600), RepeatGate::new(Arc::clone(&flow)))
        .with(Slot::CongestionControl, CongestionControlBuilder::new(Congestion::new(flow)).build())
        .with(Slot::TwccSender, TwccSenderBuilder::new().build())
        .with(Slot::TwccReceiver, TwccReceiverBuilder::new().with_interval(FEEDBACK_INTERVAL).build())
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(Slot::NackGenerator, NackGeneratorBuilder::new().with_interval(NACK_INTERVAL).build())
        .with(Slot::ReceiverReport, ReceiverReportBuilder::new().with_interval(REPORT_INTERVAL).build())
        .with(Slot::SenderReport, SenderReportBuilder::new().with_interval(REPORT_INTERVAL).build())
}

fn local_track(kind: RtpCodecKind, ssrc: u32) -> Arc<TrackLocalStaticRTP> {
    let name = if kind == RtpCodecKind::Video { "video" } else { "audio" };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "miantan".to_owned(),
        name.to_owned(),
        name.to_owned(),
        kind,
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
            active: true,
            codec: codec(kind).rtp_codec,
            ..Default::default()
        }],
    )))
}

impl Peer {
    pub(super) async fn open(
        config: &CallConfig,
        flow: Arc<Flow>,
        events: UnboundedSender<PeerEvent>,
    ) -> Result<Self, MediaProblem> {
        let servers = config
            .ice_servers
            .iter()
            .map(|server| RTCIceServer {
                urls: vec![server.url.clone()],
                username: server.username.clone().unwrap_or_default(),
                credential: server.credential.clone().unwrap_or_default(),
            })
            .collect();
        let policy = match config.path {
            MediaPath::Direct => RTCIceTransportPolicy::All,
            MediaPath::Relay => RTCIceTransportPolicy::Relay,
        };
        // A wildcard stands for every interface there is at the time, also after an ICE restart.
        let addresses = if config.addresses.is_empty() {
            vec!["0.0.0.0:0".to_owned()]
        } else {
            config.addresses.iter().map(|address| SocketAddr::new(*address, 0).to_string()).collect()
        };
        let relay_wait = match config.path {
            MediaPath::Direct => RELAY_WAIT,
            MediaPath::Relay => Duration::ZERO,
        };
        let settings = SettingEngineBuilder::new()
            .with_ice_timeouts(Some(ICE_DISCONNECTED), Some(ICE_FAILED), Some(ICE_KEEPALIVE))
            .with_ice_connection_attempts(Some(ICE_CHECK), Some(ICE_ATTEMPTS))
            .with_srflx_acceptance_min_wait(Some(REFLEXIVE_WAIT))
            .with_prflx_acceptance_min_wait(Some(REFLEXIVE_WAIT))
            .with_relay_acceptance_min_wait(Some(relay_wait))
            // The answering side is the DTLS server (RFC 8842 allows it): the offering side nominates the path,
            // so when it begins the handshake the other side is surely listening. The other way round the
            // first packet is often too early, and its repetition costs a second.
            .with_answering_dtls_role(RTCDtlsRole::Server)
            .with_include_loopback_candidate(config.addresses.iter().any(std::net::IpAddr::is_loopback))
            .with_discard_local_candidates_during_ice_restart(true)
            // Only browsers hide their addresses behind names of the local network. The socket for those cannot be
            // opened while there is no default route, and without it no other is.
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .build();
        let connection: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(
                    RTCConfigurationBuilder::new()
                        .with_ice_servers(servers)
                        .with_ice_transport_policy(policy)
                        .build(),
                )
                .with_media_engine(media_engine()?)
                .with_interceptor_registry(registry(flow))
                .with_setting_engine(settings)
                .with_handler(Arc::new(Handler(events)))
                .with_udp_addrs(addresses)
                .build()
                .await
                .map_err(|error| {
                    tracing::warn!(%error, "no socket opened");
                    network("opening sockets")
                })?,
        );
        let add = async |kind| {
            let ssrc = rand::random::<u32>().max(1);
            let track = local_track(kind, ssrc);
            let sender = connection
                .add_track(Arc::clone(&track) as Arc<dyn TrackLocal>)
                .await
                .map_err(|_| network("adding a track"))?;
            Ok::<_, MediaProblem>(SendTrack { track, sender, ssrc })
        };
        let audio = add(RtpCodecKind::Audio).await?;
        let video = add(RtpCodecKind::Video).await?;
        Ok(Self { connection, audio, video })
    }

    /// Has the connection look at a new candidate now. webrtc 0.21.1 does not wake its driver when a candidate
    /// is added, so that the first check waits for the next timer, up to a second. Setting the configuration
    /// it has already wakes it and changes nothing.
    pub(super) async fn wake(&self) {
        let same = self.connection.get_configuration().await;
        if self.connection.set_configuration(same).await.is_err() {
            tracing::debug!("the connection could not be woken");
        }
    }
}
