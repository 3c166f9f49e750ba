//! Employers and the organiser over REST.
//!
//! | method and path | body → answer | who |
//! | --- | --- | --- |
//! | `POST /registrations` | [`NewRegistration`] → [`Registered`] | anybody |
//! | `PUT /registrations/{id}/licence` | the picture's bytes → `Registration` | bearer: its token |
//! | `GET /registrations/{id}` | → `Registration` | bearer: its token |
//! | `POST /employer/reset` | [`ResetRequest`] → [`super::CodeSent`] (the same for unknown accounts) | anybody |
//! | `POST /employer/reset/confirm` | [`ResetConfirm`] → 204 | anybody |
//! | `PUT /employer/password` | [`PasswordChange`] → 204; one's own, ends one's other sessions | member |
//! | `GET /employer/fairs` | → `Vec<FairCard>`: those it has a stand at | member |
//! | `GET` / `PUT /employer/fairs/{fair}/stand` | → `Stand` / [`StandEdit`] → `Stand` | member / owner, recruiter |
//! | `PUT /employer/fairs/{fair}/positions/{position}` | `PositionEdit` → `PositionDetails`; makes it the first time | owner, recruiter |
//! | `GET /employer/members` | → `Vec<`[`MemberLine`]`>` | owner |
//! | `POST /employer/members` | [`NewMemberRequest`] → `Vec<MemberLine>` | owner |
//! | `DELETE /employer/members/{member}` | → `Vec<MemberLine>`; ends their sessions | owner |
//! | `DELETE /employer/members/{member}/sessions` | → 204 | owner |
//! | `GET /employer/rounds` | → `Vec<RoundSummary>`, newest first | member |
//! | `PUT /employer/rounds/{round}` | [`RoundEdit`] → `RoundInfo`; makes it the first time | owner, recruiter |
//! | `GET /admin/registrations?state=` | → `Vec<Registration>` | organiser |
//! | `GET /admin/registrations/{id}/licence` | the picture | organiser |
//! | `POST /admin/registrations/{id}/decide` | [`Decide`] → `Registration` | organiser |
//! | `PUT /admin/fairs/{fair}` | [`FairEdit`] → `FairPage` | organiser |
//! | `PUT /admin/builds/{system}?version=&file=` | the file's bytes → [`super::Build`] | organiser |
//! | `GET /admin/reports` | → `Vec<`[`ReportLine`]`>` | organiser |
//! | `GET /admin/sms` | → the development outbox, newest first | organiser |
//!
//! The organiser's bearer token is in the file `admin.token` of the data folder.

use crate::ids::*;
use crate::model::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Shortest password of a member, in characters.
pub const PASSWORD_MIN_CHARS: usize = 8;

/// An employer wants to take part (F3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewRegistration {
    /// Made by the client: the same again is the same registration.
    pub id: RegistrationId,
    pub fair: FairId,
    pub name: String,
    pub uscc: String,
    /// Who to talk to; becomes the owner.
    pub contact: String,
    pub phone: String,
    /// The owner's password, at least [`PASSWORD_MIN_CHARS`] characters.
    pub password: String,
}

/// `token` opens this registration only: to add the licence and to see how it stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registered {
    pub registration: Registration,
    pub token: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResetRequest {
    /// USCC or full company name.
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    pub device: DeviceId,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResetConfirm {
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    pub code: String,
    pub password: String,
    pub device: DeviceId,
}

/// A member's own password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasswordChange {
    pub old: String,
    pub new: String,
}

// Requests with secrets never show them, wherever they are printed.
macro_rules! hidden {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
hidden!(NewRegistration, Registered, ResetRequest, ResetConfirm, NewMemberRequest, PasswordChange);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StandEdit {
    pub short: String,
    pub introduction: String,
}

/// One member, as the owner sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberLine {
    pub member: MemberCard,
    /// Open sessions.
    pub sessions: u32,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewMemberRequest {
    pub id: MemberId,
    pub name: String,
    pub role: MemberRole,
    pub password: String,
}

/// A round as its employer writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoundEdit {
    pub name: String,
    pub stages: Vec<Stage>,
    pub starts: WallTime,
    pub ends: WallTime,
    pub identity: IdentityRule,
    pub ring_ms: u64,
    pub grace_ms: u64,
}

/// Longest round, from start to end, in ms.
pub const ROUND_MAX_MS: u64 = 16 * 3_600_000;

/// Why a [`RoundEdit`] cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoundFault {
    #[error("a round needs a name of at most 60 characters")]
    Name,
    #[error("the stages stand in their order, each once, and one of them is the interview")]
    Stages,
    #[error("a round ends after it starts, within 16 hours")]
    Times,
    #[error("a ring lasts from 10 to 120 seconds")]
    Ring,
    #[error("a place is kept for at most 60 minutes")]
    Grace,
}

impl RoundEdit {
    /// The first thing wrong with it.
    pub fn check(&self) -> Result<(), RoundFault> {
        let name = self.name.trim().chars().count();
        if name == 0 || name > 60 {
            return Err(RoundFault::Name);
        }
        if !self.stages.is_sorted_by(|a, b| a < b) || !self.stages.contains(&Stage::Interview) {
            return Err(RoundFault::Stages);
        }
        if self.ends <= self.starts || self.ends.since(self.starts) > ROUND_MAX_MS {
            return Err(RoundFault::Times);
        }
        if !(10_000..=120_000).contains(&self.ring_ms) {
            return Err(RoundFault::Ring);
        }
        if self.grace_ms > 60 * 60_000 {
            return Err(RoundFault::Grace);
        }
        Ok(())
    }
}

/// The organiser's word on a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decide {
    Approve,
    Reject { reason: String },
}

/// A fair as the organiser writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FairEdit {
    pub title: String,
    pub kind: String,
    pub starts: WallTime,
    pub ends: WallTime,
    pub city: String,
    pub district: String,
    pub venue: String,
    pub introduction: String,
}

/// A report, as the organiser reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportLine {
    pub at: WallTime,
    pub by: Side,
    pub employer_name: String,
    pub candidate_name: String,
    pub conversation: ConversationId,
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn edit() -> RoundEdit {
        RoundEdit {
            name: "软件岗位面谈".into(),
            stages: vec![Stage::Briefing, Stage::Interview, Stage::Announcement, Stage::Closed],
            starts: WallTime(0),
            ends: WallTime(16 * HOUR),
            identity: IdentityRule::NotRequired,
            ring_ms: 10_000,
            grace_ms: 0,
        }
    }

    #[test]
    fn a_round_within_its_bounds_is_taken() {
        assert_eq!(edit().check(), Ok(()));
        let widest = RoundEdit {
            name: "𠮷".repeat(60),
            stages: vec![Stage::Interview],
            ring_ms: 120_000,
            grace_ms: 60 * 60_000,
            ..edit()
        };
        assert_eq!(widest.check(), Ok(()));
    }

    #[test]
    fn a_round_past_a_bound_is_told_which() {
        let stages = |stages: &[Stage]| RoundEdit { stages: stages.to_vec(), ..edit() };
        for (edit, fault) in [
            (RoundEdit { name: "  ".into(), ..edit() }, RoundFault::Name),
            (RoundEdit { name: "长".repeat(61), ..edit() }, RoundFault::Name),
            (stages(&[]), RoundFault::Stages),
            (stages(&[Stage::Briefing, Stage::Closed]), RoundFault::Stages),
            (stages(&[Stage::Interview, Stage::Briefing]), RoundFault::Stages),
            (stages(&[Stage::Interview, Stage::Interview]), RoundFault::Stages),
            (RoundEdit { ends: WallTime(0), ..edit() }, RoundFault::Times),
            (RoundEdit { ends: WallTime(16 * HOUR + 1), ..edit() }, RoundFault::Times),
            (RoundEdit { starts: WallTime(i64::MIN), ends: WallTime(i64::MAX), ..edit() }, RoundFault::Times),
            (RoundEdit { ring_ms: 9_999, ..edit() }, RoundFault::Ring),
            (RoundEdit { ring_ms: 120_001, ..edit() }, RoundFault::Ring),
            (RoundEdit { grace_ms: 3_600_001, ..edit() }, RoundFault::Grace),
        ] {
            assert_eq!(edit.check(), Err(fault));
        }
    }

    #[test]
    fn requests_with_secrets_do_not_show_them() {
        let change = PasswordChange { old: "old secret".into(), new: "new secret".into() };
        assert!(!format!("{change:?}").contains("secret"));
    }
}
