//! Staff notices (发通知): one text to all who wait in a round, and how they read it.

use super::queue_of;
use super::talks::TextArea;
use crate::bridge::use_hall;
use crate::format::hour;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_domain::model::TEXT_MAX_CHARS;
use miantan_domain::wire::live::NoticeView;

/// The newest of them stand in the waiting room; older ones open.
const SHOWN: usize = 2;

/// Notices in the waiting room, the newest first.
#[component]
pub fn NoticeList(notices: Vec<NoticeView>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut all = use_signal(|| false);
    if notices.is_empty() {
        return rsx! {};
    }
    let count = notices.len();
    let shown = if all() { count } else { SHOWN };
    rsx! {
        section { class: "staff-notices", role: "log", "aria-live": "polite", "aria-label": l.tr("staff-notices"),
            for notice in notices.into_iter().rev().take(shown) {
                div { key: "{notice.id}", class: "staff-notice", "data-test": "staff-notice",
                    Icon { glyph: Glyph::Megaphone }
                    div {
                        p { class: "staff-text", "{notice.text}" }
                        p { class: "staff-when figures", {l.tr_with("staff-notice-at", &[("time", hour(notice.at, hall.offset()).into())])} }
                    }
                }
            }
            if count > shown {
                Button {
                    test: "notices-all",
                    label: l.tr_with("staff-notices-all", &[("n", count.into())]),
                    kind: Kind::Plain,
                    small: true,
                    onpress: move |()| all.set(true),
                }
            }
        }
    }
}

/// Writing one; those sent before stand below.
#[component]
pub fn NotifySheet(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut text = use_signal(String::new);
    let view = hall.view();
    let Some(queue) = queue_of(&view) else { return rsx! {} };
    let waiting = queue.state.line().len();
    let notices = queue.state.notices.clone();
    let count = text.read().trim().chars().count();
    rsx! {
        Sheet { test: "notify-sheet", title: l.tr("notify"), onclose: move |()| onclose.call(()),
            p { class: "lead", {l.tr_with("notify-lead", &[("n", waiting.into())])} }
            div { class: "form",
                TextArea {
                    test: "notify-text",
                    label: l.tr("notify-text"),
                    placeholder: l.tr("notify-placeholder"),
                    oninput: move |typed| text.set(typed),
                }
            }
            div { class: "actions",
                Button {
                    test: "notify-send",
                    label: l.tr("notify-send"),
                    glyph: Glyph::Megaphone,
                    disabled: count == 0 || count > TEXT_MAX_CHARS,
                    onpress: move |()| {
                        hall.send(Intent::Notify { text: text.peek().trim().to_owned() });
                        onclose.call(());
                    },
                }
            }
            if !notices.is_empty() {
                section { class: "sheet-section",
                    h3 { class: "section-title", {l.tr("notify-sent")} }
                    NoticeList { notices }
                }
            }
        }
    }
}
