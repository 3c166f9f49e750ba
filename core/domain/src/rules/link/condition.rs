//! The conditions a link can be in, each with what belongs to it, and the back-off's figure.

use super::state::*;
use crate::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Stopped,
    Offline { down: Down, until: Timestamp },
    Connecting { down: Down, until: Timestamp },
    Greeting { down: Down, until: Timestamp },
    Live(Live),
    BackingOff { down: Down, until: Timestamp },
}

/// A time without a live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Down {
    pub since: Timestamp,
    /// Failures in a row, for the back-off.
    pub failures: u32,
    /// The driver has been woken once to show it.
    pub shown: bool,
}

/// A time with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Live {
    pub since: Timestamp,
    /// Failures before it; forgotten when this lasts.
    pub failures: u32,
    pub heartbeat_ms: u64,
    pub silence: Silence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    Heard {
        at: Timestamp,
    },
    /// Pinged; after so many more misses the socket is dead.
    Asked {
        until: Timestamp,
        misses_left: u32,
    },
}

impl State {
    pub const fn has_socket(&self) -> bool {
        match self {
            Self::Connecting { .. } | Self::Greeting { .. } | Self::Live(_) => true,
            Self::Stopped | Self::Offline { .. } | Self::BackingOff { .. } => false,
        }
    }

    pub const fn down(&self) -> Option<&Down> {
        match self {
            Self::Offline { down, .. }
            | Self::Connecting { down, .. }
            | Self::Greeting { down, .. }
            | Self::BackingOff { down, .. } => Some(down),
            Self::Stopped | Self::Live(_) => None,
        }
    }

    pub fn down_mut(&mut self) -> Option<&mut Down> {
        match self {
            Self::Offline { down, .. }
            | Self::Connecting { down, .. }
            | Self::Greeting { down, .. }
            | Self::BackingOff { down, .. } => Some(down),
            Self::Stopped | Self::Live(_) => None,
        }
    }
}

impl Live {
    /// How the count of failures goes on if this ended now.
    pub const fn failures_at(&self, now: Timestamp) -> u32 {
        if now.since(self.since) >= STABLE_MS { 0 } else { self.failures }
    }

    pub fn pong_limit(&self) -> u64 {
        PONG_LIMIT_MS.min(self.heartbeat_ms)
    }
}

/// A time in `0..=min(15 s, 0.3 s · 2^failures)`, evenly spread by `random`.
pub(super) fn full_jitter(failures: u32, random: u64) -> u64 {
    let doubled = 1_u64.checked_shl(failures).unwrap_or(u64::MAX);
    let span = BACK_OFF_FIRST_MS.saturating_mul(doubled).min(BACK_OFF_MAX_MS);
    // `random / 2⁶⁴` of the span, both ends included, without floating point.
    ((u128::from(random) * (u128::from(span) + 1)) >> 64) as u64
}
