//! What a recruiter reads: today's rounds, and a candidate's sheet.

use super::auth::MemberAuth;
use super::error::ApiProblem;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use miantan_domain::ids::{RoundId, TicketId};
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::{CandidateSheet, RoundSummary};

/// `GET /rounds/today`: the employer's rounds of the organiser's day.
pub(super) async fn today(
    State(state): State<AppState>,
    auth: MemberAuth,
) -> Result<Json<Vec<RoundSummary>>, ApiProblem> {
    let (from, to) = state.config.today(state.clock.wall());
    let rounds = state.stores.rounds.of_employer(auth.employer, from, to).await?;
    Ok(Json(state.hall.summaries(&rounds).await?))
}

/// `GET /rounds/{round}/tickets/{ticket}/sheet`. Another employer's ticket is as unknown as one that
/// does not exist.
pub(super) async fn sheet(
    State(state): State<AppState>,
    auth: MemberAuth,
    Path((round, ticket)): Path<(String, String)>,
) -> Result<Json<CandidateSheet>, ApiProblem> {
    let unknown = ProblemCode::TicketUnknown;
    let round: RoundId = round.parse().map_err(|_| unknown)?;
    let ticket: TicketId = ticket.parse().map_err(|_| unknown)?;
    if state.stores.rounds.owner(round).await? != Some(auth.employer) {
        return Err(unknown.into());
    }
    let sheet = state.stores.accounts.sheet(round, ticket).await?;
    Ok(Json(sheet.ok_or(unknown)?))
}
