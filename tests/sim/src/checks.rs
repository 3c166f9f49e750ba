//! The invariants, looked at from outside: the server's log and what the devices were told, never
//! the machines' own idea of themselves.

use crate::device::Told;
use crate::server::Server;
use crate::{Broken, Rule};
use miantan_domain::ids::*;
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::wire::live::Command;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the log says so far.
#[derive(Default)]
pub struct Checks {
    /// Persons in a call that is not over.
    in_call: BTreeMap<Uuid, CallId>,
    calls: BTreeMap<CallId, CallLog>,
    /// Each round's line as it should be: tickets in the order of the rule, whoever waits or not.
    lines: BTreeMap<RoundId, Vec<Place>>,
    notes: BTreeMap<ChangeId, u32>,
    acknowledged: BTreeSet<ChangeId>,
    /// The appointed times the candidates were given.
    appointments: BTreeMap<TicketId, Option<i64>>,
    persons: BTreeMap<TicketId, CandidateId>,
    pub broken: Vec<Broken>,
}

struct CallLog {
    persons: [Uuid; 2],
    ended: Option<EndReason>,
}

#[derive(Clone, Copy)]
struct Place {
    ticket: TicketId,
    appointed: i64,
    number: u32,
    moved: bool,
}

impl Checks {
    /// A candidate with an invitation; the check keeps its own idea of the appointment.
    pub fn invited(&mut self, ticket: TicketId, candidate: CandidateId, appointed: Option<i64>) {
        self.appointments.insert(ticket, appointed);
        self.persons.insert(ticket, candidate);
    }

    /// How many calls the log has seen.
    pub fn call_count(&self) -> usize {
        self.calls.len()
    }

    /// How many ended so.
    pub fn ended_count(&self, reason: EndReason) -> usize {
        self.calls.values().filter(|c| c.ended == Some(reason)).count()
    }

    pub fn acknowledged_count(&self) -> usize {
        self.acknowledged.len()
    }

    fn fail(&mut self, rule: Rule, what: impl Into<String>) {
        self.broken.push(Broken { rule, what: what.into() });
    }

    /// Looks at newly written events and at the queue they made.
    pub fn written(&mut self, server: &mut Server) {
        let fresh = std::mem::take(&mut server.fresh);
        if fresh.is_empty() {
            return;
        }
        for (round, event) in &fresh {
            self.event(*round, event);
        }
        self.order(server);
        self.tickets(server);
    }

    fn event(&mut self, round: RoundId, event: &RoundEvent) {
        match event {
            RoundEvent::TicketTaken { ticket, number, .. } => self.place(round, *ticket, *number),
            RoundEvent::Reappointed { ticket, .. } => {
                let line = self.lines.entry(round).or_default();
                if let Some(at) = line.iter().position(|p| p.ticket == *ticket) {
                    let number = line.remove(at).number;
                    self.place(round, *ticket, number);
                }
            }
            RoundEvent::MovedBehind { ticket, .. } => {
                let line = self.lines.entry(round).or_default();
                if let Some(at) = line.iter().position(|p| p.ticket == *ticket) {
                    let mut place = line.remove(at);
                    place.moved = true;
                    line.push(place);
                }
            }
            RoundEvent::CallStarted { call, ticket, member, .. } => {
                let persons = [self.persons[ticket].0, member.0];
                for person in persons {
                    if let Some(other) = self.in_call.insert(person, *call)
                        && other != *call
                    {
                        self.fail(Rule::NobodyInTwoCalls, format!("{person} is in {other} and in {call}"));
                    }
                }
                self.calls.insert(*call, CallLog { persons, ended: None });
            }
            RoundEvent::CallEnded { call, reason, .. } => {
                let Some(log) = self.calls.get_mut(call) else {
                    return self.fail(Rule::EveryCallEndsOnce, format!("{call} ended without a beginning"));
                };
                let (before, persons) = (log.ended.replace(*reason), log.persons);
                if let Some(before) = before {
                    self.fail(Rule::EveryCallEndsOnce, format!("{call} ended {before:?}, then {reason:?}"));
                }
                for person in persons {
                    if self.in_call.get(&person) == Some(call) {
                        self.in_call.remove(&person);
                    }
                }
            }
            RoundEvent::CallAnswered { call, .. }
            | RoundEvent::CallConnected { call, .. }
            | RoundEvent::CallInterrupted { call, .. }
            | RoundEvent::CallRebuilt { call, .. } => {
                if self.calls.get(call).is_none_or(|c| c.ended.is_some()) {
                    self.fail(Rule::EveryCallEndsOnce, format!("{call} is over and goes on: {event:?}"));
                }
            }
            RoundEvent::Noted { note, .. } => {
                let count = self.notes.entry(note.id).or_default();
                *count += 1;
                if *count > 1 {
                    self.fail(
                        Rule::AcknowledgedExistsOnce,
                        format!("{} exists {} times", note.id, self.notes[&note.id]),
                    );
                }
            }
            RoundEvent::CheckedIn { .. }
            | RoundEvent::IdentitySettled { .. }
            | RoundEvent::NetworkMeasured { .. }
            | RoundEvent::Skipped { .. }
            | RoundEvent::Returned { .. }
            | RoundEvent::OutcomeMarked { .. }
            | RoundEvent::StageMoved { .. }
            | RoundEvent::Announced { .. }
            | RoundEvent::Confirmed { .. }
            | RoundEvent::GivenUp { .. }
            | RoundEvent::Notified { .. }
            | RoundEvent::Unknown => {}
        }
    }

    /// Behind those with an earlier time, or the same time and a lower number; before those moved behind.
    fn place(&mut self, round: RoundId, ticket: TicketId, number: u32) {
        let appointed = self.appointments[&ticket].unwrap_or(i64::MAX);
        let line = self.lines.entry(round).or_default();
        let later = |p: &Place| p.moved || (p.appointed, p.number) > (appointed, number);
        let at = line.iter().position(later).unwrap_or(line.len());
        line.insert(at, Place { ticket, appointed, number, moved: false });
    }

    fn order(&mut self, server: &Server) {
        let mut wrong = Vec::new();
        for (id, round) in &server.rounds {
            let line: Vec<TicketId> = round.state().line().iter().map(|t| t.id).collect();
            let waiting: BTreeSet<TicketId> = line.iter().copied().collect();
            let places = self.lines.get(id).map_or(&[][..], Vec::as_slice);
            let due: Vec<TicketId> =
                places.iter().map(|p| p.ticket).filter(|t| waiting.contains(t)).collect();
            if line != due {
                wrong.push(format!("round {id}: the line is {line:?}, should be {due:?}"));
            }
        }
        for what in wrong {
            self.fail(Rule::QueueOrderKept, what);
        }
    }

    fn tickets(&mut self, server: &Server) {
        let mut lost = Vec::new();
        for (round, line) in &self.lines {
            let Some(machine) = server.rounds.get(round) else { continue };
            for place in line {
                if !machine.state().tickets.contains_key(&place.ticket) {
                    lost.push(format!("{} is gone from round {round}", place.ticket));
                }
            }
        }
        for what in lost {
            self.fail(Rule::TicketNeverLost, what);
        }
    }

    /// A restart rebuilt everything: nothing may be missing.
    pub fn restarted(&mut self, server: &mut Server) {
        self.written(server);
        self.tickets(server);
        self.order(server);
    }

    /// What a device was told about its commands.
    pub fn told(&mut self, told: &Told) {
        if !matches!(told.command, Command::Note { .. }) {
            return;
        }
        let count = self.notes.get(&told.id).copied().unwrap_or(0);
        if told.accepted {
            self.acknowledged.insert(told.id);
            if count != 1 {
                self.fail(
                    Rule::AcknowledgedExistsOnce,
                    format!("{} was acknowledged and exists {count} times", told.id),
                );
            }
        } else if count != 0 {
            self.fail(
                Rule::AcknowledgedExistsOnce,
                format!("{} was refused and exists {count} times", told.id),
            );
        }
    }

    /// At the end, when all is quiet.
    pub fn quiet(&mut self, server: &Server) {
        let open: Vec<CallId> =
            self.calls.iter().filter(|(_, c)| c.ended.is_none()).map(|(id, _)| *id).collect();
        for call in open {
            self.fail(Rule::EveryCallEndsOnce, format!("{call} never ended"));
        }
        let mut stored: BTreeMap<ChangeId, u32> = BTreeMap::new();
        for (_, event) in server.disk.logs.values().flatten() {
            if let RoundEvent::Noted { note, .. } = event {
                *stored.entry(note.id).or_default() += 1;
            }
        }
        for id in self.acknowledged.clone() {
            if stored.get(&id) != Some(&1) {
                self.fail(
                    Rule::AcknowledgedExistsOnce,
                    format!("{id} was acknowledged and is not on disk once"),
                );
            }
        }
        self.tickets(server);
    }

    pub fn disagree(&mut self, what: String) {
        self.fail(Rule::EveryoneAgrees, what);
    }
}
