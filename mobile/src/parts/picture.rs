//! A canvas that the frame script of `miantan-media` draws into. The picture never passes through the interface.

use super::{Glyph, Icon};
use dioxus::prelude::*;

/// Whose picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureOf {
    /// This device's camera, shown as in a mirror.
    Own,
    Remote,
}

impl PictureOf {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Own => ("own", "self-video"),
            Self::Remote => ("remote", "remote-video"),
        }
    }
}

/// The picture, and while there is none, why.
#[component]
pub fn Picture(
    of: PictureOf,
    name: String,
    /// Shown over the empty canvas.
    #[props(default)]
    absent: Option<String>,
    #[props(default)] small: bool,
) -> Element {
    let (view, test) = of.names();
    let size = if small { "small" } else { "" };
    rsx! {
        div { class: "picture {view} {size}", "data-absent": absent.is_some(),
            canvas { "data-view": view, "data-test": test, role: "img", "aria-label": name }
            if let Some(absent) = &absent {
                div { class: "absent",
                    Icon { glyph: Glyph::CameraOff }
                    p { "{absent}" }
                }
            }
        }
    }
}

/// Has the page's script fetch its frames from there. Called again for another address (after sleep).
pub fn connect_pictures(url: &str) {
    let Ok(url) = serde_json::to_string(url) else { return };
    document::eval(&format!("window.miantanScreen && window.miantanScreen.connect({url})"));
}
