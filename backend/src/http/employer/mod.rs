//! The employers' and the organiser's side of REST (`miantan_domain::wire::rest::employer`): registration,
//! members and their passwords, stand, positions, rounds, and what the organiser decides.
//!
//! Here is checked who asks and whether what they wrote can be taken ([`words`]). What belongs to another
//! employer is as unknown as what does not exist.

mod admin;
mod members;
mod password;
mod photos;
mod registrations;
mod rounds;
mod sign_in;
mod stand;
mod who;
pub(super) mod words;

use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};

pub(super) fn routes() -> Router<AppState> {
    let photo = DefaultBodyLimit::max(photos::PHOTO_MAX_BYTES);
    Router::new()
        .route("/registrations", post(registrations::register))
        .route("/registrations/{id}", get(registrations::see))
        .route("/registrations/{id}/licence", put(registrations::licence))
        .route("/employer/sign-in", post(sign_in::sign_in))
        .route("/employer/reset", post(password::reset))
        .route("/employer/reset/confirm", post(password::confirm))
        .route("/employer/password", put(password::change))
        .route("/employer/members", get(members::list).post(members::add))
        .route("/employer/members/{member}", delete(members::remove))
        .route("/employer/members/{member}/sessions", delete(members::end_sessions))
        .route("/employer/fairs", get(stand::fairs))
        .route("/employer/fairs/{fair}/stand", get(stand::see).put(stand::edit))
        .route("/employer/fairs/{fair}/positions/{position}", put(stand::position))
        .route("/employer/rounds", get(rounds::list))
        .route("/employer/rounds/{round}", put(rounds::edit))
        .route("/admin/registrations", get(admin::registrations))
        .route("/admin/registrations/{id}/licence", get(admin::licence))
        .route("/admin/registrations/{id}/decide", post(admin::decide))
        .route("/admin/fairs/{fair}", put(admin::fair))
        .route("/admin/builds/{system}", put(admin::build))
        .route("/admin/candidates/find", post(photos::find))
        .route("/admin/candidates/{candidate}/photo", put(photos::put).delete(photos::remove).layer(photo))
        .route("/admin/reports", get(admin::reports))
        .route("/admin/sms", get(admin::sms))
}
