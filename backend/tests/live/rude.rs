//! Those who send what they should not: refused, and nobody else notices.

use crate::device::{Device, talk};
use crate::world::{World, new_call, new_change, round, ticket};
use miantan_backend::bus::{Note, Topic};
use miantan_domain::model::*;
use miantan_domain::rules::call::CallPhase;
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::Me;
use miantan_domain::wire::{Problem, ProblemCode, VERSIONS};
use tokio_tungstenite::tungstenite::{self, Message};

fn candidate_line() -> Signal {
    let line = "candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host".into();
    Signal::Candidate { line, mid: "0".into(), mline: 0 }
}

/// Nothing but the answer to a ping reaches this device.
async fn notices_nothing(device: &mut Device) {
    let frames = device.rest().await;
    assert!(frames.is_empty(), "{frames:?}");
}

#[tokio::test]
async fn one_rude_socket_and_a_quiet_one_beside_it() {
    let world = World::open().await;
    let mut rude = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let mut wang = world.recruiter("wang", 1).await;
    for device in [&mut lin, &mut wang, &mut rude] {
        device.rest().await;
    }

    // malformed, of an unknown kind, binary: the socket stays
    for (text, code) in [
        ("{", ProblemCode::Malformed),
        ("[1,2]", ProblemCode::Malformed),
        (r#"{"kind":"watch"}"#, ProblemCode::Malformed),
        (r#"{"kind":"teleport"}"#, ProblemCode::UnknownKind),
    ] {
        rude.say_text(text.into()).await;
        assert_eq!(rude.problem().await, code, "{text}");
    }
    rude.try_say(Message::binary(vec![0_u8; 64])).await.unwrap();
    assert_eq!(rude.problem().await, ProblemCode::Malformed);
    // a command of a newer app is refused by its id
    let id = new_change();
    let round = rude.round;
    rude.say_text(format!(
        r#"{{"kind":"change","id":"{id}","change":{{"of":"round","round":"{round}","command":{{"do":"levitate"}}}}}}"#
    ))
    .await;
    let code = rude
        .hear("refusal", |f| match f {
            ServerFrame::Refused { id: of, problem } if *of == id => Some(problem.code),
            _ => None,
        })
        .await;
    assert_eq!(code, ProblemCode::UnknownKind);
    // a second greeting
    rude.say(&ClientFrame::Hello { versions: VERSIONS.to_vec(), presence: Presence::Ready, call: None })
        .await;
    assert_eq!(rude.problem().await, ProblemCode::Malformed);
    notices_nothing(&mut rude).await;

    // one frame of a mebibyte: told, and closed
    let _ = rude
        .try_say(Message::text(format!(r#"{{"kind":"ping","n":1,"x":"{}"}}"#, "x".repeat(1 << 20))))
        .await;
    rude.ends().await;
    let words = rude.last_words();
    assert!(
        words.iter().any(|f| matches!(f, ServerFrame::Problem(p) if p.code == ProblemCode::TooLarge)),
        "{words:?}"
    );

    notices_nothing(&mut lin).await;
    notices_nothing(&mut wang).await;
}

#[tokio::test]
async fn a_flood_is_told_dropped_and_ended_while_others_talk() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let mut flood = world.candidate(1, 2).await;
    let call = talk(&mut wang, &mut lin).await;
    for n in 0..5_000 {
        if flood.try_say(Message::text(format!(r#"{{"kind":"ping","n":{n}}}"#))).await.is_err() {
            break;
        }
    }
    flood.ends().await;
    let words = flood.last_words();
    let told = words
        .iter()
        .filter(|f| matches!(f, ServerFrame::Problem(p) if p.code == ProblemCode::TooMany))
        .count();
    assert!(told >= 1);
    assert!(words.iter().any(|f| matches!(f, ServerFrame::Bye { reason: ByeReason::Flood, .. })), "{told}");
    // the call goes on
    lin.signal(call, 1, candidate_line()).await;
    assert_eq!(wang.signalled().await, candidate_line());
}

#[tokio::test]
async fn signals_pass_between_the_two_devices_of_the_call_and_nowhere_else() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let mut chen = world.candidate(1, 2).await;
    let call = wang.ring(lin.ticket()).await.unwrap();

    // while it rings nothing passes
    wang.signal(call, 1, candidate_line()).await;
    assert_eq!(wang.problem().await, ProblemCode::CallUnknown);
    lin.ask(Command::Answer { call }).await.unwrap();
    lin.plan(call).await;
    wang.plan(call).await;

    // others, and other calls
    let other = talk(&mut zhao, &mut chen).await;
    for stranger in [&mut zhao, &mut chen] {
        stranger.signal(call, 1, candidate_line()).await;
        assert_eq!(stranger.problem().await, ProblemCode::CallUnknown);
    }
    wang.signal(other, 1, candidate_line()).await;
    assert_eq!(wang.problem().await, ProblemCode::CallUnknown);
    wang.signal(new_call(), 1, candidate_line()).await;
    assert_eq!(wang.problem().await, ProblemCode::CallUnknown);

    // rubbish instead of a description or a candidate
    for bad in [
        Signal::Offer { sdp: "hello".into(), restart: false },
        Signal::Answer { sdp: String::new() },
        Signal::Offer { sdp: format!("v=0\r\n{}", "a".repeat(33 * 1024)), restart: false },
        Signal::Candidate { line: "<script>".into(), mid: "0".into(), mline: 0 },
    ] {
        wang.signal(call, 1, bad).await;
        assert_eq!(wang.problem().await, ProblemCode::SignalBad);
    }

    // of a stack that is gone: dropped without a word; of this one: passed on
    wang.signal(call, 9, Signal::EndOfCandidates).await;
    wang.signal(call, 1, candidate_line()).await;
    assert_eq!(lin.signalled().await, candidate_line());
    for frame in lin.rest().await.into_iter().chain(chen.rest().await).chain(zhao.rest().await) {
        assert!(!matches!(frame, ServerFrame::Signal { .. }), "{frame:?}");
    }

    // over: nothing passes
    wang.ask(Command::HangUp { call }).await.unwrap();
    wang.call("end", |c| matches!(c.phase, CallPhase::Ended { .. })).await;
    wang.signal(call, 1, candidate_line()).await;
    assert_eq!(wang.problem().await, ProblemCode::CallUnknown);
}

#[tokio::test]
async fn a_call_has_a_budget_of_signals() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let call = talk(&mut wang, &mut lin).await;
    // within what the socket itself may send at once
    for _ in 0..150 {
        wang.signal(call, 1, candidate_line()).await;
    }
    let refused = wang.rest().await.into_iter().filter(
        |f| matches!(f, ServerFrame::Problem(p) if p.code == ProblemCode::TooMany && p.detail.contains("signals")),
    );
    assert!(refused.count() > 0);
    let passed = lin.rest().await.into_iter().filter(|f| matches!(f, ServerFrame::Signal { .. })).count();
    assert!((120..150).contains(&passed), "{passed}");
}

#[tokio::test]
async fn who_does_not_read_is_closed_and_holds_up_nobody() {
    let world = World::open().await;
    let mut slow = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let state = world.server().state().clone();
    let Me::Member { member, .. } = &slow.signed_in.me else { panic!("a member") };
    let topic = Topic::Member(member.id);
    let large = Note::frame(&ServerFrame::Problem(Problem::new(ProblemCode::Unknown, "x".repeat(60_000))));
    // more than the buffers of two sockets and the inbox can hold, at the speed the server can write
    for _ in 0..2_000 {
        state.hall.bus().publish(topic, large.clone());
        tokio::task::yield_now().await;
    }
    let call = zhao.ring(lin.ticket()).await.unwrap();
    assert_eq!(lin.rung().await, call);
    slow.ends().await;
    let words = slow.last_words();
    assert!(words.len() < 2_000);
    let byes = || state.metrics.get("miantan_byes_total", &[("reason", "too_slow")]);
    assert_eq!(byes(), 1);
    slow.connect(&world).await;
}

/// Time passes by itself while nothing happens (`tokio::time::pause`).
#[tokio::test]
async fn silence_ends_a_socket() {
    let world = World::open().await;
    let mut lin = world.candidate(1, 1).await;
    let mut mute = world.join(1, 2).await;
    mute.open(&world).await.unwrap();
    let start = tokio::time::Instant::now();
    tokio::time::pause();
    mute.fades().await;
    assert_eq!(start.elapsed().as_secs(), 5, "no greeting");
    lin.fades().await;
    assert_eq!(start.elapsed().as_secs(), 37, "two and a half heartbeats");
}

#[tokio::test]
async fn rounds_of_others_do_not_exist() {
    let world = World::open().await;
    let mut sun = world.recruiter("sun", 3).await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    wang.rest().await;
    sun.round = round(1);
    sun.watch(0).await;
    assert_eq!(sun.problem().await, ProblemCode::NotFound);
    assert_eq!(sun.ring(lin.ticket()).await, Err(ProblemCode::NotFound));
    sun.round = miantan_domain::ids::RoundId(uuid::Uuid::from_u128(77));
    assert_eq!(sun.ring(lin.ticket()).await, Err(ProblemCode::NotFound));
    // a candidate watches nobody, and acts in the own round only
    lin.watch(0).await;
    assert_eq!(lin.problem().await, ProblemCode::NotAllowed);
    lin.round = round(2);
    let note = Command::Note { ticket: ticket(1, 1), text: "x".into() };
    assert_eq!(lin.ask(note).await, Err(ProblemCode::NotFound));
    notices_nothing(&mut wang).await;
}

#[tokio::test]
async fn a_socket_must_greet_first_in_a_language_both_speak() {
    let world = World::open().await;
    let mut lin = world.join(1, 1).await;
    for (first, code) in [
        (ClientFrame::Ping { n: 1 }, ProblemCode::Malformed),
        (
            ClientFrame::Hello { versions: vec![999], presence: Presence::Ready, call: None },
            ProblemCode::VersionUnsupported,
        ),
    ] {
        lin.open(&world).await.unwrap();
        lin.say(&first).await;
        lin.ends().await;
        let words = lin.last_words();
        assert!(words.iter().any(|f| matches!(f, ServerFrame::Problem(p) if p.code == code)), "{words:?}");
    }
}

#[tokio::test]
async fn without_a_token_there_is_no_socket() {
    let world = World::open().await;
    let mut lin = world.join(1, 1).await;
    lin.signed_in.token = "x".repeat(43);
    match lin.open(&world).await {
        Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 401),
        other => panic!("{other:?}"),
    }
    // a device that guesses another's id gets nothing of the other's calls
    let mut wang = world.recruiter("wang", 1).await;
    let mut chen = world.candidate(1, 2).await;
    let mut spy = world.join_on(chen.id, 1, 3).await;
    spy.connect(&world).await;
    let call = talk(&mut wang, &mut chen).await;
    wang.signal(call, 1, candidate_line()).await;
    chen.signalled().await;
    let heard = spy.rest().await;
    assert!(
        !heard.iter().any(|f| matches!(f, ServerFrame::Call(_) | ServerFrame::Signal { .. })),
        "{heard:?}"
    );
}
