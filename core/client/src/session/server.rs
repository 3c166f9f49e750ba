//! Choosing a server (J2): reads the address, asks who it is, remembers it, and comes back to it.

use super::app::App;
use super::event::Event;
use super::fair::Fairs;
use super::office::Registering;
use crate::link::{self, BadLink};
use crate::store::{ServerData, Write};
use crate::view::{KnownServer, LinkWish, NoticeWhat};
use miantan_domain::ids::DeviceId;
use miantan_domain::wire::rest::ServerInfo;
use miantan_domain::wire::{Problem, ProblemCode};

/// The choice of server.
#[derive(Debug, Default)]
pub struct Choice {
    pub chosen: Option<Chosen>,
    pub asking: Option<Asking>,
    /// What came of the last one that failed.
    pub failed: Option<(String, Problem)>,
}

/// The server in use.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub address: String,
    pub organiser: String,
    pub hotline: String,
    /// This installation as that server knows it.
    pub device: DeviceId,
    /// Version of its terms and policy; 0 before it was asked.
    pub policy: u32,
}

/// A server that was asked who it is.
#[derive(Debug)]
pub struct Asking {
    pub number: u64,
    pub address: String,
    /// An invitation code that came with the link.
    code: Option<String>,
    /// Where in the app the link leads.
    wish: Option<LinkWish>,
}

impl App {
    /// An address, a link, or a QR code's text.
    pub async fn use_server(&mut self, text: &str) {
        let link = match link::parse(text, self.allow_plain_http) {
            Ok(link) => link,
            Err(bad) => {
                let code = match bad {
                    BadLink::NotAnAddress | BadLink::NoServer => ProblemCode::Malformed,
                    BadLink::NotEncrypted => ProblemCode::NotAllowed,
                };
                // What was typed may be a code: it is shown back to the person, never logged.
                self.server_failed(text.trim().to_owned(), Problem::new(code, bad.to_string()));
                return;
            }
        };
        let here = self.choice.chosen.as_ref().is_some_and(|chosen| chosen.address == link.address);
        if let (true, None, Some(wish)) = (here, &link.code, link.wish) {
            // What was seen there before can be shown without asking anybody.
            self.lead(wish).await;
            return;
        }
        let number = self.number();
        let server = self.parts.http.server(&link.address, None);
        self.choice.failed = None;
        let (address, code, wish) = (link.address, link.code, link.wish);
        self.choice.asking = Some(Asking { number, address, code, wish });
        self.later(async move { Event::ServerAnswered { ask: number, result: server.info().await } });
    }

    pub async fn server_answered(&mut self, ask: u64, result: Result<ServerInfo, Problem>) {
        let asked = self.choice.asking.take_if(|asking| asking.number == ask);
        let Some(Asking { address, code, wish, .. }) = asked else { return };
        let info = match result {
            Ok(info) => info,
            Err(problem) => return self.server_failed(address, problem),
        };
        let same = self.choice.chosen.as_ref().is_some_and(|chosen| chosen.address == address);
        if !same {
            if self.in_call() {
                // A link opened in a call must not end it.
                let problem = Problem::new(ProblemCode::NotAllowed, "in a call on another server");
                self.notices.tell(NoticeWhat::Refused(problem));
                return;
            }
            self.close_account();
            self.clock.forget_server();
        }
        self.stop_scan();
        self.clock.server_says(info.time);
        self.remember(&address, &info).await;
        if !same {
            self.arrived().await;
            self.enter_account().await;
        }
        if let Some(wish) = wish {
            self.lead(wish).await;
        }
        if let Some(code) = code {
            self.join(code, None);
        }
    }

    fn server_failed(&mut self, address: String, problem: Problem) {
        if self.choice.chosen.as_ref().is_some_and(|chosen| chosen.address == address) {
            // The server in use is not there just now: the link says so, the stored copy is shown.
            tracing::info!(code = %problem.code, "the server did not say who it is");
        } else if self.choice.chosen.is_some() {
            self.notices.tell(NoticeWhat::Refused(problem));
        } else {
            self.choice.failed = Some((address, problem));
        }
    }

    /// Makes this server the chosen one, in memory and in the store.
    async fn remember(&mut self, address: &str, info: &ServerInfo) {
        let kept = self.kept(address).await;
        let (unix_ms, random) = self.id_parts();
        let device = kept.device.unwrap_or_else(|| DeviceId::from_parts(unix_ms, &random));
        self.write(Write::Server {
            address: address.to_owned(),
            organiser: info.organiser.clone(),
            hotline: info.hotline.clone(),
            device,
        });
        self.write(Write::UseServer(Some(address.to_owned())));
        self.servers.retain(|known| known.address != address);
        let known = KnownServer { address: address.to_owned(), organiser: info.organiser.clone() };
        self.servers.insert(0, known);
        self.choice.failed = None;
        self.choice.chosen = Some(Chosen {
            address: address.to_owned(),
            organiser: info.organiser.clone(),
            hotline: info.hotline.clone(),
            device,
            policy: info.policy,
        });
    }

    /// Another server is in use: nothing of the last one's stays on screen.
    async fn arrived(&mut self) {
        self.fairs = Fairs::default();
        self.wish = None;
        self.policy = None;
        self.reset_form();
        self.restore_registration().await;
    }

    /// Back to the server that was in use when the app ended, with what is stored of it. The server
    /// itself is asked as well, but nothing waits for it.
    pub async fn return_to(&mut self, address: String) {
        let kept = self.kept(&address).await;
        let Some(device) = kept.device else { return };
        self.choice.chosen = Some(Chosen {
            address: address.clone(),
            organiser: kept.organiser,
            hotline: kept.hotline,
            device,
            policy: 0,
        });
        self.arrived().await;
        self.enter_account().await;
        let number = self.number();
        let server = self.parts.http.server(&address, None);
        self.choice.asking = Some(Asking { number, address, code: None, wish: None });
        self.later(async move { Event::ServerAnswered { ask: number, result: server.info().await } });
    }

    /// Back to the first screen. Whoever is signed in there stays so.
    pub fn leave_server(&mut self) {
        if self.in_call() {
            return;
        }
        self.stop_scan();
        self.close_account();
        self.clock.forget_server();
        self.choice = Choice::default();
        self.fairs = Fairs::default();
        self.wish = None;
        self.policy = None;
        self.registering = Registering::default();
        self.reset_form();
        self.write(Write::UseServer(None));
    }

    /// What is stored of a server, after everything pending is stored as well.
    pub async fn kept(&mut self, address: &str) -> ServerData {
        self.store_all().await;
        match self.parts.store.server(address).await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!(%error, "the stored data cannot be read");
                self.notices.tell(NoticeWhat::StorageFailed);
                ServerData::default()
            }
        }
    }
}
