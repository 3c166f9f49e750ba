//! What a page is made of. Lengths in points (1/72 inch), y downwards from the top of the page.

use super::shape::Line;

pub(super) const PAGE_WIDTH: f32 = 595.276;
pub(super) const PAGE_HEIGHT: f32 = 841.89;
pub(super) const SIDE: f32 = 54.0;
pub(super) const TOP: f32 = 52.0;
/// Top of the text on the pages after the first, below the small header.
pub(super) const TOP_LATER: f32 = 74.0;
pub(super) const BOTTOM: f32 = 58.0;
pub(super) const CONTENT: f32 = PAGE_WIDTH - 2.0 * SIDE;
/// The photo of a Chinese résumé: one inch, 25 × 35 mm.
pub(super) const PHOTO_WIDTH: f32 = 70.87;
pub(super) const PHOTO_HEIGHT: f32 = 99.21;

/// The few colours, as sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Names and places.
    Dark,
    /// Running text.
    Text,
    /// Periods, headers, page numbers.
    Quiet,
    /// Headings; the app's accent.
    Accent,
    /// Lines.
    Hair,
    /// The ground of a skill.
    Soft,
}

impl Ink {
    pub(super) const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Dark => (0x15, 0x1B, 0x2C),
            Self::Text => (0x33, 0x3B, 0x4D),
            Self::Quiet => (0x6A, 0x72, 0x85),
            Self::Accent => (0x31, 0x56, 0xE0),
            Self::Hair => (0xD8, 0xDD, 0xE8),
            Self::Soft => (0xEE, 0xF2, 0xFD),
        }
    }
}

/// A thing drawn at a place.
pub(super) enum Mark {
    /// `y` is the baseline.
    Text { x: f32, y: f32, size: f32, ink: Ink, line: Line },
    /// A filled rectangle with round corners (radius 0: sharp).
    Box { x: f32, y: f32, width: f32, height: f32, radius: f32, ink: Ink },
    /// The photo, upright, JPEG, of the shape [`PHOTO_WIDTH`] × [`PHOTO_HEIGHT`].
    Photo { x: f32, y: f32 },
}

impl Mark {
    /// Moves it down.
    pub(super) fn down(self, by: f32) -> Self {
        match self {
            Self::Text { x, y, size, ink, line } => Self::Text { x, y: y + by, size, ink, line },
            Self::Box { x, y, width, height, radius, ink } => {
                Self::Box { x, y: y + by, width, height, radius, ink }
            }
            Self::Photo { x, y } => Self::Photo { x, y: y + by },
        }
    }
}

/// A strip over the width of the page that is never cut.
#[derive(Default)]
pub(super) struct Strip {
    pub height: f32,
    /// Space above, left out at the top of a page.
    pub before: f32,
    /// Stays with the next strip on one page.
    pub keep: bool,
    /// With y from the strip's top.
    pub marks: Vec<Mark>,
}

/// The marks of every page.
pub(super) struct Book {
    pub pages: Vec<Vec<Mark>>,
    pub photo: Option<Vec<u8>>,
}
