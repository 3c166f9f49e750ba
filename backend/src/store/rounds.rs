//! Rounds: their event log, the answers given to commands, and who is in a call.

use super::{Person, Stored};
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::{RoundInfo, Side};
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;

/// One event of a round with its number; numbers start at 1 and have no gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pub seq: u64,
    pub at: WallTime,
    pub event: RoundEvent,
}

/// A round as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRound {
    pub info: RoundInfo,
    pub employer: EmployerId,
    /// The whole log, in order.
    pub events: Vec<Numbered>,
}

/// The answer a command got, kept so that the same command gets it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    pub who: Person,
    pub change: ChangeId,
    pub at: WallTime,
    pub result: Result<u64, Problem>,
}

/// What one input changed in a round; kept as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundCommit {
    pub round: RoundId,
    pub events: Vec<Numbered>,
    pub answer: Option<KeptAnswer>,
    /// Calls that are over: their persons are free again.
    pub free: Vec<CallId>,
}

/// Two persons to be taken for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotClaim {
    pub call: CallId,
    pub round: RoundId,
    pub candidate: CandidateId,
    pub member: MemberId,
    pub now: WallTime,
    /// After this the slots count as free, unless renewed.
    pub lease_until: WallTime,
}

/// The store's word on a [`SlotClaim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// Both are this call's now (or were already).
    Yes,
    /// This side is in another call.
    Busy(Side),
}

/// See the module's page. Methods take effect before they return, and survive a power cut then.
#[async_trait]
pub trait Rounds: Send + Sync {
    /// A round with its whole log; `None` when there is no such round.
    async fn load(&self, round: RoundId) -> Stored<Option<StoredRound>>;

    /// Whose round it is.
    async fn owner(&self, round: RoundId) -> Stored<Option<EmployerId>>;

    /// An employer's rounds that overlap `from..to`, by start time.
    async fn of_employer(&self, employer: EmployerId, from: WallTime, to: WallTime) -> Stored<Vec<RoundId>>;

    /// Events after number `since`, in order, at most `limit`.
    async fn events_since(&self, round: RoundId, since: u64, limit: u32) -> Stored<Vec<Numbered>>;

    /// Events, answer and freed slots in one transaction. An event number that exists already is a
    /// [`super::StoreError::Conflict`] and nothing is kept: the caller's round is out of date.
    async fn commit(&self, commit: RoundCommit) -> Stored<()>;

    /// What this account was told about this change, if it was told anything.
    async fn answer_of(&self, who: Person, change: ChangeId) -> Stored<Option<Result<u64, Problem>>>;

    /// Takes the slots of both persons, or of neither. Slots whose lease is over are free.
    async fn claim_slots(&self, claim: SlotClaim) -> Stored<Claimed>;

    /// Running calls keep their slots until then.
    async fn renew_slots(&self, calls: Vec<CallId>, lease_until: WallTime) -> Stored<()>;

    /// Frees the slots of these calls; unknown calls are no error.
    async fn free_slots(&self, calls: Vec<CallId>) -> Stored<()>;

    /// Rounds that hold call slots: those to bring up at start.
    async fn with_slots(&self) -> Stored<Vec<RoundId>>;

    /// At start: frees every slot whose call is not one of `open`; says how many calls that were.
    async fn free_stale_slots(&self, open: Vec<CallId>) -> Stored<u64>;
}
