//! Fairs, stands and positions; and bringing in a whole prepared fair at once.

use super::{Mac, Stored};
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;

/// An employer with its members.
#[derive(Clone)]
pub struct NewEmployer {
    pub id: EmployerId,
    pub uscc: String,
    pub name: String,
    pub approved: bool,
    /// Exactly one owner.
    pub members: Vec<NewMember>,
}

#[derive(Clone)]
pub struct NewMember {
    pub id: MemberId,
    pub name: String,
    pub role: MemberRole,
    /// PHC string.
    pub password_hash: String,
}

/// A fair (招聘会) with its stands.
#[derive(Clone)]
pub struct NewFair {
    pub id: FairId,
    pub title: String,
    pub kind: String,
    pub starts: WallTime,
    pub ends: WallTime,
    pub city: String,
    pub district: String,
    pub venue: String,
    pub introduction: String,
    pub views: u32,
    pub exhibitors: Vec<NewExhibitor>,
}

/// An employer's stand (参展企业).
#[derive(Clone)]
pub struct NewExhibitor {
    pub employer: EmployerId,
    pub positions: Vec<NewPosition>,
}

/// A job (职位). Salary in yuan a month; `from` 0: "1500以下" and its like.
#[derive(Clone)]
pub struct NewPosition {
    pub id: PositionId,
    pub title: String,
    pub salary_from: u32,
    pub salary_to: u32,
    pub openings: u32,
    pub city: String,
}

/// A round; `info.employer` is ignored in favour of the employer's own name.
#[derive(Clone)]
pub struct NewRound {
    pub employer: EmployerId,
    pub info: RoundInfo,
    /// Moves of the flow before the first ticket, by whom.
    pub stage: Option<(Stage, MemberId)>,
}

#[derive(Clone)]
pub struct NewCandidate {
    pub id: CandidateId,
    pub name: String,
    pub headline: String,
    pub resume: Resume,
}

#[derive(Clone)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub round: RoundId,
    pub candidate: CandidateId,
    pub ticket: TicketId,
    /// Title of the position, as the queue shows it.
    pub position: String,
    pub code: Mac,
    pub password_hash: Option<String>,
    pub appointed: Option<WallTime>,
    pub opens: WallTime,
    pub expires: WallTime,
    pub cancelled: bool,
    pub device: Option<DeviceId>,
}

/// Everything to bring in, in one transaction.
#[derive(Clone, Default)]
pub struct Import {
    pub now: WallTime,
    pub employers: Vec<NewEmployer>,
    pub fairs: Vec<NewFair>,
    pub rounds: Vec<NewRound>,
    pub candidates: Vec<NewCandidate>,
    pub invitations: Vec<NewInvitation>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub fairs: u64,
    pub employers: u64,
    pub positions: u64,
    pub rounds: u64,
    pub candidates: u64,
    pub invitations: u64,
}

/// A fair's heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FairHead {
    pub id: FairId,
    pub title: String,
    pub kind: String,
    pub starts: WallTime,
    pub ends: WallTime,
    pub city: String,
    pub district: String,
    pub venue: String,
    pub introduction: String,
    pub views: u64,
    pub employers: u64,
    pub positions: u64,
}

/// See the module's page.
#[async_trait]
pub trait Fairs: Send + Sync {
    /// Everything or nothing.
    async fn import(&self, import: Import) -> Stored<()>;

    async fn counts(&self) -> Stored<Counts>;

    /// All fairs, newest start first, with their counts (F1).
    async fn fairs(&self) -> Stored<Vec<FairHead>>;
}
