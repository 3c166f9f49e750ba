//! Pictures to the page: one WebSocket on the loopback address, guarded by a random key in its path and
//! by the page's Origin, carrying raw I420 to `<canvas data-view="own|remote">`.
//!
//! One picture per view is on its way at a time: the page acknowledges drawing, and what became stale
//! meanwhile is never sent. It never listens on anything but 127.0.0.1.

mod server;
pub mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::frame::I420Frame;
use crate::problem::MediaProblem;

/// The page's half. Defines `window.miantanScreen.connect(url)` and `.disconnect()`.
pub const PAGE_SCRIPT: &str = include_str!("canvas.js");

/// Origins of the app's own page: WebKit (Linux, macOS, iOS), Android's WebView, WebView2.
pub const APP_ORIGINS: [&str; 3] =
    ["dioxus://index.html", "https://dioxus.index.html", "http://dioxus.index.html"];

/// Which picture: what this device's camera sees, or what the other side sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    Own,
    Remote,
}

impl View {
    pub const ALL: [Self; 2] = [Self::Own, Self::Remote];

    fn index(self) -> usize {
        match self {
            Self::Own => 0,
            Self::Remote => 1,
        }
    }
}

/// Where the page connects. The URL holds the key: never log it.
#[derive(Clone, PartialEq, Eq)]
pub struct ScreenAddress {
    pub url: String,
}

impl std::fmt::Debug for ScreenAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScreenAddress(..)")
    }
}

/// Pictures the page has drawn since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drawn {
    pub own: u64,
    pub remote: u64,
}

/// The next thing a view has to show.
#[derive(Debug)]
enum Next {
    Picture(I420Frame),
    Clear,
}

struct Shared {
    address: ScreenAddress,
    origins: Vec<String>,
    path: String,
    waiting: Mutex<[Option<Next>; 2]>,
    changed: Notify,
    drawn: watch::Sender<Drawn>,
    /// Which connection is the current one; a newer page takes over from an older.
    generation: watch::Sender<u64>,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, [Option<Next>; 2]> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, view: View, next: Next) {
        // A stale picture is dropped here, outside the lock.
        let stale = self.waiting()[view.index()].replace(next);
        drop(stale);
        self.changed.notify_one();
    }
}

/// Stops the server when the last [`Screen`] goes.
struct Stop(tokio::task::AbortHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The frame server. Clones are the same server; it stops when the last one is dropped.
#[derive(Clone)]
pub struct Screen {
    shared: Arc<Shared>,
    _stop: Arc<Stop>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Screen(..)")
    }
}

impl Screen {
    /// Starts listening for the app's own page. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`MediaProblem::Screen`] when the loopback address gives no port.
    pub async fn start() -> Result<Self, MediaProblem> {
        Self::start_for(APP_ORIGINS.map(str::to_owned).to_vec()).await
    }

    /// Starts listening for pages of these origins (scheme and host, without a trailing slash).
    ///
    /// # Errors
    /// As [`Screen::start`].
    pub async fn start_for(origins: Vec<String>) -> Result<Self, MediaProblem> {
        let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|_| MediaProblem::Screen("no free loopback port".to_owned()))?;
        let port = listener
            .local_addr()
            .map_err(|_| MediaProblem::Screen("the loopback port is unknown".to_owned()))?
            .port();
        let path = format!("/{:032x}", rand::random::<u128>());
        let shared = Arc::new(Shared {
            address: ScreenAddress { url: format!("ws://127.0.0.1:{port}{path}") },
            origins,
            path,
            waiting: Mutex::new([None, None]),
            changed: Notify::new(),
            drawn: watch::Sender::default(),
            generation: watch::Sender::default(),
        });
        let server = tokio::spawn(server::run(listener, Arc::clone(&shared)));
        Ok(Self { shared, _stop: Arc::new(Stop(server.abort_handle())) })
    }

    pub fn address(&self) -> ScreenAddress {
        self.shared.address.clone()
    }

    /// Shows a picture as soon as the page has drawn the one before. Never blocks.
    pub fn publish(&self, view: View, frame: I420Frame) {
        self.shared.put(view, Next::Picture(frame));
    }

    /// Empties a view.
    pub fn clear(&self, view: View) {
        self.shared.put(view, Next::Clear);
    }

    /// Counts what the page has really drawn.
    pub fn drawn(&self) -> watch::Receiver<Drawn> {
        self.shared.drawn.subscribe()
    }
}
