//! The first screen's question, and the operators'.

use super::client::ClientAddress;
use super::error::ApiProblem;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use miantan_domain::wire::rest::ServerInfo;
use miantan_domain::wire::{ProblemCode, VERSIONS};

pub(super) async fn server(State(state): State<AppState>) -> Json<ServerInfo> {
    Json(ServerInfo {
        organiser: state.config.organiser.clone(),
        hotline: state.config.hotline.clone(),
        versions: VERSIONS.to_vec(),
        policy: state.config.policy_version,
        time: state.clock.wall(),
    })
}

/// The process runs.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Requests can be served: not stopping, the store reads and writes.
pub(super) async fn readyz(State(state): State<AppState>) -> impl IntoResponse {
    if state.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let rounds = &state.stores.rounds;
    let works = rounds.with_slots().await.is_ok() && rounds.free_slots(Vec::new()).await.is_ok();
    if works {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
    }
}

/// Figures, for the networks that may have them.
pub(super) async fn metrics(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
) -> Result<impl IntoResponse, ApiProblem> {
    if !state.config.metrics_from.iter().any(|net| net.contains(address)) {
        return Err(ProblemCode::NotFound.into());
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], state.metrics.page()))
}
