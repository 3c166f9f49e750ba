//! The stand at a fair: short name and introduction.

use super::{form, may_write, office};
use crate::bridge::use_hall;
use crate::parts::{
    Area, Button, FailedPart, FormProblem, Glyph, Icon, Line, LoadingPart, SubPage, use_form,
};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;
use miantan_domain::ids::FairId;
use miantan_domain::model::Stand;
use miantan_domain::wire::rest::StandEdit;
use std::sync::Arc;

/// Limits of the two texts; the server has the same.
const SHORT_MAX_CHARS: usize = 20;
const INTRODUCTION_MAX_CHARS: usize = 5_000;

fn fits(edit: &StandEdit) -> bool {
    edit.short.trim().chars().count() <= SHORT_MAX_CHARS
        && edit.introduction.trim().chars().count() <= INTRODUCTION_MAX_CHARS
}

#[component]
pub(super) fn StandPage(fair: FairId, onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Office(OfficeIntent::OpenStand(fair)));
    use_hook(load);
    let Some(office) = office(&view) else { return rsx! {} };
    match office.stand.as_ref().filter(|(of, _)| *of == fair).map(|(_, stand)| stand) {
        None | Some(Loadable::Loading) => rsx! {
            SubPage { test: "stand", title: l.tr("office-stand"), onback, LoadingPart {} }
        },
        Some(Loadable::Failed(problem)) => rsx! {
            SubPage { test: "stand", title: l.tr("office-stand"), onback,
                FailedPart { problem: problem.clone(), onretry: move |()| load() }
            }
        },
        Some(Loadable::Ready(stand)) => rsx! { Edit { fair, stand: ByPointer(stand.clone()), onback } },
    }
}

/// Equal when it is the same one, so that a page is not drawn again for nothing.
#[derive(Clone)]
struct ByPointer(Arc<Stand>);

impl PartialEq for ByPointer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[component]
fn Edit(fair: FairId, stand: ByPointer, onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let first =
        use_hook(|| StandEdit { short: stand.0.short.clone(), introduction: stand.0.introduction.clone() });
    let mut edit = use_signal(|| first.clone());
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    let writes = may_write(&hall.view());
    let saved = StandEdit { short: stand.0.short.clone(), introduction: stand.0.introduction.clone() };
    let changed = *edit.read() != saved;
    let fits = fits(&edit.read());
    if !writes {
        return rsx! {
            SubPage { test: "stand", title: l.tr("office-stand"), subtitle: stand.0.fair_title.clone(), onback,
                section { class: "card told",
                    h2 { "{stand.0.name}" }
                    if stand.0.introduction.is_empty() {
                        p { class: "aside", {l.tr("own-stand-no-introduction")} }
                    } else {
                        p { class: "told-text", "{stand.0.introduction}" }
                    }
                }
            }
        };
    }
    rsx! {
        SubPage {
            test: "stand",
            title: l.tr("office-stand"),
            subtitle: stand.0.fair_title.clone(),
            onback,
            unsaved: changed,
            foot: rsx! {
                Button {
                    test: "stand-save",
                    label: l.tr("form-save"),
                    busy: sent.busy("stand"),
                    disabled: !changed || !fits,
                    onpress: move |()| {
                        sent.clear();
                        let edit = edit.peek().clone();
                        sent.send("stand", Intent::Office(OfficeIntent::SaveStand { fair, edit }));
                    },
                }
            },
            FormProblem { problem: sent.problem() }
            if sent.done("stand") && !changed {
                p { class: "callout good", role: "status", "data-test": "form-done",
                    Icon { glyph: Glyph::Check }
                    span { {l.tr("own-stand-saved")} }
                }
            }
            div { class: "stack",
                Line {
                    test: "stand-short",
                    label: l.tr("own-stand-short"),
                    placeholder: stand.0.name.clone(),
                    initial: first.short.clone(),
                    limit: SHORT_MAX_CHARS,
                    remark: l.tr("own-stand-short-hint"),
                    oninput: move |text| edit.write().short = text,
                }
                Area {
                    test: "stand-introduction",
                    label: l.tr("own-stand-introduction"),
                    placeholder: l.tr("own-stand-introduction-example"),
                    initial: first.introduction.clone(),
                    rows: 10,
                    limit: INTRODUCTION_MAX_CHARS,
                    oninput: move |text| edit.write().introduction = text,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_within_their_limits_can_be_saved() {
        let edit = |short: usize, introduction: usize| StandEdit {
            short: "短".repeat(short),
            introduction: "长".repeat(introduction),
        };
        assert!(fits(&edit(SHORT_MAX_CHARS, INTRODUCTION_MAX_CHARS)));
        assert!(!fits(&edit(SHORT_MAX_CHARS + 1, 0)));
        assert!(!fits(&edit(0, INTRODUCTION_MAX_CHARS + 1)));
    }
}
