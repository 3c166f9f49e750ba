//! Settings: language, light or dark, size of text, devices, sign-out, another organiser, about.

use super::mine::RoomAccount;
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Choice, Confirm, DeviceKind, DevicePicker, Glyph, Icon, Segmented, Sheet};
use crate::prefs::{TEXT_SIZES, Theme};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{ServerView, WhoView};

#[component]
pub fn Settings(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let prefs = hall.prefs();
    let mut leaving = use_signal(|| false);
    let signed_in = !matches!(view.who, WhoView::SignedOut { .. });
    let organiser = match &view.server {
        ServerView::Chosen { organiser, .. } => Some(organiser.clone()),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => None,
    };
    if leaving() {
        return rsx! {
            Confirm {
                test: "sign-out",
                title: l.tr("sign-out-title"),
                body: match view.who {
                    WhoView::Account(_) => l.tr("sign-out-account"),
                    WhoView::Candidate(_) => l.tr("sign-out-candidate"),
                    WhoView::Recruiter(_) | WhoView::SignedOut { .. } => l.tr("sign-out-recruiter"),
                },
                yes: l.tr("sign-out"),
                danger: true,
                onyes: move |()| {
                    hall.send(Intent::SignOut);
                    onclose.call(());
                },
                onno: move |()| leaving.set(false),
            }
        };
    }
    rsx! {
        Sheet { test: "settings-sheet", title: l.tr("settings"), tall: true, onclose: move |()| onclose.call(()),
            section { class: "sheet-section",
                h3 { class: "section-title", {l.tr("language")} }
                Segmented {
                    test: "set-lang",
                    name: l.tr("language"),
                    choices: Lang::ALL.map(|lang| Choice { value: lang.code().into(), label: lang.own_name().into() }).to_vec(),
                    chosen: l.code(),
                    onchoose: move |code: String| {
                        if let Some(lang) = Lang::ALL.into_iter().find(|lang| lang.code() == code) {
                            hall.change_prefs(|prefs| prefs.lang = lang);
                        }
                    },
                }
            }
            section { class: "sheet-section",
                h3 { class: "section-title", {l.tr("theme")} }
                Segmented {
                    test: "set-theme",
                    name: l.tr("theme"),
                    choices: Theme::ALL.map(|theme| Choice { value: theme.name().into(), label: theme_word(l, theme) }).to_vec(),
                    chosen: prefs.theme.name(),
                    onchoose: move |name: String| {
                        if let Some(theme) = Theme::from_name(&name) {
                            hall.change_prefs(|prefs| prefs.theme = theme);
                        }
                    },
                }
            }
            section { class: "sheet-section",
                h3 { class: "section-title", {l.tr("text-size")} }
                Segmented {
                    test: "set-text",
                    name: l.tr("text-size"),
                    choices: TEXT_SIZES.map(|size| Choice { value: size.to_string(), label: text_word(l, size) }).to_vec(),
                    chosen: prefs.text_percent().to_string(),
                    onchoose: move |size: String| {
                        if let Ok(size) = size.parse() {
                            hall.change_prefs(|prefs| prefs.text = size);
                        }
                    },
                }
            }
            RoomAccount { onclose }
            if signed_in {
                section { class: "sheet-section",
                    h3 { class: "section-title", {l.tr("devices")} }
                    div { class: "stack tight",
                        DevicePicker { kind: DeviceKind::Speaker }
                        DevicePicker { kind: DeviceKind::Microphone }
                        DevicePicker { kind: DeviceKind::Camera }
                    }
                }
            }
            section { class: "sheet-section",
                h3 { class: "section-title", {l.tr("about")} }
                ul { class: "card list",
                    if let Some(organiser) = organiser {
                        li { class: "row",
                            span { class: "row-icon", Icon { glyph: Glyph::Building } }
                            span { class: "row-text",
                                span { class: "row-more", {l.tr("organiser")} }
                                span { class: "row-title", "{organiser}" }
                            }
                        }
                    }
                    li { class: "row",
                        span { class: "row-icon", Icon { glyph: Glyph::Info } }
                        span { class: "row-text",
                            span { class: "row-title", {l.tr_with("about-version", &[("version", env!("CARGO_PKG_VERSION").into())])} }
                            span { class: "row-more", {l.tr("about-line")} }
                        }
                    }
                }
            }
            if signed_in {
                div { class: "actions",
                    button {
                        r#type: "button",
                        class: "button plain danger-text",
                        "data-test": "sign-out-open",
                        onclick: move |_| leaving.set(true),
                        {l.tr("sign-out")}
                    }
                }
            }
        }
    }
}

fn theme_word(l: Lang, theme: Theme) -> String {
    match theme {
        Theme::System => l.tr("theme-system"),
        Theme::Light => l.tr("theme-light"),
        Theme::Dark => l.tr("theme-dark"),
    }
}

fn text_word(l: Lang, size: u16) -> String {
    match size {
        100 => l.tr("text-system"),
        125 => l.tr("text-large"),
        150 => l.tr("text-larger"),
        _ => l.tr("text-largest"),
    }
}
