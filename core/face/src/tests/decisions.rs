//! What the numbers are for: the same person or not, live or not, at every depth and for camera pictures too.

use miantan_domain::model::FaceThresholds;

use super::*;
use crate::error::ReferenceError;

const SPOOFS: [&str; 4] = [
    "live/spoof_magazine.jpg",
    "live/spoof_printed_id.jpg",
    "live/spoof_tablet.jpg",
    "live/spoof_tablet_2.png",
];

#[test]
fn every_pair_is_decided_rightly() {
    let thresholds = FaceThresholds::default();
    let pairs = expected()["pairs"].as_array().expect("pairs");
    assert!(pairs.len() > 200);
    for pair in pairs {
        let (a, b) = (pair["a"].as_str().expect("a name"), pair["b"].as_str().expect("a name"));
        let cosine = vectors(a).0.cosine(&vectors(b).0);
        if pair["same"].as_bool().expect("same or not") {
            assert!(cosine >= thresholds.same, "{a} and {b} are one person: {cosine}");
        } else {
            assert!(cosine < thresholds.different, "{a} and {b} are two persons: {cosine}");
        }
    }
}

#[test]
fn spoofs_are_refused_and_live_people_accepted_at_every_depth_and_from_a_camera() {
    let mut checker = checker();
    let live = FaceThresholds::default().live;
    for name in SPOOFS.into_iter().chain(["live/real_1.jpg", "live/real_2.jpg"]) {
        let photo = picture(name);
        let camera = Camera::of(&photo);
        for (picture, depth) in [
            (&photo, Depth::Full),
            (&photo, Depth::Frame),
            (&camera.picture(), Depth::Full),
            (&camera.picture(), Depth::Frame),
        ] {
            let score = checker.look(picture, depth).expect("measured").liveness.expect("a face");
            assert_eq!(score >= live, name.contains("real"), "{name} as {picture:?} at {depth:?}: {score}");
        }
    }
}

#[test]
fn camera_frames_match_the_person_on_the_photo_and_nobody_else() {
    let mut checker = checker();
    let thresholds = FaceThresholds::default();
    let names = [
        "people/a1.jpg",
        "people/a2.jpg",
        "people/c1.jpg",
        "people/d2.jpg",
        "people/g1.jpg",
        "framing/ok.png",
    ];
    let photos = names.map(|name| checker.reference(&picture(name)).expect("a reference"));
    for (index, name) in names.into_iter().enumerate() {
        let camera = Camera::of(&picture(name));
        let frame = checker.look(&camera.picture(), Depth::Frame).expect("measured");
        let frame = frame.embedding.expect("a face");
        let own = frame.cosine(&photos[index]);
        assert!(own > 0.95, "{name}: {own}");
        for (other, photo) in names.into_iter().zip(&photos) {
            // The first letter of the file is the person.
            let same = name.split('/').nth(1).unwrap().as_bytes()[0]
                == other.split('/').nth(1).unwrap().as_bytes()[0];
            let cosine = frame.cosine(photo);
            let right = if same { cosine >= thresholds.same } else { cosine < thresholds.different };
            assert!(right, "{name} with {other}: {cosine}");
        }
    }
}

#[test]
fn the_preview_says_the_same_as_the_reference_processing() {
    use miantan_domain::model::Framing;
    use miantan_domain::rules::identity::framing::framing;
    let mut checker = checker();
    // What the framing pictures were made to trip.
    for (name, wanted) in [
        ("framing/ok.png", None),
        ("framing/blurred.png", Some(Framing::Blurred)),
        ("framing/cut_off.png", Some(Framing::CutOff)),
        ("framing/dark.png", Some(Framing::TooDark)),
        ("framing/far.png", Some(Framing::TooFar)),
        ("framing/off_left.png", Some(Framing::OffCentre)),
        ("framing/overexposed.png", Some(Framing::TooBright)),
        ("framing/tilted.png", Some(Framing::Tilted)),
        ("scenes/two_faces_cd.jpg", Some(Framing::MultipleFaces)),
        ("scenes/no_face_cat.png", Some(Framing::NoFace)),
        ("live/real_2.jpg", Some(Framing::TooFar)),
        ("live/spoof_printed_id.jpg", None),
    ] {
        let camera = Camera::of(&picture(name));
        for depth in [Depth::Advice, Depth::Frame] {
            let look = checker.look(&camera.picture(), depth).expect("measured");
            let found = framing(&look.facts);
            assert_eq!(found.first().copied(), wanted, "{name} at {depth:?}: {found:?}");
            assert_eq!(look.embedding.is_some(), depth == Depth::Frame && !look.faces.is_empty());
        }
    }
}

#[test]
fn consented_crops_say_what_the_device_said() {
    let mut checker = checker();
    for name in ["people/d2.jpg", "live/real_1.jpg", "live/spoof_tablet_2.png"] {
        let camera = Camera::of(&picture(name));
        let look = checker.look(&camera.picture(), Depth::Frame).expect("measured");
        let frame = checker.crops().expect("a face");
        let (embedding, liveness) = checker.check_crops(&frame).expect("checked");
        assert!(embedding.cosine(&look.embedding.expect("a face")) > 0.999, "{name}");
        near(liveness, look.liveness.expect("a face"), 0.01, name);
        assert!(checker.crops().is_none(), "crops are of looks, not of crops");
    }
}

#[test]
fn the_reference_photo_must_show_one_face_that_is_large_enough() {
    let mut checker = checker();
    let mut reference = |name: &str| checker.reference(&picture(name));
    assert!(matches!(reference("scenes/no_face_coffee.png"), Err(ReferenceError::NoFace)));
    assert!(matches!(reference("scenes/two_faces_ef.jpg"), Err(ReferenceError::SeveralFaces)));
    let small = reference("framing/id_photo_grey_c1.png").expect("36 pixels between the eyes are enough");
    let c1 = reference("people/c1.jpg").expect("a reference");
    assert!(small.cosine(&c1) > 0.9, "{}", small.cosine(&c1));
    // 10 pixels between the eyes are not.
    let Pixels::Rgb(rgb) = picture("framing/far.png").pixels().clone() else { panic!("RGB") };
    let tiny: Vec<u8> = (0..480 / 2 * 320)
        .flat_map(|n| {
            let at = (n / 320 * 2 * 640 + n % 320 * 2) * 3;
            [rgb[at], rgb[at + 1], rgb[at + 2]]
        })
        .collect();
    let tiny = Picture::rgb(320, 240, tiny).expect("a picture");
    let error = checker.reference(&tiny).expect_err("too small");
    assert!(matches!(error, ReferenceError::TooSmall { .. }), "{error}");
    assert!(error.to_string().contains("16 are needed"), "{error}");
}

#[test]
fn a_small_face_in_a_large_photo_is_looked_at_again() {
    let mut checker = checker();
    // 1000 × 667 with 42 pixels between the eyes after shrinking; the cut has 66.
    let photo = picture("people/h1.jpg");
    let far = look(&mut checker, "people/h1.jpg").embedding.expect("a face");
    let near_by = checker.reference(&photo).expect("a reference");
    let cosine = far.cosine(&near_by);
    assert!(cosine > 0.9 && cosine < 0.9999, "the second look saw more: {cosine}");
    let ok = checker.reference(&picture("framing/ok.png")).expect("a reference");
    assert!(near_by.cosine(&ok) >= FaceThresholds::default().same);
    // Camera pictures are cut the same way.
    let camera = Camera::of(&photo);
    let camera = checker.reference(&camera.picture()).expect("a reference");
    assert!(camera.cosine(&near_by) > 0.98, "{}", camera.cosine(&near_by));
}

#[test]
fn a_folder_of_pictures_becomes_a_report() {
    let mut checker = checker();
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["a1.jpg", "a2.jpg", "c1.jpg", "c2.jpg", "d1.jpg"] {
        std::fs::copy(faces().join("people").join(file), folder.path().join(file)).expect("copied");
    }
    // One person in a folder of its own, and three files that cannot be used.
    std::fs::create_dir(folder.path().join("cat")).expect("made");
    std::fs::copy(faces().join("scenes/no_face_cat.png"), folder.path().join("cat/1.png")).expect("copied");
    std::fs::write(folder.path().join("broken.jpg"), b"no picture").expect("written");
    std::fs::write(folder.path().join("notes.txt"), "not looked at").expect("written");
    let report = crate::report::face_report(&mut checker, folder.path(), &FaceThresholds::default())
        .expect("a report");
    assert_eq!((report.same.len(), report.different.len(), report.unused.len()), (2, 8, 2));
    let rates = report.at(0.43);
    assert!(rates.false_match == 0.0 && rates.false_non_match == 0.0);
    assert!(
        report.text().contains("5 pictures of 3 persons") && report.text().contains("not used: broken.jpg")
    );
    let svg = report.det_svg();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.contains("polyline"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    let empty = tempfile::tempdir().expect("a folder");
    let thresholds = FaceThresholds::default();
    assert!(crate::report::face_report(&mut checker, empty.path(), &thresholds).is_err());
    assert!(crate::report::face_report(&mut checker, &empty.path().join("none"), &thresholds).is_err());
}
