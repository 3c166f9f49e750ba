//! Stories of the fair and the talk hall, through the real app core and the real backend.
//!
//! One binary, so that one story runs after the other: see `miantan_e2e::Hall`.

mod apply;
mod chat;
mod invite;
mod kills;
mod offline;
mod strangers;
