//! Miantan's backend: one process that serves an organiser's app users.
//!
//! REST for request and answer ([`http`]), one WebSocket per device for everything live (`live`),
//! one actor per round (`hall`), SQLite in one data folder ([`store`]).
//!
//! Architecture Invariant: this crate knows nothing of the client, of media or of a platform. What a
//! round or a call may become is decided in `miantan-domain`; what is stored goes through [`store`].

pub mod admin;
pub mod bus;
pub mod calendar;
pub mod clock;
pub mod config;
pub mod faces;
pub mod hall;
pub mod http;
pub mod limits;
pub mod live;
pub mod metrics;
pub mod objects;
pub mod openapi;
pub mod organiser;
pub mod paper;
pub mod retention;
pub mod secrets;
pub mod seed;
pub mod server;
pub mod sms;
pub mod state;
pub mod store;
pub mod talk;
pub mod tls;
pub mod turn;
pub mod web;
