//! A position with all that is said of it; 投递简历 stays at the foot.

use super::apply::{ApplyBar, ApplyButton};
use super::{Phase, ask, fair_open, phase, words};
use crate::bridge::use_hall;
use crate::format::salary;
use crate::parts::{Avatar, FailedPart, Glyph, Icon, LoadingPart, TopBar};
use dioxus::prelude::*;
use miantan_client::intent::FairIntent;
use miantan_client::view::Loadable;
use miantan_domain::model::PositionDetails;
use std::sync::Arc;

#[component]
pub fn PositionPage() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(open) = fair_open(&view) else { return rsx! {} };
    let fair_phase = match (&open.page, &open.position) {
        (Loadable::Ready(page), _) => phase(&page.card, view.wall),
        (_, Some(Loadable::Ready(position))) if !position.fair_open => Phase::Over,
        (Loadable::Loading | Loadable::Failed(_), _) => Phase::Running,
    };
    rsx! {
        main { class: "screen position-page", "data-test": "position-page",
            TopBar { title: l.tr("fair-position"), onback: move |()| ask(hall, FairIntent::ClosePosition), span {} }
            match &open.position {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| ask(hall, FairIntent::ClosePosition) }
                },
                Some(Loadable::Ready(position)) => rsx! {
                    Body { position: position.clone() }
                    ApplyBar {
                        ApplyButton {
                            card: position.card.clone(),
                            employer_name: position.employer_name.clone(),
                            phase: fair_phase,
                            large: true,
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn Body(position: Arc<PositionDetails>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let employer = position.employer;
    let parts = [
        (l.tr("fair-description"), &position.description),
        (l.tr("fair-requirements"), &position.requirements),
    ];
    rsx! {
        div { class: "position-head",
            h1 { "{position.card.title}" }
            p { class: "position-salary",
                strong { class: "figures", {salary(l, position.card.salary)} }
                if position.card.salary.to > 0 {
                    span { class: "over", {l.tr("fair-per-month")} }
                }
            }
            p { class: "lead", {words::about_position(l, &position.card)} }
        }
        button {
            r#type: "button",
            class: "card row position-employer",
            "data-test": "position-employer",
            onclick: move |_| {
                ask(hall, FairIntent::ClosePosition);
                ask(hall, FairIntent::OpenStand(employer));
            },
            Avatar { name: position.employer_name.clone() }
            span { class: "row-text",
                span { class: "row-title", "{position.employer_name}" }
                span { class: "row-more", "{position.fair_title}" }
            }
            Icon { glyph: Glyph::Forward }
        }
        for (name , text) in parts.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
            section { key: "{name}", class: "position-part",
                h2 { class: "fair-section", "{name}" }
                div { class: "fair-text",
                    for (at , paragraph) in words::paragraphs(text).into_iter().enumerate() {
                        p { key: "{at}", "{paragraph}" }
                    }
                }
            }
        }
        if position.description.trim().is_empty() && position.requirements.trim().is_empty() {
            p { class: "aside position-part", {l.tr("fair-no-description")} }
        }
    }
}
