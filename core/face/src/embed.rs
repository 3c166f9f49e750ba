//! A vector of a face that lies near to other vectors of the same person's face. Source: `spec.embedding` of
//! faces/expected.json: Open Model Zoo `face-reidentification-retail-0095` on the face aligned to 128 × 128 (blue, green,
//! red), 256 values; as a second, independent opinion MobileFaceNet on 112 × 112 (red, green, blue), 128 values. Both are
//! normalised; the cosine is the likeness.
//!
//! A vector identifies a person. It is overwritten when it goes and never shown, not even for debugging.

use zeroize::{Zeroize, Zeroizing};

use crate::align::{Inverse, SIDE_112, SIDE_128, TEMPLATE_112, TEMPLATE_128, warp};
use crate::detect::Point;
use crate::error::FaceError;
use crate::runtime::Net;
use crate::work_image::Planes;

/// Of length 1.
#[derive(Clone, PartialEq)]
pub struct Vector<const N: usize>(Box<[f32; N]>);

/// By the model 0095; what verdicts stand on.
pub type Embedding = Vector<256>;
/// By MobileFaceNet.
pub type SecondEmbedding = Vector<128>;

/// Bytes that are no vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "these bytes are no embedding of a face ({expected} bytes of a vector of length 1 are); make it again"
)]
pub struct NotAnEmbedding {
    expected: usize,
}

impl<const N: usize> Vector<N> {
    /// Length in bytes.
    pub const BYTES: usize = N * 4;

    /// `None` when a value is no number or all are 0.
    pub(crate) fn normalised(values: &[f32]) -> Option<Self> {
        let square: f64 = values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
        let mut vector = Box::new([0.0; N]);
        if values.len() != N || !square.is_finite() || square <= 0.0 {
            return None;
        }
        let length = square.sqrt();
        for (out, value) in vector.iter_mut().zip(values) {
            *out = (f64::from(*value) / length) as f32;
        }
        Some(Self(vector))
    }

    /// Likeness: −1..1, more is more alike.
    pub fn cosine(&self, other: &Self) -> f32 {
        let sum: f64 = self.0.iter().zip(other.0.iter()).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        sum.clamp(-1.0, 1.0) as f32
    }

    pub fn values(&self) -> &[f32; N] {
        &self.0
    }

    /// `f32`, little endian, one after the other.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // With its full capacity from the start: growing would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::BYTES));
        for value in self.0.iter() {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// # Errors
    /// When the length is wrong, a value is no number, or the vector's length is not 1.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAnEmbedding> {
        let error = NotAnEmbedding { expected: Self::BYTES };
        if bytes.len() != Self::BYTES {
            return Err(error);
        }
        let mut vector = Self(Box::new([0.0; N]));
        for (out, value) in vector.0.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *out = f32::from_le_bytes(*value);
        }
        let square: f64 = vector.0.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
        if (square - 1.0).abs() < 1e-3 { Ok(vector) } else { Err(error) }
    }
}

impl<const N: usize> Drop for Vector<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> std::fmt::Debug for Vector<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vector<{N}>(not shown)")
    }
}

/// What differs between the two models.
struct Kind {
    template: [Point; 5],
    side: usize,
    colours: [usize; 3],
}

const OUTPUT: &str = "embedding";
const FIRST: Kind = Kind { template: TEMPLATE_128, side: SIDE_128, colours: [0, 1, 2] };
const SECOND: Kind = Kind { template: TEMPLATE_112, side: SIDE_112, colours: [2, 1, 0] };

/// One of the two embedding models.
pub(crate) struct Embedder<const N: usize> {
    net: Net,
    kind: Kind,
    tensor: Vec<f32>,
}

impl Embedder<256> {
    pub fn new(net: Net) -> Result<Self, FaceError> {
        Self::of(net, FIRST)
    }
}

impl Embedder<128> {
    pub fn new(net: Net) -> Result<Self, FaceError> {
        Self::of(net, SECOND)
    }
}

impl<const N: usize> Embedder<N> {
    fn of(net: Net, kind: Kind) -> Result<Self, FaceError> {
        net.gives(&[OUTPUT])?;
        let tensor = vec![0.0; kind.side * kind.side * 3];
        Ok(Self { net, kind, tensor })
    }

    pub fn embed(&mut self, image: &Planes, landmarks: &[Point; 5]) -> Result<Vector<N>, FaceError> {
        let inverse = Inverse::of(landmarks, &self.kind.template).ok_or_else(|| self.net.not_a_number())?;
        warp(image, &inverse, self.kind.side, self.kind.colours, &mut self.tensor);
        self.run()
    }

    fn run(&mut self) -> Result<Vector<N>, FaceError> {
        let shape = [1, 3, self.kind.side, self.kind.side];
        self.net.run(shape, &self.tensor, |outputs| {
            Vector::normalised(outputs.get(OUTPUT, N)?).ok_or_else(|| outputs.not_a_number())
        })
    }

    /// What the model saw last: three planes.
    pub fn tensor(&self) -> &[f32] {
        &self.tensor
    }

    /// The model alone on what it saw last.
    pub fn again(&mut self) -> Result<Vector<N>, FaceError> {
        self.run()
    }

    /// The model alone on a tensor of the same shape that was made elsewhere.
    pub fn embed_tensor(&mut self, tensor: impl Iterator<Item = f32>) -> Result<Vector<N>, FaceError> {
        for (out, sample) in self.tensor.iter_mut().zip(tensor) {
            *out = sample;
        }
        self.run()
    }

    /// The model alone on a tensor made elsewhere; not normalised.
    #[cfg(test)]
    pub fn raw(&mut self, tensor: &[f32]) -> Result<Vec<f32>, FaceError> {
        let shape = [1, 3, self.kind.side, self.kind.side];
        self.net.run(shape, tensor, |outputs| Ok(outputs.get(OUTPUT, N)?.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(seed: f32) -> Embedding {
        let values: Vec<f32> = (0..256_u16).map(|n| (f32::from(n) * seed).sin()).collect();
        Embedding::normalised(&values).expect("numbers")
    }

    #[test]
    fn a_face_is_most_like_itself() {
        let (lin, wang) = (vector(0.7), vector(1.3));
        assert!((lin.cosine(&lin) - 1.0).abs() < 1e-6);
        assert!(lin.cosine(&wang) < 0.5);
        assert!((lin.cosine(&wang) - wang.cosine(&lin)).abs() < f32::EPSILON);
    }

    #[test]
    fn a_vector_travels_as_bytes_and_damaged_bytes_do_not() {
        let lin = vector(0.7);
        let bytes = lin.to_bytes();
        assert_eq!(bytes.len(), Embedding::BYTES);
        assert!(Embedding::from_bytes(&bytes).expect("a vector") == lin);
        assert!(Embedding::from_bytes(&bytes[1..]).is_err());
        assert!(Embedding::from_bytes(&[0; 1024]).is_err());
        let mut not_a_number = bytes.clone();
        not_a_number[..4].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(Embedding::from_bytes(&not_a_number).is_err());
        let error = SecondEmbedding::from_bytes(&bytes).expect_err("too long");
        assert!(error.to_string().contains("512 bytes"), "{error}");
    }

    #[test]
    fn what_is_no_number_is_no_vector_and_none_is_shown() {
        assert!(Embedding::normalised(&[0.0; 256]).is_none());
        assert!(Embedding::normalised(&[f32::NAN; 256]).is_none());
        assert!(Embedding::normalised(&[f32::INFINITY; 256]).is_none());
        assert!(Embedding::normalised(&[1.0; 255]).is_none());
        assert_eq!(format!("{:?}", vector(0.7)), "Vector<256>(not shown)");
    }
}
