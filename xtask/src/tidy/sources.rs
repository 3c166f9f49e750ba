//! Rules about single files: how long they may be, that nothing unfinished is left, that a crate says what it is for.
use super::rust_text::code_only;
use super::{File, Finding};
use crate::workspace::Package;

const AIM: usize = 400;
const LIMIT: usize = 800;
/// Kinds whose length says something; strings and settings may grow.
const CODE: [&str; 8] = ["rs", "js", "ts", "css", "kt", "swift", "sql", "sh"];

/// What must not be left behind, with the word for it.
const LEFT_BEHIND: [(&str, &str); 4] = [
    ("todo!", "unfinished code"),
    ("unimplemented!", "unfinished code"),
    ("dbg!", "debugging output"),
    ("#[ignore", "a test that never runs"),
];

pub fn check(packages: &[Package], files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        findings.extend(length(file));
        if file.is("rs") {
            findings.extend(left_behind(file));
        }
    }
    for root in packages.iter().flat_map(|package| &package.roots) {
        if let Some(file) = files.iter().find(|file| file.path == *root) {
            findings.extend(purpose(file));
        }
    }
    findings
}

fn length(file: &File) -> Option<Finding> {
    let generated = file.text.lines().take(5).any(|line| line.contains("@generated"));
    if generated || !CODE.iter().any(|kind| file.is(kind)) {
        return None;
    }
    let lines = file.text.lines().count();
    match lines {
        _ if lines > LIMIT => {
            Some(Finding::error(&file.path, 1, format!("{lines} lines; more than {LIMIT} is too long")))
        }
        _ if lines > AIM => Some(Finding::warning(&file.path, 1, format!("{lines} lines; aim at {AIM}"))),
        _ => None,
    }
}

fn left_behind(file: &File) -> Vec<Finding> {
    let code = code_only(&file.text);
    let mut findings = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for (word, meaning) in LEFT_BEHIND {
            let found = line.match_indices(word).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            if found {
                findings.push(Finding::error(&file.path, number + 1, format!("{word} is {meaning}")));
            }
        }
        if line.contains("cfg_attr") && line.contains("ignore") {
            findings.push(Finding::error(&file.path, number + 1, "a test that is ignored on some machines"));
        }
    }
    findings
}

/// A crate opens with `//!`: what it is for and what it never does.
fn purpose(file: &File) -> Option<Finding> {
    let opens = file.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#!["));
    match opens {
        Some(line) if line.starts_with("//!") && line.len() > 20 => None,
        _ => Some(Finding::error(&file.path, 1, "a crate opens with //! that says what it is for")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: PathBuf::from(path), text: text.to_owned() }
    }

    #[test]
    fn long_files_warn_and_then_fail() {
        assert_eq!(length(&file("a.rs", &"x\n".repeat(400))), None);
        assert!(length(&file("a.rs", &"x\n".repeat(401))).expect("long").warning);
        assert!(!length(&file("a.rs", &"x\n".repeat(801))).expect("too long").warning);
        assert_eq!(length(&file("a.rs", &format!("// @generated\n{}", "x\n".repeat(900)))), None);
        assert_eq!(length(&file("a.ftl", &"x\n".repeat(900))), None);
    }

    #[test]
    fn unfinished_things_are_found_in_code_but_not_in_words() {
        let bad = "fn a() { todo!() }\nfn b() { unimplemented!(\"x\") }\nlet c = dbg!(1);\n#[ignore = \"slow\"]\n#[test]\n#[cfg_attr(miri, ignore)]";
        let found: Vec<usize> = left_behind(&file("a.rs", bad)).iter().map(|finding| finding.line).collect();
        assert_eq!(found, [1, 2, 3, 4, 6]);
        let good = "// todo!() later\nlet a = \"dbg!\";\nmy_todo!();\nfn ignore() {}";
        assert_eq!(left_behind(&file("a.rs", good)), []);
    }

    #[test]
    fn a_crate_says_what_it_is_for() {
        assert_eq!(purpose(&file("lib.rs", "#![no_std]\n//! The rules of the hall, without clock.\n")), None);
        assert!(
            purpose(&file("lib.rs", "pub mod a;\n//! The rules of the hall, without clock.\n")).is_some()
        );
        assert!(purpose(&file("lib.rs", "//! Client.\n")).is_some());
        assert!(purpose(&file("lib.rs", "")).is_some());
    }
}
