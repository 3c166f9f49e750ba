//! Both clocks of the server in one place, so that tests can turn them by hand. Nothing else in the
//! backend reads the time to decide something.

use miantan_domain::time::{Moment, Timestamp, WallTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Measuring time since the process started, and wall time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System { started: Instant },
    Manual { wall: Arc<AtomicI64>, started: WallTime },
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        Self(Source::System { started: Instant::now() })
    }

    /// A clock that only [`Self::advance`] moves. Clones move together.
    pub fn manual(wall: WallTime) -> Self {
        Self(Source::Manual { wall: Arc::new(AtomicI64::new(wall.0)), started: wall })
    }

    /// Unix time in milliseconds.
    pub fn wall(&self) -> WallTime {
        self.moment().wall
    }

    /// One reading of both clocks.
    pub fn moment(&self) -> Moment {
        match &self.0 {
            Source::System { started } => {
                let now = Timestamp(started.elapsed().as_millis() as u64);
                // a machine set before 1970 gets 1970: display only, nothing is ordered by it
                let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
                Moment { now, wall: WallTime(wall) }
            }
            Source::Manual { wall, started } => {
                let wall = WallTime(wall.load(Ordering::SeqCst));
                Moment { now: Timestamp(wall.since(*started)), wall }
            }
        }
    }

    /// Moves a manual clock on; the machine's clocks cannot be moved.
    pub fn advance(&self, ms: u64) {
        match &self.0 {
            Source::Manual { wall, .. } => {
                wall.fetch_add(ms as i64, Ordering::SeqCst);
            }
            Source::System { .. } => {}
        }
    }
}
