//! Many candidates' rooms from one state: the queue is ranked once for all of them, and a room that
//! did not change is not sent again.

use miantan_domain::ids::TicketId;
use miantan_domain::rules::round::{RoundState, Ticket, TicketStatus};
use miantan_domain::rules::wait::Pace;
use miantan_domain::wire::live::{Room, RoomPlace};
use std::collections::HashMap;

/// How many are ahead of each ticket in the line, and the round's pace; one sort for the whole round.
pub struct Ranks {
    ahead: HashMap<TicketId, u32>,
    pace: Pace,
}

impl Ranks {
    pub fn of(state: &RoundState) -> Self {
        let line = state.line();
        let mut ranks = HashMap::with_capacity(line.len());
        let mut ahead = 0;
        for (index, ticket) in line.iter().enumerate() {
            // equal keys are not ahead of each other
            if index > 0 && line[index - 1].order_key() < ticket.order_key() {
                ahead = index as u32;
            }
            ranks.insert(ticket.id, ahead);
        }
        Self { ahead: ranks, pace: Pace::of(state) }
    }

    /// The same as [`RoundState::room`], without its walk through the queue.
    pub fn room(&self, state: &RoundState, ticket: &Ticket) -> Room {
        let ahead = self.ahead.get(&ticket.id).copied().unwrap_or(0);
        let place = match ticket.status {
            TicketStatus::Waiting => RoomPlace::Waiting { ahead },
            TicketStatus::Skipped { until } => RoomPlace::Skipped { ahead, until },
            TicketStatus::InCall { call, .. } => RoomPlace::InCall { call },
            TicketStatus::CutOff { call } => RoomPlace::CutOff { call, talked_ms: ticket.talked_ms },
            TicketStatus::Interviewed => RoomPlace::Interviewed,
            TicketStatus::GivenUp => RoomPlace::GivenUp,
        };
        Room {
            round: state.info.clone(),
            seq: state.seq,
            stage: state.stage,
            ticket: ticket.id,
            number: ticket.number,
            place,
            since: ticket.taken,
            checked: ticket.checked.clone(),
            identity: ticket.identity,
            wait: ticket.in_line().then(|| self.pace.range(ahead)).flatten(),
            notes: ticket.notes.clone(),
            notices: state.notices.clone(),
            announced: ticket.announced.clone(),
        }
    }
}

/// The rooms last sent, so that one ring among 500 waiting people does not send 500 equal rooms.
#[derive(Default)]
pub struct SentRooms(HashMap<TicketId, Room>);

impl SentRooms {
    /// Whether the room differs in anything but its number; remembers it if so.
    pub fn news(&mut self, room: &Room) -> bool {
        let known = self.0.get(&room.ticket).is_some_and(|sent| {
            let same = Room { seq: room.seq, ..sent.clone() };
            same == *room
        });
        if !known {
            self.0.insert(room.ticket, room.clone());
        }
        !known
    }

    /// Nobody of this ticket is connected any more.
    pub fn forget(&mut self, ticket: TicketId) {
        self.0.remove(&ticket);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::*;
    use miantan_domain::model::*;
    use miantan_domain::rules::call::EndReason;
    use miantan_domain::rules::round::RoundEvent;
    use miantan_domain::time::WallTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn state() -> RoundState {
        RoundState::new(RoundInfo {
            id: RoundId(Uuid::from_u128(1)),
            name: "软件类岗位面谈".into(),
            employer: "青禾科技".into(),
            stages: vec![Stage::Interview, Stage::Closed],
            starts: WallTime(0),
            ends: WallTime(1),
            identity: IdentityRule::NotRequired,
            ring_ms: 1,
            grace_ms: 1,
        })
    }

    /// What may happen to ticket `n`.
    fn event(n: u128, what: u8) -> RoundEvent {
        let ticket = TicketId(Uuid::from_u128(n));
        let call = CallId(Uuid::from_u128(100 + n));
        match what {
            0 => RoundEvent::Skipped { ticket, until: WallTime(9) },
            1 => RoundEvent::Returned { ticket },
            2 => RoundEvent::MovedBehind { ticket, lap: 1 },
            3 => RoundEvent::CallStarted {
                call,
                ticket,
                member: MemberId(Uuid::from_u128(1)),
                by: Side::Recruiter,
                device: DeviceId(Uuid::from_u128(1)),
            },
            4 => RoundEvent::CallEnded { call, ticket, reason: EndReason::Completed, talked_ms: 5 },
            _ => RoundEvent::CallEnded { call, ticket, reason: EndReason::Lost, talked_ms: 5 },
        }
    }

    proptest! {
        #[test]
        fn ranked_once_or_one_by_one_the_rooms_are_the_same(
            appointed in prop::collection::vec(prop::option::of(0_i64..3), 1..12),
            happened in prop::collection::vec((0_u128..12, 0_u8..6), 0..30),
        ) {
            let mut state = state();
            for (n, at) in appointed.iter().enumerate() {
                let card = CandidateCard {
                    id: CandidateId(Uuid::from_u128(n as u128)),
                    name: "林".into(),
                    headline: String::new(),
                    position: String::new(),
                };
                state.apply(WallTime(0), &RoundEvent::TicketTaken {
                    ticket: TicketId(Uuid::from_u128(n as u128)),
                    card,
                    number: n as u32 + 1,
                    appointed: at.map(WallTime),
                });
            }
            for (n, what) in happened {
                state.apply(WallTime(1), &event(n, what));
            }
            let ranks = Ranks::of(&state);
            for ticket in state.tickets.values() {
                prop_assert_eq!(Some(ranks.room(&state, ticket)), state.room(ticket.id));
            }
        }
    }

    #[test]
    fn an_equal_room_is_no_news_even_with_a_new_number() {
        let mut state = state();
        let ticket = TicketId(Uuid::from_u128(1));
        let card = CandidateCard {
            id: CandidateId(Uuid::from_u128(1)),
            name: "林".into(),
            headline: String::new(),
            position: String::new(),
        };
        state.apply(WallTime(0), &RoundEvent::TicketTaken { ticket, card, number: 1, appointed: None });
        let mut sent = SentRooms::default();
        let mut room = state.room(ticket).unwrap();
        assert!(sent.news(&room));
        room.seq += 1;
        assert!(!sent.news(&room));
        room.stage = Stage::Closed;
        assert!(sent.news(&room));
        sent.forget(ticket);
        assert!(sent.news(&room), "a device that comes back gets it again");
    }
}
