//! REST under `/api/v1` (bodies: `miantan_domain::wire::rest`), and what operators ask for.
//!
//! Handlers check who asks and pass on; they hold no state and know no statement. Errors are
//! `application/problem+json` ([`error`]); every refusal is audited by [`client::watch`]. Nothing
//! here logs a code, password, name, token or address.

pub mod auth;
pub mod body;
pub mod builds;
pub(crate) mod candidate;
pub mod client;
mod codes;
mod employer;
pub mod error;
pub(crate) mod fairs;
mod guess;
mod identity;
mod join;
pub(crate) mod objects;
pub mod onlooker;
mod ops;
pub mod origin;
pub mod policy;
pub mod probe;
mod rounds;
mod session;
mod talks;

#[cfg(test)]
pub(crate) mod tests;

use crate::state::AppState;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::{get, post, put};
use axum::{Router, middleware};
use error::ApiProblem;
use miantan_domain::wire::ProblemCode;
use tower_http::set_header::SetResponseHeaderLayer;

/// Largest request body, in bytes.
pub const BODY_MAX_BYTES: usize = 64 * 1024;

/// All routes. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: limits need the
/// client's address.
pub fn router(state: AppState) -> Router {
    let api = Router::new()
        .route("/server", get(ops::server))
        .route("/join", post(join::join))
        .route("/join/sms", post(join::take_over))
        .route("/sign-out", post(session::sign_out))
        .route("/me", get(session::me))
        .route("/rounds/today", get(rounds::today))
        .route("/rounds/{round}/tickets/{ticket}/sheet", get(rounds::sheet))
        .route("/live", get(crate::live::upgrade))
        .merge(employer::routes())
        .merge(candidate::routes())
        .merge(objects::routes())
        .merge(identity::routes())
        .merge(probe::routes())
        .route("/fairs", get(fairs::fairs))
        .route("/fairs/{fair}", get(fairs::fair))
        .route("/fairs/{fair}/follow", put(fairs::follow).delete(fairs::unfollow))
        .route("/fairs/{fair}/stands", get(fairs::stands))
        .route("/fairs/{fair}/stands/{employer}", get(fairs::stand))
        .route("/positions/{position}", get(fairs::position))
        .route("/builds", get(builds::builds))
        .route("/policy", get(policy::policy))
        .merge(talks::routes())
        .layer(always(header::CACHE_CONTROL, "no-store"));
    Router::new()
        .nest("/api/v1", api)
        // may be kept by whoever downloads it
        .route("/api/v1/builds/{system}", get(builds::build))
        .route("/models/{sha256}", get(identity::model))
        .merge(crate::openapi::router())
        .merge(crate::web::router())
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .fallback(crate::web::anywhere)
        .method_not_allowed_fallback(async || ApiProblem::from(ProblemCode::NotFound))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(middleware::from_fn_with_state(state.clone(), client::watch))
        .with_state(state)
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
