//! The app's interface: one app for candidates and recruiters, made of [`screens`] and [`parts`], drawn from the
//! snapshots of `miantan-client`.
//!
//! Architecture Invariant: nothing here opens a socket, a database or a device. Screens show an `AppView` and send
//! `Intent`s; only `main.rs` wires a session and the phone's services to them.

pub mod app;
pub mod bridge;
pub mod format;
pub mod i18n;
pub mod opening;
pub mod page;
pub mod parts;
pub mod prefs;
pub mod screens;
pub mod second;
pub mod window;
pub mod words;
