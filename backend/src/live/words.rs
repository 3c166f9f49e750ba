//! The first and the last words of a socket.

use super::parse::parse;
use crate::bus::encode;
use crate::state::AppState;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use miantan_domain::ids::CallId;
use miantan_domain::model::Presence;
use miantan_domain::wire::live::{ByeReason, ClientFrame, ServerFrame};
use miantan_domain::wire::{ProblemCode, negotiate};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error as WsError;

/// How long a device may take for its `hello`.
const HELLO_LIMIT: Duration = Duration::from_secs(5);
/// How long the farewell may take; and for whoever reads slowly, so that the reason is heard behind all that waits.
const FAREWELL_LIMIT: Duration = Duration::from_secs(1);
const SLOW_FAREWELL_LIMIT: Duration = Duration::from_secs(5);
/// Devices sent away by a restart come back spread over this time, in ms.
const COME_BACK_MS: std::ops::RangeInclusive<u64> = 500..=2_000;

/// Why a socket ends.
pub(super) enum End {
    /// The device closed it, or it broke, or was silent for too long.
    Gone,
    Bye(ByeReason),
    /// The device is told the problem first.
    Problem(ProblemCode),
}

/// A device's greeting, as far as it matters.
pub(super) struct Hello {
    pub version: u16,
    pub presence: Presence,
    pub call: Option<CallId>,
}

/// Waits for the greeting.
pub(super) async fn hello(state: &AppState, ws: &mut WebSocket) -> Result<Hello, End> {
    let first = tokio::select! {
        first = timeout(HELLO_LIMIT, ws.recv()) => first.map_err(|_| End::Gone)?,
        () = state.stop.cancelled() => return Err(End::Bye(ByeReason::Restarting)),
    };
    let Message::Text(text) = received(first)? else { return Err(End::Problem(ProblemCode::Malformed)) };
    let Ok(ClientFrame::Hello { versions, presence, call }) = parse(&text) else {
        return Err(End::Problem(ProblemCode::Malformed));
    };
    let version = negotiate(&versions).ok_or(End::Problem(ProblemCode::VersionUnsupported))?;
    Ok(Hello { version, presence, call })
}

/// Counts a refusal; its code is all that is kept of it.
pub(super) fn count(state: &AppState, code: ProblemCode) {
    state.metrics.add("miantan_live_refused_total", &[("code", code.as_str())], 1);
}

/// The last words, as far as the device still listens.
pub(super) async fn farewell(state: &AppState, ws: &mut WebSocket, end: End) {
    let mut limit = FAREWELL_LIMIT;
    // the close frame's reason is for logs on the way; the app reads the frame before it
    let (frame, code, reason) = match end {
        End::Gone => return,
        End::Bye(reason) => {
            let retry_after_ms = match reason {
                ByeReason::Restarting => rand::random_range(COME_BACK_MS),
                ByeReason::Flood => 10_000,
                ByeReason::TooSlow | ByeReason::SessionOver | ByeReason::Superseded => 0,
            };
            let code = match reason {
                ByeReason::Restarting => close_code::RESTART,
                ByeReason::TooSlow => close_code::AGAIN,
                ByeReason::Flood | ByeReason::SessionOver | ByeReason::Superseded => close_code::POLICY,
            };
            if reason == ByeReason::TooSlow {
                limit = SLOW_FAREWELL_LIMIT;
            }
            state.metrics.add("miantan_byes_total", &[("reason", bye_name(reason))], 1);
            (ServerFrame::Bye { reason, retry_after_ms }, code, bye_name(reason))
        }
        End::Problem(problem) => {
            count(state, problem);
            let code = match problem {
                ProblemCode::TooLarge => close_code::SIZE,
                ProblemCode::ServerStorage | ProblemCode::Internal => close_code::AGAIN,
                _ => close_code::POLICY,
            };
            (ServerFrame::Problem(problem.into()), code, problem.as_str())
        }
    };
    let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
    let _ = timeout(limit, async {
        ws.send(Message::Text(encode(&frame))).await?;
        ws.send(close).await?;
        // Until the device has closed as well: dropping the socket now could take the words back.
        while let Some(Ok(_)) = ws.recv().await {}
        if code == close_code::SIZE {
            // The large frame lies unread before the device's own close: only time can tell.
            std::future::pending::<()>().await;
        }
        Ok::<(), axum::Error>(())
    })
    .await;
}

fn bye_name(reason: ByeReason) -> &'static str {
    match reason {
        ByeReason::Restarting => "restarting",
        ByeReason::SessionOver => "session_over",
        ByeReason::Superseded => "superseded",
        ByeReason::TooSlow => "too_slow",
        ByeReason::Flood => "flood",
    }
}

/// A received message, or why there is none.
pub(super) fn received(message: Option<Result<Message, axum::Error>>) -> Result<Message, End> {
    match message {
        None => Err(End::Gone),
        Some(Ok(message)) => Ok(message),
        Some(Err(error)) => {
            let error = error.into_inner();
            let too_large = matches!(error.downcast_ref::<WsError>(), Some(WsError::Capacity(_)));
            Err(if too_large { End::Problem(ProblemCode::TooLarge) } else { End::Gone })
        }
    }
}
