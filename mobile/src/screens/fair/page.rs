//! A fair's page: what it is, then its exhibitors.

use super::list::phase_class;
use super::share::ShareSheet;
use super::stands::{Finder, Stands};
use super::window::use_cards;
use super::{ask, fair_open, phase, words};
use crate::bridge::{Hall, Way, use_hall};
use crate::parts::{Button, FailedPart, Glyph, Icon, IconButton, Kind, LoadingPart, TopBar};
use crate::screens::{HomeTab, WorkTab};
use dioxus::prelude::*;
use miantan_client::intent::FairIntent;
use miantan_client::view::{Loadable, WhoView};
use miantan_domain::model::FairPage;
use std::sync::Arc;

/// Longer introductions are folded, in characters.
const FOLD_CHARS: usize = 120;
/// … or in lines.
const FOLD_LINES: usize = 5;

fn is_long(text: &str) -> bool {
    text.chars().count() > FOLD_CHARS || text.lines().count() > FOLD_LINES
}

#[component]
pub fn FairPageView() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut sharing = use_signal(|| false);
    let cards = use_cards();
    let Some(open) = fair_open(&view) else { return rsx! {} };
    let fair = open.fair;
    let page = match &open.page {
        Loadable::Ready(page) => Some(page.clone()),
        Loadable::Loading | Loadable::Failed(_) => None,
    };
    rsx! {
        main {
            class: "screen fair-page",
            "data-test": "fair-page",
            onscroll: move |event| cards.scrolled(event.scroll_top()),
            onresize: move |event| {
                if let Ok(size) = event.get_content_box_size() {
                    cards.resized(size.height);
                }
            },
            div {
                class: "fair-top",
                onresize: move |event| {
                    if let Ok(size) = event.get_border_box_size() {
                        cards.head_resized(size.height);
                    }
                },
                TopBar { onback: move |()| ask(hall, FairIntent::Close),
                    IconButton {
                        test: "share",
                        name: l.tr("fair-share"),
                        glyph: Glyph::Qr,
                        class: "quiet",
                        disabled: page.is_none(),
                        onpress: move |()| sharing.set(true),
                    }
                }
                if open.stale {
                    p { class: "stale-line", role: "status", "data-test": "stale",
                        Icon { glyph: Glyph::WifiOff }
                        {l.tr("fair-stale")}
                    }
                }
                match &open.page {
                    Loadable::Loading => rsx! { LoadingPart {} },
                    Loadable::Failed(problem) => rsx! {
                        FailedPart { problem: problem.clone(), onretry: move |()| ask(hall, FairIntent::Open(fair)) }
                    },
                    Loadable::Ready(page) => rsx! {
                        Head { page: page.clone(), followed: open.followed }
                        h2 { class: "fair-section", {l.tr("fair-exhibitors")} }
                        Finder { search: open.search.clone() }
                    },
                }
            }
            if let Some(page) = &page {
                Stands {
                    cards,
                    stands: open.stands.clone(),
                    search: open.search.clone(),
                    more: open.more,
                    loading_more: open.loading_more,
                    phase: phase(&page.card, view.wall),
                }
            }
        }
        if let (true, Some(page)) = (sharing(), page) {
            ShareSheet {
                title: page.card.title.clone(),
                link: page.link.clone(),
                onclose: move |()| sharing.set(false),
            }
        }
    }
}

#[component]
fn Head(page: Arc<FairPage>, followed: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let phase = phase(&page.card, view.wall);
    let place = words::place(&page.card);
    let facts = [
        (l.tr("fair-kind"), page.card.kind.clone(), ""),
        (l.tr("fair-when"), words::period(page.card.starts, page.card.ends, hall.offset()), "figures"),
        (l.tr("fair-city"), place, ""),
        (l.tr("fair-venue"), page.venue.clone(), ""),
    ];
    let counts = [
        ("count-employers", l.tr("fair-count-employers"), page.card.employers),
        ("count-positions", l.tr("fair-count-positions"), page.card.positions),
        ("count-followers", l.tr("fair-count-followers"), page.followers),
    ];
    rsx! {
        div { class: "fair-head",
            div { class: "fair-card-top",
                span { class: phase_class(phase), {words::phase(l, phase)} }
                span { class: "over figures", "data-test": "views",
                    {l.tr_with("fair-views", &[("n", page.views.into())])}
                }
            }
            h1 { "{page.card.title}" }
        }
        dl { class: "card fair-counts",
            for (test , name , count) in counts {
                div { key: "{test}",
                    dd { class: "figures", "data-test": test, "{count}" }
                    dt { "{name}" }
                }
            }
        }
        div { class: "fair-actions",
            Button {
                test: "follow",
                label: if followed { l.tr("fair-followed") } else { l.tr("fair-follow") },
                kind: Kind::Secondary,
                glyph: if followed { Glyph::Check } else { Glyph::Heart },
                onpress: move |()| ask(hall, FairIntent::Follow(!followed)),
            }
            Button {
                test: "hall",
                label: l.tr("fair-hall"),
                kind: Kind::Secondary,
                glyph: Glyph::Chat,
                onpress: move |()| to_hall(hall),
            }
        }
        dl { class: "card fair-facts",
            for (name , value , class) in facts.into_iter().filter(|(_, value, _)| !value.trim().is_empty()) {
                div { key: "{name}",
                    dt { "{name}" }
                    dd { class, "{value}" }
                }
            }
            if !matches!(view.who, WhoView::Account(_) | WhoView::Candidate(_)) {
                button {
                    r#type: "button",
                    class: "fair-register",
                    "data-test": "register",
                    onclick: {
                        let fair = page.card.id;
                        let mut hall = hall;
                        move |_| hall.way.set(Way::Register(fair))
                    },
                    Icon { glyph: Glyph::Building }
                    span { {l.tr("fair-register")} }
                    Icon { glyph: Glyph::Forward }
                }
            }
        }
        if !page.introduction.trim().is_empty() {
            Introduction { text: page.introduction.clone() }
        }
    }
}

/// 洽谈面试大厅: through the employer's sign-in where nobody is in, and nowhere else in between.
fn to_hall(mut hall: Hall) {
    match &hall.peek_view().who {
        WhoView::SignedOut { .. } => hall.way.set(Way::Employer),
        WhoView::Account(_) | WhoView::Candidate(_) => hall.home_tab.set(HomeTab::Talks),
        WhoView::Recruiter(_) => {
            hall.work_tab.set(WorkTab::Rounds);
            hall.way.set(Way::Start);
        }
    }
}

#[component]
fn Introduction(text: String) -> Element {
    let l = use_hall().lang();
    let mut unfolded = use_signal(|| false);
    let long = is_long(&text);
    rsx! {
        section { class: "card fair-introduction",
            h2 { {l.tr("fair-introduction")} }
            div { class: "fair-text", "data-folded": long && !unfolded(), "data-test": "introduction",
                for (at , paragraph) in words::paragraphs(&text).into_iter().enumerate() {
                    p { key: "{at}", "{paragraph}" }
                }
            }
            if long {
                button {
                    r#type: "button",
                    class: "fair-unfold",
                    "data-test": "unfold",
                    "aria-expanded": unfolded(),
                    onclick: move |_| unfolded.toggle(),
                    {if unfolded() { l.tr("fair-fold") } else { l.tr("fair-unfold") }}
                    Icon { glyph: Glyph::Down }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_introductions_are_folded() {
        assert!(!is_long("尊敬的用人单位：\n\n欢迎参加。"));
        assert!(is_long(&"字".repeat(FOLD_CHARS + 1)));
        assert!(is_long("1\n2\n3\n4\n5\n6"));
    }
}
