//! Fairs for everybody: pages, stands, positions, search, following. Signing in is not needed; whoever
//! is signed in sees what they follow and have applied for.

use super::error::ApiProblem;
use super::onlooker::Onlooker;
use super::origin::Origin;
use crate::state::AppState;
use crate::store::{Cursor, FairHead, Person, StandQuery};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use miantan_domain::ids::{EmployerId, FairId, PositionId};
use miantan_domain::model::*;
use miantan_domain::wire::rest::{FAIR_PAGE_LIMIT, FAIR_PAGE_LIMIT_MAX, Page, SEARCH_MAX_CHARS};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;
use std::str::FromStr;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    pub q: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<String>,
}

impl ListQuery {
    fn limit(&self) -> Result<u32, Problem> {
        let Some(text) = &self.limit else { return Ok(FAIR_PAGE_LIMIT) };
        let limit: u32 =
            text.parse().map_err(|_| Problem::new(ProblemCode::Malformed, "limit is a whole number"))?;
        Ok(limit.clamp(1, FAIR_PAGE_LIMIT_MAX))
    }

    fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        let parse = |text: &String| {
            Cursor::parse(text)
                .ok_or_else(|| Problem::new(ProblemCode::Malformed, "cursor is no `next` of this list"))
        };
        self.cursor.as_ref().map(parse).transpose()
    }

    fn search(&self) -> Result<Option<String>, Problem> {
        let search = self.q.clone().filter(|q| !q.trim().is_empty());
        if search.as_ref().is_some_and(|q| q.chars().count() > SEARCH_MAX_CHARS) {
            let most = format!("a search text has at most {SEARCH_MAX_CHARS} characters");
            return Err(Problem::new(ProblemCode::Malformed, most));
        }
        Ok(search)
    }
}

/// The query string; what cannot be read as one is a malformed request.
pub type AskedFor = Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>;

fn asked(query: AskedFor) -> Result<ListQuery, Problem> {
    query.map(|Query(query)| query).map_err(|_| ProblemCode::Malformed.into())
}

/// An id from a path; a text that is none belongs to nothing.
pub(crate) fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| ProblemCode::NotFound.into())
}

/// `GET /fairs`.
pub(super) async fn fairs(
    State(state): State<AppState>,
    query: AskedFor,
) -> Result<Json<Page<FairCard>>, ApiProblem> {
    let query = asked(query)?;
    let (limit, after) = (query.limit()? as usize, query.cursor()?);
    let place = |head: &FairHead| Cursor { place: head.starts.0, id: head.id.0 };
    let heads = state.stores.fairs.fairs().await?;
    // newest first: what follows is smaller
    let mut following = heads.iter().filter(|head| after.is_none_or(|after| place(head) < after));
    let items: Vec<&FairHead> = following.by_ref().take(limit).collect();
    let next = following.next().and(items.last()).map(|last| place(last).encode());
    Ok(Json(Page { items: items.into_iter().map(FairHead::card).collect(), next }))
}

/// `GET /fairs/{fair}`: counts one view per person.
pub(super) async fn fair(
    State(state): State<AppState>,
    Origin(origin): Origin,
    onlooker: Onlooker,
    Path(fair): Path<String>,
) -> Result<Json<FairPage>, ApiProblem> {
    let fair: FairId = id(&fair)?;
    let head = state.stores.fairs.fair(fair).await?.ok_or(ProblemCode::NotFound)?;
    state.stores.fairs.viewed(fair, onlooker.names(&state, fair));
    let names = onlooker.lasting_names(&state, fair);
    let followed = !names.is_empty() && state.stores.fairs.followed(fair, names).await?;
    Ok(Json(head.page(followed, format!("{origin}/fairs/{fair}"))))
}

/// `GET /fairs/{fair}/stands`.
pub(super) async fn stands(
    State(state): State<AppState>,
    onlooker: Onlooker,
    Path(fair): Path<String>,
    query: AskedFor,
) -> Result<Json<Page<StandCard>>, ApiProblem> {
    let query = asked(query)?;
    let query = StandQuery {
        fair: id(&fair)?,
        search: query.search()?,
        after: query.cursor()?,
        limit: query.limit()?,
    };
    let list = state.stores.fairs.stands(query).await?.ok_or(ProblemCode::NotFound)?;
    let mut items = list.items.clone();
    let cards = items.iter_mut().flat_map(|stand| stand.positions.iter_mut());
    mark_applied(&state, onlooker.person, cards.collect()).await?;
    Ok(Json(Page { items, next: list.next.map(|next| next.encode()) }))
}

/// `GET /fairs/{fair}/stands/{employer}`.
pub(super) async fn stand(
    State(state): State<AppState>,
    onlooker: Onlooker,
    Path((fair, employer)): Path<(String, String)>,
) -> Result<Json<Stand>, ApiProblem> {
    let (fair, employer): (FairId, EmployerId) = (id(&fair)?, id(&employer)?);
    let mut stand = state.stores.fairs.stand(fair, employer).await?.ok_or(ProblemCode::NotFound)?;
    mark_applied(&state, onlooker.person, stand.positions.iter_mut().collect()).await?;
    Ok(Json(stand))
}

/// `GET /positions/{position}`.
pub(super) async fn position(
    State(state): State<AppState>,
    onlooker: Onlooker,
    Path(position): Path<String>,
) -> Result<Json<PositionDetails>, ApiProblem> {
    let position: PositionId = id(&position)?;
    let now = state.clock.wall();
    let mut details = state.stores.fairs.position(position, now).await?.ok_or(ProblemCode::NotFound)?;
    mark_applied(&state, onlooker.person, vec![&mut details.card]).await?;
    Ok(Json(details))
}

/// `PUT /fairs/{fair}/follow`.
pub(super) async fn follow(
    State(state): State<AppState>,
    onlooker: Onlooker,
    Path(fair): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let fair = id(&fair)?;
    let names = known(&onlooker, &state, fair)?;
    let there = state.stores.fairs.follow(fair, names).await?;
    if there { Ok(StatusCode::NO_CONTENT) } else { Err(ProblemCode::NotFound.into()) }
}

/// `DELETE /fairs/{fair}/follow`.
pub(super) async fn unfollow(
    State(state): State<AppState>,
    onlooker: Onlooker,
    Path(fair): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let fair = id(&fair)?;
    let names = known(&onlooker, &state, fair)?;
    let there = state.stores.fairs.unfollow(fair, names).await?;
    if there { Ok(StatusCode::NO_CONTENT) } else { Err(ProblemCode::NotFound.into()) }
}

fn known(onlooker: &Onlooker, state: &AppState, fair: FairId) -> Result<Vec<crate::store::Mac>, Problem> {
    let names = onlooker.lasting_names(state, fair);
    if names.is_empty() {
        return Err(Problem::new(ProblemCode::NotSignedIn, "sign in, or name the device"));
    }
    Ok(names)
}

/// Says on each card whether whoever asks has applied.
async fn mark_applied(
    state: &AppState,
    person: Option<Person>,
    cards: Vec<&mut PositionCard>,
) -> Result<(), ApiProblem> {
    let Some(Person::Candidate(candidate)) = person else { return Ok(()) };
    let positions = cards.iter().map(|card| card.id).collect();
    let applied = state.stores.talks.applied(candidate, positions).await?;
    for card in cards {
        card.applied = applied.contains(&card.id);
    }
    Ok(())
}
