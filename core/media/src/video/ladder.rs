//! The steps of what a call sends, and when to take one.
//!
//! Down at once when the path cannot carry the step, up again late and one step at a time, ever later
//! after a step up that had to be taken back: people would rather have a small picture than one that
//! changes. Pure; what the steps mean on screen is said elsewhere.

/// The steps of what a call sends, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Ladder {
    /// 640×360 at 30 pictures per second.
    #[default]
    Full,
    /// 480×270 at 20 pictures per second.
    Medium,
    /// 320×180 at 15 pictures per second.
    Small,
    AudioOnly,
}

impl Ladder {
    /// Long side, short side and pictures per second; `None` when no video is sent.
    pub fn picture(self) -> Option<(u32, u32, u32)> {
        match self {
            Self::Full => Some((640, 360, 30)),
            Self::Medium => Some((480, 270, 20)),
            Self::Small => Some((320, 180, 15)),
            Self::AudioOnly => None,
        }
    }

    /// Bits per second of pictures and sound with their headers, below which this step is left. The path carries
    /// reports and a relay's headers besides, up to 20 kb/s, and an estimate stays a little under what it found:
    /// in bits on the path these are 400, 250 and 120 kb/s.
    fn least(self) -> u32 {
        match self {
            Self::Full => 370_000,
            Self::Medium => 225_000,
            Self::Small => 95_000,
            Self::AudioOnly => 0,
        }
    }

    fn better(self) -> Option<Self> {
        match self {
            Self::Full => None,
            Self::Medium => Some(Self::Full),
            Self::Small => Some(Self::Medium),
            Self::AudioOnly => Some(Self::Small),
        }
    }

    /// The best step that this rate carries.
    fn carried_by(bits_per_second: u32) -> Self {
        [Self::Full, Self::Medium, Self::Small]
            .into_iter()
            .find(|step| bits_per_second >= step.least())
            .unwrap_or(Self::AudioOnly)
    }

    /// Bits per second of pictures, beyond which this step looks no better.
    pub fn most(self) -> u32 {
        match self {
            Self::Full => 800_000,
            Self::Medium => 400_000,
            Self::Small => 250_000,
            Self::AudioOnly => 30_000,
        }
    }

    /// Bits per second of the sound on this step, without headers.
    pub fn sound(self) -> u32 {
        match self {
            Self::Full | Self::Medium => 32_000,
            Self::Small => 24_000,
            Self::AudioOnly => 20_000,
        }
    }
}

/// Too little for so long: down.
const DOWN_AFTER_MS: u64 = 400;
/// Enough for so long: up; at most so long after steps up that were taken back.
const UP_AFTER_MS: u64 = 3_000;
const UP_AFTER_MOST_MS: u64 = 24_000;
/// A step up that lasted so long was right.
const PROVEN_MS: u64 = 10_000;
/// Up needs this much more than the step's least.
const UP_MARGIN: f64 = 1.1;

/// Decides about the step.
#[derive(Debug)]
pub struct Climber {
    step: Ladder,
    low_since_ms: Option<u64>,
    high_since_ms: Option<u64>,
    up_after_ms: u64,
    went_up_ms: Option<u64>,
}

impl Default for Climber {
    fn default() -> Self {
        Self {
            step: Ladder::Full,
            low_since_ms: None,
            high_since_ms: None,
            up_after_ms: UP_AFTER_MS,
            went_up_ms: None,
        }
    }
}

impl Climber {
    pub fn step(&self) -> Ladder {
        self.step
    }

    /// Looks at the estimate; the new step when it changed.
    pub fn look(&mut self, now_ms: u64, bits_per_second: u32) -> Option<Ladder> {
        if self.went_up_ms.is_some_and(|at| now_ms.saturating_sub(at) >= PROVEN_MS) {
            self.went_up_ms = None;
            self.up_after_ms = UP_AFTER_MS;
        }
        let carried = Ladder::carried_by(bits_per_second);
        if carried > self.step {
            self.high_since_ms = None;
            let since = *self.low_since_ms.get_or_insert(now_ms);
            if now_ms.saturating_sub(since) < DOWN_AFTER_MS {
                return None;
            }
            if self.went_up_ms.take().is_some() {
                self.up_after_ms = (self.up_after_ms * 2).min(UP_AFTER_MOST_MS);
            }
            self.take(carried);
            return Some(carried);
        }
        self.low_since_ms = None;
        let better = self.step.better();
        let Some(better) = better.filter(|b| f64::from(bits_per_second) >= UP_MARGIN * f64::from(b.least()))
        else {
            self.high_since_ms = None;
            return None;
        };
        let since = *self.high_since_ms.get_or_insert(now_ms);
        if now_ms.saturating_sub(since) < self.up_after_ms {
            return None;
        }
        self.went_up_ms = Some(now_ms);
        self.take(better);
        Some(better)
    }

    fn take(&mut self, step: Ladder) {
        self.step = step;
        self.low_since_ms = None;
        self.high_since_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a rate for some time, ten looks a second; the steps taken.
    fn hold(climber: &mut Climber, now_ms: &mut u64, rate: u32, seconds: u64) -> Vec<Ladder> {
        let mut steps = Vec::new();
        for _ in 0..seconds * 10 {
            *now_ms += 100;
            steps.extend(climber.look(*now_ms, rate));
        }
        steps
    }

    #[test]
    fn each_rate_has_its_step_and_the_way_down_is_short() {
        for (rate, step) in [(300_000, Ladder::Medium), (220_000, Ladder::Small), (94_000, Ladder::AudioOnly)]
        {
            let (mut climber, mut now) = (Climber::default(), 0);
            assert_eq!(hold(&mut climber, &mut now, rate, 1), [step]);
            assert_eq!(hold(&mut climber, &mut now, rate, 60), []);
        }
    }

    #[test]
    fn a_dip_is_no_step() {
        let (mut climber, mut now) = (Climber::default(), 0);
        for _ in 0..20 {
            now += 100;
            assert_eq!(climber.look(now, 200_000), None);
            assert_eq!(hold(&mut climber, &mut now, 700_000, 1), []);
        }
    }

    #[test]
    fn up_goes_one_step_at_a_time() {
        let (mut climber, mut now) = (Climber::default(), 0);
        hold(&mut climber, &mut now, 80_000, 5);
        assert_eq!(climber.step(), Ladder::AudioOnly);
        assert_eq!(hold(&mut climber, &mut now, 100_000, 20), [], "just enough is not enough for up");
        assert_eq!(hold(&mut climber, &mut now, 900_000, 2), []);
        let all = [Ladder::Small, Ladder::Medium, Ladder::Full];
        assert_eq!(hold(&mut climber, &mut now, 900_000, 10), all);
    }

    #[test]
    fn a_step_up_that_fails_is_tried_ever_later() {
        let (mut climber, mut now) = (Climber::default(), 0);
        hold(&mut climber, &mut now, 80_000, 5);
        let mut waits = Vec::new();
        for _ in 0..5 {
            let from = now;
            while climber.look(now, 200_000).is_none() {
                now += 100;
            }
            waits.push((now - from) / 1000);
            hold(&mut climber, &mut now, 80_000, 1);
            assert_eq!(climber.step(), Ladder::AudioOnly);
        }
        assert_eq!(waits, [3, 6, 12, 24, 24]);
        // Once it lasts, the wait is short again.
        hold(&mut climber, &mut now, 200_000, 60);
        hold(&mut climber, &mut now, 80_000, 1);
        assert_eq!(hold(&mut climber, &mut now, 200_000, 4), [Ladder::Small]);
    }
}
