//! Talk: marks, conversations, their entries, invitations.

use super::Side;
use crate::ids::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// A recruiter's mark on an applicant (状态标记). Candidates never see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    #[default]
    Unmarked,
    Shortlisted,
    /// 合格
    Qualified,
    /// 淘汰
    Eliminated,
}

impl Mark {
    pub const ALL: [Self; 4] = [Self::Unmarked, Self::Shortlisted, Self::Qualified, Self::Eliminated];
}

/// What a person sends in a conversation. Files and pictures are uploaded first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Saying {
    /// At most [`super::TEXT_MAX_CHARS`] characters, not only white space.
    Text { text: String },
    /// Pixels of the whole picture, so that its place is known before it is there.
    Image { object: ObjectId, width: u32, height: u32 },
    /// `size` in bytes.
    File { object: ObjectId, name: String, size: u64 },
}

/// One numbered thing in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// 1, 2, 3 … without gaps: the order.
    pub seq: u64,
    /// The change that made it.
    pub id: ChangeId,
    pub from: Side,
    /// The member's name; empty for the candidate.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub at: WallTime,
    pub body: EntryBody,
}

/// What an [`Entry`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum EntryBody {
    Text {
        text: String,
    },
    Image {
        object: ObjectId,
        width: u32,
        height: u32,
    },
    File {
        object: ObjectId,
        name: String,
        size: u64,
    },
    /// A résumé came in for a position: opens the conversation.
    Applied {
        application: ApplicationId,
        position: String,
    },
    /// The invitation's card stands in the head ([`TalkHead::invitations`]).
    Invited {
        invitation: InvitationId,
    },
    /// Said beside the card, so that the history reads.
    InvitationMoved {
        invitation: InvitationId,
        to: InvitationStatus,
    },
    /// From a newer server.
    #[serde(other)]
    Unknown,
}

impl From<Saying> for EntryBody {
    fn from(saying: Saying) -> Self {
        match saying {
            Saying::Text { text } => Self::Text { text },
            Saying::Image { object, width, height } => Self::Image { object, width, height },
            Saying::File { object, name, size } => Self::File { object, name, size },
        }
    }
}

/// How far one side has come; both only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seen {
    /// Entries up to this number are on a device of that side.
    pub delivered: u64,
    /// … and were shown.
    pub read: u64,
}

impl Seen {
    /// The further one of each; reading implies delivery.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let read = self.read.max(other.read);
        Self { delivered: self.delivered.max(other.delivered).max(read), read }
    }
}

/// One application as a conversation's head lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApplicationCard {
    pub id: ApplicationId,
    pub position: PositionId,
    pub title: String,
    pub at: WallTime,
    /// The attached file, where it is not the online résumé.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<super::AttachmentResume>,
}

/// A conversation, whole and small, as one side sees it. A head with a larger `pos` replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TalkHead {
    pub id: ConversationId,
    /// The server's running number of changes; larger is newer.
    pub pos: u64,
    /// The side this head was made for.
    pub side: Side,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fair: Option<FairId>,
    pub fair_title: String,
    pub employer: EmployerId,
    pub employer_name: String,
    pub candidate: CandidateId,
    pub candidate_name: String,
    pub candidate_line: String,
    pub last_seq: u64,
    /// The newest entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Entry>,
    pub candidate_seen: Seen,
    pub recruiter_seen: Seen,
    /// Entries of the other side after one's own `read`.
    pub unread: u32,
    /// Always `unmarked` for a candidate.
    pub mark: Mark,
    /// Newest first.
    pub applications: Vec<ApplicationCard>,
    /// Newest first.
    pub invitations: Vec<InvitationCard>,
    /// The candidate wants nothing more from this employer.
    pub blocked: bool,
}

impl TalkHead {
    pub fn seen(&self, side: Side) -> Seen {
        match side {
            Side::Candidate => self.candidate_seen,
            Side::Recruiter => self.recruiter_seen,
        }
    }
}

/// When, how long and where (T3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationTerms {
    pub starts: WallTime,
    /// 5 to 480.
    pub minutes: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Absent: the round of that day, made if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<RoundId>,
}

impl InvitationTerms {
    pub fn ends(&self) -> WallTime {
        self.starts.after(i64::from(self.minutes) * 60_000)
    }

    /// Whether both take the same time at some moment.
    pub fn clashes(&self, other: &Self) -> bool {
        self.starts < other.ends() && other.starts < self.ends()
    }
}

/// How an invitation (面试邀约) stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum InvitationStatus {
    Sent,
    Accepted,
    Declined {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// The candidate would come at another time.
    MoveAsked {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        /// Times that would do, at most [`MOVE_TIMES_MAX`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        times: Vec<WallTime>,
    },
    Withdrawn {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    Expired,
}

/// Most other times a candidate may name.
pub const MOVE_TIMES_MAX: usize = 3;

/// An invitation as both sides see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationCard {
    pub id: InvitationId,
    pub conversation: ConversationId,
    /// Grows with each change of the terms; an answer names the one it is about.
    pub revision: u32,
    pub terms: InvitationTerms,
    pub round: RoundId,
    pub round_name: String,
    pub employer_name: String,
    /// The code has a password, which came with it.
    pub with_password: bool,
    #[serde(flatten)]
    pub status: InvitationStatus,
    pub sent: WallTime,
}
