//! A ring, in and out (Q2): who, for what, how long it still rings, and two answers far from each other.

use super::queue_of;
use crate::bridge::use_hall;
use crate::format::seconds_left;
use crate::parts::{Avatar, Glyph, IconButton, Spinner};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::AppView;
use miantan_domain::ids::TicketId;
use miantan_domain::rules::call::client::CallStage;

/// The other side's name; before the server confirmed a ring the queue knows it.
pub(super) fn with_whom(view: &AppView) -> String {
    let Some(call) = &view.call else { return String::new() };
    if call.view.with.is_empty() { name_in_queue(view, call.view.ticket) } else { call.view.with.clone() }
}

pub(super) fn name_in_queue(view: &AppView, ticket: TicketId) -> String {
    queue_of(view)
        .and_then(|queue| queue.state.tickets.get(&ticket))
        .map(|ticket| ticket.card.name.clone())
        .unwrap_or_default()
}

#[component]
pub fn RingingIn() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut answered = use_signal(|| false);
    let Some(call) = &view.call else { return rsx! {} };
    let CallStage::RingingIn { until } = call.view.stage else { return rsx! {} };
    let left = seconds_left(until.left(hall.now()));
    let with = with_whom(&view);
    rsx! {
        main { class: "screen ring in", role: "alertdialog", "aria-label": l.tr_with("ring-from", &[("name", with.clone().into())]),
            div { class: "ring-who",
                p { class: "over", {l.tr("ring-title")} }
                div { class: "pulse",
                    Avatar { name: with.clone(), large: true }
                }
                h1 { "data-test": "ring-with", "{with}" }
                p { class: "round", "{call.round_name}" }
            }
            div { class: "ring-more",
                p { class: "left", "data-test": "ring-left", {l.tr_with("ring-left", &[("n", left.into())])} }
                p { class: "aside", {l.tr("ring-privacy")} }
            }
            div { class: "ring-buttons",
                IconButton {
                    test: "decline",
                    name: l.tr("decline"),
                    caption: l.tr("decline"),
                    glyph: Glyph::PhoneDown,
                    class: "round-big end",
                    disabled: answered(),
                    onpress: move |()| hall.send(Intent::Decline),
                }
                IconButton {
                    test: "answer",
                    name: l.tr("answer"),
                    caption: l.tr("answer"),
                    glyph: Glyph::Phone,
                    class: "round-big go",
                    disabled: answered(),
                    onpress: move |()| {
                        answered.set(true);
                        hall.send(Intent::Answer);
                    },
                }
            }
        }
    }
}

#[component]
pub fn RingingOut() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(call) = &view.call else { return rsx! {} };
    let with = with_whom(&view);
    let (said, left) = match call.view.stage {
        CallStage::RingingOut { until, reached } => (
            if reached { l.tr("calling-reached") } else { l.tr("calling") },
            Some(seconds_left(until.left(hall.now()))),
        ),
        CallStage::Placing
        | CallStage::RingingIn { .. }
        | CallStage::Connecting
        | CallStage::Connected { .. }
        | CallStage::Interrupted { .. }
        | CallStage::Ended { .. } => (l.tr("calling-placing"), None),
    };
    rsx! {
        main { class: "screen ring out",
            div { class: "ring-who",
                p { class: "over", "{call.round_name}" }
                div { class: "pulse",
                    Avatar { name: with.clone(), large: true }
                }
                h1 { "data-test": "ring-with", "{with}" }
                p { class: "round", role: "status", "aria-live": "polite", "data-test": "ring-state", "{said}" }
            }
            div { class: "ring-more",
                if let Some(left) = left {
                    p { class: "left", "data-test": "ring-left", {l.tr_with("ring-left", &[("n", left.into())])} }
                } else {
                    Spinner {}
                }
            }
            div { class: "ring-buttons one",
                IconButton {
                    test: "cancel-ring",
                    name: l.tr("cancel-ring"),
                    caption: l.tr("cancel-ring"),
                    glyph: Glyph::PhoneDown,
                    class: "round-big end",
                    onpress: move |()| hall.send(Intent::HangUp),
                }
            }
        }
    }
}
