//! Wishes about conversations.

use crate::view::TalkFilter;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use std::sync::Arc;

#[derive(Clone, PartialEq)]
pub enum TalkIntent {
    // the list
    Filter(TalkFilter),
    /// Load more of the list.
    More,
    Reload,
    Open(ConversationId),
    Close,
    // the open conversation
    Older,
    /// Entries up to this one are on screen.
    Seen {
        seq: u64,
    },
    /// A key was pressed; the session says so to the other side now and then.
    Typing,
    /// What is half written, to be there again after a restart; empty: nothing.
    Draft {
        conversation: ConversationId,
        text: String,
    },
    Say {
        text: String,
    },
    /// A picture as chosen; the session turns it upright, makes it at most 2,048 px and strips what
    /// the camera wrote into it.
    SendImage {
        name: String,
        bytes: Arc<[u8]>,
    },
    SendFile {
        name: String,
        bytes: Arc<[u8]>,
    },
    /// Fetch the whole picture.
    OpenPicture(ObjectId),
    /// Fetch a file and put it where the person finds it; told by a notice.
    Download {
        object: ObjectId,
        name: String,
    },
    Search(String),
    CloseSearch,
    /// Show the history around this entry.
    GoTo {
        seq: u64,
    },
    Report {
        reason: String,
    },
    /// Ask again which conversation belongs to the ticket at hand.
    LoadBeside,
    // recruiter; `conversation` where it can be done from the list
    Mark {
        conversation: ConversationId,
        mark: Mark,
    },
    LoadMarks,
    OpenResume(ConversationId),
    CloseResume,
    /// The online résumé as PDF.
    DownloadResume(ConversationId),
    /// What is taken in this time (for the invitation dialog).
    LoadBusy {
        from: WallTime,
        to: WallTime,
    },
    Invite {
        terms: InvitationTerms,
    },
    Amend {
        invitation: InvitationId,
        revision: u32,
        terms: InvitationTerms,
    },
    Withdraw {
        invitation: InvitationId,
        reason: String,
    },
    // candidate; `conversation`: also from 我的面试
    Accept {
        conversation: ConversationId,
        invitation: InvitationId,
        revision: u32,
    },
    Decline {
        conversation: ConversationId,
        invitation: InvitationId,
        revision: u32,
        reason: String,
    },
    AskToMove {
        conversation: ConversationId,
        invitation: InvitationId,
        revision: u32,
        note: String,
        times: Vec<WallTime>,
    },
    /// The calendar file, put where the person finds it.
    SaveCalendar {
        conversation: ConversationId,
        invitation: InvitationId,
    },
    Block {
        conversation: ConversationId,
        on: bool,
    },
}
