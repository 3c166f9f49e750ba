//! Problems as HTTP answers: RFC 9457, with the stable code the app turns into a sentence.

use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Serialize;

/// A problem on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiProblem(pub Problem);

/// Left on the answer for the audit.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefusedWith(pub ProblemCode);

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<ProblemCode> for ApiProblem {
    fn from(code: ProblemCode) -> Self {
        Self(code.into())
    }
}

impl From<StoreError> for ApiProblem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self(error.into())
    }
}

#[derive(Serialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    #[serde(flatten)]
    problem: Problem,
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let code = self.0.code;
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.0.retry_after_ms.map(|ms| ms.div_ceil(1_000));
        let body = Body {
            kind: format!("urn:miantan:problem:{code}"),
            title: code.as_str(),
            status: status.as_u16(),
            problem: self.0,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(RefusedWith(code));
        response
    }
}
