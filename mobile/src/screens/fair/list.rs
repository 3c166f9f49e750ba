//! The organiser's fairs.

use super::{Phase, ask, phase, words};
use crate::bridge::use_hall;
use crate::parts::{FailedPart, Glyph, LoadingPart, NothingPart, TopBar};
use dioxus::prelude::*;
use miantan_client::intent::FairIntent;
use miantan_client::view::{Loadable, ServerView};
use miantan_domain::model::FairCard;

#[component]
pub fn FairList(onback: Option<EventHandler<()>>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    use_hook(|| ask(hall, FairIntent::LoadList));
    let organiser = match &view.server {
        ServerView::Chosen { organiser, .. } => organiser.clone(),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => String::new(),
    };
    rsx! {
        main { class: "screen fair-list",
            TopBar { onback, title: if onback.is_some() { organiser.clone() } else { String::new() } }
            div { class: "hero",
                if onback.is_none() {
                    p { class: "over", "{organiser}" }
                }
                h1 { {l.tr("fair-list-title")} }
            }
            match &view.fairs.list {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart {
                        problem: problem.clone(),
                        onretry: move |()| ask(hall, FairIntent::LoadList),
                    }
                },
                Some(Loadable::Ready(list)) if list.is_empty() => rsx! {
                    NothingPart {
                        glyph: Glyph::Megaphone,
                        title: l.tr("fair-none"),
                        more: l.tr("fair-none-more"),
                    }
                },
                Some(Loadable::Ready(list)) => rsx! {
                    ul { class: "fair-cards",
                        for fair in list.iter().cloned() {
                            li { key: "{fair.id}", Card { phase: phase(&fair, view.wall), fair } }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn Card(fair: FairCard, phase: Phase) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let id = fair.id;
    let place = words::place(&fair);
    rsx! {
        button {
            r#type: "button",
            class: "card fair-card",
            "data-test": "fair-{id}",
            onclick: move |_| ask(hall, FairIntent::Open(id)),
            span { class: "fair-card-top",
                span { class: phase_class(phase), {words::phase(l, phase)} }
                span { class: "over", {if place.is_empty() { fair.kind.clone() } else { format!("{} · {place}", fair.kind) }} }
            }
            span { class: "fair-card-title", "{fair.title}" }
            span { class: "fair-card-when figures", {words::period(fair.starts, fair.ends, hall.offset())} }
            span { class: "fair-card-counts",
                {l.tr_with("fair-counts", &[("employers", fair.employers.into()), ("positions", fair.positions.into())])}
            }
        }
    }
}

pub const fn phase_class(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "tag go",
        Phase::Upcoming => "tag warn",
        Phase::Over => "tag quiet",
    }
}
