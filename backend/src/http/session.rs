//! `GET /me`, `POST /sign-out`.

use super::auth::Auth;
use super::error::ApiProblem;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::Me;

pub(super) async fn me(State(state): State<AppState>, Auth(session): Auth) -> Result<Json<Me>, ApiProblem> {
    let me = state.stores.accounts.me(&session.who).await?;
    Ok(Json(me.ok_or(ProblemCode::NotSignedIn)?))
}

pub(super) async fn sign_out(
    State(state): State<AppState>,
    Auth(session): Auth,
) -> Result<StatusCode, ApiProblem> {
    state.stores.accounts.end_session(session.id, state.clock.wall()).await?;
    state.hall.session_over(&[session.id]).await;
    Ok(StatusCode::NO_CONTENT)
}
