//! Announcing outcomes (R4): who is told is chosen and asked once more; an outcome that is pending cannot be told.

use super::queue_of;
use crate::bridge::use_hall;
use crate::parts::{Avatar, Button, Confirm, Glyph, Icon, OutcomeBadge, Sheet};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_domain::ids::TicketId;
use miantan_domain::model::Outcome;
use miantan_domain::rules::round::{RoundState, Ticket, TicketStatus};
use std::collections::BTreeSet;

/// Everyone whose interview is over and who has not been told; and whether they can be told.
fn candidates(state: &RoundState) -> Vec<(&Ticket, bool)> {
    let mut found: Vec<_> = state
        .tickets
        .values()
        .filter(|t| t.announced.is_none() && (t.outcome.is_some() || t.status == TicketStatus::Interviewed))
        .map(|t| (t, matches!(t.outcome, Some(Outcome::Suitable | Outcome::Unsuitable))))
        .collect();
    found.sort_by_key(|(ticket, can)| (!can, ticket.number));
    found
}

#[component]
pub(super) fn AnnounceSheet(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(queue) = queue_of(&view) else { return rsx! {} };
    let state = queue.state.clone();
    let first: BTreeSet<TicketId> =
        candidates(&state).into_iter().filter(|(_, can)| *can).map(|(ticket, _)| ticket.id).collect();
    let mut chosen = use_signal(move || first);
    let mut asking = use_signal(|| false);
    let rows: Vec<(Ticket, bool)> = candidates(&state).into_iter().map(|(t, can)| (t.clone(), can)).collect();
    let count = chosen.read().len();
    if asking() {
        return rsx! {
            Confirm {
                test: "announce-confirm",
                title: l.tr_with("announce-title", &[("n", count.into())]),
                body: l.tr("announce-lead"),
                yes: l.tr("announce-yes"),
                onyes: move |()| {
                    hall.send(Intent::Announce(chosen.peek().iter().copied().collect()));
                    onclose.call(());
                },
                onno: move |()| asking.set(false),
            }
        };
    }
    rsx! {
        Sheet { test: "announce-sheet", title: l.tr("announce-choose"), tall: true, onclose: move |()| onclose.call(()),
            ul { class: "card list",
                for (ticket , can) in rows {
                    li { key: "{ticket.id}",
                        button {
                            r#type: "button",
                            role: "checkbox",
                            class: "row pick",
                            "data-test": "announce-{ticket.number}",
                            "aria-checked": chosen.read().contains(&ticket.id),
                            disabled: !can,
                            onclick: move |_| {
                                let mut chosen = chosen.write();
                                if !chosen.remove(&ticket.id) {
                                    chosen.insert(ticket.id);
                                }
                            },
                            span { class: "box", Icon { glyph: Glyph::Check } }
                            Avatar { name: ticket.card.name.clone() }
                            span { class: "row-text",
                                span { class: "row-title", "{ticket.card.name}" }
                                if !can {
                                    span { class: "row-more",
                                        {if ticket.outcome.is_some() { l.tr("announce-pending") } else { l.tr("announce-unmarked") }}
                                    }
                                }
                            }
                            if let Some(outcome) = ticket.outcome {
                                OutcomeBadge { lang: l, outcome }
                            }
                        }
                    }
                }
            }
            div { class: "actions stuck",
                Button {
                    test: "announce",
                    label: l.tr_with("announce", &[("n", count.into())]),
                    glyph: Glyph::Megaphone,
                    disabled: count == 0,
                    onpress: move |()| asking.set(true),
                }
            }
        }
    }
}
