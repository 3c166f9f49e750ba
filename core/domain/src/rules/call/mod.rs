//! One interview call: ringing → connecting → connected ⇄ interrupted → ended(reason).
//!
//! [`server`] owns the truth of one call; [`client`] is what one device makes of it. The server
//! sends the whole state at every change ([`crate::wire::live::CallFrame`]), so a lost, repeated or
//! late frame cannot leave the two halves apart.
//!
//! ```text
//!            ring                 answer                both flow
//!   (none) ───────► Ringing ────────────► Connecting ─────────────► Connected
//!                     │ decline, limit,       │ 20 s, hang up          │    ▲
//!                     │ cancel, unreachable   │               lost,    │    │ both flow
//!                     ▼                       ▼               phone    ▼    │
//!                   Ended ◄───────────────────┴───────────────── Interrupted
//!                                          hang up, 30 s (10 min on the phone)
//! ```

pub mod client;
pub mod server;
mod state;

#[cfg(test)]
mod tests;

pub use state::*;
