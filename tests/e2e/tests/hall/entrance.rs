//! Every way of not getting in, and each its own word.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::wire::ProblemCode;
use miantan_e2e::{Hall, seen};

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_code_is_told_as_what_it_is() {
    let hall = Hall::open().await;
    let bad = hall.seeded.bad_codes.clone();
    for (code, problem) in [
        (bad.used, ProblemCode::CodeUsed),
        (bad.expired, ProblemCode::CodeExpired),
        (bad.too_early, ProblemCode::CodeTooEarly),
        (bad.cancelled, ProblemCode::CodeCancelled),
        ("000-000-000".into(), ProblemCode::CodeWrong),
        ("12".into(), ProblemCode::CodeWrong),
    ] {
        // each from a phone of its own: failures slow the next try of a phone
        let guest = hall.guest(0).await;
        guest.enters_code(&code);
        guest.sees(problem.as_str(), |view| seen::refused(view, problem)).await;
    }
    // open on another phone: the number on file moves it here
    let guest = hall.guest(0).await;
    guest.enters_code(&bad.other_device);
    guest.sees("the way here", |view| matches!(seen::form(view), Some(FormState::OtherDevice { .. }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_and_guessing_is_slowed() {
    let hall = Hall::open().await;
    let guest = hall.guest(1).await;
    guest.enters_code(&guest.line.code);
    guest
        .sees("asked", |v| matches!(seen::form(v), Some(FormState::PasswordNeeded { wrong: false, .. })))
        .await;
    let mut wrong = 0;
    // until it is slowed: the rule allows a few tries first
    loop {
        guest.enters_password("not-it");
        let view = guest
            .sees("an answer", |v| {
                matches!(
                    seen::form(v),
                    Some(FormState::PasswordNeeded { wrong: true, .. } | FormState::Failed { .. })
                )
            })
            .await;
        if seen::refused(&view, ProblemCode::SlowDown) {
            let Some(FormState::Failed { again_at, .. }) = seen::form(&view) else { panic!() };
            assert!(again_at.is_some(), "it says when to try again");
            break;
        }
        wrong += 1;
        assert!(wrong < 50, "never slowed");
        guest.wants(Intent::ResetForm);
        guest.sees("an empty form", |v| seen::form(v) == Some(&FormState::Idle)).await;
    }
    assert!(wrong > 0, "the first try is answered, not slowed");
    // the rightful person waits it out: the app asks again by itself
    guest.sees("asked again", |v| matches!(seen::form(v), Some(FormState::PasswordNeeded { .. }))).await;
    guest.enters_password(&guest.line.password.clone().unwrap());
    guest.sees("in", |view| seen::candidate(view).is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sign_in_tells_nothing() {
    let hall = Hall::open().await;
    let line = hall.seeded.employer.clone();
    for (account, password, member) in [
        (line.uscc.as_str(), "wrong", None),
        ("没有这家公司有限公司", line.password.as_str(), None),
        (line.name.as_str(), line.password.as_str(), Some("没有这个人")),
    ] {
        let stranger = hall.stranger().await;
        stranger.wants(Intent::SignIn {
            account: account.into(),
            password: password.into(),
            member: member.map(str::to_owned),
        });
        stranger.sees("refused", |view| seen::refused(view, ProblemCode::CredentialsWrong)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_takes_over_and_the_first_is_told() {
    let hall = Hall::open().await;
    let first = hall.candidate(3).await;
    let ticket = first.ticket();
    let number = seen::room(&first.view()).unwrap().number;
    let second = hall.guest(3).await;
    second.joins().await;
    let view = first.sees("moved", |v| seen::told(v, &NoticeWhat::SessionMoved)).await;
    assert!(seen::form(&view).is_some());
    assert_eq!(second.ticket(), ticket);
    second.checks_in().await;
    assert_eq!(seen::room(&second.view()).unwrap().number, number, "the same place");
}
