//! The device's half of its one WebSocket: connect, greet, stay alive, back off, come back.
//!
//! [`Link`] decides *when* a socket is opened, closed, greeted and asked for a sign of life. It never
//! touches a socket, never knows an address or a token, and never looks into frames: the driver
//! tells it that one was heard. There is no server half: a server only answers, and closes what has
//! been silent; what it owes a device after the greeting is the round's and the call's matter.
//!
//! ```text
//!             Start            opened            welcome
//!  Stopped ──────────► Connecting ──────► Greeting ──────► Live ──┐ nothing heard, closed, bye
//!                        ▲    │ 10 s, closed  │ 5 s, closed       │
//!         back-off over, │    ▼               ▼                   ▼
//!   network, foreground  └─ BackingOff ◄──────┴───────────────────┘
//!                           Offline (while the system says that there is no network)
//! ```
//!
//! Sockets are numbered ([`Generation`]). At most one is open or opening at any time, and what an
//! older one still reports is ignored.
//!
//! **Back-off.** The n-th failure in a row waits a random time, evenly spread between nothing and
//! `min(15 s, 0.3 s · 2ⁿ)` ("full jitter", M. Brooker, *Exponential Backoff And Jitter*, AWS
//! Architecture Blog, 2015). Doubling takes the load off a server that is down; drawing from the
//! *whole* span rather than around its end spreads a hall of a thousand phones that all lost the
//! same server at the same moment. The count starts again once a connection has been live for 10 s,
//! so that a server which accepts and drops at once is not hammered.

mod client;
mod condition;
mod state;

#[cfg(test)]
mod tests;

pub use client::Link;
pub use state::*;
