//! Every check and test in one command, in the order in which they fail fastest. What the machine lacks is installed
//! first; a stage that cannot run fails, it is never left out silently (cargo-deny, which is optional, is named).
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum};

use crate::build::{self, FEATURES, Program};
use crate::setup::{self, Goal};
use crate::{api, demo, sh, tidy};

#[derive(Debug, Args)]
pub struct Options {
    /// Only these stages; all of them when none is named
    #[arg(value_enum)]
    stages: Vec<Stage>,
    /// Go on after a failure and tell all failures at the end
    #[arg(long)]
    keep_going: bool,
    /// Install missing packages without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Stage {
    /// Format, clippy, tidy, licences
    Lint,
    /// The tests of every crate, and the examples in their documentation
    Unit,
    /// Both halves of the rules over a lossy link in virtual time
    Sim,
    /// The REST interface fuzzed against its own description
    Api,
    /// A real backend and real clients on loopback
    E2e,
    /// The app's window: the driver's own tests, and the whole story
    Ui,
}

const ALL: [Stage; 6] = [Stage::Lint, Stage::Unit, Stage::Sim, Stage::Api, Stage::E2e, Stage::Ui];

/// What was done, how long it took, how it ended.
struct Line {
    name: String,
    took: Duration,
    ended: Ended,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ended {
    Ok,
    Failed(String),
    Skipped(&'static str),
}

struct Report {
    lines: Vec<Line>,
    keep_going: bool,
}

impl Report {
    /// Runs one part. An error comes back only when the rest must not run.
    fn part(&mut self, name: &str, doing: impl FnOnce() -> Result<Ended>) -> Result<()> {
        println!("\n=== {name}");
        let _ = std::io::stdout().flush();
        let started = Instant::now();
        let ended = doing().unwrap_or_else(|error| Ended::Failed(format!("{error:#}")));
        let took = started.elapsed();
        let word = match &ended {
            Ended::Ok => "ok".to_owned(),
            Ended::Failed(why) => format!("FAILED: {why}"),
            Ended::Skipped(why) => format!("skipped: {why}"),
        };
        println!("=== {name}: {word} ({})", sh::time(took));
        let failed = matches!(ended, Ended::Failed(_));
        self.lines.push(Line { name: name.to_owned(), took, ended });
        if failed && !self.keep_going { Err(anyhow!("{name} failed")) } else { Ok(()) }
    }

    fn table(&self) -> String {
        use std::fmt::Write as _;
        let mut table = String::from("\n stage                    time  result\n");
        for line in &self.lines {
            let word = match &line.ended {
                Ended::Ok => "ok",
                Ended::Failed(_) => "FAILED",
                Ended::Skipped(_) => "skipped",
            };
            let _ = writeln!(table, " {:<18} {:>10}  {word}", line.name, sh::time(line.took));
        }
        let all: Duration = self.lines.iter().map(|line| line.took).sum();
        let _ = writeln!(table, " {:<18} {:>10}", "all", sh::time(all));
        table
    }

    fn result(&self) -> Result<()> {
        let failed: Vec<&str> = self
            .lines
            .iter()
            .filter(|l| matches!(l.ended, Ended::Failed(_)))
            .map(|l| l.name.as_str())
            .collect();
        if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
    }
}

pub fn run(options: &Options) -> Result<()> {
    let mut stages = if options.stages.is_empty() { ALL.to_vec() } else { options.stages.clone() };
    stages.sort_unstable();
    stages.dedup();
    let mut report = Report { lines: Vec::new(), keep_going: options.keep_going };
    let stopped = all(&stages, options.yes, &mut report);
    print!("{}", report.table());
    report.result()?;
    stopped
}

fn all(stages: &[Stage], yes: bool, report: &mut Report) -> Result<()> {
    let goal = if stages.iter().any(|stage| *stage >= Stage::Unit) { Goal::Test } else { Goal::Build };
    report.part("setup", || setup::prepare(goal, yes).map(|()| Ended::Ok))?;
    if stages.contains(&Stage::Lint) {
        lint(report)?;
    }
    // The rules alone compile in seconds; everything else shares one build of the whole workspace.
    if *stages == [Stage::Sim] {
        let test = || sh::run(&mut sh::cargo(&["test", "--package", "miantan-sim"])).map(|()| Ended::Ok);
        return report.part("sim", test);
    }
    if !stages.iter().any(|stage| *stage >= Stage::Unit) {
        return Ok(());
    }
    let mut programs = Vec::new();
    report.part("build", || {
        programs = build::build(&[&["--workspace", "--all-targets"], &FEATURES[..]].concat())?;
        Ok(Ended::Ok)
    })?;
    if programs.is_empty() {
        bail!("nothing was built, so nothing can be tested");
    }
    for stage in [Stage::Unit, Stage::Sim, Stage::E2e, Stage::Ui] {
        if stages.contains(&stage) {
            let name = format!("{stage:?}").to_lowercase();
            report.part(&name, || run_tests(stage, &programs))?;
        }
    }
    if stages.contains(&Stage::Api) {
        report.part("api", || api::fuzz(&programs).map(|()| Ended::Ok))?;
    }
    if stages.contains(&Stage::Unit) {
        let arguments = [&["test", "--workspace", "--doc"], &FEATURES[..]].concat();
        report.part("doc examples", || sh::run(&mut sh::cargo(&arguments)).map(|()| Ended::Ok))?;
    }
    if stages.contains(&Stage::Ui) {
        report.part("story", || demo::play(&programs, demo::Faces::Required).map(|()| Ended::Ok))?;
    }
    Ok(())
}

fn lint(report: &mut Report) -> Result<()> {
    report.part("format", || sh::run(&mut sh::cargo(&["fmt", "--all", "--check"])).map(|()| Ended::Ok))?;
    report.part("tidy", || tidy::run().map(|()| Ended::Ok))?;
    report.part("cargo-deny", || {
        if !sh::exists("cargo-deny") {
            return Ok(Ended::Skipped("cargo-deny is not installed; tidy has checked the licences"));
        }
        sh::run(&mut sh::cargo(&["deny", "check", "bans", "licenses", "sources"])).map(|()| Ended::Ok)
    })?;
    let arguments =
        [&["clippy", "--workspace", "--all-targets"], &FEATURES[..], &["--", "-D", "warnings"]].concat();
    report.part("clippy", || sh::run(&mut sh::cargo(&arguments)).map(|()| Ended::Ok))
}

/// Which stage a package's tests belong to.
fn stage_of(package: &str) -> Stage {
    match package {
        "miantan-sim" => Stage::Sim,
        "miantan-e2e" => Stage::E2e,
        "miantan-ui" => Stage::Ui,
        _ => Stage::Unit,
    }
}

/// Runs the stage's test programs one after the other, all of them even when one fails.
///
/// They are run directly: `cargo test --package …` would choose other features for shared dependencies and build
/// everything again.
fn run_tests(stage: Stage, programs: &[Program]) -> Result<Ended> {
    let tests: Vec<&Program> = programs.iter().filter(|p| p.test && stage_of(&p.package) == stage).collect();
    if tests.is_empty() {
        bail!("there is no test program for this stage");
    }
    let mut failed = Vec::new();
    for test in tests {
        let name = format!("{} {}", test.package, test.name);
        println!("\n     Running {name} ({})", test.path.display());
        // What these print (seeds, times to the first picture) is part of the result.
        let shown: &[&str] = if matches!(stage, Stage::Sim | Stage::E2e) { &["--nocapture"] } else { &[] };
        let mut command = sh::command(&test.path, shown);
        // As cargo runs them.
        command
            .current_dir(&test.folder)
            .env("CARGO_MANIFEST_DIR", &test.folder)
            .env("CARGO_PKG_NAME", &test.package);
        command.env("MIANTAN_UI_OUT", sh::root().join("target/ui"));
        // The programs that tests of the whole work with.
        for (variable, package) in [("MIANTAN_APP", "miantan-mobile"), ("MIANTAN_BACKEND", "miantan-backend")]
        {
            if let Ok(path) = build::binary(programs, package, package) {
                command.env(variable, path);
            }
        }
        if sh::run(&mut command).is_err() {
            failed.push(name);
        }
    }
    if failed.is_empty() { Ok(Ended::Ok) } else { bail!("{}", failed.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(keep_going: bool) -> Report {
        Report { lines: Vec::new(), keep_going }
    }

    #[test]
    fn the_first_failure_ends_it() {
        let mut report = report(false);
        report.part("good", || Ok(Ended::Ok)).expect("it is good");
        assert!(report.part("bad", || bail!("broken")).is_err());
        assert_eq!(report.lines[1].ended, Ended::Failed("broken".into()));
        assert!(report.result().is_err());
    }

    #[test]
    fn keep_going_tells_all_failures_at_the_end() {
        let mut report = report(true);
        report.part("one", || bail!("broken")).expect("it goes on");
        report.part("two", || Ok(Ended::Skipped("not here"))).expect("it goes on");
        report.part("three", || Ok(Ended::Failed("also".into()))).expect("it goes on");
        let error = report.result().expect_err("two failed");
        assert_eq!(error.to_string(), "failed: one, three");
        let table = report.table();
        assert!(table.contains("one") && table.contains("FAILED") && table.contains("skipped"), "{table}");
    }

    #[test]
    fn every_package_belongs_to_a_stage_and_a_stage_without_tests_fails() {
        assert_eq!(stage_of("miantan-sim"), Stage::Sim);
        assert_eq!(stage_of("miantan-ui"), Stage::Ui);
        assert_eq!(stage_of("miantan-domain"), Stage::Unit);
        assert!(run_tests(Stage::E2e, &[]).is_err());
    }

    #[test]
    fn a_failing_test_program_fails_its_stage_after_the_others_ran() {
        let program = |name: &str, path: &str| Program {
            package: "miantan-domain".into(),
            name: name.into(),
            folder: "/".into(),
            path: path.into(),
            test: true,
        };
        let error = run_tests(Stage::Unit, &[program("a", "/bin/false"), program("b", "/bin/true")])
            .expect_err("a fails");
        assert_eq!(error.to_string(), "miantan-domain a");
        assert_eq!(run_tests(Stage::Unit, &[program("b", "/bin/true")]).expect("b passes"), Ended::Ok);
    }
}
