//! `PUT /me/identity/face/{nonce}/frames`: pictures of one attempt, where the round wants them and the candidate
//! agreed to send them. They are looked at now and kept sealed for the organiser's time.

use super::Seat;
use super::consent::{forget, in_force};
use super::face::photo;
use super::report::open_attempt;
use crate::faces::sealed;
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::secrets;
use crate::state::AppState;
use crate::store::{FramesKept, FramesPut};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use miantan_domain::model::{Nonce, Purpose};
use miantan_domain::rules::identity::ATTEMPT_MS;
use miantan_domain::wire::rest::SealedFrames;
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) async fn frames(
    State(state): State<AppState>,
    seat: Seat,
    Path(nonce): Path<String>,
    Body(sealed): Body<SealedFrames>,
) -> Result<StatusCode, ApiProblem> {
    let nonce: Nonce = nonce.parse().map_err(|_| ProblemCode::AttemptOver)?;
    let attempt = open_attempt(&state, &seat, nonce).await?;
    let now = state.clock.wall();
    if now.since(attempt.issued) > ATTEMPT_MS {
        return Err(ProblemCode::AttemptOver.into());
    }
    // to be compared, and with these pictures
    let agreed = in_force(&state, seat.candidate, Purpose::FaceCheck).await?
        && in_force(&state, seat.candidate, Purpose::FaceFrames).await?;
    if !attempt.wanted || !agreed {
        return Err(Problem::new(ProblemCode::ConsentNeeded, "pictures need a consent of their own").into());
    }
    let bad = |why: sealed::NotForUs| Problem::new(ProblemCode::ReportBad, why.to_string());
    let kept = sealed::bytes(&sealed).map_err(bad)?;
    let opened = sealed::open(&state.secrets.frames_secret(&nonce), &nonce, &kept).map_err(bad)?;
    let (_, photo) = photo(&state, seat.candidate).await?;
    let found = state.faces.check(photo, opened).await?;
    // to its end, even when the client hangs up: bytes must not lie about without their row
    let task = tokio::spawn(async move {
        let bytes = uuid::Uuid::from_bytes(secrets::random());
        state.objects.put(bytes, kept).await.map_err(|error| {
            tracing::error!(%error, "pictures of a face check cannot be kept");
            Problem::from(ProblemCode::Internal)
        })?;
        match state.stores.identity.put_frames(nonce, FramesKept { bytes, found, at: now }).await? {
            FramesPut::Yes { before } => {
                if let Some(before) = before {
                    forget(&state, before).await;
                }
                Ok(StatusCode::NO_CONTENT)
            }
            FramesPut::Over => {
                forget(&state, bytes).await;
                Err(Problem::from(ProblemCode::AttemptOver))
            }
        }
    });
    Ok(task.await.map_err(|_| ProblemCode::Internal)??)
}
