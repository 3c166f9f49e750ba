//! What an employer changes over REST while people are connected.

use crate::device::Device;
use crate::world::{World, client};
use miantan_domain::model::{Presence, RoundInfo};
use miantan_domain::wire::live::{ByeReason, Command, ServerFrame};
use miantan_domain::wire::rest::{Me, RoundEdit};

fn member(device: &Device) -> String {
    let Me::Member { member, .. } = &device.signed_in.me else { panic!("not a member") };
    member.id.to_string()
}

#[tokio::test]
async fn whoever_is_removed_leaves_the_hall_at_once() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let url = world.url(&format!("/api/v1/employer/members/{}", member(&zhao)));
    // a recruiter removes nobody
    let refused = client().delete(&url).bearer_auth(&zhao.signed_in.token).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let removed = client().delete(&url).bearer_auth(&wang.signed_in.token).send().await.unwrap();
    assert_eq!(removed.status(), 200);
    zhao.ends().await;
    assert!(
        zhao.last_words()
            .iter()
            .any(|f| matches!(f, ServerFrame::Bye { reason: ByeReason::SessionOver, .. }))
    );
    assert!(zhao.open(&world).await.is_err(), "the token opens nothing any more");
    // the owner stays where they are
    wang.watch(0).await;
    wang.snapshot().await;
}

#[tokio::test]
async fn an_edited_round_reaches_those_who_watch_and_those_who_wait() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    wang.sees(lin.ticket(), Presence::Ready).await;
    let info = lin.room("her room", |_| true).await.round;
    let edit = RoundEdit {
        name: "改了名的面谈会".into(),
        stages: info.stages.clone(),
        starts: info.starts,
        ends: info.ends.after(60_000),
        identity: info.identity,
        ring_ms: info.ring_ms,
        grace_ms: info.grace_ms,
    };
    let url = world.url(&format!("/api/v1/employer/rounds/{}", info.id));
    let put = client().put(&url).bearer_auth(&wang.signed_in.token).json(&edit).send().await.unwrap();
    let changed: RoundInfo = put.json().await.unwrap();
    assert_eq!((changed.name.as_str(), changed.ends), ("改了名的面谈会", info.ends.after(60_000)));
    let queue = wang.snapshot().await;
    assert_eq!(queue.state.info, changed);
    assert_eq!(queue.presence, [(lin.ticket(), Presence::Ready)], "who is there is still known");
    lin.room("the new name", |room| room.round == changed).await;
    // a ring goes on as if nothing had happened
    let call = wang.ring(lin.ticket()).await.unwrap();
    assert_eq!(lin.rung().await, call);
    let again = RoundEdit { name: "又改了名".into(), ..edit };
    client().put(&url).bearer_auth(&wang.signed_in.token).json(&again).send().await.unwrap();
    lin.room("the newest name", |room| room.round.name == "又改了名").await;
    lin.ask(Command::Answer { call }).await.unwrap();
    let epoch = wang.plan(call).await.epoch;
    assert_eq!(lin.plan(call).await.epoch, epoch);
}
