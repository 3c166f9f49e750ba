//! The app without its screen: a [`Session`] takes [`Intent`]s and publishes [`view::AppView`]s.
//!
//! Everything that lasts is in SQLite on the device ([`store`]), kept apart per server; one event
//! loop drives the pure machines of `miantan-domain`. Architecture Invariant: nothing here knows of
//! Dioxus, HTML or a window; what only a phone's system can do is asked of [`platform::Services`].

pub mod clock;
mod faces;
mod files;
pub mod intent;
pub mod link;
pub mod media;
mod picture;
pub mod platform;
mod rest;
mod session;
mod socket;
pub mod store;
mod tls;
pub mod view;

pub use intent::Intent;
pub use session::{MediaOptions, OpenError, Session, SessionConfig};
