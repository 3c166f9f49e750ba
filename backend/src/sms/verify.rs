//! Verification codes: six digits, five minutes, five tries. The pure rule; time and random bytes
//! are arguments, and the states are plain data.
//!
//! A store reads a [`Book`] in one transaction, asks [`issue`] or [`verify`], and writes what came
//! out. A code is kept as an HMAC only, bound to its number and purpose.

use super::Phone;
use super::tally::{Ceiling, Tally};
use crate::config::SmsConfig;
use crate::secrets;
use crate::store::Mac;
use hmac::{Hmac, KeyInit, Mac as _};
use miantan_domain::time::WallTime;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use std::net::IpAddr;

/// How long a code opens, in minutes, as the message says it.
pub const LIFE_MINUTES: u32 = 5;
/// How long a code opens, in ms.
pub const LIFE_MS: u64 = LIFE_MINUTES as u64 * 60_000;
/// Wrong tries a code takes.
pub const TRIES: u8 = 5;
/// Before another code is sent, in ms.
pub const RESEND_MS: u64 = 60_000;
/// Digits of a code.
const DIGITS: usize = 6;
/// Codes of so many digits.
const CODES: u64 = 1_000_000;

/// What a code is for; one for another purpose never opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    SignIn,
    Identity,
    PasswordReset,
}

impl CodePurpose {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Identity => "identity",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// Makes the stored forms of codes and numbers, under a key that is not in the database.
#[derive(Clone)]
pub struct Seal([u8; 32]);

/// A code on its way into a message. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// The code of one number and purpose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeState {
    pub live: Option<LiveCode>,
    /// When the last code was sent; kept after it was used.
    pub sent: Option<WallTime>,
}

/// A code that was sent and not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveCode {
    pub mac: Mac,
    pub issued: WallTime,
    pub tries_left: u8,
}

/// All that decides whether a code may go out: the code's own state and the three tallies it counts in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    pub state: CodeState,
    /// Of the number, over all purposes.
    pub number: Tally,
    /// Of the network address that asks.
    pub address: Tally,
    /// Of the whole server.
    pub everyone: Tally,
}

/// The ceilings of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub number: Ceiling,
    pub address: Ceiling,
    pub everyone: Ceiling,
}

impl Limits {
    /// From the settings, for a request from `address`: a shared network has a higher ceiling.
    pub fn of(config: &SmsConfig, address: IpAddr) -> Self {
        let shared = config.shared_networks.iter().any(|net| net.contains(address));
        let hour = if shared { config.codes_per_shared_address_hour } else { config.codes_per_address_hour };
        Self {
            number: Ceiling { hour: config.codes_per_number_hour, day: config.codes_per_number_day },
            // of an address the hour decides
            address: Ceiling { hour, day: u32::MAX },
            everyone: Ceiling { hour: u32::MAX, day: config.codes_per_day },
        }
    }
}

impl Seal {
    /// With a key of its own, derived from the server's.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The stored form of a number, by which its rows are found.
    pub fn number(&self, phone: &Phone) -> Mac {
        self.mac(&["number", phone.digits()])
    }

    /// The stored form of a code.
    fn code(&self, purpose: CodePurpose, phone: &Phone, code: &str) -> Mac {
        self.mac(&["code", purpose.as_str(), phone.digits(), code])
    }

    fn mac(&self, parts: &[&str]) -> Mac {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length");
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(hidden)")
    }
}

impl Code {
    /// Six digits from random bytes. 2⁶⁴ is no multiple of 10⁶; the bias is below 10⁻¹³.
    pub fn from_random(random: [u8; 8]) -> Self {
        Self(format!("{:06}", u64::from_le_bytes(random) % CODES))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(hidden)")
    }
}

/// A new code, in place of the one before. Refused: [`ProblemCode::SmsTooSoon`] or
/// [`ProblemCode::SmsLimit`], with the time to wait.
pub fn issue(
    book: &Book,
    limits: &Limits,
    seal: &Seal,
    purpose: CodePurpose,
    phone: &Phone,
    now: WallTime,
    random: [u8; 8],
) -> Result<(Book, Code), Problem> {
    if let Some(sent) = book.state.sent {
        // a clock set back far does not lock anybody out
        let wait = sent.after(RESEND_MS as i64).since(now);
        if (1..=RESEND_MS).contains(&wait) {
            return Err(Problem::from(ProblemCode::SmsTooSoon).retry_after(wait));
        }
    }
    let wait = book
        .number
        .wait(limits.number, now)
        .max(book.address.wait(limits.address, now))
        .max(book.everyone.wait(limits.everyone, now));
    if wait > 0 {
        // which of them is full is not told
        return Err(Problem::from(ProblemCode::SmsLimit).retry_after(wait));
    }
    let code = Code::from_random(random);
    let mac = seal.code(purpose, phone, code.as_str());
    let live = LiveCode { mac, issued: now, tries_left: TRIES };
    let after = Book {
        state: CodeState { live: Some(live), sent: Some(now) },
        number: book.number.add(now),
        address: book.address.add(now),
        everyone: book.everyone.add(now),
    };
    Ok((after, code))
}

/// The code just issued was certainly not sent ([`super::SmsError::nothing_sent`]): it opens nothing, and
/// the person may ask again at once.
#[must_use]
pub fn take_back(book: &Book, now: WallTime) -> Book {
    Book {
        state: CodeState::default(),
        number: book.number.take_back(now),
        address: book.address.take_back(now),
        everyone: book.everyone.take_back(now),
    }
}

/// Tries a code. The state that comes back must be stored before the answer is given, also after a
/// wrong one. Refused: [`ProblemCode::SmsCodeExpired`] (or there is none),
/// [`ProblemCode::SmsTriesUsed`], [`ProblemCode::SmsCodeWrong`].
pub fn verify(
    state: &CodeState,
    seal: &Seal,
    purpose: CodePurpose,
    phone: &Phone,
    now: WallTime,
    typed: &str,
) -> (CodeState, Result<(), Problem>) {
    let refuse = |state: &CodeState, code: ProblemCode| (state.clone(), Err(Problem::from(code)));
    let Some(live) = &state.live else { return refuse(state, ProblemCode::SmsCodeExpired) };
    // issued in the future: the clock was set back, and a code must not live for days
    if now.since(live.issued) >= LIFE_MS || live.issued.since(now) > LIFE_MS {
        return refuse(&CodeState { live: None, ..state.clone() }, ProblemCode::SmsCodeExpired);
    }
    if live.tries_left == 0 {
        return refuse(state, ProblemCode::SmsTriesUsed);
    }
    // what cannot be a code is no guess and costs no try
    let Some(typed) = read(typed) else { return refuse(state, ProblemCode::SmsCodeWrong) };
    if secrets::same(&seal.code(purpose, phone, &typed), &live.mac) {
        return (CodeState { live: None, ..state.clone() }, Ok(()));
    }
    let tries_left = live.tries_left - 1;
    let live = LiveCode { tries_left, ..live.clone() };
    let code = if tries_left == 0 { ProblemCode::SmsTriesUsed } else { ProblemCode::SmsCodeWrong };
    refuse(&CodeState { live: Some(live), ..state.clone() }, code)
}

/// Six digits as people type them: full-width ones, spaces and hyphens are understood.
fn read(typed: &str) -> Option<String> {
    let mut digits = String::new();
    for c in typed.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '０'..='９' => digits.extend(char::from_digit(c as u32 - '０' as u32, 10)),
            c if c.is_whitespace() || c == '-' => {}
            _ => return None,
        }
        if digits.len() > DIGITS {
            return None;
        }
    }
    (digits.len() == DIGITS).then_some(digits)
}

#[cfg(test)]
mod tests;
