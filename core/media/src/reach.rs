//! Whether and how well UDP reaches the relay: an allocation is tried once with short-lived credentials (TURN, RFC 8656), and
//! binding requests (STUN, RFC 8489) in even steps count what is lost on the way there and back. For the check before a
//! call; nothing is sent to anybody but the relay, and the allocation is given back at the end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use miantan_domain::signal::IceServer;
use rtc::sansio::Protocol as _;
use rtc::shared::{TransportContext, TransportMessage, TransportProtocol};
use rtc::turn::client::{Client, ClientConfig, Event};
use tokio::net::UdpSocket;

/// Between two binding requests: the pace of a call's small packets.
const EVERY: Duration = Duration::from_millis(50);
/// An answer that takes longer is lost as far as a conversation is concerned.
const LATE: Duration = Duration::from_secs(1);
/// RFC 8489, section 5: a binding request's type and the magic cookie.
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reach {
    /// The relay gave an address.
    pub relay: bool,
    /// Requests sent and answered in time.
    pub sent: u32,
    pub answered: u32,
    /// Median round trip of those answered, ms.
    pub round_trip_ms: Option<u32>,
}

impl Reach {
    /// Percent; `None` when not one was answered: there is no UDP.
    pub fn loss_percent(&self) -> Option<f32> {
        (self.answered > 0)
            .then(|| (self.sent - self.answered.min(self.sent)) as f32 * 100.0 / self.sent as f32)
    }
}

/// Host and port of a `turn:` or `stun:` address over UDP.
fn place(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let udp = query.is_empty() || query.eq_ignore_ascii_case("transport=udp");
    (matches!(scheme, "turn" | "stun") && udp && !place.is_empty()).then_some(place)
}

/// Tries the first of these relays that has a UDP address, for about `within`.
pub async fn reach(servers: &[IceServer], within: Duration) -> Reach {
    let Some((server, host)) = servers.iter().find_map(|server| {
        let host = place(&server.url)?;
        server.url.starts_with("turn:").then_some((server, host))
    }) else {
        return Reach::default();
    };
    let with_port = if has_port(host) { host.to_owned() } else { format!("{host}:3478") };
    let address = match tokio::net::lookup_host(with_port).await {
        Ok(mut addresses) => addresses.next(),
        Err(_) => None,
    };
    let Some(address) = address else { return Reach::default() };
    match Probe::start(server, address).await {
        Ok(mut probe) => probe.run(within).await,
        Err(problem) => {
            tracing::info!(%problem, "the relay could not be tried");
            Reach::default()
        }
    }
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(before, port)| {
        port.parse::<u16>().is_ok() && (!before.contains(':') || before.ends_with(']'))
    })
}

struct Probe {
    socket: UdpSocket,
    local: SocketAddr,
    relay: SocketAddr,
    client: Client,
    waiting: HashMap<[u8; 12], Instant>,
    found: Reach,
    trips: Vec<u32>,
}

impl Probe {
    async fn start(server: &IceServer, relay: SocketAddr) -> Result<Self, String> {
        let any = if relay.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any).await.map_err(|error| error.to_string())?;
        let local = socket.local_addr().map_err(|error| error.to_string())?;
        let config = ClientConfig {
            stun_serv_addr: relay.to_string(),
            turn_serv_addr: relay.to_string(),
            local_addr: local,
            transport_protocol: TransportProtocol::UDP,
            username: server.username.clone().unwrap_or_default(),
            password: server.credential.clone().unwrap_or_default(),
            ..ClientConfig::default()
        };
        let crypto = rtc::crypto::default_provider().map_err(|error| error.to_string())?;
        let mut client = Client::new(config, crypto).map_err(|error| error.to_string())?;
        client.allocate(Instant::now()).map_err(|error| error.to_string())?;
        let (waiting, found, trips) = (HashMap::new(), Reach::default(), Vec::new());
        Ok(Self { socket, local, relay, client, waiting, found, trips })
    }

    async fn run(&mut self, within: Duration) -> Reach {
        let end = Instant::now() + within;
        // The last requests get their time to be answered.
        let last = end.checked_sub(LATE.min(within / 3)).unwrap_or(end);
        let mut next = Instant::now();
        let mut buffer = vec![0; 2_048];
        loop {
            let now = Instant::now();
            if now >= end {
                break;
            }
            if now >= next && next < last {
                self.ask(now).await;
                next += EVERY;
            }
            self.drive(now).await;
            if next >= last && self.waiting.is_empty() && self.found.relay {
                break;
            }
            let until = if next < last { next } else { (now + EVERY).min(end) };
            let wait = tokio::time::timeout_at(until.into(), self.socket.recv_from(&mut buffer));
            // Err: nothing came, or an ICMP word about an earlier packet; both are seen in the counts.
            if let Ok(Ok((length, from))) = wait.await
                && from == self.relay
            {
                self.came(&buffer[..length]);
            }
        }
        self.trips.sort_unstable();
        self.found.round_trip_ms = self.trips.get(self.trips.len() / 2).copied();
        if self.client.close().is_ok() {
            // The allocation is given back.
            self.send_out().await;
        }
        self.found
    }

    async fn ask(&mut self, now: Instant) {
        let id: [u8; 12] = rand::random();
        let mut request = Vec::with_capacity(20);
        request.extend(BINDING_REQUEST);
        request.extend([0, 0]);
        request.extend(COOKIE);
        request.extend(id);
        self.found.sent += 1;
        // Err: no way there; it counts as lost.
        if self.socket.send_to(&request, self.relay).await.is_ok() {
            self.waiting.insert(id, now);
        }
    }

    fn came(&mut self, bytes: &[u8]) {
        let binding = bytes.len() >= 20 && bytes[..2] == BINDING_SUCCESS && bytes[4..8] == COOKIE;
        let id = bytes.get(8..20).and_then(|id| <[u8; 12]>::try_from(id).ok());
        if let Some(asked) = id.filter(|_| binding).and_then(|id| self.waiting.remove(&id)) {
            let trip = asked.elapsed();
            if trip <= LATE {
                self.found.answered += 1;
                self.trips.push(trip.as_millis() as u32);
            }
            return;
        }
        let message = TransportMessage {
            now: Instant::now(),
            transport: TransportContext {
                local_addr: self.local,
                peer_addr: self.relay,
                transport_protocol: TransportProtocol::UDP,
                ecn: None,
            },
            message: BytesMut::from(bytes),
        };
        if let Err(problem) = self.client.handle_read(message) {
            tracing::debug!(%problem, "the relay's answer was not understood");
        }
    }

    async fn drive(&mut self, now: Instant) {
        self.waiting.retain(|_, asked| now.duration_since(*asked) <= LATE);
        if self.client.poll_timeout().is_some_and(|at| at <= now) {
            // Err: the request is given up; the relay then did not answer.
            let _ = self.client.handle_timeout(now);
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                Event::AllocateResponse(..) => self.found.relay = true,
                Event::AllocateError(_, problem) => tracing::info!(%problem, "the relay refused"),
                _ => {}
            }
        }
        self.send_out().await;
    }

    async fn send_out(&mut self) {
        while let Some(message) = self.client.poll_write() {
            // Err: as lost.
            let _ = self.socket.send_to(&message.message, message.transport.peer_addr).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_relays_are_read() {
        assert_eq!(place("turn:relay.example:3478?transport=udp"), Some("relay.example:3478"));
        assert_eq!(place("stun:1.2.3.4:3478"), Some("1.2.3.4:3478"));
        assert_eq!(place("turn:relay.example?transport=tcp"), None);
        assert_eq!(place("https://relay.example"), None);
        assert!(has_port("[::1]:3478") && has_port("a:1") && !has_port("a") && !has_port("::1"));
    }

    #[test]
    fn loss_is_not_known_where_nothing_was_answered() {
        assert_eq!(Reach { sent: 20, ..Reach::default() }.loss_percent(), None);
        let some = Reach { sent: 20, answered: 19, ..Reach::default() };
        assert!(some.loss_percent().is_some_and(|loss| (loss - 5.0).abs() < 0.01));
    }

    #[tokio::test]
    async fn nobody_answers() {
        let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("turn:{}?transport=udp", deaf.local_addr().expect("an address"));
        let server = IceServer { url, username: Some("u".into()), credential: Some("p".into()) };
        let found = reach(&[server], Duration::from_millis(300)).await;
        assert!(!found.relay && found.sent >= 3 && found.answered == 0, "{found:?}");
        assert_eq!(found.loss_percent(), None);
        assert_eq!(reach(&[], Duration::from_millis(50)).await, Reach::default());
    }

    #[tokio::test]
    async fn half_of_what_is_asked_is_answered() {
        let relay = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("turn:{}", relay.local_addr().expect("an address"));
        tokio::spawn(async move {
            let (mut buffer, mut count) = ([0; 512], 0);
            while let Ok((length, from)) = relay.recv_from(&mut buffer).await {
                if length == 20 && buffer[..2] == BINDING_REQUEST {
                    count += 1;
                    if count % 2 == 0 {
                        buffer[..2].copy_from_slice(&BINDING_SUCCESS);
                        let _ = relay.send_to(&buffer[..length], from).await;
                    }
                }
            }
        });
        let server = IceServer { url, username: Some("u".into()), credential: Some("p".into()) };
        let found = reach(&[server], Duration::from_millis(900)).await;
        assert!(!found.relay && found.answered > 2, "{found:?}");
        let loss = found.loss_percent().expect("some were answered");
        assert!((35.0..65.0).contains(&loss), "{loss}");
    }
}
