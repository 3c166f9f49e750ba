//! Strings of the interface: both languages have the same keys with the same variables, and every key that the app
//! names exists. It reads Fluent files by their lines; it does not judge wording.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::rust_text::without_comments;
use super::{File, Finding};

const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// Functions and macros whose first string literal is a key.
const CALLS: [&str; 6] = ["t", "tr", "text", "say", "tr_with", "text_with"];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    line: usize,
    variables: BTreeSet<String>,
    empty: bool,
}

type Entries = BTreeMap<String, Entry>;

pub fn check(root: &Path, files: &[File]) -> Vec<Finding> {
    let folder = root.join("assets/strings");
    let mut findings = Vec::new();
    let mut languages: Vec<(&File, Entries)> = Vec::new();
    for language in LANGUAGES {
        let path = folder.join(format!("{language}.ftl"));
        match files.iter().find(|file| file.path == path) {
            Some(file) => {
                let (mut entries, twice) = read(file);
                findings.extend(twice);
                let parts = folder.join(language);
                for part in files.iter().filter(|part| part.path.starts_with(&parts)) {
                    let (more, twice) = read(part);
                    findings.extend(twice);
                    for (key, entry) in more {
                        if let Some(first) = entries.insert(key.clone(), entry) {
                            let what = format!("{key} stands in line {} of {language}.ftl too", first.line);
                            findings.push(Finding::error(&part.path, 1, what));
                        }
                    }
                }
                languages.push((file, entries));
            }
            None => findings.push(Finding::error(path, 1, "the strings of this language are missing")),
        }
    }
    for (here, entries) in &languages {
        for (there, others) in &languages {
            if here.path != there.path {
                findings.extend(compare(here, entries, there, others));
            }
        }
    }
    if let Some((_, entries)) = languages.first() {
        findings.extend(used(root, files, entries));
    }
    findings
}

/// What `here` has and `there` lacks.
fn compare(here: &File, entries: &Entries, there: &File, others: &Entries) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = here.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for (key, entry) in entries {
        match others.get(key) {
            None => {
                findings.push(Finding::error(&there.path, 1, format!("{key} is missing ({name} has it)")));
            }
            Some(other) if other.variables != entry.variables => findings.push(Finding::error(
                &there.path,
                other.line,
                format!("{key} uses {:?}, but {:?} in {name}", other.variables, entry.variables),
            )),
            Some(_) => {}
        }
        if entry.empty {
            findings.push(Finding::error(&here.path, entry.line, format!("{key} is empty")));
        }
    }
    findings
}

/// Keys (and `key.attribute`) of a Fluent file; a key that stands there twice is a finding.
fn read(file: &File) -> (Entries, Vec<Finding>) {
    let mut entries = Entries::new();
    let mut findings = Vec::new();
    let (mut message, mut current) = (String::new(), String::new());
    for (number, line) in file.text.lines().enumerate() {
        let (key, value) = match line.split_once('=') {
            Some((left, value)) if is_key(left.trim_end()) => {
                left.trim_end().clone_into(&mut message);
                (message.clone(), value)
            }
            Some((left, value))
                if line.starts_with(' ') && left.trim().strip_prefix('.').is_some_and(is_key) =>
            {
                (format!("{message}{}", left.trim()), value)
            }
            _ => {
                if let Some(entry) = entries.get_mut(&current).filter(|_| line.starts_with([' ', '\t'])) {
                    entry.variables.extend(variables(line));
                    entry.empty &= line.trim().is_empty();
                }
                continue;
            }
        };
        let entry = Entry { line: number + 1, variables: variables(value), empty: value.trim().is_empty() };
        if entries.insert(key.clone(), entry).is_some() {
            findings.push(Finding::error(&file.path, number + 1, format!("{key} stands here twice")));
        }
        current = key;
    }
    // A message may consist of attributes only.
    let owners: Vec<String> =
        entries.keys().filter_map(|key| key.split_once('.')).map(|(owner, _)| owner.to_owned()).collect();
    for owner in owners {
        if let Some(entry) = entries.get_mut(&owner) {
            entry.empty = false;
        }
    }
    (entries, findings)
}

fn is_key(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text); // a term
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn variables(text: &str) -> BTreeSet<String> {
    let name = |part: &str| {
        part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
    };
    text.split('$').skip(1).map(name).filter(|name: &String| !name.is_empty()).collect()
}

/// Keys that the app names and no language has.
fn used(root: &Path, files: &[File], entries: &Entries) -> Vec<Finding> {
    let folder = root.join("mobile/src");
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is("rs") && file.path.starts_with(&folder)) {
        for (number, line) in without_comments(&file.text).lines().enumerate() {
            for key in keys(line) {
                if !entries.contains_key(key) {
                    findings.push(Finding::error(
                        &file.path,
                        number + 1,
                        format!("no string has the key {key:?}"),
                    ));
                }
            }
        }
    }
    findings
}

/// `tr("key"`, `t!("key"`, `strings.text("key"` in a line.
fn keys(line: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    for (at, _) in line.match_indices("(\"") {
        let before = line[..at].strip_suffix('!').unwrap_or(&line[..at]);
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |found| found + 1);
        let call = &before[start..];
        if !CALLS.contains(&call) && !call.ends_with("_tr") && !call.ends_with("_text") {
            continue;
        }
        let key = line[at + 2..].split('"').next().unwrap_or_default();
        if is_key(key.split('.').next().unwrap_or_default()) {
            keys.push(key);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: Path::new("/w").join(path), text: text.to_owned() }
    }

    fn told(zh: &str, en: &str, app: &str) -> Vec<String> {
        let files = [
            file("assets/strings/zh-CN.ftl", zh),
            file("assets/strings/en.ftl", en),
            file("mobile/src/screens/join.rs", app),
        ];
        check(Path::new("/w"), &files).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn complete_strings_pass() {
        let zh = "# 加入\njoin-title = 进入面谈房间\nqueue-place =\n    第 { $place } 位\n    .hint = 还有 { $ahead } 人\n-brand = 面谈\n";
        let en = "join-title = Enter the room\nqueue-place = Place { $place }\n    .hint = { $ahead } before you\n-brand = Miantan\n";
        let app = "let a = tr(\"join-title\"); // tr(\"gone\")\nformat(\"not-a-key\");\ni18n.text_with(\"queue-place\", 1);";
        assert_eq!(told(zh, en, app), Vec::<String>::new());
    }

    #[test]
    fn missing_double_empty_and_different_strings_are_found() {
        let told = told("a = 甲\nb = { $n } 人\na = 乙\nd =\n", "a = A\nb = people\nc = C\nd = D\n", "");
        assert!(told.contains(&"a stands here twice".to_owned()), "{told:?}");
        assert!(told.contains(&"c is missing (en.ftl has it)".to_owned()), "{told:?}");
        assert!(told.contains(&"d is empty".to_owned()), "{told:?}");
        assert!(told.iter().any(|what| what.starts_with("b uses")), "{told:?}");
    }

    #[test]
    fn a_key_that_nobody_translated_is_found() {
        let told = told("a = 甲\n", "a = A\n", "rsx! { p { {t!(\"b-c\")} } button { {tr(\"a\")} } }");
        assert_eq!(told, ["no string has the key \"b-c\""]);
    }

    #[test]
    fn strings_may_stand_in_parts_but_not_twice() {
        let files = [
            file("assets/strings/zh-CN.ftl", "a = 甲\n"),
            file("assets/strings/zh-CN/talk.ftl", "b = 乙\n"),
            file("assets/strings/en.ftl", "a = A\n"),
            file("assets/strings/en/talk.ftl", "b = B\n"),
        ];
        assert_eq!(check(Path::new("/w"), &files).len(), 0);
        let twice = [
            file("assets/strings/zh-CN.ftl", "a = 甲\n"),
            file("assets/strings/zh-CN/talk.ftl", "a = 乙\n"),
            file("assets/strings/en.ftl", "a = A\n"),
        ];
        assert_eq!(check(Path::new("/w"), &twice).len(), 1);
    }

    #[test]
    fn a_missing_language_is_found() {
        let files = [file("assets/strings/zh-CN.ftl", "a = 甲\n")];
        assert_eq!(check(Path::new("/w"), &files).len(), 1);
    }
}
