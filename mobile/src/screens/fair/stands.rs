//! The exhibitors of a fair: search, cards with their first positions, more as one scrolls.

use super::apply::ApplyButton;
use super::window::Cards;
use super::{Phase, ask, words};
use crate::bridge::use_hall;
use crate::format::salary;
use crate::parts::{Avatar, Button, FailedPart, Glyph, Icon, Kind, LoadingPart, Spinner};
use dioxus::prelude::*;
use miantan_client::intent::FairIntent;
use miantan_client::view::Loadable;
use miantan_domain::model::{PositionCard, StandCard};
use miantan_domain::wire::rest::SEARCH_MAX_CHARS;
use std::sync::Arc;

/// More are asked for when so few cards are left below what is drawn.
const MORE_BEFORE: usize = 8;

#[component]
pub fn Finder(search: String) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let start = use_hook(|| search.clone());
    let mut typed = use_signal(|| start.clone());
    // A new key empties the field.
    let mut emptied = use_signal(|| 0_u32);
    let first = if emptied() == 0 { start } else { String::new() };
    let go = move || ask(hall, FairIntent::Search(typed.peek().trim().to_owned()));
    rsx! {
        div { class: "fair-finder", role: "search",
            label { class: "search-field fair-search",
                Icon { glyph: Glyph::Search }
                for turn in [emptied()] {
                    input {
                        key: "{turn}",
                        r#type: "search",
                        "data-test": "fair-search",
                        "aria-label": l.tr("fair-search"),
                        placeholder: l.tr("fair-search"),
                        maxlength: "{SEARCH_MAX_CHARS}",
                        autocomplete: "off",
                        spellcheck: "false",
                        enterkeyhint: "search",
                        initial_value: "{first}",
                        oninput: move |event| typed.set(event.value()),
                        onkeydown: move |event| if event.key() == Key::Named(NamedKey::Enter) && !event.is_composing() {
                            go();
                        },
                    }
                }
            }
            div { class: "fair-finder-buttons",
                Button { test: "fair-find", label: l.tr("fair-find"), small: true, onpress: move |()| go() }
                Button {
                    test: "fair-reset",
                    label: l.tr("fair-reset"),
                    kind: Kind::Secondary,
                    small: true,
                    disabled: search.is_empty() && typed.read().is_empty(),
                    onpress: move |()| {
                        typed.set(String::new());
                        emptied += 1;
                        ask(hall, FairIntent::Search(String::new()));
                    },
                }
            }
        }
    }
}

#[component]
pub fn Stands(
    cards: Cards,
    stands: Loadable<Arc<Vec<StandCard>>>,
    search: String,
    more: bool,
    loading_more: bool,
    phase: Phase,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut asked = use_hook(|| CopyValue::new(0_usize));
    let mut shown = use_hook(|| CopyValue::new(search.clone()));
    if *shown.peek() != search {
        shown.set(search.clone());
        asked.set(0);
    }
    let stands = match stands {
        Loadable::Loading => return rsx! { LoadingPart {} },
        Loadable::Failed(problem) => {
            return rsx! {
                FailedPart {
                    problem,
                    onretry: move |()| ask(hall, FairIntent::Search(search.clone())),
                }
            };
        }
        Loadable::Ready(stands) => stands,
    };
    if stands.is_empty() {
        return rsx! {
            div { class: "empty", role: "status", "data-test": "no-stands",
                Icon { glyph: Glyph::Search }
                p { {if search.is_empty() { l.tr("fair-no-stands") } else { l.tr_with("fair-none-found", &[("text", search.into())]) }} }
            }
        };
    }
    let drawn = cards.drawn(stands.iter().map(|stand| stand.positions.len()));
    // What was asked for once is not asked for again until more came.
    if more && !loading_more && drawn.cards.end + MORE_BEFORE >= stands.len() && *asked.peek() != stands.len()
    {
        asked.set(stands.len());
        ask(hall, FairIntent::MoreStands);
    }
    rsx! {
        div { class: "stand-cards", "data-test": "stands",
            div { style: "height:{drawn.before}px" }
            for at in drawn.cards.clone() {
                div {
                    key: "{stands[at].employer}",
                    class: "stand-slot",
                    onresize: {
                        let lines = stands[at].positions.len();
                        move |event: ResizeEvent| {
                            if let Ok(size) = event.get_border_box_size() {
                                cards.measured(at, lines, size.height);
                            }
                        }
                    },
                    StandCardView { stand: stands[at].clone(), phase }
                }
            }
            div { style: "height:{drawn.after}px" }
            if loading_more {
                p { class: "fair-more", role: "status",
                    Spinner {}
                    {l.tr("loading")}
                }
            }
        }
    }
}

#[component]
fn StandCardView(stand: StandCard, phase: Phase) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let employer = stand.employer;
    let head = if stand.short.is_empty() { stand.name.clone() } else { stand.short.clone() };
    rsx! {
        article { class: "card stand-card", "data-test": "stand-{employer}",
            button {
                r#type: "button",
                class: "stand-head",
                "data-test": "stand-open-{employer}",
                onclick: move |_| ask(hall, FairIntent::OpenStand(employer)),
                Avatar { name: head.clone() }
                span { class: "row-text",
                    span { class: "row-title", "{head}" }
                    if !stand.short.is_empty() {
                        span { class: "row-more", "{stand.name}" }
                    }
                }
            }
            ul { class: "position-rows",
                for card in stand.positions.iter().cloned() {
                    li { key: "{card.id}", PositionRow { card, employer_name: head.clone(), phase } }
                }
            }
            button {
                r#type: "button",
                class: "stand-all",
                "data-test": "stand-all-{employer}",
                onclick: move |_| ask(hall, FairIntent::OpenStand(employer)),
                span { {l.tr("fair-all-positions")} }
                span { class: "figures stand-count", "{stand.position_count}" }
                Icon { glyph: Glyph::Forward }
            }
        }
    }
}

/// A position with its salary, and 投递简历.
#[component]
pub fn PositionRow(
    card: PositionCard,
    employer_name: String,
    phase: Phase,
    /// With its place and number.
    #[props(default)]
    full: bool,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let id = card.id;
    rsx! {
        div { class: "position-row",
            button {
                r#type: "button",
                class: "position-open",
                "data-test": "position-{id}",
                onclick: move |_| ask(hall, FairIntent::OpenPosition(id)),
                span { class: "position-title", "{card.title}" }
                span { class: "position-pay figures", {salary(l, card.salary)} }
                if full {
                    span { class: "position-about", {words::about_position(l, &card)} }
                }
            }
            ApplyButton { card, employer_name, phase }
        }
    }
}
