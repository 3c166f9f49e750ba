//! How long a candidate may still have to wait (J8): a range from the round's own pace, or nothing while it cannot be
//! known. It looks at what happened in the round only; no clock is asked, so it changes only when the round does.

use crate::ids::MemberId;
use crate::model::{Stage, WaitRange};
use crate::rules::round::{RoundState, TicketStatus};
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// Interviews that make a pace.
const NEEDED: usize = 3;
/// The last so many interviews count: a panel's pace in the morning says little in the evening.
const LOOKED_AT: usize = 12;
/// From the end of one interview to the ring of the next (marking, reading), ms. Added to each interview; the reference
/// rounds' own gaps are inside the spread of the range.
const BETWEEN_MS: u64 = 45_000;

/// A round's pace at one moment; made once for all who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// Lower and upper quartile of an interview with what is between, ms, and how many recruiters work.
    known: Option<(u64, u64, u64)>,
}

impl Pace {
    pub fn of(state: &RoundState) -> Self {
        if state.stage != Stage::Interview {
            return Self::default();
        }
        let mut over: Vec<(i64, u64, MemberId)> = state
            .tickets
            .values()
            .filter(|ticket| ticket.status == TicketStatus::Interviewed && ticket.talked_ms > 0)
            .filter_map(|ticket| {
                let last = ticket.last_call?;
                let (_, ended) = last.ended?;
                Some((ended.0, ticket.talked_ms, last.member))
            })
            .collect();
        over.sort_unstable();
        let recent = &over[over.len().saturating_sub(LOOKED_AT)..];
        if recent.len() < NEEDED {
            return Self::default();
        }
        let working: BTreeSet<MemberId> = recent
            .iter()
            .map(|(_, _, member)| *member)
            .chain(
                state
                    .tickets
                    .values()
                    .filter(|t| t.call().is_some())
                    .filter_map(|t| Some(t.last_call?.member)),
            )
            .collect();
        let mut lengths: Vec<u64> = recent.iter().map(|(_, talked, _)| talked + BETWEEN_MS).collect();
        lengths.sort_unstable();
        let at = |quarter: usize| lengths[(lengths.len() - 1) * quarter / 4];
        Self { known: Some((at(1), lengths[((lengths.len() - 1) * 3).div_ceil(4)], working.len() as u64)) }
    }

    /// With so many ahead; whole minutes, at least one apart. `None`: it is not known.
    pub fn range(self, ahead: u32) -> Option<WaitRange> {
        let (short, long, working) = self.known?;
        let ahead = u64::from(ahead);
        // Everyone before is taken by one of those who work; at the earliest one of them is about to be free.
        let from = (ahead / working) * short / 60_000;
        let to = ((ahead + 1).div_ceil(working) * long).div_ceil(60_000);
        Some(WaitRange { from_min: from as u32, to_min: to.max(from + 1) as u32 })
    }
}
