//! The backend alone, with devices of `miantan-load`: what an idle device costs it, and how late live events come.
//!
//! Everybody signs in beforehand; then the backend is started anew for each run, so that "before" is a server with
//! nobody on it and signing in is no part of the figures. Memory is `(RSS(n) − RSS(0)) / n` over plain sockets, with the
//! candidates' tickets and rooms in it. A live event is a candidate's change of presence, from the device that says
//! it to the recruiter's device that watches the round. Calls are rung one after the other, without media.
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::figure::{Metric, Samples};
use super::{Bench, number};
use crate::demo::hall as server;
use crate::sh::{self, Background};

pub const METRICS: &[Metric] = &[
    Metric::at_most("backend_kib_per_idle_device", "KiB", 16.0),
    Metric::at_most("backend_kib_per_idle_device_1000", "KiB", 16.0),
    Metric::at_most("live_event_ms_p99", "ms", 10.0),
    Metric::less("live_event_ms_p50", "ms"),
    Metric::at_least("live_events_per_s", "1/s", 990.0),
    // with as many others waiting: ring → it rings there; answered → the ringing side knows how to connect
    Metric::less("ring_ms_p99", "ms"),
    Metric::less("answer_ms_p99", "ms"),
];

/// How many devices wait.
const CROWDS: [(&str, usize); 2] =
    [("backend_kib_per_idle_device_1000", 1_000), ("backend_kib_per_idle_device", 5_000)];
const LIVE_DEVICES: usize = 1_000;
const LIVE_RATE: &str = "1000";
const LIVE_SECONDS: &str = "10";
const CALLS: &str = "100";

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    for (metric, devices) in CROWDS {
        let crowd = Crowd::gather(bench, devices)?;
        for _ in 0..bench.runs {
            let figures = crowd.load(&["--pid"], &["idle", "--devices", &devices.to_string()])?;
            samples.add(metric, number(&figures, "kib_per_device")?);
        }
        if devices != LIVE_DEVICES {
            continue;
        }
        for _ in 0..bench.runs {
            let devices = devices.to_string();
            let mode = ["queue", "--devices", &devices, "--rate", LIVE_RATE, "--seconds", LIVE_SECONDS];
            let figures = crowd.load(&[], &mode)?;
            samples.add("live_event_ms_p99", number(&figures, "p99_ms")?);
            samples.add("live_event_ms_p50", number(&figures, "p50_ms")?);
            samples.add("live_events_per_s", number(&figures, "per_s")?);
            let figures = crowd.load(&[], &["ring", "--devices", &devices, "--calls", CALLS])?;
            samples.add("ring_ms_p99", number(&figures, "p99_ms")?);
            samples.add("answer_ms_p99", number(&figures, "answer_ms_p99")?);
        }
    }
    Ok(())
}

/// A data folder with so many candidates, all signed in.
struct Crowd {
    backend: PathBuf,
    load: PathBuf,
    folder: PathBuf,
}

impl Crowd {
    fn gather(bench: &Bench, devices: usize) -> Result<Self> {
        let folder = bench.folder.join(devices.to_string());
        std::fs::create_dir_all(&folder)?;
        let backend = bench.program("miantan-backend", "miantan-backend")?.to_owned();
        let load = bench.program("miantan-load", "miantan-load")?.to_owned();
        let count = devices.to_string();
        let mut seed = sh::command(&backend, &["seed", "--json", "--candidates", &count, "--data"]);
        let seeded = sh::output(seed.arg(folder.join("server")))?;
        std::fs::write(folder.join("seed.json"), seeded)?;
        let crowd = Self { backend, load, folder };
        // signs in both kinds of people; what it measures in doing so is of no interest
        crowd.load(&[], &["queue", "--devices", &count, "--rate", "10", "--seconds", "0.1"])?;
        Ok(crowd)
    }

    /// One run of `miantan-load` against a fresh backend. An option `--pid` in `place` gets the backend's.
    fn load(&self, place: &[&str], mode: &[&str]) -> Result<Value> {
        let (server, url) = self.serve()?;
        let pid = server.child.id().to_string();
        let mut load = sh::command(&self.load, &["--server", &url]);
        load.arg("--seed").arg(self.folder.join("seed.json"));
        load.arg("--keep").arg(self.folder.join("people.json"));
        for option in place {
            load.args([*option, &pid]);
        }
        let output = sh::output(load.args(mode))?;
        let figures: Value = serde_json::from_str(output.trim()).context("miantan-load printed no JSON")?;
        println!("{}", output.trim());
        let errors = number(&figures, "errors")?;
        if errors > 0.0 {
            bail!("{errors} errors in {figures}; the backend's log: {}", self.log().display());
        }
        Ok(figures)
    }

    fn serve(&self) -> Result<(Background, String)> {
        let mut command = sh::command(&self.backend, &["serve", "--listen", "127.0.0.1:0", "--data"]);
        command
            .arg(self.folder.join("server"))
            // the relay is not measured, and its port may be taken
            .env("MIANTAN_TURN", "false")
            // nor are faces, whose models take their memory some time after the start
            .env("MIANTAN_FACE", "false")
            .env("MIANTAN_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(File::create(self.log())?);
        server::started(&mut command, &self.log())
    }

    fn log(&self) -> PathBuf {
        Path::new(&self.folder).join("backend.log")
    }
}
