//! A call over a path that is narrow, loses packets, or is cut for a moment: what is sent follows it down
//! and up again, and both sides are told.

mod common;

use common::path::{Path, Shape};
use common::*;
use miantan_domain::signal::Signal;
use miantan_media::call::RemotePause;
use miantan_media::camera::pattern;
use miantan_media::video::Ladder;
use miantan_media::{CallStats, MediaEvent, Screen, View};

/// Both sides see each other over a path that has room.
async fn talking() -> (Path, Side, Side) {
    // Err: another test of this program has done it.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let path = Path::open().await;
    let (mine, theirs) = (Screen::start().await.unwrap(), Screen::start().await.unwrap());
    let (mut recruiter, mut candidate) =
        connect_over(Some(&path), synthetic(true, &mine), synthetic(false, &theirs)).await;
    recruiter.expect_event(MediaEvent::RemoteVideo(true)).await;
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    (path, recruiter, candidate)
}

/// The figures of the next seconds.
async fn seconds(side: &mut Side, count: usize) -> Vec<CallStats> {
    let mut seen = Vec::new();
    while seen.len() < count {
        seen.push(
            side.expect("figures", |event| match event {
                MediaEvent::Stats(stats) => Some(*stats),
                _ => None,
            })
            .await,
        );
    }
    seen
}

/// Waits until no more than this step is sent. A busy machine is one more queue: it may be less.
async fn steps_down_to(side: &mut Side, sends: &mut Ladder, step: Ladder) {
    while *sends < step {
        *sends = side
            .expect(&format!("{step:?} or less is sent"), |event| match event {
                MediaEvent::Sending(now) => Some(*now),
                _ => None,
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_path_steps_down_to_sound_and_up_again() {
    let (path, mut recruiter, mut candidate) = talking().await;
    let mut sends = Ladder::Full;
    path.recruiter_sends_through(Shape::of_kilobits(300));
    steps_down_to(&mut recruiter, &mut sends, Ladder::Medium).await;
    candidate
        .page
        .draw_until("a smaller picture", View::Remote, |frame| (frame.width < 640).then_some(()))
        .await;
    path.recruiter_sends_through(Shape::of_kilobits(150));
    steps_down_to(&mut recruiter, &mut sends, Ladder::Small).await;
    path.recruiter_sends_through(Shape::of_kilobits(80));
    steps_down_to(&mut recruiter, &mut sends, Ladder::AudioOnly).await;
    candidate.expect_event(MediaEvent::RemotePause(Some(RemotePause::Network))).await;
    // Sound goes on: in each second something comes, and no second counts as an interruption.
    let heard = seconds(&mut candidate, 5).await;
    assert!(heard.iter().all(|second| second.received_kbps > 0), "{heard:?}");

    path.recruiter_sends_through(Shape::default());
    recruiter.expect_event(MediaEvent::Sending(Ladder::Full)).await;
    candidate.expect_event(MediaEvent::RemotePause(None)).await;
    candidate
        .page
        .draw_until("the whole picture", View::Remote, |frame| {
            ((frame.width, frame.height) == (640, 360)).then_some(())
        })
        .await;
}

// That no step is taken for losses by chance is shown on simulated links (`video::bandwidth`), where no busy machine
// delays packets besides.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_tenth_of_the_packets_lost_both_ways_pictures_go_on() {
    let (path, mut recruiter, mut candidate) = talking().await;
    path.recruiter_sends_through(Shape::losing(10));
    path.candidate_sends_through(Shape::losing(10));
    let seen = seconds(&mut candidate, 10).await;
    let pictures = seen.iter().map(|second| second.fps_in).sum::<f32>() / seen.len() as f32;
    assert!(pictures > 8.0, "{pictures} pictures a second: {seen:#?}");
    while let Ok(event) = recruiter.events.try_recv() {
        let given_up = matches!(event, MediaEvent::Sending(Ladder::AudioOnly) | MediaEvent::Interrupted);
        assert!(!given_up, "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_cut_for_two_seconds_is_an_interruption_and_comes_back_by_itself() {
    let (path, mut recruiter, mut candidate) = talking().await;
    path.recruiter_sends_through(Shape::losing(100));
    path.candidate_sends_through(Shape::losing(100));
    candidate.expect_event(MediaEvent::Interrupted).await;
    recruiter.expect_event(MediaEvent::Interrupted).await;
    path.recruiter_sends_through(Shape::default());
    path.candidate_sends_through(Shape::default());
    // As the session does it.
    recruiter.media.restart_ice().await;
    for side in [&mut recruiter, &mut candidate] {
        side.expect_event(MediaEvent::Resumed).await;
        side.page.draw_until("pictures again", View::Remote, pattern::read_stamp).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_side_is_told_why_no_pictures_come() {
    let (_path, mut recruiter, mut candidate) = talking().await;
    recruiter.media.set_camera_on(false);
    candidate.expect_event(MediaEvent::RemoteVideo(false)).await;
    candidate.expect_event(MediaEvent::RemotePause(Some(RemotePause::CameraOff))).await;
    recruiter.media.pause();
    candidate.expect_event(MediaEvent::RemotePause(Some(RemotePause::PhoneCall))).await;
    recruiter.media.resume();
    candidate.expect_event(MediaEvent::RemotePause(Some(RemotePause::CameraOff))).await;
    recruiter.media.set_camera_on(true);
    candidate.expect_event(MediaEvent::RemotePause(None)).await;
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    let offers =
        |event: &MediaEvent| matches!(event, MediaEvent::Signal(Signal::Offer { restart: true, .. }));
    while let Ok(event) = recruiter.events.try_recv() {
        assert!(!offers(&event), "nothing of this is a matter of the path");
    }
}
