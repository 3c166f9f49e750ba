//! Requests that are wrong in themselves, and what operators ask.

use super::*;
use crate::store::RefusalRow;
use miantan_domain::wire::rest::ServerInfo;

const JOIN: &str = "/api/v1/join";

#[tokio::test]
async fn the_first_screen_learns_whose_server_it_is() {
    let organiser = Organiser::open_with(|config| {
        config.organiser = "青禾市毕业生就业服务中心".into();
        config.hotline = "400-000-0000".into();
    })
    .await;
    let info: ServerInfo = organiser.device().get("/api/v1/server", None).await.json();
    assert_eq!(
        (info.organiser.as_str(), info.hotline.as_str()),
        ("青禾市毕业生就业服务中心", "400-000-0000")
    );
    assert_eq!((info.versions, info.time), (vec![1], NOW));
}

#[tokio::test]
async fn what_is_not_the_expected_json_is_malformed_and_not_quoted() {
    let organiser = Organiser::open().await;
    let phone = organiser.device();
    let bodies: [&[u8]; 7] = [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe\x00",
        br#"{"code":"SECRET-99","device":"not an id"}"#,
        br#"{"code":{"SECRET-99":1},"device":"01890000-0000-7000-8000-000000000000"}"#,
        br#"{"code":"SECRET-99"}"#,
    ];
    for body in bodies {
        let answer = phone.send("POST", JOIN, None, body.to_vec()).await;
        assert_eq!(answer.code(), ProblemCode::Malformed, "{}", String::from_utf8_lossy(body));
        assert!(!String::from_utf8_lossy(&answer.body).contains("SECRET-99"));
    }
    let deep = "[".repeat(20_000);
    assert_eq!(phone.send("POST", JOIN, None, deep).await.code(), ProblemCode::Malformed);
    // unknown fields are a newer client's business
    let line = &organiser.seeded.candidates[0];
    let newer = json!({ "code": line.code, "device": phone.id, "pronoun": "它" });
    assert_eq!(phone.send("POST", JOIN, None, newer.to_string()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_above_64_kib_is_too_large() {
    let organiser = Organiser::open().await;
    let phone = organiser.device();
    let sized = |bytes: usize| {
        let frame = json!({ "code": "", "device": phone.id }).to_string().len();
        json!({ "code": "x".repeat(bytes - frame), "device": phone.id }).to_string()
    };
    let limit = super::super::BODY_MAX_BYTES;
    assert_eq!(phone.send("POST", JOIN, None, sized(limit)).await.code(), ProblemCode::CodeWrong);
    assert_eq!(phone.send("POST", JOIN, None, sized(limit + 1)).await.code(), ProblemCode::TooLarge);
    assert_eq!(phone.send("POST", JOIN, None, sized(1 << 20)).await.code(), ProblemCode::TooLarge);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let organiser = Organiser::open().await;
    let phone = organiser.device();
    for (method, path) in [("GET", "/api/v1/nothing"), ("GET", JOIN), ("DELETE", "/api/v1/me")] {
        let answer = phone.send(method, path, None, Body::empty()).await;
        assert_eq!(answer.code(), ProblemCode::NotFound, "{method} {path}");
    }
}

#[tokio::test]
async fn a_token_opens_only_as_long_as_it_should() {
    let organiser = Organiser::open().await;
    let phone = organiser.device();
    let signed = phone.join(&organiser.seeded.candidates[0]).await;
    for token in [None, Some(""), Some("nonsense"), Some(&signed.token[1..])] {
        assert_eq!(phone.get("/api/v1/me", token).await.code(), ProblemCode::NotSignedIn);
    }
    let out = phone.send("POST", "/api/v1/sign-out", Some(&signed.token), Body::empty()).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/api/v1/me", Some(&signed.token)).await.code(), ProblemCode::NotSignedIn);
    let again = phone.join(&organiser.seeded.candidates[0]).await;
    organiser.clock.advance(31 * 86_400_000);
    assert_eq!(phone.get("/api/v1/me", Some(&again.token)).await.code(), ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn every_refusal_is_audited_without_personal_data() {
    let organiser = Organiser::open().await;
    let phone = organiser.device();
    phone.try_code("000-000-000", None).await;
    phone.try_code(&organiser.seeded.bad_codes.expired, None).await;
    phone.try_sign_in("没有这家公司", "x", None).await;
    phone.get("/api/v1/me", None).await;
    phone.send("POST", JOIN, None, "{").await;
    phone.send("POST", JOIN, None, "x".repeat(70_000)).await;
    phone.get("/wp-login.php", None).await;
    let rows = organiser.state.stores.accounts.refusals(NOW, 100).await.unwrap();
    let seen: Vec<(&str, &str)> =
        rows.iter().map(|RefusalRow { action, code, .. }| (&**action, &**code)).collect();
    assert_eq!(
        seen,
        [
            ("employer/sign-in", "credentials_wrong"),
            ("join", "code_expired"),
            ("join", "code_wrong"),
            ("join", "malformed"),
            ("join", "too_large"),
            ("me", "not_signed_in"),
        ]
    );
    let labels = [("action", "join"), ("code", "code_wrong")];
    assert_eq!(organiser.state.metrics.get("miantan_refused_total", &labels), 1);
}

#[tokio::test]
async fn operators_see_health_and_figures() {
    let organiser = Organiser::open().await;
    let (inside, outside) = (organiser.device_at("127.0.0.1".parse().unwrap()), organiser.device());
    assert_eq!(outside.get("/healthz", None).await.status, StatusCode::OK);
    assert_eq!(outside.get("/readyz", None).await.status, StatusCode::OK);
    let page = inside.get("/metrics", None).await;
    assert!(page.kind.starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(page.body).unwrap();
    assert!(
        text.contains("miantan_requests_total{route=\"/readyz\",method=\"GET\",status=\"200\"} 1"),
        "{text}"
    );
    assert_eq!(outside.get("/metrics", None).await.code(), ProblemCode::NotFound);
    organiser.state.stop.cancel();
    assert_eq!(outside.get("/readyz", None).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(outside.get("/healthz", None).await.status, StatusCode::OK);
}
