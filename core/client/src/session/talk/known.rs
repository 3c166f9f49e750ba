//! What came of each conversation: keeps head and mirror together, asks for what is missing.

use super::Talk;
use crate::platform::LocalNote;
use crate::store::KeptTalk;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::{Ask, Held, Input, Output, TalkMirror};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::ClientFrame;
use std::sync::Arc;

/// A conversation that was touched in this run.
pub struct Known {
    pub head: Arc<TalkHead>,
    pub mirror: TalkMirror,
}

impl Known {
    /// The server knows how far this device has come.
    pub fn is_told(&self, side: Side) -> bool {
        let told = self.head.seen(side);
        told.merge(self.mirror.seen()) == told
    }
}

/// Left to be done outside.
pub enum Todo {
    Send(ClientFrame),
    /// Entries are to be fetched.
    Entries(ConversationId, Ask),
    /// A conversation this device knows nothing of.
    Head(ConversationId),
    /// An entry of a change made here is in its place: as good as the answer.
    Came(ChangeId, u64),
}

impl Talk {
    /// As it was stored.
    pub fn insert(&mut self, kept: KeptTalk) {
        let KeptTalk { head, held, seen } = kept;
        if self.known.contains_key(&head.id) {
            return;
        }
        let mut mirror = TalkMirror::restored(head.id, self.side, held, seen);
        mirror.handle(Timestamp(0), Input::Head { last_seq: head.last_seq, own: head.seen(self.side) });
        while mirror.poll_output().is_some() {}
        self.known.insert(head.id, Known { head: Arc::new(head), mirror });
    }

    /// A head from the server. What the other side said newly, where it did.
    pub fn head(&mut self, now: Timestamp, head: TalkHead) -> Option<LocalNote> {
        let id = head.id;
        let old = self.known.get(&id).map(|known| Arc::clone(&known.head));
        if old.as_ref().is_some_and(|old| old.pos > head.pos) {
            return None;
        }
        self.fetching.remove(&id);
        let input = Input::Head { last_seq: head.last_seq, own: head.seen(self.side) };
        let known = self.known.entry(id).or_insert_with(|| Known {
            head: Arc::new(head.clone()),
            mirror: TalkMirror::restored(id, self.side, Held::NONE, Seen::default()),
        });
        known.mirror.handle(now, input);
        let news = (old.as_ref().map_or(0, |old| old.unread) < head.unread).then(|| note(&head));
        self.reminders.look(&head);
        self.replace(old.as_deref(), head);
        self.drain(id, &[]);
        news
    }

    /// A live entry of a conversation; an unknown one is asked for.
    pub fn entry(&mut self, now: Timestamp, id: ConversationId, pos: u64, entry: Entry) -> Option<LocalNote> {
        let Some(known) = self.known.get(&id) else {
            self.want_head(id);
            return None;
        };
        let old = Arc::clone(&known.head);
        if known.mirror.is_complete() {
            self.activate(now, id);
        }
        let known = self.known.get_mut(&id)?;
        let mut head = TalkHead::clone(&old);
        head.pos = head.pos.max(pos);
        let mut news = None;
        if entry.seq > head.last_seq {
            head.last_seq = entry.seq;
            head.last = Some(entry.clone());
            if entry.from != self.side && entry.seq > known.mirror.seen().read {
                head.unread += 1;
                news = Some(note(&head));
            }
        }
        known.mirror.handle(now, Input::Entry { seq: entry.seq });
        if let Some(open) = self.open.as_mut().filter(|open| open.id == id && entry.from != self.side) {
            open.typing_until = None;
        }
        self.replace(Some(&old), head);
        self.drain(id, &[entry]);
        news
    }

    pub fn saw(&mut self, now: Timestamp, id: ConversationId, pos: u64, side: Side, seen: Seen) {
        let Some(known) = self.known.get_mut(&id) else { return self.want_head(id) };
        let old = Arc::clone(&known.head);
        let mut head = TalkHead::clone(&old);
        head.pos = head.pos.max(pos);
        let of = match side {
            Side::Candidate => &mut head.candidate_seen,
            Side::Recruiter => &mut head.recruiter_seen,
        };
        *of = of.merge(seen);
        if side == self.side {
            known.mirror.handle(now, Input::OwnSeen(seen));
        }
        self.replace(Some(&old), head);
        self.drain(id, &[]);
    }

    /// Entries up to this one were on screen.
    pub fn read(&mut self, now: Timestamp, id: ConversationId, seq: u64) {
        if let Some(known) = self.known.get_mut(&id) {
            known.mirror.handle(now, Input::Read { seq });
            self.drain(id, &[]);
        }
    }

    /// The answer to a question about entries.
    pub fn page(&mut self, now: Timestamp, id: ConversationId, ask: Ask, entries: &[Entry]) {
        let Some(known) = self.known.get_mut(&id) else { return };
        let seqs = entries.iter().map(|entry| entry.seq).collect();
        known.mirror.handle(now, Input::Page { ask, seqs });
        self.drain(id, entries);
    }

    pub fn ask_failed(&mut self, now: Timestamp, id: ConversationId, ask: Ask) {
        let Some(known) = self.known.get_mut(&id) else { return };
        known.mirror.handle(now, Input::AskFailed(ask));
        if self.catching == Some(id) {
            self.catching = None;
        }
        self.drain(id, &[]);
    }

    /// The server does not have it (any more).
    pub fn forget(&mut self, id: ConversationId) {
        self.fetching.remove(&id);
        self.behind.remove(&id);
        self.active.remove(&id);
        self.retrying.remove(&id);
        self.dirty.remove(&id);
        self.entries.retain(|(of, _)| *of != id);
        if let Some(known) = self.known.remove(&id) {
            self.unread = self.unread.saturating_sub(known.head.unread);
        }
        self.list.remove(id);
        self.tickets.gone(id);
        self.gone.push(id);
        self.list_stale = true;
    }

    /// Everything that is due.
    pub fn time(&mut self, now: Timestamp) {
        let due: Vec<_> = self.retrying.iter().copied().collect();
        for id in due {
            let Some(known) = self.known.get_mut(&id) else { continue };
            if known.mirror.poll_timeout().is_some_and(|at| at <= now) {
                known.mirror.handle(now, Input::Timeout);
                self.drain(id, &[]);
            }
        }
        if let Some(open) = &mut self.open
            && open.typing_until.is_some_and(|until| until <= now)
        {
            open.typing_until = None;
            self.open_stale = true;
        }
    }

    // ---- the connection

    pub fn link_live(&mut self, now: Timestamp) -> ClientFrame {
        self.link_down(now);
        self.live = true;
        let frame = self.inbox.live();
        self.todo.extend(self.fetching.iter().map(|id| Todo::Head(*id)));
        if let Some(id) = self.open.as_ref().map(|open| open.id) {
            self.activate(now, id);
        }
        frame
    }

    pub fn link_down(&mut self, now: Timestamp) {
        self.live = false;
        self.inbox.down();
        self.catching = None;
        for id in std::mem::take(&mut self.active) {
            if let Some(known) = self.known.get_mut(&id) {
                known.mirror.handle(now, Input::LinkDown);
                self.drain(id, &[]);
            }
        }
        self.list.not_asking();
        self.list_stale = true;
        if let Some(open) = &mut self.open {
            open.typing_until = None;
            open.loading_older = false;
            self.open_stale = true;
        }
    }

    /// From now on it asks for what is missing, and tells how far this side has come.
    pub fn activate(&mut self, now: Timestamp, id: ConversationId) {
        if !self.live {
            return;
        }
        let Some(known) = self.known.get_mut(&id) else { return };
        if self.active.insert(id) {
            known.mirror.handle(now, Input::LinkLive);
            self.drain(id, &[]);
        }
    }

    pub fn heard(&mut self, pos: u64) {
        if let Some(pos) = self.inbox.heard(pos) {
            self.position = Some(pos);
        }
    }

    pub fn told_all(&mut self, pos: u64) {
        if let Some(pos) = self.inbox.told_all(pos) {
            self.position = Some(pos);
        }
    }

    /// Asks for a conversation that nothing is known of, now or on the next connection. Until it is
    /// here the position is not stored: after a kill the server tells of it again.
    pub fn want_head(&mut self, id: ConversationId) {
        if self.fetching.insert(id) && self.live {
            self.todo.push_back(Todo::Head(id));
        }
    }

    // ---- keeping

    /// Puts a head in the place of the old one, with everything that is counted from heads.
    pub fn replace(&mut self, old: Option<&TalkHead>, mut head: TalkHead) {
        let id = head.id;
        let Some(known) = self.known.get_mut(&id) else { return };
        let own = known.mirror.seen();
        if own.read >= head.last_seq {
            // Read here; the server may not have heard of it yet.
            head.unread = 0;
        }
        let before = old.map_or(0, |old| old.unread);
        self.unread = self.unread.saturating_sub(before).saturating_add(head.unread);
        let head = Arc::new(head);
        known.head = Arc::clone(&head);
        self.list.changed(old, &head, &self.overlay);
        self.dirty.insert(id);
        self.list_stale = true;
        self.open_stale |= self.open.as_ref().is_some_and(|open| open.id == id);
    }

    /// Does what the mirror wants. `came`: the entries of this input.
    pub fn drain(&mut self, id: ConversationId, came: &[Entry]) {
        let mut seen = None;
        while let Some(output) = self.known.get_mut(&id).and_then(|known| known.mirror.poll_output()) {
            match output {
                Output::Keep { from, to } => {
                    let kept: Vec<Entry> =
                        came.iter().filter(|entry| (from..=to).contains(&entry.seq)).cloned().collect();
                    for entry in kept.iter().filter(|entry| entry.from == self.side) {
                        self.todo.push_back(Todo::Came(entry.id, entry.seq));
                    }
                    if let Some(open) = self.open.as_mut().filter(|open| open.id == id) {
                        open.add(&kept);
                        self.open_stale = true;
                    }
                    self.entries.push((id, kept));
                    self.dirty.insert(id);
                }
                Output::KeepSeen(more) => {
                    seen = Some(more);
                    self.dirty.insert(id);
                }
                Output::Ask(ask) => self.todo.push_back(Todo::Entries(id, ask)),
                Output::Send(frame) => self.todo.push_back(Todo::Send(frame)),
            }
        }
        let Some(known) = self.known.get(&id) else { return };
        if known.mirror.is_complete() && known.is_told(self.side) {
            self.behind.remove(&id);
        } else {
            self.behind.insert(id, known.head.pos);
        }
        if known.mirror.poll_timeout().is_some() {
            self.retrying.insert(id);
        } else {
            self.retrying.remove(&id);
        }
        let (older, head) = (known.mirror.is_asking(), Arc::clone(&known.head));
        self.landing.retain(|landing| landing.conversation != id || landing.seq > known.mirror.held().high);
        if let Some(open) = self.open.as_mut().filter(|open| open.id == id)
            && open.loading_older != older
        {
            open.loading_older = older;
            self.open_stale = true;
        }
        if let Some(seen) = seen
            && seen.read > head.seen(self.side).read
        {
            // The head's own mark stays the server's word: what is further must be told.
            let mut next = TalkHead::clone(&head);
            next.unread = self.unread_after(&head, seen.read);
            self.replace(Some(&head), next);
        }
    }

    /// As far as it can be counted here; the server's next head knows for sure.
    fn unread_after(&self, head: &TalkHead, read: u64) -> u32 {
        if read >= head.last_seq {
            return 0;
        }
        let shown = self.open.as_ref().filter(|open| open.id == head.id).map(|open| &open.entries);
        let others = |entry: &&Entry| entry.seq > read && entry.from != self.side;
        match shown {
            Some(entries) => head.unread.min(entries.iter().filter(others).count() as u32),
            None => head.unread,
        }
    }
}

/// What a notification says of it: from whom, never what.
fn note(head: &TalkHead) -> LocalNote {
    let from = match head.side {
        Side::Candidate => head.employer_name.clone(),
        Side::Recruiter => head.candidate_name.clone(),
    };
    LocalNote::Message { conversation: head.id, from, unread: head.unread }
}
