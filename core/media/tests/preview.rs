//! The device check's live picture.

mod common;

use common::*;
use miantan_media::camera::{CameraChoice, pattern};
use miantan_media::{CameraPreview, MediaProblem, Screen, View};

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_is_live_switches_and_goes_dark_at_the_end() {
    let screen = Screen::start().await.unwrap();
    let mut page = Page::open(&screen).await;
    let preview = CameraPreview::start(CameraChoice::Synthetic, screen.clone()).unwrap();
    let mut before = None;
    for _ in 0..5 {
        let stamp = page.draw_until("a live picture", View::Own, pattern::read_stamp).await;
        assert!(Some(stamp) > before);
        before = Some(stamp);
    }
    let mut state = preview.state();
    within("a measured rate", state.wait_for(|state| state.fps > 5.0)).await.unwrap();
    assert_eq!((state.borrow().width, state.borrow().height), (640, 360));

    preview.switch(CameraChoice::Device("999".to_owned()));
    within(
        "the missing camera is told",
        state.wait_for(|state| state.problem == Some(MediaProblem::NoCamera)),
    )
    .await
    .unwrap();
    within("the view is emptied", async { while page.draw(View::Own).await.is_some() {} }).await;
    preview.switch(CameraChoice::Synthetic);
    within("it comes back", state.wait_for(|state| state.problem.is_none())).await.unwrap();
    page.draw_until("live again", View::Own, pattern::read_stamp).await;

    drop(preview);
    within("the camera is off", async { while page.draw(View::Own).await.is_some() {} }).await;
}

#[test]
fn the_synthetic_camera_is_listed_under_its_own_name() {
    let cameras = miantan_media::camera::list();
    assert!(cameras.iter().any(|camera| camera.id == miantan_media::camera::SYNTHETIC_ID));
    assert_eq!(cameras.iter().filter(|camera| camera.is_default).count(), 1);
}
