//! The server's half of a round: takes commands, presence and time, decides what happens.
//!
//! The driver (one actor per round) reads all outputs after each input, writes the `Persist` ones in
//! one transaction together with the answer to the command, and only then sends anything. When the
//! transaction fails it throws this machine away and restores it from the log: nothing was told to
//! anybody. Whether a person is free for a call is the store's word (`ClaimSlots`), since rounds do
//! not know each other.

use super::event::RoundEvent;
use super::state::*;
use crate::ids::*;
use crate::model::*;
use crate::rules::call::server::{CallServer, Input as CallInput, Output as CallOutput, Refused as CallRefused};
use crate::rules::call::{CallPhase, EndReason};
use crate::time::{Moment, Timestamp, WallTime};
use crate::wire::live::{Command, MediaReport, NoteView};
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
    /// A candidate joined: their ticket is made, once.
    Take { ticket: TicketId, card: CandidateCard, appointed: Option<WallTime> },
    Command { by: Actor, id: ChangeId, command: Command },
    /// A candidate's device is connected and says how it is.
    Presence { ticket: TicketId, device: DeviceId, presence: Presence },
    /// A device's socket is there again, or gone. Members and candidates alike.
    Connected(DeviceId),
    Disconnected(DeviceId),
    /// The store's word on [`Output::ClaimSlots`].
    SlotsClaimed(CallId),
    SlotsBusy { call: CallId, who: Side },
    Timeout,
}

/// What the driver must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Store event number `seq`.
    Persist { seq: u64, at: WallTime, event: RoundEvent },
    /// Take the call slots of both persons in one transaction, or say who is busy.
    ClaimSlots { call: CallId, candidate: CandidateId, member: MemberId },
    FreeSlots { call: CallId },
    /// Answer a command.
    Reply { id: ChangeId, device: DeviceId, result: Result<u64, Problem> },
    /// The candidate's room changed; `None`: everyone's may have.
    Room(Option<TicketId>),
    /// Tell both sides of a call its new state ([`RoundServer::call`]).
    Call(CallId),
    /// Tell the recruiters who watch.
    Presence { ticket: TicketId, presence: Presence },
    /// The ring reached nobody: push or SMS.
    Nudge { ticket: TicketId },
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
                    let server = CallServer::restored(at, last.by, recruiter, candidate, talked_ms, last.epoch);
                    round.calls.insert(last.call, LiveCall { server, ticket, member: last.member });
                }
            }
        }
        round
    }

    pub fn state(&self) -> &RoundState {
        &self.state
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

    /// Calls that are not over.
    pub fn calls(&self) -> impl Iterator<Item = CallId> + '_ {
        self.calls.keys().copied()
    }

    /// A call as it is now, or how it ended where it is the ticket's last. A device that comes back
    /// with a call in its `hello` is told this; `None` means that the call is over and forgotten.
    pub fn call(&self, now: Timestamp, call: CallId) -> Option<CallInfo> {
        let Some(live) = self.calls.get(&call) else { return self.past_call(call) };
        let ticket = self.state.tickets.get(&live.ticket)?;
        Some(CallInfo {
            call,
            ticket: live.ticket,
            candidate: ticket.card.id,
            candidate_name: ticket.card.name.clone(),
            member: live.member,
            candidate_device: live.server.device(Side::Candidate),
            member_device: live.server.device(Side::Recruiter),
            version: live.server.version(),
            answered: live.server.is_answered(),
            epoch: live.server.epoch(),
            phase: live.server.phase(now),
        })
    }

    fn past_call(&self, call: CallId) -> Option<CallInfo> {
        let ticket = self.state.by_call(call)?;
        let last = ticket.last_call?;
        let (reason, at) = last.ended?;
        let (candidate_device, member_device) = match last.by {
            Side::Candidate => (Some(last.caller), last.answered),
            Side::Recruiter => (last.answered, Some(last.caller)),
        };
        Some(CallInfo {
            call,
            ticket: ticket.id,
            candidate: ticket.card.id,
            candidate_name: ticket.card.name.clone(),
            member: last.member,
            candidate_device,
            member_device,
            // versions count from the wall clock of the call's start: this is above them all
            version: u64::try_from(at.0).unwrap_or(0) + 1,
            answered: false,
            epoch: last.epoch,
            phase: CallPhase::Ended { reason, talked_ms: ticket.talked_ms },
        })
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self, at: Moment) -> Option<(Timestamp, &'static str)> {
        let call = self.calls.values().filter_map(|c| c.server.poll_timeout()).map(|(t, _)| (t, "call")).min();
        let skip = self.graces().map(|(_, until)| (at.timestamp_of(until), "grace over")).min();
        call.into_iter().chain(skip).min()
    }

    /// Takes one input. Refused commands answer by [`Output::Reply`].
    pub fn handle(&mut self, at: Moment, input: Input) {
        self.calls.retain(|_, c| c.server.ended().is_none());
        match input {
            Input::Take { ticket, card, appointed } => self.take(at, ticket, card, appointed),
            Input::Command { by, id, command } => {
                let done = self.command(at, by, id, command);
                match done {
                    Ok(Answer::Now) => self.reply(id, by.device(), Ok(self.state.seq)),
                    Ok(Answer::Later) => {}
                    Err(problem) => self.reply(id, by.device(), Err(problem)),
                }
            }
            Input::Presence { ticket, device, presence } => self.present(at, ticket, device, presence),
            Input::Connected(device) => self.socket(at, device, CallInput::Back),
            Input::Disconnected(device) => self.disconnected(at, device),
            Input::SlotsClaimed(call) => self.slots_claimed(at, call),
            Input::SlotsBusy { call, who } => self.slots_busy(call, who),
            Input::Timeout => self.timeout(at),
        }
    }

    fn take(&mut self, at: Moment, ticket: TicketId, card: CandidateCard, appointed: Option<WallTime>) {
        if self.state.tickets.contains_key(&ticket) {
            return;
        }
        let number = self.state.next_number();
        self.persist(at, RoundEvent::TicketTaken { ticket, card, number, appointed });
        self.outputs.push_back(Output::Room(None));
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
                if state == MediaReport::Rebuild && self.calls.get(&call).map(|c| c.server.epoch()) != before {
                    let ticket = self.calls[&call].ticket;
                    self.persist(at, RoundEvent::CallRebuilt { call, ticket, epoch: epoch + 1 });
                }
            }
            Command::Note { ticket, text } => self.note(at, by, id, ticket, text)?,
            Command::CheckIn { step, outcome } => {
                let Actor::Candidate { ticket, .. } = by else { return Err(ProblemCode::NotAllowed.into()) };
                if step == CheckInStep::Identity {
                    // identity is decided by the server's own proof, never by a report
                    return Err(ProblemCode::NotAllowed.into());
                }
                let known = self.ticket(ticket)?.checked.contains(&(step, outcome));
                if !known {
                    self.persist(at, RoundEvent::CheckedIn { ticket, step, outcome });
                    self.outputs.push_back(Output::Room(Some(ticket)));
                }
            }
            Command::Confirm { accepted, comment } => self.confirm(at, by, accepted, comment)?,
            Command::MoveStage { to } => self.move_stage(at, by, to)?,
            Command::MarkOutcome { ticket, outcome } => {
                let member = host(by)?;
                if self.ticket(ticket)?.announced.is_some() {
                    return Err(Problem::new(ProblemCode::TicketClosed, "the outcome is announced"));
                }
                self.persist(at, RoundEvent::OutcomeMarked { ticket, outcome, by: member });
            }
            Command::Announce { tickets } => self.announce(at, by, tickets)?,
        }
        Ok(Answer::Now)
    }

    fn ring(
        &mut self,
        at: Moment,
        by: Actor,
        id: ChangeId,
        call: CallId,
        ticket_id: TicketId,
    ) -> Result<Answer, Problem> {
        let ticket = self.ticket(ticket_id)?;
        let (member, side) = match by {
            Actor::Member { member, .. } => (member, Side::Recruiter),
            Actor::Candidate { ticket: own, .. } => {
                // a candidate may only call back where the call broke off
                let (TicketStatus::CutOff { .. } | TicketStatus::InCall { .. }, true) = (ticket.status, own == ticket_id)
                else {
                    return Err(Problem::new(ProblemCode::NotAllowed, "no interrupted call to take up again"));
                };
                let last = ticket.last_call.ok_or(ProblemCode::NotAllowed)?;
                (last.member, Side::Candidate)
            }
        };
        if ticket.last_call.is_some_and(|last| last.call == call) || self.claims.contains_key(&call) {
            return Ok(Answer::Now);
        }
        if let TicketStatus::InCall { call: running, .. } = ticket.status {
            let glare = self.calls.get(&running).is_some_and(|c| {
                c.server.is_ringing() && c.server.caller() != side && (c.member == member || side == Side::Candidate)
            });
            if glare {
                // both sides rang: the first ring stands, the second answers it
                self.call_input(at, by, running, CallInput::Answer(by.device()))?;
                return Ok(Answer::Now);
            }
            return Err(ProblemCode::CandidateBusy.into());
        }
        if self.claims.values().any(|c| c.ticket == ticket_id) {
            return Err(ProblemCode::CandidateBusy.into());
        }
        if self.state.stage != Stage::Interview {
            return Err(Problem::new(ProblemCode::StageWrong, "rings belong to the interview stage"));
        }
        if ticket.announced.is_some() {
            return Err(Problem::new(ProblemCode::TicketClosed, "the outcome is announced"));
        }
        if self.state.info.identity == IdentityRule::FaceOrSms
            && !ticket.checked.iter().any(|c| c.0 == CheckInStep::Identity)
        {
            return Err(ProblemCode::IdentityNeeded.into());
        }
        let candidate = ticket.card.id;
        let claim = Claim { ticket: ticket_id, member, by: side, device: by.device(), change: id };
        self.claims.insert(call, claim);
        self.outputs.push_back(Output::ClaimSlots { call, candidate, member });
        Ok(Answer::Later)
    }

    fn slots_claimed(&mut self, at: Moment, call: CallId) {
        let Some(claim) = self.claims.remove(&call) else {
            // cancelled meanwhile
            self.outputs.push_back(Output::FreeSlots { call });
            return;
        };
        let Some(ticket) = self.state.tickets.get(&claim.ticket) else { return };
        let (talked, key) = (ticket.talked_ms, ticket.order_key());
        let server = CallServer::ring(at, claim.by, claim.device, self.state.info.ring_ms, talked);
        self.calls.insert(call, LiveCall { server, ticket: claim.ticket, member: claim.member });
        let (ticket, member, by, device) = (claim.ticket, claim.member, claim.by, claim.device);
        self.persist(at, RoundEvent::CallStarted { call, ticket, member, by, device });
        if claim.by == Side::Recruiter {
            self.skip_absent_before(at, key);
        }
        self.outputs.push_back(Output::Room(None));
        self.outputs.push_back(Output::Call(call));
        self.reply(claim.change, claim.device, Ok(self.state.seq));
    }

    fn slots_busy(&mut self, call: CallId, who: Side) {
        let Some(claim) = self.claims.remove(&call) else { return };
        let code = match who {
            Side::Candidate => ProblemCode::CandidateBusy,
            Side::Recruiter => ProblemCode::RecruiterBusy,
        };
        self.reply(claim.change, claim.device, Err(code.into()));
    }

    /// Those ahead of the one now rung who are not there: their turn came.
    fn skip_absent_before(&mut self, at: Moment, key: (u32, WallTime, u32)) {
        let absent: Vec<TicketId> = self
            .state
            .tickets
            .values()
            .filter(|t| t.status == TicketStatus::Waiting && t.order_key() < key)
            .map(|t| t.id)
            .filter(|&t| matches!(self.presence(t), Presence::Offline | Presence::Online))
            .collect();
        let until = at.wall.after(self.state.info.grace_ms as i64);
        for ticket in absent {
            self.persist(at, RoundEvent::Skipped { ticket, until });
        }
    }

    fn hang_up(&mut self, at: Moment, by: Actor, call: CallId) -> Result<(), Problem> {
        if let Some(claim) = self.claims.get(&call) {
            // cancelled before the store said anything; the claim's answer comes to nothing
            if claim.device == by.device() {
                let claim = self.claims.remove(&call);
                self.outputs.push_back(Output::FreeSlots { call });
                if let Some(claim) = claim {
                    self.reply(claim.change, claim.device, Err(ProblemCode::CallOver.into()));
                }
            }
            return Ok(());
        }
        self.call_input(at, by, call, CallInput::HangUp(by.side()))
    }

    fn call_input(&mut self, at: Moment, by: Actor, call: CallId, input: CallInput) -> Result<(), Problem> {
        let Some(live) = self.calls.get(&call) else {
            let over = self.state.by_call(call).is_some();
            return Err(if over { ProblemCode::CallOver } else { ProblemCode::CallUnknown }.into());
        };
        let member_of_call = match by {
            Actor::Candidate { ticket, .. } => live.ticket == ticket,
            Actor::Member { member, .. } => live.member == member,
        };
        // once answered, a call belongs to its two devices
        let own_device = live.server.device(by.side()).is_none_or(|d| d == by.device());
        let on_device = match input {
            CallInput::Reached | CallInput::Answer(_) | CallInput::Decline => by.side() != live.server.caller(),
            CallInput::Media { .. } | CallInput::HangUp(_) => own_device,
            CallInput::Gone(_) | CallInput::Back(_) | CallInput::Timeout => true,
        };
        if !member_of_call {
            return Err(ProblemCode::CallUnknown.into());
        }
        if !on_device {
            return Err(Problem::new(ProblemCode::NotAllowed, "the call is on another device or side"));
        }
        self.drive(at, call, input).map_err(|refused| {
            let code = match refused {
                CallRefused::Over => ProblemCode::CallOver,
                CallRefused::NotRinging | CallRefused::NotAnswered => ProblemCode::CallOver,
                CallRefused::AnsweredElsewhere => ProblemCode::CallOver,
            };
            Problem::new(code, refused.to_string())
        })
    }

    /// Feeds one call and turns what changed into events.
    fn drive(&mut self, at: Moment, call: CallId, input: CallInput) -> Result<(), CallRefused> {
        let Some(live) = self.calls.get_mut(&call) else { return Err(CallRefused::Over) };
        let ticket = live.ticket;
        let before = live.server.phase(at.now);
        let version = live.server.version();
        let out = live.server.handle(at.now, input)?;
        let after = live.server.phase(at.now);
        if out == Some(CallOutput::Nudge) {
            self.outputs.push_back(Output::Nudge { ticket });
        }
        if live.server.version() == version {
            return Ok(());
        }
        let answered = live.server.device(live.server.caller().other());
        let event = match (&before, &after) {
            (_, CallPhase::Ended { reason, talked_ms }) => {
                Some(RoundEvent::CallEnded { call, ticket, reason: *reason, talked_ms: *talked_ms })
            }
            (CallPhase::Ringing { .. }, CallPhase::Connecting { .. }) => {
                answered.map(|device| RoundEvent::CallAnswered { call, ticket, device })
            }
            (_, CallPhase::Connected { .. }) => Some(RoundEvent::CallConnected { call, ticket }),
            (_, CallPhase::Interrupted { by, why, .. }) => {
                Some(RoundEvent::CallInterrupted { call, ticket, by: *by, why: *why })
            }
            (_, CallPhase::Ringing { .. } | CallPhase::Connecting { .. }) => None,
        };
        if let Some(event) = event {
            let ended = matches!(event, RoundEvent::CallEnded { .. });
            self.persist(at, event);
            if ended {
                self.outputs.push_back(Output::FreeSlots { call });
                self.outputs.push_back(Output::Room(None));
            }
        }
        self.outputs.push_back(Output::Call(call));
        Ok(())
    }

    fn note(&mut self, at: Moment, by: Actor, id: ChangeId, ticket: TicketId, text: String) -> Result<(), Problem> {
        if let Actor::Candidate { ticket: own, .. } = by
            && own != ticket
        {
            return Err(ProblemCode::TicketUnknown.into());
        }
        check_text(&text)?;
        if text.trim().is_empty() {
            return Err(ProblemCode::TextEmpty.into());
        }
        if self.ticket(ticket)?.notes.len() >= NOTES_MAX {
            return Err(ProblemCode::TooMany.into());
        }
        let note = NoteView { id, from: by.side(), text, at: at.wall };
        self.persist(at, RoundEvent::Noted { ticket, note });
        self.outputs.push_back(Output::Room(Some(ticket)));
        Ok(())
    }

    fn confirm(&mut self, at: Moment, by: Actor, accepted: bool, comment: String) -> Result<(), Problem> {
        let Actor::Candidate { ticket, .. } = by else { return Err(ProblemCode::NotAllowed.into()) };
        check_text(&comment)?;
        let announced = self.ticket(ticket)?.announced.as_ref().ok_or(ProblemCode::NotAnnounced)?;
        if announced.confirmation.is_some() {
            return Err(ProblemCode::AlreadyConfirmed.into());
        }
        let confirmation = Confirmation { accepted, comment, at: at.wall };
        self.persist(at, RoundEvent::Confirmed { ticket, confirmation });
        self.outputs.push_back(Output::Room(Some(ticket)));
        Ok(())
    }

    fn move_stage(&mut self, at: Moment, by: Actor, to: Stage) -> Result<(), Problem> {
        let member = host(by)?;
        if !self.state.info.stages.contains(&to) {
            return Err(Problem::new(ProblemCode::StageWrong, "the round has no such stage"));
        }
        if self.state.stage == Stage::Closed {
            return Err(Problem::new(ProblemCode::StageWrong, "the round is closed"));
        }
        if to != self.state.stage {
            self.persist(at, RoundEvent::StageMoved { to, by: member });
            self.outputs.push_back(Output::Room(None));
        }
        Ok(())
    }

    fn announce(&mut self, at: Moment, by: Actor, tickets: Vec<TicketId>) -> Result<(), Problem> {
        let member = host(by)?;
        let staged = self.state.info.stages.contains(&Stage::Announcement);
        if staged && self.state.stage != Stage::Announcement {
            return Err(Problem::new(ProblemCode::StageWrong, "outcomes are announced in the announcement stage"));
        }
        for &id in &tickets {
            match self.ticket(id)?.outcome {
                None => return Err(ProblemCode::OutcomeMissing.into()),
                Some(Outcome::Pending) => return Err(ProblemCode::OutcomePending.into()),
                Some(Outcome::Suitable | Outcome::Unsuitable) => {}
            }
        }
        // what is announced already stays as it was, with its confirmation
        let tickets: Vec<TicketId> =
            tickets.into_iter().filter(|id| self.state.tickets[id].announced.is_none()).collect();
        if !tickets.is_empty() {
            let each = tickets.clone();
            self.persist(at, RoundEvent::Announced { tickets, by: member });
            self.outputs.extend(each.into_iter().map(|t| Output::Room(Some(t))));
        }
        Ok(())
    }

    fn present(&mut self, at: Moment, ticket: TicketId, device: DeviceId, presence: Presence) {
        let Some(known) = self.state.tickets.get(&ticket) else { return };
        let before = self.presence(ticket);
        // ready means: through the check-in, as far as the round demands one
        let identified = self.state.info.identity == IdentityRule::NotRequired
            || known.checked.iter().any(|c| c.0 == CheckInStep::Identity);
        let presence = if presence == Presence::Ready && !identified { Presence::Online } else { presence };
        if presence == Presence::Offline {
            self.presence.remove(&ticket);
        } else {
            self.presence.insert(ticket, (device, presence));
        }
        if presence == Presence::Ready && matches!(known.status, TicketStatus::Skipped { .. }) {
            self.persist(at, RoundEvent::Returned { ticket });
            self.outputs.push_back(Output::Room(None));
        }
        if presence != before {
            self.outputs.push_back(Output::Presence { ticket, presence });
        }
    }

    fn disconnected(&mut self, at: Moment, device: DeviceId) {
        let gone: Vec<TicketId> =
            self.presence.iter().filter(|(_, (d, _))| *d == device).map(|(t, _)| *t).collect();
        for ticket in gone {
            self.presence.remove(&ticket);
            self.outputs.push_back(Output::Presence { ticket, presence: Presence::Offline });
        }
        self.socket(at, device, CallInput::Gone);
    }

    fn socket(&mut self, at: Moment, device: DeviceId, input: fn(Side) -> CallInput) {
        let hit: Vec<(CallId, Side)> = self
            .calls
            .iter()
            .flat_map(|(id, live)| {
                [Side::Candidate, Side::Recruiter]
                    .into_iter()
                    .filter(|&side| live.server.device(side) == Some(device))
                    .map(|side| (*id, side))
            })
            .collect();
        for (call, side) in hit {
            // an ended call has no sockets to lose
            let _ = self.drive(at, call, input(side));
        }
    }

    fn graces(&self) -> impl Iterator<Item = (TicketId, WallTime)> + '_ {
        self.state.tickets.values().filter_map(|t| match t.status {
            TicketStatus::Skipped { until } => Some((t.id, until)),
            TicketStatus::Waiting
            | TicketStatus::InCall { .. }
            | TicketStatus::CutOff { .. }
            | TicketStatus::Interviewed => None,
        })
    }

    fn timeout(&mut self, at: Moment) {
        let due: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, c)| c.server.poll_timeout().is_some_and(|(t, _)| t <= at.now))
            .map(|(id, _)| *id)
            .collect();
        for call in due {
            let _ = self.drive(at, call, CallInput::Timeout);
        }
        let over: Vec<TicketId> = self.graces().filter(|(_, until)| *until <= at.wall).map(|(t, _)| t).collect();
        for ticket in over {
            // behind everyone there is, also those in a call now: they may come back into the line
            let lap = self.state.tickets.values().map(|t| t.lap).max().unwrap_or(0) + 1;
            self.persist(at, RoundEvent::MovedBehind { ticket, lap });
            self.outputs.push_back(Output::Room(None));
        }
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

/// Owners and recruiters decide; panellists do not.
fn host(by: Actor) -> Result<MemberId, Problem> {
    match by {
        Actor::Member { member, role: MemberRole::Owner | MemberRole::Recruiter, .. } => Ok(member),
        Actor::Member { role: MemberRole::Panellist, .. } | Actor::Candidate { .. } => {
            Err(ProblemCode::NotAllowed.into())
        }
    }
}

fn check_text(text: &str) -> Result<(), Problem> {
    if text.chars().count() > TEXT_MAX_CHARS { Err(ProblemCode::TextTooLong.into()) } else { Ok(()) }
}
