//! The parts of the résumé, each with how much is in it.

use super::super::home::Portrait;
use super::super::mine;
use super::{Part, PartPage, Periods, use_desk};
use crate::i18n::Lang;
use crate::parts::{Button, FailedPart, Glyph, Kind, LoadingPart, NavRow, SubPage, local_picture};
use dioxus::prelude::*;
use miantan_client::view::SaveState;
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::model::Resume;

/// How much of the basics is filled in.
fn basics_word(l: Lang, resume: &Resume) -> String {
    let there = [
        !resume.city.trim().is_empty(),
        resume.birth_year > 0,
        !resume.objective.trim().is_empty(),
        !resume.email.trim().is_empty(),
    ];
    let missing = there.iter().filter(|there| !**there).count();
    match missing {
        0 => l.tr("part-full"),
        n => l.tr_with("part-missing", &[("n", n.into())]),
    }
}

fn count_word(l: Lang, n: usize) -> String {
    if n == 0 { l.tr("part-none") } else { l.tr_with("part-count", &[("n", n.into())]) }
}

#[component]
pub(super) fn Overview(onback: EventHandler<()>) -> Element {
    let desk = use_desk();
    let hall = desk.hall;
    let l = hall.lang();
    let view = hall.view();
    let Some(mine) = mine(&view) else { return rsx! {} };
    if mine.resume.doc.is_none() {
        return rsx! {
            SubPage { test: "resume", title: l.tr("mine-resume"), onback,
                if let SaveState::Failed(problem) = &mine.resume.saved {
                    FailedPart {
                        problem: problem.clone(),
                        onretry: move |()| hall.send(Intent::Account(AccountIntent::LoadResume)),
                    }
                } else {
                    LoadingPart {}
                }
            }
        };
    }
    let doc = desk.draft.read().doc.clone();
    let resume = &doc.resume;
    let about = resume.about.trim().chars().count();
    let rows = [
        ("part-basics", Glyph::Person, l.tr("part-basics"), basics_word(l, resume), Part::Basics),
        (
            "part-education",
            Glyph::Building,
            l.tr("education"),
            count_word(l, resume.education.len()),
            Part::Periods(Periods::Education),
        ),
        (
            "part-experience",
            Glyph::Document,
            l.tr("experience"),
            count_word(l, resume.experience.len()),
            Part::Periods(Periods::Experience),
        ),
        ("part-skills", Glyph::Tag, l.tr("skills"), count_word(l, resume.skills.len()), Part::Skills),
        (
            "part-about",
            Glyph::Pencil,
            l.tr("part-about"),
            if about == 0 { l.tr("part-none") } else { l.tr_with("part-chars", &[("n", about.into())]) },
            Part::About,
        ),
    ];
    rsx! {
        PartPage {
            test: "resume",
            title: l.tr("mine-resume"),
            onback,
            foot: rsx! {
                Button {
                    test: "resume-preview",
                    label: l.tr("resume-preview"),
                    glyph: Glyph::Eye,
                    kind: Kind::Secondary,
                    onpress: move |()| desk.go(Part::Preview),
                }
            },
            header { class: "mine-head",
                Portrait { name: doc.name.clone(), photo: mine.resume.photo.as_ref().map(local_picture) }
                div { class: "mine-who",
                    h1 {
                        if doc.name.is_empty() { {l.tr("mine-no-name")} } else { "{doc.name}" }
                    }
                    p {
                        if doc.headline.is_empty() { {l.tr("resume-no-headline")} } else { "{doc.headline}" }
                    }
                }
            }
            ul { class: "card list",
                for (test , glyph , label , value , part) in rows {
                    li { key: "{test}",
                        NavRow { test, glyph, label, value, onpress: move |()| desk.go(part) }
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
    fn the_basics_say_how_much_is_missing() {
        let empty = Resume::default();
        let some = Resume { city: "无锡".into(), birth_year: 2004, ..Resume::default() };
        let full = Resume { objective: "前端".into(), email: "a@b.cn".into(), ..some.clone() };
        assert!(basics_word(Lang::Zh, &empty).contains('4'));
        assert!(basics_word(Lang::Zh, &some).contains('2'));
        assert_eq!(basics_word(Lang::Zh, &full), Lang::Zh.tr("part-full"));
    }
}
