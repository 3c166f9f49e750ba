//! Check-in (入场检测): code → password → identity → speaker → microphone → camera → network (PRODUCT.md, J2–J7).
//!
//! [`client::CheckIn`] is what the app shows and stores; [`server`] is what the backend believes. The
//! machine never plays, records or films, never holds a code or a password, and never decides who
//! someone is.
//!
//! The place is always *the first step without an outcome*. So everything that makes a step to be
//! done again (going back, another headset, a new day) only takes its outcome away, and a killed app
//! is put back by the outcomes alone ([`Saved`]).
//!
//! - **Code, password**: proved by the server's answer to `POST /join`; what the invitation asks for
//!   ([`Plan`]) comes with it. They are never kept: an app killed between code and password asks for
//!   the code again.
//! - **Identity**: face check or a code by SMS ([`super::identity`]). This machine only waits at its place until the
//!   server says that it is settled, and refuses to go round it.
//! - **Speaker, microphone, camera**: the person says "can" or "cannot". "Cannot" first shows the
//!   manual's hints; going on all the same is possible after that, and the recruiter sees it.
//! - **Network**: the app measures and says what it means ([`super::network`]); good enough passes by itself.
//!
//! A *readiness pass* ([`Input::Pass`]) carries a day's outcomes over to that day's other rounds on the same devices.

pub mod client;
pub mod server;
mod state;

#[cfg(test)]
mod tests;

pub use client::CheckIn;
pub use state::*;
