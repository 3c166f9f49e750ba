//! The wire protocol: REST bodies ([`rest`]), live frames ([`live`]), problems ([`problem`]).
//!
//! Everything is JSON. A receiver skips kinds it does not know; the server answers them with
//! `unknown_kind` and keeps the socket. Each type here has a golden file, a round-trip property test
//! and a corrupt-bytes test in `core/domain/tests/`.

pub mod live;
pub mod problem;
pub mod rest;

pub use problem::{Problem, ProblemCode};

/// Protocol versions this build speaks, newest first.
pub const VERSIONS: &[u16] = &[1];

/// The newest version both lists have.
pub fn negotiate(theirs: &[u16]) -> Option<u16> {
    VERSIONS.iter().copied().find(|v| theirs.contains(v))
}
