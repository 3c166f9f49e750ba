//! The models for the apps: a list, and the bytes at `/models/{sha256}`, in ranges so that a download resumes.

use crate::http::error::ApiProblem;
use crate::http::objects::{not_modified, range};
use crate::state::AppState;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::ModelInfo;

/// `GET /models`: those that are here, whole and checked.
pub(super) async fn models(State(state): State<AppState>) -> Json<Vec<ModelInfo>> {
    Json(state.faces.shelf().await.list())
}

/// `GET /models/{sha256}`, outside the API: the same name is the same bytes for ever.
pub(in crate::http) async fn model(
    State(state): State<AppState>,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let model = state.faces.shelf().await.by_sha256(&sha256).ok_or(ProblemCode::NotFound)?;
    let (tag, size) = (format!("\"{sha256}\""), model.info.bytes);
    let kept =
        [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, max-age=31536000, immutable".into())];
    if not_modified(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let fits = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let Ok(asked) = range(text(header::RANGE).filter(|_| fits), size) else {
        let all = format!("bytes */{size}");
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response());
    };
    let part = asked.clone().unwrap_or(0..size);
    let bytes = model.bytes.slice(part.start as usize..part.end as usize);
    let mut response = (kept, Body::from(bytes)).into_response();
    let head = response.headers_mut();
    let value = |text: String| header::HeaderValue::try_from(text).map_err(|_| ProblemCode::Internal);
    head.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/octet-stream"));
    head.insert(header::ACCEPT_RANGES, header::HeaderValue::from_static("bytes"));
    if asked.is_some() {
        let sent = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        head.insert(header::CONTENT_RANGE, value(sent)?);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}
