//! WebKit's remote inspector as it is spoken by a window that was started with `WEBKIT_INSPECTOR_HTTP_SERVER`:
//! one WebSocket per page; every call is wrapped in `Target.sendMessageToTarget` and answered by
//! `Target.dispatchMessageFromTarget`. It only reads the page, runs the driver's own script in it and takes pictures.
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine as _;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A page answers within this or counts as hung.
const ANSWER: Duration = Duration::from_secs(20);

/// A connection to one page.
#[derive(Debug)]
pub struct Inspector {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    target: String,
    next: u64,
}

impl Inspector {
    /// Connects to the first page that the inspector on `127.0.0.1:port` offers.
    ///
    /// # Errors
    /// When nothing listens there, no page is open yet, or the page does not introduce itself.
    pub async fn connect(port: u16) -> Result<Self> {
        let path = page_path(&listing(port).await?).context("the inspector offers no page yet")?;
        let address = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) =
            tokio_tungstenite::connect_async(&address).await.context("the inspector refused us")?;
        let mut inspector = Self { socket, target: String::new(), next: 0 };
        loop {
            let message = inspector.receive(Instant::now() + ANSWER).await?;
            if message["method"] == "Target.targetCreated"
                && message["params"]["targetInfo"]["type"] == "page"
            {
                message["params"]["targetInfo"]["targetId"]
                    .as_str()
                    .context("a page without an id")?
                    .clone_into(&mut inspector.target);
                return Ok(inspector);
            }
        }
    }

    /// Runs an expression in the page and returns its value as JSON.
    ///
    /// # Errors
    /// When the script throws, the page does not answer, or the window is gone.
    pub async fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let answer =
            self.call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true })).await?;
        if answer["wasThrown"] == true {
            bail!("the page's script threw: {}", answer["result"]["description"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// A PNG of a rectangle of what the window shows, in CSS pixels of the viewport.
    ///
    /// # Errors
    /// As [`Inspector::evaluate`].
    pub async fn picture(&mut self, [x, y, width, height]: [f64; 4]) -> Result<Vec<u8>> {
        let answer = self
            .call(
                "Page.snapshotRect",
                json!({ "x": x as i64, "y": y as i64, "width": width as i64, "height": height as i64,
                        "coordinateSystem": "Viewport" }),
            )
            .await?;
        let url = answer["dataURL"].as_str().context("a picture without data")?;
        let data = url.strip_prefix("data:image/png;base64,").context("a picture that is no PNG")?;
        base64::engine::general_purpose::STANDARD.decode(data).context("a damaged picture")
    }

    async fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.next += 1;
        let id = self.next;
        let inner = json!({ "id": id, "method": method, "params": params }).to_string();
        let outer = json!({
            "id": id, "method": "Target.sendMessageToTarget",
            "params": { "targetId": self.target, "message": inner },
        });
        self.socket.send(Message::text(outer.to_string())).await.context("the window is gone")?;
        let deadline = Instant::now() + ANSWER;
        loop {
            let message =
                self.receive(deadline).await.with_context(|| format!("waiting for an answer to {method}"))?;
            if message["id"] == id && !message["error"].is_null() {
                bail!("the inspector refused {method}: {}", message["error"]);
            }
            if message["method"] != "Target.dispatchMessageFromTarget" {
                continue;
            }
            let inner = message["params"]["message"].as_str().unwrap_or_default();
            let inner: Value = serde_json::from_str(inner).context("an answer that is no JSON")?;
            if inner["id"] == id {
                if !inner["error"].is_null() {
                    bail!("the page refused {method}: {}", inner["error"]);
                }
                return Ok(inner["result"].clone());
            }
        }
    }

    async fn receive(&mut self, deadline: Instant) -> Result<Value> {
        let left = deadline.saturating_duration_since(Instant::now());
        match timeout(left, self.socket.next()).await {
            Err(_) => Err(anyhow!("the page hangs: no answer within {} s", ANSWER.as_secs())),
            Ok(None) => Err(anyhow!("the window is gone")),
            Ok(Some(message)) => {
                let message = message.context("the window is gone")?;
                if message.is_text() {
                    Ok(serde_json::from_str(message.to_text()?)?)
                } else {
                    Ok(Value::Null)
                }
            }
        }
    }
}

/// The HTML page on which the inspector lists what can be inspected.
async fn listing(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.context("no inspector listens yet")?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").await?;
    let mut page = Vec::new();
    let mut block = [0; 4096];
    // The server may keep the connection open, so the end of the document ends the reading.
    while !page.ends_with(b"</html>") {
        match timeout(Duration::from_secs(5), stream.read(&mut block)).await {
            Ok(Ok(n)) if n > 0 => page.extend_from_slice(&block[..n]),
            _ => break,
        }
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// `/socket/1/1/WebPage` out of the listing.
fn page_path(listing: &str) -> Option<String> {
    let end = listing.find("/WebPage")?;
    let start = listing[..end].rfind("/socket/")?;
    Some(format!("{}/WebPage", &listing[start..end]))
}

#[cfg(test)]
mod tests {
    use super::page_path;

    #[test]
    fn the_page_is_found_in_the_listing() {
        let html = r#"<input onclick="window.open('Main.html?ws=' + window.location.host + '/socket/3/7/WebPage', '_blank')">"#;
        assert_eq!(page_path(html).as_deref(), Some("/socket/3/7/WebPage"));
        assert_eq!(page_path("<table></table>"), None);
    }
}
