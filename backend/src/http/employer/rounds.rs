//! An employer's rounds (F6): it makes and edits them; a round that has begun changes its name and end only.

use super::who::Editor;
use super::words;
use crate::http::auth::MemberAuth;
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::store::RoundPut;
use axum::Json;
use axum::extract::{Path, State};
use miantan_domain::ids::RoundId;
use miantan_domain::model::RoundInfo;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{RoundEdit, RoundSummary};
use miantan_domain::wire::{Problem, ProblemCode};

/// Rounds listed at most.
const ROUNDS_LISTED: u32 = 100;
/// A round is planned at most so far ahead, in ms.
const AHEAD_MAX_MS: i64 = 400 * 86_400_000;

/// `GET /employer/rounds`.
pub(super) async fn list(
    State(state): State<AppState>,
    auth: MemberAuth,
) -> Result<Json<Vec<RoundSummary>>, ApiProblem> {
    let rounds = state.stores.employers.rounds_of(auth.employer, ROUNDS_LISTED).await?;
    Ok(Json(state.hall.summaries(&rounds).await?))
}

/// `PUT /employer/rounds/{round}`.
pub(super) async fn edit(
    State(state): State<AppState>,
    editor: Editor,
    Path(round): Path<String>,
    Body(edit): Body<RoundEdit>,
) -> Result<Json<RoundInfo>, ApiProblem> {
    let id: RoundId = round.parse().map_err(|_| ProblemCode::NotFound)?;
    let now = state.clock.wall();
    let edit = fit(edit, now)?;
    // a new round that is over would be of no use; one that was planned may be shortened to now
    if edit.ends <= now && state.stores.rounds.owner(id).await?.is_none() {
        return Err(Problem::new(ProblemCode::RoundBad, "the round would be over already").into());
    }
    match state.stores.employers.put_round(editor.employer, id, edit, editor.by).await? {
        RoundPut::Done { info, changed } => {
            if changed {
                state.hall.reload(id).await?;
            }
            Ok(Json(info))
        }
        RoundPut::NotOwn => Err(ProblemCode::NotFound.into()),
        RoundPut::Begun => {
            let why = "the round has begun: only its name and its end can change";
            Err(Problem::new(ProblemCode::RoundBad, why).into())
        }
    }
}

/// The edit with a clean name, checked.
fn fit(edit: RoundEdit, now: WallTime) -> Result<RoundEdit, Problem> {
    let bad = |why: String| Problem::new(ProblemCode::RoundBad, why);
    let name = words::line(&edit.name, 60).map_err(|problem| bad(problem.detail))?;
    let edit = RoundEdit { name, ..edit };
    edit.check().map_err(|fault| bad(fault.to_string()))?;
    if edit.starts > now.after(AHEAD_MAX_MS) || edit.starts < WallTime(0) {
        return Err(bad("a round is planned at most 400 days ahead".into()));
    }
    Ok(edit)
}
