//! Other ways to a candidate whose device does not ring: push, and the SMS "轮到您了". They come with
//! later issues; their place is this trait.

use crate::metrics::Metrics;
use miantan_domain::ids::*;
use std::sync::Arc;

/// Called when a ring has reached no device. Must return at once; whatever takes time runs beside.
pub trait Nudger: Send + Sync {
    fn nudge(&self, round: RoundId, ticket: TicketId);
}

/// Counts and logs; sends nothing.
pub struct CountingNudger(pub Arc<Metrics>);

impl Nudger for CountingNudger {
    fn nudge(&self, round: RoundId, ticket: TicketId) {
        self.0.add("miantan_nudges_total", &[], 1);
        tracing::info!(%round, %ticket, "a ring reached no device");
    }
}
