//! Following a fair: a candidate's account through the outbox, so that it works offline; everybody
//! else as this installation, at once or not at all.

use super::super::app::App;
use super::FairNews;
use super::open::Open;
use crate::store::Kind;
use miantan_domain::ids::*;
use miantan_domain::rules::outbox;
use miantan_domain::wire::Problem;
use miantan_domain::wire::live::Change;

impl App {
    /// As the person sees it: what is on its way counts.
    pub(super) fn follows(&self, open: &Open) -> bool {
        let mine = self.account.as_ref().and_then(|account| account.mine.as_ref());
        let waiting = mine.and_then(|mine| mine.follows.get(&open.fair).copied());
        waiting.or(open.wanted).unwrap_or(open.followed)
    }

    pub fn follow(&mut self, on: bool) {
        let Some(open) = &self.fairs.open else { return };
        if self.follows(open) == on {
            return;
        }
        let (fair, ask) = (open.fair, open.ask_number());
        if self.account.as_ref().is_some_and(|account| account.mine.is_some()) {
            self.own_change(Change::Follow { fair, on });
            return;
        }
        if let Some(open) = &mut self.fairs.open {
            open.wanted = Some(on);
        }
        self.fair_later(move |server| async move {
            FairNews::Followed { ask, on, result: server.follow(fair, on).await }
        });
    }

    /// What came of it as an installation.
    pub fn followed(&mut self, ask: u64, on: bool, result: Result<(), Problem>) {
        let Some(open) = self.fairs.open.as_mut().filter(|open| open.is(ask)) else { return };
        if open.wanted == Some(on) {
            open.wanted = None;
        }
        match result {
            Ok(()) => {
                let fair = open.fair;
                self.follow_settled(fair, on);
            }
            Err(problem) => self.fair_refused(problem),
        }
    }

    /// The server has taken a follow.
    pub fn follow_settled(&mut self, fair: FairId, on: bool) {
        if let Some(open) = self.fairs.open.as_mut().filter(|open| open.fair == fair) {
            open.set_followed(on);
            if let Some(page) = open.kept_page() {
                self.keep(self.anybody(), Kind::Page, fair.to_string(), &page);
            }
        }
        self.keep(self.follower(), Kind::Followed, fair.to_string(), &on);
    }

    /// Adds a change of one's own to the outbox; `None`: it is full, and the person was told.
    pub fn own_change(&mut self, change: Change) -> Option<ChangeId> {
        let (unix_ms, random) = self.id_parts();
        let id = ChangeId::from_parts(unix_ms, &random);
        let account = self.account.as_mut()?;
        account.changes.insert(id, change.clone());
        self.outbox(outbox::Input::Add { id, change, waits: false });
        self.account.as_ref().filter(|account| account.changes.contains_key(&id)).map(|_| id)
    }
}
