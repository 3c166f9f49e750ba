//! Stories of the hall, through the real app core, the real backend and real media.
//!
//! One binary, so that one story runs after the other: see `miantan_e2e::Hall`.

mod devices;
mod entrance;
mod identity;
mod killed_backend;
mod kills;
mod network;
mod stories;
mod weak;
