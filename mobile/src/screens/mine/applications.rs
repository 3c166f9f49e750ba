//! 我的投递: what was sent to whom, and whether it was looked at.

use super::mine;
use crate::bridge::use_hall;
use crate::format::salary;
use crate::parts::{FailedPart, Glyph, Icon, LoadingPart, NothingPart, SubPage};
use crate::screens::talks::times::list_time;
use dioxus::prelude::*;
use miantan_client::view::Loadable;
use miantan_client::{Intent, intent::AccountIntent, intent::TalkIntent};

#[component]
pub(super) fn Applications(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Account(AccountIntent::LoadApplications));
    use_hook(load);
    let Some(mine) = mine(&view) else { return rsx! {} };
    rsx! {
        SubPage { test: "applications", title: l.tr("mine-applications"), onback,
            match mine.applications.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(list)) if list.is_empty() => rsx! {
                    NothingPart {
                        glyph: Glyph::Send,
                        title: l.tr("applications-none"),
                        more: l.tr("applications-none-more"),
                    }
                },
                Some(Loadable::Ready(list)) => rsx! {
                    ul { class: "card list",
                        for line in list.iter().cloned() {
                            li { key: "{line.id}",
                                button {
                                    r#type: "button",
                                    class: "row application",
                                    "data-test": "application-{line.id}",
                                    onclick: move |_| hall.send(Intent::Talk(TalkIntent::Open(line.conversation))),
                                    span { class: "row-text",
                                        span { class: "row-title", "{line.title}" }
                                        span { class: "pay figures", {salary(l, line.salary)} }
                                        span { class: "row-more", "{line.employer_name}" }
                                        span { class: "row-more", "{line.fair_title}" }
                                        span { class: "row-tags",
                                            if line.seen {
                                                span { class: "tag go", "data-test": "application-seen", {l.tr("application-seen")} }
                                            } else {
                                                span { class: "tag quiet", {l.tr("application-sent")} }
                                            }
                                            span { class: "when figures",
                                                {list_time(l, line.at, hall.wall(), hall.offset())}
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
