use super::*;
use crate::config::{Hidden, HttpFormat, HttpMethod, SmsConfig};
use crate::sms::http::HttpSender;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const JSON: &str = r#"{"mobile":"{to}","content":"{text}","tpl":{"id":"{template_id}","vars":"{params}"}}"#;

fn settings(url: &str) -> SmsConfig {
    SmsConfig {
        via: SmsVia::Http,
        http_url: url.to_owned(),
        http_body: Hidden(JSON.into()),
        http_headers: vec![Hidden("Authorization: Bearer hunter2".into())],
        templates: vec!["sign_in_code=T7/code".into()],
        ..SmsConfig::default()
    }
}

fn sender(config: &SmsConfig) -> HttpSender {
    HttpSender::new(config, SIGNATURE.into()).unwrap()
}

#[tokio::test]
async fn json_goes_as_described() {
    let provider = Provider::saying(200, "{}").await;
    let receipt = sender(&settings(&format!("{}/v2/send?app=9", provider.url))).send(&code()).await.unwrap();
    assert_eq!(receipt, Receipt { id: None, parts: 1 });
    let [seen] = &provider.requests()[..] else { panic!("one request") };
    assert_eq!((seen.method.as_str(), seen.uri.to_string().as_str()), ("POST", "/v2/send?app=9"));
    assert_eq!(seen.headers["authorization"], "Bearer hunter2");
    assert_eq!(seen.headers["content-type"], "application/json");
    let json: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(json["mobile"], "13812345678");
    assert_eq!(json["content"], "【青禾市人才中心】登录验证码042137，5分钟内有效。请勿告诉他人。");
    assert_eq!(json["tpl"], serde_json::json!({ "id": "T7", "vars": r#"{"code":"042137"}"# }));
}

#[tokio::test]
async fn a_form_goes_in_the_body_or_in_the_address() {
    let provider = Provider::saying(200, "").await;
    let form = SmsConfig {
        http_format: HttpFormat::Form,
        http_body: Hidden("phone={to_e164}&msg={text}&tpl={kind}".into()),
        ..settings(&format!("{}/send?app=9", provider.url))
    };
    sender(&form).send(&invitation()).await.unwrap();
    sender(&SmsConfig { http_method: HttpMethod::Put, ..form.clone() }).send(&invitation()).await.unwrap();
    sender(&SmsConfig { http_method: HttpMethod::Get, ..form }).send(&invitation()).await.unwrap();
    let seen = provider.requests();
    let read = |query: &[u8]| -> Vec<(String, String)> {
        let query = std::str::from_utf8(query).unwrap();
        reqwest::Url::parse(&format!("http://h/?{query}")).unwrap().query_pairs().into_owned().collect()
    };
    let expected = [
        ("phone".to_owned(), "+8613812345678".to_owned()),
        ("msg".to_owned(), invitation().template.text(SIGNATURE)),
        ("tpl".to_owned(), "invitation".to_owned()),
    ];
    for put_or_post in &seen[..2] {
        assert_eq!(put_or_post.headers["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(read(&put_or_post.body), expected);
    }
    assert_eq!((seen[1].method.as_str(), seen[2].method.as_str()), ("PUT", "GET"));
    assert_eq!(read(seen[2].uri.query().unwrap().as_bytes())[1..], expected);
    assert!(seen[2].body.is_empty());
}

#[tokio::test]
async fn a_json_answer_decides_where_the_settings_say_so() {
    let unanswered = Err(SmsError::Unanswered);
    for (answer, expected) in [
        (r#"{"data":{"code":0}}"#, Ok(())),
        (r#"{"data":{"code":"0"}}"#, Ok(())),
        (r#"{"data":{"code":22}}"#, Err(SmsError::Slower { retry_after_ms: 30_000 })),
        (r#"{"data":{"code":53}}"#, Err(SmsError::Refused)),
        (r#"{"data":{}}"#, unanswered),
        ("<html>", unanswered),
        ("", unanswered),
    ] {
        let provider = Provider::saying(200, answer).await;
        let config = SmsConfig {
            http_success_pointer: "/data/code".into(),
            http_success_value: "0".into(),
            http_later_values: vec!["22".into(), "33".into()],
            ..settings(&provider.url)
        };
        assert_eq!(sender(&config).send(&code()).await.map(|_| ()), expected, "{answer}");
    }
}

#[tokio::test]
async fn statuses_decide_otherwise() {
    for (status, expected) in [
        (200, Ok(())),
        (202, Ok(())),
        (400, Err(SmsError::Refused)),
        (401, Err(SmsError::Down)),
        (429, Err(SmsError::Slower { retry_after_ms: 30_000 })),
        (500, Err(SmsError::Down)),
    ] {
        let provider = Provider::saying(status, "{}").await;
        let result = sender(&settings(&provider.url)).send(&code()).await;
        assert_eq!(result.map(|_| ()), expected, "{status}");
        assert_eq!(provider.requests().len(), 1);
    }
    let busy = Provider::start(|_| {
        Some((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "9")], "").into_response())
    })
    .await;
    let result = sender(&settings(&busy.url)).send(&code()).await;
    assert_eq!(result, Err(SmsError::Slower { retry_after_ms: 9_000 }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let thief = Provider::saying(200, "{}").await;
    let there = thief.url.clone();
    for status in [301, 302, 303, 307, 308] {
        let there = there.clone();
        let provider = Provider::start(move |_| {
            let status = StatusCode::from_u16(status).unwrap();
            Some((status, [(header::LOCATION, there.clone())], "").into_response())
        })
        .await;
        assert_eq!(sender(&settings(&provider.url)).send(&code()).await, Err(SmsError::Down), "{status}");
    }
    assert!(thief.requests().is_empty());
}

#[tokio::test]
async fn nobody_there_means_nothing_was_sent() {
    let error = sender(&settings(&nobody().await)).send(&code()).await.unwrap_err();
    assert_eq!(error, SmsError::Down);
    assert!(error.nothing_sent());
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    const CHUNK: usize = 8 * 1024;
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let provider = Provider::start(move |_| {
        let (chunk, counter) = (Bytes::from(vec![b' '; CHUNK]), Arc::clone(&counter));
        let endless = futures_util::stream::repeat_with(move || {
            counter.fetch_add(CHUNK, Ordering::Relaxed);
            Ok::<_, std::io::Error>(chunk.clone())
        });
        Some(axum::body::Body::from_stream(endless).into_response())
    })
    .await;
    let config = SmsConfig { http_success_pointer: "/code".into(), ..settings(&provider.url) };
    let began = tokio::time::Instant::now();
    assert_eq!(sender(&config).send(&code()).await, Err(SmsError::Unanswered));
    // by its size, not by the request's limit of ten seconds; buffers of both sockets hold some more
    let (sent, took) = (sent.load(Ordering::Relaxed), began.elapsed());
    assert!(sent < 64 * 1024 * 1024 && took < Duration::from_secs(9), "{sent} bytes in {took:?}");
    // where the status is enough, it is not read at all
    assert!(sender(&settings(&provider.url)).send(&code()).await.is_ok());
}

#[tokio::test]
async fn a_slow_provider_is_left_after_five_seconds() {
    let provider = Provider::start(|_| None).await;
    let metrics = Arc::new(Metrics::default());
    let sender = Arc::new(sender(&settings(&provider.url)));
    let desk = SmsDesk::new(sender, Clock::system(), Arc::clone(&metrics));
    let mut count = provider.count.clone();
    let began = tokio::time::Instant::now();
    let sending = tokio::spawn(async move { desk.attempt(&code()).await });
    count.wait_for(|count| *count == 1).await.unwrap();
    // from here on nothing but timers can happen
    tokio::time::pause();
    assert_eq!(sending.await.unwrap(), Err(SmsError::Unanswered));
    let took = began.elapsed();
    assert!(
        took >= crate::sms::desk::ATTEMPT_LIMIT && took < 2 * crate::sms::desk::ATTEMPT_LIMIT,
        "{took:?}"
    );
    assert_eq!(
        metrics.get("miantan_sms_total", &[("template", "sign_in_code"), ("result", "unanswered")]),
        1
    );
}

/// Everything that is logged while `what` runs.
async fn logged(what: impl Future<Output = ()>) -> String {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    what.await;
    drop(guard);
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn no_log_has_a_number_a_code_or_a_key() {
    let refusing = Provider::saying(400, r#"{"message":"13812345678 042137"}"#).await;
    let log = logged(async {
        for (method, format, body) in [
            (HttpMethod::Post, HttpFormat::Json, JSON),
            (HttpMethod::Get, HttpFormat::Form, "to={to}&text={text}&key=hunter2"),
        ] {
            for url in [refusing.url.clone(), nobody().await] {
                let config = SmsConfig {
                    http_method: method,
                    http_format: format,
                    http_body: Hidden(body.into()),
                    ..settings(&url)
                };
                let desk = SmsDesk::new(Arc::new(sender(&config)), Clock::system(), Arc::default());
                assert!(desk.send_now(&code()).await.is_err());
            }
        }
    })
    .await;
    assert!(log.contains("given up"), "{log}");
    for secret in ["13812345678", "042137", "hunter2"] {
        assert!(!log.contains(secret), "{log}");
    }
}
