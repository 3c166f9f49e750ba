//! A call on one device: what the stack, the camera and the ringtone do, and what is shown.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::media::StackNews;
use miantan_client::view::*;
use miantan_domain::ids::CallId;
use miantan_domain::model::Side;
use miantan_domain::rules::call::client::CallStage;
use miantan_domain::rules::call::{CallPhase, EndReason, Interruption, MediaPlan};
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::*;
use miantan_domain::wire::{Problem, ProblemCode};
use miantan_media::call;
use miantan_media::video::Ladder;
use miantan_media::{CallStats, MediaEvent, MediaProblem, Quality};

fn call() -> CallId {
    CallId(uuid(77))
}

fn plan(epoch: u32) -> MediaPlan {
    MediaPlan { epoch, ice: Vec::new(), path: miantan_domain::signal::MediaPath::Direct }
}

fn frame(call: CallId, version: u64, side: Side, phase: CallPhase) -> ServerFrame {
    let with = if side == Side::Candidate { "青禾云帆 · 王敏" } else { "林晓青" };
    ServerFrame::Call(Box::new(CallFrame {
        call,
        round: round().id,
        ticket: ticket(),
        version,
        side,
        with: with.into(),
        phase,
    }))
}

fn to_lin(version: u64, phase: CallPhase) -> ServerFrame {
    frame(call(), version, Side::Candidate, phase)
}

fn ringing() -> CallPhase {
    CallPhase::Ringing { by: Side::Recruiter, left_ms: 30_000, reached: false }
}

fn stage(view: &AppView) -> Option<CallStage> {
    view.call.as_ref().map(|call| call.view.stage)
}

fn is_media(command: &Command, epoch: u32, state: MediaReport) -> bool {
    *command == Command::Media { call: call(), epoch, state }
}

/// Rung, answered, connected.
async fn connected(hall: &Hall, phone: &Phone) {
    hall.says(to_lin(1, ringing()));
    phone.sees("ringing", |view| matches!(stage(view), Some(CallStage::RingingIn { .. }))).await;
    phone.wants(Intent::Answer);
    hall.hears_command("the answer", |c| matches!(c, Command::Answer { .. })).await;
    hall.says(to_lin(2, CallPhase::Connecting { plan: plan(1) }));
    phone.media.notes.saw("call 1 answers on").await;
    phone.media.says(MediaEvent::Connected);
    hall.hears_command("flowing", |c| is_media(c, 1, MediaReport::Flowing)).await;
    hall.says(to_lin(3, CallPhase::Connected { talked_ms: 0, plan: plan(1) }));
    phone.sees("connected", |view| matches!(stage(view), Some(CallStage::Connected { .. }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_rings_and_shows_the_own_picture_but_nothing_leaves_before_the_answer() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    hall.heard_so_far().await;
    hall.says(to_lin(1, ringing()));
    let view = phone.sees("ringing", |view| matches!(stage(view), Some(CallStage::RingingIn { .. }))).await;
    assert_eq!(view.call.as_ref().unwrap().view.with, "青禾云帆 · 王敏");
    hall.hears_command("it rings here", |c| matches!(c, Command::Reached { .. })).await;
    phone.media.notes.saw("ring on").await;
    phone.media.notes.saw("preview on").await;
    assert!(!phone.media.notes.all().iter().any(|note| note.starts_with("call ")));
    phone.wants(Intent::Answer);
    hall.hears_command("the answer", |c| matches!(c, Command::Answer { .. })).await;
    phone.media.notes.saw("ring off").await;
    let heard = hall.heard_so_far().await;
    assert!(!heard.iter().any(|frame| matches!(frame, ClientFrame::Signal { .. })));
    hall.says(to_lin(2, CallPhase::Connecting { plan: plan(1) }));
    phone.media.notes.saw("call 1 answers on").await;
    let notes = phone.media.notes.all();
    let at = |what: &str| notes.iter().rposition(|note| note == what).unwrap_or_else(|| panic!("{what}"));
    assert!(at("preview off") < at("call 1 answers on"), "the camera is free for the call: {notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_go_both_ways_with_their_epoch() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    hall.says(ServerFrame::Signal { call: call(), epoch: 1, signal: Signal::EndOfCandidates });
    phone.media.notes.saw("signal EndOfCandidates").await;
    // of another pair of stacks: dropped
    hall.says(ServerFrame::Signal { call: call(), epoch: 2, signal: Signal::RestartWanted });
    phone.media.says(MediaEvent::Signal(Signal::Answer { sdp: "v=0\r\n".into() }));
    let epoch = hall
        .hears("the own signal", |frame| match frame {
            ClientFrame::Signal { call: of, epoch, .. } if *of == call() => Some(*epoch),
            _ => None,
        })
        .await;
    assert_eq!(epoch, 1);
    assert!(!phone.media.notes.all().iter().any(|note| note.contains("RestartWanted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_made_while_the_socket_is_gone_is_sent_on_the_next() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.wants(Intent::NetworkChanged { up: false });
    phone.sees("offline", |view| view.link == miantan_domain::rules::link::LinkView::Offline).await;
    phone.media.says(MediaEvent::Signal(Signal::RestartWanted));
    phone.wants(Intent::NetworkChanged { up: true });
    hall.hears("the signal", |frame| {
        matches!(frame, ClientFrame::Signal { signal: Signal::RestartWanted, .. }).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mute_and_camera_off_are_kept_when_the_stack_is_built_anew() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.wants(Intent::SetMuted(true));
    phone.wants(Intent::SetCamera(false));
    phone.media.notes.saw("camera false").await;
    phone.media.says(MediaEvent::Failed);
    hall.hears_command("rebuild", |c| is_media(c, 1, MediaReport::Rebuild)).await;
    let interrupted = CallPhase::Interrupted {
        by: Side::Candidate,
        why: Interruption::Network,
        left_ms: 30_000,
        talked_ms: 5,
        plan: plan(2),
    };
    hall.says(to_lin(4, interrupted));
    phone.media.notes.saw("call 2 answers on").await;
    phone.media.notes.saw("muted true camera false").await;
    let view = phone.view();
    let screen = view.call.as_ref().unwrap();
    assert!(screen.muted && !screen.camera_on);
}

#[tokio::test(flavor = "multi_thread")]
async fn still_media_gets_a_new_path_first_and_new_stacks_after_three_seconds() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.media.says(MediaEvent::Interrupted);
    phone.media.notes.saw("restart ice").await;
    hall.hears_command("reconnecting", |c| is_media(c, 1, MediaReport::Reconnecting)).await;
    phone.sees("lost", |view| view.call.as_ref().is_some_and(|c| c.quality == CallQuality::Lost)).await;
    hall.hears_command("rebuild", |c| is_media(c, 1, MediaReport::Rebuild)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_does_not_start_asks_for_a_new_one() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    hall.says(to_lin(1, ringing()));
    phone.sees("ringing", |view| stage(view).is_some()).await;
    phone.wants(Intent::Answer);
    hall.says(to_lin(2, CallPhase::Connecting { plan: plan(1) }));
    phone.media.notes.saw("call 1 answers on").await;
    phone.media.news(StackNews::Over(Some(MediaProblem::Network("no socket".into()))));
    hall.hears_command("rebuild", |c| is_media(c, 1, MediaReport::Rebuild)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_killed_in_a_call_asks_for_new_stacks_and_goes_on() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.killed().await;
    phone.media.notes.saw("call 1 answers off").await;
    phone.start().await;
    hall.sockets(2).await;
    hall.says(to_lin(3, CallPhase::Connected { talked_ms: 0, plan: plan(1) }));
    hall.hears_command("rebuild", |c| is_media(c, 1, MediaReport::Rebuild)).await;
    hall.says(to_lin(4, CallPhase::Connecting { plan: plan(2) }));
    phone.media.notes.saw("call 2 answers on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_camera_goes_on_and_says_so() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.media.says(MediaEvent::Problem(MediaProblem::NoCamera));
    phone
        .sees("no camera", |view| view.call.as_ref().is_some_and(|c| c.problems == [DeviceProblem::NoCamera]))
        .await;
    let stats = CallStats { quality: Quality::Fair, received_kbps: 300, ..CallStats::default() };
    phone.media.says(MediaEvent::FirstVideo { after_ms: 400 });
    phone.media.says(MediaEvent::Stats(stats));
    let view = phone
        .sees("figures", |view| view.call.as_ref().is_some_and(|c| c.quality == CallQuality::Fair))
        .await;
    let figures = view.call.as_ref().unwrap().stats.unwrap();
    assert_eq!(figures.received_kbps, 300);
    assert!(figures.first_frame_ms.is_some(), "kept beside later figures");
    phone.media.says(MediaEvent::Recovered(miantan_media::call::Recovered::Camera));
    phone.sees("a camera", |view| view.call.as_ref().is_some_and(|c| c.problems.is_empty())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_call_pauses_the_interview() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.wants(Intent::PhoneCall(true));
    phone.media.notes.saw("paused true").await;
    hall.hears_command("on the phone", |c| is_media(c, 1, MediaReport::OnPhoneCall)).await;
    phone.wants(Intent::PhoneCall(false));
    phone.media.notes.saw("paused false").await;
    hall.hears_command("back", |c| is_media(c, 1, MediaReport::Flowing)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_frees_the_devices_and_is_in_the_log() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    hall.says(to_lin(5, CallPhase::Ended { reason: EndReason::Completed, talked_ms: 61_000 }));
    phone.media.notes.saw("call 1 answers off").await;
    phone.sees("ended", |view| matches!(stage(view), Some(CallStage::Ended { .. }))).await;
    phone.wants(Intent::DismissCall);
    phone.sees("gone", |view| view.call.is_none()).await;
    let log = phone.session().call_log(&hall.url).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].call, log[0].talked_ms), (call(), 61_000));
    assert_eq!(log[0].ended.map(|(reason, _)| reason), Some(EndReason::Completed));
}

#[tokio::test(flavor = "multi_thread")]
async fn declining_stops_the_ring_at_once() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    hall.says(to_lin(1, ringing()));
    phone.media.notes.saw("ring on").await;
    phone.wants(Intent::Decline);
    hall.hears_command("declined", |c| matches!(c, Command::Decline { .. })).await;
    phone.media.notes.saw("ring off").await;
    phone.media.notes.saw("preview off").await;
    assert!(!phone.media.notes.all().iter().any(|note| note.starts_with("call ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recruiter_rings_and_is_told_when_it_cannot_be() {
    let hall = Hall::open().await;
    let phone = Phone::of_wang(&hall).await;
    phone.wants(Intent::OpenRound(round().id));
    hall.accepts(false);
    phone.wants(Intent::Ring(ticket()));
    phone.sees("placing", |view| stage(view) == Some(CallStage::Placing)).await;
    let (id, _) = hall.hears_command("the ring", |c| matches!(c, Command::Ring { .. })).await;
    let problem = Problem::from(ProblemCode::CandidateBusy);
    hall.says(ServerFrame::Refused { id, problem: problem.clone() });
    let view = phone.sees("nothing rings", |view| view.call.is_none()).await;
    assert!(told(&view, &NoticeWhat::Refused(problem)));
    phone.media.notes.saw("preview off").await;

    phone.wants(Intent::Ring(ticket()));
    let (id, ring) = hall.hears_command("the second ring", |c| matches!(c, Command::Ring { .. })).await;
    let Command::Ring { call, .. } = ring else { panic!() };
    hall.says(ServerFrame::Accepted { id, seq: 2 });
    hall.accepts(true);
    let out = CallPhase::Ringing { by: Side::Recruiter, left_ms: 30_000, reached: true };
    hall.says(frame(call, 1, Side::Recruiter, out));
    phone
        .sees("rings there", |view| matches!(stage(view), Some(CallStage::RingingOut { reached: true, .. })))
        .await;
    hall.says(frame(call, 2, Side::Recruiter, CallPhase::Connecting { plan: plan(1) }));
    phone.media.notes.saw("call 1 offers on").await;
    phone.wants(Intent::HangUp);
    hall.hears_command("hung up", |c| matches!(c, Command::HangUp { .. })).await;
    phone.media.notes.saw("call 1 offers off").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_answered_during_a_phone_call_captures_nothing_yet() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    phone.wants(Intent::PhoneCall(true));
    hall.says(to_lin(1, ringing()));
    phone.sees("ringing", |view| stage(view).is_some()).await;
    phone.wants(Intent::Answer);
    hall.says(to_lin(2, CallPhase::Connecting { plan: plan(1) }));
    phone.media.notes.saw("call 1 answers on").await;
    phone.media.notes.saw("paused true").await;
    hall.hears_command("on the phone", |c| is_media(c, 1, MediaReport::OnPhoneCall)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_network_and_the_other_sides_reasons_are_on_screen() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    let screen = |view: &AppView| view.call.as_ref().map(|call| (call.sending, call.remote_pause));
    for (step, shown) in [
        (Ladder::Medium, VideoStep::Medium),
        (Ladder::Small, VideoStep::Small),
        (Ladder::AudioOnly, VideoStep::AudioOnly),
        (Ladder::Full, VideoStep::Full),
    ] {
        phone.media.says(MediaEvent::Sending(step));
        phone.sees("the step", |view| screen(view).is_some_and(|(sending, _)| sending == shown)).await;
    }
    for (why, shown) in [
        (Some(call::RemotePause::Network), Some(RemotePause::Network)),
        (Some(call::RemotePause::CameraOff), Some(RemotePause::CameraOff)),
        (Some(call::RemotePause::PhoneCall), Some(RemotePause::PhoneCall)),
        (Some(call::RemotePause::Away), Some(RemotePause::Away)),
        (None, None),
    ] {
        phone.media.says(MediaEvent::RemotePause(why));
        phone.sees("the reason", |view| screen(view).is_some_and(|(_, pause)| pause == shown)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_another_app_the_camera_rests_and_the_call_goes_on() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    phone.wants(Intent::Foreground(false));
    phone.media.notes.saw("hidden true").await;
    let view = phone.view();
    assert!(
        matches!(stage(&view), Some(CallStage::Connected { .. })),
        "a call is not left by leaving the app"
    );
    assert!(view.call.as_ref().unwrap().camera_on, "the person did not turn it off");
    phone.wants(Intent::Foreground(true));
    phone.media.notes.saw("hidden false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_headset_unplugged_in_the_call_is_followed_and_named() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    connected(&hall, &phone).await;
    let goes_to = |view: &AppView| view.call.as_ref().and_then(|call| call.sound_to.clone());
    let named = |name: &str| Some(SoundTo::Named(name.into()));
    phone.sees("the speaker's name", |view| goes_to(view) == named("ear")).await;
    phone.media.plug_out_speakers();
    phone.media.says(MediaEvent::Problem(MediaProblem::SpeakerLost));
    phone.sees("the other speaker's name", |view| goes_to(view) == named("other")).await;
    phone.media.says(MediaEvent::Recovered(call::Recovered::Audio));
    phone.sees("no problem", |view| view.call.as_ref().is_some_and(|call| call.problems.is_empty())).await;
    // The system sends sound to a headset by itself, and back.
    for route in [AudioRoute::Bluetooth(Some("耳机".into())), AudioRoute::Loudspeaker] {
        phone.routes.goes_to(route.clone());
        phone.sees("the way of the sound", |view| goes_to(view) == Some(SoundTo::Route(route.clone()))).await;
    }
}
