//! What opens over a call: texts, the outcome, the question before it ends.

use super::talks::{TalkSheet, TicketMessages};
use crate::bridge::use_hall;
use crate::parts::{Button, Kind, OutcomeChips, Sheet};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{AppView, PendingChange, PendingWhat, WhoView};
use miantan_domain::ids::TicketId;
use miantan_domain::model::{Outcome, Side};
use miantan_domain::rules::round::Ticket;
use miantan_domain::wire::live::NoteView;

/// Changes of this device that the server has not confirmed, whoever signed in.
pub(super) fn pending(view: &AppView) -> Vec<PendingChange> {
    match &view.who {
        WhoView::SignedOut { .. } | WhoView::Account(_) => Vec::new(),
        WhoView::Candidate(candidate) => candidate.pending.to_vec(),
        WhoView::Recruiter(recruiter) => recruiter.pending.to_vec(),
    }
}

/// The outcome as this device's person sees it: a mark on its way shows at once.
pub(super) fn marked(ticket: &Ticket, pending: &[PendingChange]) -> Option<Outcome> {
    let on_its_way = pending.iter().rev().find_map(|change| match change.what {
        PendingWhat::Outcome { ticket: of, outcome } if of == ticket.id && change.failed.is_none() => {
            Some(outcome)
        }
        _ => None,
    });
    on_its_way.or(ticket.outcome)
}

/// The three outcomes for a ticket; marked by one tap, changed by another.
#[component]
pub(super) fn Marking(ticket: Box<Ticket>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let chosen = marked(&ticket, &pending(&hall.view()));
    let id = ticket.id;
    rsx! {
        OutcomeChips {
            lang: l,
            chosen,
            fixed: ticket.announced.is_some(),
            onchoose: move |outcome| hall.send(Intent::MarkOutcome { ticket: id, outcome }),
        }
    }
}

#[component]
pub(super) fn NotesSheet(
    ticket: TicketId,
    side: Side,
    notes: Vec<NoteView>,
    /// Told how many texts were seen.
    onclose: EventHandler<usize>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let count = notes.len();
    let view = hall.view();
    if let Some(conversation) = view.talk.beside.conversation() {
        return rsx! {
            TalkSheet { conversation, onclose: move |()| onclose.call(count) }
        };
    }
    rsx! {
        Sheet { test: "notes-sheet", title: l.tr("notes"), tall: true, onclose: move |()| onclose.call(count),
            TicketMessages { ticket, mine: side, notes, pending: pending(&view), at_end: true, onopen: |_| {} }
        }
    }
}

/// Before a call ends. A recruiter marks the outcome here; a candidate is told that the place is kept.
#[component]
pub(super) fn EndSheet(
    side: Side,
    with: String,
    ticket: Option<Box<Ticket>>,
    onclose: EventHandler<()>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let (title, lead, yes) = match side {
        Side::Recruiter => {
            (l.tr_with("end-title", &[("name", with.into())]), l.tr("end-lead"), l.tr("end-interview"))
        }
        Side::Candidate => (l.tr("leave-title"), l.tr("leave-lead"), l.tr("leave-call")),
    };
    rsx! {
        Sheet { test: "end-sheet", title, onclose: move |()| onclose.call(()),
            p { class: "lead", "{lead}" }
            if let Some(ticket) = ticket {
                Marking { ticket }
            }
            div { class: "actions",
                Button {
                    test: "end-yes",
                    label: yes,
                    kind: Kind::Danger,
                    onpress: move |()| {
                        hall.send(Intent::HangUp);
                        onclose.call(());
                    },
                }
                Button {
                    test: "end-no",
                    label: l.tr("back-to-call"),
                    kind: Kind::Plain,
                    onpress: move |()| onclose.call(()),
                }
            }
        }
    }
}
