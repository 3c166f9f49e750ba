//! Pieces of the pages where people write about themselves: lines and areas with what is left of their length,
//! switches, steppers, rows that lead on. Text fields are uncontrolled (see [`super::Field`]).

use super::{Glyph, Icon, Remark};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use dioxus::prelude::*;

/// What kind of text a line takes: the keyboard a phone shows for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Takes {
    #[default]
    Text,
    Number,
    Email,
    Phone,
    /// A code from a short message, which the system may fill in.
    Code,
    /// The system's own choice of a day, as `2026-11-24`.
    Date,
    /// … and of a time, as `14:05`.
    Clock,
    NewPassword,
    OldPassword,
}

impl Takes {
    const fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Number | Self::Code => "text",
            Self::Email => "email",
            Self::Phone => "tel",
            Self::Date => "date",
            Self::Clock => "time",
            Self::NewPassword | Self::OldPassword => "password",
        }
    }

    const fn keyboard(self) -> Option<&'static str> {
        match self {
            Self::Number | Self::Code => Some("numeric"),
            Self::Email => Some("email"),
            Self::Phone => Some("tel"),
            Self::Text | Self::Date | Self::Clock | Self::NewPassword | Self::OldPassword => None,
        }
    }

    const fn fills_in(self) -> &'static str {
        match self {
            Self::Phone => "tel",
            Self::Email => "email",
            Self::Code => "one-time-code",
            Self::NewPassword => "new-password",
            Self::OldPassword => "current-password",
            Self::Text | Self::Number | Self::Date | Self::Clock => "off",
        }
    }
}

/// What is said of a text's length: nothing far from the limit, what is left near it, what is too much beyond.
fn room(l: Lang, chars: usize, limit: usize) -> Option<(Remark, String)> {
    let near = limit - (limit / 5).clamp(10, 100).min(limit);
    match limit.checked_sub(chars) {
        _ if limit == 0 || chars < near => None,
        Some(left) => Some((Remark::Hint, l.tr_with("chars-left", &[("n", left.into())]))),
        None => Some((Remark::Error, l.tr_with("chars-over", &[("n", (chars - limit).into())]))),
    }
}

const fn tone_class(tone: Remark) -> &'static str {
    match tone {
        Remark::Hint => "hint",
        Remark::Doubt => "doubt",
        Remark::Error => "error",
    }
}

/// The remark under a field: an error goes before what is left of the length, a hint after it.
fn remark_of(
    said: Option<String>,
    tone: Remark,
    length: Option<(Remark, String)>,
) -> (Remark, Option<String>) {
    match (said, length) {
        (Some(said), _) if tone != Remark::Hint => (tone, Some(said)),
        (_, Some((tone, text))) => (tone, Some(text)),
        (said, None) => (tone, said),
    }
}

/// A line of text with a label. `limit` 0: no length is said.
#[component]
pub fn Line(
    test: String,
    label: String,
    #[props(default)] initial: String,
    #[props(default)] placeholder: String,
    #[props(default)] takes: Takes,
    #[props(default)] limit: usize,
    #[props(default)] remark: Option<String>,
    #[props(default)] tone: Remark,
    #[props(default)] disabled: bool,
    #[props(default)] autofocus: bool,
    oninput: EventHandler<String>,
    #[props(default)] onenter: Option<EventHandler<()>>,
) -> Element {
    let l = use_hall().lang();
    let mut chars = use_signal(|| initial.chars().count());
    let (tone, remark) = remark_of(remark, tone, room(l, chars(), limit));
    rsx! {
        div { class: "field {tone_class(tone)}",
            label { r#for: "field-{test}", "{label}" }
            input {
                id: "field-{test}",
                "data-test": "{test}",
                r#type: takes.kind(),
                inputmode: takes.keyboard(),
                initial_value: "{initial}",
                placeholder,
                disabled,
                autocomplete: takes.fills_in(),
                autocapitalize: "off",
                spellcheck: "false",
                "aria-describedby": "about-{test}",
                "aria-invalid": tone == Remark::Error,
                onmounted: move |event| async move {
                    if autofocus {
                        let _ = event.set_focus(true).await;
                    }
                },
                oninput: move |event| {
                    let text = event.value();
                    chars.set(text.chars().count());
                    oninput.call(text);
                },
                onkeydown: move |event| if event.key() == Key::Named(NamedKey::Enter) && !event.is_composing()
                    && let Some(onenter) = onenter {
                    onenter.call(());
                },
            }
            p { class: "remark", id: "about-{test}", "aria-live": "polite",
                if let Some(remark) = remark {
                    "{remark}"
                }
            }
        }
    }
}

/// Several lines of text.
#[component]
pub fn Area(
    test: String,
    label: String,
    #[props(default)] initial: String,
    #[props(default)] placeholder: String,
    #[props(default = 4)] rows: u8,
    limit: usize,
    #[props(default)] remark: Option<String>,
    #[props(default)] tone: Remark,
    #[props(default)] autofocus: bool,
    oninput: EventHandler<String>,
) -> Element {
    let l = use_hall().lang();
    let mut chars = use_signal(|| initial.chars().count());
    let (tone, remark) = remark_of(remark, tone, room(l, chars(), limit));
    rsx! {
        div { class: "field area {tone_class(tone)}",
            label { r#for: "field-{test}", "{label}" }
            textarea {
                id: "field-{test}",
                "data-test": "{test}",
                rows: "{rows}",
                initial_value: "{initial}",
                placeholder,
                "aria-describedby": "about-{test}",
                "aria-invalid": tone == Remark::Error,
                onmounted: move |event| async move {
                    if autofocus {
                        let _ = event.set_focus(true).await;
                    }
                },
                oninput: move |event| {
                    let text = event.value();
                    chars.set(text.chars().count());
                    oninput.call(text);
                },
            }
            p { class: "remark", id: "about-{test}", "aria-live": "polite",
                if let Some(remark) = remark {
                    "{remark}"
                }
            }
        }
    }
}

/// On or off, with what it means. The whole row is the switch.
#[component]
pub fn SwitchRow(
    test: String,
    label: String,
    #[props(default)] more: String,
    on: bool,
    #[props(default)] busy: bool,
    #[props(default)] disabled: bool,
    onflip: EventHandler<bool>,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "row switch-row",
            role: "switch",
            "data-test": test,
            "aria-checked": on,
            "aria-busy": busy,
            disabled: disabled || busy,
            onclick: move |event| {
                event.stop_propagation();
                onflip.call(!on);
            },
            span { class: "row-text",
                span { class: "row-title", "{label}" }
                if !more.is_empty() {
                    span { class: "row-more", "{more}" }
                }
            }
            span { class: "switch", "aria-hidden": "true" }
        }
    }
}

/// A number in steps, for a thumb.
#[component]
pub fn Stepper(
    test: String,
    label: String,
    /// The number with its unit.
    value: String,
    less: bool,
    more: bool,
    onstep: EventHandler<i64>,
) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "row stepper", role: "group", "aria-label": "{label}",
            span { class: "row-text", span { class: "row-title", "{label}" } }
            button {
                r#type: "button",
                class: "step",
                "data-test": "{test}-less",
                "aria-label": l.tr_with("step-less", &[("what", label.clone().into())]),
                disabled: !less,
                onclick: move |_| onstep.call(-1),
                Icon { glyph: Glyph::Minus }
            }
            span { class: "step-value figures", "data-test": test.clone(), "aria-live": "polite", "{value}" }
            button {
                r#type: "button",
                class: "step",
                "data-test": "{test}-more",
                "aria-label": l.tr_with("step-more", &[("what", label.clone().into())]),
                disabled: !more,
                onclick: move |_| onstep.call(1),
                Icon { glyph: Glyph::Plus }
            }
        }
    }
}

/// A row that leads to another page. `value` stands at its end.
#[component]
pub fn NavRow(
    test: String,
    #[props(default)] glyph: Option<Glyph>,
    label: String,
    #[props(default)] more: String,
    #[props(default)] value: String,
    #[props(default)] danger: bool,
    /// It does something rather than lead on: no arrow.
    #[props(default)]
    ends: bool,
    onpress: EventHandler<()>,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: if danger { "row nav-row danger-text" } else { "row nav-row" },
            "data-test": test,
            onclick: move |_| onpress.call(()),
            if let Some(glyph) = glyph {
                span { class: "row-icon", Icon { glyph } }
            }
            span { class: "row-text",
                span { class: "row-title", "{label}" }
                if !more.is_empty() {
                    span { class: "row-more", "{more}" }
                }
            }
            if !value.is_empty() {
                span { class: "row-value", "{value}" }
            }
            if !ends {
                Icon { glyph: Glyph::Forward }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_said_near_its_limit_and_beyond() {
        assert_eq!(room(Lang::Zh, 0, 200), None);
        assert_eq!(room(Lang::Zh, 159, 200), None);
        assert!(matches!(room(Lang::Zh, 160, 200), Some((Remark::Hint, text)) if text.contains("40")));
        assert!(matches!(room(Lang::Zh, 200, 200), Some((Remark::Hint, text)) if text.contains('0')));
        assert!(matches!(room(Lang::Zh, 203, 200), Some((Remark::Error, text)) if text.contains('3')));
        // a long text says it 100 characters before; one without a limit never
        assert_eq!(room(Lang::En, 4_899, 5_000), None);
        assert!(room(Lang::En, 4_900, 5_000).is_some());
        assert_eq!(room(Lang::En, 9_999, 0), None);
    }

    #[test]
    fn an_error_goes_before_what_is_left_and_that_before_a_hint() {
        let left = || Some((Remark::Hint, "left".to_owned()));
        let remark = |said: Option<&str>, tone, length| remark_of(said.map(str::to_owned), tone, length).1;
        assert_eq!(remark(Some("wrong"), Remark::Error, left()).as_deref(), Some("wrong"));
        assert_eq!(remark(Some("hint"), Remark::Hint, left()).as_deref(), Some("left"));
        assert_eq!(remark(Some("hint"), Remark::Hint, None).as_deref(), Some("hint"));
        assert_eq!(remark(None, Remark::Hint, None), None);
    }
}
