//! Licences: ours are MIT and Apache-2.0, with both texts at hand; those of everything that we build with are on the
//! list of `deny.toml`. It works without a network and without cargo-deny, which checks more.
use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use crate::sh;
use crate::workspace::Package;

/// Where we run: other targets' packages are in the lock file but in no build of ours.
const TARGETS: [&str; 3] = ["x86_64-unknown-linux-gnu", "aarch64-linux-android", "aarch64-apple-ios"];
const OURS: &str = "MIT OR Apache-2.0";
const TEXTS: [(&str, &str); 2] = [
    ("LICENSE-MIT", "Permission is hereby granted, free of charge"),
    ("LICENSE-APACHE", "Version 2.0, January 2004"),
];

pub fn check(root: &Path, packages: &[Package]) -> Result<Vec<Finding>> {
    let mut findings = own(root, packages);
    let rules = std::fs::read_to_string(root.join("deny.toml")).context("cannot read deny.toml")?;
    let rules = Rules::read(&rules)?;
    for target in TARGETS {
        findings.extend(foreign(root, &rules, &graph(target)?));
    }
    // What two targets share is told once.
    findings.sort_by(|a, b| a.what.cmp(&b.what));
    findings.dedup();
    Ok(findings)
}

/// Everything that a build for `target` may use. Cargo asks the network only for what it has never seen.
fn graph(target: &str) -> Result<Value> {
    let arguments = ["metadata", "--format-version", "1", "--filter-platform", target];
    let text = match sh::output(sh::cargo(&arguments).arg("--offline")) {
        Ok(text) => text,
        Err(_) => sh::output(&mut sh::cargo(&arguments))?,
    };
    serde_json::from_str(&text).context("cargo metadata is no JSON")
}

fn own(root: &Path, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, sentence) in TEXTS {
        let path = root.join(name);
        if !std::fs::read_to_string(&path).is_ok_and(|text| text.contains(sentence)) {
            findings.push(Finding::error(path, 1, "the licence text is missing or is another"));
        }
    }
    for package in packages.iter().filter(|package| package.license != OURS) {
        let what = format!("{} says licence {:?}, not {OURS:?}", package.name, package.license);
        findings.push(Finding::error(package.folder.join("Cargo.toml"), 1, what));
    }
    findings
}

/// What `deny.toml` allows.
#[derive(Debug, Default)]
struct Rules {
    allowed: BTreeSet<String>,
    exceptions: Vec<(String, BTreeSet<String>)>,
}

impl Rules {
    fn read(text: &str) -> Result<Self> {
        let value: toml::Value = toml::from_str(text).context("deny.toml is no TOML")?;
        let licences = value.get("licenses").context("deny.toml has no [licenses]")?;
        let list = |value: Option<&toml::Value>| -> BTreeSet<String> {
            let all = value.and_then(toml::Value::as_array).cloned().unwrap_or_default();
            all.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        let exceptions =
            licences.get("exceptions").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let exceptions = exceptions
            .iter()
            .filter_map(|entry| Some((entry.get("crate")?.as_str()?.to_owned(), list(entry.get("allow")))))
            .collect();
        Ok(Self { allowed: list(licences.get("allow")), exceptions })
    }

    /// Whether a package may be used under what it says of itself.
    fn allow(&self, package: &str, expression: &str) -> bool {
        let more = self.exceptions.iter().find(|(name, _)| name == package).map(|(_, more)| more);
        allowed(expression, &|licence| {
            self.allowed.contains(licence) || more.is_some_and(|more| more.contains(licence))
        })
    }
}

fn foreign(root: &Path, rules: &Rules, graph: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in graph["packages"].as_array().into_iter().flatten() {
        if package["source"].is_null() {
            continue; // ours
        }
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        if !rules.allow(name, licence) {
            let version = package["version"].as_str().unwrap_or_default();
            let what = format!("{name} {version} is under {licence:?}, which deny.toml does not allow");
            findings.push(Finding::error(root.join("deny.toml"), 1, what));
        }
    }
    findings
}

/// Evaluates an SPDX expression: any side of OR (or the old `/`), both sides of AND, brackets.
fn allowed(expression: &str, licence: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = any(&words, &mut at, licence);
    result && at == words.len()
}

fn any(words: &[&str], at: &mut usize, licence: &dyn Fn(&str) -> bool) -> bool {
    let mut result = all(words, at, licence);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all(words, at, licence);
    }
    result
}

fn all(words: &[&str], at: &mut usize, licence: &dyn Fn(&str) -> bool) -> bool {
    let mut result = one(words, at, licence);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, licence);
    }
    result
}

fn one(words: &[&str], at: &mut usize, licence: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let result = any(words, at, licence);
        *at += usize::from(words.get(*at) == Some(&")"));
        return result;
    }
    if words.get(*at) == Some(&"WITH") {
        let whole = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        return licence(&whole);
    }
    licence(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_understood() {
        let free = |licence: &str| ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].contains(&licence);
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR GPL-3.0) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR X",
        ] {
            assert!(allowed(good, &free), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR X) AND GPL-3.0",
            "GPL-3.0 WITH LLVM-exception",
            "MIT MIT",
        ] {
            assert!(!allowed(bad, &free), "{bad}");
        }
    }

    #[test]
    fn a_forbidden_licence_is_found_and_an_exception_holds() {
        let rules = Rules::read(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"odd\", allow = [\"MPL-2.0\"] }]",
        )
        .expect("sound");
        let graph = json!({ "packages": [
            { "name": "good", "version": "1.0.0", "license": "MIT", "source": "registry" },
            { "name": "odd", "version": "1.0.0", "license": "MPL-2.0", "source": "registry" },
            { "name": "bad", "version": "2.0.0", "license": "AGPL-3.0", "source": "registry" },
            { "name": "silent", "version": "2.0.0", "license": null, "source": "registry" },
            { "name": "ours", "version": "2.0.0", "license": null, "source": null },
        ]});
        let told: Vec<String> =
            foreign(Path::new("/w"), &rules, &graph).into_iter().map(|f| f.what).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("bad 2.0.0"));
        assert!(told[1].contains("silent"));
    }

    #[test]
    fn our_own_licence_must_be_the_dual_one() {
        let package = Package {
            name: "miantan-x".into(),
            folder: "/w/x".into(),
            license: "MIT".into(),
            ..Package::default()
        };
        let found = own(Path::new("/nowhere"), &[package]);
        assert_eq!(found.len(), 3, "two texts and one package: {found:?}");
    }
}
