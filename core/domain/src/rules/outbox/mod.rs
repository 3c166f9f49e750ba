//! Commands on their way to the server, across lost sockets and killed apps.
//!
//! [`Outbox`] decides what is sent, again or not, and when to stop. It never makes ids, never
//! touches a socket or a database, and never looks at what a command says.
//!
//! Two kinds, told apart by [`Lasting::of`]:
//! - **durable** (everything in conversations, applications, notes, check-in, confirmation, outcomes, stages): stored before they
//!   are sent, sent again after every reconnect and restart until the server has answered; refused
//!   for good, they stay in a list with the reason until the person retries or deletes them;
//! - **passing** (ring, answer, decline, hang up, media): only worth something now, never stored,
//!   given up with `timed_out`.
//!
//! **Order.** Durable commands are sent in the order in which they were added, each once per
//! connection, with at most [`WINDOW`] unanswered. When the server refuses one *for now*, everything
//! behind it waits too, and then goes on one at a time until an answer is good again. What had
//! already been sent behind it in the same lane is refused by the server's [`LaneGuard`], so that a
//! conversation keeps its order. Passing commands never wait behind durable ones. A message whose
//! file is still being uploaded holds up its own lane only.
//!
//! **Exactly once.** Sending is at least once; the server makes it once: it answers a repeated
//! [`crate::ids::ChangeId`] of the same account with the first answer, from a table with a UNIQUE
//! key written in the transaction that made the change. A refusal changed nothing and must not be
//! remembered there: the person's retry sends the same id again. A pure server half would only wrap that one
//! look-up and could not be atomic with the change, so there is none.

mod client;
mod lanes;
mod state;

#[cfg(test)]
mod tests;

pub use client::Outbox;
pub use lanes::LaneGuard;
pub use state::*;
