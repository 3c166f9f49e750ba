//! The employer's rounds, newest first.

use super::{OfficePage, may_write, office};
use crate::bridge::use_hall;
use crate::format::span;
use crate::parts::{Button, FailedPart, Glyph, Icon, LoadingPart, NothingPart, SubPage};
use crate::screens::talks::times::appointment_day;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;

#[component]
pub(super) fn OwnRounds(ongo: EventHandler<OfficePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Office(OfficeIntent::LoadRounds));
    use_hook(load);
    let Some(office) = office(&view) else { return rsx! {} };
    let writes = may_write(&view);
    rsx! {
        SubPage {
            test: "own-rounds",
            title: l.tr("office-rounds"),
            onback: move |()| ongo.call(OfficePage::Home),
            foot: rsx! {
                if writes {
                    Button {
                        test: "round-add",
                        label: l.tr("round-add"),
                        glyph: Glyph::Plus,
                        onpress: move |()| ongo.call(OfficePage::Round(None)),
                    }
                }
            },
            match office.rounds.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(rounds)) if rounds.is_empty() => rsx! {
                    NothingPart { glyph: Glyph::Calendar, title: l.tr("own-rounds-none"), more: l.tr("own-rounds-none-more") }
                },
                Some(Loadable::Ready(rounds)) => rsx! {
                    ul { class: "card list",
                        for line in rounds.iter().cloned() {
                            li { key: "{line.round.id}",
                                button {
                                    r#type: "button",
                                    class: "row",
                                    "data-test": "own-round-{line.round.id}",
                                    onclick: move |_| ongo.call(OfficePage::Round(Some(line.round.id))),
                                    span { class: "row-text",
                                        span { class: "row-title", "{line.round.name}" }
                                        span { class: "row-more figures",
                                            {appointment_day(l, line.round.starts, hall.wall(), hall.offset())}
                                            " "
                                            {span(line.round.starts, line.round.ends, hall.offset())}
                                        }
                                        span { class: "row-tags",
                                            span { class: "tag quiet", {words::stage(l, line.stage)} }
                                            span { class: "row-more",
                                                {l.tr_with("own-round-people", &[("waiting", line.waiting.into()), ("done", line.done.into())])}
                                            }
                                        }
                                    }
                                    Icon { glyph: Glyph::Forward }
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}
