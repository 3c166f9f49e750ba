//! Drives Chromium over the DevTools protocol: one browser, one tab.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Names under which distributions install it.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Generous: several browsers may share two cores with a compiler.
const LIMIT: Duration = Duration::from_mins(1);

pub struct Browser {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: String,
    next: u64,
    events: VecDeque<Value>,
    /// What the browser complained about: script errors, refused resources, policy violations.
    pub complaints: Vec<String>,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    pub async fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--remote-debugging-port=0",
            "about:blank",
        ];
        let mut child = PROGRAMS
            .iter()
            .find_map(|program| {
                Command::new(program)
                    .arg(format!("--user-data-dir={}", profile.path().display()))
                    .args(arguments)
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .ok()
            })
            .expect("Chromium is not installed: `cargo xtask setup`, or apt-get install chromium");
        let stderr = child.stderr.take().unwrap();
        let (found, address) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
            let address =
                lines.find_map(|line| Some(line.strip_prefix("DevTools listening on ")?.to_owned()));
            let _ = found.send(address);
            // read on, so that the browser never waits for its own complaints to be taken
            lines.for_each(drop);
        });
        let address = tokio::time::timeout(LIMIT, address).await.expect("Chromium says where it listens");
        let address = address.unwrap().expect("Chromium starts");
        let (socket, _) = connect_async(address).await.unwrap();
        let mut browser = Self {
            child,
            socket,
            session: String::new(),
            next: 0,
            events: VecDeque::new(),
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        // a page must be whole without script; what tests ask is asked from outside
        browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        browser
    }

    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(message.to_string())).await.unwrap();
        loop {
            let answer = self.receive(method).await;
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// The next message; events are kept, complaints noted.
    async fn receive(&mut self, waiting_for: &str) -> Value {
        loop {
            let message = tokio::time::timeout(LIMIT, self.socket.next()).await;
            let message = message.unwrap_or_else(|_| panic!("no {waiting_for} within {LIMIT:?}"));
            let Message::Text(text) = message.expect("Chromium is there").unwrap() else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            let Some(method) = message["method"].as_str() else { return message };
            let params = &message["params"];
            match method {
                "Log.entryAdded"
                    if matches!(params["entry"]["level"].as_str(), Some("error" | "warning")) =>
                {
                    self.complaints.push(format!("{}", params["entry"]));
                }
                "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" => {
                    self.complaints.push(params.to_string());
                }
                // an image that the browser gave up because the page was left is none
                "Network.loadingFailed" if params["canceled"] != json!(true) => {
                    self.complaints.push(params.to_string());
                }
                _ => {}
            }
            self.events.push_back(message.clone());
            return message;
        }
    }

    /// Waits until something was complained about.
    pub async fn complained(&mut self) {
        while self.complaints.is_empty() {
            self.receive("complaint").await;
        }
    }

    async fn event(&mut self, method: &str) {
        loop {
            while let Some(event) = self.events.pop_front() {
                if event["method"] == method {
                    return;
                }
            }
            self.receive(method).await;
        }
    }

    /// A screen of this size, light or dark.
    pub async fn screen(&mut self, width: u32, height: u32, dark: bool) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    pub async fn agent(&mut self, agent: &str) {
        self.call("Emulation.setUserAgentOverride", json!({ "userAgent": agent })).await;
    }

    /// Opens a page and waits until it is all there.
    pub async fn go(&mut self, url: &str) {
        self.events.clear();
        let went = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(went.get("errorText").is_none(), "{url}: {went}");
        self.event("Page.loadEventFired").await;
    }

    /// The value of an expression in the page.
    pub async fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", asked).await;
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    pub async fn text(&mut self) -> String {
        self.value("document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Presses what the expression gives, with the pointer, in its middle.
    pub async fn press(&mut self, element: &str) {
        let place = format!(
            "(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                       const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let place = self.value(&place).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// As [`Self::press`], for what leads to another page.
    pub async fn follow(&mut self, element: &str) {
        self.events.clear();
        self.press(element).await;
        self.event("Page.loadEventFired").await;
    }

    /// Types into what has the focus, then Enter.
    pub async fn type_and_enter(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
        self.events.clear();
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "text": "\r",
                              "windowsVirtualKeyCode": 13 });
            self.call("Input.dispatchKeyEvent", key).await;
        }
        self.event("Page.loadEventFired").await;
    }

    /// A PNG of what is on the screen.
    pub async fn picture(&mut self) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }
}
