//! The server's half of a round: takes commands, presence and time, decides what happens.
//!
//! The driver (one actor per round) reads all outputs after each input, writes the `Persist` ones in
//! one transaction together with the answer to the command, and only then sends anything. When the
//! transaction fails it throws this machine away and restores it from the log: nothing was told to
//! anybody. Whether a person is free for a call is the store's word (`ClaimSlots`), since rounds do
//! not know each other.

mod calls;
mod desk;
mod queue;

use super::event::RoundEvent;
use super::state::*;
use crate::ids::*;
use crate::model::*;
use crate::rules::call::server::{
    CallServer, Input as CallInput, Output as CallOutput, Refused as CallRefused,
};
use crate::rules::call::{CallPhase, EndReason};
use crate::rules::check_in;
use crate::time::{Moment, Timestamp, WallTime};
use crate::wire::live::{Command, MediaReport, NoteView, NoticeView};
use crate::wire::{Problem, ProblemCode};
use std::collections::{BTreeMap, VecDeque};

/// Notes kept per ticket; a flood ends here.
pub const NOTES_MAX: usize = 500;

/// One round on the server.
#[derive(Debug)]
pub struct RoundServer {
    state: RoundState,
    presence: BTreeMap<TicketId, (DeviceId, Presence)>,
    calls: BTreeMap<CallId, LiveCall>,
    /// Rings waiting for the store's word about the slots.
    claims: BTreeMap<CallId, Claim>,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
struct LiveCall {
    server: CallServer,
    ticket: TicketId,
    member: MemberId,
}

#[derive(Debug)]
struct Claim {
    ticket: TicketId,
    member: MemberId,
    by: Side,
    device: DeviceId,
    change: ChangeId,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Candidate { ticket: TicketId, device: DeviceId },
    Member { member: MemberId, role: MemberRole, device: DeviceId },
}

impl Actor {
    pub fn device(&self) -> DeviceId {
        match self {
            Self::Candidate { device, .. } | Self::Member { device, .. } => *device,
        }
    }

    pub fn side(&self) -> Side {
        match self {
            Self::Candidate { .. } => Side::Candidate,
            Self::Member { .. } => Side::Recruiter,
        }
    }
}

/// What happens to a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A candidate joined or accepted: their ticket is made, once. With another appointed time than
    /// before, or after it was given up, it is back in the line at the new time.
    Take {
        ticket: TicketId,
        card: CandidateCard,
        appointed: Option<WallTime>,
    },
    /// The appointment is withdrawn, moved or cancelled. A call that runs is not cut off by it, and
    /// an interview that was held stays held.
    GiveUp(TicketId),
    Command {
        by: Actor,
        id: ChangeId,
        command: Command,
    },
    /// The backend found out who this is; idempotent.
    IdentitySettled {
        ticket: TicketId,
        assurance: Assurance,
        doubt: bool,
    },
    /// A candidate's device is connected and says how it is.
    Presence {
        ticket: TicketId,
        device: DeviceId,
        presence: Presence,
    },
    /// A device's socket is there again, or gone. Members and candidates alike.
    Connected(DeviceId),
    Disconnected(DeviceId),
    /// The store's word on [`Output::ClaimSlots`].
    SlotsClaimed(CallId),
    SlotsBusy {
        call: CallId,
        who: Side,
    },
    Timeout,
}

/// What the driver must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Store event number `seq`.
    Persist {
        seq: u64,
        at: WallTime,
        event: RoundEvent,
    },
    /// Take the call slots of both persons in one transaction, or say who is busy.
    ClaimSlots {
        call: CallId,
        candidate: CandidateId,
        member: MemberId,
    },
    FreeSlots {
        call: CallId,
    },
    /// Answer a command.
    Reply {
        id: ChangeId,
        device: DeviceId,
        result: Result<u64, Problem>,
    },
    /// The candidate's room changed; `None`: everyone's may have.
    Room(Option<TicketId>),
    /// Tell both sides of a call its new state ([`RoundServer::call`]).
    Call(CallId),
    /// Tell the recruiters who watch.
    Presence {
        ticket: TicketId,
        presence: Presence,
    },
    /// The ring reached nobody: push or SMS.
    Nudge {
        ticket: TicketId,
    },
}

/// A call as the driver needs it to address frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallInfo {
    pub call: CallId,
    pub ticket: TicketId,
    pub candidate: CandidateId,
    pub candidate_name: String,
    pub member: MemberId,
    pub candidate_device: Option<DeviceId>,
    pub member_device: Option<DeviceId>,
    pub version: u64,
    /// Answered: signals may pass between the two devices.
    pub answered: bool,
    pub epoch: u32,
    /// Without servers: the driver fills `plan.ice` and `plan.path` in.
    pub phase: CallPhase,
}

impl RoundServer {
    /// A round rebuilt from its log. Calls that were ringing when the server stopped are missed;
    /// answered ones wait for their devices to come back.
    pub fn restored(at: Moment, state: RoundState) -> Self {
        let mut round = Self {
            state,
            presence: BTreeMap::new(),
            calls: BTreeMap::new(),
            claims: BTreeMap::new(),
            outputs: VecDeque::new(),
        };
        let open: Vec<(TicketId, LastCall, u64)> = round
            .state
            .tickets
            .values()
            .filter(|t| t.call().is_some())
            .filter_map(|t| Some((t.id, t.last_call?, t.talked_ms)))
            .collect();
        for (ticket, last, talked_ms) in open {
            match last.answered {
                None => {
                    let reason = EndReason::Missed;
                    round.persist(at, RoundEvent::CallEnded { call: last.call, ticket, reason, talked_ms });
                    round.outputs.push_back(Output::FreeSlots { call: last.call });
                    round.outputs.push_back(Output::Room(None));
                }
                Some(answered) => {
                    let (recruiter, candidate) = match last.by {
                        Side::Recruiter => (last.caller, answered),
                        Side::Candidate => (answered, last.caller),
                    };
                    let server =
                        CallServer::restored(at, last.by, recruiter, candidate, talked_ms, last.epoch);
                    round.calls.insert(last.call, LiveCall { server, ticket, member: last.member });
                }
            }
        }
        round
    }

    pub fn state(&self) -> &RoundState {
        &self.state
    }

    /// The round was edited. Its flow changes only before anything happened in it, and begins anew then.
    pub fn inform(&mut self, info: RoundInfo) {
        if info.stages != self.state.info.stages {
            self.state.stage = info.stages.first().copied().unwrap_or(Stage::Interview);
        }
        self.state.info = info;
        self.outputs.push_back(Output::Room(None));
    }

    pub fn presence(&self, ticket: TicketId) -> Presence {
        self.presence.get(&ticket).map_or(Presence::Offline, |(_, p)| *p)
    }

    /// The whole round for a recruiter's device.
    pub fn snapshot(&self) -> QueueSnapshot {
        QueueSnapshot {
            state: self.state.clone(),
            presence: self.presence.iter().map(|(t, (_, p))| (*t, *p)).collect(),
        }
    }

    /// The device a candidate is connected with.
    pub fn device_of(&self, ticket: TicketId) -> Option<DeviceId> {
        self.presence.get(&ticket).map(|(device, _)| *device)
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self, at: Moment) -> Option<(Timestamp, &'static str)> {
        let call =
            self.calls.values().filter_map(|c| c.server.poll_timeout()).map(|(t, _)| (t, "call")).min();
        let skip = self.graces().map(|(_, until)| (at.timestamp_of(until), "grace over")).min();
        call.into_iter().chain(skip).min()
    }

    /// Takes one input. Refused commands answer by [`Output::Reply`].
    pub fn handle(&mut self, at: Moment, input: Input) {
        self.calls.retain(|_, c| c.server.ended().is_none());
        match input {
            Input::Take { ticket, card, appointed } => self.take(at, ticket, card, appointed),
            Input::GiveUp(ticket) => self.give_up(at, ticket),
            Input::Command { by, id, command } => {
                let done = self.command(at, by, id, command);
                match done {
                    Ok(Answer::Now) => self.reply(id, by.device(), Ok(self.state.seq)),
                    Ok(Answer::Later) => {}
                    Err(problem) => self.reply(id, by.device(), Err(problem)),
                }
            }
            Input::IdentitySettled { ticket, assurance, doubt } => {
                self.identified(at, ticket, assurance, doubt);
            }
            Input::Presence { ticket, device, presence } => self.present(at, ticket, device, presence),
            Input::Connected(device) => self.socket(at, device, CallInput::Back),
            Input::Disconnected(device) => self.disconnected(at, device),
            Input::SlotsClaimed(call) => self.slots_claimed(at, call),
            Input::SlotsBusy { call, who } => self.slots_busy(call, who),
            Input::Timeout => self.timeout(at),
        }
    }

    fn command(&mut self, at: Moment, by: Actor, id: ChangeId, command: Command) -> Result<Answer, Problem> {
        match command {
            Command::Ring { call, ticket } => return self.ring(at, by, id, call, ticket),
            Command::Reached { call } => self.call_input(at, by, call, CallInput::Reached)?,
            Command::Answer { call } => self.call_input(at, by, call, CallInput::Answer(by.device()))?,
            Command::Decline { call } => self.call_input(at, by, call, CallInput::Decline)?,
            Command::HangUp { call } => self.hang_up(at, by, call)?,
            Command::Media { call, epoch, state } => {
                let before = self.calls.get(&call).map(|c| c.server.epoch());
                let input = CallInput::Media { side: by.side(), epoch, report: state };
                self.call_input(at, by, call, input)?;
                if state == MediaReport::Rebuild && self.calls.get(&call).map(|c| c.server.epoch()) != before
                {
                    let ticket = self.calls[&call].ticket;
                    self.persist(at, RoundEvent::CallRebuilt { call, ticket, epoch: epoch + 1 });
                }
            }
            Command::Note { ticket, text } => self.note(at, by, id, ticket, text)?,
            Command::CheckIn { step, outcome } => {
                let Actor::Candidate { ticket, .. } = by else { return Err(ProblemCode::NotAllowed.into()) };
                if check_in::server::report(&mut self.ticket(ticket)?.checked.clone(), step, outcome)? {
                    self.persist(at, RoundEvent::CheckedIn { ticket, step, outcome });
                    self.outputs.push_back(Output::Room(Some(ticket)));
                }
            }
            Command::Network { verdict } => {
                let Actor::Candidate { ticket, .. } = by else { return Err(ProblemCode::NotAllowed.into()) };
                if self.ticket(ticket)?.network != Some(verdict) {
                    self.persist(at, RoundEvent::NetworkMeasured { ticket, verdict });
                }
            }
            Command::Confirm { accepted, comment } => self.confirm(at, by, accepted, comment)?,
            Command::MoveStage { to } => self.move_stage(at, by, to)?,
            Command::MarkOutcome { ticket, outcome } => {
                let member = desk::host(by)?;
                if self.ticket(ticket)?.announced.is_some() {
                    return Err(Problem::new(ProblemCode::TicketClosed, "the outcome is announced"));
                }
                self.persist(at, RoundEvent::OutcomeMarked { ticket, outcome, by: member });
            }
            Command::Announce { tickets } => self.announce(at, by, tickets)?,
            Command::Notify { text } => self.notify(at, by, id, text)?,
        }
        Ok(Answer::Now)
    }

    fn ticket(&self, ticket: TicketId) -> Result<&Ticket, Problem> {
        self.state.tickets.get(&ticket).ok_or_else(|| ProblemCode::TicketUnknown.into())
    }

    fn persist(&mut self, at: Moment, event: RoundEvent) {
        self.state.apply(at.wall, &event);
        self.outputs.push_back(Output::Persist { seq: self.state.seq, at: at.wall, event });
    }

    fn reply(&mut self, id: ChangeId, device: DeviceId, result: Result<u64, Problem>) {
        self.outputs.push_back(Output::Reply { id, device, result });
    }
}

/// When a command is answered.
enum Answer {
    Now,
    /// After the store's word on the call slots.
    Later,
}
