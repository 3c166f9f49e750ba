//! The network step: what the measuring found, said as what it means for the call; the figures stand small below it.
//! A network that is not good enough brings hints and the hotline, another try, and the way on.

use super::check_in::HotlineCard;
use super::check_steps::checks;
use super::hotline;
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, Kind};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{NetworkCheckView, WhoView};
use miantan_domain::model::{CheckInStep, NetworkFigures, NetworkVerdict, RelayWay};
use miantan_domain::rules::check_in::Hint;
use miantan_domain::rules::network::good_enough;

/// Kilobits a second as people say them: `640 kb/s`, `3.2 Mb/s`.
fn rate(kbps: u32) -> String {
    if kbps < 1_000 {
        format!("{kbps} kb/s")
    } else {
        format!("{}.{} Mb/s", kbps / 1_000, kbps % 1_000 / 100)
    }
}

/// Name and value of each figure; what could not be measured is left out.
fn figures(l: Lang, figures: &NetworkFigures) -> Vec<(String, String)> {
    let round_trip = figures.round_trip_ms.map(|ms| (l.tr("network-round-trip"), format!("{ms} ms")));
    let loss = figures.loss_percent.filter(|loss| loss.is_finite());
    let loss = loss.map(|percent| (l.tr("network-loss"), format!("{percent:.1} %")));
    let rates = round_trip.is_some().then(|| {
        [(l.tr("network-up"), rate(figures.up_kbps)), (l.tr("network-down"), rate(figures.down_kbps))]
    });
    let relay = match figures.relay {
        RelayWay::Works => Some(l.tr("network-relay-yes")),
        RelayWay::Blocked => Some(l.tr("network-relay-no")),
        RelayWay::NotOffered => None,
    };
    let relay = relay.filter(|_| round_trip.is_some());
    round_trip
        .clone()
        .into_iter()
        .chain(loss)
        .chain(rates.into_iter().flatten())
        .chain(relay.map(|relay| (l.tr("network-relay"), relay)))
        .collect()
}

/// How a verdict looks: its kind for the colour, and its sign.
const fn sign(verdict: NetworkVerdict) -> (&'static str, Glyph) {
    match verdict {
        NetworkVerdict::Good | NetworkVerdict::SmallPicture => ("good", Glyph::Check),
        NetworkVerdict::SoundOnly | NetworkVerdict::Weak => ("warn", Glyph::Warning),
        NetworkVerdict::NoUdp => ("warn", Glyph::Block),
        NetworkVerdict::Unreachable => ("warn", Glyph::WifiOff),
    }
}

#[component]
pub(super) fn NetworkStep() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    match checks().network {
        NetworkCheckView::Idle => rsx! { Measuring { share: 0, line: l.tr("network-idle") } },
        NetworkCheckView::Measuring { ms, of_ms } => {
            let share = ms.saturating_mul(100).checked_div(of_ms).unwrap_or(0).min(100);
            rsx! { Measuring { share, line: l.tr("network-measuring") } }
        }
        NetworkCheckView::Done { figures, verdict } => rsx! { Measured { figures, verdict } },
    }
}

#[component]
fn Measuring(share: u64, line: String) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "step-body", "data-test": "network-measuring",
            div { class: "hero",
                h1 { {l.tr("network-title")} }
                p { {l.tr("network-line")} }
            }
            div { class: "stage-art",
                svg {
                    class: "dial",
                    view_box: "0 0 120 120",
                    role: "progressbar",
                    "aria-label": l.tr("network-title"),
                    "aria-valuemin": "0",
                    "aria-valuemax": "100",
                    "aria-valuenow": "{share}",
                    circle { class: "line", cx: "60", cy: "60", r: "56" }
                    circle { class: "ring", cx: "60", cy: "60", r: "56", "pathLength": "100", stroke_dasharray: "{share} 200" }
                }
                div { class: "disc", Icon { glyph: Glyph::Wifi } }
            }
            p { class: "state-line", role: "status", "{line}" }
        }
    }
}

#[component]
fn Measured(figures: NetworkFigures, verdict: NetworkVerdict) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let (kind, glyph) = sign(verdict);
    let (title, more) = words::network(l, verdict);
    let enough = good_enough(verdict);
    let step = CheckInStep::Network;
    let hinted = match &view.who {
        WhoView::Candidate(candidate) => !candidate.check_in.hints.is_empty(),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Recruiter(_) => false,
    };
    rsx! {
        div { class: "step-body", "data-test": "network-done",
            div { class: "hero",
                h1 { {l.tr("network-title")} }
                p { {l.tr("network-line")} }
            }
            section { class: "card verdict", role: "status", "data-kind": kind, "data-test": "network-{verdict:?}",
                span { class: "place-icon", Icon { glyph } }
                h2 { "{title}" }
                p { class: "more", "{more}" }
                dl { class: "figures-line",
                    for (name , value) in self::figures(l, &figures) {
                        div { key: "{name}",
                            dt { "{name}" }
                            dd { class: "figures", "{value}" }
                        }
                    }
                }
            }
            if !enough {
                div { class: "network-help",
                    for hint in Hint::of(step).iter().copied().filter(|hint| *hint != Hint::Hotline) {
                        div { key: "{hint:?}", class: "card row",
                            span { class: "row-icon", Icon { glyph: Glyph::Wifi } }
                            span { class: "row-text",
                                span { class: "row-title", {words::hint(l, hint, step).0} }
                                span { class: "row-more", {words::hint(l, hint, step).1} }
                            }
                        }
                    }
                    HotlineCard { number: hotline(&view), more: words::hint(l, Hint::Hotline, step).1 }
                }
            }
        }
        footer { class: "step-actions",
            if enough {
                Button {
                    test: "check-yes",
                    label: l.tr("network-on"),
                    onpress: move |()| hall.send(Intent::CheckPassed(step)),
                }
                Button {
                    test: "check-retry",
                    label: l.tr("network-again"),
                    kind: Kind::Plain,
                    onpress: move |()| hall.send(Intent::CheckRetry(step)),
                }
            } else {
                Button {
                    test: "check-retry",
                    label: l.tr("network-again"),
                    onpress: move |()| hall.send(Intent::CheckRetry(step)),
                }
                Button {
                    test: "check-anyway",
                    label: l.tr("network-anyway"),
                    kind: Kind::Secondary,
                    onpress: move |()| {
                        // The hints have been read here: "cannot" would only show them again.
                        if !hinted {
                            hall.send(Intent::CheckCannot(step));
                        }
                        hall.send(Intent::CheckGoOnAnyway(step));
                    },
                }
                p { class: "aside", {l.tr("check-anyway-more")} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: NetworkFigures = NetworkFigures {
        round_trip_ms: Some(38),
        loss_percent: Some(0.3),
        up_kbps: 3_240,
        down_kbps: 640,
        relay: RelayWay::Works,
    };

    #[test]
    fn figures_are_said_as_far_as_they_are_known() {
        let said =
            |of: NetworkFigures| figures(Lang::En, &of).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        assert_eq!(said(FULL), ["38 ms", "0.3 %", "3.2 Mb/s", "640 kb/s", "works"]);
        let no_udp = NetworkFigures { loss_percent: None, relay: RelayWay::Blocked, ..FULL };
        assert_eq!(said(no_udp), ["38 ms", "3.2 Mb/s", "640 kb/s", "blocked"]);
        let direct = NetworkFigures { relay: RelayWay::NotOffered, ..no_udp };
        assert_eq!(said(direct), ["38 ms", "3.2 Mb/s", "640 kb/s"]);
        assert!(said(NetworkFigures { round_trip_ms: None, loss_percent: None, ..FULL }).is_empty());
    }
}
