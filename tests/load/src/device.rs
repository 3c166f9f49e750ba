//! One device: a socket with its greeting. It reads what comes and breaks its silence with a ping as the server asks;
//! it does not come back by itself.

use anyhow::{Context, bail};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use miantan_domain::model::Presence;
use miantan_domain::wire::VERSIONS;
use miantan_domain::wire::live::{ClientFrame, SNAPSHOT_MAX_BYTES, ServerFrame};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

/// A server that has not greeted by then does not.
const GREETING_LIMIT: Duration = Duration::from_secs(20);
/// Thousands of devices are in one process, and their frames are small: the library's 128 KiB each would be a
/// gigabyte.
const BUFFER: usize = 4 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open socket that was welcomed.
#[derive(Debug)]
pub struct Device {
    pub writing: Writing,
    pub reading: Reading,
    /// Silence after which a ping is due.
    pub heartbeat: Duration,
}

/// The half that says.
#[derive(Debug)]
pub struct Writing(SplitSink<Socket, Message>);

/// The half that hears.
#[derive(Debug)]
pub struct Reading(SplitStream<Socket>);

impl Device {
    /// Opens a socket of this session, greets, and waits for the welcome.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, or does not greet in time.
    pub async fn open(
        server: &str,
        token: &str,
        tls: &Arc<rustls::ClientConfig>,
        presence: Presence,
    ) -> anyhow::Result<Self> {
        tokio::time::timeout(GREETING_LIMIT, Self::greet(server, token, tls, presence))
            .await
            .context("the server does not greet")?
    }

    async fn greet(
        server: &str,
        token: &str,
        tls: &Arc<rustls::ClientConfig>,
        presence: Presence,
    ) -> anyhow::Result<Self> {
        // http → ws, https → wss
        let address =
            server.trim_end_matches('/').strip_prefix("http").context("the server is no http address")?;
        let mut request = format!("ws{address}/api/v1/live").into_client_request()?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).context("a token that is none")?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(SNAPSHOT_MAX_BYTES))
            .max_frame_size(Some(SNAPSHOT_MAX_BYTES));
        let connector =
            if address.starts_with("s:") { Connector::Rustls(Arc::clone(tls)) } else { Connector::Plain };
        let (socket, _) = connect_async_tls_with_config(request, Some(config), true, Some(connector))
            .await
            .context("the socket does not open")?;
        let (sink, stream) = socket.split();
        let (mut writing, mut reading) = (Writing(sink), Reading(stream));
        writing.say(&ClientFrame::Hello { versions: VERSIONS.to_vec(), presence, call: None }).await?;
        match reading.hear().await? {
            ServerFrame::Welcome { heartbeat_ms, .. } => {
                Ok(Self { writing, reading, heartbeat: Duration::from_millis(heartbeat_ms.max(1_000)) })
            }
            ServerFrame::Problem(problem) => bail!("the server refuses: {}", problem.code.as_str()),
            ServerFrame::Bye { reason, .. } => bail!("the server says goodbye: {reason:?}"),
            _ => bail!("the server does not begin with a welcome"),
        }
    }

    /// Stays: hears everything and pings, until the socket ends.
    pub async fn stay(self) {
        let Self { mut writing, mut reading, heartbeat } = self;
        let ping = async {
            for n in 0.. {
                tokio::time::sleep(heartbeat).await;
                if writing.say(&ClientFrame::Ping { n }).await.is_err() {
                    return;
                }
            }
        };
        let hear = async { while reading.skip().await.is_ok() {} };
        tokio::select! { () = ping => {}, () = hear => {} }
    }
}

impl Writing {
    /// # Errors
    /// When the socket has ended.
    pub async fn say(&mut self, frame: &ClientFrame) -> anyhow::Result<()> {
        Ok(self.0.send(Message::text(serde_json::to_string(frame)?)).await?)
    }
}

impl Reading {
    /// The next frame of the protocol.
    ///
    /// # Errors
    /// When the socket ends, or the server says what no server says.
    pub async fn hear(&mut self) -> anyhow::Result<ServerFrame> {
        Ok(serde_json::from_str(&self.text().await?)?)
    }

    /// As [`Self::hear`], as it came.
    ///
    /// # Errors
    /// When the socket ends.
    pub async fn text(&mut self) -> anyhow::Result<Utf8Bytes> {
        loop {
            if let Message::Text(text) = self.next().await? {
                return Ok(text);
            }
        }
    }

    /// As [`Self::hear`], without looking at the frame: that would cost the server's share of the processor.
    ///
    /// # Errors
    /// When the socket ends.
    pub async fn skip(&mut self) -> anyhow::Result<()> {
        self.next().await.map(|_| ())
    }

    async fn next(&mut self) -> anyhow::Result<Message> {
        match self.0.next().await {
            Some(Ok(Message::Close(_))) | None => Err(Error::ConnectionClosed.into()),
            Some(message) => Ok(message?),
        }
    }
}
