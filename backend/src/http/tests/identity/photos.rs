//! The organiser's photos, and the models the server hands out.

use super::*;
use crate::retention;
use miantan_domain::wire::rest::{CandidateFound, ModelInfo};
use sha2::{Digest, Sha256};

#[tokio::test]
async fn a_photo_is_kept_replaced_and_removed_with_its_bytes() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    let path = format!("/admin/candidates/{}/photo", line.id);
    let body = json!({ "phone": line.phone }).to_string();
    let found = async || {
        let answer = organiser.organises("POST", "/admin/candidates/find", body.clone()).await;
        answer.json::<Vec<CandidateFound>>().remove(0)
    };
    let one = found().await;
    assert_eq!((one.candidate, one.name.as_str(), one.photo), (line.id, line.name.as_str(), false));
    organiser.puts_photo(line, "people/a1.jpg").await;
    assert!(found().await.photo);
    let first = organiser.state.stores.identity.photo(line.id).await.unwrap().unwrap();
    assert_eq!(first.at, NOW);
    organiser.puts_photo(line, "people/i1.png").await;
    let second = organiser.state.stores.identity.photo(line.id).await.unwrap().unwrap();
    assert_ne!(first.bytes, second.bytes);
    assert!(organiser.state.objects.read(first.bytes, 0..1).await.is_err(), "the one before is gone");
    assert_eq!(organiser.state.objects.read(second.bytes, 0..1).await.unwrap().len(), 1);
    assert_eq!(organiser.organises("DELETE", &path, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(organiser.organises("DELETE", &path, "").await.status, StatusCode::NO_CONTENT);
    assert!(organiser.state.objects.read(second.bytes, 0..1).await.is_err());
    assert!(!found().await.photo);
    let acts = organiser.acts().await;
    assert_eq!(acts.iter().filter(|act| *act == "photo_put").count(), 2);
    assert_eq!(acts.iter().filter(|act| *act == "photo_removed").count(), 1);
}

#[tokio::test]
async fn what_is_no_photo_of_anybody_is_refused() {
    let organiser = Organiser::open_with(|config| config.face.people_max = 1).await;
    let path = |id: &str| format!("/admin/candidates/{id}/photo");
    let lin = path(&organiser.seeded.identity.id.to_string());
    let put = async |path: &str, bytes: Vec<u8>| organiser.organises("PUT", path, bytes).await.code();
    let photo = face("people/a1.jpg");
    assert_eq!(put(&lin, Vec::new()).await, ProblemCode::FileBroken);
    assert_eq!(put(&lin, photo[..photo.len() / 2].to_vec()).await, ProblemCode::FileBroken);
    assert_eq!(put(&lin, b"%PDF-1.7 not a photo".to_vec()).await, ProblemCode::FileTypeRefused);
    assert_eq!(put(&lin, vec![0xFF; 9 * 1024 * 1024]).await, ProblemCode::FileTooLarge);
    assert_eq!(put(&path("x"), photo.clone()).await, ProblemCode::NotFound);
    assert_eq!(put(&path(&uuid().to_string()), photo.clone()).await, ProblemCode::NotFound);
    assert_eq!(organiser.state.stores.identity.photos().await, Ok(0));
    organiser.puts_photo(&organiser.seeded.identity, "people/a1.jpg").await;
    // one person more than may be held
    let second = &organiser.seeded.identity_verified;
    assert_eq!(put(&path(&second.id.to_string()), photo).await, ProblemCode::TooMany);
    let chen = organiser.joined(second).await;
    let status: Value = chen.get("/me/identity").await.json();
    assert_eq!(status["no_face"], "full");
    // nobody but the organiser
    let [owner, ..] = organiser.three().await;
    for answer in [
        owner.send("POST", "/admin/candidates/find", &json!({ "phone": "13900001111" })).await,
        owner.send("PUT", &lin, &json!({})).await,
        owner.send("DELETE", &lin, &json!({})).await,
        chen.send("DELETE", &lin, &json!({})).await,
    ] {
        assert_eq!(answer.code(), ProblemCode::NotSignedIn);
    }
}

#[tokio::test]
async fn whoever_is_deleted_takes_the_photo_along() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.identity;
    organiser.puts_photo(line, "people/a1.jpg").await;
    let photo = organiser.state.stores.identity.photo(line.id).await.unwrap().unwrap();
    let person = organiser.person(&line.phone).await;
    let export: Value = person.get("/me/export").await.json();
    assert_eq!(export["id_photo"]["size"], json!(photo.size));
    assert_eq!(person.send("POST", "/me/deletion", &json!({})).await.status, StatusCode::OK);
    organiser.clock.advance(8 * 86_400_000);
    retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(organiser.state.stores.identity.photo(line.id).await, Ok(None));
    assert!(organiser.state.objects.read(photo.bytes, 0..1).await.is_err());
}

#[tokio::test]
async fn the_models_are_served_whole_in_parts_and_to_be_kept() {
    let organiser = Organiser::open().await;
    let (status, _, body) = organiser.ask("GET", "/api/v1/models", &[]).await;
    assert_eq!(status, StatusCode::OK);
    let models: Vec<ModelInfo> = serde_json::from_slice(&body).unwrap();
    let roles: Vec<&str> = models.iter().map(|model| model.role.as_str()).collect();
    assert_eq!(roles, ["detector", "landmarks", "embedding", "liveness_near", "liveness_wide"]);
    let model = &models[0];
    let path = format!("/models/{}", model.sha256);
    let (status, headers, whole) = organiser.ask("GET", &path, &[]).await;
    assert_eq!((status, whole.len() as u64), (StatusCode::OK, model.bytes));
    let sum = Sha256::digest(&whole).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(sum, model.sha256);
    assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    let (status, _, body) = organiser.ask("GET", &path, &[("if-none-match", &tag)]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    // a download that broke off goes on
    let (status, headers, rest) =
        organiser.ask("GET", &path, &[("range", "bytes=1000-"), ("if-range", &tag)]).await;
    assert_eq!(status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(rest, whole[1000..]);
    let range = format!("bytes 1000-{}/{}", model.bytes - 1, model.bytes);
    assert_eq!(headers[header::CONTENT_RANGE].to_str().unwrap(), range);
    let (status, _, all) =
        organiser.ask("GET", &path, &[("range", "bytes=5-"), ("if-range", "\"other\"")]).await;
    assert_eq!((status, all.len()), (StatusCode::OK, whole.len()));
    let beyond = format!("bytes={}-", model.bytes);
    let (status, ..) = organiser.ask("GET", &path, &[("range", &beyond)]).await;
    assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
    for unknown in ["/models/x", "/models/..%2f..%2fsecret.key", &format!("/models/{}", "0".repeat(64))] {
        let (status, ..) = organiser.ask("GET", unknown, &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

/// No folder, and a switched-off check: said in the step, and the SMS way is there.
#[tokio::test]
async fn without_models_the_step_says_so() {
    let empty = tempfile::tempdir().unwrap();
    for (off, why) in [(false, "no_models"), (true, "off")] {
        let organiser = Organiser::open_with(|config| {
            config.face.models = Some(empty.path().into());
            config.face.enabled = !off;
        })
        .await;
        let line = &organiser.seeded.identity;
        organiser.puts_photo(line, "people/a1.jpg").await;
        let lin = organiser.joined(line).await;
        assert_eq!(lin.get("/me/identity").await.json::<Value>()["no_face"], why);
        let refused = lin.send("POST", "/me/identity/face", &json!({ "models": {} })).await.problem();
        assert_eq!((refused.code, refused.detail.as_str()), (ProblemCode::FaceUnavailable, why));
        let (_, _, body) = organiser.ask("GET", "/api/v1/models", &[]).await;
        assert_eq!(body, b"[]");
        assert_eq!(lin.send("POST", "/me/identity/sms", &json!({})).await.status, StatusCode::OK);
    }
}
