//! One's own password.

use super::form;
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Button, FormProblem, Glyph, Icon, Line, Remark, SubPage, Takes, use_form};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_domain::wire::rest::PASSWORD_MIN_CHARS;

/// What is wrong with the two passwords, as far as can be told here: of the old one, of the new one, of its repetition.
fn faults(l: Lang, old: &str, new: &str, again: &str) -> [Option<String>; 3] {
    let new_fault = if new.chars().count() < PASSWORD_MIN_CHARS {
        Some(l.tr("member-password-short"))
    } else if new == old {
        Some(l.tr("own-password-same"))
    } else {
        None
    };
    [
        old.is_empty().then(|| l.tr("own-password-old-missing")),
        new_fault,
        (new != again).then(|| l.tr("own-password-differs")),
    ]
}

#[component]
pub(super) fn PasswordPage(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut old = use_signal(String::new);
    let mut new = use_signal(String::new);
    let mut again = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    let faults = faults(l, &old.read(), &new.read(), &again.read());
    let good = faults.iter().all(Option::is_none);
    let [old_fault, new_fault, again_fault] = faults.map(|fault| fault.filter(|_| tried()));
    let tone = |fault: &Option<String>| if fault.is_some() { Remark::Error } else { Remark::Hint };
    if sent.done("password") {
        return rsx! {
            SubPage {
                test: "password",
                title: l.tr("office-password"),
                onback,
                foot: rsx! {
                    Button { test: "password-close", label: l.tr("own-password-close"), onpress: move |()| onback.call(()) }
                },
                div { class: "empty", role: "status", "data-test": "form-done",
                    Icon { glyph: Glyph::Check }
                    h2 { {l.tr("own-password-done")} }
                    p { {l.tr("own-password-done-more")} }
                }
            }
        };
    }
    rsx! {
        SubPage {
            test: "password",
            title: l.tr("office-password"),
            onback,
            foot: rsx! {
                Button {
                    test: "password-save",
                    label: l.tr("own-password-save"),
                    busy: sent.busy("password"),
                    onpress: move |()| {
                        tried.set(true);
                        sent.clear();
                        if good {
                            let wish = OfficeIntent::ChangePassword { old: old.peek().clone(), new: new.peek().clone() };
                            sent.send("password", Intent::Office(wish));
                        }
                    },
                }
            },
            FormProblem { problem: sent.problem() }
            div { class: "stack",
                Line {
                    test: "password-old",
                    label: l.tr("own-password-old"),
                    takes: Takes::OldPassword,
                    tone: tone(&old_fault),
                    remark: old_fault,
                    oninput: move |text| old.set(text),
                }
                Line {
                    test: "password-new",
                    label: l.tr("own-password-new"),
                    takes: Takes::NewPassword,
                    tone: tone(&new_fault),
                    remark: new_fault.or_else(|| Some(l.tr("own-password-new-hint"))),
                    oninput: move |text| new.set(text),
                }
                Line {
                    test: "password-again",
                    label: l.tr("own-password-again"),
                    takes: Takes::NewPassword,
                    tone: tone(&again_fault),
                    remark: again_fault,
                    oninput: move |text| again.set(text),
                }
                p { class: "aside", {l.tr("own-password-lead")} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_password_says_what_is_wrong_with_it() {
        let which = |old, new, again| faults(Lang::Zh, old, new, again).map(|fault| fault.is_some());
        assert_eq!(which("old secret", "new secret", "new secret"), [false; 3]);
        assert_eq!(which("", "short", "short"), [true, true, false]);
        assert_eq!(which("new secret", "new secret", "new secret"), [false, true, false]);
        assert_eq!(which("old secret", "new secret", "new secre"), [false, false, true]);
    }
}
