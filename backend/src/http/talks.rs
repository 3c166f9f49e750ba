//! Conversations over REST (T1, T2, T4): lists, histories, marks, times that are taken, calendar files,
//! reports; and what a candidate has applied for and is invited to. Changes go over the socket.
//!
//! Another's conversation is as absent as one that does not exist.

use super::auth::{Auth, MemberAuth};
use super::body::Body;
use super::error::ApiProblem;
use super::fairs::id;
use super::origin::Origin;
use crate::calendar::{self, Appointment, Status};
use crate::state::AppState;
use crate::store::{InvitationFacts, NewReport, Party, Person, Stretch, TalkQuery};
use crate::talk;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest time looked at for what is taken, in ms.
const BUSY_MAX_MS: i64 = 93 * 86_400_000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/talks", get(list))
        .route("/talks/{conversation}", get(head))
        .route("/talks/{conversation}/entries", get(entries))
        .route("/talks/{conversation}/marks", get(marks))
        .route("/talks/{conversation}/busy", get(busy))
        .route("/talks/{conversation}/invitations/{file}", get(calendar_file))
        .route("/reports", post(report))
        .route("/me/applications", get(applications))
        .route("/me/interviews", get(interviews))
}

/// The query string; what cannot be read as one is a malformed request.
type Asked<T> = Result<Query<T>, QueryRejection>;

fn asked<T>(query: Asked<T>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|_| ProblemCode::Malformed.into())
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemCode::Malformed, detail)
}

/// A part of a query that is one of an enum's names.
fn named<T: DeserializeOwned>(text: Option<&String>, what: &str) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    serde_json::from_value(serde_json::Value::String(text.clone())).map(Some).map_err(|_| malformed(what))
}

fn limit(text: Option<&String>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(TALK_PAGE_LIMIT) };
    let limit: u32 = text.parse().map_err(|_| malformed("limit is a whole number"))?;
    Ok(limit.clamp(1, TALK_PAGE_LIMIT_MAX))
}

fn number(text: &str, what: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| malformed(what))
}

/// Whose conversations.
fn party(auth: &Auth) -> Result<Party, Problem> {
    let talker = talk::talker(&auth.0.who).ok_or(ProblemCode::NotAllowed)?;
    Ok(talker.party)
}

fn candidate(auth: &Auth) -> Result<CandidateId, Problem> {
    match auth.0.who.person() {
        Person::Candidate(candidate) => Ok(candidate),
        Person::Member(_) => Err(Problem::new(ProblemCode::NotAllowed, "for candidates only")),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    mark: Option<String>,
    position: Option<String>,
    unread: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

fn cursor(pos: u64) -> String {
    URL_SAFE_NO_PAD.encode(pos.to_be_bytes())
}

fn pos_of(cursor: &str) -> Result<u64, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(u64::from_be_bytes).ok_or_else(|| malformed("cursor is no `next` of this list"))
}

/// `GET /talks`.
async fn list(
    State(state): State<AppState>,
    auth: Auth,
    query: Asked<ListQuery>,
) -> Result<Json<TalkPage>, ApiProblem> {
    let party = party(&auth)?;
    let query = asked(query)?;
    let unread = match query.unread.as_deref() {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => return Err(malformed("unread is true or false").into()),
    };
    let search = query.q.filter(|q| !q.trim().is_empty());
    if search.as_ref().is_some_and(|q| q.chars().count() > SEARCH_MAX_CHARS) {
        return Err(malformed("the search text is too long").into());
    }
    let position = query.position.as_ref().filter(|text| !text.is_empty());
    let query = TalkQuery {
        mark: named(query.mark.as_ref(), "there is no such mark")?,
        position: position
            .map(|text| text.parse().map_err(|_| malformed("position is an id")))
            .transpose()?,
        unread,
        search,
        below: query.cursor.as_deref().map(pos_of).transpose()?,
        limit: limit(query.limit.as_ref())?,
    };
    let list = state.stores.talks.list(party, query).await?;
    Ok(Json(TalkPage { items: list.items, next: list.next.map(cursor), counts: list.counts }))
}

/// `GET /talks/{conversation}`.
async fn head(
    State(state): State<AppState>,
    auth: Auth,
    Path(conversation): Path<String>,
) -> Result<Json<TalkHead>, ApiProblem> {
    let head = state.stores.talks.head(party(&auth)?, id(&conversation)?).await?;
    Ok(Json(head.ok_or(ProblemCode::NotFound)?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EntriesQuery {
    after: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

/// `GET /talks/{conversation}/entries`. Without `after` and `before`: the last ones.
async fn entries(
    State(state): State<AppState>,
    auth: Auth,
    Path(conversation): Path<String>,
    query: Asked<EntriesQuery>,
) -> Result<Json<Vec<Entry>>, ApiProblem> {
    let party = party(&auth)?;
    let query = asked(query)?;
    let stretch = match (&query.after, &query.before) {
        (Some(after), None) => Stretch::After(number(after, "after is a number")?),
        (None, Some(before)) => Stretch::Before(number(before, "before is a number")?),
        (None, None) => Stretch::Before(u64::MAX),
        (Some(_), Some(_)) => return Err(malformed("either after or before").into()),
    };
    let limit = limit(query.limit.as_ref())?;
    let entries = state.stores.talks.entries(party, id(&conversation)?, stretch, limit).await?;
    Ok(Json(entries.ok_or(ProblemCode::NotFound)?))
}

/// `GET /talks/{conversation}/marks`.
async fn marks(
    State(state): State<AppState>,
    auth: MemberAuth,
    Path(conversation): Path<String>,
) -> Result<Json<Vec<MarkChange>>, ApiProblem> {
    let marks = state.stores.talks.marks(auth.employer, id(&conversation)?).await?;
    Ok(Json(marks.ok_or(ProblemCode::NotFound)?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BusyQuery {
    from: Option<i64>,
    to: Option<i64>,
}

/// `GET /talks/{conversation}/busy`. Times are Unix milliseconds.
async fn busy(
    State(state): State<AppState>,
    auth: MemberAuth,
    Path(conversation): Path<String>,
    query: Asked<BusyQuery>,
) -> Result<Json<Vec<Busy>>, ApiProblem> {
    let query = asked(query)?;
    let (Some(from), Some(to)) = (query.from, query.to) else {
        return Err(malformed("from and to are needed").into());
    };
    if to <= from || to.saturating_sub(from) > BUSY_MAX_MS {
        return Err(malformed("from must be before to, and not more than three months").into());
    }
    let conversation = id(&conversation)?;
    let busy = state.stores.talks.busy(auth.employer, conversation, WallTime(from), WallTime(to)).await?;
    Ok(Json(busy.ok_or(ProblemCode::NotFound)?))
}

/// `GET /talks/{conversation}/invitations/{invitation}.ics`.
async fn calendar_file(
    State(state): State<AppState>,
    auth: Auth,
    Origin(origin): Origin,
    Path((conversation, file)): Path<(String, String)>,
) -> Result<Response, ApiProblem> {
    let party = party(&auth)?;
    let invitation = file.strip_suffix(".ics").ok_or(ProblemCode::NotFound)?;
    let found = state.stores.talks.invitation(party, id(&conversation)?, id(invitation)?).await?;
    let facts = found.ok_or(ProblemCode::NotFound)?;
    let file = appointment(&state, party, &origin, &facts).to_ics();
    let headers = [
        (header::CONTENT_TYPE, calendar::CONTENT_TYPE),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"interview.ics\""),
    ];
    Ok((headers, file).into_response())
}

fn appointment(state: &AppState, party: Party, origin: &str, facts: &InvitationFacts) -> Appointment {
    let card = &facts.invitation;
    let off = match card.status {
        InvitationStatus::Sent | InvitationStatus::Accepted | InvitationStatus::MoveAsked { .. } => false,
        InvitationStatus::Declined { .. }
        | InvitationStatus::Withdrawn { .. }
        | InvitationStatus::Expired => true,
    };
    let (with, url) = match party {
        // the code is the candidate's
        Party::Candidate(_) => {
            let code = talk::invitation_code(state, card.id, facts.code);
            (card.employer_name.as_str(), format!("{origin}/i/{}", code.as_str()))
        }
        Party::Employer(_) => (facts.card.name.as_str(), origin.to_owned()),
    };
    let host = origin.split("://").nth(1).unwrap_or("miantan");
    Appointment {
        uid: format!("{}@{host}", card.id),
        // each change of the terms counts, and their end counts once more
        sequence: card.revision.saturating_mul(2).saturating_add(u32::from(off)),
        stamp: state.clock.wall(),
        start: card.terms.starts,
        end: card.terms.ends(),
        summary: format!("{} · {with}", card.round_name),
        description: card.terms.note.clone(),
        url: Some(url),
        organiser: state.config.organiser.clone(),
        organiser_address: origin.to_owned(),
        status: if off { Status::Cancelled } else { Status::Confirmed },
    }
}

/// `POST /reports`.
async fn report(
    State(state): State<AppState>,
    auth: Auth,
    Body(report): Body<Report>,
) -> Result<StatusCode, ApiProblem> {
    let party = party(&auth)?;
    if report.reason.trim().is_empty() {
        return Err(ProblemCode::TextEmpty.into());
    }
    if report.reason.chars().count() > TEXT_MAX_CHARS {
        return Err(ProblemCode::TextTooLong.into());
    }
    let report = NewReport {
        id: report.id,
        person: auth.0.who.person(),
        party,
        conversation: report.conversation,
        reason: report.reason,
        at: state.clock.wall(),
    };
    let there = state.stores.talks.report(report).await?;
    if there { Ok(StatusCode::NO_CONTENT) } else { Err(ProblemCode::NotFound.into()) }
}

/// `GET /me/applications`.
async fn applications(
    State(state): State<AppState>,
    auth: Auth,
) -> Result<Json<Vec<MyApplication>>, ApiProblem> {
    Ok(Json(state.stores.talks.applications(candidate(&auth)?).await?))
}

/// `GET /me/interviews`.
async fn interviews(
    State(state): State<AppState>,
    auth: Auth,
) -> Result<Json<Vec<InvitationCard>>, ApiProblem> {
    Ok(Json(state.stores.talks.interviews(candidate(&auth)?).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_again_and_rubbish_is_none() {
        for pos in [0, 1, u64::MAX] {
            assert_eq!(pos_of(&cursor(pos)), Ok(pos));
        }
        for rubbish in ["", "x", "AAAA", "!!!!!!!!!!!", "AAAAAAAAAAAAAAAA"] {
            assert_eq!(pos_of(rubbish).unwrap_err().code, ProblemCode::Malformed, "{rubbish}");
        }
    }
}
