//! A round, as its employer writes it. One that has begun keeps its times and flow: only name and end may change.

use super::forms::{
    GRACE_MIN, GRACE_STEP_MIN, RING_S, RING_STEP_S, RoundDraft, STAGES, TITLE_MAX_CHARS, round_fault, step,
};
use super::{form, may_write, office};
use crate::bridge::use_hall;
use crate::format::span;
use crate::parts::{
    Button, FormProblem, Glyph, Icon, Line, LoadingPart, Remark, Stepper, SubPage, SwitchRow, Takes, use_form,
};
use crate::screens::identity::IdentityRules;
use crate::screens::talks::times::appointment_day;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;
use miantan_domain::ids::RoundId;
use miantan_domain::model::{RoundInfo, Stage};
use miantan_domain::wire::rest::RoundFault;

#[component]
pub(super) fn RoundPage(round: Option<RoundId>, onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(office) = office(&view) else { return rsx! {} };
    let Some(id) = round else {
        return rsx! { Edit { round: None, onback } };
    };
    let found = match office.rounds.as_ref() {
        Some(Loadable::Ready(rounds)) => {
            rounds.iter().find(|line| line.round.id == id).map(|line| line.round.clone())
        }
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    };
    match found {
        Some(info) if may_write(&view) => rsx! { Edit { round: Some(Box::new(info)), onback } },
        Some(info) => rsx! { Read { info: Box::new(info), onback } },
        None => rsx! {
            SubPage { test: "round", title: l.tr("round"), onback, LoadingPart {} }
        },
    }
}

#[component]
fn Read(info: Box<RoundInfo>, onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let flow = info.stages.iter().map(|stage| words::stage(l, *stage)).collect::<Vec<_>>().join(" → ");
    let facts = [
        (
            l.tr("round-day"),
            format!(
                "{} {}",
                appointment_day(l, info.starts, hall.wall(), hall.offset()),
                span(info.starts, info.ends, hall.offset())
            ),
        ),
        (l.tr("flow"), flow),
        (l.tr("rule-title"), words::identity_rule(l, info.identity).0),
        (l.tr("round-ring"), l.tr_with("seconds", &[("n", (info.ring_ms / 1000).into())])),
        (l.tr("round-grace"), l.tr_with("time-minutes", &[("n", (info.grace_ms / 60_000).into())])),
    ];
    rsx! {
        SubPage { test: "round", title: l.tr("round"), onback,
            section { class: "card told",
                h2 { "{info.name}" }
                dl { class: "facts-list",
                    for (name , value) in facts {
                        div { key: "{name}",
                            dt { "{name}" }
                            dd { class: "figures", "{value}" }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Edit(round: Option<Box<RoundInfo>>, onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let offset = hall.offset();
    let wall = hall.wall();
    let first = use_hook(|| match &round {
        Some(info) => RoundDraft::of(info, offset),
        None => RoundDraft::new(wall, offset),
    });
    let mut draft = use_signal(|| first.clone());
    let mut tried = use_signal(|| false);
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    sent.when_done("round", move || onback.call(()));
    let id = round.as_ref().map(|info| info.id);
    let begun = round.as_ref().is_some_and(|info| info.starts <= wall);
    let fault = if tried() { draft.read().to_edit(offset).err() } else { None };
    let said = |of: RoundFault| (fault == Some(of)).then(|| round_fault(l, of));
    let tone = |of: RoundFault| if fault == Some(of) { Remark::Error } else { Remark::Hint };
    let unchanged = id.is_some() && *draft.read() == first;
    let now = draft.read().clone();
    let save = move |()| {
        tried.set(true);
        sent.clear();
        if let Ok(edit) = draft.peek().to_edit(offset) {
            sent.send("round", Intent::Office(OfficeIntent::SaveRound { round: id, edit: Box::new(edit) }));
        }
    };
    rsx! {
        SubPage {
            test: "round",
            title: if id.is_some() { l.tr("round") } else { l.tr("round-new") },
            onback,
            unsaved: *draft.read() != first,
            foot: rsx! {
                if fault.is_some() {
                    p { class: "remark error", role: "alert", {l.tr("form-faults")} }
                }
                Button {
                    test: "round-save",
                    label: l.tr("form-save"),
                    busy: sent.busy("round"),
                    disabled: unchanged,
                    onpress: save,
                }
            },
            FormProblem { problem: sent.problem() }
            if begun {
                p { class: "callout quiet", "data-test": "round-begun",
                    Icon { glyph: Glyph::Info }
                    span { {l.tr("round-begun")} }
                }
            }
            div { class: "stack",
                Line {
                    test: "round-title",
                    label: l.tr("round-title"),
                    placeholder: l.tr("round-title-example"),
                    initial: first.name.clone(),
                    limit: TITLE_MAX_CHARS,
                    remark: said(RoundFault::Name),
                    tone: tone(RoundFault::Name),
                    oninput: move |text| draft.write().name = text,
                }
                Line {
                    test: "round-day",
                    label: l.tr("round-day"),
                    initial: first.day.clone(),
                    takes: Takes::Date,
                    disabled: begun,
                    tone: tone(RoundFault::Times),
                    oninput: move |text| draft.write().day = text,
                }
                div { class: "two-fields",
                    Line {
                        test: "round-from",
                        label: l.tr("round-from"),
                        initial: first.from.clone(),
                        takes: Takes::Clock,
                        disabled: begun,
                        tone: tone(RoundFault::Times),
                        oninput: move |text| draft.write().from = text,
                    }
                    Line {
                        test: "round-to",
                        label: l.tr("round-to"),
                        initial: first.to.clone(),
                        takes: Takes::Clock,
                        tone: tone(RoundFault::Times),
                        oninput: move |text| draft.write().to = text,
                    }
                }
                if let Some(text) = said(RoundFault::Times) {
                    p { class: "remark error", role: "alert", "data-test": "round-times-fault", "{text}" }
                } else if now.ends_next_day(offset) {
                    p { class: "remark", role: "status", "data-test": "round-next-day",
                        {l.tr_with("round-next-day", &[("time", now.to.clone().into())])}
                    }
                }
            }
            section {
                h2 { class: "section-title", {l.tr("flow")} }
                ol { class: "card list",
                    for stage in STAGES {
                        li { key: "{stage:?}",
                            SwitchRow {
                                test: "round-stage-{stage:?}",
                                label: words::stage(l, stage),
                                more: if stage == Stage::Interview { l.tr("round-always") } else { String::new() },
                                on: now.stages.contains(&stage),
                                disabled: begun || stage == Stage::Interview,
                                onflip: move |_| draft.write().flip(stage),
                            }
                        }
                    }
                }
            }
            IdentityRules {
                chosen: now.identity,
                fixed: begun,
                onchoose: move |rule| draft.write().identity = rule,
            }
            section {
                h2 { class: "section-title", {l.tr("round-ringing")} }
                ul { class: "card list",
                    li {
                        Stepper {
                            test: "round-ring",
                            label: l.tr("round-ring"),
                            value: l.tr_with("seconds", &[("n", now.ring_s.into())]),
                            less: !begun && now.ring_s > *RING_S.start(),
                            more: !begun && now.ring_s < *RING_S.end(),
                            onstep: move |by| {
                                let ring = draft.peek().ring_s;
                                draft.write().ring_s = step(ring, by, RING_STEP_S, &RING_S);
                            },
                        }
                    }
                    li {
                        Stepper {
                            test: "round-grace",
                            label: l.tr("round-grace"),
                            value: l.tr_with("time-minutes", &[("n", now.grace_min.into())]),
                            less: !begun && now.grace_min > *GRACE_MIN.start(),
                            more: !begun && now.grace_min < *GRACE_MIN.end(),
                            onstep: move |by| {
                                let grace = draft.peek().grace_min;
                                draft.write().grace_min = step(grace, by, GRACE_STEP_MIN, &GRACE_MIN);
                            },
                        }
                    }
                }
                p { class: "aside under-card", {l.tr("round-grace-more")} }
                for each in [RoundFault::Ring, RoundFault::Grace, RoundFault::Stages] {
                    if let Some(text) = said(each) {
                        p { key: "{each:?}", class: "remark error", role: "alert", "{text}" }
                    }
                }
            }
        }
    }
}
