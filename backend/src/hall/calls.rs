//! A call as each device is told of it.
//!
//! The device that is in the call gets its true phase with servers and path; every device of the
//! rung person rings until one answers, and the others are then told that it was answered elsewhere.

use super::Tools;
use crate::bus::{CallNote, ElsewhereNote, Note, Route, Seat, Topic, encode};
use crate::store::Person;
use miantan_domain::ids::*;
use miantan_domain::model::Side;
use miantan_domain::rules::call::{CallPhase, EndReason};
use miantan_domain::rules::round::RoundState;
use miantan_domain::rules::round::server::CallInfo;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{CallFrame, ServerFrame};
use std::collections::HashMap;

/// Names of members as they appeared; the round itself knows only their ids.
pub(crate) type Names = HashMap<MemberId, String>;

/// One call, ready to be told.
pub(crate) struct Told<'a> {
    pub tools: &'a Tools,
    pub state: &'a RoundState,
    pub names: &'a Names,
    pub info: &'a CallInfo,
}

impl Told<'_> {
    /// Tells all devices that have to do with the call.
    pub fn publish(&self) {
        // the candidate's side first: the offer comes from the recruiter's, and must not overtake
        for side in [Side::Candidate, Side::Recruiter] {
            if let Some(device) = self.device(side) {
                let seat = Seat { person: self.person(side), device };
                self.tools.bus.publish(Topic::Seat(seat), self.note(side, Some(device)));
                if self.answered_just_now() && self.rung() == side {
                    let note = self.elsewhere(side, device);
                    self.tools.bus.publish(self.everywhere(side), note);
                }
            } else {
                self.tools.bus.publish(self.everywhere(side), self.note(side, None));
            }
        }
    }

    /// What a device of this side that has just connected is told; `None`: it has no part in it.
    pub fn for_newcomer(&self, side: Side, newcomer: DeviceId) -> Option<Note> {
        match self.device(side) {
            Some(device) if device == newcomer => Some(self.note(side, Some(device))),
            Some(device) if self.rung() == side => Some(self.elsewhere(side, device)),
            Some(_) => None,
            None => Some(self.note(side, None)),
        }
    }

    fn note(&self, side: Side, device: Option<DeviceId>) -> Note {
        let mut phase = self.info.phase.clone();
        if let (
            CallPhase::Connecting { plan }
            | CallPhase::Connected { plan, .. }
            | CallPhase::Interrupted { plan, .. },
            Some(device),
        ) = (&mut phase, device)
        {
            plan.ice = self.tools.ice.servers(device, self.tools.clock.wall());
            plan.path = self.tools.ice.path();
        }
        let other = side.other();
        let route = self.device(other).filter(|_| self.info.answered && device.is_some()).map(|peer| Route {
            call: self.info.call,
            epoch: self.info.epoch,
            peer: Seat { person: self.person(other), device: peer },
        });
        Note::Call(Box::new(CallNote { call: self.info.call, route, frame: self.frame(side, phase) }))
    }

    fn elsewhere(&self, side: Side, except: DeviceId) -> Note {
        let phase = CallPhase::Ended { reason: EndReason::AnsweredElsewhere, talked_ms: 0 };
        Note::CallElsewhere(Box::new(ElsewhereNote { except, frame: self.frame(side, phase) }))
    }

    fn frame(&self, side: Side, phase: CallPhase) -> axum::extract::ws::Utf8Bytes {
        let with = match side {
            Side::Recruiter => self.info.candidate_name.clone(),
            Side::Candidate => recruiter_name(self.state, self.names, self.info.member),
        };
        encode(&ServerFrame::Call(Box::new(CallFrame {
            call: self.info.call,
            round: self.state.info.id,
            ticket: self.info.ticket,
            version: self.info.version,
            side,
            with,
            phase,
        })))
    }

    fn answered_just_now(&self) -> bool {
        matches!(self.info.phase, CallPhase::Connecting { .. })
    }

    /// The side that was rung.
    fn rung(&self) -> Side {
        let by = match &self.info.phase {
            CallPhase::Ringing { by, .. } => Some(*by),
            CallPhase::Connecting { .. }
            | CallPhase::Connected { .. }
            | CallPhase::Interrupted { .. }
            | CallPhase::Ended { .. } => {
                self.state.by_call(self.info.call).and_then(|t| t.last_call).map(|last| last.by)
            }
        };
        by.map_or(Side::Candidate, Side::other)
    }

    fn device(&self, side: Side) -> Option<DeviceId> {
        match side {
            Side::Candidate => self.info.candidate_device,
            Side::Recruiter => self.info.member_device,
        }
    }

    fn person(&self, side: Side) -> Person {
        match side {
            Side::Candidate => Person::Candidate(self.info.candidate),
            Side::Recruiter => Person::Member(self.info.member),
        }
    }

    fn everywhere(&self, side: Side) -> Topic {
        match side {
            Side::Candidate => Topic::Ticket(self.info.ticket),
            Side::Recruiter => Topic::Member(self.info.member),
        }
    }
}

/// The employer, and the member's name where it is known.
fn recruiter_name(state: &RoundState, names: &Names, member: MemberId) -> String {
    match names.get(&member) {
        Some(name) => format!("{} · {name}", state.info.employer),
        None => state.info.employer.clone(),
    }
}

/// What a device is told of a call nobody knows any more: it is over.
pub(crate) fn forgotten(round: RoundId, ticket: TicketId, side: Side, call: CallId, now: WallTime) -> Note {
    let phase = CallPhase::Ended { reason: EndReason::Lost, talked_ms: 0 };
    // versions count from the wall time of the ring: now is above them all
    let version = u64::try_from(now.0).unwrap_or(0);
    let frame = CallFrame { call, round, ticket, version, side, with: String::new(), phase };
    let frame = encode(&ServerFrame::Call(Box::new(frame)));
    Note::Call(Box::new(CallNote { call, route: None, frame }))
}
