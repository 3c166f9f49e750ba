//! REST bodies under `/api/v1`. Errors are `application/problem+json` with a [`super::ProblemCode`].
//!
//! | method and path | body → answer |
//! | --- | --- |
//! | `GET /server` | → [`ServerInfo`] |
//! | `POST /join` | [`JoinRequest`] → [`SignedIn`] |
//! | `POST /employer/sign-in` | [`EmployerSignIn`] → [`SignedIn`] |
//! | `POST /sign-out` | → 204 |
//! | `GET /me` | → [`Me`] |
//! | `GET /rounds/today` | → `Vec<RoundSummary>` (recruiter) |
//! | `GET /rounds/{round}/tickets/{ticket}/sheet` | → [`CandidateSheet`] (recruiter) |
//! | `GET /live` | WebSocket, see [`super::live`] |
//!
//! The identity step: [`identity`]. Fairs: [`fair`]. Conversations and files: [`talk`]. Candidate accounts: [`candidate`]. Employers
//! and the organiser: [`employer`].
//!
//! Signed-in requests carry `Authorization: Bearer <token>`; where signing in is optional, a device
//! names itself by [`DEVICE_HEADER`], so that it is counted once. Lists are [`Page`]s: ask again with
//! `cursor=<next>` until there is none; cursors are opaque.

pub mod candidate;
pub mod employer;
pub mod fair;
pub mod identity;
pub mod talk;

pub use candidate::*;
pub use employer::*;
pub use fair::*;
pub use identity::*;
pub use talk::*;

use crate::ids::*;
use crate::model::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Carries a [`DeviceId`] on requests that need no signing in.
pub const DEVICE_HEADER: &str = "miantan-device";

/// Part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` for what follows; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What the first screen needs to know of an organiser's backend, before anybody signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerInfo {
    /// The organiser's name, shown on top of the app.
    pub organiser: String,
    /// Support telephone, shown wherever a check fails.
    pub hotline: String,
    pub versions: Vec<u16>,
    pub time: WallTime,
    /// Version of the terms and privacy policy; its text is at `GET /policy`.
    #[serde(default)]
    pub policy: u32,
}

/// A candidate opens an invitation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JoinRequest {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    pub device: DeviceId,
    /// Public key of this device (Ed25519, 32 bytes, base64), for what it signs in the identity step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
    /// The code of `POST /join/sms`: an identity round moves to this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms_code: Option<String>,
}

/// An employer's member signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmployerSignIn {
    /// USCC or full company name.
    pub account: String,
    pub password: String,
    /// The member's name; the owner when absent, so that an employer with one member never notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    pub device: DeviceId,
}

// Requests with secrets never show them, wherever they are printed.
impl std::fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for EmployerSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmployerSignIn").field("device", &self.device).finish_non_exhaustive()
    }
}

/// A session of one person on one device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedIn {
    /// Bearer token; the server keeps only its HMAC.
    pub token: String,
    pub me: Me,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("me", &self.me).finish_non_exhaustive()
    }
}

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Me {
    Candidate {
        candidate: CandidateId,
        name: String,
        round: RoundInfo,
        ticket: TicketId,
        /// Whether this invitation had a password (the check-in shows the step).
        with_password: bool,
        /// The session belongs to an account and can leave the room; else it opens this room only.
        #[serde(default)]
        account: bool,
    },
    /// A candidate's account, in no interview room.
    Account {
        candidate: CandidateId,
        /// Empty until the profile is there.
        name: String,
        /// `138****5678`.
        phone: String,
    },
    Member {
        employer: EmployerId,
        employer_name: String,
        member: MemberCard,
    },
}

/// One of today's rounds in a recruiter's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoundSummary {
    pub round: RoundInfo,
    pub stage: Stage,
    pub waiting: u32,
    pub done: u32,
}

/// What a recruiter reads before ringing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidateSheet {
    pub card: CandidateCard,
    pub resume: Resume,
    /// Résumé files sent to this employer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentResume>,
    /// The conversation that the ticket's invitation was sent in. Absent: the organiser invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
}
