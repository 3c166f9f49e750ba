//! The organiser's photos of candidates: what a face check compares with. They are read by nobody over the API; the
//! face check makes its reference from them after the candidate's own consent.

use super::who::Organiser;
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::http::objects::refused;
use crate::objects::Purpose;
use crate::secrets;
use crate::sms::Phone;
use crate::state::AppState;
use crate::store::{NewPhoto, PhotoKept};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use miantan_domain::ids::CandidateId;
use miantan_domain::wire::rest::{CandidateFind, CandidateFound};
use miantan_domain::wire::{Problem, ProblemCode};
use uuid::Uuid;

/// Largest photo, in bytes.
pub(super) const PHOTO_MAX_BYTES: usize = 8 * 1024 * 1024;

fn id(text: &str) -> Result<CandidateId, ProblemCode> {
    text.parse().map_err(|_| ProblemCode::NotFound)
}

async fn forget(state: &AppState, bytes: Uuid) {
    if let Err(error) = state.objects.delete(bytes).await {
        // no row knows them, and the sweep of unknown bytes finds them
        tracing::warn!(%error, "a photo that is not needed any more is still on the disk");
    }
}

/// `POST /admin/candidates/find`: the number is in the body, where no proxy writes it down.
pub(super) async fn find(
    State(state): State<AppState>,
    _organiser: Organiser,
    Body(find): Body<CandidateFind>,
) -> Result<Json<Vec<CandidateFound>>, ApiProblem> {
    let phone = Phone::parse(&find.phone).map_err(Problem::from)?;
    let found = state.stores.identity.by_phone(state.secrets.phone(&phone).key).await?;
    let line = |one: crate::store::Found| CandidateFound {
        candidate: one.candidate,
        name: one.name,
        photo: one.photo,
    };
    Ok(Json(found.into_iter().map(line).collect()))
}

/// `PUT /admin/candidates/{candidate}/photo`: a JPEG or PNG, in the place of the one before.
pub(super) async fn put(
    State(state): State<AppState>,
    organiser: Organiser,
    Path(candidate): Path<String>,
    photo: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiProblem> {
    let candidate = id(&candidate)?;
    let photo = photo.map_err(|rejection| {
        let large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
        ApiProblem::from(if large { ProblemCode::FileTooLarge } else { ProblemCode::Malformed })
    })?;
    let accepted = state.inspector.accept(photo.to_vec(), Purpose::Photo).await;
    let accepted = accepted.map_err(|why| refused(&why))?;
    // without where and when it was taken
    let photo = accepted.cleaned.unwrap_or_else(|| photo.to_vec());
    let (bytes, size, at) = (Uuid::from_bytes(secrets::random()), photo.len() as u64, organiser.by.at);
    let most = state.config.face.people_max;
    // to its end, even when the client hangs up: bytes must not lie about without their row
    let task = tokio::spawn(async move {
        state.objects.put(bytes, photo).await.map_err(crate::http::objects::failed)?;
        match state.stores.identity.put_photo(NewPhoto { candidate, bytes, size, at, most }).await? {
            PhotoKept::Yes { before } => {
                if let Some(before) = before {
                    forget(&state, before).await;
                }
                state.stores.employers.acted("photo_put", candidate.0, organiser.by).await?;
                Ok(StatusCode::NO_CONTENT)
            }
            PhotoKept::Full => {
                forget(&state, bytes).await;
                let why = format!("photos of {most} people are held already (`face.people_max`)");
                Err(Problem::new(ProblemCode::TooMany, why))
            }
            PhotoKept::Unknown => {
                forget(&state, bytes).await;
                Err(Problem::new(ProblemCode::NotFound, "there is no such candidate"))
            }
        }
    });
    Ok(task.await.map_err(|_| ProblemCode::Internal)??)
}

/// `DELETE /admin/candidates/{candidate}/photo`; none there is as good.
pub(super) async fn remove(
    State(state): State<AppState>,
    organiser: Organiser,
    Path(candidate): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let candidate = id(&candidate)?;
    if let Some(bytes) = state.stores.identity.remove_photo(candidate).await? {
        forget(&state, bytes).await;
        state.stores.employers.acted("photo_removed", candidate.0, organiser.by).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
