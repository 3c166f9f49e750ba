//! The way of all media of a hall, where calls go through the relay: a UDP forwarder in front of the
//! relay that can be cut and mended. While it is cut, packets vanish both ways, as in a lift.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::UdpSocket;

/// Largest datagram passed on, in bytes.
const DATAGRAM_MAX: usize = 2_048;

/// Cut or not.
#[derive(Debug)]
pub struct Air {
    address: SocketAddr,
    whole: Arc<AtomicBool>,
}

impl Air {
    /// A whole way to the relay at this address.
    pub async fn to(relay: SocketAddr) -> Self {
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a free port"));
        let address = front.local_addr().expect("the port is known");
        let whole = Arc::new(AtomicBool::new(true));
        tokio::spawn(forward(front, relay, Arc::clone(&whole)));
        Self { address, whole }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn cut(&self) {
        self.whole.store(false, Ordering::Relaxed);
    }

    pub fn mend(&self) {
        self.whole.store(true, Ordering::Relaxed);
    }
}

async fn forward(front: Arc<UdpSocket>, relay: SocketAddr, whole: Arc<AtomicBool>) {
    // One socket for each sender, so that the relay tells them apart.
    let mut behind: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut datagram = [0; DATAGRAM_MAX];
    while let Ok((length, from)) = front.recv_from(&mut datagram).await {
        if !whole.load(Ordering::Relaxed) {
            continue;
        }
        if let Entry::Vacant(free) = behind.entry(from) {
            let Ok(socket) = UdpSocket::bind("127.0.0.1:0").await else { return };
            if socket.connect(relay).await.is_err() {
                return;
            }
            let socket = Arc::new(socket);
            tokio::spawn(answers(Arc::clone(&socket), Arc::clone(&front), from, Arc::clone(&whole)));
            free.insert(socket);
        }
        // What cannot be sent is lost, as everywhere with UDP.
        let _ = behind[&from].send(&datagram[..length]).await;
    }
}

async fn answers(socket: Arc<UdpSocket>, front: Arc<UdpSocket>, to: SocketAddr, whole: Arc<AtomicBool>) {
    let mut datagram = [0; DATAGRAM_MAX];
    while let Ok(length) = socket.recv(&mut datagram).await {
        if whole.load(Ordering::Relaxed) {
            let _ = front.send_to(&datagram[..length], to).await;
        }
    }
}
