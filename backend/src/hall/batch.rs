//! What one input made the machine want: first everything is collected, then it is stored at once,
//! then it is told.

use crate::store::{KeptAnswer, Numbered, Person, RoundCommit};
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::rules::round::RoundServer;
use miantan_domain::rules::round::server::{CallInfo, Output};
use miantan_domain::time::Moment;
use miantan_domain::wire::Problem;
use std::collections::{BTreeMap, BTreeSet};

/// The command an input is, as its answer is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub who: Person,
    pub id: ChangeId,
}

/// Whose rooms may have changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Rooms {
    #[default]
    None,
    Some(BTreeSet<TicketId>),
    All,
}

/// Two persons wanted for a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub call: CallId,
    pub candidate: CandidateId,
    pub member: MemberId,
}

#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub events: Vec<Numbered>,
    pub free: Vec<CallId>,
    pub rooms: Rooms,
    /// Only the newest state of each call is told.
    pub calls: BTreeMap<CallId, CallInfo>,
    pub presence: Vec<(TicketId, Presence)>,
    pub nudges: Vec<TicketId>,
    replies: Vec<(ChangeId, Result<u64, Problem>)>,
}

impl Batch {
    /// Takes everything the machine has to say at `at`. Returns the claims that wait for the store.
    pub fn drain(&mut self, at: Moment, machine: &mut RoundServer) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Persist { seq, at, event } => self.events.push(Numbered { seq, at, event }),
                Output::ClaimSlots { call, candidate, member } => {
                    wanted.push(Wanted { call, candidate, member });
                }
                Output::FreeSlots { call } => self.free.push(call),
                Output::Reply { id, result, .. } => self.replies.push((id, result)),
                Output::Room(None) => self.rooms = Rooms::All,
                Output::Room(Some(ticket)) => match &mut self.rooms {
                    Rooms::None => self.rooms = Rooms::Some(BTreeSet::from([ticket])),
                    Rooms::Some(tickets) => {
                        tickets.insert(ticket);
                    }
                    Rooms::All => {}
                },
                // read now: a call that just ended is gone at the next input
                Output::Call(call) => {
                    if let Some(info) = machine.call(at.now, call) {
                        self.calls.insert(call, info);
                    }
                }
                Output::Presence { ticket, presence } => self.presence.push((ticket, presence)),
                Output::Nudge { ticket } => self.nudges.push(ticket),
            }
        }
        wanted
    }

    /// The answer to the command, if it was one.
    pub fn answer(&self, asked: Asked) -> Option<Result<u64, Problem>> {
        self.replies.iter().find(|(id, _)| *id == asked.id).map(|(_, result)| result.clone())
    }

    /// What must be stored before anything is told; `None`: nothing.
    pub fn commit(
        &self,
        round: RoundId,
        at: Moment,
        asked: Option<Asked>,
        owed: &[CallId],
    ) -> Option<RoundCommit> {
        let answer = asked.and_then(|asked| {
            let result = self.answer(asked)?;
            Some(KeptAnswer { who: asked.who, change: asked.id, at: at.wall, result })
        });
        if self.events.is_empty() && self.free.is_empty() && answer.is_none() {
            return None;
        }
        let free = self.free.iter().chain(owed).copied().collect();
        Some(RoundCommit { round, events: self.events.clone(), answer, free })
    }
}
