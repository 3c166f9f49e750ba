//! `POST /me/identity/face`: one of the attempts. It counts from the moment it is answered.

use super::Seat;
use super::consent::in_force;
use super::status::no_face;
use crate::faces::{NoReference, no_way, sealed};
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::objects::MAX_FILE_BYTES;
use crate::secrets;
use crate::state::AppState;
use crate::store::{AttemptAsk, AttemptBegun, PhotoRow};
use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miantan_domain::ids::CandidateId;
use miantan_domain::model::{NoFaceWay, Nonce, Purpose};
use miantan_domain::rules::identity::ATTEMPT_MS;
use miantan_domain::wire::rest::{FaceAttempt, FaceAttemptAsk};
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) async fn attempt(
    State(state): State<AppState>,
    seat: Seat,
    Body(ask): Body<FaceAttemptAsk>,
) -> Result<Json<FaceAttempt>, ApiProblem> {
    let (rule, ticket) = seat.standing(&state).await?;
    if !rule.required() || ticket.identity.is_some() {
        return Err(Problem::new(ProblemCode::FaceUnavailable, "the identity is not asked for").into());
    }
    let attempts = seat.attempts(&state).await?;
    match no_face(&state, &seat, rule, &attempts).await? {
        Some(NoFaceWay::AttemptsUsed) => return Err(ProblemCode::AttemptsUsed.into()),
        Some(way) => return Err(no_way(way).into()),
        None => {}
    }
    // without it there is no comparing, and nothing to compare with is made
    if !in_force(&state, seat.candidate, Purpose::FaceCheck).await? {
        return Err(
            Problem::new(ProblemCode::ConsentNeeded, "the face check needs a consent of its own").into()
        );
    }
    let wanted = rule.verifies();
    if wanted && !in_force(&state, seat.candidate, Purpose::FaceFrames).await? {
        let why = "this round looks at the pictures too, with a consent of its own";
        return Err(Problem::new(ProblemCode::ConsentNeeded, why).into());
    }
    let models = state.faces.shelf().await.hashes();
    if ask.models != models {
        return Err(ProblemCode::ModelsDiffer.into());
    }
    let device_key = seat.session.device_key.ok_or_else(|| no_way(NoFaceWay::NoKey))?;
    let (row, photo) = photo(&state, seat.candidate).await?;
    let reference = match state.faces.reference(photo).await {
        Ok(reference) => STANDARD.encode(reference.to_bytes().as_slice()),
        Err(NoReference::Photo) => {
            state.stores.identity.photo_unusable(row.bytes).await?;
            return Err(no_way(NoFaceWay::ReferenceUnusable).into());
        }
        Err(NoReference::Problem(problem)) => return Err(problem.into()),
    };
    let nonce = Nonce::new(secrets::random());
    let begun = state.stores.identity.begin_attempt(AttemptAsk {
        nonce,
        ticket: seat.room.ticket,
        candidate: seat.candidate,
        device: seat.session.device,
        device_key,
        models,
        wanted,
        now: state.clock.wall(),
        most: state.config.face.attempts,
    });
    let AttemptBegun::Yes { left } = begun.await? else { return Err(ProblemCode::AttemptsUsed.into()) };
    Ok(Json(FaceAttempt {
        nonce,
        attempts_left: left,
        within_ms: ATTEMPT_MS,
        reference,
        thresholds: state.config.face.thresholds(),
        frames_key: wanted.then(|| sealed::public_key(&state.secrets.frames_secret(&nonce))),
    }))
}

/// The organiser's photo of somebody.
pub(super) async fn photo(state: &AppState, candidate: CandidateId) -> Result<(PhotoRow, Vec<u8>), Problem> {
    let row = state.stores.identity.photo(candidate).await?.ok_or_else(|| no_way(NoFaceWay::NoReference))?;
    match state.objects.read(row.bytes, 0..MAX_FILE_BYTES).await {
        Ok(bytes) => Ok((row, bytes)),
        Err(error) => {
            tracing::error!(%error, "a candidate's photo is not in the data folder");
            Err(no_way(NoFaceWay::NoReference))
        }
    }
}
