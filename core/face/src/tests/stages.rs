//! Single steps on the files in `faces/exact`, which need no JPEG decoder: raw outputs of the models, and the inputs that
//! this crate makes for them.

use super::*;
use crate::align::{Inverse, TEMPLATE_112, TEMPLATE_128};

fn stage(name: &str) -> &'static Value {
    &expected()["stages"][name]
}

fn exact(name: &str) -> f32 {
    number(&expected()["tolerances"]["exact_folder"][name])
}

/// Three planes in the given order of colours (0 red, 1 green, 2 blue).
fn planes(name: &str, colours: [usize; 3]) -> Vec<f32> {
    let picture = picture(name);
    let Pixels::Rgb(rgb) = picture.pixels() else { panic!("decoded pictures are RGB") };
    colours
        .iter()
        .flat_map(|colour| rgb.iter().skip(*colour).step_by(3).map(|byte| f32::from(*byte)))
        .collect()
}

const BGR: [usize; 3] = [2, 1, 0];
const RGB: [usize; 3] = [0, 1, 2];

#[test]
fn the_models_give_the_raw_numbers_of_the_reference() {
    let mut checker = checker();
    let name = "exact/a1_landmark_48.png";
    let found = checker.landmarks.raw(&planes(name, BGR)).expect("landmarks");
    for (found, expected) in found.as_flattened().iter().zip(numbers(&stage(name)["landmarks"])) {
        near(*found, expected, exact("landmarks"), name);
    }
    let name = "exact/a1_aligned_128.png";
    let found = checker.embedder.raw(&planes(name, BGR)).expect("an embedding");
    for (found, expected) in found.iter().zip(numbers(&stage(name)["embedding_raw"])) {
        near(*found, expected, exact("embedding_raw"), name);
    }
    let name = "exact/a1_aligned_112.png";
    let second = checker.second.as_mut().expect("the second model");
    let found = second.raw(&planes(name, RGB)).expect("an embedding");
    for (found, expected) in found.iter().zip(numbers(&stage(name)["embedding_raw"])) {
        near(*found, expected, exact("embedding_raw"), name);
    }
    for (index, name) in ["exact/real_1_v2_80.png", "exact/real_1_v1se_80.png"].into_iter().enumerate() {
        let found = checker.liveness.raw(index, &planes(name, BGR)).expect("logits");
        for (found, expected) in found.iter().zip(numbers(&stage(name)["logits"])) {
            near(*found, expected, exact("logits"), name);
        }
    }
}

#[test]
fn boxes_and_landmarks_are_those_of_the_reference() {
    let mut checker = checker();
    for name in ["exact/a1.png", "exact/real_1.png"] {
        let face = look(&mut checker, name).faces[0];
        for (found, expected) in face.bounds.iter().zip(numbers(&stage(name)["box"])) {
            near(*found, expected, exact("box_px"), name);
        }
        near(face.score, number(&stage(name)["score"]), 0.001, name);
    }
    let name = "exact/a1.png";
    let face = look(&mut checker, name).faces[0];
    let refined = face.landmarks.expect("refined");
    for (found, expected) in refined.as_flattened().iter().zip(numbers(&stage(name)["refined_landmarks"])) {
        near(*found, expected, 0.05, "refined");
    }
    for (found, expected) in
        face.detected.as_flattened().iter().zip(numbers(&stage(name)["detector_landmarks"]))
    {
        near(*found, expected, 0.05, "detected");
    }
}

#[test]
fn the_similarity_is_the_inverse_of_the_references_matrix() {
    let name = "exact/a1.png";
    let mut checker = checker();
    let landmarks = look(&mut checker, name).faces[0].landmarks.expect("refined");
    for (template, key) in [(TEMPLATE_128, "align_128_matrix"), (TEMPLATE_112, "align_112_matrix")] {
        let inverse = Inverse::of(&landmarks, &template).expect("a similarity");
        let matrix = numbers(&stage(name)[key]);
        for (x, y) in [(0, 0), (100, 10), (30, 110)] {
            let (u, v) = inverse.at(x, y);
            // Forward again, with the reference's matrix.
            near(matrix[0] * u + matrix[1] * v + matrix[2], x as f32, 0.02, key);
            near(matrix[3] * u + matrix[4] * v + matrix[5], y as f32, 0.02, key);
        }
    }
}

#[test]
fn the_models_see_what_the_reference_showed_them() {
    let mut checker = checker();
    // The files hold rounded values.
    let check = |found: &[f32], name: &str, colours| {
        let expected = planes(name, colours);
        assert_eq!(found.len(), expected.len(), "{name}");
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 0.75, "{name}: {worst}");
    };
    look(&mut checker, "exact/a1.png");
    check(checker.embedder.tensor(), "exact/a1_aligned_128.png", BGR);
    check(checker.second.as_ref().expect("the second model").tensor(), "exact/a1_aligned_112.png", RGB);
    check(checker.landmarks.tensor(), "exact/a1_landmark_48.png", BGR);
    look(&mut checker, "exact/real_1.png");
    check(&checker.liveness.tensors()[0], "exact/real_1_v2_80.png", BGR);
    check(&checker.liveness.tensors()[1], "exact/real_1_v1se_80.png", BGR);
}
