//! An employer's stand with all its positions (查看该公司全部职位).

use super::stands::PositionRow;
use super::{Phase, ask, fair_open, phase, words};
use crate::bridge::use_hall;
use crate::parts::{Avatar, FailedPart, Glyph, LoadingPart, NothingPart, TopBar};
use dioxus::prelude::*;
use miantan_client::intent::FairIntent;
use miantan_client::view::Loadable;
use miantan_domain::model::Stand;
use std::sync::Arc;

#[component]
pub fn StandPage() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(open) = fair_open(&view) else { return rsx! {} };
    let fair_phase = match &open.page {
        Loadable::Ready(page) => phase(&page.card, view.wall),
        // the server has the last word when it comes to applying
        Loadable::Loading | Loadable::Failed(_) => Phase::Running,
    };
    rsx! {
        main { class: "screen stand-page", "data-test": "stand-page",
            TopBar { title: l.tr("fair-stand"), onback: move |()| ask(hall, FairIntent::CloseStand), span {} }
            match &open.stand {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| ask(hall, FairIntent::CloseStand) }
                },
                Some(Loadable::Ready(stand)) => rsx! { Body { stand: stand.clone(), phase: fair_phase } },
            }
        }
    }
}

#[component]
fn Body(stand: Arc<Stand>, phase: Phase) -> Element {
    let l = use_hall().lang();
    let head = if stand.short.is_empty() { stand.name.clone() } else { stand.short.clone() };
    rsx! {
        div { class: "stand-page-head",
            Avatar { name: head.clone(), large: true }
            div {
                h1 { "{stand.name}" }
                p { class: "over", "{stand.fair_title}" }
            }
        }
        if !stand.introduction.trim().is_empty() {
            section { class: "card fair-introduction",
                div { class: "fair-text",
                    for (at , paragraph) in words::paragraphs(&stand.introduction).into_iter().enumerate() {
                        p { key: "{at}", "{paragraph}" }
                    }
                }
            }
        }
        h2 { class: "fair-section",
            {l.tr_with("fair-positions-of", &[("n", stand.positions.len().into())])}
        }
        if stand.positions.is_empty() {
            NothingPart {
                glyph: Glyph::Document,
                title: l.tr("fair-no-positions"),
                more: l.tr("fair-no-positions-more"),
            }
        } else {
            ul { class: "card position-rows full",
                for card in stand.positions.iter().cloned() {
                    li { key: "{card.id}",
                        PositionRow { card, employer_name: head.clone(), phase, full: true }
                    }
                }
            }
        }
    }
}
