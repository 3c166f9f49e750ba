//! Cards of different heights in one long page: only those near what is visible stand in it. Heights are measured as
//! the cards are drawn; until then they are reckoned from what is in them. Pure but for [`Cards`], which keeps them.

use dioxus::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// Kept drawn above and below the visible part, in pixels.
const OVER: f64 = 1_200.0;
/// What is drawn changes only when the page has scrolled over such a step.
const STEP: f64 = 400.0;

/// What to draw, and the heights of what is left out before and after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    pub cards: Range<usize>,
    pub before: f64,
    pub after: f64,
}

/// `top`: of the visible part, from the first card; negative while something stands above the cards.
pub fn drawn(heights: impl Iterator<Item = f64>, top: f64, visible: f64) -> Drawn {
    let top = (top / STEP).floor() * STEP;
    let (from, to) = (top - OVER, top + STEP + visible.max(0.0) + OVER);
    let (mut at, mut drawn) = (0.0, Drawn { cards: 0..0, before: 0.0, after: 0.0 });
    for (n, height) in heights.enumerate() {
        let end = at + height;
        if end <= from {
            drawn.before += height;
            drawn.cards = n + 1..n + 1;
        } else if at < to {
            drawn.cards.end = n + 1;
        } else {
            drawn.after += height;
        }
        at = end;
    }
    drawn
}

/// The scrolling of one page of cards. Cheap to copy.
#[derive(Clone, Copy, PartialEq)]
pub struct Cards {
    /// In steps: changes seldom.
    top: Signal<f64>,
    visible: Signal<f64>,
    /// Of what stands above the cards.
    head: Signal<f64>,
    /// Measured, by place and number of positions: a search puts other cards there.
    heights: Signal<BTreeMap<(usize, usize), f64>>,
}

pub fn use_cards() -> Cards {
    use_hook(|| Cards {
        top: Signal::new(0.0),
        visible: Signal::new(800.0),
        head: Signal::new(400.0),
        heights: Signal::new(BTreeMap::new()),
    })
}

/// Moves by less than this change nothing.
const SAME: f64 = 0.5;

fn set(mut signal: Signal<f64>, value: f64) {
    if (*signal.peek() - value).abs() > SAME {
        signal.set(value);
    }
}

impl Cards {
    /// `positions`: of each card.
    pub fn drawn(&self, positions: impl Iterator<Item = usize>) -> Drawn {
        let heights = self.heights.read();
        let all = positions
            .enumerate()
            .map(|(at, lines)| heights.get(&(at, lines)).copied().unwrap_or_else(|| reckoned(lines)));
        drawn(all, (self.top)() - (self.head)(), (self.visible)())
    }

    pub fn scrolled(&self, top: f64) {
        set(self.top, (top / STEP).floor() * STEP);
    }

    pub fn resized(&self, height: f64) {
        if height > 0.0 {
            set(self.visible, height);
        }
    }

    pub fn head_resized(&self, height: f64) {
        set(self.head, height);
    }

    pub fn measured(mut self, at: usize, lines: usize, height: f64) {
        let known = self.heights.peek().get(&(at, lines)).copied();
        if height > 0.0 && known.is_none_or(|known| (known - height).abs() > SAME) {
            self.heights.write().insert((at, lines), height);
        }
    }
}

/// About what a card takes, in pixels: head and foot, and a line for each position.
fn reckoned(lines: usize) -> f64 {
    const CARD: f64 = 120.0;
    const LINE: f64 = 60.0;
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    f64::from(lines).mul_add(LINE, CARD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_visible_is_drawn_and_the_page_keeps_its_height() {
        let heights: Vec<f64> = (0..500).map(|n| f64::from(150 + n % 4 * 60)).collect();
        let total: f64 = heights.iter().sum();
        for top in [-700.0, 0.0, 399.0, 5_000.0, total - 800.0, total + 9_000.0] {
            let drawn = drawn(heights.iter().copied(), top, 800.0);
            let inside: f64 = heights[drawn.cards.clone()].iter().sum();
            assert!((drawn.before + inside + drawn.after - total).abs() < 0.01, "{top}");
            assert!(drawn.cards.len() < 40, "{top}: {:?}", drawn.cards);
            let mut at = 0.0;
            for (n, height) in heights.iter().enumerate() {
                let visible = at < top + 800.0 && at + height > top;
                assert!(!visible || drawn.cards.contains(&n), "{top}: {n}");
                at += height;
            }
        }
    }

    #[test]
    fn scrolling_within_a_step_changes_nothing() {
        let of = |top| drawn((0..500).map(|_| 200.0), top, 800.0);
        assert_eq!(of(4_000.0), of(4_399.0));
        assert_ne!(of(4_000.0), of(4_400.0));
        assert_eq!(drawn(std::iter::empty(), 0.0, 800.0).cards, 0..0);
    }
}
