//! The hall: one actor per round, started when somebody first asks for the round, and the handle by
//! which REST and sockets speak to them.
//!
//! Architecture Invariant: what a round may do is decided by `miantan_domain`'s `RoundServer`; the
//! actor ([`actor`]) only keeps its promises: stored first, told afterwards, and nothing told when
//! it could not be stored. Which persons are free is the store's word alone, so rounds never ask
//! each other.

mod actor;
mod ask;
mod batch;
mod calls;
mod newcomers;
mod notes;
mod nudge;
mod rebuild;
mod rooms;

pub use actor::EVENTS_RESUMED_MAX;
pub(crate) use ask::{Greeting, Resumed, Seated};
pub use nudge::{CountingNudger, Nudger};

use crate::bus::{Bus, Note, Topic};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{RETRY_MS, Session, SessionId, StoreError, Stores, Who};
use crate::turn::IceBook;
use ask::Ask;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::Ticket;
use miantan_domain::rules::round::server::Actor as By;
use miantan_domain::signal::IceServer;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{ByeReason, Command};
use miantan_domain::wire::rest::RoundSummary;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Asks waiting for one round; senders wait beyond it.
const ASKS_WAITING: usize = 1_024;
/// How long a call's slots are taken, and how often the lease of running calls is renewed. A process
/// that dies leaves its people busy for no longer than this.
pub const SLOT_LEASE_MS: i64 = 120_000;
pub const SLOT_RENEW_EVERY: Duration = Duration::from_secs(30);

/// Everything a round's actor works with.
pub(crate) struct Tools {
    pub stores: Stores,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub bus: Arc<dyn Bus>,
    pub ice: IceBook,
    pub nudger: Arc<dyn Nudger>,
}

/// The handle. Clones are the same hall.
#[derive(Clone)]
pub struct Hall(Arc<Inner>);

struct Inner {
    tools: Arc<Tools>,
    actors: Mutex<HashMap<RoundId, Running>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Clone)]
struct Running {
    owner: EmployerId,
    asks: mpsc::Sender<Ask>,
}

impl Hall {
    pub fn new(stores: Stores, clock: Clock, metrics: Arc<Metrics>, bus: Arc<dyn Bus>, ice: IceBook) -> Self {
        let nudger = Arc::new(CountingNudger(Arc::clone(&metrics)));
        Self::with_nudger(stores, clock, metrics, bus, ice, nudger)
    }

    /// With another way to reach candidates whose device does not ring.
    pub fn with_nudger(
        stores: Stores,
        clock: Clock,
        metrics: Arc<Metrics>,
        bus: Arc<dyn Bus>,
        ice: IceBook,
        nudger: Arc<dyn Nudger>,
    ) -> Self {
        let tools = Arc::new(Tools { stores, clock, metrics, bus, ice, nudger });
        Self(Arc::new(Inner {
            tools,
            actors: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }))
    }

    pub fn bus(&self) -> &dyn Bus {
        self.0.tools.bus.as_ref()
    }

    /// After a start: brings up the rounds with calls, so that those answered are taken up again,
    /// and frees the slots of all others.
    pub async fn bring_up(&self) -> Result<(), Problem> {
        let store = &self.0.tools.stores.rounds;
        let mut open = Vec::new();
        for round in store.with_slots().await? {
            match self.ask(round, |done| Ask::OpenCalls { done }).await {
                Ok(calls) => open.extend(calls),
                Err(problem) if problem.code == ProblemCode::NotFound => {}
                Err(problem) => return Err(problem),
            }
        }
        let freed = store.free_stale_slots(open).await?;
        if freed > 0 {
            tracing::info!(calls = freed, "call slots left behind by the last run are free");
        }
        Ok(())
    }

    /// Renews the leases of running calls; call it every [`SLOT_RENEW_EVERY`].
    pub async fn renew_slots(&self) {
        let rounds: Vec<RoundId> = self.actors().keys().copied().collect();
        let mut calls = Vec::new();
        for round in rounds {
            if let Ok(open) = self.ask(round, |done| Ask::OpenCalls { done }).await {
                calls.extend(open);
            }
        }
        self.0.tools.metrics.set("miantan_calls", &[], calls.len() as i64);
        if calls.is_empty() {
            return;
        }
        let until = self.0.tools.clock.wall().after(SLOT_LEASE_MS);
        if let Err(error) = self.0.tools.stores.rounds.renew_slots(calls, until).await {
            tracing::warn!(%error, "call slots cannot be renewed");
        }
    }

    /// A candidate joined: makes the ticket, once; the same ticket again is the same ticket.
    pub async fn take_ticket(
        &self,
        round: RoundId,
        ticket: TicketId,
        card: CandidateCard,
        appointed: Option<WallTime>,
    ) -> Result<(), Problem> {
        self.ask(round, |done| Ask::Take { ticket, card, appointed, done }).await?
    }

    /// An appointment is off: the ticket leaves the line. A ticket that is not there is none to give up.
    pub async fn give_up(&self, round: RoundId, ticket: TicketId) -> Result<(), Problem> {
        self.ask(round, |done| Ask::GiveUp { ticket, done }).await?
    }

    /// A round's stage, and a ticket as it is.
    pub async fn ticket(&self, round: RoundId, ticket: TicketId) -> Result<(Stage, Option<Ticket>), Problem> {
        self.ask(round, |done| Ask::Ticket { ticket, done }).await?
    }

    /// What a ticket's round wants of the identity, and the ticket as it is.
    pub async fn identity(
        &self,
        round: RoundId,
        ticket: TicketId,
    ) -> Result<(IdentityRule, Option<Ticket>), Problem> {
        self.ask(round, |done| Ask::Identity { ticket, done }).await?
    }

    /// It was found out who holds a ticket; the same again changes nothing.
    pub async fn identity_settled(
        &self,
        round: RoundId,
        ticket: TicketId,
        assurance: Assurance,
        doubt: bool,
    ) -> Result<(), Problem> {
        self.ask(round, |done| Ask::Identified { ticket, assurance, doubt, done }).await?
    }

    /// The relay's addresses and credentials for one device.
    pub fn ice_servers(&self, device: DeviceId) -> Vec<IceServer> {
        self.0.tools.ice.servers(device, self.0.tools.clock.wall())
    }

    /// These rounds for a recruiter's list, in the same order; rounds that are not there are left out.
    pub async fn summaries(&self, rounds: &[RoundId]) -> Result<Vec<RoundSummary>, Problem> {
        let mut summaries = Vec::with_capacity(rounds.len());
        for &round in rounds {
            match self.ask(round, |done| Ask::Summary { done }).await {
                Ok(summary) => summaries.push(summary?),
                Err(problem) if problem.code == ProblemCode::NotFound => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(summaries)
    }

    /// The round was edited in the store: whoever is in it is told. A round without an actor reads it later.
    pub async fn reload(&self, round: RoundId) -> Result<(), Problem> {
        if self.running(round).is_none() {
            return Ok(());
        }
        self.ask(round, |done| Ask::Reload { done }).await?
    }

    /// Sockets of these sessions are told and closed.
    #[expect(clippy::unused_async, reason = "another bus may have to wait; callers are ready for it")]
    pub async fn session_over(&self, sessions: &[SessionId]) {
        for &session in sessions {
            self.bus().publish(Topic::Session(session), Note::Bye(ByeReason::SessionOver));
        }
    }

    /// Sockets of these sessions come again: what the session may do has changed.
    pub fn session_changed(&self, sessions: &[SessionId]) {
        for &session in sessions {
            self.bus().publish(Topic::Session(session), Note::Bye(ByeReason::Restarting));
        }
    }

    /// Rounds in which a socket of this person must be known as connected from the start.
    pub(crate) fn rounds_of(&self, who: &Who) -> Vec<RoundId> {
        match who {
            Who::Candidate { room, .. } => room.iter().map(|room| room.round).collect(),
            // a member's calls live in actors that run: with_slots() brought them up
            Who::Member { employer, .. } => {
                self.actors().iter().filter(|(_, a)| a.owner == *employer).map(|(round, _)| *round).collect()
            }
        }
    }

    /// Whether this session may act in this round: its own, or its employer's.
    pub(crate) async fn admits(&self, who: &Who, round: RoundId) -> Result<(), Problem> {
        let own = match who {
            Who::Candidate { room, .. } => room.is_some_and(|room| room.round == round),
            Who::Member { employer, .. } => {
                let running = self.actors().get(&round).map(|a| a.owner);
                let owner = match running {
                    Some(owner) => Some(owner),
                    None => self.0.tools.stores.rounds.owner(round).await?,
                };
                owner == Some(*employer)
            }
        };
        // whether other rounds exist is nobody's business
        if own { Ok(()) } else { Err(ProblemCode::NotFound.into()) }
    }

    /// A socket is there; answers with what it must be shown at once: its room, the calls that
    /// concern it, and how the call stands (or ended) that the device believes to be in.
    pub(crate) async fn connected(
        &self,
        round: RoundId,
        session: &Session,
        socket: u64,
        presence: Presence,
        believed: Option<CallId>,
    ) -> Result<Greeting, Problem> {
        let seated = Seated::of(session, socket);
        self.ask(round, |done| Ask::Connected { seated, presence, believed, done }).await?
    }

    /// What a device is told of a call no round knows.
    pub(crate) fn forgotten_call(&self, who: &Who, call: CallId) -> Note {
        let nothing = uuid::Uuid::nil();
        let (round, ticket, side) = match who {
            Who::Candidate { room: Some(room), .. } => (room.round, room.ticket, Side::Candidate),
            Who::Candidate { room: None, .. } => (RoundId(nothing), TicketId(nothing), Side::Candidate),
            Who::Member { .. } => (RoundId(nothing), TicketId(nothing), Side::Recruiter),
        };
        calls::forgotten(round, ticket, side, call, self.0.tools.clock.wall())
    }

    pub(crate) async fn disconnected(&self, round: RoundId, session: &Session, socket: u64) {
        let seated = Seated::of(session, socket);
        // a round that has no actor any more has nothing to forget
        if self.running(round).is_some() {
            let _ = self.ask(round, |done| Ask::Disconnected { seated, done }).await;
        }
    }

    pub(crate) async fn presence(
        &self,
        round: RoundId,
        session: &Session,
        socket: u64,
        presence: Presence,
    ) -> Result<(), Problem> {
        let seated = Seated::of(session, socket);
        self.ask(round, |done| Ask::Presence { seated, presence, done }).await?
    }

    pub(crate) async fn command(
        &self,
        round: RoundId,
        session: &Session,
        id: ChangeId,
        command: Command,
    ) -> Result<u64, Problem> {
        let by = match &session.who {
            Who::Candidate { room, .. } => {
                let room = room.filter(|room| room.round == round).ok_or(ProblemCode::NotFound)?;
                By::Candidate { ticket: room.ticket, device: session.device }
            }
            Who::Member { member, .. } => {
                By::Member { member: member.id, role: member.role, device: session.device }
            }
        };
        let who = session.who.person();
        self.ask(round, |done| Ask::Command { by, who, id, command, done }).await?
    }

    /// What a watching device has missed. Join the round's topic first: notes that come in between
    /// are older than or as old as the answer, or follow it.
    pub(crate) async fn watch(&self, round: RoundId, since: u64) -> Result<Resumed, Problem> {
        self.ask(round, |done| Ask::Watch { since, done }).await?
    }

    /// Ends the actors; asks that still come are refused.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    fn actors(&self) -> std::sync::MutexGuard<'_, HashMap<RoundId, Running>> {
        self.0.actors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self, round: RoundId) -> Option<Running> {
        self.actors().get(&round).filter(|a| !a.asks.is_closed()).cloned()
    }

    /// Puts a question to a round's actor, and starts the actor where none runs.
    async fn ask<T>(
        &self,
        round: RoundId,
        question: impl FnOnce(oneshot::Sender<T>) -> Ask,
    ) -> Result<T, Problem> {
        let (done, answer) = oneshot::channel();
        let mut ask = question(done);
        // an actor that rests just now gives the question back; a second one is new and awake
        for _ in 0..3 {
            if self.0.stop.is_cancelled() {
                break;
            }
            let running = self.start(round).await?;
            match running.asks.send(ask).await {
                Ok(()) => {
                    return answer
                        .await
                        .map_err(|_| Problem::new(ProblemCode::Internal, "the round's actor stopped"));
                }
                Err(back) => ask = back.0,
            }
        }
        Err(Problem::new(ProblemCode::Internal, "the server stops").retry_after(1_000))
    }

    async fn start(&self, round: RoundId) -> Result<Running, Problem> {
        if let Some(running) = self.running(round) {
            return Ok(running);
        }
        let owner = self.0.tools.stores.rounds.owner(round).await.map_err(failed)?;
        let owner = owner.ok_or_else(|| Problem::new(ProblemCode::NotFound, "there is no such round"))?;
        let mut actors = self.actors();
        if let Some(running) = actors.get(&round).filter(|a| !a.asks.is_closed()) {
            return Ok(running.clone());
        }
        let (asks, waiting) = mpsc::channel(ASKS_WAITING);
        let running = Running { owner, asks };
        actors.insert(round, running.clone());
        let actor = actor::RoundActor::new(round, Arc::clone(&self.0.tools));
        let stop = self.0.stop.clone();
        let hall = self.clone();
        self.0.tasks.spawn(async move {
            actor.run(waiting, stop).await;
            let mut actors = hall.actors();
            if actors.get(&round).is_some_and(|a| a.asks.is_closed()) {
                actors.remove(&round);
            }
        });
        Ok(running)
    }
}

/// The store could not do it, whatever the reason: nothing was changed and nothing was told.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn failed(error: StoreError) -> Problem {
    tracing::error!(%error, "the store failed");
    Problem::new(ProblemCode::ServerStorage, "nothing was changed").retry_after(RETRY_MS)
}
