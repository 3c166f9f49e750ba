//! REST as phones and desks meet it: the real router, stores and hall, in one process without a
//! socket; only the clock is turned by hand.

mod accounts;
mod data;
mod employers;
mod fairs;
mod files;
mod identity;
mod joining;
mod limits;
mod members;
mod organising;
mod own_rounds;
mod people;
mod registering;
mod requests;
mod resumes;
mod stands;
mod talks;

use crate::bus::LocalBus;
use crate::clock::Clock;
use crate::config::Config;
use crate::hall::Hall;
use crate::metrics::Metrics;
use crate::secrets::{self, Secrets};
use crate::seed::{self, CandidateLine, EmployerLine, Seeded};
use crate::state::AppState;
use crate::store::{Person, Stores, sqlite};
use crate::turn::IceBook;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use miantan_domain::ids::{DeviceId, EmployerId, MemberId};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Me, SignedIn};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub const NOW: WallTime = WallTime(1_795_000_000_000);

/// An organiser's server with the sample fair.
pub struct Organiser {
    pub state: AppState,
    pub seeded: Seeded,
    pub clock: Clock,
    app: Router,
    _dir: TempDir,
}

/// A device behind an address.
pub struct Device<'a> {
    organiser: &'a Organiser,
    pub id: DeviceId,
    address: IpAddr,
}

/// A device on which a member is signed in.
pub struct Desk<'a> {
    pub device: Device<'a>,
    pub token: String,
    pub me: Me,
}

impl Desk<'_> {
    /// `path` below `/api/v1`.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.device.send(method, &format!("/api/v1{path}"), Some(&self.token), body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.device.get(&format!("/api/v1{path}"), Some(&self.token)).await
    }

    pub fn member(&self) -> MemberId {
        let Me::Member { member, .. } = &self.me else { panic!("not a member") };
        member.id
    }

    pub fn employer(&self) -> EmployerId {
        let Me::Member { employer, .. } = &self.me else { panic!("not a member") };
        *employer
    }
}

/// An answer with what a test may ask of it.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub kind: String,
    pub headers: HeaderMap,
    pub retry_after: Option<String>,
    pub body: Vec<u8>,
}

impl Organiser {
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub async fn open_with(settings: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let stores = sqlite::open(dir.path()).unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        let seeded = seed::plant(&stores, &secrets, NOW).await.unwrap();
        let mut config = Config { data: dir.path().into(), ..Config::default() };
        settings(&mut config);
        Self::of(dir, config, (stores, secrets), seeded, Clock::manual(NOW))
    }

    /// The same data after the process ended and another one started.
    pub async fn restarted(self) -> Self {
        let Self { state, seeded, clock, app, _dir: dir } = self;
        state.hall.stop().await;
        let config = Config::clone(&state.config);
        drop((state, app));
        let stores = sqlite::open(dir.path()).unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        Self::of(dir, config, (stores, secrets), seeded, clock)
    }

    fn of(
        dir: TempDir,
        config: Config,
        (stores, secrets): (Stores, Secrets),
        seeded: Seeded,
        clock: Clock,
    ) -> Self {
        let metrics = Arc::new(Metrics::default());
        let ice = IceBook::none(config.calls);
        let hall = Hall::new(stores.clone(), clock.clone(), metrics.clone(), LocalBus::shared(), ice);
        let state =
            AppState::new(Arc::new(config), stores, Arc::new(secrets), hall, metrics, clock.clone()).unwrap();
        Self { app: super::router(state.clone()), state, seeded, clock, _dir: dir }
    }

    /// The organiser's own token.
    pub fn token(&self) -> String {
        crate::organiser::read(&self.state.config.data).unwrap()
    }

    /// The first owner, the second employer's owner, and that one's recruiter, signed in.
    pub async fn three(&self) -> [Desk<'_>; 3] {
        let lines = &self.seeded.employers;
        let recruiter = lines.iter().find(|line| line.member.is_some()).unwrap();
        let boss = lines.iter().find(|line| line.uscc == recruiter.uscc && line.member.is_none()).unwrap();
        [self.desk(&self.seeded.employer).await, self.desk(boss).await, self.desk(recruiter).await]
    }

    pub async fn desk(&self, line: &EmployerLine) -> Desk<'_> {
        let device = self.device();
        let signed = device.sign_in(line).await;
        Desk { device, token: signed.token, me: signed.me }
    }

    /// A panellist of the first employer, signed in.
    pub async fn panellist(&self, owner: &Desk<'_>) -> Desk<'_> {
        let id = MemberId::from_parts(NOW.0 as u64, &secrets::random());
        let body = json!({ "id": id, "name": "评委甲", "role": "panellist", "password": "one good word" });
        assert_eq!(owner.send("POST", "/employer/members", &body).await.status, StatusCode::OK);
        let line = EmployerLine {
            password: "one good word".into(),
            member: Some("评委甲".into()),
            ..self.seeded.employer.clone()
        };
        self.desk(&line).await
    }

    /// Who was refused what since the beginning.
    pub async fn refused(&self, who: &Desk<'_>) -> Vec<(String, String)> {
        let who = Person::Member(who.member());
        let rows = self.state.stores.accounts.refusals(NOW, 1_000).await.unwrap();
        let own = rows.into_iter().filter(|row| row.who == Some(who));
        own.map(|row| (row.action, row.code)).collect()
    }

    /// What was done since the beginning.
    pub async fn acts(&self) -> Vec<String> {
        let acts = self.state.stores.employers.acts(WallTime(0), 1_000).await.unwrap();
        acts.into_iter().map(|act| act.action).collect()
    }

    /// An answer with its headers, to a request with others, from one address.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .extension(ConnectInfo(SocketAddr::from(([203, 0, 113, 7], 40_000))));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// A new device at an address of its own.
    pub fn device(&self) -> Device<'_> {
        let address = IpAddr::from(secrets::random::<4>());
        self.device_at(address)
    }

    /// A new device behind this address.
    pub fn device_at(&self, address: IpAddr) -> Device<'_> {
        Device { organiser: self, id: DeviceId::from_parts(NOW.0 as u64, &secrets::random()), address }
    }
}

impl Device<'_> {
    pub async fn send(&self, method: &str, path: &str, token: Option<&str>, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(body.into()).unwrap();
        let response = self.organiser.app.clone().oneshot(request).await.unwrap();
        let text = |name| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        let (kind, retry_after) = (text(header::CONTENT_TYPE).unwrap_or_default(), text(header::RETRY_AFTER));
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Answer { status, kind, headers, retry_after, body }
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send("GET", path, token, Body::empty()).await
    }

    pub async fn try_code(&self, code: &str, password: Option<&str>) -> Answer {
        let body = json!({ "code": code, "password": password, "device": self.id });
        self.send("POST", "/api/v1/join", None, body.to_string()).await
    }

    /// Joins with what the SMS says.
    pub async fn join(&self, line: &CandidateLine) -> SignedIn {
        self.try_code(&line.code, line.password.as_deref()).await.json()
    }

    pub async fn try_sign_in(&self, account: &str, password: &str, member: Option<&str>) -> Answer {
        let mut body = json!({ "account": account, "password": password, "device": self.id });
        if let Some(member) = member {
            body["member"] = json!(member);
        }
        self.send("POST", "/api/v1/employer/sign-in", None, body.to_string()).await
    }

    pub async fn sign_in(&self, line: &EmployerLine) -> SignedIn {
        self.try_sign_in(&line.uscc, &line.password, line.member.as_deref()).await.json()
    }
}

impl Answer {
    /// The body of a good answer.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem of a refusal, which must look as RFC 9457 wants it.
    pub fn problem(&self) -> Problem {
        assert!(!self.status.is_success(), "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.kind, "application/problem+json");
        let value: Value = serde_json::from_slice(&self.body).unwrap();
        let problem: Problem = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(value["status"], self.status.as_u16());
        assert_eq!(value["type"], format!("urn:miantan:problem:{}", problem.code));
        assert_eq!(self.status.as_u16(), problem.code.status());
        problem
    }

    pub fn code(&self) -> ProblemCode {
        self.problem().code
    }
}
