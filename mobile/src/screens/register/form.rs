//! The form: who the employer is, whom to talk to, a password, the licence.

use super::{DRAFT, Draft, Sent, Strength, back, fair_title, sent, strength, strength_word};
use crate::bridge::{Way, use_hall};
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, Line, NotPicked, Pick, Remark, Takes, TopBar, pick_file};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::WhoView;
use miantan_domain::uscc::{BadUscc, Uscc};
use miantan_domain::wire::rest::FILE_MAX_BYTES;

/// Length of a credit code.
const USCC: usize = 18;

/// What to say of a credit code while it is typed: what is wrong as soon as it is certain, a count before that.
fn about_uscc(l: Lang, typed: &str) -> (Remark, String) {
    let typed = typed.trim();
    let count = typed.chars().count();
    if typed.is_empty() {
        return (Remark::Hint, l.tr("register-uscc-hint"));
    }
    let strange = |c: char| !c.is_ascii_alphanumeric() || "IOSVZ".contains(c.to_ascii_uppercase());
    if typed.chars().any(strange) {
        return (Remark::Error, l.tr("uscc-character"));
    }
    match Uscc::parse(typed) {
        Ok(_) => (Remark::Hint, l.tr("register-uscc-good")),
        Err(BadUscc::Length) if count < USCC => {
            (Remark::Hint, l.tr_with("register-uscc-count", &[("n", count.into())]))
        }
        Err(BadUscc::Length) => (Remark::Error, l.tr_with("uscc-length", &[("count", count.into())])),
        Err(BadUscc::Character) => (Remark::Error, l.tr("uscc-character")),
        Err(BadUscc::CheckDigit) => (Remark::Error, l.tr("uscc-digit")),
    }
}

/// Whether all of it can be sent. `member`: an approved employer's own, which has its passwords.
fn complete(draft: &Draft, member: bool) -> bool {
    let long = |text: &str| text.trim().chars().count() >= 2;
    long(&draft.name)
        && Uscc::parse(&draft.uscc).is_ok()
        && long(&draft.contact)
        && draft.phone.chars().filter(|c| c.is_numeric()).count() >= 11
        && (member || strength(&draft.password, &draft.name, &draft.uscc).enough())
        && draft.licence.is_some()
}

#[component]
pub fn RegisterForm() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let start = use_hook(|| DRAFT.peek().clone());
    let mut refused = use_signal(|| None::<String>);
    let draft = DRAFT.read();
    let sent = sent(&view);
    let member = matches!(view.who, WhoView::Recruiter(_));
    let (tone, about) = about_uscc(l, &draft.uscc);
    let good = Uscc::parse(&draft.uscc).is_ok();
    let strong = strength(&draft.password, &draft.name, &draft.uscc);
    let ready = complete(&draft, member);
    let licence = draft.licence.as_ref().map(|licence| licence.name.clone());
    let problem = match (&sent, refused()) {
        (_, Some(refused)) => Some(refused),
        (Sent::Failed(problem), None) => Some(words::problem(l, problem.code)),
        (Sent::Idle | Sent::Busy, None) => None,
    };
    let go = move |()| {
        let Way::Register(fair) = *hall.way.peek() else { return };
        let draft = DRAFT.peek().clone();
        hall.send(Intent::Office(OfficeIntent::Register {
            fair,
            name: draft.name,
            uscc: draft.uscc,
            contact: draft.contact,
            phone: draft.phone,
            password: draft.password,
        }));
    };
    let pick = move |_| {
        refused.set(None);
        spawn(async move {
            match pick_file(Pick::Licence, FILE_MAX_BYTES).await {
                Ok(file) => DRAFT.write().licence = Some(file),
                Err(NotPicked::Nothing) => {}
                Err(NotPicked::TooLarge) => refused.set(Some(l.tr("problem-file-too-large"))),
                Err(NotPicked::Unreadable) => refused.set(Some(l.tr("problem-file-broken"))),
            }
        });
    };
    rsx! {
        main { class: "screen entrance register", "data-test": "register-page",
            TopBar { title: l.tr("fair-register"), onback: move |()| back(hall), span {} }
            div { class: "hero",
                if let Some(title) = fair_title(&view) {
                    p { class: "over", "{title}" }
                }
                h1 { {l.tr("register-title")} }
                p { {l.tr("register-line")} }
            }
            section { class: "stack",
                Line {
                    test: "register-name",
                    label: l.tr("register-name"),
                    initial: start.name,
                    limit: 100,
                    remark: l.tr("register-name-hint"),
                    oninput: move |text| DRAFT.write().name = text,
                }
                div { class: if good { "good" } else { "" },
                    Line {
                        test: "register-uscc",
                        label: l.tr("register-uscc"),
                        initial: start.uscc,
                        tone,
                        remark: about,
                        oninput: move |text| DRAFT.write().uscc = text,
                    }
                }
                Line {
                    test: "register-contact",
                    label: l.tr("register-contact"),
                    initial: start.contact,
                    remark: l.tr("register-contact-hint"),
                    oninput: move |text| DRAFT.write().contact = text,
                }
                Line {
                    test: "register-phone",
                    label: l.tr("register-phone"),
                    takes: Takes::Phone,
                    initial: start.phone,
                    remark: l.tr("register-phone-hint"),
                    oninput: move |text| DRAFT.write().phone = text,
                }
                if !member {
                    div { class: "strength", "data-strength": strength_class(strong, &draft.password),
                        Line {
                            test: "register-password",
                            label: l.tr("register-password"),
                            takes: Takes::NewPassword,
                            initial: start.password,
                            tone: if strong == Strength::Known { Remark::Error } else { Remark::Hint },
                            remark: if draft.password.is_empty() { l.tr("register-password-hint") } else { strength_word(l, strong) },
                            oninput: move |text| DRAFT.write().password = text,
                        }
                    }
                }
                div { class: "field",
                    span { class: "field-label", {l.tr("register-licence")} }
                    button {
                        r#type: "button",
                        class: "card row licence",
                        "data-test": "register-licence",
                        onclick: pick,
                        span { class: if licence.is_some() { "row-icon go" } else { "row-icon" },
                            Icon { glyph: if licence.is_some() { Glyph::Check } else { Glyph::Image } }
                        }
                        span { class: "row-text",
                            span { class: "row-title", {licence.clone().unwrap_or_else(|| l.tr("register-licence-pick"))} }
                            span { class: "row-more",
                                {if licence.is_some() { l.tr("register-licence-other") } else { l.tr("register-licence-hint") }}
                            }
                        }
                    }
                }
                div { role: "alert",
                    if let Some(problem) = problem {
                        p { class: "callout bad", "data-test": "register-problem",
                            Icon { glyph: Glyph::Warning }
                            span { "{problem}" }
                        }
                    }
                }
                Button {
                    test: "register-send",
                    label: if sent == Sent::Busy { l.tr("register-sending") } else { l.tr("register-send") },
                    busy: sent == Sent::Busy,
                    disabled: !ready,
                    onpress: go,
                }
                p { class: "aside", {l.tr("register-privacy")} }
            }
        }
    }
}

fn strength_class(strength: Strength, password: &str) -> &'static str {
    match strength {
        _ if password.is_empty() => "none",
        Strength::Short | Strength::Known => "bad",
        Strength::Weak => "weak",
        Strength::Fair => "fair",
        Strength::Strong => "strong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::Picked;

    #[test]
    fn a_code_is_followed_as_it_is_typed() {
        let tone = |typed| about_uscc(Lang::Zh, typed).0;
        assert_eq!([tone(""), tone("91440300"), tone(" 914403001922038216 ")], [Remark::Hint; 3]);
        assert!(about_uscc(Lang::Zh, "91440300").1.contains('8'));
        // known to be wrong before it is whole
        assert_eq!(tone("9144O"), Remark::Error);
        assert_eq!(tone("914403001922038217"), Remark::Error);
        assert_eq!(tone("9144030019220382160"), Remark::Error);
        assert_eq!(tone("青禾"), Remark::Error);
    }

    #[test]
    fn nothing_is_sent_before_all_is_there() {
        let whole = Draft {
            name: "青禾数据".into(),
            uscc: "914403001922038216".into(),
            contact: "王敏".into(),
            phone: "138 0013 8000".into(),
            password: "qinghe2026".into(),
            licence: Some(Picked { name: "a.png".into(), bytes: vec![1] }),
        };
        assert!(complete(&whole, false));
        for without in [
            Draft { name: "青".into(), ..whole.clone() },
            Draft { uscc: "914403001922038217".into(), ..whole.clone() },
            Draft { contact: " ".into(), ..whole.clone() },
            Draft { phone: "1380".into(), ..whole.clone() },
            Draft { password: "short".into(), ..whole.clone() },
            Draft { licence: None, ..whole.clone() },
        ] {
            assert!(!complete(&without, false), "{without:?}");
        }
        assert!(complete(&Draft { password: String::new(), ..whole }, true));
    }
}
