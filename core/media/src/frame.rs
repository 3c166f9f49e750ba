//! One picture in memory: planar YUV 4:2:0 (I420), BT.601 limited range, with the moment it was
//! captured. Conversions from what cameras deliver, scaling, and turning upright live here.
//!
//! It never holds a picture with odd sides: 4:2:0 chroma has no half sample.

use std::sync::OnceLock;
use std::time::Instant;

use bytes::Bytes;

/// Milliseconds since the process first asked, never going back. Only differences mean anything.
pub fn now_ms() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_millis() as u64
}

/// How far a picture must be turned clockwise to stand upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Rotation {
    /// Quarter turns clockwise, 0 to 3.
    pub fn quarters(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Quarter => 1,
            Self::Half => 2,
            Self::ThreeQuarters => 3,
        }
    }

    /// From clockwise degrees, any multiple of 90.
    pub fn from_degrees(degrees: i32) -> Self {
        match degrees.rem_euclid(360) / 90 {
            1 => Self::Quarter,
            2 => Self::Half,
            3 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }
}

/// A picture: `width × height` luma samples, then two chroma planes of half the sides, tightly packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct I420Frame {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3 / 2` bytes: Y, U, V.
    pub data: Bytes,
    /// Local pictures: [`now_ms`] at capture. Decoded pictures: the sender's RTP clock in milliseconds.
    pub captured_ms: u64,
    pub rotation: Rotation,
}

/// Largest side accepted, in samples; beyond it a peer or a driver is broken.
pub const MAX_SIDE: u32 = 4096;

pub(crate) fn sides_are_usable(width: u32, height: u32) -> bool {
    width >= 2
        && height >= 2
        && width.is_multiple_of(2)
        && height.is_multiple_of(2)
        && width <= MAX_SIDE
        && height <= MAX_SIDE
}

impl I420Frame {
    /// Bytes of a packed picture.
    pub fn len_of(width: u32, height: u32) -> usize {
        width as usize * height as usize * 3 / 2
    }

    /// Wraps packed planes. `None` when the sides are odd, zero or huge, or the length does not match.
    pub fn new(width: u32, height: u32, data: Bytes, captured_ms: u64) -> Option<Self> {
        (sides_are_usable(width, height) && data.len() == Self::len_of(width, height)).then_some(Self {
            width,
            height,
            data,
            captured_ms,
            rotation: Rotation::None,
        })
    }

    /// Copies three planes with strides (bytes per row) into a packed picture.
    pub fn from_planes(
        width: u32,
        height: u32,
        planes: [&[u8]; 3],
        strides: [usize; 3],
        captured_ms: u64,
    ) -> Option<Self> {
        if !sides_are_usable(width, height) {
            return None;
        }
        let (w, h) = (width as usize, height as usize);
        let mut data = Vec::with_capacity(Self::len_of(width, height));
        for (plane, stride, w, h) in [
            (planes[0], strides[0], w, h),
            (planes[1], strides[1], w / 2, h / 2),
            (planes[2], strides[2], w / 2, h / 2),
        ] {
            for row in 0..h {
                data.extend_from_slice(plane.get(row * stride..row * stride + w)?);
            }
        }
        Self::new(width, height, data.into(), captured_ms)
    }

    /// Packed YUYV (YUY2, 4:2:2): chroma of two rows is averaged, rounding up.
    pub fn from_yuyv(width: u32, height: u32, pixels: &[u8], captured_ms: u64) -> Option<Self> {
        let (w, h) = (width as usize, height as usize);
        if !sides_are_usable(width, height) || pixels.len() < w * h * 2 {
            return None;
        }
        let mut data = vec![0; Self::len_of(width, height)];
        let (luma, chroma) = data.split_at_mut(w * h);
        let (blue, red) = chroma.split_at_mut(w * h / 4);
        for (sample, pair) in luma.iter_mut().zip(pixels.chunks_exact(2)) {
            *sample = pair[0];
        }
        for row in 0..h / 2 {
            let upper = &pixels[row * 2 * w * 2..];
            let lower = &pixels[(row * 2 + 1) * w * 2..];
            for column in 0..w / 2 {
                let at = column * 4;
                blue[row * w / 2 + column] = upper[at + 1].midpoint_up(lower[at + 1]);
                red[row * w / 2 + column] = upper[at + 3].midpoint_up(lower[at + 3]);
            }
        }
        Self::new(width, height, data.into(), captured_ms)
    }

    /// NV12: a luma plane, then interleaved U and V.
    pub fn from_nv12(width: u32, height: u32, pixels: &[u8], captured_ms: u64) -> Option<Self> {
        let (w, h) = (width as usize, height as usize);
        if !sides_are_usable(width, height) || pixels.len() < Self::len_of(width, height) {
            return None;
        }
        let mut data = Vec::with_capacity(Self::len_of(width, height));
        let (luma, chroma) = pixels[..Self::len_of(width, height)].split_at(w * h);
        data.extend_from_slice(luma);
        data.extend(chroma.iter().step_by(2));
        data.extend(chroma.iter().skip(1).step_by(2));
        Self::new(width, height, data.into(), captured_ms)
    }

    /// Packed 8-bit RGB. Integer form of ITU-R BT.601 in limited range (Y 16-235, C 16-240); chroma is
    /// taken from the mean of each 2×2 block.
    pub fn from_rgb(width: u32, height: u32, pixels: &[u8], captured_ms: u64) -> Option<Self> {
        let (w, h) = (width as usize, height as usize);
        if !sides_are_usable(width, height) || pixels.len() < w * h * 3 {
            return None;
        }
        let mut data = vec![0; Self::len_of(width, height)];
        let (luma, chroma) = data.split_at_mut(w * h);
        let (blue, red) = chroma.split_at_mut(w * h / 4);
        for (sample, rgb) in luma.iter_mut().zip(pixels.chunks_exact(3)) {
            let [r, g, b] = [i32::from(rgb[0]), i32::from(rgb[1]), i32::from(rgb[2])];
            *sample = (((66 * r + 129 * g + 25 * b + 128) >> 8) + 16) as u8;
        }
        for row in 0..h / 2 {
            for column in 0..w / 2 {
                let mut sum = [0_i32; 3];
                for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let at = ((row * 2 + dy) * w + column * 2 + dx) * 3;
                    for (total, value) in sum.iter_mut().zip(&pixels[at..at + 3]) {
                        *total += i32::from(*value);
                    }
                }
                let [r, g, b] = sum.map(|total| (total + 2) >> 2);
                blue[row * w / 2 + column] = (((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128) as u8;
                red[row * w / 2 + column] = (((112 * r - 94 * g - 18 * b + 128) >> 8) + 128) as u8;
            }
        }
        Self::new(width, height, data.into(), captured_ms)
    }

    pub fn luma(&self) -> &[u8] {
        &self.data[..(self.width * self.height) as usize]
    }

    /// Y, U and V, tightly packed.
    pub fn planes(&self) -> [&[u8]; 3] {
        let (luma, chroma) = self.data.split_at((self.width * self.height) as usize);
        let (blue, red) = chroma.split_at(chroma.len() / 2);
        [luma, blue, red]
    }

    /// The same picture turned so that `rotation` is [`Rotation::None`].
    #[must_use]
    pub fn upright(self) -> Self {
        if self.rotation == Rotation::None {
            return self;
        }
        let (width, height) = match self.rotation {
            Rotation::Quarter | Rotation::ThreeQuarters => (self.height, self.width),
            Rotation::None | Rotation::Half => (self.width, self.height),
        };
        let mut data = Vec::with_capacity(self.data.len());
        for (index, plane) in self.planes().into_iter().enumerate() {
            let half = if index == 0 { 1 } else { 2 };
            let (w, h) = (self.width as usize / half, self.height as usize / half);
            match self.rotation {
                Rotation::None | Rotation::Half => data.extend(plane.iter().rev()),
                Rotation::Quarter => {
                    for x in 0..w {
                        data.extend((0..h).rev().map(|y| plane[y * w + x]));
                    }
                }
                Rotation::ThreeQuarters => {
                    for x in (0..w).rev() {
                        data.extend((0..h).map(|y| plane[y * w + x]));
                    }
                }
            }
        }
        Self { width, height, data: data.into(), captured_ms: self.captured_ms, rotation: Rotation::None }
    }

    /// The largest even sides of this picture's shape inside `long × short`, portrait or landscape as the
    /// picture is, never enlarging.
    pub fn sides_within(&self, long: u32, short: u32) -> (u32, u32) {
        let (box_w, box_h) = if self.width >= self.height { (long, short) } else { (short, long) };
        if self.width <= box_w && self.height <= box_h {
            return (self.width, self.height);
        }
        // Compare box_w / width with box_h / height without dividing.
        let (w, h) = if u64::from(box_w) * u64::from(self.height) <= u64::from(box_h) * u64::from(self.width)
        {
            (box_w, (u64::from(self.height) * u64::from(box_w) / u64::from(self.width)) as u32)
        } else {
            ((u64::from(self.width) * u64::from(box_h) / u64::from(self.height)) as u32, box_h)
        };
        ((w & !1).max(2), (h & !1).max(2))
    }

    /// Bilinear scaling of all planes. Sides must be even; an unchanged size is free.
    #[must_use]
    pub fn scaled(&self, width: u32, height: u32) -> Self {
        if (width, height) == (self.width, self.height) || !sides_are_usable(width, height) {
            return self.clone();
        }
        let mut data = Vec::with_capacity(Self::len_of(width, height));
        for (index, plane) in self.planes().into_iter().enumerate() {
            let half = if index == 0 { 1 } else { 2 };
            scale_plane(
                plane,
                (self.width as usize / half, self.height as usize / half),
                (width as usize / half, height as usize / half),
                &mut data,
            );
        }
        Self { width, height, data: data.into(), captured_ms: self.captured_ms, rotation: self.rotation }
    }
}

/// Position and weight (in 1/256) of the source sample left of each target sample's centre.
fn taps(from: usize, to: usize) -> Vec<(usize, u32)> {
    (0..to)
        .map(|index| {
            let centre = ((2 * index + 1) * from * 128 / to).saturating_sub(128);
            let left = (centre / 256).min(from - 1);
            (left, if left + 1 < from { (centre % 256) as u32 } else { 0 })
        })
        .collect()
}

fn scale_plane(plane: &[u8], from: (usize, usize), to: (usize, usize), out: &mut Vec<u8>) {
    let columns = taps(from.0, to.0);
    for (top, down) in taps(from.1, to.1) {
        let upper = &plane[top * from.0..(top + 1) * from.0];
        let below = if down == 0 { top } else { top + 1 };
        let lower = &plane[below * from.0..(below + 1) * from.0];
        out.extend(columns.iter().map(|&(left, right)| {
            let next = if right == 0 { left } else { left + 1 };
            let a = u32::from(upper[left]) * (256 - right) + u32::from(upper[next]) * right;
            let b = u32::from(lower[left]) * (256 - right) + u32::from(lower[next]) * right;
            ((a * (256 - down) + b * down + (1 << 15)) >> 16) as u8
        }));
    }
}

trait MidpointUp {
    fn midpoint_up(self, other: Self) -> Self;
}

impl MidpointUp for u8 {
    fn midpoint_up(self, other: Self) -> Self {
        (u16::from(self) + u16::from(other)).div_ceil(2) as u8
    }
}
