//! Candidates open invitations (J2, J3).

use super::*;
use crate::store::{Bind, Bound, NewSession, Numbered, RoundCommit, SessionState};
use miantan_domain::code::InviteCode;
use miantan_domain::ids::{CallId, MemberId, TicketId};
use miantan_domain::model::{Confirmation, Outcome, Side};
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::wire::rest::Me;

fn ticket_of(signed: &SignedIn) -> TicketId {
    let Me::Candidate { ticket, .. } = &signed.me else { panic!("a candidate's session") };
    *ticket
}

#[tokio::test]
async fn a_candidate_opens_the_invitation_from_the_sms() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let signed = organiser.device().join(line).await;
    let Me::Candidate { name, round, with_password, ticket, .. } = &signed.me else { panic!() };
    assert_eq!((name, &round.name, *with_password), (&line.name, &organiser.seeded.round, false));
    let (_, seat) = organiser.state.hall.ticket(round.id, *ticket).await.unwrap();
    let seat = seat.expect("the ticket is taken");
    assert_eq!((&seat.card.name, seat.appointed, seat.number), (&line.name, line.appointed, 1));
}

#[tokio::test]
async fn small_letters_and_spaces_do_not_matter() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let typed = line.code.replace('-', " ").to_lowercase();
    assert_eq!(organiser.device().try_code(&typed, None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_code_is_wrong_whatever_it_looks_like() {
    let organiser = Organiser::open().await;
    for code in
        ["000-000-000", "", "面谈邀请码", "ABC", "AAAAAAAAAAAAAAAAAAAAAAAAA", "'; DROP TABLE invitation; --"]
    {
        let answer = organiser.device().try_code(code, Some("123456")).await;
        assert_eq!(answer.code(), ProblemCode::CodeWrong, "{code}");
    }
}

#[tokio::test]
async fn each_bad_state_has_its_own_word() {
    let organiser = Organiser::open().await;
    let bad = organiser.seeded.bad_codes.clone();
    for (code, problem) in [
        (&bad.used, ProblemCode::CodeUsed),
        (&bad.expired, ProblemCode::CodeExpired),
        (&bad.too_early, ProblemCode::CodeTooEarly),
        (&bad.cancelled, ProblemCode::CodeCancelled),
        (&bad.other_device, ProblemCode::OtherDevice),
    ] {
        assert_eq!(organiser.device().try_code(code, None).await.code(), problem);
    }
}

#[tokio::test]
async fn too_early_says_when_and_expiry_comes_with_time() {
    let organiser = Organiser::open().await;
    let early = organiser.device().try_code(&organiser.seeded.bad_codes.too_early, None).await;
    assert_eq!(early.problem().retry_after_ms, Some(3_600_000));
    assert_eq!(early.retry_after.as_deref(), Some("3600"));
    organiser.clock.advance(3_600_000);
    let in_time = organiser.device().try_code(&organiser.seeded.bad_codes.too_early, None).await;
    assert_eq!(in_time.status, StatusCode::OK);
    organiser.clock.advance(12 * 3_600_000);
    let late = organiser.device().try_code(&organiser.seeded.bad_codes.too_early, None).await;
    assert_eq!(late.code(), ProblemCode::CodeExpired);
}

#[tokio::test]
async fn a_password_is_asked_for_only_where_there_is_one() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.candidates.iter().find(|line| line.password.is_some()).unwrap();
    let phone = organiser.device();
    assert_eq!(phone.try_code(&line.code, None).await.code(), ProblemCode::PasswordNeeded);
    assert_eq!(phone.try_code(&line.code, Some("")).await.code(), ProblemCode::PasswordNeeded);
    assert_eq!(phone.try_code(&line.code, Some("wrong")).await.code(), ProblemCode::PasswordWrong);
    let signed = phone.join(line).await;
    assert!(matches!(signed.me, Me::Candidate { with_password: true, .. }));
    // one too many does not hurt
    let open = organiser.seeded.candidates.iter().find(|line| line.password.is_none()).unwrap();
    assert_eq!(organiser.device().try_code(&open.code, Some("123")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_code_works_again_on_its_own_device_and_keeps_the_place() {
    let organiser = Organiser::open().await;
    let lines = &organiser.seeded.candidates;
    let phone = organiser.device();
    let first = phone.join(&lines[0]).await;
    organiser.device().join(&lines[2]).await;
    let again = phone.join(&lines[0]).await;
    assert_eq!(ticket_of(&first), ticket_of(&again));
    for signed in [&first, &again] {
        let me: Me = phone.get("/api/v1/me", Some(&signed.token)).await.json();
        assert_eq!(me, signed.me);
    }
    let Me::Candidate { round, ticket, .. } = &again.me else { panic!() };
    let (_, seat) = organiser.state.hall.ticket(round.id, *ticket).await.unwrap();
    assert_eq!(seat.unwrap().number, 1);
}

#[tokio::test]
async fn another_device_takes_over_and_the_old_one_is_told() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let (old, new) = (organiser.device(), organiser.device());
    let before = old.join(line).await;
    let after = new.join(line).await;
    assert_eq!(ticket_of(&before), ticket_of(&after));
    assert_eq!(old.get("/api/v1/me", Some(&before.token)).await.code(), ProblemCode::ReplacedByDevice);
    assert_eq!(new.get("/api/v1/me", Some(&after.token)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn where_identity_is_asked_for_no_device_takes_over_by_the_code_alone() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let own = organiser.device();
    let signed = own.join(line).await;
    assert_eq!(organiser.device().try_code(&line.code, None).await.code(), ProblemCode::OtherDevice);
    assert_eq!(own.get("/api/v1/me", Some(&signed.token)).await.status, StatusCode::OK);
    own.join(line).await;
}

#[tokio::test]
async fn one_candidate_waits_in_two_rounds_on_one_phone() {
    let organiser = Organiser::open().await;
    let phone = organiser.device();
    let [main, second] = &organiser.seeded.both;
    let (here, there) = (phone.join(main).await, phone.join(second).await);
    let (Me::Candidate { candidate: a, round: r, .. }, Me::Candidate { candidate: b, round: s, .. }) =
        (&here.me, &there.me)
    else {
        panic!()
    };
    assert_eq!(a, b, "one person");
    assert_ne!(r.id, s.id);
    for signed in [&here, &there] {
        assert_eq!(phone.get("/api/v1/me", Some(&signed.token)).await.status, StatusCode::OK);
    }
}

/// Puts an interview that took place into the log before the hall has read it.
async fn interviewed(organiser: &Organiser, line: &CandidateLine, on: DeviceId, confirmed: bool) {
    let stores = &organiser.state.stores;
    let mac = organiser.state.secrets.code(&InviteCode::parse(&line.code).unwrap());
    let invitation = stores.accounts.invitation_by_code(&mac).await.unwrap().unwrap();
    let session =
        NewSession { token: [9; 32], device: on, now: NOW, expires: NOW.after(1_000), device_key: None };
    let bound =
        stores.accounts.bind(Bind { invitation: invitation.id, session, takeover: true }).await.unwrap();
    assert!(matches!(bound, Bound::Yes { .. }));
    let (ticket, by) = (invitation.ticket, MemberId::from_parts(0, &[1; 10]));
    let call = CallId::from_parts(0, &[2; 10]);
    let mut events = vec![
        RoundEvent::TicketTaken { ticket, card: invitation.card, number: 1, appointed: None },
        RoundEvent::CallStarted { call, ticket, member: by, by: Side::Recruiter, device: on },
        RoundEvent::CallEnded { call, ticket, reason: EndReason::Completed, talked_ms: 60_000 },
        RoundEvent::OutcomeMarked { ticket, outcome: Outcome::Suitable, by },
        RoundEvent::Announced { tickets: vec![ticket], by },
    ];
    if confirmed {
        let confirmation = Confirmation { accepted: true, comment: String::new(), at: NOW };
        events.push(RoundEvent::Confirmed { ticket, confirmation });
    }
    let round = invitation.round.id;
    let last = stores.rounds.load(round).await.unwrap().unwrap().events.len() as u64;
    let events =
        events.into_iter().zip(last + 1..).map(|(event, seq)| Numbered { seq, at: NOW, event }).collect();
    stores.rounds.commit(RoundCommit { round, events, answer: None, free: Vec::new() }).await.unwrap();
}

#[tokio::test]
async fn after_the_announcement_the_code_serves_only_the_confirmation() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let own = organiser.device();
    interviewed(&organiser, line, own.id, false).await;
    assert_eq!(organiser.device().try_code(&line.code, None).await.code(), ProblemCode::CodeUsed);
    own.join(line).await;
}

#[tokio::test]
async fn a_confirmed_interview_uses_its_code_up() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let own = organiser.device();
    interviewed(&organiser, line, own.id, true).await;
    assert_eq!(own.try_code(&line.code, None).await.code(), ProblemCode::CodeUsed);
}

#[tokio::test]
async fn devices_that_join_together_end_with_one_in_the_room() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let devices: Vec<Device> = (0..12).map(|_| organiser.device()).collect();
    let joined = futures_util::future::join_all(devices.iter().map(|device| device.join(line))).await;
    let mut open = 0;
    for signed in &joined {
        assert_eq!(ticket_of(signed), ticket_of(&joined[0]));
        let mac = organiser.state.secrets.token(&signed.token);
        let session = organiser.state.stores.accounts.session_by_token(&mac, NOW).await.unwrap().unwrap();
        open += u32::from(session.state == SessionState::Open);
    }
    assert_eq!(open, 1);
}
