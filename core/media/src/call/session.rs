//! The loop that owns a call: one task takes commands, what the peer connection and the devices report,
//! and the clock, and tells the caller what happened.

mod address;
mod events;
mod negotiate;
mod pace;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use miantan_domain::signal::Signal;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tracing::{debug, warn};
use webrtc::peer_connection::RTCIceCandidateInit;

use super::health::{Change, Health, Look};
use super::outgoing::{self, AudioPacket, PictureSink, Plan};
use super::peer::{Peer, PeerEvent};
use super::report::Reporter;
use super::tap::Flow;
use super::{CallConfig, MediaEvent};
use crate::audio::{AudioCall, AudioConfig, AudioLevels, AudioOut};
use crate::camera::{CameraChoice, CameraFormat, Capture, CaptureEvent};
use crate::frame::now_ms;
use crate::problem::MediaProblem;
use crate::screen::{Screen, View};
use address::OwnAddress;
use pace::Pace;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// webrtc 0.21.1 puts packets for a relay into a queue that it empties on its next turn only, which is a timer up to
/// 0.2 s away for each packet of the handshake: two seconds in all. Until the handshake is through, it is woken this
/// often; afterwards the media itself keeps it awake.
const PUSH_EVERY: Duration = Duration::from_millis(10);
/// Coded pictures waiting for the network task.
const CODED: usize = 8;
const AUDIO_PACKETS: usize = 32;

pub(super) enum Command {
    Signal(Signal, oneshot::Sender<Result<(), MediaProblem>>),
    Mute(bool),
    CameraOn(bool),
    SwitchCamera(CameraChoice, oneshot::Sender<()>),
    SwitchMicrophone(Option<String>, oneshot::Sender<()>),
    SwitchSpeaker(Option<String>, oneshot::Sender<()>),
    RestartIce(oneshot::Sender<()>),
    Pause(bool),
    Hide(bool),
    Levels(oneshot::Sender<Option<watch::Receiver<AudioLevels>>>),
    Close(oneshot::Sender<()>),
}

/// What the call's own tasks and threads report.
pub(super) enum Inner {
    FirstAudio {
        at_ms: u64,
    },
    RemoteVideoOn {
        at_ms: u64,
    },
    /// The other side said why no pictures come: see [`Flow::pause`].
    RemotePause,
    Audio(AudioOutcome),
}

pub(super) enum AudioOutcome {
    Problem(MediaProblem),
    Recovered,
}

struct Session {
    offers: bool,
    peer: Peer,
    flow: Arc<Flow>,
    audio: Option<Arc<AudioCall>>,
    capture: Option<Capture>,
    camera_on: bool,
    camera_failed: bool,
    paused: bool,
    hidden: bool,
    screen: Option<Screen>,
    events: mpsc::Sender<MediaEvent>,
    inner: mpsc::UnboundedSender<Inner>,
    tasks: JoinSet<()>,
    connected: watch::Sender<bool>,
    plan: watch::Sender<Plan>,
    pace: Pace,
    address: OwnAddress,
    remote_pause: Option<super::RemotePause>,
    health: Health,
    reporter: Reporter,
    mid: String,
    early: Vec<RTCIceCandidateInit>,
    /// Both descriptions are in place since.
    agreed_ms: Option<u64>,
    failed: bool,
    first_video: bool,
}

struct Sources {
    commands: mpsc::UnboundedReceiver<Command>,
    peer: mpsc::UnboundedReceiver<PeerEvent>,
    inner: mpsc::UnboundedReceiver<Inner>,
    camera: mpsc::UnboundedReceiver<CaptureEvent>,
}

pub(super) async fn start(
    config: CallConfig,
    commands: mpsc::UnboundedReceiver<Command>,
    events: mpsc::Sender<MediaEvent>,
) -> Result<(), MediaProblem> {
    let flow = Arc::new(Flow::default());
    let (peer_in, peer_events) = mpsc::unbounded_channel();
    let (inner, inner_events) = mpsc::unbounded_channel();
    let (camera_in, camera_events) = mpsc::unbounded_channel();
    let (connected, is_connected) = watch::channel(false);
    let (plan, the_plan) = watch::channel(Plan::default());
    let (packets_in, packets) = mpsc::channel(AUDIO_PACKETS);
    let (coded, pictures) = mpsc::channel(CODED);

    let peer = Peer::open(&config, Arc::clone(&flow), peer_in).await?;

    let mut tasks = JoinSet::new();
    tasks.spawn(outgoing::run(
        peer.audio.clone(),
        peer.video.clone(),
        is_connected.clone(),
        the_plan.clone(),
        packets,
        pictures,
    ));

    let sound = AudioConfig { microphone: config.microphone.clone(), speaker: config.speaker.clone() };
    // Opening audio devices waits for the system's audio server.
    let started = tokio::task::spawn_blocking(move || AudioCall::start(sound)).await;
    let audio = match started {
        Ok(Ok((audio, out))) => {
            tasks.spawn(forward_audio(out, packets_in, inner.clone()));
            Some(Arc::new(audio))
        }
        Ok(Err(error)) => {
            let _ = events.try_send(MediaEvent::Problem(MediaProblem::Codec(format!("sound: {error}"))));
            None
        }
        Err(_) => {
            let _ = events.try_send(MediaEvent::Problem(MediaProblem::Codec("sound".to_owned())));
            None
        }
    };

    let mut sink = PictureSink::new(config.screen.clone(), Arc::clone(&flow), is_connected, coded, the_plan);
    let camera_on = config.camera.is_some();
    let capture = Capture::start(
        config.camera.clone().unwrap_or(CameraChoice::Default),
        camera_on,
        CameraFormat::CALL,
        Box::new(move |frame| sink.take(frame)),
        camera_in,
    );
    let capture = match capture {
        Ok(capture) => Some(capture),
        Err(problem) => {
            let _ = events.try_send(MediaEvent::Problem(problem));
            None
        }
    };

    let mut session = Session {
        offers: config.offers,
        peer,
        flow,
        audio,
        capture,
        camera_on,
        camera_failed: false,
        paused: false,
        hidden: false,
        screen: config.screen,
        events,
        inner,
        tasks,
        connected,
        plan,
        pace: Pace::default(),
        address: OwnAddress::default(),
        remote_pause: None,
        health: Health::default(),
        reporter: Reporter::default(),
        mid: "0".to_owned(),
        early: Vec::new(),
        agreed_ms: None,
        failed: false,
        first_video: false,
    };
    if session.offers {
        session.offer(false).await?;
    }
    let sources = Sources { commands, peer: peer_events, inner: inner_events, camera: camera_events };
    tokio::spawn(session.run(sources));
    Ok(())
}

async fn forward_audio(
    mut out: mpsc::Receiver<AudioOut>,
    packets: mpsc::Sender<AudioPacket>,
    events: mpsc::UnboundedSender<Inner>,
) {
    while let Some(out) = out.recv().await {
        let outcome = match out {
            AudioOut::Packet { timestamp, payload } => {
                // Late sound is worthless: when the network task is stuck, newer packets replace it.
                let _ = packets.try_send(AudioPacket { timestamp, payload });
                continue;
            }
            AudioOut::Problem(problem) => AudioOutcome::Problem(problem),
            AudioOut::Recovered => AudioOutcome::Recovered,
        };
        let _ = events.send(Inner::Audio(outcome));
    }
}

impl Session {
    async fn run(mut self, mut sources: Sources) {
        let mut clock = tokio::time::interval(LOOK_EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut push = tokio::time::interval(PUSH_EVERY);
        push.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let closed = loop {
            tokio::select! {
                command = sources.commands.recv() => match command {
                    Some(Command::Close(done)) => break Some(done),
                    Some(command) => self.command(command).await,
                    None => break None,
                },
                Some(event) = sources.peer.recv() => self.peer_event(event),
                Some(event) = sources.inner.recv() => self.inner_event(event),
                Some(event) = sources.camera.recv() => self.camera_event(event),
                _ = clock.tick() => self.look().await,
                _ = push.tick(), if self.connecting() => self.peer.wake().await,
            }
        };
        self.end(sources.camera).await;
        if let Some(done) = closed {
            let _ = done.send(());
        }
    }

    /// Both descriptions are in place and the handshake is not through.
    fn connecting(&self) -> bool {
        self.agreed_ms.is_some() && !*self.connected.borrow()
    }

    /// Waits for the camera to be released, so that a preview can have it next.
    async fn end(mut self, mut camera: mpsc::UnboundedReceiver<CaptureEvent>) {
        let _ = self.connected.send(false);
        if let Err(error) = self.peer.connection.close().await {
            debug!(%error, "closing the connection");
        }
        self.tasks.shutdown().await;
        drop(self.audio.take());
        drop(self.capture.take());
        let released = async { while camera.recv().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(2), released).await.is_err() {
            warn!("the camera did not stop in time");
        }
        if let Some(screen) = &self.screen {
            screen.clear(View::Own);
            screen.clear(View::Remote);
        }
    }

    fn tell(&self, event: MediaEvent) {
        match self.events.try_send(event) {
            Ok(())
            | Err(
                mpsc::error::TrySendError::Closed(_) | mpsc::error::TrySendError::Full(MediaEvent::Stats(_)),
            ) => {}
            Err(mpsc::error::TrySendError::Full(_)) => warn!("nobody reads the call's events; one is lost"),
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Signal(signal, reply) => {
                let result = self.signal(signal).await;
                let _ = reply.send(result);
            }
            Command::Mute(muted) => {
                if let Some(audio) = &self.audio {
                    audio.set_muted(muted);
                }
            }
            Command::CameraOn(on) => {
                self.camera_on = on;
                self.apply_camera();
            }
            Command::SwitchCamera(choice, done) => {
                if let Some(capture) = &self.capture {
                    capture.choose(choice);
                }
                let _ = done.send(());
            }
            Command::SwitchMicrophone(id, done) => {
                if let Some(audio) = &self.audio {
                    audio.switch_microphone(id);
                }
                let _ = done.send(());
            }
            Command::SwitchSpeaker(id, done) => {
                if let Some(audio) = &self.audio {
                    audio.switch_speaker(id);
                }
                let _ = done.send(());
            }
            Command::RestartIce(done) => {
                if self.offers {
                    if let Err(problem) = self.offer(true).await {
                        self.tell(MediaEvent::Problem(problem));
                    }
                } else {
                    self.tell(MediaEvent::Signal(Signal::RestartWanted));
                }
                let _ = done.send(());
            }
            Command::Pause(paused) => {
                self.paused = paused;
                if let Some(audio) = &self.audio {
                    audio.set_paused(paused);
                }
                self.apply_camera();
            }
            Command::Hide(hidden) => {
                self.hidden = hidden;
                self.apply_camera();
            }
            Command::Levels(reply) => {
                let _ = reply.send(self.audio.as_ref().map(|audio| audio.levels()));
            }
            Command::Close(done) => drop(done), // the loop keeps it
        }
    }

    fn apply_camera(&self) {
        if let Some(capture) = &self.capture {
            capture.set_on(self.camera_on && !self.paused && !self.hidden);
        }
    }

    async fn look(&mut self) {
        let now = now_ms();
        let look = Look {
            now_ms: now,
            last_received_ms: self.flow.last_received_ms.load(Ordering::Relaxed),
            last_video_ms: self.flow.last_video_ms.load(Ordering::Relaxed),
            remote_video: self.flow.remote_video.load(Ordering::Relaxed),
        };
        match self.health.look(look) {
            Some(Change::Interrupted) => self.tell(MediaEvent::Interrupted),
            Some(Change::Resumed) => self.tell(MediaEvent::Resumed),
            Some(Change::RemoteVideoOff) => self.remote_video_off(),
            None => {}
        }
        self.pace(now);
        self.watch_address(now).await;
        if self.health.is_connected() && self.reporter.is_due(now) {
            let report = self
                .peer
                .connection
                .get_stats(Instant::now(), webrtc::peer_connection::StatsSelector::None)
                .await;
            self.address.learn(&report);
            let stats = self.reporter.make(now, &self.flow, &report, self.health.is_interrupted());
            self.tell(MediaEvent::Stats(stats));
        }
    }
}
