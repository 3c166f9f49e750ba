//! A position, as its employer writes it.

use super::forms::{PositionDraft, PositionField, TEXT_MAX_CHARS, TITLE_MAX_CHARS, position_fault};
use super::positions::edit_of;
use super::{form, may_write, office};
use crate::bridge::use_hall;
use crate::format::salary;
use crate::parts::{
    Area, Button, Choice, FailedPart, FormProblem, Line, LoadingPart, Remark, Segmented, SubPage, SwitchRow,
    Takes, use_form,
};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;
use miantan_domain::ids::{FairId, PositionId};
use miantan_domain::model::PositionDetails;

#[component]
pub(super) fn PositionPage(fair: FairId, position: Option<PositionId>, onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || {
        if let Some(position) = position {
            hall.send(Intent::Office(OfficeIntent::OpenPosition(position)));
        }
    };
    use_hook(load);
    let back = move |()| {
        hall.send(Intent::Office(OfficeIntent::ClosePosition));
        onback.call(());
    };
    let Some(office) = office(&view) else { return rsx! {} };
    let Some(position) = position else {
        return rsx! { Edit { fair, position: None, first: PositionDraft::new(), onback: back } };
    };
    match office.position.as_ref() {
        Some(Loadable::Ready(details)) if details.card.id == position => {
            if may_write(&view) {
                let first = PositionDraft::of(&edit_of(details));
                rsx! { Edit { fair, position: Some(position), first, onback: back } }
            } else {
                rsx! { Read { details: Box::new(PositionDetails::clone(details)), onback: back } }
            }
        }
        Some(Loadable::Failed(problem)) => rsx! {
            SubPage { test: "position", title: l.tr("own-position"), onback: back,
                FailedPart { problem: problem.clone(), onretry: move |()| load() }
            }
        },
        Some(Loadable::Ready(_) | Loadable::Loading) | None => rsx! {
            SubPage { test: "position", title: l.tr("own-position"), onback: back, LoadingPart {} }
        },
    }
}

#[component]
fn Read(details: Box<PositionDetails>, onback: EventHandler<()>) -> Element {
    let l = use_hall().lang();
    rsx! {
        SubPage { test: "position", title: l.tr("own-position"), onback,
            section { class: "card told",
                h2 { "{details.card.title}" }
                p { class: "pay figures", {salary(l, details.card.salary)} }
                p { class: "row-more",
                    if !details.card.city.is_empty() { "{details.card.city} · " }
                    {l.tr_with("own-position-openings", &[("n", details.card.openings.into())])}
                }
                if !details.description.is_empty() {
                    h3 { {l.tr("own-position-description")} }
                    p { class: "told-text", "{details.description}" }
                }
                if !details.requirements.is_empty() {
                    h3 { {l.tr("own-position-requirements")} }
                    p { class: "told-text", "{details.requirements}" }
                }
            }
        }
    }
}

#[component]
fn Edit(
    fair: FairId,
    position: Option<PositionId>,
    first: PositionDraft,
    onback: EventHandler<()>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    // What it was at the beginning: the fields own what is typed since.
    let first = use_hook(|| first);
    let mut draft = use_signal(|| first.clone());
    let mut tried = use_signal(|| false);
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    sent.when_done("position", move || onback.call(()));
    let faults = if tried() { draft.read().faults() } else { Vec::new() };
    let fault = |field: PositionField| faults.contains(&field).then(|| position_fault(l, field));
    let tone = |field: PositionField| if faults.contains(&field) { Remark::Error } else { Remark::Hint };
    let agreed = draft.read().agreed;
    let unchanged = *draft.read() == first;
    let save = move |()| {
        tried.set(true);
        sent.clear();
        if let Ok(edit) = draft.peek().to_edit() {
            let wish = OfficeIntent::SavePosition { fair, position, edit: Box::new(edit) };
            sent.send("position", Intent::Office(wish));
        }
    };
    rsx! {
        SubPage {
            test: "position",
            title: if position.is_some() { l.tr("own-position") } else { l.tr("own-position-new") },
            onback,
            unsaved: !unchanged,
            foot: rsx! {
                if !faults.is_empty() {
                    p { class: "remark error", role: "alert", {l.tr("form-faults")} }
                }
                Button {
                    test: "position-save",
                    label: l.tr("form-save"),
                    busy: sent.busy("position"),
                    disabled: unchanged && position.is_some(),
                    onpress: save,
                }
            },
            FormProblem { problem: sent.problem() }
            div { class: "card list switch-card",
                SwitchRow {
                    test: "position-is-open",
                    label: l.tr("own-position-is-open"),
                    more: l.tr("own-position-is-open-more"),
                    on: draft.read().open,
                    onflip: move |open| draft.write().open = open,
                }
            }
            div { class: "stack",
                Line {
                    test: "position-title",
                    label: l.tr("own-position-title"),
                    initial: first.title.clone(),
                    limit: TITLE_MAX_CHARS,
                    remark: fault(PositionField::Title),
                    tone: tone(PositionField::Title),
                    oninput: move |text| draft.write().title = text,
                }
                div { class: "field",
                    p { class: "field-label", {l.tr("own-position-salary")} }
                    Segmented {
                        test: "position-pay",
                        name: l.tr("own-position-salary"),
                        choices: vec![
                            Choice { value: "range".into(), label: l.tr("own-position-range") },
                            Choice { value: "agreed".into(), label: l.tr("salary-agreed") },
                        ],
                        chosen: if agreed { "agreed" } else { "range" },
                        onchoose: move |value: String| draft.write().agreed = value == "agreed",
                    }
                }
                if !agreed {
                    div { class: "two-fields",
                        Line {
                            test: "position-from",
                            label: l.tr("own-position-from"),
                            placeholder: l.tr("own-position-from-example"),
                            initial: draft.peek().from.clone(),
                            takes: Takes::Number,
                            tone: tone(PositionField::Salary),
                            oninput: move |text| draft.write().from = text,
                        }
                        Line {
                            test: "position-to",
                            label: l.tr("own-position-to"),
                            placeholder: l.tr("own-position-to-example"),
                            initial: draft.peek().to.clone(),
                            takes: Takes::Number,
                            tone: tone(PositionField::Salary),
                            oninput: move |text| draft.write().to = text,
                        }
                    }
                    if let Some(text) = fault(PositionField::Salary) {
                        p { class: "remark error", role: "alert", "data-test": "position-salary-fault", "{text}" }
                    }
                }
                div { class: "two-fields",
                    Line {
                        test: "position-city",
                        label: l.tr("own-position-city"),
                        initial: first.city.clone(),
                        limit: TITLE_MAX_CHARS,
                        remark: fault(PositionField::City),
                        tone: tone(PositionField::City),
                        oninput: move |text| draft.write().city = text,
                    }
                    Line {
                        test: "position-openings",
                        label: l.tr("own-position-openings-label"),
                        initial: first.openings.clone(),
                        takes: Takes::Number,
                        remark: fault(PositionField::Openings),
                        tone: tone(PositionField::Openings),
                        oninput: move |text| draft.write().openings = text,
                    }
                }
                Area {
                    test: "position-description",
                    label: l.tr("own-position-description"),
                    initial: first.description.clone(),
                    rows: 6,
                    limit: TEXT_MAX_CHARS,
                    remark: fault(PositionField::Description),
                    tone: tone(PositionField::Description),
                    oninput: move |text| draft.write().description = text,
                }
                Area {
                    test: "position-requirements",
                    label: l.tr("own-position-requirements"),
                    initial: first.requirements.clone(),
                    rows: 6,
                    limit: TEXT_MAX_CHARS,
                    remark: fault(PositionField::Requirements),
                    tone: tone(PositionField::Requirements),
                    oninput: move |text| draft.write().requirements = text,
                }
            }
        }
    }
}
