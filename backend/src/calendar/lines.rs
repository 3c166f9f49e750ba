//! Content lines of RFC 5545: folding (3.1), text (3.3.11) and parameter values (3.2, RFC 6868).

/// Longest line, in octets, without its CRLF.
pub const LINE_MAX_BYTES: usize = 75;

/// Breaks a content line into lines of at most [`LINE_MAX_BYTES`] octets, joined by CRLF and a space.
/// Never inside a character, so that a reader which does not unfold octets first still reads UTF-8.
/// `line` has no line ends of its own.
pub fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + line.len() / 24);
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > LINE_MAX_BYTES {
            out.push_str("\r\n ");
            // the space counts
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out
}

/// Takes every fold out again: a CRLF followed by one space or tab.
pub fn unfold(text: &str) -> String {
    text.replace("\r\n ", "").replace("\r\n\t", "")
}

/// A text value: backslash, comma, semicolon and line ends are escaped, other control characters left
/// out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\r' => {
                // CRLF and a lone CR are one line end
                chars.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// What stands between the quotes of a parameter: there is no escape for a quote there, so it becomes
/// `'` (RFC 6868's `^'` is not read everywhere); control characters are left out.
pub(super) fn parameter(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).map(|c| if c == '"' { '\'' } else { c }).collect()
}
