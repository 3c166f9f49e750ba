//! Reads what a person types, scans or opens: an address, an invitation link, a QR code's text (J2).
//! Pure: nothing is looked up here.
//!
//! Understood: `miantan://join?server=ADDRESS&code=CODE`, `https://host/join/CODE` and `https://host/i/CODE`;
//! `miantan://fair?…&fair=ID`, `stand?…&fair=ID&employer=ID`, `position?…&position=ID`, `hall?…&fair=ID`,
//! `register?…&fair=ID` and their web pages `/fairs/ID`, `/fairs/ID/employers/ID`, `/positions/ID`; any other
//! `https://host/…` (its origin counts), a bare `host` or `host:port`, and `http://` on the loopback
//! address. Plain HTTP to other hosts only where the caller allows it.

use crate::view::LinkWish;
use reqwest::Url;
use std::str::FromStr;

/// What a text leads to.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// `scheme://host[:port]`, in the form under which the server is stored.
    pub address: String,
    /// An invitation code as written in the link; not checked.
    pub code: Option<String>,
    /// Where in the app it leads.
    pub wish: Option<LinkWish>,
}

/// Codes are secrets.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why a text leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    #[error("this is not an address of a server")]
    NotAnAddress,
    #[error("the link names no server")]
    NoServer,
    #[error("the connection would not be encrypted; ask the organiser for an https address")]
    NotEncrypted,
}

/// Reads a text. `allow_plain` lets `http://` go to any host (test networks only).
pub fn parse(text: &str, allow_plain: bool) -> Result<Link, BadLink> {
    let text = narrow(text.trim());
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return Err(BadLink::NotAnAddress);
    }
    if let Some(rest) = strip_scheme(&text, "miantan") {
        return own(rest, allow_plain);
    }
    let url = match text.split_once("://") {
        Some(("http" | "https" | "HTTP" | "HTTPS", _)) => Url::parse(&text),
        Some(_) => return Err(BadLink::NotAnAddress),
        None => bare(&text),
    }
    .map_err(|_| BadLink::NotAnAddress)?;
    let address = address(&url, allow_plain)?;
    let path: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let code = match path[..] {
        ["join" | "i", code] => Some(code.to_owned()),
        _ => query(&url, "code"),
    };
    let wish = match path[..] {
        ["fairs", fair] | ["open", "fair", fair] => id(fair).map(LinkWish::Fair),
        ["fairs", fair, "employers", employer] | ["open", "stand", fair, employer] => {
            stand(id(fair), id(employer))
        }
        ["positions", position] | ["open", "position", position] => id(position).map(LinkWish::Position),
        ["open", "hall", fair] => id(fair).map(LinkWish::Hall),
        ["open", "register", fair] => id(fair).map(LinkWish::Register),
        _ => None,
    };
    Ok(Link { address, code, wish })
}

fn id<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn stand(
    fair: Option<miantan_domain::ids::FairId>,
    employer: Option<miantan_domain::ids::EmployerId>,
) -> Option<LinkWish> {
    Some(LinkWish::Stand { fair: fair?, employer: employer? })
}

/// The text of an invitation's QR code or app link.
pub fn invitation_link(address: &str, code: &str) -> String {
    match Url::parse_with_params("miantan://join", [("server", address), ("code", code)]) {
        Ok(url) => url.into(),
        // A constant base with parameters always parses; this keeps the link usable all the same.
        Err(_) => format!("miantan://join?server={address}&code={code}"),
    }
}

fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = text.split_once("://")?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// `join?server=…&code=…` and its neighbours.
fn own(rest: &str, allow_plain: bool) -> Result<Link, BadLink> {
    let url = Url::parse(&format!("miantan://{rest}")).map_err(|_| BadLink::NotAnAddress)?;
    let server = query(&url, "server").ok_or(BadLink::NoServer)?;
    let inner = if server.contains("://") { Url::parse(&server) } else { bare(&server) };
    let address = address(&inner.map_err(|_| BadLink::NotAnAddress)?, allow_plain)?;
    let named = |name: &str| query(&url, name);
    let fair = || named("fair").as_deref().and_then(id);
    let wish = match url.host_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "fair" => fair().map(LinkWish::Fair),
        "stand" => stand(fair(), named("employer").as_deref().and_then(id)),
        "position" => named("position").as_deref().and_then(id).map(LinkWish::Position),
        "hall" => fair().map(LinkWish::Hall),
        "register" => fair().map(LinkWish::Register),
        _ => None,
    };
    Ok(Link { address, code: named("code"), wish })
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

/// A host without a scheme: encrypted, except on this very machine.
fn bare(text: &str) -> Result<Url, <Url as std::str::FromStr>::Err> {
    let url = Url::parse(&format!("https://{text}"))?;
    if is_loopback(&url) { Url::parse(&format!("http://{text}")) } else { Ok(url) }
}

fn address(url: &Url, allow_plain: bool) -> Result<String, BadLink> {
    let host = url.host_str().ok_or(BadLink::NotAnAddress)?;
    // A word without a dot is a code, a name or a slip, not a server on the internet.
    let named = host.contains('.') || host.starts_with('[') || host == "localhost";
    if !named || !url.username().is_empty() || url.password().is_some() {
        return Err(BadLink::NotAnAddress);
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_plain || is_loopback(url) => {}
        "http" => return Err(BadLink::NotEncrypted),
        _ => return Err(BadLink::NotAnAddress),
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}", url.scheme()))
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Full-width forms, as Chinese input methods type them, to ASCII.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '。' => '.',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Option<String>), BadLink> {
        parse(text, false).map(|link| (link.address, link.code))
    }

    #[test]
    fn addresses_in_every_form_people_have_them() {
        for (text, address) in [
            ("fair.example.edu.cn", "https://fair.example.edu.cn"),
            (" HTTPS://Fair.Example.edu.cn/ ", "https://fair.example.edu.cn"),
            ("fair.example.edu.cn:8443", "https://fair.example.edu.cn:8443"),
            ("https://fair.example.edu.cn:443/fairs/12?x=1", "https://fair.example.edu.cn"),
            ("ｆａｉｒ．example。cn", "https://fair.example.cn"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("10.0.0.5", "https://10.0.0.5"),
        ] {
            assert_eq!(read(text), Ok((address.to_owned(), None)), "{text}");
        }
    }

    #[test]
    fn links_carry_the_code() {
        let code = || Some("ABC-DEF-GHJ".to_owned());
        for text in [
            "https://fair.example.cn/join/ABC-DEF-GHJ",
            "https://fair.example.cn/join/ABC-DEF-GHJ/",
            "https://fair.example.cn/join?code=ABC-DEF-GHJ",
            "miantan://join?server=fair.example.cn&code=ABC-DEF-GHJ",
            "miantan://join?code=ABC-DEF-GHJ&server=https%3A%2F%2Ffair.example.cn",
        ] {
            assert_eq!(read(text), Ok(("https://fair.example.cn".to_owned(), code())), "{text}");
        }
        let link = invitation_link("http://127.0.0.1:9", "A&B");
        assert_eq!(read(&link), Ok(("http://127.0.0.1:9".to_owned(), Some("A&B".to_owned()))));
    }

    #[test]
    fn links_lead_into_the_app() {
        let fair = miantan_domain::ids::FairId(uuid::Uuid::from_u128(1));
        let employer = miantan_domain::ids::EmployerId(uuid::Uuid::from_u128(2));
        let position = miantan_domain::ids::PositionId(uuid::Uuid::from_u128(3));
        let host = "https://fair.example.cn";
        for (text, wish) in [
            (format!("miantan://fair?server={host}&fair={fair}"), LinkWish::Fair(fair)),
            (
                format!("MIANTAN://stand?server={host}&fair={fair}&employer={employer}"),
                LinkWish::Stand { fair, employer },
            ),
            (
                format!("miantan://position?position={position}&server=fair.example.cn"),
                LinkWish::Position(position),
            ),
            (format!("miantan://hall?server={host}&fair={fair}"), LinkWish::Hall(fair)),
            (format!("miantan://register?server={host}&fair={fair}"), LinkWish::Register(fair)),
            (format!("{host}/fairs/{fair}"), LinkWish::Fair(fair)),
            (format!("{host}/fairs/{fair}/employers/{employer}?from=qr"), LinkWish::Stand { fair, employer }),
            (format!("{host}/positions/{position}/"), LinkWish::Position(position)),
            (format!("{host}/open/hall/{fair}"), LinkWish::Hall(fair)),
            (format!("{host}/open/stand/{fair}/{employer}"), LinkWish::Stand { fair, employer }),
        ] {
            let link = parse(&text, false).unwrap();
            assert_eq!((link.address.as_str(), link.wish), (host, Some(wish)), "{text}");
            assert_eq!(link.code, None);
        }
        // the server counts even where the rest is damaged
        for text in [
            format!("miantan://fair?server={host}&fair=12"),
            format!("{host}/fairs/12"),
            format!("{host}/fairs"),
        ] {
            assert_eq!(parse(&text, false).unwrap().wish, None, "{text}");
        }
        assert_eq!(
            read(&format!("{host}/i/ABC-DEF-GHJ")),
            Ok((host.to_owned(), Some("ABC-DEF-GHJ".to_owned())))
        );
    }

    #[test]
    fn what_is_no_address_is_said_so() {
        for text in ["", "   ", "ABC-DEF-GHJ", "ftp://fair.example.cn", "a b.cn", "https://", "面谈"] {
            assert_eq!(read(text), Err(BadLink::NotAnAddress), "{text}");
        }
        assert_eq!(read("https://user:secret@fair.example.cn"), Err(BadLink::NotAnAddress));
        assert_eq!(read("miantan://join?code=ABC"), Err(BadLink::NoServer));
    }

    #[test]
    fn plain_http_stays_on_this_machine_unless_allowed() {
        assert_eq!(read("http://fair.example.cn"), Err(BadLink::NotEncrypted));
        assert_eq!(read("miantan://join?server=http://10.0.0.5&code=A"), Err(BadLink::NotEncrypted));
        assert_eq!(parse("http://10.0.0.5:8080", true).unwrap().address, "http://10.0.0.5:8080");
    }

    #[test]
    fn a_code_in_a_link_is_never_printed() {
        let link = parse("https://fair.example.cn/join/ABC-DEF-GHJ", false).unwrap();
        assert!(!format!("{link:?}").contains("ABC"));
    }
}
