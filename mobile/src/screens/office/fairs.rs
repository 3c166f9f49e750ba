//! The fairs at which the employer has a stand.

use super::{OfficePage, office};
use crate::bridge::use_hall;
use crate::format::day;
use crate::parts::{FailedPart, Glyph, LoadingPart, NavRow, NothingPart, SubPage};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;

#[component]
pub(super) fn Fairs(positions: bool, ongo: EventHandler<OfficePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Office(OfficeIntent::LoadFairs));
    use_hook(load);
    let Some(office) = office(&view) else { return rsx! {} };
    rsx! {
        SubPage {
            test: "office-fairs",
            title: if positions { l.tr("office-positions") } else { l.tr("office-stand") },
            onback: move |()| ongo.call(OfficePage::Home),
            match office.fairs.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(fairs)) if fairs.is_empty() => rsx! {
                    NothingPart { glyph: Glyph::Megaphone, title: l.tr("office-no-fairs"), more: l.tr("office-no-fairs-more") }
                },
                Some(Loadable::Ready(fairs)) => rsx! {
                    p { class: "lead", {l.tr("office-which-fair")} }
                    ul { class: "card list",
                        for fair in fairs.iter().cloned() {
                            li { key: "{fair.id}",
                                NavRow {
                                    test: "office-fair-{fair.id}",
                                    label: fair.title.clone(),
                                    more: format!("{} – {}", day(l, fair.starts, hall.offset()), day(l, fair.ends, hall.offset())),
                                    onpress: move |()| ongo.call(if positions {
                                        OfficePage::Positions(fair.id)
                                    } else {
                                        OfficePage::Stand(fair.id)
                                    }),
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}
