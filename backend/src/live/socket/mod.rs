//! One socket from its greeting to its end.

use super::HEARTBEAT_MS;
use super::limits::{Flood, Verdict};
use super::parse::{NoFrame, parse};
use super::words::{End, Hello, count, farewell, hello, received};
use crate::bus::{Inbox, Note, Route, Seat, Topic, encode};
use crate::state::AppState;
use crate::store::{Mac, Session, SessionState, Who};
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::{ByeReason, ClientFrame, ServerFrame};
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Silence after which a device counts as gone: two and a half heartbeats.
const IDLE_LIMIT: Duration = Duration::from_millis(HEARTBEAT_MS * 5 / 2);
/// How long one frame may take to be written before the device counts as too slow.
const WRITE_LIMIT: Duration = Duration::from_secs(20);
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
}

/// Serves a socket until it ends.
pub(super) async fn run(state: AppState, session: Session, token: Option<Mac>, mut ws: WebSocket) {
    state.metrics.add("miantan_sockets", &[], 1);
    match hello(&state, &mut ws).await {
        Err(end) => farewell(&state, &mut ws, end).await,
        Ok(hello) => {
            // numbered now: of two sockets of a seat, the one that greeted last stays
            let (inbox, notes, overflow) = Inbox::new();
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
            };
            let end = socket.live(hello, token, notes).await.err().unwrap_or(End::Gone);
            socket.leave().await;
            farewell(&state, &mut socket.ws, end).await;
        }
    }
    state.metrics.add("miantan_sockets", &[], -1);
}

impl Socket {
    async fn live(&mut self, hello: Hello, token: Option<Mac>, mut notes: mpsc::Receiver<Note>) -> Step {
        self.enter(token).await?;
        let (version, time) = (hello.version, self.state.clock.wall());
        self.send(encode(&ServerFrame::Welcome { version, time, heartbeat_ms: HEARTBEAT_MS })).await?;
        self.greet(hello.call).await?;
        // after the rounds know this socket: to them the device was never gone
        self.state.hall.bus().publish(Topic::Seat(self.seat()), Note::Superseded { by: self.inbox.number });

        let mut heard = Instant::now();
        loop {
            tokio::select! {
                () = self.state.stop.cancelled() => return Err(End::Bye(ByeReason::Restarting)),
                () = self.overflow.cancelled() => return Err(End::Bye(ByeReason::TooSlow)),
                () = tokio::time::sleep_until(heard + IDLE_LIMIT) => return Err(End::Gone),
                note = notes.recv() => match note {
                    Some(note) => self.note(note).await?,
                    None => return Err(End::Gone),
                },
                message = self.ws.recv() => {
                    heard = Instant::now();
                    match received(message)? {
                        Message::Text(text) => self.frame(&text).await?,
                        Message::Binary(_) => self.rubbish(ProblemCode::Malformed.into()).await?,
                        // answered below us; silence is what counts
                        Message::Ping(_) | Message::Pong(_) => {}
                        Message::Close(_) => return Err(End::Gone),
                    }
                }
            }
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
                    return Err(End::Problem(ProblemCode::StorageFailed));
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
        for round in std::mem::take(&mut self.rounds) {
            self.state.hall.disconnected(round, &self.session, self.inbox.number).await;
        }
    }

    fn seat(&self) -> Seat {
        Seat { person: self.session.who.person(), device: self.session.device }
    }

    fn own_topics(&self) -> [Topic; 3] {
        let person = match &self.session.who {
            Who::Candidate { ticket, .. } => Topic::Ticket(*ticket),
            Who::Member { member, .. } => Topic::Member(member.id),
        };
        [Topic::Seat(self.seat()), Topic::Session(self.session.id), person]
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
            Note::Call { call, route, frame } => {
                if route.is_some() || self.route.is_some_and(|r| r.call == call) {
                    self.route = route;
                }
                self.send(frame).await
            }
            Note::CallElsewhere { except, frame, .. } => {
                if except == self.session.device {
                    Ok(())
                } else {
                    self.send(frame).await
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
        match self.flood.frame(std::time::Instant::now()) {
            Verdict::Take => {}
            Verdict::Drop { tell: true } => return self.problem(ProblemCode::TooMany.into()).await,
            Verdict::Drop { tell: false } => return Ok(()),
            Verdict::End => return Err(End::Bye(ByeReason::Flood)),
        }
        match parse(text) {
            Ok(ClientFrame::Hello { .. }) => self.problem(ProblemCode::Malformed.into()).await,
            Ok(ClientFrame::Watch { round, since }) => self.watch(round, since).await,
            Ok(ClientFrame::Presence { presence }) => self.presence(presence).await,
            Ok(ClientFrame::Command { id, round, command }) => {
                let answer = match self.known_to(round).await {
                    Ok(()) => {
                        let hall = self.state.hall.clone();
                        hall.command(round, &self.session, id, command).await
                    }
                    Err(problem) => Err(problem),
                };
                let answer = match answer {
                    Ok(seq) => ServerFrame::Accepted { id, seq },
                    Err(problem) => {
                        count(&self.state, problem.code);
                        ServerFrame::Refused { id, problem }
                    }
                };
                self.send(encode(&answer)).await
            }
            Ok(ClientFrame::Signal { call, epoch, signal }) => self.signal(call, epoch, signal).await,
            Ok(ClientFrame::Ping { n }) => self.send(encode(&ServerFrame::Pong { n })).await,
            Err(NoFrame::Problem(problem)) => self.rubbish(problem).await,
            Err(NoFrame::Refused(id, problem)) => {
                self.flood.rubbish(std::time::Instant::now());
                count(&self.state, problem.code);
                self.send(encode(&ServerFrame::Refused { id, problem })).await
            }
        }
    }

    async fn watch(&mut self, round: RoundId, since: u64) -> Step {
        if matches!(self.session.who, Who::Candidate { .. }) {
            return self.problem(ProblemCode::NotAllowed.into()).await;
        }
        if let Err(problem) = self.known_to(round).await {
            return self.problem(problem).await;
        }
        let hall = self.state.hall.clone();
        if let Some(before) = self.watching.replace(round).filter(|before| *before != round) {
            hall.bus().leave(Topic::Round(before), &self.inbox);
        }
        // joined first: what happens while the answer is made waits in the inbox, and what of it the
        // answer contains already is skipped by its number
        hall.bus().join(Topic::Round(round), &self.inbox);
        match hall.watch(round, since).await {
            Ok(resumed) => {
                // the events of the answer are those after `since`, up to `upto`
                self.seen = since.min(resumed.upto);
                for note in resumed.notes {
                    self.note(note).await?;
                }
                self.seen = resumed.upto;
                Ok(())
            }
            Err(problem) => {
                hall.bus().leave(Topic::Round(round), &self.inbox);
                self.watching = None;
                self.problem(problem).await
            }
        }
    }

    async fn presence(&mut self, presence: Presence) -> Step {
        self.presence = presence;
        if let Who::Candidate { round, .. } = self.session.who {
            let hall = self.state.hall.clone();
            if let Err(problem) = hall.presence(round, &self.session, self.inbox.number, presence).await {
                return self.problem(problem).await;
            }
        }
        Ok(())
    }

    /// Passes a signal on to the other device of this device's own call, and to nobody else.
    async fn signal(&mut self, call: CallId, epoch: u32, signal: Signal) -> Step {
        let Some(route) = self.route.filter(|route| route.call == call) else {
            return self.problem(ProblemCode::CallUnknown.into()).await;
        };
        if let Err(bad) = signal.check() {
            return self.problem(Problem::new(ProblemCode::SignalBad, bad.to_string())).await;
        }
        if !self.flood.signal(call, std::time::Instant::now()) {
            return self.problem(Problem::new(ProblemCode::TooMany, "signals of this call")).await;
        }
        // of a stack that is replaced by now: the device will see the newer epoch in its call's frame
        if route.epoch == epoch {
            let note = Note::frame(&ServerFrame::Signal { call, epoch, signal });
            self.state.hall.bus().publish(Topic::Seat(route.peer), note);
        }
        Ok(())
    }

    /// Makes sure that the session may act in the round and that the round knows this socket.
    async fn known_to(&mut self, round: RoundId) -> Result<(), Problem> {
        if self.rounds.contains(&round) {
            return Ok(());
        }
        let hall = self.state.hall.clone();
        hall.admits(&self.session.who, round).await?;
        hall.connected(round, &self.session, self.inbox.number, self.presence, None).await?;
        self.rounds.insert(round);
        Ok(())
    }

    async fn rubbish(&mut self, problem: Problem) -> Step {
        self.flood.rubbish(std::time::Instant::now());
        self.problem(problem).await
    }

    async fn problem(&mut self, problem: Problem) -> Step {
        count(&self.state, problem.code);
        self.send(encode(&ServerFrame::Problem(problem))).await
    }

    async fn send(&mut self, frame: Utf8Bytes) -> Step {
        tokio::select! {
            biased;
            sent = timeout(WRITE_LIMIT, self.ws.send(Message::Text(frame))) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::Bye(ByeReason::TooSlow)),
            },
            () = self.overflow.cancelled() => Err(End::Bye(ByeReason::TooSlow)),
            () = self.state.stop.cancelled() => Err(End::Bye(ByeReason::Restarting)),
        }
    }
}
