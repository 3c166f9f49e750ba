//! The device checks: what plays, records and films when, and what is shown of it.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::check_in::Hint;
use miantan_domain::wire::live::Command;
use miantan_media::MediaProblem;
use miantan_media::audio::MicPhase;

fn checks(view: &AppView) -> &ChecksView {
    &candidate(view).expect("a candidate").checks
}

fn at(view: &AppView, step: CheckInStep) -> bool {
    candidate(view).is_some_and(|candidate| candidate.check_in.step == Some(step))
}

fn phase(view: &AppView) -> MicrophonePhase {
    checks(view).microphone.phase
}

#[tokio::test(flavor = "multi_thread")]
async fn music_microphone_and_camera_one_after_the_other() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    let notes = phone.media.notes.clone();
    phone
        .sees("music by itself", |view| at(view, CheckInStep::Speaker) && checks(view).speaker_playing)
        .await;
    phone.wants(Intent::CheckPassed(CheckInStep::Speaker));
    phone.sees("the microphone", |view| at(view, CheckInStep::Microphone)).await;
    notes.saw("microphone on").await;
    phone.wants(Intent::RecordToggle);
    notes.saw("record").await;
    phone.media.microphone_says(MicPhase::Recording, -12.0, 1_500);
    phone
        .sees("recording", |view| phase(view) == MicrophonePhase::Recording { ms: 1_500, of_ms: 5_000 })
        .await;
    phone.wants(Intent::RecordToggle);
    notes.saw("stop").await;
    phone.media.microphone_says(MicPhase::Idle, -40.0, 2_000);
    let view = phone.sees("recorded", |view| phase(view) == MicrophonePhase::Recorded { ms: 2_000 }).await;
    let microphone = &checks(&view).microphone;
    assert!((microphone.level_dbfs + 40.0).abs() < 0.01 && (microphone.peak_dbfs + 12.0).abs() < 0.01);
    phone.wants(Intent::PlayRecording);
    notes.saw("play back").await;
    phone.media.microphone_says(MicPhase::Playing, -40.0, 2_000);
    phone.sees("playing", |view| matches!(phase(view), MicrophonePhase::Playing { of_ms: 2_000, .. })).await;
    phone.media.microphone_says(MicPhase::Idle, -40.0, 2_000);
    phone.sees("heard", |view| phase(view) == MicrophonePhase::Heard).await;
    phone.wants(Intent::CheckPassed(CheckInStep::Microphone));
    phone.sees("a live picture", |view| checks(view).camera.live && checks(view).camera.width == 640).await;
    phone.wants(Intent::CheckPassed(CheckInStep::Camera));
    phone.goes_on_without_a_relay().await;
    phone.sees("done", |view| candidate(view).is_some_and(|c| c.check_in.done)).await;
    notes.saw("preview off").await;
    let order: Vec<_> =
        notes.all().into_iter().filter(|n| n.ends_with(" on") || n.ends_with(" off")).collect();
    let wanted = ["music on", "music off", "microphone on", "microphone off", "preview on", "preview off"];
    assert_eq!(order, wanted, "one device at a time");
    for step in [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera] {
        let (_, told) = hall.hears_command("the outcome", |c| matches!(c, Command::CheckIn { .. })).await;
        assert_eq!(told, Command::CheckIn { step, outcome: StepOutcome::Passed });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cannot_hear_shows_hints_first_and_then_goes_on() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    phone.sees("the speaker", |view| at(view, CheckInStep::Speaker)).await;
    phone.wants(Intent::CheckGoOnAnyway(CheckInStep::Speaker));
    phone.wants(Intent::CheckCannot(CheckInStep::Speaker));
    let view = phone.sees("hints", |view| !candidate(view).unwrap().check_in.hints.is_empty()).await;
    assert!(at(&view, CheckInStep::Speaker), "not before the hints were seen");
    assert_eq!(candidate(&view).unwrap().check_in.hints.last(), Some(&Hint::Hotline));
    phone.wants(Intent::DialHotline);
    phone.sees("cannot dial", |view| told(view, &NoticeWhat::CannotHere(CannotHere::Dial))).await;
    phone.wants(Intent::CheckGoOnAnyway(CheckInStep::Speaker));
    let view = phone.sees("the microphone", |view| at(view, CheckInStep::Microphone)).await;
    assert!(candidate(&view).unwrap().check_in.hints.is_empty());
    let (_, told) = hall.hears_command("the outcome", |c| matches!(c, Command::CheckIn { .. })).await;
    assert_eq!(told, Command::CheckIn { step: CheckInStep::Speaker, outcome: StepOutcome::Cannot });
}

#[tokio::test(flavor = "multi_thread")]
async fn no_music_comes_out_of_nowhere() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    hall.answers_join(Ok(lin()));
    phone.at(&hall).await;
    phone.wants(Intent::Join { code: CODE.into(), password: None });
    phone.sees("the first step", |view| at(view, CheckInStep::Speaker)).await;
    // what the session does it does in order: had music begun by itself, it would stand before this
    phone.wants(Intent::CheckCannot(CheckInStep::Speaker));
    phone.sees("hints", |view| !candidate(view).unwrap().check_in.hints.is_empty()).await;
    assert!(!phone.media.notes.all().iter().any(|note| note == "music on"));
    phone.wants(Intent::CheckBegin);
    phone.media.notes.saw("music on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_cannot_start_says_why_and_starts_when_it_can() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    phone.sees("music", |view| at(view, CheckInStep::Speaker) && checks(view).speaker_playing).await;
    phone.media.refuses(Some(MediaProblem::MicrophoneRefused));
    phone.wants(Intent::CheckPassed(CheckInStep::Speaker));
    phone.sees("refused", |view| checks(view).problem == Some(DeviceProblem::MicrophoneRefused)).await;
    phone.wants(Intent::OpenSystemSettings);
    phone.sees("cannot open", |view| told(view, &NoticeWhat::CannotHere(CannotHere::OpenSettings))).await;
    // the person went to the settings, allowed it, and came back
    phone.media.refuses(None);
    phone.wants(Intent::Foreground(false));
    phone.wants(Intent::Foreground(true));
    phone.media.notes.saw("microphone on").await;
    phone.sees("no problem", |view| checks(view).problem.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_in_the_background_plays_nothing() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    phone.media.notes.saw("music on").await;
    phone.wants(Intent::Foreground(false));
    phone.media.notes.saw("music off").await;
    phone.sees("silent", |view| !checks(view).speaker_playing).await;
    phone.wants(Intent::Foreground(true));
    phone.sees("music again", |view| checks(view).speaker_playing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_app_comes_back_to_the_step_at_hand() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_lin(&hall).await;
    phone.sees("the speaker", |view| at(view, CheckInStep::Speaker)).await;
    phone.wants(Intent::CheckPassed(CheckInStep::Speaker));
    phone.sees("the microphone", |view| at(view, CheckInStep::Microphone)).await;
    phone.killed().await;
    phone.start().await;
    assert!(at(&phone.view(), CheckInStep::Microphone));
    phone.media.notes.saw("microphone on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_is_chosen_remembered_and_checked_again() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_lin(&hall).await;
    phone.sees("cameras", |view| view.devices.cameras.len() == 2).await;
    phone.passes_checks().await;
    phone.wants(Intent::ChooseCamera(Some("back".into())));
    let view = phone.sees("the camera again", |view| at(view, CheckInStep::Camera)).await;
    assert_eq!(view.devices.camera.as_deref(), Some("back"));
    phone.killed().await;
    phone.start().await;
    assert_eq!(phone.view().devices.camera.as_deref(), Some("back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_headset_that_is_gone_is_noticed() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    phone.passes_checks().await;
    phone.sees("speakers", |view| view.devices.speakers.len() == 1).await;
    phone.media.plug_out_speakers();
    phone.wants(Intent::RefreshDevices);
    phone.sees("the speaker again", |view| at(view, CheckInStep::Speaker)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_checked_again_on_another_day_by_the_halls_clock() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    hall.time_passes(11 * 3_600_000);
    hall.cuts();
    hall.sockets(2).await;
    let late = NOON + 11 * 3_600_000;
    let view = phone.sees("late in the evening", |view| view.wall.0 >= late).await;
    assert!(candidate(&view).unwrap().check_in.done, "still the same day");
    hall.time_passes(2 * 3_600_000);
    hall.cuts();
    hall.sockets(3).await;
    phone.sees("past midnight", |view| at(view, CheckInStep::Speaker)).await;
}
