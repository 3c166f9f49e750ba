//! What a round's actor can be asked, and what it answers.

use crate::bus::{Note, Seat};
use crate::store::{Person, Session, Who};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::Ticket;
use miantan_domain::rules::round::server::Actor as By;
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use miantan_domain::wire::live::Command;
use miantan_domain::wire::rest::RoundSummary;
use tokio::sync::oneshot;

/// One socket of one person on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seated {
    pub seat: Seat,
    /// The socket's number: a newer socket of the seat has a higher one.
    pub socket: u64,
    pub role: SeatRole,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatRole {
    Candidate(TicketId),
    Member { id: MemberId, name: String },
}

impl Seated {
    pub fn of(session: &Session, socket: u64) -> Self {
        let role = match &session.who {
            // a round knows nobody who is not in its room: a ticket of nobody finds nothing
            Who::Candidate { room, .. } => {
                SeatRole::Candidate(room.map_or(TicketId(uuid::Uuid::nil()), |room| room.ticket))
            }
            Who::Member { member, .. } => SeatRole::Member { id: member.id, name: member.name.clone() },
        };
        Self { seat: Seat { person: session.who.in_rounds(), device: session.device }, socket, role }
    }
}

/// What a watching device gets first.
#[derive(Debug)]
pub struct Resumed {
    /// Everything up to this event number is in `notes`.
    pub upto: u64,
    pub notes: Vec<Note>,
}

/// What a socket is shown as soon as it is there.
#[derive(Debug, Default)]
pub struct Greeting {
    pub notes: Vec<Note>,
    /// The call the device asked for is among them.
    pub knew_call: bool,
}

type Done<T> = oneshot::Sender<T>;

/// A question, with where its answer goes.
pub(crate) enum Ask {
    Take {
        ticket: TicketId,
        card: CandidateCard,
        appointed: Option<WallTime>,
        done: Done<Result<(), Problem>>,
    },
    GiveUp {
        ticket: TicketId,
        done: Done<Result<(), Problem>>,
    },
    Ticket {
        ticket: TicketId,
        done: Done<Result<(Stage, Option<Ticket>), Problem>>,
    },
    /// How the identity of a ticket's holder stands.
    Identity {
        ticket: TicketId,
        done: Done<Result<(IdentityRule, Option<Ticket>), Problem>>,
    },
    /// The backend found out who this is.
    Identified {
        ticket: TicketId,
        assurance: Assurance,
        doubt: bool,
        done: Done<Result<(), Problem>>,
    },
    Summary {
        done: Done<Result<RoundSummary, Problem>>,
    },
    OpenCalls {
        done: Done<Vec<CallId>>,
    },
    /// The round was edited.
    Reload {
        done: Done<Result<(), Problem>>,
    },
    Connected {
        seated: Seated,
        presence: Presence,
        believed: Option<CallId>,
        done: Done<Result<Greeting, Problem>>,
    },
    Presence {
        seated: Seated,
        presence: Presence,
        done: Done<Result<(), Problem>>,
    },
    Disconnected {
        seated: Seated,
        done: Done<()>,
    },
    Command {
        by: By,
        who: Person,
        id: ChangeId,
        command: Command,
        done: Done<Result<u64, Problem>>,
    },
    Watch {
        since: u64,
        done: Done<Result<Resumed, Problem>>,
    },
}
