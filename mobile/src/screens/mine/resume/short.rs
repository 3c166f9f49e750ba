//! Skills as chips, and the words about oneself.

use super::{PartPage, use_desk};
use crate::parts::{Area, Button, Glyph, Icon, Kind, Line};
use dioxus::prelude::*;
use miantan_domain::model::{RESUME_LINE_MAX_CHARS, RESUME_SKILLS_MAX, TEXT_MAX_CHARS};

#[component]
pub(super) fn Skills() -> Element {
    let desk = use_desk();
    let l = desk.hall.lang();
    let skills = desk.draft.read().doc.resume.skills.clone();
    let mut typed = use_signal(String::new);
    // A new key empties the field.
    let mut round = use_signal(|| 0_u32);
    let mut full = use_signal(|| false);
    let mut add = move || {
        let text = typed.peek().clone();
        let short = text.chars().count() <= RESUME_LINE_MAX_CHARS;
        if short && !text.trim().is_empty() {
            full.set(!desk.edit(|draft| draft.add_skills(&text)));
            typed.set(String::new());
            round += 1;
        }
    };
    rsx! {
        PartPage { test: "resume-skills", title: l.tr("skills"),
            div { class: "line-with-button",
                for now in [round()] {
                    Line {
                        key: "{now}",
                        test: "skill",
                        label: l.tr("skill-label"),
                        placeholder: l.tr("skill-example"),
                        limit: RESUME_LINE_MAX_CHARS,
                        autofocus: now > 0,
                        remark: full().then(|| l.tr_with("skills-full", &[("n", RESUME_SKILLS_MAX.into())])),
                        oninput: move |text| typed.set(text),
                        onenter: move |()| add(),
                    }
                }
                Button {
                    test: "skill-add",
                    label: l.tr("skill-add"),
                    kind: Kind::Secondary,
                    disabled: typed.read().trim().is_empty(),
                    onpress: move |()| add(),
                }
            }
            ul { class: "chips", "aria-label": l.tr("skills"),
                for skill in skills {
                    li { key: "{skill}",
                        button {
                            r#type: "button",
                            class: "chip",
                            "data-test": "skill-remove-{skill}",
                            "aria-label": l.tr_with("skill-remove", &[("skill", skill.clone().into())]),
                            onclick: {
                                let skill = skill.clone();
                                move |_| {
                                    full.set(false);
                                    desk.remove(|draft| draft.remove_skill(&skill));
                                }
                            },
                            span { "{skill}" }
                            Icon { glyph: Glyph::Close }
                        }
                    }
                }
            }
        }
    }
}

#[component]
pub(super) fn About() -> Element {
    let desk = use_desk();
    let l = desk.hall.lang();
    let epoch = desk.draft.read().epoch;
    let about = desk.draft.peek().doc.resume.about.clone();
    rsx! {
        PartPage { test: "resume-about", title: l.tr("part-about"),
            for now in [epoch] {
                Area {
                    key: "{now}",
                    test: "about",
                    label: l.tr("about-label"),
                    placeholder: l.tr("about-example"),
                    initial: about.clone(),
                    rows: 10,
                    limit: TEXT_MAX_CHARS,
                    oninput: move |text| desk.edit(|draft| draft.doc.resume.about = text),
                }
            }
        }
    }
}
