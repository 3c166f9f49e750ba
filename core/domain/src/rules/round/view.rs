//! What one candidate may see of a round.

use super::state::{RoundState, Ticket, TicketStatus};
use crate::ids::TicketId;
use crate::model::WaitRange;
use crate::rules::wait::Pace;
use crate::wire::live::{Room, RoomPlace};

impl RoundState {
    /// The candidate's room (J8): nobody else's name, call or outcome is in it.
    pub fn room(&self, ticket: TicketId) -> Option<Room> {
        let ticket = self.tickets.get(&ticket)?;
        Some(Room {
            round: self.info.clone(),
            seq: self.seq,
            stage: self.stage,
            ticket: ticket.id,
            number: ticket.number,
            place: self.place(ticket),
            since: ticket.taken,
            checked: ticket.checked.clone(),
            identity: ticket.identity,
            wait: self.wait(ticket),
            notes: ticket.notes.clone(),
            notices: self.notices.clone(),
            announced: ticket.announced.clone(),
        })
    }

    fn wait(&self, ticket: &Ticket) -> Option<WaitRange> {
        ticket.in_line().then(|| Pace::of(self).range(self.ahead(ticket))).flatten()
    }

    fn place(&self, ticket: &Ticket) -> RoomPlace {
        match ticket.status {
            TicketStatus::Waiting => RoomPlace::Waiting { ahead: self.ahead(ticket) },
            TicketStatus::Skipped { until } => RoomPlace::Skipped { ahead: self.ahead(ticket), until },
            TicketStatus::InCall { call, .. } => RoomPlace::InCall { call },
            TicketStatus::CutOff { call } => RoomPlace::CutOff { call, talked_ms: ticket.talked_ms },
            TicketStatus::Interviewed => RoomPlace::Interviewed,
            TicketStatus::GivenUp => RoomPlace::GivenUp,
        }
    }
}
