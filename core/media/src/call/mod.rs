//! One call between two devices: cameras and microphones in, pictures and sound out, and the signals that
//! the two sides exchange through the backend as values.
//!
//! A call goes on with what is there: a missing or lost device is a [`MediaEvent::Problem`], not an end.
//! It never records, never rings, and never decides to give up; the caller does that.

mod congestion;
mod health;
mod incoming;
mod outgoing;
mod peer;
mod repeats;
mod report;
mod session;
mod sidenote;
mod tap;

use std::net::IpAddr;

use miantan_domain::signal::{IceServer, MediaPath, Signal};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::camera::CameraChoice;
use crate::problem::MediaProblem;
use crate::screen::Screen;
use crate::video::Ladder;
use session::Command;

/// Events waiting to be read; about a quarter of an hour of an ordinary call's.
const EVENTS: usize = 1024;

/// How a call is made.
#[derive(Debug, Clone, Default)]
pub struct CallConfig {
    /// The recruiter's side offers, the candidate's answers.
    pub offers: bool,
    pub ice_servers: Vec<IceServer>,
    pub path: MediaPath,
    /// `None` starts with the camera off.
    pub camera: Option<CameraChoice>,
    /// Device id; `None` is the system's default.
    pub microphone: Option<String>,
    pub speaker: Option<String>,
    /// Local addresses to use; empty means every interface but loopback.
    pub addresses: Vec<IpAddr>,
    /// Where pictures are shown; `None` decodes without showing.
    pub screen: Option<Screen>,
}

/// What a call tells, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaEvent {
    /// To be passed to the other side through the backend.
    Signal(Signal),
    /// Media can flow. Once per call.
    Connected,
    /// Nothing comes any more (for a second, or ICE says so). Ask for [`CallMedia::restart_ice`].
    Interrupted,
    Resumed,
    /// ICE gave up (10 s). Only a new call helps, or an ICE restart if the network came back.
    Failed,
    /// The first picture was decoded this long after both descriptions were in place.
    FirstVideo {
        after_ms: u64,
    },
    /// The first sound packet came this long after both descriptions were in place.
    FirstAudio {
        after_ms: u64,
    },
    /// The other side's picture came (true) or stopped while sound or reports go on (false).
    RemoteVideo(bool),
    /// Why no pictures of the other side come, as it says; `None`: they come again.
    RemotePause(Option<RemotePause>),
    /// What this side sends now, because of the network. The call begins with [`Ladder::Full`].
    Sending(Ladder),
    Problem(MediaProblem),
    /// Sound works again after a problem with a microphone or speaker, or pictures after one with a camera.
    Recovered(Recovered),
    /// Once a second while connected.
    Stats(CallStats),
}

/// Why the other side sends no pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RemotePause {
    /// Turned off by the person, or it does not work.
    CameraOff,
    /// Its network carries sound only.
    Network,
    /// A telephone call has its devices.
    PhoneCall,
    /// Its app is not in front, where systems allow no camera.
    Away,
}

/// What came back after a [`MediaEvent::Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recovered {
    Camera,
    Audio,
}

/// How good the connection is, in four words. The thresholds are documented at `call::health::quality`:
/// good below 2 % loss and 200 ms round trip, fair below 8 % and 400 ms, poor above, lost while interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    #[default]
    Good,
    Fair,
    Poor,
    Lost,
}

/// Figures of the last second.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CallStats {
    /// There and back, from RTCP reports or ICE checks; `None` before the first.
    pub round_trip_ms: Option<u32>,
    /// Incoming packets that never came, 0 to 100.
    pub loss_percent: f32,
    pub sent_kbps: u32,
    /// What the path to the other side carries, as far as is known.
    pub available_kbps: u32,
    pub received_kbps: u32,
    /// Decoded pictures.
    pub fps_in: f32,
    /// Sides of the last decoded picture; 0 before the first.
    pub width_in: u32,
    pub height_in: u32,
    pub quality: Quality,
}

/// A running call. Clones are the same call; dropping the last ends it as [`CallMedia::close`] does, without
/// waiting.
#[derive(Debug, Clone)]
pub struct CallMedia {
    commands: mpsc::UnboundedSender<Command>,
}

impl CallMedia {
    /// Opens devices and sockets; the offering side's first event is its offer. Must be called within a
    /// tokio runtime.
    ///
    /// # Errors
    /// [`MediaProblem::Network`] when no socket opens. Missing devices are no error.
    pub async fn start(config: CallConfig) -> Result<(Self, mpsc::Receiver<MediaEvent>), MediaProblem> {
        let (events_in, events) = mpsc::channel(EVENTS);
        let (commands, receiver) = mpsc::unbounded_channel();
        session::start(config, receiver, events_in).await?;
        Ok((Self { commands }, events))
    }

    /// Takes what the other side sent.
    ///
    /// # Errors
    /// [`MediaProblem::BadRemoteDescription`] when it cannot be used; the call stays as it was.
    /// [`MediaProblem::Closed`] after the end.
    pub async fn signal(&self, signal: Signal) -> Result<(), MediaProblem> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Signal(signal, reply));
        answer.await.unwrap_or(Err(MediaProblem::Closed))
    }

    pub fn set_muted(&self, muted: bool) {
        self.send(Command::Mute(muted));
    }

    /// Off closes the device; the other side is told ([`MediaEvent::RemotePause`]).
    pub fn set_camera_on(&self, on: bool) {
        self.send(Command::CameraOn(on));
    }

    pub async fn switch_camera(&self, choice: CameraChoice) {
        self.wait(|done| Command::SwitchCamera(choice, done)).await;
    }

    pub async fn switch_microphone(&self, id: Option<String>) {
        self.wait(|done| Command::SwitchMicrophone(id, done)).await;
    }

    pub async fn switch_speaker(&self, id: Option<String>) {
        self.wait(|done| Command::SwitchSpeaker(id, done)).await;
    }

    /// Looks for a new path. The answering side asks the offering one to do it.
    pub async fn restart_ice(&self) {
        self.wait(Command::RestartIce).await;
    }

    /// Stops capturing (a phone call has microphone and camera); receiving goes on.
    pub fn pause(&self) {
        self.send(Command::Pause(true));
    }

    pub fn resume(&self) {
        self.send(Command::Pause(false));
    }

    /// The app is not in front: the camera is closed, as systems allow none there; sound goes on.
    pub fn set_hidden(&self, hidden: bool) {
        self.send(Command::Hide(hidden));
    }

    /// How loud the microphone and the speaker are, for meters. `None` when sound could not be set up.
    pub async fn levels(&self) -> Option<tokio::sync::watch::Receiver<crate::audio::AudioLevels>> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Levels(reply));
        answer.await.ok().flatten()
    }

    /// Ends the call: devices are released and the event stream ends.
    pub async fn close(self) {
        self.wait(Command::Close).await;
    }

    fn send(&self, command: Command) {
        // Nothing to tell when the call has ended already.
        let _ = self.commands.send(command);
    }

    async fn wait(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) {
        let (done, finished) = oneshot::channel();
        self.send(command(done));
        let _ = finished.await;
    }
}
