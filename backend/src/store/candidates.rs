//! Candidates' accounts: who they are, what they agreed to, what they tell of themselves, and how all of
//! it is removed.
//!
//! A candidate is known by an invitation, by a number, or by both. Whoever proves a number by SMS has the
//! account of that number; candidates an organiser brought in with the same number are the same person
//! from then on, and [`Candidates`] makes them one in the transaction of the sign-in.

use super::{Mac, NewSession, SessionId, Stored};
use crate::sms::Phone;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Deletion, ResumeView};

/// A number with the form in which it is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPhone {
    pub phone: Phone,
    pub key: Mac,
}

/// Somebody proved a number.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberProof {
    pub number: KnownPhone,
    /// Version of the policy the person agreed to.
    pub policy: u32,
    pub now: WallTime,
}

/// A sign-in by number.
#[derive(Clone, PartialEq, Eq)]
pub struct CandidateSignInAs {
    pub proof: NumberProof,
    /// The account's id, should it be new.
    pub fresh: CandidateId,
    pub session: NewSession,
}

/// What became of a proved number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberTaken {
    /// `changed`: sessions of candidates who are this account now; their sockets come again.
    Yes { session: SessionId, changed: Vec<SessionId> },
    /// The session's candidate is known under another number.
    OtherNumber,
    /// The session is none that a code opened.
    NoCode,
}

/// How writing a résumé ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResumeKept {
    Yes(Box<ResumeDoc>),
    /// It was changed meanwhile.
    Changed,
    /// The photo is no finished photo of this candidate's.
    PhotoUnknown,
}

/// How keeping a résumé file ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentKept {
    Yes(Vec<AttachmentResume>),
    Full,
    Unknown,
}

/// What is to be removed outside the database after a person's data was removed in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leftovers {
    /// Ids of bytes in the object store.
    pub bytes: Vec<uuid::Uuid>,
    /// Sessions that are over.
    pub sessions: Vec<SessionId>,
    /// Places in queues that are given up.
    pub places: Vec<(RoundId, TicketId)>,
}

/// How long a person's data is kept without them coming back, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    pub accounts: i64,
    /// Known by invitations only: after the last round's end.
    pub invited: i64,
}

/// See the module's page.
#[async_trait]
pub trait Candidates: Send + Sync {
    /// A session of the number's account, which is made at the first time.
    async fn sign_in(&self, sign_in: CandidateSignInAs) -> Stored<NumberTaken>;

    /// A code's session becomes one of the number's account.
    async fn link(&self, session: SessionId, proof: NumberProof) -> Stored<NumberTaken>;

    /// The candidate's number, when one is known.
    async fn phone(&self, candidate: CandidateId) -> Stored<Option<Phone>>;

    /// Name and month of birth (year × 12 + month − 1). False: there is no such candidate.
    async fn set_profile(&self, candidate: CandidateId, name: String, birth: i64) -> Stored<bool>;

    /// An account of somebody who is too young: removed, when nobody invited them and they did nothing
    /// with it yet.
    async fn forget_minor(&self, candidate: CandidateId, now: WallTime) -> Stored<Leftovers>;

    async fn resume(&self, candidate: CandidateId) -> Stored<Option<ResumeDoc>>;

    /// Keeps a résumé written from version `doc.version`.
    async fn put_resume(&self, candidate: CandidateId, doc: ResumeDoc) -> Stored<ResumeKept>;

    /// Oldest first.
    async fn attachments(&self, candidate: CandidateId) -> Stored<Vec<AttachmentResume>>;

    async fn add_attachment(
        &self,
        candidate: CandidateId,
        object: ObjectId,
        now: WallTime,
    ) -> Stored<AttachmentKept>;

    /// False: it is not there. What was sent with an application stays with that.
    async fn remove_attachment(&self, candidate: CandidateId, object: ObjectId) -> Stored<bool>;

    /// How each purpose stands.
    async fn consents(&self, candidate: CandidateId) -> Stored<Vec<Consent>>;

    /// Written down unless it stands so already.
    async fn consent(&self, candidate: CandidateId, consent: Consent) -> Stored<()>;

    /// What an employer may read in a conversation of its own; the flag: the online résumé was sent.
    async fn resume_view(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
    ) -> Stored<Option<ResumeView>>;

    /// Everything that is held about the person, as JSON with the tables' own words.
    async fn export(&self, candidate: CandidateId) -> Stored<Option<serde_json::Value>>;

    /// When deletion was asked for.
    async fn deletion(&self, candidate: CandidateId) -> Stored<Option<WallTime>>;

    /// Asked for at that time (an earlier wish stands), or taken back.
    async fn ask_deletion(&self, candidate: CandidateId, at: Option<WallTime>) -> Stored<Option<WallTime>>;

    /// Those who asked before, oldest first; and those who did not come back for so long.
    async fn to_erase(
        &self,
        asked_before: WallTime,
        idle: Idle,
        now: WallTime,
        limit: u32,
    ) -> Stored<Vec<CandidateId>>;

    /// Reports of misconduct from before are removed.
    async fn forget_reports(&self, before: WallTime) -> Stored<()>;

    /// Removes everything of a person and leaves a name that says so. Conversations stay with what the
    /// others said in them.
    async fn erase(&self, candidate: CandidateId, now: WallTime) -> Stored<Leftovers>;
}

/// The name of somebody who was deleted.
pub const ERASED_NAME: &str = "已注销用户";
/// In the place of what they said.
pub const ERASED_TEXT: &str = "（用户已注销，内容已删除）";

/// The answer to `GET /me/deletion`.
pub fn deletion(asked: Option<WallTime>, within_ms: i64) -> Deletion {
    Deletion { asked, by: asked.map(|at| at.after(within_ms)) }
}
