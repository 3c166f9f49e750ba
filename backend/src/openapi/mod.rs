//! The description of the REST interface: OpenAPI 3.1 at `/openapi.json`, the same as a page at `/docs`.
//!
//! [`operations`] is the list of what there is; schemas come from the wire types themselves, so that a
//! field cannot be described otherwise than it is read and written. Tests hold the list against the
//! routes in `http/` and the document against `backend/openapi.json`, which is committed.

mod document;
mod operations;
mod page;

#[cfg(test)]
mod tests;

use crate::state::AppState;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use std::sync::OnceLock;

pub use document::document;

/// The document as it is served and committed: indented, with a newline at its end.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| format!("{:#}\n", document()))
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/openapi.json",
            get(async || ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text())),
        )
        .route("/docs", get(async || docs()))
}

/// No script; the style is in the page, named by its hash.
fn docs() -> impl IntoResponse {
    static PAGE: OnceLock<(String, String)> = OnceLock::new();
    let (policy, page) = PAGE.get_or_init(page::page);
    ([(header::CONTENT_SECURITY_POLICY, policy.as_str())], Html(page.as_str()))
}
