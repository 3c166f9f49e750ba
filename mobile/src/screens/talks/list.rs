//! 洽谈大厅: all applicants with their newest message (T1), or a candidate's conversations. Ten thousand rows scroll: only
//! those near the visible part stand in the page.

use super::marks::MarkSheet;
use super::scroller::Scroller;
use super::words;
use crate::bridge::{Hall, use_hall};
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, IconButton, Kind};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::{TalkFilter, WhoView};
use miantan_domain::ids::{ConversationId, PositionId};
use miantan_domain::model::{Mark, TalkHead};
use miantan_domain::wire::rest::TalkCounts;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A search begins when nothing was typed for so long.
const SEARCH_AFTER: Duration = Duration::from_millis(180);

pub type Heads = Arc<Vec<Arc<TalkHead>>>;

/// A chip over the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chip {
    All,
    Unread,
    Marked(Mark),
}

impl Chip {
    const RECRUITER: [Self; 6] = [
        Self::All,
        Self::Unread,
        Self::Marked(Mark::Unmarked),
        Self::Marked(Mark::Shortlisted),
        Self::Marked(Mark::Qualified),
        Self::Marked(Mark::Eliminated),
    ];
    /// Candidates have no marks.
    const CANDIDATE: [Self; 2] = [Self::All, Self::Unread];

    fn of(filter: &TalkFilter) -> Self {
        match filter.mark {
            Some(mark) => Self::Marked(mark),
            None if filter.unread => Self::Unread,
            None => Self::All,
        }
    }

    fn set(self, filter: TalkFilter) -> TalkFilter {
        let (mark, unread) = match self {
            Self::All => (None, false),
            Self::Unread => (None, true),
            Self::Marked(mark) => (Some(mark), false),
        };
        TalkFilter { mark, unread, ..filter }
    }

    const fn count(self, counts: &TalkCounts) -> u32 {
        match self {
            Self::All => counts.all,
            Self::Unread => counts.unread,
            Self::Marked(Mark::Unmarked) => counts.unmarked,
            Self::Marked(Mark::Shortlisted) => counts.shortlisted,
            Self::Marked(Mark::Qualified) => counts.qualified,
            Self::Marked(Mark::Eliminated) => counts.eliminated,
        }
    }

    fn label(self, l: Lang) -> String {
        match self {
            Self::All => l.tr("talk-all"),
            Self::Unread => l.tr("talk-unread"),
            Self::Marked(mark) => words::mark(l, mark),
        }
    }

    const fn test(self) -> &'static str {
        match self {
            Self::All => "filter-all",
            Self::Unread => "filter-unread",
            Self::Marked(Mark::Unmarked) => "filter-unmarked",
            Self::Marked(Mark::Shortlisted) => "filter-shortlisted",
            Self::Marked(Mark::Qualified) => "filter-qualified",
            Self::Marked(Mark::Eliminated) => "filter-eliminated",
        }
    }
}

fn filter(hall: Hall, filter: TalkFilter) {
    hall.send(Intent::Talk(TalkIntent::Filter(filter)));
}

#[component]
pub fn TalkList() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let list = &view.talk.list;
    let recruiter = matches!(view.who, WhoView::Recruiter(_));
    let mut marking = use_signal(|| None::<ConversationId>);
    let marked = marking().and_then(|id| list.heads.iter().find(|head| head.id == id).cloned());
    rsx! {
        main { class: "screen talk-hall",
            header { class: "talk-top",
                h1 { {if recruiter { l.tr("talk-hall") } else { l.tr("talks") }} }
                IconButton {
                    test: "settings",
                    name: l.tr("settings"),
                    glyph: Glyph::Gear,
                    class: "quiet",
                    onpress: move |()| hall.open_settings(),
                }
            }
            Finder { filter: list.filter.clone(), heads: list.heads.clone(), recruiter }
            Chips { filter: list.filter.clone(), counts: list.counts, recruiter }
            if let Some(problem) = &list.problem {
                div { class: "callout warn talk-problem", role: "alert", "data-test": "talk-problem",
                    Icon { glyph: Glyph::Warning }
                    span {
                        {crate::words::problem(l, problem.code)}
                        if !list.heads.is_empty() {
                            " "
                            {l.tr("talk-from-device")}
                        }
                    }
                    Button {
                        test: "talk-reload",
                        label: l.tr("retry"),
                        kind: Kind::Plain,
                        small: true,
                        onpress: move |()| hall.send(Intent::Talk(TalkIntent::Reload)),
                    }
                }
            }
            if list.heads.is_empty() {
                Nothing { loading: list.loading, filtered: list.filter != TalkFilter::default(), recruiter }
            } else {
                Scroller { heads: list.heads.clone(), more: list.more, loading: list.loading, onmark: move |id| marking.set(Some(id)) }
            }
        }
        if let Some(head) = marked {
            MarkSheet { head, onclose: move |()| marking.set(None) }
        }
    }
}

/// Search and, for recruiters, the position.
#[component]
fn Finder(filter: TalkFilter, heads: Heads, recruiter: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut turn = use_signal(|| 0_u32);
    let start = use_hook(|| filter.text.clone());
    // Positions seen since the list was opened: a filter must not empty its own choices.
    let mut known = use_hook(|| CopyValue::new(BTreeMap::<PositionId, String>::new()));
    if recruiter {
        let mut known = known.write();
        for application in heads.iter().flat_map(|head| &head.applications) {
            known.entry(application.position).or_insert_with(|| application.title.clone());
        }
    }
    let positions: Vec<(PositionId, String)> =
        known.read().iter().map(|(id, title)| (*id, title.clone())).collect();
    let chosen = filter.position.map(|id| id.to_string()).unwrap_or_default();
    rsx! {
        div { class: "talk-finder",
            label { class: "search-field",
                Icon { glyph: Glyph::Search }
                input {
                    r#type: "search",
                    "data-test": "talk-search",
                    "aria-label": if recruiter { l.tr("talk-search-recruiter") } else { l.tr("talk-search-candidate") },
                    placeholder: if recruiter { l.tr("talk-search-recruiter") } else { l.tr("talk-search-candidate") },
                    autocomplete: "off",
                    spellcheck: "false",
                    enterkeyhint: "search",
                    initial_value: "{start}",
                    oninput: move |event| {
                        turn += 1;
                        let mine = *turn.peek();
                        let text = event.value().trim().to_owned();
                        spawn(async move {
                            tokio::time::sleep(SEARCH_AFTER).await;
                            if *turn.peek() == mine {
                                let now = hall.peek_view().talk.list.filter.clone();
                                self::filter(hall, TalkFilter { text, ..now });
                            }
                        });
                    },
                }
            }
            if positions.len() > 1 || filter.position.is_some() {
                label { class: "position-filter",
                    span { class: "unseen", {l.tr("talk-position")} }
                    select {
                        "data-test": "talk-position",
                        value: "{chosen}",
                        onchange: move |event| {
                            let position = known
                                .peek()
                                .keys()
                                .find(|id| id.to_string() == event.value())
                                .copied();
                            let now = hall.peek_view().talk.list.filter.clone();
                            self::filter(hall, TalkFilter { position, ..now });
                        },
                        option { value: "", selected: chosen.is_empty(), {l.tr("talk-position-all")} }
                        for (id , title) in positions {
                            option { key: "{id}", value: "{id}", selected: chosen == id.to_string(), "{title}" }
                        }
                    }
                    Icon { glyph: Glyph::Down }
                }
            }
        }
    }
}

#[component]
fn Chips(filter: TalkFilter, counts: TalkCounts, recruiter: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let chosen = Chip::of(&filter);
    let chips = if recruiter { Chip::RECRUITER.as_slice() } else { Chip::CANDIDATE.as_slice() };
    rsx! {
        div { class: "talk-chips", role: "radiogroup", "aria-label": l.tr("talk-filter"),
            for chip in chips.iter().copied() {
                button {
                    key: "{chip:?}",
                    r#type: "button",
                    role: "radio",
                    class: "pick-chip",
                    "data-test": chip.test(),
                    "aria-checked": chip == chosen,
                    onclick: move |_| {
                        let now = hall.peek_view().talk.list.filter.clone();
                        self::filter(hall, chip.set(now));
                        document::eval(
                            "document.activeElement?.scrollIntoView({ inline: 'center', block: 'nearest', behavior: 'smooth' })",
                        );
                    },
                    {chip.label(l)}
                    span { class: "chip-count figures", "{chip.count(&counts)}" }
                }
            }
        }
    }
}

#[component]
fn Nothing(loading: bool, filtered: bool, recruiter: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    if loading {
        return rsx! {
            div { class: "talk-skeleton", role: "status", "aria-label": l.tr("loading"),
                for n in 0..6 {
                    div { key: "{n}", class: "skeleton-row", "aria-hidden": "true",
                        span { class: "skeleton-disc" }
                        span { class: "skeleton-lines",
                            span {}
                            span {}
                        }
                    }
                }
            }
        };
    }
    if filtered {
        return rsx! {
            div { class: "empty", role: "status",
                Icon { glyph: Glyph::Search }
                p { {l.tr("talk-none-found")} }
                Button {
                    test: "filter-clear",
                    label: l.tr("talk-filter-clear"),
                    kind: Kind::Secondary,
                    small: true,
                    onpress: move |()| filter(hall, TalkFilter::default()),
                }
            }
        };
    }
    rsx! {
        div { class: "empty",
            Icon { glyph: Glyph::Chat }
            p { {if recruiter { l.tr("talk-none-recruiter") } else { l.tr("talk-none-candidate") }} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_changes_only_its_own_part_of_the_filter() {
        let filter = TalkFilter { text: "林".into(), ..TalkFilter::default() };
        for chip in Chip::RECRUITER {
            let set = chip.set(filter.clone());
            assert_eq!(set.text, "林");
            assert_eq!(Chip::of(&set), chip);
        }
        let counts =
            TalkCounts { all: 10, unread: 1, unmarked: 4, shortlisted: 3, qualified: 2, eliminated: 1 };
        assert_eq!(Chip::RECRUITER.map(|chip| chip.count(&counts)), [10, 1, 4, 3, 2, 1]);
    }
}
