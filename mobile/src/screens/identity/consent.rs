//! The consent of the face way, in plain words and apart from everything else, and the fetching of what it needs.
//! Nothing is ticked beforehand; saying no stands beside saying yes and leads on.

use super::wish;
use crate::bridge::use_hall;
use crate::parts::{Button, Glyph, Icon, Kind};
use crate::screens::phone::organiser;
use dioxus::prelude::*;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::IdentityView;

#[component]
pub(super) fn Consent(identity: Box<IdentityView>, frames: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let organiser = organiser(&hall.view());
    let mut send_frames = use_signal(|| false);
    let who = [("organiser", organiser.clone().into())];
    let kept = [("organiser", organiser.into()), ("n", identity.frames_days.into())];
    let mut rows = vec![
        (Glyph::Face, l.tr("consent-made"), l.tr("consent-made-more")),
        (
            Glyph::Shield,
            l.tr("consent-who"),
            l.tr_with(if frames { "consent-who-frames" } else { "consent-who-more" }, &who),
        ),
        (Glyph::Clock, l.tr("consent-long"), l.tr("consent-long-more")),
        (Glyph::Chat, l.tr("consent-refuse"), l.tr("consent-refuse-more")),
    ];
    if frames {
        rows.insert(3, (Glyph::Camera, l.tr("consent-pictures"), l.tr_with("consent-pictures-more", &kept)));
    }
    rsx! {
        div { class: "step-body", "data-test": "consent",
            div { class: "hero",
                h1 { {l.tr("consent-title")} }
                p { {l.tr("consent-line")} }
            }
            dl { class: "card consent",
                for (glyph , title , more) in rows {
                    div { key: "{title}",
                        span { class: "row-icon", Icon { glyph } }
                        dt { "{title}" }
                        dd { "{more}" }
                    }
                }
            }
        }
        footer { class: "step-actions",
            // Beside the button that waits for it: never out of sight.
            if frames {
                label { class: "consent-frames",
                    input {
                        r#type: "checkbox",
                        "data-test": "consent-frames",
                        checked: send_frames(),
                        onchange: move |event| send_frames.set(event.checked()),
                    }
                    span { {l.tr("consent-frames")} }
                }
            }
            Button {
                test: "consent-yes",
                label: l.tr("consent-yes"),
                // a round that looks at the pictures too has no face check without the second consent
                disabled: frames && !send_frames(),
                onpress: move |()| {
                    hall.send(wish(IdentityIntent::Consent { face: true, frames }));
                },
            }
            Button {
                test: "consent-no",
                label: l.tr("consent-no"),
                kind: Kind::Secondary,
                onpress: move |()| hall.send(wish(IdentityIntent::Consent { face: false, frames: false })),
            }
        }
    }
}

/// Bytes as megabytes with one digit.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[component]
pub(super) fn Models(done: u64, of: u64) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let share = done.saturating_mul(100).checked_div(of).unwrap_or(0).min(100);
    let said = [("done", megabytes(done).into()), ("of", megabytes(of).into())];
    rsx! {
        div { class: "step-body", "data-test": "models",
            div { class: "hero",
                h1 { {l.tr("models-title")} }
                p { {l.tr("models-line")} }
            }
            div { class: "stage-art",
                div { class: "disc", Icon { glyph: Glyph::Download } }
            }
            div { class: "card fetch",
                div {
                    class: "progress",
                    role: "progressbar",
                    "aria-label": l.tr("models-title"),
                    "aria-valuemin": "0",
                    "aria-valuemax": "100",
                    "aria-valuenow": "{share}",
                    span { style: "width: {share}%" }
                }
                p { class: "state-line figures", {l.tr_with("models-done", &said)} }
            }
        }
        footer { class: "step-actions",
            Button {
                test: "identity-cancel",
                label: l.tr("cancel"),
                kind: Kind::Secondary,
                onpress: move |()| hall.send(wish(IdentityIntent::Cancel)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_megabytes() {
        assert_eq!(megabytes(0), "0.0");
        assert_eq!(megabytes(232_589), "0.2");
        assert_eq!(megabytes(38_696_353), "38.6");
    }
}
