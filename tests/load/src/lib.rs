//! Many devices at once, over the real protocol, against any server: what does it cost, and how late do things come?
//!
//! A mode is one file and one variant of [`Mode`]. It opens devices, does one kind of thing with them and gives
//! [`Figures`]. The devices are sockets of our own, thin enough that thousands fit beside the server on two cores; the
//! frames are the domain's. Nothing here knows the server from inside, repeats a sign-in that was refused, or prints a
//! code, password or token.

pub mod chat;
pub mod descriptors;
pub mod device;
pub mod fair;
pub mod figures;
pub mod idle;
pub mod memory;
pub mod people;
pub mod processor;
pub mod queue;
pub mod ring;
pub mod tls;

use figures::Figures;
use people::{Needed, People};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the devices do.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Mode {
    /// Sign in, open, and stay: how long opening takes, and what a waiting device costs the server's memory
    Idle(idle::Options),
    /// Candidates' presence changes, seen by a watching recruiter: how late live events come
    Queue(queue::Options),
    /// A recruiter interviews one after the other while all wait: how late rings, answers and ends come
    Ring(ring::Options),
    /// Visitors read a fair's page or search in it: how long an answer takes
    Fair(fair::Options),
    /// Candidates and recruiters write to each other: how many messages a second, and how late they come
    Chat(chat::Options),
}

/// Against which server, and who.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Address of the server, as in `http://127.0.0.1:8480`
    #[arg(long, global = true, default_value = "http://127.0.0.1:8480")]
    pub server: String,
    /// What `miantan-backend seed --json` printed
    #[arg(long, global = true)]
    pub seed: Option<PathBuf>,
    /// Keeps who is signed in: read if it is there, written after signing in. It holds tokens: delete it afterwards
    #[arg(long, global = true)]
    pub keep: Option<PathBuf>,
    /// A PEM file with the authority of the server's certificate, where it is none of the public ones
    #[arg(long, global = true)]
    pub authority: Option<PathBuf>,
    /// Process id of a server on this machine: its memory is part of the figures (Linux)
    #[arg(long, global = true)]
    pub pid: Option<u32>,
    /// Devices opened or signed in at the same moment
    #[arg(long, global = true, default_value_t = 32)]
    pub at_once: usize,
}

/// Descriptors that a process needs beside one for each device.
const OTHER_DESCRIPTORS: u64 = 64;

/// Runs one mode.
///
/// # Errors
/// When nothing could be measured: no server, nobody to sign in, too few file descriptors.
pub async fn run(place: &Place, mode: &Mode) -> anyhow::Result<Figures> {
    // a visitor's request that is not answered yet is a connection too
    let (needed, others) = match mode {
        Mode::Idle(options) => (Needed { candidates: options.devices, ..Needed::default() }, 0),
        Mode::Queue(options) => {
            (Needed { candidates: options.devices, desks: options.watchers, ..Needed::default() }, 0)
        }
        Mode::Ring(options) => (Needed { candidates: options.devices, desks: 1, ..Needed::default() }, 0),
        Mode::Fair(options) => (Needed::default(), options.rate as usize),
        Mode::Chat(options) => {
            let (candidates, recruiters) = (options.candidates(), options.recruiters);
            (Needed { candidates, recruiters, desks: 0 }, 0)
        }
    };
    let devices = needed.candidates + needed.desks + needed.recruiters + others;
    descriptors::need(devices as u64 + OTHER_DESCRIPTORS)?;
    let tls = Arc::new(tls::config(place.authority.as_deref())?);
    if let Mode::Fair(options) = mode {
        return fair::run(place, &tls, options).await;
    }
    let people = People::signed_in(place, &tls, needed).await?;
    match mode {
        Mode::Idle(options) => idle::run(place, &tls, &people, options).await,
        Mode::Queue(options) => queue::run(place, &tls, &people, options).await,
        Mode::Ring(options) => ring::run(place, &tls, &people, options).await,
        Mode::Fair(options) => fair::run(place, &tls, options).await,
        Mode::Chat(options) => chat::run(place, &tls, &people, options).await,
    }
}

/// Milliseconds since 1970, for ids that the server sorts by time.
fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}
