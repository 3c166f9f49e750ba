//! The identity step (J4) over REST, as `miantan_domain::wire::rest::identity` lists it: models for the apps, face
//! attempts, the SMS way, the readiness pass.
//!
//! The server counts the attempts and decides them; a device's verdict is one of the things it looks at. What
//! `rules::identity` decides is decided there; here is checked who asks, whether they consented, and that each
//! answer counts once.
//!
//! Architecture Invariant: no face is compared before the candidate's own consent to exactly that, and an embedding
//! goes nowhere but into the one answer it was made for.

mod consent;
mod face;
mod frames;
mod models;
mod readiness;
mod report;
mod signed;
mod sms;
mod status;

use super::auth::Auth;
use super::error::ApiProblem;
use crate::state::AppState;
use crate::store::{self, Attempts, Session, Who};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::request::Parts;
use axum::routing::{get, post, put};
use miantan_domain::ids::CandidateId;
use miantan_domain::model::{Assurance, FRAME_CROPS_BYTES, IdentityMark, IdentityRule};
use miantan_domain::rules::round::Ticket;
use miantan_domain::wire::rest::FRAMES_MAX;
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) use consent::dropped;
pub(super) use models::model;
pub(super) use signed::device_key;
pub(super) use sms::number;

/// Frames as base64 in JSON, with room for the keys around them.
const FRAMES_BODY_BYTES: usize = FRAMES_MAX * FRAME_CROPS_BYTES / 3 * 4 + 4_096;

pub(super) fn routes() -> Router<AppState> {
    let frames = DefaultBodyLimit::max(FRAMES_BODY_BYTES);
    Router::new()
        .route("/models", get(models::models))
        .route("/me/identity", get(status::status))
        .route("/me/identity/face", post(face::attempt))
        .route("/me/identity/face/report", post(report::report))
        .route("/me/identity/face/{nonce}/frames", put(frames::frames).layer(frames))
        .route("/me/identity/sms", post(sms::send))
        .route("/me/identity/sms/check", post(sms::check))
        .route("/me/identity/sms/enough", post(sms::enough))
        .route("/me/readiness", post(readiness::readiness))
}

/// A candidate in an interview's room, by a code or with an account.
pub(super) struct Seat {
    pub session: Session,
    pub candidate: CandidateId,
    pub room: store::InRoom,
}

impl FromRequestParts<AppState> for Seat {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Auth(session) = Auth::from_request_parts(parts, state).await?;
        match session.who {
            Who::Candidate { candidate, room: Some(room), .. } => Ok(Self { session, candidate, room }),
            Who::Candidate { room: None, .. } | Who::Member { .. } => {
                Err(Problem::new(ProblemCode::NotAllowed, "for candidates in an interview's room").into())
            }
        }
    }
}

impl Seat {
    /// What the round wants, and the ticket.
    async fn standing(&self, state: &AppState) -> Result<(IdentityRule, Ticket), Problem> {
        let (rule, ticket) = state.hall.identity(self.room.round, self.room.ticket).await?;
        Ok((rule, ticket.ok_or(ProblemCode::TicketUnknown)?))
    }

    async fn attempts(&self, state: &AppState) -> Result<Attempts, Problem> {
        Ok(state.stores.identity.attempts(self.room.ticket).await?)
    }

    /// It was found out who this is: everybody who may know is told. The same again changes nothing.
    async fn settle(
        &self,
        state: &AppState,
        assurance: Assurance,
        doubt: bool,
    ) -> Result<IdentityMark, Problem> {
        let (round, ticket) = (self.room.round, self.room.ticket);
        settle(state, round, ticket, assurance, doubt).await
    }
}

pub(super) async fn settle(
    state: &AppState,
    round: miantan_domain::ids::RoundId,
    ticket: miantan_domain::ids::TicketId,
    assurance: Assurance,
    doubt: bool,
) -> Result<IdentityMark, Problem> {
    state.hall.identity_settled(round, ticket, assurance, doubt).await?;
    let (_, ticket) = state.hall.identity(round, ticket).await?;
    ticket.and_then(|ticket| ticket.identity).ok_or_else(|| ProblemCode::TicketUnknown.into())
}

/// Attempts that are left.
fn left(state: &AppState, attempts: Attempts) -> u32 {
    state.config.face.attempts.saturating_sub(attempts.used)
}
