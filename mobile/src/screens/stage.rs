//! Moving the round to another stage: chosen, then asked once more, for everybody sees it at once.

use super::queue_of;
use crate::bridge::use_hall;
use crate::parts::{Button, Confirm, FlowBar, Glyph, Icon, Sheet};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_domain::model::Stage;

fn explained(l: crate::i18n::Lang, stage: Stage) -> String {
    match stage {
        Stage::Briefing => l.tr("stage-briefing-more"),
        Stage::Interview => l.tr("stage-interview-more"),
        Stage::Announcement => l.tr("stage-announcement-more"),
        Stage::Closed => l.tr("stage-closed-more"),
    }
}

/// The stage after the current one.
fn following(stages: &[Stage], current: Stage) -> Option<Stage> {
    stages.iter().copied().find(|stage| *stage > current)
}

#[component]
pub(super) fn StageSheet(onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut asking = use_signal(|| None::<Stage>);
    let Some(queue) = queue_of(&view) else { return rsx! {} };
    let stages = queue.state.info.stages.clone();
    let current = queue.state.stage;
    if let Some(to) = asking() {
        return rsx! {
            Confirm {
                test: "stage-confirm",
                title: l.tr_with("stage-move-title", &[("stage", words::stage(l, to).into())]),
                body: explained(l, to),
                yes: l.tr_with("stage-move-yes", &[("stage", words::stage(l, to).into())]),
                danger: to == Stage::Closed,
                onyes: move |()| {
                    hall.send(Intent::MoveStage(to));
                    onclose.call(());
                },
                onno: move |()| asking.set(None),
            }
        };
    }
    let next = following(&stages, current);
    rsx! {
        Sheet { test: "stage-sheet", title: l.tr("stage-title"), onclose: move |()| onclose.call(()),
            FlowBar { stages: stages.clone(), current }
            p { class: "lead", {explained(l, current)} }
            div { class: "actions",
                if let Some(next) = next {
                    Button {
                        test: "stage-next",
                        label: l.tr_with("stage-move-yes", &[("stage", words::stage(l, next).into())]),
                        onpress: move |()| asking.set(Some(next)),
                    }
                }
            }
            ul { class: "card list",
                for stage in stages.into_iter().filter(|stage| *stage != current && Some(*stage) != next) {
                    li { key: "{stage:?}",
                        button {
                            r#type: "button",
                            class: "row",
                            "data-test": "stage-{stage:?}",
                            onclick: move |_| asking.set(Some(stage)),
                            span { class: "row-text",
                                span { class: "row-title", {l.tr_with("stage-move-yes", &[("stage", words::stage(l, stage).into())])} }
                            }
                            Icon { glyph: Glyph::Forward }
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
    fn the_following_stage_is_the_rounds_own() {
        let stages = [Stage::Interview, Stage::Announcement, Stage::Closed];
        assert_eq!(following(&stages, Stage::Interview), Some(Stage::Announcement));
        assert_eq!(following(&stages, Stage::Closed), None);
        assert_eq!(following(&[Stage::Interview, Stage::Closed], Stage::Interview), Some(Stage::Closed));
    }
}
