//! Accounts: who may sign in and join, with what, from which device, and who was refused.

use super::Stored;
use crate::limits::{Ending, Rule};
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::{CandidateSheet, Me};

/// HMAC-SHA256 of a code, token or address under the key outside the database ([`crate::secrets`]).
pub type Mac = [u8; 32];

/// A device's public key (Ed25519), for what it signs in the identity step.
pub type DeviceKey = [u8; 32];

/// A session's number. Never shown outside the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub i64);

/// One person's session on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub device: DeviceId,
    pub who: Who,
    pub state: SessionState,
    /// Ed25519, registered when the session was made.
    pub device_key: Option<DeviceKey>,
    /// The number on file was proved in this session.
    pub number_proved: bool,
}

/// Whether a session still opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    Open,
    /// Signed out, expired, or the member is no longer one.
    Over,
    /// Another device of the same person took over.
    Replaced,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Candidate {
        candidate: CandidateId,
        name: String,
        /// Of the candidate's account; else a code opened it, for one room only.
        account: bool,
        /// The interview room it is in; a code's session always is.
        room: Option<InRoom>,
    },
    Member {
        employer: EmployerId,
        employer_name: String,
        member: MemberCard,
    },
}

/// A place in an interview room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InRoom {
    pub invitation: InvitationId,
    pub ticket: TicketId,
    pub round: RoundId,
    /// Who holds the ticket, as the round knows them: another id than the account's when two
    /// candidates turned out to be one person.
    pub holder: CandidateId,
}

impl Who {
    /// The room a candidate is in.
    pub fn room(&self) -> Option<InRoom> {
        match self {
            Self::Candidate { room, .. } => *room,
            Self::Member { .. } => None,
        }
    }

    /// Whom rounds and their calls know.
    pub fn in_rounds(&self) -> super::Person {
        self.room().map_or(self.person(), |room| super::Person::Candidate(room.holder))
    }

    /// The account behind it.
    pub fn person(&self) -> super::Person {
        match self {
            Self::Candidate { candidate, .. } => super::Person::Candidate(*candidate),
            Self::Member { member, .. } => super::Person::Member(member.id),
        }
    }
}

/// A session to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    pub token: Mac,
    pub device: DeviceId,
    pub now: WallTime,
    pub expires: WallTime,
    /// Stays as it is as long as the session lasts.
    pub device_key: Option<DeviceKey>,
}

/// How an employer is named at sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// 18 characters with a right check digit.
    Uscc(String),
    /// Full company name in the form of [`name_key`].
    Name(String),
}

/// A member with what it takes to sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberLogin {
    pub employer: EmployerId,
    pub employer_name: String,
    /// The organiser has let this employer in.
    pub approved: bool,
    pub member: MemberCard,
    /// PHC string of the password's argon2id hash.
    pub password_hash: String,
}

/// An invitation with everything a join needs to know.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub round: RoundInfo,
    pub card: CandidateCard,
    /// The place in the queue this invitation opens; made by the first join.
    pub ticket: TicketId,
    pub appointed: Option<WallTime>,
    /// PHC string; `None`: this invitation has no password (J3).
    pub password_hash: Option<String>,
    pub opens: WallTime,
    pub expires: WallTime,
    pub cancelled: bool,
    /// The device the code was last used on.
    pub device: Option<DeviceId>,
}

/// A device takes an invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    pub invitation: InvitationId,
    pub session: NewSession,
    /// Another device may be replaced.
    pub takeover: bool,
}

/// What became of a [`Bind`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// The session is made. Sessions a code opened on another device are over: their sockets must be
    /// told. Accounts that were in this room on another device are out of it: their sockets come again.
    Yes { session: SessionId, replaced: Vec<SessionId>, moved: Vec<SessionId> },
    /// Another device has it, and may not be replaced.
    OtherDevice,
    /// Cancelled meanwhile.
    Cancelled,
}

/// What is counted when somebody tries a code or a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptKey {
    Device(DeviceId),
    /// HMAC of the network address (IPv6: of its /64), so that the table holds no addresses.
    Address(Mac),
    /// Registrations from a network address.
    Registration(Mac),
}

impl AttemptKey {
    /// How this kind of key is slowed.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Device(_) => Rule::DEVICE,
            Self::Address(_) => Rule::ADDRESS,
            Self::Registration(_) => Rule::REGISTRATION,
        }
    }
}

/// Whether a try may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It may, and counts as under way until [`Accounts::end_attempt`].
    Go,
    /// Not before so many ms.
    Wait(u64),
}

/// One refusal, for the audit. Refusals of the same kind within a minute are one row with a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub at: WallTime,
    /// What was tried: `join`, `employer_sign_in`, `sheet`, `live` …
    pub action: String,
    pub code: ProblemCode,
    /// The account, when it is known.
    pub who: Option<super::Person>,
    pub address: Option<Mac>,
}

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRow {
    /// Start of the minute.
    pub minute: WallTime,
    pub action: String,
    pub code: String,
    pub who: Option<super::Person>,
    pub count: u64,
}

/// What [`Accounts::tidy`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tidied {
    pub sessions: u64,
    pub attempts: u64,
    pub answers: u64,
    pub refusals: u64,
}

/// The form in which company names are compared: no spaces, full-width ASCII made half-width, small
/// letters. `上海青禾软件（上海）有限公司` and `上海青禾软件(上海) 有限公司` are one name.
pub fn name_key(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// See the module's page.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The member of that name, or the owner when no name is given.
    async fn member_login(&self, account: &Account, member: Option<&str>) -> Stored<Option<MemberLogin>>;

    /// A session for a member; sessions of the same member on the same device beyond the newest
    /// three end.
    async fn open_member_session(&self, member: MemberId, session: NewSession) -> Stored<SessionId>;

    /// The invitation a code opens, in whatever state it is.
    async fn invitation_by_code(&self, code: &Mac) -> Stored<Option<Invitation>>;

    /// Binds an invitation to a device and makes its session, in one transaction.
    async fn bind(&self, bind: Bind) -> Stored<Bound>;

    /// An account's session takes the place of an invitation of its candidate, as [`Accounts::bind`]
    /// does for a code, and leaves the room it was in. `Bound::Yes` names the session itself.
    async fn enter(&self, session: SessionId, invitation: InvitationId, now: WallTime) -> Stored<Bound>;

    /// An account's session is in no room any more; its ticket keeps its place.
    async fn leave_room(&self, session: SessionId) -> Stored<()>;

    /// An invitation is over: accounts that are in its room are out of it. Which.
    async fn clear_room(&self, invitation: InvitationId) -> Stored<Vec<SessionId>>;

    /// An invitation of this candidate, in whatever state it is.
    async fn invitation_of(
        &self,
        candidate: CandidateId,
        invitation: InvitationId,
    ) -> Stored<Option<Invitation>>;

    /// The session of a token, also when it is over, so that the device can be told why.
    async fn session_by_token(&self, token: &Mac, now: WallTime) -> Stored<Option<Session>>;

    /// A session by its number.
    async fn session(&self, session: SessionId, now: WallTime) -> Stored<Option<Session>>;

    /// Sign-out.
    async fn end_session(&self, session: SessionId, now: WallTime) -> Stored<()>;

    /// Who a session belongs to, for the app.
    async fn me(&self, who: &Who) -> Stored<Option<Me>>;

    /// A ticket's candidate with résumé; `None` when the round has no such ticket.
    async fn sheet(&self, round: RoundId, ticket: TicketId) -> Stored<Option<CandidateSheet>>;

    /// Whether this device ever joined or signed in with success: such a device is not held up by
    /// what others do behind the same address.
    async fn knows_device(&self, device: DeviceId) -> Stored<bool>;

    /// Counts a try in advance under every key, or says how long to wait (the longest of all keys).
    async fn begin_attempt(&self, keys: Vec<AttemptKey>, now: WallTime) -> Stored<Begin>;

    /// Ends a try that was let go on.
    async fn end_attempt(&self, keys: Vec<AttemptKey>, ending: Ending, now: WallTime) -> Stored<()>;

    async fn refused(&self, refusal: Refusal) -> Stored<()>;

    /// Refusals since then, oldest first, at most `limit` rows.
    async fn refusals(&self, since: WallTime, limit: u32) -> Stored<Vec<RefusalRow>>;

    /// Removes what is over: sessions a month after their end, attempts without failures left,
    /// answers after a week, refusals after 180 days.
    async fn tidy(&self, now: WallTime) -> Stored<Tidied>;
}
