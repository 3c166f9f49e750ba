//! Long lists of rows that are all equally high: only those near the visible part stand in the page. The screen draws
//! the rows itself; [`Rows`] says which, and where.
//!
//! The height of a row is measured (a ruler row of the same class), not assumed: it grows with the size of the text.

use dioxus::prelude::*;
use std::ops::Range;

/// Rows kept ready above and below the visible part.
const OVERSCAN: usize = 16;
/// The rows drawn change only when the first visible one has moved over such a step: scrolling within it costs nothing.
const STEP: usize = 4;
/// Never more rows than this in the page, however high the window is.
pub const ROWS_MAX: usize = 80;
/// The height of a row in pixels until one was measured; never a real one, so that the first measurement counts.
pub const ROW_GUESS: f64 = 93.5;

/// Which rows stand in the page. `first`: the first visible one, `visible`: how many fit the window.
pub fn window(first: usize, visible: usize, count: usize) -> Range<usize> {
    let first = first.min(count) / STEP * STEP;
    let from = first.saturating_sub(OVERSCAN);
    let to = first.saturating_add(visible).saturating_add(STEP + OVERSCAN).min(count);
    from..to.min(from + ROWS_MAX)
}

/// How many rows of a height fit, and one more that is cut.
pub fn visible(height: f64, row: f64) -> usize {
    if row > 0.0 && height.is_finite() { whole(height / row) + 1 } else { 1 }
}

/// The first row that is visible at a scroll position.
pub fn first(top: f64, row: f64) -> usize {
    if row > 0.0 { whole(top / row) } else { 0 }
}

/// By how many rows what is visible has moved in a list that changed: the middle one of the moves of the first rows
/// that are visible, so that one of them going to the top does not take all along.
pub fn moved<Id: PartialEq>(before: &[Id], now: &[Id], first: usize) -> isize {
    let mut moves: Vec<isize> = before
        .iter()
        .enumerate()
        .skip(first)
        .take(5)
        .filter_map(|(at, id)| {
            let to = now.iter().position(|other| other == id)?;
            Some(to.cast_signed() - at.cast_signed())
        })
        .collect();
    moves.sort_unstable();
    moves.get(moves.len() / 2).copied().unwrap_or(0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, and small")]
fn whole(n: f64) -> usize {
    if n.is_finite() { n.max(0.0).floor() as usize } else { 0 }
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52 rows")]
fn float(n: usize) -> f64 {
    n as f64
}

/// The state of one list's scrolling. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Rows {
    /// Where it is scrolled to, in pixels; read without drawing anew.
    top: CopyValue<f64>,
    /// The first visible row, in steps: changes seldom.
    first: Signal<usize>,
    height: Signal<f64>,
    row: Signal<f64>,
}

/// `top`: where the list was left.
pub fn use_rows(top: f64) -> Rows {
    use_hook(|| Rows {
        top: CopyValue::new(top),
        first: Signal::new(0),
        height: Signal::new(800.0),
        row: Signal::new(ROW_GUESS),
    })
}

impl Rows {
    /// The rows to draw of `count`.
    pub fn window(&self, count: usize) -> Range<usize> {
        let row = (self.row)();
        // a list that has become shorter cannot be scrolled as far
        let highest = (float(count) * row - (self.height)()).max(0.0);
        let first = (self.first)().min(first(highest, row));
        window(first, visible((self.height)(), row), count)
    }

    /// The height of all rows, in pixels.
    pub fn total(&self, count: usize) -> f64 {
        float(count) * (self.row)()
    }

    /// Where a row stands, in pixels from the top.
    pub fn offset(&self, at: usize) -> f64 {
        float(at) * (self.row)()
    }

    pub fn top(&self) -> f64 {
        *self.top.peek()
    }

    /// The first row that is visible now.
    pub fn first_visible(&self) -> usize {
        first(self.top(), *self.row.peek())
    }

    /// The page scrolled.
    pub fn scrolled(&mut self, top: f64) {
        self.top.set(top);
        let first = first(top, *self.row.peek()) / STEP * STEP;
        if *self.first.peek() != first {
            self.first.set(first);
        }
    }

    /// The window of the list got another height.
    pub fn resized(&mut self, height: f64) {
        if height > 0.0 && (*self.height.peek() - height).abs() > 0.5 {
            self.height.set(height);
        }
    }

    /// A row was measured. Returns the scroll position that shows the same rows as before.
    pub fn measured(&mut self, row: f64) -> Option<f64> {
        let before = *self.row.peek();
        if row <= 0.0 || (before - row).abs() < 0.25 {
            return None;
        }
        self.row.set(row);
        let top = self.top() / before * row;
        self.scrolled(top);
        Some(top)
    }

    /// The pixels of so many rows, for moving along with them.
    pub fn pixels(&self, rows: isize) -> f64 {
        let row = *self.row.peek();
        if rows < 0 { -float(rows.unsigned_abs()) * row } else { float(rows.unsigned_abs()) * row }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_all_that_is_visible_and_never_too_much() {
        for count in [0, 1, 9, 80, 81, 10_000] {
            for first in [0, 1, 3, 5, 50, 5_000, 9_999, 20_000] {
                for visible in [1, 9, 30] {
                    let rows = window(first, visible, count);
                    assert!(rows.len() <= ROWS_MAX, "{rows:?}");
                    assert!(rows.end <= count && rows.start <= rows.end, "{rows:?}");
                    if first < count {
                        let last = (first + visible).min(count);
                        assert!(
                            rows.start <= first && last <= rows.end,
                            "{first}+{visible} of {count}: {rows:?}"
                        );
                    }
                }
            }
        }
        // a window of any height
        assert_eq!(window(100, 400, 10_000).len(), ROWS_MAX);
    }

    #[test]
    fn positions_become_rows() {
        assert_eq!([first(0.0, 80.0), first(79.9, 80.0), first(80.0, 80.0)], [0, 0, 1]);
        assert_eq!([first(-30.0, 80.0), first(f64::NAN, 80.0), first(10.0, 0.0)], [0, 0, 0]);
        assert_eq!(visible(800.0, 80.0), 11);
        assert_eq!(visible(800.0, 0.0), 1);
    }

    #[test]
    fn what_is_visible_stays_when_others_come_before_it() {
        let before = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(moved(&before, &before, 3), 0);
        // a new one on top
        assert_eq!(moved(&before, &[9, 1, 2, 3, 4, 5, 6, 7, 8], 3), 1);
        // one from below goes to the top
        assert_eq!(moved(&before, &[8, 1, 2, 3, 4, 5, 6, 7], 2), 1);
        // the first visible one itself goes to the top: what follows it stays where it is
        assert_eq!(moved(&before, &[3, 1, 2, 4, 5, 6, 7, 8], 2), 0);
        // nothing of it is left
        assert_eq!(moved(&before, &[10, 11], 2), 0);
    }
}
