//! The two clocks: one that measures (and counts phone sleep), one that people read.

use serde::{Deserialize, Serialize};

/// Milliseconds of a clock that never jumps and goes on while the device sleeps (CLOCK_BOOTTIME,
/// mach_continuous_time). Its zero means nothing; only differences do. Never sent over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// `self` plus `ms`, saturating.
    #[must_use]
    pub const fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`; 0 when `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Milliseconds still left until `self`, seen from `now`; 0 when it has passed.
    pub const fn left(self, now: Self) -> u64 {
        self.0.saturating_sub(now.0)
    }
}

/// Unix time in milliseconds (UTC). For display and records; never for order or timeouts on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct WallTime(pub i64);

impl WallTime {
    /// `self` plus `ms`, saturating.
    #[must_use]
    pub const fn after(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`, 0 when `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        let d = self.0.saturating_sub(earlier.0);
        if d < 0 { 0 } else { d as u64 }
    }
}

/// One reading of both clocks, taken by the driver and handed to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    pub now: Timestamp,
    pub wall: WallTime,
}

impl Moment {
    /// Where a recorded wall time lies on the measuring clock, seen from this moment. Used when a
    /// machine is rebuilt from its log after a restart, so that its timeouts are re-evaluated.
    pub const fn timestamp_of(self, wall: WallTime) -> Timestamp {
        let delta = wall.0.saturating_sub(self.wall.0);
        if delta < 0 {
            Timestamp(self.now.0.saturating_sub(delta.unsigned_abs()))
        } else {
            Timestamp(self.now.0.saturating_add(delta as u64))
        }
    }
}
