//! Education and experience: one card for each period, opened to write in it.

use super::{Part, PartPage, Periods, use_desk};
use crate::i18n::Lang;
use crate::parts::{Area, Button, Glyph, Icon, IconButton, Line, NothingPart};
use dioxus::prelude::*;
use miantan_domain::model::{RESUME_ENTRIES_MAX, RESUME_LINE_MAX_CHARS, ResumeEntry, TEXT_MAX_CHARS};

/// The words that differ between the two lists.
struct PeriodWords {
    title: String,
    place: String,
    what: String,
    details: String,
    none: String,
    add: String,
}

fn words_of(l: Lang, of: Periods) -> PeriodWords {
    match of {
        Periods::Education => PeriodWords {
            title: l.tr("education"),
            place: l.tr("education-place"),
            what: l.tr("education-what"),
            details: l.tr("education-details"),
            none: l.tr("education-none"),
            add: l.tr("education-add"),
        },
        Periods::Experience => PeriodWords {
            title: l.tr("experience"),
            place: l.tr("experience-place"),
            what: l.tr("experience-what"),
            details: l.tr("experience-details"),
            none: l.tr("experience-none"),
            add: l.tr("experience-add"),
        },
    }
}

#[component]
pub(super) fn PeriodsPage(education: bool) -> Element {
    let of = if education { Periods::Education } else { Periods::Experience };
    let desk = use_desk();
    let l = desk.hall.lang();
    let mut open = use_signal(|| None::<u64>);
    let (epoch, list) = {
        let draft = desk.draft.read();
        let list: Vec<_> = draft.keys(of).iter().copied().zip(draft.list(of).iter().cloned()).collect();
        (draft.epoch, list)
    };
    let words = words_of(l, of);
    let full = list.len() >= RESUME_ENTRIES_MAX;
    let count = list.len();
    rsx! {
        PartPage {
            test: "resume-periods",
            title: words.title,
            onback: move |()| desk.go(Part::Overview),
            foot: rsx! {
                Button {
                    test: "period-add",
                    label: if full { l.tr_with("periods-full", &[("n", RESUME_ENTRIES_MAX.into())]) } else { words.add },
                    glyph: Glyph::Plus,
                    disabled: full,
                    onpress: move |()| open.set(desk.edit(|draft| draft.add(of))),
                }
            },
            if list.is_empty() {
                NothingPart { glyph: Glyph::Document, title: l.tr("part-none"), more: words.none }
            }
            ul { class: "stack",
                for (at , (key , entry)) in list.into_iter().enumerate() {
                    li { key: "{epoch}-{key}",
                        Period {
                            of_education: education,
                            id: key,
                            number: at + 1,
                            entry,
                            open: open() == Some(key),
                            first: at == 0,
                            last: at + 1 == count,
                            onopen: move |()| {
                                let now = *open.peek();
                                open.set((now != Some(key)).then_some(key));
                            },
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Period(
    of_education: bool,
    id: u64,
    number: usize,
    entry: ResumeEntry,
    open: bool,
    first: bool,
    last: bool,
    onopen: EventHandler<()>,
) -> Element {
    let of = if of_education { Periods::Education } else { Periods::Experience };
    let desk = use_desk();
    let l = desk.hall.lang();
    let words = words_of(l, of);
    let title = if entry.place.trim().is_empty() { l.tr("period-untitled") } else { entry.place.clone() };
    let more = [entry.what.trim(), entry.period.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    rsx! {
        article { class: "card period-card", "data-test": "period-{number}",
            button {
                r#type: "button",
                class: "row",
                "data-test": "period-open-{number}",
                "aria-expanded": open,
                onclick: move |_| onopen.call(()),
                span { class: "row-text",
                    span { class: "row-title", "{title}" }
                    if !more.is_empty() {
                        span { class: "row-more", "{more}" }
                    }
                }
                Icon { glyph: if open { Glyph::Up } else { Glyph::Down } }
            }
            if open {
                div { class: "stack period-fields",
                    Line {
                        test: "period-place-{number}",
                        label: words.place,
                        initial: entry.place.clone(),
                        limit: RESUME_LINE_MAX_CHARS,
                        autofocus: entry == ResumeEntry::default(),
                        oninput: move |text| desk.edit(|draft| draft.write(of, id, |entry| entry.place = text)),
                    }
                    Line {
                        test: "period-what-{number}",
                        label: words.what,
                        initial: entry.what.clone(),
                        limit: RESUME_LINE_MAX_CHARS,
                        oninput: move |text| desk.edit(|draft| draft.write(of, id, |entry| entry.what = text)),
                    }
                    Line {
                        test: "period-time-{number}",
                        label: l.tr("period-time"),
                        placeholder: l.tr("period-time-example"),
                        initial: entry.period.clone(),
                        limit: RESUME_LINE_MAX_CHARS,
                        oninput: move |text| desk.edit(|draft| draft.write(of, id, |entry| entry.period = text)),
                    }
                    Area {
                        test: "period-details-{number}",
                        label: words.details,
                        initial: entry.details.clone(),
                        limit: TEXT_MAX_CHARS,
                        oninput: move |text| desk.edit(|draft| draft.write(of, id, |entry| entry.details = text)),
                    }
                    div { class: "period-tools",
                        IconButton {
                            test: "period-up-{number}",
                            name: l.tr("period-up"),
                            glyph: Glyph::Up,
                            class: "quiet",
                            disabled: first,
                            onpress: move |()| desk.edit(|draft| draft.shift(of, id, true)),
                        }
                        IconButton {
                            test: "period-down-{number}",
                            name: l.tr("period-down"),
                            glyph: Glyph::Down,
                            class: "quiet",
                            disabled: last,
                            onpress: move |()| desk.edit(|draft| draft.shift(of, id, false)),
                        }
                        span { class: "grow" }
                        button {
                            r#type: "button",
                            class: "button plain small danger-text",
                            "data-test": "period-remove-{number}",
                            onclick: move |_| desk.remove(|draft| draft.remove(of, id)),
                            Icon { glyph: Glyph::Trash }
                            span { {l.tr("delete")} }
                        }
                    }
                }
            }
        }
    }
}
