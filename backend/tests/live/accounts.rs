//! Candidates' accounts at their sockets: in no room, in one, and after two candidates turned out to be one.

use crate::device::Device;
use crate::talk::{conversation, text};
use crate::world::{PHONE, Plan, World, client, new_device, round, ticket};
use miantan_backend::clock::Clock;
use miantan_backend::sms::SmsKind;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::{CallPhase, EndReason};
use miantan_domain::signal::Signal;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::{Me, SignedIn};
use serde_json::{Value, json};
use uuid::Uuid;

/// A world whose minutes pass when a story says so.
async fn world() -> (World, Clock) {
    let clock = Clock::manual(Clock::system().wall());
    let world = World::planned(Plan { clock: Some(clock.clone()), ..Plan::default() }).await;
    (world, clock)
}

async fn post(world: &World, path: &str, token: Option<&str>, body: Value) -> String {
    let mut request = client().post(world.url(&format!("/api/v1{path}"))).json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    text
}

async fn code(world: &World, clock: &Clock, phone: &str, device: DeviceId) -> String {
    clock.advance(61_000);
    post(world, "/candidate/code", None, json!({ "phone": phone, "device": device })).await;
    let outbox = world.server().state().sms.outbox.as_ref().unwrap();
    let sent = outbox.latest(phone, SmsKind::SignInCode).unwrap().text;
    let digits: Vec<&str> = sent.split(|c: char| !c.is_ascii_digit()).collect();
    digits.into_iter().find(|part| part.len() == 6).unwrap().to_owned()
}

/// An account on a new device, in no room and without a socket.
async fn account(world: &World, clock: &Clock, phone: &str) -> Device {
    let device = new_device();
    let code = code(world, clock, phone, device).await;
    let body = json!({ "phone": phone, "code": code, "device": device, "policy": 1 });
    let signed_in: SignedIn =
        serde_json::from_str(&post(world, "/candidate/sign-in", None, body).await).unwrap();
    assert!(matches!(signed_in.me, Me::Account { .. }));
    Device::new(signed_in, device, round(1), None)
}

/// The device comes again after its session changed.
async fn again(world: &World, device: &Device, in_round: u128, candidate: u128) -> Device {
    let mut again =
        Device::new(device.signed_in.clone(), device.id, round(in_round), Some(ticket(in_round, candidate)));
    again.connect(world).await;
    again
}

fn invitation(in_round: u128, candidate: u128) -> Uuid {
    Uuid::from_u128(0x0400 + in_round * 0x10 + candidate)
}

#[tokio::test]
async fn an_account_talks_without_a_room_and_is_rung_in_one() {
    let (world, clock) = world().await;
    let mut wang = world.recruiter("wang", 1).await;
    // the organiser brought candidate 4 in with this number
    let mut wu = account(&world, &clock, PHONE).await;
    wu.connect(&world).await;
    let talk = conversation(&world, 4).await;
    wang.follows(None).await;
    wu.follows(None).await;
    assert_eq!(wu.talk(talk, text("您好")).await, Ok(1));
    wang.entry(talk).await;
    assert_eq!(wang.talk(talk, text("请进")).await, Ok(2));
    wu.hear("answer", |frame| match frame {
        ServerFrame::Entry { entry, .. } => (entry.seq == 2).then_some(()),
        _ => None,
    })
    .await;
    // in no room there is nothing to do
    assert_eq!(
        wu.ask(Command::Note { ticket: ticket(1, 4), text: "?".into() }).await,
        Err(ProblemCode::NotFound)
    );
    wu.say(&ClientFrame::Presence { presence: Presence::Ready }).await;
    wu.say(&ClientFrame::Watch { round: round(1), since: 0 }).await;
    assert_eq!(wu.problem().await, ProblemCode::NotAllowed);
    let heard = wu.rest().await;
    assert!(!heard.iter().any(|frame| matches!(frame, ServerFrame::Room(_))), "{heard:?}");

    let enter = format!("/me/interviews/{}/enter", invitation(1, 4));
    let token = wu.signed_in.token.clone();
    post(&world, &enter, Some(&token), json!({})).await;
    let mut wu = again(&world, &wu, 1, 4).await;
    wu.room("the room", |_| true).await;
    wang.sees(ticket(1, 4), Presence::Ready).await;
    let call = wang.ring(ticket(1, 4)).await.unwrap();
    wu.call("ring", |c| matches!(c.phase, CallPhase::Ringing { .. })).await;
    wu.ask(Command::Decline { call }).await.unwrap();
    wang.call("declined", |c| matches!(c.phase, CallPhase::Ended { reason: EndReason::Declined, .. })).await;

    post(&world, "/me/leave-room", Some(&token), json!({})).await;
    let mut outside = Device::new(wu.signed_in.clone(), wu.id, round(1), None);
    outside.connect(&world).await;
    wang.sees(ticket(1, 4), Presence::Offline).await;
    assert!(!outside.rest().await.iter().any(|frame| matches!(frame, ServerFrame::Room(_))));
}

/// Candidate 1 came by a code, and has candidate 4's number: one person, who is rung as both and is in
/// one call at a time.
#[tokio::test]
async fn of_two_candidates_who_are_one_person_both_tickets_ring() {
    let (world, clock) = world().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 2).await;
    let wu = account(&world, &clock, PHONE).await;
    let token = wu.signed_in.token.clone();
    post(&world, &format!("/me/interviews/{}/enter", invitation(2, 4)), Some(&token), json!({})).await;
    let mut at_two = again(&world, &wu, 2, 4).await;
    at_two.room("round 2", |_| true).await;

    let mut lin = world.candidate(1, 1).await;
    lin.room("round 1", |_| true).await;
    let code = code(&world, &clock, PHONE, lin.id).await;
    let body = json!({ "phone": PHONE, "code": code, "policy": 1 });
    let me: Me =
        serde_json::from_str(&post(&world, "/candidate/link", Some(&lin.signed_in.token), body).await)
            .unwrap();
    let Me::Candidate { candidate, account: true, .. } = me else { panic!("{me:?}") };
    let Me::Account { candidate: known, .. } = wu.signed_in.me else { panic!() };
    assert_eq!(candidate, known);
    let mut lin = again(&world, &lin, 1, 1).await;
    lin.room("round 1 again", |_| true).await;
    wang.sees(ticket(1, 1), Presence::Ready).await;

    let call = wang.ring(ticket(1, 1)).await.unwrap();
    lin.call("ring", |c| matches!(c.phase, CallPhase::Ringing { .. })).await;
    assert_eq!(zhao.ring(ticket(2, 4)).await, Err(ProblemCode::CandidateBusy));
    lin.ask(Command::Answer { call }).await.unwrap();
    wang.plan(call).await;
    lin.plan(call).await;
    wang.signal(call, 1, Signal::Offer { sdp: "v=0\r\no=-".into(), restart: false }).await;
    assert!(matches!(lin.signalled().await, Signal::Offer { .. }));
    lin.signal(call, 1, Signal::Answer { sdp: "v=0\r\no=-".into() }).await;
    assert!(matches!(wang.signalled().await, Signal::Answer { .. }));
    wang.ask(Command::HangUp { call }).await.unwrap();
    lin.call("end", |c| matches!(c.phase, CallPhase::Ended { .. })).await;
    zhao.ring(ticket(2, 4)).await.unwrap();
    at_two.call("ring", |c| matches!(c.phase, CallPhase::Ringing { .. })).await;
}
