//! Rings, slots and running calls of a round.

use super::*;

impl RoundServer {
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

    pub(super) fn past_call(&self, call: CallId) -> Option<CallInfo> {
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

    pub(super) fn ring(
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
                let (TicketStatus::CutOff { .. } | TicketStatus::InCall { .. }, true) =
                    (ticket.status, own == ticket_id)
                else {
                    return Err(Problem::new(
                        ProblemCode::NotAllowed,
                        "no interrupted call to take up again",
                    ));
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
                c.server.is_ringing()
                    && c.server.caller() != side
                    && (c.member == member || side == Side::Candidate)
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
        if !check_in::server::may_be_ready(self.state.info.identity, &ticket.checked) {
            return Err(ProblemCode::IdentityNeeded.into());
        }
        let candidate = ticket.card.id;
        let claim = Claim { ticket: ticket_id, member, by: side, device: by.device(), change: id };
        self.claims.insert(call, claim);
        self.outputs.push_back(Output::ClaimSlots { call, candidate, member });
        Ok(Answer::Later)
    }

    pub(super) fn slots_claimed(&mut self, at: Moment, call: CallId) {
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

    pub(super) fn slots_busy(&mut self, call: CallId, who: Side) {
        let Some(claim) = self.claims.remove(&call) else { return };
        let code = match who {
            Side::Candidate => ProblemCode::CandidateBusy,
            Side::Recruiter => ProblemCode::RecruiterBusy,
        };
        self.reply(claim.change, claim.device, Err(code.into()));
    }

    pub(super) fn hang_up(&mut self, at: Moment, by: Actor, call: CallId) -> Result<(), Problem> {
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

    pub(super) fn call_input(
        &mut self,
        at: Moment,
        by: Actor,
        call: CallId,
        input: CallInput,
    ) -> Result<(), Problem> {
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
            CallInput::Reached | CallInput::Answer(_) | CallInput::Decline => {
                by.side() != live.server.caller()
            }
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
            // whatever stands against it, the moment for this command is past
            Problem::new(ProblemCode::CallOver, refused.to_string())
        })
    }

    /// Feeds one call and turns what changed into events.
    pub(super) fn drive(&mut self, at: Moment, call: CallId, input: CallInput) -> Result<(), CallRefused> {
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

    pub(super) fn socket(&mut self, at: Moment, device: DeviceId, input: fn(Side) -> CallInput) {
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
}
