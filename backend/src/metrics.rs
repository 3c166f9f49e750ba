//! Figures for `/metrics` in the Prometheus text format (version 0.0.4): counters and gauges with
//! labels, and one histogram of request times. Labels never carry anything about a person.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the histogram, in seconds.
const BUCKETS: [f64; 8] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// All figures of a process.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Name to label text to value. Names that end in `_total` are counters, others gauges.
    values: BTreeMap<&'static str, BTreeMap<String, i64>>,
    times: BTreeMap<&'static str, BTreeMap<String, Times>>,
}

#[derive(Debug, Default)]
struct Times {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    seconds: f64,
}

impl Metrics {
    /// Adds to a counter, or moves a gauge.
    pub fn add(&self, name: &'static str, labels: &[(&str, &str)], by: i64) {
        *self.lock().values.entry(name).or_default().entry(text(labels)).or_default() += by;
    }

    /// Sets a gauge.
    pub fn set(&self, name: &'static str, labels: &[(&str, &str)], value: i64) {
        self.lock().values.entry(name).or_default().insert(text(labels), value);
    }

    /// The value of a counter or gauge; 0 when it was never touched.
    pub fn get(&self, name: &'static str, labels: &[(&str, &str)]) -> i64 {
        self.lock().values.get(name).and_then(|series| series.get(&text(labels))).copied().unwrap_or(0)
    }

    /// One observed duration.
    pub fn time(&self, name: &'static str, labels: &[(&str, &str)], took: Duration) {
        let mut inner = self.lock();
        let times = inner.times.entry(name).or_default().entry(text(labels)).or_default();
        let seconds = took.as_secs_f64();
        for (bucket, bound) in times.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
        times.count += 1;
        times.seconds += seconds;
    }

    /// The page.
    pub fn page(&self) -> String {
        let inner = self.lock();
        let mut page = String::new();
        for (name, series) in &inner.values {
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            let _ = writeln!(page, "# TYPE {name} {kind}");
            for (labels, value) in series {
                let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
                let _ = writeln!(page, "{name}{braces} {value}");
            }
        }
        for (name, series) in &inner.times {
            let _ = writeln!(page, "# TYPE {name} histogram");
            for (labels, times) in series {
                let comma = if labels.is_empty() { "" } else { "," };
                for (bound, count) in BUCKETS.iter().zip(times.buckets) {
                    let _ = writeln!(page, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}");
                }
                let _ = writeln!(page, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", times.count);
                let _ = writeln!(page, "{name}_sum{{{labels}}} {}", times.seconds);
                let _ = writeln!(page, "{name}_count{{{labels}}} {}", times.count);
            }
        }
        page
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        let comma = if text.is_empty() { "" } else { "," };
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reads_as_prometheus_wants_it() {
        let metrics = Metrics::default();
        metrics.add("miantan_refused_total", &[("code", "code_wrong")], 1);
        metrics.add("miantan_refused_total", &[("code", "code_wrong")], 2);
        metrics.set("miantan_sockets", &[], 5);
        metrics.time("miantan_request_seconds", &[("route", "a\"b")], Duration::from_millis(20));
        let page = metrics.page();
        for line in [
            "# TYPE miantan_refused_total counter",
            "miantan_refused_total{code=\"code_wrong\"} 3",
            "# TYPE miantan_sockets gauge",
            "miantan_sockets 5",
            "miantan_request_seconds_bucket{route=\"a\\\"b\",le=\"0.01\"} 0",
            "miantan_request_seconds_bucket{route=\"a\\\"b\",le=\"0.025\"} 1",
            "miantan_request_seconds_bucket{route=\"a\\\"b\",le=\"+Inf\"} 1",
            "miantan_request_seconds_count{route=\"a\\\"b\"} 1",
        ] {
            assert!(page.lines().any(|l| l == line), "{line} is not in\n{page}");
        }
    }
}
