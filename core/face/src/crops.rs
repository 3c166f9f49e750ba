//! What the models saw of a face, as bytes: three small pictures that a candidate may consent to send, so that the backend can
//! run the same models on them. Nothing else of the camera's picture is in them.
//!
//! One frame is [`FRAME_CROPS_BYTES`] long: the face aligned for the embedding (128 × 128), then the crops of the two liveness
//! models (80 × 80, near then wide); each row by row, blue, green, red, one byte each.

use miantan_domain::model::FRAME_CROPS_BYTES;
use zeroize::Zeroizing;

use crate::align::SIDE_128;
use crate::checker::FaceChecker;
use crate::embed::Embedding;
use crate::error::FaceError;
use crate::liveness::SIDE;

const FACE: usize = SIDE_128 * SIDE_128 * 3;
const CROP: usize = SIDE * SIDE * 3;
const _: () = assert!(FACE + 2 * CROP == FRAME_CROPS_BYTES, "the frame of the protocol is another one");

impl FaceChecker {
    /// What the models saw of the largest face of the picture that was looked at last. `None` when there was no face, or the
    /// look was for advice only.
    pub fn crops(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.has_crops.then(|| {
            // With its full capacity from the start: growing would leave copies behind.
            let mut frame = Zeroizing::new(Vec::with_capacity(FRAME_CROPS_BYTES));
            pack(self.embedder.tensor(), &mut frame);
            for tensor in self.liveness.tensors() {
                pack(tensor, &mut frame);
            }
            frame
        })
    }

    /// The vector and the liveness (0..1) of such a frame. They differ from those of the look by the rounding to bytes only.
    ///
    /// # Errors
    /// When the length is another one, or a model fails or gives no number.
    pub fn check_crops(&mut self, frame: &[u8]) -> Result<(Embedding, f32), FaceError> {
        self.has_crops = false;
        if frame.len() != FRAME_CROPS_BYTES {
            return Err(FaceError::Crops { expected: FRAME_CROPS_BYTES, found: frame.len() });
        }
        let (face, crops) = frame.split_at(FACE);
        let (near, wide) = crops.split_at(CROP);
        let embedding = self.embedder.embed_tensor(unpacked(face))?;
        let scores = self.liveness.scores_of(unpacked(near), unpacked(wide))?;
        Ok((embedding, f32::midpoint(scores[0], scores[1])))
    }
}

fn pack(planes: &[f32], bytes: &mut Vec<u8>) {
    let size = planes.len() / 3;
    let byte = |sample: f32| sample.round().clamp(0.0, 255.0) as u8;
    bytes.extend((0..size).flat_map(|at| [0, 1, 2].map(|colour| byte(planes[colour * size + at]))));
}

/// The planes one after the other.
fn unpacked(bytes: &[u8]) -> impl Iterator<Item = f32> {
    (0..3).flat_map(|colour| bytes.iter().skip(colour).step_by(3).map(|byte| f32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_packed_and_come_back() {
        let planes: Vec<f32> = (0..48_u8).map(f32::from).collect();
        let mut bytes = Vec::new();
        pack(&planes, &mut bytes);
        assert_eq!(bytes[..6], [0, 16, 32, 1, 17, 33]);
        assert_eq!(unpacked(&bytes).collect::<Vec<_>>(), planes);
        bytes.clear();
        pack(&[-3.0, 254.6, 999.0], &mut bytes);
        assert_eq!(bytes, [0, 255, 255]);
    }
}
