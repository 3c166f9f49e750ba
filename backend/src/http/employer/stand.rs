//! An employer's stand and positions at a fair (F6).

use super::who::Editor;
use super::words;
use crate::http::auth::MemberAuth;
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::store::FairHead;
use axum::Json;
use axum::extract::{Path, State};
use miantan_domain::ids::{EmployerId, FairId, PositionId};
use miantan_domain::model::{FairCard, PositionDetails, PositionEdit, Stand};
use miantan_domain::wire::rest::StandEdit;
use miantan_domain::wire::{Problem, ProblemCode};

/// Positions of one stand at most.
const POSITIONS_MAX: usize = 300;
/// Longest short name and introduction of a stand, in characters.
const SHORT_MAX: usize = 20;
const INTRODUCTION_MAX: usize = 5_000;

/// `GET /employer/fairs`.
pub(super) async fn fairs(
    State(state): State<AppState>,
    auth: MemberAuth,
) -> Result<Json<Vec<FairCard>>, ApiProblem> {
    let fairs = state.stores.fairs.fairs_of(auth.employer).await?;
    Ok(Json(fairs.iter().map(FairHead::card).collect()))
}

/// A fair at which the employer has no stand is as unknown as one that does not exist.
async fn own(state: &AppState, fair: &str, employer: EmployerId) -> Result<Stand, ApiProblem> {
    let fair: FairId = fair.parse().map_err(|_| ProblemCode::NotFound)?;
    let stand = state.stores.fairs.stand(fair, employer).await?;
    Ok(stand.ok_or(ProblemCode::NotFound)?)
}

/// `GET /employer/fairs/{fair}/stand`.
pub(super) async fn see(
    State(state): State<AppState>,
    auth: MemberAuth,
    Path(fair): Path<String>,
) -> Result<Json<Stand>, ApiProblem> {
    own(&state, &fair, auth.employer).await.map(Json)
}

/// `PUT /employer/fairs/{fair}/stand`.
pub(super) async fn edit(
    State(state): State<AppState>,
    editor: Editor,
    Path(fair): Path<String>,
    Body(edit): Body<StandEdit>,
) -> Result<Json<Stand>, ApiProblem> {
    let fair = own(&state, &fair, editor.employer).await?.fair;
    let edit = StandEdit {
        short: words::line(&edit.short, SHORT_MAX)?,
        introduction: words::paragraphs(&edit.introduction, INTRODUCTION_MAX)?,
    };
    if !state.stores.fairs.put_stand(fair, editor.employer, edit).await? {
        return Err(ProblemCode::NotFound.into());
    }
    state.stores.employers.acted("stand_changed", fair.0, editor.by).await?;
    own(&state, &fair.to_string(), editor.employer).await.map(Json)
}

/// `PUT /employer/fairs/{fair}/positions/{position}`.
pub(super) async fn position(
    State(state): State<AppState>,
    editor: Editor,
    Path((fair, position)): Path<(String, String)>,
    Body(edit): Body<PositionEdit>,
) -> Result<Json<PositionDetails>, ApiProblem> {
    let id: PositionId = position.parse().map_err(|_| ProblemCode::NotFound)?;
    let stand = own(&state, &fair, editor.employer).await?;
    let edit = fit(&edit)?;
    let new = stand.positions.iter().all(|card| card.id != id);
    if new && stand.positions.len() >= POSITIONS_MAX {
        return Err(Problem::new(ProblemCode::TooMany, "a stand has at most 300 positions").into());
    }
    let now = state.clock.wall();
    let over = state.stores.fairs.fair(stand.fair).await?.is_none_or(|fair| fair.ends <= now);
    if new && over {
        return Err(ProblemCode::FairClosed.into());
    }
    if !state.stores.fairs.put_position(stand.fair, editor.employer, id, edit, now).await? {
        return Err(ProblemCode::NotFound.into());
    }
    let action = if new { "position_made" } else { "position_changed" };
    state.stores.employers.acted(action, id.0, editor.by).await?;
    let details = state.stores.fairs.position(id, now).await?;
    Ok(Json(details.ok_or(ProblemCode::NotFound)?))
}

/// The edit with clean texts, checked.
fn fit(edit: &PositionEdit) -> Result<PositionEdit, Problem> {
    let bad = |why: String| Problem::new(ProblemCode::PositionBad, why);
    // lengths first, on what was sent: cleaning looks at a bounded part only
    edit.check().map_err(|fault| bad(fault.to_string()))?;
    let clean = |problem: Problem| bad(problem.detail);
    let edit = PositionEdit {
        title: words::line(&edit.title, 60).map_err(clean)?,
        city: words::line(&edit.city, 60).map_err(clean)?,
        description: words::paragraphs(&edit.description, 5_000).map_err(clean)?,
        requirements: words::paragraphs(&edit.requirements, 5_000).map_err(clean)?,
        salary: edit.salary,
        openings: edit.openings,
        open: edit.open,
    };
    // nothing may be left of a title
    edit.check().map_err(|fault| bad(fault.to_string()))?;
    Ok(edit)
}
