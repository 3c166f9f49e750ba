//! A call between two stacks of `miantan-media` in one process, on synthetic devices and loopback, nothing drawn. The
//! clock starts at the answer; `core/media/examples/call_probe.rs` says what exactly is measured. The gap after an
//! address change is measured between two network namespaces, by `core/media/examples/handover_probe.rs`.
use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Metric, Samples};
use super::{Bench, number};
use crate::sh;

pub const METRICS: &[Metric] = &[
    // the camera is on when the answer comes
    Metric::at_most("first_frame_ms_p95", "ms", 200.0),
    // the camera is opened by the answer
    Metric::at_most("first_frame_cold_ms_p95", "ms", 250.0),
    Metric::at_most("first_audio_ms_p95", "ms", 250.0),
    Metric::at_most("call_cpu_cores", "cores", 0.5),
    // the time in the picture → its drawing acknowledged by a page that draws at once
    Metric::at_most("glass_to_glass_ms_p50", "ms", 120.0),
    // the candidate's address is taken away and another given, between two network namespaces
    Metric::at_most("media_gap_ms_p50", "ms", 1_000.0),
];

/// Calls of one run; each gives a time for both of its sides.
const CALLS: &str = "20";
/// Seconds of the call whose cost is measured.
const SECONDS: &str = "10";
/// Address changes of one run; each gives a gap for both sides.
const CHANGES: &str = "3";

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    let probe = bench.program("miantan-media", "call_probe")?;
    let handover = bench.program("miantan-media", "handover_probe")?;
    for _ in 0..bench.runs {
        let output = sh::output(&mut sh::command(probe, &[CALLS, SECONDS]))?;
        let figures: Value = serde_json::from_str(output.trim()).context("call_probe printed no JSON")?;
        for (metric, key) in [
            ("first_frame_ms_p95", "first_frame_ms"),
            ("first_frame_cold_ms_p95", "first_frame_cold_ms"),
            ("first_audio_ms_p95", "first_audio_ms"),
        ] {
            println!("{key}: {}", figures[key]);
            samples.add(metric, percentile(&figures[key], 95).with_context(|| format!("no {key}"))?);
        }
        samples.add("call_cpu_cores", number(&figures, "cpu_cores")?);
        samples.add("glass_to_glass_ms_p50", percentile(&figures["glass_ms"], 50).context("no glass_ms")?);

        let output = sh::output(&mut sh::command(handover, &[CHANGES]))?;
        println!("{}", output.trim());
        let figures: Value = serde_json::from_str(output.trim()).context("handover_probe printed no JSON")?;
        samples.add("media_gap_ms_p50", percentile(&figures["gap_ms"], 50).context("no gap_ms")?);
    }
    Ok(())
}

/// The nearest-rank percentile of a list of numbers.
fn percentile(list: &Value, percent: usize) -> Option<f64> {
    let mut times: Vec<f64> = list.as_array()?.iter().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_95th_of_twenty_is_the_last_but_one() {
        let times: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        assert_eq!(percentile(&json!(times), 95), Some(19.0));
        assert_eq!(percentile(&json!([7.0]), 95), Some(7.0));
        assert_eq!(percentile(&json!([]), 95), None);
        assert_eq!(percentile(&json!(null), 95), None);
    }
}
