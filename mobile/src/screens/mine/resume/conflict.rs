//! Changed here and on another device: both side by side, and the choice. Nothing is lost before it is made.

use super::super::mine;
use super::{Part, use_desk};
use crate::i18n::Lang;
use crate::parts::{Button, Kind, SubPage};
use dioxus::prelude::*;
use miantan_client::view::SaveState;
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::model::{ResumeDoc, ResumeEntry};

/// One part of the résumé in both.
#[derive(Debug, Clone, PartialEq)]
struct Difference {
    part: String,
    mine: String,
    theirs: String,
}

fn entries(all: &[ResumeEntry]) -> String {
    all.iter()
        .map(|entry| {
            [&entry.period, &entry.place, &entry.what, &entry.details]
                .into_iter()
                .filter(|text| !text.trim().is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The parts that are not the same in both, in the editor's order.
fn differences(l: Lang, mine: &ResumeDoc, theirs: &ResumeDoc) -> Vec<Difference> {
    let year = |doc: &ResumeDoc| match doc.resume.birth_year {
        0 => String::new(),
        year => year.to_string(),
    };
    let photo = |doc: &ResumeDoc| doc.resume.photo.map(|_| l.tr("conflict-photo")).unwrap_or_default();
    let mut all = vec![
        (l.tr("resume-name"), mine.name.clone(), theirs.name.clone()),
        (l.tr("resume-headline"), mine.headline.clone(), theirs.headline.clone()),
        (l.tr("resume-objective"), mine.resume.objective.clone(), theirs.resume.objective.clone()),
        (l.tr("resume-city"), mine.resume.city.clone(), theirs.resume.city.clone()),
        (l.tr("resume-birth-year"), year(mine), year(theirs)),
        (l.tr("resume-email"), mine.resume.email.clone(), theirs.resume.email.clone()),
        (l.tr("education"), entries(&mine.resume.education), entries(&theirs.resume.education)),
        (l.tr("experience"), entries(&mine.resume.experience), entries(&theirs.resume.experience)),
        (l.tr("skills"), mine.resume.skills.join("、"), theirs.resume.skills.join("、")),
        (l.tr("part-about"), mine.resume.about.clone(), theirs.resume.about.clone()),
    ];
    if mine.resume.photo != theirs.resume.photo {
        all.push((l.tr("resume-photo"), photo(mine), photo(theirs)));
    }
    let photo_name = l.tr("resume-photo");
    all.into_iter()
        .filter(|(part, mine, theirs)| mine != theirs || *part == photo_name)
        .map(|(part, mine, theirs)| Difference { part, mine, theirs })
        .collect()
}

#[component]
pub(super) fn Conflict() -> Element {
    let desk = use_desk();
    let hall = desk.hall;
    let l = hall.lang();
    let view = hall.view();
    let theirs = match mine(&view).map(|mine| &mine.resume.saved) {
        Some(SaveState::Conflict { theirs }) => Some(theirs.clone()),
        Some(SaveState::Saved | SaveState::OnDevice | SaveState::Saving | SaveState::Failed(_)) | None => {
            None
        }
    };
    use_effect(move || {
        let over =
            !mine(&hall.view()).is_some_and(|mine| matches!(mine.resume.saved, SaveState::Conflict { .. }));
        if over {
            desk.go(Part::Overview);
        }
    });
    let Some(theirs) = theirs else { return rsx! {} };
    let differences = differences(l, &desk.draft.read().doc, &theirs);
    let shown = |text: &str| if text.trim().is_empty() { l.tr("conflict-empty") } else { text.to_owned() };
    rsx! {
        SubPage {
            test: "resume-conflict",
            title: l.tr("conflict-title"),
            onback: move |()| desk.go(Part::Overview),
            foot: rsx! {
                div { class: "side-by-side",
                    Button {
                        test: "conflict-mine",
                        label: l.tr("conflict-keep-mine"),
                        onpress: move |()| hall.send(Intent::Account(AccountIntent::ResumeKeepMine)),
                    }
                    Button {
                        test: "conflict-theirs",
                        label: l.tr("conflict-take-theirs"),
                        kind: Kind::Secondary,
                        onpress: move |()| hall.send(Intent::Account(AccountIntent::ResumeTakeTheirs)),
                    }
                }
                p { class: "aside", {l.tr("conflict-aside")} }
            },
            p { class: "lead", {l.tr("conflict-lead")} }
            for each in differences {
                section { key: "{each.part}", class: "card difference",
                    h2 { class: "section-title", "{each.part}" }
                    div { class: "side-by-side",
                        div {
                            h3 { {l.tr("conflict-mine")} }
                            p { "data-test": "difference-mine", {shown(&each.mine)} }
                        }
                        div {
                            h3 { {l.tr("conflict-theirs")} }
                            p { "data-test": "difference-theirs", {shown(&each.theirs)} }
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
    use miantan_domain::ids::ObjectId;
    use miantan_domain::model::Resume;

    #[test]
    fn only_what_differs_is_shown() {
        let one = ResumeDoc {
            name: "林晓".into(),
            resume: Resume { city: "无锡".into(), skills: vec!["Vue".into()], ..Resume::default() },
            ..ResumeDoc::default()
        };
        let mut other = one.clone();
        other.version = 9;
        assert_eq!(differences(Lang::Zh, &one, &other), []);
        other.resume.city = "苏州".into();
        other.resume.education.push(ResumeEntry { place: "江南大学".into(), ..ResumeEntry::default() });
        other.resume.photo = Some(ObjectId::from_parts(1, &[1; 10]));
        let found = differences(Lang::Zh, &one, &other);
        let parts: Vec<_> = found.iter().map(|each| each.part.as_str()).collect();
        assert_eq!(parts, ["所在城市", "教育经历", "照片"]);
        assert_eq!((found[0].mine.as_str(), found[0].theirs.as_str()), ("无锡", "苏州"));
        assert_eq!(found[1].theirs, "江南大学");
    }
}
