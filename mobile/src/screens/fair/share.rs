//! QR code and link of a fair's page.

use crate::bridge::use_hall;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet};
use dioxus::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, as readers need them.
const QUIET: usize = 3;

/// The dark modules as one path, and the width of all with the quiet zone. `None`: too long for a code.
fn dark(text: &str) -> Option<(String, usize)> {
    use std::fmt::Write as _;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            // writing into a string does not fail
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        }
    }
    Some((path, width + 2 * QUIET))
}

/// A QR code, dark on white in every theme.
#[component]
fn Qr(text: String, name: String) -> Element {
    let Some((path, width)) = dark(&text) else { return rsx! {} };
    rsx! {
        svg {
            class: "qr",
            view_box: "0 0 {width} {width}",
            role: "img",
            "aria-label": name,
            "data-test": "qr",
            shape_rendering: "crispEdges",
            rect { width: "{width}", height: "{width}", fill: "#fff" }
            path { d: path, fill: "#000" }
        }
    }
}

/// What came of copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copied {
    No,
    Yes,
    Failed,
}

/// The clipboard where the page may use it, else the old way over a selection.
const COPY: &str = r"
    const text = await dioxus.recv();
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch (error) {
        const field = document.createElement('textarea');
        field.value = text;
        field.style.position = 'fixed';
        field.style.opacity = '0';
        document.body.append(field);
        field.select();
        try { done = document.execCommand('copy'); } catch (again) { done = false; }
        field.remove();
    }
    dioxus.send(done);
";

#[component]
pub fn ShareSheet(title: String, link: String, onclose: EventHandler<()>) -> Element {
    let l = use_hall().lang();
    let mut copied = use_signal(|| Copied::No);
    let to_copy = link.clone();
    rsx! {
        Sheet { test: "share-sheet", title: l.tr("fair-share"), onclose: move |()| onclose.call(()),
            div { class: "share",
                Qr { text: link.clone(), name: l.tr_with("fair-qr-of", &[("title", title.clone().into())]) }
                p { class: "share-title", "{title}" }
                p { class: "aside", {l.tr("fair-qr-line")} }
            }
            p { class: "share-link", "data-test": "share-link", "{link}" }
            div { class: "actions",
                Button {
                    test: "copy-link",
                    label: if copied() == Copied::Yes { l.tr("fair-copied") } else { l.tr("fair-copy") },
                    kind: Kind::Primary,
                    glyph: if copied() == Copied::Yes { Glyph::Check } else { Glyph::Share },
                    onpress: move |()| {
                        let text = to_copy.clone();
                        spawn(async move {
                            let mut page = document::eval(COPY);
                            let done = page.send(text).is_ok() && page.recv::<bool>().await.unwrap_or(false);
                            copied.set(if done { Copied::Yes } else { Copied::Failed });
                        });
                    },
                }
                div { role: "status",
                    if copied() == Copied::Failed {
                        p { class: "callout warn", "data-test": "copy-failed",
                            Icon { glyph: Glyph::Info }
                            span { {l.tr("fair-copy-failed")} }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finders_inside_the_quiet_zone() {
        let (path, width) = dark("https://hall.example.edu.cn/fairs/1").unwrap();
        assert!(path.starts_with(&format!("M{QUIET} {QUIET}h1v1h-1z")));
        assert!(!path.contains("M0 ") && !path.contains(&format!("M{} ", width - 1)));
        assert_eq!((width - 2 * QUIET - 17) % 4, 0);
        assert_eq!(dark(&"x".repeat(8_000)), None);
    }
}
