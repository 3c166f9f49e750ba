//! The fair that is open.

use super::super::app::App;
use super::{FairNews, Fairs};
use crate::store::Kind;
use crate::view::Loadable;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::SEARCH_MAX_CHARS;
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;

/// See the module's page.
pub struct Open {
    pub fair: FairId,
    /// Tells answers for this person from earlier ones.
    pub ask: u64,
    pub page: Loadable<Arc<FairPage>>,
    pub page_fresh: bool,
    pub search: String,
    /// Of the list: a search makes a new one.
    pub stands_ask: u64,
    pub stands: Loadable<Arc<Vec<StandCard>>>,
    pub stands_fresh: bool,
    pub next: Option<String>,
    pub loading_more: bool,
    /// Stands without a search, to look in while the server cannot.
    pub all: Option<Arc<Vec<StandCard>>>,
    pub stand: Option<(EmployerId, Loadable<Arc<Stand>>)>,
    pub stand_fresh: bool,
    pub position: Option<(PositionId, Loadable<Arc<PositionDetails>>)>,
    pub position_fresh: bool,
    /// As the server said last.
    pub followed: bool,
    /// On its way as a device.
    pub wanted: Option<bool>,
}

pub fn ready<T>(kept: Option<T>) -> Loadable<Arc<T>> {
    kept.map_or(Loadable::Loading, |kept| Loadable::Ready(Arc::new(kept)))
}

/// What was there stays where it cannot be had again, unless it is gone for good.
pub fn failed<T>(slot: &mut Loadable<T>, problem: Problem) {
    if !matches!(slot, Loadable::Ready(_)) || problem.code == ProblemCode::NotFound {
        *slot = Loadable::Failed(problem);
    }
}

pub fn impersonal(cards: &mut [PositionCard]) {
    for card in cards {
        card.applied = false;
    }
}

pub fn all_impersonal(stands: &mut [StandCard]) {
    for stand in stands {
        impersonal(&mut stand.positions);
    }
}

/// Stands whose name holds `text`, and of all others the positions whose title does.
pub fn filter(stands: &[StandCard], text: &str) -> Vec<StandCard> {
    let text = text.trim().to_lowercase();
    let holds = |name: &str| name.to_lowercase().contains(&text);
    let found = stands.iter().filter_map(|stand| {
        if holds(&stand.name) || holds(&stand.short) {
            return Some(stand.clone());
        }
        let positions: Vec<_> = stand.positions.iter().filter(|card| holds(&card.title)).cloned().collect();
        (!positions.is_empty()).then(|| StandCard { positions, ..stand.clone() })
    });
    found.collect()
}

impl Open {
    pub fn is_stale(&self) -> bool {
        let shown = matches!(self.page, Loadable::Ready(_)) || matches!(self.stands, Loadable::Ready(_));
        shown && !(self.page_fresh && self.stands_fresh)
    }

    /// A follow that the server has not confirmed counts.
    pub fn shown_page(&self, followed: bool) -> Loadable<Arc<FairPage>> {
        match &self.page {
            Loadable::Ready(page) if page.followed != followed => {
                let mut page = FairPage::clone(page);
                page.followed = followed;
                page.followers = if followed { page.followers + 1 } else { page.followers.saturating_sub(1) };
                Loadable::Ready(Arc::new(page))
            }
            page => page.clone(),
        }
    }

    pub fn ask_number(&self) -> u64 {
        self.ask
    }

    pub fn is(&self, ask: u64) -> bool {
        self.ask == ask
    }

    /// The server has taken it.
    pub fn set_followed(&mut self, followed: bool) {
        if let Loadable::Ready(page) = self.shown_page(followed) {
            self.page = Loadable::Ready(page);
        }
        self.followed = followed;
    }

    /// As anybody may see it.
    pub fn kept_page(&self) -> Option<FairPage> {
        match &self.page {
            Loadable::Ready(page) => Some(FairPage { followed: false, ..FairPage::clone(page) }),
            Loadable::Loading | Loadable::Failed(_) => None,
        }
    }

    pub fn forget_person(&mut self, ask: u64) {
        self.ask = ask;
        self.stands_ask = ask;
        self.wanted = None;
        self.followed = false;
        (self.page_fresh, self.stands_fresh) = (false, false);
        (self.stand_fresh, self.position_fresh) = (false, false);
        self.loading_more = false;
        if let Loadable::Ready(page) = &mut self.page {
            Arc::make_mut(page).followed = false;
        }
        if let Loadable::Ready(stands) = &mut self.stands {
            all_impersonal(Arc::make_mut(stands).as_mut_slice());
        }
        if let Some(stands) = &mut self.all {
            all_impersonal(Arc::make_mut(stands).as_mut_slice());
        }
        if let Some((_, Loadable::Ready(stand))) = &mut self.stand {
            impersonal(&mut Arc::make_mut(stand).positions);
        }
        if let Some((_, Loadable::Ready(position))) = &mut self.position {
            Arc::make_mut(position).card.applied = false;
        }
    }
}

impl Fairs {
    pub fn open_id(&self) -> Option<FairId> {
        self.open.as_ref().map(|open| open.fair)
    }
}

impl App {
    /// Shows what is kept of it at once, and asks.
    pub async fn open_fair(&mut self, fair: FairId) {
        if self.choice.chosen.is_none() {
            return;
        }
        if let Some(open) = &mut self.fairs.open
            && open.fair == fair
        {
            (open.stand, open.position) = (None, None);
            open.page_fresh = false;
            self.fair_again();
            return;
        }
        let id = fair.to_string();
        let mut page: Option<FairPage> = self.seen(self.anybody(), Kind::Page, id.clone()).await;
        let stands: Option<Vec<StandCard>> = self.seen(self.anybody(), Kind::Stands, id.clone()).await;
        let followed: Option<bool> = self.seen(self.follower(), Kind::Followed, id).await;
        let followed = followed.unwrap_or_default();
        if let Some(page) = &mut page {
            page.followed = followed;
        }
        let stands = ready(stands);
        let all = match &stands {
            Loadable::Ready(stands) => Some(Arc::clone(stands)),
            Loadable::Loading | Loadable::Failed(_) => None,
        };
        let ask = self.number();
        self.fairs.open = Some(Box::new(Open {
            fair,
            ask,
            page: ready(page),
            page_fresh: false,
            search: String::new(),
            stands_ask: ask,
            stands,
            stands_fresh: false,
            next: None,
            loading_more: false,
            all,
            stand: None,
            stand_fresh: false,
            position: None,
            position_fresh: false,
            followed,
            wanted: None,
        }));
        self.ask_page();
        self.ask_stands();
    }

    pub fn ask_page(&self) {
        let Some(open) = &self.fairs.open else { return };
        let (fair, ask) = (open.fair, open.ask);
        self.fair_later(|server| async move { FairNews::Page { ask, result: server.fair(fair).await } });
    }

    /// From the beginning, with the search at hand.
    pub fn ask_stands(&self) {
        self.ask_stands_from(String::new());
    }

    fn ask_stands_from(&self, cursor: String) {
        let Some(open) = &self.fairs.open else { return };
        let (fair, ask, search) = (open.fair, open.stands_ask, open.search.clone());
        let more = !cursor.is_empty();
        self.fair_later(move |server| async move {
            FairNews::Stands { ask, more, result: server.stands(fair, &search, &cursor).await }
        });
    }

    /// The stand and the position that are open in it.
    pub fn ask_beside(&self) {
        let Some(open) = &self.fairs.open else { return };
        if let Some((employer, _)) = open.stand {
            let (fair, ask) = (open.fair, open.ask);
            self.fair_later(move |server| async move {
                FairNews::Stand { ask, employer, result: server.stand(fair, employer).await }
            });
        }
        if let Some((position, _)) = open.position {
            self.ask_position(position);
        }
    }

    pub fn ask_position(&self, position: PositionId) {
        let ask = self.fairs.open.as_ref().map_or(0, |open| open.ask);
        self.fair_later(move |server| async move {
            FairNews::Position { ask, position, result: server.position(position).await }
        });
    }

    /// What of the open fair is old or missing.
    pub fn fair_again(&mut self) {
        let Some(open) = &self.fairs.open else { return };
        let (page, stands) = (!open.page_fresh, !open.stands_fresh);
        let beside =
            (open.stand.is_some() && !open.stand_fresh) || (open.position.is_some() && !open.position_fresh);
        if page {
            self.ask_page();
        }
        if stands {
            self.ask_stands();
        }
        if beside {
            self.ask_beside();
        }
    }

    pub fn search_fair(&mut self, text: &str) {
        let text: String = text.chars().take(SEARCH_MAX_CHARS).collect();
        let ask = self.number();
        let Some(open) = &mut self.fairs.open else { return };
        if open.search == text {
            return;
        }
        open.search = text;
        open.stands_ask = ask;
        open.next = None;
        open.loading_more = false;
        open.stands_fresh = false;
        // What is here already is found at once; whether there is more, only the server knows.
        let here = open.all.as_ref().map(|all| filter(all, &open.search)).filter(|here| !here.is_empty());
        open.stands = ready(here);
        self.ask_stands();
    }

    pub fn more_stands(&mut self) {
        let Some(open) = &mut self.fairs.open else { return };
        let Some(next) = open.next.clone().filter(|_| !open.loading_more) else { return };
        open.loading_more = true;
        self.ask_stands_from(next);
    }

    pub async fn open_fair_stand(&mut self, employer: EmployerId) {
        let Some(fair) = self.fairs.open_id() else { return };
        let kept: Option<Stand> = self.seen(self.anybody(), Kind::Stand, format!("{fair}/{employer}")).await;
        let Some(open) = &mut self.fairs.open else { return };
        open.stand = Some((employer, ready(kept)));
        open.stand_fresh = false;
        let ask = open.ask;
        self.fair_later(move |server| async move {
            FairNews::Stand { ask, employer, result: server.stand(fair, employer).await }
        });
    }

    /// In the open fair; without one, its own fair is opened as soon as it is known.
    pub async fn open_fair_position(&mut self, position: PositionId) {
        let kept: Option<PositionDetails> =
            self.seen(self.anybody(), Kind::Position, position.to_string()).await;
        if self.fairs.open.is_none() {
            match &kept {
                Some(details) => self.open_fair(details.fair).await,
                None => self.fairs.awaited = Some(position),
            }
        }
        if let Some(open) = &mut self.fairs.open {
            open.position = Some((position, ready(kept)));
            open.position_fresh = false;
        }
        self.ask_position(position);
    }

    /// A link's position, whichever fair is open.
    pub async fn lead_to_position(&mut self, position: PositionId) {
        let kept: Option<PositionDetails> =
            self.seen(self.anybody(), Kind::Position, position.to_string()).await;
        self.fairs.open = None;
        if let Some(details) = kept {
            self.open_fair(details.fair).await;
        }
        self.open_fair_position(position).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_all_positions_and_titles_only_themselves() {
        let card = |title: &str| PositionCard {
            id: PositionId(uuid::Uuid::from_u128(1)),
            title: title.into(),
            salary: Salary::default(),
            city: String::new(),
            openings: 1,
            open: true,
            applied: false,
        };
        let stand = |name: &str, titles: [&str; 2]| StandCard {
            employer: EmployerId(uuid::Uuid::from_u128(2)),
            name: name.into(),
            short: String::new(),
            positions: titles.map(card).to_vec(),
            position_count: 2,
        };
        let all = [stand("青禾云帆", ["Java 开发", "测试"]), stand("远山", ["会计", "java 讲师"])];
        let found = |text| -> Vec<(String, usize)> {
            filter(&all, text).into_iter().map(|s| (s.name, s.positions.len())).collect()
        };
        assert_eq!(found("云"), [("青禾云帆".to_owned(), 2)]);
        assert_eq!(found(" JAVA"), [("青禾云帆".to_owned(), 1), ("远山".to_owned(), 1)]);
        assert_eq!(found("").len(), 2);
        assert!(found("没有").is_empty());
    }
}
