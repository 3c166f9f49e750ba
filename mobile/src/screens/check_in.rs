//! The check-in (入场检测): its beginning, its dots, its hints. The steps themselves are in
//! [`super::check_steps`]. What is heard and seen is judged by the person, never here.

use super::check_steps::{CameraStep, MicrophoneStep, SpeakerStep};
use super::hotline;
use super::identity::{IdentityStep, way_back};
use super::network_step::NetworkStep;
use crate::bridge::use_hall;
use crate::parts::{Button, Dots, Glyph, Icon, IconButton, Kind, Sheet};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{CheckInView, IdentityStage, IdentityView, WhoView};
use miantan_domain::model::CheckInStep;
use miantan_domain::rules::check_in::{Hint, StepState, is_device};

#[component]
pub fn CheckIn() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let WhoView::Candidate(candidate) = &view.who else { return rsx! {} };
    let check = candidate.check_in.clone();
    // The network's hints stand in its own step.
    let hinted = check.step.filter(|step| !check.hints.is_empty() && *step != CheckInStep::Network);
    // Says what will be asked for, once, before the first step.
    let mut begun = use_signal(|| false);
    let underway = candidate.identity.as_deref().is_some_and(identity_underway);
    let step = check.step.filter(|_| begun() || underway || !untouched(&check));
    let back = match step {
        Some(CheckInStep::Identity) => way_back(candidate.identity.as_deref()),
        _ => has_earlier(&check).then_some(Intent::CheckBack),
    };
    rsx! {
        main { class: "screen check-in",
            header { class: "check-head",
                div { class: "side",
                    if let Some(back) = back {
                        IconButton {
                            test: "back",
                            name: l.tr("back"),
                            glyph: Glyph::Back,
                            class: "quiet",
                            onpress: move |()| hall.send(back.clone()),
                        }
                    }
                }
                Dots { lang: l, steps: shown_steps(&check), at: step }
                div { class: "side end",
                    IconButton {
                        test: "settings",
                        name: l.tr("settings"),
                        glyph: Glyph::Gear,
                        class: "quiet",
                        onpress: move |()| hall.open_settings(),
                    }
                }
            }
            match step {
                Some(CheckInStep::Speaker) => rsx! { SpeakerStep {} },
                Some(CheckInStep::Microphone) => rsx! { MicrophoneStep {} },
                Some(CheckInStep::Camera) => rsx! { CameraStep {} },
                Some(CheckInStep::Identity) => rsx! { IdentityStep {} },
                Some(CheckInStep::Network) => rsx! { NetworkStep {} },
                Some(CheckInStep::Code | CheckInStep::Password) | None => rsx! {
                    Beginning {
                        name: candidate.name.clone(),
                        round: candidate.round.name.clone(),
                        identity: candidate.round.identity.required(),
                        onbegin: move |()| {
                            begun.set(true);
                            hall.send(Intent::CheckBegin);
                        },
                    }
                },
            }
        }
        if let Some(step) = hinted {
            Hints { step, hints: check.hints.clone(), hotline: hotline(&view) }
        }
    }
}

/// Nothing after code and password has been settled yet.
fn untouched(check: &CheckInView) -> bool {
    check.hints.is_empty()
        && shown_steps(check).iter().all(|(_, state)| !matches!(state, StepState::Passed | StepState::Cannot))
}

/// Something was done in the identity step already, perhaps before the app was started again.
fn identity_underway(identity: &IdentityView) -> bool {
    match identity.stage {
        IdentityStage::Loading | IdentityStage::Failed(_) => false,
        IdentityStage::Choice => identity.number_proved || identity.attempts_left < identity.attempts,
        IdentityStage::Consent { .. }
        | IdentityStage::Models { .. }
        | IdentityStage::Framing(_)
        | IdentityStage::Challenge(_)
        | IdentityStage::Checking
        | IdentityStage::NotPassed { .. }
        | IdentityStage::Broken(_)
        | IdentityStage::Sms(_) => true,
    }
}

/// There is a device step before this one to go back to.
fn has_earlier(check: &CheckInView) -> bool {
    let at = check.steps.iter().position(|(step, _)| Some(*step) == check.step);
    let before = at.unwrap_or(0);
    check.steps[..before].iter().any(|(step, state)| is_device(*step) && *state != StepState::NotRequired)
}

/// The dots: code and password lie behind already.
fn shown_steps(check: &CheckInView) -> Vec<(CheckInStep, StepState)> {
    check
        .steps
        .iter()
        .copied()
        .filter(|(step, state)| {
            !matches!(step, CheckInStep::Code | CheckInStep::Password) && *state != StepState::NotRequired
        })
        .collect()
}

/// What the check-in is for, before it asks for microphone and camera.
#[component]
fn Beginning(name: String, round: String, identity: bool, onbegin: EventHandler<()>) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "step-body",
            div { class: "hero",
                h1 { {l.tr_with("begin-title", &[("name", name.into())])} }
                p { "{round}" }
            }
            ul { class: "card list steps",
                if identity {
                    li { class: "row",
                        span { class: "row-icon", Icon { glyph: Glyph::Face } }
                        span { class: "row-text",
                            span { class: "row-title", {l.tr("step-identity")} }
                            span { class: "row-more", {l.tr("begin-identity")} }
                        }
                    }
                }
                for (glyph , title , more) in [
                    (Glyph::Speaker, l.tr("step-speaker"), l.tr("begin-speaker")),
                    (Glyph::Microphone, l.tr("step-microphone"), l.tr("begin-microphone")),
                    (Glyph::Camera, l.tr("step-camera"), l.tr("begin-camera")),
                    (Glyph::Wifi, l.tr("step-network"), l.tr("begin-network")),
                ] {
                    li { key: "{title}", class: "row",
                        span { class: "row-icon", Icon { glyph } }
                        span { class: "row-text",
                            span { class: "row-title", "{title}" }
                            span { class: "row-more", "{more}" }
                        }
                    }
                }
            }
            p { class: "aside", {l.tr("begin-privacy")} }
        }
        footer { class: "step-actions",
            Button { test: "check-begin", label: l.tr("begin-go"), onpress: move |()| onbegin.call(()) }
        }
    }
}

/// After "cannot": what may help, the organiser's telephone, another try, or on without.
#[component]
fn Hints(step: CheckInStep, hints: Vec<Hint>, hotline: String) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let (numbered, call) = hints.into_iter().partition::<Vec<_>, _>(|hint| *hint != Hint::Hotline);
    rsx! {
        Sheet {
            test: "hints",
            title: l.tr("hints-title"),
            tall: true,
            onclose: move |()| hall.send(Intent::CheckRetry(step)),
            ol { class: "hint-list",
                for hint in numbered {
                    HintLine { key: "{hint:?}", title: words::hint(l, hint, step).0, more: words::hint(l, hint, step).1 }
                }
            }
            if !call.is_empty() {
                HotlineCard { number: hotline, more: words::hint(l, Hint::Hotline, step).1 }
            }
            div { class: "actions",
                Button {
                    test: "check-retry",
                    label: l.tr("check-retry"),
                    onpress: move |()| hall.send(Intent::CheckRetry(step)),
                }
                Button {
                    test: "check-anyway",
                    label: l.tr("check-anyway"),
                    kind: Kind::Plain,
                    onpress: move |()| hall.send(Intent::CheckGoOnAnyway(step)),
                }
                p { class: "aside", {l.tr("check-anyway-more")} }
            }
        }
    }
}

/// The organiser's telephone; nothing where there is none.
#[component]
pub(super) fn HotlineCard(number: String, more: String) -> Element {
    let hall = use_hall();
    rsx! {
        if !number.is_empty() {
            button {
                r#type: "button",
                class: "card row hotline-card",
                "data-test": "hotline",
                onclick: move |_| hall.send(Intent::DialHotline),
                span { class: "row-icon go", Icon { glyph: Glyph::Phone } }
                span { class: "row-text",
                    span { class: "row-title", "{number}" }
                    span { class: "row-more", "{more}" }
                }
                Icon { glyph: Glyph::Forward }
            }
        }
    }
}

#[component]
fn HintLine(title: String, more: String) -> Element {
    rsx! {
        li {
            span { class: "row-title", "{title}" }
            span { class: "row-more", "{more}" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_show_what_lies_ahead_only() {
        let check = CheckInView {
            steps: vec![
                (CheckInStep::Code, StepState::Passed),
                (CheckInStep::Password, StepState::NotRequired),
                (CheckInStep::Identity, StepState::NotRequired),
                (CheckInStep::Speaker, StepState::Passed),
                (CheckInStep::Microphone, StepState::Todo),
                (CheckInStep::Camera, StepState::Todo),
                (CheckInStep::Network, StepState::Todo),
            ],
            step: Some(CheckInStep::Microphone),
            ..CheckInView::default()
        };
        let steps: Vec<_> = shown_steps(&check).into_iter().map(|(step, _)| step).collect();
        let shown =
            [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera, CheckInStep::Network];
        assert_eq!(steps, shown);
        assert!(has_earlier(&check));
        assert!(!has_earlier(&CheckInView { step: Some(CheckInStep::Speaker), ..check }));
    }
}
