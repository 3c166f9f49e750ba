//! ONNX Runtime for desktops and tests: its shared library out of the wheel on PyPI, into `target/tools/onnxruntime`, where
//! `core/face` looks for it. On phones it comes with the app. It installs no Python package.
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::sh;

const VERSION: &str = "1.32.0";

/// The wheels whose library was tried, by machine. The library inside does not depend on the Python version.
const WHEELS: [(&str, &str, &str); 2] = [
    ("x86_64", "manylinux_2_28_x86_64", "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d"),
    ("aarch64", "manylinux_2_28_aarch64", "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c"),
];

/// Takes the library and the licences out of the wheel (a zip), and nothing else.
const UNPACK: &str = "
import os, sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        base = os.path.basename(name)
        library = base.startswith('libonnxruntime.so') and name.startswith('onnxruntime/capi/')
        if library or name in ('onnxruntime/LICENSE', 'onnxruntime/ThirdPartyNotices.txt'):
            with archive.open(name) as source, open(os.path.join(folder, base), 'wb') as target:
                target.write(source.read())
";

fn tools() -> PathBuf {
    sh::root().join("target/tools")
}

/// The library in its folder, when it is there.
fn library(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(format!("libonnxruntime.so.{VERSION}"));
    path.is_file().then_some(path)
}

/// Fetches the library unless it is there.
///
/// # Errors
/// When this is no Linux on a machine that was tried, or the wheel cannot be fetched.
pub fn prepare() -> Result<()> {
    let folder = tools().join("onnxruntime");
    if let Some(library) = library(&folder) {
        println!("setup: ONNX Runtime is there ({})", library.display());
        return Ok(());
    }
    if cfg!(not(target_os = "linux")) {
        println!(
            "setup: ONNX Runtime {VERSION} is fetched on Linux only; set MIANTAN_ONNXRUNTIME to its library for the face check"
        );
        return Ok(());
    }
    fetch(&folder).with_context(|| {
        format!("ONNX Runtime {VERSION} could not be fetched from PyPI; put its libonnxruntime.so into {} or set MIANTAN_ONNXRUNTIME", folder.display())
    })
}

fn fetch(folder: &Path) -> Result<()> {
    let (platform, sha256) = wheel(std::env::consts::ARCH)?;
    println!("setup: ONNX Runtime {VERSION} from PyPI, for the face check");
    // Half a download is never taken for a whole one: everything happens beside the folder, which is then renamed.
    let aside = tools().join("onnxruntime.part");
    if aside.exists() {
        std::fs::remove_dir_all(&aside)?;
    }
    std::fs::create_dir_all(&aside)?;
    let requirement = aside.join("requirements.txt");
    std::fs::write(&requirement, format!("onnxruntime=={VERSION} --hash=sha256:{sha256}\n"))?;
    let (python, pip) = pip()?;
    let mut download = sh::command(&pip[0], &[]);
    download.args(&pip[1..]).args([
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--platform",
        platform,
    ]);
    sh::run(download.arg("--dest").arg(&aside).arg("--requirement").arg(&requirement))?;
    let wheel = std::fs::read_dir(&aside)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("pip fetched no wheel")?;
    sh::output(sh::command(python, &["-c", UNPACK]).arg(&wheel).arg(&aside))?;
    std::fs::remove_file(&wheel)?;
    std::fs::remove_file(&requirement)?;
    if library(&aside).is_none() {
        bail!("there is no libonnxruntime.so.{VERSION} in {}", wheel.display());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::rename(&aside, folder)?;
    println!("setup: {}", folder.display());
    Ok(())
}

fn wheel(machine: &str) -> Result<(&'static str, &'static str)> {
    let found = WHEELS.iter().find(|(name, ..)| *name == machine);
    let (_, platform, sha256) = found.with_context(|| format!("no wheel for {machine} was tried"))?;
    Ok((platform, sha256))
}

/// Python, and a pip that runs: the system's, or that of a virtual environment (Debian has no pip of its own).
fn pip() -> Result<(PathBuf, Vec<PathBuf>)> {
    let python = PathBuf::from("python3");
    if runs(&python, &["-m", "pip", "--version"]) {
        return Ok((python.clone(), vec![python, "-m".into(), "pip".into()]));
    }
    let python = environment("pip", &[])?;
    Ok((python.clone(), vec![python, "-m".into(), "pip".into()]))
}

/// The Python of a virtual environment in `target/tools/NAME` that has these packages.
///
/// # Errors
/// When python3 or its venv is not there, or a package cannot be fetched.
pub fn environment(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = tools().join(name);
    let python = folder.join("bin/python");
    if !runs(&python, &["-m", "pip", "--version"]) {
        sh::run(sh::command("python3", &["-m", "venv", "--clear"]).arg(&folder))
            .context("python3 makes no virtual environment: install python3-venv")?;
    }
    // What is there is not looked for again, so that no network is needed the second time.
    let wanted = packages.join("\n");
    let note = folder.join("packages.txt");
    if !packages.is_empty() && std::fs::read_to_string(&note).ok().as_deref() != Some(wanted.as_str()) {
        let mut install =
            sh::command(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        sh::run(install.args(packages))?;
        std::fs::write(&note, wanted)?;
    }
    Ok(python)
}

fn runs(program: &Path, arguments: &[&str]) -> bool {
    let mut command = sh::command(program, arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_that_were_tried_have_a_wheel_and_others_are_named() {
        for (machine, platform, sha256) in WHEELS {
            assert_eq!(wheel(machine).expect("a wheel"), (platform, sha256));
            assert!(platform.ends_with(machine) && sha256.len() == 64);
        }
        assert!(wheel("riscv64").expect_err("none").to_string().contains("riscv64"));
    }

    #[test]
    fn only_the_library_and_the_licences_come_out_of_a_wheel() {
        let folder = std::env::temp_dir().join(format!("miantan-wheel-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("made");
        let wheel = folder.join("a.whl");
        let make = "
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    for name in ('onnxruntime/capi/libonnxruntime.so.1.32.0', 'onnxruntime/LICENSE', 'onnxruntime/capi/libother.so',
                 '../libonnxruntime.so.9', 'onnxruntime/__init__.py'):
        archive.writestr(name, name)
";
        sh::output(sh::command("python3", &["-c", make]).arg(&wheel)).expect("a wheel");
        let out = folder.join("out");
        std::fs::create_dir_all(&out).expect("made");
        sh::output(sh::command("python3", &["-c", UNPACK]).arg(&wheel).arg(&out)).expect("unpacked");
        let mut names: Vec<String> = std::fs::read_dir(&out)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["LICENSE", "libonnxruntime.so.1.32.0"]);
        assert!(library(&out).is_some() && library(&folder).is_none());
        std::fs::remove_dir_all(&folder).expect("it is there");
    }
}
