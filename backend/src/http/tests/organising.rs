//! The organiser's API (O1): opened by the token of the data folder, and by nothing else.

use super::*;
use miantan_domain::ids::FairId;
use miantan_domain::model::FairPage;
use miantan_domain::wire::rest::Build;
use sha2::{Digest, Sha256};

fn fair() -> Value {
    json!({
        "title": " 秋季招聘会 ", "kind": "网络招聘会", "starts": NOW, "ends": NOW.after(86_400_000), "city": "青禾市",
        "district": "云汀区", "venue": "线上", "introduction": "第一段\r\n\r\n<script>第二段</script>",
    })
}

#[tokio::test]
async fn nothing_but_its_token_opens_it() {
    let organiser = Organiser::open().await;
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let lin = organiser.device().join(&organiser.seeded.candidates[0]).await;
    let device = organiser.device();
    let good = organiser.token();
    let almost = format!("{}x", &good[..good.len() - 1]);
    let id = FairId::from_parts(0, &[7; 10]);
    let routes = [
        ("GET", "/api/v1/admin/registrations".to_owned()),
        ("GET", format!("/api/v1/admin/registrations/{id}/licence")),
        ("POST", format!("/api/v1/admin/registrations/{id}/decide")),
        ("PUT", format!("/api/v1/admin/fairs/{id}")),
        ("PUT", "/api/v1/admin/builds/android?version=1&file=a.apk".to_owned()),
        ("GET", "/api/v1/admin/reports".to_owned()),
        ("GET", "/api/v1/admin/sms".to_owned()),
    ];
    for (method, path) in &routes {
        for token in [None, Some(""), Some(&*almost), Some(&*owner.token), Some(&*lin.token)] {
            let answer = device.send(method, path, token, fair().to_string()).await;
            assert_eq!(answer.code(), ProblemCode::NotSignedIn, "{method} {path}");
        }
    }
    let rows = organiser.state.stores.accounts.refusals(NOW, 100).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.action.starts_with("admin/")).count(), routes.len());
    // with it, what does not exist is unknown
    for path in [routes[1].1.as_str(), "/api/v1/admin/registrations/x/licence"] {
        assert_eq!(device.get(path, Some(&good)).await.code(), ProblemCode::NotFound);
    }
    let approve = json!({ "decision": "approve" }).to_string();
    assert_eq!(device.send("POST", &routes[2].1, Some(&good), approve).await.code(), ProblemCode::NotFound);
    let unknown = device.get("/api/v1/admin/registrations?state=lost", Some(&good)).await;
    assert_eq!(unknown.code(), ProblemCode::Malformed);
    assert_eq!(device.get("/api/v1/admin/reports", Some(&good)).await.body, b"[]");
    // the organiser is nobody's member
    assert_eq!(device.get("/api/v1/employer/members", Some(&good)).await.code(), ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn fairs_are_made_and_changed() {
    let organiser = Organiser::open().await;
    let (device, token) = (organiser.device(), organiser.token());
    let id = FairId::from_parts(NOW.0 as u64, &secrets::random());
    let path = format!("/api/v1/admin/fairs/{id}");
    let put = async |body: &Value| device.send("PUT", &path, Some(&token), body.to_string()).await;
    let page: FairPage = put(&fair()).await.json();
    assert_eq!((page.card.id, page.card.title.as_str(), page.card.employers), (id, "秋季招聘会", 0));
    assert_eq!(page.introduction, "第一段\n\n<script>第二段</script>");
    assert!(page.link.ends_with(&format!("/fairs/{id}")), "{}", page.link);
    let mut changed = fair();
    changed["title"] = json!("冬季招聘会");
    assert_eq!(put(&changed).await.json::<FairPage>().card.title, "冬季招聘会");
    let seen: FairPage = device.get(&format!("/api/v1/fairs/{id}"), None).await.json();
    assert_eq!(seen.card.title, "冬季招聘会");

    for (field, value, code) in [
        ("title", json!(""), ProblemCode::TextEmpty),
        ("title", json!("\u{0}"), ProblemCode::TextEmpty),
        ("title", json!("长".repeat(101)), ProblemCode::TextTooLong),
        ("kind", json!(" "), ProblemCode::TextEmpty),
        ("city", json!("长".repeat(61)), ProblemCode::TextTooLong),
        ("district", json!("长".repeat(61)), ProblemCode::TextTooLong),
        ("venue", json!("长".repeat(201)), ProblemCode::TextTooLong),
        ("introduction", json!("x".repeat(10_001)), ProblemCode::TextTooLong),
        ("introduction", json!("字".repeat(100_000)), ProblemCode::TooLarge),
        ("ends", json!(NOW), ProblemCode::Malformed),
        ("ends", json!(i64::MAX), ProblemCode::Malformed),
        ("starts", json!(i64::MIN), ProblemCode::Malformed),
    ] {
        let mut bad = fair();
        bad[field] = value;
        assert_eq!(put(&bad).await.code(), code, "{field}");
    }
    let seen: FairPage = device.get(&format!("/api/v1/fairs/{id}"), None).await.json();
    assert_eq!(seen.card.title, "冬季招聘会");
    assert_eq!(organiser.acts().await.iter().filter(|act| *act == "fair_put").count(), 2);
}

#[tokio::test]
async fn a_build_is_uploaded_and_offered() {
    let organiser = Organiser::open().await;
    let (device, token) = (organiser.device(), organiser.token());
    let bytes = vec![7_u8; 3 * 1024 * 1024];
    let path = "/api/v1/admin/builds/android?version=1.0.3&file=miantan.apk";
    let build: Build = device.send("PUT", path, Some(&token), bytes.clone()).await.json();
    let sum: String =
        Sha256::digest(&bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!((build.size, build.version.as_str(), build.sha256), (bytes.len() as u64, "1.0.3", sum));
    let offered: Vec<Build> = device.get("/api/v1/builds", None).await.json();
    assert_eq!(offered.len(), 1);
    for path in [
        "/api/v1/admin/builds/android?version=1",
        "/api/v1/admin/builds/android?version=&file=a.apk",
        "/api/v1/admin/builds/android?version=1&file=..%2fa.apk",
        "/api/v1/admin/builds/android?version=%3Cb%3E&file=a.apk",
    ] {
        assert_eq!(
            device.send("PUT", path, Some(&token), "x").await.code(),
            ProblemCode::Malformed,
            "{path}"
        );
    }
    let unknown = device.send("PUT", "/api/v1/admin/builds/beos?version=1&file=a", Some(&token), "x").await;
    assert!(unknown.problem().code.status() < 500);
    assert!(organiser.acts().await.contains(&"build_put_android".to_owned()));
}
