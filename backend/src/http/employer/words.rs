//! What people write about themselves and their work, made fit to be kept: names, titles, long texts, passwords.
//!
//! Texts are plain: nothing in them is markup, and whoever shows them escapes them. Letters of every
//! script are welcome, also those outside the basic plane (𠮷).

use crate::secrets::PASSWORD_MAX_BYTES;
use crate::store::name_key;
use miantan_domain::wire::rest::PASSWORD_MIN_CHARS;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeSet;

/// Characters that are not seen: they make two names look like one, or turn the direction of a line.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A name of a company or a person, without space around it, of `min..=max` characters.
pub(in crate::http) fn name(text: &str, min: usize, max: usize) -> Result<String, Problem> {
    let bad = |why| Problem::new(ProblemCode::NameBad, why);
    let name = text.trim();
    let count = name.chars().take(max + 1).count();
    if count < min || count > max {
        return Err(Problem::new(ProblemCode::NameBad, format!("a name has {min} to {max} characters")));
    }
    if name.chars().any(|c| c.is_control() || is_invisible(c) || matches!(c, '<' | '>')) {
        return Err(bad("a name has no control characters, invisible characters or angle brackets"));
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err(bad("a name has letters"));
    }
    Ok(name.to_owned())
}

/// One line of at most `max` characters, possibly empty. What is not seen is left out; a line end is a space.
pub(in crate::http) fn line(text: &str, max: usize) -> Result<String, Problem> {
    let line: String = text
        .chars()
        .take(max * 4)
        .filter(|&c| !is_invisible(c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    fits(line.trim().to_owned(), text, max, max * 4)
}

/// Paragraphs of at most `max` characters, possibly empty. Lines end with `\n`; what is not seen is left out.
pub(in crate::http) fn paragraphs(text: &str, max: usize) -> Result<String, Problem> {
    let text_one_end: String = text.chars().take(max * 2).collect::<String>().replace("\r\n", "\n");
    let clean: String = text_one_end
        .chars()
        .map(|c| if c == '\r' || c == '\u{2028}' || c == '\u{2029}' { '\n' } else { c })
        .filter(|&c| c == '\n' || c == '\t' || !(c.is_control() || is_invisible(c)))
        .collect();
    fits(clean.trim().to_owned(), text, max, max * 2)
}

/// `looked` characters of `text` were looked at: a longer one is too long whatever is left out of it.
fn fits(clean: String, text: &str, max: usize, looked: usize) -> Result<String, Problem> {
    if clean.chars().count() > max || text.chars().nth(looked).is_some() {
        return Err(Problem::new(ProblemCode::TextTooLong, format!("at most {max} characters")));
    }
    Ok(clean)
}

/// As [`line`] or [`paragraphs`], but not empty.
pub(in crate::http) fn some(text: String) -> Result<String, Problem> {
    if text.is_empty() { Err(ProblemCode::TextEmpty.into()) } else { Ok(text) }
}

/// Passwords everybody tries first, in small letters; runs and repeats are found by themselves.
const COMMON: [&str; 22] = [
    "password",
    "password1",
    "passw0rd",
    "p@ssw0rd",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "qazwsxedc",
    "a1234567",
    "a12345678",
    "aa123456",
    "abc12345",
    "abcd1234",
    "woaini1314",
    "woaini520",
    "iloveyou",
    "admin123",
    "admin888",
    "zaq12wsx",
    "letmein1",
];
/// A password made of fewer different characters is a repeat.
const DIFFERENT_MIN: usize = 4;

/// Whether a password may be used by somebody of whom everybody knows `own` (names, codes, numbers).
pub(super) fn password(password: &str, own: &[&str]) -> Result<(), Problem> {
    let weak = |why: &str| Err(Problem::new(ProblemCode::PasswordWeak, why));
    if password.len() > PASSWORD_MAX_BYTES {
        return weak("a password has at most 1,024 bytes");
    }
    let letters: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    if password.chars().count() < PASSWORD_MIN_CHARS || letters.iter().all(|c| c.is_whitespace()) {
        return weak("a password has at least 8 characters");
    }
    if letters.iter().collect::<BTreeSet<_>>().len() < DIFFERENT_MIN {
        return weak("a password has at least 4 different characters");
    }
    let step = |pair: &[char]| pair[1] as i64 - pair[0] as i64;
    let run = |by: i64| letters.windows(2).filter(|pair| step(pair) == by).count();
    // 12345678, 87654321, abcdefgh, 1234567890: all neighbours but one or two follow each other
    if run(1) + 2 >= letters.len() - 1 || run(-1) + 2 >= letters.len() - 1 {
        return weak("a password is no run of neighbours");
    }
    let key = name_key(password);
    if COMMON.contains(&key.as_str()) {
        return weak("this password is one that everybody tries first");
    }
    if own.iter().any(|own| name_key(own) == key) {
        return weak("a password is no name, code or number of the company's");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code<T>(result: Result<T, Problem>) -> ProblemCode {
        result.map(|_| ()).unwrap_err().code
    }

    #[test]
    fn names_are_names() {
        for good in ["青禾云帆软件（青禾）有限公司", "  望舒 ", "𠮷野家", "O'Neill & Söhne GmbH", "3M"]
        {
            assert_eq!(name(good, 2, 100).unwrap(), good.trim());
        }
        let long = "长".repeat(101);
        for bad in [
            "",
            " ",
            "甲",
            "--",
            "😀😀",
            "<b>青禾</b>",
            "青禾\n公司",
            "青禾\0",
            "青禾\u{202e}公司",
            "青\u{200b}禾",
            long.as_str(),
            &"x".repeat(100_000),
        ] {
            assert_eq!(code(name(bad, 2, 100)), ProblemCode::NameBad, "{bad:?}");
        }
        assert_eq!(name(&"长".repeat(100), 2, 100).unwrap().chars().count(), 100);
    }

    #[test]
    fn texts_are_kept_as_written_but_for_what_is_not_seen() {
        assert_eq!(
            line(" <script>alert(1)</script>\u{7}\n行\u{202e} ", 60).unwrap(),
            "<script>alert(1)</script>  行"
        );
        assert_eq!(paragraphs("一\r\n二\r三\u{2028}四\0\u{feff}\t五", 60).unwrap(), "一\n二\n三\n四\t五");
        assert_eq!(paragraphs("😀𠮷", 2).unwrap(), "😀𠮷");
        for long in ["字".repeat(61), "\u{200b}".repeat(100_000), "x".repeat(100_000)] {
            assert_eq!(code(line(&long, 60)), ProblemCode::TextTooLong);
            assert_eq!(code(paragraphs(&long, 60)), ProblemCode::TextTooLong);
        }
        assert_eq!(code(some(line("\0\u{200b}", 60).unwrap())), ProblemCode::TextEmpty);
    }

    #[test]
    fn passwords_that_everybody_tries_are_weak() {
        let own = ["青禾云帆软件有限公司", "91310199MA9X10009A", "13800138000", "王敏"];
        for good in ["mt12345678x9", "correct horse", "青禾的秘密口令呀", "Xy7!aaaa", "mt48201759"] {
            password(good, &own).unwrap();
        }
        let long = "Ab1!".repeat(300);
        for weak in [
            "",
            "short1!",
            "12345678",
            "87654321",
            "1234567890",
            "abcdefgh",
            "11111111",
            "12121212",
            "        ",
            "Password1",
            "ABCD1234",
            "91310199ma9x10009a",
            "青禾云帆软件 有限公司",
            "13800138000",
            "0123456789",
            long.as_str(),
            &"x".repeat(100_000),
        ] {
            assert_eq!(code(password(weak, &own)), ProblemCode::PasswordWeak, "{weak}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_taken_is_taken_again(text in "\\PC{0,80}|[\\x00-\\x1f<>\u{202e}a]{0,20}") {
            if let Ok(name_1) = name(&text, 2, 40) {
                prop_assert_eq!(name(&name_1, 2, 40).unwrap(), name_1);
            }
            if let Ok(line_1) = line(&text, 40) {
                prop_assert_eq!(line(&line_1, 40).unwrap(), line_1);
            }
            if let Ok(text_1) = paragraphs(&text, 40) {
                prop_assert_eq!(paragraphs(&text_1, 40).unwrap(), text_1);
            }
            let _ = password(&text, &[&text]);
        }
    }
}
