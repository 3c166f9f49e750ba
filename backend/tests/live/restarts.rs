//! The process goes and comes back; devices go and come back: place, queue and call are kept.

use crate::device::talk;
use crate::world::{World, client, new_call};
use miantan_domain::model::*;
use miantan_domain::rules::call::{CallPhase, EndReason, Interruption};
use miantan_domain::rules::round::TicketStatus;
use miantan_domain::wire::live::*;

#[tokio::test]
async fn stopped_and_started_again_everything_is_there_and_the_call_goes_on() {
    let mut world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let mut chen = world.candidate(1, 2).await;
    let zhou = world.candidate(1, 3).await;
    // chen is through, with an outcome
    let done = talk(&mut zhao, &mut chen).await;
    zhao.ask(Command::HangUp { call: done }).await.unwrap();
    zhao.ask(Command::MarkOutcome { ticket: chen.ticket(), outcome: Outcome::Suitable }).await.unwrap();
    // zhou is being rung, lin talks
    let rung = zhao.ring(zhou.ticket()).await.unwrap();
    let call = talk(&mut wang, &mut lin).await;

    world.stop().await;
    for device in [&mut wang, &mut lin] {
        device.ends().await;
        let words = device.last_words();
        let told = words.iter().any(|f| match f {
            ServerFrame::Bye { reason: ByeReason::Restarting, retry_after_ms } => {
                (500..=2_000).contains(retry_after_ms)
            }
            _ => false,
        });
        assert!(told, "{words:?}");
        assert_eq!(
            device.closed,
            Some((1012, "restarting".to_owned())),
            "service restart (RFC 6455's registry)"
        );
    }
    world.start().await;

    // the media went on between the devices; both say so and the call is connected again
    wang.connect_believing(&world, Some(call)).await;
    lin.connect_believing(&world, Some(call)).await;
    for device in [&mut wang, &mut lin] {
        let frame = device.call("restored", |c| c.call == call).await;
        let CallPhase::Interrupted { why: Interruption::DeviceGone, plan, .. } = frame.phase else {
            panic!("{:?}", frame.phase)
        };
        assert!(!plan.ice.is_empty());
        device.flows(call, plan.epoch).await;
    }
    for device in [&mut wang, &mut lin] {
        device.call("connected", |c| matches!(c.phase, CallPhase::Connected { .. })).await;
    }
    wang.watch(0).await;
    let queue = wang.snapshot().await.state;
    assert_eq!(queue.tickets.len(), 3);
    let of = |device: &crate::device::Device| queue.tickets[&device.ticket()].clone();
    assert!(matches!(of(&lin).status, TicketStatus::InCall { call: of, .. } if of == call));
    assert_eq!((of(&chen).status, of(&chen).outcome), (TicketStatus::Interviewed, Some(Outcome::Suitable)));
    assert_eq!(of(&zhou).number, 3);
    assert_eq!(of(&zhou).status, TicketStatus::Waiting, "the ring was missed, the place is kept");

    // who was ringing is told how it ended, and is free
    zhao.connect_believing(&world, Some(rung)).await;
    let ended = zhao.call("the ring's end", |c| c.call == rung).await;
    assert!(matches!(ended.phase, CallPhase::Ended { reason: EndReason::Missed, .. }));
    zhao.ring(zhou.ticket()).await.unwrap();
    wang.ask(Command::HangUp { call }).await.unwrap();
}

#[tokio::test]
async fn a_killed_app_comes_back_into_its_call_with_a_new_stack() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let call = talk(&mut wang, &mut lin).await;
    lin.vanish();
    lin.connect(&world).await;
    lin.room("in call", |r| r.place == RoomPlace::InCall { call }).await;
    let epoch = lin.plan(call).await.epoch;
    lin.ask(Command::Media { call, epoch, state: MediaReport::Rebuild }).await.unwrap();
    for device in [&mut wang, &mut lin] {
        device.call("new stack", |c| c.phase.plan().is_some_and(|p| p.epoch == epoch + 1)).await;
        device.flows(call, epoch + 1).await;
    }
    for device in [&mut wang, &mut lin] {
        device
            .call(
                "connected",
                |c| matches!(&c.phase, CallPhase::Connected { plan, .. } if plan.epoch == epoch + 1),
            )
            .await;
    }
}

#[tokio::test]
async fn a_device_that_missed_the_end_of_its_call_is_told() {
    let world = World::open().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let call = talk(&mut wang, &mut lin).await;
    lin.vanish();
    wang.ask(Command::HangUp { call }).await.unwrap();
    lin.connect_believing(&world, Some(call)).await;
    let frame = lin.call("end", |c| c.call == call).await;
    assert!(matches!(frame.phase, CallPhase::Ended { reason: EndReason::Completed, .. }));

    // of a call nobody ever heard of, either
    for device in [&mut lin, &mut wang] {
        let invented = new_call();
        device.vanish();
        device.connect_believing(&world, Some(invented)).await;
        let frame = device.call("end", |c| c.call == invented).await;
        assert!(matches!(frame.phase, CallPhase::Ended { reason: EndReason::Lost, .. }));
    }
}

#[tokio::test]
async fn a_stopping_server_is_not_ready_and_takes_nobody_in() {
    let mut world = World::open().await;
    let mut lin = world.candidate(1, 1).await;
    let ready = |world: &World| client().get(world.url("/readyz")).send();
    assert_eq!(ready(&world).await.unwrap().status(), 200);
    world.server().state().stop.cancel();
    assert_eq!(ready(&world).await.unwrap().status(), 503);
    lin.ends().await;
    assert!(lin.open(&world).await.is_err());
    world.stop().await;
}
