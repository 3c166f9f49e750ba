//! What goes into and comes out of a [`super::Link`], and its figures.

use crate::time::Timestamp;
use crate::wire::live::ByeReason;

/// First span of the back-off (`0.3 s · 2⁰`).
pub const BACK_OFF_FIRST_MS: u64 = 300;
/// Longest span of the back-off.
pub const BACK_OFF_MAX_MS: u64 = 15_000;
/// A connection that has been live for so long was a good one: failures are counted from 0 again.
pub const STABLE_MS: u64 = 10_000;
/// Name lookup, TCP, TLS and the HTTP upgrade together.
pub const CONNECT_LIMIT_MS: u64 = 10_000;
/// From our `hello` to the server's `welcome`.
pub const HELLO_LIMIT_MS: u64 = 5_000;
/// Longest wait for an answer to a ping; less where the server's heartbeat is shorter.
pub const PONG_LIMIT_MS: u64 = 5_000;
/// After so many unanswered pings in a row the socket is given up.
pub const PINGS_MISSED_MAX: u32 = 2;
/// Wait for a sign of life after the network changed or the phone woke: the socket is probably
/// dead, and someone is looking at the screen.
pub const PROBE_LIMIT_MS: u64 = 2_000;
/// A connection lost for less than this is not shown as lost (DESIGN.md, *Media*: "from 1 s").
pub const SHOW_AFTER_MS: u64 = 1_000;
/// How often a connection is tried although the system says that there is no network: it is wrong
/// now and then (VPN, captive portal, a desktop without NetworkManager).
pub const OFFLINE_TRY_MS: u64 = 15_000;
/// A server that asks for a longer pause than this is not believed.
pub const RETRY_AFTER_MAX_MS: u64 = 120_000;
/// Pause after another socket of the same device took over, so that two running copies of the app
/// do not push each other out many times a second.
pub const SUPERSEDED_WAIT_MS: u64 = 5_000;
/// The server's heartbeat is kept within these bounds; 0 would be a flood of pings.
pub const HEARTBEAT_BOUNDS_MS: std::ops::RangeInclusive<u64> = 1_000..=60_000;

/// The number of a socket; the first one is 1. Grows by 1 with every [`Output::OpenSocket`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(pub u64);

/// How a socket ended by itself (not by [`Output::CloseSocket`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketEnd {
    /// It could not be opened, or it broke.
    Lost,
    /// The server closed it in good order, without a `bye`.
    ClosedByServer,
    /// The server does not know this session any more (HTTP 401, `not_signed_in`,
    /// `replaced_by_device`): trying again cannot help.
    NotSignedIn,
    /// Server and app have no protocol version in common (`version_unsupported`).
    VersionUnsupported,
}

/// What happened. `random` is 64 fresh random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Someone is signed in: keep a connection from now on.
    Start,
    /// Signed out, or the app ends.
    Stop,
    /// The system says that there is a network.
    NetworkUp,
    /// The system says that there is none.
    NetworkDown,
    /// The default network is another one now (Wi-Fi ⇄ mobile data).
    NetworkChanged,
    /// The person came back to the app, or the phone woke.
    Foreground,
    SocketOpened {
        generation: Generation,
    },
    SocketClosed {
        generation: Generation,
        why: SocketEnd,
        random: u64,
    },
    /// Any frame arrived, of whatever kind (a pong, too).
    Heard {
        generation: Generation,
    },
    /// The server's `welcome`, with the heartbeat it wants.
    Welcomed {
        generation: Generation,
        heartbeat_ms: u64,
    },
    /// The server's `bye`.
    Bye {
        generation: Generation,
        reason: ByeReason,
        retry_after_ms: u64,
        random: u64,
    },
    /// The time of [`super::Link::poll_timeout`] has come. Too early is harmless.
    Timeout {
        random: u64,
    },
}

/// What the driver must do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    OpenSocket {
        generation: Generation,
    },
    /// Close it, or stop opening it; nothing more is wanted of it.
    CloseSocket {
        generation: Generation,
    },
    SendHello {
        generation: Generation,
    },
    /// Send `ClientFrame::Ping { n }`.
    SendPing {
        generation: Generation,
        n: u64,
    },
    /// Welcomed: resume rounds and send what waits.
    BecameLive {
        generation: Generation,
    },
    /// No longer live. Not sent for tries that never became live.
    BecameDown {
        why: DownWhy,
    },
    /// The session ended or moved to another device; stopped. Ask for a sign-in.
    SessionOver,
    /// This app cannot talk to this server; stopped. Ask for an update.
    VersionUnsupported,
}

/// Why a live connection is not live any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownWhy {
    /// [`Input::Stop`].
    Stopped,
    /// The system says that there is no network.
    NoNetwork,
    /// Pings were not answered.
    Silent,
    /// The socket ended.
    Closed(SocketEnd),
    /// The server said goodbye.
    Bye(ByeReason),
}

/// Why [`super::Link::poll_timeout`] wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The socket does not open.
    ConnectLimit,
    /// The server does not greet back.
    HelloLimit,
    /// Nothing heard for a heartbeat: time to ping.
    Heartbeat,
    /// A ping is not answered.
    PongLimit,
    /// Time for the next try.
    BackOffOver,
    /// A try although there seems to be no network.
    OfflineTry,
    /// Down for [`SHOW_AFTER_MS`]: time to show it.
    ShowDown,
}

/// For the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkView {
    /// Nobody is signed in, or the session is over.
    Stopped,
    Live,
    /// Trying; not live since then.
    Connecting {
        since: Timestamp,
    },
    /// No network, as the system says.
    Offline,
    /// Between two tries.
    Waiting {
        retry_at: Timestamp,
    },
}
