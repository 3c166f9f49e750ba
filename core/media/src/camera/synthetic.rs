//! A camera without a device, for the demo and tests: draws [`super::pattern`] at the asked rate.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{CameraFormat, CameraSource, pattern};
use crate::frame::{I420Frame, now_ms};
use crate::problem::MediaProblem;

pub(super) struct SyntheticCamera {
    format: CameraFormat,
    due: Instant,
}

impl SyntheticCamera {
    pub(super) fn new(format: CameraFormat) -> Self {
        Self { format, due: Instant::now() }
    }
}

impl CameraSource for SyntheticCamera {
    fn next_frame(&mut self) -> Result<Option<I420Frame>, MediaProblem> {
        pace(&mut self.due, Duration::from_secs(1) / self.format.rate.max(1));
        pattern::draw(self.format.width, self.format.height, now_ms())
            .map(Some)
            .ok_or_else(|| MediaProblem::Codec("synthetic camera: odd picture size".to_owned()))
    }
}

/// Waits until `due` and moves it on; a late caller skips ahead rather than catching up in a burst.
pub(super) fn pace(due: &mut Instant, period: Duration) {
    let now = Instant::now();
    if *due > now {
        sleep(*due - now);
        *due += period;
    } else {
        *due = now + period;
    }
}
