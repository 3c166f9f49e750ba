//! When to send filler, so that a path that got better is noticed although little is sent on it: with
//! sound alone nothing else would ever tell. Pure.

use super::Estimate;

/// The first wait, and the longest; each failed try doubles it.
const WAIT_MS: u64 = 3_000;
const WAIT_MOST_MS: u64 = 24_000;
/// After a try that found more.
const WAIT_FOUND_MS: u64 = 1_000;
/// The longest try.
const TRY_MS: u64 = 2_500;
/// How much more than the estimate a try sends.
const MORE: f64 = 1.4;
/// A try ends when its packets begin to queue.
const QUEUE_MS: u32 = 40;
/// A try found something when the estimate grew by this factor.
const FOUND: f64 = 1.25;

#[derive(Debug, Clone, Copy)]
enum State {
    Waiting { until_ms: u64 },
    Trying { since_ms: u64, from: u32 },
}

/// See the module.
#[derive(Debug)]
pub struct Prober {
    state: Option<State>,
    wait_ms: u64,
}

impl Default for Prober {
    fn default() -> Self {
        Self { state: None, wait_ms: WAIT_MS }
    }
}

impl Prober {
    /// What is to be sent in all now, in bits per second, filler making up for what pictures and sound leave
    /// free; 0 is no filler. `wanted`: less is sent than could be shown, for want of a better path.
    pub fn rate(&mut self, now_ms: u64, wanted: bool, estimate: Estimate) -> u32 {
        if !wanted {
            *self = Self::default();
            return 0;
        }
        match *self.state.get_or_insert(State::Waiting { until_ms: now_ms + self.wait_ms }) {
            State::Waiting { until_ms } if now_ms < until_ms || estimate.queue_ms > QUEUE_MS => 0,
            State::Waiting { .. } => {
                self.state = Some(State::Trying { since_ms: now_ms, from: estimate.bits_per_second });
                self.amount(estimate)
            }
            State::Trying { since_ms, from } => {
                let queued = estimate.queue_ms > QUEUE_MS || estimate.allowance < estimate.bits_per_second;
                if !queued && now_ms.saturating_sub(since_ms) < TRY_MS {
                    return self.amount(estimate);
                }
                let found = f64::from(estimate.bits_per_second) >= FOUND * f64::from(from);
                let wait = if found { WAIT_FOUND_MS } else { self.wait_ms };
                self.wait_ms = if found { WAIT_MS } else { (self.wait_ms * 2).min(WAIT_MOST_MS) };
                self.state = Some(State::Waiting { until_ms: now_ms + wait });
                0
            }
        }
    }

    #[allow(clippy::unused_self)]
    fn amount(&self, estimate: Estimate) -> u32 {
        (f64::from(estimate.bits_per_second) * MORE) as u32
    }
}
