//! Today's queue (Q1, Q5): everyone in order with presence and waited time, the next one who is ready, the round's
//! stage, and the announcement of outcomes.

use super::announce::AnnounceSheet;
use super::notify::NotifySheet;
use super::queue_row::{QueueRow, RowOf};
use super::stage::StageSheet;
use super::{queue_of, recruiter};
use crate::bridge::use_hall;
use crate::parts::{
    Avatar, Button, Choice, Glyph, Icon, IconButton, Kind, PresenceMark, Segmented, Spinner, TopBar,
};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{PendingChange, PendingWhat};
use miantan_domain::model::{Outcome, Presence, Stage};
use miantan_domain::rules::round::{RoundState, Ticket, TicketStatus};

/// Which part of the queue is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Waiting,
    Done,
}

/// The tickets of a part: those who wait (and whoever is in a call, first) in queue order; those who are done by
/// their number.
fn part(state: &RoundState, part: Part) -> Vec<&Ticket> {
    match part {
        Part::Waiting => {
            let in_call = state.tickets.values().filter(|t| matches!(t.status, TicketStatus::InCall { .. }));
            let mut shown: Vec<_> = in_call.collect();
            shown.sort_by_key(|ticket| ticket.order_key());
            shown.extend(state.line());
            shown
        }
        Part::Done => {
            let mut shown: Vec<_> =
                state.tickets.values().filter(|t| t.status == TicketStatus::Interviewed).collect();
            shown.sort_by_key(|ticket| ticket.number);
            shown
        }
    }
}

/// Marked suitable or unsuitable, and not announced.
pub(super) fn announceable(state: &RoundState) -> usize {
    let ready = |ticket: &&Ticket| {
        ticket.announced.is_none() && matches!(ticket.outcome, Some(Outcome::Suitable | Outcome::Unsuitable))
    };
    state.tickets.values().filter(ready).count()
}

/// A move of the stage that is on its way.
fn moving(pending: &[PendingChange]) -> bool {
    pending.iter().any(|change| matches!(change.what, PendingWhat::Stage(_)) && change.failed.is_none())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Nothing,
    Stage,
    Announce,
    Notify,
}

#[component]
pub fn Queue() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut shown = use_signal(|| Part::Waiting);
    let mut over = use_signal(|| Over::Nothing);
    let (Some(recruiter), Some(queue)) = (recruiter(&view), queue_of(&view)) else { return rsx! {} };
    let state = queue.state.clone();
    let presence = queue.presence.clone();
    let waiting = part(&state, Part::Waiting).len();
    let done = part(&state, Part::Done).len();
    let rows: Vec<RowOf> = part(&state, shown())
        .into_iter()
        .enumerate()
        .map(|(place, ticket)| RowOf {
            ticket: ticket.clone(),
            place: place + 1,
            presence: presence.get(&ticket.id).copied().unwrap_or_default(),
            outcome: super::call_sheets::marked(ticket, &recruiter.pending),
            waits: shown() == Part::Waiting,
            rule: state.info.identity,
        })
        .collect();
    let next = queue.next.and_then(|next| state.tickets.get(&next)).cloned();
    let interviews = state.stage == Stage::Interview;
    let can_announce = announceable(&state);
    let moving = moving(&recruiter.pending);
    rsx! {
        main { class: "screen queue",
            TopBar {
                title: state.info.name.clone(),
                subtitle: if queue.live { String::new() } else { l.tr("queue-stored") },
                onback: move |()| hall.send(Intent::CloseRound),
            }
            div { class: "queue-tools",
                button {
                    r#type: "button",
                    class: "stage-button",
                    "data-test": "stage-open",
                    "aria-busy": moving,
                    onclick: move |_| over.set(Over::Stage),
                    span { class: "over", {l.tr("stage-now")} }
                    span { class: "stage-name", "data-test": "stage",
                        {words::stage(l, state.stage)}
                    }
                    if moving {
                        Spinner {}
                    } else {
                        Icon { glyph: Glyph::Down }
                    }
                }
                IconButton {
                    test: "notify-open",
                    name: l.tr("notify"),
                    glyph: Glyph::Chat,
                    class: "tool",
                    onpress: move |()| over.set(Over::Notify),
                }
                if can_announce > 0 {
                    Button {
                        test: "announce-open",
                        label: l.tr_with("announce-open", &[("n", can_announce.into())]),
                        glyph: Glyph::Megaphone,
                        kind: if state.stage == Stage::Announcement { Kind::Primary } else { Kind::Secondary },
                        small: true,
                        onpress: move |()| over.set(Over::Announce),
                    }
                }
            }
            Segmented {
                test: "part",
                name: l.tr("queue-part"),
                choices: vec![
                    Choice { value: "waiting".into(), label: l.tr_with("part-waiting", &[("n", waiting.into())]) },
                    Choice { value: "done".into(), label: l.tr_with("part-done", &[("n", done.into())]) },
                ],
                chosen: if shown() == Part::Waiting { "waiting" } else { "done" },
                onchoose: move |value: String| {
                    shown.set(if value == "done" { Part::Done } else { Part::Waiting });
                },
            }
            if rows.is_empty() {
                div { class: "empty",
                    Icon { glyph: if shown() == Part::Waiting { Glyph::Hourglass } else { Glyph::Check } }
                    p {
                        {if shown() == Part::Waiting { l.tr("queue-empty") } else { l.tr("queue-none-done") }}
                    }
                }
            } else {
                ol { class: "card list queue-list",
                    for row in rows {
                        QueueRow { key: "{row.ticket.id}", row }
                    }
                }
            }
            if interviews && shown() == Part::Waiting {
                footer { class: "next-bar",
                    if let Some(next) = next {
                        Avatar { name: next.card.name.clone() }
                        div { class: "row-text",
                            p { class: "over", {l.tr("next")} }
                            p { class: "row-title", "data-test": "next-name", "{next.card.name}" }
                            PresenceMark { lang: l, presence: Presence::Ready }
                        }
                        Button {
                            test: "start-next",
                            label: l.tr("start-interview"),
                            kind: Kind::Go,
                            glyph: Glyph::Phone,
                            small: true,
                            onpress: move |()| hall.send(Intent::Ring(next.id)),
                        }
                    } else {
                        p { class: "nobody", role: "status", {l.tr("next-nobody")} }
                    }
                }
            }
        }
        match over() {
            Over::Nothing => rsx! {},
            Over::Stage => rsx! { StageSheet { onclose: move |()| over.set(Over::Nothing) } },
            Over::Notify => rsx! { NotifySheet { onclose: move |()| over.set(Over::Nothing) } },
            Over::Announce => rsx! { AnnounceSheet { onclose: move |()| over.set(Over::Nothing) } },
        }
    }
}
