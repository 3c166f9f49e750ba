//! The talk hall (T1-T4) and a candidate's 洽谈: the list, an open conversation, résumé, invitation.

mod answers;
mod beside;
mod busy;
mod card;
mod conversation;
mod head;
mod invite;
mod item;
mod lines;
mod list;
mod marks;
mod messages;
mod more;
mod resume;
mod row;
mod scroller;
pub(super) mod times;
mod viewer;
pub(super) mod words;

pub use answers::TextArea;
pub use beside::{TalkSheet, TicketMessages, unread_beside};
pub use conversation::Conversation;
pub use list::TalkList;
pub use resume::{ResumeBody, ResumeFiles};

use dioxus::prelude::*;
use miantan_client::view::{AppView, ConversationView};
use miantan_domain::ids::{ConversationId, ObjectId};
use miantan_domain::model::InvitationCard;
use miantan_domain::wire::rest::FILE_MAX_BYTES;

/// What lies over an open conversation.
#[derive(Debug, Clone, PartialEq, Default)]
enum Over {
    #[default]
    Nothing,
    Menu,
    Mark,
    MarkHistory,
    Search,
    Report,
    Block,
    /// A new invitation, or other terms for one.
    Invite(Option<Box<InvitationCard>>),
    Decline(Box<InvitationCard>),
    AskToMove(Box<InvitationCard>),
    Withdraw(Box<InvitationCard>),
    Picture(ObjectId),
    /// An `https` address in a text, before it is opened.
    Link(String),
}

/// What all parts of an open conversation share. Cheap to copy.
#[derive(Clone, Copy)]
struct Desk {
    over: Signal<Over>,
    /// The message to go to, and how often that was wanted.
    goal: Signal<Option<(u64, u64)>>,
    /// A file that was not taken, in words.
    problem: Signal<Option<String>>,
}

fn use_desk() -> Desk {
    use_context()
}

impl Desk {
    fn show(mut self, over: Over) {
        self.over.set(over);
    }

    fn close(mut self) {
        self.over.set(Over::Nothing);
    }

    fn go_to(mut self, seq: u64) {
        let times = self.goal.peek().map_or(0, |(_, times)| times);
        self.goal.set(Some((seq, times + 1)));
    }
}

fn open_talk(view: &AppView) -> Option<&ConversationView> {
    view.talk.open.as_deref()
}

fn open_id(view: &AppView) -> Option<ConversationId> {
    open_talk(view).map(|open| open.head.id)
}

/// Largest file that can be sent, in whole MiB, for the words.
const FILE_MAX_MIB: u64 = FILE_MAX_BYTES / (1024 * 1024);
