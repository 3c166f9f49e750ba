//! A candidate's account over REST (`miantan_domain::wire::rest::candidate`): signing in by number, what
//! candidates tell of themselves, what they agree to, and their right to see and remove all of it.
//!
//! Architecture Invariant: nothing here answers differently for numbers that have an account and numbers
//! that have none, and nothing of a person under age is kept.

mod about;
mod data;
mod resumes;
mod sign_in;

use super::auth::Auth;
use super::error::ApiProblem;
use crate::state::AppState;
use crate::store::{Person, Session, Who};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::{delete, get, post, put};
use miantan_domain::ids::CandidateId;
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/candidate/code", post(sign_in::code))
        .route("/candidate/sign-in", post(sign_in::sign_in))
        .route("/candidate/link", post(sign_in::link))
        .route("/me/interviews/{invitation}/enter", post(super::join::enter))
        .route("/me/leave-room", post(super::join::leave))
        .route("/me/profile", put(about::profile))
        .route("/me/resume", get(about::resume).put(about::put_resume))
        .route("/me/attachments", get(about::attachments).post(about::add_attachment))
        .route("/me/attachments/{object}", delete(about::remove_attachment))
        .route("/me/consents", get(data::consents).post(data::consent))
        .route("/me/export", get(data::export))
        .route("/me/deletion", get(data::deletion).post(data::ask_deletion).delete(data::take_back))
        .route("/talks/{conversation}/resume", get(resumes::view))
        .route("/talks/{conversation}/resume.pdf", get(resumes::paper))
}

/// A candidate's account; sessions that a code opened have none.
pub(super) struct Account {
    pub session: Session,
    pub candidate: CandidateId,
}

impl FromRequestParts<AppState> for Account {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Auth(session) = Auth::from_request_parts(parts, state).await?;
        match (&session.who, session.who.person()) {
            (Who::Candidate { account: true, .. }, Person::Candidate(candidate)) => {
                Ok(Self { session, candidate })
            }
            _ => Err(Problem::new(ProblemCode::NotAllowed, "for candidates' accounts only").into()),
        }
    }
}

/// Any candidate, by a code or with an account.
pub(super) struct Consenting {
    pub candidate: CandidateId,
    pub account: bool,
}

impl FromRequestParts<AppState> for Consenting {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Auth(session) = Auth::from_request_parts(parts, state).await?;
        match session.who {
            Who::Candidate { candidate, account, .. } => Ok(Self { candidate, account }),
            Who::Member { .. } => Err(Problem::new(ProblemCode::NotAllowed, "for candidates only").into()),
        }
    }
}

/// Bytes and sockets of somebody whose rows are gone.
pub(crate) async fn sweep_up(state: &AppState, left: crate::store::Leftovers) {
    for bytes in left.bytes {
        if let Err(error) = state.objects.delete(bytes).await {
            // nobody can read them any more, and the sweep of unknown bytes finds them
            tracing::warn!(%error, "bytes of a deleted person are still on the disk");
        }
    }
    for (round, ticket) in left.places {
        if let Err(problem) = state.hall.give_up(round, ticket).await {
            tracing::warn!(code = %problem.code, "a deleted person still has a place in a queue");
        }
    }
    state.hall.session_over(&left.sessions).await;
}
