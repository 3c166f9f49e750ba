//! Finds faces: YuNet n (ShiqiYu/libfacedetection.train) on the whole image. Source: `spec.detector` of faces/expected.json:
//! blue, green, red, 0..255, padded with zeros to multiples of 32; anchors at strides 8, 16 and 32;
//! score = √(class · object); non-maximum suppression at an overlap of 0.3; the largest box comes first.

use crate::error::FaceError;
use crate::runtime::{Net, Outputs};
use crate::work_image::Planes;

/// x and y in pixels.
pub type Point = [f32; 2];
/// x, y, width, height in pixels; may reach beyond the picture.
pub type Bounds = [f32; 4];

/// From this score on it is a face. Real faces of the test pictures have 0.83 or more.
pub(crate) const SCORE_MIN: f32 = 0.6;
/// Boxes that overlap more are the same face.
const OVERLAP_MAX: f32 = 0.3;
/// More faces than this are a crowd; the weakest are left out before boxes are compared in pairs.
const CANDIDATES_MAX: usize = 500;
/// Stride and the names of its outputs: class, object, box, landmarks.
const HEADS: [(usize, [&str; 4]); 3] = [
    (8, ["cls_8", "obj_8", "bbox_8", "kps_8"]),
    (16, ["cls_16", "obj_16", "bbox_16", "kps_16"]),
    (32, ["cls_32", "obj_32", "bbox_32", "kps_32"]),
];

/// A face that was found, in pixels of the work picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    pub bounds: Bounds,
    /// 0..1
    pub score: f32,
    /// By the detector: eye at the image's left, eye at its right, nose, mouth corner at the left, at the right.
    pub detected: [Point; 5],
    /// The same by the landmark model, which is more exact; `None` where it was not asked.
    pub landmarks: Option<[Point; 5]>,
}

impl Face {
    fn area(&self) -> f32 {
        self.bounds[2] * self.bounds[3]
    }

    /// The same face in a picture that is wider and higher by these factors.
    pub(crate) fn scaled(&self, wider: f32, higher: f32) -> Self {
        let point = |[x, y]: Point| [x * wider, y * higher];
        let [x, y, w, h] = self.bounds;
        Self {
            bounds: [x * wider, y * higher, w * wider, h * higher],
            score: self.score,
            detected: self.detected.map(point),
            landmarks: self.landmarks.map(|landmarks| landmarks.map(point)),
        }
    }
}

pub(crate) struct Detector {
    net: Net,
}

impl Detector {
    pub fn new(net: Net) -> Result<Self, FaceError> {
        for (_, outputs) in HEADS {
            net.gives(&outputs)?;
        }
        Ok(Self { net })
    }

    /// Replaces the contents of `faces` by what is in the image, the largest first.
    pub fn detect(&mut self, image: &Planes, faces: &mut Vec<Face>) -> Result<(), FaceError> {
        faces.clear();
        let shape = image.shape();
        self.net.run(shape, image.tensor(), |outputs| {
            for (stride, names) in HEADS {
                decode(outputs, stride, names, shape, faces)?;
            }
            Ok(())
        })?;
        suppress(faces);
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(())
    }

    /// Only the model, on what was looked at last: for comparing.
    pub fn bare(&mut self, image: &Planes) -> Result<(), FaceError> {
        self.net.run(image.shape(), image.tensor(), |_| Ok(()))
    }
}

fn decode(
    outputs: &Outputs<'_>,
    stride: usize,
    [class, object, boxes, points]: [&str; 4],
    shape: [usize; 4],
    faces: &mut Vec<Face>,
) -> Result<(), FaceError> {
    let (rows, columns) = (shape[2] / stride, shape[3] / stride);
    let cells = rows * columns;
    let class = outputs.get(class, cells)?;
    let object = outputs.get(object, cells)?;
    let boxes = outputs.get(boxes, cells * 4)?;
    let points = outputs.get(points, cells * 10)?;
    for (index, (class, object)) in class.iter().zip(object).enumerate() {
        let square = class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0);
        if square.is_nan() {
            return Err(outputs.not_a_number());
        }
        if square < SCORE_MIN * SCORE_MIN {
            continue;
        }
        let stride = stride as f32;
        let (column, row) = ((index % columns) as f32, (index / columns) as f32);
        let cell = &boxes[index * 4..index * 4 + 4];
        let (width, height) = (cell[2].exp() * stride, cell[3].exp() * stride);
        let (x, y) = ((column + cell[0]) * stride - width / 2.0, (row + cell[1]) * stride - height / 2.0);
        let points = &points[index * 10..index * 10 + 10];
        let face = Face {
            bounds: [x, y, width, height],
            score: square.sqrt(),
            detected: std::array::from_fn(|n| {
                [(column + points[2 * n]) * stride, (row + points[2 * n + 1]) * stride]
            }),
            landmarks: None,
        };
        if !face.bounds.iter().chain(face.detected.as_flattened()).all(|number| number.is_finite()) {
            return Err(outputs.not_a_number());
        }
        faces.push(face);
    }
    Ok(())
}

/// Of boxes that overlap, the one with the best score stays.
fn suppress(faces: &mut Vec<Face>) {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    faces.truncate(CANDIDATES_MAX);
    let mut kept = 0;
    for index in 0..faces.len() {
        let face = faces[index];
        if faces[..kept].iter().all(|other| overlap(&face.bounds, &other.bounds) <= OVERLAP_MAX) {
            faces[kept] = face;
            kept += 1;
        }
    }
    faces.truncate(kept);
}

/// Intersection over union.
fn overlap(a: &Bounds, b: &Bounds) -> f32 {
    let side = |n: usize| (a[n] + a[n + 2]).min(b[n] + b[n + 2]) - a[n].max(b[n]);
    let both = side(0).max(0.0) * side(1).max(0.0);
    let either = a[2] * a[3] + b[2] * b[3] - both;
    if either > 0.0 { both / either } else { 0.0 }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn face(bounds: Bounds, score: f32) -> Face {
        Face { bounds, score, detected: [[0.0; 2]; 5], landmarks: None }
    }

    #[test]
    fn of_boxes_on_one_face_the_best_stays() {
        let mut faces = vec![
            face([0.0, 0.0, 10.0, 10.0], 0.7),
            face([1.0, 0.0, 10.0, 10.0], 0.9),
            face([8.0, 0.0, 10.0, 10.0], 0.8),
        ];
        suppress(&mut faces);
        assert_eq!(faces.iter().map(|face| face.score).collect::<Vec<_>>(), [0.9, 0.8]);
    }

    #[test]
    fn boxes_without_area_do_not_overlap() {
        assert_eq!(overlap(&[1.0, 1.0, 0.0, 0.0], &[1.0, 1.0, 0.0, 0.0]), 0.0);
        assert!((overlap(&[0.0, 0.0, 2.0, 2.0], &[0.0, 0.0, 2.0, 2.0]) - 1.0).abs() < 1e-6);
        assert_eq!(overlap(&[0.0, 0.0, 2.0, 2.0], &[5.0, 5.0, 2.0, 2.0]), 0.0);
    }
}
