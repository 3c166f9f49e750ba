//! How many went out in the last hour and the last day: plain data that a store keeps for each
//! number, each address and the whole server.
//!
//! Counted in steps of five minutes and of an hour, rounded against the asker: a ceiling holds in any
//! hour and any day, however they are laid, and frees itself at most one step late.

use miantan_domain::time::WallTime;
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
const HOUR: Steps = Steps { step_ms: 5 * MINUTE_MS, count: 13 };
const DAY: Steps = Steps { step_ms: 60 * MINUTE_MS, count: 25 };

/// One more step than the time has: the oldest is counted until all of it has passed.
#[derive(Clone, Copy)]
struct Steps {
    step_ms: i64,
    count: usize,
}

/// The most that may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    pub hour: u32,
    pub day: u32,
}

/// What went out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    hour: Span,
    day: Span,
}

/// Counts per step, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Span {
    newest: i64,
    counts: Vec<u32>,
}

impl Tally {
    /// How long until one more may go out, in ms; 0: now.
    pub fn wait(&self, ceiling: Ceiling, now: WallTime) -> u64 {
        self.hour.wait(HOUR, ceiling.hour, now).max(self.day.wait(DAY, ceiling.day, now))
    }

    /// One goes out.
    #[must_use]
    pub fn add(&self, now: WallTime) -> Self {
        let change = |span: &Span, steps| {
            let mut span = span.at(steps, now);
            span.counts[0] = span.counts[0].saturating_add(1);
            span
        };
        Self { hour: change(&self.hour, HOUR), day: change(&self.day, DAY) }
    }

    /// The newest did not go out after all.
    #[must_use]
    pub fn take_back(&self, now: WallTime) -> Self {
        let change = |span: &Span, steps| {
            let mut span = span.at(steps, now);
            if let Some(count) = span.counts.iter_mut().find(|count| **count > 0) {
                *count -= 1;
            }
            span
        };
        Self { hour: change(&self.hour, HOUR), day: change(&self.day, DAY) }
    }

    /// Whether nothing is left to count, so that its row can go.
    pub fn is_over(&self, now: WallTime) -> bool {
        self.day.at(DAY, now).counts.iter().all(|count| *count == 0)
    }
}

impl Span {
    /// As it is now: what is too old is gone, and there are `steps.count` counts.
    fn at(&self, steps: Steps, now: WallTime) -> Self {
        let step = now.0.div_euclid(steps.step_ms);
        let mut counts = self.counts.clone();
        counts.resize(steps.count, 0);
        let passed = step.saturating_sub(self.newest);
        match usize::try_from(passed) {
            Ok(passed) if passed < steps.count => {
                counts.rotate_right(passed);
                counts[..passed].fill(0);
                Self { newest: step, counts }
            }
            // a clock set back a little counts as the newest step
            Err(_) if passed.unsigned_abs() < steps.count as u64 => Self { newest: self.newest, counts },
            // long ago; or the clock was set back so far that waiting for it would be a lock-out
            Ok(_) | Err(_) => Self { newest: step, counts: vec![0; steps.count] },
        }
    }

    fn wait(&self, steps: Steps, most: u32, now: WallTime) -> u64 {
        let span = self.at(steps, now);
        let mut sum: u64 = span.counts.iter().map(|count| u64::from(*count)).sum();
        if sum < u64::from(most) {
            return 0;
        }
        for (age, count) in span.counts.iter().enumerate().rev() {
            sum -= u64::from(*count);
            if sum < u64::from(most) {
                let leaves = span.newest - age as i64 + steps.count as i64;
                return WallTime(leaves.saturating_mul(steps.step_ms)).since(now).max(1);
            }
        }
        // a ceiling of nothing never opens
        steps.step_ms.unsigned_abs() * steps.count as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: WallTime = WallTime(1_795_000_123_456);
    const FEW: Ceiling = Ceiling { hour: 5, day: 10 };

    #[test]
    fn five_an_hour_and_ten_a_day() {
        let mut tally = Tally::default();
        for _ in 0..5 {
            assert_eq!(tally.wait(FEW, NOW), 0);
            tally = tally.add(NOW);
        }
        let wait = tally.wait(FEW, NOW);
        assert!((60 * 60_000..=65 * 60_000).contains(&wait), "{wait}");
        let later = NOW.after(wait as i64);
        assert_eq!(tally.wait(FEW, later), 0);
        assert!(tally.wait(FEW, later.after(-1)) > 0);
        for _ in 0..5 {
            tally = tally.add(later);
        }
        let wait = tally.wait(FEW, later);
        assert!((22 * 3_600_000..=25 * 3_600_000).contains(&wait), "{wait}");
        assert!(!tally.is_over(later));
        assert!(tally.is_over(later.after(25 * 3_600_000)));
    }

    #[test]
    fn what_is_taken_back_does_not_count() {
        let mut tally = Tally::default();
        for _ in 0..5 {
            tally = tally.add(NOW);
        }
        assert!(tally.wait(FEW, NOW) > 0);
        assert_eq!(tally.take_back(NOW).wait(FEW, NOW), 0);
        let none = (0..9).fold(tally, |tally, _| tally.take_back(NOW));
        assert!(none.is_over(NOW));
    }

    #[test]
    fn a_clock_set_back_does_not_lock_anybody_out() {
        let full = (0..5).fold(Tally::default(), |tally, _| tally.add(NOW));
        let day = 24 * 3_600_000;
        assert!(full.wait(FEW, NOW.after(-60_000)) > 0);
        assert_eq!(full.wait(FEW, NOW.after(-30 * day)), 0);
        assert_eq!(full.wait(FEW, NOW.after(30 * day)), 0);
    }

    proptest! {
        /// In any hour at most `hour`, in any day at most `day`; and the wait it names opens it.
        #[test]
        fn ceilings_hold_however_the_hour_is_laid(
            steps in prop::collection::vec(0_i64..40 * 60_000, 1..80),
            hour in 1_u32..6,
            day in 1_u32..12,
        ) {
            let ceiling = Ceiling { hour, day };
            let (mut tally, mut now, mut sent) = (Tally::default(), NOW, Vec::new());
            for step in steps {
                now = now.after(step);
                let wait = tally.wait(ceiling, now);
                if wait == 0 {
                    tally = tally.add(now);
                    sent.push(now);
                } else {
                    prop_assert_eq!(tally.wait(ceiling, now.after(wait as i64)), 0);
                }
                let within = |ms: u64| sent.iter().filter(|at| now.since(**at) < ms).count();
                prop_assert!(within(3_600_000) <= hour as usize);
                prop_assert!(within(86_400_000) <= day as usize);
                let json = serde_json::to_string(&tally).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Tally>(&json).unwrap(), &tally);
            }
        }
    }
}
