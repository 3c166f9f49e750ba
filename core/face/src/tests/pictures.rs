//! Every number that `expected.json` gives for a picture.

use std::collections::BTreeSet;

use miantan_domain::rules::identity::framing::framing;

use super::*;
use crate::geometry::angles;

#[test]
fn faces_are_where_the_reference_has_them() {
    for (name, Measured { image, look, .. }) in measured() {
        let sides = numbers(&image["work_size"]);
        assert_eq!([look.facts.width, look.facts.height], sides[..], "{name}");
        let faces = image["faces"].as_array().expect("faces");
        assert_eq!(look.faces.len(), faces.len(), "{name}");
        let box_px = tolerance("box_px", image);
        let landmark_px = tolerance("landmark_px", image);
        for (face, expected) in look.faces.iter().zip(faces) {
            near(face.score, number(&expected["score"]), tolerance("score", image), name);
            for (found, expected) in face.bounds.iter().zip(numbers(&expected["box"])) {
                near(*found, expected, box_px, name);
            }
            // The detector's own landmarks move with its box.
            let detected = numbers(&expected["detector_landmarks"]);
            for (found, expected) in face.detected.as_flattened().iter().zip(detected) {
                near(*found, expected, box_px, name);
            }
            let landmarks = face.landmarks.expect("refined");
            for (found, expected) in landmarks.as_flattened().iter().zip(numbers(&expected["landmarks"])) {
                near(*found, expected, landmark_px, name);
            }
            let found = angles(&landmarks);
            near(found.eyes, number(&expected["iod"]), 2.0 * landmark_px, name);
            let degrees = tolerance("angle_deg", image);
            near(found.yaw, number(&expected["yaw"]), degrees, name);
            near(found.roll, number(&expected["roll"]), degrees, name);
            near(found.pitch, number(&expected["pitch"]), degrees, name);
        }
    }
}

#[test]
fn light_and_sharpness_are_those_of_the_reference() {
    for (name, Measured { image, look, .. }) in
        measured().iter().filter(|(_, found)| found.image["quality"].is_object())
    {
        let facts = look.facts.face.expect("a face");
        let quality = &image["quality"];
        // Another JPEG decoder differs by up to 4 grey levels in a pixel, by less in a percentile.
        near(facts.luma_p95, number(&quality["face_luma_p95"]), 1.0, name);
        near(facts.luma_median, number(&quality["face_luma_median"]), 1.0, name);
        near(facts.saturated, number(&quality["face_saturated_share"]), 0.005, name);
        let sharpness = number(&quality["laplacian_variance"]);
        near(facts.sharpness, sharpness, 1.0 + 0.05 * sharpness, name);
    }
}

#[test]
fn the_surroundings_make_up_the_rest_of_the_picture() {
    for (name, Measured { image, look, .. }) in
        measured().iter().filter(|(_, found)| found.image["quality"].is_object())
    {
        let facts = look.facts;
        let face = facts.face.expect("a face");
        assert!((0.0..=255.0).contains(&face.surround_luma), "{name}");
        // The mean of the whole picture lies between the surroundings and what they leave out; a small face leaves them alone.
        if face.bounds[2] * face.bounds[3] < 0.05 * facts.width * facts.height {
            near(face.surround_luma, number(&image["quality"]["frame_luma_mean"]), 12.0, name);
        }
    }
}

#[test]
fn liveness_is_that_of_the_reference() {
    for (name, Measured { image, look, .. }) in
        measured().iter().filter(|(_, found)| found.image["liveness"].is_object())
    {
        let found = look.liveness.expect("a face");
        let expected = &image["liveness"];
        near(found, number(&expected["live"]), tolerance("liveness", image), name);
    }
}

#[test]
fn framing_is_what_the_reference_says() {
    for (name, Measured { image, look, .. }) in measured() {
        let facts = look.facts;
        let found: BTreeSet<String> = framing(&facts)
            .into_iter()
            .map(|what| serde_json::to_value(what).expect("a word").as_str().expect("a word").to_owned())
            .collect();
        let expected =
            image["guidance"].as_array().expect("guidance").iter().map(|word| word.as_str().expect("a word"));
        let expected: BTreeSet<String> = expected.filter(|word| *word != "ok").map(str::to_owned).collect();
        assert_eq!(found, expected, "{name}: {facts:?}");
    }
}

#[test]
fn embeddings_and_cosines_are_those_of_the_reference() {
    for (key, expected) in expected()["embeddings"].as_object().expect("embeddings") {
        let (first, second) = vectors(key);
        let cosine =
            |found: &[f32], expected: &[f32]| found.iter().zip(expected).map(|(a, b)| a * b).sum::<f32>();
        let (expected_first, expected_second) =
            (numbers(&expected["retail_0095"]), numbers(&expected["mobilefacenet"]));
        assert!(cosine(first.values(), &expected_first) > 0.999, "{key}");
        assert!(cosine(second.values(), &expected_second) > 0.999, "{key}");
    }
    let images = &expected()["images"];
    let image = |key: &str| &images[key.split('#').next().expect("a name")];
    for pair in expected()["pairs"].as_array().expect("pairs") {
        let (a, b) = (pair["a"].as_str().expect("a name"), pair["b"].as_str().expect("a name"));
        let tolerance = tolerance("cosine", image(a)).max(tolerance("cosine", image(b)));
        let what = format!("{a} with {b}");
        near(vectors(a).0.cosine(&vectors(b).0), number(&pair["retail_0095"]), tolerance, &what);
        near(vectors(a).1.cosine(&vectors(b).1), number(&pair["mobilefacenet"]), tolerance, &what);
    }
}
