//! The connection of whoever is signed in: drives `rules::link` and `rules::outbox`, and hands frames
//! to where they belong.

use super::app::{App, Role};
use super::event::Event;
use crate::socket::{Socket, SocketNews};
use crate::store::Write;
use crate::view::NoticeWhat;
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::rules::call::client::Input as CallInput;
use miantan_domain::rules::link::{self, Generation, SocketEnd};
use miantan_domain::rules::outbox;
use miantan_domain::wire::live::{Change, ClientFrame, Command, ServerFrame};
use miantan_domain::wire::{Problem, ProblemCode, VERSIONS};
use std::sync::Arc;

/// Signals kept while there is no connection; a negotiation has a few dozen.
const WAITING_SIGNALS_MAX: usize = 256;

impl App {
    pub fn link(&mut self, input: link::Input) {
        let now = self.clock.now();
        let Some(account) = &mut self.account else { return };
        account.link.handle(now, input);
        let outputs: Vec<_> = std::iter::from_fn(|| account.link.poll_output()).collect();
        for output in outputs {
            self.link_output(output);
        }
    }

    fn link_output(&mut self, output: link::Output) {
        match output {
            link::Output::OpenSocket { generation } => self.open_socket(generation),
            link::Output::CloseSocket { generation } => {
                if let Some(account) = &mut self.account {
                    account.socket.take_if(|(open, _)| *open == generation);
                }
            }
            link::Output::SendHello { generation } => {
                let presence = self.presence();
                let Some(account) = &mut self.account else { return };
                account.told_presence = Some(presence);
                let call = account.call.machine.in_call();
                self.frame(generation, ClientFrame::Hello { versions: VERSIONS.to_vec(), presence, call });
            }
            link::Output::SendPing { generation, n } => self.frame(generation, ClientFrame::Ping { n }),
            link::Output::BecameLive { generation } => self.became_live(generation),
            link::Output::BecameDown { why } => {
                tracing::info!(?why, "the connection is down");
                if let Some(account) = &mut self.account {
                    account.told_presence = None;
                }
                self.talk_down();
                self.outbox(outbox::Input::LinkDown);
            }
            link::Output::SessionOver => self.ask_why_over(),
            link::Output::VersionUnsupported => {
                let problem = Problem::new(ProblemCode::VersionUnsupported, "update the app");
                self.notices.tell(NoticeWhat::Refused(problem));
            }
        }
    }

    fn open_socket(&mut self, generation: Generation) {
        let Some(account) = &mut self.account else { return };
        let (number, events) = (account.number, self.events.clone());
        let tls = Arc::clone(&self.parts.tls);
        let socket = Socket::open(&account.address, &account.token, tls, move |news| {
            // Err: the session has ended.
            let _ = events.send(Event::Socket { account: number, generation, news });
        });
        account.socket = Some((generation, socket));
    }

    fn became_live(&mut self, generation: Generation) {
        self.talk_live(generation);
        self.mine_live();
        self.fairs_again();
        self.check_registration(false);
        self.licence_again();
        self.watch_round(generation);
        self.outbox(outbox::Input::LinkLive);
        let Some(account) = &mut self.account else { return };
        for (call, epoch, signal) in std::mem::take(&mut account.waiting_signals) {
            self.frame(generation, ClientFrame::Signal { call, epoch, signal });
        }
        if self.recruiter().is_some() {
            self.load_rounds();
        } else if let Some(candidate) = self.candidate() {
            candidate.reported_again = false;
            self.send_pass();
        }
    }

    /// A frame for the live connection; `false`: there is none.
    pub fn send(&mut self, frame: ClientFrame) -> bool {
        let Some(account) = &self.account else { return false };
        let Some(generation) = account.link.socket().filter(|_| account.link.is_live()) else { return false };
        self.frame(generation, frame);
        true
    }

    /// A signal of the own media stack; kept for the next connection where there is none.
    pub fn send_signal(&mut self, call: CallId, epoch: u32, signal: miantan_domain::signal::Signal) {
        if self.send(ClientFrame::Signal { call, epoch, signal: signal.clone() }) {
            return;
        }
        if let Some(account) = &mut self.account {
            account.waiting_signals.retain(|(of, at, _)| (*of, *at) == (call, epoch));
            if account.waiting_signals.len() < WAITING_SIGNALS_MAX {
                account.waiting_signals.push((call, epoch, signal));
            }
        }
    }

    pub async fn socket_news(&mut self, account: u64, generation: Generation, news: SocketNews) {
        if self.account.as_ref().is_none_or(|current| current.number != account) {
            return;
        }
        match news {
            SocketNews::Opened => self.link(link::Input::SocketOpened { generation }),
            SocketNews::Rejected(problem) => tracing::info!(code = %problem.code, "the socket was refused"),
            SocketNews::Ended(why) => {
                let random = rand::random();
                self.link(link::Input::SocketClosed { generation, why, random });
            }
            SocketNews::Frame(frame) => {
                let current = self.account.as_ref().and_then(|account| account.link.socket());
                if current == Some(generation) {
                    self.link(link::Input::Heard { generation });
                    self.server_frame(generation, *frame).await;
                }
            }
        }
    }

    async fn server_frame(&mut self, generation: Generation, frame: ServerFrame) {
        match frame {
            ServerFrame::Welcome { heartbeat_ms, time, .. } => {
                self.clock.server_says(time);
                self.link(link::Input::Welcomed { generation, heartbeat_ms });
            }
            ServerFrame::Room(room) => self.room(*room),
            frame
            @ (ServerFrame::Queue { .. } | ServerFrame::Event { .. } | ServerFrame::Presence { .. }) => {
                self.round_frame(&frame);
            }
            ServerFrame::Call(frame) => self.call_frame(&frame),
            ServerFrame::Signal { call, epoch, signal } => {
                self.call(CallInput::Signal { call, epoch, signal });
            }
            ServerFrame::Accepted { id, seq } => self.outbox(outbox::Input::Accepted { id, seq }),
            ServerFrame::Refused { id, problem } => self.outbox(outbox::Input::Refused { id, problem }),
            ServerFrame::Problem(problem) => self.socket_problem(generation, problem),
            ServerFrame::Bye { reason, retry_after_ms } => {
                let random = rand::random();
                self.link(link::Input::Bye { generation, reason, retry_after_ms, random });
            }
            ServerFrame::Head(head) => {
                self.mine_head();
                self.talk_frame(ServerFrame::Head(head)).await;
            }
            frame @ (ServerFrame::Entry { .. }
            | ServerFrame::Seen { .. }
            | ServerFrame::Typing { .. }
            | ServerFrame::Inbox { .. }) => self.talk_frame(frame).await,
            // A pong was heard, which is all there is to it; unknown kinds are a newer server's.
            ServerFrame::Pong { .. } | ServerFrame::Unknown => {}
        }
    }

    /// The server's word about the socket itself.
    fn socket_problem(&mut self, generation: Generation, problem: Problem) {
        let why = match problem.code {
            ProblemCode::NotSignedIn | ProblemCode::ReplacedByDevice => SocketEnd::NotSignedIn,
            ProblemCode::VersionUnsupported => SocketEnd::VersionUnsupported,
            // About a frame nobody pressed a button for: a signal that came after the call's end, or
            // one that an older server does not know.
            ProblemCode::UnknownKind
            | ProblemCode::Malformed
            | ProblemCode::TooMany
            | ProblemCode::CallUnknown
            | ProblemCode::CallOver
            | ProblemCode::SignalBad => {
                tracing::warn!(code = %problem.code, "a frame was refused");
                return;
            }
            _ => {
                tracing::warn!(code = %problem.code, "the server complains about this connection");
                self.notices.tell(NoticeWhat::Refused(problem));
                return;
            }
        };
        self.link(link::Input::SocketClosed { generation, why, random: rand::random() });
    }

    /// Moved to another device, or ended? Only the server can tell.
    fn ask_why_over(&mut self) {
        let Some(number) = self.account.as_ref().map(|account| account.number) else { return };
        let Some(server) = self.rest() else { return };
        self.later(async move { Event::SessionEnded { account: number, problem: server.me().await.err() } });
    }

    // ---- outbox

    /// Adds a command; what comes of it is told by notices, frames and the list of pending changes.
    pub fn command(&mut self, round: RoundId, command: Command) {
        let (unix_ms, random) = self.id_parts();
        let id = ChangeId::from_parts(unix_ms, &random);
        let Some(account) = &mut self.account else { return };
        let change = Change::Round { round, command };
        account.changes.insert(id, change.clone());
        self.outbox(outbox::Input::Add { id, change, waits: false });
    }

    pub fn outbox(&mut self, input: outbox::Input) {
        let now = self.clock.now();
        let Some(account) = &mut self.account else { return };
        let added = match &input {
            outbox::Input::Add { id, .. } => Some(*id),
            _ => None,
        };
        let handled = account.outbox.handle(now, input);
        if let (Err(refused), Some(id)) = (handled, added) {
            // Full: it was never taken, and the person must know.
            tracing::error!(%refused, "a command was not taken");
            account.changes.remove(&id);
            let problem = Problem::new(ProblemCode::TooMany, refused.to_string());
            self.notices.tell(NoticeWhat::Refused(problem));
            return;
        }
        let generation = account.link.socket().unwrap_or_default();
        let (address, key) = (account.address.clone(), account.key.clone());
        let outputs: Vec<_> = std::iter::from_fn(|| account.outbox.poll_output()).collect();
        for output in outputs {
            match output {
                outbox::Output::Send(frame) => self.frame(generation, frame),
                outbox::Output::Store(entry) => {
                    let (server, account) = (address.clone(), key.clone());
                    self.write(Write::Outbox { server, account, entry });
                }
                outbox::Output::Forget(id) => {
                    let (server, account) = (address.clone(), key.clone());
                    self.write(Write::OutboxGone { server, account, id });
                }
                outbox::Output::Failed { id, problem } => self.refused(id, problem),
                outbox::Output::Settled { id, result } => self.settled(id, result),
            }
        }
        self.outbox_changed();
    }

    /// A durable one was refused for good, and waits for the person.
    fn refused(&mut self, id: ChangeId, problem: Problem) {
        let change = self.account.as_ref().and_then(|account| account.changes.get(&id));
        match change {
            Some(Change::Apply { .. } | Change::Follow { .. }) => self.own_refused(id, problem),
            Some(Change::Round { .. } | Change::Talk { .. }) | None => self.talk_refused(id, problem),
        }
    }

    fn settled(&mut self, id: ChangeId, result: Result<u64, Problem>) {
        let Some(account) = &mut self.account else { return };
        let Some(change) = account.changes.remove(&id) else { return };
        let command = match change {
            Change::Round { command, .. } => command,
            Change::Talk { conversation, command } => {
                self.talk_settled(id, conversation, command, &result);
                return;
            }
            Change::Apply { position, .. } => {
                self.apply_settled(position, &result);
                return;
            }
            Change::Follow { fair, on } => {
                if result.is_ok() {
                    self.follow_settled(fair, on);
                }
                return;
            }
        };
        let Err(problem) = result else { return };
        match command {
            Command::Ring { call, .. } => {
                self.notices.tell(NoticeWhat::Refused(problem));
                self.call(CallInput::RingRefused(call));
            }
            Command::Answer { .. } => self.notices.tell(NoticeWhat::Refused(problem)),
            // Only true while the call lasts: superseded, too late, or about a call that is over.
            Command::Reached { .. }
            | Command::Decline { .. }
            | Command::HangUp { .. }
            | Command::Media { .. } => tracing::debug!(code = %problem.code, "not taken"),
            // A durable one ends with an error only when the person deleted it.
            Command::Note { .. }
            | Command::CheckIn { .. }
            | Command::Network { .. }
            | Command::Confirm { .. }
            | Command::MoveStage { .. }
            | Command::MarkOutcome { .. }
            | Command::Announce { .. }
            | Command::Notify { .. } => {}
        }
    }

    // ---- presence

    /// What this device says of its person.
    pub fn presence(&self) -> Presence {
        if self.phone_call {
            return Presence::OnPhoneCall;
        }
        match self.account.as_ref().map(|account| &account.role) {
            Some(Role::Candidate(candidate)) if candidate.check_in.is_done() && self.foreground => {
                Presence::Ready
            }
            Some(Role::Account | Role::Candidate(_) | Role::Recruiter(_)) | None => Presence::Online,
        }
    }

    /// Tells the server when it changed.
    pub fn tell_presence(&mut self) {
        let presence = self.presence();
        let Some(account) = &mut self.account else { return };
        let known = account.told_presence;
        if account.link.is_live() && known.is_some_and(|told| told != presence) {
            account.told_presence = Some(presence);
            self.send(ClientFrame::Presence { presence });
        }
    }
}
