//! The waiting room (J8, R1–R4): round, flow, place, waited time, texts with the staff, and at the end the outcome.
//! It is shown from the device's store at once, before any network.

use super::notify::NoticeList;
use super::outcome::OutcomeCard;
use super::talks::{TalkSheet, TicketMessages};
use crate::bridge::{Hall, use_hall};
use crate::format::{clock, hour, wait_range, waited};
use crate::i18n::Lang;
use crate::parts::{Button, FlowBar, Glyph, Icon, Kind, Spinner, TopBar};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::WhoView;
use miantan_domain::ids::TicketId;
use miantan_domain::model::{Side, Stage, WaitRange};
use miantan_domain::wire::live::RoomPlace;

#[component]
pub fn WaitingRoom() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut talking = use_signal(|| None);
    let WhoView::Candidate(candidate) = &view.who else { return rsx! {} };
    let stage = candidate.room.as_ref().map_or_else(
        || candidate.round.stages.first().copied().unwrap_or(Stage::Interview),
        |room| room.stage,
    );
    let notes = candidate.room.as_ref().map(|room| room.notes.clone()).unwrap_or_default();
    rsx! {
        main { class: "screen room",
            TopBar {}
            div { class: "round-head",
                h1 { "data-test": "round-name", "{candidate.round.name}" }
                p { "{candidate.round.employer}" }
            }
            FlowBar { stages: candidate.round.stages.clone(), current: stage }
            if let Some(room) = &candidate.room {
                if let Some(announced) = room.announced.clone() {
                    OutcomeCard { announced, pending: candidate.pending.to_vec() }
                } else {
                    Place { place: room.place, stage, number: room.number, ticket: room.ticket, waited_ms: hall.wall().since(room.since), estimate: room.wait }
                }
            } else {
                section { class: "card place", "data-kind": "loading", role: "status",
                    Spinner {}
                    p { {l.tr("room-loading")} }
                }
            }
            if let Some(room) = &candidate.room {
                NoticeList { notices: room.notices.clone() }
            }
            TicketMessages {
                ticket: candidate.ticket,
                mine: Side::Candidate,
                notes,
                pending: candidate.pending.to_vec(),
                onopen: move |conversation| talking.set(Some(conversation)),
            }
        }
        if let Some(conversation) = talking() {
            TalkSheet { conversation, onclose: move |()| talking.set(None) }
        }
    }
}

/// Words of a place: what kind it is (for its colour), a heading, an explanation.
#[derive(Debug, Clone, PartialEq)]
struct PlaceWords {
    kind: &'static str,
    glyph: Glyph,
    title: String,
    more: String,
}

fn place_words(l: Lang, place: RoomPlace, stage: Stage, until: &str) -> PlaceWords {
    let words = |kind, glyph, title, more| PlaceWords { kind, glyph, title, more };
    match (place, stage) {
        (RoomPlace::Waiting { .. }, Stage::Briefing) => {
            words("waiting", Glyph::Megaphone, l.tr("place-briefing"), l.tr("place-briefing-more"))
        }
        (RoomPlace::Waiting { .. } | RoomPlace::Skipped { .. }, Stage::Announcement | Stage::Closed) => {
            words("quiet", Glyph::Info, l.tr("place-over"), l.tr("place-over-more"))
        }
        (RoomPlace::Waiting { ahead: 0 }, Stage::Interview) => {
            words("next", Glyph::Hourglass, l.tr("place-next"), l.tr("place-next-more"))
        }
        (RoomPlace::Waiting { .. }, Stage::Interview) => {
            words("waiting", Glyph::Hourglass, l.tr("place-ahead"), l.tr("place-waiting-more"))
        }
        (RoomPlace::Skipped { .. }, Stage::Briefing | Stage::Interview) => words(
            "warn",
            Glyph::Clock,
            l.tr("place-skipped"),
            l.tr_with("place-skipped-more", &[("until", until.to_owned().into())]),
        ),
        (RoomPlace::InCall { .. }, _) => {
            words("next", Glyph::Phone, l.tr("place-in-call"), l.tr("place-in-call-more"))
        }
        (RoomPlace::CutOff { .. }, _) => {
            words("warn", Glyph::Warning, l.tr("place-cut-off"), l.tr("place-cut-off-more"))
        }
        (RoomPlace::GivenUp, _) => {
            words("quiet", Glyph::Info, l.tr("place-given-up"), l.tr("place-given-up-more"))
        }
        (RoomPlace::Interviewed, _) => {
            words("done", Glyph::Check, l.tr("place-interviewed"), l.tr("place-interviewed-more"))
        }
    }
}

fn until(hall: Hall, place: RoomPlace) -> String {
    match place {
        RoomPlace::Skipped { until, .. } => hour(until, hall.offset()),
        RoomPlace::Waiting { .. }
        | RoomPlace::InCall { .. }
        | RoomPlace::CutOff { .. }
        | RoomPlace::Interviewed
        | RoomPlace::GivenUp => String::new(),
    }
}

#[component]
fn Place(
    place: RoomPlace,
    stage: Stage,
    number: u32,
    ticket: TicketId,
    waited_ms: u64,
    estimate: Option<WaitRange>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let words = place_words(l, place, stage, &until(hall, place));
    let ahead = match place {
        RoomPlace::Waiting { ahead } if ahead > 0 && stage == Stage::Interview => Some(ahead),
        RoomPlace::Waiting { .. }
        | RoomPlace::Skipped { .. }
        | RoomPlace::InCall { .. }
        | RoomPlace::CutOff { .. }
        | RoomPlace::Interviewed
        | RoomPlace::GivenUp => None,
    };
    let waits = matches!(place, RoomPlace::Waiting { .. } | RoomPlace::Skipped { .. });
    // Its place is kept while nothing can be said, so that nothing jumps when something can.
    let estimated = matches!(place, RoomPlace::Waiting { .. }) && stage == Stage::Interview;
    rsx! {
        section { class: "card place", "data-kind": words.kind,
            div { role: "status", "aria-live": "polite", "data-test": "place", class: "place-main",
                if let Some(ahead) = ahead {
                    p { class: "ahead",
                        span { {l.tr("place-before")} }
                        strong { "{ahead}" }
                        span { {l.tr_with("place-people", &[("n", ahead.into())])} }
                    }
                } else {
                    span { class: "place-icon", Icon { glyph: words.glyph } }
                    h2 { "{words.title}" }
                }
                p { class: "more", "{words.more}" }
            }
            if let RoomPlace::CutOff { talked_ms, .. } = place {
                p { class: "talked", {l.tr_with("talked", &[("time", clock(talked_ms).into())])} }
                Button {
                    test: "call-again",
                    label: l.tr("call-again"),
                    glyph: Glyph::Phone,
                    kind: Kind::Go,
                    onpress: move |()| hall.send(Intent::Ring(ticket)),
                }
            }
            dl { class: "facts",
                div {
                    dt { {l.tr("ticket-number")} }
                    dd { "data-test": "ticket-number", "{number}" }
                }
                if waits {
                    div {
                        dt { {l.tr("waited")} }
                        dd { "data-test": "waited", {waited(l, waited_ms)} }
                    }
                }
                if estimated {
                    div { class: "estimate",
                        dt { {l.tr("wait-label")} }
                        dd {
                            "data-test": "estimate",
                            class: if estimate.is_some() { "wait" } else { "unknown" },
                            {wait_range(l, estimate)}
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::CallId;
    use miantan_domain::time::WallTime;

    #[test]
    fn every_place_has_its_own_words() {
        let call = CallId::from_parts(1, &[0; 10]);
        let mut titles = std::collections::BTreeSet::new();
        for place in [
            RoomPlace::Waiting { ahead: 0 },
            RoomPlace::Waiting { ahead: 3 },
            RoomPlace::Skipped { ahead: 1, until: WallTime(0) },
            RoomPlace::InCall { call },
            RoomPlace::CutOff { call, talked_ms: 5 },
            RoomPlace::Interviewed,
        ] {
            let words = place_words(Lang::Zh, place, Stage::Interview, "14:35");
            assert!(titles.insert(words.title.clone()), "{}", words.title);
        }
    }

    #[test]
    fn a_skipped_place_says_until_when_it_is_kept() {
        let place = RoomPlace::Skipped { ahead: 1, until: WallTime(0) };
        for l in Lang::ALL {
            assert!(place_words(l, place, Stage::Interview, "14:35").more.contains("14:35"));
        }
    }

    #[test]
    fn who_waits_after_the_interviews_is_not_told_to_wait_for_a_ring() {
        let waiting = RoomPlace::Waiting { ahead: 0 };
        assert_eq!(place_words(Lang::En, waiting, Stage::Interview, "").kind, "next");
        assert_eq!(place_words(Lang::En, waiting, Stage::Closed, "").kind, "quiet");
        assert_eq!(place_words(Lang::En, waiting, Stage::Briefing, "").kind, "waiting");
    }
}
