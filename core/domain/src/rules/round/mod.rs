//! A round: its flow of stages, its queue of tickets, and the calls made from it.
//!
//! [`RoundState`] is the fold of numbered [`RoundEvent`]s; the server and every recruiter's device
//! fold the same events with the same code. [`RoundServer`] decides what becomes an event.
//!
//! Order of the queue (Q1): lap, then appointed time, then ticket number. Absent at one's turn means
//! skipped: the place is kept for the round's grace, then the ticket moves one lap back, behind those
//! present. No event ever removes a ticket.

pub mod client;
mod event;
pub mod server;
mod state;
mod view;

#[cfg(test)]
mod tests;

pub use client::{Followed, RoundMirror};
pub use event::*;
pub use server::RoundServer;
pub use state::*;
