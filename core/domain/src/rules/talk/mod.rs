//! A conversation (洽谈): what each side may do in it, and how a device comes to have all of it.
//!
//! The server's half ([`decide`]) looks at a [`TalkState`] and one command, and says what changes; the
//! store runs it inside the transaction that numbers the entry, so deciding and keeping are one. The
//! device's half is [`TalkMirror`] for one conversation (which entries are here, which are missing, how
//! far they were read) and [`InboxMirror`] for all of them (what changed while the device was away).
//!
//! **Order** is the conversation's `seq`, given by the server; no clock has a word in it.
//! **Exactly once**: the entry's id is the sender's [`crate::ids::ChangeId`], unique in the store.
//! **Nothing is missed**: entries are numbered without gaps, so a device sees a hole and asks; each
//! change carries the server's running `pos`, so a device that was away asks "since".
//!
//! Never here: sockets, tables, who is signed in, what a file contains.

mod client;
mod inbox;
mod server;
mod state;

#[cfg(test)]
mod tests;

pub use client::*;
pub use inbox::*;
pub use server::*;
pub use state::*;
