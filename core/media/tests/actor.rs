//! The synthetic person, seen as the face check sees it: picture by picture.

mod common;

use common::*;
use miantan_domain::model::Movement;
use miantan_media::camera::actor::Cue;
use miantan_media::{CameraChoice, CameraPreview, I420Frame, MediaProblem, Screen};
use std::path::PathBuf;
use tokio::sync::watch;

/// A portrait of bars: what moves sideways is seen in any row.
fn portrait(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("lin.png");
    let bars = image::RgbImage::from_fn(300, 400, |x, _| image::Rgb([(x % 60 * 4) as u8; 3]));
    bars.save(&path).expect("written");
    path
}

struct Person {
    preview: CameraPreview,
    pictures: watch::Receiver<Option<I420Frame>>,
    cue: Cue,
}

impl Person {
    async fn comes(role: String) -> Self {
        let (seen, pictures) = watch::channel(None);
        let cue = Cue::default();
        let choice = CameraChoice::Actor { role, cue: cue.clone() };
        let watch = Box::new(move |frame| {
            seen.send_replace(Some(frame));
        });
        let screen = Screen::start().await.expect("a screen");
        let preview = CameraPreview::start_watched(choice, screen, watch).expect("a camera");
        Self { preview, pictures, cue }
    }

    /// Waits for a picture whose difference from another fits.
    async fn shows(&mut self, what: &str, from: &I420Frame, fits: impl Fn(f64) -> bool) {
        within(what, self.pictures.wait_for(|frame| frame.as_ref().is_some_and(|f| fits(apart(f, from)))))
            .await
            .expect("the camera runs");
    }
}

/// Mean difference of luma about the nose.
fn apart(a: &I420Frame, b: &I420Frame) -> f64 {
    let row = 320 * a.width as usize;
    let middle = row + 180..row + 300;
    let (a, b) = (&a.luma()[middle.clone()], &b.luma()[middle]);
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn lin_does_what_is_asked_and_stands_straight_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lin = Person::comes(format!("{}#60,70,180,260", portrait(&folder).display())).await;
    let first = within("a picture", lin.pictures.wait_for(Option::is_some)).await.expect("runs").clone();
    let first = first.expect("just seen");
    assert_eq!((first.width, first.height), (480, 640));
    for movement in [Movement::TurnLeft, Movement::TurnRight, Movement::ComeNearer] {
        lin.cue.ask(Some(movement));
        lin.shows("the movement", &first, |apart| apart > 15.0).await;
        lin.cue.ask(None);
        // A breath of sway stays.
        lin.shows("straight again", &first, |apart| apart < 12.0).await;
    }
    let mut state = lin.preview.state();
    within("a camera's pace", state.wait_for(|state| state.fps > 10.0)).await.expect("runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_moves_although_nobody_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lin = Person::comes(format!("{};play=left", portrait(&folder).display())).await;
    let first = within("a picture", lin.pictures.wait_for(Option::is_some)).await.expect("runs").clone();
    lin.shows("the film", &first.expect("just seen"), |apart| apart > 15.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_not_there_is_said() {
    let missing = Person::comes("/nowhere/lin.png".into()).await;
    let mut state = missing.preview.state();
    let told = |state: &miantan_media::preview::PreviewState| matches!(&state.problem, Some(MediaProblem::Codec(what)) if what.contains("/nowhere/lin.png"));
    within("what is missing", state.wait_for(told)).await.expect("it runs");
}
