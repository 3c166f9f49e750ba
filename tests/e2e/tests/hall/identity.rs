//! Who is joining (J4): the face check with real models on a declared synthetic camera, and the SMS way beside it.

use miantan_client::Intent;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::wire::ProblemCode;
use miantan_e2e::identity::*;
use miantan_e2e::{Devices, Hall, seen};

#[tokio::test(flavor = "multi_thread")]
async fn lin_passes_with_her_face_and_goes_on() {
    let hall = Hall::open_with_photos().await;
    let lin = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    lin.is_before_the_camera(LIN, None);
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    lin.passes_by_face().await;
    assert_eq!(settled(&lin.view()), Some(Assurance::Simulated), "said for what it is");
    lin.checks_in().await;
    assert!(identity(&lin.view()).is_none(), "nothing of it is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_round_wants_it_the_pictures_are_looked_at_by_the_server_too() {
    let hall = Hall::open_with_photos().await;
    let lin = hall.guest_with(hall.seeded.identity_verified.clone(), Devices::default()).await;
    lin.is_before_the_camera(LIN, None);
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    let view = lin.view();
    let step = identity(&view).expect("the step");
    assert!(step.verifies && step.frames_days > 0);
    lin.passes_by_face().await;
    assert_eq!(settled(&lin.view()), Some(Assurance::Simulated));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_is_refused_and_the_sms_way_is_still_there() {
    let hall = Hall::open_with_photos().await;
    let chen = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    chen.is_before_the_camera(SOMEBODY_ELSE, None);
    chen.joins().await;
    chen.is_asked_who_it_is().await;
    chen.chooses_the_face_check().await;
    chen.starts_the_attempt().await;
    let reasons = chen.is_refused().await;
    assert_eq!(reasons, [FaceReason::OtherPerson]);
    assert_eq!(chen.face_attempts_left(), Some(2));
    // Whoever has lin's phone has her number.
    chen.passes_by_sms(&hall).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_and_a_screen_before_the_camera_are_refused_as_what_they_are() {
    let hall = Hall::open_with_photos().await;
    let chen = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    chen.is_before_the_camera(PRINTED, None);
    chen.joins().await;
    chen.is_asked_who_it_is().await;
    for (left, held_up) in [(2, PRINTED), (1, ON_A_TABLET)] {
        chen.is_before_the_camera(held_up, None);
        chen.chooses_the_face_check().await;
        chen.starts_the_attempt().await;
        let reasons = chen.is_refused().await;
        assert!(reasons.contains(&FaceReason::NotLive), "{held_up:?}: {reasons:?}");
        assert_eq!(chen.face_attempts_left(), Some(left));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_lin_does_not_do_what_is_asked_and_three_attempts_are_all_there_are() {
    let hall = Hall::open_with_photos().await;
    let chen = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    // Never asked twice in a row: no nonce fits it.
    chen.is_before_the_camera(LIN, Some("nod,nod,nod"));
    chen.joins().await;
    chen.is_asked_who_it_is().await;
    for left in [2, 1, 0] {
        chen.chooses_the_face_check().await;
        chen.wants(Intent::Identity(IdentityIntent::Start));
        let reasons = chen.is_refused().await;
        let wrong = [FaceReason::MovementMissed, FaceReason::MovementWrong];
        assert!(reasons.iter().any(|reason| wrong.contains(reason)), "{reasons:?}");
        assert!(!reasons.contains(&FaceReason::OtherPerson), "it is her, on film");
        assert_eq!(chen.face_attempts_left(), Some(left));
    }
    chen.wants(Intent::Identity(IdentityIntent::ChooseFace));
    chen.sees("no more", |v| {
        identity(v).is_some_and(|identity| {
            identity.no_face == Some(NoFaceOffer::Server(NoFaceWay::AttemptsUsed))
                && identity.stage == IdentityStage::Choice
        })
    })
    .await;
    chen.passes_by_sms(&hall).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_simulated_camera_is_allowed_it_does_not_pass() {
    let hall = Hall::open_with_photos_for_real_people().await;
    let lin = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    lin.is_before_the_camera(LIN, None);
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    lin.chooses_the_face_check().await;
    lin.starts_the_attempt().await;
    assert_eq!(lin.is_refused().await, [FaceReason::Simulated]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusing_costs_nothing_and_nothing_of_her_face_is_made() {
    let hall = Hall::open_with_photos().await;
    let lin = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    lin.wants(Intent::Identity(IdentityIntent::ChooseFace));
    lin.sees("the consent", |v| stage(v) == Some(&IdentityStage::Consent { frames: false })).await;
    lin.wants(Intent::Identity(IdentityIntent::Consent { face: false, frames: false }));
    lin.sees("the SMS way", |v| matches!(stage(v), Some(IdentityStage::Sms(_)))).await;
    lin.passes_by_sms(&hall).await;
    lin.checks_in().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_comes_before_the_face_where_the_round_says_so() {
    let hall = Hall::open_with_photos().await;
    let lin = hall.guest_with(hall.seeded.identity_sms_first.clone(), Devices::default()).await;
    lin.is_before_the_camera(LIN, None);
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    let before = hall.last_sms();
    lin.wants(Intent::Identity(IdentityIntent::ChooseFace));
    lin.sees("the number first", |v| matches!(stage(v), Some(IdentityStage::Sms(_)))).await;
    lin.wants(Intent::Identity(IdentityIntent::SendCode));
    let code = hall.code_in_sms(&lin.line.phone, before).await;
    lin.sees("sent", |v| matches!(stage(v), Some(IdentityStage::Sms(sms)) if sms.sent)).await;
    lin.wants(Intent::Identity(IdentityIntent::CheckCode(code)));
    lin.sees("the consent", |v| stage(v) == Some(&IdentityStage::Consent { frames: false })).await;
    lin.passes_by_face().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lin_is_killed_in_the_challenge_and_asks_again() {
    let hall = Hall::open_with_photos().await;
    let mut lin = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    lin.is_before_the_camera(LIN, None);
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    lin.chooses_the_face_check().await;
    lin.starts_the_attempt().await;
    lin.is_killed_and_started().await;
    lin.is_asked_who_it_is().await;
    assert_eq!(lin.face_attempts_left(), Some(2), "the attempt counts");
    lin.passes_by_face().await;
    // Settled is settled: not asked again after another start.
    lin.is_killed_and_started().await;
    assert_eq!(seen::step(&lin.view()), Some(CheckInStep::Speaker));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_telephone_rings_in_the_attempt_and_the_camera_is_let_go() {
    let hall = Hall::open_with_photos().await;
    let lin = hall.guest_with(hall.seeded.identity.clone(), Devices::default()).await;
    lin.is_before_the_camera(LIN, None);
    lin.joins().await;
    lin.is_asked_who_it_is().await;
    lin.chooses_the_face_check().await;
    lin.starts_the_attempt().await;
    lin.wants(Intent::PhoneCall(true));
    lin.sees("interrupted", |v| stage(v) == Some(&IdentityStage::Broken(IdentityTrouble::Interrupted))).await;
    lin.wants(Intent::PhoneCall(false));
    lin.passes_by_face().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_phone_takes_over_with_a_code_by_sms() {
    let hall = Hall::open_with_photos().await;
    let line = hall.seeded.identity.clone();
    let first = hall.guest_with(line.clone(), Devices::default()).await;
    first.joins().await;
    first.is_asked_who_it_is().await;
    let second = hall.guest_with(line.clone(), Devices::default()).await;
    second.enters_code(&line.code);
    second.sees("the other device", |v| matches!(seen::form(v), Some(FormState::OtherDevice { .. }))).await;
    let before = hall.last_sms();
    second.wants(Intent::TakeOverSend);
    second
        .sees(
            "sent",
            |v| matches!(seen::form(v), Some(FormState::OtherDevice { phone: Some(_), way, .. }) if way.sent),
        )
        .await;
    second.wants(Intent::TakeOverCheck("000000".into()));
    second
        .sees("wrong", |v| {
            matches!(seen::form(v), Some(FormState::OtherDevice { way, .. })
                if matches!(&way.form, FormState::Failed { problem, .. } if problem.code == ProblemCode::SmsCodeWrong))
        })
        .await;
    let code = hall.code_in_sms(&line.phone, before).await;
    second.wants(Intent::TakeOverCheck(code));
    second.sees("in", |v| seen::candidate(v).is_some()).await;
    first.sees("moved", |v| seen::told(v, &NoticeWhat::SessionMoved)).await;
}
