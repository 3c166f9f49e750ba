//! After a call: what happened, whether the place is kept, and the next thing to do. A recruiter marks the outcome
//! and goes on to the next one in line (Q5).

use super::call::talked;
use super::call_sheets::Marking;
use super::queue_of;
use super::ring::{name_in_queue, with_whom};
use crate::bridge::use_hall;
use crate::format::clock;
use crate::parts::{Avatar, Button, Glyph, Icon, Kind};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_domain::model::{Side, Stage};
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::call::client::CallStage;

/// Whether calling again is the thing to offer.
fn again(reason: EndReason, side: Side) -> bool {
    match reason {
        EndReason::Lost | EndReason::ConnectFailed | EndReason::LeftByCandidate => true,
        EndReason::Missed | EndReason::Unreachable | EndReason::Declined | EndReason::Cancelled => {
            side == Side::Recruiter
        }
        EndReason::Completed | EndReason::AnsweredElsewhere => false,
    }
}

#[component]
pub fn CallOver() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(call) = view.call.clone() else { return rsx! {} };
    let CallStage::Ended { reason, .. } = call.view.stage else { return rsx! {} };
    let side = call.view.side;
    let recruiter = side == Side::Recruiter;
    let with = with_whom(&view);
    let (title, more) = words::end_reason(l, reason, side);
    let talked = talked(call.view.stage, hall.now());
    let queue = queue_of(&view);
    let ticket = queue.and_then(|queue| queue.state.tickets.get(&call.view.ticket)).cloned();
    let next = queue
        .filter(|queue| queue.state.stage == Stage::Interview)
        .and_then(|queue| queue.next)
        .filter(|next| *next != call.view.ticket)
        .map(|next| (next, name_in_queue(&view, next)));
    let done = reason == EndReason::Completed;
    let offers = again(reason, side);
    let this = call.view.ticket;
    // Nobody was spoken to: there is nothing to judge.
    let judge = recruiter && talked > 0 && ticket.is_some();
    rsx! {
        main { class: "screen over", "data-reason": if done { "done" } else { "broken" },
            div { class: "grow" }
            div { class: "over-head", role: "status", "aria-live": "polite",
                if recruiter {
                    Avatar { name: with.clone(), large: true }
                } else {
                    span { class: "over-icon", Icon { glyph: if done { Glyph::Check } else { Glyph::Warning } } }
                }
                p { class: "over-name", "{with}" }
                h1 { "data-test": "call-ended", "{title}" }
                p { class: "lead", "{more}" }
                if talked > 0 {
                    p { class: "talked figures", "data-test": "talked",
                        {l.tr_with("talked", &[("time", clock(talked).into())])}
                    }
                }
            }
            if judge && let Some(ticket) = ticket {
                section { class: "card mark-card",
                    h2 { class: "section-title", {l.tr("mark-outcome")} }
                    Marking { ticket: Box::new(ticket) }
                }
            }
            div { class: "grow" }
            footer { class: "step-actions",
                if offers {
                    Button {
                        test: "call-again",
                        label: l.tr("call-again"),
                        glyph: Glyph::Phone,
                        kind: Kind::Go,
                        onpress: move |()| hall.send(Intent::Ring(this)),
                    }
                }
                if let Some((next, name)) = next {
                    Button {
                        test: "next",
                        label: l.tr_with("next-named", &[("name", name.into())]),
                        glyph: Glyph::Phone,
                        kind: if offers { Kind::Secondary } else { Kind::Go },
                        onpress: move |()| hall.send(Intent::Ring(next)),
                    }
                }
                Button {
                    test: "call-close",
                    label: if recruiter { l.tr("back-to-queue") } else { l.tr("back-to-room") },
                    kind: if recruiter || offers { Kind::Plain } else { Kind::Primary },
                    onpress: move |()| hall.send(Intent::DismissCall),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calling_again_is_offered_where_it_is_allowed() {
        assert!(again(EndReason::Lost, Side::Candidate));
        assert!(again(EndReason::LeftByCandidate, Side::Candidate));
        // the rules let a candidate call only after a cut-off
        assert!(!again(EndReason::Missed, Side::Candidate));
        assert!(again(EndReason::Missed, Side::Recruiter));
        assert!(!again(EndReason::Completed, Side::Recruiter));
    }
}
