//! The app is killed at every step and started again: same place, same queue.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::LinkView;
use miantan_domain::wire::live::RoomPlace;
use miantan_e2e::{Hall, seen};

#[tokio::test(flavor = "multi_thread")]
async fn lin_is_killed_at_every_step_and_keeps_the_place() {
    let hall = Hall::open().await;
    let zhou = hall.candidate(3).await;
    let mut lin = hall.guest(5).await;

    // at the entrance: the server is still chosen
    lin.is_killed_and_started().await;
    assert!(matches!(lin.view().server, ServerView::Chosen { .. }));

    lin.joins().await;
    for step in [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera] {
        lin.sees("the step", |v| seen::step(v) == Some(step)).await;
        lin.is_killed_and_started().await;
        assert_eq!(seen::step(&lin.view()), Some(step), "in the first view already");
        match step {
            CheckInStep::Speaker => lin.hears_music().await,
            CheckInStep::Microphone => lin.hears_own_voice().await,
            _ => lin.sees_self().await,
        }
    }
    lin.is_in_the_room().await;
    let waits = |view: &AppView| {
        let room = seen::room(view)?;
        Some((room.ticket, room.number, room.place, room.since))
    };
    let view = lin.sees("one ahead", |v| seen::place(v) == Some(RoomPlace::Waiting { ahead: 1 })).await;
    let before = waits(&view);

    lin.is_killed_and_started().await;
    assert_eq!(waits(&lin.view()), before, "from the store, before the network");
    assert!(seen::checked_in(&lin.view()));
    lin.sees("live again", |v| v.link == LinkView::Live).await;
    assert_eq!(waits(&lin.view()), before);

    // while it rings: the ring is still there
    let wang = hall.recruiter().await;
    wang.rings(&lin).await;
    lin.sees("it rings", seen::rings).await;
    lin.is_killed_and_started().await;
    lin.answers().await;
    lin.talks().await;
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;

    // afterwards
    lin.is_killed_and_started().await;
    assert_eq!(seen::place(&lin.view()), Some(RoomPlace::Interviewed));
    zhou.sees("next", |v| seen::place(v) == Some(RoomPlace::Waiting { ahead: 0 })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wang_is_killed_at_every_step_and_keeps_the_round() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let mut wang = hall.recruiter().await;
    wang.sees("lin", |v| seen::presence(v, lin.ticket()) == Presence::Ready).await;

    wang.is_killed_and_started().await;
    let view = wang.view();
    let queue = seen::queue(&view).expect("the same round, from the store");
    assert!(!queue.live && queue.state.tickets.contains_key(&lin.ticket()));
    wang.sees("live and ready", |v| seen::presence(v, lin.ticket()) == Presence::Ready).await;

    // while it rings there
    wang.rings(&lin).await;
    lin.sees("it rings", seen::rings).await;
    wang.is_killed_and_started().await;
    wang.sees("still ringing out", |v| v.call.is_some()).await;
    lin.answers().await;
    wang.talks().await;
    lin.talks().await;

    // in the call
    wang.is_killed_and_started().await;
    wang.talks().await;
    lin.talks().await;
    wang.wants(Intent::MarkOutcome { ticket: lin.ticket(), outcome: Outcome::Suitable });
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
    wang.is_killed_and_started().await;
    wang.sees("marked", |v| {
        seen::ticket(v, lin.ticket()).is_some_and(|ticket| ticket.outcome == Some(Outcome::Suitable))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lin_is_killed_in_the_call_and_talks_on() {
    let hall = Hall::open().await;
    let mut lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    let call = lin.view().call.as_ref().unwrap().view.call;
    lin.is_killed().await;
    wang.sees("cut off", seen::cut_off).await;
    lin.starts().await;
    lin.talks().await;
    wang.talks().await;
    for person in [lin.view(), wang.view()] {
        assert_eq!(person.call.as_ref().unwrap().view.call, call, "the same call, with new stacks");
    }
    println!("killed in the call → first decoded frame after the start: {} ms", lin.first_frame_ms());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backend_is_restarted_and_everybody_is_where_they_were() {
    let mut hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    let before = seen::room(&lin.view()).map(|room| (room.ticket, room.number, room.place));
    hall.restarts().await;
    wang.sees("lin is ready again", |v| {
        v.link == LinkView::Live && seen::presence(v, lin.ticket()) == Presence::Ready
    })
    .await;
    lin.sees("live", |v| v.link == LinkView::Live).await;
    assert_eq!(seen::room(&lin.view()).map(|room| (room.ticket, room.number, room.place)), before);
    wang.talks_with(&lin).await;
}
