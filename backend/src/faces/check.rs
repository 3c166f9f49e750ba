//! What the frames of an attempt say, in the same numbers as the device's report.

use miantan_domain::model::{FRAME_CROPS_BYTES, FaceScores};
use miantan_domain::wire::rest::FRAMES_MAX;
use miantan_face::{Embedding, FaceChecker, FaceError};

/// Why frames say nothing.
#[derive(Debug)]
pub enum Unusable {
    /// None, too many, or one that is not whole.
    Form,
    Face(FaceError),
}

/// Looks at frames of [`FRAME_CROPS_BYTES`] bytes that lie one after the other.
///
/// # Errors
/// [`Unusable`].
pub fn frame_scores(
    checker: &mut FaceChecker,
    reference: &Embedding,
    frames: &[u8],
) -> Result<FaceScores, Unusable> {
    let (frames, rest) = frames.as_chunks::<FRAME_CROPS_BYTES>();
    if frames.is_empty() || frames.len() > FRAMES_MAX || !rest.is_empty() {
        return Err(Unusable::Form);
    }
    let mut cosines = Vec::with_capacity(frames.len());
    let mut liveness = Vec::with_capacity(frames.len());
    let mut first: Option<Embedding> = None;
    let mut same_person = 1.0_f32;
    for frame in frames {
        let (embedding, live) = checker.check_crops(frame).map_err(Unusable::Face)?;
        cosines.push(embedding.cosine(reference));
        liveness.push(live);
        let first = first.get_or_insert_with(|| embedding.clone());
        same_person = same_person.min(first.cosine(&embedding));
    }
    Ok(FaceScores {
        frames: frames.len() as u32,
        cosine: median(&mut cosines),
        liveness: median(&mut liveness),
        same_person,
    })
}

/// Of at least one value; of an even number the mean of the middle two.
fn median(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    let middle = values.len() / 2;
    match values.get(middle) {
        Some(upper) if values.len().is_multiple_of(2) => f32::midpoint(values[middle - 1], *upper),
        Some(middle) => *middle,
        None => f32::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(&mut [0.9, 0.1, 0.5]) - 0.5).abs() < 1e-6);
        assert!((median(&mut [0.9, 0.1, 0.5, 0.3]) - 0.4).abs() < 1e-6);
        assert!((median(&mut [0.2]) - 0.2).abs() < 1e-6);
        assert!(median(&mut []).is_nan());
    }
}
