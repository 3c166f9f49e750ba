//! Light and sharpness of a face. Source: `spec.quality` of faces/expected.json. Darkness is judged by the brightest twentieth
//! of the face, not its mean, so that dark skin is not taken for a dark picture; light from behind shows as a face that is
//! darker than what is around it.

use crate::align::{Inverse, SIDE_112, TEMPLATE_112, warp_luma};
use crate::detect::{Bounds, Point};
use crate::work_image::Luma;

/// Luma from which on a pixel counts as burnt out.
const SATURATED: usize = 250;
/// Rows and columns of the aligned face whose sharpness counts: the face without its outline.
const SHARP: std::ops::Range<usize> = 8..104;
/// The box is widened so much to each side before the surroundings begin.
const AROUND: f32 = 0.25;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Light {
    /// 95th percentile and median of the luma inside the box, 0..255.
    pub p95: f32,
    pub median: f32,
    /// Share of burnt-out pixels inside the box, 0..1.
    pub saturated: f32,
    /// Mean luma outside the widened box.
    pub surround: f32,
}

pub(crate) fn light(luma: &Luma, bounds: Bounds) -> Light {
    let mut counts = [0_u32; 256];
    let (columns, rows) = (
        pixels(bounds[0], bounds[0] + bounds[2], luma.width),
        pixels(bounds[1], bounds[1] + bounds[3], luma.height),
    );
    for y in rows {
        for sample in &luma.data[y * luma.width..][columns.clone()] {
            counts[level(*sample)] += 1;
        }
    }
    let total: u32 = counts.iter().sum();
    let median = percentile(&counts, total, 0.5);
    let burnt: u32 = counts[SATURATED..].iter().sum();
    Light {
        p95: percentile(&counts, total, 0.95),
        median,
        saturated: if total == 0 { 0.0 } else { burnt as f32 / total as f32 },
        surround: surround(luma, bounds).unwrap_or(median),
    }
}

/// Whole numbers, as the reference counts them.
fn level(sample: f32) -> usize {
    (sample + 0.5) as usize & 0xFF
}

/// Pixels between two places, as far as they are in the picture.
fn pixels(from: f32, to: f32, side: usize) -> std::ops::Range<usize> {
    // Conversions of floats saturate; NaN becomes 0.
    let (from, to) = ((from.max(0.0) as usize).min(side), (to.max(0.0) as usize).min(side));
    from..to.max(from)
}

/// With linear interpolation between neighbours, as NumPy's default.
fn percentile(counts: &[u32; 256], total: u32, share: f32) -> f32 {
    if total == 0 {
        return 0.0;
    }
    let place = share * (total - 1) as f32;
    let value = |index: u32| {
        let mut seen = 0;
        counts.iter().position(|count| {
            seen += count;
            seen > index
        })
    };
    let below = value(place as u32).unwrap_or_default() as f32;
    let above = value((place as u32 + 1).min(total - 1)).unwrap_or_default() as f32;
    below + (above - below) * place.fract()
}

fn surround(luma: &Luma, bounds: Bounds) -> Option<f32> {
    let [x, y, w, h] = bounds;
    let columns = pixels(x - AROUND * w, x + (1.0 + AROUND) * w, luma.width);
    let rows = pixels(y - AROUND * h, y + (1.0 + AROUND) * h, luma.height);
    let outside = luma.width * luma.height - columns.len() * rows.len();
    if outside == 0 {
        return None;
    }
    let mut sum = 0.0;
    for (y, row) in luma.data.chunks_exact(luma.width).enumerate() {
        sum += if rows.contains(&y) {
            f64::from(total(&row[..columns.start]) + total(&row[columns.end..]))
        } else {
            f64::from(total(row))
        };
    }
    Some((sum / outside as f64) as f32)
}

/// Eight sums beside each other: the compiler may not reorder a single one.
fn total(samples: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let chunks = samples.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (sum, sample) in sums.iter_mut().zip(chunk) {
            *sum += sample;
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Variance of the 4-neighbour Laplacian of the face aligned to 112 × 112, in shades of grey. Small: blurred. `scratch` is
/// reused from face to face.
pub(crate) fn sharpness(luma: &Luma, landmarks: &[Point; 5], scratch: &mut Vec<f32>) -> f32 {
    let Some(inverse) = Inverse::of(landmarks, &TEMPLATE_112) else { return 0.0 };
    warp_luma(luma, &inverse, SIDE_112, scratch);
    for sample in scratch.iter_mut() {
        *sample = sample.round();
    }
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for y in SHARP {
        let (above, row, below) = (
            &scratch[(y - 1) * SIDE_112..][..SIDE_112],
            &scratch[y * SIDE_112..][..SIDE_112],
            &scratch[(y + 1) * SIDE_112..][..SIDE_112],
        );
        for x in SHARP {
            let value = f64::from(above[x] + below[x] + row[x - 1] + row[x + 1] - 4.0 * row[x]);
            sum += value;
            squares += value * value;
            count += 1.0;
        }
    }
    let mean = sum / count;
    (squares / count - mean * mean) as f32
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn luma(width: usize, height: usize, at: impl Fn(usize, usize) -> f32) -> Luma {
        let data = (0..width * height).map(|index| at(index % width, index / width)).collect();
        Luma { width, height, data }
    }

    #[test]
    fn percentiles_lie_between_neighbours() {
        let mut counts = [0; 256];
        (0..=100).for_each(|level| counts[level] = 1);
        assert!((percentile(&counts, 101, 0.95) - 95.0).abs() < 1e-3);
        counts[101] = 1;
        assert!((percentile(&counts, 102, 0.5) - 50.5).abs() < 1e-3);
        assert_eq!(percentile(&[0; 256], 0, 0.5), 0.0);
    }

    #[test]
    fn zhao_stands_before_a_window() {
        let picture =
            luma(100, 100, |x, y| if (30..70).contains(&x) && (30..70).contains(&y) { 40.0 } else { 220.0 });
        let light = light(&picture, [30.0, 30.0, 40.0, 40.0]);
        assert_eq!((light.p95, light.median, light.saturated, light.surround), (40.0, 40.0, 0.0, 220.0));
    }

    #[test]
    fn a_face_that_fills_the_picture_has_no_surroundings() {
        let picture = luma(50, 50, |_, _| 252.0);
        let light = light(&picture, [-10.0, -10.0, 70.0, 70.0]);
        assert_eq!((light.surround, light.saturated), (252.0, 1.0));
    }

    #[test]
    fn a_box_outside_the_picture_is_no_panic() {
        let picture = luma(9, 7, |_, _| 10.0);
        for bounds in
            [[100.0, 100.0, 5.0, 5.0], [-50.0, -50.0, 10.0, 10.0], [f32::NAN; 4], [-1e30, 0.0, 2e30, 1.0]]
        {
            let light = light(&picture, bounds);
            assert!(light.surround.is_finite() && light.p95.is_finite(), "{bounds:?}");
        }
    }

    #[test]
    fn stripes_are_sharp_and_a_wall_is_not() {
        let mut scratch = Vec::new();
        let wall = luma(112, 112, |_, _| 90.0);
        assert_eq!(sharpness(&wall, &TEMPLATE_112, &mut scratch), 0.0);
        let stripes = luma(112, 112, |x, _| if x % 2 == 0 { 60.0 } else { 120.0 });
        assert!(sharpness(&stripes, &TEMPLATE_112, &mut scratch) > 10_000.0);
        assert_eq!(sharpness(&stripes, &[[1.0, 1.0]; 5], &mut scratch), 0.0);
    }
}
