//! Simulated paths: a bottleneck with a queue, a delay, and losses, and a sender who keeps to the allowance
//! with pictures 30 times a second and sound 50 times.

use std::collections::VecDeque;

use super::*;
use crate::video::ladder::{Climber, Ladder};

const MS: u64 = 1_000;
/// The other side reports so often.
const REPORT: u64 = 100 * MS;
/// A packet of sound on the path.
const SOUND: u32 = 120;
const FRAGMENT: u32 = 1_178;
/// The other clock is far away and runs a little fast.
const STRANGE_CLOCK: u64 = 77_000_000_000;

#[derive(Clone)]
struct Link {
    bits_per_second: u64,
    /// Packets that would wait longer are dropped.
    queue_us: u64,
    delay_us: u64,
    jitter_us: u64,
    loss: f64,
}

impl Link {
    fn of(bits_per_second: u64) -> Self {
        Self { bits_per_second, queue_us: 400 * MS, delay_us: 20 * MS, jitter_us: 2 * MS, loss: 0.0 }
    }
}

/// What was seen in each second.
#[derive(Debug, Clone, Copy)]
struct Second {
    estimate: u32,
    step: Ladder,
    /// The longest queue.
    queue_ms: u64,
}

struct World {
    link: Link,
    now: u64,
    free_at: u64,
    seed: u64,
    /// Sent and not yet reported.
    flying: VecDeque<Fate>,
    estimator: BandwidthEstimator,
    climber: Climber,
    prober: Prober,
    picture_debt: f64,
    queue_us: u64,
}

impl World {
    fn with(link: Link) -> Self {
        Self {
            link,
            now: 1_000_000,
            free_at: 0,
            seed: 42,
            flying: VecDeque::new(),
            estimator: BandwidthEstimator::default(),
            climber: Climber::default(),
            prober: Prober::default(),
            picture_debt: 0.0,
            queue_us: 0,
        }
    }

    fn random(&mut self) -> f64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) as f64 / (1_u64 << 31) as f64
    }

    fn send(&mut self, bytes: u32) {
        let queue = self.free_at.saturating_sub(self.now);
        self.queue_us = self.queue_us.max(queue);
        let lost = queue > self.link.queue_us || self.random() < self.link.loss;
        let arrived_us = (!lost).then(|| {
            self.free_at =
                self.free_at.max(self.now) + u64::from(bytes) * 8_000_000 / self.link.bits_per_second;
            let jitter = (self.random() * self.link.jitter_us as f64) as u64;
            let at = self.free_at + self.link.delay_us + jitter;
            STRANGE_CLOCK + at + at / 20_000
        });
        self.flying.push_back(Fate { sent_us: self.now, arrived_us, bytes });
    }

    /// One millisecond.
    fn step(&mut self) {
        let estimate = self.estimator.estimate();
        let ms = self.now / MS;
        if ms.is_multiple_of(20) {
            self.send(SOUND);
        }
        let sound = SOUND * 8 * 50;
        if let Some((_, _, rate)) = self.climber.step().picture() {
            let period = u64::from(1_000 / rate);
            if ms.is_multiple_of(period) {
                // Every hundredth picture is a large one, as after a request.
                let bits = f64::from(estimate.allowance.saturating_sub(sound).max(20_000)) / f64::from(rate);
                let size = if (ms / period).is_multiple_of(100) { 6.0 } else { 0.95 };
                let mut bytes = (bits * size / 8.0) as u32;
                while bytes > 0 {
                    self.send(bytes.min(FRAGMENT));
                    bytes -= bytes.min(FRAGMENT);
                }
            }
        }
        if ms.is_multiple_of(20) {
            let wanted = self.climber.step() > Ladder::Full;
            let rate = self.prober.rate(ms, wanted, estimate);
            let sent = if self.climber.step().picture().is_some() { estimate.allowance } else { sound };
            self.picture_debt = if rate == 0 {
                0.0
            } else {
                self.picture_debt + f64::from(rate.saturating_sub(sent)) / 400.0
            };
            while self.picture_debt >= 300.0 {
                let bytes = self.picture_debt.min(f64::from(FRAGMENT));
                self.send(bytes as u32);
                self.picture_debt -= bytes;
            }
        }
        self.now += MS;
        if self.now.is_multiple_of(REPORT) {
            let back = self.now - self.link.delay_us;
            let seen = |fate: &Fate| match fate.arrived_us {
                Some(at) => (at - STRANGE_CLOCK) <= back,
                None => fate.sent_us + 50 * MS <= back,
            };
            let mut fates = Vec::new();
            while self.flying.front().is_some_and(seen) {
                fates.extend(self.flying.pop_front());
            }
            self.estimator.report(self.now, &fates);
        }
        if self.now.is_multiple_of(REPORT) {
            self.estimator.tick(self.now, true);
            let rate = self.estimator.estimate().bits_per_second;
            self.climber.look(self.now / MS, rate);
        }
    }

    fn run(&mut self, seconds: usize) -> Vec<Second> {
        let mut seen = Vec::new();
        for _ in 0..seconds {
            self.queue_us = 0;
            for _ in 0..1_000 {
                self.step();
            }
            let estimate = self.estimator.estimate().bits_per_second;
            seen.push(Second { estimate, step: self.climber.step(), queue_ms: self.queue_us / MS });
        }
        if std::env::var_os("SHOW").is_some() {
            for (n, second) in seen.iter().enumerate() {
                println!("{n:3} {second:?}");
            }
        }
        seen
    }
}

fn changes(seconds: &[Second]) -> usize {
    seconds.windows(2).filter(|pair| pair[0].step != pair[1].step).count()
}

/// After the first ten seconds the estimate stays near what the path carries, and the step stays.
fn settles(bits_per_second: u64, step: Ladder) {
    let mut world = World::with(Link::of(bits_per_second));
    let all = world.run(90);
    let settled = &all[10..];
    let carried = bits_per_second as f64;
    for (n, second) in settled.iter().enumerate() {
        let part = f64::from(second.estimate) / carried;
        assert!((0.6..=1.3).contains(&part), "{} of {carried} in second {}", second.estimate, n + 10);
    }
    let mean = settled.iter().map(|second| f64::from(second.estimate)).sum::<f64>() / settled.len() as f64;
    assert!((0.78..=1.05).contains(&(mean / carried)), "{mean} of {carried}");
    assert!(
        changes(settled) <= 1,
        "the step goes to and fro: {:?}",
        settled.iter().map(|s| s.step).collect::<Vec<_>>()
    );
    assert_eq!(settled.last().map(|second| second.step), Some(step));
    let standing = settled.iter().filter(|second| second.queue_ms > 350).count();
    assert!(standing <= 8, "the queue was full in {standing} of {} seconds", settled.len());
}

#[test]
fn bandwidth_settles_at_300_kilobits() {
    settles(300_000, Ladder::Medium);
}

#[test]
fn bandwidth_settles_at_150_kilobits() {
    settles(150_000, Ladder::Small);
}

#[test]
fn bandwidth_settles_at_80_kilobits() {
    settles(80_000, Ladder::AudioOnly);
}

#[test]
fn bandwidth_grows_where_there_is_room() {
    let seen = World::with(Link::of(5_000_000)).run(30);
    assert!(seen.iter().all(|second| second.step == Ladder::Full));
    assert!(seen[15].estimate > 1_200_000, "{:?}", seen[15]);
}

#[test]
fn bandwidth_takes_ten_percent_of_loss_for_radio() {
    let mut link = Link::of(5_000_000);
    link.loss = 0.10;
    let seen = World::with(link).run(60);
    for second in &seen {
        assert!(second.estimate >= 600_000, "{second:?}");
        assert_eq!(second.step, Ladder::Full);
    }
}

#[test]
fn bandwidth_gives_way_to_a_path_that_drops_without_queueing() {
    let mut link = Link::of(300_000);
    link.queue_us = 60 * MS;
    let seen = World::with(link).run(60);
    let mean = seen[10..].iter().map(|second| f64::from(second.estimate)).sum::<f64>() / 50.0;
    assert!((200_000.0..=420_000.0).contains(&mean), "{mean}");
    assert!(seen[10..].iter().all(|second| second.step != Ladder::AudioOnly));
}

#[test]
fn bandwidth_gives_way_to_a_queue_before_anything_is_lost() {
    let mut link = Link::of(400_000);
    link.queue_us = 10_000 * MS;
    let seen = World::with(link).run(40);
    let longest = seen[8..].iter().map(|second| second.queue_ms).max();
    assert!(longest < Some(600), "{longest:?} ms of queue");
}

#[test]
fn bandwidth_jitter_alone_is_no_queue() {
    let mut link = Link::of(3_000_000);
    link.jitter_us = 80 * MS;
    let seen = World::with(link).run(30);
    assert!(seen.iter().all(|second| second.step == Ladder::Full && second.estimate >= 650_000), "{seen:?}");
}

#[test]
fn bandwidth_goes_down_and_comes_back_all_the_way() {
    let mut world = World::with(Link::of(2_000_000));
    assert_eq!(world.run(10)[9].step, Ladder::Full);
    world.link.bits_per_second = 80_000;
    let weak = world.run(20);
    assert!(weak.iter().take(6).any(|second| second.step == Ladder::AudioOnly), "{weak:?}");
    assert_eq!(weak[19].step, Ladder::AudioOnly);
    world.link.bits_per_second = 2_000_000;
    let strong = world.run(60);
    let back = strong.iter().position(|second| second.step == Ladder::Full);
    assert!(back.is_some_and(|second| second < 50), "{back:?} of {strong:?}");
    assert!(strong[59].estimate > 900_000, "{:?}", strong[59]);
}

#[test]
fn bandwidth_a_longer_path_is_not_a_queue_for_ever() {
    let mut world = World::with(Link::of(2_000_000));
    world.run(20);
    world.link.delay_us += 150 * MS;
    let seen = world.run(60);
    assert_eq!(seen[59].step, Ladder::Full, "{seen:?}");
}

#[test]
fn bandwidth_silence_of_the_reports_lowers_it_and_a_long_one_begins_anew() {
    let mut world = World::with(Link::of(2_000_000));
    world.run(15);
    let before = world.estimator.estimate().bits_per_second;
    assert!(before > START_BITS_PER_SECOND);
    world.estimator.tick(world.now + 500 * MS, true);
    assert_eq!(world.estimator.estimate().bits_per_second, before);
    world.estimator.tick(world.now + 800 * MS, true);
    assert!(world.estimator.estimate().bits_per_second < before);
    world.now += 10_000 * MS;
    world.flying.clear();
    world.link.delay_us += 300 * MS;
    let seen = world.run(10);
    assert!(seen.iter().all(|second| second.step == Ladder::Full), "a new path is no queue: {seen:?}");
}
