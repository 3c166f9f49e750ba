//! What can go wrong between a picture and its numbers. Nothing here tells about a person: a face that is missing or not
//! alone is no error but a fact, except for a reference photo.

use crate::models::ModelError;
use crate::picture::PictureError;
use crate::runtime::RuntimeError;

/// A picture could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Models(#[from] ModelError),
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// ONNX Runtime refused to load or run a model.
    #[error("the model {model} does not run ({reason}); fetch the models again or update ONNX Runtime")]
    Model { model: String, reason: String },
    /// A model gave NaN or infinity where a number has to be.
    #[error(
        "the model {model} gave no number; try another picture, and if it stays so, another ONNX Runtime"
    )]
    NotANumber { model: String },
    /// Crops of a face that were sent for checking have another length.
    #[error("{found} bytes are no crops of one face ({expected} are); send what FaceChecker::crops made")]
    Crops { expected: usize, found: usize },
}

/// A photo cannot be the reference that faces are compared with.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    #[error("there is no face in the reference photo; take another photo")]
    NoFace,
    #[error("there is more than one face in the reference photo; take a photo of this person alone")]
    SeveralFaces,
    /// Fewer pixels than were ever tried.
    #[error(
        "the face in the reference photo is too small ({pixels:.0} pixels between the eyes, {MIN} are needed); take a larger photo",
        MIN = crate::reference::EYES_MIN
    )]
    TooSmall { pixels: f32 },
    #[error(transparent)]
    Face(#[from] FaceError),
}

impl From<PictureError> for ReferenceError {
    fn from(error: PictureError) -> Self {
        Self::Face(error.into())
    }
}
