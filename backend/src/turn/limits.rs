//! What keeps the embedded TURN server from being used for anything but our calls: which peers may
//! be reached, how much passes per allocation, how many unauthenticated requests are read at all.

use async_trait::async_trait;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::net::UdpSocket;
use webrtc_util::Conn;

type Result<T> = std::result::Result<T, webrtc_util::Error>;

/// Bytes per second and direction of one allocation (10 Mbit/s): several times what a call needs.
pub const RELAY_BYTES_PER_S: u64 = 1_250_000;
/// Requests without credentials per second, all senders together. Each costs the server a nonce it
/// remembers, and an answer to an address that may be forged.
pub const UNSIGNED_PER_S: u64 = 100;
/// The same for one address; a campus shares one.
pub const UNSIGNED_PER_ADDRESS_PER_S: u64 = 20;
/// Addresses counted at a time; beyond it the counts start anew.
const ADDRESSES_MAX: usize = 10_000;

/// A bucket that refills with time: `per_s` tokens a second, at most `burst`.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub fn full(burst: u64, at: Instant) -> Self {
        Self { tokens: burst as f64, at }
    }

    /// Takes `cost` tokens, or nothing when there are not so many.
    pub fn take(&mut self, cost: u64, per_s: u64, burst: u64, at: Instant) -> bool {
        let gained = at.saturating_duration_since(self.at).as_secs_f64() * per_s as f64;
        self.tokens = (self.tokens + gained).min(burst as f64);
        self.at = at;
        let enough = self.tokens >= cost as f64;
        if enough {
            self.tokens -= cost as f64;
        }
        enough
    }
}

/// Whether media may be relayed to `peer` by a server that shows itself as `own`.
///
/// Never to machines of the organiser's own network that a client could not reach by itself, never
/// to link-local addresses (metadata services live there) and never to ports of well-known services.
pub fn may_relay_to(peer: SocketAddr, own: IpAddr) -> bool {
    if peer.port() < 1024 {
        return false;
    }
    let own = Reach::of(own.to_canonical());
    match Reach::of(peer.ip().to_canonical()) {
        Reach::Never => false,
        Reach::Loopback => own == Reach::Loopback,
        Reach::Private => own != Reach::Public,
        Reach::Public => true,
    }
}

#[derive(PartialEq, Eq)]
enum Reach {
    Never,
    Loopback,
    Private,
    Public,
}

impl Reach {
    fn of(ip: IpAddr) -> Self {
        match ip {
            _ if ip.is_unspecified() || ip.is_multicast() => Self::Never,
            _ if ip.is_loopback() => Self::Loopback,
            IpAddr::V4(v4) if v4.is_broadcast() || v4.is_link_local() || v4.octets()[0] == 0 => Self::Never,
            // RFC 1918, and RFC 6598 (carrier-grade NAT, where clouds keep inner services)
            IpAddr::V4(v4) if v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xC0 == 64) => {
                Self::Private
            }
            IpAddr::V6(v6) if v6.is_unicast_link_local() => Self::Never,
            IpAddr::V6(v6) if v6.is_unique_local() => Self::Private,
            IpAddr::V4(_) | IpAddr::V6(_) => Self::Public,
        }
    }
}

/// The socket of one allocation.
pub struct RelaySocket {
    socket: UdpSocket,
    own: IpAddr,
    sent: Mutex<Bucket>,
    received: Mutex<Bucket>,
}

impl RelaySocket {
    pub fn new(socket: UdpSocket, own: IpAddr) -> Self {
        let full = || Mutex::new(Bucket::full(RELAY_BYTES_PER_S, Instant::now()));
        Self { socket, own, sent: full(), received: full() }
    }

    fn passes(bucket: &Mutex<Bucket>, bytes: usize) -> bool {
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(bytes as u64, RELAY_BYTES_PER_S, RELAY_BYTES_PER_S, Instant::now())
    }
}

#[async_trait]
impl Conn for RelaySocket {
    async fn connect(&self, addr: SocketAddr) -> Result<()> {
        Ok(self.socket.connect(addr).await?)
    }

    async fn recv(&self, buf: &mut [u8]) -> Result<usize> {
        Ok(self.socket.recv(buf).await?)
    }

    async fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        loop {
            let (n, from) = self.socket.recv_from(buf).await?;
            if may_relay_to(from, self.own) && Self::passes(&self.received, n) {
                return Ok((n, from));
            }
        }
    }

    async fn send(&self, buf: &[u8]) -> Result<usize> {
        Ok(self.socket.send(buf).await?)
    }

    async fn send_to(&self, buf: &[u8], target: SocketAddr) -> Result<usize> {
        // what may not pass is dropped as a network would: the sender is told nothing
        if may_relay_to(target, self.own) && Self::passes(&self.sent, buf.len()) {
            Ok(self.socket.send_to(buf, target).await?)
        } else {
            Ok(buf.len())
        }
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }

    fn as_any(&self) -> &(dyn std::any::Any + Send + Sync) {
        self
    }
}

/// The listening socket: passes on what looks like STUN or TURN, and of requests without
/// credentials only as many as [`UNSIGNED_PER_S`] allows.
pub struct FrontDoor {
    socket: Arc<UdpSocket>,
    unsigned: Mutex<Unsigned>,
    /// Requests without credentials let in so far.
    let_in: AtomicU64,
}

struct Unsigned {
    all: Bucket,
    each: HashMap<IpAddr, Bucket>,
}

impl FrontDoor {
    pub fn new(socket: Arc<UdpSocket>) -> Self {
        let all = Bucket::full(UNSIGNED_PER_S * 10, Instant::now());
        Self {
            socket,
            unsigned: Mutex::new(Unsigned { all, each: HashMap::new() }),
            let_in: AtomicU64::new(0),
        }
    }

    pub fn unsigned_let_in(&self) -> u64 {
        self.let_in.load(Ordering::Relaxed)
    }

    fn lets_in(&self, datagram: &[u8], from: IpAddr) -> bool {
        match kind_of(datagram) {
            Datagram::Other => false,
            Datagram::Signed | Datagram::Data => true,
            Datagram::Unsigned => {
                let now = Instant::now();
                let mut unsigned = self.unsigned.lock().unwrap_or_else(PoisonError::into_inner);
                if unsigned.each.len() >= ADDRESSES_MAX {
                    unsigned.each.clear();
                }
                let (per_s, burst) = (UNSIGNED_PER_ADDRESS_PER_S, UNSIGNED_PER_ADDRESS_PER_S * 10);
                let each = unsigned.each.entry(from).or_insert_with(|| Bucket::full(burst, now));
                let lets_in = each.take(1, per_s, burst, now)
                    && unsigned.all.take(1, UNSIGNED_PER_S, UNSIGNED_PER_S * 10, now);
                if lets_in {
                    self.let_in.fetch_add(1, Ordering::Relaxed);
                }
                lets_in
            }
        }
    }
}

enum Datagram {
    /// A request with a message integrity.
    Signed,
    /// A request or binding without.
    Unsigned,
    /// Relayed data: needs a permission that only a signed request makes.
    Data,
    Other,
}

/// RFC 8656, section 12.4: the first two bits tell channel data (01) from STUN (00); RFC 8489 for the
/// header (type, length, magic cookie) and attributes in 4-byte steps.
fn kind_of(datagram: &[u8]) -> Datagram {
    const HEADER: usize = 20;
    const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
    const SEND_INDICATION: u16 = 0x0016;
    const MESSAGE_INTEGRITY: u16 = 0x0008;
    let Some(first) = datagram.first() else { return Datagram::Other };
    match first >> 6 {
        0b01 => return Datagram::Data,
        0b00 if datagram.len() >= HEADER && datagram[4..8] == COOKIE => {}
        _ => return Datagram::Other,
    }
    let word = |at: usize| Some(u16::from_be_bytes([*datagram.get(at)?, *datagram.get(at + 1)?]));
    if word(0) == Some(SEND_INDICATION) {
        return Datagram::Data;
    }
    let mut at = HEADER;
    while let (Some(kind), Some(length)) = (word(at), word(at + 2)) {
        if kind == MESSAGE_INTEGRITY {
            return Datagram::Signed;
        }
        at += 4 + usize::from(length).next_multiple_of(4);
    }
    Datagram::Unsigned
}

#[async_trait]
impl Conn for FrontDoor {
    async fn connect(&self, addr: SocketAddr) -> Result<()> {
        Ok(self.socket.connect(addr).await?)
    }

    async fn recv(&self, buf: &mut [u8]) -> Result<usize> {
        Ok(self.socket.recv(buf).await?)
    }

    async fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        loop {
            match self.socket.recv_from(buf).await {
                Ok((n, from)) if self.lets_in(&buf[..n], from.ip()) => return Ok((n, from)),
                Ok(_) => {}
                // an unreachable client is reported on the next read (ICMP); it ends nobody else's calls
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn send(&self, buf: &[u8]) -> Result<usize> {
        Ok(self.socket.send(buf).await?)
    }

    async fn send_to(&self, buf: &[u8], target: SocketAddr) -> Result<usize> {
        Ok(self.socket.send_to(buf, target).await?)
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }

    fn as_any(&self) -> &(dyn std::any::Any + Send + Sync) {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_public_server_relays_to_the_internet_only() {
        let own: IpAddr = "203.0.113.5".parse().unwrap();
        let may = |peer: &str| may_relay_to(peer.parse().unwrap(), own);
        assert!(may("198.51.100.7:40000"));
        assert!(may("[2001:db8::7]:40000"));
        for peer in [
            "198.51.100.7:53",
            "127.0.0.1:5432",
            "10.0.0.8:6379",
            "192.168.1.1:5000",
            "100.100.100.200:8000",
            "169.254.169.254:8000",
            "224.0.0.251:5353",
            "255.255.255.255:9999",
            "0.0.0.0:9999",
            "[::1]:5432",
            "[::ffff:127.0.0.1]:5432",
            "[fe80::1]:9999",
            "[fd00::1]:9999",
        ] {
            assert!(!may(peer), "{peer}");
        }
    }

    #[test]
    fn a_server_in_a_school_relays_inside_it() {
        let own: IpAddr = "192.168.1.5".parse().unwrap();
        assert!(may_relay_to("192.168.1.77:40000".parse().unwrap(), own));
        assert!(!may_relay_to("127.0.0.1:40000".parse().unwrap(), own));
        assert!(may_relay_to("127.0.0.1:40000".parse().unwrap(), "127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::full(3, start);
        let taken = |bucket: &mut Bucket, ms| bucket.take(1, 2, 3, start + Duration::from_millis(ms));
        assert!(taken(&mut bucket, 0) && taken(&mut bucket, 0) && taken(&mut bucket, 0));
        assert!(!taken(&mut bucket, 0));
        assert!(taken(&mut bucket, 500));
        assert!(!taken(&mut bucket, 600));
        assert!(taken(&mut bucket, 60_000) && taken(&mut bucket, 60_000) && taken(&mut bucket, 60_000));
        assert!(!taken(&mut bucket, 60_000), "never more than the burst");
    }

    #[tokio::test]
    async fn unsigned_requests_are_read_at_a_limited_rate() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let door = FrontDoor::new(Arc::new(socket));
        let from: IpAddr = "198.51.100.7".parse().unwrap();
        let mut request = vec![0x00, 0x03, 0x00, 0x00, 0x21, 0x12, 0xA4, 0x42];
        request.resize(20, 7);
        let let_in = (0..1_000).filter(|_| door.lets_in(&request, from)).count();
        assert!((200..300).contains(&let_in), "{let_in}");
        let other: IpAddr = "198.51.100.8".parse().unwrap();
        assert!(door.lets_in(&request, other), "one address does not shut the door for others");
        // with a message integrity (here 20 bytes of rubbish: the server checks it)
        let mut signed = request.clone();
        signed.extend([0x00, 0x08, 0x00, 20]);
        signed.resize(44, 1);
        assert!(door.lets_in(&signed, from));
        for rubbish in [&b""[..], b"GET / HTTP/1.1\r\n", &[0x80; 40], &[0; 19]] {
            assert!(!matches!(kind_of(rubbish), Datagram::Unsigned | Datagram::Signed), "{rubbish:?}");
        }
    }
}
