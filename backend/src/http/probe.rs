//! The network check of the check-in: bytes down, bytes up, and credentials to try the relay with. For whoever is
//! signed in, and only so much in a minute: a measurement must not become a load.

use super::auth::Auth;
use super::error::ApiProblem;
use crate::state::AppState;
use crate::store::SessionId;
use crate::turn::Bucket;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{StreamExt, stream};
use miantan_domain::wire::rest::{PROBE_MAX_BYTES, ProbeRelay, ProbeTaken};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Probes of a session: at once, and in a second. 40 at once and 40 more in the next minute.
const PROBES_BURST: u64 = 40;
const PROBES_PER_MINUTE: u64 = 40;
/// Bytes of a session, both ways together: at once, and in a second (64 MiB in a minute).
const BYTES_BURST: u64 = 64 * 1024 * 1024;
const BYTES_PER_S: u64 = BYTES_BURST / 60;
/// Probes with bytes that run at the same moment, of everybody.
const AT_ONCE: usize = 64;
/// Sessions whose measure is remembered; a full purse need not be.
const REMEMBERED: usize = 4_096;
/// Sent again and again. Random, so that nothing on the way makes it smaller.
const PIECE: usize = 64 * 1024;
/// Come again after so long.
const WAIT_MS: u64 = 5_000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/probe/down", get(down))
        .route("/probe/up", post(up).layer(DefaultBodyLimit::disable()))
        .route("/probe/relay", get(relay))
}

/// What sessions may still send and fetch; clones share it. Only memory knows it: after a restart everybody may
/// measure anew.
#[derive(Clone)]
pub struct Probes {
    purses: Arc<Mutex<HashMap<SessionId, Purse>>>,
    running: Arc<Semaphore>,
}

#[derive(Clone, Copy)]
struct Purse {
    /// Sixtieths of a probe.
    probes: Bucket,
    bytes: Bucket,
    at: Instant,
}

impl Default for Probes {
    fn default() -> Self {
        Self { purses: Arc::default(), running: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Probes {
    /// Takes so many probes and bytes.
    fn take(&self, session: SessionId, probes: u64, bytes: u64, at: Instant) -> Result<(), Problem> {
        let mut purses = self.purses.lock().unwrap_or_else(PoisonError::into_inner);
        if purses.len() >= REMEMBERED && !purses.contains_key(&session) {
            // within a minute each is full again
            purses.retain(|_, purse| at.saturating_duration_since(purse.at).as_secs() < 60);
            if purses.len() >= REMEMBERED {
                return Err(slow_down());
            }
        }
        let purse = purses.entry(session).or_insert_with(|| Purse {
            probes: Bucket::full(PROBES_BURST * 60, at),
            bytes: Bucket::full(BYTES_BURST, at),
            at,
        });
        purse.at = at;
        let enough = purse.probes.take(probes * 60, PROBES_PER_MINUTE, PROBES_BURST * 60, at)
            && purse.bytes.take(bytes, BYTES_PER_S, BYTES_BURST, at);
        if enough { Ok(()) } else { Err(slow_down()) }
    }

    fn run(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.running).try_acquire_owned().map_err(|_| slow_down())
    }
}

fn slow_down() -> Problem {
    Problem::from(ProblemCode::SlowDown).retry_after(WAIT_MS)
}

#[derive(Deserialize)]
struct Wanted {
    bytes: u32,
}

fn piece() -> Bytes {
    static NOISE: OnceLock<Bytes> = OnceLock::new();
    NOISE.get_or_init(|| Bytes::from(crate::secrets::random::<PIECE>().to_vec())).clone()
}

/// `GET /probe/down?bytes=n`.
async fn down(
    State(state): State<AppState>,
    Auth(session): Auth,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<impl IntoResponse, ApiProblem> {
    let wanted = wanted.ok().map(|Query(wanted)| wanted.bytes);
    let bytes = wanted.filter(|bytes| *bytes <= PROBE_MAX_BYTES).ok_or_else(|| {
        Problem::new(ProblemCode::Malformed, format!("bytes is a number up to {PROBE_MAX_BYTES}"))
    })?;
    state.probes.take(session.id, 1, u64::from(bytes), Instant::now())?;
    let permit = state.probes.run()?;
    let pieces = stream::unfold((bytes as usize, permit), async |(left, permit)| {
        let now = left.min(PIECE);
        (now > 0).then(|| (Ok::<_, std::convert::Infallible>(piece().slice(..now)), (left - now, permit)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(pieces)))
}

/// `POST /probe/up`: counted and thrown away.
async fn up(
    State(state): State<AppState>,
    Auth(session): Auth,
    body: Body,
) -> Result<Json<ProbeTaken>, ApiProblem> {
    state.probes.take(session.id, 1, 0, Instant::now())?;
    let _permit = state.probes.run()?;
    let mut chunks = body.into_data_stream();
    let mut bytes = 0_u64;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(ProblemCode::Malformed, "the probe broke off"))?;
        bytes += chunk.len() as u64;
        if bytes > u64::from(PROBE_MAX_BYTES) {
            return Err(ProblemCode::TooLarge.into());
        }
    }
    // what came has come; the next probe waits for it
    state.probes.take(session.id, 0, bytes, Instant::now())?;
    Ok(Json(ProbeTaken { bytes }))
}

/// `GET /probe/relay`.
async fn relay(State(state): State<AppState>, Auth(session): Auth) -> Result<Json<ProbeRelay>, ApiProblem> {
    state.probes.take(session.id, 1, 0, Instant::now())?;
    Ok(Json(ProbeRelay { servers: state.hall.ice_servers(session.device) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_session_measures_so_much_in_a_minute() {
        let probes = Probes::default();
        let (start, lin, wang) = (Instant::now(), SessionId(1), SessionId(2));
        let most = u64::from(PROBE_MAX_BYTES);
        for _ in 0..16 {
            assert_eq!(probes.take(lin, 1, most, start), Ok(()));
        }
        assert_eq!(probes.take(lin, 1, most, start).unwrap_err().code, ProblemCode::SlowDown);
        assert_eq!(probes.take(wang, 1, most, start), Ok(()), "another one has their own");
        let later = start + Duration::from_mins(1);
        assert_eq!(probes.take(lin, 1, most, later), Ok(()));
        // small ones are counted as well
        let mut small = 0;
        while probes.take(wang, 1, 1, start).is_ok() {
            small += 1;
        }
        assert_eq!(small, 39);
    }

    #[test]
    fn whoever_comes_to_a_full_house_waits() {
        let probes = Probes::default();
        let start = Instant::now();
        for number in 0..REMEMBERED as i64 {
            probes.take(SessionId(number), 1, 1, start).unwrap();
        }
        assert!(probes.take(SessionId(-1), 1, 1, start).is_err());
        assert_eq!(probes.take(SessionId(-1), 1, 1, start + Duration::from_secs(61)), Ok(()));
        let all: Vec<_> = (0..AT_ONCE).map(|_| probes.run().unwrap()).collect();
        assert!(probes.run().is_err());
        drop(all);
        assert!(probes.run().is_ok());
    }
}
