//! The network step and the readiness pass.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::Command;
use miantan_domain::wire::rest::{JoinRequest, ProbeRelay, Signed};

fn at(view: &AppView, step: CheckInStep) -> bool {
    candidate(view).is_some_and(|candidate| candidate.check_in.step == Some(step))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_relay_does_not_pass_by_itself_and_is_told() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    for step in [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera] {
        phone.sees("the step", |view| at(view, step)).await;
        phone.wants(Intent::CheckPassed(step));
    }
    let (_, told) = hall.hears_command("the verdict", |c| matches!(c, Command::Network { .. })).await;
    assert_eq!(told, Command::Network { verdict: NetworkVerdict::NoUdp });
    phone.wants(Intent::CheckPassed(CheckInStep::Network));
    phone.wants(Intent::CheckRetry(CheckInStep::Network));
    let (_, again) = hall.hears_command("measured again", |c| matches!(c, Command::Network { .. })).await;
    assert_eq!(again, told);
    assert!(at(&phone.view(), CheckInStep::Network), "it cannot be called good");
    phone.goes_on_without_a_relay().await;
    let step = CheckInStep::Network;
    let (_, outcome) = hall
        .hears_command("the outcome", |c| matches!(c, Command::CheckIn { step: s, .. } if *s == step))
        .await;
    assert_eq!(outcome, Command::CheckIn { step, outcome: StepOutcome::Cannot });
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_organiser_has_no_relay_nobody_is_told_that_their_network_blocks_calls() {
    let hall = Hall::open().await;
    hall.counter().says("GET /probe/relay", &ProbeRelay { servers: Vec::new() });
    hall.counter().gives("GET /probe/down", &[0; 16 * 1024]);
    hall.counter().says("POST /probe/up", &());
    let phone = Phone::of_lin(&hall).await;
    for step in [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera] {
        phone.sees("the step", |view| at(view, step)).await;
        phone.wants(Intent::CheckPassed(step));
    }
    let (_, told) = hall.hears_command("the verdict", |c| matches!(c, Command::Network { .. })).await;
    assert_eq!(told, Command::Network { verdict: NetworkVerdict::Good });
    phone.sees("checked in by itself", |view| candidate(view).is_some_and(|c| c.check_in.done)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passed_check_in_is_signed_told_and_told_again_until_it_was_heard() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    phone.sees("devices", |view| !view.devices.speakers.is_empty()).await;
    hall.counter().refuses("POST /me/readiness", ProblemCode::Offline);
    phone.passes_checks().await;
    let lost: Signed = hall.counter().hears("POST /me/readiness", 1).await.read();
    let green = Readiness { light: ReadinessLight::Green, reasons: Vec::new() };
    hall.counter().says("POST /me/readiness", &green);
    hall.cuts();
    hall.sockets(2).await;
    let heard: Signed = hall.counter().hears("POST /me/readiness", 2).await.read();
    assert_eq!(heard, lost, "the very pass, signed with the same key");
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_registers_a_key_of_this_device() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    assert!(candidate(&phone.view()).is_some());
    let asked: JoinRequest = hall.last_join();
    assert_eq!(asked.device_key.map(|key| key.len()), Some(44), "32 bytes in base64");
}
