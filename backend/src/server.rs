//! A whole running backend: stores, hall, relay and HTTP wired together, and taken down in order.

use crate::bus::LocalBus;
use crate::clock::Clock;
use crate::config::Config;
use crate::hall::{Hall, SLOT_RENEW_EVERY};
use crate::metrics::Metrics;
use crate::secrets::Secrets;
use crate::state::AppState;
use crate::store::{Stores, sqlite};
use crate::talk::{self, Teller};
use crate::turn::{IceBook, TurnServer, TurnSettings, host};
use crate::{http, tls};
use anyhow::Context;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// How long sockets and requests may take to end.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);
/// A connection that asks for nothing so long is closed.
const FIRST_REQUEST_LIMIT: Duration = Duration::from_secs(15);
/// What is over is removed from the store this often.
const TIDY_EVERY: Duration = Duration::from_hours(1);

/// A running backend.
pub struct Server {
    address: SocketAddr,
    https: bool,
    state: AppState,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<std::io::Result<()>>,
    chores: TaskTracker,
    turn: Option<TurnServer>,
}

/// Starts with the settings' own data folder and the machine's clocks.
pub async fn start(config: Config) -> anyhow::Result<Server> {
    let stores =
        sqlite::open(&config.data).with_context(|| format!("data folder {}", config.data.display()))?;
    start_with(config, stores, Clock::system()).await
}

/// Starts with other stores and clocks, as tests do.
pub async fn start_with(config: Config, stores: Stores, clock: Clock) -> anyhow::Result<Server> {
    config.check()?;
    outlive_full_files();
    let secrets = Arc::new(Secrets::open(&config.data)?);
    let metrics = Arc::new(Metrics::default());
    let tls = match (&config.tls_cert, &config.tls_key) {
        (Some(cert), Some(key)) => Some(tls::load(cert, key)?),
        _ => None,
    };
    let (turn, ice) = relay(&config, &secrets, &clock).await?;
    let (bus, talk_news) = (LocalBus::shared(), Arc::new(Notify::new()));
    let teller = Teller::new(Arc::clone(&bus), Arc::clone(&metrics), Arc::clone(&talk_news));
    stores.talks.listen(Arc::new(teller));
    let hall = Hall::new(stores.clone(), clock.clone(), Arc::clone(&metrics), bus, ice);
    hall.bring_up().await.context("the rounds with calls cannot be taken up again")?;

    let listener = std::net::TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}; is another server running there?", config.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let state = AppState::new(Arc::new(config), stores, secrets, hall, metrics, clock)?;
    let service = http::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let https = tls.is_some();
    // Frames are small and come in pairs: with Nagle's algorithm the second of two waits for the other side's delayed
    // acknowledgement, 40 ms.
    let serving = if let Some(tls) = tls {
        let server = axum_server::from_tcp_rustls(listener, tls)?
            .map(|acceptor| acceptor.acceptor(NoDelayAcceptor::new()))
            .handle(handle.clone());
        tokio::spawn(server.first_request_timeout(FIRST_REQUEST_LIMIT).serve(service))
    } else {
        let server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(handle.clone());
        tokio::spawn(server.first_request_timeout(FIRST_REQUEST_LIMIT).serve(service))
    };
    let chores = TaskTracker::new();
    chores.spawn(renew_slots(state.clone()));
    chores.spawn(tidy(state.clone()));
    chores.spawn(talk::work(state.clone(), talk_news));
    chores.spawn(find_fonts(state.clone()));
    chores.spawn(find_models(state.clone()));
    chores.close();
    tracing::info!(%address, https, "listening");
    Ok(Server { address, https, state, handle, serving, chores, turn })
}

/// A file at its size limit (`RLIMIT_FSIZE`) is a full disk: the write fails and whoever asked is told, as
/// long as the signal that says so does not end the process. Nobody has to wait for it.
fn outlive_full_files() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Err(error) = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())) {
            tracing::warn!(%error, "a file at its size limit would end the server");
        }
    }
}

/// The embedded relay, or an external one, or none.
async fn relay(
    config: &Config,
    secrets: &Secrets,
    clock: &Clock,
) -> anyhow::Result<(Option<TurnServer>, IceBook)> {
    let turn = &config.turn;
    if !turn.external.is_empty() {
        let secret = turn.external_secret.0.clone().into_bytes();
        let hosts = turn.external.iter().map(|url| external_host(url)).collect();
        return Ok((None, IceBook::new(hosts, secret, config.calls)));
    }
    if !turn.enabled {
        return Ok((None, IceBook::none(config.calls)));
    }
    let public_ip = turn.public_ip.unwrap_or_else(|| shown_as(turn.listen.ip(), config.listen.ip()));
    let settings = TurnSettings {
        listen: turn.listen,
        public_ip,
        relay_ports: (turn.relay_ports.first, turn.relay_ports.last),
    };
    let secret = secrets.turn_secret().to_vec();
    let server = TurnServer::start(settings, secret.clone(), clock.clone()).await?;
    let hosts = vec![host(public_ip, server.address().port())];
    Ok((Some(server), IceBook::new(hosts, secret, config.calls)))
}

/// Without a public address: where the relay or the server itself listens, else this machine only.
fn shown_as(relay: IpAddr, server: IpAddr) -> IpAddr {
    [relay, server].into_iter().find(|ip| !ip.is_unspecified()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// `turn:host:port?transport=udp`, `host:port` or `host` as `host:port`.
fn external_host(url: &str) -> String {
    let bare = url.strip_prefix("turn:").or_else(|| url.strip_prefix("stun:")).unwrap_or(url);
    let bare = bare.split('?').next().unwrap_or(bare);
    let has_port = bare.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port { bare.to_owned() } else { format!("{bare}:3478") }
}

/// Reads the typefaces before the first résumé is printed; without them everything else works.
async fn find_fonts(state: AppState) {
    if let Err(problem) = state.press().await {
        tracing::warn!(why = problem.detail, "résumés cannot be printed");
    }
}

/// Loads the face check before the first candidate asks; without it everything else works.
async fn find_models(state: AppState) {
    let ready = tokio::select! {
        () = state.stop.cancelled() => return,
        ready = state.faces.ready() => ready,
    };
    match ready {
        Ok(()) => {
            let models = state.faces.shelf().await.list().len();
            tracing::info!(models, "the face check is ready");
        }
        // the log says already what is missing
        Err(why) => tracing::warn!(?why, "no face check; candidates prove their number by SMS"),
    }
}

async fn renew_slots(state: AppState) {
    while waits(&state, SLOT_RENEW_EVERY).await {
        state.hall.renew_slots().await;
    }
}

async fn tidy(state: AppState) {
    loop {
        match state.stores.accounts.tidy(state.clock.wall()).await {
            Ok(tidied) => tracing::debug!(?tidied, "tidied"),
            Err(error) => tracing::error!(%error, "what is over stays in the store until the next hour"),
        }
        talk::tidy(&state).await;
        let looked = state.clock.wall().after(-crate::http::onlooker::KEEP_AFTER_FAIR_MS);
        if let Err(error) = state.stores.fairs.forget_viewers(looked).await {
            tracing::error!(%error, "who looked at fairs of the past is not forgotten yet");
        }
        if let Err(error) = crate::http::builds::sweep(&state).await {
            tracing::error!(%error, "builds of the past stay in the data folder");
        }
        if let Err(error) = tidy_registrations(&state).await {
            tracing::error!(%error, "registrations that are over stay until the next hour");
        }
        if let Err(error) = crate::retention::enforce(&state).await {
            tracing::error!(%error, "what is past its time stays until the next hour");
        }
        if !waits(&state, TIDY_EVERY).await {
            break;
        }
    }
}

/// Registrations past their time, with their licences; and codes that open nothing any more.
async fn tidy_registrations(state: &AppState) -> anyhow::Result<()> {
    let now = state.clock.wall();
    for licence in state.stores.employers.tidy_registrations(now).await? {
        state.objects.delete(licence.0).await?;
    }
    state.stores.codes.tidy_codes(now).await?;
    Ok(())
}

/// Waits; false when the server stops meanwhile.
async fn waits(state: &AppState, time: Duration) -> bool {
    tokio::select! {
        () = state.stop.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How apps on this machine reach it.
    pub fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// What handlers share, for tests.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Stops gracefully: `/readyz` says no, sockets are told to come back, requests under way are
    /// finished, rounds are put away. At most twice [`DRAIN_LIMIT`].
    pub async fn stop(self) -> anyhow::Result<()> {
        self.state.stop.cancel();
        self.state.sockets.close();
        if tokio::time::timeout(DRAIN_LIMIT, self.state.sockets.wait()).await.is_err() {
            tracing::warn!(left = self.state.sockets.len(), "sockets did not end in time");
        }
        self.handle.graceful_shutdown(Some(DRAIN_LIMIT));
        self.serving.await.context("the HTTP server ended badly")??;
        self.chores.wait().await;
        if let Err(error) = self.state.stores.fairs.write_views().await {
            tracing::error!(%error, "the last views are not counted");
        }
        self.state.hall.stop().await;
        if let Some(turn) = self.turn {
            turn.stop().await;
        }
        tracing::info!("stopped");
        Ok(())
    }
}

/// Ends when the process is asked to stop (SIGINT, SIGTERM). Listens from the call on, not only from
/// the first poll, so that nothing asked in between is missed.
pub fn until_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // without signals the process ends as the system ends it
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_shows_an_address_devices_can_reach() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(shown_as(ip("0.0.0.0"), ip("127.0.0.1")), ip("127.0.0.1"));
        assert_eq!(shown_as(ip("0.0.0.0"), ip("192.168.1.5")), ip("192.168.1.5"));
        assert_eq!(shown_as(ip("192.168.1.6"), ip("0.0.0.0")), ip("192.168.1.6"));
        assert_eq!(shown_as(ip("0.0.0.0"), ip("::")), ip("127.0.0.1"));
    }

    #[test]
    fn external_relays_are_written_in_several_ways() {
        for url in [
            "turn:turn.example.cn:3478?transport=udp",
            "turn.example.cn:3478",
            "turn.example.cn",
            "stun:turn.example.cn",
        ] {
            assert_eq!(external_host(url), "turn.example.cn:3478");
        }
    }
}
