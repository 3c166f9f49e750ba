//! The WebSocket server behind [`super::Screen`]: who may connect, and one picture in flight per view.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use tracing::{debug, warn};

use super::wire::{self, Ack};
use super::{Next, Shared, View};

/// A local page answers at once; anything slower is not one.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Told to a page whose place another page of the app took; it must not come back by itself.
pub(super) const REPLACED: u16 = 4001;

type Socket = WebSocketStream<TcpStream>;

pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    // Connections end with the server: the set aborts them when it is dropped.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, Arc::clone(&shared)));
            }
            Err(error) => {
                warn!(%error, "the frame server cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

fn refusal(status: StatusCode) -> ErrorResponse {
    let mut response = ErrorResponse::new(None);
    *response.status_mut() = status;
    response
}

/// Equal without telling by the time taken how much is equal.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let may_enter = Arc::clone(&shared);
    #[allow(clippy::result_large_err)] // the library's own type
    let check = move |request: &Request, response: Response| {
        if request.uri().query().is_some() || !same(request.uri().path(), &may_enter.path) {
            return Err(refusal(StatusCode::NOT_FOUND));
        }
        let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
        if origin.is_some_and(|origin| may_enter.origins.iter().any(|known| known == origin)) {
            Ok(response)
        } else {
            warn!(origin, "a page of another origin asked for pictures");
            Err(refusal(StatusCode::FORBIDDEN))
        }
    };
    // The page only ever sends acknowledgements.
    let config = WebSocketConfig::default()
        .max_message_size(Some(1024))
        .max_frame_size(Some(1024))
        .write_buffer_size(0);
    match timeout(HANDSHAKE, accept_hdr_async_with_config(stream, check, Some(config))).await {
        Ok(Ok(socket)) => {
            let mut own = 0;
            shared.generation.send_modify(|generation| {
                *generation += 1;
                own = *generation;
            });
            serve(socket, own, &shared).await;
        }
        Ok(Err(error)) => debug!(%error, "a frame connection was refused"),
        Err(_) => debug!("a frame connection did not finish its handshake"),
    }
}

struct Sent {
    sequence: u32,
    picture: bool,
}

async fn serve(mut socket: Socket, own: u64, shared: &Shared) {
    let mut generation = shared.generation.subscribe();
    let mut in_flight: [Option<Sent>; 2] = [None, None];
    let mut sequence = 0_u32;
    loop {
        if *generation.borrow_and_update() != own {
            let reason = CloseFrame { code: CloseCode::from(REPLACED), reason: "replaced".into() };
            let _ = timeout(Duration::from_secs(1), socket.close(Some(reason))).await;
            // Another connection may be waiting for the notice this one swallowed.
            shared.changed.notify_one();
            return;
        }
        for view in View::ALL {
            let slot = view.index();
            if in_flight[slot].is_some() {
                continue;
            }
            let Some(next) = shared.waiting()[slot].take() else { continue };
            sequence = sequence.wrapping_add(1);
            let (message, picture) = match &next {
                Next::Picture(frame) => (wire::picture(view, sequence, frame), true),
                Next::Clear => (wire::clear(view, sequence), false),
            };
            in_flight[slot] = Some(Sent { sequence, picture });
            tokio::select! {
                // A suspended page does not read; a newer one must still get through.
                _ = generation.changed() => {
                    generation.mark_changed();
                    break;
                }
                sent = socket.send(Message::Binary(message.into())) => if sent.is_err() {
                    return;
                },
            }
        }
        tokio::select! {
            () = shared.changed.notified() => {}
            _ = generation.changed() => generation.mark_changed(),
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => acknowledged(&bytes, &mut in_flight, shared),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}

fn acknowledged(bytes: &[u8], in_flight: &mut [Option<Sent>; 2], shared: &Shared) {
    let Some(ack) = Ack::read(bytes) else { return };
    let slot = &mut in_flight[ack.view.index()];
    if slot.as_ref().is_none_or(|sent| sent.sequence != ack.sequence) {
        return;
    }
    if let Some(Sent { picture: true, .. }) = slot.take()
        && ack.drawn
    {
        shared.drawn.send_modify(|drawn| match ack.view {
            View::Own => drawn.own += 1,
            View::Remote => drawn.remote += 1,
        });
    }
}
