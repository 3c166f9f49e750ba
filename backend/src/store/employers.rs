//! Employers: how they register, who their members are, their rounds, and who did what to them.

use super::{Mac, NewMember, Person, SessionId, Stored};
use crate::store::Account;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{MemberLine, RoundEdit};

/// Members of one employer at most.
pub const MEMBERS_MAX: u32 = 100;
/// Licences one registration may send: the last one counts.
pub const LICENCES_MAX: u32 = 20;

/// Who did it, from where and when; written down together with what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    pub who: Doer,
    pub address: Option<Mac>,
    pub at: WallTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doer {
    /// Whoever holds the organiser's token.
    Organiser,
    Person(Person),
    /// Somebody without an account.
    Nobody,
}

/// One line of what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub at: WallTime,
    pub who: Doer,
    /// `registration_made`, `registration_approved`, `member_removed` …
    pub action: String,
    /// The id of what it was done to.
    pub subject: uuid::Uuid,
}

/// A registration to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationDraft {
    pub id: RegistrationId,
    pub fair: FairId,
    pub name: String,
    /// With a right check digit.
    pub uscc: String,
    pub contact: String,
    /// Its digits.
    pub phone: String,
    pub token: Mac,
    pub from: Registrant,
}

/// Who registers.
#[derive(Clone, PartialEq, Eq)]
pub enum Registrant {
    /// A company nobody knows yet; PHC string of its owner's password.
    New { password_hash: String },
    /// A member of an approved employer.
    Employer(EmployerId),
}

/// What became of a [`RegistrationDraft`].
#[derive(Clone, PartialEq, Eq)]
pub enum Registering {
    Made(Registration),
    FairUnknown,
    FairOver,
    /// Name or code belong to an approved employer that did not sign in, or it has a stand there.
    EmployerKnown,
    /// This id is there already.
    Again(Box<RegistrationRow>),
}

/// A registration with what is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationRow {
    pub registration: Registration,
    pub phone: String,
    /// PHC string; empty: decided, or made by a known employer.
    pub password_hash: String,
    pub token: Mac,
    pub employer: Option<EmployerId>,
    pub licence: Option<Licence>,
}

/// Where the picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    pub object: ObjectId,
    pub kind: LicenceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenceKind {
    Pdf,
    Png,
    Jpeg,
}

/// What became of a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenceSet {
    /// `replaced`: nothing refers to it any more.
    Kept { registration: Registration, replaced: Option<ObjectId> },
    /// It is decided.
    Over,
}

/// Which registrations to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    LicenceMissing,
    Waiting,
    Approved,
    Rejected,
}

/// The organiser's word on a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub registration: RegistrationId,
    pub verdict: Verdict,
    pub by: By,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Ids for the employer and the owner it may become.
    Approve {
        employer: EmployerId,
        owner: MemberId,
    },
    Reject {
        reason: String,
    },
}

/// What became of a [`Decision`].
#[derive(Clone, PartialEq, Eq)]
pub enum Decided {
    /// Decided by this: the contact is to be told, at this number.
    Now {
        registration: Registration,
        phone: String,
    },
    /// It was decided so before; nothing changed.
    Before(Registration),
    /// It was decided the other way.
    Over,
    Unknown,
    LicenceMissing,
    /// Another company has the name or the code meanwhile.
    EmployerKnown,
}

/// An employer as its organiser knows it. Not to be shown to candidates as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct EmployerHead {
    pub name: String,
    pub uscc: String,
    pub approved: bool,
    /// Empty: nobody is known.
    pub contact: String,
    pub phone: String,
}

/// Where a member's reset code goes.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetContact {
    pub member: MemberId,
    /// The approved contact's number.
    pub phone: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adding {
    /// Also when the same member was added before.
    Added,
    NameTaken,
    /// The id is somebody else's.
    IdTaken,
    Full,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removing {
    /// These sessions ended with it. Also when they were removed before.
    Removed(Vec<SessionId>),
    LastOwner,
    Unknown,
}

/// What became of a round's edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundPut {
    /// `changed`: it was there and is different now.
    Done { info: RoundInfo, changed: bool },
    /// Another employer's.
    NotOwn,
    /// Something happened in it already: only its name and end may change.
    Begun,
}

/// See the module's page. Every method that changes something writes down who did it, in the same transaction.
#[async_trait]
pub trait Employers: Send + Sync {
    /// A wish to take part.
    async fn register(&self, draft: RegistrationDraft, by: By) -> Stored<Registering>;

    async fn registration(&self, id: RegistrationId) -> Stored<Option<RegistrationRow>>;

    /// Oldest first, at most `limit`.
    async fn registrations(&self, standing: Option<Standing>, limit: u32) -> Stored<Vec<Registration>>;

    /// Counts one licence sent; false: it has sent [`LICENCES_MAX`], or there is no such registration.
    async fn licence_sent(&self, id: RegistrationId) -> Stored<bool>;

    /// Keeps where the licence is: then the registration waits for the organiser.
    async fn set_licence(&self, id: RegistrationId, licence: Licence, by: By) -> Stored<LicenceSet>;

    /// Approval makes the employer with its owner, or finds the one that asked, and gives it a stand at the fair;
    /// all in one transaction.
    async fn decide(&self, decision: Decision) -> Stored<Decided>;

    /// Registrations that stayed unfinished for 30 days, or were rejected 90 days ago, are removed; their
    /// licences are to be deleted. What was done two years ago is forgotten.
    async fn tidy_registrations(&self, now: WallTime) -> Stored<Vec<ObjectId>>;

    /// Active members, the owner first, then by name, with their open sessions.
    async fn members(&self, employer: EmployerId, now: WallTime) -> Stored<Vec<MemberLine>>;

    /// A removed member of the same name gets a number behind it, so that histories tell them apart.
    async fn add_member(&self, employer: EmployerId, member: NewMember, by: By) -> Stored<Adding>;

    /// Ends their sessions, too.
    async fn remove_member(&self, employer: EmployerId, member: MemberId, by: By) -> Stored<Removing>;

    /// Ends all sessions of an employer's active member; `None`: it has no such member.
    async fn end_member_sessions(
        &self,
        employer: EmployerId,
        member: MemberId,
        by: By,
    ) -> Stored<Option<Vec<SessionId>>>;

    /// PHC string of an active member's password.
    async fn password_hash(&self, member: MemberId) -> Stored<Option<String>>;

    /// A new password; all sessions but `keep` end. `None`: no such active member.
    async fn set_password(
        &self,
        member: MemberId,
        hash: String,
        keep: Option<SessionId>,
        by: By,
    ) -> Stored<Option<Vec<SessionId>>>;

    /// Where the code for a member of an approved employer goes (the owner when no name is given).
    async fn reset_contact(&self, account: &Account, member: Option<&str>) -> Stored<Option<ResetContact>>;

    async fn employer(&self, id: EmployerId) -> Stored<Option<EmployerHead>>;

    /// Whom to reach at an employer.
    async fn set_contact(&self, employer: EmployerId, contact: String, phone: String, by: By) -> Stored<()>;

    /// Its rounds, newest start first, at most `limit`.
    async fn rounds_of(&self, employer: EmployerId, limit: u32) -> Stored<Vec<RoundId>>;

    /// Makes or changes a round; the edit is checked already, but for what the round has been through.
    async fn put_round(&self, employer: EmployerId, id: RoundId, edit: RoundEdit, by: By)
    -> Stored<RoundPut>;

    /// Writes down what was done elsewhere.
    async fn acted(&self, action: &str, subject: uuid::Uuid, by: By) -> Stored<()>;

    /// What was done since then, oldest first.
    async fn acts(&self, since: WallTime, limit: u32) -> Stored<Vec<Act>>;
}
