//! Who is before the camera, measured: finds faces, their landmarks and angles, says how light and sharp the picture is,
//! makes a vector of a face that can be compared with another, and looks for prints and screens. The phone uses it on
//! camera frames, the backend on reference photos and consented pictures: the same code, the same numbers.
//!
//! It only measures. What a number means for a person (advice, a verdict) is decided by `miantan_domain::rules::identity`
//! with the organiser's thresholds. It knows no network, no storage and no clock, and logs nothing: no face leaves it but
//! in its return values.
//!
//! The steps, each a module with its specification: [`Picture`] → work image → detector → landmarks → geometry and
//! quality → alignment → embedding; liveness from the detector's box. The specification is that of the models' page
//! (shared `models/README.md`, `faces/expected.json`), which the tests reproduce.
mod align;
mod checker;
mod crops;
mod detect;
mod embed;
mod error;
mod geometry;
mod landmarks;
mod liveness;
pub mod models;
mod picture;
mod quality;
mod reference;
pub mod report;
mod resample;
pub mod runtime;
#[cfg(test)]
mod tests;
mod work_image;

pub use checker::{Depth, FaceChecker, Look, Options};
pub use detect::{Bounds, Face, Point};
pub use embed::{Embedding, NotAnEmbedding, SecondEmbedding, Vector};
pub use error::{FaceError, ReferenceError};
pub use models::{Manifest, ModelEntry, ModelError, ModelFiles, Role};
pub use picture::{Picture, PictureError};
pub use runtime::{Provider, RuntimeError};
