//! The reference values (shared `faces/expected.json`) against this crate, decision by decision and number by number, and what
//! happens with bad input. They need the models, the pictures and ONNX Runtime, and fail without.

#![allow(clippy::float_cmp, reason = "where values are compared as they are, they are exact")]

mod decisions;
mod faults;
mod pictures;
mod stages;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::checker::{Depth, FaceChecker, Look, Options};
use crate::embed::{Embedding, SecondEmbedding};
use crate::models::{self, ModelFiles};
use crate::picture::{Picture, Pixels};

const SETUP: &str = "the models and pictures of the face check are needed: put `shared` beside the checkout or set \
MIANTAN_MODELS; `cargo xtask setup` brings ONNX Runtime";

fn models() -> PathBuf {
    models::folder().expect(SETUP)
}

/// The pictures are beside the models.
fn faces() -> PathBuf {
    let folder = models().join("../faces");
    assert!(folder.is_dir(), "{} is missing; {SETUP}", folder.display());
    folder
}

fn checker() -> FaceChecker {
    let files = ModelFiles::open_with_second(&models()).expect(SETUP);
    let options = Options { second_embedding: true, ..Options::default() };
    FaceChecker::load(&files, &options).expect(SETUP)
}

fn expected() -> &'static Value {
    static EXPECTED: OnceLock<Value> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let text = std::fs::read_to_string(faces().join("expected.json")).expect(SETUP);
        serde_json::from_str(&text).expect("JSON")
    })
}

fn picture(name: &str) -> Picture<'static> {
    let bytes = std::fs::read(faces().join(name)).expect(SETUP);
    Picture::decode(&bytes).expect("a picture")
}

fn number(value: &Value) -> f32 {
    value.as_f64().expect("a number") as f32
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().expect("numbers").iter().map(number).collect()
}

/// A tolerance of the reference for a picture; those that had to be shrunk have wider ones.
fn tolerance(name: &str, image: &Value) -> f32 {
    let tolerances = &expected()["tolerances"];
    let shrunk = &tolerances["shrunk_images"][name];
    let large = numbers(&image["size"]).into_iter().fold(0.0, f32::max) > 640.0;
    number(if large && shrunk.is_number() { shrunk } else { &tolerances[name] })
}

#[track_caller]
fn near(found: f32, expected: f32, tolerance: f32, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} instead of {expected} ± {tolerance}");
}

/// Planes of a camera picture, and its sides.
struct Camera {
    width: u32,
    height: u32,
    planes: [Vec<u8>; 3],
}

impl Camera {
    /// BT.601 in limited range; chroma from the mean of each block of up to 2 × 2, as cameras and core/media do.
    fn of(picture: &Picture<'_>) -> Self {
        let Pixels::Rgb(rgb) = picture.pixels() else { panic!("RGB is converted") };
        let (w, h) = picture.sides();
        let at =
            |x: usize, y: usize| [0, 1, 2].map(|n| f32::from(rgb[(y.min(h - 1) * w + x.min(w - 1)) * 3 + n]));
        let luma = (0..w * h).map(|n| {
            let [r, g, b] = at(n % w, n / w);
            (16.0 + (65.481 * r + 128.553 * g + 24.966 * b) / 255.0).round() as u8
        });
        let chroma = |weights: [f32; 3]| {
            let (columns, rows) = (w.div_ceil(2), h.div_ceil(2));
            (0..columns * rows)
                .map(|n| {
                    let (x, y) = (n % columns * 2, n / columns * 2);
                    let block = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
                    let sum: f32 =
                        block.iter().flat_map(|rgb| rgb.iter().zip(weights)).map(|(a, b)| a * b).sum();
                    (128.0 + sum / (4.0 * 255.0)).round() as u8
                })
                .collect()
        };
        let planes = [luma.collect(), chroma([-37.797, -74.203, 112.0]), chroma([112.0, -93.786, -18.214])];
        Self { width: picture.width(), height: picture.height(), planes }
    }

    fn picture(&self) -> Picture<'_> {
        let half = (self.width as usize).div_ceil(2);
        let [luma, blue, red] = &self.planes;
        Picture::i420(self.width, self.height, [luma, blue, red], [self.width as usize, half, half])
            .expect("whole planes")
    }
}

fn look(checker: &mut FaceChecker, name: &str) -> Look {
    checker.look(&picture(name), Depth::Full).expect("measured")
}

/// What was found in a picture of the reference, and the vectors of all its faces.
struct Measured {
    image: &'static Value,
    look: Look,
    vectors: Vec<(Embedding, SecondEmbedding)>,
}

/// All pictures of the reference, measured once for all tests.
fn measured() -> &'static BTreeMap<&'static str, Measured> {
    static MEASURED: OnceLock<BTreeMap<&'static str, Measured>> = OnceLock::new();
    MEASURED.get_or_init(|| {
        let mut checker = checker();
        let mut measure = |name, image| {
            let look = look(&mut checker, name);
            let vectors = look.faces.iter().map(|face| {
                let second = checker.embed_second(face).expect("an embedding");
                (checker.embed(face).expect("an embedding"), second.expect("the second model"))
            });
            let vectors = vectors.collect();
            (name, Measured { image, look, vectors })
        };
        let images = expected()["images"].as_object().expect("images");
        images.iter().map(|(name, image)| measure(name.as_str(), image)).collect()
    })
}

/// A face as the reference names it: `people/a1.jpg#0`.
fn vectors(face: &str) -> &'static (Embedding, SecondEmbedding) {
    let (name, index) = face.split_once('#').expect("a picture and a number");
    &measured()[name].vectors[index.parse::<usize>().expect("a number")]
}
