//! Sockets that come, say how they are, ask what they missed, and go; as one round's actor sees them.

use super::actor::{EVENTS_RESUMED_MAX, RoundActor};
use super::ask::{Greeting, Resumed, SeatRole, Seated};
use super::calls::Told;
use super::failed;
use super::notes::{events_note, presence_note};
use crate::bus::Note;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::TicketStatus;
use miantan_domain::rules::round::server::Input;
use miantan_domain::wire::live::ServerFrame;
use miantan_domain::wire::{Problem, ProblemCode};

impl RoundActor {
    pub(super) async fn connected(
        &mut self,
        seated: Seated,
        presence: Presence,
        believed: Option<CallId>,
    ) -> Result<Greeting, Problem> {
        let newest = self.sockets.entry(seated.seat).or_insert(seated.socket);
        *newest = (*newest).max(seated.socket);
        let device = seated.seat.device;
        if let SeatRole::Member { id, name } = &seated.role {
            self.names.insert(*id, name.clone());
        }
        self.apply(Input::Connected(device)).await?;
        let mut greeting = Greeting::default();
        if let SeatRole::Candidate(ticket) = seated.role {
            let presence = said(presence);
            self.present.insert(ticket, (seated.seat, presence));
            self.apply(Input::Presence { ticket, device, presence }).await?;
            let Some(room) = self.state().await?.room(ticket) else {
                return Err(ProblemCode::TicketUnknown.into());
            };
            self.sent.forget(ticket);
            self.sent.news(&room);
            greeting.notes.push(Note::frame(&ServerFrame::Room(Box::new(room))));
        }
        self.greet_with_calls(&seated, believed, &mut greeting);
        Ok(greeting)
    }

    /// The calls of this person, and the one the device believes to be in.
    fn greet_with_calls(&self, seated: &Seated, believed: Option<CallId>, greeting: &mut Greeting) {
        let Some(machine) = &self.machine else { return };
        let state = machine.state();
        let now = self.tools.clock.moment().now;
        let side = match seated.role {
            SeatRole::Candidate(_) => Side::Candidate,
            SeatRole::Member { .. } => Side::Recruiter,
        };
        let running: Vec<CallId> = machine.calls().collect();
        let over = believed.filter(|call| !running.contains(call));
        for info in over.into_iter().chain(running).filter_map(|call| machine.call(now, call)) {
            let own = match seated.role {
                SeatRole::Candidate(ticket) => info.ticket == ticket,
                SeatRole::Member { id, .. } => info.member == id,
            };
            if own {
                greeting.knew_call |= believed == Some(info.call);
                let told = Told { tools: &self.tools, state, names: &self.names, info: &info };
                greeting.notes.extend(told.for_newcomer(side, seated.seat.device));
            }
        }
    }

    pub(super) async fn presence(&mut self, seated: &Seated, presence: Presence) -> Result<(), Problem> {
        let SeatRole::Candidate(ticket) = seated.role else { return Ok(()) };
        if self.sockets.get(&seated.seat) != Some(&seated.socket) {
            return Ok(()); // a stale socket
        }
        let presence = said(presence);
        self.present.insert(ticket, (seated.seat, presence));
        self.apply(Input::Presence { ticket, device: seated.seat.device, presence }).await
    }

    pub(super) async fn disconnected(&mut self, seated: &Seated) {
        if self.sockets.get(&seated.seat) != Some(&seated.socket) {
            return; // a newer socket of this seat is there
        }
        self.sockets.remove(&seated.seat);
        if let SeatRole::Candidate(ticket) = seated.role
            && self.present.get(&ticket).is_some_and(|(seat, _)| *seat == seated.seat)
        {
            self.present.remove(&ticket);
            self.sent.forget(ticket);
        }
        let device = seated.seat.device;
        let elsewhere = self.sockets.keys().any(|seat| seat.device == device);
        if !elsewhere && let Err(problem) = self.apply(Input::Disconnected(device)).await {
            // known all the same: a rebuilt machine is told only of those who are there
            tracing::warn!(round = %self.round, %problem, "a disconnection is not stored");
        }
    }

    pub(super) async fn watch(&mut self, since: u64) -> Result<Resumed, Problem> {
        let upto = self.state().await?.seq;
        let missed = upto.checked_sub(since).filter(|&n| since > 0 && n <= EVENTS_RESUMED_MAX);
        if let Some(missed) = missed {
            let limit = EVENTS_RESUMED_MAX as u32;
            let rounds = &self.tools.stores.rounds;
            let events = rounds.events_since(self.round, since, limit).await.map_err(failed)?;
            if events.len() as u64 == missed {
                let notes = vec![events_note(self.round, &events), self.presences()];
                return Ok(Resumed { upto, notes });
            }
        }
        let queue = Box::new(self.ready().await?.snapshot());
        let frame = ServerFrame::Queue { round: self.round, queue };
        Ok(Resumed { upto, notes: vec![Note::frame(&frame)] })
    }

    /// Presence is not numbered: a device that resumes hears it of everyone who may be rung.
    fn presences(&self) -> Note {
        let machine = self.machine.iter();
        let tickets = machine.flat_map(|m| m.state().tickets.values().map(|t| (t, m.presence(t.id))));
        let told = tickets
            .filter(|(t, presence)| t.status != TicketStatus::Interviewed || *presence != Presence::Offline);
        presence_note(self.round, told.map(|(t, presence)| (t.id, presence)))
    }
}

/// A connected device is never offline, whatever it says.
fn said(presence: Presence) -> Presence {
    if presence == Presence::Offline { Presence::Online } else { presence }
}
