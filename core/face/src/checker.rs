//! The whole way from a picture to its numbers, with buffers that are used again for the next picture.

use std::path::PathBuf;

use miantan_domain::model::{FaceFacts, FrameFacts};

use crate::detect::{Detector, Face};
use crate::embed::{Embedder, Embedding, SecondEmbedding};
use crate::error::FaceError;
use crate::geometry;
use crate::landmarks::Landmarks;
use crate::liveness::Liveness;
use crate::models::{ModelFiles, Role};
use crate::picture::Picture;
use crate::quality;
use crate::runtime::{Net, Provider};
use crate::work_image::{Luma, PREVIEW_SIDE, Planes, Shrinker, WORK_SIDE, fitted};

/// How a checker runs.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// ONNX Runtime's library or its folder; `None`: looked for (see [`crate::runtime`]).
    pub library: Option<PathBuf>,
    pub provider: Provider,
    /// Per model; 0 counts as 1.
    pub threads: usize,
    /// Loads the second embedding too, which must be among the files.
    pub second_embedding: bool,
}

/// How much of a picture is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depth {
    /// For advice on every preview frame: faces found at 320 pixels, landmarks, light, sharpness.
    Advice,
    /// For the frames of an attempt: faces found at 320 pixels, everything else at 640; embedding and liveness too.
    Frame,
    /// The reference processing for photos: everything at 640.
    Full,
}

/// What was found in a picture. Coordinates are in pixels of the work picture (longer side at most 640), whatever the depth.
#[derive(Debug, Clone)]
pub struct Look {
    pub facts: FrameFacts,
    /// The largest first. At [`Depth::Full`] all have refined landmarks, else only the first.
    pub faces: Vec<Face>,
    /// Of the largest face; `None` without a face and at [`Depth::Advice`].
    pub embedding: Option<Embedding>,
    /// Only where [`Options::second_embedding`] asked for it.
    pub second: Option<SecondEmbedding>,
    /// 0..1, of the largest face.
    pub liveness: Option<f32>,
}

/// Faces whose landmarks are refined at [`Depth::Full`]; more are a crowd.
const REFINED_MAX: usize = 8;

/// All models, ready. For one thread; another thread loads its own.
pub struct FaceChecker {
    pub(crate) detector: Detector,
    pub(crate) landmarks: Landmarks,
    pub(crate) embedder: Embedder<256>,
    pub(crate) second: Option<Embedder<128>>,
    pub(crate) liveness: Liveness,
    shrinker: Shrinker,
    /// For the detector's own size, when it is not the work image's.
    preview_shrinker: Shrinker,
    preview: Planes,
    work: Planes,
    luma: Luma,
    scratch: Vec<f32>,
    /// The models' tensors are those of the largest face of the last look.
    pub(crate) has_crops: bool,
}

impl std::fmt::Debug for FaceChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaceChecker")
    }
}

impl FaceChecker {
    /// # Errors
    /// When ONNX Runtime is not there or does not take a model.
    pub fn load(files: &ModelFiles, options: &Options) -> Result<Self, FaceError> {
        let net =
            |role| Net::load(files, role, options.library.as_deref(), options.provider, options.threads);
        let second = options.second_embedding.then(|| Embedder::<128>::new(net(Role::SecondEmbedding)?));
        Ok(Self {
            detector: Detector::new(net(Role::Detector)?)?,
            landmarks: Landmarks::new(net(Role::Landmarks)?)?,
            embedder: Embedder::<256>::new(net(Role::Embedding)?)?,
            second: second.transpose()?,
            liveness: Liveness::new([net(Role::LivenessNear)?, net(Role::LivenessWide)?])?,
            shrinker: Shrinker::default(),
            preview_shrinker: Shrinker::default(),
            preview: Planes::default(),
            work: Planes::default(),
            luma: Luma::default(),
            scratch: Vec::new(),
            has_crops: false,
        })
    }

    /// Measures a picture. No face is no error.
    ///
    /// # Errors
    /// When a model fails or gives no number.
    pub fn look(&mut self, picture: &Picture<'_>, depth: Depth) -> Result<Look, FaceError> {
        self.has_crops = false;
        let mut faces = Vec::new();
        let facts = self.find(picture, depth, &mut faces)?;
        let mut look = Look { facts, faces, embedding: None, second: None, liveness: None };
        let Some(face) = look.faces.first().copied() else { return Ok(look) };
        match depth {
            Depth::Advice => {}
            Depth::Frame | Depth::Full => {
                look.embedding = Some(self.embed(&face)?);
                look.second = self.embed_second(&face)?;
                let scores = self.liveness.scores(&self.work, face.bounds)?;
                look.liveness = Some(f32::midpoint(scores[0], scores[1]));
                self.has_crops = true;
            }
        }
        Ok(look)
    }

    /// Faces, landmarks, light and sharpness.
    fn find(
        &mut self,
        picture: &Picture<'_>,
        depth: Depth,
        faces: &mut Vec<Face>,
    ) -> Result<FrameFacts, FaceError> {
        let sides = fitted(picture.sides(), WORK_SIDE);
        let small = fitted(picture.sides(), PREVIEW_SIDE);
        let whole = depth != Depth::Advice;
        self.shrinker.fill(picture, sides, Some(&mut self.luma), whole.then_some(&mut self.work));
        if depth == Depth::Full {
            self.detector.detect(&self.work, faces)?;
        } else {
            self.preview_shrinker.fill(picture, small, None, Some(&mut self.preview));
            self.detector.detect(&self.preview, faces)?;
        }
        // From the detector's image to the work picture, whose coordinates everyone uses.
        let scale = [sides.0 as f32 / small.0 as f32, sides.1 as f32 / small.1 as f32];
        if depth != Depth::Full {
            for face in faces.iter_mut() {
                *face = face.scaled(scale[0], scale[1]);
            }
        }
        let refined = if depth == Depth::Full { REFINED_MAX } else { 1 };
        for face in faces.iter_mut().take(refined) {
            let (image, scale) = if whole { (&self.work, [1.0; 2]) } else { (&self.preview, scale) };
            face.landmarks = Some(self.landmarks.refine(image, face.bounds, scale)?);
        }
        Ok(FrameFacts {
            width: sides.0 as f32,
            height: sides.1 as f32,
            // Lengths are those of the work picture at every depth.
            preview: false,
            face: faces.first().map(|face| self.facts(face)),
            second_height: match faces.as_slice() {
                [first, second, ..] => second.bounds[3] / first.bounds[3].max(1.0),
                [_] | [] => 0.0,
            },
        })
    }

    fn facts(&mut self, face: &Face) -> FaceFacts {
        let landmarks = face.landmarks.unwrap_or(face.detected);
        let angles = geometry::angles(&landmarks);
        let light = quality::light(&self.luma, face.bounds);
        FaceFacts {
            bounds: face.bounds,
            score: face.score,
            eye_distance: angles.eyes,
            yaw: angles.yaw,
            pitch: angles.pitch,
            roll: angles.roll,
            luma_p95: light.p95,
            luma_median: light.median,
            saturated: light.saturated,
            surround_luma: light.surround,
            sharpness: quality::sharpness(&self.luma, &landmarks, &mut self.scratch),
        }
    }

    /// The vector of any face of the picture that was looked at last, at [`Depth::Frame`] or [`Depth::Full`].
    ///
    /// # Errors
    /// When the model fails or gives no number.
    pub fn embed(&mut self, face: &Face) -> Result<Embedding, FaceError> {
        self.has_crops = false;
        self.embedder.embed(&self.work, &face.landmarks.unwrap_or(face.detected))
    }

    /// As [`Self::embed`] with the second model; `None` where it was not loaded.
    ///
    /// # Errors
    /// When the model fails or gives no number.
    pub fn embed_second(&mut self, face: &Face) -> Result<Option<SecondEmbedding>, FaceError> {
        let landmarks = face.landmarks.unwrap_or(face.detected);
        let second = self.second.as_mut().map(|second| second.embed(&self.work, &landmarks));
        second.transpose()
    }

    /// Runs the models of a depth once more on what was looked at last and throws the results away: what a whole look costs
    /// beyond that is this crate's own work. For measuring.
    ///
    /// # Errors
    /// When a model fails.
    pub fn models_alone(&mut self, depth: Depth) -> Result<(), FaceError> {
        self.detector.bare(if depth == Depth::Full { &self.work } else { &self.preview })?;
        self.landmarks.again()?;
        match depth {
            Depth::Advice => Ok(()),
            Depth::Frame | Depth::Full => {
                self.embedder.again()?;
                self.liveness.again().map(drop)
            }
        }
    }

    /// Only finds faces, in the work image. For measuring.
    ///
    /// # Errors
    /// When the model fails or gives no number.
    pub fn detect(&mut self, picture: &Picture<'_>, faces: &mut Vec<Face>) -> Result<(), FaceError> {
        let sides = fitted(picture.sides(), WORK_SIDE);
        self.shrinker.fill(picture, sides, None, Some(&mut self.work));
        self.detector.detect(&self.work, faces)
    }
}
