//! The framing guide: pictures in, one sentence of advice at a time out, until the person has stayed right for a moment.
//!
//! A sentence stays at least [`SHOWN_MS`], so that it can be read (and spoken) before another takes its place. Only
//! "good" may come at once, and it ends at once. A picture is *moving* when the middle of the face went further than
//! [`STILL`] of its width in 100 ms.

use super::framing::{advice, framing};
use crate::model::{Advice, FrameFacts, Framing};
use crate::time::Timestamp;

/// A sentence is shown at least so long.
pub const SHOWN_MS: u64 = 900;
/// So long everything must be right before the pictures are taken by themselves.
pub const STEADY_MS: u64 = 800;
/// Movement of the face's middle in 100 ms, as a share of its width.
pub const STILL: f32 = 0.06;
/// Pictures further apart than this are not compared, ms.
const STALE_MS: u64 = 600;

/// See the module.
#[derive(Debug, Clone)]
pub struct Guide {
    shown: Option<(Advice, Timestamp)>,
    good_since: Option<Timestamp>,
    last: Option<Seen>,
    framing: Vec<Framing>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Timestamp,
    middle: (f32, f32),
    width: f32,
}

impl Default for Guide {
    fn default() -> Self {
        Self::new()
    }
}

impl Guide {
    pub const fn new() -> Self {
        Self { shown: None, good_since: None, last: None, framing: Vec::new() }
    }

    /// A picture taken at `now`.
    pub fn picture(&mut self, now: Timestamp, facts: &FrameFacts) {
        let mut wrong = framing(facts);
        let seen = facts.face.filter(|_| wrong != [Framing::NoFace]).map(|face| {
            let [x, y, w, h] = face.bounds;
            Seen {
                at: now,
                middle: ((x + w / 2.0) / facts.width, (y + h / 2.0) / facts.width),
                width: w / facts.width,
            }
        });
        if let (Some(seen), Some(last)) = (seen, self.last)
            && moving(&last, &seen)
        {
            wrong.push(Framing::Moving);
            wrong.sort_unstable();
        }
        self.last = seen;
        let next = wrong.first().map_or(Advice::Good, |framing| advice(*framing));
        self.framing = wrong;
        if next == Advice::Good {
            self.good_since.get_or_insert(now);
        } else {
            self.good_since = None;
        }
        let stays = self.shown.is_some_and(|(shown, since)| {
            shown == next
                || (shown != Advice::Good && next != Advice::Good && now.0.saturating_sub(since.0) < SHOWN_MS)
        });
        if !stays {
            self.shown = Some((next, now));
        }
    }

    /// The sentence to show; `None` before the first picture.
    pub fn advice(&self) -> Option<Advice> {
        self.shown.map(|(advice, _)| advice)
    }

    /// Faults of the last picture.
    pub fn framing(&self) -> &[Framing] {
        &self.framing
    }

    /// How much of the steady moment has passed, 0..1; 1: take the pictures.
    pub fn steady(&self, now: Timestamp) -> f32 {
        self.good_since
            .map_or(0.0, |since| (now.0.saturating_sub(since.0) as f32 / STEADY_MS as f32).min(1.0))
    }
}

fn moving(last: &Seen, seen: &Seen) -> bool {
    let passed = seen.at.0.saturating_sub(last.at.0);
    if passed == 0 || passed > STALE_MS {
        return false;
    }
    let (dx, dy) = (seen.middle.0 - last.middle.0, seen.middle.1 - last.middle.1);
    let way = dx.hypot(dy) / last.width.max(f32::EPSILON);
    way * 100.0 / passed as f32 > STILL
}
