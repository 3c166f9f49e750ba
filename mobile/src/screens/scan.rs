//! The scanner (J2): the camera's picture with a frame to hold a QR code in. The session reads the code and goes where
//! it leads; here is only what is seen meanwhile, and the ways out.

use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, IconButton, Kind, Picture, PictureOf, Spinner};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{DeviceProblem, ScanView};

/// Stands in the first screen's place while it is open.
#[component]
pub(super) fn Scanner(
    /// The person would rather type or paste the address.
    onenter: EventHandler<()>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let several = view.devices.cameras.len() > 1;
    let close = move || hall.send(Intent::ScanStop);
    rsx! {
        main {
            class: "screen scanner",
            "data-test": "scanner",
            "data-state": state(view.scan),
            "aria-label": l.tr("scan-title"),
            tabindex: "-1",
            onmounted: move |event| async move {
                let _ = event.set_focus(true).await;
            },
            onkeydown: move |event| if event.key() == Key::Named(NamedKey::Escape) {
                event.stop_propagation();
                close();
            },
            Picture { of: PictureOf::Own, name: l.tr("scan-picture") }
            header { class: "scan-head",
                IconButton {
                    test: "scan-close",
                    name: l.tr("close"),
                    glyph: Glyph::Close,
                    onpress: move |()| close(),
                }
                h1 { {l.tr("scan-title")} }
                if several {
                    IconButton {
                        test: "switch-camera",
                        name: l.tr("switch-camera"),
                        glyph: Glyph::Flip,
                        onpress: move |()| hall.send(Intent::SwitchCamera),
                    }
                }
            }
            if let ScanView::Problem(problem) = view.scan {
                Trouble { lang: l, problem }
            } else {
                div { class: "scan-middle",
                    div { class: "scan-frame", "aria-hidden": "true",
                        span { class: "corners" }
                        span { class: "sweep" }
                    }
                    div { class: "scan-words",
                        p { class: "scan-said", role: "status", "data-test": "scan-state",
                            if view.scan == ScanView::Starting {
                                Spinner {}
                            }
                            span { {said(l, view.scan)} }
                        }
                    }
                }
            }
            footer { class: "scan-foot",
                if view.scan == ScanView::Problem(DeviceProblem::CameraRefused) {
                    Button {
                        test: "system-settings",
                        label: l.tr("system-settings"),
                        glyph: Glyph::Gear,
                        onpress: move |()| hall.send(Intent::OpenSystemSettings),
                    }
                }
                Button {
                    test: "scan-enter",
                    label: l.tr("scan-enter"),
                    kind: Kind::Secondary,
                    onpress: move |()| {
                        close();
                        onenter.call(());
                    },
                }
            }
        }
    }
}

/// There is no picture: why, and how it goes on. What can be done is in the foot, in reach of a thumb.
#[component]
fn Trouble(lang: Lang, problem: DeviceProblem) -> Element {
    let (heading, more) = trouble(lang, problem);
    rsx! {
        div { class: "scan-trouble", role: "alert", "data-test": "scan-problem",
            Icon { glyph: Glyph::CameraOff }
            h2 { "{heading}" }
            p { "{more}" }
        }
    }
}

/// The state by name, for the style sheet.
const fn state(scan: ScanView) -> &'static str {
    match scan {
        ScanView::Off => "off",
        ScanView::Starting => "starting",
        ScanView::Looking => "looking",
        ScanView::NotOurs => "not-ours",
        ScanView::Problem(_) => "problem",
    }
}

/// The one sentence under the frame.
fn said(l: Lang, scan: ScanView) -> String {
    match scan {
        ScanView::Off | ScanView::Starting | ScanView::Problem(_) => l.tr("scan-starting"),
        ScanView::Looking => l.tr("scan-looking"),
        ScanView::NotOurs => l.tr("scan-not-ours"),
    }
}

/// Heading and explanation of a camera's problem, here where no call and no check runs.
fn trouble(l: Lang, problem: DeviceProblem) -> (String, String) {
    match problem {
        DeviceProblem::NoCamera => (l.tr("scan-no-camera"), l.tr("scan-no-camera-more")),
        DeviceProblem::CameraRefused => (l.tr("scan-refused"), l.tr("scan-refused-more")),
        DeviceProblem::CameraLost
        | DeviceProblem::NoMicrophone
        | DeviceProblem::MicrophoneRefused
        | DeviceProblem::MicrophoneLost
        | DeviceProblem::NoSpeaker
        | DeviceProblem::SpeakerLost => (l.tr("scan-lost"), l.tr("scan-lost-more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_state_says_something_of_its_own() {
        for l in Lang::ALL {
            let said: BTreeSet<_> =
                [ScanView::Starting, ScanView::Looking, ScanView::NotOurs].map(|scan| said(l, scan)).into();
            assert_eq!(said.len(), 3, "{}", l.code());
            let problems = [DeviceProblem::NoCamera, DeviceProblem::CameraRefused, DeviceProblem::CameraLost];
            let troubles: BTreeSet<_> = problems.map(|problem| trouble(l, problem)).into();
            assert_eq!(troubles.len(), 3, "{}", l.code());
            for (heading, more) in troubles {
                // a heading stands alone, an explanation is a sentence
                assert!(!heading.ends_with(['。', '.']) && more.ends_with(['。', '.']), "{heading} {more}");
            }
        }
    }
}
