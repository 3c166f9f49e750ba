//! Short texts between the two sides of a ticket (消息), with those that still wait to be sent: bubbles and composer are
//! those of conversations.

use super::{Bubble, Composer, Progress, use_field_id};
use crate::bridge::use_hall;
use crate::format::hour;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{PendingChange, PendingWhat};
use miantan_domain::ids::TicketId;
use miantan_domain::model::Side;
use miantan_domain::wire::live::NoteView;

/// The texts in their order and a line to write in.
#[component]
pub fn Notes(
    ticket: TicketId,
    mine: Side,
    notes: Vec<NoteView>,
    pending: Vec<PendingChange>,
    placeholder: String,
    empty: String,
    /// Begins at the newest text; otherwise only a text that comes later is brought into sight.
    #[props(default)]
    at_end: bool,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let field = use_field_id();
    let waiting: Vec<_> = pending
        .into_iter()
        .filter_map(|change| match change.what {
            PendingWhat::Note { ticket: of, text } if of == ticket => Some((change.id, text, change.failed)),
            _ => None,
        })
        .filter(|(id, ..)| notes.iter().all(|note| note.id != *id))
        .collect();
    let nothing = notes.is_empty() && waiting.is_empty();
    let total = notes.len() + waiting.len();
    let start = use_hook(|| if at_end { 0 } else { total });
    let lasts: Vec<bool> = notes
        .iter()
        .enumerate()
        .map(|(at, note)| notes.get(at + 1).is_none_or(|next| !together(note, next)))
        .collect();
    rsx! {
        section { class: "notes", "aria-label": l.tr("notes"),
            div { class: "note-list", role: "log", "aria-live": "polite",
                if nothing {
                    p { class: "note-empty", "{empty}" }
                }
                for (at , note) in notes.into_iter().enumerate() {
                    Bubble {
                        key: "{note.id}",
                        mine: note.from == mine,
                        first: at == 0 || lasts[at - 1],
                        last: lasts[at],
                        when: hour(note.at, hall.offset()),
                        progress: if note.from == mine { Progress::Sent } else { Progress::None },
                        "{note.text}"
                    }
                }
                for (id , text , failed) in waiting {
                    Bubble {
                        key: "{id}",
                        mine: true,
                        when: "",
                        progress: Progress::Waiting,
                        failed: failed.map(|problem| words::problem(l, problem.code)),
                        onretry: move |()| hall.send(Intent::RetryChange(id)),
                        ondelete: move |()| hall.send(Intent::DeleteChange(id)),
                        "{text}"
                    }
                }
                // Made anew for each text, and each time brought into sight.
                for end in (total > start).then_some(total) {
                    div {
                        key: "{end}",
                        class: "note-end",
                        onmounted: move |event| async move {
                            let _ = event.scroll_to(ScrollBehavior::Instant).await;
                        },
                    }
                }
            }
            Composer {
                test: "note",
                field,
                placeholder,
                onsend: move |text| hall.send(Intent::SendNote { ticket, text }),
            }
        }
    }
}

/// One side's texts of the same minute stand together.
fn together(one: &NoteView, next: &NoteView) -> bool {
    one.from == next.from && one.at.0.div_euclid(60_000) == next.at.0.div_euclid(60_000)
}
