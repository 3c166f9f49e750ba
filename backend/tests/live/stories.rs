//! What a day in the hall is like.

use crate::device::talk;
use crate::world::{World, new_change, round, ticket};
use miantan_domain::model::*;
use miantan_domain::rules::call::{CallPhase, EndReason};
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::signal::{MediaPath, Signal};
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;

#[tokio::test]
async fn wang_interviews_lin_and_lin_confirms_the_outcome() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let room = lin.room("waiting room", |_| true).await;
    assert_eq!((room.place, room.number), (RoomPlace::Waiting { ahead: 0 }, 1));
    wang.sees(lin.ticket(), Presence::Ready).await;

    // ring
    let call = wang.ring(lin.ticket()).await.unwrap();
    let ring = lin.call("ring", |c| matches!(c.phase, CallPhase::Ringing { .. })).await;
    assert_eq!((ring.call, ring.side, ring.ticket), (call, Side::Candidate, lin.ticket()));
    assert_eq!(ring.with, "青禾科技有限公司 · wang");
    lin.ask(Command::Reached { call }).await.unwrap();
    wang.call("reached", |c| matches!(c.phase, CallPhase::Ringing { reached: true, .. })).await;
    lin.room("in call", |r| r.place == RoomPlace::InCall { call }).await;

    // answer: both get the way to connect
    lin.ask(Command::Answer { call }).await.unwrap();
    for device in [&mut wang, &mut lin] {
        let plan = device.plan(call).await;
        assert_eq!(plan.path, MediaPath::Direct);
        let urls: Vec<&str> = plan.ice.iter().map(|ice| &ice.url[..5]).collect();
        assert_eq!(urls, ["stun:", "turn:"]);
        let username = plan.ice[1].username.as_deref().unwrap();
        assert!(username.ends_with(&format!(":{}", device.id)), "credentials are the device's own");
    }
    wang.signal(call, 1, Signal::Offer { sdp: "v=0\r\no=-".into(), restart: false }).await;
    assert!(matches!(lin.signalled().await, Signal::Offer { .. }));
    lin.signal(call, 1, Signal::Answer { sdp: "v=0\r\no=-".into() }).await;
    assert!(matches!(wang.signalled().await, Signal::Answer { .. }));

    // connected, noted, completed
    wang.flows(call, 1).await;
    lin.flows(call, 1).await;
    lin.call("connected", |c| matches!(c.phase, CallPhase::Connected { .. })).await;
    wang.event("connected", |e| matches!(e, RoundEvent::CallConnected { .. })).await;
    wang.ask(Command::Note { ticket: lin.ticket(), text: "请打开摄像头".into() }).await.unwrap();
    lin.room("note", |r| r.notes.len() == 1).await;
    wang.ask(Command::HangUp { call }).await.unwrap();
    for device in [&mut wang, &mut lin] {
        let ended = device.call("end", |c| matches!(c.phase, CallPhase::Ended { .. })).await;
        assert!(matches!(ended.phase, CallPhase::Ended { reason: EndReason::Completed, .. }));
    }

    // outcome, announcement, confirmation
    wang.ask(Command::MarkOutcome { ticket: lin.ticket(), outcome: Outcome::Suitable }).await.unwrap();
    let room = lin.room("interviewed", |r| r.place == RoomPlace::Interviewed).await;
    assert_eq!(room.announced, None, "internal until announced");
    wang.ask(Command::MoveStage { to: Stage::Announcement }).await.unwrap();
    wang.ask(Command::Announce { tickets: vec![lin.ticket()] }).await.unwrap();
    let room = lin.room("announcement", |r| r.announced.is_some()).await;
    assert_eq!(room.announced.unwrap().outcome, Outcome::Suitable);
    lin.ask(Command::Confirm { accepted: true, comment: "谢谢".into() }).await.unwrap();
    wang.event("confirmation", |e| {
        matches!(e, RoundEvent::Confirmed { confirmation, .. } if confirmation.accepted && confirmation.comment == "谢谢")
    })
    .await;
}

#[tokio::test]
async fn two_recruiters_ring_lin_and_one_is_told_that_lin_is_busy() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let call = wang.ring(lin.ticket()).await.unwrap();
    assert_eq!(zhao.ring(lin.ticket()).await, Err(ProblemCode::CandidateBusy));
    assert_eq!(lin.rung().await, call);

    // and while they talk
    lin.ask(Command::Answer { call }).await.unwrap();
    wang.flows(call, 1).await;
    lin.flows(call, 1).await;
    assert_eq!(zhao.ring(lin.ticket()).await, Err(ProblemCode::CandidateBusy));
    // another employer, in another round
    let mut sun = world.recruiter("sun", 3).await;
    let _elsewhere = world.candidate(3, 1).await;
    assert_eq!(sun.ring(ticket(3, 1)).await, Err(ProblemCode::CandidateBusy));

    wang.ask(Command::HangUp { call }).await.unwrap();
    sun.ring(ticket(3, 1)).await.expect("free again");
}

#[tokio::test]
async fn wang_rings_two_and_the_second_ring_is_refused_in_every_round() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let _chen = world.candidate(1, 2).await;
    let _zhou = world.candidate(2, 3).await;
    let call = wang.ring(lin.ticket()).await.unwrap();
    assert_eq!(wang.ring(ticket(1, 2)).await, Err(ProblemCode::RecruiterBusy));
    wang.round = round(2);
    assert_eq!(wang.ring(ticket(2, 3)).await, Err(ProblemCode::RecruiterBusy));
    wang.round = round(1);
    lin.ask(Command::Decline { call }).await.unwrap();
    wang.round = round(2);
    wang.ring(ticket(2, 3)).await.expect("free after the first was declined");
}

#[tokio::test]
async fn rings_that_meet_are_one_call_however_they_interleave() {
    let world = World::open().await;
    let mut people = Vec::new();
    for name in ["wang", "zhao"] {
        people.push(world.recruiter(name, 1).await);
    }
    let lin = world.candidate(1, 1).await;
    let [wang, zhao] = &mut people[..] else { unreachable!() };
    let (a, b) = tokio::join!(wang.ring(lin.ticket()), zhao.ring(lin.ticket()));
    assert_eq!(a.is_ok() as u8 + b.is_ok() as u8, 1, "{a:?} {b:?}");
    assert_eq!(a.err().or(b.err()), Some(ProblemCode::CandidateBusy));
}

#[tokio::test]
async fn all_of_wangs_devices_ring_and_only_one_answers() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let call = talk(&mut wang, &mut lin).await;
    lin.ask(Command::HangUp { call }).await.unwrap();
    lin.room("cut off", |r| matches!(r.place, RoomPlace::CutOff { .. })).await;
    let mut tablet = world.recruiter("wang", 1).await;

    // lin calls again: both of wang's devices ring, the tablet takes it
    let again = lin.ring(lin.ticket()).await.unwrap();
    assert_eq!(wang.rung().await, again);
    assert_eq!(tablet.rung().await, again);
    tablet.ask(Command::Answer { call: again }).await.unwrap();
    tablet.plan(again).await;
    let elsewhere = wang
        .call("answered elsewhere", |c| c.call == again && matches!(c.phase, CallPhase::Ended { .. }))
        .await;
    assert!(matches!(elsewhere.phase, CallPhase::Ended { reason: EndReason::AnsweredElsewhere, .. }));
    // the phone may not meddle any more
    assert!(wang.ask(Command::HangUp { call: again }).await.is_err());
    wang.signal(again, 1, Signal::EndOfCandidates).await;
    assert_eq!(wang.problem().await, ProblemCode::CallUnknown);
}

#[tokio::test]
async fn the_same_command_twice_is_one_event_and_one_answer() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let lin = world.candidate(1, 1).await;
    let id = new_change();
    let note = Command::Note { ticket: lin.ticket(), text: "您好".into() };
    let first = wang.ask_as(id, note.clone()).await.unwrap();
    assert_eq!(wang.ask_as(id, note.clone()).await, Ok(first));
    // also after the socket broke, and from another of the account's devices
    wang.vanish();
    wang.connect(&world).await;
    assert_eq!(wang.ask_as(id, note.clone()).await, Ok(first));
    let mut tablet = world.recruiter("wang", 1).await;
    assert_eq!(tablet.ask_as(id, note.clone()).await, Ok(first));
    // another account's same id is another change
    let mut zhao = world.recruiter("zhao", 1).await;
    assert_eq!(zhao.ask_as(id, note).await, Ok(first + 1));
    zhao.watch(0).await;
    assert_eq!(zhao.snapshot().await.state.tickets[&lin.ticket()].notes.len(), 2);
}

#[tokio::test]
async fn a_recruiter_who_was_away_gets_exactly_what_was_missed() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let lin = world.candidate(1, 1).await;
    let note = |n: u32| Command::Note { ticket: lin.ticket(), text: format!("{n}") };
    let known = wang.ask(note(0)).await.unwrap();
    wang.vanish();
    let mut last = known;
    for n in 1..=5 {
        last = zhao.ask(note(n)).await.unwrap();
    }
    wang.connect(&world).await;
    wang.watch(known).await;
    let frames = wang.rest().await;
    let seqs: Vec<u64> = frames
        .iter()
        .filter_map(|f| if let ServerFrame::Event { seq, .. } = f { Some(*seq) } else { None })
        .collect();
    assert_eq!(seqs, (known + 1..=last).collect::<Vec<_>>());
    assert!(!frames.iter().any(|f| matches!(f, ServerFrame::Queue { .. })));
    assert!(frames.iter().any(
        |f| matches!(f, ServerFrame::Presence { ticket, presence: Presence::Ready, .. } if *ticket == lin.ticket())
    ));

    // nothing missed: nothing sent; then it goes on live
    wang.watch(last).await;
    let events =
        |frames: &[ServerFrame]| frames.iter().filter(|f| matches!(f, ServerFrame::Event { .. })).count();
    assert_eq!(events(&wang.rest().await), 0);
    zhao.ask(note(6)).await.unwrap();
    assert_eq!(wang.event("live", |e| matches!(e, RoundEvent::Noted { .. })).await, last + 1);
    // a number this server never gave out, and too many to send one by one: the whole round
    wang.watch(last + 1_000).await;
    assert_eq!(wang.snapshot().await.state.seq, last + 1);
}

#[tokio::test]
async fn lin_goes_and_comes_and_wang_sees_it() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    wang.sees(lin.ticket(), Presence::Ready).await;
    lin.say(&ClientFrame::Presence { presence: Presence::OnPhoneCall }).await;
    wang.sees(lin.ticket(), Presence::OnPhoneCall).await;
    lin.vanish();
    wang.sees(lin.ticket(), Presence::Offline).await;
    lin.connect(&world).await;
    wang.sees(lin.ticket(), Presence::Ready).await;
}

#[tokio::test]
async fn a_second_socket_of_a_device_takes_over_from_the_first() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    wang.sees(lin.ticket(), Presence::Ready).await;
    let mut stale = crate::device::Device::new(lin.signed_in.clone(), lin.id, lin.round, Some(lin.ticket()));
    std::mem::swap(&mut stale, &mut lin);
    lin.connect(&world).await;
    stale.ends().await;
    assert!(
        stale
            .last_words()
            .iter()
            .any(|f| matches!(f, ServerFrame::Bye { reason: ByeReason::Superseded, .. }))
    );
    let call = wang.ring(lin.ticket()).await.unwrap();
    assert_eq!(lin.rung().await, call);
    let offline = wang
        .rest()
        .await
        .into_iter()
        .any(|f| matches!(f, ServerFrame::Presence { presence: Presence::Offline, .. }));
    assert!(!offline, "the old socket's end is not the candidate's");
}

#[tokio::test]
async fn another_device_takes_lins_place_and_the_old_one_is_told() {
    let world = World::open().await;
    let mut old = world.candidate(1, 1).await;
    let mut new = world.candidate(1, 1).await;
    old.ends().await;
    assert!(
        old.last_words().iter().any(|f| matches!(f, ServerFrame::Bye { reason: ByeReason::SessionOver, .. }))
    );
    assert!(old.open(&world).await.is_err(), "its token opens nothing any more");
    let room = new.room("same place", |_| true).await;
    assert_eq!((room.number, room.place), (1, RoomPlace::Waiting { ahead: 0 }));
}

#[tokio::test]
async fn those_who_wait_see_their_place_move() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let mut chen = world.candidate(1, 2).await;
    chen.room("second", |r| r.place == RoomPlace::Waiting { ahead: 1 }).await;
    let call = talk(&mut wang, &mut lin).await;
    chen.room("first", |r| r.place == RoomPlace::Waiting { ahead: 0 }).await;
    wang.ask(Command::HangUp { call }).await.unwrap();
    lin.room("done", |r| r.place == RoomPlace::Interviewed).await;
    // chen's place did not change: no room was sent again
    assert!(!chen.rest().await.iter().any(|f| matches!(f, ServerFrame::Room(_))));
}

#[tokio::test]
async fn an_unanswered_ring_ends_by_itself() {
    let world = World::planned(crate::world::Plan { ring_ms: Some(300), ..Default::default() }).await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    for reached in [false, true] {
        let call = wang.ring(lin.ticket()).await.unwrap();
        if reached {
            lin.ask(Command::Reached { call }).await.unwrap();
        }
        let ended = wang.call("end", |c| c.call == call && matches!(c.phase, CallPhase::Ended { .. })).await;
        let expected = if reached { EndReason::Missed } else { EndReason::Unreachable };
        assert!(
            matches!(ended.phase, CallPhase::Ended { reason, .. } if reason == expected),
            "{:?}",
            ended.phase
        );
    }
    lin.room("still waiting", |r| matches!(r.place, RoomPlace::Waiting { ahead: 0 })).await;
}
