//! The provider's side of the signature is computed here from the request as it came over the wire,
//! apart from the sender's code.

use super::*;
use crate::config::{Hidden, SmsConfig};
use crate::sms::aliyun::AliyunSender;
use ::hmac::{Hmac, KeyInit, Mac};
use miantan_domain::time::WallTime;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// 2026-11-24 06:00:00 UTC.
const NOW: WallTime = WallTime(1_795_500_000_000);
const SECRET: &str = "testSecret";

fn settings(url: &str, secret: &str) -> SmsConfig {
    SmsConfig {
        via: SmsVia::Aliyun,
        aliyun_endpoint: url.to_owned(),
        aliyun_key_id: "testId".into(),
        aliyun_key_secret: Hidden(secret.into()),
        templates: vec!["sign_in_code=SMS_1/code".into(), "invitation=SMS_2/employer/round/when/code".into()],
        ..SmsConfig::default()
    }
}

fn sender(url: &str, secret: &str) -> AliyunSender {
    AliyunSender::new(&settings(url, secret), SIGNATURE.into(), Clock::manual(NOW)).unwrap()
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// As the signature's page says it: all but `A-Z a-z 0-9 - _ . ~` as `%XX`.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            out + &char::from(byte).to_string()
        }
        _ => out + &format!("%{byte:02X}"),
    })
}

/// Whether the service would let the request in.
fn signed(seen: &Seen) -> bool {
    let text = |name: &str| seen.headers.get(name).map_or("", |value| value.to_str().unwrap());
    let authorization = text("authorization");
    let field = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=")).unwrap();
        rest.split(',').next().unwrap().to_owned()
    };
    let names = field("SignedHeaders");
    let of_request: BTreeSet<&str> = seen
        .headers
        .keys()
        .map(header::HeaderName::as_str)
        .filter(|name| name.starts_with("x-acs-") || *name == "host" || *name == "content-type")
        .collect();
    let lines: Vec<String> = names.split(';').map(|name| format!("{name}:{}\n", text(name))).collect();
    let headers = lines.concat();
    // decoded and encoded anew, sorted by name: the service does not trust the order or the encoder
    let url = reqwest::Url::parse(&format!("http://h{}", seen.uri)).unwrap();
    let pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let pairs: Vec<String> = pairs.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{}",
        seen.method,
        seen.uri.path(),
        pairs.join("&"),
        hex(Sha256::digest(&seen.body)),
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("ACS3-HMAC-SHA256\n{}", hex(Sha256::digest(canonical.as_bytes()))).as_bytes());
    authorization.starts_with("ACS3-HMAC-SHA256 Credential=testId,")
        && names.split(';').collect::<BTreeSet<_>>() == of_request
        && field("Signature") == hex(mac.finalize().into_bytes())
}

async fn service() -> Provider {
    Provider::start(|seen| {
        Some(if signed(seen) {
            said(200, r#"{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"F655A8D5"}"#)
        } else {
            said(400, r#"{"Code":"SignatureDoesNotMatch","Message":"…","RequestId":"F655A8D5"}"#)
        })
    })
    .await
}

#[tokio::test]
async fn the_service_accepts_the_signature() {
    let service = service().await;
    let sender = sender(&service.url, SECRET);
    let receipt = sender.send(&code()).await.unwrap();
    assert_eq!(receipt, Receipt { id: Some("900619746936498440^0".into()), parts: 1 });
    // characters that encoders disagree about: & + * ~ quotes, spaces, Chinese
    sender.send(&invitation()).await.unwrap();
    let seen = service.requests();
    let query = |n: usize| -> BTreeMap<String, String> {
        let url = reqwest::Url::parse(&format!("http://h{}", seen[n].uri)).unwrap();
        url.query_pairs().into_owned().collect()
    };
    let first = query(0);
    assert_eq!(seen[0].method, Method::POST);
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        ["PhoneNumbers", "SignName", "TemplateCode", "TemplateParam"]
    );
    assert_eq!(first["PhoneNumbers"], "13812345678");
    assert_eq!(first["SignName"], SIGNATURE);
    assert_eq!(
        (first["TemplateCode"].as_str(), first["TemplateParam"].as_str()),
        ("SMS_1", r#"{"code":"042137"}"#)
    );
    let param: BTreeMap<String, String> = serde_json::from_str(&query(1)["TemplateParam"]).unwrap();
    assert_eq!(param["round"], "软件+工程*师~专场");
    assert!(!param.contains_key("link"));
    assert_eq!(seen[0].headers["x-acs-action"], "SendSms");
    assert_eq!(seen[0].headers["x-acs-version"], "2017-05-25");
    assert_eq!(seen[0].headers["x-acs-date"], "2026-11-24T06:00:00Z");
    assert_ne!(seen[0].headers["x-acs-signature-nonce"], seen[1].headers["x-acs-signature-nonce"]);
}

#[tokio::test]
async fn a_wrong_key_loses_no_message() {
    let service = service().await;
    assert_eq!(sender(&service.url, "other").send(&code()).await, Err(SmsError::Down));
}

#[tokio::test]
async fn refusals_are_understood() {
    for (status, body, expected) in [
        (200, r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"…"}"#, SmsError::Refused),
        (200, r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#, SmsError::Slower { retry_after_ms: 60_000 }),
        (400, r#"{"Code":"Throttling.User"}"#, SmsError::Slower { retry_after_ms: 30_000 }),
        (500, r#"{"Code":"OK"}"#, SmsError::Down),
        (503, "<html>", SmsError::Down),
        (200, "<html>", SmsError::Unanswered),
    ] {
        let provider = Provider::saying(status, body).await;
        assert_eq!(sender(&provider.url, SECRET).send(&code()).await, Err(expected), "{body}");
    }
    // a kind nobody made a template for is kept until there is one
    let provider = service().await;
    let your_turn = SmsMessage { to: lin(), template: SmsTemplate::YourTurn { round: "专场".into() } };
    assert_eq!(sender(&provider.url, SECRET).send(&your_turn).await, Err(SmsError::Down));
    assert!(provider.requests().is_empty());
}
