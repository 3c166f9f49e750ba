//! The rules that no compiler knows: who may depend on whom, how long a file may be, what must not be left behind,
//! strings in both languages, licences. It reads and reports; it changes nothing.
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{sh, workspace};

mod direction;
mod features;
mod licences;
mod rust_text;
mod sources;
mod strings;

/// One breach of a rule, or something that is about to become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub place: PathBuf,
    pub line: usize,
    pub what: String,
    /// Worth a look, but allowed.
    pub warning: bool,
}

impl Finding {
    fn error(place: impl Into<PathBuf>, line: usize, what: impl Into<String>) -> Self {
        Self { place: place.into(), line, what: what.into(), warning: false }
    }

    fn warning(place: impl Into<PathBuf>, line: usize, what: impl Into<String>) -> Self {
        Self { place: place.into(), line, what: what.into(), warning: true }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.strip_prefix(sh::root()).unwrap_or(&self.place).display();
        let kind = if self.warning { "warning" } else { "error" };
        write!(f, "{place}:{}: {kind}: {}", self.line, self.what)
    }
}

/// A text file of the project.
#[derive(Debug, Clone)]
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|e| e == extension)
    }
}

pub fn run() -> Result<()> {
    let root = sh::root();
    let packages = workspace::packages()?;
    let files = files(&root)?;
    let mut findings = direction::check(&root, &packages, &files);
    findings.extend(features::check(&packages));
    findings.extend(sources::check(&packages, &files));
    findings.extend(strings::check(&root, &files));
    findings.extend(licences::check(&root, &packages)?);
    findings.sort_by(|a, b| (a.warning, &a.place, a.line).cmp(&(b.warning, &b.place, b.line)));
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|finding| !finding.warning).count();
    println!("tidy: {} files, {errors} errors, {} warnings", files.len(), findings.len() - errors);
    if errors > 0 {
        bail!("tidy found {errors} errors");
    }
    Ok(())
}

/// Every text file under `root` that is ours: no build output, no hidden folders.
fn files(root: &Path) -> Result<Vec<File>> {
    const KINDS: [&str; 14] = [
        "rs", "toml", "js", "ts", "css", "html", "sql", "ftl", "kt", "swift", "sh", "gradle", "xml", "plist",
    ];
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.')
                    && !["target", "node_modules", "Pods", "build"].contains(&name.as_str())
                {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| KINDS.iter().any(|kind| e == *kind)) {
                let text = std::fs::read_to_string(&path)?;
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_files_are_read_and_build_output_is_not() {
        let files = files(&sh::root()).expect("readable");
        assert!(files.iter().any(|file| file.path.ends_with("xtask/src/tidy.rs")));
        assert!(!files.iter().any(|file| file.path.components().any(|part| part.as_os_str() == "target")));
    }

    #[test]
    fn a_finding_reads_like_a_compilers() {
        let finding = Finding::error(sh::root().join("core/domain/src/lib.rs"), 3, "no");
        assert_eq!(finding.to_string(), "core/domain/src/lib.rs:3: error: no");
    }
}
