//! Members of an employer (F5): the owner adds and removes them; passwords are changed.

use super::*;
use miantan_domain::model::MemberRole;
use miantan_domain::wire::rest::MemberLine;

fn new_member(name: &str, role: &str) -> Value {
    let id = MemberId::from_parts(NOW.0 as u64, &secrets::random());
    json!({ "id": id, "name": name, "role": role, "password": "one good word" })
}

async fn lines(owner: &Desk<'_>) -> Vec<MemberLine> {
    owner.get("/employer/members").await.json()
}

#[tokio::test]
async fn an_owner_adds_and_removes_members() {
    let organiser = Organiser::open().await;
    let [owner, other, _] = organiser.three().await;
    let before = lines(&owner).await;
    assert_eq!((before.len(), before[0].sessions, before[0].member.role), (1, 1, MemberRole::Owner));

    let lan = new_member(" 兰芝 ", "recruiter");
    let after: Vec<MemberLine> = owner.send("POST", "/employer/members", &lan).await.json();
    assert_eq!((after.len(), after[1].member.name.as_str(), after[1].sessions), (2, "兰芝", 0));
    let again: Vec<MemberLine> = owner.send("POST", "/employer/members", &lan).await.json();
    assert_eq!(again, after);
    let namesake = owner.send("POST", "/employer/members", &new_member("兰芝", "panellist")).await;
    assert_eq!(namesake.code(), ProblemCode::MemberKnown);
    // the same name elsewhere is somebody else
    other.send("POST", "/employer/members", &new_member("兰芝", "panellist")).await.json::<Vec<MemberLine>>();

    let line = EmployerLine {
        member: Some("兰芝".into()),
        password: "one good word".into(),
        ..organiser.seeded.employer.clone()
    };
    let desk = organiser.desk(&line).await;
    assert_eq!(lines(&owner).await[1].sessions, 1);
    let path = format!("/employer/members/{}", desk.member());
    assert_eq!(
        owner.send("DELETE", &format!("{path}/sessions"), &json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(desk.get("/me").await.code(), ProblemCode::NotSignedIn);
    let desk = organiser.desk(&line).await;
    let after: Vec<MemberLine> = owner.send("DELETE", &path, &json!(null)).await.json();
    assert_eq!(after.len(), 1);
    assert_eq!(desk.get("/me").await.code(), ProblemCode::NotSignedIn);
    let back = organiser.device().try_sign_in(&line.uscc, "one good word", Some("兰芝")).await;
    assert_eq!(back.code(), ProblemCode::CredentialsWrong);
    // removing once more is no error; the owner stays
    assert_eq!(owner.send("DELETE", &path, &json!(null)).await.status, StatusCode::OK);
    let own = format!("/employer/members/{}", owner.member());
    assert_eq!(owner.send("DELETE", &own, &json!(null)).await.code(), ProblemCode::LastOwner);
    let acts = organiser.acts().await;
    for action in ["member_added", "member_sessions_ended", "member_removed"] {
        assert!(acts.iter().any(|act| act == action), "{action}: {acts:?}");
    }
}

#[tokio::test]
async fn another_employers_members_do_not_exist() {
    let organiser = Organiser::open().await;
    let [owner, other, recruiter] = organiser.three().await;
    for stranger in [recruiter.member(), other.member(), MemberId::from_parts(0, &[7; 10])] {
        let path = format!("/employer/members/{stranger}");
        let removed = owner.send("DELETE", &path, &json!(null)).await;
        let ended = owner.send("DELETE", &format!("{path}/sessions"), &json!(null)).await;
        assert_eq!((removed.code(), ended.code()), (ProblemCode::NotFound, ProblemCode::NotFound));
        assert_eq!(removed.body, ended.body);
    }
    assert_eq!(recruiter.get("/me").await.status, StatusCode::OK);
    let mut taken = new_member("兰芝", "recruiter");
    taken["id"] = json!(recruiter.member());
    assert_eq!(owner.send("POST", "/employer/members", &taken).await.code(), ProblemCode::NotFound);
    let refused = organiser.refused(&owner).await;
    assert!(
        refused.iter().any(|(action, code)| action.contains("members") && code == "not_found"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn only_the_owner_looks_after_members() {
    let organiser = Organiser::open().await;
    let [owner, _, recruiter] = organiser.three().await;
    let panellist = organiser.panellist(&owner).await;
    let lin = organiser.device().join(&organiser.seeded.candidates[0]).await;
    let body = new_member("兰芝", "recruiter");
    for desk in [&recruiter, &panellist] {
        let path = format!("/employer/members/{}", desk.member());
        for answer in [
            desk.get("/employer/members").await,
            desk.send("POST", "/employer/members", &body).await,
            desk.send("DELETE", &path, &json!(null)).await,
            desk.send("DELETE", &format!("{path}/sessions"), &json!(null)).await,
        ] {
            assert_eq!(answer.code(), ProblemCode::NotAllowed);
        }
        assert!(!organiser.refused(desk).await.is_empty(), "it is audited");
    }
    let phone = organiser.device();
    assert_eq!(phone.get("/api/v1/employer/members", Some(&lin.token)).await.code(), ProblemCode::NotAllowed);
    assert_eq!(phone.get("/api/v1/employer/members", None).await.code(), ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_members_words_are_looked_at() {
    let organiser = Organiser::open().await;
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let uscc = organiser.seeded.employer.uscc.clone();
    for (field, value, code) in [
        ("name", json!(""), ProblemCode::NameBad),
        ("name", json!("<b>兰</b>"), ProblemCode::NameBad),
        ("name", json!("兰\u{0}"), ProblemCode::NameBad),
        ("name", json!("长".repeat(41)), ProblemCode::NameBad),
        ("name", json!("字".repeat(100_000)), ProblemCode::TooLarge),
        ("role", json!("owner"), ProblemCode::NotAllowed),
        ("role", json!("king"), ProblemCode::Malformed),
        ("password", json!("12345678"), ProblemCode::PasswordWeak),
        ("password", json!(uscc), ProblemCode::PasswordWeak),
        ("password", json!("x".repeat(60_000)), ProblemCode::PasswordWeak),
        ("id", json!("x"), ProblemCode::Malformed),
    ] {
        let mut body = new_member("兰芝", "recruiter");
        body[field] = value;
        assert_eq!(owner.send("POST", "/employer/members", &body).await.code(), code, "{field}");
    }
    assert_eq!(lines(&owner).await.len(), 1);
    for broken in ["x", "..%2f", "%00"] {
        let path = format!("/employer/members/{broken}");
        assert_eq!(owner.send("DELETE", &path, &json!(null)).await.code(), ProblemCode::NotFound, "{broken}");
    }
}

#[tokio::test]
async fn ones_own_password_is_changed_with_the_old_one() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.employer;
    let (owner, elsewhere) = (organiser.desk(line).await, organiser.desk(line).await);
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let wrong = owner.send("PUT", "/employer/password", &change("wrong", "another good word")).await;
    assert_eq!(wrong.code(), ProblemCode::PasswordWrong);
    let weak = owner.send("PUT", "/employer/password", &change(&line.password, &line.uscc)).await;
    assert_eq!(weak.code(), ProblemCode::PasswordWeak);
    let changed = owner.send("PUT", "/employer/password", &change(&line.password, "another good word")).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    // the session that asked goes on, others are over, and the old password with them
    assert_eq!(owner.get("/me").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/me").await.code(), ProblemCode::NotSignedIn);
    let old = organiser.device().try_sign_in(&line.uscc, &line.password, None).await;
    assert_eq!(old.code(), ProblemCode::CredentialsWrong);
    organiser.desk(&EmployerLine { password: "another good word".into(), ..line.clone() }).await;
    // guessing it is slowed
    let mut slowed = false;
    for _ in 0..6 {
        let guess = owner.send("PUT", "/employer/password", &change("guess", "yet another word")).await;
        slowed |= guess.code() == ProblemCode::SlowDown;
    }
    assert!(slowed);
    let lin = organiser.device().join(&organiser.seeded.candidates[0]).await;
    let phone = organiser.device();
    let body = change("x", "another good word").to_string();
    let answer = phone.send("PUT", "/api/v1/employer/password", Some(&lin.token), body).await;
    assert_eq!(answer.code(), ProblemCode::NotAllowed);
}

/// The six digits in the newest message to this number, once it went out.
async fn code_to(organiser: &Organiser, digits: &str, after: u64) -> String {
    let outbox = organiser.state.sms.outbox.as_ref().unwrap();
    let mut watch = outbox.watch();
    let wait = watch.wait_for(|&last| last > after);
    tokio::time::timeout(std::time::Duration::from_mins(1), wait).await.expect("a code goes out").unwrap();
    let text = outbox.latest(digits, crate::sms::SmsKind::PasswordReset).unwrap().text;
    let digits: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    assert_eq!(digits.len(), 6, "{text}");
    digits
}

const NUMBER: &str = "13800138000";

/// The first employer's approved contact.
async fn contact(organiser: &Organiser, owner: &Desk<'_>) {
    let by = crate::store::By { who: crate::store::Doer::Organiser, address: None, at: NOW };
    let employers = &organiser.state.stores.employers;
    employers.set_contact(owner.employer(), "王敏".into(), NUMBER.into(), by).await.unwrap();
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_with_a_code() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let owner = organiser.desk(&line).await;
    contact(&organiser, &owner).await;
    let phone = organiser.device();
    let ask = json!({ "account": line.name, "device": phone.id }).to_string();
    let confirm = |code: &str, password: &str| {
        json!({ "account": line.uscc, "code": code, "password": password, "device": phone.id }).to_string()
    };
    let (reset, set) = ("/api/v1/employer/reset", "/api/v1/employer/reset/confirm");
    assert_eq!(phone.send("POST", reset, None, ask.clone()).await.status, StatusCode::OK);
    let code = code_to(&organiser, NUMBER, 0).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let weak = phone.send("POST", set, None, confirm(&code, "12345678")).await;
    assert_eq!(weak.code(), ProblemCode::PasswordWeak);
    let refused = phone.send("POST", set, None, confirm(wrong, "a new good word")).await;
    assert_eq!(refused.code(), ProblemCode::SmsCodeWrong);
    let done = phone.send("POST", set, None, confirm(&code, "a new good word")).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.get("/me").await.code(), ProblemCode::NotSignedIn, "sessions of before are over");
    let old = organiser.device().try_sign_in(&line.uscc, &line.password, None).await;
    assert_eq!(old.code(), ProblemCode::CredentialsWrong);
    let desk = organiser.desk(&EmployerLine { password: "a new good word".into(), ..line.clone() }).await;
    // a code opens once
    let again = organiser.device().send("POST", set, None, confirm(&code, "yet another word")).await;
    assert_eq!(again.code(), ProblemCode::SmsCodeWrong);
    assert_eq!(desk.get("/me").await.status, StatusCode::OK);
    assert!(organiser.acts().await.contains(&"password_set".to_owned()));
}

#[tokio::test]
async fn nothing_tells_whether_an_account_to_be_reset_exists() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let owner = organiser.desk(&line).await;
    contact(&organiser, &owner).await;
    let unknown_number = &organiser.seeded.employers[3];
    let nobody = organiser.desk(unknown_number).await;
    let by = crate::store::By { who: crate::store::Doer::Organiser, address: None, at: NOW };
    let employers = &organiser.state.stores.employers;
    employers.set_contact(nobody.employer(), String::new(), String::new(), by).await.unwrap();
    let huge = "字".repeat(15_000);
    let accounts = [
        (line.uscc.as_str(), None),
        (line.uscc.as_str(), None), // too soon for another one
        (line.name.as_str(), Some("无此人")),
        (unknown_number.uscc.as_str(), None),
        ("没有这家公司有限公司", None),
        ("' OR 1=1 --", None),
        ("", None),
        (huge.as_str(), None),
    ];
    let mut bodies = Vec::new();
    for (account, member) in accounts {
        let device = organiser.device();
        let mut body = json!({ "account": account, "device": device.id });
        if let Some(member) = member {
            body["member"] = json!(member);
        }
        let answer = device.send("POST", "/api/v1/employer/reset", None, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{account:.20}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the answers differ");
    code_to(&organiser, NUMBER, 0).await;
    assert_eq!(organiser.state.sms.outbox.as_ref().unwrap().list().len(), 1, "one message in a minute");
    let mut bodies = Vec::new();
    for (account, member) in accounts {
        let device = organiser.device();
        let mut body = json!({ "account": account, "code": "12 34 56 7", "password": "a new good word", "device": device.id });
        if let Some(member) = member {
            body["member"] = json!(member);
        }
        let before = organiser.state.secrets.checks();
        let answer = device.send("POST", "/api/v1/employer/reset/confirm", None, body.to_string()).await;
        assert_eq!(answer.code(), ProblemCode::SmsCodeWrong, "{account:.20}");
        assert_eq!(organiser.state.secrets.checks(), before, "no password is hashed for a guess");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the answers differ");
}

#[tokio::test]
async fn guessing_a_code_is_slowed_and_ends() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let owner = organiser.desk(&line).await;
    contact(&organiser, &owner).await;
    let phone = organiser.device();
    let ask = json!({ "account": line.name, "device": phone.id }).to_string();
    phone.send("POST", "/api/v1/employer/reset", None, ask).await;
    let code = code_to(&organiser, NUMBER, 0).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let confirm = async |device: &Device<'_>, code: &str| {
        let body = json!({
            "account": line.uscc, "code": code, "password": "a new good word", "device": device.id,
        });
        device.send("POST", "/api/v1/employer/reset/confirm", None, body.to_string()).await.code()
    };
    confirm(&phone, wrong).await;
    confirm(&phone, wrong).await;
    assert_eq!(confirm(&phone, wrong).await, ProblemCode::SlowDown);
    for _ in 0..3 {
        confirm(&organiser.device(), wrong).await;
    }
    // five tries are used: even the right one is too late, and the answer does not say so
    assert_eq!(confirm(&organiser.device(), &code).await, ProblemCode::SmsCodeWrong);
    organiser.desk(&line).await;
}
