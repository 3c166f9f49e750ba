//! The phone and the server that the stories and the random scripts play with.

use crate::ids::{CallId, ChangeId, RoundId, TicketId};
use crate::model::{CheckInStep, StepOutcome};
use crate::rules::outbox::*;
use crate::time::Timestamp;
use crate::wire::live::{Change, ClientFrame, Command, MediaReport};
use crate::wire::{Problem, ProblemCode};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use uuid::Uuid;

pub fn id(n: u32) -> ChangeId {
    ChangeId(Uuid::from_u128(u128::from(n)))
}

pub fn round() -> RoundId {
    RoundId(Uuid::from_u128(1 << 100))
}

pub fn call(n: u32) -> CallId {
    CallId(Uuid::from_u128((1 << 99) + u128::from(n)))
}

pub fn ticket() -> TicketId {
    TicketId(Uuid::from_u128(1 << 98))
}

pub fn note(text: &str) -> Command {
    Command::Note { ticket: ticket(), text: text.into() }
}

pub fn checked() -> Command {
    Command::CheckIn { step: CheckInStep::Camera, outcome: StepOutcome::Passed }
}

pub fn ring(n: u32) -> Command {
    Command::Ring { call: call(n), ticket: ticket() }
}

pub fn media(n: u32, state: MediaReport) -> Command {
    Command::Media { call: call(n), epoch: 0, state }
}

pub fn add(n: u32, command: Command) -> Input {
    Input::Add { id: id(n), change: Change::Round { round: round(), command }, waits: false }
}

/// A phone: carries out what the outbox says. `line` is what was sent and not yet taken off it.
pub struct Phone {
    pub outbox: Outbox,
    pub now: Timestamp,
    pub store: BTreeMap<ChangeId, Stored>,
    pub line: VecDeque<(ChangeId, Command)>,
    pub live: bool,
    /// Ids sent on this connection and not refused since.
    sent_here: BTreeSet<ChangeId>,
    pub settled: Vec<(ChangeId, Result<u64, Problem>)>,
    pub failed: Vec<(ChangeId, Problem)>,
    pub forgotten: BTreeSet<ChangeId>,
    /// When each passing command was added.
    passing_since: BTreeMap<ChangeId, Timestamp>,
}

impl Phone {
    pub fn new() -> Self {
        Self {
            outbox: Outbox::new(),
            now: Timestamp(5_000_000),
            store: BTreeMap::new(),
            line: VecDeque::new(),
            live: false,
            sent_here: BTreeSet::new(),
            settled: Vec::new(),
            failed: Vec::new(),
            forgotten: BTreeSet::new(),
            passing_since: BTreeMap::new(),
        }
    }

    pub fn live() -> Self {
        let mut phone = Self::new();
        phone.link_live();
        phone
    }

    pub fn tell(&mut self, input: Input) {
        self.outbox.handle(self.now, input).expect("not refused");
        while self.carry_out_one() {}
    }

    /// Does the next output; `false` when there is none.
    pub fn carry_out_one(&mut self) -> bool {
        let Some(output) = self.outbox.poll_output() else { return false };
        match output {
            Output::Store(stored) => {
                self.store.insert(stored.id, stored);
            }
            Output::Forget(id) => {
                assert!(self.store.remove(&id).is_some(), "forgot what was not stored");
                self.forgotten.insert(id);
            }
            Output::Send(ClientFrame::Change { id, change: Change::Round { round: to, command } }) => {
                assert_eq!(to, round());
                assert!(self.live, "sent without a connection");
                assert!(self.sent_here.insert(id), "sent twice on one connection");
                match Lasting::of_command(&command) {
                    Lasting::Durable => assert!(self.store.contains_key(&id), "sent before stored"),
                    Lasting::Passing { limit_ms } => {
                        let since = self.passing_since[&id];
                        assert!(self.now.since(since) < limit_ms, "sent after its time");
                        assert!(!self.store.contains_key(&id), "a passing command was stored");
                    }
                }
                self.line.push_back((id, command));
            }
            Output::Send(frame) => panic!("an outbox sends commands only, not {frame:?}"),
            Output::Failed { id, problem } => {
                assert!(self.store[&id].failed.is_some(), "told as failed before it was stored so");
                self.failed.push((id, problem));
            }
            Output::Settled { id, result } => self.settled.push((id, result)),
        }
        true
    }

    pub fn add(&mut self, n: u32, command: Command) {
        if let Lasting::Passing { .. } = Lasting::of_command(&command) {
            self.passing_since.insert(id(n), self.now);
        }
        self.tell(add(n, command));
    }

    pub fn link_live(&mut self) {
        self.line.clear();
        self.sent_here.clear();
        self.live = true;
        self.tell(Input::LinkLive);
    }

    pub fn link_down(&mut self) {
        self.live = false;
        self.line.clear();
        self.tell(Input::LinkDown);
    }

    pub fn accept(&mut self, n: u32, seq: u64) {
        self.tell(Input::Accepted { id: id(n), seq });
    }

    pub fn refuse(&mut self, id: ChangeId, problem: Problem) {
        self.sent_here.remove(&id);
        self.tell(Input::Refused { id, problem });
    }

    pub fn refuse_code(&mut self, n: u32, code: ProblemCode) {
        self.refuse(id(n), code.into());
    }

    /// The system kills the app and the person opens it again; it is not connected yet.
    pub fn killed_and_opened_again(&mut self) {
        self.outbox = Outbox::new();
        self.live = false;
        self.line.clear();
        self.tell(Input::Restored(self.store.values().rev().cloned().collect()));
    }

    /// Takes off the line what was sent, and says its ids.
    pub fn sent(&mut self) -> Vec<ChangeId> {
        self.line.drain(..).map(|(id, _)| id).collect()
    }

    /// Sleeps until the outbox wants to be woken, and wakes it.
    pub fn wake(&mut self) -> Why {
        let (at, why) = self.outbox.poll_timeout().expect("something to wait for");
        self.now = self.now.max(at);
        self.tell(Input::Timeout);
        why
    }

    pub fn results(&self) -> Vec<(ChangeId, Result<u64, ProblemCode>)> {
        self.settled.iter().map(|(id, result)| (*id, result.clone().map_err(|p| p.code))).collect()
    }
}
