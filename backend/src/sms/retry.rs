//! When a message that did not go out is tried again: the pure rule. Time and chance are arguments;
//! [`Attempts`] is plain data that a store keeps beside a pending message.

use super::{SmsError, SmsKind};
use miantan_domain::time::WallTime;
use serde::{Deserialize, Serialize};

/// How patient to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryRule {
    /// Tries in all.
    pub tries: u32,
    /// Wait after the first failure, in ms; doubled after each further one.
    pub first_ms: u64,
    /// The longest wait of our own, in ms. A provider may ask for more.
    pub ceiling_ms: u64,
    /// No try later than so long after the beginning, in ms: the message has lost its use.
    pub within_ms: u64,
    /// Whether to try again where the message may have been sent. It may then arrive twice.
    pub repeat_unanswered: bool,
}

impl RetryRule {
    /// Somebody waits at a screen and can ask again.
    pub const CODE: Self =
        Self { tries: 3, first_ms: 500, ceiling_ms: 2_000, within_ms: 6_000, repeat_unanswered: false };
    /// "轮到您了" is of use while the ring lasts.
    pub const RING: Self =
        Self { tries: 4, first_ms: 1_000, ceiling_ms: 8_000, within_ms: 45_000, repeat_unanswered: false };
    /// Invitations and decisions: a missing one is worse than a second one.
    pub const DURABLE: Self = Self {
        tries: 40,
        first_ms: 2_000,
        ceiling_ms: 30 * 60_000,
        within_ms: 12 * 3_600_000,
        repeat_unanswered: true,
    };

    /// The rule of one kind of message.
    pub const fn of(kind: SmsKind) -> Self {
        match kind {
            SmsKind::SignInCode | SmsKind::IdentityCode | SmsKind::PasswordReset => Self::CODE,
            SmsKind::YourTurn => Self::RING,
            // a reminder after the beginning is noise; it is sent at most half an hour late
            SmsKind::Reminder => Self { within_ms: 30 * 60_000, repeat_unanswered: false, ..Self::DURABLE },
            SmsKind::Invitation
            | SmsKind::InvitationPassword
            | SmsKind::Withdrawal
            | SmsKind::Approval
            | SmsKind::Rejection => Self::DURABLE,
        }
    }
}

/// What was tried so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    pub made: u32,
    /// When the message was first due.
    pub since: WallTime,
}

impl Attempts {
    pub const fn none(now: WallTime) -> Self {
        Self { made: 0, since: now }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again then.
    At(WallTime),
    GiveUp(GiveUp),
}

/// Why no further try is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveUp {
    /// It will never be taken.
    Refused,
    /// It may have been sent, and must not arrive twice.
    Unknown,
    TriesUsed,
    /// The next try would come too late to be of use.
    TooLate,
}

/// After a failed try at `now`. `chance` spreads the tries of many messages: each waits up to a
/// quarter longer.
pub fn after_failure(
    rule: RetryRule,
    attempts: Attempts,
    now: WallTime,
    error: SmsError,
    chance: u16,
) -> (Attempts, Next) {
    let made = attempts.made.saturating_add(1);
    let attempts = Attempts { made, ..attempts };
    let asked = match error {
        SmsError::Refused => return (attempts, Next::GiveUp(GiveUp::Refused)),
        SmsError::Unanswered if !rule.repeat_unanswered => {
            return (attempts, Next::GiveUp(GiveUp::Unknown));
        }
        SmsError::Slower { retry_after_ms } => retry_after_ms,
        SmsError::Down | SmsError::Unanswered => 0,
    };
    if made >= rule.tries {
        return (attempts, Next::GiveUp(GiveUp::TriesUsed));
    }
    let doubled = 1_u64.checked_shl(made - 1).map_or(u64::MAX, |factor| rule.first_ms.saturating_mul(factor));
    let own = doubled.min(rule.ceiling_ms);
    let wait = own.max(asked);
    let wait = wait.saturating_add(wait.saturating_mul(u64::from(chance)) / (4 * u64::from(u16::MAX)));
    if now.since(attempts.since).saturating_add(wait) > rule.within_ms {
        return (attempts, Next::GiveUp(GiveUp::TooLate));
    }
    (attempts, Next::At(now.after(i64::try_from(wait).unwrap_or(i64::MAX))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: WallTime = WallTime(1_795_000_000_000);

    /// Waits, in ms, when every try ends with `error` at once.
    fn waits(rule: RetryRule, error: SmsError, chance: u16) -> (Vec<u64>, GiveUp) {
        let (mut attempts, mut now, mut waits) = (Attempts::none(NOW), NOW, Vec::new());
        loop {
            match after_failure(rule, attempts, now, error, chance) {
                (next, Next::At(at)) => {
                    waits.push(at.since(now));
                    (attempts, now) = (next, at);
                }
                (last, Next::GiveUp(why)) => {
                    assert_eq!(last.made as usize, waits.len() + 1);
                    return (waits, why);
                }
            }
        }
    }

    #[test]
    fn a_code_is_tried_for_a_moment_only() {
        assert_eq!(waits(RetryRule::CODE, SmsError::Down, 0), (vec![500, 1_000], GiveUp::TriesUsed));
        // half a minute is too long for somebody at a screen
        let slower = SmsError::Slower { retry_after_ms: 30_000 };
        assert_eq!(waits(RetryRule::CODE, slower, 0), (vec![], GiveUp::TooLate));
        assert_eq!(waits(RetryRule::CODE, SmsError::Unanswered, 0), (vec![], GiveUp::Unknown));
        assert_eq!(waits(RetryRule::CODE, SmsError::Refused, 0), (vec![], GiveUp::Refused));
    }

    #[test]
    fn an_invitation_is_tried_for_hours() {
        let (waits, why) = waits(RetryRule::DURABLE, SmsError::Down, 0);
        assert_eq!(waits[..4], [2_000, 4_000, 8_000, 16_000]);
        assert!(waits.iter().sum::<u64>() > 10 * 3_600_000, "{waits:?}");
        assert_eq!(why, GiveUp::TooLate);
        assert_eq!(self::waits(RetryRule::DURABLE, SmsError::Refused, 0), (vec![], GiveUp::Refused));
    }

    #[test]
    fn a_provider_that_asks_for_more_gets_it() {
        let slower = SmsError::Slower { retry_after_ms: 3_600_000 };
        let (waits, _) = waits(RetryRule::DURABLE, slower, 0);
        assert!(waits.iter().all(|wait| *wait >= 3_600_000));
        assert_eq!(waits.len(), 12);
    }

    proptest! {
        /// It always ends, within its time, and never sooner than asked.
        #[test]
        fn it_ends_in_time(
            kind in prop::sample::select(SmsKind::ALL.to_vec()),
            errors in prop::collection::vec((0_u8..4, 0_u64..7_200_000, any::<u16>()), 60),
            back in 0_i64..100_000,
        ) {
            let rule = RetryRule::of(kind);
            let (mut attempts, mut now, mut ended) = (Attempts::none(NOW), NOW, false);
            for (which, retry_after_ms, chance) in errors {
                let error = match which {
                    0 | 1 => SmsError::Down,
                    2 => SmsError::Slower { retry_after_ms },
                    _ => SmsError::Unanswered,
                };
                match after_failure(rule, attempts, now, error, chance) {
                    (_, Next::GiveUp(_)) => { ended = true; break }
                    (next, Next::At(at)) => {
                        prop_assert!(at.since(now) > 0);
                        prop_assert!(at.since(NOW) <= rule.within_ms);
                        if let SmsError::Slower { retry_after_ms } = error {
                            prop_assert!(at.since(now) >= retry_after_ms);
                        }
                        (attempts, now) = (next, at);
                    }
                }
            }
            prop_assert!(ended);
            // a clock set back neither panics nor gives up at once
            let early = NOW.after(-back);
            let first = after_failure(rule, Attempts::none(NOW), early, SmsError::Down, 0).1;
            prop_assert_eq!(first, Next::At(early.after(rule.first_ms as i64)));
        }
    }
}
