//! Conversations (洽谈) of whoever is signed in: the list, the open one, what is on its way.
//!
//! Drives `rules::talk`: one [`InboxMirror`] for everything, a mirror for each conversation that was
//! touched. What is shown comes from the device first; the server fills in what is missing. Heads,
//! entries, seen-marks and the inbox's position of one turn of the loop are stored together.
//!
//! | file | part |
//! | --- | --- |
//! | `known` | heads and mirrors: what came, what to ask for |
//! | `catch_up` | brings conversations from the store, fetches what is missing |
//! | `list` | the list with its filter (T1) |
//! | `open` | the open conversation as it is shown |
//! | `send` | what the person does, and how it looks before the server has said yes |
//! | `asks` | what is asked of the server and what came of it |
//! | `files`, `upload`, `fetch` | pictures and files: made ready, sent, fetched |
//! | `beside` | which conversation belongs to a room, a sheet, a call |
//! | `remind` | interviews that begin soon |
//!
//! Never here: SQL, HTTP, deciding what a command may do (`rules::talk` on the server).

mod asks;
mod beside;
mod catch_up;
mod fetch;
mod files;
mod known;
mod list;
mod open;
mod remind;
mod send;
mod upload;

pub use asks::TalkNews;
use asks::talk_event;
use beside::Tickets;
pub use files::find as find_file;

use super::app::App;
use crate::intent::TalkIntent;
use crate::store::{Owner, TalkStart, TalkWrite, Write};
use crate::view::{ConversationView, NoticeWhat, TalkView};
use files::Files;
use known::{Known, Todo};
use list::List;
use miantan_domain::ids::*;
use miantan_domain::model::{Entry, Side};
use miantan_domain::rules::link::Generation;
use miantan_domain::rules::talk::InboxMirror;
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::wire::live::ServerFrame;
use open::Open;
use remind::Reminders;
use send::Overlay;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What the session knows of conversations.
pub struct Talk {
    owner: Arc<Owner>,
    side: Side,
    /// The member's name, for what is on its way.
    by: String,
    live: bool,
    inbox: InboxMirror,
    /// To be stored with the next heads.
    position: Option<u64>,
    /// The position is worth nothing until every page of the list was fetched once.
    first_load: bool,
    /// Those touched in this run; all others are in the store only.
    known: BTreeMap<ConversationId, Known>,
    /// Entries are missing; with the head's `pos`.
    behind: BTreeMap<ConversationId, u64>,
    /// Told of the live connection.
    active: BTreeSet<ConversationId>,
    /// A failed question is due again at some time.
    retrying: BTreeSet<ConversationId>,
    /// The one whose entries are fetched in the background.
    catching: Option<ConversationId>,
    /// Heads being asked for, or to be asked for on the next connection.
    fetching: BTreeSet<ConversationId>,
    dirty: BTreeSet<ConversationId>,
    gone: Vec<ConversationId>,
    entries: Vec<(ConversationId, Vec<Entry>)>,
    todo: VecDeque<Todo>,
    unread: u32,
    list: List,
    open: Option<Open>,
    /// To be opened as soon as its head is here.
    opening: Option<ConversationId>,
    /// Accepted, and the entry is not here yet.
    landing: Vec<send::Landing>,
    overlay: Overlay,
    files: Files,
    reminders: Reminders,
    tickets: Tickets,
    /// Something could not be stored: what comes later would leave holes, so nothing more is stored.
    unsound: bool,
    view: TalkView,
    list_stale: bool,
    open_stale: bool,
}

impl Talk {
    pub fn new(owner: Arc<Owner>, side: Side, by: String, start: TalkStart) -> Self {
        let TalkStart { pos, counts, unread, behind, interviews } = start;
        let mut talk = Self {
            owner,
            side,
            by,
            live: false,
            inbox: InboxMirror::restored(pos),
            position: None,
            first_load: side == Side::Candidate && pos.is_none(),
            known: BTreeMap::new(),
            behind: behind.into_iter().collect(),
            active: BTreeSet::new(),
            retrying: BTreeSet::new(),
            catching: None,
            fetching: BTreeSet::new(),
            dirty: BTreeSet::new(),
            gone: Vec::new(),
            entries: Vec::new(),
            todo: VecDeque::new(),
            unread,
            list: List::new(counts),
            open: None,
            opening: None,
            landing: Vec::new(),
            overlay: Overlay::default(),
            files: Files::default(),
            reminders: Reminders::default(),
            tickets: Tickets::default(),
            unsound: false,
            view: TalkView::default(),
            list_stale: true,
            open_stale: true,
        };
        for kept in interviews {
            talk.reminders.look(&kept.head);
            talk.insert(kept);
        }
        talk
    }

    /// A write failed: the store has a consistent past, and must keep it.
    pub fn not_stored(&mut self) {
        self.unsound = true;
    }

    fn write(&self, what: TalkWrite) -> Write {
        Write::Talk { owner: Arc::clone(&self.owner), what }
    }

    /// What is to be stored of this turn: heads first, then their entries, the position last.
    fn take_writes(&mut self) -> Vec<Write> {
        let mut writes = Vec::new();
        for id in std::mem::take(&mut self.dirty) {
            let Some(known) = self.known.get(&id) else { continue };
            let head = Arc::clone(&known.head);
            let (held, seen) = (known.mirror.held(), known.mirror.seen());
            writes.push(self.write(TalkWrite::Head { head, held, seen }));
        }
        for (conversation, entries) in std::mem::take(&mut self.entries) {
            writes.push(self.write(TalkWrite::Entries { conversation, entries }));
        }
        for id in std::mem::take(&mut self.gone) {
            writes.push(self.write(TalkWrite::Gone(id)));
        }
        if !self.first_load
            && self.fetching.is_empty()
            && let Some(pos) = self.position.take()
        {
            writes.push(self.write(TalkWrite::Position(pos)));
        }
        if self.unsound {
            writes.clear();
        }
        writes
    }
}

impl App {
    fn talk(&mut self) -> Option<&mut Talk> {
        self.account.as_mut().map(|account| &mut account.talk)
    }

    /// What the store has of an account's conversations.
    pub async fn restore_talk(&mut self, owner: Owner, side: Side, by: String) -> Talk {
        self.store_all().await;
        let now = self.clock.wall();
        let start = match self.parts.store.talk_start(&owner, now).await {
            Ok(start) => start,
            Err(error) => {
                tracing::error!(%error, "the stored conversations cannot be read");
                self.notices.tell(NoticeWhat::StorageFailed);
                TalkStart::default()
            }
        };
        Talk::new(Arc::new(owner), side, by, start)
    }

    pub async fn talk_intent(&mut self, intent: TalkIntent) {
        match intent {
            TalkIntent::Filter(filter) => self.talk_filter(filter).await,
            TalkIntent::More => self.talk_more().await,
            TalkIntent::Reload => self.talk_reload(),
            TalkIntent::Open(conversation) => self.talk_open(conversation).await,
            TalkIntent::Close => self.talk_close(),
            TalkIntent::Older => self.talk_older().await,
            TalkIntent::Seen { seq } => self.talk_read(seq),
            TalkIntent::Typing => self.talk_typing(),
            TalkIntent::Draft { conversation, text } => self.keep_draft(conversation, &text),
            TalkIntent::Search(query) => self.talk_search(query),
            TalkIntent::CloseSearch => self.talk_close_search(),
            TalkIntent::GoTo { seq } => self.talk_go_to(seq).await,
            TalkIntent::SendImage { bytes, .. } => self.send_image(&bytes),
            TalkIntent::SendFile { name, bytes } => self.send_file(&name, &bytes),
            TalkIntent::OpenPicture(object) => self.open_picture(object),
            TalkIntent::Download { object, name } => self.download(object, name),
            TalkIntent::DownloadResume(conversation) => self.download_resume(conversation).await,
            TalkIntent::SaveCalendar { conversation, invitation } => {
                self.save_calendar(conversation, invitation).await;
            }
            TalkIntent::LoadBeside => self.load_beside(),
            TalkIntent::LoadMarks => self.load_marks(),
            TalkIntent::OpenResume(conversation) => self.open_resume(conversation).await,
            TalkIntent::CloseResume => self.close_resume(),
            TalkIntent::LoadBusy { from, to } => self.load_busy(from, to),
            TalkIntent::Report { reason } => self.report(reason),
            intent @ (TalkIntent::Say { .. }
            | TalkIntent::Mark { .. }
            | TalkIntent::Invite { .. }
            | TalkIntent::Amend { .. }
            | TalkIntent::Withdraw { .. }
            | TalkIntent::Accept { .. }
            | TalkIntent::Decline { .. }
            | TalkIntent::AskToMove { .. }
            | TalkIntent::Block { .. }) => self.talk_change(intent).await,
        }
    }

    /// Heads, entries, seen-marks, typing and the inbox's position.
    pub async fn talk_frame(&mut self, frame: ServerFrame) {
        let now = self.clock.now();
        match frame {
            ServerFrame::Head(head) => {
                self.know(head.id).await;
                let Some(talk) = self.talk() else { return };
                let pos = head.pos;
                let news = talk.head(now, *head);
                talk.heard(pos);
                self.talk_came(news);
            }
            ServerFrame::Entry { conversation, pos, entry } => {
                self.know(conversation).await;
                let Some(talk) = self.talk() else { return };
                let news = talk.entry(now, conversation, pos, entry);
                talk.heard(pos);
                self.talk_came(news);
            }
            ServerFrame::Seen { conversation, pos, side, seen } => {
                self.know(conversation).await;
                let Some(talk) = self.talk() else { return };
                talk.saw(now, conversation, pos, side, seen);
                talk.heard(pos);
            }
            ServerFrame::Typing { conversation, side } => {
                if let Some(talk) = self.talk() {
                    talk.types(now, conversation, side);
                }
            }
            ServerFrame::Inbox { pos } => {
                if let Some(talk) = self.talk() {
                    talk.told_all(pos);
                }
            }
            _ => {}
        }
        self.talk_do();
    }

    /// A connection was greeted: the question about what was missed goes out before anything else.
    pub fn talk_live(&mut self, generation: Generation) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        let frame = talk.link_live(now);
        self.frame(generation, frame);
        self.talk_reload();
        self.resume_uploads();
        self.fetch_again();
        self.tickets_live();
        self.talk_do();
    }

    pub fn talk_down(&mut self) {
        let now = self.clock.now();
        if let Some(talk) = self.talk() {
            talk.link_down(now);
        }
    }

    /// When something is to be done although nothing happens.
    pub fn talk_timeout(&self) -> Option<Timestamp> {
        let talk = &self.account.as_ref()?.talk;
        let moment = self.clock.moment();
        let mirrors = talk.retrying.iter().filter_map(|id| talk.known.get(id)?.mirror.poll_timeout());
        let typing = talk.open.as_ref().and_then(|open| open.typing_until);
        let remind = talk.reminders.next().map(|at| moment.timestamp_of(at));
        mirrors.chain(typing).chain(talk.files.again_at()).chain(remind).min()
    }

    pub fn talk_time(&mut self) {
        let moment = self.clock.moment();
        let Some(talk) = self.talk() else { return };
        talk.time(moment.now);
        self.resume_uploads_when_due();
        self.remind(moment.wall);
        self.talk_do();
    }

    /// Before the view is made: goes on catching up, and shows and stores what changed.
    pub async fn freshen_talk(&mut self) {
        self.catch_up().await;
        self.freshen_beside().await;
        self.talk_do();
        let Some(account) = &mut self.account else { return };
        let talk = &mut account.talk;
        if std::mem::take(&mut talk.list_stale) {
            talk.view.list = talk.list.view(&talk.overlay);
        }
        talk.view.unread = talk.unread;
        if std::mem::take(&mut talk.open_stale) {
            self.fetch_thumbs();
            let Some(account) = &mut self.account else { return };
            let shown = account.talk.open_view(&account.outbox);
            account.talk.view.open = shown.map(Box::<ConversationView>::new);
        }
        let Some(talk) = self.talk() else { return };
        let writes = talk.take_writes();
        for write in writes {
            self.write(write);
        }
    }

    pub fn talk_view(&self) -> TalkView {
        self.account.as_ref().map(|account| account.talk.view.clone()).unwrap_or_default()
    }

    /// The server's wall time, for what is shown before the server has said when it was.
    fn wall(&self) -> WallTime {
        self.clock.wall()
    }
}
