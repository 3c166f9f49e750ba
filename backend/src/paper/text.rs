//! Texts as they are printed, whatever was typed or pasted.

/// Most bytes that are laid out of one text, so that hostile ones cost no more than honest ones.
const MAX_TEXT: usize = 64 * 1024;

/// A text as it is printed: without controls and invisible marks, blanks for tabs, single line ends.
pub(super) fn clean(text: &str) -> String {
    let mut cut = text;
    if cut.len() > MAX_TEXT {
        cut = &cut[..cut.floor_char_boundary(MAX_TEXT)];
    }
    let mut out = String::with_capacity(cut.len());
    let mut chars = cut.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            // Direction marks would turn what follows; the others have no width and no glyph.
            '\u{AD}'
            | '\u{200B}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}' => {}
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// The same for fields of one line.
pub(super) fn clean_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text behind a list mark.
pub(super) fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '–', '•', '·', '*', '●', '▪', '◦', '○', '■', '◆'])?;
    // `-5` and `*nix` are no items; Chinese writers leave the blank out after a dot.
    let dotted = !line.starts_with(['-', '–', '*']);
    let rest = if dotted { rest } else { rest.strip_prefix(' ')? };
    let rest = rest.trim();
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_gone() {
        assert_eq!(clean("a\r\nb\rc\u{2028}d\te\u{0}\u{202E}f\u{FEFF} \n"), "a\nb\nc\nd ef");
        assert_eq!(clean_line(" a \n b\t\tc "), "a b c");
        assert_eq!(clean("👨\u{200D}👩"), "👨\u{200D}👩", "joiners of emoji stay");
        let long = "字".repeat(MAX_TEXT);
        assert!(clean(&long).len() <= MAX_TEXT && clean(&long).len() > MAX_TEXT - 3);
    }

    #[test]
    fn list_marks() {
        assert_eq!(item("- 负责排队"), Some("负责排队"));
        assert_eq!(item("•负责"), Some("负责"));
        for none in ["-5 度", "*nix", "负责", "-", "• "] {
            assert_eq!(item(none), None, "{none}");
        }
    }
}
