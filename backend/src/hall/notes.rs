//! What watchers of a round are told, as notes.

use crate::bus::{Note, encode};
use crate::store::Numbered;
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::wire::live::ServerFrame;

/// Events, in one note however many they are.
pub(crate) fn events_note(round: RoundId, events: &[Numbered]) -> Note {
    let frame = |e: &Numbered| {
        let frame = ServerFrame::Event { round, seq: e.seq, at: e.at, event: e.event.clone() };
        (e.seq, encode(&frame))
    };
    Note::Events { round, events: events.iter().map(frame).collect() }
}

/// Presences, in one note.
pub(crate) fn presence_note(round: RoundId, presences: impl Iterator<Item = (TicketId, Presence)>) -> Note {
    let frames =
        presences.map(|(ticket, presence)| encode(&ServerFrame::Presence { round, ticket, presence }));
    Note::Frames(frames.collect())
}
