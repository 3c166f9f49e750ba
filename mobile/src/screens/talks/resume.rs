//! An applicant's résumé (T1): online and as files. The queue's sheet shows the same.

use super::{open_talk, words};
use crate::bridge::use_hall;
use crate::parts::{Avatar, Button, Glyph, Icon, IconButton, Kind, Sheet, Spinner};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::Loadable;
use miantan_domain::model::{AttachmentResume, Resume, ResumeEntry};
use miantan_domain::wire::rest::ResumeView;
use std::sync::Arc;

#[component]
pub fn ResumeSheet() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(open) = open_talk(&view) else { return rsx! {} };
    let Some(resume) = open.resume.clone() else { return rsx! {} };
    let conversation = open.head.id;
    let title = l.tr_with("resume-of", &[("name", open.head.candidate_name.clone().into())]);
    rsx! {
        Sheet {
            test: "resume-sheet",
            title,
            tall: true,
            onclose: move |()| hall.send(Intent::Talk(TalkIntent::CloseResume)),
            match resume {
                Loadable::Loading => rsx! {
                    div { class: "empty", role: "status",
                        Spinner {}
                        p { {l.tr("loading")} }
                    }
                },
                Loadable::Failed(problem) => rsx! {
                    div { class: "callout bad", role: "alert",
                        Icon { glyph: Glyph::Warning }
                        span { {crate::words::problem(l, problem.code)} }
                    }
                    div { class: "actions",
                        Button {
                            test: "resume-retry",
                            label: l.tr("retry"),
                            kind: Kind::Secondary,
                            onpress: move |()| hall.send(Intent::Talk(TalkIntent::OpenResume(conversation))),
                        }
                    }
                },
                Loadable::Ready(resume) => rsx! {
                    Whole { resume: resume.clone() }
                    if resume.resume.is_some() {
                        div { class: "actions stuck",
                            Button {
                                test: "resume-pdf",
                                label: l.tr("resume-pdf"),
                                glyph: Glyph::Download,
                                kind: Kind::Secondary,
                                onpress: move |()| hall.send(Intent::Talk(TalkIntent::DownloadResume(conversation))),
                            }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn Whole(resume: Arc<ResumeView>) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "candidate-head",
            Avatar { name: resume.name.clone(), large: true }
            div { class: "row-text",
                p { class: "row-title", "{resume.name}" }
                p { class: "row-more", "{resume.headline}" }
                if let Some(phone) = &resume.phone {
                    p { class: "row-more resume-phone", "data-test": "resume-phone",
                        Icon { glyph: Glyph::Phone }
                        a { href: "tel:{phone}", class: "figures", "{phone}" }
                    }
                }
            }
        }
        if !resume.attachments.is_empty() {
            ResumeFiles { files: resume.attachments.clone() }
        }
        if let Some(online) = &resume.resume {
            ResumeBody { resume: online.clone() }
        } else if resume.attachments.is_empty() {
            p { class: "aside", {l.tr("resume-empty")} }
        }
        if resume.phone.is_none() {
            p { class: "aside resume-aside", {l.tr("resume-phone-later")} }
        }
    }
}

/// Résumés as files, each to be downloaded.
#[component]
pub fn ResumeFiles(files: Vec<AttachmentResume>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    rsx! {
        section { class: "sheet-section",
            h3 { class: "section-title", {l.tr("resume-files")} }
            div { class: "card list",
                for file in files {
                    div { key: "{file.object}", class: "row file-row",
                        span { class: "row-icon", Icon { glyph: Glyph::Document } }
                        div { class: "row-text",
                            p { class: "row-title", "{file.name}" }
                            p { class: "row-more figures", "{words::kind_of(&file.name)} {words::size(file.size)}" }
                        }
                        IconButton {
                            test: "resume-file",
                            name: l.tr_with("download-named", &[("name", file.name.clone().into())]),
                            glyph: Glyph::Download,
                            class: "quiet",
                            onpress: move |()| {
                                let (object, name) = (file.object, file.name.clone());
                                hall.send(Intent::Talk(TalkIntent::Download { object, name }));
                            },
                        }
                    }
                }
            }
        }
    }
}

/// The online résumé.
#[component]
pub fn ResumeBody(resume: Resume) -> Element {
    let l = use_hall().lang();
    let mut facts = Vec::new();
    if !resume.city.is_empty() {
        facts.push(resume.city.clone());
    }
    if resume.birth_year > 0 {
        facts.push(l.tr_with("born", &[("year", resume.birth_year.to_string().into())]));
    }
    if !resume.email.is_empty() {
        facts.push(resume.email.clone());
    }
    rsx! {
        section { class: "sheet-section",
            h3 { class: "section-title", {l.tr("resume-online")} }
            article { class: "resume", "data-test": "resume",
                if resume.is_blank() && facts.is_empty() {
                    p { class: "aside", {l.tr("resume-empty")} }
                }
                if !resume.objective.is_empty() {
                    p { class: "resume-objective",
                        span { class: "over", {l.tr("resume-objective")} }
                        "{resume.objective}"
                    }
                }
                if !facts.is_empty() {
                    p { class: "row-more", {facts.join(" · ")} }
                }
                if !resume.about.is_empty() {
                    p { class: "about", "{resume.about}" }
                }
                if !resume.education.is_empty() {
                    Entries { title: l.tr("education"), entries: resume.education }
                }
                if !resume.experience.is_empty() {
                    Entries { title: l.tr("experience"), entries: resume.experience }
                }
                if !resume.skills.is_empty() {
                    h4 { {l.tr("skills")} }
                    ul { class: "skill-tags",
                        for (at , skill) in resume.skills.into_iter().enumerate() {
                            li { key: "{at}", class: "tag quiet", "{skill}" }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Entries(title: String, entries: Vec<ResumeEntry>) -> Element {
    rsx! {
        h4 { "{title}" }
        ol { class: "entries timeline",
            for (at , entry) in entries.into_iter().enumerate() {
                li { key: "{at}",
                    p { class: "period figures", "{entry.period}" }
                    p { class: "row-title", "{entry.place}" }
                    p { class: "row-more", "{entry.what}" }
                    if !entry.details.is_empty() {
                        p { class: "about", "{entry.details}" }
                    }
                }
            }
        }
    }
}
