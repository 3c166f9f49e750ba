//! The SMS way, from the start and after the face.

use super::*;
use crate::config::SmsVia;
use miantan_domain::wire::rest::CodeSent;

#[tokio::test]
async fn the_number_on_file_is_enough_from_the_start() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let lin = organiser.joined(line).await;
    let status: Value = lin.get("/me/identity").await.json();
    let masked = format!("{}****{}", &line.phone[..3], &line.phone[7..]);
    assert_eq!((&status["rule"], &status["phone"]), (&json!("face_or_sms"), &json!(masked)));
    assert_eq!((&status["consent"], &status["frames_days"]), (&json!(1), &json!(7)));
    let sent: CodeSent = lin.send("POST", "/me/identity/sms", &json!({})).await.json();
    assert_eq!((sent.masked, sent.valid_ms, sent.again_after_ms), (masked, 300_000, 60_000));
    let again = lin.send("POST", "/me/identity/sms", &json!({})).await.problem();
    assert_eq!(again.code, ProblemCode::SmsTooSoon);
    let check = async |code: &str| lin.send("POST", "/me/identity/sms/check", &json!({ "code": code })).await;
    let code = organiser.identity_code(&line.phone);
    let wrong = if code == "111111" { "222222" } else { "111111" };
    assert_eq!(check(wrong).await.code(), ProblemCode::SmsCodeWrong);
    let answer: IdentityAnswer = check(&code).await.json();
    assert_eq!(answer.settled.unwrap().assurance, Assurance::Sms);
    assert_eq!(answer.attempts_left, 3, "it costs no face attempt");
    assert_eq!(lin.seat().await.identity.unwrap().assurance, Assurance::Sms);
    assert!(!check(&code).await.status.is_success(), "once");
}

#[tokio::test]
async fn a_code_expires_and_takes_five_tries() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let lin = organiser.joined(line).await;
    lin.send("POST", "/me/identity/sms", &json!({})).await;
    let old = json!({ "code": organiser.identity_code(&line.phone) });
    organiser.clock.advance(5 * 60_000 + 1);
    assert_eq!(lin.send("POST", "/me/identity/sms/check", &old).await.code(), ProblemCode::SmsCodeExpired);
    lin.send("POST", "/me/identity/sms", &json!({})).await;
    let code = organiser.identity_code(&line.phone);
    let wrong = json!({ "code": if code == "111111" { "222222" } else { "111111" } });
    let mut last = ProblemCode::Internal;
    for _ in 0..6 {
        last = lin.send("POST", "/me/identity/sms/check", &wrong).await.code();
        // whoever guesses is slowed as well
        organiser.clock.advance(20_000);
    }
    assert_eq!(last, ProblemCode::SmsTriesUsed);
    assert_eq!(lin.seat().await.identity, None);
}

/// One person, two interviews: a code proves the number for the interview it was sent for.
#[tokio::test]
async fn a_code_for_another_interview_is_wrong() {
    let organiser = Organiser::open().await;
    let first = organiser.joined(&organiser.seeded.identity).await;
    let second = organiser.joined(&organiser.seeded.identity_verified).await;
    // both have the same number
    let phone = &organiser.seeded.identity.phone;
    let known = organiser.state.secrets.phone(&crate::sms::Phone::parse(phone).unwrap());
    let path = organiser.state.config.data.join(sqlite::DATABASE_FILE);
    let id = candidate_of(&second.me);
    rusqlite::Connection::open(path)
        .unwrap()
        .execute(
            "UPDATE candidate SET phone = ?1, phone_key = ?2 WHERE id = ?3",
            rusqlite::params![phone, known.key, id.0.as_bytes()],
        )
        .unwrap();
    first.send("POST", "/me/identity/sms", &json!({})).await;
    let code = json!({ "code": organiser.identity_code(phone) });
    assert_eq!(second.send("POST", "/me/identity/sms/check", &code).await.code(), ProblemCode::SmsCodeWrong);
    assert_eq!(second.seat().await.identity, None);
    // and a code to sign in with is none to prove oneself with
    organiser.clock.advance(61_000);
    organiser.device().ask_code(phone).await;
    let other = json!({ "code": organiser.sms_code(phone) });
    let answer = first.send("POST", "/me/identity/sms/check", &other).await;
    assert!(!answer.status.is_success());
    let answer: IdentityAnswer = first.send("POST", "/me/identity/sms/check", &code).await.json();
    assert!(answer.settled.is_some());
}

#[tokio::test]
async fn where_the_number_comes_first_it_settles_nothing_by_itself() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity_sms_first;
    let lin = organiser.joined(line).await;
    organiser.puts_photo(line, "people/a1.jpg").await;
    let no_face = async || lin.get("/me/identity").await.json::<Value>()["no_face"].clone();
    assert_eq!(no_face().await, "sms_first");
    let refused = lin.send("POST", "/me/identity/face", &json!({ "models": {} })).await.problem();
    assert_eq!((refused.code, refused.detail.as_str()), (ProblemCode::FaceUnavailable, "sms_first"));
    let enough = lin.send("POST", "/me/identity/sms/enough", &json!({})).await;
    assert_eq!(enough.code(), ProblemCode::IdentityNeeded);
    lin.send("POST", "/me/identity/sms", &json!({})).await;
    let code = json!({ "code": organiser.identity_code(&line.phone), "then_face": true });
    let answer: IdentityAnswer = lin.send("POST", "/me/identity/sms/check", &code).await.json();
    assert_eq!((answer.settled, answer.number_proved), (None, true));
    assert_eq!(lin.seat().await.identity, None);
    assert_eq!(no_face().await, Value::Null, "the face check is open now");
    // kept over a restart of the server, and only in this session
    assert!(lin.session().await.number_proved);
    let other: SignedIn = lin.device.joins(line, None, None).await.json();
    let mac = organiser.state.secrets.token(&other.token);
    let other = organiser.state.stores.accounts.session_by_token(&mac, NOW).await.unwrap().unwrap();
    assert!(!other.number_proved);
    let answer: IdentityAnswer = lin.send("POST", "/me/identity/sms/enough", &json!({})).await.json();
    assert_eq!(answer.settled.unwrap().assurance, Assurance::Sms);
}

#[tokio::test]
async fn without_a_number_the_step_says_so() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    organiser.sql(
        "UPDATE candidate SET phone = '', phone_key = x'' WHERE id = ?1",
        candidate_of(&lin.me).0.as_bytes(),
    );
    let status: Value = lin.get("/me/identity").await.json();
    assert_eq!((&status["no_sms"], &status["phone"]), (&json!("no_number"), &Value::Null));
    let send = lin.send("POST", "/me/identity/sms", &json!({})).await;
    assert_eq!(send.code(), ProblemCode::NumberMissing);
    let check = lin.send("POST", "/me/identity/sms/check", &json!({ "code": "123456" })).await;
    assert_eq!(check.code(), ProblemCode::NumberMissing);
}

/// The provider is down: said at once, and the next try need not wait.
#[tokio::test]
async fn a_provider_that_is_down_is_said() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let organiser = Organiser::open_with(|config| {
        config.sms.via = SmsVia::Http;
        config.sms.http_url = format!("http://{unused}/send");
        config.sms.http_body = crate::config::Hidden("{\"to\":\"{to}\",\"text\":\"{text}\"}".into());
    })
    .await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    for _ in 0..2 {
        assert_eq!(lin.send("POST", "/me/identity/sms", &json!({})).await.code(), ProblemCode::SmsFailed);
    }
}
