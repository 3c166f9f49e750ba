//! The identity step (J4): the two ways, the consent, the framing guide, the challenge, what came of it, the SMS way.
//! What is shown is the session's [`IdentityView`]; nothing is judged, counted or measured here. Refusing the face
//! way is never harder to press than taking it.

mod art;
mod choice;
mod consent;
mod live;
mod result;
mod rules;
mod sms;

pub(super) use rules::IdentityRules;
pub(super) use sms::{CodeForm, CodeUse};

use super::hotline;
use crate::bridge::use_hall;
use crate::parts::{Button, Glyph, Icon, Kind, LoadingPart};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::{IdentityStage, IdentityView, WhoView};

/// The wish, wrapped.
fn wish(intent: IdentityIntent) -> Intent {
    Intent::Identity(intent)
}

/// What the way back in the screen's head does: to the choice of ways, out of whichever was taken.
pub(super) fn way_back(identity: Option<&IdentityView>) -> Option<Intent> {
    match identity?.stage {
        IdentityStage::Consent { .. }
        | IdentityStage::Framing(_)
        | IdentityStage::NotPassed { .. }
        | IdentityStage::Broken(_)
        | IdentityStage::Sms(_) => Some(wish(IdentityIntent::Back)),
        IdentityStage::Models { .. } | IdentityStage::Challenge(_) => Some(wish(IdentityIntent::Cancel)),
        // Nothing to leave, or an answer on its way.
        IdentityStage::Loading
        | IdentityStage::Failed(_)
        | IdentityStage::Choice
        | IdentityStage::Checking => None,
    }
}

#[component]
pub(super) fn IdentityStep() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let WhoView::Candidate(candidate) = &view.who else { return rsx! {} };
    let Some(identity) = candidate.identity.clone() else {
        return rsx! { Waiting { line: l.tr("identity-loading") } };
    };
    match identity.stage.clone() {
        IdentityStage::Loading => rsx! { Waiting { line: l.tr("identity-loading") } },
        IdentityStage::Failed(problem) => rsx! {
            div { class: "step-body", "data-test": "identity-failed",
                div { class: "hero",
                    h1 { {l.tr("identity-failed")} }
                    p { {words::problem(l, problem.code)} }
                }
                div { class: "stage-art",
                    div { class: "disc", Icon { glyph: Glyph::WifiOff } }
                }
            }
            footer { class: "step-actions",
                Button {
                    test: "identity-reload",
                    label: l.tr("retry"),
                    onpress: move |()| hall.send(wish(IdentityIntent::Reload)),
                }
                HelpLine {}
            }
        },
        IdentityStage::Choice => rsx! { choice::Ways { identity } },
        IdentityStage::Consent { frames } => rsx! { consent::Consent { identity, frames } },
        IdentityStage::Models { done, of } => rsx! { consent::Models { done, of } },
        IdentityStage::Framing(_) | IdentityStage::Challenge(_) => rsx! { live::Live { identity } },
        IdentityStage::Checking => rsx! { live::Checking {} },
        IdentityStage::NotPassed { reasons } => rsx! { result::NotPassed { identity, reasons } },
        IdentityStage::Broken(trouble) => rsx! { result::Broken { identity, trouble } },
        IdentityStage::Sms(sms) => rsx! { sms::SmsWay { identity, sms: Box::new(sms) } },
    }
}

#[component]
fn Waiting(line: String) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "step-body",
            div { class: "hero",
                h1 { {l.tr("identity-title")} }
                p { "{line}" }
            }
            LoadingPart {}
        }
    }
}

/// The other way, in reach of the thumb.
#[component]
fn SmsInstead(#[props(default = Kind::Plain)] kind: Kind) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    rsx! {
        Button {
            test: "way-other-sms",
            label: l.tr("way-other-sms"),
            kind,
            onpress: move |()| hall.send(wish(IdentityIntent::ChooseSms)),
        }
    }
}

/// The organiser's telephone, one line.
#[component]
pub(super) fn HelpLine(#[props(default)] of_number: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let number = hotline(&hall.view());
    let said = [("number", number.clone().into())];
    rsx! {
        if !number.is_empty() {
            button {
                r#type: "button",
                class: "hotline-line",
                "data-test": "hotline",
                onclick: move |_| hall.send(Intent::DialHotline),
                {if of_number { l.tr_with("sms-wrong-number", &said) } else { l.tr_with("hotline-help", &said) }}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::{CameraCheckView, FormState};
    use miantan_client::view::{ChallengeView, FramingView, SmsWayView};

    fn at(stage: IdentityStage) -> IdentityView {
        IdentityView {
            attempts: 3,
            attempts_left: 3,
            no_face: None,
            phone: None,
            sms_first: false,
            number_proved: false,
            verifies: false,
            frames_days: 7,
            simulated: false,
            stage,
        }
    }

    #[test]
    fn one_can_always_go_back_to_the_choice_but_not_while_the_server_decides() {
        let framing = FramingView {
            started: true,
            advice: None,
            steady: 0.0,
            camera: CameraCheckView::default(),
            problem: None,
        };
        let sms = SmsWayView { sent: false, again_at: None, valid_until: None, form: FormState::Idle };
        for stage in [
            IdentityStage::Consent { frames: false },
            IdentityStage::Framing(framing),
            IdentityStage::NotPassed { reasons: Vec::new() },
            IdentityStage::Sms(sms),
        ] {
            assert!(way_back(Some(&at(stage))) == Some(wish(IdentityIntent::Back)));
        }
        let challenge = ChallengeView { movement: None, index: 0, of: 3, until: None };
        for stage in [IdentityStage::Models { done: 1, of: 2 }, IdentityStage::Challenge(challenge)] {
            assert!(way_back(Some(&at(stage))) == Some(wish(IdentityIntent::Cancel)));
        }
        for stage in [IdentityStage::Loading, IdentityStage::Choice, IdentityStage::Checking] {
            assert!(way_back(Some(&at(stage))).is_none());
        }
        assert!(way_back(None).is_none());
    }
}
