//! In a room, in the settings: whoever came by code only can join the account of the same number, and whoever has an
//! account can leave the room.

use super::form;
use super::privacy::PolicyText;
use crate::bridge::use_hall;
use crate::format::clock;
use crate::i18n::Lang;
use crate::parts::{Button, FormProblem, Glyph, Icon, Kind, Line, Takes, use_form};
use crate::words;
use dioxus::prelude::*;
use miantan_client::view::{CodeView, FormState, Loadable, WhoView};
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::time::Timestamp;

/// Digits of a mainland number and of a code in a short message.
const PHONE_DIGITS: usize = 11;
const CODE_DIGITS: usize = 6;

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A number as people write it: spaces, dashes and `+86` do not matter.
fn phone_of(text: &str) -> Option<String> {
    let digits = digits(text);
    let local =
        if digits.len() > PHONE_DIGITS { digits.strip_prefix("86").unwrap_or(&digits) } else { &digits };
    (local.len() == PHONE_DIGITS && local.starts_with('1')).then(|| local.to_owned())
}

/// Milliseconds until another code can be asked for.
fn again_in(code: Option<&CodeView>, form: &FormState, now: Timestamp) -> u64 {
    let asked = code.map_or(0, |code| code.again_at.left(now));
    let failed = match form {
        FormState::Failed { again_at: Some(at), .. } => at.left(now),
        FormState::Failed { again_at: None, .. }
        | FormState::Idle
        | FormState::Sending
        | FormState::PasswordNeeded { .. }
        | FormState::OtherDevice { .. } => 0,
    };
    asked.max(failed)
}

fn problem_of(l: Lang, form: &FormState) -> Option<String> {
    match form {
        FormState::Failed { problem, .. } => Some(words::problem(l, problem.code)),
        FormState::Idle
        | FormState::Sending
        | FormState::PasswordNeeded { .. }
        | FormState::OtherDevice { .. } => None,
    }
}

/// The section of the settings for a candidate in a room; nothing for others.
#[component]
pub(in crate::screens) fn RoomAccount(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let view = hall.view();
    match &view.who {
        WhoView::Candidate(candidate) if candidate.mine.is_some() => rsx! { LeaveRoom { onclose } },
        WhoView::Candidate(_) => rsx! { Join {} },
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Recruiter(_) => rsx! {},
    }
}

#[component]
fn LeaveRoom(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let sent = use_form(form, Intent::Account(AccountIntent::FormSeen));
    sent.when_done("leave", move || onclose.call(()));
    rsx! {
        section { class: "sheet-section",
            h3 { class: "section-title", {l.tr("room-account")} }
            div { class: "stack",
                FormProblem { problem: sent.problem() }
                Button {
                    test: "leave-room",
                    label: l.tr("leave-room"),
                    kind: Kind::Secondary,
                    busy: sent.busy("leave"),
                    onpress: move |()| {
                        sent.clear();
                        sent.send("leave", Intent::Account(AccountIntent::LeaveRoom));
                    },
                }
                p { class: "aside", {l.tr("leave-room-more")} }
            }
        }
    }
}

#[component]
fn Join() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut phone = use_signal(String::new);
    let mut code = use_signal(String::new);
    let mut agreed = use_signal(|| false);
    let mut reading = use_signal(|| false);
    let WhoView::Candidate(candidate) = &view.who else { return rsx! {} };
    let sending = candidate.form == FormState::Sending;
    let wait = again_in(candidate.code.as_ref(), &candidate.form, hall.now());
    let number = phone_of(&phone.read());
    let typed = digits(&code.read());
    let ready = number.is_some() && typed.len() == CODE_DIGITS && agreed();
    let ask = {
        let number = number.clone();
        move |()| {
            if let Some(phone) = number.clone() {
                hall.send(Intent::Account(AccountIntent::AskCode { phone }));
            }
        }
    };
    let link = move |()| {
        if let (true, Some(phone)) = (ready, number.clone()) {
            hall.send(Intent::Account(AccountIntent::Link { phone, code: typed.clone() }));
        }
    };
    rsx! {
        section { class: "sheet-section", "data-test": "link-account",
            h3 { class: "section-title", {l.tr("room-account")} }
            details {
                class: "fold link-fold",
                summary {
                    "data-test": "link-open",
                    onclick: move |_| hall.send(Intent::Account(AccountIntent::LoadPolicy)),
                    Icon { glyph: Glyph::Person }
                    {l.tr("link-account-open")}
                }
                div { class: "stack",
                    p { class: "aside", {l.tr("link-account-lead")} }
                    Line {
                        test: "link-phone",
                        label: l.tr("link-phone"),
                        takes: Takes::Phone,
                        oninput: move |text| phone.set(text),
                    }
                    Button {
                        test: "link-ask",
                        label: if wait > 0 {
                            l.tr_with("link-again", &[("time", clock(wait + 999).into())])
                        } else {
                            l.tr("link-ask")
                        },
                        kind: Kind::Secondary,
                        busy: sending && candidate.code.is_none(),
                        disabled: phone_of(&phone.read()).is_none() || wait > 0 || sending,
                        onpress: ask,
                    }
                    if let Some(asked) = &candidate.code {
                        p { class: "aside", role: "status", "data-test": "link-sent",
                            {l.tr_with("link-sent", &[("phone", asked.masked.clone().into())])}
                        }
                        Line {
                            test: "link-code",
                            label: l.tr("link-code"),
                            takes: Takes::Code,
                            oninput: move |text| code.set(text),
                        }
                    }
                    label { class: "agree-line",
                        input {
                            r#type: "checkbox",
                            "data-test": "link-agree",
                            checked: agreed(),
                            onchange: move |event| agreed.set(event.checked()),
                        }
                        span { {l.tr("link-agree")} }
                    }
                    button {
                        r#type: "button",
                        class: "button plain small",
                        "data-test": "link-policy",
                        "aria-expanded": reading(),
                        onclick: move |_| reading.set(!reading()),
                        {l.tr("link-policy")}
                    }
                    if reading() {
                        if let Some(Loadable::Ready(policy)) = &view.policy {
                            PolicyText { text: policy.text.clone(), version: policy.version }
                        } else {
                            p { class: "aside", role: "status", {l.tr("loading")} }
                        }
                    }
                    div { role: "alert",
                        if let Some(problem) = problem_of(l, &candidate.form) {
                            p { class: "callout bad", "data-test": "link-problem",
                                Icon { glyph: Glyph::Warning }
                                span { "{problem}" }
                            }
                        }
                    }
                    Button {
                        test: "link-go",
                        label: l.tr("link-go"),
                        busy: sending && candidate.code.is_some(),
                        disabled: !ready || sending,
                        onpress: link,
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::wire::{Problem, ProblemCode};

    #[test]
    fn numbers_as_people_write_them() {
        for text in ["13800138000", "138 0013 8000", "+86 138-0013-8000", "8613800138000"] {
            assert_eq!(phone_of(text).as_deref(), Some("13800138000"), "{text}");
        }
        for text in ["", "1380013800", "23800138000", "138001380001"] {
            assert_eq!(phone_of(text), None, "{text}");
        }
    }

    #[test]
    fn the_longer_wait_counts() {
        let code = CodeView {
            phone: String::new(),
            masked: String::new(),
            again_at: Timestamp(60_000),
            valid_until: Timestamp(300_000),
        };
        let failed = FormState::Failed {
            problem: Problem::from(ProblemCode::SlowDown),
            again_at: Some(Timestamp(90_000)),
        };
        assert_eq!(again_in(Some(&code), &FormState::Idle, Timestamp(10_000)), 50_000);
        assert_eq!(again_in(Some(&code), &failed, Timestamp(10_000)), 80_000);
        assert_eq!(again_in(None, &FormState::Idle, Timestamp(10_000)), 0);
        assert!(problem_of(Lang::Zh, &failed).is_some());
    }
}
