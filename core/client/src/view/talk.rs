//! Conversations, as the screen shows them.

use super::Loadable;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::{Busy, MarkChange, ResumeView, TalkCounts};
use std::path::Path;
use std::sync::Arc;

/// All conversations of whoever is signed in; from the device's store at once, then live.
#[derive(Debug, Clone, Default)]
pub struct TalkView {
    pub list: TalkListView,
    /// Entries not read, over all conversations: the badge.
    pub unread: u32,
    pub open: Option<Box<ConversationView>>,
    /// What belongs to the room, the call or the sheet at hand (R3).
    pub beside: Beside,
}

/// The messages of a ticket: of the room a candidate waits in, of the sheet a recruiter reads, of the call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Beside {
    /// No conversation: the organiser invited by code. The room's own notes are all there is.
    #[default]
    Notes,
    /// Not known yet; nothing can be written, as it might land in the wrong place.
    Loading,
    Failed(Problem),
    /// To be opened like any other, by [`crate::intent::TalkIntent::Open`].
    Talk(Arc<TalkHead>),
}

impl Beside {
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Talk(head) => Some(head.id),
            Self::Notes | Self::Loading | Self::Failed(_) => None,
        }
    }
}

/// The list (T1): the newest entry first, as far as it is loaded.
#[derive(Debug, Clone, Default)]
pub struct TalkListView {
    pub filter: TalkFilter,
    pub heads: Arc<Vec<Arc<TalkHead>>>,
    pub counts: TalkCounts,
    /// There is more than what is loaded: [`crate::intent::TalkIntent::More`].
    pub more: bool,
    pub loading: bool,
    /// The last load failed; what is shown is from the device.
    pub problem: Option<Problem>,
}

/// Which conversations are listed; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TalkFilter {
    pub mark: Option<Mark>,
    pub position: Option<PositionId>,
    pub unread: bool,
    /// Part of a name or a position's title.
    pub text: String,
}

/// The open conversation.
#[derive(Debug, Clone)]
pub struct ConversationView {
    pub head: Arc<TalkHead>,
    /// Oldest first; what is on its way stands at the end.
    pub items: Arc<Vec<TalkItem>>,
    /// There is something before the first item: [`crate::intent::TalkIntent::Older`].
    pub has_older: bool,
    pub loading_older: bool,
    /// The other side is typing.
    pub typing: bool,
    pub resume: Option<Loadable<Arc<ResumeView>>>,
    pub marks: Option<Loadable<Arc<Vec<MarkChange>>>>,
    pub busy: Option<Loadable<Arc<Vec<Busy>>>>,
    pub search: Option<SearchView>,
    /// What was half written when it was left.
    pub draft: Arc<str>,
}

/// One line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TalkItem {
    /// The same from the local echo to the read entry.
    pub id: ChangeId,
    /// 0 while it is on its way.
    pub seq: u64,
    pub from: Side,
    /// The member's name.
    pub by: String,
    pub at: WallTime,
    pub body: ItemBody,
    pub state: SendState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemBody {
    Text(String),
    Image(Picture),
    File {
        object: ObjectId,
        name: String,
        size: u64,
    },
    Applied {
        position: String,
    },
    /// With the card as it stands now (in the head); `None`: this device does not know it yet.
    Invited(Option<InvitationCard>),
    InvitationMoved(InvitationStatus),
    /// From a newer server.
    Unknown,
}

/// A picture in a conversation. Paths are files in the app's own folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub object: ObjectId,
    pub width: u32,
    pub height: u32,
    pub thumb: Option<Arc<Path>>,
    /// After [`crate::intent::TalkIntent::OpenPicture`].
    pub full: Option<Arc<Path>>,
}

/// How far an own message is; `Received` for the other side's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendState {
    Received,
    /// On the device; goes out when there is a connection.
    Waiting,
    /// 0 to 100.
    Uploading {
        percent: u8,
    },
    Sending,
    Sent,
    Delivered,
    Read,
    /// Refused for good: `Intent::RetryChange`, `Intent::DeleteChange`.
    Failed(Problem),
}

/// Search in the messages on this device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchView {
    pub query: String,
    pub hits: Arc<Vec<Hit>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub seq: u64,
    pub from: Side,
    pub at: WallTime,
    pub text: String,
}
