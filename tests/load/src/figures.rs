//! What one run found, as one line of JSON.

use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Figures of one run. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    pub mode: &'static str,
    /// Devices that were open.
    pub devices: usize,
    /// What was timed, and how often it happened: openings in `idle`, events in `queue`.
    pub count: usize,
    /// Devices that did not open or were lost, frames that did not come, refusals.
    pub errors: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// `count` for each second that it took.
    pub per_s: f64,
    /// Figures of one mode only.
    #[serde(flatten)]
    pub more: BTreeMap<&'static str, f64>,
}

impl Figures {
    /// Of times that were measured within `took`.
    pub fn of(
        mode: &'static str,
        devices: usize,
        errors: usize,
        times: &mut [Duration],
        took: Duration,
    ) -> Self {
        times.sort_unstable();
        let seconds = took.as_secs_f64();
        Self {
            mode,
            devices,
            count: times.len(),
            errors,
            p50_ms: ms(percentile(times, 50)),
            p99_ms: ms(percentile(times, 99)),
            max_ms: ms(percentile(times, 100)),
            per_s: if seconds > 0.0 { round(times.len() as f64 / seconds) } else { 0.0 },
            more: BTreeMap::new(),
        }
    }

    /// With one more figure.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.more.insert(name, round(value));
        self
    }
}

/// The nearest-rank percentile of sorted times: the smallest that at least `percent` of 100 do not exceed. Zero when
/// there is none.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied().unwrap_or_default()
}

/// Milliseconds with a thousandth's precision.
pub fn ms(time: Duration) -> f64 {
    round(time.as_secs_f64() * 1_000.0)
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&times, 100), Duration::from_millis(200));
        assert_eq!(percentile(&times[..1], 50), Duration::from_millis(1));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn the_line_has_a_modes_own_figures_beside_the_others() {
        let mut times = [Duration::from_micros(3_500), Duration::from_micros(1_250)];
        let figures = Figures::of("idle", 2, 1, &mut times, Duration::from_millis(500)).with("rss", 1.23456);
        let line = serde_json::to_value(&figures).expect("it is JSON");
        let expected = serde_json::json!({
            "mode": "idle", "devices": 2, "count": 2, "errors": 1, "p50_ms": 1.25, "p99_ms": 3.5, "max_ms": 3.5,
            "per_s": 4.0, "rss": 1.235,
        });
        assert_eq!(line, expected);
    }
}
