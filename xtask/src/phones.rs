//! Type-checks the phone side for Android and iOS: all of its Rust, the standard library included. With the phone's
//! SDK installed the real tools are used; without, C and C++ parts are replaced by empty objects, so that nothing is
//! linked and nothing can run. It never produces an app.
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::setup::{self, Goal};
use crate::sh;

#[derive(Debug, Args)]
pub struct Options {
    /// Only this system
    #[arg(long, value_enum)]
    only: Option<System>,
    /// Install missing packages without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum System {
    Android,
    Ios,
}

impl System {
    fn target(self) -> &'static str {
        match self {
            Self::Android => "aarch64-linux-android",
            Self::Ios => "aarch64-apple-ios",
        }
    }
}

const PACKAGES: [&str; 4] = ["miantan-mobile", "miantan-client", "miantan-media", "miantan-platform"];

const STUBS: [(&str, &str); 4] = [
    ("cc", include_str!("stubs/cc")),
    ("ar", include_str!("stubs/ar")),
    ("cmake", include_str!("stubs/cmake")),
    ("xcrun", include_str!("stubs/xcrun")),
];

/// What checks a target here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The target's standard library and the phone's SDK are installed.
    Sdk,
    /// The target's standard library is installed, the SDK is not: stand-ins for its C tools.
    StandIns,
    /// Neither: Debian's compiler with the source of the standard library, and the stand-ins.
    Source,
}

pub fn run(options: &Options) -> Result<()> {
    let systems = match options.only {
        Some(system) => vec![system],
        None => vec![System::Android, System::Ios],
    };
    let mut took = Vec::new();
    for system in systems {
        let started = Instant::now();
        let way = prepare(system, options.yes)?;
        println!("phones: {} by {way:?}", system.target());
        sh::run(&mut check(system, way)?)
            .with_context(|| format!("the phone side does not compile for {}", system.target()))?;
        took.push((system.target(), way, started.elapsed()));
    }
    for (target, way, time) in took {
        println!("phones: {target} ok in {} ({way:?})", sh::time(time));
    }
    Ok(())
}

/// Finds the best way that this machine has, installing what the third way needs when it has none.
fn prepare(system: System, yes: bool) -> Result<Way> {
    let way = choose(library_installed(system.target()), sdk(system).is_some());
    if way == Way::Source
        && let Err(error) = setup::prepare(Goal::Phones, yes)
    {
        // Where the distribution has no such compiler, rustup may have the target's standard library.
        let added = sh::exists("rustup")
            && sh::run(&mut sh::command("rustup", &["target", "add", system.target()])).is_ok();
        return if added { Ok(choose(true, sdk(system).is_some())) } else { Err(error) };
    }
    Ok(way)
}

fn choose(library: bool, sdk: bool) -> Way {
    match (library, sdk) {
        (true, true) => Way::Sdk,
        (true, false) => Way::StandIns,
        (false, _) => Way::Source,
    }
}

/// Whether the compiler that runs us has the target's standard library.
fn library_installed(target: &str) -> bool {
    let sysroot = sh::output(&mut sh::command("rustc", &["--print", "sysroot"])).unwrap_or_default();
    Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib").is_dir()
}

/// Where the phone's own C tools are.
fn sdk(system: System) -> Option<PathBuf> {
    match system {
        System::Android => {
            let ndk = PathBuf::from(std::env::var_os("ANDROID_NDK_HOME")?);
            let hosts = std::fs::read_dir(ndk.join("toolchains/llvm/prebuilt")).ok()?;
            hosts.filter_map(Result::ok).map(|host| host.path().join("bin")).find(|bin| bin.is_dir())
        }
        System::Ios => {
            let path =
                sh::output(&mut sh::command("xcrun", &["--sdk", "iphoneos", "--show-sdk-path"])).ok()?;
            Some(PathBuf::from(path.trim())).filter(|path| path.is_dir())
        }
    }
}

fn check(system: System, way: Way) -> Result<Command> {
    let target = system.target();
    // One folder for both systems: what runs on this machine (macros, build scripts) is built once.
    let folder = sh::root().join("target/phones/check");
    let folder = folder.to_str().context("the project's path is not readable text")?.to_owned();
    let mut command = if way == Way::Source {
        let mut command = sh::command("/usr/bin/cargo", &["check", "-Zbuild-std=std,panic_abort"]);
        // Our own cargo's settings would lead Debian's astray.
        for gone in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTFLAGS", "RUSTDOC"] {
            command.env_remove(gone);
        }
        command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
        command
    } else {
        sh::cargo(&["check"])
    };
    command.args(["--target", target, "--target-dir", &folder]);
    for package in PACKAGES {
        command.args(["-p", package]);
    }
    match way {
        Way::Sdk => real_tools(&mut command, system)?,
        Way::StandIns | Way::Source => stand_ins(&mut command, system)?,
    }
    Ok(command)
}

fn real_tools(command: &mut Command, system: System) -> Result<()> {
    if system == System::Ios {
        return Ok(()); // cc and xcrun find each other
    }
    let bin = sdk(system).context("ANDROID_NDK_HOME has no toolchains/llvm/prebuilt")?;
    let clang = bin.join("aarch64-linux-android26-clang");
    if !clang.is_file() {
        bail!("{} is missing: the NDK is too old or too new for Android 8", clang.display());
    }
    tools(command, system, &clang, &bin.join("aarch64-linux-android26-clang++"), &bin.join("llvm-ar"));
    Ok(())
}

fn stand_ins(command: &mut Command, system: System) -> Result<()> {
    let stubs = sh::root().join("target/phones/stubs");
    let bin = stubs.join("bin");
    std::fs::create_dir_all(&bin)?;
    std::fs::create_dir_all(stubs.join("sdk"))?;
    for (name, text) in STUBS {
        let path = bin.join(name);
        // A file that did not change keeps its time, and cargo does not build again.
        if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
            std::fs::write(&path, text)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        }
    }
    let cc = bin.join("cc");
    tools(command, system, &cc, &cc, &bin.join("ar"));
    // `xcrun` and `cmake` are looked for on the path; `cc` must not be: build scripts for this machine need the real one.
    let tools = stubs.join("path");
    std::fs::create_dir_all(&tools)?;
    for name in ["cmake", "xcrun"] {
        let link = tools.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(bin.join(name), &link)?;
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [tools, PathBuf::from("/usr/bin")].into_iter().chain(std::env::split_paths(&path));
    command
        .env("PATH", std::env::join_paths(folders)?)
        .env("CMAKE", bin.join("cmake"))
        .env("SDKROOT", stubs.join("sdk"));
    Ok(())
}

/// The environment in which build scripts find the C tools for a target.
fn tools(command: &mut Command, system: System, cc: &Path, cxx: &Path, ar: &Path) {
    let target = system.target().replace('-', "_");
    command
        .env(format!("CC_{target}"), cc)
        .env(format!("CXX_{target}"), cxx)
        .env(format!("AR_{target}"), ar)
        .env(format!("CARGO_TARGET_{}_LINKER", target.to_uppercase()), cc);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_tools_come_first() {
        assert_eq!(choose(true, true), Way::Sdk);
        assert_eq!(choose(true, false), Way::StandIns);
        assert_eq!(choose(false, true), Way::Source);
        assert_eq!(choose(false, false), Way::Source);
    }

    #[test]
    fn the_stand_ins_answer_what_build_scripts_ask() {
        let command = check(System::Ios, Way::Source).expect("a command");
        let line = sh::shown(&command);
        assert!(
            line.starts_with("cargo check -Zbuild-std=std,panic_abort --target aarch64-apple-ios"),
            "{line}"
        );
        for package in PACKAGES {
            assert!(line.contains(&format!("-p {package}")), "{line}");
        }
        let stubs = sh::root().join("target/phones/stubs");
        let run = |name: &str, arguments: &[&str]| {
            sh::output(&mut sh::command(stubs.join(name), arguments)).expect("it runs")
        };
        assert!(run("bin/cc", &["--version"]).starts_with("clang version"));
        assert_eq!(run("bin/xcrun", &["--sdk", "iphoneos", "--show-sdk-version"]), "17.0\n");
        let object = std::env::temp_dir().join(format!("miantan-stub-{}.o", std::process::id()));
        run("bin/cc", &["-c", "x.c", "-o", object.to_str().expect("text")]);
        assert!(object.exists(), "an object was made");
        std::fs::remove_file(object).expect("it is there");
    }
}
