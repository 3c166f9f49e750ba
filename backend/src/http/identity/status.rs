//! `GET /me/identity`: where the identity stands, and which ways there are.

use super::{Seat, left};
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::store::Attempts;
use axum::Json;
use axum::extract::State;
use miantan_domain::model::{IdentityMark, IdentityRule, NoFaceWay, NoSmsWay};
use miantan_domain::rules::round::Ticket;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::{IDENTITY_CONSENT_VERSION, IdentityStatus};

pub(super) async fn status(
    State(state): State<AppState>,
    seat: Seat,
) -> Result<Json<IdentityStatus>, ApiProblem> {
    let (rule, ticket) = seat.standing(&state).await?;
    let attempts = seat.attempts(&state).await?;
    let settled = settled(&state, &seat, &ticket, &attempts).await?;
    let phone = state.stores.candidates.phone(seat.candidate).await?;
    Ok(Json(IdentityStatus {
        rule,
        settled,
        attempts: state.config.face.attempts,
        attempts_left: left(&state, attempts),
        no_face: no_face(&state, &seat, rule, &attempts).await?,
        no_sms: phone.is_none().then_some(NoSmsWay::NoNumber),
        phone: phone.map(|phone| phone.masked()),
        number_proved: seat.session.number_proved,
        consent: IDENTITY_CONSENT_VERSION,
        frames_days: state.config.face.frames_days,
    }))
}

/// As the round knows it. An attempt that passed while the round could not be told is told now.
async fn settled(
    state: &AppState,
    seat: &Seat,
    ticket: &Ticket,
    attempts: &Attempts,
) -> Result<Option<IdentityMark>, Problem> {
    match (ticket.identity, attempts.passed) {
        (Some(mark), _) => Ok(Some(mark)),
        (None, Some(assurance)) => seat.settle(state, assurance, attempts.doubt).await.map(Some),
        (None, None) => Ok(None),
    }
}

/// Why there is no face check for this person here.
pub(super) async fn no_face(
    state: &AppState,
    seat: &Seat,
    rule: IdentityRule,
    attempts: &Attempts,
) -> Result<Option<NoFaceWay>, Problem> {
    if let Err(way) = state.faces.ready().await {
        return Ok(Some(way));
    }
    if seat.session.device_key.is_none() {
        return Ok(Some(NoFaceWay::NoKey));
    }
    let most = state.config.face.people_max;
    let photo = match state.stores.identity.photo(seat.candidate).await? {
        Some(photo) if photo.rank > most => Some(NoFaceWay::Full),
        Some(photo) if photo.unusable => Some(NoFaceWay::ReferenceUnusable),
        Some(_) => None,
        None if state.stores.identity.photos().await? >= most => Some(NoFaceWay::Full),
        None => Some(NoFaceWay::NoReference),
    };
    if photo.is_some() {
        return Ok(photo);
    }
    if left(state, *attempts) == 0 {
        return Ok(Some(NoFaceWay::AttemptsUsed));
    }
    Ok((rule.sms_first() && !seat.session.number_proved).then_some(NoFaceWay::SmsFirst))
}
