//! What the peer connection, the remote tracks and the camera report, and what the caller is told of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use miantan_domain::signal::Signal;
use webrtc::peer_connection::{RTCIceConnectionState, RTCPeerConnectionState};

use super::{AudioOutcome, Inner, Session};
use crate::call::health::Path;
use crate::call::incoming::{self, Destination};
use crate::call::peer::PeerEvent;
use crate::call::{MediaEvent, Recovered, RemotePause};
use crate::camera::CaptureEvent;
use crate::frame::now_ms;
use crate::screen::View;

impl Session {
    pub(super) fn peer_event(&mut self, event: PeerEvent) {
        match event {
            PeerEvent::Candidate(line) => {
                let mid = self.mid.clone();
                self.tell(MediaEvent::Signal(Signal::Candidate { line, mid, mline: 0 }));
            }
            PeerEvent::GatheringDone => self.tell(MediaEvent::Signal(Signal::EndOfCandidates)),
            PeerEvent::Ice(state) => match state {
                RTCIceConnectionState::Connected | RTCIceConnectionState::Completed => {
                    self.failed = false;
                    self.health.path(Path::Up);
                    self.address.found();
                }
                RTCIceConnectionState::Disconnected => self.health.path(Path::Doubtful),
                RTCIceConnectionState::Failed => {
                    self.health.path(Path::Failed);
                    self.fail();
                }
                _ => {}
            },
            PeerEvent::State(RTCPeerConnectionState::Connected) => {
                let first = !self.health.is_connected();
                self.health.connected(now_ms());
                if first {
                    self.reporter.start(now_ms(), &self.flow);
                    let _ = self.connected.send(true);
                    self.tell(MediaEvent::Connected);
                }
            }
            PeerEvent::State(RTCPeerConnectionState::Failed) => self.fail(),
            PeerEvent::State(_) => {}
            PeerEvent::Track(track) => {
                let to = Destination {
                    flow: Arc::clone(&self.flow),
                    audio: self.audio.clone(),
                    screen: self.screen.clone(),
                    events: self.inner.clone(),
                };
                self.tasks.spawn(incoming::run(track, to));
            }
        }
    }

    fn fail(&mut self) {
        if !std::mem::replace(&mut self.failed, true) {
            self.tell(MediaEvent::Failed);
        }
    }

    pub(super) fn inner_event(&mut self, event: Inner) {
        let since = |at_ms: u64| at_ms.saturating_sub(self.agreed_ms.unwrap_or(at_ms));
        match event {
            Inner::FirstAudio { at_ms } => self.tell(MediaEvent::FirstAudio { after_ms: since(at_ms) }),
            Inner::RemoteVideoOn { at_ms } => {
                let after_ms = since(at_ms);
                if !std::mem::replace(&mut self.first_video, true) {
                    self.tell(MediaEvent::FirstVideo { after_ms });
                }
                self.remote_pause(None);
                self.tell(MediaEvent::RemoteVideo(true));
            }
            Inner::RemotePause => {
                let why = self.flow.pause();
                if why.is_some() {
                    self.remote_video_off();
                    self.remote_pause(why);
                }
            }
            Inner::Audio(AudioOutcome::Problem(problem)) => self.tell(MediaEvent::Problem(problem)),
            Inner::Audio(AudioOutcome::Recovered) => self.tell(MediaEvent::Recovered(Recovered::Audio)),
        }
    }

    fn remote_pause(&mut self, why: Option<RemotePause>) {
        if std::mem::replace(&mut self.remote_pause, why) != why {
            self.tell(MediaEvent::RemotePause(why));
        }
    }

    pub(super) fn remote_video_off(&mut self) {
        if self.flow.remote_video.swap(false, Ordering::Relaxed) {
            self.clear(View::Remote);
            self.tell(MediaEvent::RemoteVideo(false));
        }
    }

    pub(super) fn camera_event(&mut self, event: CaptureEvent) {
        match event {
            CaptureEvent::Running => {
                if std::mem::replace(&mut self.camera_failed, false) {
                    self.tell(MediaEvent::Recovered(Recovered::Camera));
                }
            }
            CaptureEvent::Stopped => self.clear(View::Own),
            CaptureEvent::Problem(problem) => {
                self.camera_failed = true;
                self.clear(View::Own);
                self.tell(MediaEvent::Problem(problem));
            }
        }
    }

    pub(super) fn clear(&self, view: View) {
        if let Some(screen) = &self.screen {
            screen.clear(view);
        }
    }
}
