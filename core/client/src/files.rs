//! Files on the device: written whole or not at all, named by ids inside the app, and under a safe
//! name where the person finds them. Everything here may block.

use miantan_domain::wire::rest::FILE_NAME_MAX_BYTES;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Other names tried before giving up, where one is taken.
const NAMES_MAX: u32 = 1_000;

/// Where the person looks for what was saved: the user's folder for downloads on a desktop, the app's
/// own elsewhere.
pub fn downloads(data_dir: &Path) -> PathBuf {
    let own = data_dir.join("downloads");
    if cfg!(any(target_os = "android", target_os = "ios")) {
        return own;
    }
    std::env::home_dir().map(|home| home.join("Downloads")).filter(|folder| folder.is_dir()).unwrap_or(own)
}

/// Writes a file that is there whole or not at all, also after a kill. Its folder must be there: one
/// that was removed with its account does not come back.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&part, path)
}

/// Puts it where the person finds it, under this name or the nearest free one.
pub fn save(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<(String, Arc<Path>)> {
    fs::create_dir_all(folder)?;
    let name = safe_name(name);
    for n in 0..NAMES_MAX {
        let name = if n == 0 { name.clone() } else { numbered(&name, n + 1) };
        let path = folder.join(&name);
        // Never over something that is there, also not through a link.
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        if let Err(error) = file.write_all(bytes) {
            drop(file);
            fs::remove_file(&path)?;
            return Err(error);
        }
        return Ok((name, path.into()));
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

fn numbered(name: &str, n: u32) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem} ({n}).{extension}"),
        None => format!("{name} ({n})"),
    }
}

/// A name that stays in its folder on every system: no separators, control or direction characters,
/// nothing hidden, no device of Windows, at most [`FILE_NAME_MAX_BYTES`] with its extension kept.
pub fn safe_name(said: &str) -> String {
    let name: String = said
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c => c,
        })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 16 => (stem, Some(extension)),
        _ => (name, None),
    };
    let room = FILE_NAME_MAX_BYTES - extension.map_or(0, |extension| extension.len() + 1);
    let mut stem = cut(stem, room).trim_end_matches(|c: char| c == '.' || c.is_whitespace()).to_owned();
    if stem.is_empty() {
        stem.push_str("file");
    }
    if is_device(&stem) {
        stem.insert(0, '_');
    }
    match extension {
        Some(extension) if !extension.is_empty() => format!("{stem}.{extension}"),
        _ => stem,
    }
}

/// Characters that change how a name reads without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_device(stem: &str) -> bool {
    let stem = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |name: &str| {
        stem.strip_prefix(name).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a file is by its first bytes, as its extension; `None`: nothing that is sent here.
pub fn kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 4] = [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"%PDF-", "pdf"),
        // The server looks inside.
        (b"PK\x03\x04", "docx"),
    ];
    KINDS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, extension)| *extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for (said, safe) in [
            ("简历.pdf", "简历.pdf"),
            ("../../etc/passwd", "_._etc_passwd"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("a\u{0}b\nc.png", "abc.png"),
            ("cv\u{202e}fdp.exe", "cvfdp.exe"),
            ("...", "file"),
            ("", "file"),
            (" . ", "file"),
            ("CON.txt", "_CON.txt"),
            ("com1", "_com1"),
            (".bashrc", "bashrc"),
        ] {
            assert_eq!(safe_name(said), safe, "{said:?}");
        }
        let long = format!("{}.docx", "面".repeat(200));
        let safe = safe_name(&long);
        assert!(safe.len() <= FILE_NAME_MAX_BYTES && safe.ends_with("面.docx"), "{safe}");
    }

    #[test]
    fn what_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (first, _) = save(folder.path(), "a.pdf", b"1").unwrap();
        let (second, path) = save(folder.path(), "a.pdf", b"2").unwrap();
        assert_eq!((first.as_str(), second.as_str()), ("a.pdf", "a (2).pdf"));
        assert_eq!(fs::read(path).unwrap(), b"2");
        assert_eq!(fs::read(folder.path().join("a.pdf")).unwrap(), b"1");
    }

    #[test]
    fn an_unfinished_file_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jpg");
        write_whole(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert!(!path.with_extension("part").exists());
        assert!(write_whole(&folder.path().join("gone/x.jpg"), b"late").is_err());
    }
}
