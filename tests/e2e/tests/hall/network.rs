//! The network goes and comes back.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::LinkView;
use miantan_domain::signal::MediaPath;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::RoomPlace;
use miantan_e2e::{Hall, seen};

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_in_the_waiting_room_costs_nothing() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.sees("ready", |v| seen::presence(v, lin.ticket()) == Presence::Ready).await;
    lin.wire.cut();
    lin.sees("not live", |v| v.link != LinkView::Live).await;
    wang.sees("offline", |v| seen::presence(v, lin.ticket()) == Presence::Offline).await;
    // what is written meanwhile waits, and is there once afterwards
    lin.wants(Intent::SendNote { ticket: lin.ticket(), text: "我掉线了".into() });
    lin.sees("waiting to be sent", |v| seen::candidate(v).unwrap().pending.len() == 1).await;
    lin.wire.mend();
    lin.sees("live", |v| v.link == LinkView::Live).await;
    lin.sees("sent", |v| seen::candidate(v).unwrap().pending.is_empty()).await;
    let view = wang.sees("ready again", |v| seen::presence(v, lin.ticket()) == Presence::Ready).await;
    wang.sees("the words, once", |v| seen::ticket(v, lin.ticket()).unwrap().notes.len() == 1).await;
    let ticket = seen::ticket(&view, lin.ticket()).unwrap();
    assert_eq!((ticket.lap, ticket.number), (0, 1));
    assert_eq!(seen::place(&lin.view()), Some(RoomPlace::Waiting { ahead: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_of_the_backend_does_not_stop_a_call_that_flows() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    lin.wire.cut();
    // the server counts the device as gone after its grace; pictures go on between the phones
    wang.sees("said to be cut off", seen::cut_off).await;
    let flows = |view: &AppView| view.call.as_ref().and_then(|c| c.stats).is_some_and(|s| s.fps_in > 0.0);
    wang.sees("pictures still come", flows).await;
    lin.wire.mend();
    wang.sees("connected again", seen::talks).await;
    lin.sees("connected again", seen::talks).await;
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_missed_is_told_on_the_next_connection() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    lin.wire.cut();
    lin.sees("not live", |v| v.link != LinkView::Live).await;
    wang.wants(Intent::HangUp);
    wang.sees("the end", seen::ended).await;
    lin.wire.mend();
    lin.sees("the end here too", seen::ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_call_is_seen_on_both_sides_and_the_interview_goes_on_after_it() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    lin.wants(Intent::PhoneCall(true));
    for person in [&*lin, &*wang] {
        person.sees("on the phone", seen::cut_off).await;
    }
    wang.sees("told as what it is", |v| seen::presence(v, lin.ticket()) == Presence::OnPhoneCall).await;
    lin.wants(Intent::PhoneCall(false));
    wang.talks().await;
    lin.talks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_socket_are_encrypted_and_a_stranger_certificate_is_not_trusted() {
    let hall = Hall::open_encrypted().await;
    let lin = hall.candidate(3).await;
    assert!(
        matches!(&lin.view().server, ServerView::Chosen { address, .. } if address.starts_with("https://"))
    );
    let wang = hall.recruiter().await;
    wang.sees("ready", |v| seen::presence(v, lin.ticket()) == Presence::Ready).await;
    let phone = hall.distrustful_phone().await;
    phone.wants(Intent::UseServer(phone.wire.url()));
    phone
        .sees("not trusted", |v| {
            matches!(&v.server, ServerView::Failed { problem, .. } if problem.code == ProblemCode::Offline)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_through_the_relay_connects_as_well() {
    let hall = Hall::open_with(MediaPath::Relay).await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    println!("through the relay: answer → first decoded frame {} ms", lin.first_frame_ms());
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_breaks_off_is_seen_on_both_sides_and_comes_back_by_itself() {
    let hall = Hall::open_over_air().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    let call = lin.view().call.as_ref().unwrap().view.call;
    hall.air().cut();
    for person in [&*lin, &*wang] {
        person.sees("cut off", seen::cut_off).await;
        person.sees("no quality", |v| v.call.as_ref().unwrap().quality == CallQuality::Lost).await;
    }
    hall.air().mend();
    let flows = |view: &AppView| view.call.as_ref().and_then(|c| c.stats).is_some_and(|s| s.fps_in > 0.0);
    for person in [&*lin, &*wang] {
        person.sees("connected again", seen::talks).await;
        person.sees("pictures again", flows).await;
        assert_eq!(person.view().call.as_ref().unwrap().view.call, call);
    }
}

/// Longer than the same stacks live: both sides build new ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_longer_break_gets_new_stacks() {
    let hall = Hall::open_over_air().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    hall.air().cut();
    let epoch = |view: &AppView| {
        seen::ticket(view, lin.ticket()).and_then(|ticket| ticket.last_call).map_or(0, |last| last.epoch)
    };
    wang.sees("new stacks are asked for", |v| epoch(v) >= 2).await;
    hall.air().mend();
    wang.sees("connected again", seen::talks).await;
    lin.sees("connected again", seen::talks).await;
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
}
