//! Buttons. A press shows at once (`:active`), a running action shows a spinner, and a second press within
//! [`AGAIN_MS`] is not taken for another wish.

use super::{Glyph, Icon, Spinner};
use dioxus::prelude::*;
use std::time::{Duration, Instant};

/// Two presses closer than this are one: a double click, or a shaky finger.
const AGAIN_MS: u64 = 350;

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// The one thing to do next.
    #[default]
    Primary,
    /// Another thing to do.
    Secondary,
    /// Possible, not proposed.
    Plain,
    /// Ends or announces something.
    Danger,
    /// Answers, starts a call.
    Go,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button secondary",
            Self::Plain => "button plain",
            Self::Danger => "button danger",
            Self::Go => "button go",
        }
    }
}

/// Passes a press on unless it comes too soon after the one before.
fn guarded(mut last: Signal<Option<Instant>>, onpress: EventHandler<()>) {
    let soon = last.peek().is_some_and(|at| at.elapsed() < Duration::from_millis(AGAIN_MS));
    if !soon {
        last.set(Some(Instant::now()));
        onpress.call(());
    }
}

/// A button with words.
#[component]
pub fn Button(
    test: String,
    label: String,
    #[props(default)] kind: Kind,
    #[props(default)] glyph: Option<Glyph>,
    /// The action runs: a spinner, and no second press.
    #[props(default)]
    busy: bool,
    #[props(default)] disabled: bool,
    #[props(default)] small: bool,
    onpress: EventHandler<()>,
) -> Element {
    let last = use_signal(|| None);
    let size = if small { "small" } else { "" };
    rsx! {
        button {
            r#type: "button",
            class: "{kind.class()} {size}",
            "data-test": test,
            disabled: disabled || busy,
            "aria-busy": busy,
            onclick: move |event| {
                event.stop_propagation();
                guarded(last, onpress);
            },
            if busy {
                Spinner {}
            } else if let Some(glyph) = glyph {
                Icon { glyph }
            }
            span { "{label}" }
        }
    }
}

/// A button with an icon; its name is for those who do not see it.
#[component]
pub fn IconButton(
    test: String,
    name: String,
    glyph: Glyph,
    /// For switches: on or off.
    #[props(default)]
    pressed: Option<bool>,
    #[props(default)] class: String,
    #[props(default)] disabled: bool,
    /// A word under the icon.
    #[props(default)]
    caption: Option<String>,
    onpress: EventHandler<()>,
) -> Element {
    let last = use_signal(|| None);
    rsx! {
        button {
            r#type: "button",
            class: "icon-button {class}",
            "data-test": test,
            "aria-label": name,
            "aria-pressed": pressed,
            disabled,
            onclick: move |event| {
                event.stop_propagation();
                guarded(last, onpress);
            },
            span { class: "disc", Icon { glyph } }
            if let Some(caption) = caption {
                span { class: "caption", "{caption}" }
            }
        }
    }
}
