//! The work image: the picture shrunk so that its longer side is at most [`WORK_SIDE`], by exact area averaging, as blue,
//! green and red planes of `f32` (0..255) that lie in memory as the detector wants them, and as luma. One pass over the
//! source converts and shrinks. Source: `spec.work_image` and `spec.quality.luma` of faces/expected.json.
//!
//! The planes are padded with zeros on the right and below to multiples of 32. Values of shrunk or camera pictures are not
//! rounded.

use crate::picture::{Picture, Pixels};
use crate::resample::{Axis, mix_columns, mix_rows};

/// Longer side of the work image. All coordinates that leave this crate are in pixels of an image of this size.
pub(crate) const WORK_SIDE: usize = 640;
/// Longer side for the preview: enough to find faces that are near enough, at a quarter of the cost.
pub(crate) const PREVIEW_SIDE: usize = 320;
/// The detector's coarsest stride.
const PADDING: usize = 32;

/// Sides within `longest`, never enlarged, rounded to the nearest, at least 1.
pub(crate) fn fitted((width, height): (usize, usize), longest: usize) -> (usize, usize) {
    let longer = width.max(height);
    if longer <= longest {
        return (width, height);
    }
    let side = |side: usize| ((side * longest) as f64 / longer as f64).round().max(1.0) as usize;
    (side(width), side(height))
}

/// Blue, green and red.
#[derive(Debug, Default)]
pub(crate) struct Planes {
    pub width: usize,
    pub height: usize,
    stride: usize,
    rows: usize,
    data: Vec<f32>,
}

impl Planes {
    fn resize(&mut self, (width, height): (usize, usize)) {
        if (self.width, self.height) == (width, height) {
            return;
        }
        (self.width, self.height) = (width, height);
        (self.stride, self.rows) = (width.next_multiple_of(PADDING), height.next_multiple_of(PADDING));
        self.data.clear();
        self.data.resize(self.stride * self.rows * 3, 0.0);
    }

    /// Full of what is no number.
    #[cfg(test)]
    pub fn of_nothing(width: usize, height: usize) -> Self {
        let mut planes = Self::default();
        planes.resize((width, height));
        planes.data.fill(f32::NAN);
        planes
    }

    /// Of the padded tensor: 1, 3, rows, columns.
    pub fn shape(&self) -> [usize; 4] {
        [1, 3, self.rows, self.stride]
    }

    pub fn tensor(&self) -> &[f32] {
        &self.data
    }

    pub fn stride(&self) -> usize {
        self.stride
    }

    /// 0: blue, 1: green, 2: red.
    pub fn plane(&self, colour: usize) -> &[f32] {
        let size = self.stride * self.rows;
        &self.data[colour * size..(colour + 1) * size]
    }

    fn row_mut(&mut self, row: usize) -> [&mut [f32]; 3] {
        let size = self.stride * self.rows;
        let (blue, rest) = self.data.split_at_mut(size);
        let (green, red) = rest.split_at_mut(size);
        [blue, green, red].map(|plane| &mut plane[row * self.stride..row * self.stride + self.width])
    }
}

/// Brightness as people see it, 0..255, not rounded, tightly packed.
#[derive(Debug, Default)]
pub(crate) struct Luma {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Luma {
    fn resize(&mut self, (width, height): (usize, usize)) {
        (self.width, self.height) = (width, height);
        self.data.resize(width * height, 0.0);
    }

    fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.data[row * self.width..(row + 1) * self.width]
    }
}

/// Makes work images; keeps its taps and rows for the next picture of the same size.
#[derive(Debug, Default)]
pub(crate) struct Shrinker {
    columns: Axis,
    rows: Axis,
    chroma_columns: Axis,
    chroma_rows: Axis,
    mixed: Vec<f32>,
    /// One row of the target: Y, U, V or R, G, B.
    row: [Vec<f32>; 3],
}

impl Shrinker {
    /// Fills `luma` or `planes` or both with the picture at the given sides, which are not larger than its own.
    pub fn fill(
        &mut self,
        picture: &Picture<'_>,
        sides: (usize, usize),
        mut luma: Option<&mut Luma>,
        mut planes: Option<&mut Planes>,
    ) {
        if let Some(luma) = &mut luma {
            luma.resize(sides);
        }
        if let Some(planes) = &mut planes {
            planes.resize(sides);
        }
        let same = picture.sides() == sides;
        for row in &mut self.row {
            row.resize(sides.0, 0.0);
        }
        self.prepare(picture.sides(), sides);
        for y in 0..sides.1 {
            match picture.pixels() {
                Pixels::I420 { planes: source, strides } => {
                    self.luma_row(source[0], strides[0], picture.sides().0, y, same);
                    if let Some(luma) = &mut luma {
                        expand(&self.row[0], luma.row_mut(y));
                    }
                    if let Some(planes) = &mut planes {
                        for (channel, (source, stride)) in source.iter().zip(strides).enumerate().skip(1) {
                            self.chroma_row(channel, source, *stride, picture.sides().0.div_ceil(2), y, same);
                        }
                        yuv_row(&self.row, planes.row_mut(y));
                    }
                }
                Pixels::Rgb(source) => {
                    self.rgb_row(source, picture.sides().0, y, same);
                    if let Some(luma) = &mut luma {
                        rgb_luma_row(&self.row, luma.row_mut(y));
                    }
                    if let Some(planes) = &mut planes {
                        let [blue, green, red] = planes.row_mut(y);
                        red.copy_from_slice(&self.row[0]);
                        green.copy_from_slice(&self.row[1]);
                        blue.copy_from_slice(&self.row[2]);
                    }
                }
            }
        }
    }

    fn prepare(&mut self, from: (usize, usize), to: (usize, usize)) {
        if from == to {
            return;
        }
        self.columns.area(from.0 as f64, from.0, to.0);
        self.rows.area(from.1 as f64, from.1, to.1);
        // A chroma sample stands for two luma columns, the last of an odd picture for one.
        self.chroma_columns.area(from.0 as f64 / 2.0, from.0.div_ceil(2), to.0);
        self.chroma_rows.area(from.1 as f64 / 2.0, from.1.div_ceil(2), to.1);
    }

    fn luma_row(&mut self, source: &[u8], stride: usize, width: usize, y: usize, same: bool) {
        if same {
            let samples = &source[y * stride..y * stride + width];
            for (out, sample) in self.row[0].iter_mut().zip(samples) {
                *out = f32::from(*sample);
            }
        } else {
            mix_rows(source, stride, self.rows.taps(y), 0..width, &mut self.mixed);
            mix_columns(&self.mixed, 0, &self.columns, 1, 0, &mut self.row[0]);
        }
    }

    fn chroma_row(
        &mut self,
        channel: usize,
        source: &[u8],
        stride: usize,
        width: usize,
        y: usize,
        same: bool,
    ) {
        if same {
            let samples = &source[y / 2 * stride..y / 2 * stride + width];
            for (pair, sample) in self.row[channel].chunks_mut(2).zip(samples) {
                pair.fill(f32::from(*sample));
            }
        } else {
            mix_rows(source, stride, self.chroma_rows.taps(y), 0..width, &mut self.mixed);
            mix_columns(&self.mixed, 0, &self.chroma_columns, 1, 0, &mut self.row[channel]);
        }
    }

    fn rgb_row(&mut self, source: &[u8], width: usize, y: usize, same: bool) {
        let [red, green, blue] = &mut self.row;
        if same {
            let samples = source[y * width * 3..(y + 1) * width * 3].chunks_exact(3);
            for (((pixel, red), green), blue) in samples.zip(red).zip(green).zip(blue) {
                (*red, *green, *blue) = (f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2]));
            }
        } else {
            mix_rows(source, width * 3, self.rows.taps(y), 0..width * 3, &mut self.mixed);
            for (channel, row) in [red, green, blue].into_iter().enumerate() {
                mix_columns(&self.mixed, 0, &self.columns, 3, channel, row);
            }
        }
    }
}

/// Limited range to full range: 16..235 becomes 0..255 (ITU-R BT.601).
const LUMA_GAIN: f32 = 255.0 / 219.0;
// ITU-R BT.601: 2 (1 − Kr) and 2 (1 − Kb) with Kr = 0.299, Kb = 0.114, times 255 / 224.
const RED_OF_V: f32 = 1.402 * 255.0 / 224.0;
const BLUE_OF_U: f32 = 1.772 * 255.0 / 224.0;
const GREEN_OF_U: f32 = 0.344_136 * 255.0 / 224.0;
const GREEN_OF_V: f32 = 0.714_136 * 255.0 / 224.0;

fn expand(luma: &[f32], out: &mut [f32]) {
    for (out, y) in out.iter_mut().zip(luma) {
        *out = ((y - 16.0) * LUMA_GAIN).clamp(0.0, 255.0);
    }
}

fn yuv_row(row: &[Vec<f32>; 3], [blue, green, red]: [&mut [f32]; 3]) {
    let samples = row[0].iter().zip(&row[1]).zip(&row[2]);
    for ((((y, u), v), blue), (green, red)) in samples.zip(blue).zip(green.iter_mut().zip(red)) {
        let (y, u, v) = ((y - 16.0) * LUMA_GAIN, u - 128.0, v - 128.0);
        *blue = (y + BLUE_OF_U * u).clamp(0.0, 255.0);
        *green = (y - GREEN_OF_U * u - GREEN_OF_V * v).clamp(0.0, 255.0);
        *red = (y + RED_OF_V * v).clamp(0.0, 255.0);
    }
}

fn rgb_luma_row(row: &[Vec<f32>; 3], out: &mut [f32]) {
    let samples = row[0].iter().zip(&row[1]).zip(&row[2]);
    for (((red, green), blue), out) in samples.zip(out) {
        *out = 0.299 * red + 0.587 * green + 0.114 * blue;
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn made(picture: &Picture<'_>, longest: usize) -> (Luma, Planes) {
        let (mut luma, mut planes) = (Luma::default(), Planes::default());
        let sides = fitted(picture.sides(), longest);
        Shrinker::default().fill(picture, sides, Some(&mut luma), Some(&mut planes));
        (luma, planes)
    }

    fn pixel(planes: &Planes, x: usize, y: usize) -> [f32; 3] {
        [0, 1, 2].map(|colour| planes.plane(colour)[y * planes.stride() + x])
    }

    #[test]
    fn sides_are_rounded_to_the_nearest_and_never_nought() {
        assert_eq!(fitted((203, 241), 640), (203, 241));
        assert_eq!(fitted((1617, 2160), 640), (479, 640));
        assert_eq!(fitted((1000, 667), 640), (640, 427));
        assert_eq!(fitted((30_000, 1), 640), (640, 1));
    }

    #[test]
    fn rgb_becomes_planes_with_zeros_around() {
        let picture = Picture::rgb(2, 1, vec![10, 20, 30, 40, 50, 60]).expect("a picture");
        let (luma, planes) = made(&picture, 640);
        assert_eq!((pixel(&planes, 0, 0), pixel(&planes, 1, 0)), ([30.0, 20.0, 10.0], [60.0, 50.0, 40.0]));
        assert_eq!((planes.shape(), planes.tensor().len()), ([1, 3, 32, 32], 32 * 32 * 3));
        assert_eq!(planes.tensor().iter().filter(|sample| **sample != 0.0).count(), 6);
        assert!((luma.data[0] - 18.15).abs() < 1e-3);
    }

    #[test]
    fn colours_of_a_camera_come_back() {
        // Y, U, V of pure colours in limited range, and the red, green and blue they stand for.
        for (yuv, rgb) in [
            ([16, 128, 128], [0.0, 0.0, 0.0]),
            ([235, 128, 128], [255.0, 255.0, 255.0]),
            ([81, 90, 240], [255.0, 0.0, 0.0]),
            ([145, 54, 34], [0.0, 255.0, 0.0]),
            ([41, 240, 110], [0.0, 0.0, 255.0]),
        ] {
            let (luma, chroma) = ([yuv[0]; 9], [[yuv[1]; 4], [yuv[2]; 4]]);
            let picture = Picture::i420(3, 3, [&luma, &chroma[0], &chroma[1]], [3, 2, 2]);
            let (luma, planes) = made(&picture.expect("a picture"), 640);
            let found = pixel(&planes, 2, 2);
            for (found, expected) in found.iter().zip(rgb.iter().rev()) {
                assert!((found - expected).abs() < 2.0, "{yuv:?}: {found} instead of {expected}");
            }
            let expected = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
            assert!((luma.data[8] - expected).abs() < 1.5);
        }
    }

    #[test]
    fn shrinking_keeps_the_mean_of_rgb_and_of_camera_pictures() {
        let (width, height) = (1283_u32, 721_u32);
        let pixels: Vec<u8> = (0..width * height * 3).map(|n| (n * 7 % 251) as u8).collect();
        let mean = pixels.iter().map(|sample| f64::from(*sample)).sum::<f64>() / pixels.len() as f64;
        let (_, planes) = made(&Picture::rgb(width, height, pixels).expect("a picture"), 640);
        assert_eq!((planes.width, planes.height), (640, 360));
        let sum: f64 = planes.tensor().iter().map(|sample| f64::from(*sample)).sum();
        assert!((sum / (640.0 * 360.0 * 3.0) - mean).abs() < 0.05);

        let (w, h) = (width as usize, height as usize);
        let luma: Vec<u8> = (0..w * h).map(|n| (16 + n * 7 % 219) as u8).collect();
        let chroma = vec![128; w.div_ceil(2) * h.div_ceil(2)];
        let mean =
            luma.iter().map(|y| (f64::from(*y) - 16.0) * 255.0 / 219.0).sum::<f64>() / luma.len() as f64;
        let strides = [w, w.div_ceil(2), w.div_ceil(2)];
        let picture = Picture::i420(width, height, [&luma, &chroma, &chroma], strides).expect("a picture");
        let (luma, planes) = made(&picture, 640);
        let sum: f64 = luma.data.iter().map(|sample| f64::from(*sample)).sum();
        assert!((sum / (640.0 * 360.0) - mean).abs() < 0.05);
        assert!((pixel(&planes, 639, 359)[0] - pixel(&planes, 639, 359)[2]).abs() < 1e-3, "grey stays grey");
    }

    #[test]
    fn another_size_leaves_nothing_of_the_one_before() {
        let mut shrinker = Shrinker::default();
        let mut planes = Planes::default();
        let large = Picture::rgb(40, 40, vec![200; 40 * 40 * 3]).expect("a picture");
        let small = Picture::rgb(1, 1, vec![9; 3]).expect("a picture");
        shrinker.fill(&large, (40, 40), None, Some(&mut planes));
        shrinker.fill(&small, (1, 1), None, Some(&mut planes));
        assert_eq!(planes.tensor().iter().sum::<f32>(), 27.0);
    }
}
