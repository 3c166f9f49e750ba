//! Offer, answer and candidates (RFC 8829, 8838): what goes to the other side and what comes from it,
//! checked before the stack sees it.

use miantan_domain::signal::Signal;
use rtc::peer_connection::configuration::RTCOfferOptions;
use tracing::debug;
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

use super::Session;
use crate::call::MediaEvent;
use crate::call::peer::network;
use crate::frame::now_ms;
use crate::problem::MediaProblem;

/// Candidates that came before the description they belong to.
const EARLY_CANDIDATES: usize = 64;

impl Session {
    pub(super) async fn signal(&mut self, signal: Signal) -> Result<(), MediaProblem> {
        let bad = MediaProblem::BadRemoteDescription;
        signal.check().map_err(|_| bad.clone())?;
        match signal {
            Signal::Offer { sdp, .. } if !self.offers => {
                self.take_remote(RTCSessionDescription::offer(sdp)).await?;
                let answer = self.peer.connection.create_answer(None).await.map_err(|_| bad.clone())?;
                let sdp = answer.sdp.clone();
                self.set_local(answer).await?;
                self.tell(MediaEvent::Signal(Signal::Answer { sdp }));
                self.agreed_ms.get_or_insert_with(now_ms);
                Ok(())
            }
            Signal::Answer { sdp } if self.offers => {
                self.take_remote(RTCSessionDescription::answer(sdp)).await?;
                self.agreed_ms.get_or_insert_with(now_ms);
                Ok(())
            }
            Signal::Candidate { line, mid, mline } => {
                let text = line.strip_prefix("candidate:").unwrap_or(&line);
                rtc::ice::candidate::unmarshal_candidate(text).map_err(|_| bad.clone())?;
                let candidate = RTCIceCandidateInit {
                    candidate: line,
                    sdp_mid: Some(mid),
                    sdp_mline_index: Some(mline),
                    ..Default::default()
                };
                if self.peer.connection.remote_description().await.is_some() {
                    self.peer.connection.add_ice_candidate(candidate).await.map_err(|_| bad)?;
                    self.peer.wake().await;
                    Ok(())
                } else if self.early.len() < EARLY_CANDIDATES {
                    self.early.push(candidate);
                    Ok(())
                } else {
                    Err(bad)
                }
            }
            Signal::EndOfCandidates => Ok(()),
            Signal::RestartWanted if self.offers => self.offer(true).await,
            // What only the other side of a call may be sent.
            Signal::Offer { .. } | Signal::Answer { .. } | Signal::RestartWanted => Err(bad),
        }
    }

    async fn take_remote(
        &mut self,
        description: Result<RTCSessionDescription, webrtc::error::Error>,
    ) -> Result<(), MediaProblem> {
        let bad = |error: webrtc::error::Error| {
            // The error's text can quote the description.
            debug!(kind = ?std::mem::discriminant(&error), "a remote description was refused");
            MediaProblem::BadRemoteDescription
        };
        let description = description.map_err(bad)?;
        // Checked before the stack sees it, because it applies a description step by step.
        let whole = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "m=audio"]
            .iter()
            .all(|needed| description.sdp.contains(needed));
        if !whole {
            return Err(MediaProblem::BadRemoteDescription);
        }
        self.peer.connection.set_remote_description(description).await.map_err(bad)?;
        for candidate in self.early.drain(..) {
            if self.peer.connection.add_ice_candidate(candidate).await.is_err() {
                debug!("an early candidate was refused");
            }
        }
        self.peer.wake().await;
        Ok(())
    }

    pub(super) async fn offer(&mut self, restart: bool) -> Result<(), MediaProblem> {
        let options = restart.then_some(RTCOfferOptions { ice_restart: true });
        let offer =
            self.peer.connection.create_offer(options).await.map_err(|_| network("making an offer"))?;
        let sdp = offer.sdp.clone();
        self.set_local(offer).await?;
        self.tell(MediaEvent::Signal(Signal::Offer { sdp, restart }));
        self.failed = false;
        Ok(())
    }

    async fn set_local(&mut self, description: RTCSessionDescription) -> Result<(), MediaProblem> {
        if let Some(mid) = description.sdp.lines().find_map(|line| line.strip_prefix("a=mid:")) {
            mid.trim().clone_into(&mut self.mid);
        }
        self.peer
            .connection
            .set_local_description(description)
            .await
            .map_err(|_| network("using the own description"))
    }
}
