//! JSON bodies whose faults are problems of ours.

use super::error::ApiProblem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::de::DeserializeOwned;

/// A request body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
            ApiProblem::from(if large { ProblemCode::TooLarge } else { ProblemCode::Malformed })
        })?;
        // the place is told, not the text: serde's message may quote a password
        serde_json::from_slice(&bytes).map(Self).map_err(|e| {
            let detail = format!("not the JSON this expects, at line {} column {}", e.line(), e.column());
            Problem::new(ProblemCode::Malformed, detail).into()
        })
    }
}
