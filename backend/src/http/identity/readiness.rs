//! `POST /me/readiness`: a check-in that was passed before, today and with these devices, serves this round too.

use super::{Seat, signed};
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::talk::fresh_change;
use axum::Json;
use axum::extract::State;
use miantan_domain::model::{CheckInStep, Readiness, ReadinessPass};
use miantan_domain::rules::identity::report::CLOCK_MS;
use miantan_domain::rules::readiness;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::Command;
use miantan_domain::wire::rest::Signed;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeSet;

pub(super) async fn readiness(
    State(state): State<AppState>,
    seat: Seat,
    Body(signed): Body<Signed>,
) -> Result<Json<Readiness>, ApiProblem> {
    let pass: ReadinessPass = signed::read(&seat.session, &signed)?;
    fits(&state, &pass)?;
    let (_, ticket) = seat.standing(&state).await?;
    let steps = pass.steps.iter().filter(|step| !ticket.checked.contains(step));
    let mut commands: Vec<Command> =
        steps.map(|(step, outcome)| Command::CheckIn { step: *step, outcome: *outcome }).collect();
    commands.extend(pass.network.map(|verdict| Command::Network { verdict }));
    for command in commands {
        state.hall.command(seat.room.round, &seat.session, fresh_change(&state), command).await?;
    }
    let (rule, ticket) = seat.standing(&state).await?;
    Ok(Json(readiness::readiness(rule, &ticket)))
}

/// Whether a pass is of today and says what a pass can say.
fn fits(state: &AppState, pass: &ReadinessPass) -> Result<(), Problem> {
    let bad = |why: &str| Err(Problem::new(ProblemCode::ReportBad, why));
    let now = state.clock.wall();
    let today = state.config.day(now);
    if i64::from(pass.day) != today || state.config.day(pass.at) != today {
        return bad("the pass is not of today");
    }
    if pass.at > WallTime(now.0 + CLOCK_MS) {
        return bad("the pass comes from the future");
    }
    if pass.devices.len() != 64 || !pass.devices.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return bad("the pass names no devices");
    }
    let steps: BTreeSet<CheckInStep> = pass.steps.iter().map(|(step, _)| *step).collect();
    let tried_out = |step: &CheckInStep| match step {
        CheckInStep::Speaker | CheckInStep::Microphone | CheckInStep::Camera | CheckInStep::Network => true,
        CheckInStep::Code | CheckInStep::Password | CheckInStep::Identity => false,
    };
    if steps.len() != pass.steps.len() || !steps.iter().all(tried_out) {
        return bad("a pass is about devices and the network, each once");
    }
    Ok(())
}
