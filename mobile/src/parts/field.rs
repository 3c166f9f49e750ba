//! Text fields. They are uncontrolled: the page owns what is typed and tells it. (Echoing a value back into a field
//! loses characters that were typed meanwhile.) A new `key` empties a field.

use super::{Glyph, Icon};
use crate::format::code_cells;
use dioxus::prelude::*;

/// How serious a remark under a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Remark {
    #[default]
    Hint,
    Doubt,
    Error,
}

/// A labelled field.
#[component]
pub fn Field(
    test: String,
    label: String,
    #[props(default)] initial: String,
    #[props(default)] placeholder: String,
    #[props(default)] password: bool,
    #[props(default)] autocomplete: String,
    #[props(default)] remark: Option<String>,
    #[props(default)] tone: Remark,
    #[props(default)] autofocus: bool,
    oninput: EventHandler<String>,
    /// Enter was pressed.
    #[props(default)]
    onenter: Option<EventHandler<()>>,
) -> Element {
    let id = format!("field-{test}");
    let about = format!("about-{test}");
    let tone = match tone {
        Remark::Hint => "hint",
        Remark::Doubt => "doubt",
        Remark::Error => "error",
    };
    rsx! {
        div { class: "field {tone}",
            label { r#for: "{id}", "{label}" }
            input {
                id: "{id}",
                "data-test": "{test}",
                r#type: if password { "password" } else { "text" },
                initial_value: "{initial}",
                placeholder,
                autocomplete: if autocomplete.is_empty() { "off".to_owned() } else { autocomplete },
                autocapitalize: "off",
                spellcheck: "false",
                enterkeyhint: "go",
                "aria-describedby": "{about}",
                "aria-invalid": tone == "error",
                onmounted: move |event| async move {
                    if autofocus {
                        let _ = event.set_focus(true).await;
                    }
                },
                oninput: move |event| oninput.call(event.value()),
                onkeydown: move |event| if event.key() == Key::Named(NamedKey::Enter) && !event.is_composing()
                    && let Some(onenter) = onenter {
                    onenter.call(());
                },
            }
            p { class: "remark", id: "{about}", "aria-live": "polite",
                if let Some(remark) = remark {
                    "{remark}"
                }
            }
        }
    }
}

/// A code in its groups of three: three for an invitation, two for a code by SMS. The real field lies over the cells
/// with its text unseen, so that typing, pasting and correcting are the system's own.
#[component]
pub fn CodeField(
    test: String,
    label: String,
    typed: String,
    #[props(default = 3)] groups: usize,
    /// Digits only: their keyboard.
    #[props(default)]
    numeric: bool,
    #[props(default)] autofocus: bool,
    #[props(default)] remark: Option<String>,
    #[props(default)] wrong: bool,
    oninput: EventHandler<String>,
    onenter: EventHandler<()>,
) -> Element {
    let cells = code_cells(&typed, groups * 3);
    let tone = if wrong { "error" } else { "hint" };
    rsx! {
        div { class: "code-field {tone}",
            label { class: "unseen", r#for: "field-{test}", "{label}" }
            div { class: "cells",
                for group in 0..groups {
                    div { class: "group", key: "{group}", "aria-hidden": "true",
                        for place in group * 3..group * 3 + 3 {
                            div {
                                key: "{place}",
                                class: "cell",
                                "data-filled": place < cells.len(),
                                "data-next": place == cells.len(),
                                if let Some(character) = cells.get(place) {
                                    "{character}"
                                }
                            }
                        }
                    }
                }
                input {
                    id: "field-{test}",
                    "data-test": "{test}",
                    r#type: "text",
                    // room for separators, and for a pasted invitation link
                    maxlength: "400",
                    autocomplete: "one-time-code",
                    inputmode: if numeric { "numeric" },
                    autocapitalize: "characters",
                    autocorrect: "off",
                    spellcheck: "false",
                    enterkeyhint: "go",
                    "aria-describedby": "about-{test}",
                    "aria-invalid": wrong,
                    onmounted: move |event| async move {
                        if autofocus {
                            let _ = event.set_focus(true).await;
                        }
                    },
                    oninput: move |event| oninput.call(event.value()),
                    onkeydown: move |event| if event.key() == Key::Named(NamedKey::Enter) && !event.is_composing() {
                        onenter.call(());
                    },
                }
            }
            p { class: "remark", id: "about-{test}", role: "status", "aria-live": "polite",
                if let Some(remark) = remark {
                    if wrong {
                        Icon { glyph: Glyph::Warning }
                    }
                    span { "{remark}" }
                }
            }
        }
    }
}
