//! A recruiter's rounds of today.

use super::recruiter;
use crate::bridge::use_hall;
use crate::format::{day, span};
use crate::parts::{Button, Glyph, Icon, Spinner, TopBar};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::Loadable;

#[component]
pub fn Rounds() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(recruiter) = recruiter(&view) else { return rsx! {} };
    let offset = hall.offset();
    // Which round was pressed, until its queue is there.
    let mut opening = use_signal(|| None);
    rsx! {
        main { class: "screen rounds",
            TopBar { title: recruiter.employer_name.clone(), subtitle: format!("{} · {}", recruiter.member.name, words::role(l, recruiter.member.role)) }
            div { class: "hero",
                p { class: "over", {day(l, hall.wall(), offset)} }
                h1 { {l.tr("rounds-title")} }
            }
            match &recruiter.rounds {
                Loadable::Loading => rsx! {
                    div { class: "empty", role: "status",
                        Spinner {}
                        p { {l.tr("loading")} }
                    }
                },
                Loadable::Failed(problem) => rsx! {
                    div { class: "empty", role: "alert",
                        Icon { glyph: Glyph::Warning }
                        p { {words::problem(l, problem.code)} }
                        Button { test: "reload", label: l.tr("retry"), onpress: move |()| hall.send(Intent::ReloadRounds) }
                    }
                },
                Loadable::Ready(rounds) if rounds.is_empty() => rsx! {
                    div { class: "empty",
                        Icon { glyph: Glyph::Clock }
                        h2 { {l.tr("rounds-none")} }
                        p { {l.tr("rounds-none-more")} }
                        Button { test: "reload", label: l.tr("reload"), onpress: move |()| hall.send(Intent::ReloadRounds) }
                    }
                },
                Loadable::Ready(rounds) => rsx! {
                    ul { class: "round-list",
                        for summary in rounds.iter().cloned() {
                            li { key: "{summary.round.id}",
                                button {
                                    r#type: "button",
                                    class: "card round-card",
                                    "data-test": "round-{summary.round.id}",
                                    "aria-busy": opening() == Some(summary.round.id),
                                    onclick: move |_| {
                                        opening.set(Some(summary.round.id));
                                        hall.send(Intent::OpenRound(summary.round.id));
                                    },
                                    span { class: "round-top",
                                        span { class: "figures", {span(summary.round.starts, summary.round.ends, offset)} }
                                        span { class: "pill", {words::stage(l, summary.stage)} }
                                    }
                                    span { class: "round-name", "{summary.round.name}" }
                                    span { class: "round-counts",
                                        span {
                                            strong { class: "figures", "{summary.waiting}" }
                                            {l.tr("count-waiting")}
                                        }
                                        span {
                                            strong { class: "figures", "{summary.done}" }
                                            {l.tr("count-done")}
                                        }
                                        if opening() == Some(summary.round.id) {
                                            Spinner {}
                                        } else {
                                            Icon { glyph: Glyph::Forward }
                                        }
                                    }
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}
