//! What came of the open fair: shown, and kept for the next visit.

use super::super::app::App;
use super::open::*;
use crate::store::Kind;
use crate::view::Loadable;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::Page;
use std::sync::Arc;

/// Stands of a fair kept for the next visit: ten pages.
const KEPT_STANDS: usize = 200;

impl App {
    pub fn page_came(&mut self, ask: u64, result: Result<FairPage, Problem>) {
        let Some(open) = self.fairs.open.as_mut().filter(|open| open.ask == ask) else { return };
        match result {
            Ok(page) => {
                let fair = open.fair.to_string();
                open.followed = page.followed;
                open.page_fresh = true;
                open.page = Loadable::Ready(Arc::new(page.clone()));
                self.fairs.failures = 0;
                self.keep(self.follower(), Kind::Followed, fair.clone(), &page.followed);
                self.keep(self.anybody(), Kind::Page, fair, &FairPage { followed: false, ..page });
            }
            Err(problem) => {
                failed(&mut open.page, problem.clone());
                self.fair_failed(&problem);
            }
        }
    }

    pub fn stands_came(&mut self, ask: u64, more: bool, result: Result<Page<StandCard>, Problem>) {
        let Some(open) = self.fairs.open.as_mut().filter(|open| open.stands_ask == ask) else { return };
        if more {
            open.loading_more = false;
        }
        let Page { items, next } = match result {
            Ok(page) => page,
            Err(problem) => {
                let here = open.all.as_ref().map(|all| filter(all, &open.search));
                match here {
                    // Nothing of what is here: an honest answer, and marked as not the server's.
                    Some(here) if !more && !matches!(open.stands, Loadable::Ready(_)) => {
                        open.stands = ready(Some(here));
                    }
                    Some(_) | None => failed(&mut open.stands, problem.clone()),
                }
                self.fair_failed(&problem);
                return;
            }
        };
        open.next = next;
        match &mut open.stands {
            Loadable::Ready(stands) if more => Arc::make_mut(stands).extend(items),
            stands => *stands = ready(Some(items)),
        }
        open.stands_fresh = true;
        self.fairs.failures = 0;
        let (Loadable::Ready(stands), true) = (&open.stands, open.search.trim().is_empty()) else { return };
        open.all = Some(Arc::clone(stands));
        if stands.len() <= KEPT_STANDS {
            let (fair, mut kept) = (open.fair.to_string(), Vec::clone(stands));
            all_impersonal(&mut kept);
            self.keep(self.anybody(), Kind::Stands, fair, &kept);
        }
    }

    pub fn stand_came(&mut self, ask: u64, employer: EmployerId, result: Result<Stand, Problem>) {
        let Some(open) = self.fairs.open.as_mut().filter(|open| open.ask == ask) else { return };
        let Some((of, slot)) = &mut open.stand else { return };
        if *of != employer {
            return;
        }
        match result {
            Ok(mut stand) => {
                *slot = ready(Some(stand.clone()));
                open.stand_fresh = true;
                impersonal(&mut stand.positions);
                let id = format!("{}/{employer}", open.fair);
                self.keep(self.anybody(), Kind::Stand, id, &stand);
            }
            Err(problem) => {
                failed(slot, problem.clone());
                self.fair_failed(&problem);
            }
        }
    }

    pub async fn position_came(
        &mut self,
        ask: u64,
        position: PositionId,
        result: Result<PositionDetails, Problem>,
    ) {
        if self.fairs.awaited == Some(position) {
            self.awaited_came(position, result).await;
            return;
        }
        let Some(open) = self.fairs.open.as_mut().filter(|open| open.ask == ask) else { return };
        let Some((of, slot)) = &mut open.position else { return };
        if *of != position {
            return;
        }
        match result {
            Ok(details) => {
                *slot = ready(Some(details.clone()));
                open.position_fresh = true;
                self.keep_position(details);
            }
            Err(problem) => {
                failed(slot, problem.clone());
                self.fair_failed(&problem);
            }
        }
    }

    /// A link's position is known: so is its fair.
    async fn awaited_came(&mut self, position: PositionId, result: Result<PositionDetails, Problem>) {
        match result {
            Ok(details) => {
                self.fairs.awaited = None;
                self.open_fair(details.fair).await;
                if let Some(open) = &mut self.fairs.open {
                    open.position = Some((position, ready(Some(details.clone()))));
                    open.position_fresh = true;
                }
                self.keep_position(details);
            }
            Err(problem) => {
                self.fair_failed(&problem);
                if self.fairs.again_at.is_none() {
                    // It will not come: there is nowhere to go.
                    self.fairs.awaited = None;
                    self.wish = None;
                }
                self.fair_refused(problem);
            }
        }
    }

    fn keep_position(&mut self, mut details: PositionDetails) {
        details.card.applied = false;
        self.keep(self.anybody(), Kind::Position, details.card.id.to_string(), &details);
    }
}
