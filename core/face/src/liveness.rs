//! How much a face looks like one before the camera rather than a print or a screen: the mean of two MiniFASNets
//! (minivision-ai/Silent-Face-Anti-Spoofing) on two crops around the face. Source: `spec.liveness` of faces/expected.json:
//! a square box of the detector box's area, a little lower; crops of 2.7 and 4 times its side that stay inside the picture;
//! plain bilinear to 80 × 80; blue, green, red, 0..255; softmax, class 1.
//!
//! One score is a hint, never a proof (models/README.md, "Limits"): a picture fed in without a camera looks live.

use crate::detect::Bounds;
use crate::error::FaceError;
use crate::resample::{Axis, mix_columns, mix_rows};
use crate::runtime::Net;
use crate::work_image::Planes;

pub(crate) const SIDE: usize = 80;
const SHAPE: [usize; 4] = [1, 3, SIDE, SIDE];
const OUTPUT: &str = "output";
/// Of the two models, in the order they are given.
const SCALES: [f64; 2] = [2.7, 4.0];
/// The box is moved down by this share of the height: where the models' own detector puts it.
const LOWER: f64 = 0.064;

/// A crop: first column and row, columns and rows.
pub(crate) type Crop = [usize; 4];

pub(crate) struct Liveness {
    nets: [Net; 2],
    columns: Axis,
    rows: Axis,
    mixed: Vec<f32>,
    /// What each model saw last: blue, green, red.
    tensors: [Vec<f32>; 2],
}

impl Liveness {
    /// The models for the scales 2.7 and 4.
    pub fn new(nets: [Net; 2]) -> Result<Self, FaceError> {
        for net in &nets {
            net.gives(&[OUTPUT])?;
        }
        let tensors = [(); 2].map(|()| vec![0.0; 3 * SIDE * SIDE]);
        Ok(Self { nets, columns: Axis::default(), rows: Axis::default(), mixed: Vec::new(), tensors })
    }

    /// 0..1, more is more live; by each model.
    pub fn scores(&mut self, image: &Planes, bounds: Bounds) -> Result<[f32; 2], FaceError> {
        let square = square(bounds);
        for (index, scale) in SCALES.into_iter().enumerate() {
            self.cut(index, image, crop(square, scale, image.width, image.height));
        }
        self.again()
    }

    fn cut(&mut self, index: usize, image: &Planes, [x, y, w, h]: Crop) {
        self.columns.bilinear(x, w, SIDE);
        self.rows.bilinear(y, h, SIDE);
        let span = self.columns.span();
        for colour in 0..3 {
            let plane = image.plane(colour);
            for row in 0..SIDE {
                mix_rows(plane, image.stride(), self.rows.taps(row), span.clone(), &mut self.mixed);
                let out = &mut self.tensors[index][(colour * SIDE + row) * SIDE..][..SIDE];
                mix_columns(&self.mixed, span.start, &self.columns, 1, 0, out);
            }
        }
    }

    fn logits(&mut self, index: usize) -> Result<[f32; 3], FaceError> {
        self.nets[index].run(SHAPE, &self.tensors[index], |outputs| {
            let values = outputs.finite(OUTPUT, 3)?;
            Ok([values[0], values[1], values[2]])
        })
    }

    /// Both models alone on what they saw last.
    pub fn again(&mut self) -> Result<[f32; 2], FaceError> {
        Ok([softmax(self.logits(0)?)[1], softmax(self.logits(1)?)[1]])
    }

    pub fn tensors(&self) -> &[Vec<f32>; 2] {
        &self.tensors
    }

    /// Both models alone on tensors that were made elsewhere.
    pub fn scores_of(
        &mut self,
        near: impl Iterator<Item = f32>,
        wide: impl Iterator<Item = f32>,
    ) -> Result<[f32; 2], FaceError> {
        self.tensors[0].iter_mut().zip(near).for_each(|(out, sample)| *out = sample);
        self.tensors[1].iter_mut().zip(wide).for_each(|(out, sample)| *out = sample);
        self.again()
    }

    /// One model alone, not made a share.
    #[cfg(test)]
    pub fn raw(&mut self, index: usize, tensor: &[f32]) -> Result<[f32; 3], FaceError> {
        self.tensors[index].copy_from_slice(tensor);
        self.logits(index)
    }
}

/// x, y and side, truncated to whole numbers.
fn square(bounds: Bounds) -> (f64, f64, f64) {
    let [x, y, w, h] = bounds.map(f64::from);
    let side = (w * h).max(0.0).sqrt();
    let (centre_x, centre_y) = (x + w / 2.0, y + h / 2.0 + LOWER * h);
    ((centre_x - side / 2.0).trunc(), (centre_y - side / 2.0).trunc(), side.trunc().max(1.0))
}

fn crop((x, y, side): (f64, f64, f64), scale: f64, width: usize, height: usize) -> Crop {
    let (right_most, lowest) = ((width - 1) as f64, (height - 1) as f64);
    let scale = scale.min(lowest / side).min(right_most / side);
    let window = |start: f64, end: f64| {
        let (middle, half) = (start + side / 2.0, side * scale / 2.0);
        let (mut from, mut until) = (middle - half, middle + half);
        if from < 0.0 {
            until -= from;
            from = 0.0;
        }
        if until > end {
            from -= until - end;
            until = end;
        }
        // Truncated, both ends inclusive; conversions saturate at 0.
        let (from, until) = ((from as usize).min(end as usize), (until as usize).min(end as usize));
        (from, until.max(from) + 1 - from)
    };
    let (columns, rows) = (window(x, right_most), window(y, lowest));
    [columns.0, rows.0, columns.1, rows.1]
}

fn softmax(logits: [f32; 3]) -> [f32; 3] {
    let highest = logits.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.map(|logit| (logit - highest).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crop_of_a1_is_the_reference() {
        // people/a1.jpg in faces/expected.json: the box, the square and the crops [0, 33, 202, 236], ends inclusive.
        let square = square([22.38, 17.64, 151.65, 210.02]);
        assert_eq!(square, (8.0, 46.0, 178.0));
        for scale in SCALES {
            assert_eq!(crop(square, scale, 203, 241), [0, 33, 203, 204]);
        }
    }

    #[test]
    fn a_crop_stays_inside_whatever_the_box_is() {
        for (width, height) in [(1, 1), (1, 640), (640, 1), (480, 640), (7, 5)] {
            for square in [(0.0, 0.0, 1.0), (-500.0, -500.0, 3.0), (9e9, 9e9, 80.0), (-1e30, 5.0, 1e30)] {
                let [x, y, w, h] = crop(square, 2.7, width, height);
                assert!(w > 0 && h > 0 && x + w <= width && y + h <= height, "{width} {height} {square:?}");
            }
        }
    }

    #[test]
    fn shares_add_up_to_one_even_for_extreme_logits() {
        for logits in [[0.0; 3], [500.0, -500.0, 3.0], [-4.7, 4.0, 0.7]] {
            let shares = softmax(logits);
            assert!(
                (shares.iter().sum::<f32>() - 1.0).abs() < 1e-6
                    && shares.iter().all(|share| share.is_finite())
            );
        }
    }
}
