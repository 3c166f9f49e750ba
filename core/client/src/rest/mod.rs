//! REST requests to one server (see `miantan_domain::wire::rest`). Answers are data or a
//! [`Problem`]; nothing is retried here, and neither bodies nor tokens are ever logged.

mod candidate;
mod employer;
mod fair;
mod identity;
mod talk;

use miantan_domain::ids::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode, VERSIONS, negotiate};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Name lookup, TCP and TLS.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);
/// The whole request. Someone looks at a spinner; a hall that needs longer is overloaded.
const REQUEST_LIMIT: Duration = Duration::from_secs(15);
/// A whole file, on a slow network.
const FILE_LIMIT: Duration = Duration::from_mins(5);
/// Largest answer read, in bytes. A sheet with a long résumé is below 100 kB.
const ANSWER_MAX_BYTES: usize = 4 * 1024 * 1024;

/// The HTTP client of this app; cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    locale: String,
}

/// One server, with the session on it where there is one.
#[derive(Clone)]
pub struct Server {
    http: Http,
    address: String,
    token: Option<String>,
    /// Named where nobody is signed in, so that a person counts once.
    device: Option<DeviceId>,
}

impl Http {
    pub fn new(tls: rustls::ClientConfig, locale: String) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT_LIMIT)
            .timeout(REQUEST_LIMIT)
            // A redirect could carry a code or a token to someone else.
            .redirect(reqwest::redirect::Policy::none())
            // The socket cannot go through a proxy; half an app would be worse than none.
            .no_proxy()
            .user_agent(concat!("miantan/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, locale })
    }

    pub fn server(&self, address: &str, token: Option<String>) -> Server {
        Server { http: self.clone(), address: address.to_owned(), token, device: None }
    }
}

impl Server {
    /// As this installation, where nobody is signed in.
    #[must_use]
    pub fn with_device(mut self, device: DeviceId) -> Self {
        self.device = Some(device);
        self
    }

    /// Who this is; also whether it is a Miantan server that this app can talk to.
    pub async fn info(&self) -> Result<ServerInfo, Problem> {
        let info: ServerInfo = match self.ask(Method::GET, "/server", None::<&()>).await {
            // Something answers there, but in another language.
            Err(problem) if problem.code == ProblemCode::Unknown => {
                return Err(Problem::new(ProblemCode::NotFound, "not a Miantan server"));
            }
            answer => answer?,
        };
        if negotiate(&info.versions).is_none() {
            let detail = format!("the server speaks {:?}, this app {VERSIONS:?}", info.versions);
            return Err(Problem::new(ProblemCode::VersionUnsupported, detail));
        }
        Ok(info)
    }

    pub async fn join(&self, request: &JoinRequest) -> Result<SignedIn, Problem> {
        self.ask(Method::POST, "/join", Some(request)).await
    }

    pub async fn sign_in(&self, request: &EmployerSignIn) -> Result<SignedIn, Problem> {
        self.ask(Method::POST, "/employer/sign-in", Some(request)).await
    }

    pub async fn sign_out(&self) -> Result<(), Problem> {
        done(self.send(Method::POST, "/sign-out", None::<&()>).await?).await
    }

    pub async fn me(&self) -> Result<Me, Problem> {
        self.ask(Method::GET, "/me", None::<&()>).await
    }

    pub async fn rounds_today(&self) -> Result<Vec<RoundSummary>, Problem> {
        self.ask(Method::GET, "/rounds/today", None::<&()>).await
    }

    pub async fn sheet(&self, round: RoundId, ticket: TicketId) -> Result<CandidateSheet, Problem> {
        let path = format!("/rounds/{round}/tickets/{ticket}/sheet");
        self.ask(Method::GET, &path, None::<&()>).await
    }

    async fn ask<B: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, Problem> {
        understood(self.send(method, path, body).await?).await
    }

    /// As [`Self::ask`], with no body and these parameters; empty ones are left out.
    async fn look<A: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> Result<A, Problem> {
        let query: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
        let request = self.request(Method::GET, path).query(&query);
        understood(request.send().await.map_err(|error| unsent(&error))?).await
    }

    async fn send<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<reqwest::Response, Problem> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.map_err(|error| unsent(&error))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.address);
        let mut request = self.http.client.request(method, url);
        request = request.header(reqwest::header::ACCEPT_LANGUAGE, &self.http.locale);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        } else if let Some(device) = self.device {
            request = request.header(DEVICE_HEADER, device.to_string());
        }
        request
    }

    /// A file, of at most this many bytes.
    async fn file(&self, path: &str, max: u64) -> Result<Vec<u8>, Problem> {
        let request = self.request(Method::GET, path).timeout(FILE_LIMIT);
        let response = request.send().await.map_err(|error| unsent(&error))?;
        if !response.status().is_success() {
            return Err(problem(response).await);
        }
        read(response, usize::try_from(max).unwrap_or(usize::MAX)).await
    }
}

/// The data of a good answer.
async fn understood<A: DeserializeOwned>(response: reqwest::Response) -> Result<A, Problem> {
    if !response.status().is_success() {
        return Err(problem(response).await);
    }
    let bytes = read(response, ANSWER_MAX_BYTES).await?;
    serde_json::from_slice(&bytes)
        .map_err(|_| Problem::new(ProblemCode::Unknown, "the answer is not what this app expects"))
}

/// Whether the server did what has no answer.
async fn done(response: reqwest::Response) -> Result<(), Problem> {
    if response.status().is_success() { Ok(()) } else { Err(problem(response).await) }
}

/// No answer: which of the two sentences fits.
fn unsent(error: &reqwest::Error) -> Problem {
    if error.is_timeout() && !error.is_connect() {
        Problem::new(ProblemCode::TimedOut, "the server did not answer in time")
    } else if error.is_builder() {
        Problem::new(ProblemCode::Malformed, "the request could not be built")
    } else {
        Problem::new(ProblemCode::Offline, "the server could not be reached")
    }
}

async fn read(mut response: reqwest::Response, max: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unsent(&error))? {
        if bytes.len() + chunk.len() > max {
            return Err(Problem::new(ProblemCode::TooLarge, "the answer is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// `application/problem+json`, or what can be said of anything else.
async fn problem(response: reqwest::Response) -> Problem {
    let status = response.status();
    let retry_after_ms = response
        .headers()
        .get(reqwest::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    let body = read(response, ANSWER_MAX_BYTES).await.unwrap_or_default();
    let mut problem = problem_of(status, &body);
    problem.retry_after_ms = problem.retry_after_ms.or(retry_after_ms);
    problem
}

/// The problem in a body; from the status alone where a proxy answered in the server's place.
pub fn problem_of(status: StatusCode, body: &[u8]) -> Problem {
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        return problem;
    }
    let code = match status.as_u16() {
        401 => ProblemCode::NotSignedIn,
        413 => ProblemCode::TooLarge,
        426 => ProblemCode::VersionUnsupported,
        429 => ProblemCode::TooMany,
        502..=504 => ProblemCode::Offline,
        500 => ProblemCode::Internal,
        _ => ProblemCode::Unknown,
    };
    Problem::new(code, format!("HTTP {}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_read_from_the_body_first() {
        let body = br#"{"type":"about:blank","code":"code_expired","detail":"d","status":410}"#;
        assert_eq!(problem_of(StatusCode::GONE, body).code, ProblemCode::CodeExpired);
        let proxy = problem_of(StatusCode::BAD_GATEWAY, b"<html>");
        assert_eq!(proxy.code, ProblemCode::Offline);
        let newer = br#"{"code":"something_new"}"#;
        assert_eq!(problem_of(StatusCode::CONFLICT, newer).code, ProblemCode::Unknown);
    }
}
