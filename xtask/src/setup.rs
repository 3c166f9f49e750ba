//! System packages on Debian and Ubuntu, and the library of the face check in `target/tools`. It installs only what is missing
//! for the goal at hand, says what and why before it does, and never touches anything but apt and `target`.
use std::fmt::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::{onnxruntime, sh};

/// What the machine is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Goal {
    /// Compiling everything
    Build,
    /// Compiling and every test, with the app's window
    Test,
    /// Compiling and the two windows of the demo
    Demo,
    /// Type-checking for Android and iOS without their SDKs
    Phones,
}

#[derive(Debug, Args)]
pub struct Options {
    /// What to prepare for
    #[arg(value_enum, default_value = "test")]
    goal: Goal,
    /// Install without asking
    #[arg(long)]
    yes: bool,
    /// Only say what is missing
    #[arg(long)]
    check: bool,
}

/// A system package and the reason for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Need {
    package: &'static str,
    why: &'static str,
    /// A program whose presence is as good as the package.
    program: Option<&'static str>,
}

const fn need(package: &'static str, why: &'static str) -> Need {
    Need { package, why, program: None }
}

const fn tool(package: &'static str, program: &'static str, why: &'static str) -> Need {
    Need { package, why, program: Some(program) }
}

const BUILD: &[Need] = &[
    tool("gcc", "gcc", "links Rust, compiles SQLite"),
    tool("g++", "g++", "compiles the H.264 codec"),
    need("libc6-dev", "C headers"),
    tool("make", "make", "builds the Opus codec"),
    tool("cmake", "cmake", "builds the Opus codec"),
    tool("nasm", "nasm", "fast H.264 routines"),
    need("libclang-dev", "reads C headers (camera bindings)"),
    tool("pkg-config", "pkg-config", "finds the libraries below"),
    need("libwebkit2gtk-4.1-dev", "the app's window"),
    need("libdbus-1-dev", "the app's window"),
    need("libssl-dev", "a dependency of Dioxus' window"),
    need("libasound2-dev", "microphone and speaker"),
];

const WINDOW: &[Need] = &[
    tool("xvfb", "Xvfb", "a display where there is none"),
    tool("xdotool", "xdotool", "real pointer and keys for the app's window"),
    need("fonts-noto-cjk", "Chinese characters on the screen and in PDFs"),
    need("fonts-noto-color-emoji", "emoji on the screen and in PDFs"),
    tool("imagemagick", "identify", "pictures of the screen"),
    tool("x11-apps", "xwd", "pictures of the screen"),
];

const BROWSER: &[Need] = &[tool("chromium", "chromium", "reads the public web pages")];

const SOUND: &[Need] = &[
    tool("pulseaudio", "pulseaudio", "a sound card where there is none"),
    tool("pulseaudio-utils", "pactl", "works that sound card"),
    need("libasound2-plugins", "lets the app find that sound card"),
];

const NETWORKS: &[Need] = &[
    tool("iproute2", "ip", "gives a side of a call another network address"),
    tool("util-linux", "unshare", "gives each side of a call a network of its own"),
];

const PAPER: &[Need] =
    &[tool("poppler-utils", "pdftotext", "reads and draws the PDFs the backend makes, to test them")];

const DESKTOP: &[Need] = &[tool("dbus-daemon", "dbus-daemon", "a session bus for the app's notifications")];

const FUZZ: &[Need] =
    &[need("python3-venv", "runs schemathesis, which fuzzes the REST interface; fetches ONNX Runtime")];

const FACE: &[Need] = &[tool("python3-venv", "pip3", "fetches ONNX Runtime from PyPI")];

const PHONES: &[Need] = &[
    need("rustc-web", "a compiler that comes with its library's source"),
    need("cargo-web", "the cargo for it"),
    need("rust-web-src", "the standard library's source, checked for the phone"),
    tool("clang", "clang", "reads C headers for the phone"),
    need("libclang-dev", "reads C headers for the phone"),
];

fn needs(goal: Goal) -> Vec<Need> {
    let lists: &[&[Need]] = match goal {
        Goal::Build => &[BUILD],
        Goal::Test => &[BUILD, WINDOW, BROWSER, SOUND, NETWORKS, PAPER, DESKTOP, FUZZ],
        Goal::Demo => &[BUILD, WINDOW, PAPER, FACE],
        Goal::Phones => &[PHONES],
    };
    lists.concat()
}

pub fn run(options: &Options) -> Result<()> {
    if options.check {
        let missing = missing(&needs(options.goal), &installed, &sh::exists);
        print!("{}", list("missing", &missing));
        if missing.is_empty() {
            println!("nothing is missing");
            return Ok(());
        }
        bail!("{} packages are missing", missing.len());
    }
    prepare(options.goal, options.yes)
}

/// Installs what `goal` needs and is not there.
///
/// # Errors
/// When something is missing that cannot be installed, or the person said no.
pub fn prepare(goal: Goal, yes: bool) -> Result<()> {
    packages(goal, yes)?;
    match goal {
        // Only running needs the library of the face check.
        Goal::Test | Goal::Demo => onnxruntime::prepare(),
        Goal::Build | Goal::Phones => Ok(()),
    }
}

fn packages(goal: Goal, yes: bool) -> Result<()> {
    let missing = missing(&needs(goal), &installed, &sh::exists);
    if missing.is_empty() {
        println!("setup: everything for {goal:?} is there");
        return Ok(());
    }
    print!("{}", list("setup: missing on this machine", &missing));
    if !sh::exists("apt-get") {
        bail!(
            "this is no Debian or Ubuntu: install these (under the names of your system), then run it again"
        );
    }
    if !yes && !sh::unattended() && !sh::agreed("Install them with apt-get?")? {
        bail!("not installed; install them yourself: apt-get install {}", names(&missing));
    }
    // A fresh machine has no package lists, or old ones.
    apt(&["update", "-qq"])?;
    let (offered, absent): (Vec<Need>, Vec<Need>) = missing.iter().partition(|need| offered(need.package));
    if !offered.is_empty() {
        let mut arguments = vec!["install", "-y", "--no-install-recommends"];
        arguments.extend(offered.iter().map(|need| need.package));
        apt(&arguments)?;
    }
    if !absent.is_empty() {
        print!("{}", list("setup: this distribution does not have", &absent));
        if goal == Goal::Phones {
            bail!("{WITHOUT_WEB_RUST}");
        }
        bail!("without {} this cannot go on", names(&absent));
    }
    Ok(())
}

const WITHOUT_WEB_RUST: &str = "type-checking for phones without their SDKs works on Debian 12 (security archive) only; \
elsewhere install the real thing: rustup target add aarch64-linux-android (with ANDROID_NDK_HOME), \
rustup target add aarch64-apple-ios (on a Mac with Xcode)";

/// Those of `needs` that are neither installed nor present as a program, each once.
fn missing(needs: &[Need], installed: &dyn Fn(&str) -> bool, exists: &dyn Fn(&str) -> bool) -> Vec<Need> {
    let mut missing: Vec<Need> = Vec::new();
    for need in needs {
        let there = need.program.is_some_and(exists) || installed(need.package);
        if !there && !missing.iter().any(|other| other.package == need.package) {
            missing.push(*need);
        }
    }
    missing
}

fn installed(package: &str) -> bool {
    let status = Command::new("dpkg-query")
        .args(["-W", "-f", "${db:Status-Status}\n", package])
        .stderr(Stdio::null())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).lines().any(|line| line == "installed"));
    status.unwrap_or(false)
}

/// Whether apt can install the package (after an update).
fn offered(package: &str) -> bool {
    let policy = Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C").output();
    policy.is_ok_and(|output| has_candidate(&String::from_utf8_lossy(&output.stdout)))
}

fn has_candidate(policy: &str) -> bool {
    policy
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Candidate:"))
        .any(|version| version.trim() != "(none)")
}

fn apt(arguments: &[&str]) -> Result<()> {
    let root = sh::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("apt-get")
    } else if sh::exists("sudo") {
        let mut sudo = Command::new("sudo");
        sudo.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    } else {
        bail!("you are not root and there is no sudo; let someone run: apt-get {}", arguments.join(" "));
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    sh::run(&mut command).context("apt-get failed; its message stands above")
}

fn names(needs: &[Need]) -> String {
    needs.iter().map(|need| need.package).collect::<Vec<_>>().join(" ")
}

fn list(title: &str, needs: &[Need]) -> String {
    let mut text = String::new();
    if !needs.is_empty() {
        let _ = writeln!(text, "{title}:");
    }
    for need in needs {
        let _ = writeln!(text, "  {:<24} {}", need.package, need.why);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_named_and_once() {
        let needs = [
            tool("cmake", "cmake", "a"),
            need("libfoo-dev", "b"),
            need("libfoo-dev", "b"),
            need("libbar-dev", "c"),
        ];
        let found = missing(&needs, &|package| package == "libbar-dev", &|program| program == "cmake");
        assert_eq!(names(&found), "libfoo-dev");
        assert_eq!(list("missing", &found), "missing:\n  libfoo-dev               b\n");
        assert_eq!(list("missing", &[]), "");
    }

    #[test]
    fn a_package_without_candidate_is_not_offered() {
        assert!(!has_candidate("rustc-web:\n  Installed: (none)\n  Candidate: (none)\n"));
        assert!(!has_candidate(""));
        assert!(has_candidate("nasm:\n  Installed: (none)\n  Candidate: 2.16.01-1\n"));
    }

    #[test]
    fn every_goal_names_every_package_at_most_once() {
        for goal in [Goal::Build, Goal::Test, Goal::Demo, Goal::Phones] {
            let mut all: Vec<&str> = needs(goal).iter().map(|need| need.package).collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count, "{goal:?} names a package twice");
        }
        assert!(!needs(Goal::Test).iter().any(|need| need.package == "rustc-web"), "Ubuntu has no rustc-web");
    }
}
