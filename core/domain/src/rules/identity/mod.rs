//! The identity step (J4): is this the person who was invited?
//!
//! [`framing`] judges one picture, [`guide`] makes of many pictures one calm sentence of advice, [`challenge`]
//! derives the movements from the server's nonce and watches them being done, [`report`] is what the device signs
//! and what the server makes of it. The machines never see a picture: `miantan-face` measures, these judge.

pub mod challenge;
pub mod framing;
pub mod guide;
pub mod report;

#[cfg(test)]
mod tests;

pub use challenge::{Challenge, ChallengeRun};
pub use framing::framing;
pub use guide::Guide;
pub use report::{Decision, FaceReport, ReportRefused, decide};

/// Face attempts a candidate has in a round, counted by the server.
pub const ATTEMPTS: u32 = 3;
/// An attempt must be answered within this time, ms.
pub const ATTEMPT_MS: u64 = 120_000;
