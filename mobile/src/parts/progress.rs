//! Things that show how far something is: dots of the check-in, level meter, spinner.

use crate::format::meter;
use crate::i18n::Lang;
use crate::words;
use dioxus::prelude::*;
use miantan_domain::model::CheckInStep;
use miantan_domain::rules::check_in::StepState;

#[component]
pub fn Spinner() -> Element {
    rsx! {
        span { class: "spinner", "aria-hidden": "true" }
    }
}

/// A dot for each step: done, at hand, to come. Said in words for those who do not see it.
#[component]
pub fn Dots(lang: Lang, steps: Vec<(CheckInStep, StepState)>, at: Option<CheckInStep>) -> Element {
    let place = steps.iter().position(|(step, _)| Some(*step) == at).map_or(steps.len(), |place| place + 1);
    let said = lang.tr_with(
        "check-progress",
        &[
            ("place", place.into()),
            ("count", steps.len().into()),
            ("step", at.map(|step| words::step(lang, step)).unwrap_or_default().into()),
        ],
    );
    rsx! {
        div { class: "dots", role: "img", "aria-label": said, "data-test": "check-dots",
            for (step , state) in steps {
                span { key: "{step:?}", class: "dot {dot(state, Some(step) == at)}" }
            }
        }
    }
}

fn dot(state: StepState, here: bool) -> &'static str {
    match state {
        _ if here => "here",
        StepState::Passed => "done",
        StepState::Cannot => "cannot",
        StepState::NotRequired | StepState::Todo | StepState::Active { .. } => "todo",
    }
}

/// How loud it is, as a row of bars. `peak` marks the loudest.
#[component]
pub fn Meter(name: String, level_dbfs: f32, peak_dbfs: f32) -> Element {
    const BARS: u8 = 24;
    let lit = (meter(level_dbfs) * f32::from(BARS)).round();
    let peak = (meter(peak_dbfs) * f32::from(BARS)).round();
    rsx! {
        div {
            class: "meter",
            role: "meter",
            "aria-label": name,
            "aria-valuemin": "-60",
            "aria-valuemax": "0",
            "aria-valuenow": "{level_dbfs:.0}",
            for bar in 1..=BARS {
                span {
                    key: "{bar}",
                    class: "bar",
                    "data-lit": f32::from(bar) <= lit,
                    "data-peak": peak >= 1.0 && (f32::from(bar) - peak).abs() < 0.5,
                }
            }
        }
    }
}
