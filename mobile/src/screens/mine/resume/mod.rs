//! The online résumé in the editor: an overview, a page for each part, the preview as recruiters see it, and the choice
//! when it was changed on another device. Every key goes to the session, which keeps it on the device at once.

mod basics;
mod conflict;
mod draft;
mod overview;
mod periods;
mod preview;
mod short;

use super::mine;
use crate::bridge::{Hall, use_hall};
use crate::i18n::Lang;
use crate::parts::{Glyph, Icon, SubPage};
use crate::words;
use dioxus::prelude::*;
use draft::{Draft, Periods, Removed};
use miantan_client::view::SaveState;
use miantan_client::{Intent, intent::AccountIntent};
use std::time::Duration;

/// How long something that was removed can be brought back.
const UNDO_FOR: Duration = Duration::from_secs(8);

/// A page of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Overview,
    Basics,
    Periods(Periods),
    Skills,
    About,
    Preview,
    Conflict,
}

/// What all pages of the editor share. Cheap to copy.
#[derive(Clone, Copy)]
struct Desk {
    hall: Hall,
    draft: Signal<Draft>,
    part: Signal<Part>,
    /// What was removed last, with a running number.
    removed: Signal<Option<(u64, Removed)>>,
    removals: Signal<u64>,
}

fn use_desk() -> Desk {
    use_context()
}

impl Desk {
    fn go(mut self, part: Part) {
        self.part.set(part);
    }

    /// Changes the draft and hands it to the session.
    fn edit<T>(mut self, with: impl FnOnce(&mut Draft) -> T) -> T {
        let mut draft = self.draft.write();
        let made = with(&mut draft);
        let doc = draft.changed();
        drop(draft);
        self.hall.send(Intent::Account(AccountIntent::EditResume(Box::new(doc))));
        made
    }

    /// Removes something, which can be brought back for a while.
    fn remove(mut self, with: impl FnOnce(&mut Draft) -> Option<Removed>) {
        let Some(removed) = self.edit(with) else { return };
        let number = *self.removals.peek() + 1;
        self.removals.set(number);
        self.removed.set(Some((number, removed)));
        spawn(async move {
            tokio::time::sleep(UNDO_FOR).await;
            if self.removed.peek().as_ref().is_some_and(|(of, _)| *of == number) {
                self.removed.set(None);
            }
        });
    }

    fn put_back(mut self) {
        if let Some((_, removed)) = self.removed.take() {
            self.edit(|draft| draft.put_back(removed));
        }
    }
}

/// How far the words are, under each page's title.
fn saved(l: Lang, state: &SaveState) -> String {
    match state {
        SaveState::Saved => l.tr("save-saved"),
        SaveState::OnDevice => l.tr("save-device"),
        SaveState::Saving => l.tr("save-saving"),
        SaveState::Conflict { .. } => l.tr("save-conflict"),
        SaveState::Failed(_) => l.tr("save-failed"),
    }
}

#[component]
pub(super) fn Resume(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let desk = use_hook(|| {
        let mut draft = Draft::default();
        if let Some(doc) = mine(&hall.peek_view()).and_then(|mine| mine.resume.doc.clone()) {
            draft.take_in(&doc);
        }
        provide_context(Desk {
            hall,
            draft: Signal::new(draft),
            part: Signal::new(Part::Overview),
            removed: Signal::new(None),
            removals: Signal::new(0),
        })
    });
    use_hook(move || {
        if mine(&hall.peek_view()).is_some_and(|mine| mine.resume.doc.is_none()) {
            hall.send(Intent::Account(AccountIntent::LoadResume));
        }
    });
    use_effect(move || {
        let view = hall.view();
        if let Some(doc) = mine(&view).and_then(|mine| mine.resume.doc.clone()) {
            let mut signal = desk.draft;
            // Looked at first: an echo must not draw the page again.
            let mut draft = signal.peek().clone();
            let fresh = draft.take_in(&doc);
            if fresh || draft.doc.resume.photo != signal.peek().doc.resume.photo {
                signal.set(draft);
            }
        }
    });
    let part = *desk.part.read();
    match part {
        Part::Overview => rsx! { overview::Overview { onback } },
        Part::Basics => rsx! { basics::Basics {} },
        Part::Periods(of) => rsx! { periods::PeriodsPage { education: of == Periods::Education } },
        Part::Skills => rsx! { short::Skills {} },
        Part::About => rsx! { short::About {} },
        Part::Preview => rsx! { preview::Preview {} },
        Part::Conflict => rsx! { conflict::Conflict {} },
    }
}

/// A page of one part: its title, how far the words are, what stands in the way of saving, and undo.
#[component]
fn PartPage(
    test: String,
    title: String,
    #[props(default)] onback: Option<EventHandler<()>>,
    #[props(default)] foot: Option<Element>,
    children: Element,
) -> Element {
    let desk = use_desk();
    let hall = desk.hall;
    let l = hall.lang();
    let view = hall.view();
    let Some(mine) = mine(&view) else { return rsx! {} };
    let state = mine.resume.saved.clone();
    let undo = desk.removed.read().is_some();
    rsx! {
        SubPage {
            test,
            title,
            onback: move |()| match onback {
                Some(onback) => onback.call(()),
                None => desk.go(Part::Overview),
            },
            foot: rsx! {
                if undo {
                    div { class: "undo", role: "status", "data-test": "undo",
                        span { {l.tr("removed")} }
                        button {
                            r#type: "button",
                            class: "button plain small",
                            "data-test": "undo-go",
                            onclick: move |_| desk.put_back(),
                            {l.tr("undo")}
                        }
                    }
                }
                {foot}
            },
            p { class: "save-state {save_class(&state)}", role: "status", "aria-live": "polite", "data-test": "save-state",
                span { class: "save-dot", "aria-hidden": "true" }
                {saved(l, &state)}
            }
            match &state {
                SaveState::Conflict { .. } => rsx! {
                    button {
                        r#type: "button",
                        class: "callout warn leads",
                        "data-test": "conflict-open",
                        onclick: move |_| desk.go(Part::Conflict),
                        Icon { glyph: Glyph::Warning }
                        span { {l.tr("conflict-open")} }
                        Icon { glyph: Glyph::Forward }
                    }
                },
                SaveState::Failed(problem) => rsx! {
                    p { class: "callout bad", role: "alert", "data-test": "save-problem",
                        Icon { glyph: Glyph::Warning }
                        span { {words::problem(l, problem.code)} }
                    }
                },
                SaveState::Saved | SaveState::OnDevice | SaveState::Saving => rsx! {},
            }
            {children}
        }
    }
}

const fn save_class(state: &SaveState) -> &'static str {
    match state {
        SaveState::Saved => "saved",
        SaveState::OnDevice | SaveState::Conflict { .. } => "device",
        SaveState::Saving => "saving",
        SaveState::Failed(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::wire::{Problem, ProblemCode};

    #[test]
    fn every_state_of_saving_has_its_own_words() {
        for l in Lang::ALL {
            let all = [
                SaveState::Saved,
                SaveState::OnDevice,
                SaveState::Saving,
                SaveState::Conflict { theirs: Box::default() },
                SaveState::Failed(Problem::from(ProblemCode::ResumeTooLong)),
            ];
            let words: std::collections::BTreeSet<_> = all.iter().map(|state| saved(l, state)).collect();
            assert_eq!(words.len(), all.len());
        }
    }
}
