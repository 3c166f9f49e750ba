//! The list of conversations (T1): from the device at once, then page by page from the server. The one
//! with the newest entry is on top; what changes moves by itself.

use super::super::app::App;
use super::Talk;
use super::asks::TalkNews;
use super::send::Overlay;
use crate::store::{ListPlace, list_place, words_of_head};
use crate::view::{TalkFilter, TalkListView};
use miantan_domain::ids::ConversationId;
use miantan_domain::model::{Mark, Side, TalkHead};
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::{TALK_PAGE_LIMIT, TALK_PAGE_LIMIT_MAX, TalkCounts, TalkPage};
use std::sync::Arc;

/// How far the server's list was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Cursor {
    /// Not asked since the filter was set.
    #[default]
    Start,
    Next(String),
    End,
}

#[derive(Debug, Default)]
pub struct List {
    filter: TalkFilter,
    /// By [`list_place`], the largest first.
    rows: Vec<Arc<TalkHead>>,
    /// The device has no more that fit.
    local_end: bool,
    cursor: Cursor,
    /// Number of the question under way, and whether it began at the top.
    asking: Option<(u64, bool)>,
    pub counts: TalkCounts,
    problem: Option<Problem>,
}

impl List {
    /// Empty, with the counts of the last run.
    pub fn new(counts: TalkCounts) -> Self {
        Self { counts, ..Self::default() }
    }

    pub fn view(&self, overlay: &Overlay) -> TalkListView {
        let heads: Vec<_> = if overlay.is_empty() {
            self.rows.clone()
        } else {
            self.rows.iter().map(|head| overlay.on(head)).collect()
        };
        TalkListView {
            filter: self.filter.clone(),
            heads: Arc::new(heads),
            counts: overlay.counts(self.counts, |id| self.rows.iter().find(|row| row.id == id)),
            more: !self.local_end || matches!(self.cursor, Cursor::Next(_)),
            loading: self.asking.is_some(),
            problem: self.problem.clone(),
        }
    }

    fn fits(&self, head: &TalkHead, was_here: bool) -> bool {
        let text = self.filter.text.trim().to_lowercase();
        self.filter.mark.is_none_or(|mark| mark == head.mark)
            && self.filter.position.is_none_or(|id| head.applications.iter().any(|card| card.position == id))
            // What was just read stays where the person found it.
            && (!self.filter.unread || head.unread > 0 || was_here)
            && (text.is_empty() || words_of_head(head).contains(&text))
    }

    /// A head is another one now.
    pub fn changed(&mut self, old: Option<&TalkHead>, new: &Arc<TalkHead>, overlay: &Overlay) {
        self.count(old, new);
        let was_here = self.remove(new.id);
        if !self.fits(&overlay.on(new), was_here) {
            return;
        }
        let at = self.rows.partition_point(|row| list_place(row) > list_place(new));
        // Below what is loaded: it comes with its page.
        if at < self.rows.len() || was_here || (self.local_end && !matches!(self.cursor, Cursor::Next(_))) {
            self.rows.insert(at, Arc::clone(new));
        }
    }

    /// Whether it was there.
    pub fn remove(&mut self, id: ConversationId) -> bool {
        let at = self.rows.iter().position(|row| row.id == id);
        at.map(|at| self.rows.remove(at)).is_some()
    }

    fn add(&mut self, head: &Arc<TalkHead>, overlay: &Overlay) {
        let was_here = self.remove(head.id);
        if self.fits(&overlay.on(head), was_here) {
            let at = self.rows.partition_point(|row| list_place(row) > list_place(head));
            self.rows.insert(at, Arc::clone(head));
        }
    }

    /// Keeps the server's counts true until it counts again.
    fn count(&mut self, old: Option<&TalkHead>, new: &TalkHead) {
        let counts = &mut self.counts;
        match old {
            Some(old) => {
                if (old.unread > 0) != (new.unread > 0) {
                    let more = new.unread > 0;
                    counts.unread =
                        if more { counts.unread.saturating_add(1) } else { counts.unread.saturating_sub(1) };
                }
                if old.mark != new.mark {
                    let less = of_mark(counts, old.mark);
                    *less = less.saturating_sub(1);
                    *of_mark(counts, new.mark) += 1;
                }
            }
            // Just begun; an older one that only this device did not know is counted already.
            None if new.last_seq <= 1 => {
                counts.all += 1;
                counts.unread += u32::from(new.unread > 0);
                if new.side == Side::Recruiter {
                    *of_mark(counts, new.mark) += 1;
                }
            }
            None => {}
        }
    }

    pub fn not_asking(&mut self) {
        self.asking = None;
    }
}

pub fn of_mark(counts: &mut TalkCounts, mark: Mark) -> &mut u32 {
    match mark {
        Mark::Unmarked => &mut counts.unmarked,
        Mark::Shortlisted => &mut counts.shortlisted,
        Mark::Qualified => &mut counts.qualified,
        Mark::Eliminated => &mut counts.eliminated,
    }
}

impl Talk {
    /// The rows that came from the store.
    fn add_kept(&mut self, kept: Vec<crate::store::KeptTalk>, asked_for: usize) {
        self.list.local_end = kept.len() < asked_for;
        for kept in kept {
            let id = kept.head.id;
            self.insert(kept);
            if let Some(known) = self.known.get(&id) {
                self.list.add(&Arc::clone(&known.head), &self.overlay);
            }
        }
        self.list_stale = true;
    }
}

impl App {
    /// The first page from the device.
    pub async fn talk_first_page(&mut self) {
        self.talk_local_page(None).await;
    }

    async fn talk_local_page(&mut self, below: Option<ListPlace>) {
        let limit = TALK_PAGE_LIMIT as usize;
        let Some(talk) = self.talk() else { return };
        let (owner, filter) = (Arc::clone(&talk.owner), talk.list.filter.clone());
        let kept = self.parts.store.talks(&owner, &filter, below, limit).await;
        let Some(talk) = self.talk() else { return };
        match kept {
            Ok(kept) => talk.add_kept(kept, limit),
            Err(error) => {
                tracing::error!(%error, "the stored list cannot be read");
                talk.list.local_end = true;
            }
        }
    }

    pub async fn talk_filter(&mut self, filter: TalkFilter) {
        let Some(talk) = self.talk() else { return };
        let counts = talk.list.counts;
        talk.list = List { filter, counts, ..List::default() };
        talk.list_stale = true;
        self.talk_first_page().await;
        self.talk_reload();
    }

    /// Asks the server from the top; what is shown stays.
    pub fn talk_reload(&mut self) {
        let Some(talk) = self.talk() else { return };
        if talk.live {
            self.ask_talks(String::new(), true);
        }
    }

    pub async fn talk_more(&mut self) {
        let Some(talk) = self.talk() else { return };
        if talk.list.asking.is_some() {
            return;
        }
        if let (Cursor::Next(cursor), true) = (&talk.list.cursor, talk.live) {
            let cursor = cursor.clone();
            self.ask_talks(cursor, false);
        } else {
            let below = talk.list.rows.last().map(|row| list_place(row));
            self.talk_local_page(below).await;
        }
    }

    fn ask_talks(&mut self, cursor: String, from_top: bool) {
        let number = self.number();
        let Some(talk) = self.talk() else { return };
        talk.list.asking = Some((number, from_top));
        talk.list_stale = true;
        let filter = talk.list.filter.clone();
        let limit = if talk.first_load { TALK_PAGE_LIMIT_MAX } else { TALK_PAGE_LIMIT };
        self.talk_later(move |server| async move {
            TalkNews::Page { ask: number, result: server.talks(&filter, &cursor, limit).await }
        });
    }

    /// A page of the server's list.
    pub async fn talks_came(&mut self, ask: u64, result: Result<TalkPage, Problem>) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        let Some((_, from_top)) = talk.list.asking.take_if(|(number, _)| *number == ask) else { return };
        talk.list_stale = true;
        let page = match result {
            Ok(page) => page,
            Err(problem) => {
                talk.list.problem = Some(problem);
                return;
            }
        };
        talk.list.problem = None;
        let ids: Vec<_> = page.items.iter().map(|head| head.id).collect();
        for id in &ids {
            self.know(*id).await;
        }
        let Some(talk) = self.talk() else { return };
        for head in page.items {
            talk.head(now, head);
        }
        for id in ids {
            if let Some(known) = talk.known.get(&id) {
                talk.list.add(&Arc::clone(&known.head), &talk.overlay);
            }
        }
        talk.list.counts = page.counts;
        let write = talk.write(crate::store::TalkWrite::Counts(page.counts));
        // Asking from the top again while further pages are shown must not forget where they end.
        let known_end = from_top && talk.list.cursor != Cursor::Start;
        if !known_end {
            talk.list.cursor = page.next.map_or(Cursor::End, Cursor::Next);
        }
        let goes_on = match &talk.list.cursor {
            Cursor::Next(cursor) if talk.first_load && talk.list.filter == TalkFilter::default() => {
                Some(cursor.clone())
            }
            Cursor::End if talk.list.filter == TalkFilter::default() => {
                // Everything there is was read once: from here on the inbox tells what changes.
                talk.first_load = false;
                talk.list.local_end = true;
                None
            }
            Cursor::Start | Cursor::Next(_) | Cursor::End => None,
        };
        self.write(write);
        if let Some(cursor) = goes_on {
            self.ask_talks(cursor, false);
        }
        self.talk_do();
    }
}
