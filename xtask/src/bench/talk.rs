//! The talk hall on the server: messages through a thousand sockets, candidates who come back with a thousand messages
//! each, and whether a message costs more once a million are kept.
//!
//! The cost of a message is the server's processor time for it, at one and the same rate, with 10⁴ and with 10⁶ messages
//! in the same number of conversations; both servers are measured in turn, each time with what was seeded and no more.
//! Everything is committed before it is acknowledged, as always.
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
    Metric::at_least("chat_messages_per_s", "1/s", 10_000.0),
    Metric::at_most("chat_ack_ms_p99", "ms", 50.0),
    Metric::less("chat_ack_ms_p50", "ms"),
    Metric::less("chat_delivery_ms_p99", "ms"),
    Metric::less("chat_server_us_per_message", "µs"),
    Metric::at_most("offline_catch_up_s", "s", 2.0),
    Metric::at_most("message_cost_growth", "", 1.2),
];

const CANDIDATES: &str = "900";
const RECRUITERS: &str = "100";
const DEVICES: &str = "1000";
/// A little more than is wanted: what is delivered later than it was sent makes the figure smaller.
const RATE: &str = "10500";
const SECONDS: &str = "10";
const OFFLINE: [&str; 4] = ["--offline", "1000", "--senders", "10"];
/// What is kept, and how the cost is measured: slow enough for every machine to keep up.
const FEW: &str = "10000";
const MANY: &str = "1000000";
const COST_RATE: &str = "2500";
const COST_SECONDS: &str = "4";

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    let few = Talks::seed(bench, "few", FEW)?;
    for _ in 0..bench.runs {
        let figures = few.load(&["--rate", RATE, "--seconds", SECONDS])?;
        samples.add("chat_messages_per_s", number(&figures, "per_s")?);
        samples.add("chat_delivery_ms_p99", number(&figures, "p99_ms")?);
        samples.add("chat_ack_ms_p99", number(&figures, "ack_ms_p99")?);
        samples.add("chat_ack_ms_p50", number(&figures, "ack_ms_p50")?);
        samples.add("chat_server_us_per_message", number(&figures, "server_us_per_message")?);
        let figures = few.load(&OFFLINE)?;
        samples.add("offline_catch_up_s", number(&figures, "catch_up_s")?);
    }
    let many = Talks::seed(bench, "many", MANY)?;
    let cost = |talks: &Talks| -> Result<f64> {
        number(&talks.load(&["--rate", COST_RATE, "--seconds", COST_SECONDS])?, "server_us_per_message")
    };
    for _ in 0..bench.runs {
        let (few, many) = (cost(&few)?, cost(&many)?);
        samples.add("message_cost_growth", many / few);
    }
    // the largest of all areas' folders
    std::fs::remove_dir_all(&many.folder).context("cannot remove the million messages")
}

/// A data folder with conversations, and everybody signed in.
struct Talks {
    backend: PathBuf,
    load: PathBuf,
    folder: PathBuf,
}

impl Talks {
    fn seed(bench: &Bench, name: &str, messages: &str) -> Result<Self> {
        let folder = bench.folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let backend = bench.program("miantan-backend", "miantan-backend")?.to_owned();
        let load = bench.program("miantan-load", "miantan-load")?.to_owned();
        let talks = Self { backend, load, folder };
        let sizes = ["seed", "--json", "--candidates", CANDIDATES, "--employers", RECRUITERS];
        let mut seed = sh::command(&talks.backend, &sizes);
        seed.args(["--conversations", CANDIDATES, "--messages", messages, "--data"]);
        let seeded = sh::output(seed.arg(talks.seeded()))?;
        std::fs::write(talks.folder.join("seed.json"), seeded)?;
        // signs everybody in; one message is what it takes
        talks.run(&talks.seeded(), &["--rate", "10", "--seconds", "0.1"])?;
        Ok(talks)
    }

    /// As it was seeded, with everybody signed in.
    fn seeded(&self) -> PathBuf {
        self.folder.join("seeded")
    }

    /// One run of `miantan-load chat` against a fresh backend, on a copy of what was seeded.
    fn load(&self, mode: &[&str]) -> Result<Value> {
        let copy = self.folder.join("run");
        if copy.exists() {
            std::fs::remove_dir_all(&copy)?;
        }
        copy_folder(&self.seeded(), &copy)?;
        self.run(&copy, mode)
    }

    fn run(&self, data: &Path, mode: &[&str]) -> Result<Value> {
        let log = self.folder.join("backend.log");
        let (server, url) = self.serve(data, &log)?;
        let mut load = sh::command(&self.load, &["--server", &url, "--pid", &server.child.id().to_string()]);
        load.arg("--seed").arg(self.folder.join("seed.json"));
        load.arg("--keep").arg(self.folder.join("people.json"));
        load.args(["chat", "--devices", DEVICES, "--recruiters", RECRUITERS]).args(mode);
        let output = sh::output(&mut load)?;
        let figures: Value = serde_json::from_str(output.trim()).context("miantan-load printed no JSON")?;
        println!("{}", output.trim());
        let errors = number(&figures, "errors")?;
        if errors > 0.0 {
            bail!("{errors} errors in {figures}; the backend's log: {}", log.display());
        }
        Ok(figures)
    }

    fn serve(&self, data: &Path, log: &Path) -> Result<(Background, String)> {
        let mut command = sh::command(&self.backend, &["serve", "--listen", "127.0.0.1:0", "--data"]);
        command
            .arg(data)
            .env("MIANTAN_TURN", "false")
            // faces are not measured, and their models would be loaded meanwhile
            .env("MIANTAN_FACE", "false")
            .env("MIANTAN_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(File::create(log)?);
        server::started(&mut command, log)
    }
}

/// A server that has ended leaves files and folders, nothing else.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_copied_with_what_is_in_its_folders() {
        let folder = std::env::temp_dir().join(format!("miantan-bench-copy-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        std::fs::create_dir_all(from.join("objects/ab")).expect("made");
        std::fs::write(from.join("miantan.db"), "data").expect("written");
        std::fs::write(from.join("objects/ab/abc"), "picture").expect("written");
        copy_folder(&from, &to).expect("copied");
        assert_eq!(std::fs::read_to_string(to.join("miantan.db")).expect("there"), "data");
        assert_eq!(std::fs::read_to_string(to.join("objects/ab/abc")).expect("there"), "picture");
        assert!(copy_folder(&folder.join("none"), &to).is_err());
        std::fs::remove_dir_all(&folder).expect("it is there");
    }
}
