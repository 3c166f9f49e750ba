//! How much a call may send: a small congestion control made for two people who talk.
//!
//! It is told what became of each packet (transport-wide feedback) and says how much the path carries.
//! Three signals, in this order: a queue that stands (packets are late for longer than any burst of ours
//! explains) means too much; loss under 10 % while the delay is calm is radio, not congestion; otherwise
//! the estimate grows, quickly far from the last known limit and slowly near it.
//!
//! Pure: times are arguments, in microseconds of any clock that does not go back. It never decides what
//! is sent (that is [`super::ladder`]) and never measures anything itself.

mod estimator;
mod probe;
#[cfg(test)]
mod tests;

pub use estimator::BandwidthEstimator;
pub use probe::Prober;

/// What every call starts to send, in bits per second of everything.
pub const START_BITS_PER_SECOND: u32 = 700_000;
/// Never less: sound at its thinnest, with headers.
pub const LEAST_BITS_PER_SECOND: u32 = 40_000;
/// Never more: 640×360 at 30 pictures a second gains nothing beyond.
pub const MOST_BITS_PER_SECOND: u32 = 1_500_000;
/// UDP, IPv4 and the SRTP tag around each packet, which the path carries as well.
pub const PACKET_OVERHEAD: u32 = 38;

/// What became of one sent packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// When it left, on the own clock.
    pub sent_us: u64,
    /// When it came, on the other side's clock (only differences mean anything); `None`: it was lost.
    pub arrived_us: Option<u64>,
    /// Its size on the path, headers included.
    pub bytes: u32,
}

/// What the estimator knows now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Bits per second that the path carries, everything included.
    pub bits_per_second: u32,
    /// Bits per second to send now: less while a queue must drain.
    pub allowance: u32,
    /// Bits per second that arrived lately.
    pub delivered: u32,
    /// Packets of a hundred lost lately.
    pub loss_percent: f32,
    /// How long packets stand in queues.
    pub queue_ms: u32,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            bits_per_second: START_BITS_PER_SECOND,
            allowance: START_BITS_PER_SECOND,
            delivered: 0,
            loss_percent: 0.0,
            queue_ms: 0,
        }
    }
}
