//! Two sides of a call over loopback, told as what the two people see.

mod common;

use std::io::Write;

use common::*;
use miantan_domain::signal::Signal;
use miantan_media::camera::{CameraChoice, pattern};
use miantan_media::{CallConfig, CallMedia, I420Frame, MediaEvent, MediaProblem, Quality, Screen, View};

async fn increasing_stamps(page: &mut common::Page, count: usize, mut after: u32) -> u32 {
    for _ in 0..count {
        let stamp = page.draw_until("a picture with a time in it", View::Remote, pattern::read_stamp).await;
        assert!(stamp > after, "pictures go forward in time: {stamp} after {after}");
        after = stamp;
    }
    after
}

#[tokio::test(flavor = "multi_thread")]
async fn they_see_and_hear_each_other_and_end() {
    let (mut recruiter, mut candidate) = connect().await;
    for side in [&mut recruiter, &mut candidate] {
        side.expect_event(MediaEvent::Connected).await;
    }
    let first = candidate
        .expect("a first picture", |event| match event {
            MediaEvent::FirstVideo { after_ms } => Some(*after_ms),
            _ => None,
        })
        .await;
    println!("answer to first decoded picture: {first} ms");
    increasing_stamps(&mut candidate.page, 10, 0).await;
    increasing_stamps(&mut recruiter.page, 10, 0).await;

    // Sound came too, and the figures say that it all flows.
    let mut sound = false;
    let stats = recruiter
        .expect("sound and a second with pictures in it", |event| match event {
            MediaEvent::FirstAudio { .. } => {
                sound = true;
                None
            }
            MediaEvent::Stats(stats) if sound && stats.fps_in > 1.0 => Some(*stats),
            _ => None,
        })
        .await;
    assert!(stats.received_kbps > 0 && stats.sent_kbps > 0, "{stats:?}");
    // Of whatever step: a machine that is busy with other calls carries less.
    assert!(stats.width_in > 0 && stats.width_in * 9 == stats.height_in * 16, "{stats:?}");
    assert_ne!(stats.quality, Quality::Lost);

    // The own picture is shown as well, and what the page drew is counted.
    recruiter.page.draw_until("the own picture", View::Own, pattern::read_stamp).await;
    let drawn = *recruiter.screen.drawn().borrow();
    assert!(drawn.own >= 1 && drawn.remote >= 10, "{drawn:?}");

    let (mut recruiter_events, mut candidate_events) = (recruiter.events, candidate.events);
    within("hanging up", recruiter.media.close()).await;
    within("the end of the recruiter's events", async { while recruiter_events.recv().await.is_some() {} })
        .await;
    within("hanging up", candidate.media.clone().close()).await;
    within("the end of the candidate's events", async { while candidate_events.recv().await.is_some() {} })
        .await;
    assert_eq!(candidate.media.signal(Signal::EndOfCandidates).await, Err(MediaProblem::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_camera_goes_off_and_on_and_is_switched() {
    let (mut recruiter, mut candidate) = connect().await;
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;

    recruiter.media.set_camera_on(false);
    candidate.expect_event(MediaEvent::RemoteVideo(false)).await;
    within("the candidate's page is emptied", async {
        while candidate.page.draw(View::Remote).await.is_some() {}
    })
    .await;
    within("the own view is emptied", async { while recruiter.page.draw(View::Own).await.is_some() {} })
        .await;

    recruiter.media.set_camera_on(true);
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    let stamp = increasing_stamps(&mut candidate.page, 3, 0).await;

    // Another camera: a film of an evenly bright wall.
    let film = wall_film(200);
    recruiter.media.switch_camera(CameraChoice::Y4m(film.path().to_owned())).await;
    candidate
        .page
        .draw_until("the bright wall", View::Remote, |frame| {
            let mean =
                frame.luma().iter().map(|sample| u32::from(*sample)).sum::<u32>() / frame.luma().len() as u32;
            (mean.abs_diff(200) < 6).then_some(())
        })
        .await;
    recruiter.media.switch_camera(CameraChoice::Synthetic).await;
    increasing_stamps(&mut candidate.page, 3, stamp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_call_pauses_without_looking_like_a_lost_network() {
    let (mut recruiter, mut candidate) = connect().await;
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    recruiter.media.pause();
    candidate.expect_event(MediaEvent::RemoteVideo(false)).await;
    // Three seconds in a row with nothing but reports, and the call still counts as alive. (A machine that
    // stands still for a second is an interruption, rightly; it passes.)
    let mut alive = 0;
    candidate
        .expect("three good seconds in a row", |event| {
            if let MediaEvent::Stats(stats) = event {
                alive = if stats.quality == Quality::Lost { 0 } else { alive + 1 };
            }
            (alive == 3).then_some(())
        })
        .await;
    recruiter.media.resume();
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    recruiter.expect_event(MediaEvent::Connected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn either_side_can_ask_for_a_new_path_and_pictures_go_on() {
    let (mut recruiter, mut candidate) = connect().await;
    candidate.expect_event(MediaEvent::Connected).await;
    let mut stamp = increasing_stamps(&mut candidate.page, 3, 0).await;
    for asker in ["recruiter", "candidate"] {
        if asker == "recruiter" {
            recruiter.media.restart_ice().await;
        } else {
            candidate.media.restart_ice().await;
            candidate.expect_event(MediaEvent::Signal(Signal::RestartWanted)).await;
        }
        recruiter
            .expect("a new offer", |event| {
                matches!(event, MediaEvent::Signal(Signal::Offer { restart: true, .. })).then_some(())
            })
            .await;
        candidate
            .expect("its answer", |event| {
                matches!(event, MediaEvent::Signal(Signal::Answer { .. })).then_some(())
            })
            .await;
        stamp = increasing_stamps(&mut candidate.page, 40, stamp).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_that_vanishes_is_an_interruption() {
    let (recruiter, mut candidate) = connect().await;
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    within("hanging up", recruiter.media.close()).await;
    candidate.expect_event(MediaEvent::Interrupted).await;
    candidate
        .expect("the figures say so", |event| match event {
            MediaEvent::Stats(stats) if stats.quality == Quality::Lost => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_camera_is_told_and_the_call_goes_on() {
    let (recruiter_screen, candidate_screen) =
        (Screen::start().await.unwrap(), Screen::start().await.unwrap());
    let config = CallConfig {
        camera: Some(CameraChoice::Device("999".to_owned())),
        ..synthetic(false, &candidate_screen)
    };
    let (mut recruiter, mut candidate) = connect_with(synthetic(true, &recruiter_screen), config).await;
    candidate.expect_event(MediaEvent::Problem(MediaProblem::NoCamera)).await;
    candidate.expect_event(MediaEvent::RemoteVideo(true)).await;
    recruiter
        .expect("sound without pictures", |event| {
            assert!(!matches!(event, MediaEvent::RemoteVideo(_)), "there is no camera to see");
            matches!(event, MediaEvent::FirstAudio { .. }).then_some(())
        })
        .await;
    // Another camera is chosen and the pictures come.
    candidate.media.switch_camera(CameraChoice::Synthetic).await;
    candidate
        .expect("the camera works", |event| matches!(event, MediaEvent::Recovered(_)).then_some(()))
        .await;
    recruiter.expect_event(MediaEvent::RemoteVideo(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_is_refused_and_the_call_still_works() {
    let (recruiter_screen, candidate_screen) =
        (Screen::start().await.unwrap(), Screen::start().await.unwrap());
    let (recruiter, mut recruiter_out) = CallMedia::start(synthetic(true, &recruiter_screen)).await.unwrap();
    let (candidate, candidate_out) = CallMedia::start(synthetic(false, &candidate_screen)).await.unwrap();
    let offer = match within("an offer", recruiter_out.recv()).await {
        Some(MediaEvent::Signal(Signal::Offer { sdp, .. })) => sdp,
        other => panic!("the offer comes first, not {other:?}"),
    };
    let offer_of = |sdp: String| Signal::Offer { sdp, restart: false };
    let candidate_of =
        |line: &str| Signal::Candidate { line: line.to_owned(), mid: "0".to_owned(), mline: 0 };
    let rubbish = [
        offer_of("hello".to_owned()),
        offer_of(String::new()),
        offer_of("v=0\r\n".to_owned()),
        offer_of("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n".to_owned()),
        offer_of("v=0\r\n".repeat(400)),
        offer_of(format!("v=0\r\n{}", "x".repeat(64 * 1024))),
        offer_of(offer[..offer.len() / 2].to_owned()),
        offer_of(offer.replace("a=fingerprint:sha-256", "a=nothing:sha-256")),
        offer_of(offer.replace("a=ice-ufrag:", "a=ice-nothing:")),
        Signal::Answer { sdp: offer.clone() },
        Signal::RestartWanted,
        candidate_of("candidate:"),
        candidate_of("candidate:1 1 udp 1 not-an-address 0 typ host"),
        candidate_of("candidate:1 1 udp 99999999999999999999 127.0.0.1 70000 typ host"),
        candidate_of(&format!("candidate:{}", "9".repeat(4000))),
        candidate_of("1 1 udp 1 127.0.0.1 9 typ host"),
    ];
    for signal in rubbish {
        let shown = format!("{signal:.60?}");
        assert_eq!(
            within("a verdict", candidate.signal(signal)).await,
            Err(MediaProblem::BadRemoteDescription),
            "{shown}"
        );
    }
    assert_eq!(
        recruiter.signal(offer_of(offer.clone())).await,
        Err(MediaProblem::BadRemoteDescription),
        "the offering side takes no offers"
    );
    // After all that the two still connect.
    candidate.signal(offer_of(offer)).await.expect("the true offer");
    let _recruiter_events = pass_on(recruiter_out, candidate.clone());
    let events = pass_on(candidate_out, recruiter);
    let page = Page::open(&candidate_screen).await;
    let mut side = Side { media: candidate, screen: candidate_screen, page, events };
    side.expect_event(MediaEvent::Connected).await;
    side.expect_event(MediaEvent::RemoteVideo(true)).await;
    // Rubbish in a running call changes nothing.
    assert_eq!(
        side.media.signal(offer_of("v=0\r\nrubbish".to_owned())).await,
        Err(MediaProblem::BadRemoteDescription)
    );
    increasing_stamps(&mut side.page, 10, 0).await;
}

/// Three pictures of one brightness.
fn wall_film(luma: u8) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"YUV4MPEG2 W320 H180 F25:1 Ip A1:1 C420jpeg\n").expect("disk");
    for _ in 0..3 {
        file.write_all(b"FRAME\n").expect("disk");
        let mut picture = vec![128; I420Frame::len_of(320, 180)];
        picture[..320 * 180].fill(luma);
        file.write_all(&picture).expect("disk");
    }
    file
}
