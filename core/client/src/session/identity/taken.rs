//! The whole measurements of an attempt: those of the beginning and one of each straight view between movements. What is
//! reported is of exactly these frames, so that the server, where it looks at them too, finds the same.

use crate::faces::Crops;
use miantan_domain::model::{FaceScores, FaceThresholds};
use miantan_domain::wire::rest::FRAMES_MAX;
use std::collections::BTreeMap;

/// The numbers of one frame.
#[derive(Debug)]
pub struct Full {
    /// With the reference, −1..1.
    pub cosine: f32,
    /// 0..1.
    pub liveness: f32,
    /// With the first face of this attempt.
    pub with_first: f32,
    /// The frame's crops, where they are to be sent.
    pub crops: Option<Crops>,
}

#[derive(Debug, Default)]
pub struct Taken {
    frames: Vec<Full>,
    same_person: Option<f32>,
    /// Straight views of the run that gave a frame, by the movements done before them.
    views: Vec<usize>,
    /// Of views without a well framed picture: the nearest cosine with the first face.
    rough: BTreeMap<usize, f32>,
}

impl Taken {
    /// Frames wanted before the first movement; some room is left for those between.
    pub fn at_first(thresholds: &FaceThresholds) -> usize {
        (thresholds.frames as usize).clamp(1, FRAMES_MAX)
    }

    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// A well framed picture.
    pub fn add(&mut self, full: Full) {
        self.same(full.with_first);
        if self.frames.len() < FRAMES_MAX {
            self.frames.push(full);
        }
    }

    /// A picture of the straight view after so many movements. Well framed ones are compared with the first face, and the
    /// first of each view counts for the medians; in a view without one, the nearest picture is compared: nobody slips in
    /// by moving.
    pub fn between(&mut self, done: usize, full: Full, well_framed: bool) {
        if !well_framed {
            let nearest = self.rough.entry(done).or_insert(full.with_first);
            *nearest = nearest.max(full.with_first);
        } else if done > 0 && !self.views.contains(&done) {
            self.views.push(done);
            self.add(full);
        } else {
            self.same(full.with_first);
        }
    }

    fn same(&mut self, cosine: f32) {
        let least = self.same_person.map_or(cosine, |least| least.min(cosine));
        self.same_person = Some(least);
    }

    pub fn scores(&self) -> FaceScores {
        let rough = self.rough.iter().filter(|(view, _)| **view > 0 && !self.views.contains(view));
        let nearest = rough.map(|(_, cosine)| *cosine).fold(f32::INFINITY, f32::min);
        FaceScores {
            frames: self.frames.len() as u32,
            cosine: median(self.frames.iter().map(|full| full.cosine).collect()),
            liveness: median(self.frames.iter().map(|full| full.liveness).collect()),
            same_person: self.same_person.unwrap_or_default().min(nearest),
        }
    }

    pub fn into_crops(self) -> Vec<Crops> {
        self.frames.into_iter().filter_map(|full| full.crops).collect()
    }
}

/// The lower of the two in the middle for an even number; 0 for none.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(cosine: f32, liveness: f32, with_first: f32) -> Full {
        Full { cosine, liveness, with_first, crops: None }
    }

    #[test]
    fn one_odd_frame_decides_nothing_but_another_face_is_remembered() {
        let mut taken = Taken::default();
        for cosine in [0.8, 0.1, 0.82, 0.79, 0.81] {
            taken.add(full(cosine, 0.9, 1.0));
        }
        taken.between(1, full(0.8, 0.9, 0.2), true);
        let scores = taken.scores();
        assert_eq!(scores.frames, 6);
        assert!((scores.cosine - 0.8).abs() < 0.011 && (scores.same_person - 0.2).abs() < 1e-6);
    }

    #[test]
    fn each_view_between_movements_gives_one_frame_and_never_more_than_can_be_sent() {
        let mut taken = Taken::default();
        for _ in 0..5 {
            taken.add(full(0.8, 0.9, 1.0));
        }
        for view in [0, 1, 1, 2, 2, 3, 3, 3] {
            taken.between(view, full(0.8, 0.9, 0.9), true);
        }
        assert_eq!(taken.frames(), FRAMES_MAX);
        let mut blurred = Taken::default();
        blurred.add(full(0.8, 0.9, 1.0));
        blurred.between(1, full(0.8, 0.9, 0.1), false);
        blurred.between(1, full(0.8, 0.9, 0.2), false);
        assert_eq!(blurred.frames(), 1, "a badly framed one does not count");
        assert!((blurred.scores().same_person - 0.2).abs() < 1e-6, "but somebody else is noticed");
        blurred.between(1, full(0.8, 0.9, 0.9), true);
        assert!((blurred.scores().same_person - 0.9).abs() < 1e-6, "unless it was the blur");
    }
}
