//! What cargo knows about the workspace, without its third-party graph. It builds nothing.
use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::sh;

/// One of our own packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    /// The folder of its `Cargo.toml`.
    pub folder: PathBuf,
    pub license: String,
    /// Names of the packages it depends on, of every kind (normal, build, dev).
    pub needs: Vec<String>,
    /// What each of its features turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// The first file of each of its library and binary targets.
    pub roots: Vec<PathBuf>,
}

/// Our packages as `cargo metadata --no-deps` lists them.
pub fn packages() -> Result<Vec<Package>> {
    let text = sh::output(&mut sh::cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]))?;
    read(&serde_json::from_str(&text).context("cargo metadata is no JSON")?)
}

fn read(metadata: &Value) -> Result<Vec<Package>> {
    let strings = |list: &Value, key: &str| -> Vec<String> {
        list.as_array()
            .map(|all| all.iter().filter_map(|entry| entry[key].as_str()).map(str::to_owned).collect())
            .unwrap_or_default()
    };
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages
        .iter()
        .map(|package| {
            let manifest =
                PathBuf::from(package["manifest_path"].as_str().context("a package without manifest")?);
            let targets = package["targets"].as_array().cloned().unwrap_or_default();
            Ok(Package {
                name: package["name"].as_str().context("a package without name")?.to_owned(),
                folder: manifest.parent().context("a manifest without folder")?.to_path_buf(),
                license: package["license"].as_str().unwrap_or_default().to_owned(),
                needs: strings(&package["dependencies"], "name"),
                features: serde_json::from_value(package["features"].clone()).unwrap_or_default(),
                roots: targets
                    .iter()
                    .filter(|target| {
                        target["kind"].as_array().is_some_and(|k| k.iter().any(|k| k == "lib" || k == "bin"))
                    })
                    .filter_map(|target| target["src_path"].as_str())
                    .map(PathBuf::from)
                    .collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_packages_are_listed() {
        let packages = packages().expect("cargo metadata works");
        let xtask = packages.iter().find(|package| package.name == "xtask").expect("xtask is a package");
        assert_eq!(xtask.folder, sh::root().join("xtask"));
        assert!(xtask.needs.contains(&"clap".to_owned()));
        assert_eq!(xtask.roots, [sh::root().join("xtask/src/main.rs")]);
        assert_eq!(xtask.license, "MIT OR Apache-2.0");
    }
}
