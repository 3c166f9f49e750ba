//! What every request handler shares.

use crate::clock::Clock;
use crate::config::Config;
use crate::faces::Faces;
use crate::hall::Hall;
use crate::http::probe::Probes;
use crate::metrics::Metrics;
use crate::objects::Inspector;
use crate::objects::store::{DiskStore, ObjectStore};
use crate::paper::{Fonts, Press};
use crate::secrets::Secrets;
use crate::sms::{Sms, SmsSetupError};
use crate::store::{Person, Refusal, Stores};
use miantan_domain::wire::{Problem, ProblemCode};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A flood must not fill the memory with waiting tries; a fair's opening minute must fit.
const TRIES_WAITING: usize = 2_000;

/// Folder of what people send, in the data folder.
pub const OBJECTS_FOLDER: &str = "objects";
/// Files looked at together; each may take 450 MB.
const INSPECTIONS_AT_ONCE: usize = 2;

/// Résumés printed together.
const PRINTED_AT_ONCE: usize = 2;

/// Why the server cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error(transparent)]
    Sms(#[from] SmsSetupError),
    #[error("the folder {path} cannot be used: {source}")]
    Objects { path: std::path::PathBuf, source: crate::objects::store::StoreError },
}

/// Cheap to clone: everything in it is shared.
#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub stores: Stores,
    pub secrets: Arc<Secrets>,
    pub hall: Hall,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
    /// What people send: licences, résumés, pictures.
    pub objects: Arc<dyn ObjectStore>,
    pub inspector: Inspector,
    pub sms: Sms,
    pub faces: Faces,
    /// Bytes that network checks may still send.
    pub probes: Probes,
    /// Found at the first use: the typefaces are large.
    press: Arc<OnceCell<Result<Press, String>>>,
    /// Tries of codes and passwords under way at once.
    pub gate: Arc<Semaphore>,
    /// Tries that wait for the gate, or are in it; more are turned away.
    pub tries: Arc<Semaphore>,
    /// Fires when the server stops: sockets say goodbye, `/readyz` says no.
    pub stop: CancellationToken,
    /// Every live socket's task.
    pub sockets: TaskTracker,
}

impl AppState {
    pub fn new(
        config: Arc<Config>,
        stores: Stores,
        secrets: Arc<Secrets>,
        hall: Hall,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Result<Self, StateError> {
        let folder = config.data.join(OBJECTS_FOLDER);
        let objects =
            DiskStore::open(&folder).map_err(|source| StateError::Objects { path: folder, source })?;
        let sms = Sms::open(&config, &clock, &metrics)?;
        let gate = Arc::new(Semaphore::new(config.sign_ins_at_once));
        let faces = Faces::new(&config);
        Ok(Self {
            config,
            stores,
            secrets,
            hall,
            metrics,
            clock,
            objects: Arc::new(objects),
            inspector: Inspector::new(INSPECTIONS_AT_ONCE),
            sms,
            faces,
            probes: Probes::default(),
            press: Arc::default(),
            gate,
            tries: Arc::new(Semaphore::new(TRIES_WAITING)),
            stop: CancellationToken::new(),
            sockets: TaskTracker::new(),
        })
    }

    /// What prints résumés.
    ///
    /// # Errors
    /// `internal` with the remedy when this machine has no typeface for Chinese.
    pub async fn press(&self) -> Result<Press, Problem> {
        let find = async || {
            let fonts = tokio::task::spawn_blocking(|| Fonts::find(None)).await;
            match fonts {
                Ok(Ok(fonts)) => Ok(Press::new(fonts, PRINTED_AT_ONCE)),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("looking for typefaces broke off".to_owned()),
            }
        };
        self.press.get_or_init(find).await.clone().map_err(|why| Problem::new(ProblemCode::Internal, why))
    }

    /// Records a refusal. A store that cannot take it is logged, not told to whoever was refused.
    pub async fn audit(&self, action: &str, code: ProblemCode, who: Option<Person>, address: Option<IpAddr>) {
        self.metrics.add("miantan_refused_total", &[("action", action), ("code", code.as_str())], 1);
        let refusal = Refusal {
            at: self.clock.wall(),
            action: action.to_owned(),
            code,
            who,
            address: address.map(|address| self.secrets.address(address)),
        };
        if let Err(error) = self.stores.accounts.refused(refusal).await {
            tracing::error!(%error, action, "a refusal is not in the audit");
        }
    }
}
