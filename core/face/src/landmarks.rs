//! Refines the five landmarks inside a box: Open Model Zoo `landmarks-regression-retail-0009`. Source: `spec.landmarks` of
//! faces/expected.json: the box, stretched to 48 × 48 with every pixel the mean of s × s bilinear samples, s = ⌈longer
//! side / 48⌉; the model gives x and y as shares of the box.

use crate::detect::{Bounds, Point};
use crate::error::FaceError;
use crate::resample::{Axis, mix_columns, mix_rows};
use crate::runtime::Net;
use crate::work_image::Planes;

const SIDE: usize = 48;
const SHAPE: [usize; 4] = [1, 3, SIDE, SIDE];
const OUTPUT: &str = "landmarks";

pub(crate) struct Landmarks {
    net: Net,
    columns: Axis,
    rows: Axis,
    mixed: Vec<f32>,
    tensor: Vec<f32>,
}

impl Landmarks {
    pub fn new(net: Net) -> Result<Self, FaceError> {
        net.gives(&[OUTPUT])?;
        let tensor = vec![0.0; 3 * SIDE * SIDE];
        Ok(Self { net, columns: Axis::default(), rows: Axis::default(), mixed: Vec::new(), tensor })
    }

    /// Landmarks in pixels of a picture that is wider and higher than `image` by the given factors; `bounds` is in pixels
    /// of that picture too.
    pub fn refine(&mut self, image: &Planes, bounds: Bounds, scale: Point) -> Result<[Point; 5], FaceError> {
        let [x, y, w, h] = bounds;
        self.cut(image, [x / scale[0], y / scale[1], w / scale[0], h / scale[1]]);
        let shares = self.shares()?;
        Ok(shares.map(|share| [x + share[0] * w, y + share[1] * h]))
    }

    fn cut(&mut self, image: &Planes, [x, y, w, h]: Bounds) {
        // A face is never larger than a few pictures; a box that is, is nonsense and must not cost memory.
        let longest = image.width.max(image.height) as f32 * 4.0;
        let (w, h) = (w.clamp(1.0, longest), h.clamp(1.0, longest));
        let per = (w.max(h) / SIDE as f32).ceil().max(1.0) as usize;
        self.columns.blocks(x, w, SIDE, per, image.width);
        self.rows.blocks(y, h, SIDE, per, image.height);
        let span = self.columns.span();
        for colour in 0..3 {
            for row in 0..SIDE {
                let plane = image.plane(colour);
                mix_rows(plane, image.stride(), self.rows.taps(row), span.clone(), &mut self.mixed);
                let out = &mut self.tensor[(colour * SIDE + row) * SIDE..][..SIDE];
                mix_columns(&self.mixed, span.start, &self.columns, 1, 0, out);
            }
        }
    }

    fn shares(&mut self) -> Result<[Point; 5], FaceError> {
        self.net.run(SHAPE, &self.tensor, |outputs| {
            let values = outputs.finite(OUTPUT, 10)?;
            Ok(std::array::from_fn(|n| [values[2 * n], values[2 * n + 1]]))
        })
    }

    /// The model alone on the box that was looked at last.
    pub fn again(&mut self) -> Result<(), FaceError> {
        self.shares().map(drop)
    }

    #[cfg(test)]
    pub fn tensor(&self) -> &[f32] {
        &self.tensor
    }

    /// The model alone on a tensor made elsewhere: blue, green, red, 48 × 48.
    #[cfg(test)]
    pub fn raw(&mut self, tensor: &[f32]) -> Result<[Point; 5], FaceError> {
        self.tensor.copy_from_slice(tensor);
        self.shares()
    }
}
