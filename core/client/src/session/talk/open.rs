//! The open conversation: a window on its entries that ends at the newest one, and what is on its way
//! behind it. The window begins with the last [`SHOWN`] entries of the device, however long the
//! history is, and grows backwards as the person goes back.

use super::super::app::App;
use super::Talk;
use super::asks::TalkNews;
use crate::store::{FairWrite, Kind, Write};
use crate::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::Outbox;
use miantan_domain::rules::talk::Input;
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::{ClientFrame, TYPING_EVERY_MS};
use miantan_domain::wire::rest::{Busy, MarkChange, ResumeView};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Entries shown at first, and read from the device at once when the person goes back.
pub const SHOWN: u64 = 60;
/// Most hits of a search.
const HITS_MAX: usize = 200;
/// Entries shown before a hit.
const BEFORE_HIT: u64 = 20;

pub struct Open {
    pub id: ConversationId,
    /// In order, without a hole.
    pub entries: Vec<Entry>,
    /// The server is asked for older ones.
    pub loading_older: bool,
    pub typing_until: Option<Timestamp>,
    /// When the other side was last told of typing here.
    typed_at: Option<Timestamp>,
    pub resume: Option<Loadable<Arc<ResumeView>>>,
    pub marks: Option<Loadable<Arc<Vec<MarkChange>>>>,
    pub busy: Option<Loadable<Arc<Vec<Busy>>>>,
    /// What was found, with what it was asked with.
    pub search: Option<SearchView>,
    /// What is being searched for.
    searching: String,
    pub draft: Arc<str>,
}

impl Open {
    fn new(id: ConversationId, entries: Vec<Entry>, draft: Arc<str>) -> Self {
        Self {
            id,
            entries,
            loading_older: false,
            typing_until: None,
            typed_at: None,
            resume: None,
            marks: None,
            busy: None,
            search: None,
            searching: String::new(),
            draft,
        }
    }

    /// Entries that came; those that do not touch the window are read from the device later.
    pub fn add(&mut self, more: &[Entry]) {
        let (Some(first), Some(last)) = (more.first(), more.last()) else { return };
        match (self.entries.first(), self.entries.last()) {
            (Some(top), _) if last.seq + 1 == top.seq => {
                self.entries.splice(0..0, more.iter().cloned());
            }
            (_, Some(bottom)) if first.seq == bottom.seq + 1 => self.entries.extend_from_slice(more),
            (None, None) => self.entries = more.to_vec(),
            _ => {}
        }
    }

    fn low(&self) -> Option<u64> {
        self.entries.first().map(|entry| entry.seq)
    }
}

impl Talk {
    /// The other side is typing.
    pub fn types(&mut self, now: Timestamp, id: ConversationId, side: Side) {
        if let Some(open) = self.open.as_mut().filter(|open| open.id == id && side != self.side) {
            open.typing_until = Some(now.after(2 * TYPING_EVERY_MS));
            self.open_stale = true;
        }
    }

    pub fn open_view(&self, outbox: &Outbox) -> Option<ConversationView> {
        let open = self.open.as_ref()?;
        let known = self.known.get(&open.id)?;
        let head = self.overlay.on(&known.head);
        let low = open.low();
        Some(ConversationView {
            items: Arc::new(self.items(open, &head, outbox)),
            has_older: low.is_some_and(|low| low > known.mirror.held().low) || known.mirror.has_older(),
            head,
            loading_older: open.loading_older,
            typing: open.typing_until.is_some(),
            resume: open.resume.clone(),
            marks: open.marks.clone(),
            busy: open.busy.clone(),
            search: open.search.clone(),
            draft: Arc::clone(&open.draft),
        })
    }

    fn items(&self, open: &Open, head: &TalkHead, outbox: &Outbox) -> Vec<TalkItem> {
        let theirs = head.seen(self.side.other());
        let mut items: Vec<TalkItem> = Vec::with_capacity(open.entries.len() + 8);
        let mut own = BTreeSet::new();
        for entry in &open.entries {
            let state = if entry.from != self.side {
                SendState::Received
            } else if theirs.read >= entry.seq {
                SendState::Read
            } else if theirs.delivered >= entry.seq {
                SendState::Delivered
            } else {
                SendState::Sent
            };
            if entry.from == self.side {
                own.insert(entry.id);
            }
            items.push(TalkItem {
                id: entry.id,
                seq: entry.seq,
                from: entry.from,
                by: entry.by.clone(),
                at: entry.at,
                body: self.body(&entry.body, head),
                state,
            });
        }
        items.extend(self.on_the_way(open.id, head, outbox).filter(|item| !own.contains(&item.id)));
        items
    }

    pub fn body(&self, body: &EntryBody, head: &TalkHead) -> ItemBody {
        let card = |id: InvitationId| head.invitations.iter().find(|card| card.id == id).cloned();
        match body {
            EntryBody::Text { text } => ItemBody::Text(text.clone()),
            EntryBody::Image { object, width, height } => {
                ItemBody::Image(self.files.picture(*object, *width, *height))
            }
            EntryBody::File { object, name, size } => {
                ItemBody::File { object: *object, name: name.clone(), size: *size }
            }
            EntryBody::Applied { position, .. } => ItemBody::Applied { position: position.clone() },
            EntryBody::Invited { invitation } => ItemBody::Invited(card(*invitation)),
            EntryBody::InvitationMoved { to, .. } => ItemBody::InvitationMoved(to.clone()),
            EntryBody::Unknown => ItemBody::Unknown,
        }
    }
}

impl App {
    /// Shows a conversation: from the device where it is known, else as soon as the server told of it.
    pub async fn talk_open(&mut self, id: ConversationId) {
        let now = self.clock.now();
        let known = self.know(id).await;
        let Some(talk) = self.talk() else { return };
        talk.open_stale = true;
        if talk.open.as_ref().is_some_and(|open| open.id == id) {
            return;
        }
        talk.open = None;
        if !known {
            talk.opening = Some(id);
            talk.want_head(id);
            if !talk.live {
                self.notices.tell(NoticeWhat::Refused(ProblemCode::Offline.into()));
            }
            self.talk_do();
            return;
        }
        talk.opening = None;
        let held = talk.known[&id].mirror.held();
        let entries =
            self.read_entries(id, held.high.saturating_sub(SHOWN - 1).max(held.low), held.high).await;
        let draft = self.talk_draft(id).await;
        let Some(talk) = self.talk() else { return };
        talk.open = Some(Open::new(id, entries, draft));
        talk.activate(now, id);
        self.talk_do();
    }

    async fn read_entries(&mut self, id: ConversationId, from: u64, to: u64) -> Vec<Entry> {
        if to < from {
            return Vec::new();
        }
        let Some(talk) = self.talk() else { return Vec::new() };
        let owner = Arc::clone(&talk.owner);
        match self.parts.store.talk_entries(&owner, id, from, to).await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::error!(%error, "stored messages cannot be read");
                Vec::new()
            }
        }
    }

    async fn talk_draft(&mut self, id: ConversationId) -> Arc<str> {
        let Some(owner) = self.talk().map(|talk| Arc::clone(&talk.owner)) else { return "".into() };
        match self.parts.store.seen::<String>(&owner, Kind::Draft, id.to_string()).await {
            Ok(draft) => draft.unwrap_or_default().into(),
            Err(error) => {
                tracing::error!(%error, "what was half written cannot be read");
                "".into()
            }
        }
    }

    /// Kept on this device, with the conversation's owner and for as long.
    pub fn keep_draft(&mut self, conversation: ConversationId, text: &str) {
        let Some(talk) = self.talk() else { return };
        if let Some(open) = talk.open.as_mut().filter(|open| open.id == conversation) {
            open.draft = text.into();
            talk.open_stale = true;
        }
        let (kind, id) = (Kind::Draft, conversation.to_string());
        let what = if text.trim().is_empty() {
            FairWrite::Unseen { kind, id }
        } else {
            FairWrite::Seen { kind, id, body: serde_json::Value::from(text).to_string() }
        };
        let write = Write::Fair { owner: Arc::clone(&talk.owner), what };
        self.write(write);
    }

    pub fn talk_close(&mut self) {
        if let Some(talk) = self.talk() {
            talk.open = None;
            talk.opening = None;
            talk.open_stale = true;
        }
    }

    /// The person goes back: from the device as far as it has them, then from the server.
    pub async fn talk_older(&mut self) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        let Some(open) = &talk.open else { return };
        let (id, low) = (open.id, open.low());
        let Some(held) = talk.known.get(&id).map(|known| known.mirror.held()) else { return };
        if let Some(low) = low.filter(|low| *low > held.low) {
            self.show_from(id, low.saturating_sub(SHOWN).max(held.low), low - 1).await;
            return;
        }
        talk.activate(now, id);
        if let Some(known) = talk.known.get_mut(&id) {
            known.mirror.handle(now, Input::Older);
        }
        talk.drain(id, &[]);
        self.talk_do();
    }

    /// Grows the window backwards.
    async fn show_from(&mut self, id: ConversationId, from: u64, to: u64) {
        let entries = self.read_entries(id, from, to).await;
        let Some(talk) = self.talk() else { return };
        if let Some(open) = talk.open.as_mut().filter(|open| open.id == id) {
            open.add(&entries);
            talk.open_stale = true;
        }
    }

    pub async fn talk_go_to(&mut self, seq: u64) {
        let Some(talk) = self.talk() else { return };
        let Some(open) = &talk.open else { return };
        let (id, low) = (open.id, open.low());
        let Some(held) = talk.known.get(&id).map(|known| known.mirror.held()) else { return };
        let from = seq.saturating_sub(BEFORE_HIT).max(held.low);
        if let Some(low) = low.filter(|low| from < *low) {
            self.show_from(id, from, low - 1).await;
        }
    }

    pub fn talk_read(&mut self, seq: u64) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        if let Some(id) = talk.open.as_ref().map(|open| open.id) {
            talk.read(now, id, seq);
        }
        self.talk_do();
    }

    pub fn talk_typing(&mut self) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        let Some(open) = talk.open.as_mut().filter(|_| talk.live) else { return };
        if open.typed_at.is_some_and(|at| now.since(at) < TYPING_EVERY_MS) {
            return;
        }
        open.typed_at = Some(now);
        let conversation = open.id;
        self.send(ClientFrame::Typing { conversation });
    }

    // ---- search

    pub fn talk_search(&mut self, query: String) {
        let Some(talk) = self.talk() else { return };
        let Some(open) = &mut talk.open else { return };
        open.searching.clone_from(&query);
        talk.open_stale = true;
        if query.trim().is_empty() {
            open.search = Some(SearchView { query, hits: Arc::default() });
            return;
        }
        open.search.get_or_insert_default();
        let (owner, id, account) = (Arc::clone(&talk.owner), open.id, self.talk_account());
        let store = self.parts.store.clone();
        self.later(async move {
            let found = store.talk_search(&owner, id, &query, HITS_MAX).await;
            let entries = found.unwrap_or_else(|error| {
                tracing::error!(%error, "stored messages cannot be searched");
                Vec::new()
            });
            super::talk_event(account, TalkNews::Found { conversation: id, query, entries })
        });
    }

    pub fn talk_found(&mut self, id: ConversationId, query: &str, entries: Vec<Entry>) {
        let Some(talk) = self.talk() else { return };
        let Some(open) = talk.open.as_mut().filter(|open| open.id == id) else { return };
        // An answer to what is not asked any more.
        if open.searching != query {
            return;
        }
        let hits = entries.into_iter().map(|entry| {
            let text = match entry.body {
                EntryBody::Text { text } => text,
                EntryBody::File { name, .. } => name,
                EntryBody::Applied { position, .. } => position,
                EntryBody::Image { .. }
                | EntryBody::Invited { .. }
                | EntryBody::InvitationMoved { .. }
                | EntryBody::Unknown => String::new(),
            };
            Hit { seq: entry.seq, from: entry.from, at: entry.at, text }
        });
        let hits = Arc::new(hits.collect());
        // None: closed meanwhile.
        if let Some(search) = &mut open.search {
            *search = SearchView { query: query.to_owned(), hits };
        }
        talk.open_stale = true;
    }

    pub fn talk_close_search(&mut self) {
        let Some(talk) = self.talk() else { return };
        if let Some(open) = &mut talk.open {
            open.search = None;
            talk.open_stale = true;
        }
    }

    // ---- beside the conversation

    pub fn load_busy(&mut self, from: WallTime, to: WallTime) {
        let Some(open) = self.talk().and_then(|talk| talk.open.as_mut()) else { return };
        let id = open.id;
        open.busy = Some(Loadable::Loading);
        self.talk_later(move |server| async move {
            TalkNews::Busy { conversation: id, result: server.busy(id, from, to).await }
        });
        self.talk_changed();
    }

    pub fn load_marks(&mut self) {
        let Some(open) = self.talk().and_then(|talk| talk.open.as_mut()) else { return };
        let id = open.id;
        if !matches!(open.marks, Some(Loadable::Ready(_))) {
            open.marks = Some(Loadable::Loading);
        }
        self.talk_later(move |server| async move {
            TalkNews::Marks { conversation: id, result: server.marks(id).await }
        });
        self.talk_changed();
    }

    pub async fn open_resume(&mut self, id: ConversationId) {
        self.talk_open(id).await;
        let Some(open) = self.talk().and_then(|talk| talk.open.as_mut()) else { return };
        if open.id != id {
            return;
        }
        if !matches!(open.resume, Some(Loadable::Ready(_))) {
            open.resume = Some(Loadable::Loading);
        }
        self.talk_later(move |server| async move {
            TalkNews::Resume { conversation: id, result: server.resume(id).await }
        });
        self.talk_changed();
    }

    pub fn close_resume(&mut self) {
        if let Some(open) = self.talk().and_then(|talk| talk.open.as_mut()) {
            open.resume = None;
        }
        self.talk_changed();
    }

    pub fn talk_changed(&mut self) {
        if let Some(talk) = self.talk() {
            talk.open_stale = true;
        }
    }
}
