//! Candidates sign in by number, join what they were invited to, and come and go from rooms.

use super::people::*;
use super::*;
use miantan_domain::ids::*;

#[tokio::test]
async fn a_number_makes_an_account_and_is_known_again() {
    let organiser = Organiser::open().await;
    let first = organiser.person(STRANGER).await;
    let Me::Account { candidate, name, phone } = &first.me else { panic!("{:?}", first.me) };
    assert_eq!((name.as_str(), phone.as_str()), ("", "139****1111"));
    assert_eq!(first.get("/me").await.json::<Me>(), first.me);
    // another device, the same person; both stay signed in
    let second = organiser.person(STRANGER).await;
    assert_eq!(second.id(), *candidate);
    assert_eq!(first.get("/me").await.status, StatusCode::OK);
    // whom the organiser brought in with this number is this person
    let line = &organiser.seeded.candidates[0];
    let known = organiser.person(&line.phone).await;
    let Me::Account { name, .. } = &known.me else { panic!("{:?}", known.me) };
    assert_eq!(name, &line.name);
    let resume: miantan_domain::model::ResumeDoc = known.get("/me/resume").await.json();
    assert!(!resume.resume.is_blank());
}

#[tokio::test]
async fn the_answer_is_the_same_whether_anybody_is_known() {
    let organiser = Organiser::open().await;
    let device = organiser.device();
    let known: Value = device.ask_code(&organiser.seeded.candidates[0].phone).await.json();
    let unknown: Value = device.ask_code(STRANGER).await.json();
    assert_eq!(known["valid_ms"], unknown["valid_ms"]);
    assert_eq!(known["again_after_ms"], unknown["again_after_ms"]);
    assert_eq!(unknown["masked"], "139****1111");
    for (phone, code) in [(organiser.seeded.candidates[0].phone.as_str(), "000000"), (STRANGER, "000000")] {
        assert_eq!(organiser.device().try_sms(phone, code).await.code(), ProblemCode::SmsCodeWrong);
    }
    for phone in ["", "12345", "+852 9123 4567", "'; DROP TABLE candidate; --", &"1".repeat(10_000)] {
        assert_eq!(device.ask_code(phone).await.code(), ProblemCode::PhoneBad, "{phone}");
        assert_eq!(device.try_sms(phone, "123456").await.code(), ProblemCode::PhoneBad);
    }
}

#[tokio::test]
async fn codes_open_once_in_time_and_for_their_own_number() {
    let organiser = Organiser::open().await;
    let other = "13900002222";
    organiser.device().ask_code(STRANGER).await;
    organiser.device().ask_code(other).await;
    let code = organiser.sms_code(STRANGER);
    // what was sent to one number opens no other
    if organiser.sms_code(other) != code {
        assert_eq!(organiser.device().try_sms(other, &code).await.code(), ProblemCode::SmsCodeWrong);
    }
    let body = json!({ "phone": STRANGER, "code": code, "device": organiser.device().id, "policy": 2 });
    let answer = organiser.device().send("POST", "/api/v1/candidate/sign-in", None, body.to_string()).await;
    assert_eq!(answer.code(), ProblemCode::ConsentNeeded);
    assert_eq!(organiser.device().try_sms(STRANGER, &code).await.status, StatusCode::OK);
    // used
    assert!(!organiser.device().try_sms(STRANGER, &code).await.status.is_success());
    // expired
    let late = organiser.sms_code(other);
    organiser.clock.advance(60 * 60_000);
    assert_eq!(organiser.device().try_sms(other, &late).await.code(), ProblemCode::SmsCodeExpired);
}

#[tokio::test]
async fn five_wrong_tries_use_a_code_up_from_whatever_device() {
    let organiser = Organiser::open().await;
    organiser.device().ask_code(STRANGER).await;
    let code = organiser.sms_code(STRANGER);
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..5 {
        assert!(!organiser.device().try_sms(STRANGER, wrong).await.status.is_success());
    }
    assert_eq!(organiser.device().try_sms(STRANGER, &code).await.code(), ProblemCode::SmsTriesUsed);
    organiser.clock.advance(61_000);
    let person = organiser.person(STRANGER).await;
    assert!(matches!(person.me, Me::Account { .. }));
}

#[tokio::test]
async fn a_flood_of_codes_and_guesses_is_slowed() {
    let organiser = Organiser::open().await;
    let device = organiser.device();
    assert_eq!(device.ask_code(STRANGER).await.status, StatusCode::OK);
    let soon = device.ask_code(STRANGER).await.problem();
    assert_eq!(soon.code, ProblemCode::SmsTooSoon);
    assert!(soon.retry_after_ms.is_some());
    let mut limited = false;
    for _ in 0..30 {
        organiser.clock.advance(61_000);
        limited |= device.ask_code(STRANGER).await.status != StatusCode::OK;
    }
    assert!(limited, "one number has so many messages a day");
    let mut slowed = false;
    for n in 0..10 {
        let phone = format!("139000033{n:02}");
        organiser.device().ask_code(&phone).await;
        slowed |= device.try_sms(&phone, "123456").await.code() == ProblemCode::SlowDown;
    }
    assert!(slowed, "one device guesses so many times");
}

#[tokio::test]
async fn an_account_enters_its_own_interviews_and_leaves_them() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[1];
    assert!(line.password.is_some());
    let known = organiser.state.secrets.code(&line.code.parse_code());
    let invitation = organiser.state.stores.accounts.invitation_by_code(&known).await.unwrap().unwrap();
    let person = organiser.person(&line.phone).await;
    let enter = format!("/me/interviews/{}/enter", invitation.id);
    // the number proved who it is: no password
    let me: Me = person.send("POST", &enter, &json!({})).await.json();
    let Me::Candidate { ticket, round, account: true, .. } = &me else { panic!("{me:?}") };
    assert_eq!((*ticket, round.id), (invitation.ticket, invitation.round.id));
    let (_, seat) = organiser.state.hall.ticket(round.id, *ticket).await.unwrap();
    assert_eq!(seat.unwrap().card.name, line.name);
    assert_eq!(person.get("/me").await.json::<Me>(), me);
    // twice is once
    assert_eq!(person.send("POST", &enter, &json!({})).await.json::<Me>(), me);
    // another device of theirs takes the place over; the first one is still signed in
    let second = organiser.person(&line.phone).await;
    assert!(matches!(second.send("POST", &enter, &json!({})).await.json::<Me>(), Me::Candidate { .. }));
    assert!(matches!(person.get("/me").await.json::<Me>(), Me::Account { .. }));
    // and the code on a third one, with its password
    organiser.device().join(line).await;
    assert!(matches!(second.get("/me").await.json::<Me>(), Me::Account { .. }));
    assert!(matches!(second.send("POST", &enter, &json!({})).await.json::<Me>(), Me::Candidate { .. }));
    assert!(matches!(
        second.send("POST", "/me/leave-room", &json!({})).await.json::<Me>(),
        Me::Account { .. }
    ));
    let (_, seat) = organiser.state.hall.ticket(round.id, *ticket).await.unwrap();
    assert!(seat.is_some(), "the place is kept");
    // nobody else's, and none there is not
    let stranger = organiser.person(STRANGER).await;
    for path in [enter, format!("/me/interviews/{}/enter", uuid()), "/me/interviews/x/enter".into()] {
        assert_eq!(stranger.send("POST", &path, &json!({})).await.code(), ProblemCode::InvitationUnknown);
    }
}

#[tokio::test]
async fn interviews_have_their_times() {
    let organiser = Organiser::open().await;
    let bad = organiser.seeded.bad_codes.clone();
    for (code, problem, n) in [
        (&bad.expired, ProblemCode::CodeExpired, 12),
        (&bad.too_early, ProblemCode::CodeTooEarly, 13),
        (&bad.cancelled, ProblemCode::CodeCancelled, 14),
        (&bad.used, ProblemCode::CodeUsed, 10),
    ] {
        let mac = organiser.state.secrets.code(&code.parse_code());
        let invitation = organiser.state.stores.accounts.invitation_by_code(&mac).await.unwrap().unwrap();
        let person = organiser.person(&format!("199{n:08}")).await;
        assert_eq!(person.id(), invitation.card.id);
        let enter = format!("/me/interviews/{}/enter", invitation.id);
        assert_eq!(person.send("POST", &enter, &json!({})).await.code(), problem, "{problem}");
    }
}

#[tokio::test]
async fn a_code_joins_the_account_of_its_own_number_and_keeps_the_room() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let device = organiser.device();
    let code = device.join(line).await;
    let Me::Candidate { account: false, ticket, .. } = code.me else { panic!("{:?}", code.me) };
    let link = async |phone: &str| {
        organiser.clock.advance(61_000);
        device.ask_code(phone).await;
        let body = json!({ "phone": phone, "code": organiser.sms_code(phone), "policy": 1 });
        device.send("POST", "/api/v1/candidate/link", Some(&code.token), body.to_string()).await
    };
    // the organiser knows another number
    assert_eq!(link(STRANGER).await.code(), ProblemCode::NotAllowed);
    let me: Me = link(&line.phone).await.json();
    let Me::Candidate { account: true, ticket: same, candidate, .. } = me else { panic!("{me:?}") };
    assert_eq!(same, ticket);
    let person = organiser.person(&line.phone).await;
    assert_eq!(person.id(), candidate);
    // once more changes nothing
    assert!(matches!(link(&line.phone).await.json(), Me::Candidate { account: true, .. }));
    // a member has no account of this kind
    let [owner, ..] = organiser.three().await;
    let body = json!({ "phone": STRANGER, "code": "123456", "policy": 1 });
    assert_eq!(owner.send("POST", "/candidate/link", &body).await.code(), ProblemCode::NotAllowed);
}

/// Somebody with an account was invited under no number: what both were is one person's.
#[tokio::test]
async fn two_candidates_who_are_one_person_become_one() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let person = organiser.person(STRANGER).await;
    let device = organiser.device();
    let code = device.join(line).await;
    let invited = candidate_of(&code.me);
    // the organiser knows no number of theirs
    let erase = "UPDATE candidate SET phone = '', phone_key = x'' WHERE id = ?1";
    organiser.sql(erase, invited.0.as_bytes());
    let [owner, other, _] = organiser.three().await;
    let both = organiser.conversation(owner.employer(), invited).await;
    let kept = organiser.conversation(owner.employer(), person.id()).await;
    let single = organiser.conversation(other.employer(), invited).await;
    organiser.says(&person.me, kept, text("账号说")).await.unwrap();
    organiser.says(&code.me, both, text("邀请码说")).await.unwrap();
    organiser.says(&code.me, single, text("另一家")).await.unwrap();

    organiser.clock.advance(61_000);
    device.ask_code(STRANGER).await;
    let body = json!({ "phone": STRANGER, "code": organiser.sms_code(STRANGER), "policy": 1 });
    let me: Me =
        device.send("POST", "/api/v1/candidate/link", Some(&code.token), body.to_string()).await.json();
    let Me::Candidate { candidate, account: true, name, .. } = &me else { panic!("{me:?}") };
    assert_eq!((*candidate, name), (person.id(), &line.name), "the account knew no name yet");
    assert!(matches!(person.get("/me").await.json::<Me>(), Me::Account { .. }));

    let talks: Value = person.get("/talks").await.json();
    let ids: Vec<&str> =
        talks["items"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&single.to_string().as_str()) && ids.contains(&kept.to_string().as_str()));
    let entries: Value = person.get(&format!("/talks/{kept}/entries?after=0")).await.json();
    let texts: Vec<&str> =
        entries.as_array().unwrap().iter().map(|e| e["body"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["账号说", "邀请码说"]);
    assert_eq!(person.get(&format!("/talks/{both}")).await.code(), ProblemCode::NotFound);
    // an employer reads the same
    let seen: Value = owner.get(&format!("/talks/{kept}")).await.json();
    assert_eq!((seen["last_seq"].as_u64(), seen["unread"].as_u64()), (Some(2), Some(2)));
    // and the queue's ticket is still theirs, under the id its round knows
    let mac = organiser.state.secrets.token(&code.token);
    let session = organiser.state.stores.accounts.session_by_token(&mac, NOW).await.unwrap().unwrap();
    assert_eq!(session.who.room().unwrap().holder, invited);
    assert_eq!(session.who.person(), crate::store::Person::Candidate(person.id()));
}

trait Code {
    fn parse_code(&self) -> miantan_domain::code::InviteCode;
}

impl Code for String {
    fn parse_code(&self) -> miantan_domain::code::InviteCode {
        miantan_domain::code::InviteCode::parse(self).unwrap()
    }
}

#[tokio::test]
async fn a_code_alone_is_no_account() {
    let organiser = Organiser::open().await;
    let device = organiser.device();
    let code = device.join(&organiser.seeded.candidates[0]).await;
    for (method, path) in [
        ("POST", "/me/leave-room".to_owned()),
        ("POST", format!("/me/interviews/{}/enter", InvitationId(uuid()))),
        ("PUT", "/me/profile".into()),
        ("GET", "/me/resume".into()),
        ("GET", "/me/export".into()),
        ("POST", "/me/deletion".into()),
    ] {
        let answer = device.send(method, &format!("/api/v1{path}"), Some(&code.token), "{}").await;
        assert_eq!(answer.code(), ProblemCode::NotAllowed, "{method} {path}");
        let nobody = device.send(method, &format!("/api/v1{path}"), None, "{}").await;
        assert_eq!(nobody.code(), ProblemCode::NotSignedIn, "{method} {path}");
    }
}
