//! Turns, scales and shifts a face so that its landmarks lie where the embedding learnt them to be. Source: `spec.align` of
//! faces/expected.json: least-squares similarity (Umeyama 1991, without reflection; in the plane it has a closed form),
//! bilinear samples at the inverse-mapped points, pixel centres at whole numbers, zero outside.

use crate::detect::Point;
use crate::work_image::{Luma, Planes};

/// Side of the aligned face for the embedding 0095.
pub(crate) const SIDE_128: usize = 128;
/// Side of the aligned face for MobileFaceNet and for the sharpness.
pub(crate) const SIDE_112: usize = 112;
/// The 0095 model's template (its page in models/README.md, scaled from Open Model Zoo's).
pub(crate) const TEMPLATE_128: [Point; 5] =
    [[40.3928, 59.0815], [87.3757, 59.0815], [64.0336, 81.9847], [44.7324, 105.5606], [83.6399, 105.5606]];
/// The template of ArcFace and SFace.
pub(crate) const TEMPLATE_112: [Point; 5] =
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]];

/// Maps a pixel of the aligned face to a place in the work image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Inverse {
    /// Steps in the work image for a step to the right; a step down is (−`right.1`, `right.0`).
    right: (f32, f32),
    origin: (f32, f32),
}

impl Inverse {
    /// Of the similarity that takes `landmarks` nearest to `template`. `None` when the landmarks lie on one point.
    pub fn of(landmarks: &[Point; 5], template: &[Point; 5]) -> Option<Self> {
        let from = mean(landmarks);
        let to = mean(template);
        let (mut same, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (point, target) in landmarks.iter().zip(template) {
            let (x, y) = (f64::from(point[0]) - from.0, f64::from(point[1]) - from.1);
            let (u, v) = (f64::from(target[0]) - to.0, f64::from(target[1]) - to.1);
            same += x * u + y * v;
            cross += x * v - y * u;
            spread += x * x + y * y;
        }
        let square = same * same + cross * cross;
        if !square.is_finite() || square <= f64::EPSILON || spread <= f64::EPSILON {
            return None;
        }
        // Forward: (a −b; b a) with a = same / spread, b = cross / spread; this is its inverse.
        let (a, b) = (same * spread / square, cross * spread / square);
        let origin = (from.0 - a * to.0 - b * to.1, from.1 + b * to.0 - a * to.1);
        Some(Self { right: (a as f32, -b as f32), origin: (origin.0 as f32, origin.1 as f32) })
    }

    pub fn at(&self, x: usize, y: usize) -> (f32, f32) {
        let (x, y) = (x as f32, y as f32);
        let ((dx, dy), (x0, y0)) = (self.right, self.origin);
        (x0 + x * dx - y * dy, y0 + x * dy + y * dx)
    }
}

fn mean(points: &[Point; 5]) -> (f64, f64) {
    let sum = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + f64::from(p[0]), sum.1 + f64::from(p[1])));
    (sum.0 / 5.0, sum.1 / 5.0)
}

/// Where a bilinear sample is: the index of its upper left neighbour and the weights of the four.
#[derive(Debug, Clone, Copy)]
struct Spot {
    at: usize,
    weights: [f32; 4],
    /// To the neighbour at the right, and to the one below.
    steps: (usize, usize),
}

/// `None`: wholly outside.
fn spot((x, y): (f32, f32), (width, height, stride): (usize, usize, usize)) -> Option<Spot> {
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    if !(left >= -1.0 && top >= -1.0 && left < width as f32 && top < height as f32) {
        return None;
    }
    let (left, top) = (left as isize, top as isize);
    // A neighbour outside counts as zero: its weight is taken away, its index moved to one that exists.
    let inside = |place: isize, side: usize| f32::from(u8::from(place >= 0 && (place as usize) < side));
    let (wl, wr) = ((1.0 - fx) * inside(left, width), fx * inside(left + 1, width));
    let (wt, wb) = ((1.0 - fy) * inside(top, height), fy * inside(top + 1, height));
    let step_right = usize::from(left >= 0 && left as usize + 1 < width);
    let step_down = if top >= 0 && top as usize + 1 < height { stride } else { 0 };
    let at = top.max(0) as usize * stride + left.max(0) as usize;
    Some(Spot { at, weights: [wt * wl, wt * wr, wb * wl, wb * wr], steps: (step_right, step_down) })
}

impl Spot {
    fn sample(&self, plane: &[f32]) -> f32 {
        let Spot { at, weights, steps: (right, down) } = *self;
        plane[at] * weights[0]
            + plane[at + right] * weights[1]
            + plane[at + down] * weights[2]
            + plane[at + down + right] * weights[3]
    }
}

/// The aligned face as three planes of `side × side` in the order `colours` names them (0 blue, 1 green, 2 red).
pub(crate) fn warp(image: &Planes, inverse: &Inverse, side: usize, colours: [usize; 3], out: &mut Vec<f32>) {
    let planes = colours.map(|colour| image.plane(colour));
    let shape = (image.width, image.height, image.stride());
    out.clear();
    out.resize(side * side * 3, 0.0);
    for y in 0..side {
        for x in 0..side {
            let Some(spot) = spot(inverse.at(x, y), shape) else { continue };
            for (channel, plane) in planes.iter().enumerate() {
                out[channel * side * side + y * side + x] = spot.sample(plane);
            }
        }
    }
}

/// The aligned face in shades of grey.
pub(crate) fn warp_luma(image: &Luma, inverse: &Inverse, side: usize, out: &mut Vec<f32>) {
    let shape = (image.width, image.height, image.width);
    out.clear();
    out.resize(side * side, 0.0);
    for (index, out) in out.iter_mut().enumerate() {
        if let Some(spot) = spot(inverse.at(index % side, index / side), shape) {
            *out = spot.sample(&image.data);
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use crate::work_image::Shrinker;

    #[test]
    fn a_face_at_the_template_stays_and_a_moved_one_comes_back() {
        let same = Inverse::of(&TEMPLATE_112, &TEMPLATE_112).expect("a similarity");
        let at = same.at(30, 70);
        assert!((at.0 - 30.0).abs() < 1e-3 && (at.1 - 70.0).abs() < 1e-3);
        // Twice as large, turned by 30 degrees, moved.
        let (sin, cos) = 30_f32.to_radians().sin_cos();
        let moved = |[x, y]: Point| [2.0 * (x * cos - y * sin) + 5.0, 2.0 * (x * sin + y * cos) - 9.0];
        let inverse = Inverse::of(&TEMPLATE_112.map(moved), &TEMPLATE_112).expect("a similarity");
        let (found, expected) = (inverse.at(30, 70), moved([30.0, 70.0]));
        assert!((found.0 - expected[0]).abs() < 1e-3 && (found.1 - expected[1]).abs() < 1e-3);
    }

    #[test]
    fn landmarks_on_one_point_have_no_similarity() {
        assert_eq!(Inverse::of(&[[3.0, 3.0]; 5], &TEMPLATE_128), None);
        assert_eq!(Inverse::of(&[[f32::NAN, 3.0]; 5], &TEMPLATE_128), None);
    }

    #[test]
    fn outside_is_zero_and_the_edge_fades() {
        let picture = Picture::rgb(2, 2, vec![100; 12]).expect("a picture");
        let mut luma = Luma::default();
        Shrinker::default().fill(&picture, (2, 2), Some(&mut luma), None);
        let shape = (2, 2, 2);
        let sample = |x, y| spot((x, y), shape).map_or(0.0, |spot| spot.sample(&luma.data));
        assert!((sample(0.5, 0.5) - 100.0).abs() < 1e-3 && (sample(1.0, 1.0) - 100.0).abs() < 1e-3);
        assert!((sample(1.5, 1.0) - 50.0).abs() < 1e-3 && (sample(-0.25, 0.0) - 75.0).abs() < 1e-3);
        assert_eq!((sample(2.0, 0.0), sample(-1.5, 0.0), sample(f32::NAN, 0.0)), (0.0, 0.0, 0.0));
        assert_eq!(sample(1e30, -1e30), 0.0);
    }
}
