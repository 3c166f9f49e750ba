//! One way to build for development and tests: one feature set, one profile, so that nothing is built twice. Only
//! the bench asks for a release build.
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::sh;

/// The synthetic devices: containers have neither camera nor sound, and a demo must not need them.
pub const FEATURES: [&str; 2] = ["--features", "miantan-media/synthetic,miantan-mobile/synthetic"];

/// Something that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub package: String,
    pub name: String,
    /// The folder of its package's manifest.
    pub folder: PathBuf,
    pub path: PathBuf,
    /// A test program made by the test harness.
    pub test: bool,
}

/// Builds and returns what can be run: binaries, examples and, with `--all-targets`, the test programs.
pub fn build(arguments: &[&str]) -> Result<Vec<Program>> {
    let mut command = sh::cargo(&["build", "--message-format", "json-render-diagnostics"]);
    command.args(arguments);
    println!("$ {}", sh::shown(&command));
    let mut child =
        command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().context("cannot run cargo")?;
    let lines = BufReader::new(child.stdout.take().context("cargo without output")?).lines();
    let mut programs = Vec::new();
    for line in lines {
        programs.extend(program(&serde_json::from_str(&line?).unwrap_or(Value::Null)));
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the build failed ({status})");
    }
    Ok(programs)
}

/// The path of the binary `name` of `package`.
pub fn binary<'a>(programs: &'a [Program], package: &str, name: &str) -> Result<&'a Path> {
    programs
        .iter()
        .find(|p| p.package == package && !p.test && p.name == name)
        .map(|p| p.path.as_path())
        .with_context(|| format!("package {package} has no binary {name}"))
}

fn program(message: &Value) -> Option<Program> {
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let path = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    let target = &message["target"];
    let test = message["profile"]["test"] == true;
    // Build scripts are executables too, but they carry another kind.
    let kinds: Vec<&str> = target["kind"].as_array()?.iter().filter_map(Value::as_str).collect();
    if !test && !kinds.iter().any(|kind| *kind == "bin" || *kind == "example") {
        return None;
    }
    Some(Program {
        package: package_name(message["package_id"].as_str()?)?,
        name: target["name"].as_str()?.to_owned(),
        folder,
        path,
        test,
    })
}

/// `path+file:///work/backend#miantan-backend@0.1.0` and `path+file:///work/xtask#0.1.0` both name their package.
fn package_name(id: &str) -> Option<String> {
    let (place, rest) = id.rsplit_once('#')?;
    match rest.split_once('@') {
        Some((name, _)) => Some(name.to_owned()),
        None => place.rsplit('/').next().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn artifact(kind: &str, test: bool, executable: Option<&str>) -> Value {
        json!({
            "reason": "compiler-artifact", "package_id": "path+file:///w/backend#miantan-backend@0.1.0",
            "manifest_path": "/w/backend/Cargo.toml", "executable": executable,
            "target": { "kind": [kind], "name": "miantan-backend" }, "profile": { "test": test },
        })
    }

    #[test]
    fn programs_are_read_from_cargos_messages() {
        let found = program(&artifact("bin", false, Some("/t/miantan-backend"))).expect("a binary");
        assert_eq!(found.package, "miantan-backend");
        assert_eq!(found.folder, Path::new("/w/backend"));
        assert!(!found.test);
        assert!(program(&artifact("test", true, Some("/t/deps/stories-1"))).expect("a test").test);
        assert_eq!(program(&artifact("lib", false, None)), None);
        assert_eq!(program(&artifact("custom-build", false, Some("/t/build"))), None);
        let all = [found];
        assert_eq!(
            binary(&all, "miantan-backend", "miantan-backend").expect("there"),
            Path::new("/t/miantan-backend")
        );
        assert!(binary(&all, "miantan-backend", "other").is_err());
        assert!(binary(&all, "miantan-mobile", "miantan-mobile").is_err());
    }

    #[test]
    fn both_forms_of_a_package_id_are_read() {
        assert_eq!(package_name("path+file:///w/xtask#0.1.0").as_deref(), Some("xtask"));
        assert_eq!(
            package_name("path+file:///w/core/media#miantan-media@0.1.0").as_deref(),
            Some("miantan-media")
        );
    }
}
