//! The estimator itself; what it is for stands in the module above.

use std::collections::VecDeque;

use super::{Estimate, Fate, LEAST_BITS_PER_SECOND, MOST_BITS_PER_SECOND, START_BITS_PER_SECOND};

const MS: u64 = 1_000;
const SECOND: u64 = 1_000_000;

/// What arrived in this time is the delivered rate.
const RATE_WINDOW: u64 = 500 * MS;
/// The delivered rate needs arrivals over this much time at least.
const RATE_LEAST: u64 = 150 * MS;
/// The least delay within this time is the standing queue: bursts of one picture drain sooner.
const STANDING_WINDOW: u64 = 300 * MS;
/// The same, for a queue so long that waiting for the window above would only lengthen it.
const STANDING_SHORT: u64 = 150 * MS;
const QUEUE_CALM_US: i64 = 25_000;
const QUEUE_TOO_LONG_US: i64 = 60_000;
const QUEUE_FAR_TOO_LONG_US: i64 = 200_000;
/// The least delay ever is forgotten after one to two of these, as clocks drift.
const BASE_EVERY: u64 = 10 * SECOND;
/// A queue that stands for so long, although no more is sent than arrives, is a longer path.
const STALE_BASE: u64 = 6 * SECOND;

/// Losses are counted over this time, over so many packets at least.
const LOSS_WINDOW: u64 = 2 * SECOND;
const LOSS_PACKETS: u32 = 50;
/// Up to here loss is radio (every tenth packet, as counted in two seconds of them); up to there it stops growth;
/// beyond, too much is sent.
const LOSS_RANDOM: f32 = 0.13;
const LOSS_TOO_MUCH: f32 = 0.20;
const LOSS_DECREASE_EVERY: u64 = SECOND;

/// A full queue gives exactly the path's rate; a little less lets it drain.
const BACK_OFF: f64 = 0.92;
/// What is sent while the queue drains.
const DRAIN: f64 = 0.6;
/// Growth per second far from a known limit, near it, and how far "near" reaches.
const GROWTH: f64 = 0.25;
const GROWTH_NEAR: f64 = 0.04;
const NEAR: std::ops::RangeInclusive<f64> = 0.8..=1.05;
/// A limit counts as known for so long.
const LIMIT_KNOWN: u64 = 30 * SECOND;
/// Who sends much less than the estimate learns nothing about more.
const USED: f64 = 0.7;
/// Nothing reported for so long: the way back is choked, or there is none.
const UNREPORTED: u64 = 700 * MS;
const UNREPORTED_EVERY: u64 = 500 * MS;
/// A pause of the reports beyond this may have changed the path.
const NEW_PATH: u64 = 1_500 * MS;

#[derive(Debug, Clone, Copy)]
struct Arrival {
    arrived_us: u64,
    delay_us: i64,
    bytes: u32,
}

#[derive(Debug, Clone, Copy)]
struct Outcome {
    reported_us: u64,
    lost: u32,
    came: u32,
}

/// See the module.
#[derive(Debug)]
pub struct BandwidthEstimator {
    target: f64,
    draining: bool,
    arrivals: VecDeque<Arrival>,
    outcomes: VecDeque<Outcome>,
    /// Least delays of the running and of the last [`BASE_EVERY`].
    base: [Option<i64>; 2],
    base_since_us: u64,
    standing_us: i64,
    too_long_since_us: Option<u64>,
    /// The queue and the time at the last step down for delay.
    stepped_down: Option<(i64, u64)>,
    lost_down_us: Option<u64>,
    /// What the path carried when it was last full, and when.
    limit: Option<(f64, u64)>,
    reported_us: Option<u64>,
    unreported_us: Option<u64>,
}

impl Default for BandwidthEstimator {
    fn default() -> Self {
        Self {
            target: f64::from(START_BITS_PER_SECOND),
            draining: false,
            arrivals: VecDeque::new(),
            outcomes: VecDeque::new(),
            base: [None; 2],
            base_since_us: 0,
            standing_us: 0,
            too_long_since_us: None,
            stepped_down: None,
            lost_down_us: None,
            limit: None,
            reported_us: None,
            unreported_us: None,
        }
    }
}

impl BandwidthEstimator {
    /// Takes a report of the other side; fates in the order of sending.
    pub fn report(&mut self, now_us: u64, fates: &[Fate]) {
        if fates.is_empty() {
            return;
        }
        let before = self.reported_us.replace(now_us);
        self.unreported_us = None;
        if before.is_some_and(|before| now_us.saturating_sub(before) > NEW_PATH) {
            self.new_path();
        }
        let mut outcome = Outcome { reported_us: now_us, lost: 0, came: 0 };
        for fate in fates {
            let Some(arrived_us) = fate.arrived_us else {
                outcome.lost += 1;
                continue;
            };
            outcome.came += 1;
            let delay_us = arrived_us as i64 - fate.sent_us as i64;
            self.arrivals.push_back(Arrival { arrived_us, delay_us, bytes: fate.bytes });
            let base = &mut self.base[0];
            *base = Some(base.map_or(delay_us, |least| least.min(delay_us)));
        }
        self.outcomes.push_back(outcome);
        self.forget(now_us);
        self.standing_us = self.standing(STANDING_WINDOW).unwrap_or(0);
        let passed = before.map_or(0, |before| now_us.saturating_sub(before)).min(200 * MS);
        self.decide(now_us, passed as f64 / SECOND as f64);
    }

    /// Looks at the clock: a way back that is choked gives no reports. `sending`: packets left lately.
    pub fn tick(&mut self, now_us: u64, sending: bool) {
        let Some(reported_us) = self.reported_us.filter(|_| sending) else { return };
        let since = self.unreported_us.map_or(reported_us + UNREPORTED, |last| last + UNREPORTED_EVERY);
        if now_us >= since && now_us.saturating_sub(reported_us) < NEW_PATH {
            self.unreported_us = Some(now_us);
            self.set(self.target * 0.7);
        }
    }

    pub fn estimate(&self) -> Estimate {
        let allowance = if self.draining { self.target * DRAIN } else { self.target };
        Estimate {
            bits_per_second: self.target as u32,
            allowance: (allowance as u32).max(LEAST_BITS_PER_SECOND),
            delivered: self.delivered().unwrap_or(0.0) as u32,
            loss_percent: self.loss().unwrap_or(0.0) * 100.0,
            queue_ms: (self.standing_us / 1_000).clamp(0, 60_000) as u32,
        }
    }

    /// What was learned of delays is of another path; the rate is where to begin on the new one.
    fn new_path(&mut self) {
        self.arrivals.clear();
        self.outcomes.clear();
        self.base = [None; 2];
        self.too_long_since_us = None;
        self.stepped_down = None;
        self.draining = false;
        self.limit = None;
        self.set(self.target.min(f64::from(START_BITS_PER_SECOND)));
    }

    fn forget(&mut self, now_us: u64) {
        let newest = self.arrivals.iter().map(|arrival| arrival.arrived_us).max().unwrap_or(0);
        while self.arrivals.front().is_some_and(|first| first.arrived_us + RATE_WINDOW < newest) {
            self.arrivals.pop_front();
        }
        while self.outcomes.front().is_some_and(|first| first.reported_us + LOSS_WINDOW < now_us) {
            self.outcomes.pop_front();
        }
        if now_us.saturating_sub(self.base_since_us) > BASE_EVERY {
            self.base = [None, self.base[0]];
            self.base_since_us = now_us;
        }
    }

    fn standing(&self, window: u64) -> Option<i64> {
        let newest = self.arrivals.iter().map(|arrival| arrival.arrived_us).max()?;
        let base = self.base.into_iter().flatten().min()?;
        let recent = self.arrivals.iter().filter(|arrival| arrival.arrived_us + window >= newest);
        recent.map(|arrival| arrival.delay_us - base).min()
    }

    /// Bits per second that arrived within [`RATE_WINDOW`]; `None` while too little did.
    fn delivered(&self) -> Option<f64> {
        let times = || self.arrivals.iter().map(|arrival| arrival.arrived_us);
        let (first, last) = (times().min()?, times().max()?);
        let span = last - first;
        if span < RATE_LEAST {
            return None;
        }
        // What came at the very beginning of the span was sent in the time before it.
        let bytes: u64 =
            self.arrivals.iter().filter(|a| a.arrived_us > first).map(|a| u64::from(a.bytes)).sum();
        Some(bytes as f64 * 8.0 * SECOND as f64 / span as f64)
    }

    fn loss(&self) -> Option<f32> {
        let lost: u32 = self.outcomes.iter().map(|outcome| outcome.lost).sum();
        let all: u32 = lost + self.outcomes.iter().map(|outcome| outcome.came).sum::<u32>();
        (all >= LOSS_PACKETS).then(|| lost as f32 / all as f32)
    }

    fn decide(&mut self, now_us: u64, passed: f64) {
        let too_long = self.standing_us > QUEUE_TOO_LONG_US
            || self.standing(STANDING_SHORT).is_some_and(|queue| queue > QUEUE_FAR_TOO_LONG_US);
        let calm = self.standing_us < QUEUE_CALM_US;
        if calm {
            self.draining = false;
        }
        let delivered = self.delivered();
        if too_long {
            let since = *self.too_long_since_us.get_or_insert(now_us);
            if now_us.saturating_sub(since) > STALE_BASE {
                self.base = [
                    self.standing(STANDING_WINDOW)
                        .zip(self.base.into_iter().flatten().min())
                        .map(|(q, b)| b + q),
                    None,
                ];
                self.too_long_since_us = None;
                self.draining = false;
            } else if let Some(delivered) = delivered {
                self.step_down(now_us, delivered);
            }
            return;
        }
        self.too_long_since_us = None;
        let loss = self.loss().unwrap_or(0.0);
        let may_lose =
            self.lost_down_us.is_none_or(|last| now_us.saturating_sub(last) >= LOSS_DECREASE_EVERY);
        if loss > LOSS_TOO_MUCH
            && may_lose
            && let Some(delivered) = delivered
        {
            self.lost_down_us = Some(now_us);
            self.outcomes.clear();
            self.limit = Some((delivered, now_us));
            self.set(self.target.min(delivered));
        } else if calm && loss <= LOSS_RANDOM {
            self.grow(now_us, passed, delivered.unwrap_or(0.0));
        }
    }

    fn step_down(&mut self, now_us: u64, delivered: f64) {
        // A queue that is getting shorter was dealt with.
        let dealt_with = self.stepped_down.is_some_and(|(queue, at)| {
            let passed = now_us.saturating_sub(at);
            passed < STANDING_WINDOW || (self.standing_us < queue && passed < 2 * SECOND)
        });
        if let Some((queue, _)) = &mut self.stepped_down
            && dealt_with
        {
            *queue = (*queue).max(self.standing_us);
            return;
        }
        self.stepped_down = Some((self.standing_us, now_us));
        self.limit = Some((delivered, now_us));
        self.draining = true;
        self.set(self.target.min(BACK_OFF * delivered));
    }

    fn grow(&mut self, now_us: u64, passed: f64, delivered: f64) {
        self.stepped_down = None;
        let known = self.limit.filter(|(_, at)| now_us.saturating_sub(*at) < LIMIT_KNOWN);
        let growth = match known {
            Some((limit, _)) if NEAR.contains(&(self.target / limit)) => GROWTH_NEAR,
            _ => GROWTH,
        };
        let used = delivered >= USED * self.target;
        let grown = if used { self.target * (1.0 + growth * passed) } else { self.target };
        // What arrives in calm is surely carried: the floor.
        self.set(grown.max(delivered * 0.95));
    }

    fn set(&mut self, target: f64) {
        self.target = target.clamp(f64::from(LEAST_BITS_PER_SECOND), f64::from(MOST_BITS_PER_SECOND));
    }
}
