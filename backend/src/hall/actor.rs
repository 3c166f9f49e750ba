//! One round's actor: a task that owns the round's machine, feeds it one input after the other and
//! keeps the order *stored, then told*.
//!
//! When the store fails, the machine is thrown away: it already believes what was never stored. It
//! is rebuilt from the log before the next input, those connected are told to it anew, and calls
//! that are not in the log are ended on the devices that were told of them.

use super::ask::Ask;
use super::batch::{Asked, Batch, Rooms};
use super::calls::{Names, Told};
use super::notes::{events_note, presence_note};
use super::rooms::{Ranks, SentRooms};
use super::{SLOT_LEASE_MS, Tools, failed};
use crate::bus::{Note, Seat, Topic};
use crate::store::{Claimed, Person, SlotClaim};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::CallPhase;
use miantan_domain::rules::round::server::{Actor as By, CallInfo, Input};
use miantan_domain::rules::round::{RoundServer, RoundState, TicketStatus};
use miantan_domain::wire::live::{Command, ServerFrame};
use miantan_domain::wire::rest::RoundSummary;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A device that missed more events gets the whole round.
pub const EVENTS_RESUMED_MAX: u64 = 500;
/// A round nobody asks for, without sockets and calls, is put away.
const REST_AFTER: Duration = Duration::from_mins(30);
/// Between two tries to rebuild a round whose store fails.
const RETRY_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct RoundActor {
    pub(super) round: RoundId,
    pub(super) tools: Arc<Tools>,
    /// None before the first question, and after the store failed.
    pub(super) machine: Option<RoundServer>,
    pub(super) broken: bool,
    pub(super) names: Names,
    pub(super) sockets: HashMap<Seat, u64>,
    pub(super) present: HashMap<TicketId, (Seat, Presence)>,
    pub(super) sent: SentRooms,
    /// Calls that devices believe to run, as last told.
    pub(super) open: BTreeMap<CallId, CallInfo>,
    /// Slots taken for calls that were never stored.
    pub(super) owed: Vec<CallId>,
}

impl RoundActor {
    pub fn new(round: RoundId, tools: Arc<Tools>) -> Self {
        Self {
            round,
            tools,
            machine: None,
            broken: false,
            names: Names::new(),
            sockets: HashMap::new(),
            present: HashMap::new(),
            sent: SentRooms::default(),
            open: BTreeMap::new(),
            owed: Vec::new(),
        }
    }

    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>, stop: CancellationToken) {
        let mut asked = Instant::now();
        loop {
            let due = self.due();
            let wake = due.unwrap_or(asked + REST_AFTER);
            tokio::select! {
                () = stop.cancelled() => return,
                ask = asks.recv() => {
                    let Some(ask) = ask else { return };
                    // the hall's own housekeeping keeps no round awake
                    if !matches!(ask, Ask::OpenCalls { .. }) {
                        asked = Instant::now();
                    }
                    self.take(ask).await;
                }
                () = tokio::time::sleep_until(wake) => {
                    if due.is_some() {
                        self.wake().await;
                    } else if self.sockets.is_empty() {
                        break;
                    } else {
                        asked = Instant::now();
                    }
                }
            }
        }
        // nobody can ask from here on; what was asked meanwhile is still answered
        asks.close();
        while let Some(ask) = asks.recv().await {
            self.take(ask).await;
        }
    }

    /// When something is to be done without being asked.
    fn due(&self) -> Option<Instant> {
        let at = self.tools.clock.moment();
        match &self.machine {
            Some(machine) => {
                let (due, _) = machine.poll_timeout(at)?;
                Some(Instant::now() + Duration::from_millis(due.left(at.now)))
            }
            None if self.broken => Some(Instant::now() + RETRY_AFTER),
            None => None,
        }
    }

    async fn wake(&mut self) {
        let done = match &self.machine {
            Some(machine) => {
                let why = machine.poll_timeout(self.tools.clock.moment()).map(|(_, why)| why);
                tracing::debug!(round = %self.round, ?why, "woken");
                self.feed(Input::Timeout, None).await.map(|_| ())
            }
            None => self.restore().await,
        };
        if let Err(problem) = done {
            tracing::warn!(round = %self.round, %problem, "the round waits for its store");
        }
    }

    async fn take(&mut self, ask: Ask) {
        // Whoever asked may be gone; then nobody needs the answer.
        match ask {
            Ask::Take { ticket, card, appointed, done } => {
                let taken = self.apply(Input::Take { ticket, card, appointed }).await;
                let _ = done.send(taken);
            }
            Ask::GiveUp { ticket, done } => {
                let given_up = self.apply(Input::GiveUp(ticket)).await;
                let _ = done.send(given_up);
            }
            Ask::Ticket { ticket, done } => {
                let state = self.state().await;
                let _ = done.send(state.map(|s| (s.stage, s.tickets.get(&ticket).cloned())));
            }
            Ask::Identity { ticket, done } => {
                let state = self.state().await;
                let _ = done.send(state.map(|s| (s.info.identity, s.tickets.get(&ticket).cloned())));
            }
            Ask::Identified { ticket, assurance, doubt, done } => {
                let settled = self.apply(Input::IdentitySettled { ticket, assurance, doubt }).await;
                let _ = done.send(settled);
            }
            Ask::Summary { done } => {
                let state = self.state().await;
                let _ = done.send(state.map(summary));
            }
            Ask::OpenCalls { done } => {
                // without an answer the caller knows that it failed
                if let Ok(machine) = self.ready().await {
                    let _ = done.send(machine.calls().collect());
                }
            }
            Ask::Reload { done } => {
                let reloaded = self.reload().await;
                let _ = done.send(reloaded);
            }
            Ask::Connected { seated, presence, believed, done } => {
                let greeting = self.connected(seated, presence, believed).await;
                let _ = done.send(greeting);
            }
            Ask::Presence { seated, presence, done } => {
                let told = self.presence(&seated, presence).await;
                let _ = done.send(told);
            }
            Ask::Disconnected { seated, done } => {
                self.disconnected(&seated).await;
                let _ = done.send(());
            }
            Ask::Command { by, who, id, command, done } => {
                let answer = self.command(by, who, id, command).await;
                let _ = done.send(answer);
            }
            Ask::Watch { since, done } => {
                let resumed = self.watch(since).await;
                let _ = done.send(resumed);
            }
        }
    }

    async fn command(&mut self, by: By, who: Person, id: ChangeId, command: Command) -> Result<u64, Problem> {
        if let Some(answer) = self.tools.stores.rounds.answer_of(who, id).await.map_err(failed)? {
            return answer;
        }
        self.ready().await?;
        let input = Input::Command { by, id, command };
        let answer = self.feed(input, Some(Asked { who, id })).await?;
        answer.unwrap_or_else(|| Err(Problem::new(ProblemCode::Internal, "the command was not answered")))
    }

    pub(super) async fn state(&mut self) -> Result<&RoundState, Problem> {
        Ok(self.ready().await?.state())
    }

    /// The machine, rebuilt where it is missing.
    pub(super) async fn ready(&mut self) -> Result<&RoundServer, Problem> {
        if self.machine.is_none() {
            self.restore().await?;
        }
        self.machine.as_ref().ok_or_else(|| ProblemCode::ServerStorage.into())
    }

    pub(super) async fn apply(&mut self, input: Input) -> Result<(), Problem> {
        self.ready().await?;
        self.feed(input, None).await.map(|_| ())
    }

    /// One input: handled, stored, told. On an error the machine is gone and nothing was told.
    async fn feed(
        &mut self,
        input: Input,
        asked: Option<Asked>,
    ) -> Result<Option<Result<u64, Problem>>, Problem> {
        let Some(mut machine) = self.machine.take() else { return Err(ProblemCode::ServerStorage.into()) };
        self.broken = true;
        let at = self.tools.clock.moment();
        let mut batch = Batch::default();
        machine.handle(at, input);
        loop {
            let wanted = batch.drain(at, &mut machine);
            if wanted.is_empty() {
                break;
            }
            for want in wanted {
                let (call, round, now) = (want.call, self.round, at.wall);
                let lease_until = now.after(SLOT_LEASE_MS);
                let claim = SlotClaim {
                    call,
                    round,
                    candidate: want.candidate,
                    member: want.member,
                    now,
                    lease_until,
                };
                // owed until the call is stored: should that fail, its persons are to be freed
                self.owed.push(call);
                match self.tools.stores.rounds.claim_slots(claim).await.map_err(failed)? {
                    Claimed::Yes => machine.handle(at, Input::SlotsClaimed(call)),
                    Claimed::Busy(who) => {
                        self.owed.retain(|owed| *owed != call);
                        machine.handle(at, Input::SlotsBusy { call, who });
                    }
                }
            }
        }
        self.store(&machine, &batch, asked).await?;
        self.machine = Some(machine);
        self.broken = false;
        self.tell(&batch);
        Ok(asked.and_then(|asked| batch.answer(asked)))
    }

    pub(super) async fn store(
        &mut self,
        machine: &RoundServer,
        batch: &Batch,
        asked: Option<Asked>,
    ) -> Result<(), Problem> {
        let running: Vec<CallId> = machine.calls().collect();
        let owed: Vec<CallId> = self.owed.iter().filter(|call| !running.contains(call)).copied().collect();
        let at = self.tools.clock.moment();
        let rounds = &self.tools.stores.rounds;
        if let Some(commit) = batch.commit(self.round, at, asked, &owed) {
            if let Err(error) = rounds.commit(commit).await {
                self.tools.metrics.add("miantan_store_failures_total", &[], 1);
                return Err(failed(error));
            }
        } else if !owed.is_empty() {
            rounds.free_slots(owed).await.map_err(failed)?;
        }
        self.owed.clear();
        Ok(())
    }

    /// Tells everyone what is stored now.
    pub(super) fn tell(&mut self, batch: &Batch) {
        let Some(machine) = &self.machine else { return };
        let state = machine.state();
        let (bus, metrics) = (&self.tools.bus, &self.tools.metrics);
        let watchers = Topic::Round(self.round);
        if !batch.events.is_empty() {
            bus.publish(watchers, events_note(self.round, &batch.events));
        }
        metrics.add("miantan_events_total", &[], batch.events.len() as i64);
        let tickets: Vec<TicketId> = match &batch.rooms {
            Rooms::None => Vec::new(),
            Rooms::Some(tickets) => {
                tickets.iter().filter(|t| self.present.contains_key(t)).copied().collect()
            }
            Rooms::All => self.present.keys().copied().collect(),
        };
        if !tickets.is_empty() {
            let ranks = Ranks::of(state);
            for ticket in tickets.iter().filter_map(|t| state.tickets.get(t)) {
                let room = ranks.room(state, ticket);
                if self.sent.news(&room) {
                    bus.publish(Topic::Ticket(ticket.id), Note::frame(&ServerFrame::Room(Box::new(room))));
                }
            }
        }
        for info in batch.calls.values() {
            Told { tools: &self.tools, state, names: &self.names, info }.publish();
            if let CallPhase::Ended { reason, .. } = info.phase {
                self.open.remove(&info.call);
                tracing::info!(round = %self.round, call = %info.call, ?reason, "call ended");
                metrics.add("miantan_calls_ended_total", &[], 1);
            } else {
                self.open.insert(info.call, info.clone());
            }
        }
        if !batch.presence.is_empty() {
            bus.publish(watchers, presence_note(self.round, batch.presence.iter().copied()));
        }
        for ticket in &batch.nudges {
            self.tools.nudger.nudge(self.round, *ticket);
        }
    }
}

fn summary(state: &RoundState) -> RoundSummary {
    let tickets = state.tickets.values();
    let done = tickets.clone().filter(|t| t.status == TicketStatus::Interviewed).count() as u32;
    let waiting = tickets.filter(|t| t.in_line()).count() as u32;
    RoundSummary { round: state.info.clone(), stage: state.stage, waiting, done }
}
