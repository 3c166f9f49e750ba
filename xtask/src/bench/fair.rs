//! The public fair at the size of a large one: its page and its search, as visitors of `miantan-load` ask for them.
use std::fs::File;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::figure::{Metric, Samples};
use super::{Bench, number};
use crate::demo::hall as server;
use crate::sh;

pub const METRICS: &[Metric] = &[
    Metric::at_most("fair_page_ms_p99", "ms", 20.0),
    Metric::less("fair_page_ms_p50", "ms"),
    Metric::at_most("search_ms_p99", "ms", 15.0),
    Metric::less("search_ms_p50", "ms"),
];

const EMPLOYERS: &str = "500";
const POSITIONS: &str = "20";
const PAGES_RATE: &str = "300";
const SEARCHES_RATE: &str = "100";
const SECONDS: &str = "10";

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    let backend = bench.program("miantan-backend", "miantan-backend")?;
    let load = bench.program("miantan-load", "miantan-load")?;
    let (data, log) = (bench.folder.join("server"), bench.folder.join("backend.log"));
    let sizes = ["seed", "--json", "--employers", EMPLOYERS, "--positions", POSITIONS, "--data"];
    sh::output(sh::command(backend, &sizes).arg(&data))?;
    let mut command = sh::command(backend, &["serve", "--listen", "127.0.0.1:0", "--data"]);
    command
        .arg(&data)
        .env("MIANTAN_TURN", "false")
        // faces are not measured, and their models would be loaded meanwhile
        .env("MIANTAN_FACE", "false")
        .env("MIANTAN_LOG", "warn")
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?);
    let (_server, url) = server::started(&mut command, &log)?;
    for _ in 0..bench.runs {
        for (what, rate, p50, p99) in [
            ("page", PAGES_RATE, "fair_page_ms_p50", "fair_page_ms_p99"),
            ("search", SEARCHES_RATE, "search_ms_p50", "search_ms_p99"),
        ] {
            let mode = ["--server", &url, "fair", "--what", what, "--rate", rate, "--seconds", SECONDS];
            let output = sh::output(&mut sh::command(load, &mode))?;
            let figures: Value =
                serde_json::from_str(output.trim()).context("miantan-load printed no JSON")?;
            println!("{}", output.trim());
            if number(&figures, "errors")? > 0.0 {
                bail!("errors in {figures}; the backend's log: {}", log.display());
            }
            samples.add(p99, number(&figures, "p99_ms")?);
            samples.add(p50, number(&figures, "p50_ms")?);
        }
    }
    Ok(())
}
