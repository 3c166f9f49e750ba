//! The SMS way: a code to the number on file, which is shown masked and never typed. The same form moves an invitation
//! to another device ([`super::super::entrance`]).

use super::{HelpLine, wish};
use crate::bridge::use_hall;
use crate::format::clock;
use crate::parts::{Button, CodeField, Glyph, Icon, Kind};
use crate::screens::entrance::sent;
use crate::screens::phone::{CODE_DIGITS, digits};
use crate::words;
use dioxus::prelude::*;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::{FormState, IdentityView, SmsWayView};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::ProblemCode;

/// What a [`CodeForm`] shows.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::screens) struct CodeUse {
    /// The number, masked; empty while it is not known.
    pub phone: String,
    /// A code was sent.
    pub sent: bool,
    pub again_at: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
    pub form: FormState,
    /// The button that checks the code.
    pub go: String,
}

#[component]
pub(super) fn SmsWay(identity: Box<IdentityView>, sms: Box<SmsWayView>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let usage = CodeUse {
        phone: identity.phone.clone().unwrap_or_default(),
        sent: sms.sent,
        again_at: sms.again_at,
        valid_until: sms.valid_until,
        form: sms.form.clone(),
        go: l.tr("sms-check"),
    };
    rsx! {
        div { class: "step-body", "data-test": "sms-way",
            div { class: "hero",
                h1 { {l.tr("sms-title")} }
                p { {l.tr("sms-line")} }
            }
            CodeForm {
                usage,
                onsend: move |()| hall.send(wish(IdentityIntent::SendCode)),
                oncheck: move |code| hall.send(wish(IdentityIntent::CheckCode(code))),
            }
            div { class: "grow" }
            HelpLine { of_number: true }
        }
    }
}

/// Number, code, send again.
#[component]
pub(in crate::screens) fn CodeForm(
    usage: CodeUse,
    onsend: EventHandler<()>,
    oncheck: EventHandler<String>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let now = hall.now();
    let mut typed = use_signal(String::new);
    // The code that was refused: changing it takes the remark away.
    let mut tried = use_signal(String::new);
    let form = sent(l, &usage.form, now);
    let wait = usage.again_at.map_or(0, |at| at.left(now)).max(if usage.sent { 0 } else { form.wait_ms });
    let over = usage.valid_until.is_some_and(|until| now >= until);
    let ready = digits(&typed.read()).len() == CODE_DIGITS;
    // A wrong code is said at its field; what else went wrong, above the buttons.
    let of_code = matches!(&usage.form, FormState::Failed { problem, .. }
        if matches!(problem.code, ProblemCode::SmsCodeWrong | ProblemCode::SmsCodeExpired | ProblemCode::SmsTriesUsed));
    let at_field = of_code && digits(&typed.read()) == *tried.read();
    let remark = match (&form.problem, over) {
        (Some(problem), _) if at_field => Some((problem.clone(), true)),
        (_, true) => Some((words::problem(l, ProblemCode::SmsCodeExpired), true)),
        (_, false) => None,
    };
    let wrong = remark.is_some();
    let go = move || {
        let code = digits(&typed.peek());
        if code.len() == CODE_DIGITS && !form.busy {
            tried.set(code.clone());
            oncheck.call(code);
        }
    };
    let mut enter = go;
    let mut press = go;
    rsx! {
        section { class: "stack code-form",
            if usage.sent {
                p { class: "callout good", role: "status", "data-test": "code-sent",
                    Icon { glyph: Glyph::Check }
                    span { {l.tr_with("sms-sent", &[("phone", usage.phone.clone().into())])} }
                }
                CodeField {
                    test: "sms-code",
                    label: l.tr("sms-code"),
                    typed: typed(),
                    groups: 2,
                    numeric: true,
                    autofocus: true,
                    remark: remark.map_or_else(|| l.tr("sms-code-hint"), |(text, _)| text),
                    wrong,
                    oninput: move |text| typed.set(text),
                    onenter: move |()| enter(),
                }
            } else if !usage.phone.is_empty() {
                p { class: "card number-on-file",
                    span { class: "over", {l.tr("sms-number")} }
                    strong { class: "figures", "data-test": "sms-phone", "{usage.phone}" }
                }
            }
            div { role: "alert",
                if let Some(problem) = form.problem.clone().filter(|_| !of_code) {
                    p { class: "callout bad", "data-test": "sms-problem",
                        Icon { glyph: Glyph::Warning }
                        span {
                            "{problem}"
                            if form.wait_ms > 0 {
                                " "
                                {l.tr_with("again-in", &[("time", clock(form.wait_ms + 999).into())])}
                            }
                        }
                    }
                }
            }
            if usage.sent {
                Button {
                    test: "sms-check",
                    label: if form.busy { l.tr("sms-checking") } else { usage.go.clone() },
                    busy: form.busy,
                    disabled: !ready,
                    onpress: move |()| press(),
                }
            }
            Button {
                test: "sms-send",
                label: match (wait, usage.sent) {
                    (0, true) => l.tr("sms-ask-again"),
                    (0, false) => l.tr("sms-ask"),
                    (wait, _) => l.tr_with("sms-again-in", &[("time", clock(wait + 999).into())]),
                },
                kind: if usage.sent { Kind::Plain } else { Kind::Primary },
                busy: form.busy && !usage.sent,
                disabled: wait > 0 || form.busy,
                onpress: move |()| onsend.call(()),
            }
        }
    }
}
