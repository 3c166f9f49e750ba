//! Guessing is slowed; nobody is locked out.

use super::*;

const NOBODYS: &str = "000-000-000";

#[tokio::test]
async fn a_device_that_guesses_waits_longer_each_time() {
    let organiser = Organiser::open().await;
    let campus: IpAddr = "203.0.113.9".parse().unwrap();
    let guesser = organiser.device_at(campus);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let answer = guesser.try_code(NOBODYS, None).await;
        if answer.code() == ProblemCode::SlowDown {
            let wait = answer.problem().retry_after_ms.unwrap();
            waits.push(wait / 1_000);
            organiser.clock.advance(wait);
            assert_eq!(guesser.try_code(NOBODYS, None).await.code(), ProblemCode::CodeWrong);
        } else {
            assert_eq!(answer.code(), ProblemCode::CodeWrong);
        }
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60]);
    // a neighbour on the same address notices nothing
    let line = &organiser.seeded.candidates[0];
    organiser.device_at(campus).join(line).await;
    // and the guesser, if it was the rightful person all along, waits at most a minute
    let blocked = guesser.try_code(&organiser.seeded.candidates[2].code, None).await;
    assert_eq!(blocked.code(), ProblemCode::SlowDown);
    assert_eq!(blocked.retry_after.as_deref(), Some("60"));
    organiser.clock.advance(60_000);
    guesser.join(&organiser.seeded.candidates[2]).await;
    // success clears the slate
    assert_eq!(guesser.try_code(NOBODYS, None).await.code(), ProblemCode::CodeWrong);
    assert_eq!(guesser.try_code(NOBODYS, None).await.code(), ProblemCode::CodeWrong);
}

#[tokio::test]
async fn an_address_is_slowed_only_after_far_more_failures() {
    let organiser = Organiser::open().await;
    let campus: IpAddr = "203.0.113.9".parse().unwrap();
    let known = organiser.device_at(campus);
    known.join(&organiser.seeded.candidates[0]).await;
    for n in 0..61 {
        let answer = organiser.device_at(campus).try_code(NOBODYS, None).await;
        assert_eq!(answer.code(), ProblemCode::CodeWrong, "guess {n}");
    }
    let slowed = organiser.device_at(campus).try_code(NOBODYS, None).await;
    assert_eq!(slowed.problem().retry_after_ms, Some(1_000));
    // another address is another matter
    assert_eq!(organiser.device().try_code(NOBODYS, None).await.code(), ProblemCode::CodeWrong);
    // a device that proved itself before is not held up by its neighbours
    known.join(&organiser.seeded.candidates[0]).await;
    // a newcomer waits a moment and gets in; the wait never exceeds fifteen seconds
    organiser.clock.advance(1_000);
    organiser.device_at(campus).join(&organiser.seeded.candidates[2]).await;
}

#[tokio::test]
async fn employer_passwords_are_slowed_like_codes() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let desk = organiser.device();
    for code in [ProblemCode::CredentialsWrong, ProblemCode::CredentialsWrong, ProblemCode::SlowDown] {
        assert_eq!(desk.try_sign_in(&line.uscc, "wrong", None).await.code(), code);
    }
    // slowed before the password is looked at, right or wrong
    let checks = organiser.state.secrets.checks();
    assert_eq!(desk.try_sign_in(&line.uscc, &line.password, None).await.code(), ProblemCode::SlowDown);
    assert_eq!(organiser.state.secrets.checks(), checks);
    // the rightful person at their own desk
    organiser.device().sign_in(&line).await;
}

#[tokio::test]
async fn guesses_at_the_same_moment_do_not_slip_past() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let desk = organiser.device();
    let tries = (0..30).map(|n| {
        let (desk, line) = (&desk, &line);
        async move { desk.try_sign_in(&line.uscc, &format!("guess {n}"), None).await.code() }
    });
    let codes = futures_util::future::join_all(tries).await;
    let looked_at = codes.iter().filter(|code| **code == ProblemCode::CredentialsWrong).count();
    assert_eq!(looked_at, 2);
    assert!(codes.iter().all(|code| matches!(code, ProblemCode::CredentialsWrong | ProblemCode::SlowDown)));
}

#[tokio::test]
async fn what_is_no_guess_slows_nobody() {
    let organiser = Organiser::open().await;
    let bad = organiser.seeded.bad_codes.clone();
    let phone = organiser.device();
    for _ in 0..4 {
        for code in [&bad.expired, &bad.too_early, &bad.cancelled, &bad.used] {
            assert_ne!(phone.try_code(code, None).await.code(), ProblemCode::SlowDown);
        }
    }
}

#[tokio::test]
async fn a_campus_may_join_in_the_same_second() {
    let organiser = Organiser::open().await;
    let campus: IpAddr = "203.0.113.9".parse().unwrap();
    let lines = &organiser.seeded.candidates;
    let devices: Vec<Device> = (0..96).map(|_| organiser.device_at(campus)).collect();
    let joins = devices.iter().enumerate().map(|(n, device)| async move {
        let line = &lines[n % lines.len()];
        device.try_code(&line.code, line.password.as_deref()).await.status
    });
    let statuses = futures_util::future::join_all(joins).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
}

#[tokio::test]
async fn a_flood_is_turned_away_instead_of_piling_up() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let full = organiser.state.tries.clone().acquire_many_owned(2_000).await.unwrap();
    let turned = organiser.device().try_code(&line.code, None).await;
    assert_eq!(turned.problem().retry_after_ms, Some(2_000));
    assert_eq!(turned.code(), ProblemCode::TooMany);
    drop(full);
    organiser.device().join(line).await;
}
