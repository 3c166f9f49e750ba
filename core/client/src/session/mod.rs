//! The session: what the app is, without its screen. [`Session::send`] takes wishes, never blocks and
//! never fails; [`Session::view`] shows what came of them. One task ([`event_loop`]) does the rest.

mod app;
mod call;
mod candidate;
mod checks;
mod devices;
mod entrance;
mod event;
mod event_loop;
mod fair;
mod identity;
mod mine;
mod network_check;
mod notices;
mod office;
mod online;
mod pending;
mod publish;
mod readiness;
mod recruiter;
mod scan;
mod server;
mod sms;
mod stack;
mod takeover;
mod talk;
mod uploads;
mod wish;

use crate::intent::Intent;
use crate::media::MediaHost;
use crate::media::real::RealMedia;
use crate::platform::Services;
use crate::rest::Http;
use crate::store::Store;
use crate::view::AppView;
use event::Order;
use miantan_media::MediaProblem;
use rustls::pki_types::CertificateDer;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Long enough to see a line that is good for a moment only (issue 4, item 6).
pub const NETWORK_CHECK_MS: u64 = 5_000;

/// How calls and checks find their devices.
#[derive(Debug, Clone, Default)]
pub struct MediaOptions {
    /// Used until the person chooses another; `None`: the system's default. With the feature
    /// `synthetic`: `synthetic`, `synthetic:tone`, `synthetic:sink` (see `miantan_media`).
    pub camera: Option<String>,
    pub microphone: Option<String>,
    pub speaker: Option<String>,
    /// Local addresses calls may use; empty: every interface but loopback. Tests name 127.0.0.1.
    pub addresses: Vec<IpAddr>,
    /// Origins of pages that may show the pictures; `None`: the app's own.
    pub origins: Option<Vec<String>>,
}

/// What a session needs to begin.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// Folder for the device's store; made when missing. Keep it out of cloud backup.
    pub data_dir: PathBuf,
    pub media: MediaOptions,
    pub services: Services,
    /// BCP 47 tag of the interface, for the server's own texts.
    pub locale: String,
    /// Minutes east of UTC; says when a check-in's day is over.
    pub utc_offset_minutes: i32,
    /// Lets `http://` go to other hosts than this one: test networks only.
    pub allow_plain_http: bool,
    /// Roots trusted besides the public ones (a school's own certificate authority), DER.
    pub extra_roots: Vec<Vec<u8>>,
    /// How long the network step measures, ms.
    pub network_check_ms: u64,
    /// Folder for what the person saves (files, résumés, calendar entries); made when needed.
    pub downloads: PathBuf,
}

impl SessionConfig {
    /// The usual values, in China's time.
    pub fn new(data_dir: impl Into<PathBuf>, services: Services) -> Self {
        let data_dir = data_dir.into();
        Self {
            downloads: crate::files::downloads(&data_dir),
            data_dir,
            media: MediaOptions::default(),
            services,
            locale: "zh-CN".into(),
            utc_offset_minutes: 8 * 60,
            allow_plain_http: false,
            extra_roots: Vec::new(),
            network_check_ms: NETWORK_CHECK_MS,
        }
    }
}

/// Why no session began. A store that fails is not among them: the app then works in memory.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Tls(#[from] crate::tls::TlsError),
    #[error("the HTTP client could not be built: {0}")]
    Http(#[from] reqwest::Error),
    #[error("pictures could not be shown: {0}")]
    Screen(#[from] MediaProblem),
}

/// A running session; clones are the same one. When the last clone is dropped, everything stops at
/// once, as if the app had been killed; [`Session::shutdown`] ends it in good order.
#[derive(Clone)]
pub struct Session {
    orders: mpsc::UnboundedSender<Order>,
    view: watch::Receiver<Arc<AppView>>,
    store: Store,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

impl Session {
    /// Starts with this machine's devices. Must be called within a tokio runtime of more than one
    /// thread. What the store knows is in the first view already.
    pub async fn open(config: SessionConfig) -> Result<Self, OpenError> {
        let media = RealMedia::start(config.media.addresses.clone(), config.media.origins.clone()).await?;
        Self::open_with(config, Arc::new(media)).await
    }

    /// Starts with other media: for tests of what is around them.
    pub async fn open_with(config: SessionConfig, media: Arc<dyn MediaHost>) -> Result<Self, OpenError> {
        let roots: Vec<_> = config.extra_roots.iter().cloned().map(CertificateDer::from).collect();
        let tls = crate::tls::config(&roots)?;
        let http = Http::new(tls.clone(), config.locale.clone())?;
        if let Err(error) = std::fs::create_dir_all(&config.data_dir) {
            tracing::error!(%error, "the data folder cannot be made");
        }
        let (store, health) = Store::open(&config.data_dir);
        let (orders, inbox) = mpsc::unbounded_channel();
        let parts = app::Parts { store: store.clone(), http, tls: Arc::new(tls), media };
        let view = event_loop::start(config, parts, health, inbox).await;
        Ok(Self { orders, view, store })
    }

    /// Hands over a wish. What comes of it is in one of the next views.
    pub fn send(&self, intent: Intent) {
        // Err: shut down already; there is nothing left to wish for.
        let _ = self.orders.send(Order::Intent(intent));
    }

    pub fn view(&self) -> watch::Receiver<Arc<AppView>> {
        self.view.clone()
    }

    /// The calls this device took part in on the server with this address, newest first.
    pub async fn call_log(
        &self,
        server: &str,
    ) -> Result<Vec<crate::store::CallLogEntry>, crate::store::StoreError> {
        self.store.calls(server).await
    }

    /// Ends in good order: everything is stored, the store, devices and sockets are closed.
    pub async fn shutdown(&self) {
        let (done, finished) = oneshot::channel();
        if self.orders.send(Order::Shutdown(done)).is_ok() {
            // Err: the loop has ended already.
            let _ = finished.await;
        }
    }
}
