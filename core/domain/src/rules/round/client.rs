//! A recruiter's device's copy of a round: folds numbered events, notices gaps, asks for what is missing.

use super::state::{QueueSnapshot, RoundState};
use crate::ids::{RoundId, TicketId};
use crate::model::Presence;
use crate::time::WallTime;
use crate::wire::live::ServerFrame;
use std::collections::BTreeMap;

/// The copy. It is right as of `state.seq`; whether it is current the link knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundMirror {
    round: RoundId,
    state: Option<RoundState>,
    presence: BTreeMap<TicketId, Presence>,
    /// A gap was seen and the missing events are asked for: what comes before them is dropped.
    resuming: bool,
}

/// What a frame did to the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// Not about this round, or known already.
    Nothing,
    Changed,
    /// Events are missing: send `Watch { since }`.
    Gap {
        since: u64,
    },
}

impl RoundMirror {
    /// A copy of nothing, or of what the device stored.
    pub fn new(round: RoundId, stored: Option<RoundState>) -> Self {
        Self { round, state: stored, presence: BTreeMap::new(), resuming: false }
    }

    pub fn round(&self) -> RoundId {
        self.round
    }

    pub fn state(&self) -> Option<&RoundState> {
        self.state.as_ref()
    }

    pub fn presence(&self) -> &BTreeMap<TicketId, Presence> {
        &self.presence
    }

    /// What to resume from: 0 asks for a snapshot.
    pub fn since(&self) -> u64 {
        self.state.as_ref().map_or(0, |s| s.seq)
    }

    /// A new socket: presence of before says nothing any more, and the resume starts anew.
    pub fn reconnected(&mut self) {
        self.presence.clear();
        self.resuming = false;
    }

    /// The next one in line who is ready (Q5).
    pub fn next_ready(&self) -> Option<TicketId> {
        self.state.as_ref()?.next_ready(|t| self.presence.get(&t).copied().unwrap_or_default())
    }

    /// Takes a frame as it came.
    pub fn follow(&mut self, frame: &ServerFrame) -> Followed {
        match frame {
            ServerFrame::Queue { round, queue } if *round == self.round => self.replace(queue),
            ServerFrame::Event { round, seq, at, event } if *round == self.round => {
                self.event(*seq, *at, event)
            }
            ServerFrame::Presence { round, ticket, presence } if *round == self.round => {
                let before = if *presence == Presence::Offline {
                    self.presence.remove(ticket)
                } else {
                    self.presence.insert(*ticket, *presence)
                };
                if before.unwrap_or_default() == *presence { Followed::Nothing } else { Followed::Changed }
            }
            _ => Followed::Nothing,
        }
    }

    fn replace(&mut self, queue: &QueueSnapshot) -> Followed {
        if queue.state.seq < self.since() {
            return Followed::Nothing;
        }
        self.state = Some(queue.state.clone());
        self.presence = queue.presence.iter().copied().collect();
        self.resuming = false;
        Followed::Changed
    }

    fn event(&mut self, seq: u64, at: WallTime, event: &super::RoundEvent) -> Followed {
        let since = self.since();
        match &mut self.state {
            Some(state) if seq == since + 1 => {
                state.apply(at, event);
                self.resuming = false;
                Followed::Changed
            }
            _ if seq <= since || self.resuming => Followed::Nothing,
            _ => {
                self.resuming = true;
                Followed::Gap { since }
            }
        }
    }
}
