//! The way of all media of a hall, where calls go through the relay: a UDP forwarder in front of the
//! relay that can be cut and mended, or made narrow and lossy. While it is cut, packets vanish both ways, as in a
//! lift; a narrow air delays and drops what each phone sends, as at the edge of a cell.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Largest datagram passed on, in bytes.
const DATAGRAM_MAX: usize = 2_048;
/// UDP and IPv4 headers, which a real link carries as well.
const HEADERS: usize = 28;
/// Packets that would wait longer than this are dropped.
const QUEUE: Duration = Duration::from_millis(400);

/// What one phone can send.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uplink {
    /// 0 is no limit.
    pub bits_per_second: u64,
    /// Lost by chance, of a hundred.
    pub loss_percent: u32,
}

/// Cut or not, and how narrow.
#[derive(Debug)]
pub struct Air {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    whole: AtomicBool,
    uplink: Mutex<Uplink>,
}

impl State {
    fn uplink(&self) -> Uplink {
        *self.uplink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Air {
    /// A whole way to the relay at this address.
    pub async fn to(relay: SocketAddr) -> Self {
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a free port"));
        let address = front.local_addr().expect("the port is known");
        let state = Arc::new(State { whole: AtomicBool::new(true), uplink: Mutex::default() });
        tokio::spawn(forward(front, relay, Arc::clone(&state)));
        Self { address, state }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn cut(&self) {
        self.state.whole.store(false, Ordering::Relaxed);
    }

    pub fn mend(&self) {
        self.state.whole.store(true, Ordering::Relaxed);
    }

    /// From now on each phone can send so much.
    pub fn becomes(&self, uplink: Uplink) {
        *self.state.uplink.lock().unwrap_or_else(PoisonError::into_inner) = uplink;
    }
}

/// One phone's way to the relay: what it sends waits here for its turn.
struct Phone {
    queue: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
    free_at: Instant,
    /// For losses by chance, the same in every run.
    seed: u32,
}

impl Phone {
    fn send(&mut self, uplink: Uplink, datagram: &[u8]) {
        let now = Instant::now();
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if (self.seed >> 8) % 100 < uplink.loss_percent {
            return;
        }
        self.free_at = self.free_at.max(now);
        if uplink.bits_per_second == 0 {
            self.free_at = now;
        } else if self.free_at - now > QUEUE {
            return;
        } else {
            let bits = (datagram.len() + HEADERS) as u64 * 8;
            self.free_at += Duration::from_micros(bits * 1_000_000 / uplink.bits_per_second);
        }
        // Err: the relay's side is gone, and so is what was sent.
        let _ = self.queue.send((self.free_at, datagram.to_vec()));
    }
}

async fn forward(front: Arc<UdpSocket>, relay: SocketAddr, state: Arc<State>) {
    // One socket for each sender, so that the relay tells them apart.
    let mut phones: HashMap<SocketAddr, Phone> = HashMap::new();
    let mut datagram = [0; DATAGRAM_MAX];
    while let Ok((length, from)) = front.recv_from(&mut datagram).await {
        if !state.whole.load(Ordering::Relaxed) {
            continue;
        }
        let phone = match phones.entry(from) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let Ok(socket) = UdpSocket::bind("127.0.0.1:0").await else { return };
                if socket.connect(relay).await.is_err() {
                    return;
                }
                let socket = Arc::new(socket);
                tokio::spawn(answers(Arc::clone(&socket), Arc::clone(&front), from, Arc::clone(&state)));
                let (queue, waiting) = mpsc::unbounded_channel();
                tokio::spawn(leave(socket, waiting));
                free.insert(Phone { queue, free_at: Instant::now(), seed: 7 })
            }
        };
        phone.send(state.uplink(), &datagram[..length]);
    }
}

async fn leave(socket: Arc<UdpSocket>, mut waiting: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>) {
    while let Some((at, datagram)) = waiting.recv().await {
        sleep_until(at).await;
        // What cannot be sent is lost, as everywhere with UDP.
        let _ = socket.send(&datagram).await;
    }
}

async fn answers(socket: Arc<UdpSocket>, front: Arc<UdpSocket>, to: SocketAddr, state: Arc<State>) {
    let mut datagram = [0; DATAGRAM_MAX];
    while let Ok(length) = socket.recv(&mut datagram).await {
        if state.whole.load(Ordering::Relaxed) {
            let _ = front.send_to(&datagram[..length], to).await;
        }
    }
}
