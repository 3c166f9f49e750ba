//! `POST /me/identity/face/report`: what came of an attempt. The server decides; each attempt is decided once.

use super::consent::used_up;
use super::{Seat, left, signed};
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::store::{AttemptEnd, AttemptRow, AttemptState};
use axum::Json;
use axum::extract::State;
use miantan_domain::rules::identity::report::{Expected, verified};
use miantan_domain::rules::identity::{FaceReport, ReportRefused, decide};
use miantan_domain::wire::rest::{IdentityAnswer, Signed};
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) async fn report(
    State(state): State<AppState>,
    seat: Seat,
    Body(signed): Body<Signed>,
) -> Result<Json<IdentityAnswer>, ApiProblem> {
    // to its end, even when the client hangs up: what is decided must be told
    let task = tokio::spawn(async move { decided(&state, &seat, &signed).await });
    Ok(Json(task.await.map_err(|_| ProblemCode::Internal)??))
}

/// The open attempt a nonce belongs to, if it is this seat's.
pub(super) async fn open_attempt(
    state: &AppState,
    seat: &Seat,
    nonce: miantan_domain::model::Nonce,
) -> Result<AttemptRow, Problem> {
    let attempt = state.stores.identity.attempt(nonce).await?;
    let own = attempt.filter(|attempt| {
        attempt.ticket == seat.room.ticket && Some(attempt.device_key) == seat.session.device_key
    });
    own.filter(|attempt| attempt.state == AttemptState::Open).ok_or_else(|| ProblemCode::AttemptOver.into())
}

async fn decided(state: &AppState, seat: &Seat, signed: &Signed) -> Result<IdentityAnswer, Problem> {
    let report: FaceReport = signed::read(&seat.session, signed)?;
    let attempt = open_attempt(state, seat, report.nonce).await?;
    let now = state.clock.wall();
    let thresholds = state.config.face.thresholds();
    let expected = Expected {
        interview: seat.room.ticket,
        nonce: attempt.nonce,
        issued: attempt.issued,
        now,
        models: &attempt.models,
        thresholds,
        simulated_allowed: state.config.face.simulated,
    };
    let mut decision = decide(&report, &expected).map_err(refused)?;
    if attempt.wanted {
        decision = verified(decision, &report.scores, attempt.found.as_ref(), &thresholds);
    }
    let end = AttemptEnd {
        passed: decision.passed.then_some(decision.assurance),
        scores: report.scores,
        reasons: decision.reasons.clone(),
        doubt: decision.doubt,
        at: now,
    };
    if !state.stores.identity.end_attempt(attempt.nonce, end).await? {
        return Err(ProblemCode::AttemptOver.into());
    }
    if attempt.wanted {
        used_up(state, seat.candidate).await?;
    }
    let attempts = seat.attempts(state).await?;
    let settled = if decision.passed {
        Some(seat.settle(state, decision.assurance, attempts.doubt).await?)
    } else {
        None
    };
    Ok(IdentityAnswer {
        settled,
        reasons: decision.reasons,
        attempts_left: left(state, attempts),
        number_proved: seat.session.number_proved,
    })
}

fn refused(why: ReportRefused) -> Problem {
    let code = match why {
        ReportRefused::OtherInterview | ReportRefused::OtherNonce | ReportRefused::Stale => {
            ProblemCode::AttemptOver
        }
        ReportRefused::ClockOff | ReportRefused::ScoreBad => ProblemCode::ReportBad,
        ReportRefused::ModelsDiffer => ProblemCode::ModelsDiffer,
    };
    Problem::new(code, why.to_string())
}
