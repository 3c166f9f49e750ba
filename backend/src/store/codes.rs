//! Verification codes by SMS: keeps what the rule in [`crate::sms::verify`] decides with.

use super::{Mac, Stored};
use crate::sms::Phone;
use crate::sms::verify::{Code, CodePurpose, Limits, Seal};
use async_trait::async_trait;
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;

/// Whose code, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeOf {
    /// The stored form of the number ([`Seal::number`]).
    pub number: Mac,
    pub phone: Phone,
    pub purpose: CodePurpose,
}

/// A code is asked for.
#[derive(Debug, Clone)]
pub struct CodeAsk {
    pub of: CodeOf,
    /// HMAC of the network address that asks.
    pub address: Mac,
    pub limits: Limits,
    pub now: WallTime,
    pub random: [u8; 8],
}

/// See the module's page. Each method is one transaction.
#[async_trait]
pub trait Codes: Send + Sync {
    /// [`crate::sms::verify::issue`]: a new code in place of the one before, or why not.
    async fn issue_code(&self, ask: CodeAsk, seal: &Seal) -> Stored<Result<Code, Problem>>;

    /// [`crate::sms::verify::take_back`]: the code just issued was certainly not sent.
    async fn take_code_back(&self, ask: CodeAsk) -> Stored<()>;

    /// [`crate::sms::verify::verify`]: what was tried counts before the answer is given.
    async fn verify_code(
        &self,
        of: CodeOf,
        typed: &str,
        now: WallTime,
        seal: &Seal,
    ) -> Stored<Result<(), Problem>>;

    /// Removes what decides nothing any more: states after a day, tallies after three. Returns how many.
    async fn tidy_codes(&self, now: WallTime) -> Stored<u64>;
}
