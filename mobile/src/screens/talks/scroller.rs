//! The rows of the list and their scrolling: where it was left is where it begins, and what comes in above what is
//! visible does not move it.

use super::list::Heads;
use super::row::TalkRow;
use super::times::DAY_MS;
use crate::bridge::use_hall;
use crate::parts::{ROW_GUESS, Rows, Spinner, moved, use_field_id, use_rows};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_domain::ids::ConversationId;
use miantan_domain::time::WallTime;
use std::sync::Arc;

/// More is loaded when so many rows are left below.
const MORE_BEFORE: usize = 24;

/// How many rows the list was scrolled down when it was left.
static LEFT_AT: GlobalSignal<f64> = Signal::global(|| 0.0);

/// Sets where an element is scrolled to; what it needs may not be in the page yet.
fn scroll_to(id: &str, top: f64, by: bool) {
    document::eval(&format!(
        r"
        const list = document.getElementById('{id}');
        let tries = 0;
        const goal = list ? ({by} ? list.scrollTop : 0) + {top} : 0;
        const go = () => {{
            if (!list || !list.isConnected) return;
            list.scrollTop = goal;
            tries += 1;
            if (Math.abs(list.scrollTop - goal) > 1 && tries < 20) requestAnimationFrame(go);
        }};
        go();
        "
    ));
}

#[component]
pub fn Scroller(heads: Heads, more: bool, loading: bool, onmark: EventHandler<ConversationId>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let id = use_field_id();
    let mut rows = use_rows(LEFT_AT.peek().max(0.0) * ROW_GUESS);
    stay(&heads, rows, &id);
    let count = heads.len();
    let window = rows.window(count);
    // What is asked for once is not asked for again until more came.
    let mut asked = use_hook(|| CopyValue::new(0_usize));
    if more && !loading && window.end + MORE_BEFORE >= count && *asked.peek() != count {
        asked.set(count);
        hall.send(Intent::Talk(TalkIntent::More));
    }
    // Rows say "today": they are drawn anew when the day changes, not each second.
    let today = WallTime(hall.wall().0.div_euclid(DAY_MS / 24) * (DAY_MS / 24));
    let ruler = id.clone();
    rsx! {
        div {
            class: "talk-scroll",
            id: "{id}",
            "data-test": "talk-list",
            onscroll: move |event| {
                rows.scrolled(event.scroll_top());
                let left = event.scroll_top() / rows.pixels(1).max(1.0);
                *LEFT_AT.write() = left;
            },
            onresize: move |event| {
                if let Ok(size) = event.get_content_box_size() {
                    rows.resized(size.height);
                }
            },
            div {
                class: "talk-row talk-ruler",
                "aria-hidden": "true",
                onresize: move |event| {
                    if let Ok(size) = event.get_border_box_size()
                        && let Some(top) = rows.measured(size.height)
                        && top > 0.5
                    {
                        scroll_to(&ruler, top, false);
                    }
                },
            }
            ul { class: "talk-rows", "aria-label": l.tr("talks"), style: "height:{rows.total(count)}px",
                for at in window {
                    li {
                        key: "{heads[at].id}",
                        "aria-setsize": count,
                        "aria-posinset": at + 1,
                        style: "transform:translateY({rows.offset(at)}px)",
                        TalkRow { head: heads[at].clone(), today, onmark: move |id| onmark.call(id) }
                    }
                }
            }
            if loading {
                div { class: "talk-loading", role: "status",
                    Spinner {}
                    {l.tr("loading")}
                }
            }
        }
    }
}

/// Rows that came in above what is visible do not move it.
fn stay(heads: &Heads, rows: Rows, id: &str) {
    let mut before = use_hook(|| CopyValue::new(heads.clone()));
    let old = before.peek().clone();
    if Arc::ptr_eq(&old, heads) {
        return;
    }
    before.set(heads.clone());
    let first = rows.first_visible();
    if first == 0 {
        return;
    }
    let ids = |heads: &Heads| heads.iter().map(|head| head.id).collect::<Vec<_>>();
    let by = moved(&ids(&old), &ids(heads), first);
    if by != 0 {
        scroll_to(id, rows.pixels(by), true);
    }
}
