//! The path between the two sides of a call, as a UDP forwarder in this process that is slow, loses packets,
//! or is cut. Each side is told an address of the forwarder instead of the other's own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use miantan_domain::signal::Signal;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// UDP and IPv4 headers, which a real path carries as well.
const HEADERS: usize = 28;

/// One direction.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// 0 is no limit.
    pub bits_per_second: u64,
    /// Packets that would wait longer are dropped.
    pub queue: Duration,
    pub delay: Duration,
    /// Lost by chance, of a hundred.
    pub loss_percent: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            bits_per_second: 0,
            queue: Duration::from_millis(400),
            delay: Duration::from_millis(10),
            loss_percent: 0,
        }
    }
}

impl Shape {
    pub fn of_kilobits(kilobits: u64) -> Self {
        Self { bits_per_second: kilobits * 1000, ..Self::default() }
    }

    pub fn losing(loss_percent: u32) -> Self {
        Self { loss_percent, ..Self::default() }
    }
}

/// One end of the path: where one side is, and the socket that stands for it towards the other.
struct End {
    socket: Arc<UdpSocket>,
    real: Mutex<Option<SocketAddr>>,
    /// What this side sends goes through this.
    shape: Mutex<Shape>,
}

impl End {
    async fn open() -> Arc<Self> {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a free port"));
        Arc::new(Self { socket, real: Mutex::default(), shape: Mutex::default() })
    }
}

/// See the module.
#[derive(Clone)]
pub struct Path {
    recruiter: Arc<End>,
    candidate: Arc<End>,
}

impl Path {
    pub async fn open() -> Self {
        let (recruiter, candidate) = (End::open().await, End::open().await);
        for (from, to) in [(&recruiter, &candidate), (&candidate, &recruiter)] {
            // What arrives at the socket that stands for `to` was sent by `from`.
            tokio::spawn(forward(Arc::clone(from), Arc::clone(to)));
        }
        Self { recruiter, candidate }
    }

    /// From now on what the recruiter sends goes through this.
    pub fn recruiter_sends_through(&self, shape: Shape) {
        *self.recruiter.shape.lock().unwrap() = shape;
    }

    pub fn candidate_sends_through(&self, shape: Shape) {
        *self.candidate.shape.lock().unwrap() = shape;
    }

    /// A signal of one side as the other is to see it.
    pub fn rewrite(&self, of_recruiter: bool, signal: Signal) -> Signal {
        let Signal::Candidate { line, mid, mline } = signal else { return signal };
        let end = if of_recruiter { &self.recruiter } else { &self.candidate };
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let real = format!("{}:{}", words[4], words[5]).parse().expect("a candidate's address");
        *end.real.lock().unwrap() = Some(real);
        let stand_in = end.socket.local_addr().expect("the port is known");
        words[4] = stand_in.ip().to_string();
        words[5] = stand_in.port().to_string();
        Signal::Candidate { line: words.join(" "), mid, mline }
    }
}

async fn forward(from: Arc<End>, to: Arc<End>) {
    let (queue, mut leaving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let (sender, receiver) = (Arc::clone(&from), Arc::clone(&to));
    tokio::spawn(async move {
        while let Some((at, packet)) = leaving.recv().await {
            sleep_until(at).await;
            let real = *receiver.real.lock().unwrap();
            if let Some(real) = real {
                // Lost, as everywhere with UDP.
                let _ = sender.socket.send_to(&packet, real).await;
            }
        }
    });
    let (mut free_at, mut seed) = (Instant::now(), 7_u32);
    let mut packet = vec![0; 2_048];
    while let Ok((length, _)) = to.socket.recv_from(&mut packet).await {
        let shape = *from.shape.lock().unwrap();
        let now = Instant::now();
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if (seed >> 8) % 100 < shape.loss_percent {
            continue;
        }
        let bits = (length + HEADERS) as u64 * 8_000_000;
        // Without a limit it is sent at once.
        free_at = match bits.checked_div(shape.bits_per_second) {
            None => now,
            Some(takes) => {
                let begins = free_at.max(now);
                if begins - now > shape.queue {
                    continue;
                }
                begins + Duration::from_micros(takes)
            }
        };
        let _ = queue.send((free_at + shape.delay, packet[..length].to_vec()));
    }
}
