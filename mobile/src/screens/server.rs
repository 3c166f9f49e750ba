//! The first screen (J2): which organiser's hall. An address, an invitation link, a QR code before the camera, or one
//! of the servers used before.

use super::scan::Scanner;
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Button, Choice, Field, Glyph, Icon, IconButton, Kind, Remark, Segmented};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{ScanView, ServerView};

#[component]
pub fn ServerScreen() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let (asking, first, problem) = match &view.server {
        ServerView::None | ServerView::Chosen { .. } => (None, hall.server_proposed(), None),
        ServerView::Asking { address } => (Some(address.clone()), address.clone(), None),
        ServerView::Failed { address, problem } => {
            (None, address.clone(), Some(words::server_problem(l, problem.code)))
        }
    };
    let mut typed = use_signal(|| first.clone());
    let mut read = use_signal(|| 0_u32);
    let mut focus = use_signal(|| false);
    // What the scanner read stands in the field, while it is asked for and when it did not answer.
    let scanning = view.scan != ScanView::Off;
    let mut scanned = use_signal(|| false);
    use_effect(move || {
        let view = hall.view();
        let now = view.scan != ScanView::Off;
        if *scanned.peek()
            && !now
            && let ServerView::Asking { address } | ServerView::Failed { address, .. } = &view.server
        {
            typed.set(address.clone());
            read += 1;
        }
        if *scanned.peek() != now {
            scanned.set(now);
        }
    });
    let busy = asking.is_some();
    let go = move || {
        let text = typed.peek().trim().to_owned();
        if !text.is_empty() && !busy {
            hall.send(Intent::UseServer(text));
        }
    };
    if scanning {
        return rsx! {
            Scanner { onenter: move |()| focus.set(true) }
        };
    }
    rsx! {
        main { class: "screen welcome",
            header { class: "welcome-head",
                Segmented {
                    test: "lang",
                    name: l.tr("language"),
                    choices: Lang::ALL
                        .map(|lang| Choice { value: lang.code().to_owned(), label: lang.own_name().to_owned() })
                        .to_vec(),
                    chosen: l.code().to_owned(),
                    onchoose: move |code: String| {
                        if let Some(lang) = Lang::ALL.into_iter().find(|lang| lang.code() == code) {
                            hall.change_prefs(|prefs| prefs.lang = lang);
                        }
                    },
                }
                IconButton {
                    test: "settings",
                    name: l.tr("settings"),
                    glyph: Glyph::Gear,
                    class: "quiet",
                    onpress: move |()| hall.open_settings(),
                }
            }
            div { class: "brand",
                Mark {}
                h1 { {l.tr("brand")} }
                p { {l.tr("brand-line")} }
            }
            div { class: "grow" }
            section { class: "stack",
                Field {
                    key: "{read}",
                    test: "server-address",
                    label: l.tr("server-label"),
                    initial: typed.peek().clone(),
                    placeholder: l.tr("server-placeholder"),
                    autocomplete: "url",
                    remark: problem.clone().unwrap_or_else(|| l.tr("server-hint")),
                    tone: if problem.is_some() { Remark::Error } else { Remark::Hint },
                    autofocus: focus(),
                    oninput: move |text| typed.set(text),
                    onenter: move |()| go(),
                }
                Button {
                    test: "server-go",
                    label: if busy { l.tr("server-asking") } else { l.tr("continue") },
                    busy,
                    disabled: typed.read().trim().is_empty(),
                    onpress: move |()| go(),
                }
                Button {
                    test: "scan",
                    label: l.tr("server-scan"),
                    kind: Kind::Secondary,
                    glyph: Glyph::Scan,
                    disabled: busy,
                    onpress: move |()| {
                        focus.set(false);
                        hall.send(Intent::ScanStart);
                    },
                }
            }
            if !view.servers.is_empty() {
                section { class: "stack known",
                    h2 { class: "section-title", {l.tr("server-known")} }
                    ul { class: "card list",
                        for known in view.servers.iter().cloned() {
                            li { key: "{known.address}",
                                button {
                                    r#type: "button",
                                    class: "row",
                                    "data-test": "server-{known.address}",
                                    disabled: busy,
                                    onclick: {
                                        let address = known.address.clone();
                                        move |_| hall.send(Intent::UseServer(address.clone()))
                                    },
                                    span { class: "row-icon", Icon { glyph: Glyph::Building } }
                                    span { class: "row-text",
                                        span { class: "row-title", "{known.organiser}" }
                                        span { class: "row-more", {short_address(&known.address)} }
                                    }
                                    Icon { glyph: Glyph::Forward }
                                }
                            }
                        }
                    }
                }
            }
            div { class: "grow end" }
        }
    }
}

/// The address without what everybody's has.
fn short_address(address: &str) -> String {
    address.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_owned()
}

/// Two people at a window, met in the middle.
#[component]
fn Mark() -> Element {
    rsx! {
        svg { class: "brand-mark", view_box: "0 0 64 64", "aria-hidden": "true",
            rect { class: "a", x: "4", y: "10", width: "36", height: "36", rx: "13" }
            rect { class: "b", x: "24", y: "18", width: "36", height: "36", rx: "13" }
            circle { class: "c", cx: "37", cy: "36", r: "2.600" }
            circle { class: "c", cx: "48", cy: "36", r: "2.600" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_short() {
        assert_eq!(short_address("https://hall.example.edu.cn/"), "hall.example.edu.cn");
        assert_eq!(short_address("http://127.0.0.1:8080"), "127.0.0.1:8080");
    }
}
