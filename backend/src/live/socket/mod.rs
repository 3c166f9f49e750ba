//! One socket from its greeting to its end. What it has to do with rounds and calls is in `rounds`, with
//! conversations in `talk`.
//!
//! Thousands of sockets wait at the same moment, and a waiting task is as large as the largest thing it may do:
//! what is done seldom is done in a box of its own.
//!
//! Changes in conversations are handed to the store one after the other without waiting for the answer
//! of the one before; answers are sent in the same order. Frames are gathered and written together
//! whenever there is nothing else to do.

mod rounds;
mod talk;
mod write;

use super::HEARTBEAT_MS;
use super::limits::{Flood, Verdict};
use super::parse::{NoFrame, parse};
use super::words::{End, Hello, count, farewell, hello, received};
use crate::bus::{CallNote, Inbox, Note, Notes, Route, Seat, Topic, encode};
use crate::state::AppState;
use crate::store::{Mac, Session, SessionState, Who};
use axum::extract::ws::{Message, WebSocket};
use futures_util::FutureExt;
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::{ByeReason, Change, ClientFrame, Command, ServerFrame};
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeSet;
use std::time::Duration;
use talk::Talk;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Silence after which a device counts as gone: two and a half heartbeats.
const IDLE_LIMIT: Duration = Duration::from_millis(HEARTBEAT_MS * 5 / 2);
/// Notes passed on, and frames read, before they are written and others have their turn.
const NOTES_AT_ONCE: usize = 256;
const FRAMES_AT_ONCE: usize = 32;

type Step = Result<(), End>;

struct Socket {
    state: AppState,
    session: Session,
    ws: WebSocket,
    inbox: Inbox,
    overflow: CancellationToken,
    flood: Flood,
    /// As the device last said.
    presence: Presence,
    /// Rounds that know this socket.
    rounds: BTreeSet<RoundId>,
    watching: Option<RoundId>,
    /// Events of the watched round up to this number were sent.
    seen: u64,
    /// Where signals go while this device is in an answered call.
    route: Option<Route>,
    talk: Talk,
    /// Frames were gathered and not written yet.
    unwritten: bool,
}

/// Serves a socket until it ends.
pub(super) async fn run(state: AppState, session: Session, token: Option<Mac>, mut ws: WebSocket) {
    state.metrics.add("miantan_sockets", &[], 1);
    match Box::pin(hello(&state, &mut ws)).await {
        Err(end) => Box::pin(farewell(&state, &mut ws, end)).await,
        Ok(hello) => {
            // numbered now: of two sockets of a seat, the one that greeted last stays
            let (inbox, notes, overflow) = Inbox::new();
            let talk = Talk::of(&session.who);
            let mut socket = Socket {
                state: state.clone(),
                session,
                ws,
                inbox,
                overflow,
                flood: Flood::new(std::time::Instant::now()),
                presence: hello.presence,
                rounds: BTreeSet::new(),
                watching: None,
                seen: 0,
                route: None,
                talk,
                unwritten: false,
            };
            let end = socket.live(hello, token, notes).await.err().unwrap_or(End::Gone);
            Box::pin(socket.leave()).await;
            Box::pin(farewell(&state, &mut socket.ws, end)).await;
        }
    }
    state.metrics.add("miantan_sockets", &[], -1);
}

impl Socket {
    async fn live(&mut self, hello: Hello, token: Option<Mac>, mut notes: Notes) -> Step {
        Box::pin(self.enter(token)).await?;
        let (version, time) = (hello.version, self.state.clock.wall());
        self.send(encode(&ServerFrame::Welcome { version, time, heartbeat_ms: HEARTBEAT_MS })).await?;
        self.write().await?;
        Box::pin(self.greet(hello.call)).await?;
        // after the rounds know this socket: to them the device was never gone
        self.state.hall.bus().publish(Topic::Seat(self.seat()), Note::Superseded { by: self.inbox.number });

        let mut heard = Instant::now();
        let stop = self.state.stop.clone();
        loop {
            self.gather(&mut notes).await?;
            self.write().await?;
            let reads_from = self.talk.reads_from();
            tokio::select! {
                () = stop.cancelled() => return Err(End::Bye(ByeReason::Restarting)),
                () = self.overflow.cancelled() => return Err(End::Bye(ByeReason::TooSlow)),
                () = tokio::time::sleep_until(heard + IDLE_LIMIT) => return Err(End::Gone),
                note = notes.recv() => {
                    self.note(note.ok_or(End::Gone)?).await?;
                    for _ in 1..NOTES_AT_ONCE {
                        let Some(note) = notes.try_recv() else { break };
                        self.note(note).await?;
                    }
                }
                answer = self.talk.answered(), if self.talk.waits() => self.answer(answer).await?,
                () = std::future::ready(()), if self.talk.catches_up() => Box::pin(self.catch_up()).await?,
                () = tokio::time::sleep_until(reads_from.unwrap_or(heard)), if reads_from.is_some() => {
                    self.talk.read_again();
                }
                message = self.ws.recv(), if reads_from.is_none() && !self.talk.full() => {
                    heard = Instant::now();
                    self.message(received(message)?).await?;
                    for _ in 1..FRAMES_AT_ONCE {
                        if self.talk.full() || self.talk.reads_from().is_some() {
                            break;
                        }
                        let Some(message) = self.ws.recv().now_or_never() else { break };
                        self.message(received(message)?).await?;
                    }
                }
            }
        }
    }

    async fn message(&mut self, message: Message) -> Step {
        match message {
            Message::Text(text) => self.frame(&text).await,
            Message::Binary(_) => self.rubbish(ProblemCode::Malformed.into()).await,
            // answered below us; silence is what counts
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }

    /// Joins its topics, and makes sure that the session did not end between the request and the
    /// moment from which its end would be heard.
    async fn enter(&mut self, token: Option<Mac>) -> Step {
        for topic in self.own_topics() {
            self.state.hall.bus().join(topic, &self.inbox);
        }
        if let Some(token) = token {
            let now = self.state.clock.wall();
            let found = self.state.stores.accounts.session_by_token(&token, now).await;
            match found.map(|session| session.map(|s| s.state)) {
                Ok(Some(SessionState::Open)) => {}
                Ok(_) => return Err(End::Bye(ByeReason::SessionOver)),
                Err(error) => {
                    tracing::error!(%error, "the store failed");
                    return Err(End::Problem(ProblemCode::ServerStorage));
                }
            }
        }
        Ok(())
    }

    /// Makes the socket known to its rounds, and shows what they have to show.
    async fn greet(&mut self, believed: Option<CallId>) -> Step {
        let mut knew = false;
        for round in self.state.hall.rounds_of(&self.session.who) {
            let hall = self.state.hall.clone();
            // a round that cannot answer may know this socket all the same: it is told of its end
            self.rounds.insert(round);
            let number = self.inbox.number;
            let greeting = hall.connected(round, &self.session, number, self.presence, believed).await;
            // without its room a device is lost: it had better come back
            let greeting = greeting.map_err(|problem| End::Problem(problem.code))?;
            knew |= greeting.knew_call;
            for note in greeting.notes {
                self.note(note).await?;
            }
        }
        if let Some(call) = believed.filter(|_| !knew) {
            let note = self.state.hall.forgotten_call(&self.session.who, call);
            self.note(note).await?;
        }
        Ok(())
    }

    async fn leave(&mut self) {
        for topic in self.own_topics() {
            self.state.hall.bus().leave(topic, &self.inbox);
        }
        if let Some(round) = self.watching.take() {
            self.state.hall.bus().leave(Topic::Round(round), &self.inbox);
        }
        if let Some(topic) = self.talk.topic() {
            self.state.hall.bus().leave(topic, &self.inbox);
        }
        for round in std::mem::take(&mut self.rounds) {
            self.state.hall.disconnected(round, &self.session, self.inbox.number).await;
        }
    }

    fn seat(&self) -> Seat {
        Seat { person: self.session.who.person(), device: self.session.device }
    }

    fn own_topics(&self) -> impl Iterator<Item = Topic> + use<> {
        let person = match &self.session.who {
            Who::Candidate { room, .. } => room.map(|room| Topic::Ticket(room.ticket)),
            Who::Member { member, .. } => Some(Topic::Member(member.id)),
        };
        let (seat, person_in_rounds) = (self.seat(), self.session.who.in_rounds());
        let in_rounds = Some(Seat { person: person_in_rounds, ..seat }).filter(|other| *other != seat);
        let own = [Topic::Seat(seat), Topic::Session(self.session.id)];
        own.into_iter().chain(in_rounds.map(Topic::Seat)).chain(person)
    }

    /// From the bus to the device.
    async fn note(&mut self, note: Note) -> Step {
        match note {
            Note::Frame(frame) => self.send(frame).await,
            Note::Frames(frames) => {
                for frame in frames.iter() {
                    self.send(frame.clone()).await?;
                }
                Ok(())
            }
            Note::Events { round, events } => {
                for (seq, frame) in events.iter() {
                    if self.watching == Some(round) && *seq > self.seen {
                        self.seen = *seq;
                        self.send(frame.clone()).await?;
                    }
                }
                Ok(())
            }
            Note::Call(note) => {
                let CallNote { call, route, frame } = *note;
                if route.is_some() || self.route.is_some_and(|r| r.call == call) {
                    self.route = route;
                }
                self.send(frame).await
            }
            Note::CallElsewhere(note) => {
                if note.except == self.session.device {
                    Ok(())
                } else {
                    self.send(note.frame).await
                }
            }
            Note::Bye(reason) => Err(End::Bye(reason)),
            Note::Superseded { by } => {
                if by > self.inbox.number {
                    Err(End::Bye(ByeReason::Superseded))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// From the device.
    async fn frame(&mut self, text: &str) -> Step {
        let at = std::time::Instant::now();
        let frame = match parse(text) {
            Ok(frame) => self.talk_frame(frame, at).await?,
            Err(bad) => Some(Err(bad)),
        };
        let Some(frame) = frame else { return Ok(()) };
        match self.flood.frame(at) {
            Verdict::Take => {}
            Verdict::Drop { tell: true } => return self.problem(ProblemCode::TooMany.into()).await,
            Verdict::Drop { tell: false } => return Ok(()),
            Verdict::End => return Err(End::Bye(ByeReason::Flood)),
        }
        match frame {
            Ok(Other::Hello) => self.problem(ProblemCode::Malformed.into()).await,
            Ok(Other::Watch { round, since }) => Box::pin(self.watch(round, since)).await,
            Ok(Other::Presence(presence)) => Box::pin(self.presence(presence)).await,
            Ok(Other::Command { id, round, command }) => Box::pin(self.command(id, round, command)).await,
            Ok(Other::Inbox { since }) => Box::pin(self.follow_talks(since)).await,
            Ok(Other::Signal { call, epoch, signal }) => Box::pin(self.signal(call, epoch, signal)).await,
            Ok(Other::Ping(n)) => self.send(encode(&ServerFrame::Pong { n })).await,
            Err(NoFrame::Problem(problem)) => self.rubbish(problem).await,
            Err(NoFrame::Refused(id, problem)) => {
                self.flood.rubbish(at);
                self.refuse(id, problem).await
            }
        }
    }

    /// Takes what is about conversations, which has a purse of its own, and gives back what is not.
    async fn talk_frame(
        &mut self,
        frame: ClientFrame,
        at: std::time::Instant,
    ) -> Result<Option<Result<Other, NoFrame>>, End> {
        let other = match frame {
            ClientFrame::Hello { .. } => Other::Hello,
            ClientFrame::Watch { round, since } => Other::Watch { round, since },
            ClientFrame::Presence { presence } => Other::Presence(presence),
            ClientFrame::Change { id, change: Change::Round { round, command } } => {
                Other::Command { id, round, command }
            }
            ClientFrame::Inbox { since } => Other::Inbox { since },
            ClientFrame::Signal { call, epoch, signal } => Other::Signal { call, epoch, signal },
            ClientFrame::Ping { n } => Other::Ping(n),
            ClientFrame::Change { id, change } => {
                self.talk.slow_down(self.flood.talk(at));
                self.change(id, change).await?;
                return Ok(None);
            }
            ClientFrame::Seen { conversation, seen } => {
                self.talk.slow_down(self.flood.talk(at));
                self.seen(conversation, seen).await?;
                return Ok(None);
            }
            ClientFrame::Typing { conversation } => {
                self.talk.slow_down(self.flood.talk(at));
                Box::pin(self.typing(conversation)).await?;
                return Ok(None);
            }
        };
        Ok(Some(Ok(other)))
    }

    async fn refuse(&mut self, id: ChangeId, problem: Problem) -> Step {
        count(&self.state, problem.code);
        self.send(encode(&ServerFrame::Refused { id, problem })).await
    }

    async fn rubbish(&mut self, problem: Problem) -> Step {
        self.flood.rubbish(std::time::Instant::now());
        self.problem(problem).await
    }

    async fn problem(&mut self, problem: Problem) -> Step {
        count(&self.state, problem.code);
        self.send(encode(&ServerFrame::Problem(problem))).await
    }
}

/// A frame that is not about conversations.
enum Other {
    Hello,
    Watch { round: RoundId, since: u64 },
    Presence(Presence),
    Command { id: ChangeId, round: RoundId, command: Command },
    Inbox { since: Option<u64> },
    Signal { call: CallId, epoch: u32, signal: Signal },
    Ping(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<F>(_: impl Fn(AppState, Session, Option<Mac>, WebSocket) -> F) -> usize {
        size_of::<F>()
    }

    /// The task is a good part of what a waiting device costs (16 KiB in all).
    #[test]
    fn a_sockets_task_is_small() {
        let size = size(run);
        println!("{size} bytes");
        assert!(size <= 6 * 1024, "{size} bytes");
    }
}
