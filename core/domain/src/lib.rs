//! The pure rules of Miantan: ids, model, wire protocol and state machines, shared by the app and
//! the backend.
//!
//! Architecture Invariant: this crate knows nothing of sockets, clocks, threads, randomness or
//! storage. Time and random bytes are arguments; what must happen outside is returned as data.

pub mod code;
pub mod ids;
pub mod model;
pub mod rules;
pub mod signal;
pub mod time;
pub mod uscc;
pub mod wire;
