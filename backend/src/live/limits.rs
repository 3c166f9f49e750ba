//! How much one socket may say.

use crate::turn::Bucket;
use miantan_domain::ids::CallId;
use std::time::{Duration, Instant};

/// Frames a second, and at once after a pause. A call's set-up is about 40 frames.
pub const FRAMES_PER_S: u64 = 50;
pub const FRAMES_BURST: u64 = 200;
/// What a frame that is none costs.
pub const RUBBISH_COST: u64 = 5;
/// So many frames over the limit in a row end the socket.
pub const PATIENCE: u32 = 200;
/// Signals of one call a second, and at once: two descriptions and some 30 candidates for each
/// negotiation, and an ICE restart every few seconds at the very worst.
pub const SIGNALS_PER_S: u64 = 10;
pub const SIGNALS_BURST: u64 = 120;

/// Frames of conversations a second, and at once: a device that was away for long sends a thousand
/// messages. Beyond that the socket is read no faster; nothing is dropped.
pub const TALK_PER_S: u64 = 100;
pub const TALK_BURST: u64 = 2_500;

/// What to do with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// Over the limit: not read. `tell`: answer so, once for each time it goes over.
    Drop {
        tell: bool,
    },
    /// Too long over the limit: close.
    End,
}

/// The limits of one socket.
pub struct Flood {
    frames: Bucket,
    over: u32,
    signals: Option<(CallId, Bucket)>,
    talk: Bucket,
}

impl Flood {
    pub fn new(at: Instant) -> Self {
        Self {
            frames: Bucket::full(FRAMES_BURST, at),
            over: 0,
            signals: None,
            talk: Bucket::full(TALK_BURST, at),
        }
    }

    /// A frame has come.
    pub fn frame(&mut self, at: Instant) -> Verdict {
        if self.frames.take(1, FRAMES_PER_S, FRAMES_BURST, at) {
            self.over = 0;
            return Verdict::Take;
        }
        self.over += 1;
        if self.over > PATIENCE { Verdict::End } else { Verdict::Drop { tell: self.over == 1 } }
    }

    /// The frame was rubbish: it costs more than it has cost already.
    pub fn rubbish(&mut self, at: Instant) {
        // an empty purse stays empty; what is left of it is taken
        for _ in 1..RUBBISH_COST {
            self.frames.take(1, FRAMES_PER_S, FRAMES_BURST, at);
        }
    }

    /// A frame of a conversation has come: how long to wait before the next one is read.
    pub fn talk(&mut self, at: Instant) -> Duration {
        if self.talk.take(1, TALK_PER_S, TALK_BURST, at) {
            Duration::ZERO
        } else {
            Duration::from_millis(1_000 / TALK_PER_S)
        }
    }

    /// Whether one more signal of this call passes.
    pub fn signal(&mut self, call: CallId, at: Instant) -> bool {
        let bucket = match &mut self.signals {
            Some((of, bucket)) if *of == call => bucket,
            other => &mut other.insert((call, Bucket::full(SIGNALS_BURST, at))).1,
        };
        bucket.take(1, SIGNALS_PER_S, SIGNALS_BURST, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_honest_device_is_never_held_up() {
        let start = Instant::now();
        let mut flood = Flood::new(start);
        for n in 0..10_000_u64 {
            assert_eq!(flood.frame(start + Duration::from_millis(n * 20)), Verdict::Take);
        }
    }

    #[test]
    fn a_flood_is_told_once_then_dropped_then_ended() {
        let start = Instant::now();
        let mut flood = Flood::new(start);
        let verdicts: Vec<Verdict> =
            (0..=FRAMES_BURST + u64::from(PATIENCE)).map(|_| flood.frame(start)).collect();
        let taken = verdicts.iter().filter(|v| **v == Verdict::Take).count() as u64;
        let told = verdicts.iter().filter(|v| **v == Verdict::Drop { tell: true }).count();
        assert_eq!((taken, told, verdicts.last()), (FRAMES_BURST, 1, Some(&Verdict::End)));
    }

    #[test]
    fn rubbish_costs_five_times_as_much() {
        let start = Instant::now();
        let mut flood = Flood::new(start);
        let mut taken = 0;
        while flood.frame(start) == Verdict::Take {
            flood.rubbish(start);
            taken += 1;
        }
        assert_eq!(taken, FRAMES_BURST / RUBBISH_COST);
    }

    #[test]
    fn a_thousand_messages_at_once_are_read_at_once_and_a_flood_slowly() {
        let start = Instant::now();
        let mut flood = Flood::new(start);
        // each with the word that it was read
        assert!((0..2_000).all(|_| flood.talk(start).is_zero()));
        let mut at = start;
        let waits = (0..10_000).map(|_| {
            let wait = flood.talk(at);
            at += wait;
            wait
        });
        let waited: Duration = waits.sum();
        assert!(waited >= Duration::from_secs(40), "{waited:?}");
        assert_eq!(flood.frame(at), Verdict::Take, "other frames have a purse of their own");
    }

    #[test]
    fn each_call_has_its_own_signals() {
        let start = Instant::now();
        let mut flood = Flood::new(start);
        let call = |n| CallId(Uuid::from_u128(n));
        let passed = (0..500).filter(|_| flood.signal(call(1), start)).count();
        assert_eq!(passed as u64, SIGNALS_BURST);
        assert!(flood.signal(call(2), start));
    }
}
