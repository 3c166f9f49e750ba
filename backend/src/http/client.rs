//! Who is on the other end of the connection, and what is noted of each request.

use super::error::RefusedWith;
use crate::config::Net;
use crate::state::AppState;
use crate::store::Person;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use miantan_domain::wire::ProblemCode;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::error::ApiProblem;

/// The client's network address, behind trusted proxies too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Filled in by [`super::auth::Auth`], so that the audit knows who was refused.
#[derive(Clone, Default)]
pub(super) struct KnownAs(pub Arc<OnceLock<Person>>);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| ProblemCode::Internal.into())
    }
}

/// Finds the address, times the request, counts it, and audits a refusal.
pub(super) async fn watch(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let Some(&ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() else {
        tracing::error!("the router is served without the peers' addresses");
        return ApiProblem::from(ProblemCode::Internal).into_response();
    };
    let address = behind(peer.ip(), request.headers(), &state.config.trusted_proxies);
    let known = KnownAs::default();
    request.extensions_mut().insert(ClientAddress(address));
    request.extensions_mut().insert(known.clone());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // methods anybody may invent would be as many series
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => "other",
    };

    let response = next.run(request).await;

    // an unknown path is nobody's action: strangers probe for all kinds of them
    let Some(route) = route else { return response };
    let status = response.status();
    let labels = [("route", route.as_str()), ("method", method), ("status", status.as_str())];
    state.metrics.add("miantan_requests_total", &labels, 1);
    state.metrics.time("miantan_request_seconds", &labels[..1], started.elapsed());
    tracing::debug!(method, %route, status = status.as_u16(), ms = started.elapsed().as_millis() as u64, "request");
    if let Some(RefusedWith(code)) = response.extensions().get::<RefusedWith>().copied() {
        let action = route.strip_prefix("/api/v1/").unwrap_or(&route);
        state.audit(action, code, known.0.get().copied(), Some(address)).await;
    }
    response
}

/// The address nearest to us that is not a trusted proxy. Only trusted peers' `X-Forwarded-For` is
/// read, from its end: what a client wrote there itself comes first and is never reached.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Net]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut address = peer.to_canonical();
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    let mut hops = values.iter().flat_map(|value| value.split(',')).rev();
    while is_trusted(address) {
        let Some(hop) = hops.next() else { break };
        let hop = hop.trim();
        let parsed = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
        match parsed {
            Ok(next) => address = next.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Net> = vec!["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        // what the client wrote itself is before what the proxy added
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["rubbish"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }
}
