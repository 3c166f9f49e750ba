//! What ⋯ opens: search in the messages, who marked when, report, block; and the question before an address is opened.

use super::answers::TextArea;
use super::times::list_time;
use super::{Over, open_talk, use_desk};
use crate::bridge::use_hall;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_domain::model::{Side, TalkHead};
use std::sync::Arc;

#[component]
pub fn Menu(head: Arc<TalkHead>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let conversation = head.id;
    let row = |test: &'static str, glyph: Glyph, label: String, over: Over, danger: bool| {
        rsx! {
            button {
                key: "{test}",
                r#type: "button",
                class: if danger { "row danger-text" } else { "row" },
                "data-test": test,
                onclick: move |_| desk.show(over.clone()),
                Icon { glyph }
                span { class: "row-text",
                    span { class: "row-title", "{label}" }
                }
            }
        }
    };
    rsx! {
        Sheet { test: "talk-menu-sheet", title: l.tr("talk-more"), onclose: move |()| desk.close(),
            div { class: "card list menu-list",
                {row("menu-search", Glyph::Search, l.tr("talk-search-messages"), Over::Search, false)}
                if head.side == Side::Recruiter {
                    {row("menu-marks", Glyph::Tag, l.tr("mark-history"), Over::MarkHistory, false)}
                }
                if head.side == Side::Candidate {
                    {row("menu-report", Glyph::Flag, l.tr("report"), Over::Report, true)}
                    if head.blocked {
                        button {
                            r#type: "button",
                            class: "row",
                            "data-test": "menu-unblock",
                            onclick: move |_| {
                                hall.send(Intent::Talk(TalkIntent::Block { conversation, on: false }));
                                desk.close();
                            },
                            Icon { glyph: Glyph::Block }
                            span { class: "row-text",
                                span { class: "row-title", {l.tr("unblock")} }
                            }
                        }
                    } else {
                        {row("menu-block", Glyph::Block, l.tr("block"), Over::Block, true)}
                    }
                }
            }
        }
    }
}

#[component]
pub fn BlockSheet(head: Arc<TalkHead>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let conversation = head.id;
    rsx! {
        Sheet {
            test: "block-sheet",
            title: l.tr_with("block-title", &[("name", head.employer_name.clone().into())]),
            onclose: move |()| desk.close(),
            p { class: "lead", {l.tr("block-lead")} }
            div { class: "actions",
                Button {
                    test: "block-yes",
                    label: l.tr("block"),
                    kind: Kind::Danger,
                    onpress: move |()| {
                        hall.send(Intent::Talk(TalkIntent::Block { conversation, on: true }));
                        desk.close();
                    },
                }
                Button { test: "block-no", label: l.tr("cancel"), kind: Kind::Plain, onpress: move |()| desk.close() }
            }
        }
    }
}

#[component]
pub fn ReportSheet(head: Arc<TalkHead>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let mut reason = use_signal(String::new);
    let mut chosen = use_signal(|| None::<usize>);
    let reasons = [
        l.tr("report-fee"),
        l.tr("report-false"),
        l.tr("report-insult"),
        l.tr("report-privacy"),
        l.tr("report-other"),
    ];
    let sent = reasons.clone();
    let ready = chosen().is_some_and(|at| at < 4) || !reason.read().trim().is_empty();
    rsx! {
        Sheet {
            test: "report-sheet",
            title: l.tr_with("report-title", &[("name", head.employer_name.clone().into())]),
            tall: true,
            onclose: move |()| desk.close(),
            p { class: "lead", {l.tr("report-lead")} }
            div { class: "form",
                div { class: "chips-line", role: "radiogroup", "aria-label": l.tr("report-reason"),
                    for (at , label) in reasons.into_iter().enumerate() {
                        button {
                            key: "{at}",
                            r#type: "button",
                            role: "radio",
                            class: "pick-chip",
                            "data-test": "report-reason-{at}",
                            "aria-checked": chosen() == Some(at),
                            onclick: move |_| chosen.set(Some(at)),
                            "{label}"
                        }
                    }
                }
                TextArea { test: "report-text", label: l.tr("report-text"), oninput: move |text| reason.set(text) }
            }
            div { class: "actions",
                Button {
                    test: "report-send",
                    label: l.tr("report-send"),
                    kind: Kind::Danger,
                    disabled: !ready,
                    onpress: move |()| {
                        let kind = chosen.peek().and_then(|at| sent.get(at).cloned()).unwrap_or_default();
                        let text = reason.peek().trim().to_owned();
                        let all: Vec<String> = [kind, text].into_iter().filter(|part| !part.is_empty()).collect();
                        hall.send(Intent::Talk(TalkIntent::Report { reason: all.join("：") }));
                        desk.close();
                    },
                }
            }
        }
    }
}

/// Search in the messages on this device.
#[component]
pub fn SearchSheet() -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let view = hall.view();
    let found = open_talk(&view).and_then(|open| open.search.clone()).unwrap_or_default();
    let close = move || {
        hall.send(Intent::Talk(TalkIntent::CloseSearch));
        desk.close();
    };
    rsx! {
        Sheet { test: "search-sheet", title: l.tr("talk-search-messages"), tall: true, onclose: move |()| close(),
            label { class: "search-field",
                Icon { glyph: Glyph::Search }
                input {
                    r#type: "search",
                    "data-test": "search-text",
                    "aria-label": l.tr("talk-search-messages"),
                    placeholder: l.tr("talk-search-words"),
                    autocomplete: "off",
                    onmounted: move |event| async move {
                        let _ = event.set_focus(true).await;
                    },
                    oninput: move |event| {
                        hall.send(Intent::Talk(TalkIntent::Search(event.value().trim().to_owned())));
                    },
                }
            }
            p { class: "aside search-count", role: "status",
                if !found.query.is_empty() {
                    {l.tr_with("talk-hits", &[("n", found.hits.len().into())])}
                } else {
                    {l.tr("talk-search-device")}
                }
            }
            if !found.hits.is_empty() {
                div { class: "card list",
                    for hit in found.hits.iter().cloned() {
                        button {
                            key: "{hit.seq}",
                            r#type: "button",
                            class: "row hit",
                            "data-test": "hit-{hit.seq}",
                            onclick: move |_| {
                                hall.send(Intent::Talk(TalkIntent::GoTo { seq: hit.seq }));
                                desk.go_to(hit.seq);
                                close();
                            },
                            span { class: "row-text",
                                span { class: "row-more figures",
                                    {list_time(l, hit.at, hall.wall(), hall.offset())}
                                }
                                span { class: "hit-text", "{hit.text}" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where an address leads is read before it is opened.
#[component]
pub fn LinkSheet(address: String) -> Element {
    let desk = use_desk();
    let l = use_hall().lang();
    rsx! {
        Sheet { test: "link-sheet", title: l.tr("link-title"), onclose: move |()| desk.close(),
            p { class: "lead", {l.tr("link-lead")} }
            p { class: "quote link-address", "data-test": "link-address", "{address}" }
            div { class: "actions",
                a {
                    class: "button primary",
                    href: "{address}",
                    target: "_blank",
                    rel: "noreferrer noopener",
                    "data-test": "link-open",
                    onclick: move |_| desk.close(),
                    {l.tr("link-open")}
                }
                Button { test: "link-no", label: l.tr("cancel"), kind: Kind::Plain, onpress: move |()| desk.close() }
            }
        }
    }
}
