//! The employer's sign-in (F5): USCC or full company name with password; a member's own name only where there is
//! more than one.

use super::entrance::{back_from_way, sent};
use super::reset::Reset;
use crate::bridge::use_hall;
use crate::format::clock;
use crate::i18n::Lang;
use crate::parts::{Button, Field, Glyph, Icon, Kind, Remark, TopBar};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{ServerView, WhoView};
use miantan_domain::uscc::{BadUscc, Uscc};

/// A doubt about what looks like a credit code. Only a doubt: it may be a name after all.
pub(super) fn doubt(l: Lang, account: &str) -> Option<String> {
    let account = account.trim();
    let looks_like_one = account.len() >= 15 && account.chars().all(|c| c.is_ascii_alphanumeric());
    if !looks_like_one {
        return None;
    }
    match Uscc::parse(account) {
        Ok(_) => None,
        Err(BadUscc::Length) => Some(l.tr_with("uscc-length", &[("count", account.chars().count().into())])),
        Err(BadUscc::Character) => Some(l.tr("uscc-character")),
        Err(BadUscc::CheckDigit) => Some(l.tr("uscc-digit")),
    }
}

#[component]
pub fn SignIn() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut account = use_signal(String::new);
    let mut password = use_signal(String::new);
    let mut member = use_signal(String::new);
    let mut resetting = use_signal(|| false);
    let WhoView::SignedOut { form, .. } = &view.who else { return rsx! {} };
    let organiser = match &view.server {
        ServerView::Chosen { organiser, .. } => organiser.clone(),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => String::new(),
    };
    let sent = sent(l, form, hall.now());
    let held = sent.busy || sent.wait_ms > 0;
    let complete = !account.read().trim().is_empty() && !password.read().is_empty();
    let go = move || {
        let name = account.peek().trim().to_owned();
        let secret = password.peek().clone();
        let who = member.peek().trim().to_owned();
        if !held && !name.is_empty() && !secret.is_empty() {
            let member = (!who.is_empty()).then_some(who);
            hall.send(Intent::SignIn { account: name, password: secret, member });
        }
    };
    let doubt = doubt(l, &account.read());
    rsx! {
        main { class: "screen entrance",
            TopBar { title: organiser, onback: move |()| back_from_way(hall) }
            div { class: "hero",
                h1 { {l.tr("sign-in-title")} }
                p { {l.tr("sign-in-line")} }
            }
            section { class: "stack",
                Field {
                    test: "account",
                    label: l.tr("account-label"),
                    autocomplete: "username",
                    tone: if doubt.is_some() { Remark::Doubt } else { Remark::Hint },
                    remark: doubt,
                    oninput: move |text| account.set(text),
                    onenter: move |()| go(),
                }
                Field {
                    test: "password",
                    label: l.tr("password-label"),
                    password: true,
                    autocomplete: "current-password",
                    oninput: move |text| password.set(text),
                    onenter: move |()| go(),
                }
                details { class: "fold",
                    summary { "data-test": "member-fold",
                        Icon { glyph: Glyph::Person }
                        {l.tr("member-fold")}
                    }
                    Field {
                        test: "member",
                        label: l.tr("member-label"),
                        autocomplete: "name",
                        remark: l.tr("member-hint"),
                        oninput: move |text| member.set(text),
                        onenter: move |()| go(),
                    }
                }
                div { role: "alert",
                    if let (Some(problem), false) = (sent.problem, resetting()) {
                        p { class: "callout bad", "data-test": "sign-in-problem",
                            Icon { glyph: Glyph::Warning }
                            span {
                                "{problem}"
                                if sent.wait_ms > 0 {
                                    " "
                                    {l.tr_with("again-in", &[("time", clock(sent.wait_ms + 999).into())])}
                                }
                            }
                        }
                    }
                }
                Button {
                    test: "sign-in",
                    label: if sent.busy { l.tr("signing-in") } else { l.tr("sign-in") },
                    busy: sent.busy,
                    disabled: !complete || sent.wait_ms > 0,
                    onpress: move |()| go(),
                }
                Button {
                    test: "reset-open",
                    label: l.tr("reset-open"),
                    kind: Kind::Plain,
                    onpress: move |()| {
                        hall.send(Intent::ResetForm);
                        resetting.set(true);
                    },
                }
            }
            div { class: "grow" }
        }
        if resetting() {
            Reset {
                account: account.peek().trim().to_owned(),
                member: member.peek().trim().to_owned(),
                onclose: move |()| {
                    hall.send(Intent::ResetForm);
                    resetting.set(false);
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_code_is_doubted() {
        for fine in
            ["", "914403001922038216", " 914403001922038216 ", "深圳市某某科技有限公司", "Miantan Ltd"]
        {
            assert_eq!(doubt(Lang::Zh, fine), None, "{fine}");
        }
        let doubts: Vec<_> = ["914403001922038217", "91440300192203821", "91440300192203821I"]
            .iter()
            .map(|code| doubt(Lang::Zh, code).expect("a doubt"))
            .collect();
        assert_eq!(doubts.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
        assert!(doubts[1].contains("17"));
    }
}
