//! The things people talk about: rounds, tickets, outcomes, members. Plain data with PRODUCT.md's names.

mod account;
mod fair;
mod identity;
mod resume;
mod talk;

pub use account::*;
pub use fair::*;
pub use identity::*;
pub use resume::*;
pub use talk::*;

use crate::ids::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Which side of an interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Candidate,
    Recruiter,
}

impl Side {
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Candidate => Self::Recruiter,
            Self::Recruiter => Self::Candidate,
        }
    }
}

/// A stage of a round's flow (流程环节), in the only order they can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Briefing,
    Interview,
    Announcement,
    Closed,
}

/// What a member may do for their employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    Owner,
    Recruiter,
    Panellist,
}

/// How a round wants candidates to prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IdentityRule {
    /// The invitation code (and password) is enough.
    #[default]
    NotRequired,
    /// Face check on the device, or a code by SMS.
    FaceOrSms,
    /// The same; the pictures of a face check are looked at by the server as well, with a consent of its own.
    VerifiedFaceOrSms,
    /// The face check is open only after the number was proved by SMS.
    SmsThenFace,
}

impl IdentityRule {
    /// The check-in has the identity step.
    pub const fn required(self) -> bool {
        match self {
            Self::NotRequired => false,
            Self::FaceOrSms | Self::VerifiedFaceOrSms | Self::SmsThenFace => true,
        }
    }

    /// The number comes before the face.
    pub const fn sms_first(self) -> bool {
        matches!(self, Self::SmsThenFace)
    }

    /// The server looks at the pictures too.
    pub const fn verifies(self) -> bool {
        matches!(self, Self::VerifiedFaceOrSms)
    }
}

/// Where a candidate is, as far as their device tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// No device is connected.
    #[default]
    Offline,
    /// Connected, but not through the check-in, or in the background.
    Online,
    /// In the waiting room, checked in: can be rung.
    Ready,
    /// On a telephone call.
    OnPhoneCall,
}

/// A step of the check-in (入场检测) in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckInStep {
    Code,
    Password,
    Identity,
    Speaker,
    Microphone,
    Camera,
    /// Server, relay and throughput.
    Network,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// 可以听见 / 可以看见.
    Passed,
    /// 不能听见 / 不能看见, and the person went on all the same: the recruiter sees it before ringing.
    Cannot,
}

/// Result of one candidate's interview (面试结果).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 合适
    Suitable,
    /// 不合适
    Unsuitable,
    /// 待定: internal only, cannot be announced.
    Pending,
}

/// The candidate's answer to an announced outcome (确认面谈结果).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmation {
    pub accepted: bool,
    /// Why it is refused, or any remark. At most [`TEXT_MAX_CHARS`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    pub at: WallTime,
}

/// Longest comment, remark or note, in characters.
pub const TEXT_MAX_CHARS: usize = 2_000;

/// A round as both sides see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoundInfo {
    pub id: RoundId,
    /// 面谈名称.
    pub name: String,
    pub employer: String,
    /// The stages this round has, in order; never empty.
    pub stages: Vec<Stage>,
    pub starts: WallTime,
    pub ends: WallTime,
    pub identity: IdentityRule,
    /// How long a ring lasts.
    pub ring_ms: u64,
    /// How long a skipped ticket keeps its place.
    pub grace_ms: u64,
}

/// Who a recruiter sees in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidateCard {
    pub id: CandidateId,
    pub name: String,
    /// School and major, or last employer: one line under the name.
    pub headline: String,
    /// The position applied for.
    pub position: String,
}

/// A member acting for an employer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberCard {
    pub id: MemberId,
    pub name: String,
    pub role: MemberRole,
}
