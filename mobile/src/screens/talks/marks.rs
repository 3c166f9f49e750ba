//! Marks of applicants (T4): the choice, and who set which when.

use super::times::list_time;
use super::{open_talk, words};
use crate::bridge::use_hall;
use crate::format::hour;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet, Spinner};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::Loadable;
use miantan_domain::model::{Mark, TalkHead};
use std::sync::Arc;

/// The four marks, one of them set. Setting another is undone by choosing again; the history keeps both.
#[component]
pub fn MarkSheet(
    head: Arc<TalkHead>,
    onclose: EventHandler<()>,
    #[props(default)] onhistory: Option<EventHandler<()>>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let conversation = head.id;
    rsx! {
        Sheet {
            test: "mark-sheet",
            title: l.tr_with("mark-title", &[("name", head.candidate_name.clone().into())]),
            onclose: move |()| onclose.call(()),
            div { class: "card list mark-list", role: "radiogroup", "aria-label": l.tr("mark"),
                for mark in Mark::ALL {
                    button {
                        key: "{mark:?}",
                        r#type: "button",
                        role: "radio",
                        class: "row mark-choice {words::mark_class(mark)}",
                        "data-test": "mark-{words::mark_class(mark)}",
                        "aria-checked": head.mark == mark,
                        onclick: move |_| {
                            hall.send(Intent::Talk(TalkIntent::Mark { conversation, mark }));
                            onclose.call(());
                        },
                        span { class: "mark-dot", "aria-hidden": "true" }
                        span { class: "row-text",
                            span { class: "row-title", {words::mark(l, mark)} }
                        }
                        if head.mark == mark {
                            Icon { glyph: Glyph::Check }
                        }
                    }
                }
            }
            p { class: "aside mark-aside", {l.tr("mark-hidden")} }
            if let Some(onhistory) = onhistory {
                div { class: "actions",
                    Button {
                        test: "mark-history",
                        label: l.tr("mark-history"),
                        kind: Kind::Plain,
                        onpress: move |()| onhistory.call(()),
                    }
                }
            }
        }
    }
}

/// Who set which mark when, the newest first.
#[component]
pub fn MarkHistory(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    use_hook(|| hall.send(Intent::Talk(TalkIntent::LoadMarks)));
    let view = hall.view();
    let marks = open_talk(&view).and_then(|open| open.marks.clone());
    rsx! {
        Sheet { test: "marks-sheet", title: l.tr("mark-history"), tall: true, onclose: move |()| onclose.call(()),
            match marks {
                None | Some(Loadable::Loading) => rsx! {
                    div { class: "empty", role: "status",
                        Spinner {}
                        p { {l.tr("loading")} }
                    }
                },
                Some(Loadable::Failed(problem)) => rsx! {
                    div { class: "callout bad", role: "alert",
                        Icon { glyph: Glyph::Warning }
                        span { {crate::words::problem(l, problem.code)} }
                    }
                    Button {
                        test: "marks-retry",
                        label: l.tr("retry"),
                        kind: Kind::Secondary,
                        onpress: move |()| hall.send(Intent::Talk(TalkIntent::LoadMarks)),
                    }
                },
                Some(Loadable::Ready(marks)) if marks.is_empty() => rsx! {
                    div { class: "empty",
                        Icon { glyph: Glyph::Tag }
                        p { {l.tr("mark-history-empty")} }
                    }
                },
                Some(Loadable::Ready(marks)) => rsx! {
                    ol { class: "mark-changes",
                        for (at , change) in marks.iter().rev().enumerate() {
                            li { key: "{at}", class: words::mark_class(change.mark),
                                span { class: "mark-dot", "aria-hidden": "true" }
                                p { class: "row-title", {words::mark(l, change.mark)} }
                                p { class: "row-more figures",
                                    {l.tr_with("mark-by", &[
                                        ("name", change.name.clone().into()),
                                        ("day", list_time(l, change.at, hall.wall(), hall.offset()).into()),
                                    ])}
                                    if !list_time(l, change.at, hall.wall(), hall.offset()).contains(':') {
                                        " {hour(change.at, hall.offset())}"
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
