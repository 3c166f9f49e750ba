//! The bar on top of a screen, and the round's flow with its current stage.

use super::{Glyph, Icon, IconButton};
use crate::bridge::use_hall;
use crate::words;
use dioxus::prelude::*;
use miantan_domain::model::Stage;

/// Title with a way back on the left and settings on the right.
#[component]
pub fn TopBar(
    #[props(default)] title: String,
    #[props(default)] subtitle: String,
    #[props(default)] onback: Option<EventHandler<()>>,
    /// In place of the settings button.
    #[props(default)]
    children: Option<Element>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    rsx! {
        header { class: "top-bar",
            div { class: "side",
                if let Some(onback) = onback {
                    IconButton {
                        test: "back",
                        name: l.tr("back"),
                        glyph: Glyph::Back,
                        class: "quiet",
                        onpress: move |()| onback.call(()),
                    }
                }
            }
            div { class: "middle",
                if !title.is_empty() {
                    p { class: "title", "{title}" }
                }
                if !subtitle.is_empty() {
                    p { class: "subtitle", "{subtitle}" }
                }
            }
            div { class: "side end",
                if let Some(children) = children {
                    {children}
                } else {
                    IconButton {
                        test: "settings",
                        name: l.tr("settings"),
                        glyph: Glyph::Gear,
                        class: "quiet",
                        onpress: move |()| hall.open_settings(),
                    }
                }
            }
        }
    }
}

/// The stages of a round in their order (面谈流程); the current one stands out and is named to screen readers.
#[component]
pub fn FlowBar(stages: Vec<Stage>, current: Stage) -> Element {
    let l = use_hall().lang();
    rsx! {
        ol { class: "flow-bar", "data-test": "flow", "aria-label": l.tr("flow"),
            for stage in stages {
                li {
                    key: "{stage:?}",
                    class: flow_class(stage, current),
                    "aria-current": (stage == current).then_some("step"),
                    span { class: "mark",
                        if stage < current {
                            Icon { glyph: Glyph::Check }
                        }
                    }
                    span {
                        class: "word",
                        "data-test": if stage == current { "stage" },
                        {words::stage(l, stage)}
                    }
                }
            }
        }
    }
}

fn flow_class(stage: Stage, current: Stage) -> &'static str {
    match stage.cmp(&current) {
        std::cmp::Ordering::Less => "past",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "later",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_before_the_current_one_are_past() {
        assert_eq!(flow_class(Stage::Briefing, Stage::Interview), "past");
        assert_eq!(flow_class(Stage::Interview, Stage::Interview), "now");
        assert_eq!(flow_class(Stage::Closed, Stage::Interview), "later");
    }
}
