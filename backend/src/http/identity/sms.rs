//! The SMS way: a code to the number on file, which is never typed. Offered from the start, at no disadvantage.

use super::{Seat, left};
use crate::http::body::Body;
use crate::http::client::ClientAddress;
use crate::http::error::ApiProblem;
use crate::http::{codes, guess};
use crate::sms::Phone;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use miantan_domain::ids::CandidateId;
use miantan_domain::model::Assurance;
use miantan_domain::wire::rest::{CodeSent, IdentityAnswer, IdentityCode};
use miantan_domain::wire::{Problem, ProblemCode};

/// The number on file.
///
/// # Errors
/// `number_missing`.
pub(in crate::http) async fn number(state: &AppState, candidate: CandidateId) -> Result<Phone, Problem> {
    let phone = state.stores.candidates.phone(candidate).await?;
    phone.ok_or_else(|| ProblemCode::NumberMissing.into())
}

fn not_asked() -> Problem {
    Problem::new(ProblemCode::NotAllowed, "this round does not ask for the identity")
}

/// `POST /me/identity/sms`.
pub(super) async fn send(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    seat: Seat,
) -> Result<Json<CodeSent>, ApiProblem> {
    if !seat.standing(&state).await?.0.required() {
        return Err(not_asked().into());
    }
    let phone = number(&state, seat.candidate).await?;
    let ticket = seat.room.ticket;
    // to its end, even when the client hangs up: what was sent must count
    let task = tokio::spawn(async move { codes::send_identity(&state, &phone, ticket, address).await });
    Ok(Json(task.await.map_err(|_| ProblemCode::Internal)??))
}

/// `POST /me/identity/sms/check`.
pub(super) async fn check(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    seat: Seat,
    Body(code): Body<IdentityCode>,
) -> Result<Json<IdentityAnswer>, ApiProblem> {
    let device = seat.session.device;
    guess::attempt(state, address, device, move |state| async move {
        let (rule, _) = seat.standing(&state).await?;
        if !rule.required() {
            return Err(not_asked().into());
        }
        let phone = number(&state, seat.candidate).await?;
        codes::check_identity(&state, &phone, seat.room.ticket, &code.code).await?;
        state.stores.identity.number_proved(seat.session.id, state.clock.wall()).await?;
        let face_follows = rule.sms_first() && code.then_face;
        Ok(answer(&state, &seat, !face_follows).await?)
    })
    .await
    .map(Json)
}

/// `POST /me/identity/sms/enough`: the number is proved, the face check is not wanted.
pub(super) async fn enough(
    State(state): State<AppState>,
    seat: Seat,
) -> Result<Json<IdentityAnswer>, ApiProblem> {
    if !seat.standing(&state).await?.0.required() {
        return Err(not_asked().into());
    }
    if !seat.session.number_proved {
        let why = "the number was not proved on this device yet";
        return Err(Problem::new(ProblemCode::IdentityNeeded, why).into());
    }
    Ok(Json(answer(&state, &seat, true).await?))
}

async fn answer(state: &AppState, seat: &Seat, enough: bool) -> Result<IdentityAnswer, Problem> {
    let attempts = seat.attempts(state).await?;
    let settled = if enough { Some(seat.settle(state, Assurance::Sms, attempts.doubt).await?) } else { None };
    let attempts_left = left(state, attempts);
    Ok(IdentityAnswer { settled, reasons: Vec::new(), attempts_left, number_proved: true })
}
