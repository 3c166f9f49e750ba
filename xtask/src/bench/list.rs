//! The talk hall's list on the screen (T1): ten thousand applicants of one employer in the app's real window, opened and
//! flung (`tests/ui/src/bin/miantan-ui-list`). Backend, app and window are the real ones; only the fingers are a script.
use std::fs::File;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Bench;
use super::figure::{Metric, Samples};
use crate::demo::hall as server;
use crate::sh;

pub const METRICS: &[Metric] = &[
    Metric::at_most("list_frame_ms_p95", "ms", 33.0),
    Metric::at_most("list_rows", "", 80.0),
    Metric::less("list_open_ms", "ms"),
    Metric::less("list_blank_percent", "%"),
];

/// Applicants of each employer. The seed deals conversations out evenly to the sample's twelve employers, so there are
/// twelve times as many in all, each with one message.
const ROWS: usize = 10_000;
const EMPLOYERS: usize = 12;

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    let backend = bench.program("miantan-backend", "miantan-backend")?;
    let data = bench.folder.join("server");
    let talks = (ROWS * EMPLOYERS).to_string();
    let mut seed = sh::command(backend, &["seed", "--json", "--candidates", &ROWS.to_string()]);
    seed.args(["--conversations", &talks, "--messages", &talks, "--data"]);
    let seeded: Value = serde_json::from_str(&sh::output(seed.arg(&data))?).context("the seed is no JSON")?;
    // all of its lines are not needed, and are many
    let seed_file = bench.folder.join("seed.json");
    std::fs::write(&seed_file, serde_json::json!({ "employer": seeded["employer"] }).to_string())?;

    let log = bench.folder.join("backend.log");
    let mut serve = sh::command(backend, &["serve", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(&data).env("MIANTAN_TURN", "false").env("MIANTAN_LOG", "warn");
    serve.stdout(Stdio::piped()).stderr(File::create(&log)?);
    let (_server, url) = server::started(&mut serve, &log)?;

    let mut list = sh::command(bench.program("miantan-ui", "miantan-ui-list")?, &["--backend", &url]);
    list.arg("--app").arg(bench.program("miantan-mobile", "miantan-mobile")?);
    list.arg("--seed").arg(&seed_file).arg("--out").arg(&bench.folder);
    list.args(["--rows", &ROWS.to_string(), "--runs", &bench.runs.to_string()]);
    let output = sh::output(&mut list)?;
    // the driver may say something before its figures
    let line = output.lines().last().unwrap_or_default();
    println!("{line}");
    let figures: Value = serde_json::from_str(line).context("miantan-ui-list printed no JSON")?;
    for metric in METRICS {
        for value in values(&figures, metric.name)? {
            samples.add(metric.name, value);
        }
    }
    std::fs::remove_dir_all(&data).context("cannot remove the backend's data")
}

/// The list at `key`, one number for each run.
fn values(figures: &Value, key: &str) -> Result<Vec<f64>> {
    let list = figures[key].as_array().with_context(|| format!("{key} is missing in {figures}"))?;
    let values: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
    if values.len() < list.len() {
        bail!("{key} has something else than numbers: {figures}");
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_no_figure() {
        let figures = serde_json::json!({ "list_rows": [56, 60.0], "list_open_ms": [1.5, null] });
        assert_eq!(values(&figures, "list_rows").expect("numbers"), [56.0, 60.0]);
        assert!(values(&figures, "list_open_ms").is_err());
        assert!(values(&figures, "list_frame_ms_p95").is_err());
    }
}
