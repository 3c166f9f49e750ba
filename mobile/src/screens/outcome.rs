//! The announced outcome and the candidate's answer to it (R4, 确认面谈结果): accepted, or refused with a comment.

use crate::bridge::use_hall;
use crate::format::hour;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{PendingChange, PendingWhat};
use miantan_domain::model::{Outcome, TEXT_MAX_CHARS};
use miantan_domain::wire::live::Announced;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Nothing,
    Accept,
    Refuse,
}

#[component]
pub(super) fn OutcomeCard(announced: Announced, pending: Vec<PendingChange>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut asking = use_signal(|| Asking::Nothing);
    let sending = pending.iter().find_map(|change| match change.what {
        PendingWhat::Confirmation { accepted } => Some((accepted, change.id, change.failed.clone())),
        PendingWhat::Note { .. }
        | PendingWhat::Outcome { .. }
        | PendingWhat::Announcement { .. }
        | PendingWhat::Stage(_)
        | PendingWhat::Other => None,
    });
    let kind = match announced.outcome {
        Outcome::Suitable => "suitable",
        Outcome::Unsuitable => "unsuitable",
        Outcome::Pending => "pending",
    };
    let more = match announced.outcome {
        Outcome::Suitable => l.tr("result-suitable-more"),
        Outcome::Unsuitable | Outcome::Pending => l.tr("result-unsuitable-more"),
    };
    rsx! {
        section { class: "card result", "data-kind": kind,
            div { role: "status", "aria-live": "polite",
                p { class: "over", {l.tr("result-title")} }
                h2 { "data-test": "outcome", {words::outcome(l, announced.outcome)} }
                p { class: "more", "{more}" }
                p { class: "when",
                    {l.tr_with("result-at", &[("time", hour(announced.at, hall.offset()).into())])}
                }
            }
            if let Some(confirmation) = &announced.confirmation {
                div { class: if confirmation.accepted { "confirmed" } else { "confirmed refused" }, role: "status", "data-test": "confirmed",
                    Icon { glyph: if confirmation.accepted { Glyph::Check } else { Glyph::Chat } }
                    div {
                        p { class: "row-title",
                            {if confirmation.accepted { l.tr("confirmed") } else { l.tr("refused") }}
                        }
                        p { class: "row-more", {hour(confirmation.at, hall.offset())} }
                        if !confirmation.comment.is_empty() {
                            p { class: "quote", "{confirmation.comment}" }
                        }
                    }
                }
            } else if let Some((_, id, Some(problem))) = sending.clone() {
                p { class: "callout bad", role: "alert",
                    Icon { glyph: Glyph::Warning }
                    span { {words::problem(l, problem.code)} }
                }
                Button {
                    test: "confirm-retry",
                    label: l.tr("retry"),
                    onpress: move |()| hall.send(Intent::RetryChange(id)),
                }
            } else {
                Button {
                    test: "confirm",
                    label: if sending.is_some() { l.tr("confirm-sending") } else { l.tr("confirm") },
                    busy: sending.is_some(),
                    onpress: move |()| asking.set(Asking::Accept),
                }
                if sending.is_none() {
                    Button {
                        test: "refuse",
                        label: l.tr("refuse"),
                        kind: Kind::Plain,
                        onpress: move |()| asking.set(Asking::Refuse),
                    }
                }
            }
        }
        match asking() {
            Asking::Nothing => rsx! {},
            Asking::Accept => rsx! {
                Answer { accept: true, outcome: announced.outcome, onclose: move |()| asking.set(Asking::Nothing) }
            },
            Asking::Refuse => rsx! {
                Answer { accept: false, outcome: announced.outcome, onclose: move |()| asking.set(Asking::Nothing) }
            },
        }
    }
}

/// Asks once more before an answer that cannot be changed.
#[component]
fn Answer(accept: bool, outcome: Outcome, onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut comment = use_signal(String::new);
    let count = comment.read().trim().chars().count();
    // A refusal says why; otherwise nobody could do anything about it.
    let missing = !accept && count == 0;
    let outcome = words::outcome(l, outcome);
    rsx! {
        Sheet {
            test: "confirm-sheet",
            title: if accept { l.tr("confirm") } else { l.tr("refuse") },
            onclose: move |()| onclose.call(()),
            p { class: "lead",
                {if accept {
                    l.tr_with("confirm-lead", &[("outcome", outcome.into())])
                } else {
                    l.tr_with("refuse-lead", &[("outcome", outcome.into())])
                }}
            }
            div { class: "field",
                label { r#for: "confirm-comment",
                    {if accept { l.tr("confirm-comment") } else { l.tr("refuse-comment") }}
                }
                textarea {
                    id: "confirm-comment",
                    "data-test": "confirm-comment",
                    rows: "3",
                    oninput: move |event| comment.set(event.value()),
                }
                p { class: "remark", "aria-live": "polite",
                    if count > TEXT_MAX_CHARS {
                        {words::problem(l, miantan_domain::wire::ProblemCode::TextTooLong)}
                    }
                }
            }
            div { class: "actions",
                Button {
                    test: "confirm-send",
                    label: if accept { l.tr("confirm-yes") } else { l.tr("refuse-yes") },
                    kind: if accept { Kind::Primary } else { Kind::Danger },
                    disabled: missing || count > TEXT_MAX_CHARS,
                    onpress: move |()| {
                        let comment = comment.peek().trim().to_owned();
                        hall.send(Intent::Confirm { accepted: accept, comment });
                        onclose.call(());
                    },
                }
                Button {
                    test: "confirm-cancel",
                    label: l.tr("cancel"),
                    kind: Kind::Plain,
                    onpress: move |()| onclose.call(()),
                }
            }
        }
    }
}
