//! Who may depend on whom: `domain ← {face, media} ← client ← mobile`, `domain, face ← backend`, `platform`
//! implements what `client` and `media` declare, only `mobile` knows `platform` (and there only `main.rs`), tests may
//! see all. It looks at manifests of every dependency kind, so a test cannot open a back door.
use std::path::Path;

use super::rust_text::code_only;
use super::{File, Finding};
use crate::workspace::Package;

/// What each of our packages may depend on. Packages under `tests/` that are not named here may see all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("miantan-domain", &[]),
    ("miantan-face", &["miantan-domain"]),
    ("miantan-media", &["miantan-domain"]),
    ("miantan-client", &["miantan-domain", "miantan-face", "miantan-media"]),
    ("miantan-platform", &["miantan-domain", "miantan-client", "miantan-media"]),
    (
        "miantan-mobile",
        &["miantan-domain", "miantan-face", "miantan-media", "miantan-client", "miantan-platform"],
    ),
    ("miantan-backend", &["miantan-domain", "miantan-face"]),
    ("xtask", &[]),
    // thousands of devices of its own: the client would be measured with the server
    ("miantan-load", &["miantan-domain", "miantan-backend"]),
];

/// What the pure rules must never reach: clocks, sockets, threads, randomness, disks.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio-util",
    "futures",
    "futures-util",
    "async-std",
    "reqwest",
    "axum",
    "hyper",
    "rusqlite",
    "rand",
    "getrandom",
    "webrtc",
    "str0m",
    "cpal",
    "dioxus",
    "tracing",
    "log",
];

pub fn check(root: &Path, packages: &[Package], files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let ours: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    for package in packages {
        let manifest = package.folder.join("Cargo.toml");
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
            if package.folder.starts_with(root.join("tests")) {
                continue;
            }
            findings.push(Finding::error(
                manifest,
                1,
                format!("package {} has no place in the dependency direction: add it to xtask/src/tidy/direction.rs", package.name),
            ));
            continue;
        };
        for need in &package.needs {
            if ours.contains(&need.as_str()) && !allowed.contains(&need.as_str()) {
                findings.push(Finding::error(
                    &manifest,
                    1,
                    format!("{} must not depend on {need}", package.name),
                ));
            }
            if package.name == "miantan-domain" && IMPURE.contains(&need.as_str()) {
                findings.push(Finding::error(
                    &manifest,
                    1,
                    format!("the domain is pure and must not use {need}"),
                ));
            }
        }
    }
    findings.extend(platform_is_wired_in_one_place(root, files));
    findings
}

/// In the app only `mobile/src/main.rs` names the platform crate.
fn platform_is_wired_in_one_place(root: &Path, files: &[File]) -> Vec<Finding> {
    let folder = root.join("mobile/src");
    let mut findings = Vec::new();
    for file in
        files.iter().filter(|f| f.is("rs") && f.path.starts_with(&folder) && f.path != folder.join("main.rs"))
    {
        for (number, line) in code_only(&file.text).lines().enumerate() {
            if line.contains("miantan_platform") {
                findings.push(Finding::error(
                    &file.path,
                    number + 1,
                    "only mobile/src/main.rs wires the platform; take a trait of client or media here",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folder: &str, needs: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            folder: Path::new("/w").join(folder),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..Package::default()
        }
    }

    fn told(packages: &[Package], files: &[File]) -> Vec<String> {
        check(Path::new("/w"), packages, files).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn the_right_direction_passes() {
        let packages = [
            package("miantan-domain", "core/domain", &["serde"]),
            package("miantan-media", "core/media", &["miantan-domain", "tokio"]),
            package("miantan-client", "core/client", &["miantan-domain", "miantan-media"]),
            package("miantan-backend", "backend", &["miantan-domain"]),
            package("miantan-e2e", "tests/e2e", &["miantan-backend", "miantan-client"]),
            package("miantan-load", "tests/load", &["miantan-backend", "miantan-domain"]),
        ];
        assert_eq!(told(&packages, &[]), Vec::<String>::new());
    }

    #[test]
    fn the_wrong_direction_and_an_unknown_package_are_found() {
        let packages = [
            package("miantan-domain", "core/domain", &["tokio"]),
            package("miantan-client", "core/client", &["miantan-platform"]),
            package("miantan-platform", "platform", &[]),
            package("miantan-backend", "backend", &["miantan-client"]),
            package("miantan-extra", "extra", &[]),
            package("miantan-load", "tests/load", &["miantan-client"]),
        ];
        let told = told(&packages, &[]);
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!(told[0], "the domain is pure and must not use tokio");
        assert_eq!(told[1], "miantan-client must not depend on miantan-platform");
        assert_eq!(told[2], "miantan-backend must not depend on miantan-client");
        assert!(told[3].contains("miantan-extra has no place"));
        assert_eq!(told[4], "miantan-load must not depend on miantan-client");
    }

    #[test]
    fn the_platform_is_named_in_main_only() {
        let file = |path: &str, text: &str| File { path: Path::new("/w").join(path), text: text.to_owned() };
        let files = [
            file("mobile/src/main.rs", "use miantan_platform::start;"),
            file("mobile/src/screens/call.rs", "// not miantan_platform\nuse miantan_platform::vibrate;"),
        ];
        let found = check(Path::new("/w"), &[], &files);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].path_end()), (2, "call.rs".to_owned()));
    }

    impl Finding {
        fn path_end(&self) -> String {
            self.place.file_name().unwrap_or_default().to_string_lossy().into_owned()
        }
    }
}
