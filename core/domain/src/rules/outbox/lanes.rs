//! The server's small share in the order of changes: one guard per socket.
//!
//! A device sends several changes ahead of the answers. When one is refused *for now* it will come
//! again; whatever follows it in its [`Lane`] must not slip past. The guard holds the lane until the
//! refused change is back. On a new socket the device sends everything anew from the first, so the
//! guard begins empty.

use super::RefusalClass;
use crate::ids::ChangeId;
use crate::wire::live::Lane;
use crate::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;

/// See the module's page.
#[derive(Debug, Clone, Default)]
pub struct LaneGuard {
    held: BTreeMap<Lane, ChangeId>,
}

impl LaneGuard {
    /// Whether this change may be tried now; else the refusal to answer with.
    pub fn admit(&mut self, lane: Lane, id: ChangeId) -> Result<(), Problem> {
        match self.held.get(&lane) {
            Some(held) if *held != id => {
                Err(Problem::new(ProblemCode::SlowDown, "a change before this one comes first"))
            }
            Some(_) | None => {
                self.held.remove(&lane);
                Ok(())
            }
        }
    }

    /// How an admitted change was refused.
    pub fn refused(&mut self, lane: Lane, id: ChangeId, problem: &Problem) {
        match RefusalClass::of(problem.code) {
            // The earliest of those refused is the one to come first.
            RefusalClass::Slower | RefusalClass::ServerFailed => {
                self.held.entry(lane).or_insert(id);
            }
            RefusalClass::ForGood => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConversationId;
    use uuid::Uuid;

    const A: Lane = Lane::Talk(ConversationId(Uuid::from_u128(1)));
    const B: Lane = Lane::Talk(ConversationId(Uuid::from_u128(2)));

    fn id(n: u128) -> ChangeId {
        ChangeId(Uuid::from_u128(n))
    }

    #[test]
    fn what_follows_a_change_refused_for_now_waits_for_it() {
        let mut guard = LaneGuard::default();
        guard.admit(A, id(1)).unwrap();
        guard.refused(A, id(1), &ProblemCode::StorageFailed.into());
        assert_eq!(guard.admit(A, id(2)).unwrap_err().code, ProblemCode::SlowDown);
        guard.admit(B, id(3)).unwrap();
        guard.admit(A, id(1)).unwrap();
        guard.admit(A, id(2)).unwrap();
    }

    #[test]
    fn a_change_refused_for_good_holds_up_nobody() {
        let mut guard = LaneGuard::default();
        guard.admit(A, id(1)).unwrap();
        guard.refused(A, id(1), &ProblemCode::TextTooLong.into());
        guard.admit(A, id(2)).unwrap();
    }
}
