//! What two media stacks tell each other through the backend while a call connects: session
//! descriptions and network candidates. The backend passes them on and never looks inside.

use serde::{Deserialize, Serialize};

/// Longest session description passed on, in bytes. A browser's offer for one audio and one video
/// section is about 6 kB; the limit only keeps rubbish out.
pub const SDP_MAX_BYTES: usize = 32 * 1024;
/// Longest candidate line passed on, in bytes (RFC 8839 lines are below 200).
pub const CANDIDATE_MAX_BYTES: usize = 1024;

/// One step of the offer/answer exchange (RFC 8829) or of trickle ICE (RFC 8838).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Signal {
    /// The recruiter's side always offers. `restart` marks an ICE restart of a call already up.
    Offer { sdp: String, restart: bool },
    /// The candidate's side always answers.
    Answer { sdp: String },
    /// One more local candidate; `line` is the text after `a=`, `mid` the media section.
    Candidate { line: String, mid: String, mline: u16 },
    /// No further candidates for this negotiation.
    EndOfCandidates,
    /// The answering side asks the offering side to restart ICE (its address changed).
    RestartWanted,
}

/// Why a signal is refused before it is passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignal {
    #[error("the session description is longer than {SDP_MAX_BYTES} bytes")]
    SdpTooLong,
    #[error("the session description does not start with v=0")]
    NotSdp,
    #[error("the candidate line is not an ICE candidate")]
    NotCandidate,
}

impl Signal {
    /// Cheap shape check, so that the other side's stack is never handed obvious rubbish.
    pub fn check(&self) -> Result<(), BadSignal> {
        match self {
            Self::Offer { sdp, .. } | Self::Answer { sdp } => {
                if sdp.len() > SDP_MAX_BYTES {
                    Err(BadSignal::SdpTooLong)
                } else if sdp.starts_with("v=0\r\n") || sdp.starts_with("v=0\n") {
                    Ok(())
                } else {
                    Err(BadSignal::NotSdp)
                }
            }
            Self::Candidate { line, mid, .. } => {
                if line.len() <= CANDIDATE_MAX_BYTES && mid.len() <= 64 && line.starts_with("candidate:") {
                    Ok(())
                } else {
                    Err(BadSignal::NotCandidate)
                }
            }
            Self::EndOfCandidates | Self::RestartWanted => Ok(()),
        }
    }
}

/// A STUN or TURN server a call may use, with credentials that expire (coturn's REST scheme:
/// `username = "<unix seconds of expiry>:<device id>"`, `credential = base64(HMAC-SHA1(secret, username))`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IceServer {
    /// `stun:host:port` or `turn:host:port?transport=udp`.
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// How media may travel: the organiser's `calls` setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum MediaPath {
    /// Straight between the devices when the network allows; each then sees the other's address.
    #[default]
    Direct,
    /// Through TURN only: no address is shown to the other side (exams).
    Relay,
}
