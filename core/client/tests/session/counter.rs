//! The hall's counter: answers every REST request that no other part of the hall knows, with what the
//! test laid out for it, and keeps what was asked.

use crate::hall::{Hall, Hands, PATIENCE, json};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use miantan_domain::wire::rest::{DEVICE_HEADER, Me};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tokio::sync::watch;

/// One request, without its secrets' meaning.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET /fairs`.
    pub what: String,
    pub query: String,
    pub token: Option<String>,
    pub device: Option<String>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).expect("a body of the protocol")
    }
}

#[derive(Clone)]
enum Answer {
    Json(serde_json::Value),
    Bytes(Vec<u8>),
    Refused(Problem),
}

#[derive(Default)]
struct Script {
    answers: BTreeMap<String, Answer>,
    asked: Vec<Asked>,
    gone: bool,
    me: Option<Me>,
}

pub struct Counter {
    state: Mutex<Script>,
    count: watch::Sender<usize>,
}

impl Default for Counter {
    fn default() -> Self {
        Self { state: Mutex::default(), count: watch::channel(0).0 }
    }
}

impl Counter {
    /// What `GET /me` says.
    pub fn me(&self) -> Option<Me> {
        self.state.lock().unwrap().me.clone()
    }

    pub fn is(&self, me: Me) {
        self.state.lock().unwrap().me = Some(me);
    }

    /// From now on.
    pub fn says<T: Serialize>(&self, what: &str, answer: &T) {
        let answer = Answer::Json(serde_json::to_value(answer).unwrap());
        self.state.lock().unwrap().answers.insert(what.into(), answer);
    }

    pub fn gives(&self, what: &str, bytes: &[u8]) {
        let answer = Answer::Bytes(bytes.into());
        self.state.lock().unwrap().answers.insert(what.into(), answer);
    }

    pub fn refuses(&self, what: &str, problem: impl Into<Problem>) {
        let answer = Answer::Refused(problem.into());
        self.state.lock().unwrap().answers.insert(what.into(), answer);
    }

    /// Nobody answers at the counter (a gateway in front of it says so).
    pub fn gone(&self, gone: bool) {
        self.state.lock().unwrap().gone = gone;
    }

    /// Everything asked for this so far, answered or not.
    pub fn asked(&self, what: &str) -> Vec<Asked> {
        let state = self.state.lock().unwrap();
        state.asked.iter().filter(|asked| asked.what == what).cloned().collect()
    }

    /// All that was asked, in order.
    pub fn everything(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.iter().map(|asked| asked.what.clone()).collect()
    }

    /// Waits until this was asked so many times in all; the last of them.
    pub async fn hears(&self, what: &str, times: usize) -> Asked {
        let mut count = self.count.subscribe();
        let there = count.wait_for(|_| self.asked(what).len() >= times);
        let Ok(waited) = tokio::time::timeout(PATIENCE, there).await else {
            panic!("never asked {times} times: {what}");
        };
        drop(waited.expect("the counter is there"));
        self.asked(what)[times - 1].clone()
    }

    fn answer(&self, asked: Asked) -> Response {
        let mut state = self.state.lock().unwrap();
        let answer = if state.gone {
            Some(Answer::Refused(Problem::from(ProblemCode::Offline)))
        } else {
            state.answers.get(&asked.what).cloned()
        };
        state.asked.push(asked);
        drop(state);
        self.count.send_modify(|count| *count += 1);
        match answer {
            Some(Answer::Json(serde_json::Value::Null)) => StatusCode::NO_CONTENT.into_response(),
            Some(Answer::Json(value)) => json(Ok(value)),
            Some(Answer::Bytes(bytes)) => bytes.into_response(),
            Some(Answer::Refused(problem)) => json::<()>(Err(problem)),
            None => json::<()>(Err(ProblemCode::NotFound.into())),
        }
    }
}

pub async fn asked(State(shared): Hands, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: &str| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let (token, device) = (text(header::AUTHORIZATION.as_str()), text(DEVICE_HEADER));
    let what = format!("{} {}", parts.method, parts.uri.path());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(body, 32 * 1024 * 1024).await.unwrap().to_vec();
    shared.counter.answer(Asked { what, query, token, device, body })
}

impl Hall {
    /// Nothing is answered any more, neither requests nor changes.
    pub fn goes_away(&self) {
        self.counter().gone(true);
        self.accepts(false);
    }

    pub fn comes_back(&self) {
        self.counter().gone(false);
        self.accepts(true);
    }
}
