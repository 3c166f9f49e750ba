//! Rust source with its comments and string contents blanked, line by line, so that a rule about code does not
//! stumble over a sentence. It is no parser: it knows comments, strings, characters and lifetimes, nothing else.

/// The same number of lines and characters; comments and the inside of strings are spaces.
pub fn code_only(source: &str) -> String {
    blank(source, false)
}

/// As [`code_only`], but strings are left as they are.
pub fn without_comments(source: &str) -> String {
    blank(source, true)
}

fn blank(source: &str, keep_strings: bool) -> String {
    let text: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (length, is_string) = match rest {
            ['/', '/', ..] => (rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), false),
            ['/', '*', ..] => (comment(rest), false),
            ['"', ..] => (string(rest), true),
            ['r', '"' | '#', ..] if !follows_word(&text, at) && raw(rest).is_some() => {
                (raw(rest).unwrap_or(1), true)
            }
            ['\'', '\\', ..] => (3 + rest[3..].iter().position(|c| *c == '\'').unwrap_or(0), true),
            ['\'', _, '\'', ..] => (3, true),
            [first, ..] => {
                out.push(*first);
                at += 1;
                continue;
            }
            [] => break,
        };
        let end = (at + length.max(1)).min(text.len());
        for (index, c) in text[at..end].iter().enumerate() {
            let edge = is_string && (index == 0 || at + index + 1 == end);
            out.push(if *c == '\n' || edge || (is_string && keep_strings) { *c } else { ' ' });
        }
        at = end;
    }
    out
}

/// The raw string may follow `b`, but not the end of a name that happens to end in r.
fn follows_word(text: &[char], at: usize) -> bool {
    at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_') && text[at - 1] != 'b'
}

fn comment(text: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn string(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Length of `r#"…"#`, or `None` when this is no raw string (`r#type` is a name).
fn raw(text: &[char]) -> Option<usize> {
    let hashes = text[1..].iter().take_while(|c| **c == '#').count();
    if text.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let start = 2 + hashes;
    let end = text[start..].windows(close.len()).position(|window| window == close)?;
    Some(start + end + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blank_and_code_stays() {
        let source = "let a = \"x // \\\" y\"; // note\n/* b /* c */ d */ call('\\'', 'z', 'static_);\nr#\"raw \" q\"# end";
        let code = code_only(source);
        assert_eq!(code.lines().count(), 3);
        assert_eq!(code.chars().count(), source.chars().count());
        for gone in ["x", "note", "b", "c ", "d ", "raw", "q", "z"] {
            assert!(!code.contains(gone), "{gone} in {code}");
        }
        for kept in ["let a = \"", "call(", "'static_", "end"] {
            assert!(code.contains(kept), "{kept} not in {code}");
        }
    }

    #[test]
    fn strings_can_stay() {
        assert_eq!(without_comments("tr(\"a-b\") // tr(\"c\")").trim_end(), "tr(\"a-b\")");
    }

    #[test]
    fn a_raw_name_is_no_string() {
        assert_eq!(code_only("r#for: 1, attr\"x\""), "r#for: 1, attr\" \"");
    }
}
