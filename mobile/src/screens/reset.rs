//! A member's password is set anew (F5): a code goes to the approved contact of the employer by SMS.

use super::entrance::sent;
use super::register::{Strength, strength, strength_word};
use crate::bridge::use_hall;
use crate::format::clock;
use crate::parts::{Button, Glyph, Icon, Kind, Line, Remark, Sheet, Takes};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::WhoView;

#[component]
pub(super) fn Reset(account: String, member: String, onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut name = use_signal(|| account.clone());
    let mut who = use_signal(|| member.clone());
    let mut code = use_signal(String::new);
    let mut password = use_signal(String::new);
    let WhoView::SignedOut { form, code: asked } = &view.who else { return rsx! {} };
    let now = hall.now();
    let sent = sent(l, form, now);
    let wait = asked.as_ref().map_or(0, |code| code.again_at.left(now)).max(sent.wait_ms);
    let strong = strength(&password.read(), &name.read(), "");
    let whose = move || {
        let who = who.peek().trim().to_owned();
        (name.peek().trim().to_owned(), (!who.is_empty()).then_some(who))
    };
    rsx! {
        Sheet { test: "reset-sheet", title: l.tr("reset-title"), onclose: move |()| onclose.call(()),
            div { class: "stack",
                p { class: "lead", {l.tr("reset-line")} }
                Line {
                    test: "reset-account",
                    label: l.tr("account-label"),
                    initial: account,
                    oninput: move |text| name.set(text),
                }
                Line {
                    test: "reset-member",
                    label: l.tr("member-label"),
                    initial: member,
                    remark: l.tr("member-hint"),
                    oninput: move |text| who.set(text),
                }
                Button {
                    test: "reset-ask",
                    label: if wait > 0 { l.tr_with("phone-again", &[("time", clock(wait + 999).into())]) } else { l.tr("phone-ask") },
                    kind: if asked.is_some() { Kind::Secondary } else { Kind::Primary },
                    busy: sent.busy && asked.is_none(),
                    disabled: name.read().trim().is_empty() || wait > 0,
                    onpress: move |()| {
                        let (account, member) = whose();
                        hall.send(Intent::Office(OfficeIntent::AskReset { account, member }));
                    },
                }
                if asked.is_some() {
                    p { class: "aside", role: "status", {l.tr("reset-sent")} }
                    Line {
                        test: "reset-code",
                        label: l.tr("phone-code"),
                        takes: Takes::Code,
                        oninput: move |text| code.set(text),
                    }
                    Line {
                        test: "reset-password",
                        label: l.tr("reset-password"),
                        takes: Takes::NewPassword,
                        remark: strength_word(l, strong),
                        tone: if strong == Strength::Short && !password.read().is_empty() { Remark::Doubt } else { Remark::Hint },
                        oninput: move |text| password.set(text),
                    }
                }
                div { role: "alert",
                    if let Some(problem) = sent.problem {
                        p { class: "callout bad", "data-test": "reset-problem",
                            Icon { glyph: Glyph::Warning }
                            span { "{problem}" }
                        }
                    }
                }
                if asked.is_some() {
                    Button {
                        test: "reset-send",
                        label: l.tr("reset-send"),
                        busy: sent.busy,
                        disabled: code.read().trim().is_empty() || !strong.enough(),
                        onpress: move |()| {
                            let (account, member) = whose();
                            hall.send(Intent::Office(OfficeIntent::ConfirmReset {
                                account,
                                member,
                                code: code.peek().trim().to_owned(),
                                password: password.peek().clone(),
                            }));
                        },
                    }
                }
            }
        }
    }
}
