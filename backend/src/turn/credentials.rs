//! Time-limited TURN credentials in coturn's REST scheme, so that coturn takes the embedded server's
//! place by configuration only: `username = "<unix seconds of expiry>:<device id>"`,
//! `credential = base64(HMAC-SHA1(secret, username))` (coturn's `use-auth-secret`;
//! draft-uberti-behave-turn-rest-00).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use miantan_domain::ids::DeviceId;
use miantan_domain::signal::{IceServer, MediaPath};
use miantan_domain::time::WallTime;
use sha1::Sha1;
use std::net::{IpAddr, SocketAddr};

/// How long credentials are good for, in seconds. An interview day: a call may be taken up again in
/// the evening, and the plan in its frames is renewed at every change anyway.
pub const TTL_S: i64 = 12 * 60 * 60;

/// The `credential` that belongs to a `username`.
pub fn credential(secret: &[u8], username: &str) -> String {
    // HMAC takes keys of every length
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(username.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// The `username` of a device whose credentials are made at `now`.
pub fn username(device: DeviceId, now: WallTime) -> String {
    format!("{}:{device}", now.0 / 1_000 + TTL_S)
}

/// Whether a `username` is of our making, as far as its form tells, and not over at `now`.
pub fn username_in_time(username: &str, now: WallTime) -> bool {
    let Some((expiry, device)) = username.split_once(':') else { return false };
    let now = now.0 / 1_000;
    // a minute of slack where the wall clock was set back meanwhile
    let in_time = expiry.parse::<i64>().is_ok_and(|expiry| (now..=now + TTL_S + 60).contains(&expiry));
    in_time && device.parse::<DeviceId>().is_ok()
}

/// The servers a call may use, and how its media may travel.
#[derive(Clone, Default)]
pub struct IceBook {
    hosts: Vec<String>,
    secret: Vec<u8>,
    path: MediaPath,
}

impl IceBook {
    /// Calls without any server: devices in one network only.
    pub fn none(path: MediaPath) -> Self {
        Self { hosts: Vec::new(), secret: Vec::new(), path }
    }

    /// STUN and TURN at these hosts (`name:port`), whose credentials are made with `secret`.
    pub fn new(hosts: Vec<String>, secret: Vec<u8>, path: MediaPath) -> Self {
        Self { hosts, secret, path }
    }

    pub fn path(&self) -> MediaPath {
        self.path
    }

    /// The list for one device.
    pub fn servers(&self, device: DeviceId, now: WallTime) -> Vec<IceServer> {
        let username = username(device, now);
        let credential = credential(&self.secret, &username);
        let turn = self.hosts.iter().map(|host| IceServer {
            url: format!("turn:{host}?transport=udp"),
            username: Some(username.clone()),
            credential: Some(credential.clone()),
        });
        let stun = self
            .hosts
            .iter()
            // relayed calls need no address of their own
            .filter(|_| self.path == MediaPath::Direct)
            .map(|host| IceServer { url: format!("stun:{host}"), username: None, credential: None });
        stun.chain(turn).collect()
    }
}

/// `host:port` as URLs want it.
pub fn host(ip: IpAddr, port: u16) -> String {
    SocketAddr::new(ip, port).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_scheme_is_coturns() {
        // made with: printf '1433895918:filoozom' | openssl dgst -sha1 -hmac my_secret -binary | base64
        assert_eq!(credential(b"my_secret", "1433895918:filoozom"), "aUGbjuOFOF48SK3e7ibJM5slrLE=");
    }

    #[test]
    fn usernames_expire_and_cannot_reach_further_than_we_give() {
        let now = WallTime(1_700_000_000_000);
        let device = DeviceId(Uuid::from_u128(7));
        let name = username(device, now);
        assert!(username_in_time(&name, now));
        assert!(username_in_time(&name, now.after(TTL_S * 1_000)));
        assert!(!username_in_time(&name, now.after((TTL_S + 1) * 1_000)));
        assert!(!username_in_time(&format!("{}:{device}", i64::MAX), now));
        assert!(!username_in_time("1700000100", now));
        assert!(!username_in_time("1700000100:nobody", now));
    }

    #[test]
    fn relayed_calls_get_no_stun() {
        let device = DeviceId(Uuid::from_u128(7));
        let book = |path| IceBook::new(vec!["203.0.113.5:3478".into()], b"s".to_vec(), path);
        let urls = |path| -> Vec<String> {
            book(path).servers(device, WallTime(0)).into_iter().map(|s| s.url).collect()
        };
        assert_eq!(urls(MediaPath::Direct), ["stun:203.0.113.5:3478", "turn:203.0.113.5:3478?transport=udp"]);
        assert_eq!(urls(MediaPath::Relay), ["turn:203.0.113.5:3478?transport=udp"]);
        assert!(IceBook::none(MediaPath::Direct).servers(device, WallTime(0)).is_empty());
        assert_eq!(host("2001:db8::1".parse().unwrap(), 3478), "[2001:db8::1]:3478");
    }
}
