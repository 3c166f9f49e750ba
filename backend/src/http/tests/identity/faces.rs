//! Face attempts with the real models: from the organiser's photo to the verdict, and the pictures of a second look.

use super::*;
use crate::faces::sealed::tests::seal;
use crate::retention;
use miantan_domain::wire::rest::{FaceAttempt, ModelInfo};
use miantan_face::{Depth, Embedding, FaceChecker, ModelFiles, Options, Picture};

/// The device's own checker.
fn checker() -> FaceChecker {
    let folder = miantan_face::models::folder().expect("the models are beside the sources (shared/models)");
    FaceChecker::load(&ModelFiles::open(&folder).unwrap(), &Options::default()).unwrap()
}

impl Joined<'_> {
    async fn models(&self) -> Value {
        let models: Vec<ModelInfo> = self.get("/models").await.json();
        models
            .into_iter()
            .map(|model| (model.role, Value::from(model.sha256)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    async fn asks(&self) -> Answer {
        self.send("POST", "/me/identity/face", &json!({ "models": self.models().await })).await
    }

    /// A report with these scores and the server's models.
    async fn tells(&self, nonce: Nonce, scores: FaceScores) -> IdentityAnswer {
        let models = serde_json::from_value(self.models().await).unwrap();
        let report = FaceReport { models, scores, ..self.report(nonce) };
        self.reports(&report).await.json()
    }
}

#[tokio::test]
async fn a_reference_is_made_after_consent_for_one_answer_and_stored_nowhere() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let lin = organiser.joined(line).await;
    let no_face = async || lin.get("/me/identity").await.json::<Value>()["no_face"].clone();
    assert_eq!(no_face().await, "no_reference");
    assert_eq!(lin.asks().await.problem().detail, "no_reference");
    organiser.puts_photo(line, "people/a1.jpg").await;
    assert_eq!(no_face().await, Value::Null);
    // before the consent nothing is made, whatever else was agreed to
    assert_eq!(lin.asks().await.code(), ProblemCode::ConsentNeeded);
    assert_eq!(lin.consents("face_frames", true).await.status, StatusCode::OK);
    assert_eq!(lin.asks().await.code(), ProblemCode::ConsentNeeded);
    let old = json!({ "purpose": "face_check", "version": 2, "given": true });
    assert_eq!(lin.send("POST", "/me/consents", &old).await.code(), ProblemCode::ConsentNeeded);
    // a code's session agrees to this, and to nothing of an account's
    assert_eq!(lin.consents("face_check", true).await.status, StatusCode::OK);
    assert_eq!(lin.consents("sms_notices", true).await.code(), ProblemCode::NotAllowed);
    let other = json!({ "models": { "detector": "00".repeat(32) } });
    assert_eq!(lin.send("POST", "/me/identity/face", &other).await.code(), ProblemCode::ModelsDiffer);
    let status: Value = lin.get("/me/identity").await.json();
    assert_eq!(status["attempts_left"], 3, "what was refused cost no attempt");

    let attempt: FaceAttempt = lin.asks().await.json();
    assert_eq!((attempt.attempts_left, attempt.within_ms, attempt.frames_key), (2, 120_000, None));
    let bytes = STANDARD.decode(&attempt.reference).unwrap();
    let reference = Embedding::from_bytes(&bytes).unwrap();
    // the same person in another picture, and somebody else
    let mut checker = checker();
    let mut likeness = |file: &str| {
        let photo = face(file);
        let picture = Picture::decode(&photo).unwrap();
        checker.look(&picture, Depth::Full).unwrap().embedding.unwrap().cosine(&reference)
    };
    assert!(likeness("people/a2.jpg") >= 0.43);
    assert!(likeness("people/b1.jpg") < 0.33);
    let scores = FaceScores { frames: 7, cosine: 0.6, liveness: 0.8, same_person: 0.9 };
    assert!(lin.tells(attempt.nonce, scores).await.settled.is_some());
    // neither database nor log nor any other file has it
    let needle = &bytes[..64];
    for entry in walk(&organiser.state.config.data) {
        let held = std::fs::read(&entry).unwrap();
        assert!(!held.windows(64).any(|window| window == needle), "{}", entry.display());
    }
    assert_eq!(organiser.rows_with(&attempt.reference[..40]), Vec::<String>::new());
    assert_eq!(lin.asks().await.code(), ProblemCode::FaceUnavailable, "it is settled");
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_consent_taken_back_ends_the_face_way() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    organiser.puts_photo(line, "people/a1.jpg").await;
    let lin = organiser.joined(line).await;
    lin.consents("face_check", true).await;
    assert_eq!(lin.asks().await.status, StatusCode::OK);
    lin.consents("face_check", false).await;
    assert_eq!(lin.asks().await.code(), ProblemCode::ConsentNeeded);
    assert_eq!(lin.send("POST", "/me/identity/sms", &json!({})).await.status, StatusCode::OK);
}

/// Two devices of one person at once, with sessions of one invitation each.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_four_attempts_at_once_three_are_given() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    organiser.puts_photo(line, "people/a1.jpg").await;
    let mut lin = organiser.joined(line).await;
    lin.consents("face_check", true).await;
    let body = json!({ "models": lin.models().await }).to_string();
    let other = key();
    let second: SignedIn = lin.device.joins(line, Some(&public(&other)), None).await.json();
    let ask = |token| lin.device.send("POST", "/api/v1/me/identity/face", Some(token), body.clone());
    let (a, b, c, d) = tokio::join!(ask(&lin.token), ask(&second.token), ask(&lin.token), ask(&second.token));
    let answers = [a, b, c, d];
    let given = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(given, 3);
    let refused = answers.iter().find(|answer| answer.status != StatusCode::OK).unwrap();
    assert_eq!(refused.code(), ProblemCode::AttemptsUsed);
    // unanswered ones count as well
    assert_eq!(lin.asks().await.code(), ProblemCode::AttemptsUsed);
    assert_eq!(lin.get("/me/identity").await.json::<Value>()["no_face"], "attempts_used");
    lin.token = second.token;
    assert_eq!(lin.asks().await.code(), ProblemCode::AttemptsUsed);
}

#[tokio::test]
async fn a_photo_without_one_single_face_is_no_reference() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let lin = organiser.joined(line).await;
    lin.consents("face_check", true).await;
    for photo in ["scenes/no_face_cat.png", "scenes/two_faces_cd.jpg"] {
        organiser.puts_photo(line, photo).await;
        assert_eq!(
            lin.get("/me/identity").await.json::<Value>()["no_face"],
            Value::Null,
            "not looked at yet"
        );
        assert_eq!(lin.asks().await.problem().detail, "reference_unusable", "{photo}");
        assert_eq!(lin.get("/me/identity").await.json::<Value>()["no_face"], "reference_unusable");
    }
    // another photo is another chance, and nothing was counted
    organiser.puts_photo(line, "people/a1.jpg").await;
    assert_eq!(lin.asks().await.json::<FaceAttempt>().attempts_left, 2);
}

/// Where the round wants it and the person agrees, the server looks for itself.
#[tokio::test]
async fn pictures_are_sealed_looked_at_kept_for_their_days_and_gone() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity_verified;
    organiser.puts_photo(line, "live/real_1.jpg").await;
    let lin = organiser.joined(line).await;
    lin.consents("face_check", true).await;
    // without the second consent there is the SMS way, and no attempt is counted
    assert_eq!(lin.asks().await.code(), ProblemCode::ConsentNeeded);
    lin.consents("face_frames", true).await;
    let attempt: FaceAttempt = lin.asks().await.json();
    let key = attempt.frames_key.clone().unwrap();

    let reference = Embedding::from_bytes(&STANDARD.decode(&attempt.reference).unwrap()).unwrap();
    let mut checker = checker();
    let photo = face("live/real_1.jpg");
    let look = checker.look(&Picture::decode(&photo).unwrap(), Depth::Frame).unwrap();
    let frame = checker.crops().unwrap();
    let frames = frame.repeat(5);
    let path = format!("/me/identity/face/{}/frames", attempt.nonce);
    let put = async |body: &Value| lin.send("PUT", &path, body).await;
    // for another attempt, cut short, too many, altered
    let other = seal(&key, &Nonce::new([1; 32]), &frames);
    assert_eq!(put(&json!(other)).await.code(), ProblemCode::ReportBad);
    for (bad, code) in [
        (&frames[..0], ProblemCode::ReportBad),
        (&frames[..frame.len() - 1], ProblemCode::ReportBad),
        (&frame.repeat(9)[..], ProblemCode::TooLarge),
    ] {
        assert_eq!(put(&json!(seal(&key, &attempt.nonce, bad))).await.code(), code);
    }
    let sealed = seal(&key, &attempt.nonce, &frames);
    let mut altered = json!(sealed);
    altered["key"] = json!(STANDARD.encode([0; 32]));
    assert_eq!(put(&altered).await.code(), ProblemCode::ReportBad);
    let unknown = format!("/me/identity/face/{}/frames", Nonce::new([3; 32]));
    assert_eq!(lin.send("PUT", &unknown, &json!(sealed)).await.code(), ProblemCode::AttemptOver);

    assert_eq!(put(&json!(sealed)).await.status, StatusCode::NO_CONTENT);
    let row = organiser.state.stores.identity.attempt(attempt.nonce).await.unwrap().unwrap();
    let (found, bytes) = (row.found.unwrap(), row.frames.unwrap());
    let cosine = look.embedding.unwrap().cosine(&reference);
    assert!((found.cosine - cosine).abs() < 0.05 && found.frames == 5, "{found:?}");
    let kept = organiser.state.objects.read(bytes, 0..u64::MAX >> 1).await.unwrap();
    assert!(!kept.windows(64).any(|window| window == &frame[..64]), "they lie there sealed");

    let liveness = look.liveness.unwrap();
    let scores = FaceScores { frames: 9, cosine, liveness, same_person: 0.99 };
    let answer = lin.tells(attempt.nonce, scores).await;
    assert_eq!(answer.settled.map(|mark| mark.assurance), Some(Assurance::Verified), "{answer:?}");
    // agreed to once
    let consents: Vec<Consent> = lin.get("/me/consents").await.json();
    let stands = consents.iter().find(|consent| consent.purpose == Purpose::FaceFrames).unwrap();
    assert!(!stands.given);
    assert_eq!(put(&json!(sealed)).await.code(), ProblemCode::AttemptOver);
    organiser.clock.advance(6 * 86_400_000);
    retention::enforce(&organiser.state).await.unwrap();
    assert!(organiser.state.objects.read(bytes, 0..1).await.is_ok());
    organiser.clock.advance(86_400_001);
    retention::enforce(&organiser.state).await.unwrap();
    assert!(organiser.state.objects.read(bytes, 0..1).await.is_err());
    let row = organiser.state.stores.identity.attempt(attempt.nonce).await.unwrap().unwrap();
    assert_eq!((row.frames, row.assurance), (None, Some(Assurance::Verified)), "the record stays");
}

/// The device says it was the right person; the pictures are somebody else's. After a restart in between.
#[tokio::test]
async fn pictures_that_say_something_else_do_not_pass_and_go_with_the_consent() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.identity_verified.clone();
    organiser.puts_photo(&line, "live/real_1.jpg").await;
    let lin = organiser.joined(&line).await;
    lin.consents("face_check", true).await;
    lin.consents("face_frames", true).await;
    let attempt: FaceAttempt = lin.asks().await.json();
    let Joined { device, token, me, key, .. } = lin;
    let id = device.id;
    let organiser = organiser.restarted().await;
    let mut device = organiser.device();
    device.id = id;
    let lin = Joined { organiser: &organiser, device, token, me, key };
    let mut checker = checker();
    let photo = face("people/b1.jpg");
    checker.look(&Picture::decode(&photo).unwrap(), Depth::Frame).unwrap();
    let frames = checker.crops().unwrap().repeat(5);
    let sealed = seal(&attempt.frames_key.unwrap(), &attempt.nonce, &frames);
    let path = format!("/me/identity/face/{}/frames", attempt.nonce);
    assert_eq!(
        lin.send("PUT", &path, &json!(sealed)).await.status,
        StatusCode::NO_CONTENT,
        "the key is not lost"
    );
    let scores = FaceScores { frames: 9, cosine: 0.9, liveness: 0.9, same_person: 0.99 };
    let answer = lin.tells(attempt.nonce, scores).await;
    assert_eq!((answer.settled, answer.reasons), (None, vec![FaceReason::FramesDiffer]));
    let row = organiser.state.stores.identity.attempt(attempt.nonce).await.unwrap().unwrap();
    let bytes = row.frames.unwrap();
    // taken back: gone at once
    assert_eq!(lin.consents("face_check", false).await.status, StatusCode::OK);
    assert!(organiser.state.objects.read(bytes, 0..1).await.is_err());
}

/// The best of reports proves nothing where the pictures it speaks of were asked for and never came.
#[tokio::test]
async fn where_pictures_are_wanted_a_report_without_them_does_not_pass() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity_verified;
    organiser.puts_photo(line, "live/real_1.jpg").await;
    let lin = organiser.joined(line).await;
    lin.consents("face_check", true).await;
    lin.consents("face_frames", true).await;
    let attempt: FaceAttempt = lin.asks().await.json();
    let scores = FaceScores { frames: 9, cosine: 0.9, liveness: 0.9, same_person: 0.99 };
    let answer = lin.tells(attempt.nonce, scores).await;
    assert_eq!((answer.settled, answer.reasons), (None, vec![FaceReason::FramesDiffer]));
}
