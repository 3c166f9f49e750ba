//! Unified social credit codes (统一社会信用代码), GB 32100-2015: 18 characters, the last a check digit.

/// The 31 characters of the standard's table, in order of their value (no I, O, S, V, Z).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A code whose form and check digit are right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uscc(String);

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUscc {
    #[error("a unified social credit code has 18 characters")]
    Length,
    #[error("a unified social credit code has only digits and capital letters other than I, O, S, V, Z")]
    Character,
    #[error("the check digit does not match")]
    CheckDigit,
}

impl Uscc {
    /// Reads a code as typed: surrounding space is dropped, small letters are raised.
    pub fn parse(text: &str) -> Result<Self, BadUscc> {
        let code = text.trim().to_ascii_uppercase();
        if code.chars().count() != 18 {
            return Err(BadUscc::Length);
        }
        let given = value(code.as_bytes()[17]).ok_or(BadUscc::Character)?;
        let expected = check_value(&code.as_bytes()[..17]).ok_or(BadUscc::Character)?;
        if given == expected { Ok(Self(code)) } else { Err(BadUscc::CheckDigit) }
    }

    /// Completes 17 characters with their check digit.
    pub fn from_body(body: &str) -> Result<Self, BadUscc> {
        if body.len() != 17 {
            return Err(BadUscc::Length);
        }
        let check = check_value(body.as_bytes()).ok_or(BadUscc::Character)?;
        Ok(Self(format!("{body}{}", ALPHABET[check as usize] as char)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn value(byte: u8) -> Option<u32> {
    ALPHABET.iter().position(|&a| a == byte).map(|p| p as u32)
}

/// GB 32100-2015, 4.5: `C18 = 31 − (Σ Cᵢ·Wᵢ mod 31)` with `Wᵢ = 3^(i−1) mod 31`; 31 counts as 0.
fn check_value(body: &[u8]) -> Option<u32> {
    let mut weight = 1;
    let mut sum = 0;
    for &byte in body {
        sum += value(byte)? * weight;
        weight = weight * 3 % 31;
    }
    Some((31 - sum % 31) % 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published codes of public bodies: Tencent, Huawei, and Alibaba's registered companies.
    #[test]
    fn real_codes_are_accepted() {
        for code in ["9144030071526726XG", "914403001922038216", "91330100799655058B"] {
            assert_eq!(Uscc::parse(code).unwrap().as_str(), code);
        }
        assert_eq!(Uscc::parse(" 9144030071526726xg ").unwrap().as_str(), "9144030071526726XG");
    }

    #[test]
    fn one_changed_character_is_refused() {
        let good = "914403001922038216";
        for place in 0..18 {
            let mut bad = good.as_bytes().to_vec();
            bad[place] = if bad[place] == b'7' { b'8' } else { b'7' };
            assert!(Uscc::parse(std::str::from_utf8(&bad).unwrap()).is_err(), "place {place}");
        }
    }

    #[test]
    fn form_is_named_before_the_digit() {
        assert_eq!(Uscc::parse("123"), Err(BadUscc::Length));
        assert_eq!(Uscc::parse("91440300192203821I"), Err(BadUscc::Character));
        assert_eq!(Uscc::parse("面91440300192203821"), Err(BadUscc::Character));
        assert_eq!(Uscc::parse("914403001922038217"), Err(BadUscc::CheckDigit));
    }

    #[test]
    fn a_body_is_completed() {
        assert_eq!(Uscc::from_body("91440300192203821").unwrap().as_str(), "914403001922038216");
    }
}
