//! `GET /api/v1/live`: the one WebSocket of a signed-in device.
//!
//! A socket is one task with one bounded inbox. It decides nothing about rounds or calls: commands go
//! to the hall, what happens comes back through the bus. What a device sends is never logged.

pub mod descriptors;
mod limits;
mod parse;
mod socket;
mod words;

use crate::http::auth::Auth;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use miantan_domain::wire::live::FRAME_MAX_BYTES;
use miantan_domain::wire::{Problem, ProblemCode};

/// What the server asks of devices: silence longer than this is broken by a ping.
pub const HEARTBEAT_MS: u64 = 15_000;
/// Buffers of a socket. The one for reading is taken at once and kept: devices say little but signals (which make it
/// larger for their time), and thousands wait at the same moment. The one for writing grows with what is written.
const READ_BUFFER: usize = 1024;
const WRITE_BUFFER: usize = 4 * 1024;
/// A snapshot of the largest round, and what waits behind it.
const WRITE_BUFFER_MAX: usize = 16 * 1024 * 1024;

/// Opens the socket of a session.
pub async fn upgrade(
    State(state): State<AppState>,
    Auth(session): Auth,
    headers: HeaderMap,
    ws: WebSocketUpgrade,
) -> Response {
    if state.stop.is_cancelled() {
        let problem = Problem::new(ProblemCode::Internal, "the server stops").retry_after(1_000);
        return ApiProblem(problem).into_response();
    }
    let token = crate::http::auth::bearer(&headers).map(|token| state.secrets.token(token));
    ws.read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_frame_size(FRAME_MAX_BYTES)
        .max_message_size(FRAME_MAX_BYTES)
        .on_upgrade(move |ws| {
            let sockets = state.sockets.clone();
            sockets.track_future(socket::run(state, session, token, ws))
        })
}
