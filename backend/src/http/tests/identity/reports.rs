//! Signed reports: what is decided, and what is no answer to an attempt.

use super::*;
use crate::store::AttemptState;

#[tokio::test]
async fn a_good_report_settles_the_identity_and_everybody_is_told() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let nonce = lin.begins().await;
    let answer: IdentityAnswer = lin.reports(&lin.report(nonce)).await.json();
    let mark = IdentityMark { assurance: Assurance::Device, doubt: false, at: NOW };
    assert_eq!((answer.settled, answer.reasons.len(), answer.attempts_left), (Some(mark), 0, 2));
    let seat = lin.seat().await;
    assert_eq!(seat.identity, Some(mark));
    assert!(seat.checked.contains(&(CheckInStep::Identity, StepOutcome::Passed)));
    let status: Value = lin.get("/me/identity").await.json();
    assert_eq!((&status["settled"]["assurance"], &status["attempts_left"]), (&json!("device"), &json!(2)));
    // the record has scores, and no picture
    let row = organiser.state.stores.identity.attempt(nonce).await.unwrap().unwrap();
    assert_eq!((row.state, row.scores.unwrap().frames, row.frames), (AttemptState::Passed, 9, None));
}

#[tokio::test]
async fn a_failed_attempt_has_its_reasons_and_doubt_stays() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    // the app says it passed; the scores say otherwise
    let mut report = lin.report(lin.begins().await);
    report.scores.liveness = 0.1;
    let answer: IdentityAnswer = lin.reports(&report).await.json();
    assert_eq!(answer.reasons, [FaceReason::NotLive, FaceReason::LivenessDoubt]);
    assert_eq!((answer.settled, answer.attempts_left), (None, 2));
    assert_eq!(lin.seat().await.identity, None);
    for (scores, reason) in [
        (FaceScores { cosine: 0.2, ..report.scores }, FaceReason::OtherPerson),
        (FaceScores { cosine: 0.4, liveness: 0.9, ..report.scores }, FaceReason::NotSure),
    ] {
        let nonce = lin.begins().await;
        let report = FaceReport { scores, ..lin.report(nonce) };
        let answer: IdentityAnswer = lin.reports(&report).await.json();
        assert!(answer.reasons.contains(&reason) && answer.settled.is_none(), "{answer:?}");
    }
    // three are three
    let body = json!({ "models": {} });
    let refused = lin.send("POST", "/me/identity/face", &body).await.code();
    assert!(matches!(refused, ProblemCode::AttemptsUsed | ProblemCode::FaceUnavailable), "{refused}");
    // the SMS way is left, and the recruiter hears of the print
    let phone = &organiser.seeded.identity.phone;
    assert_eq!(lin.send("POST", "/me/identity/sms", &json!({})).await.status, StatusCode::OK);
    let code = json!({ "code": organiser.identity_code(phone) });
    let answer: IdentityAnswer = lin.send("POST", "/me/identity/sms/check", &code).await.json();
    let mark = answer.settled.unwrap();
    assert_eq!((mark.assurance, mark.doubt, answer.attempts_left), (Assurance::Sms, true, 0));
}

#[tokio::test]
async fn a_film_of_another_attempt_does_not_fit() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let (mut nonce, before) = (lin.begins().await, Nonce::new([0; 32]));
    while Challenge::of(&nonce).movements == Challenge::of(&before).movements {
        nonce = lin.begins().await;
    }
    let report = FaceReport { movements: done(before), ..lin.report(nonce) };
    let answer: IdentityAnswer = lin.reports(&report).await.json();
    assert!(answer.settled.is_none());
    assert!(answer.reasons.contains(&FaceReason::MovementWrong), "{:?}", answer.reasons);
}

/// Each of these decides nothing: the attempt stays open, and the person hears what is the matter.
#[tokio::test]
async fn what_is_no_answer_to_the_attempt_is_refused() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let nonce = lin.begins().await;
    let good = lin.report(nonce);
    let text = |report: &FaceReport| serde_json::to_string(report).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = serde_json::to_value(&good).unwrap();
        change(&mut value);
        value.to_string()
    };
    let later = |ms| text(&FaceReport { at: NOW.after(ms), ..good.clone() });
    let day = 86_400_000;
    let (bad, over) = (ProblemCode::ReportBad, ProblemCode::AttemptOver);
    for (content, code) in [
        ("{}".to_owned(), bad),
        (String::new(), bad),
        ("\u{0}".repeat(40_000), bad),
        (with(&|v| v["scores"]["cosin"] = json!(0.9)), bad),
        (with(&|v| v["scores"]["cosine"] = json!(null)), bad),
        (with(&|v| v["scores"]["cosine"] = json!("NaN")), bad),
        (with(&|v| v["scores"]["cosine"] = json!(1e300)), bad),
        (with(&|v| v["scores"]["liveness"] = json!(7)), bad),
        (with(&|v| v["scores"]["same_person"] = json!(-3)), bad),
        (with(&|v| v["thresholds"] = json!({ "same": 0.0 })), bad),
        (with(&|v| v["reasons"] = json!(["fine"])), bad),
        (with(&|v| v["movements"][0]["extent"] = json!({})), bad),
        (text(&good).replace("0.71", "NaN"), bad),
        (text(&good).replace("0.71", "1e999"), bad),
        // the phone's clock a day wrong, either way
        (later(day), bad),
        (later(-day), bad),
        (text(&FaceReport { interview: TicketId(uuid()), ..good.clone() }), over),
        (text(&FaceReport { nonce: Nonce::new([9; 32]), ..good.clone() }), over),
        (text(&FaceReport { models: BTreeMap::new(), ..good.clone() }), ProblemCode::ModelsDiffer),
    ] {
        let shown: String = content.chars().take(90).collect();
        assert_eq!(lin.says(&lin.key, &content).await.code(), code, "{shown}");
    }
    // another key, no signature, half a signature
    assert_eq!(lin.says(&key(), &text(&good)).await.code(), bad);
    let whole = signed(&lin.key, &text(&good));
    let path = "/me/identity/face/report";
    for (field, value) in [("signature", json!("")), ("signature", json!("%")), ("content", json!("e30="))] {
        let mut body = whole.clone();
        body[field] = value;
        assert_eq!(lin.send("POST", path, &body).await.code(), bad, "{field}");
    }
    assert_eq!(lin.send("POST", path, &json!({ "content": "e30=" })).await.code(), ProblemCode::Malformed);
    let large = json!({ "content": "A".repeat(100_000), "signature": "" });
    assert_eq!(lin.send("POST", path, &large).await.code(), ProblemCode::TooLarge);
    // after all that the attempt is still open
    assert!(lin.reports(&good).await.json::<IdentityAnswer>().settled.is_some());
    // and once answered it is not any more: the same report again is none
    assert_eq!(lin.reports(&good).await.code(), over);
    let who = crate::store::Person::Candidate(candidate_of(&lin.me));
    let rows = organiser.state.stores.accounts.refusals(NOW, 1_000).await.unwrap();
    let audited: u64 = rows
        .iter()
        .filter(|row| row.who == Some(who) && row.action == "me/identity/face/report")
        .map(|row| row.count)
        .sum();
    assert_eq!(audited, 26, "every refusal is in the audit");
}

#[tokio::test]
async fn a_stale_attempt_is_over() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let nonce = lin.begins().await;
    organiser.clock.advance(120_001);
    assert_eq!(lin.reports(&lin.report(nonce)).await.code(), ProblemCode::AttemptOver);
    // another one is begun: the first cannot be answered, whatever its time
    let first = lin.begins().await;
    lin.begins().await;
    assert_eq!(lin.reports(&lin.report(first)).await.code(), ProblemCode::AttemptOver);
}

/// A report of one interview brought to another, by the same person and by somebody else.
#[tokio::test]
async fn a_report_counts_for_its_own_interview_only() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let chen = organiser.joined(&organiser.seeded.identity_verified).await;
    let nonce = lin.begins().await;
    let report = lin.report(nonce);
    let content = serde_json::to_string(&report).unwrap();
    // chen signs what lin's phone made
    assert_eq!(chen.says(&chen.key, &content).await.code(), ProblemCode::AttemptOver);
    assert_eq!(chen.says(&lin.key, &content).await.code(), ProblemCode::ReportBad);
    let own = FaceReport { interview: chen.ticket(), ..report.clone() };
    assert_eq!(chen.reports(&own).await.code(), ProblemCode::AttemptOver);
    assert_eq!(chen.seat().await.identity, None);
    assert!(lin.reports(&report).await.json::<IdentityAnswer>().settled.is_some());
}

#[tokio::test]
async fn a_synthetic_camera_passes_only_where_the_organiser_says_so() {
    for (allowed, passes) in [(false, None), (true, Some(Assurance::Simulated))] {
        let organiser = Organiser::open_with(|config| config.face.simulated = allowed).await;
        let lin = organiser.joined(&organiser.seeded.identity).await;
        let nonce = lin.begins().await;
        let report = FaceReport { simulated: true, ..lin.report(nonce) };
        let answer: IdentityAnswer = lin.reports(&report).await.json();
        assert_eq!(answer.settled.map(|mark| mark.assurance), passes);
        assert_eq!(answer.reasons.contains(&FaceReason::Simulated), !allowed);
    }
}

#[tokio::test]
async fn the_organisers_thresholds_decide() {
    let organiser = Organiser::open_with(|config| config.face.same = 0.8).await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let nonce = lin.begins().await;
    let answer: IdentityAnswer = lin.reports(&lin.report(nonce)).await.json();
    assert_eq!((answer.settled, answer.reasons), (None, vec![FaceReason::NotSure]));
}

#[tokio::test]
async fn a_device_without_a_key_signs_nothing() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    for bad in ["", "AAAA", "%", &STANDARD.encode([1; 33])] {
        assert_eq!(organiser.device().joins(line, Some(bad), None).await.code(), ProblemCode::Malformed);
    }
    let mut lin = organiser.joined(line).await;
    let kept = lin.session().await;
    assert_eq!(kept.device_key.map(|key| key.to_vec()), Some(lin.key.public_key().as_ref().to_vec()));
    let without: SignedIn = lin.device.joins(line, None, None).await.json();
    let nonce = lin.begins().await;
    let report = lin.report(nonce);
    let before = std::mem::replace(&mut lin.token, without.token);
    assert_eq!(lin.reports(&report).await.code(), ProblemCode::ReportBad);
    // the session with the key still has it
    lin.token = before;
    assert!(lin.reports(&report).await.json::<IdentityAnswer>().settled.is_some());
}

/// The round could not be told when the attempt was decided: the next look makes up for it.
#[tokio::test]
async fn a_pass_that_was_not_told_is_told_later() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let nonce = lin.begins().await;
    let end = crate::store::AttemptEnd {
        passed: Some(Assurance::Device),
        scores: lin.report(nonce).scores,
        reasons: Vec::new(),
        doubt: false,
        at: NOW,
    };
    assert!(organiser.state.stores.identity.end_attempt(nonce, end).await.unwrap());
    assert_eq!(lin.seat().await.identity, None);
    let status: Value = lin.get("/me/identity").await.json();
    assert_eq!(status["settled"]["assurance"], "device");
    assert!(lin.seat().await.identity.is_some());
}

#[tokio::test]
async fn a_round_that_does_not_ask_has_no_step() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.candidates[0]).await;
    let status: Value = lin.get("/me/identity").await.json();
    assert_eq!(status["rule"], "not_required");
    let ask = lin.send("POST", "/me/identity/face", &json!({ "models": {} })).await;
    assert_eq!(ask.code(), ProblemCode::FaceUnavailable);
    assert_eq!(lin.send("POST", "/me/identity/sms", &json!({})).await.code(), ProblemCode::NotAllowed);
    // members and accounts outside a room have none either
    let [owner, ..] = organiser.three().await;
    let person = organiser.person(STRANGER).await;
    for path in ["/me/identity/face", "/me/identity/face/report", "/me/identity/sms", "/me/readiness"] {
        let body = json!({ "models": {}, "content": "", "signature": "" });
        assert_eq!(owner.send("POST", path, &body).await.code(), ProblemCode::NotAllowed, "{path}");
        assert_eq!(person.send("POST", path, &body).await.code(), ProblemCode::NotAllowed, "{path}");
        let nobody = organiser.device().send("POST", &format!("/api/v1{path}"), None, "{}").await;
        assert_eq!(nobody.code(), ProblemCode::NotSignedIn, "{path}");
    }
}
