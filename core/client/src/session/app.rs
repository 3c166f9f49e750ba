//! The state of the session, and what one event leaves to be done: writes first, then frames.

use super::call::Call;
use super::candidate::Candidate;
use super::devices::Devices;
use super::entrance::Entrance;
use super::event::Event;
use super::fair::Fairs;
use super::mine::Mine;
use super::notices::Notices;
use super::office::Registering;
use super::recruiter::Recruiter;
use super::scan::Scan;
use super::server::Choice;
use super::talk::Talk;
use super::{MediaOptions, SessionConfig};
use crate::clock::Clock;
use crate::media::MediaHost;
use crate::platform::Services;
use crate::rest::{Http, Server};
use crate::socket::Socket;
use crate::store::{Store, Write};
use crate::view::{KnownServer, LinkWish, Loadable, NoticeWhat, PendingChange};
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::rules::link::{Generation, Link};
use miantan_domain::rules::outbox::Outbox;
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::{Change, ClientFrame};
use miantan_domain::wire::rest::Policy;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a session is made of, besides its configuration.
pub struct Parts {
    pub store: Store,
    pub http: Http,
    pub tls: Arc<rustls::ClientConfig>,
    pub media: Arc<dyn MediaHost>,
}

/// Everything the loop owns.
pub struct App {
    pub parts: Parts,
    pub options: MediaOptions,
    pub services: Services,
    pub allow_plain_http: bool,
    /// Where files of conversations are kept.
    pub files_dir: PathBuf,
    /// Where the person finds what was saved.
    pub downloads: PathBuf,
    /// Where the models of the face check are kept.
    pub models_dir: PathBuf,
    pub network_check_ms: u64,
    pub utc_offset_ms: i64,
    pub clock: Clock,
    /// To this loop, from the tasks it starts.
    pub events: mpsc::UnboundedSender<Event>,
    pub notices: Notices,
    pub servers: Vec<KnownServer>,
    pub choice: Choice,
    pub entrance: Entrance,
    pub fairs: Fairs,
    /// Where a link leads, until the screen is there.
    pub wish: Option<LinkWish>,
    pub policy: Option<Loadable<Arc<Policy>>>,
    pub registering: Registering,
    pub account: Option<Box<Account>>,
    pub devices: Devices,
    pub scan: Scan,
    pub foreground: bool,
    /// The window is the one the person works with; phones have no other.
    pub in_front: bool,
    pub phone_call: bool,
    pub awake: bool,
    /// Numbers for whatever reports back.
    numbers: u64,
    /// Left to be done by the event at hand.
    writes: Vec<Write>,
    frames: Vec<(Generation, ClientFrame)>,
}

/// Someone signed in on the chosen server.
pub struct Account {
    /// Tells this sign-in from earlier ones in reports.
    pub number: u64,
    pub address: String,
    /// Under which the store keeps what belongs to this person here.
    pub key: String,
    pub token: String,
    pub link: Link,
    pub socket: Option<(Generation, Socket)>,
    /// Presence the server was told on this connection.
    pub told_presence: Option<Presence>,
    pub outbox: Outbox,
    /// Changes without an end, to know what a refusal is about.
    pub changes: BTreeMap<ChangeId, Change>,
    /// The outbox as shown; made again when it changed.
    pub pending: Arc<Vec<PendingChange>>,
    pub pending_stale: bool,
    /// Signals made while there was no connection.
    pub waiting_signals: Vec<(CallId, u32, Signal)>,
    pub call: Call,
    pub talk: Talk,
    /// A candidate who signed in by phone, in a room or not.
    pub mine: Option<Box<Mine>>,
    pub role: Role,
}

/// Which half of the app.
pub enum Role {
    /// A candidate's account, in no room.
    Account,
    Candidate(Box<Candidate>),
    Recruiter(Box<Recruiter>),
}

impl App {
    pub fn new(config: SessionConfig, parts: Parts, events: mpsc::UnboundedSender<Event>) -> Self {
        Self {
            parts,
            options: config.media,
            services: config.services,
            allow_plain_http: config.allow_plain_http,
            files_dir: config.data_dir.join("files"),
            models_dir: config.data_dir.join("models"),
            network_check_ms: config.network_check_ms,
            downloads: config.downloads,
            utc_offset_ms: i64::from(config.utc_offset_minutes) * 60_000,
            clock: Clock::default(),
            events,
            notices: Notices::default(),
            servers: Vec::new(),
            choice: Choice::default(),
            entrance: Entrance::default(),
            fairs: Fairs::default(),
            wish: None,
            policy: None,
            registering: Registering::default(),
            account: None,
            devices: Devices::default(),
            scan: Scan::default(),
            foreground: true,
            in_front: true,
            phone_call: false,
            awake: false,
            numbers: 0,
            writes: Vec::new(),
            frames: Vec::new(),
        }
    }

    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// A new id for a change or a call.
    pub fn id_parts(&self) -> (u64, [u8; 10]) {
        (self.clock.wall().0.max(0) as u64, rand::random())
    }

    /// To be stored before any frame of this event is sent.
    pub fn write(&mut self, write: Write) {
        self.writes.push(write);
    }

    /// To be sent on the socket of this generation once everything is stored.
    pub fn frame(&mut self, generation: Generation, frame: ClientFrame) {
        self.frames.push((generation, frame));
    }

    /// Does what is left: stores, then sends.
    pub async fn settle(&mut self) {
        self.store_all().await;
        let frames = std::mem::take(&mut self.frames);
        let Some(account) = &self.account else { return };
        let Some((open, socket)) = &account.socket else { return };
        for (generation, frame) in frames {
            if generation == *open {
                socket.send(frame);
            }
        }
    }

    pub async fn store_all(&mut self) {
        if self.writes.is_empty() {
            return;
        }
        let writes = std::mem::take(&mut self.writes);
        if let Err(error) = self.parts.store.write(writes).await {
            // The app goes on in memory; the server has what counts.
            tracing::error!(%error, "not stored");
            self.notices.tell(NoticeWhat::StorageFailed);
            if let Some(account) = &mut self.account {
                account.talk.not_stored();
            }
        }
    }

    /// Requests to the chosen server, as whoever is signed in.
    pub fn rest(&self) -> Option<Server> {
        let account = self.account.as_ref()?;
        Some(self.parts.http.server(&account.address, Some(account.token.clone())))
    }

    /// Requests to the chosen server, as nobody.
    pub fn open_server(&self) -> Option<Server> {
        let chosen = self.choice.chosen.as_ref()?;
        Some(self.parts.http.server(&chosen.address, None))
    }

    /// Starts a task whose result comes back as an event.
    pub fn later<F>(&self, work: F)
    where
        F: Future<Output = Event> + Send + 'static,
    {
        let events = self.events.clone();
        tokio::spawn(async move {
            // Err: the session has ended.
            let _ = events.send(work.await);
        });
    }

    pub fn candidate(&mut self) -> Option<&mut Candidate> {
        match self.account.as_mut().map(|account| &mut account.role) {
            Some(Role::Candidate(candidate)) => Some(candidate),
            Some(Role::Account | Role::Recruiter(_)) | None => None,
        }
    }

    pub fn candidate_ref(&self) -> Option<&Candidate> {
        match self.account.as_ref().map(|account| &account.role) {
            Some(Role::Candidate(candidate)) => Some(candidate),
            Some(Role::Account | Role::Recruiter(_)) | None => None,
        }
    }

    pub fn recruiter(&mut self) -> Option<&mut Recruiter> {
        match self.account.as_mut().map(|account| &mut account.role) {
            Some(Role::Recruiter(recruiter)) => Some(recruiter),
            Some(Role::Account | Role::Candidate(_)) | None => None,
        }
    }

    /// A call rings, runs or is being placed.
    pub fn in_call(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.call.machine.busy())
    }
}
