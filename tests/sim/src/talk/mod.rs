//! Conversations over links that break: the outbox, the lane guard, the server's decisions and the
//! mirrors of several devices, joined and driven by one seeded scheduler.
//!
//! Two employers' and three candidates' devices talk in all their conversations. Each socket has two
//! lines that keep their order; the scheduler decides what arrives next, which socket breaks (taking
//! whatever is in its lines), whose app is killed, when the server dies, which write fails for now and
//! which REST answer is lost. [`Check`] looks at the server's disk and at what devices were told;
//! [`Fault`] breaks one rule at a time.

mod device;
mod server;
mod world;

pub use world::{Report, run};

/// One rule broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A repeated change is done again.
    ForgetsIds,
    /// What follows a change refused for now slips past it.
    NoLaneGuard,
    /// Changes are acknowledged without being written.
    AcknowledgesUnwritten,
    /// A server that dies loses its last write.
    LosesTail,
    /// The inbox counts live frames while it still catches up.
    CountsTooEarly,
    /// Seen-marks are taken as they come, also backwards.
    SeenGoesBack,
}

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// An acknowledged message exists exactly once, a refused one never.
    ExactlyOnce,
    /// What one device said in one conversation stands there in the order it was said.
    InOrder,
    /// When the noise stops, every device has every entry of its conversations.
    NothingMissed,
    /// Nobody has seen less than before, or more than there is.
    SeenOnlyGrows,
}

/// A broken promise, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub check: Check,
    pub what: String,
}
