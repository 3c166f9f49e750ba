//! One candidate in the queue: place, name, presence in words, how long they wait, how ready they are for a call.

use crate::bridge::use_hall;
use crate::format::{hour, waited};
use crate::i18n::Lang;
use crate::parts::{Avatar, Glyph, Icon, OutcomeBadge, PresenceMark};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_domain::model::{IdentityRule, Outcome, Presence, Readiness, ReadinessLight};
use miantan_domain::rules::readiness::readiness;
use miantan_domain::rules::round::{CallMark, Ticket, TicketStatus};
use time::UtcOffset;

/// What a row shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowOf {
    pub ticket: Ticket,
    pub place: usize,
    pub presence: Presence,
    pub outcome: Option<Outcome>,
    /// In the waiting part of the list.
    pub waits: bool,
    /// The round's, for how ready somebody is.
    pub rule: IdentityRule,
}

/// Green or amber in a word: the first reason, and how many there are.
pub(super) fn ready_word(l: Lang, readiness: &Readiness) -> String {
    match readiness.reasons.as_slice() {
        [] => l.tr("ready-green"),
        [only] => words::readiness(l, *only).0,
        [first, more @ ..] => {
            let n = match l {
                // "… 等 3 项" counts all of them, "… +2" the others
                Lang::Zh => more.len() + 1,
                Lang::En => more.len(),
            };
            l.tr_with("ready-and-more", &[("word", words::readiness(l, *first).0.into()), ("n", n.into())])
        }
    }
}

pub(super) const fn ready_look(light: ReadinessLight) -> (&'static str, Glyph) {
    match light {
        ReadinessLight::Green => ("green", Glyph::Check),
        ReadinessLight::Amber => ("amber", Glyph::Warning),
    }
}

/// What is special about a ticket now, if anything: kind for its colour, words.
pub(super) fn special(l: Lang, ticket: &Ticket, offset: UtcOffset) -> Option<(&'static str, String)> {
    match ticket.status {
        TicketStatus::Waiting | TicketStatus::Interviewed => None,
        TicketStatus::Skipped { until } => {
            Some(("warn", l.tr_with("status-skipped", &[("until", hour(until, offset).into())])))
        }
        TicketStatus::InCall { stage, .. } => Some((
            "go",
            match stage {
                CallMark::Ringing => l.tr("status-ringing"),
                CallMark::Connecting => l.tr("status-connecting"),
                CallMark::Connected => l.tr("status-connected"),
                CallMark::Interrupted => l.tr("status-interrupted"),
            },
        )),
        TicketStatus::CutOff { .. } => Some(("warn", l.tr("status-cut-off"))),
        TicketStatus::GivenUp => Some(("quiet", l.tr("status-given-up"))),
    }
}

#[component]
pub(super) fn QueueRow(row: RowOf) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let RowOf { ticket, place, presence, outcome, waits, rule } = row;
    let id = ticket.id;
    let ready = readiness(rule, &ticket);
    let (light, sign) = ready_look(ready.light);
    let special = special(l, &ticket, hall.offset());
    let in_call = matches!(ticket.status, TicketStatus::InCall { .. });
    let since = hall.wall().since(ticket.taken);
    rsx! {
        li {
            button {
                r#type: "button",
                class: "row queue-row",
                "data-test": "ticket-{ticket.number}",
                onclick: move |_| hall.send(Intent::OpenSheet(id)),
                if waits {
                    span { class: "place-number figures", "{place}" }
                }
                Avatar { name: ticket.card.name.clone() }
                span { class: "row-text",
                    span { class: "row-title", "{ticket.card.name}" }
                    span { class: "row-more", "{ticket.card.position}" }
                    span { class: "row-tags",
                        if let Some((kind, words)) = special {
                            span { class: "tag {kind}", "data-test": "ticket-status", "{words}" }
                        }
                        if waits && !in_call {
                            PresenceMark { lang: l, presence }
                            span { class: "ready {light}", "data-test": "ready-{light}",
                                Icon { glyph: sign }
                                {ready_word(l, &ready)}
                            }
                        }
                        if let Some(announced) = &ticket.announced {
                            span { class: "tag quiet",
                                {match &announced.confirmation {
                                    None => l.tr("status-announced"),
                                    Some(confirmation) if confirmation.accepted => l.tr("status-confirmed"),
                                    Some(_) => l.tr("status-refused"),
                                }}
                            }
                        }
                    }
                }
                span { class: "row-end",
                    if waits {
                        span { class: "row-more figures", {waited(l, since)} }
                    }
                    if let Some(outcome) = outcome {
                        OutcomeBadge { lang: l, outcome }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::model::ReadinessReason;

    #[test]
    fn the_row_says_the_first_reason_and_how_many_there_are() {
        let of = |reasons: &[ReadinessReason]| Readiness {
            light: if reasons.is_empty() { ReadinessLight::Green } else { ReadinessLight::Amber },
            reasons: reasons.to_vec(),
        };
        use ReadinessReason::*;
        assert_eq!(ready_word(Lang::Zh, &of(&[])), "检测通过");
        assert_eq!(ready_word(Lang::Zh, &of(&[IdentityDoubt])), "活体存疑");
        assert_eq!(
            ready_word(Lang::Zh, &of(&[IdentityDoubt, NetworkWeak, CameraCannot])),
            "活体存疑 等 3 项"
        );
        assert_eq!(ready_word(Lang::En, &of(&[IdentityDoubt, NetworkWeak])), "Liveness doubt +1");
        assert_ne!(ready_look(ReadinessLight::Green).1, ready_look(ReadinessLight::Amber).1);
    }
}
