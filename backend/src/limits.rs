//! How guessing is slowed (J2, F5): the pure rule. Counting happens in the database
//! ([`crate::store::Accounts::begin_attempt`]), in the transaction that also decides.
//!
//! Only failures count, per address and per device; a failure is forgotten after a while; the next
//! try waits 0, 1, 2, 4 … seconds. Nobody is ever locked out: the wait has a ceiling, a success
//! wipes the device's count, and a device that has proved itself before is not held up by what
//! others do behind the same address. A campus shares one address, so an address may fail much more
//! often before it is slowed at all.

use miantan_domain::time::WallTime;

/// How one kind of key is slowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// So many failures cost nothing.
    pub free: u32,
    /// The longest wait, in ms.
    pub ceiling_ms: u64,
    /// One failure is forgotten after each such time, in ms.
    pub forget_ms: u64,
    /// Tries under way count like failures, so that tries at the same moment cannot slip past
    /// together. Not for an address, where hundreds of honest people join in the same second: there
    /// the server's own limit on tries under way bounds the burst.
    pub counts_pending: bool,
    /// A success clears the count.
    pub wiped_by_success: bool,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A wrong code or password.
    Failed,
    /// Nothing was guessed: an expired code, a password still to come.
    Neutral,
    /// Let in: the device's failures are forgotten. An address's are not, or one good code would
    /// buy an attacker any number of guesses.
    Succeeded,
}

/// A try that did not end within this time (ms) never will: the process was killed.
const PENDING_MS: u64 = 60_000;

impl Rule {
    /// One device: 0, 1, 2, 4 … 60 s.
    pub const DEVICE: Self = Self {
        free: 1,
        ceiling_ms: 60_000,
        forget_ms: 10 * 60_000,
        counts_pending: true,
        wiped_by_success: true,
    };
    /// One address, which a whole campus may share: sixty failures are free, and a failure is
    /// forgotten every ten seconds. Guessing then goes on at one try in ten seconds at best:
    /// 3·10⁶ a year against 2⁴⁵ codes.
    pub const ADDRESS: Self = Self {
        free: 60,
        ceiling_ms: 15_000,
        forget_ms: 10_000,
        counts_pending: false,
        wiped_by_success: false,
    };
    /// Registrations of employers from one address: each counts, twenty are free, then one in ten minutes.
    pub const REGISTRATION: Self = Self {
        free: 20,
        ceiling_ms: 10 * 60_000,
        forget_ms: 10 * 60_000,
        counts_pending: true,
        wiped_by_success: false,
    };
}

/// What the database keeps of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub failures: u32,
    /// When the last failure happened.
    pub last: WallTime,
    /// Up to when forgetting has been counted.
    pub counted: WallTime,
    /// Tries under way, and when the last of them began.
    pub pending: u32,
    pub begun: WallTime,
}

impl Count {
    /// The count as it is now, with old failures and dead tries forgotten.
    #[must_use]
    pub fn at(self, rule: Rule, now: WallTime) -> Self {
        let forgotten = now.since(self.counted) / rule.forget_ms;
        let failures = self.failures.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX));
        let counted =
            if failures == 0 { now } else { self.counted.after((forgotten * rule.forget_ms) as i64) };
        let pending = if now.since(self.begun) > PENDING_MS { 0 } else { self.pending };
        Self { failures, counted, pending, ..self }
    }

    /// How long the next try must wait from `now`, in ms; 0: go ahead.
    pub fn wait(self, rule: Rule, now: WallTime) -> u64 {
        let count = self.at(rule, now);
        let failed = left(rule, delay(rule, count.failures), count.last, now);
        if rule.counts_pending && count.pending > 0 {
            let all = delay(rule, count.failures.saturating_add(count.pending));
            failed.max(left(rule, all, count.begun, now))
        } else {
            failed
        }
    }

    /// A try begins.
    #[must_use]
    pub fn begun(self, rule: Rule, now: WallTime) -> Self {
        let count = self.at(rule, now);
        Self { pending: count.pending.saturating_add(1), begun: now, ..count }
    }

    /// A try ends.
    #[must_use]
    pub fn ended(self, rule: Rule, ending: Ending, now: WallTime) -> Self {
        let mut count = self.at(rule, now);
        count.pending = count.pending.saturating_sub(1);
        match ending {
            Ending::Failed => {
                count.failures = count.failures.saturating_add(1);
                count.last = now;
            }
            Ending::Neutral => {}
            Ending::Succeeded => {
                if rule.wiped_by_success {
                    count.failures = 0;
                }
            }
        }
        count
    }
}

/// What is left at `now` of a wait that began at `since`. A clock set back must not lock anybody out
/// (a little back is only another thread's reading).
fn left(rule: Rule, wait: u64, since: WallTime, now: WallTime) -> u64 {
    if since.since(now) > rule.ceiling_ms { 0 } else { since.after(wait as i64).since(now).min(wait) }
}

/// Wait after so many failures, in ms: nothing for the free ones, then 1, 2, 4 … s up to the ceiling.
fn delay(rule: Rule, failures: u32) -> u64 {
    match failures.checked_sub(rule.free) {
        None | Some(0) => 0,
        Some(over) => 1_000_u64
            .checked_shl(over - 1)
            .filter(|&ms| ms >> (over - 1) == 1_000)
            .map_or(rule.ceiling_ms, |ms| ms.min(rule.ceiling_ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after_failures(rule: Rule, n: u32, now: WallTime) -> Count {
        (0..n).fold(Count::default(), |count, _| count.begun(rule, now).ended(rule, Ending::Failed, now))
    }

    #[test]
    fn a_device_waits_longer_each_time_but_never_more_than_a_minute() {
        let now = WallTime(1_700_000_000_000);
        let waits: Vec<u64> =
            (0..10).map(|n| after_failures(Rule::DEVICE, n, now).wait(Rule::DEVICE, now) / 1_000).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(after_failures(Rule::DEVICE, 200, now).wait(Rule::DEVICE, now), 60_000);
    }

    #[test]
    fn an_address_may_fail_far_more_often() {
        let now = WallTime(1_700_000_000_000);
        assert_eq!(after_failures(Rule::ADDRESS, 60, now).wait(Rule::ADDRESS, now), 0);
        assert_eq!(after_failures(Rule::ADDRESS, 61, now).wait(Rule::ADDRESS, now), 1_000);
        assert_eq!(after_failures(Rule::ADDRESS, 500, now).wait(Rule::ADDRESS, now), 15_000);
    }

    #[test]
    fn failures_are_forgotten() {
        let now = WallTime(1_700_000_000_000);
        let five = after_failures(Rule::DEVICE, 5, now);
        assert_eq!(five.at(Rule::DEVICE, now.after(10 * 60_000)).failures, 4);
        assert_eq!(five.at(Rule::DEVICE, now.after(50 * 60_000)).failures, 0);
        // counting in two steps forgets as much as counting in one
        let steps = five.at(Rule::DEVICE, now.after(15 * 60_000)).at(Rule::DEVICE, now.after(20 * 60_000));
        assert_eq!(steps.failures, five.at(Rule::DEVICE, now.after(20 * 60_000)).failures);
    }

    #[test]
    fn tries_at_the_same_moment_count_before_they_end() {
        let now = WallTime(1_700_000_000_000);
        let one = Count::default().begun(Rule::DEVICE, now);
        assert_eq!(one.wait(Rule::DEVICE, now), 0);
        let two = one.begun(Rule::DEVICE, now);
        assert_eq!(two.wait(Rule::DEVICE, now), 1_000);
        // one that never ends is forgotten
        assert_eq!(two.wait(Rule::DEVICE, now.after(60_001)), 0);
        // hundreds join from one campus
        let many = (0..300).fold(Count::default(), |count, _| count.begun(Rule::ADDRESS, now));
        assert_eq!(many.wait(Rule::ADDRESS, now), 0);
    }

    #[test]
    fn success_clears_a_device_but_not_an_address() {
        let now = WallTime(1_700_000_000_000);
        for (rule, left) in [(Rule::DEVICE, 0), (Rule::ADDRESS, 4)] {
            let count = after_failures(rule, 4, now).begun(rule, now);
            assert_eq!(count.ended(rule, Ending::Succeeded, now).failures, left);
            assert_eq!(count.ended(rule, Ending::Neutral, now).failures, 4);
            assert_eq!(count.ended(rule, Ending::Failed, now).failures, 5);
        }
    }

    proptest! {
        /// Never a lock-out: whatever happened, waiting the ceiling always opens the door.
        #[test]
        fn the_ceiling_always_opens(failures in 0_u32..1_000_000, last in 0_i64..4_000_000_000_000) {
            for rule in [Rule::DEVICE, Rule::ADDRESS] {
                let count = Count { failures, last: WallTime(last), counted: WallTime(last), ..Count::default() };
                let then = WallTime(last).after(rule.ceiling_ms as i64);
                prop_assert_eq!(count.wait(rule, then), 0);
                prop_assert!(count.wait(rule, WallTime(last)) <= rule.ceiling_ms);
                // even when the clock was set back by a day
                prop_assert_eq!(count.wait(rule, WallTime(last).after(-86_400_000)), 0);
            }
        }
    }
}
