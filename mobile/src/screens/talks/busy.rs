//! What is taken on a day (of both sides, never whose it is), as a strip, with the time at hand.

use super::times::MINUTE_MS;
use crate::bridge::use_hall;
use crate::format::span;
use crate::parts::Spinner;
use dioxus::prelude::*;
use miantan_domain::model::InvitationTerms;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::Busy;
use std::sync::Arc;

/// The part of the day that the strip shows, in hours.
const STRIP: (i64, i64) = (8, 21);

/// Where a time lies on the strip, as from and to in percent; `None`: not on it.
#[allow(clippy::cast_precision_loss, reason = "within one day")]
fn on_strip(day: WallTime, from: WallTime, to: WallTime) -> Option<(f64, f64)> {
    let (first, last) = (STRIP.0 * 60 * MINUTE_MS, STRIP.1 * 60 * MINUTE_MS);
    let share =
        |at: WallTime| ((at.0 - day.0).clamp(first, last) - first) as f64 / (last - first) as f64 * 100.0;
    let (from, to) = (share(from), share(to));
    (to > from).then_some((from, to))
}

/// What is taken on that day, and the time at hand.
#[component]
pub fn Strip(
    day: Option<(WallTime, WallTime)>,
    terms: Option<InvitationTerms>,
    busy: Arc<Vec<Busy>>,
    loading: bool,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let offset = hall.offset();
    let Some((from, _)) = day else { return rsx! {} };
    let chosen = terms.and_then(|terms| on_strip(from, terms.starts, terms.ends()));
    let said: Vec<String> = busy
        .iter()
        .map(|taken| {
            let who = if taken.candidate { l.tr("busy-candidate") } else { l.tr("busy-own") };
            format!("{who} {}", span(taken.from, taken.to, offset))
        })
        .collect();
    let words = if said.is_empty() { l.tr("busy-none") } else { said.join("、") };
    rsx! {
        div { class: "form-part", "data-test": "busy",
            p { class: "form-label",
                {l.tr("busy")}
                if loading {
                    Spinner {}
                }
            }
            div { class: "busy-strip", role: "img", "aria-label": words.clone(),
                for taken in busy.iter().copied() {
                    if let Some((left, right)) = on_strip(from, taken.from, taken.to) {
                        span {
                            key: "{taken.from.0}-{taken.candidate}",
                            class: if taken.candidate { "busy-part candidate" } else { "busy-part own" },
                            style: "left:{left:.2}%;width:{right - left:.2}%",
                        }
                    }
                }
                if let Some((left, right)) = chosen {
                    span { class: "busy-chosen", style: "left:{left:.2}%;width:{right - left:.2}%" }
                }
            }
            div { class: "busy-hours figures", "aria-hidden": "true",
                for at in (STRIP.0..=STRIP.1).step_by(4) {
                    span { key: "{at}", style: "left:{(at - STRIP.0) * 100 / (STRIP.1 - STRIP.0)}%", "{at}:00" }
                }
            }
            p { class: "busy-words",
                if said.is_empty() && !loading {
                    "{words}"
                } else {
                    span { class: "busy-key candidate", {l.tr("busy-candidate")} }
                    span { class: "busy-key own", {l.tr("busy-own")} }
                    span { class: "busy-key chosen", {l.tr("busy-chosen")} }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::times::day_span;
    use super::*;
    use time::macros::offset;

    #[test]
    fn the_strip_shows_the_working_day() {
        let (day, _) = day_span("2026-11-25", offset!(+8)).expect("a day");
        let at = |hour: i64| day.after(hour * 60 * MINUTE_MS);
        let (left, right) = on_strip(day, at(8), at(21)).expect("all of it");
        assert!((left - 0.0).abs() < 1e-9 && (right - 100.0).abs() < 1e-9);
        assert!(on_strip(day, at(5), at(7)).is_none());
        let (left, _) = on_strip(day, at(5), at(9)).expect("its end");
        assert!((left - 0.0).abs() < 1e-9);
    }
}
