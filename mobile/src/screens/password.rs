//! The password of an invitation that has one (J3).

use super::entrance::sent;
use crate::bridge::use_hall;
use crate::format::clock;
use crate::parts::{Button, Field, Glyph, Icon, Kind, Remark, TopBar};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{FormState, ServerView, WhoView};
use miantan_domain::code::InviteCode;

#[component]
pub fn Password() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut typed = use_signal(String::new);
    // What was refused: a changed password takes the remark away.
    let mut tried = use_signal(String::new);
    let WhoView::SignedOut { form, .. } = &view.who else { return rsx! {} };
    let organiser = match &view.server {
        ServerView::Chosen { organiser, .. } => organiser.clone(),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => String::new(),
    };
    let (code, wrong) = match form {
        FormState::PasswordNeeded { code, wrong } => (code.clone(), *wrong),
        FormState::Idle | FormState::Sending | FormState::Failed { .. } | FormState::OtherDevice { .. } => {
            (hall.asked().unwrap_or_default(), false)
        }
    };
    let shown = InviteCode::parse(&code).map_or_else(|| code.clone(), |code| code.grouped());
    let sent = sent(l, form, hall.now());
    let held = sent.busy || sent.wait_ms > 0;
    let remark = match sent.problem {
        Some(problem) if sent.wait_ms > 0 => Some(format!(
            "{problem} {}",
            l.tr_with("again-in", &[("time", clock(sent.wait_ms + 999).into())])
        )),
        Some(problem) => Some(problem),
        None => (wrong && *typed.read() == *tried.read()).then(|| l.tr("problem-password-wrong")),
    };
    let go = move || {
        let password = typed.peek().clone();
        if !held && !password.is_empty() {
            tried.set(password.clone());
            hall.send(Intent::Join { code: code.clone(), password: Some(password) });
        }
    };
    let mut enter = go.clone();
    let mut press = go;
    rsx! {
        main { class: "screen entrance",
            TopBar { title: organiser, onback: move |()| hall.send(Intent::ResetForm) }
            div { class: "hero",
                h1 { {l.tr("password-title")} }
                p { {l.tr("password-line")} }
            }
            section { class: "stack",
                p { class: "code-kept",
                    Icon { glyph: Glyph::Check }
                    span { "{shown}" }
                }
                Field {
                    test: "join-password",
                    label: l.tr("join-password-label"),
                    password: true,
                    autofocus: true,
                    tone: if remark.is_some() { Remark::Error } else { Remark::Hint },
                    remark,
                    oninput: move |text| typed.set(text),
                    onenter: move |()| enter(),
                }
                Button {
                    test: "join",
                    label: if sent.busy { l.tr("join-sending") } else { l.tr("join") },
                    busy: sent.busy,
                    disabled: held || typed.read().is_empty(),
                    onpress: move |()| press(),
                }
                Button {
                    test: "other-code",
                    label: l.tr("password-other-code"),
                    kind: Kind::Plain,
                    onpress: move |()| hall.send(Intent::ResetForm),
                }
            }
            div { class: "grow" }
        }
    }
}
