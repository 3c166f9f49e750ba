//! A conversation as far as the server's decisions go.

use super::Decision;
use crate::ids::*;
use crate::model::*;
use crate::rules::invitation::Standing;
use std::collections::BTreeMap;

/// Everything a decision looks at. The texts are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TalkState {
    /// Number of the last entry; 0 before the first.
    pub last_seq: u64,
    pub candidate_seen: Seen,
    pub recruiter_seen: Seen,
    pub mark: Mark,
    /// The candidate wants nothing more from this employer.
    pub blocked: bool,
    pub invitations: BTreeMap<InvitationId, Standing>,
}

impl TalkState {
    pub fn seen(&self, side: Side) -> Seen {
        match side {
            Side::Candidate => self.candidate_seen,
            Side::Recruiter => self.recruiter_seen,
        }
    }

    /// Takes a decision in.
    pub fn apply(&mut self, decision: &Decision) {
        if decision.entry.is_some() {
            self.last_seq += 1;
        }
        if let Some(mark) = decision.mark {
            self.mark = mark;
        }
        if let Some(blocked) = decision.blocked {
            self.blocked = blocked;
        }
        if let Some((id, standing, _)) = &decision.invitation {
            self.invitations.insert(*id, standing.clone());
        }
    }

    /// A side says how far it has come. Nothing is further than the last entry, nothing goes back.
    /// `None`: nothing new.
    pub fn see(&mut self, side: Side, seen: Seen) -> Option<Seen> {
        let most = Seen { delivered: self.last_seq, read: self.last_seq };
        let seen = Seen { delivered: seen.delivered.min(most.delivered), read: seen.read.min(most.read) };
        let own = match side {
            Side::Candidate => &mut self.candidate_seen,
            Side::Recruiter => &mut self.recruiter_seen,
        };
        let next = own.merge(seen);
        (next != std::mem::replace(own, next)).then_some(next)
    }
}
