//! Conversations: what is said, marked, applied for and arranged in them; and what must still happen
//! outside because of it.
//!
//! The rule decides **inside** the transaction that keeps its decision: a change is handed over with
//! [`Talks::change`] and everything about it (was it made already, may this person, what follows) is
//! looked at where nothing can come between. What was kept is told to the [`TalkListener`] after the
//! commit, in the order of the commits, before the change is answered.

use super::{Mac, Person, SessionId, Stored};
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::LaneGuard;
use miantan_domain::rules::talk::Author;
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::rest::{Busy, MarkChange, MyApplication, ReportLine, TalkCounts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// One of the two sides of conversations: whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    Candidate(CandidateId),
    Employer(EmployerId),
}

impl Party {
    pub const fn side(self) -> Side {
        match self {
            Self::Candidate(_) => Side::Candidate,
            Self::Employer(_) => Side::Recruiter,
        }
    }
}

/// The two sides of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parties {
    pub employer: EmployerId,
    pub candidate: CandidateId,
}

impl Parties {
    pub fn has(&self, party: Party) -> bool {
        match party {
            Party::Candidate(candidate) => self.candidate == candidate,
            Party::Employer(employer) => self.employer == employer,
        }
    }
}

/// Who acts in conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talker {
    /// The account in which a [`ChangeId`] means one change.
    pub person: Person,
    pub party: Party,
    pub author: Author,
    /// The member's name; empty for a candidate.
    pub name: String,
}

/// Keeps the order of one socket's changes; see [`LaneGuard`]. Looked at by the store where the
/// changes come one after the other.
pub type Guard = Arc<Mutex<LaneGuard>>;

/// What somebody wants changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TalkWish {
    Command {
        conversation: ConversationId,
        command: TalkCommand,
        /// For invitations: what the store cannot make up by itself.
        plan: Option<InvitationPlan>,
    },
    Apply {
        application: ApplicationId,
        position: PositionId,
        resume: ResumeChoice,
        /// The conversation's id, should it be a new one.
        fresh: ConversationId,
    },
}

/// Drawn and computed before a command that sets an invitation's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationPlan {
    /// Should a round have to be made.
    pub round: RoundId,
    pub round_name: String,
    /// The organiser's day of the appointment, `from..to`.
    pub day: (WallTime, WallTime),
    pub ticket: TicketId,
    /// Stored forms of the codes that belong to the invitation's id; the first that is free is taken.
    pub codes: Vec<Mac>,
}

/// A change with who wants it.
#[derive(Debug, Clone)]
pub struct TalkChange {
    pub by: Talker,
    pub id: ChangeId,
    /// The server's wall time.
    pub at: WallTime,
    pub wish: TalkWish,
    pub guard: Guard,
}

/// The answer to come: a sequence number, or why not. An error of the store itself kept nothing.
pub type Answer<T> = oneshot::Receiver<Stored<Result<T, Problem>>>;

/// How far a side has come, as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenAnswer {
    pub pos: u64,
    pub seen: Seen,
    /// It was news and the listener was told.
    pub news: bool,
}

/// Something that is kept now.
#[derive(Debug, Clone, PartialEq)]
pub enum TalkNews {
    Entry {
        parties: Parties,
        conversation: ConversationId,
        pos: u64,
        entry: Entry,
    },
    Head {
        parties: Parties,
        side: Side,
        head: Box<TalkHead>,
    },
    Seen {
        parties: Parties,
        conversation: ConversationId,
        pos: u64,
        side: Side,
        seen: Seen,
    },
    /// There is something to do outside, or another time to wake up at.
    Work,
}

/// Hears what is kept. Called on the store's own thread: it must return at once.
pub trait TalkListener: Send + Sync {
    fn told(&self, news: &[TalkNews]);
}

/// Which conversations of a list. All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TalkQuery {
    pub mark: Option<Mark>,
    pub position: Option<PositionId>,
    pub unread: bool,
    /// Part of the candidate's name or of a title applied for, as typed.
    pub search: Option<String>,
    /// Only what changed before this one.
    pub below: Option<u64>,
    pub limit: u32,
}

/// A part of a list, newest change first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TalkList {
    pub items: Vec<TalkHead>,
    pub next: Option<u64>,
    pub counts: TalkCounts,
}

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// Numbered above this, from the lowest.
    After(u64),
    /// Numbered below this, up to the highest.
    Before(u64),
}

/// A conversation to be opened without an application, as an organiser's list of candidates does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTalk {
    /// Its id, if there is none between these two at this fair.
    pub fresh: ConversationId,
    pub parties: Parties,
    pub fair: Option<FairId>,
    pub at: WallTime,
}

/// A misconduct to be told to the organiser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    pub id: ChangeId,
    pub person: Person,
    pub party: Party,
    pub conversation: ConversationId,
    pub reason: String,
    pub at: WallTime,
}

/// What must happen outside because of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum TalkTask {
    /// The candidate gets a place in the queue.
    TakeTicket {
        round: RoundId,
        ticket: TicketId,
        appointed: WallTime,
    },
    /// The place is given up.
    GiveUp {
        round: RoundId,
        ticket: TicketId,
    },
    /// The round was made longer.
    Reload {
        round: RoundId,
    },
    /// Sockets that the code opened are told that it is over.
    CodeOver,
    /// A short message: invited, changed.
    TellInvited {
        revision: u32,
    },
    TellWithdrawn,
    /// A short message before the time, if this revision still holds.
    Remind {
        revision: u32,
    },
}

impl TalkTask {
    /// Messages wait for nobody, and nobody waits for them.
    pub const fn is_message(&self) -> bool {
        match self {
            Self::TellInvited { .. } | Self::TellWithdrawn | Self::Remind { .. } => true,
            Self::TakeTicket { .. } | Self::GiveUp { .. } | Self::Reload { .. } | Self::CodeOver => false,
        }
    }
}

/// A task that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TalkJob {
    pub id: i64,
    pub invitation: InvitationId,
    pub task: TalkTask,
    /// When it was first due.
    pub since: WallTime,
    pub tries: u32,
}

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    Done,
    GivenUp,
    /// To be tried again then.
    Again(WallTime),
}

/// An invitation as tasks, calendar files and messages need it.
#[derive(Debug, Clone, PartialEq)]
pub struct InvitationFacts {
    pub parties: Parties,
    pub invitation: InvitationCard,
    /// For the queue.
    pub card: CandidateCard,
    /// Which of the codes that belong to its id it has.
    pub code: u32,
    /// Of a candidate who agreed to messages; eleven digits.
    pub phone: Option<String>,
}

/// See the module's page.
#[async_trait]
pub trait Talks: Send + Sync {
    /// Who hears what is kept. Only the first one given hears.
    fn listen(&self, listener: Arc<dyn TalkListener>);

    /// Hands a change over; waits only for a place in the queue. Changes of one caller are made in the
    /// order in which they were handed over. A change that this account made already is answered with
    /// its number and changes nothing; a refused one leaves nothing behind.
    async fn change(&self, change: TalkChange) -> Stored<Answer<u64>>;

    /// This side has come so far; handed over like a change.
    async fn see(&self, by: Talker, conversation: ConversationId, seen: Seen) -> Stored<Answer<SeenAnswer>>;

    /// The two sides of a conversation that is this party's; `None` for all others. `true`: blocked.
    async fn parties(&self, party: Party, conversation: ConversationId) -> Stored<Option<(Parties, bool)>>;

    /// The position of the last change in this party's conversations.
    async fn pos(&self, party: Party) -> Stored<u64>;

    /// Conversations that changed after `since`, from the lowest position up. Fewer than `limit`: there
    /// were no more at that moment.
    async fn heads_since(&self, party: Party, since: u64, limit: u32) -> Stored<Vec<TalkHead>>;

    async fn list(&self, party: Party, query: TalkQuery) -> Stored<TalkList>;

    async fn head(&self, party: Party, conversation: ConversationId) -> Stored<Option<TalkHead>>;

    /// In order; `None`: not this party's conversation.
    async fn entries(
        &self,
        party: Party,
        conversation: ConversationId,
        stretch: Stretch,
        limit: u32,
    ) -> Stored<Option<Vec<Entry>>>;

    /// Oldest first; `None`: not this employer's.
    async fn marks(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
    ) -> Stored<Option<Vec<MarkChange>>>;

    /// Times between `from` and `to` that are taken for the candidate or for the employer, soonest
    /// first. `None`: not this employer's conversation.
    async fn busy(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
        from: WallTime,
        to: WallTime,
    ) -> Stored<Option<Vec<Busy>>>;

    /// An invitation of this party's conversation.
    async fn invitation(
        &self,
        party: Party,
        conversation: ConversationId,
        invitation: InvitationId,
    ) -> Stored<Option<InvitationFacts>>;

    /// Makes a conversation without an application, or finds it. `None`: no such employer, candidate or
    /// fair.
    async fn open(&self, open: OpenTalk) -> Stored<Option<ConversationId>>;

    /// The employer opened the résumés of a conversation: 我的投递 shows it. `None`: not this employer's.
    async fn resume_opened(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
    ) -> Stored<Option<CandidateId>>;

    /// False: not this party's conversation. The same report again changes nothing.
    async fn report(&self, report: NewReport) -> Stored<bool>;

    /// Newest first.
    async fn reports(&self, limit: u32) -> Stored<Vec<ReportLine>>;

    /// Newest first.
    async fn applications(&self, candidate: CandidateId) -> Stored<Vec<MyApplication>>;

    /// Those of these positions the candidate has applied for.
    async fn applied(
        &self,
        candidate: CandidateId,
        positions: Vec<PositionId>,
    ) -> Stored<BTreeSet<PositionId>>;

    /// The candidate's invitations of all conversations, soonest first.
    async fn interviews(&self, candidate: CandidateId) -> Stored<Vec<InvitationCard>>;

    /// Somebody entered the code of an invitation: one sent in a conversation and still open is accepted
    /// thereby, as the change `id`. Others are left as they are.
    async fn entered(&self, invitation: InvitationId, id: ChangeId, now: WallTime) -> Stored<()>;

    /// Ends the invitations whose time passed without an answer. How many.
    async fn expire(&self, now: WallTime) -> Stored<u64>;

    /// Tasks that are due, oldest first.
    async fn due_jobs(&self, now: WallTime, limit: u32) -> Stored<Vec<TalkJob>>;

    async fn end_job(&self, job: i64, end: JobEnd, now: WallTime) -> Stored<()>;

    /// When the next task is due or the next invitation expires.
    async fn next_due(&self) -> Stored<Option<WallTime>>;

    /// The invitation of a task; `None` when it is gone.
    async fn facts(&self, invitation: InvitationId) -> Stored<Option<InvitationFacts>>;

    /// Open sessions that the invitation's code opened.
    async fn sessions(&self, invitation: InvitationId) -> Stored<Vec<SessionId>>;

    /// Removes tasks that ended before, and the memory of changes older than `changes_before`. How many.
    async fn tidy_talks(&self, jobs_before: WallTime, changes_before: WallTime) -> Stored<u64>;
}
