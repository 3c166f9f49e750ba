//! Bad input: models that are not what they should be, no library, pictures of all odd kinds, and numbers that are none.

use std::fs;
use std::path::Path;

use super::*;
use crate::error::FaceError;
use crate::models::{Manifest, ModelError, Role};
use crate::runtime::RuntimeError;

/// A folder with the needed models, to be damaged.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for model in Manifest::bundled().needed() {
        fs::copy(models().join(&model.file), folder.path().join(&model.file)).expect(SETUP);
    }
    folder
}

fn file_of(role: Role) -> &'static str {
    &Manifest::bundled().of(role).expect("a model").file
}

#[test]
fn models_are_found_under_their_names_or_their_checksums() {
    let folder = copied();
    for model in Manifest::bundled().needed() {
        fs::rename(folder.path().join(&model.file), folder.path().join(&model.sha256)).expect("renamed");
    }
    assert!(ModelFiles::open(folder.path()).is_ok());
}

#[test]
fn a_corrupt_model_is_named_with_both_checksums() {
    let folder = copied();
    let file = file_of(Role::Embedding);
    let mut bytes = fs::read(folder.path().join(file)).expect("read");
    bytes[100_000] ^= 1;
    fs::write(folder.path().join(file), bytes).expect("written");
    let error = ModelFiles::open(folder.path()).expect_err("corrupt");
    let ModelError::Checksum { file: named, expected, found } = &error else { panic!("{error}") };
    let entry = Manifest::bundled().of(Role::Embedding).expect("a model");
    assert_eq!((named.as_str(), expected), (file, &entry.sha256));
    assert!(found.len() == 64 && found != expected && error.to_string().contains(found.as_str()));
}

#[test]
fn a_truncated_model_is_named_with_its_size() {
    let folder = copied();
    let path = folder.path().join(file_of(Role::LivenessWide));
    let bytes = fs::read(&path).expect("read");
    fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
    let error = ModelFiles::open(folder.path()).expect_err("truncated");
    assert!(
        matches!(&error, ModelError::Size { file, .. } if file == file_of(Role::LivenessWide)),
        "{error}"
    );
}

#[test]
fn swapped_models_are_named() {
    let folder = copied();
    let (near, wide) =
        (folder.path().join(file_of(Role::LivenessNear)), folder.path().join(file_of(Role::LivenessWide)));
    fs::rename(&near, folder.path().join("aside")).expect("renamed");
    fs::rename(&wide, &near).expect("renamed");
    fs::rename(folder.path().join("aside"), &wide).expect("renamed");
    let error = ModelFiles::open(folder.path()).expect_err("swapped");
    assert!(error.to_string().contains(file_of(Role::LivenessNear)), "{error}");
    assert!(matches!(error, ModelError::Size { .. } | ModelError::Checksum { .. }));
}

#[test]
fn a_missing_library_is_an_error_with_a_way_on() {
    let files = ModelFiles::open(&models()).expect(SETUP);
    let options = Options { library: Some("/nowhere".into()), ..Options::default() };
    let error = FaceChecker::load(&files, &options).expect_err("no library");
    assert!(matches!(&error, FaceError::Runtime(RuntimeError::NotFound { .. })), "{error}");
    assert!(error.to_string().contains("cargo xtask setup"), "{error}");
}

#[test]
fn a_second_embedding_that_was_not_opened_is_an_error() {
    let files = ModelFiles::open(&models()).expect(SETUP);
    let options = Options { second_embedding: true, ..Options::default() };
    let error = FaceChecker::load(&files, &options).expect_err("not opened");
    assert!(matches!(error, FaceError::Models(ModelError::Unknown { .. })), "{error}");
}

#[test]
fn grey_black_white_and_tiny_pictures_have_no_face() {
    let mut checker = checker();
    for (width, height) in [(1, 1), (1, 640), (640, 1), (2, 3), (33, 31), (641, 479), (320, 240)] {
        for level in [0, 128, 255] {
            let rgb = vec![level; width * height * 3];
            let rgb = Picture::rgb(width as u32, height as u32, rgb).expect("a picture");
            let luma = vec![level; width * height];
            let chroma = vec![128; width.div_ceil(2) * height.div_ceil(2)];
            let strides = [width, width.div_ceil(2), width.div_ceil(2)];
            let camera = Picture::i420(width as u32, height as u32, [&luma, &chroma, &chroma], strides);
            for picture in [&rgb, &camera.expect("a picture")] {
                for depth in [Depth::Advice, Depth::Frame, Depth::Full] {
                    let look = checker.look(picture, depth).expect("no error");
                    assert!(look.faces.is_empty() && look.facts.face.is_none(), "{picture:?} {level}");
                    assert!(look.embedding.is_none() && checker.crops().is_none());
                }
            }
        }
    }
}

#[test]
fn an_8k_frame_with_an_odd_side_shows_the_same_face() {
    let mut checker = checker();
    let small = picture("framing/ok.png");
    let Pixels::Rgb(rgb) = small.pixels() else { panic!("RGB") };
    let (w, h) = small.sides();
    // 360 × 480 blown up twelve times, and one column more.
    let (width, height) = (w * 12 + 1, h * 12);
    let large: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| ((y / 12) * w + (x / 12).min(w - 1)) * 3))
        .flat_map(|at| [rgb[at], rgb[at + 1], rgb[at + 2]])
        .collect();
    let large = Picture::rgb(width as u32, height as u32, large).expect("a picture");
    let camera = Camera::of(&large);
    let expected = checker.reference(&small).expect("a reference");
    for (picture, depth) in [(&large, Depth::Full), (&camera.picture(), Depth::Frame)] {
        let look = checker.look(picture, depth).expect("measured");
        assert_eq!((look.facts.width, look.facts.height), (480.0, 640.0));
        let cosine = look.embedding.expect("a face").cosine(&expected);
        assert!(cosine > 0.97, "{depth:?}: {cosine}");
    }
}

#[test]
fn faces_at_the_edge_turned_sideways_or_upside_down_are_no_panic() {
    let mut checker = checker();
    let ok = picture("framing/ok.png");
    let Pixels::Rgb(rgb) = ok.pixels() else { panic!("RGB") };
    let (w, h) = ok.sides();
    let pixel = |x: usize, y: usize| [0, 1, 2].map(|n| rgb[(y * w + x) * 3 + n]);
    let turned: Vec<u8> = (0..w).flat_map(|y| (0..h).flat_map(move |x| pixel(y, h - 1 - x))).collect();
    let upside_down: Vec<u8> = (0..h).flat_map(|y| (0..w).flat_map(move |x| pixel(x, h - 1 - y))).collect();
    let turned = Picture::rgb(h as u32, w as u32, turned).expect("a picture");
    let upside_down = Picture::rgb(w as u32, h as u32, upside_down).expect("a picture");
    let mut pictures = vec![turned, upside_down];
    // Windows over the face in all places, cut off on every side.
    for (x, y) in [(0, 0), (60, 40), (120, 100), (180, 150), (200, 40), (100, 250)] {
        pictures.push(ok.cut(x, y, 150, 190));
    }
    for picture in &pictures {
        for depth in [Depth::Advice, Depth::Frame, Depth::Full] {
            let look = checker.look(picture, depth).expect("no error");
            if let Some(face) = look.facts.face {
                let numbers =
                    [face.yaw, face.pitch, face.roll, face.sharpness, face.surround_luma, face.eye_distance];
                assert!(numbers.iter().all(|number| number.is_finite()), "{face:?}");
            }
        }
    }
}

#[test]
fn numbers_that_are_none_are_errors() {
    let mut checker = checker();
    let nan = || std::iter::repeat(f32::NAN);
    assert!(matches!(checker.embedder.embed_tensor(nan()), Err(FaceError::NotANumber { .. })));
    assert!(matches!(checker.liveness.scores_of(nan(), nan()), Err(FaceError::NotANumber { .. })));
    assert!(matches!(checker.landmarks.raw(&vec![f32::NAN; 3 * 48 * 48]), Err(FaceError::NotANumber { .. })));
    let image = crate::work_image::Planes::of_nothing(64, 64);
    let error = checker.detector.detect(&image, &mut Vec::new()).expect_err("no numbers");
    assert!(error.to_string().contains(file_of(Role::Detector)), "{error}");
    // And afterwards everything works again.
    assert_eq!(look(&mut checker, "people/a1.jpg").faces.len(), 1);
}

#[test]
fn crops_of_another_length_are_refused() {
    let mut checker = checker();
    for length in
        [0, 1, miantan_domain::model::FRAME_CROPS_BYTES - 1, miantan_domain::model::FRAME_CROPS_BYTES + 1]
    {
        assert!(matches!(checker.check_crops(&vec![0; length]), Err(FaceError::Crops { .. })));
    }
    assert!(checker.check_crops(&vec![0; miantan_domain::model::FRAME_CROPS_BYTES]).is_ok());
}

#[test]
fn looking_again_gives_the_same_numbers_whatever_was_looked_at_between() {
    let mut checker = checker();
    let first = look(&mut checker, "people/d2.jpg");
    for between in ["live/real_3_hard.jpg", "scenes/no_face_cat.png", "framing/cut_off.png"] {
        look(&mut checker, between);
        let again = look(&mut checker, "people/d2.jpg");
        assert_eq!((again.facts, &again.faces), (first.facts, &first.faces));
        assert!(again.embedding == first.embedding && again.liveness == first.liveness);
    }
}

#[test]
fn a_library_that_is_none_cannot_be_used() {
    // In a process of its own this would be the first library; here one runs already, so only the search is looked at.
    let folder = tempfile::tempdir().expect("a folder");
    let error = crate::runtime::start(Some(&folder.path().join("libonnxruntime.so"))).expect_err("not there");
    assert!(error.to_string().contains("libonnxruntime.so"), "{error}");
    assert!(crate::runtime::start(Some(Path::new("Cargo.toml").parent().expect("here"))).is_err());
}
