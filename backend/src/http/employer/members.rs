//! An employer's members (F5): its owner sees, adds and removes them, and ends their sessions.

use super::who::Owner;
use super::{password, words};
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::store::{Adding, NewMember, Removing};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use miantan_domain::ids::MemberId;
use miantan_domain::model::MemberRole;
use miantan_domain::wire::rest::{MemberLine, NewMemberRequest};
use miantan_domain::wire::{Problem, ProblemCode};

async fn lines(state: &AppState, owner: &Owner) -> Result<Json<Vec<MemberLine>>, ApiProblem> {
    Ok(Json(state.stores.employers.members(owner.employer, state.clock.wall()).await?))
}

/// `GET /employer/members`.
pub(super) async fn list(
    State(state): State<AppState>,
    owner: Owner,
) -> Result<Json<Vec<MemberLine>>, ApiProblem> {
    lines(&state, &owner).await
}

/// `POST /employer/members`.
pub(super) async fn add(
    State(state): State<AppState>,
    owner: Owner,
    Body(request): Body<NewMemberRequest>,
) -> Result<Json<Vec<MemberLine>>, ApiProblem> {
    if request.role == MemberRole::Owner {
        return Err(Problem::new(ProblemCode::NotAllowed, "an employer has one owner").into());
    }
    let name = words::name(&request.name, 1, 40)?;
    let employer = state.stores.employers.employer(owner.employer).await?.ok_or(ProblemCode::NotFound)?;
    words::password(&request.password, &[&name, &employer.name, &employer.uscc, &employer.phone])?;
    let permit = state.gate.acquire().await.map_err(|_| ProblemCode::Internal)?;
    let password_hash = password::hash(request.password).await?;
    drop(permit);
    let member = NewMember { id: request.id, name, role: request.role, password_hash };
    match state.stores.employers.add_member(owner.employer, member, owner.by).await? {
        Adding::Added => lines(&state, &owner).await,
        Adding::NameTaken => Err(ProblemCode::MemberKnown.into()),
        // whose it is, is nobody's business
        Adding::IdTaken => Err(ProblemCode::NotFound.into()),
        Adding::Full => Err(Problem::new(ProblemCode::TooMany, "an employer has at most 100 members").into()),
    }
}

fn id(text: &str) -> Result<MemberId, ProblemCode> {
    text.parse().map_err(|_| ProblemCode::NotFound)
}

/// `DELETE /employer/members/{member}`.
pub(super) async fn remove(
    State(state): State<AppState>,
    owner: Owner,
    Path(member): Path<String>,
) -> Result<Json<Vec<MemberLine>>, ApiProblem> {
    match state.stores.employers.remove_member(owner.employer, id(&member)?, owner.by).await? {
        Removing::Removed(sessions) => {
            state.hall.session_over(&sessions).await;
            lines(&state, &owner).await
        }
        Removing::LastOwner => Err(ProblemCode::LastOwner.into()),
        Removing::Unknown => Err(ProblemCode::NotFound.into()),
    }
}

/// `DELETE /employer/members/{member}/sessions`.
pub(super) async fn end_sessions(
    State(state): State<AppState>,
    owner: Owner,
    Path(member): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let ended = state.stores.employers.end_member_sessions(owner.employer, id(&member)?, owner.by).await?;
    state.hall.session_over(&ended.ok_or(ProblemCode::NotFound)?).await;
    Ok(StatusCode::NO_CONTENT)
}
