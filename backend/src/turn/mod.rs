//! The embedded TURN (RFC 8656) and STUN (RFC 8489) server, over UDP: calls between networks that
//! do not let each other in. It knows no calls and no people, only credentials that expire.
//!
//! Against misuse as an open relay: credentials are given to signed-in devices only, for a call, and
//! end after [`TTL_S`]; peers are filtered, bytes limited ([`limits`]); who holds more than
//! [`ALLOCATIONS_PER_USER`] allocations loses all of them; there are never more allocations than
//! relay ports. Networks that block UDP are not served: see DESIGN.md, *Media*.

mod credentials;
mod limits;

pub use credentials::*;
pub use limits::Bucket;

use crate::clock::Clock;
use anyhow::Context;
use async_trait::async_trait;
use limits::{FrontDoor, RelaySocket};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use turn::auth::{AuthHandler, generate_auth_key};
use turn::relay::RelayAddressGenerator;
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};
use webrtc_util::Conn;

/// Allocations one device may hold at a time. A call needs one or two, an ICE restart two more until
/// the old ones are given back.
pub const ALLOCATIONS_PER_USER: usize = 12;
/// How often allocations are counted.
const COUNT_EVERY: Duration = Duration::from_secs(5);
/// The `turn` crate never forgets the nonces it gave out (about 100 bytes each); after so many the
/// server starts anew as soon as nobody uses it.
const NONCES_MAX: u64 = 50_000;
/// Tries to find a free relay port.
const PORT_TRIES: u32 = 64;
const REALM: &str = "miantan";

/// Where the server listens and what it shows itself as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnSettings {
    pub listen: SocketAddr,
    /// The address devices reach this machine by; relayed addresses carry it.
    pub public_ip: IpAddr,
    /// First and last UDP port for allocations.
    pub relay_ports: (u16, u16),
}

/// A running server.
pub struct TurnServer {
    address: SocketAddr,
    stop: CancellationToken,
    keeper: JoinHandle<()>,
}

impl TurnServer {
    /// Binds and serves. Fails when the address is taken or the settings make no sense.
    pub async fn start(settings: TurnSettings, secret: Vec<u8>, clock: Clock) -> anyhow::Result<Self> {
        let (first, last) = settings.relay_ports;
        anyhow::ensure!(
            first >= 1024 && last >= first,
            "turn relay ports {first}-{last}: the first must be at least 1024 and not above the last"
        );
        anyhow::ensure!(
            !settings.public_ip.is_unspecified(),
            "turn public address {}: name a real one",
            settings.public_ip
        );
        let socket = UdpSocket::bind(settings.listen)
            .await
            .with_context(|| format!("TURN cannot listen on UDP {}; choose another port", settings.listen))?;
        let address = socket.local_addr()?;
        let door = Arc::new(FrontDoor::new(Arc::new(socket)));
        let stop = CancellationToken::new();
        let auth = Arc::new(Auth { secret, clock });
        let server = serve(&door, &settings, &auth).await?;
        let keeper = tokio::spawn(keep(server, door, settings, auth, stop.clone()));
        Ok(Self { address, stop, keeper })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all allocations.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.keeper.await {
            tracing::warn!(%error, "the TURN keeper ended badly");
        }
    }
}

async fn serve(door: &Arc<FrontDoor>, settings: &TurnSettings, auth: &Arc<Auth>) -> anyhow::Result<Server> {
    // relay sockets listen where the server does; a server that shows itself as loopback stays there
    let bind = if settings.public_ip.is_loopback() { settings.public_ip } else { settings.listen.ip() };
    let relay = Relay { own: settings.public_ip, bind, ports: settings.relay_ports };
    let config = ServerConfig {
        conn_configs: vec![ConnConfig {
            conn: Arc::clone(door) as Arc<dyn Conn + Send + Sync>,
            relay_addr_generator: Box::new(relay),
        }],
        realm: REALM.to_owned(),
        auth_handler: Arc::clone(auth) as Arc<dyn AuthHandler + Send + Sync>,
        channel_bind_timeout: Duration::from_secs(0),
        alloc_close_notify: None,
    };
    Server::new(config).await.context("TURN does not start")
}

/// Counts allocations, ends misuse, and starts the server anew when its memory wants it.
async fn keep(
    mut server: Server,
    door: Arc<FrontDoor>,
    settings: TurnSettings,
    auth: Arc<Auth>,
    stop: CancellationToken,
) {
    let mut forgotten = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(COUNT_EVERY) => {}
        }
        let Ok(allocations) = server.get_allocations_info(None).await else { break };
        for user in greedy(allocations.values().map(|info| info.username.as_str())) {
            tracing::warn!("a device holds too many TURN allocations and loses them");
            if let Err(error) = server.delete_allocations_by_username(user).await {
                tracing::warn!(%error, "TURN allocations cannot be ended");
            }
        }
        if allocations.is_empty() && door.unsigned_let_in() - forgotten > NONCES_MAX {
            forgotten = door.unsigned_let_in();
            let _ = server.close().await;
            match serve(&door, &settings, &auth).await {
                Ok(anew) => server = anew,
                Err(error) => {
                    tracing::error!(%error, "TURN is down; restart the backend");
                    return;
                }
            }
        }
    }
    let _ = server.close().await;
}

/// Who owns more than [`ALLOCATIONS_PER_USER`] of these.
fn greedy<'a>(owners: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut held: HashMap<&str, usize> = HashMap::new();
    for owner in owners {
        *held.entry(owner).or_default() += 1;
    }
    held.into_iter()
        .filter(|(_, count)| *count > ALLOCATIONS_PER_USER)
        .map(|(owner, _)| owner.to_owned())
        .collect()
}

/// Checks usernames and makes the key a request must be signed with.
struct Auth {
    secret: Vec<u8>,
    clock: Clock,
}

impl AuthHandler for Auth {
    fn auth_handle(&self, username: &str, realm: &str, _from: SocketAddr) -> Result<Vec<u8>, turn::Error> {
        if username_in_time(username, self.clock.wall()) {
            Ok(generate_auth_key(username, realm, &credential(&self.secret, username)))
        } else {
            Err(turn::Error::ErrNoSuchUser)
        }
    }
}

/// Makes the sockets of allocations.
struct Relay {
    own: IpAddr,
    bind: IpAddr,
    ports: (u16, u16),
}

#[async_trait]
impl RelayAddressGenerator for Relay {
    fn validate(&self) -> Result<(), turn::Error> {
        Ok(())
    }

    async fn allocate_conn(
        &self,
        use_ipv4: bool,
        requested_port: u16,
    ) -> Result<(Arc<dyn Conn + Send + Sync>, SocketAddr), turn::Error> {
        // one family only: the one devices reach this machine by
        if use_ipv4 != self.own.is_ipv4() {
            return Err(turn::Error::ErrInvalidRequestedFamilyValue);
        }
        let bind =
            if self.bind.is_ipv4() == use_ipv4 { self.bind } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
        let (first, last) = self.ports;
        for _ in 0..PORT_TRIES {
            let port = if requested_port == 0 { rand::random_range(first..=last) } else { requested_port };
            match UdpSocket::bind((bind, port)).await {
                Ok(socket) => {
                    let shown = SocketAddr::new(self.own, port);
                    return Ok((Arc::new(RelaySocket::new(socket, self.own)), shown));
                }
                Err(_) if requested_port == 0 => {}
                Err(_) => break,
            }
        }
        Err(turn::Error::ErrMaxRetriesExceeded)
    }
}

#[cfg(test)]
mod tests;
