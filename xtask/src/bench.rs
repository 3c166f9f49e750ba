//! Measures the release build: `cargo xtask bench [AREA…]` builds what it needs, runs the areas one after the other and
//! writes `target/bench/AREA.json`, an array of `{metric, unit, value, min, max, runs, target, meets}`; `value` is the
//! median. A missed target is shown and is no error; an area that cannot be measured is one.
//!
//! An area is a row of [`AREAS`] and a file beside this one. Figures are worth something on a machine that does
//! nothing else; the load at the start is printed with them.
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::build::{self, Program};
use crate::setup::{self, Goal};
use crate::sh;

mod app;
mod check_in;
mod device;
mod face;
mod fair;
mod figure;
mod hall;
mod list;
mod media;
mod screen;
mod talk;

use figure::{Figure, Metric, RUNS_MIN, Samples};

#[derive(Debug, Args)]
pub struct Options {
    /// Only these areas; all of them when none is named
    areas: Vec<String>,
    /// Say which areas and metrics there are, and measure nothing
    #[arg(long)]
    list: bool,
    /// How often each metric is measured
    #[arg(long, default_value_t = RUNS_MIN)]
    runs: usize,
    /// Install missing packages without asking
    #[arg(long)]
    yes: bool,
}

/// A part of the product that is measured together.
struct Area {
    name: &'static str,
    about: &'static str,
    metrics: &'static [Metric],
    measure: fn(&Bench, &mut Samples) -> Result<()>,
}

const AREAS: &[Area] = &[
    Area {
        name: "hall",
        about: "backend: idle devices, live events",
        metrics: hall::METRICS,
        measure: hall::measure,
    },
    Area {
        name: "fair",
        about: "backend: the public fair's page and search",
        metrics: fair::METRICS,
        measure: fair::measure,
    },
    Area {
        name: "talk",
        about: "backend: messages of a thousand devices",
        metrics: talk::METRICS,
        measure: talk::measure,
    },
    Area {
        name: "device",
        about: "a large conversation on the device",
        metrics: device::METRICS,
        measure: device::measure,
    },
    Area {
        name: "list",
        about: "ten thousand applicants in the app's window",
        metrics: list::METRICS,
        measure: list::measure,
    },
    Area {
        name: "media",
        about: "a call: first picture, sound, cost",
        metrics: media::METRICS,
        measure: media::measure,
    },
    Area {
        name: "face",
        about: "the face check on one thread, its detector beside OpenCV's; a whole check-in",
        metrics: face::METRICS,
        measure: face::measure,
    },
    Area {
        name: "app",
        about: "the app's start to its first screen",
        metrics: app::METRICS,
        measure: app::measure,
    },
];

/// What is built: always the same, whatever is measured, because another choice of packages would choose other
/// features for what they share and build everything again.
const BUILD: &[&str] = &[
    "--release",
    "--package",
    "miantan-backend",
    "--package",
    "miantan-load",
    "--package",
    "miantan-client",
    "--package",
    "miantan-media",
    "--package",
    "miantan-face",
    "--package",
    "miantan-mobile",
    "--package",
    "miantan-ui",
    "--bins",
    "--example",
    "call_probe",
    "--example",
    "handover_probe",
    "--example",
    "talk_probe",
    "--example",
    "face_probe",
];

/// What an area measures with.
struct Bench {
    programs: Vec<Program>,
    /// Its folder for whatever it needs; empty at the start.
    folder: PathBuf,
    runs: usize,
}

impl Bench {
    fn program(&self, package: &str, name: &str) -> Result<&Path> {
        build::binary(&self.programs, package, name)
    }
}

pub fn run(options: &Options) -> Result<()> {
    let areas = chosen(&options.areas)?;
    if options.list {
        print!("{}", list(&areas));
        return Ok(());
    }
    if options.runs < RUNS_MIN {
        bail!("--runs must be at least {RUNS_MIN}: the median of fewer says nothing");
    }
    setup::prepare(Goal::Demo, options.yes)?;
    let programs = build::build(&[BUILD, &build::FEATURES].concat())?;
    let mut bench = Bench { programs, folder: PathBuf::new(), runs: options.runs };
    let out = sh::root().join("target/bench");
    std::fs::create_dir_all(&out)?;
    let mut failed = Vec::new();
    for area in areas {
        println!("\n=== {} ({}); {}", area.name, area.about, machine());
        bench.folder = out.join(area.name);
        let started = Instant::now();
        let (figures, problem) = measured(area, &bench)?;
        println!("=== {} after {}: {}", area.name, sh::time(started.elapsed()), file(&out, area).display());
        write(&file(&out, area), &figures)?;
        print!("{}", figure::table(&figures.0, &figures.1));
        if let Some(problem) = problem {
            println!("{} could not be measured: {problem:#}", area.name);
            failed.push(area.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("could not be measured: {}", failed.join(", ")) }
}

fn file(out: &Path, area: &Area) -> PathBuf {
    out.join(format!("{}.json", area.name))
}

/// The areas with these names in the order of the table; all when there is none.
fn chosen(names: &[String]) -> Result<Vec<&'static Area>> {
    for name in names {
        if AREAS.iter().all(|area| area.name != *name) {
            let known: Vec<&str> = AREAS.iter().map(|area| area.name).collect();
            bail!("there is no area {name:?}; there are: {}", known.join(", "));
        }
    }
    Ok(AREAS.iter().filter(|area| names.is_empty() || names.iter().any(|name| name == area.name)).collect())
}

fn list(areas: &[&Area]) -> String {
    use std::fmt::Write as _;
    let mut list = String::new();
    for area in areas {
        let _ = writeln!(list, "{}: {}", area.name, area.about);
        for metric in area.metrics {
            let _ = writeln!(list, "  {:<34} {:<8} {}", metric.name, metric.unit, metric.wanted());
        }
    }
    list
}

/// Figures, and metrics that have too few runs for one.
type Found = (Vec<Figure>, Vec<(Metric, usize)>);

/// Measures one area. What was found before a problem counts.
fn measured(area: &Area, bench: &Bench) -> Result<(Found, Option<anyhow::Error>)> {
    if bench.folder.exists() {
        std::fs::remove_dir_all(&bench.folder)?;
    }
    std::fs::create_dir_all(&bench.folder)?;
    let mut samples = Samples::default();
    let problem = (area.measure)(bench, &mut samples).err();
    let mut found = Found::default();
    for metric in area.metrics {
        match Figure::of(*metric, &samples) {
            Ok(figure) => found.0.push(figure),
            Err(runs) => found.1.push((*metric, runs)),
        }
    }
    let problem = problem.or_else(|| {
        let names: Vec<&str> = found.1.iter().map(|(metric, _)| metric.name).collect();
        (!names.is_empty()).then(|| anyhow::anyhow!("too few runs of {}", names.join(", ")))
    });
    Ok((found, problem))
}

fn write(file: &Path, found: &Found) -> Result<()> {
    let figures: Vec<Value> = found.0.iter().map(Figure::json).collect();
    std::fs::write(file, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| format!("cannot write {}", file.display()))
}

/// "2 cores, load 0.1": what else the machine does shows in every figure.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    match load.split_whitespace().next().and_then(|load| load.parse::<f64>().ok()) {
        Some(load) if load > cores as f64 / 2.0 => {
            format!("{cores} cores, load {load}: OTHERS ARE WORKING HERE, the figures are theirs too")
        }
        Some(load) => format!("{cores} cores, load {load}"),
        None => format!("{cores} cores"),
    }
}

/// The number at `key` of a program's JSON.
fn number(value: &Value, key: &str) -> Result<f64> {
    value[key].as_f64().with_context(|| format!("{key} is missing in {value}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const METRICS: &[Metric] = &[Metric::at_most("quick_ms", "ms", 1.0), Metric::less("other_ms", "ms")];

    fn area(measure: fn(&Bench, &mut Samples) -> Result<()>) -> Area {
        Area { name: "test", about: "a test", metrics: METRICS, measure }
    }

    fn bench(name: &str) -> Bench {
        let folder = std::env::temp_dir().join(format!("miantan-bench-{name}-{}", std::process::id()));
        Bench { programs: Vec::new(), folder, runs: 5 }
    }

    #[test]
    fn areas_are_chosen_by_name_and_every_metric_has_one_place() {
        assert_eq!(chosen(&[]).expect("all").len(), AREAS.len());
        assert_eq!(chosen(&["app".into(), "hall".into()]).expect("two").len(), 2);
        let error = chosen(&["hal".into()]).err().expect("no such area");
        assert!(error.to_string().contains("hall, fair, talk, device, list, media, face, app"), "{error}");
        let names: Vec<&str> = AREAS.iter().flat_map(|area| area.metrics).map(|metric| metric.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let list = list(&chosen(&[]).expect("all"));
        for name in names {
            assert!(list.contains(name), "{name} is missing in {list}");
        }
    }

    #[test]
    fn a_missed_target_is_no_problem() {
        let bench = bench("missed");
        let area = area(|bench, samples| {
            assert!(bench.folder.is_dir());
            for n in 0..bench.runs {
                samples.add("quick_ms", 5.0);
                samples.add("other_ms", n as f64);
            }
            Ok(())
        });
        let (found, problem) = measured(&area, &bench).expect("writable");
        assert!(problem.is_none());
        assert_eq!(found.0[0].meets(), Some(false));
        let file = bench.folder.join("test.json");
        write(&file, &found).expect("written");
        let json: Value =
            serde_json::from_str(&std::fs::read_to_string(&file).expect("there")).expect("JSON");
        assert_eq!((&json[0]["metric"], &json[1]["value"]), (&"quick_ms".into(), &2.0.into()));
        std::fs::remove_dir_all(&bench.folder).expect("it is there");
    }

    #[test]
    fn what_was_measured_before_a_problem_counts() {
        let bench = bench("broken");
        let broken = area(|_, samples| {
            for _ in 0..5 {
                samples.add("quick_ms", 1.0);
            }
            bail!("the machine is on fire")
        });
        let (found, problem) = measured(&broken, &bench).expect("writable");
        assert_eq!((found.0.len(), found.1.len()), (1, 1));
        assert_eq!(problem.expect("a problem").to_string(), "the machine is on fire");
        let lazy = area(|_, samples| {
            samples.add("quick_ms", 1.0);
            Ok(())
        });
        let (found, problem) = measured(&lazy, &bench).expect("writable");
        assert_eq!((found.0.len(), found.1.len()), (0, 2));
        assert_eq!(problem.expect("a problem").to_string(), "too few runs of quick_ms, other_ms");
        std::fs::remove_dir_all(&bench.folder).expect("it is there");
    }
}
