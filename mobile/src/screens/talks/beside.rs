//! A conversation beside something else (R3): in the waiting room and on the recruiter's sheet of a candidate there is a
//! door with the newest message, in a call its button opens it. Behind both are the same messages as in the talk hall: same
//! history, same states, same pictures. Where there is no conversation the room's own notes are shown.

use super::conversation::Overs;
use super::messages::MessagesPanel;
use super::times::{DAY_MS, list_time};
use super::{Desk, Over, open_id, words};
use crate::bridge::use_hall;
use crate::parts::{Button, Glyph, Icon, Kind, Notes, Sheet, Spinner, badge};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::{AppView, Beside, PendingChange};
use miantan_domain::ids::{ConversationId, TicketId};
use miantan_domain::model::{Side, TalkHead};
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use miantan_domain::wire::live::NoteView;
use std::sync::Arc;

/// Messages not read in the conversation at hand; `None` where there is no conversation.
pub fn unread_beside(view: &AppView) -> Option<usize> {
    match &view.talk.beside {
        Beside::Talk(head) => Some(head.unread as usize),
        Beside::Notes | Beside::Loading | Beside::Failed(_) => None,
    }
}

/// The messages of a ticket, wherever they are kept.
#[component]
pub fn TicketMessages(
    ticket: TicketId,
    mine: Side,
    /// Of the room; shown where there is no conversation.
    notes: Vec<NoteView>,
    pending: Vec<PendingChange>,
    /// The notes begin at their end.
    #[props(default)]
    at_end: bool,
    /// The door was opened: show [`TalkSheet`] over everything.
    onopen: EventHandler<ConversationId>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let (placeholder, empty) = match mine {
        Side::Candidate => (l.tr("note-to-staff"), l.tr("notes-empty-candidate")),
        Side::Recruiter => (l.tr("note-to-candidate"), l.tr("notes-empty-recruiter")),
    };
    match view.talk.beside.clone() {
        Beside::Notes => rsx! {
            Notes { ticket, mine, notes, pending, placeholder, empty, at_end }
        },
        Beside::Loading => rsx! {
            p { class: "talk-older", role: "status", Spinner {} {l.tr("loading")} }
        },
        Beside::Failed(problem) => rsx! { NotKnown { problem } },
        Beside::Talk(head) => {
            let id = head.id;
            rsx! { Door { head, onopen: move |()| onopen.call(id) } }
        }
    }
}

#[component]
fn NotKnown(problem: Problem) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    rsx! {
        div { class: "callout bad", role: "alert",
            Icon { glyph: Glyph::Warning }
            span { {crate::words::problem(l, problem.code)} }
            Button {
                test: "beside-retry",
                label: l.tr("retry"),
                kind: Kind::Plain,
                small: true,
                onpress: move |()| hall.send(Intent::Talk(TalkIntent::LoadBeside)),
            }
        }
    }
}

/// The newest message and how many are not read; opens the conversation.
#[component]
fn Door(head: Arc<TalkHead>, onopen: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let hour = WallTime(hall.wall().0.div_euclid(DAY_MS / 24) * (DAY_MS / 24));
    let time = head.last.as_ref().map(|last| list_time(l, last.at, hour, hall.offset()));
    let preview = if head.last.is_some() {
        words::preview(l, &head)
    } else if head.side == Side::Candidate {
        l.tr("notes-empty-candidate")
    } else {
        l.tr("notes-empty-recruiter")
    };
    rsx! {
        button {
            r#type: "button",
            class: "card talk-door",
            "data-test": "notes-open",
            "data-unread": head.unread > 0,
            onclick: move |_| onopen.call(()),
            span { class: "door-icon", Icon { glyph: Glyph::Chat } }
            span { class: "talk-lines",
                span { class: "talk-line",
                    span { class: "talk-name", {l.tr("notes")} }
                    if let Some(time) = time {
                        span { class: "talk-time figures", "{time}" }
                    }
                }
                span { class: "talk-preview", "data-test": "preview", "{preview}" }
            }
            if head.unread > 0 {
                span { class: "unread-badge figures", "data-test": "unread",
                    span { class: "unseen", {l.tr("talk-unread")} }
                    {badge(head.unread)}
                }
            } else {
                Icon { glyph: Glyph::Forward }
            }
        }
    }
}

/// The conversation in a sheet of its own: opens it for as long as this stands, and what was open before afterwards.
#[component]
pub fn TalkSheet(conversation: ConversationId, onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    use_context_provider(|| Desk {
        over: Signal::new(Over::Nothing),
        goal: Signal::new(None),
        problem: Signal::new(None),
    });
    let before = use_hook(|| {
        let before = open_id(&hall.peek_view()).filter(|open| *open != conversation);
        hall.send(Intent::Talk(TalkIntent::Open(conversation)));
        before
    });
    use_drop(move || {
        hall.send(Intent::Talk(before.map_or(TalkIntent::Close, TalkIntent::Open)));
    });
    let ready = open_id(&hall.view()) == Some(conversation);
    rsx! {
        Sheet { test: "notes-sheet", title: l.tr("notes"), tall: true, onclose: move |()| onclose.call(()),
            div { class: "talk-inside",
                if ready {
                    MessagesPanel { conversation }
                } else {
                    p { class: "talk-older", role: "status", Spinner {} {l.tr("loading")} }
                }
            }
        }
        if ready {
            Overs {}
        }
    }
}
