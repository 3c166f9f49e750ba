//! The scanner of the first screen: what is read, when the camera is on, and where a code leads.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::link::invitation_link;
use miantan_client::view::*;
use miantan_domain::wire::ProblemCode;
use miantan_media::{MediaProblem, ScanNews};

/// On the first screen, with the scanner open and a live picture.
async fn scanning() -> Phone {
    let phone = Phone::new().await;
    open(&phone).await;
    phone
}

async fn open(phone: &Phone) {
    phone.wants(Intent::ScanStart);
    phone.sees("the scanner", |view| view.scan == ScanView::Starting).await;
    phone.media.notes.saw("scan on").await;
    phone.media.scan_says(ScanNews::Live);
    phone.sees("looking", |view| view.scan == ScanView::Looking).await;
}

fn found(text: &str) -> ScanNews {
    ScanNews::Found(text.into())
}

/// How often this was noted.
fn times(phone: &Phone, what: &str) -> usize {
    phone.media.notes.all().iter().filter(|line| *line == what).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_s_code_shows_the_organiser_and_closes_the_scanner() {
    let hall = Hall::open().await;
    let phone = scanning().await;
    phone.media.scan_says(found(&hall.url));
    let view = phone.sees("the organiser", |view| matches!(view.server, ServerView::Chosen { .. })).await;
    assert_eq!(view.scan, ScanView::Off);
    assert_eq!(form(&view), Some(&FormState::Idle));
    phone.media.notes.saw("scan off").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_s_code_goes_straight_in() {
    let hall = Hall::open().await;
    hall.answers_join(Ok(lin()));
    let phone = scanning().await;
    phone.media.scan_says(found(&invitation_link(&hall.url, CODE)));
    let view = phone.sees("in", |view| candidate(view).is_some_and(|c| c.name == "林晓青")).await;
    assert_eq!(view.scan, ScanView::Off);
    assert_eq!(hall.joins(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_codes_are_said_so_and_looking_goes_on() {
    let hall = Hall::open().await;
    let phone = scanning().await;
    for text in ["面谈", "WIFI:T:WPA;S:campus;P:12345678;;", "ABC-DEF-GHJ", "miantan://join?code=ABC", " "]
    {
        phone.media.scan_says(found(text));
        phone.sees(text, |view| view.scan == ScanView::NotOurs).await;
        // a picture that comes back does not take it away, the code's leaving does
        phone.media.scan_says(ScanNews::Live);
        phone.media.scan_says(ScanNews::Gone);
        phone.sees("looking", |view| view.scan == ScanView::Looking).await;
    }
    phone.media.scan_says(found("http://fair.example.cn"));
    phone.sees("a server without encryption", |view| view.scan == ScanView::NotOurs).await;
    assert_eq!(phone.view().server, ServerView::None, "none of them was asked for");
    phone.media.scan_says(found(&hall.url));
    phone.sees("the organiser", |view| matches!(view.server, ServerView::Chosen { .. })).await;
    assert_eq!(times(&phone, "scan on"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_said_on_the_first_screen() {
    let phone = scanning().await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    phone.media.scan_says(found(&format!("http://{gone}")));
    let view = phone
        .sees("not there", |view| {
            matches!(&view.server, ServerView::Failed { problem, .. } if problem.code == ProblemCode::Offline)
        })
        .await;
    assert_eq!(view.scan, ScanView::Off);
    open(&phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn camera_problems_are_shown_while_they_last() {
    let phone = scanning().await;
    for (problem, shown) in [
        (MediaProblem::NoCamera, DeviceProblem::NoCamera),
        (MediaProblem::CameraRefused, DeviceProblem::CameraRefused),
        (MediaProblem::CameraLost, DeviceProblem::CameraLost),
        (MediaProblem::Codec("broken film".into()), DeviceProblem::CameraLost),
    ] {
        phone.media.scan_says(ScanNews::Problem(problem));
        phone.sees("the problem", |view| view.scan == ScanView::Problem(shown)).await;
        phone.media.scan_says(ScanNews::Gone);
        phone.media.scan_says(ScanNews::Live);
        phone.sees("looking", |view| view.scan == ScanView::Looking).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_camera_is_tried_again_when_the_person_comes_back_from_the_settings() {
    let phone = Phone::new().await;
    phone.media.refuses(Some(MediaProblem::CameraRefused));
    phone.wants(Intent::ScanStart);
    phone.sees("refused", |view| view.scan == ScanView::Problem(DeviceProblem::CameraRefused)).await;
    phone.media.refuses(None);
    phone.wants(Intent::Foreground(false));
    phone.wants(Intent::Foreground(true));
    phone.media.notes.saw("scan on").await;
    phone.media.scan_says(ScanNews::Live);
    phone.sees("looking", |view| view.scan == ScanView::Looking).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_camera_is_off_in_the_background_and_during_a_telephone_call() {
    let phone = scanning().await;
    for (away, back) in [
        (Intent::Foreground(false), Intent::Foreground(true)),
        (Intent::PhoneCall(true), Intent::PhoneCall(false)),
    ] {
        let before = times(&phone, "scan off");
        phone.wants(away);
        phone.sees("away", |view| view.scan == ScanView::Starting).await;
        assert_eq!(times(&phone, "scan off"), before + 1);
        // opened again meanwhile: not before the person is back
        phone.wants(Intent::ScanStart);
        phone.media.scan_says(found("http://127.0.0.1:1"));
        phone.wants(back);
        phone.media.notes.saw_times("scan on", before + 2).await;
        assert_eq!(phone.view().server, ServerView::None, "late news of the scan before are dropped");
        phone.media.scan_says(ScanNews::Live);
        phone.sees("looking", |view| view.scan == ScanView::Looking).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_closes_when_the_person_closes_it_or_goes_another_way() {
    let hall = Hall::open().await;
    let phone = scanning().await;
    phone.wants(Intent::ScanStop);
    phone.sees("closed", |view| view.scan == ScanView::Off).await;
    phone.media.notes.saw("scan off").await;
    // what the camera saw last comes too late
    phone.media.scan_says(found(&hall.url));
    phone.wants(Intent::Foreground(false));
    phone.wants(Intent::Foreground(true));
    open(&phone).await;
    assert_eq!(phone.view().server, ServerView::None);
    assert_eq!(times(&phone, "scan on"), 2, "not by itself");
    // a link opened from outside
    phone.wants(Intent::UseServer(hall.url.clone()));
    let view = phone.sees("the organiser", |view| matches!(view.server, ServerView::Chosen { .. })).await;
    assert_eq!(view.scan, ScanView::Off);
    open(&phone).await;
    phone.wants(Intent::LeaveServer);
    phone.sees("the first screen", |view| view.server == ServerView::None).await;
    assert_eq!(phone.view().scan, ScanView::Off);
    assert_eq!((times(&phone, "scan on"), times(&phone, "scan off")), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_scans_who_is_signed_in() {
    let hall = Hall::open().await;
    hall.answers_join(Ok(lin()));
    let phone = Phone::new().await;
    phone.at(&hall).await;
    open(&phone).await;
    phone.wants(Intent::Join { code: CODE.into(), password: None });
    let view = phone.sees("in", |view| candidate(view).is_some()).await;
    assert_eq!(view.scan, ScanView::Off);
    phone.media.notes.saw("scan off").await;
    phone.wants(Intent::ScanStart);
    phone.wants(Intent::CheckBegin);
    phone.media.notes.saw("music on").await;
    assert_eq!((times(&phone, "scan on"), phone.view().scan), (1, ScanView::Off));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_looks_away_from_the_person_and_another_camera_is_for_this_scan_only() {
    let mut phone = Phone::new().await;
    phone.sees("cameras", |view| view.devices.cameras.len() == 2).await;
    phone.media.looks_outward("back");
    phone.wants(Intent::ScanStart);
    phone.media.notes.saw("scan on").await;
    // the list that says so comes while it runs
    phone.media.notes.saw("scan → back").await;
    phone.wants(Intent::SwitchCamera);
    phone.media.notes.saw("scan → front").await;
    phone.sees("starting", |view| view.scan == ScanView::Starting).await;
    phone.wants(Intent::ScanStop);
    phone.wants(Intent::ScanStart);
    phone.media.notes.saw("scan through back").await;
    phone.wants(Intent::ChooseCamera(Some("front".into())));
    phone.wants(Intent::ScanStop);
    let view = phone.sees("closed", |view| view.scan == ScanView::Off).await;
    assert_eq!(view.devices.camera, None, "calls have the camera they had");
    phone.killed().await;
    phone.start().await;
    assert_eq!(phone.view().devices.camera, None);
}
