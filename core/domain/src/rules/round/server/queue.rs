//! Who is there, who is skipped, who moves behind.

use super::*;

impl RoundServer {
    pub(super) fn take(
        &mut self,
        at: Moment,
        ticket: TicketId,
        card: CandidateCard,
        appointed: Option<WallTime>,
    ) {
        if let Some(known) = self.state.tickets.get(&ticket) {
            let back = match known.status {
                TicketStatus::GivenUp => true,
                TicketStatus::Waiting | TicketStatus::Skipped { .. } => known.appointed != appointed,
                TicketStatus::InCall { .. } | TicketStatus::CutOff { .. } | TicketStatus::Interviewed => {
                    false
                }
            };
            if back {
                self.persist(at, RoundEvent::Reappointed { ticket, appointed });
                self.outputs.push_back(Output::Room(None));
            }
            return;
        }
        let number = self.state.next_number();
        self.persist(at, RoundEvent::TicketTaken { ticket, card, number, appointed });
        self.outputs.push_back(Output::Room(None));
    }

    pub(super) fn give_up(&mut self, at: Moment, ticket: TicketId) {
        let Some(known) = self.state.tickets.get(&ticket) else { return };
        match known.status {
            TicketStatus::Waiting | TicketStatus::Skipped { .. } | TicketStatus::CutOff { .. } => {
                self.persist(at, RoundEvent::GivenUp { ticket });
                self.outputs.push_back(Output::Room(None));
            }
            TicketStatus::InCall { .. } | TicketStatus::Interviewed | TicketStatus::GivenUp => {}
        }
    }

    /// Those ahead of the one now rung who are not there: their turn came.
    pub(super) fn skip_absent_before(&mut self, at: Moment, key: (u32, WallTime, u32)) {
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

    pub(super) fn identified(&mut self, at: Moment, ticket: TicketId, assurance: Assurance, doubt: bool) {
        let Some(known) = self.state.tickets.get(&ticket) else { return };
        if known.identity.is_some_and(|mark| (mark.assurance, mark.doubt) == (assurance, doubt)) {
            return;
        }
        self.persist(at, RoundEvent::IdentitySettled { ticket, assurance, doubt });
        self.outputs.push_back(Output::Room(Some(ticket)));
    }

    pub(super) fn present(&mut self, at: Moment, ticket: TicketId, device: DeviceId, presence: Presence) {
        let Some(known) = self.state.tickets.get(&ticket) else { return };
        let before = self.presence(ticket);
        // ready means: through the check-in, as far as the round demands one
        let identified = check_in::server::may_be_ready(self.state.info.identity, &known.checked);
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

    pub(super) fn disconnected(&mut self, at: Moment, device: DeviceId) {
        let gone: Vec<TicketId> =
            self.presence.iter().filter(|(_, (d, _))| *d == device).map(|(t, _)| *t).collect();
        for ticket in gone {
            self.presence.remove(&ticket);
            self.outputs.push_back(Output::Presence { ticket, presence: Presence::Offline });
        }
        self.socket(at, device, CallInput::Gone);
    }

    pub(super) fn graces(&self) -> impl Iterator<Item = (TicketId, WallTime)> + '_ {
        self.state.tickets.values().filter_map(|t| match t.status {
            TicketStatus::Skipped { until } => Some((t.id, until)),
            TicketStatus::Waiting
            | TicketStatus::InCall { .. }
            | TicketStatus::CutOff { .. }
            | TicketStatus::Interviewed
            | TicketStatus::GivenUp => None,
        })
    }

    pub(super) fn timeout(&mut self, at: Moment) {
        let due: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, c)| c.server.poll_timeout().is_some_and(|(t, _)| t <= at.now))
            .map(|(id, _)| *id)
            .collect();
        for call in due {
            let _ = self.drive(at, call, CallInput::Timeout);
        }
        let over: Vec<TicketId> =
            self.graces().filter(|(_, until)| *until <= at.wall).map(|(t, _)| t).collect();
        for ticket in over {
            // behind everyone there is, also those in a call now: they may come back into the line
            let lap = self.state.tickets.values().map(|t| t.lap).max().unwrap_or(0) + 1;
            self.persist(at, RoundEvent::MovedBehind { ticket, lap });
            self.outputs.push_back(Output::Room(None));
        }
    }
}
