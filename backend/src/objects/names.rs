//! A name that is safe to download under, from whatever a client said, and the header that carries it.
//!
//! The name never becomes a path on the server: objects are stored under ids.

use std::fmt::Write as _;

use super::sniff::Kind;

/// Longest name with its ending, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 120;
/// Stem of a file without a name.
const NAMELESS: &str = "file";

/// Endings that are taken off before the true one is put on: ours, and those a system would run.
const ENDINGS: [&str; 40] = [
    "pdf", "docx", "doc", "docm", "png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "heic", "svg", "html",
    "htm", "xhtml", "zip", "exe", "com", "bat", "cmd", "scr", "msi", "lnk", "js", "jse", "vbs", "vbe", "wsf",
    "ps1", "hta", "jar", "apk", "app", "dmg", "sh", "php", "url", "desktop", "pif",
];

/// How a browser should treat a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Save it.
    Attachment,
    /// Show it; for pictures only.
    Inline,
}

/// A name without path, control and direction characters, device names and leading dots, at most
/// [`MAX_NAME_BYTES`] long, with the ending of what the file really is.
pub fn safe_name(said: &str, kind: Kind) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String =
        last.chars().filter(|c| !is_invisible(*c)).map(|c| if is_reserved(c) { '_' } else { c }).collect();
    let mut stem = cleaned.as_str();
    loop {
        stem = stem.trim_matches(|c: char| c == '.' || c.is_whitespace());
        match stem.rsplit_once('.') {
            Some((before, ending)) if ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) => {
                stem = before;
            }
            _ => break,
        }
    }
    // `.pdf` alone: what is left is an ending without a name.
    if stem.is_empty()
        || (ENDINGS.iter().any(|known| stem.eq_ignore_ascii_case(known)) && last.starts_with('.'))
    {
        stem = NAMELESS;
    }
    let mut name = if is_device(stem) { format!("_{stem}") } else { stem.to_owned() };
    let room = MAX_NAME_BYTES - kind.extension().len() - 1;
    name.truncate(name.floor_char_boundary(room));
    name.truncate(name.trim_end_matches(|c: char| c == '.' || c.is_whitespace()).len());
    name.push('.');
    name.push_str(kind.extension());
    name
}

/// Controls, and format characters that are not seen or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// What Windows does not allow in a name.
const fn is_reserved(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// Whether Windows would open a device: the part before the first dot counts, blanks behind it do not.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let number = first.strip_prefix("COM").or_else(|| first.strip_prefix("LPT"));
    number.is_some_and(|number| {
        let mut chars = number.chars();
        matches!((chars.next(), chars.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    })
}

/// The value of a `Content-Disposition` header (RFC 6266): an ASCII name for old clients, and the real one as
/// RFC 8187 has it whenever it says more. Any text gives a valid header.
pub fn content_disposition(name: &str, disposition: Disposition) -> String {
    let mut header = String::from(match disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    });
    let plain = ascii(name);
    let _ = write!(header, "; filename=\"{plain}\"");
    if plain != name {
        header.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // attr-char of RFC 8187.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                header.push(char::from(byte));
            } else {
                let _ = write!(header, "%{byte:02X}");
            }
        }
    }
    header
}

/// A stand-in of ASCII letters. Runs of other letters become one `_`; a stem of nothing else becomes `file`.
/// `%` goes as well: some browsers decode it here.
fn ascii(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%') {
            plain.push(c);
        } else if !plain.ends_with('_') {
            plain.push('_');
        }
    }
    match plain.rsplit_once('.') {
        Some((stem, ending)) if stem.chars().all(|c| matches!(c, '_' | ' ')) => {
            format!("{NAMELESS}.{ending}")
        }
        None if plain.chars().all(|c| matches!(c, '_' | ' ')) => NAMELESS.to_owned(),
        _ => plain,
    }
}
