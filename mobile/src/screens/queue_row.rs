//! One candidate in the queue: place, name, presence in words, how long they wait, how the device check went.

use crate::bridge::use_hall;
use crate::format::{hour, waited};
use crate::i18n::Lang;
use crate::parts::{Avatar, Glyph, Icon, OutcomeBadge, PresenceMark};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_domain::model::{CheckInStep, Outcome, Presence, StepOutcome};
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
}

/// How the device checks went, over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    NotYet,
    /// Went on without one of them.
    Partly,
    Fully,
}

pub(super) fn checked(ticket: &Ticket) -> Checked {
    let devices = [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera];
    let of = |step| ticket.checked.iter().find(|(s, _)| *s == step).map(|(_, outcome)| *outcome);
    if devices.iter().all(|step| of(*step) == Some(StepOutcome::Passed)) {
        Checked::Fully
    } else if devices.iter().all(|step| of(*step).is_some()) {
        Checked::Partly
    } else {
        Checked::NotYet
    }
}

impl Checked {
    pub(super) fn word(self, l: Lang) -> String {
        match self {
            Self::NotYet => l.tr("checked-not-yet"),
            Self::Partly => l.tr("checked-partly"),
            Self::Fully => l.tr("checked-fully"),
        }
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::NotYet => "not-yet",
            Self::Partly => "partly",
            Self::Fully => "fully",
        }
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
    let RowOf { ticket, place, presence, outcome, waits } = row;
    let id = ticket.id;
    let checked = checked(&ticket);
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
                            span { class: "check-mark {checked.class()}",
                                Icon { glyph: if checked == Checked::Fully { Glyph::Check } else { Glyph::Info } }
                                {checked.word(l)}
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
