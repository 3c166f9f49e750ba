//! Under which address this server is reached: what links, QR codes and deep links carry.

use super::error::ApiProblem;
use crate::state::AppState;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use std::net::SocketAddr;

/// `https://miantan.example.edu.cn`, without a slash at the end: the setting `public_url`, else what
/// the request was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

impl FromRequestParts<AppState> for Origin {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let config = &state.config;
        if let Some(url) = &config.public_url {
            return Ok(Self(url.trim_end_matches('/').to_owned()));
        }
        // HTTP/2 has it in the address, HTTP/1.1 in a header
        let said = parts.uri.authority().map(|authority| authority.as_str().to_owned());
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = said.or_else(|| header(header::HOST).map(str::to_owned)).filter(|host| plain(host));
        let host = host.unwrap_or_else(|| config.listen.to_string());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let proxied = peer.is_some_and(|peer| config.trusted_proxies.iter().any(|net| net.contains(peer)));
        let encrypted = config.tls_cert.is_some()
            || (proxied && parts.headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https"));
        Ok(Self(format!("{}://{host}", if encrypted { "https" } else { "http" })))
    }
}

/// A host name or address with or without a port, and nothing that could mean something in a link.
fn plain(host: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    (1..=255).contains(&host.len()) && host.chars().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_is_a_host() {
        for good in ["fair.example.cn", "127.0.0.1:8480", "[::1]:8480", "localhost"] {
            assert!(plain(good), "{good}");
        }
        for bad in ["", "a b", "evil.example/path", "a\"b", "user@host", "<b>", "a?b", "a#b"] {
            assert!(!plain(bad), "{bad}");
        }
    }
}
