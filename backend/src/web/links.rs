//! Every address the pages lead to: on this server, and into the app.
//!
//! The app's links are read by the client's `link` module: `miantan://WHAT?server=ORIGIN&…`.

use miantan_domain::ids::{EmployerId, FairId, PositionId};
use miantan_domain::wire::rest::System;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986, unreserved.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Makes addresses; paths are relative to the server, so that a page works behind any name.
#[derive(Debug, Clone)]
pub(super) struct Links {
    origin: String,
}

/// What the app should show.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    Fair(FairId),
    Hall(FairId),
    Register(FairId),
    Stand(FairId, EmployerId),
    Position(PositionId),
    Join(&'a str),
}

impl Links {
    pub fn new(origin: String) -> Self {
        Self { origin }
    }

    /// An absolute address for a path of ours.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Into the app.
    pub fn app(&self, target: Target<'_>) -> String {
        let server = encode(&self.origin);
        match target {
            Target::Fair(fair) => format!("miantan://fair?server={server}&fair={fair}"),
            Target::Hall(fair) => format!("miantan://hall?server={server}&fair={fair}"),
            Target::Register(fair) => format!("miantan://register?server={server}&fair={fair}"),
            Target::Stand(fair, employer) => {
                format!("miantan://stand?server={server}&fair={fair}&employer={employer}")
            }
            Target::Position(position) => format!("miantan://position?server={server}&position={position}"),
            Target::Join(code) => format!("miantan://join?server={server}&code={}", encode(code)),
        }
    }
}

impl Target<'_> {
    /// The page that leads into the app.
    pub fn page(&self) -> String {
        match self {
            Self::Fair(fair) => format!("/open/fair/{fair}"),
            Self::Hall(fair) => format!("/open/hall/{fair}"),
            Self::Register(fair) => format!("/open/register/{fair}"),
            Self::Stand(fair, employer) => format!("/open/stand/{fair}/{employer}"),
            Self::Position(position) => format!("/open/position/{position}"),
            Self::Join(code) => format!("/join/{}", encode(code)),
        }
    }
}

pub(super) fn fair(fair: FairId) -> String {
    format!("/fairs/{fair}")
}

/// A page of a fair's stands.
pub(super) fn stands(fair: FairId, search: &str, after: Option<&str>) -> String {
    let mut parts = Vec::new();
    if !search.is_empty() {
        parts.push(format!("q={}", encode(search)));
    }
    parts.extend(after.map(|after| format!("after={}", encode(after))));
    let question = if parts.is_empty() { "" } else { "?" };
    format!("/fairs/{fair}{question}{}#stands", parts.join("&"))
}

pub(super) fn stand(fair: FairId, employer: EmployerId) -> String {
    format!("/fairs/{fair}/employers/{employer}")
}

pub(super) fn position(position: PositionId) -> String {
    format!("/positions/{position}")
}

pub(super) fn build(system: System) -> String {
    format!("/api/v1/builds/{}", system.as_str())
}

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_stays_one_value() {
        let fair = FairId(uuid::Uuid::nil());
        let path = stands(fair, "a&b=c#d 工\"", Some("x"));
        assert_eq!(path, format!("/fairs/{fair}?q=a%26b%3Dc%23d%20%E5%B7%A5%22&after=x#stands"));
        let links = Links::new("http://127.0.0.1:9".into());
        assert_eq!(
            links.app(Target::Join("A&B")),
            "miantan://join?server=http%3A%2F%2F127.0.0.1%3A9&code=A%26B"
        );
    }
}
