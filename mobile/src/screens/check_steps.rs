//! The device steps of the check-in: loudspeaker (J5), microphone (J6), camera (J7). The identity step is in
//! [`super::identity`], the network's in [`super::network_step`].

use crate::bridge::use_hall;
use crate::format::clock;
use crate::i18n::Lang;
use crate::parts::{Button, DeviceKind, DevicePicker, Glyph, Icon, Kind, Meter, Picture, PictureOf};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{ChecksView, DeviceProblem, MicrophonePhase, WhoView};
use miantan_domain::model::CheckInStep;

/// What the checks measure now.
pub(super) fn checks() -> ChecksView {
    match &use_hall().view().who {
        WhoView::Candidate(candidate) => candidate.checks.clone(),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Recruiter(_) => ChecksView::default(),
    }
}

#[component]
pub(super) fn DeviceTrouble(lang: Lang, problem: Option<DeviceProblem>) -> Element {
    let hall = use_hall();
    rsx! {
        div { role: "alert",
            if let Some(problem) = problem {
                p { class: "callout bad", "data-test": "device-problem",
                    Icon { glyph: Glyph::Warning }
                    span { {words::device_problem(lang, problem)} }
                }
                if matches!(problem, DeviceProblem::CameraRefused | DeviceProblem::MicrophoneRefused) {
                    Button {
                        test: "system-settings",
                        label: lang.tr("system-settings"),
                        kind: Kind::Plain,
                        glyph: Glyph::Gear,
                        onpress: move |()| hall.send(Intent::OpenSystemSettings),
                    }
                }
            }
        }
    }
}

/// The two answers of a step, side by side under it.
#[component]
fn Judgement(step: CheckInStep, yes: String, no: String, #[props(default)] not_yet: bool) -> Element {
    let hall = use_hall();
    rsx! {
        Button {
            test: "check-yes",
            label: yes,
            disabled: not_yet,
            onpress: move |()| hall.send(Intent::CheckPassed(step)),
        }
        Button {
            test: "check-no",
            label: no,
            kind: Kind::Secondary,
            onpress: move |()| hall.send(Intent::CheckCannot(step)),
        }
    }
}

#[component]
pub(super) fn SpeakerStep() -> Element {
    let l = use_hall().lang();
    let checks = checks();
    rsx! {
        div { class: "step-body",
            div { class: "hero",
                h1 { {l.tr("speaker-title")} }
                p { {l.tr("speaker-line")} }
            }
            div { class: "stage-art", "data-on": checks.speaker_playing,
                div { class: "waves", "aria-hidden": "true",
                    span {}
                    span {}
                    span {}
                }
                div { class: "disc",
                    Icon { glyph: if checks.problem.is_some() { Glyph::SpeakerOff } else { Glyph::Speaker } }
                }
            }
            p { class: "state-line", role: "status", "data-test": "speaker-state",
                if checks.problem.is_none() {
                    {if checks.speaker_playing { l.tr("speaker-playing") } else { l.tr("speaker-starting") }}
                }
            }
            DeviceTrouble { lang: l, problem: checks.problem }
            DevicePicker { kind: DeviceKind::Speaker }
        }
        footer { class: "step-actions",
            Judgement { step: CheckInStep::Speaker, yes: l.tr("can-hear"), no: l.tr("cannot-hear") }
        }
    }
}

/// What the recording button does next, and the words beside it.
fn recorder(l: Lang, phase: MicrophonePhase) -> (Glyph, String, String) {
    match phase {
        MicrophonePhase::Idle => (Glyph::Record, l.tr("record"), l.tr("microphone-idle")),
        MicrophonePhase::Recording { ms, of_ms } => (
            Glyph::Stop,
            l.tr("record-stop"),
            l.tr_with("microphone-recording", &[("time", clock(ms).into()), ("of", clock(of_ms).into())]),
        ),
        MicrophonePhase::Recorded { .. } => {
            (Glyph::Record, l.tr("record-again"), l.tr("microphone-recorded"))
        }
        MicrophonePhase::Playing { .. } => (Glyph::Record, l.tr("record-again"), l.tr("microphone-playing")),
        MicrophonePhase::Heard => (Glyph::Record, l.tr("record-again"), l.tr("microphone-heard")),
    }
}

/// How far recording or playing is, 0 to 100.
fn share(phase: MicrophonePhase) -> u64 {
    match phase {
        MicrophonePhase::Recording { ms, of_ms } | MicrophonePhase::Playing { ms, of_ms } => {
            (ms * 100).checked_div(of_ms).unwrap_or(0).min(100)
        }
        MicrophonePhase::Idle => 0,
        MicrophonePhase::Recorded { .. } | MicrophonePhase::Heard => 100,
    }
}

#[component]
pub(super) fn MicrophoneStep() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let checks = checks();
    let phase = checks.microphone.phase;
    let (glyph, action, said) = recorder(l, phase);
    let recording = matches!(phase, MicrophonePhase::Recording { .. });
    let recorded = matches!(phase, MicrophonePhase::Recorded { .. } | MicrophonePhase::Heard);
    let playing = matches!(phase, MicrophonePhase::Playing { .. });
    rsx! {
        div { class: "step-body",
            div { class: "hero",
                h1 { {l.tr("microphone-title")} }
                p { {l.tr("microphone-line")} }
            }
            div { class: "card recorder",
                Meter {
                    name: l.tr("level"),
                    level_dbfs: checks.microphone.level_dbfs,
                    peak_dbfs: checks.microphone.peak_dbfs,
                }
                div { class: "meter-words",
                    span { {l.tr("level")} }
                    span { "data-test": "level-dbfs", class: "figures", "{checks.microphone.level_dbfs:.1} dBFS" }
                }
                div { class: "progress", "data-kind": if recording { "recording" } else { "playing" },
                    span { style: "width: {share(phase)}%" }
                }
                p { class: "state-line", role: "status", "data-test": "microphone-state", "{said}" }
                div { class: "recorder-buttons",
                    Button {
                        test: "record",
                        label: action,
                        glyph,
                        kind: if recording { Kind::Danger } else if recorded || playing { Kind::Secondary } else { Kind::Primary },
                        onpress: move |()| hall.send(Intent::RecordToggle),
                    }
                    if recorded || playing {
                        Button {
                            test: "play",
                            label: if playing { l.tr("playing") } else { l.tr("play") },
                            glyph: Glyph::Play,
                            kind: Kind::Secondary,
                            disabled: playing,
                            onpress: move |()| hall.send(Intent::PlayRecording),
                        }
                    }
                }
            }
            DeviceTrouble { lang: l, problem: checks.problem }
            DevicePicker { kind: DeviceKind::Microphone }
        }
        footer { class: "step-actions",
            Judgement {
                step: CheckInStep::Microphone,
                yes: l.tr("can-hear"),
                no: l.tr("cannot-hear"),
                not_yet: phase != MicrophonePhase::Heard,
            }
        }
    }
}

#[component]
pub(super) fn CameraStep() -> Element {
    let l = use_hall().lang();
    let checks = checks();
    let camera = checks.camera;
    let absent = match (checks.problem, camera.live) {
        (Some(_), _) => Some(l.tr("camera-none")),
        (None, false) => Some(l.tr("camera-starting")),
        (None, true) => None,
    };
    rsx! {
        div { class: "step-body",
            div { class: "hero",
                h1 { {l.tr("camera-title")} }
                p { {l.tr("camera-line")} }
            }
            div { class: "preview",
                Picture { of: PictureOf::Own, name: l.tr("own-picture"), absent }
            }
            p { class: "state-line figures", role: "status", "data-test": "camera-state",
                if camera.live {
                    "{camera.width}×{camera.height}"
                    if camera.fps >= 1.0 {
                        " · {camera.fps:.0} fps"
                    }
                }
            }
            DeviceTrouble { lang: l, problem: checks.problem }
            DevicePicker { kind: DeviceKind::Camera }
        }
        footer { class: "step-actions",
            Judgement {
                step: CheckInStep::Camera,
                yes: l.tr("can-see"),
                no: l.tr("cannot-see"),
                not_yet: !camera.live,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorder_says_what_it_does_next() {
        let l = Lang::En;
        let phases = [
            MicrophonePhase::Idle,
            MicrophonePhase::Recording { ms: 2_000, of_ms: 5_000 },
            MicrophonePhase::Recorded { ms: 5_000 },
            MicrophonePhase::Playing { ms: 500, of_ms: 5_000 },
            MicrophonePhase::Heard,
        ];
        let said: std::collections::BTreeSet<_> = phases.map(|phase| recorder(l, phase).2).into();
        assert_eq!(said.len(), phases.len());
        assert!(recorder(l, phases[1]).2.contains("00:02"));
        assert_eq!(phases.map(share), [0, 40, 100, 10, 100]);
        assert_eq!(share(MicrophonePhase::Playing { ms: 9, of_ms: 0 }), 0);
    }
}
