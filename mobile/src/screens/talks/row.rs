//! One conversation in the list.

use super::times::list_time;
use super::words;
use crate::bridge::use_hall;
use crate::format::tint;
use crate::parts::{Avatar, Glyph, Icon, badge};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_domain::ids::ConversationId;
use miantan_domain::model::{Mark, Side, TalkHead};
use miantan_domain::time::WallTime;
use std::sync::Arc;

/// The other side's picture: a person's, or a building where it is an employer.
#[component]
pub fn OtherAvatar(name: String, person: bool) -> Element {
    rsx! {
        if person {
            Avatar { name }
        } else {
            span { class: "avatar employer tint-{tint(&name, 6)}", "aria-hidden": "true", Icon { glyph: Glyph::Building } }
        }
    }
}

/// The mark of an applicant, where there is one.
#[component]
pub fn MarkBadge(mark: Mark) -> Element {
    let l = use_hall().lang();
    rsx! {
        if mark != Mark::Unmarked {
            span { class: "mark-badge {words::mark_class(mark)}", "data-test": "mark", {words::mark(l, mark)} }
        }
    }
}

#[component]
pub fn TalkRow(
    head: Arc<TalkHead>,
    /// Of the day, for the words: the row is drawn again only when the day changes.
    today: WallTime,
    onmark: EventHandler<ConversationId>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let id = head.id;
    let name = words::other_name(&head).to_owned();
    let time = head.last.as_ref().map(|last| list_time(l, last.at, today, hall.offset())).unwrap_or_default();
    let recruiter = head.side == Side::Recruiter;
    let preview = words::preview(l, &head);
    rsx! {
        div { class: "talk-row", "data-unread": head.unread > 0,
            button {
                r#type: "button",
                class: "talk-open",
                "data-test": "talk-{id}",
                oncontextmenu: move |event| {
                    if recruiter {
                        event.prevent_default();
                        onmark.call(id);
                    }
                },
                onclick: move |_| hall.send(Intent::Talk(TalkIntent::Open(id))),
                span { class: "talk-avatar",
                    OtherAvatar { name: name.clone(), person: recruiter }
                    if head.unread > 0 {
                        span { class: "unread-badge", "data-test": "unread",
                            span { class: "unseen", {l.tr("talk-unread")} }
                            {badge(head.unread)}
                        }
                    }
                }
                span { class: "talk-lines",
                    span { class: "talk-line",
                        span { class: "talk-name", "{name}" }
                        MarkBadge { mark: head.mark }
                        span { class: "talk-time figures", "{time}" }
                    }
                    span { class: "talk-about", {words::about(&head)} }
                    span { class: "talk-preview", "data-test": "preview",
                        if head.blocked {
                            Icon { glyph: Glyph::Block }
                        }
                        "{preview}"
                    }
                }
            }
            if recruiter {
                button {
                    r#type: "button",
                    class: "talk-more",
                    "data-test": "talk-mark-{id}",
                    "aria-label": l.tr_with("talk-mark-of", &[("name", name.into())]),
                    onclick: move |_| onmark.call(id),
                    Icon { glyph: Glyph::More }
                }
            }
        }
    }
}
