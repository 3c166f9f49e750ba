//! `kill -9` of the backend while two people talk: what needs no server goes on, what needs one comes back
//! with it, and whatever was acknowledged is there once.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::LinkView;
use miantan_domain::signal::MediaPath;
use miantan_domain::wire::live::RoomPlace;
use miantan_e2e::{Hall, seen};

const BACKEND: &str = env!("CARGO_BIN_EXE_miantan-e2e-backend");

fn flows(view: &AppView) -> bool {
    view.call.as_ref().and_then(|call| call.stats).is_some_and(|stats| stats.fps_in > 0.0)
}

fn notes(view: &AppView, ticket: miantan_domain::ids::TicketId) -> Vec<String> {
    let notes = seen::ticket(view, ticket).map(|ticket| ticket.notes.clone()).unwrap_or_default();
    notes.into_iter().map(|note| note.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_call_goes_on_while_the_backend_is_dead_and_nothing_acknowledged_is_lost() {
    let mut hall = Hall::open().await;
    hall.moves_apart(BACKEND).await;
    let lin = hall.candidate(3).await;
    let zhou = hall.candidate(5).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    let call = lin.view().call.as_ref().unwrap().view.call;
    let ticket = lin.ticket();
    let number = seen::room(&zhou.view()).map(|room| room.number);
    wang.wants(Intent::SendNote { ticket, text: "请介绍一下自己".into() });
    wang.wants(Intent::MarkOutcome { ticket, outcome: Outcome::Suitable });
    wang.sees("both acknowledged", |v| {
        notes(v, ticket).len() == 1
            && seen::ticket(v, ticket).is_some_and(|ticket| ticket.outcome == Some(Outcome::Suitable))
    })
    .await;

    hall.is_killed();
    for person in [&*lin, &*wang] {
        person.sees("no server", |v| v.link != LinkView::Live).await;
        person.sees("pictures still come", flows).await;
    }
    // written meanwhile: it waits on the device
    lin.wants(Intent::SendNote { ticket, text: "我叫林晓青".into() });
    hall.starts_again();

    for person in [&*lin, &*wang] {
        person.sees("live again", |v| v.link == LinkView::Live).await;
        person.sees("the call is connected", seen::talks).await;
        assert!(flows(&person.view()), "pictures never stopped");
        assert_eq!(person.view().call.as_ref().unwrap().view.call, call);
    }
    let view = wang.sees("what was written meanwhile", |v| notes(v, ticket).len() >= 2).await;
    assert_eq!(notes(&view, ticket), ["请介绍一下自己", "我叫林晓青"], "each once");
    let ticket = seen::ticket(&view, ticket).unwrap();
    assert_eq!(ticket.outcome, Some(Outcome::Suitable));
    let epoch = ticket.last_call.map_or(0, |last| last.epoch);
    assert_eq!(epoch, 1, "the stacks of before");
    zhou.sees("live", |v| v.link == LinkView::Live).await;
    assert_eq!(seen::room(&zhou.view()).map(|room| room.number), number);
    assert_eq!(seen::place(&zhou.view()), Some(RoomPlace::Waiting { ahead: 0 }));
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
}

/// The relay is part of the process: media stops with it, and is built anew through the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_relayed_call_comes_back_after_the_backends_restart() {
    let mut hall = Hall::open_with(MediaPath::Relay).await;
    hall.moves_apart(BACKEND).await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    let call = lin.view().call.as_ref().unwrap().view.call;
    hall.is_killed();
    for person in [&*lin, &*wang] {
        person.sees("nothing comes any more", |v| !flows(v)).await;
    }
    hall.starts_again();
    for person in [&*lin, &*wang] {
        person.sees("live again", |v| v.link == LinkView::Live).await;
        person.sees("connected again, with pictures", |v| seen::talks(v) && flows(v)).await;
        assert_eq!(person.view().call.as_ref().unwrap().view.call, call, "the same call");
    }
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
}
