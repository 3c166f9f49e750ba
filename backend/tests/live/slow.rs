//! Whoever reads slowly is held back, then cut off with the reason; others notice nothing.

use crate::device::Device;
use crate::talk::{conversation, text};
use crate::world::World;
use miantan_backend::bus::{INBOX_BYTES, Note, Topic};
use miantan_domain::ids::MemberId;
use miantan_domain::model::Seen;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::Me;
use miantan_domain::wire::{Problem, ProblemCode};

fn member(device: &Device) -> MemberId {
    let Me::Member { member, .. } = &device.signed_in.me else { panic!("a member") };
    member.id
}

/// Frames that keep coming until the server gives up on wang.
async fn pours(world: &World, topic: Topic) -> usize {
    let state = world.server().state();
    let large = Note::frame(&ServerFrame::Problem(Problem::new(ProblemCode::Unknown, "x".repeat(60_000))));
    let given_up = || state.metrics.get("miantan_byes_total", &[("reason", "too_slow")]) > 0;
    let mut poured = 0;
    while !given_up() {
        state.hall.bus().publish(topic, large.clone());
        poured += 1;
        tokio::task::yield_now().await;
        assert!(poured < 100_000, "nobody is ever cut off");
    }
    poured
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_hears_why_once_he_reads() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let poured = pours(&world, Topic::Member(member(&wang))).await;
    // meanwhile, and with him still there, others are served
    let call = zhao.ring(lin.ticket()).await.unwrap();
    assert_eq!(lin.rung().await, call);
    wang.ends().await;
    let words = wang.last_words();
    let told = |f: &ServerFrame| matches!(f, ServerFrame::Bye { reason: ByeReason::TooSlow, .. });
    assert_eq!(words.iter().filter(|f| told(f)).count(), 1);
    assert!(told(words.last().unwrap()), "the last word");
    assert_eq!(wang.closed, Some((1013, "too_slow".to_owned())), "try again later");
    // what did not fit was never kept for him
    assert!(words.len() < poured, "{} of {poured}", words.len());
    assert!(words.len() * 60_000 < 4 * INBOX_BYTES, "{}", words.len());
    wang.connect(&world).await;
    wang.watch(0).await;
    wang.snapshot().await;
}

/// Back-pressure: a device that sends much and reads nothing is not read for ever; what it said is kept once.
#[tokio::test(flavor = "multi_thread")]
async fn who_only_talks_and_never_listens_is_read_no_further_and_loses_nothing() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.recruiter("wang", 1).await;
    wang.follows(None).await;
    let mut lin = world.candidate(1, 1).await;
    lin.follows(None).await;
    let mut ids = Vec::new();
    for k in 0..600 {
        ids.push(lin.hand_over(talk, text(&format!("第{k}条"))).await);
    }
    // the other side hears them in order all the while
    for (k, id) in ids.iter().enumerate() {
        let (_, entry) = wang.entry(talk).await;
        assert_eq!((entry.seq, entry.id), (k as u64 + 1, *id));
    }
    // and lin, who begins to read only now, finds every answer
    for (k, id) in ids.iter().enumerate() {
        assert_eq!(lin.answered(*id).await, Ok(k as u64 + 1));
    }
    wang.say(&ClientFrame::Seen { conversation: talk, seen: Seen { delivered: 600, read: 600 } }).await;
    lin.sees_read(talk, miantan_domain::model::Side::Recruiter).await;
}
