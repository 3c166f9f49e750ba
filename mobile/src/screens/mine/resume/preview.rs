//! The résumé as recruiters see it, and what they do not see.

use super::super::home::Portrait;
use super::super::mine;
use super::{Part, use_desk};
use crate::parts::{Button, Glyph, Icon, SubPage, local_picture};
use crate::screens::talks::ResumeBody;
use dioxus::prelude::*;

#[component]
pub(super) fn Preview() -> Element {
    let desk = use_desk();
    let hall = desk.hall;
    let l = hall.lang();
    let view = hall.view();
    let Some(mine) = mine(&view) else { return rsx! {} };
    let doc = desk.draft.read().doc.clone();
    rsx! {
        SubPage {
            test: "resume-preview-page",
            title: l.tr("resume-preview"),
            onback: move |()| desk.go(Part::Overview),
            foot: rsx! {
                Button { test: "preview-edit", label: l.tr("preview-edit"), onpress: move |()| desk.go(Part::Overview) }
            },
            p { class: "callout quiet",
                Icon { glyph: Glyph::Shield }
                span { {l.tr("preview-lead")} }
            }
            div { class: "candidate-head",
                Portrait { name: doc.name.clone(), photo: mine.resume.photo.as_ref().map(local_picture) }
                div { class: "row-text",
                    p { class: "row-title", "{doc.name}" }
                    p { class: "row-more", "{doc.headline}" }
                }
            }
            ResumeBody { resume: doc.resume }
        }
    }
}
