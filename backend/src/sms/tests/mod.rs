//! The senders against a provider on loopback, and the desk against one that follows a script.

mod aliyun;
mod desk;
mod http;

use super::*;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::sync::Mutex;
use tokio::sync::watch;

const SIGNATURE: &str = "青禾市人才中心";

fn lin() -> Phone {
    Phone::parse("13812345678").unwrap()
}

fn code() -> SmsMessage {
    SmsMessage { to: lin(), template: SmsTemplate::SignInCode { code: "042137".into(), minutes: 5 } }
}

fn invitation() -> SmsMessage {
    let template = SmsTemplate::Invitation {
        employer: "云图&\"科技\"".into(),
        round: "软件+工程*师~专场".into(),
        when: "11月26日 14:30".into(),
        code: "K7QM2-XW4PD".into(),
        password: None,
        link: "https://mt.example.edu.cn/i/K7QM2XW4PD".into(),
    };
    SmsMessage { to: lin(), template }
}

/// A request as it came.
#[derive(Clone)]
struct Seen {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A provider on loopback. `None` as an answer: it never answers.
struct Provider {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    count: watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl Provider {
    async fn start(answer: impl Fn(&Seen) -> Option<Response> + Clone + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (counter, count) = watch::channel(0);
        let all = Arc::clone(&seen);
        let app =
            axum::Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let request = Seen { method, uri, headers, body };
                all.lock().unwrap().push(request.clone());
                counter.send_modify(|count| *count += 1);
                let answered = answer(&request);
                async move {
                    match answered {
                        Some(answer) => answer,
                        None => std::future::pending().await,
                    }
                }
            });
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, seen, count, task }
    }

    /// One that always says the same.
    async fn saying(status: u16, body: &'static str) -> Self {
        Self::start(move |_| Some(said(status, body))).await
    }

    fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn said(status: u16, body: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/json")], body)
        .into_response()
}

/// An address on loopback where nobody listens.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn the_default_is_an_outbox() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { data: dir.path().into(), organiser: SIGNATURE.into(), ..Config::default() };
    let metrics = Arc::new(Metrics::default());
    let sms = Sms::open(&config, &Clock::system(), &metrics).unwrap();
    sms.desk.send_now(&code()).await.unwrap();
    let outbox = sms.outbox.unwrap().list();
    assert!(outbox[0].text.starts_with("【青禾市人才中心】登录验证码042137"));
    assert_eq!(metrics.get("miantan_sms_total", &[("template", "sign_in_code"), ("result", "sent")]), 1);
}

#[test]
fn settings_that_cannot_work_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let says = |change: &dyn Fn(&mut crate::config::SmsConfig), word: &str| {
        let mut config = Config { data: dir.path().into(), ..Config::default() };
        config.sms.via = SmsVia::Http;
        config.sms.http_url = "https://sms.example.com".into();
        config.sms.http_body.0 = r#"{"to":"{to}"}"#.into();
        change(&mut config.sms);
        let Err(error) = Sms::open(&config, &Clock::system(), &Arc::default()) else { panic!("{word}") };
        let message = error.to_string();
        assert!(message.contains(word) && !message.contains("hunter2"), "{message}");
    };
    says(&|sms| sms.http_url = "ftp://sms.example.com/hunter2".into(), "http_url");
    says(&|sms| sms.http_url = "https://me:hunter2@sms.example.com".into(), "http_url");
    says(&|sms| sms.http_body.0 = r#"{"key":"hunter2","to":{to}}"#.into(), "http_body");
    says(&|sms| sms.http_method = crate::config::HttpMethod::Get, "http_format");
    says(&|sms| sms.http_headers = vec![crate::config::Hidden("hunter2".into())], "http_headers");
    says(&|sms| sms.http_success_pointer = "code".into(), "http_success_pointer");
    for bad in ["pigeon=1", "reminder", "reminder=", "reminder=1/where", "reminder=1"] {
        let lines = vec![bad.to_owned(), "reminder=2".to_owned()];
        says(&|sms| sms.templates = lines.clone(), "templates");
    }
}

#[test]
fn errors_become_problems_without_a_number() {
    let slower = Problem::from(SmsError::Slower { retry_after_ms: 60_000 });
    assert_eq!((slower.code, slower.retry_after_ms), (ProblemCode::SmsFailed, Some(60_000)));
    assert_eq!(Problem::from(NotPhone).code, ProblemCode::PhoneBad);
    assert!(!format!("{:?}", code()).contains("042137"));
}
