//! Separable resampling: which source samples make one target sample, per axis, and the two passes that apply it. Area
//! averaging (work image), bilinear (liveness) and bilinear with block averaging (landmarks) are the same thing with other
//! taps. It knows nothing of faces, and never reads outside the source.

use std::ops::Range;

/// Weights of neighbouring source samples for each target sample along one axis.
#[derive(Debug, Default, Clone)]
pub(crate) struct Axis {
    /// First source sample of each target sample, and where its weights begin.
    starts: Vec<(usize, usize)>,
    weights: Vec<f32>,
    /// Source samples of each target sample where all have equally many and equal shares, beginning with the first.
    ratio: Option<usize>,
    key: Option<Key>,
}

/// What the taps were made for, so that the next frame of the same size finds them.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Key {
    Area { extent: f64, len: usize, to: usize },
    Bilinear { first: usize, size: usize, to: usize },
    Blocks { start: f32, size: f32, to: usize, per: usize, len: usize },
}

impl Axis {
    /// Exact area averaging of `extent` source samples (perhaps not a whole number: chroma of odd pictures), of which `len`
    /// exist, to `to` target samples. Enlarging repeats samples.
    pub fn area(&mut self, extent: f64, len: usize, to: usize) {
        if !self.renew(Key::Area { extent, len, to }) {
            return;
        }
        let whole = extent.fract() == 0.0 && extent as usize == len && len.is_multiple_of(to);
        self.ratio = whole.then(|| len / to);
        let step = extent / to as f64;
        for target in 0..to {
            let (from, until) = (target as f64 * step, (target + 1) as f64 * step);
            let first = (from as usize).min(len - 1);
            let last = ((until.ceil() as usize).max(first + 1)).min(len);
            self.begin(first);
            let mut sum = 0.0;
            for source in first..last {
                // The last sample stands for what lies beyond it.
                let end = if source + 1 == len { f64::MAX } else { (source + 1) as f64 };
                let covered = (until.min(end) - from.max(source as f64)).max(0.0);
                self.weights.push(covered as f32);
                sum += covered;
            }
            self.divide(sum as f32);
        }
    }

    /// Bilinear with half-pixel centres, no antialiasing: `size` samples from `first` on become `to`;
    /// source = (target + 0.5) * size / to − 0.5, clamped.
    pub fn bilinear(&mut self, first: usize, size: usize, to: usize) {
        if !self.renew(Key::Bilinear { first, size, to }) {
            return;
        }
        for target in 0..to {
            let at = (target as f32 + 0.5) * size as f32 / to as f32 - 0.5;
            let at = at.clamp(0.0, (size - 1) as f32);
            let left = at as usize;
            let right = at - left as f32;
            self.begin(first + left);
            self.weights.push(1.0 - right);
            if left + 1 < size {
                self.weights.push(right);
            }
        }
    }

    /// `to` blocks of `per` bilinear samples each, averaged: sample k is at start + (k + 0.5) * size / (to * per) − 0.5,
    /// clamped to the `len` samples that exist.
    pub fn blocks(&mut self, start: f32, size: f32, to: usize, per: usize, len: usize) {
        if !self.renew(Key::Blocks { start, size, to, per, len }) {
            return;
        }
        let count = (to * per) as f32;
        let place = |k: usize| (start + (k as f32 + 0.5) * size / count - 0.5).clamp(0.0, (len - 1) as f32);
        for target in 0..to {
            let first = place(target * per) as usize;
            let last = (place(target * per + per - 1) as usize + 2).min(len);
            self.begin(first);
            let begin = self.weights.len();
            self.weights.resize(begin + last - first, 0.0);
            for k in target * per..(target + 1) * per {
                let at = place(k);
                let left = at as usize;
                let right = at - left as f32;
                self.weights[begin + left - first] += 1.0 - right;
                if left + 1 < len {
                    self.weights[begin + left + 1 - first] += right;
                }
            }
            self.divide(per as f32);
        }
    }

    fn renew(&mut self, key: Key) -> bool {
        if self.key == Some(key) {
            return false;
        }
        self.key = Some(key);
        self.ratio = None;
        self.starts.clear();
        self.weights.clear();
        true
    }

    fn begin(&mut self, first: usize) {
        self.starts.push((first, self.weights.len()));
    }

    /// Divides the weights of the newest target sample.
    fn divide(&mut self, sum: f32) {
        let begin = self.starts.last().map_or(0, |start| start.1);
        if sum > 0.0 {
            self.weights[begin..].iter_mut().for_each(|weight| *weight /= sum);
        }
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// First source sample and weights of a target sample.
    pub fn taps(&self, target: usize) -> (usize, &[f32]) {
        let (first, begin) = self.starts[target];
        let end = self.starts.get(target + 1).map_or(self.weights.len(), |next| next.1);
        (first, &self.weights[begin..end])
    }

    /// Source samples that any target sample needs.
    pub fn span(&self) -> Range<usize> {
        let from = self.starts.iter().map(|start| start.0).min().unwrap_or(0);
        let until = (0..self.len()).map(|target| self.taps(target)).map(|(first, taps)| first + taps.len());
        from..until.max().unwrap_or(from)
    }
}

/// The weighted sum of source rows that makes one target row, before it is resampled along the row: columns
/// `columns` (in samples; three times as many for packed RGB) of rows `stride` apart.
pub(crate) fn mix_rows<T: Copy + Into<f32>>(
    source: &[T],
    stride: usize,
    rows: (usize, &[f32]),
    columns: Range<usize>,
    mixed: &mut Vec<f32>,
) {
    let (first, weights) = rows;
    mixed.clear();
    for (row, weight) in (first..).zip(weights) {
        let samples = &source[row * stride + columns.start..row * stride + columns.end];
        if mixed.is_empty() {
            mixed.extend(samples.iter().map(|sample| (*sample).into() * weight));
        } else {
            for (sum, sample) in mixed.iter_mut().zip(samples) {
                *sum += (*sample).into() * weight;
            }
        }
    }
}

/// One target row of mixed samples that begin at column `origin` of the source; every `step`-th sample from `channel` on.
pub(crate) fn mix_columns(
    mixed: &[f32],
    origin: usize,
    axis: &Axis,
    step: usize,
    channel: usize,
    out: &mut [f32],
) {
    match axis.ratio {
        // What cameras give: half the side or all of it, in loops that the compiler makes wide.
        Some(1) if step == 1 => out.copy_from_slice(&mixed[..out.len()]),
        Some(2) if step == 1 => {
            for (out, pair) in out.iter_mut().zip(mixed.as_chunks::<2>().0) {
                *out = f32::midpoint(pair[0], pair[1]);
            }
        }
        Some(_) | None => {
            for (target, out) in out.iter_mut().enumerate().take(axis.len()) {
                let (first, weights) = axis.taps(target);
                let samples = &mixed[(first - origin) * step + channel..];
                *out = if step == 1 {
                    samples.iter().zip(weights).map(|(sample, weight)| sample * weight).sum()
                } else {
                    samples.iter().step_by(step).zip(weights).map(|(sample, weight)| sample * weight).sum()
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(axis: &Axis, source: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; axis.len()];
        mix_columns(source, 0, axis, 1, 0, &mut out);
        out
    }

    #[test]
    fn areas_are_averaged_exactly() {
        let mut axis = Axis::default();
        axis.area(5.0, 5, 2);
        assert_eq!(row(&axis, &[0.0, 10.0, 20.0, 30.0, 40.0]), [8.0, 32.0]);
        axis.area(4.0, 4, 2);
        assert_eq!(row(&axis, &[1.0, 3.0, 5.0, 7.0]), [2.0, 6.0]);
    }

    #[test]
    fn whole_ratios_say_the_same_as_taps() {
        let source: Vec<f32> = (0..12_u8).map(f32::from).collect();
        let mut axis = Axis::default();
        for to in [12, 6, 4, 3, 1] {
            axis.area(12.0, 12, to);
            assert_eq!(axis.ratio, Some(12 / to));
            let found = row(&axis, &source);
            axis.ratio = None;
            for (found, expected) in found.iter().zip(row(&axis, &source)) {
                assert!((found - expected).abs() < 1e-5, "{to}: {found} instead of {expected}");
            }
            // The next size starts anew.
            axis.key = None;
        }
        axis.area(2.5, 3, 5);
        assert_eq!(axis.ratio, None);
    }

    #[test]
    fn half_a_chroma_sample_counts_half() {
        // Five luma columns have three chroma samples, of which the last stands for one column only.
        let mut axis = Axis::default();
        axis.area(2.5, 3, 5);
        assert_eq!(row(&axis, &[1.0, 2.0, 3.0]), [1.0, 1.0, 2.0, 2.0, 3.0]);
    }

    #[test]
    fn one_sample_is_all_there_is() {
        let mut axis = Axis::default();
        axis.area(1.0, 1, 1);
        assert_eq!(row(&axis, &[7.0]), [7.0]);
        axis.bilinear(0, 1, 4);
        assert_eq!(row(&axis, &[7.0]), [7.0; 4]);
        axis.blocks(-50.0, 200.0, 3, 7, 1);
        assert_eq!(row(&axis, &[7.0]), [7.0; 3]);
    }

    #[test]
    fn blocks_are_the_mean_of_their_bilinear_samples() {
        let source: Vec<f32> = (0..40_u16).map(|n| f32::from(n * n % 17)).collect();
        let (start, size, to, per) = (-3.3, 37.9, 6, 4);
        let mut axis = Axis::default();
        axis.blocks(start, size, to, per, source.len());
        let found = row(&axis, &source);
        for (target, found) in found.iter().enumerate() {
            let mut sum = 0.0;
            for k in target * per..(target + 1) * per {
                let at = (start + (k as f32 + 0.5) * size / (to * per) as f32 - 0.5).clamp(0.0, 39.0);
                let left = at as usize;
                let right = (left + 1).min(39);
                sum += source[left] + (source[right] - source[left]) * (at - left as f32);
            }
            assert!((found - sum / per as f32).abs() < 1e-4, "{target}: {found}");
        }
    }

    #[test]
    fn taps_are_made_anew_for_another_size_only() {
        let mut axis = Axis::default();
        axis.bilinear(2, 8, 4);
        assert_eq!(axis.span(), 2..10);
        axis.bilinear(3, 8, 4);
        assert_eq!(axis.span(), 3..11);
    }
}
