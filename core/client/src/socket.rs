//! One WebSocket: opens it, reads frames, writes frames, reports its end. When to do so is decided
//! by `rules::link`; what is in the frames is not looked at here. Dropping a [`Socket`] closes it.

use crate::rest::problem_of;
use futures_util::{SinkExt, StreamExt};
use miantan_domain::rules::link::SocketEnd;
use miantan_domain::wire::live::{ClientFrame, SNAPSHOT_MAX_BYTES, ServerFrame};
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

/// What a socket reports, in order; [`SocketNews::Ended`] is the last.
#[derive(Debug)]
pub enum SocketNews {
    Opened,
    Frame(Box<ServerFrame>),
    /// The server refused the session, and why; the end follows.
    Rejected(Problem),
    Ended(SocketEnd),
}

/// An open or opening socket.
#[derive(Debug)]
pub struct Socket {
    frames: mpsc::UnboundedSender<ClientFrame>,
    task: tokio::task::AbortHandle,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Socket {
    /// Starts opening. `tell` is called from the socket's task and must not block.
    pub fn open(
        address: &str,
        token: &str,
        tls: Arc<rustls::ClientConfig>,
        tell: impl Fn(SocketNews) + Send + Sync + 'static,
    ) -> Self {
        let (frames, outgoing) = mpsc::unbounded_channel();
        // http → ws, https → wss
        let url = format!("ws{}/api/v1/live", address.strip_prefix("http").unwrap_or(address));
        let token = token.to_owned();
        let task = tokio::spawn(async move {
            let end = run(&url, &token, tls, outgoing, &tell).await;
            tell(SocketNews::Ended(end));
        });
        Self { frames, task: task.abort_handle() }
    }

    /// Queues a frame. What waits when the socket ends is lost, as what is on its way is.
    pub fn send(&self, frame: ClientFrame) {
        // Err: the socket has ended; its report is on the way.
        let _ = self.frames.send(frame);
    }
}

async fn run(
    url: &str,
    token: &str,
    tls: Arc<rustls::ClientConfig>,
    mut outgoing: mpsc::UnboundedReceiver<ClientFrame>,
    tell: &(impl Fn(SocketNews) + Send + Sync),
) -> SocketEnd {
    let Ok(mut request) = url.into_client_request() else { return SocketEnd::Lost };
    let Ok(bearer) = HeaderValue::from_str(&format!("Bearer {token}")) else {
        return SocketEnd::NotSignedIn;
    };
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let config = WebSocketConfig::default()
        .max_message_size(Some(SNAPSHOT_MAX_BYTES))
        .max_frame_size(Some(SNAPSHOT_MAX_BYTES));
    let connector = if url.starts_with("wss") { Connector::Rustls(tls) } else { Connector::Plain };
    let opened = connect_async_tls_with_config(request, Some(config), true, Some(connector)).await;
    let (mut sink, mut stream) = match opened {
        Ok((socket, _)) => socket.split(),
        Err(Error::Http(response)) => return refused(&response, tell),
        Err(error) => {
            tracing::debug!(%error, "the socket did not open");
            return SocketEnd::Lost;
        }
    };
    tell(SocketNews::Opened);
    // Writing apart from reading: a server that stops reading must not stop us hearing it.
    let write = async {
        while let Some(frame) = outgoing.recv().await {
            let Ok(text) = serde_json::to_string(&frame) else { continue };
            if sink.send(Message::text(text)).await.is_err() {
                return SocketEnd::Lost;
            }
        }
        // The socket was dropped on this side.
        SocketEnd::Lost
    };
    let read = async {
        while let Some(message) = stream.next().await {
            match message {
                Ok(Message::Text(text)) => match serde_json::from_str::<ServerFrame>(&text) {
                    Ok(frame) => tell(SocketNews::Frame(Box::new(frame))),
                    // A newer server's variant of a known kind: skipped, like a kind that is unknown.
                    Err(error) => {
                        tracing::warn!(category = ?error.classify(), "a frame was not understood");
                    }
                },
                Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Close(why)) => {
                    if let Some(why) = why {
                        tracing::info!(code = u16::from(why.code), reason = %why.reason, "the server hung up");
                    }
                    return SocketEnd::ClosedByServer;
                }
                Err(Error::ConnectionClosed) => return SocketEnd::ClosedByServer,
                Err(error) => {
                    tracing::debug!(%error, "the socket broke");
                    return SocketEnd::Lost;
                }
            }
        }
        SocketEnd::ClosedByServer
    };
    tokio::select! { end = write => end, end = read => end }
}

fn refused(
    response: &tokio_tungstenite::tungstenite::http::Response<Option<Vec<u8>>>,
    tell: &(impl Fn(SocketNews) + Send + Sync),
) -> SocketEnd {
    let status = StatusCode::as_u16(&response.status());
    let status = reqwest::StatusCode::from_u16(status).unwrap_or(reqwest::StatusCode::BAD_GATEWAY);
    let problem = problem_of(status, response.body().as_deref().unwrap_or_default());
    let end = match problem.code {
        ProblemCode::NotSignedIn | ProblemCode::ReplacedByDevice => SocketEnd::NotSignedIn,
        ProblemCode::VersionUnsupported => SocketEnd::VersionUnsupported,
        _ => SocketEnd::Lost,
    };
    tell(SocketNews::Rejected(problem));
    end
}
