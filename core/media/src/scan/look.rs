//! One look at one picture: the texts of the QR codes in it. Pure.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Modules of the smallest code (version 1), one sample each: nothing smaller can be one.
const LEAST_SIDE: u32 = 21;

/// How a picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Dark modules on light ground, every sample.
    Plain,
    /// Light modules on dark ground (a page in a dark theme).
    Inverted,
    /// Plain at half the sides: averages out noise, and the stripes of a photographed screen.
    Half,
    /// Plain, the middle half of the picture at twice the sides: a small or far code, which the finder fits too
    /// roughly at its own size (of codes with 3 samples a module it reads 20 in 24, doubled 24).
    Close,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Close, Self::Inverted, Self::Half];
}

/// The texts of all QR codes in a picture, the one nearest the middle first; each text once. `luma` is
/// `width × height` samples, tightly packed, any sides; what is shorter or not a picture has no codes. Every way of
/// looking is tried, so this takes up to some hundred milliseconds.
pub fn texts_in(width: u32, height: u32, luma: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    for kind in Kind::ALL {
        for text in look(width, height, luma, kind) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    texts
}

pub(super) fn look(width: u32, height: u32, luma: &[u8], kind: Kind) -> Vec<String> {
    let (w, h) = (width as usize, height as usize);
    if width < LEAST_SIDE || height < LEAST_SIDE || w.checked_mul(h).is_none_or(|size| luma.len() < size) {
        return Vec::new();
    }
    // The picture is whatever the world holds up: a detector that stumbles over it misses one look, no more.
    catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Plain => read(w, h, |x, y| luma[y * w + x]),
        Kind::Inverted => read(w, h, |x, y| 255 - luma[y * w + x]),
        Kind::Half => read(w / 2, h / 2, |x, y| mean(luma, w, x, y)),
        Kind::Close => read(w / 2 * 2, h / 2 * 2, |x, y| doubled(luma, w, h, x, y)),
    }))
    .unwrap_or_else(|_| {
        tracing::warn!("a picture could not be looked at");
        Vec::new()
    })
}

/// Mean of a 2×2 block.
fn mean(luma: &[u8], w: usize, x: usize, y: usize) -> u8 {
    let at = 2 * y * w + 2 * x;
    let sum =
        u16::from(luma[at]) + u16::from(luma[at + 1]) + u16::from(luma[at + w]) + u16::from(luma[at + w + 1]);
    ((sum + 2) / 4) as u8
}

/// Bilinear, for the middle half: each sample of the doubled picture lies a quarter beside the centre of one of the
/// source, whose nearer neighbour counts 3 : 1. The middle half has neighbours on all sides.
fn doubled(luma: &[u8], w: usize, h: usize, x: usize, y: usize) -> u8 {
    let beside = |at: usize, odd: usize| if odd == 1 { at + 1 } else { at - 1 };
    let (near_x, near_y) = (w / 4 + x / 2, h / 4 + y / 2);
    let (far_x, far_y) = (beside(near_x, x % 2), beside(near_y, y % 2));
    let row = |y: usize| 3 * u16::from(luma[y * w + near_x]) + u16::from(luma[y * w + far_x]);
    ((3 * row(near_y) + row(far_y) + 8) / 16) as u8
}

fn read(w: usize, h: usize, sample: impl FnMut(usize, usize) -> u8) -> Vec<String> {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(w, h, sample);
    let (middle_x, middle_y) = (w as i64 / 2, h as i64 / 2);
    let mut found: Vec<(i64, String)> = Vec::new();
    for grid in picture.detect_grids() {
        let mut bytes = Vec::new();
        // Err: it looked like a code from afar, or too much of it is covered.
        if grid.decode_to(&mut bytes).is_err() {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let sum = grid.bounds.iter().fold((0, 0), |(x, y), p| (x + i64::from(p.x), y + i64::from(p.y)));
        let (x, y) = (sum.0 / 4 - middle_x, sum.1 / 4 - middle_y);
        if !text.is_empty() && found.iter().all(|(_, known)| *known != text) {
            // Saturating: a grid fitted badly may reach far beyond the picture.
            found.push((x.saturating_mul(x).saturating_add(y.saturating_mul(y)), text));
        }
    }
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, text)| text).collect()
}
