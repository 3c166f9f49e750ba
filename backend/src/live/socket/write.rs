//! From a socket to its device: frames are gathered, and written together.

use super::{NOTES_AT_ONCE, Socket, Step};
use crate::bus::Notes;
use crate::live::words::End;
use axum::extract::ws::{Message, Utf8Bytes};
use futures_util::{FutureExt, SinkExt};
use miantan_domain::wire::live::ByeReason;
use std::future::poll_fn;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long one frame may take to be written before the device counts as too slow.
const WRITE_LIMIT: Duration = Duration::from_secs(20);

impl Socket {
    /// Gathers a frame; waits only when too much is gathered already.
    pub(super) async fn send(&mut self, frame: Utf8Bytes) -> Step {
        if poll_fn(|cx| self.ws.poll_ready_unpin(cx)).now_or_never().is_none() {
            let (overflow, stop) = (self.overflow.clone(), self.state.stop.clone());
            within_limit(poll_fn(|cx| self.ws.poll_ready_unpin(cx)), &overflow, &stop).await?;
        }
        self.ws.start_send_unpin(Message::Text(frame)).map_err(|_| End::Gone)?;
        self.unwritten = true;
        Ok(())
    }

    /// Before it is written others have their turn: what they bring about meanwhile goes out with it. In a crowd
    /// that is many frames for one call into the system; alone it costs nothing.
    pub(super) async fn gather(&mut self, notes: &mut Notes) -> Step {
        if !self.unwritten {
            return Ok(());
        }
        tokio::task::yield_now().await;
        for _ in 0..NOTES_AT_ONCE {
            let Some(note) = notes.try_recv() else { break };
            self.note(note).await?;
        }
        self.answer_rest().await
    }

    /// Writes what was gathered.
    pub(super) async fn write(&mut self) -> Step {
        if self.unwritten {
            let (overflow, stop) = (self.overflow.clone(), self.state.stop.clone());
            within_limit(self.ws.flush(), &overflow, &stop).await?;
            self.unwritten = false;
        }
        Ok(())
    }
}

/// Writing, as long as it may take.
async fn within_limit(
    writing: impl Future<Output = Result<(), axum::Error>>,
    overflow: &CancellationToken,
    stop: &CancellationToken,
) -> Step {
    tokio::select! {
        biased;
        written = timeout(WRITE_LIMIT, writing) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Bye(ByeReason::TooSlow)),
        },
        () = overflow.cancelled() => Err(End::Bye(ByeReason::TooSlow)),
        () = stop.cancelled() => Err(End::Bye(ByeReason::Restarting)),
    }
}
