//! What a person waits for on the device itself, without a network: a conversation of 50,000 messages is opened, something
//! is said in it, it is searched. The session and its store are the real ones (`core/client/examples/talk_probe.rs`).
use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Bench;
use super::figure::{Metric, Samples};
use crate::sh;

pub const METRICS: &[Metric] = &[
    Metric::at_most("open_conversation_ms", "ms", 50.0),
    Metric::at_most("local_echo_ms", "ms", 16.0),
    Metric::less("search_ms", "ms"),
];

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    let probe = bench.program("miantan-client", "talk_probe")?;
    let output = sh::output(&mut sh::command(probe, &[&bench.runs.to_string()]))?;
    println!("{}", output.trim());
    let figures = serde_json::from_str(output.trim()).context("talk_probe printed no JSON")?;
    for metric in METRICS {
        for time in times(&figures, metric.name)? {
            samples.add(metric.name, time);
        }
    }
    Ok(())
}

/// The list at `key`, one number for each run.
fn times(figures: &Value, key: &str) -> Result<Vec<f64>> {
    let list = figures[key].as_array().with_context(|| format!("{key} is missing in {figures}"))?;
    let times: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
    if times.len() < list.len() {
        bail!("{key} has something else than numbers: {figures}");
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_run_is_a_time() {
        let figures = json!({ "search_ms": [1.5, 2, 3.25], "open_ms": [1.0, null] });
        assert_eq!(times(&figures, "search_ms").expect("numbers"), [1.5, 2.0, 3.25]);
        assert!(times(&figures, "open_ms").is_err());
        assert!(times(&figures, "local_echo_ms").is_err());
    }
}
