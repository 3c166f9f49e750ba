//! People and what is known of them: a picture made of the name, presence, outcome.

use super::{Glyph, Icon};
use crate::format::{initials, tint};
use crate::i18n::Lang;
use crate::words;
use dioxus::prelude::*;
use miantan_domain::model::{Outcome, Presence};

/// A round picture made of a name.
#[component]
pub fn Avatar(name: String, #[props(default)] large: bool) -> Element {
    let size = if large { "large" } else { "" };
    rsx! {
        span { class: "avatar tint-{tint(&name, 6)} {size}", "aria-hidden": "true", {initials(&name)} }
    }
}

/// Presence in colour, shape and word: nobody has to tell colours apart.
#[component]
pub fn PresenceMark(lang: Lang, presence: Presence) -> Element {
    let class = match presence {
        Presence::Offline => "offline",
        Presence::Online => "online",
        Presence::Ready => "ready",
        Presence::OnPhoneCall => "phone",
    };
    rsx! {
        span { class: "presence {class}",
            span { class: "shape", "aria-hidden": "true" }
            {words::presence(lang, presence)}
        }
    }
}

const fn outcome_class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Suitable => "suitable",
        Outcome::Unsuitable => "unsuitable",
        Outcome::Pending => "pending",
    }
}

/// An outcome that was marked.
#[component]
pub fn OutcomeBadge(lang: Lang, outcome: Outcome) -> Element {
    rsx! {
        span { class: "badge {outcome_class(outcome)}", "data-test": "outcome", {words::outcome(lang, outcome)} }
    }
}

/// 合适, 不合适, 待定: one tap marks, another one changes it.
#[component]
pub fn OutcomeChips(
    lang: Lang,
    chosen: Option<Outcome>,
    /// Announced: fixed.
    #[props(default)]
    fixed: bool,
    onchoose: EventHandler<Outcome>,
) -> Element {
    rsx! {
        div { class: "outcome-chips", role: "radiogroup", "aria-label": lang.tr("outcome"),
            for outcome in [Outcome::Suitable, Outcome::Unsuitable, Outcome::Pending] {
                button {
                    key: "{outcome:?}",
                    r#type: "button",
                    role: "radio",
                    class: outcome_class(outcome),
                    "data-test": "outcome-{outcome_class(outcome)}",
                    "aria-checked": chosen == Some(outcome),
                    disabled: fixed,
                    onclick: move |event| {
                        event.stop_propagation();
                        if chosen != Some(outcome) {
                            onchoose.call(outcome);
                        }
                    },
                    if chosen == Some(outcome) {
                        Icon { glyph: Glyph::Check }
                    }
                    {words::outcome(lang, outcome)}
                }
            }
        }
    }
}
