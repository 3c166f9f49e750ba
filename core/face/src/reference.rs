//! The face of a reference photo: what candidates are compared with. Source: models/README.md, "Processing order" 6: a face
//! that is small in the work picture of a large photo is cut out at three times its box and looked at again.

use crate::checker::{Depth, FaceChecker, Look};
use crate::embed::Embedding;
use crate::error::ReferenceError;
use crate::picture::Picture;

/// Fewer pixels between the eyes than this make a second look worth while, if the photo has more.
const EYES_SMALL: f32 = 60.0;
/// Fewer are refused: faces of 40 × 40 pixels, 16 to 18 between the eyes, are the smallest that were ever measured.
pub(crate) const EYES_MIN: f32 = 16.0;
/// Another face this high against the largest is another person (`spec.guidance.multiple_faces`).
const SECOND_HEIGHT: f32 = 0.35;
/// Width and height of the cut, in boxes.
const CUT: f32 = 3.0;

impl FaceChecker {
    /// The vector of the one face in a reference photo.
    ///
    /// # Errors
    /// When there is no face, more than one, one that is too small, or when it cannot be measured.
    pub fn reference(&mut self, photo: &Picture<'_>) -> Result<Embedding, ReferenceError> {
        let look = self.look(photo, Depth::Full)?;
        let look = match cut(&look, photo) {
            Some(part) => {
                let nearer = self.look(&part, Depth::Full)?;
                // Where the second look finds nothing, the first one counts.
                if nearer.facts.face.is_some() { nearer } else { self.look(photo, Depth::Full)? }
            }
            None => look,
        };
        let face = look.facts.face.ok_or(ReferenceError::NoFace)?;
        if look.facts.second_height >= SECOND_HEIGHT {
            return Err(ReferenceError::SeveralFaces);
        }
        if face.eye_distance < EYES_MIN {
            return Err(ReferenceError::TooSmall { pixels: face.eye_distance });
        }
        look.embedding.ok_or(ReferenceError::NoFace)
    }
}

/// The part of the photo around a small face, when the photo has more pixels of it than the work picture. People beside it
/// are not cut away: two faces stay two faces.
fn cut<'p>(look: &Look, photo: &'p Picture<'_>) -> Option<Picture<'p>> {
    let face = look.facts.face?;
    let scale = photo.width() as f32 / look.facts.width;
    if face.eye_distance >= EYES_SMALL || scale <= 1.0 || look.facts.second_height >= SECOND_HEIGHT {
        return None;
    }
    let [x, y, w, h] = face.bounds.map(|length| length * scale);
    let (left, top) = (x + w / 2.0 - CUT * w / 2.0, y + h / 2.0 - CUT * h / 2.0);
    let (right, bottom) = (left + CUT * w, top + CUT * h);
    let (left, top) = (left.max(0.0) as usize, top.max(0.0) as usize);
    let (right, bottom) = (right.max(0.0).ceil() as usize, bottom.max(0.0).ceil() as usize);
    Some(photo.cut(left, top, right.saturating_sub(left), bottom.saturating_sub(top)))
}
