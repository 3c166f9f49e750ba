//! Calls with what is there.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_e2e::{Devices, Hall, seen};

fn lacks(view: &AppView, problem: DeviceProblem) -> bool {
    view.call.as_ref().is_some_and(|call| call.problems.contains(&problem))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_camera_the_call_goes_on_and_says_so() {
    let hall = Hall::open().await;
    let lin = hall.candidate_with(3, Devices { camera: false, microphone: true }).await;
    let wang = hall.recruiter().await;
    let checked = |view: &AppView| seen::ticket(view, lin.ticket()).map(|ticket| ticket.checked.clone());
    wang.sees("told before ringing", |v| {
        checked(v).is_some_and(|c| c.contains(&(CheckInStep::Camera, StepOutcome::Cannot)))
    })
    .await;
    wang.rings(&lin).await;
    lin.answers().await;
    // lin sees wang, wang hears lin
    lin.talks().await;
    wang.sees("connected", seen::talks).await;
    wang.sees("lin is heard", seen::hears_other).await;
    lin.sees("said in words", |v| lacks(v, DeviceProblem::NoCamera)).await;
    assert!(!seen::sees_other(&wang.view()));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_microphone_the_call_goes_on_and_says_so() {
    let hall = Hall::open().await;
    let lin = hall.candidate_with(3, Devices { camera: true, microphone: false }).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    lin.sees("said in words", |v| lacks(v, DeviceProblem::NoMicrophone)).await;
    lin.wants(Intent::SendNote { ticket: lin.ticket(), text: "我的麦克风坏了".into() });
    wang.sees("words instead", |v| v.call.as_ref().is_some_and(|call| call.notes.len() == 1)).await;
}

/// Unplugged in the call, and plugged in again: the stack is told by choosing devices, as a person
/// who looks for a way out does.
#[tokio::test(flavor = "multi_thread")]
async fn devices_go_and_come_back_in_the_call() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    lin.wants(Intent::ChooseCamera(Some("gone".into())));
    lin.sees("no camera", |v| lacks(v, DeviceProblem::NoCamera)).await;
    wang.sees("no picture", |v| v.call.as_ref().is_some_and(|call| !call.remote_video)).await;
    lin.wants(Intent::ChooseMicrophone(Some("gone".into())));
    lin.sees("no microphone", |v| lacks(v, DeviceProblem::NoMicrophone)).await;
    wang.sees("still connected", seen::talks).await;
    lin.wants(Intent::ChooseCamera(Some("synthetic".into())));
    wang.sees("a picture again", |v| v.call.as_ref().is_some_and(|call| call.remote_video)).await;
    lin.wants(Intent::ChooseMicrophone(Some("synthetic:tone".into())));
    lin.sees("all well", |v| v.call.as_ref().is_some_and(|call| call.problems.is_empty())).await;
    assert!(seen::talks(&lin.view()) && seen::talks(&wang.view()));
}
