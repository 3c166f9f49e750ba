//! Both halves of every rule, joined over a seeded lossy link in virtual time.
//!
//! A [`world::World`] has one server with two rounds, recruiters and candidates (one of them in both
//! rounds), and a network that delays, breaks and half-breaks sockets; apps are killed and started
//! again, the server too, also between its commit and its first word about it. Everything follows
//! from one seed. [`checks::Checks`] looks at the server's log and at what the devices were told
//! after every step; [`Sabotage`] breaks one rule at a time, so that a test can show that each
//! check fires.
//!
//! Never real: no sockets, threads, clocks or sleeping.

pub mod checks;
pub mod device;
pub mod net;
pub mod server;
pub mod talk;
pub mod world;

/// One rule broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// The store grants call slots that are taken.
    SlotsAlwaysFree,
    /// A repeated command is done again: answers are not remembered.
    ForgetsAnswers,
    /// Commands are acknowledged without being written.
    AcknowledgesUnwritten,
    /// Appointed times are lost on the way into the queue.
    IgnoresAppointments,
    /// A call's timeouts never come.
    NoCallTimeouts,
    /// A restart writes the end of a call a second time.
    EndsTwice,
    /// A restart forgets the newest ticket.
    LosesTickets,
    /// A device that comes back is not told how the call it believes to be in ended.
    KeepsEndsToItself,
}

/// A broken invariant, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub rule: Rule,
    pub what: String,
}

/// The invariants (DESIGN.md, *Pure rules*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    NobodyInTwoCalls,
    QueueOrderKept,
    EveryCallEndsOnce,
    AcknowledgedExistsOnce,
    TicketNeverLost,
    /// When the noise stops, everyone sees the same.
    EveryoneAgrees,
}
