//! Outgoing HTTP for the senders: one client that follows no redirect, bounded answers, and errors
//! without addresses (a query may hold a telephone number).

use super::{SmsError, SmsSetupError};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// Name lookup, TCP and TLS.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// The whole request; the desk gives up earlier.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
/// Largest answer read, in bytes. Providers answer with a few hundred.
pub(super) const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Waited where a provider asks for patience without saying how much, in ms.
const SLOWER_MS: u64 = 30_000;
/// The longest a provider's word is taken for, in ms.
const SLOWER_MAX_MS: u64 = 3_600_000;

/// A client for requests to a provider. Mozilla's roots, rustls with ring.
pub(super) fn client() -> Result<Client, SmsSetupError> {
    let failed = |e: &dyn std::error::Error| SmsSetupError::Client(e.to_string());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_LIMIT)
        .timeout(REQUEST_LIMIT)
        // a redirect would carry number and text to someone else
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // HTTP/2's own trace logs show the path
        .http1_only()
        .user_agent(concat!("miantan/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| failed(&e.without_url()))
}

/// Sends; a failure says whether the provider can have seen the request.
pub(super) async fn ask(request: RequestBuilder) -> Result<Response, SmsError> {
    request.send().await.map_err(|error| {
        if error.is_connect() || error.is_builder() { SmsError::Down } else { SmsError::Unanswered }
    })
}

/// The body, if it is of a size a provider's answer has.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, SmsError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| SmsError::Unanswered)? {
        if bytes.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err(SmsError::Unanswered);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What a status outside 2xx means. A wrong key or path (401, 403, 404, 3xx) is a fault of the
/// settings: the message is kept, since it can be sent once they are right.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap) -> SmsError {
    let asked = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000).clamp(1_000, SLOWER_MAX_MS));
    match (status.as_u16(), asked) {
        (429, asked) => SmsError::Slower { retry_after_ms: asked.unwrap_or(SLOWER_MS) },
        (503, Some(retry_after_ms)) => SmsError::Slower { retry_after_ms },
        (400 | 413 | 422, _) => SmsError::Refused,
        _ => SmsError::Down,
    }
}

/// Patience where the provider did not say how much.
pub(super) const fn slower() -> SmsError {
    SmsError::Slower { retry_after_ms: SLOWER_MS }
}

/// Percent-encoding of RFC 3986: everything but unreserved characters, as UTF-8 octets.
pub(super) fn percent(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a string cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn statuses_mean_what_they_should() {
        let of = |status: u16, after: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(after) = after {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(after));
            }
            refusal(StatusCode::from_u16(status).unwrap(), &headers)
        };
        assert_eq!(of(429, Some("7")), SmsError::Slower { retry_after_ms: 7_000 });
        assert_eq!(of(429, Some("Wed, 21 Oct 2026 07:28:00 GMT")), slower());
        assert_eq!(of(429, Some("99999999999999999999")), slower());
        assert_eq!(of(503, Some("99999999")), SmsError::Slower { retry_after_ms: SLOWER_MAX_MS });
        for (statuses, means) in [
            (&[400, 413, 422][..], SmsError::Refused),
            (&[301, 302, 307, 401, 403, 404, 500, 502, 503, 504], SmsError::Down),
        ] {
            for status in statuses {
                assert_eq!(of(*status, None), means, "{status}");
            }
        }
    }

    proptest! {
        #[test]
        fn percent_leaves_nothing_that_separates(text in "\\PC{0,30}") {
            let encoded = percent(&text);
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
            let url = reqwest::Url::parse(&format!("http://h/?a={encoded}&b=2")).unwrap();
            let pairs: Vec<_> = url.query_pairs().collect();
            prop_assert_eq!(pairs.len(), 2);
            prop_assert_eq!(pairs[0].1.as_ref(), text.as_str());
            // and the client sends it as it was signed
            prop_assert_eq!(url.query().unwrap(), format!("a={encoded}&b=2"));
        }
    }
}
