//! A ZIP that really is an OOXML word document (ECMA-376 part 2: content types name the main part), small when
//! opened and without anything that runs.

use super::zip::{self, Budget, Entry};
use super::{Foreign, Kind, Refused};

const CONTENT_TYPES: &str = "[Content_Types].xml";
const MAIN: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const MACRO_MAIN: &str = "application/vnd.ms-word.document.macroEnabled.main+xml";
/// The list of content types of the largest documents has some ten thousand bytes.
const MAX_CONTENT_TYPES: u64 = 1024 * 1024;
/// Largest embedded document (a chart's workbook) that is looked into.
const MAX_EMBEDDED: u64 = 20 * 1024 * 1024;

/// Whether a ZIP is a word document; otherwise its name. Looks no deeper than the list of content types.
pub(super) fn detect(bytes: &[u8]) -> Result<Kind, Foreign> {
    // A broken archive is called by its intention: `check` says what is wrong with it.
    let named = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    let Ok(entries) = zip::entries(bytes) else {
        return if named(CONTENT_TYPES.as_bytes()) && named(b"word/") {
            Ok(Kind::Docx)
        } else {
            Err(Foreign::Zip)
        };
    };
    let Some(list) = entries.iter().find(|entry| entry.name == CONTENT_TYPES) else {
        return Err(Foreign::Zip);
    };
    let Ok(types) = list.read(&mut Budget::new(), MAX_CONTENT_TYPES) else {
        return Ok(Kind::Docx);
    };
    let types = String::from_utf8_lossy(&types);
    let has = |word: &str| types.contains(word);
    let macros = entries.iter().any(|entry| entry.name.to_ascii_lowercase().ends_with("vbaproject.bin"));
    if has(MACRO_MAIN) || (has(MAIN) && macros) {
        Err(Foreign::MacroDocument)
    } else if has(MAIN) {
        Ok(Kind::Docx)
    } else if has("spreadsheetml") || has("ms-excel") {
        Err(Foreign::Spreadsheet)
    } else if has("presentationml") || has("ms-powerpoint") {
        Err(Foreign::Slides)
    } else {
        Err(Foreign::Zip)
    }
}

/// Reads every part once, within one budget for all.
pub(super) fn check(bytes: &[u8]) -> Result<(), Refused> {
    let entries = zip::entries(bytes)?;
    let mut budget = Budget::new();
    let main = main_part(&entries, &mut budget)?;
    if !entries.iter().any(|entry| entry.name == main) {
        return Err(Refused::Damaged { kind: Kind::Docx, why: "its text is missing" });
    }
    if !entries.iter().any(|entry| entry.name == "_rels/.rels") {
        return Err(Refused::Damaged { kind: Kind::Docx, why: "its list of parts is missing" });
    }
    parts(&entries, &mut budget, true)
}

fn parts(entries: &[Entry<'_>], budget: &mut Budget, embedding: bool) -> Result<(), Refused> {
    for entry in entries.iter().filter(|entry| !entry.is_folder()) {
        let mut head = Vec::with_capacity(8);
        entry.inflate(budget, |piece| {
            let missing = 8 - head.len();
            head.extend_from_slice(&piece[..piece.len().min(missing)]);
        })?;
        if head.starts_with(b"MZ") || head.starts_with(b"\x7FELF") {
            return Err(Refused::Unsafe { why: "a program" });
        }
        if !head.starts_with(b"PK\x03\x04") {
            continue;
        }
        // Word keeps the workbook behind a chart as a ZIP in this folder; deeper ones nobody needs.
        if !embedding || !entry.name.starts_with("word/embeddings/") {
            return Err(Refused::Unsafe { why: "an archive within the archive" });
        }
        let inner = entry.read(budget, MAX_EMBEDDED)?;
        parts(&zip::entries(&inner)?, budget, false)?;
    }
    Ok(())
}

/// The main part's name: the `PartName` beside its content type.
fn main_part(entries: &[Entry<'_>], budget: &mut Budget) -> Result<String, Refused> {
    let damaged = Refused::Damaged { kind: Kind::Docx, why: "its list of content types is broken" };
    let list = entries.iter().find(|entry| entry.name == CONTENT_TYPES).ok_or(damaged.clone())?;
    let types = list.read(budget, MAX_CONTENT_TYPES)?;
    let types = std::str::from_utf8(&types).map_err(|_| damaged.clone())?;
    let at = types.find(MAIN).ok_or(damaged.clone())?;
    let element = types[..at].rfind('<').ok_or(damaged.clone())?;
    let end = at + types[at..].find('>').ok_or(damaged.clone())?;
    let tag = &types[element..end];
    let value =
        tag.find("PartName=").and_then(|at| tag.get(at + "PartName=".len()..)).ok_or(damaged.clone())?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(damaged.clone())?;
    let name = value[1..].split(quote).next().ok_or(damaged)?;
    Ok(name.trim_start_matches('/').to_owned())
}
