//! A mobile number of the Chinese mainland. It shows itself only masked; who needs the digits asks
//! for them by name.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

/// Eleven digits, the first `1`, the second `3` to `9` (the mobile ranges of the mainland's
/// numbering plan).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

/// A text that is no mainland mobile number. What was typed is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mobile number of the mainland: write its 11 digits")]
pub struct NotPhone;

/// Longest text looked at, in bytes.
const TYPED_MAX_BYTES: usize = 64;

impl Phone {
    /// Reads what people type: `138 0013 8000`, `+86-13800138000`, `008613800138000`, full-width digits.
    pub fn parse(text: &str) -> Result<Self, NotPhone> {
        if text.len() > TYPED_MAX_BYTES {
            return Err(NotPhone);
        }
        let mut digits = String::with_capacity(16);
        for (at, c) in text.trim().chars().enumerate() {
            match c {
                '0'..='9' => digits.push(c),
                // U+FF10.. as a Chinese keyboard writes them
                '０'..='９' => digits.extend(char::from_digit(c as u32 - '０' as u32, 10)),
                '+' | '＋' if at == 0 => digits.push('+'),
                ' ' | '-' | '\u{3000}' | '\u{a0}' => {}
                _ => return Err(NotPhone),
            }
        }
        let national = match digits.len() {
            11 => digits.as_str(),
            _ => ["+86", "0086", "86"].iter().find_map(|code| digits.strip_prefix(code)).ok_or(NotPhone)?,
        };
        match national.as_bytes() {
            [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit) => {
                Ok(Self(national.to_owned()))
            }
            _ => Err(NotPhone),
        }
    }

    /// The eleven digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// `+86` and the digits (ITU-T E.164).
    pub fn e164(&self) -> String {
        format!("+86{}", self.0)
    }

    /// `138****5678`, for screens.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(hidden)")
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl FromStr for Phone {
    type Err = NotPhone;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// As its digits.
impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_understood() {
        for typed in [
            "13800138000",
            " 138 0013 8000 ",
            "138-0013-8000",
            "+8613800138000",
            "＋86 138 0013 8000",
            "008613800138000",
            "8613800138000",
            "１３８００１３８０００",
        ] {
            let phone = Phone::parse(typed).unwrap();
            assert_eq!(phone.digits(), "13800138000", "{typed}");
            assert_eq!(phone.e164(), "+8613800138000");
            assert_eq!(phone.masked(), "138****8000");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for typed in [
            "",
            "1380013800",
            "138001380001",
            "12800138000",
            "23800138000",
            "+85291234567",
            "+14155550123",
            "0571-88888888",
            "1380013800a",
            "13800+38000",
            "+13800138000",
            "8686138001380",
            "13800138000,13800138001",
            "13800138000\n",
        ] {
            // a line end at the edge is white space like any other
            let expected = typed.trim() == "13800138000";
            assert_eq!(Phone::parse(typed).is_ok(), expected, "{typed}");
        }
        assert!(Phone::parse(&"1".repeat(100_000)).is_err());
    }

    #[test]
    fn it_does_not_show_itself() {
        let phone = Phone::parse("13812345678").unwrap();
        assert_eq!(phone.to_string(), "138****5678");
        assert!(!format!("{phone:?}").contains("5678"));
        assert!(!format!("{:?}", Phone::parse("1381234567")).contains("1381"));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_reads_again(text in ".{0,40}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(phone.digits().len(), 11);
                prop_assert_eq!(&Phone::parse(phone.digits()).unwrap(), &phone);
                prop_assert_eq!(&Phone::parse(&phone.e164()).unwrap(), &phone);
            }
        }

        #[test]
        fn every_number_of_the_plan_is_read(second in 3_u8..=9, rest in 0_u32..1_000_000_000) {
            let digits = format!("1{second}{rest:09}");
            let phone = Phone::parse(&digits).unwrap();
            let json = serde_json::to_string(&phone).unwrap();
            prop_assert_eq!(serde_json::from_str::<Phone>(&json).unwrap(), phone);
        }
    }
}
