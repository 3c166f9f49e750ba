//! Fairs, for anybody: the list, the fair that is open with its stands, a stand, a position (F1, F2).
//!
//! What was seen before is shown at once, from the store, and stays while the server cannot be asked;
//! the screen is told that it may be old. Kept for anybody is only what anybody may see: what one has
//! applied for or follows is kept with the account, and goes with it.
//!
//! | file | part |
//! | --- | --- |
//! | `open` | the fair that is open: what is shown and what is asked |
//! | `came` | what the server answered |
//! | `follow` | following, through the outbox or as a device |

mod came;
mod follow;
mod open;

use super::app::App;
use super::event::Event;
use crate::intent::FairIntent;
use crate::rest::Server;
use crate::store::{FairWrite, Kind, Owner, Write};
use crate::view::{FairScreen, FairsView, Loadable, NoticeWhat};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::RefusalClass;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::{Page, Policy};
use open::Open;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Pauses between tries while something shown is old or missing, in ms.
const AGAIN_FIRST_MS: u64 = 3_000;
const AGAIN_MAX_MS: u64 = 60_000;

/// What the session knows of fairs on the server in use.
#[derive(Default)]
pub struct Fairs {
    list: Option<Loadable<Arc<Vec<FairCard>>>>,
    /// The list is the server's of this run.
    list_fresh: bool,
    open: Option<Box<Open>>,
    /// A link led to a position whose fair is not known yet.
    awaited: Option<PositionId>,
    failures: u32,
    again_at: Option<Timestamp>,
}

/// News of fairs.
pub enum FairNews {
    List(Result<Page<FairCard>, Problem>),
    Page { ask: u64, result: Result<FairPage, Problem> },
    Stands { ask: u64, more: bool, result: Result<Page<StandCard>, Problem> },
    Stand { ask: u64, employer: EmployerId, result: Result<Stand, Problem> },
    Position { ask: u64, position: PositionId, result: Result<PositionDetails, Problem> },
    Followed { ask: u64, on: bool, result: Result<(), Problem> },
    Policy(Result<Policy, Problem>),
}

impl App {
    pub async fn fair_intent(&mut self, intent: FairIntent) {
        match intent {
            FairIntent::LoadList => self.load_fairs().await,
            FairIntent::Open(fair) => self.open_fair(fair).await,
            FairIntent::Close => {
                self.fairs.open = None;
                self.fairs.awaited = None;
            }
            FairIntent::Search(text) => self.search_fair(&text),
            FairIntent::MoreStands => self.more_stands(),
            FairIntent::OpenStand(employer) => self.open_fair_stand(employer).await,
            FairIntent::CloseStand => {
                if let Some(open) = &mut self.fairs.open {
                    open.stand = None;
                }
            }
            FairIntent::OpenPosition(position) => self.open_fair_position(position).await,
            FairIntent::ClosePosition => {
                if let Some(open) = &mut self.fairs.open {
                    open.position = None;
                }
            }
            FairIntent::Follow(on) => self.follow(on),
            FairIntent::Apply { position, resume } => self.apply(position, resume),
        }
    }

    /// The server in use, as whoever is signed in, else as this installation.
    pub fn visit(&self) -> Option<Server> {
        if let Some(server) = self.rest() {
            return Some(server);
        }
        let chosen = self.choice.chosen.as_ref()?;
        Some(self.parts.http.server(&chosen.address, None).with_device(chosen.device))
    }

    /// Asks the server in use about fairs.
    fn fair_later<F>(&self, ask: impl FnOnce(Server) -> F)
    where
        F: Future<Output = FairNews> + Send + 'static,
    {
        let (Some(server), Some(chosen)) = (self.visit(), &self.choice.chosen) else { return };
        let (address, asked) = (chosen.address.clone(), ask(server));
        self.later(async move { Event::Fair { address, news: Box::new(asked.await) } });
    }

    fn anybody(&self) -> Option<Owner> {
        let chosen = self.choice.chosen.as_ref()?;
        Some(Owner { server: chosen.address.clone(), account: String::new() })
    }

    /// Under whom it is kept what this person follows.
    fn follower(&self) -> Option<Owner> {
        let account = self.account.as_ref().filter(|account| account.mine.is_some());
        match account {
            Some(account) => Some(Owner { server: account.address.clone(), account: account.key.clone() }),
            None => self.anybody(),
        }
    }

    /// What was seen last time; `None` too where it cannot be read.
    async fn seen<T>(&mut self, owner: Option<Owner>, kind: Kind, id: String) -> Option<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.store_all().await;
        match self.parts.store.seen(&owner?, kind, id).await {
            Ok(seen) => seen,
            Err(error) => {
                tracing::error!(%error, "what was seen cannot be read");
                None
            }
        }
    }

    fn keep<T: Serialize>(&mut self, owner: Option<Owner>, kind: Kind, id: String, what: &T) {
        let Some(owner) = owner else { return };
        let Ok(body) = serde_json::to_string(what) else { return };
        self.write(Write::Fair { owner: Arc::new(owner), what: FairWrite::Seen { kind, id, body } });
    }

    async fn load_fairs(&mut self) {
        if !matches!(self.fairs.list, Some(Loadable::Ready(_))) {
            let kept: Option<Vec<FairCard>> = self.seen(self.anybody(), Kind::Fairs, String::new()).await;
            self.fairs.list = Some(kept.map_or(Loadable::Loading, |kept| Loadable::Ready(Arc::new(kept))));
        }
        self.ask_fairs();
    }

    fn ask_fairs(&self) {
        self.fair_later(|server| async move { FairNews::List(server.fairs().await) });
    }

    pub async fn fair_news(&mut self, address: &str, news: FairNews) {
        if self.choice.chosen.as_ref().is_none_or(|chosen| chosen.address != address) {
            return;
        }
        match news {
            FairNews::List(result) => self.fairs_came(result),
            FairNews::Page { ask, result } => self.page_came(ask, result),
            FairNews::Stands { ask, more, result } => self.stands_came(ask, more, result),
            FairNews::Stand { ask, employer, result } => self.stand_came(ask, employer, result),
            FairNews::Position { ask, position, result } => self.position_came(ask, position, result).await,
            FairNews::Followed { ask, on, result } => self.followed(ask, on, result),
            FairNews::Policy(result) => match result {
                Ok(policy) => self.policy = Some(Loadable::Ready(Arc::new(policy))),
                Err(_) if matches!(self.policy, Some(Loadable::Ready(_))) => {}
                Err(problem) => self.policy = Some(Loadable::Failed(problem)),
            },
        }
    }

    fn fairs_came(&mut self, result: Result<Page<FairCard>, Problem>) {
        match result {
            Ok(page) => {
                self.keep(self.anybody(), Kind::Fairs, String::new(), &page.items);
                self.fairs.list = Some(Loadable::Ready(Arc::new(page.items)));
                self.fairs.list_fresh = true;
                self.fairs.failures = 0;
            }
            Err(problem) => {
                self.fair_failed(&problem);
                if !matches!(self.fairs.list, Some(Loadable::Ready(_))) {
                    self.fairs.list = Some(Loadable::Failed(problem));
                }
            }
        }
    }

    /// Terms and privacy policy, for whoever is about to agree.
    pub fn load_policy(&mut self) {
        if self.choice.chosen.is_none() {
            return;
        }
        if !matches!(self.policy, Some(Loadable::Ready(_))) {
            self.policy = Some(Loadable::Loading);
        }
        self.fair_later(|server| async move { FairNews::Policy(server.policy().await) });
    }

    /// Something could not be asked; what can pass is asked again by itself.
    fn fair_failed(&mut self, problem: &Problem) {
        tracing::info!(code = %problem.code, "about fairs, the server was not heard");
        if RefusalClass::of(problem.code) == RefusalClass::ForGood || self.fairs.again_at.is_some() {
            return;
        }
        let pause = (AGAIN_FIRST_MS << self.fairs.failures.min(8)).min(AGAIN_MAX_MS);
        self.fairs.failures += 1;
        self.fairs.again_at = Some(self.clock.now().after(problem.retry_after_ms.unwrap_or(pause)));
    }

    pub fn fairs_timeout(&self) -> Option<Timestamp> {
        self.fairs.again_at
    }

    pub fn fairs_time(&mut self) {
        if self.fairs.again_at.is_some_and(|at| at <= self.clock.now()) {
            self.fairs_again();
        }
    }

    /// The network may be back: what is old or missing on screen is asked for again.
    pub fn fairs_again(&mut self) {
        self.fairs.again_at = None;
        if self.fairs.list.is_some() && !self.fairs.list_fresh {
            self.ask_fairs();
        }
        if matches!(self.policy, Some(Loadable::Failed(_))) {
            self.load_policy();
        }
        if let Some(position) = self.fairs.awaited {
            self.ask_position(position);
        }
        self.fair_again();
    }

    /// Someone else looks from now on: nothing of the last person stays on what is shown.
    pub fn fairs_for_another(&mut self) {
        let ask = self.number();
        let Some(open) = &mut self.fairs.open else { return };
        open.forget_person(ask);
        self.ask_page();
        self.ask_stands();
        self.ask_beside();
    }

    pub fn fairs_view(&self) -> FairsView {
        let open = self.fairs.open.as_ref().map(|open| {
            let followed = self.follows(open);
            Box::new(FairScreen {
                fair: open.fair,
                page: open.shown_page(followed),
                stale: open.is_stale(),
                search: open.search.clone(),
                stands: open.stands.clone(),
                more: open.next.is_some(),
                loading_more: open.loading_more,
                followed,
                stand: open.stand.as_ref().map(|(_, stand)| stand.clone()),
                position: open.position.as_ref().map(|(_, position)| position.clone()),
            })
        });
        FairsView { list: self.fairs.list.clone(), open }
    }

    fn fair_refused(&mut self, problem: Problem) {
        self.notices.tell(NoticeWhat::Refused(problem));
    }
}
