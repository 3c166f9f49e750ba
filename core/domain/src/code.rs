//! Invitation codes: what an SMS carries and a person types. Nine characters of Crockford's base 32
//! (45 random bits), shown in groups of three.

/// Crockford's alphabet: no I, L, O, U, so that nothing is read as something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters in a code.
pub const LENGTH: usize = 9;

/// A well-formed code in its normal form (capitals, no separators). Whether it opens anything only
/// the server knows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct InviteCode(String);

/// Codes are secrets: they never show in logs.
impl std::fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InviteCode(…)")
    }
}

impl InviteCode {
    /// A code from 45 of the 64 random bits given.
    pub fn from_random(random: u64) -> Self {
        let code = (0..LENGTH).map(|i| ALPHABET[((random >> (5 * i)) & 31) as usize] as char).collect();
        Self(code)
    }

    /// Reads what a person typed: case, spaces and dashes do not matter, O is 0, I and L are 1.
    /// `None` when it cannot be a code, so that the server need not be asked.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for c in text.chars() {
            let c = match c.to_ascii_uppercase() {
                ' ' | '-' | '\u{3000}' | '\t' | '\u{2010}'..='\u{2014}' => continue,
                'O' => '0',
                'I' | 'L' => '1',
                // full-width forms, as Chinese input methods type them
                c @ '\u{FF10}'..='\u{FF5A}' => {
                    char::from_u32(c as u32 - 0xFEE0).unwrap_or(c).to_ascii_uppercase()
                }
                c => c,
            };
            if !c.is_ascii() || !ALPHABET.contains(&(c as u8)) || code.len() == LENGTH {
                return None;
            }
            code.push(c);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// The nine characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of three, for people: `ABC-DEF-GHJ`.
    pub fn grouped(&self) -> String {
        format!("{}-{}-{}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        for seed in [0, 1, u64::MAX, 0x0123_4567_89AB_CDEF] {
            let code = InviteCode::from_random(seed);
            assert_eq!(InviteCode::parse(&code.grouped()).unwrap(), code);
            assert_eq!(InviteCode::parse(&code.as_str().to_lowercase()).unwrap(), code);
        }
    }

    #[test]
    fn likely_slips_are_forgiven() {
        let code = InviteCode::parse("0110AB2CD").unwrap();
        assert_eq!(InviteCode::parse("oIl0 ab2 cd").unwrap(), code);
        assert_eq!(InviteCode::parse("０１１０ＡＢ２ＣＤ").unwrap(), code);
    }

    #[test]
    fn rubbish_is_refused() {
        for text in ["", "ABC", "ABC-DEF-GHJ-K", "ABC-DEF-GH!", "面谈邀请码面谈邀请码", "UUUUUUUUU"]
        {
            assert!(InviteCode::parse(text).is_none(), "{text}");
        }
    }
}
