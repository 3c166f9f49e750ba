//! Public pages in the browser: fairs, stands, positions, invitations, downloads. Rendered here, readable
//! without script, phone first; the same data as REST's.
//!
//! Everything that comes from people goes through `maud`, which escapes it; the content security policy
//! allows no script at all, so that even a mistake would stay text. No cookie is set, nothing is loaded
//! from elsewhere. Who looked is counted as in [`crate::http::onlooker`].
//!
//! Architecture Invariant: pages change nothing and need no signing in; whatever does, happens in the app,
//! to which they lead ([`open`]).

mod assets;
mod download;
mod fair;
mod layout;
mod links;
mod missing;
mod open;
mod parts;
mod policy;
mod qr;
mod shell;
mod stand;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use missing::anywhere;

use crate::state::AppState;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;

/// No script, no frame, no other site; forms lead back here.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
                                       form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// All pages.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(fair::fairs))
        .route("/fairs/{fair}", get(fair::fair))
        .route("/fairs/{fair}/qr.svg", get(qr::fair))
        .route("/fairs/{fair}/employers/{employer}", get(stand::stand))
        .route("/positions/{position}", get(stand::position))
        .route("/open/fair/{fair}", get(open::fair))
        .route("/open/hall/{fair}", get(open::hall))
        .route("/open/register/{fair}", get(open::register))
        .route("/open/stand/{fair}/{employer}", get(open::stand))
        .route("/open/position/{position}", get(open::position))
        // the short form for text messages; apps know the other one as well
        .route("/i/{code}", get(open::invitation))
        .route("/join/{code}", get(open::invitation))
        .route("/download", get(download::download))
        .route("/download/{system}/qr.svg", get(qr::build))
        .route("/policy", get(policy::policy))
        .route("/web/{file}", get(assets::asset))
        .route("/favicon.ico", get(assets::favicon))
        .route("/robots.txt", get(assets::robots))
        .layer(always(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        // links may carry invitation codes
        .layer(always(header::REFERRER_POLICY, "no-referrer"))
        .layer(always(
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ))
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
