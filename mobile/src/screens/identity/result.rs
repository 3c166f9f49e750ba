//! An attempt that did not pass, or could not be made: why, what to do about it, what is left, and both ways on.

use super::{HelpLine, SmsInstead, wish};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, Kind};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::{DeviceProblem, IdentityTrouble, IdentityView};
use miantan_domain::model::FaceReason;

/// What is left to do after an attempt, in a sentence.
fn what_is_left(l: Lang, identity: &IdentityView) -> String {
    if identity.phone.is_none() && identity.attempts_left == 0 {
        l.tr("failed-no-way")
    } else {
        l.tr_with("failed-left", &[("n", identity.attempts_left.into())])
    }
}

/// Once more, or by SMS; the telephone where neither is left.
#[component]
fn WaysOn(attempts_left: u32, sms: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    rsx! {
        footer { class: "step-actions",
            if attempts_left > 0 {
                Button {
                    test: "face-again",
                    label: l.tr("check-retry"),
                    onpress: move |()| hall.send(wish(IdentityIntent::ChooseFace)),
                }
            }
            if sms {
                SmsInstead { kind: if attempts_left > 0 { Kind::Secondary } else { Kind::Primary } }
            }
            HelpLine {}
        }
    }
}

#[component]
pub(super) fn NotPassed(identity: Box<IdentityView>, reasons: Vec<FaceReason>) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "step-body", "data-test": "not-passed",
            div { class: "hero",
                h1 { {l.tr("failed-title")} }
                p { "data-test": "attempts-left", {what_is_left(l, &identity)} }
            }
            ul { class: "card reasons", role: "alert",
                for reason in reasons {
                    li { key: "{reason:?}", "data-test": "reason-{reason:?}",
                        span { class: "row-icon warn", Icon { glyph: Glyph::Info } }
                        span { class: "row-text",
                            span { class: "row-title", {words::face_reason(l, reason).0} }
                            span { class: "row-more", {words::face_reason(l, reason).1} }
                        }
                    }
                }
            }
        }
        WaysOn { attempts_left: identity.attempts_left, sms: identity.phone.is_some() }
    }
}

#[component]
pub(super) fn Broken(identity: Box<IdentityView>, trouble: IdentityTrouble) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let said = match &trouble {
        IdentityTrouble::Device(problem) => words::device_problem(l, *problem),
        IdentityTrouble::Server(problem) => words::problem(l, problem.code),
        IdentityTrouble::Checker => l.tr("broken-checker"),
        IdentityTrouble::Interrupted => l.tr("broken-interrupted"),
    };
    let refused = matches!(trouble, IdentityTrouble::Device(DeviceProblem::CameraRefused));
    rsx! {
        div { class: "step-body", "data-test": "identity-broken",
            div { class: "hero",
                h1 { {l.tr("broken-title")} }
                p { "data-test": "attempts-left", {what_is_left(l, &identity)} }
            }
            p { class: "callout warn", role: "alert",
                Icon { glyph: Glyph::Warning }
                span { "{said}" }
            }
            if refused {
                Button {
                    test: "system-settings",
                    label: l.tr("system-settings"),
                    kind: Kind::Plain,
                    glyph: Glyph::Gear,
                    onpress: move |()| hall.send(Intent::OpenSystemSettings),
                }
            }
            p { class: "aside", {l.tr("broken-more")} }
        }
        WaysOn { attempts_left: identity.attempts_left, sms: identity.phone.is_some() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::IdentityStage;

    #[test]
    fn who_has_no_way_left_is_told_whom_to_call() {
        let mut identity = IdentityView {
            attempts: 3,
            attempts_left: 2,
            no_face: None,
            phone: Some("138****5678".into()),
            sms_first: false,
            number_proved: false,
            verifies: false,
            frames_days: 7,
            simulated: false,
            stage: IdentityStage::NotPassed { reasons: vec![FaceReason::OtherPerson] },
        };
        assert!(what_is_left(Lang::Zh, &identity).contains('2'));
        identity.attempts_left = 0;
        assert!(what_is_left(Lang::Zh, &identity).contains("短信验证"));
        identity.phone = None;
        assert!(what_is_left(Lang::Zh, &identity).contains("客服电话"));
    }
}
