//! An invitation of a round that asks for the identity moves to another device after the number was proved.

use super::*;
use miantan_domain::wire::rest::CodeSent;

#[tokio::test]
async fn another_device_takes_over_with_the_number_and_the_old_one_is_told() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let old = organiser.joined(line).await;
    let new = organiser.device();
    assert_eq!(new.joins(line, None, None).await.code(), ProblemCode::OtherDevice);
    assert_eq!(new.joins(line, None, Some("123456")).await.code(), ProblemCode::SmsCodeWrong);
    let body = json!({ "code": line.code, "device": new.id }).to_string();
    let sent: CodeSent = new.send("POST", "/api/v1/join/sms", None, body).await.json();
    assert!(sent.masked.contains("****"));
    let code = organiser.identity_code(&line.phone);
    assert_eq!(old.get("/me").await.status, StatusCode::OK, "nothing has moved yet");
    let other = key();
    let taken: SignedIn = new.joins(line, Some(&public(&other)), Some(&code)).await.json();
    assert_eq!(old.get("/me").await.code(), ProblemCode::ReplacedByDevice);
    let Me::Candidate { ticket, .. } = taken.me else { panic!("{:?}", taken.me) };
    assert_eq!(ticket, old.ticket(), "the place is kept");
    let mark = old.seat().await.identity.unwrap();
    assert_eq!((mark.assurance, mark.doubt), (Assurance::Sms, false));
    let mac = organiser.state.secrets.token(&taken.token);
    let session = organiser.state.stores.accounts.session_by_token(&mac, NOW).await.unwrap().unwrap();
    assert!(session.number_proved);
    assert_eq!(session.device_key.map(|key| STANDARD.encode(key)), Some(public(&other)));
    // the code is used; the old device has to prove itself in its turn
    assert_eq!(old.device.joins(line, None, Some(&code)).await.code(), ProblemCode::SmsCodeExpired);
    assert_eq!(old.device.joins(line, None, None).await.code(), ProblemCode::OtherDevice);
}

#[tokio::test]
async fn a_code_to_take_over_goes_only_where_it_is_needed() {
    let organiser = Organiser::open().await;
    let ask = async |device: &Device<'_>, code: &str, password: Option<&str>| {
        let body = json!({ "code": code, "password": password, "device": device.id });
        device.send("POST", "/api/v1/join/sms", None, body.to_string()).await
    };
    let lin = organiser.joined(&organiser.seeded.identity).await;
    // its own device, and a round that lets any device in
    let own = ask(&lin.device, &organiser.seeded.identity.code, None).await;
    assert_eq!(own.code(), ProblemCode::NotAllowed);
    let open = &organiser.seeded.candidates[0];
    organiser.device().join(open).await;
    assert_eq!(ask(&organiser.device(), &open.code, None).await.code(), ProblemCode::NotAllowed);
    // whoever has not got the invitation has no message sent to anybody
    assert_eq!(ask(&organiser.device(), "000-000-000", None).await.code(), ProblemCode::CodeWrong);
    let bad = &organiser.seeded.bad_codes;
    assert_eq!(ask(&organiser.device(), &bad.cancelled, None).await.code(), ProblemCode::CodeCancelled);
    assert!(organiser.state.sms.outbox.as_ref().unwrap().list().is_empty());
    // bound to a device that was never seen: with the number on file it moves
    assert_eq!(ask(&organiser.device(), &bad.other_device, None).await.status, StatusCode::OK);
}

/// Two thieves with the code and password, without the phone.
#[tokio::test]
async fn guessing_the_code_does_not_move_it() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let lin = organiser.joined(line).await;
    let thief = organiser.device();
    let body = json!({ "code": line.code, "device": thief.id }).to_string();
    assert_eq!(thief.send("POST", "/api/v1/join/sms", None, body).await.status, StatusCode::OK);
    let code = organiser.identity_code(&line.phone);
    for guess in 0..8 {
        let guess = format!("{guess:06}");
        if guess != code {
            assert!(!thief.joins(line, None, Some(&guess)).await.status.is_success());
        }
        organiser.clock.advance(25_000);
    }
    assert!(!thief.joins(line, None, Some(&code)).await.status.is_success(), "its tries are used");
    assert_eq!(lin.get("/me").await.status, StatusCode::OK);
}
