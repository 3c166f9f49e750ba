//! Who looks at public pages, as far as they say, so that each person counts once (F1).
//!
//! Nobody needs to say who they are, and no cookie is set. Known are, in this order: the account of a
//! bearer token, the app's installation ([`DEVICE_HEADER`]), and for web pages the network address
//! together with the browser's name. Of each only an HMAC under the server's key and the fair's id is
//! kept: nothing leads back to a person or from one fair to another, and it is deleted 30 days after
//! the fair's end.

use super::auth::bearer;
use super::client::ClientAddress;
use super::error::ApiProblem;
use crate::state::AppState;
use crate::store::{Mac, Person, Session, SessionState};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use miantan_domain::ids::{DeviceId, FairId};
use miantan_domain::wire::rest::DEVICE_HEADER;
use uuid::Uuid;

/// How long after a fair's end it is kept who looked.
pub const KEEP_AFTER_FAIR_MS: i64 = 30 * 86_400_000;
/// Parts of names of programs that read pages for nobody.
const MACHINES: [&str; 8] =
    ["bot", "spider", "crawl", "preview", "monitor", "curl/", "wget/", "headlesschrome"];

/// Whoever sent a request. A token that is not open any more counts as none: the page is public.
#[derive(Debug, Clone, Default)]
pub struct Onlooker {
    pub person: Option<Person>,
    device: Option<DeviceId>,
    /// Address and browser; `None`: a program that reads for nobody.
    browser: Option<Vec<u8>>,
}

impl FromRequestParts<AppState> for Onlooker {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let headers = &parts.headers;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut device = text(DEVICE_HEADER).and_then(|id| id.parse().ok());
        let mut person = None;
        if let Some(token) = bearer(headers) {
            let mac = state.secrets.token(token);
            let session = state.stores.accounts.session_by_token(&mac, state.clock.wall()).await?;
            if let Some(session) = session.filter(|session| session.state == SessionState::Open) {
                person = Some(session.who.person());
                device = Some(session.device);
            }
        }
        let agent = headers.get(header::USER_AGENT).map(|value| value.as_bytes().to_vec());
        let reads_for_nobody = agent.as_ref().is_none_or(|agent| {
            let agent = String::from_utf8_lossy(agent).to_lowercase();
            MACHINES.iter().any(|part| agent.contains(part))
        });
        let address = parts.extensions.get::<ClientAddress>().copied();
        let browser = agent.zip(address).filter(|_| !reads_for_nobody).map(|(agent, address)| {
            let mut name = state.secrets.address(address.0).to_vec();
            name.extend_from_slice(&agent);
            name
        });
        Ok(Self { person, device, browser })
    }
}

impl Onlooker {
    /// Whoever is at the other end of a live socket.
    pub fn of(session: &Session) -> Self {
        Self { person: Some(session.who.person()), device: Some(session.device), browser: None }
    }

    /// Names of a person who can come back and be known again: account, then device. Empty: neither.
    pub fn lasting_names(&self, state: &AppState, fair: FairId) -> Vec<Mac> {
        let account = self.person.map(|person| match person {
            Person::Candidate(id) => (b'c', id.0),
            Person::Member(id) => (b'm', id.0),
        });
        let device = self.device.map(|id| (b'd', id.0));
        let mac = |(kind, id): (u8, Uuid)| state.secrets.onlooker(fair, kind, id.as_bytes());
        account.into_iter().chain(device).map(mac).collect()
    }

    /// All names to count a view under.
    pub fn names(&self, state: &AppState, fair: FairId) -> Vec<Mac> {
        let names = self.lasting_names(state, fair);
        match &self.browser {
            Some(browser) if names.is_empty() => vec![state.secrets.onlooker(fair, b'b', browser)],
            _ => names,
        }
    }
}
