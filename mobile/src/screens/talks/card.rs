//! An invitation (面试邀约) as it stands in the conversation, with what can be done about it.

use super::times::appointment_day;
use super::{Over, open_talk, use_desk, words};
use crate::bridge::use_hall;
use crate::format::span;
use crate::parts::{Button, Glyph, Icon, Kind};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_domain::model::{InvitationCard, InvitationStatus, Side};
use miantan_domain::rules::invitation::{Allowed, allowed};
use miantan_domain::time::WallTime;

/// What can be pressed: the rules', and nothing that the clock has overtaken.
fn pressable(card: &InvitationCard, side: Side, now: WallTime) -> Allowed {
    let gone = card.terms.ends() <= now;
    match (side, &card.status) {
        (Side::Candidate, InvitationStatus::Sent | InvitationStatus::MoveAsked { .. }) if gone => {
            Allowed::default()
        }
        _ => allowed(&card.status, side),
    }
}

#[component]
pub fn Card(card: Box<InvitationCard>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let view = hall.view();
    let Some(open) = open_talk(&view) else { return rsx! {} };
    let side = open.head.side;
    let (tone, status) = words::status(l, &card.status, side);
    let may = pressable(&card, side, hall.wall());
    let (conversation, invitation, revision) = (card.conversation, card.id, card.revision);
    let on = |over: fn(Box<InvitationCard>) -> Over| {
        let card = card.clone();
        move |()| desk.show(over(card.clone()))
    };
    let said = match &card.status {
        InvitationStatus::Declined { reason } | InvitationStatus::Withdrawn { reason } => reason.clone(),
        InvitationStatus::MoveAsked { note, .. } => note.clone(),
        InvitationStatus::Sent | InvitationStatus::Accepted | InvitationStatus::Expired => String::new(),
    };
    let times = match &card.status {
        InvitationStatus::MoveAsked { times, .. } => times.clone(),
        _ => Vec::new(),
    };
    rsx! {
        section { class: "invite-card", "data-tone": tone, "data-test": "invitation", "aria-label": l.tr("talk-invitation"),
            header { class: "invite-head",
                Icon { glyph: Glyph::Calendar }
                span { class: "invite-title", {l.tr("talk-invitation")} }
                span { class: "invite-status", "data-test": "invitation-status", "{status}" }
            }
            div { class: "invite-when",
                p { class: "invite-day", {appointment_day(l, card.terms.starts, hall.wall(), hall.offset())} }
                p { class: "invite-time figures", "data-test": "invitation-time",
                    {span(card.terms.starts, card.terms.ends(), hall.offset())}
                    span { class: "invite-length", {l.tr_with("invite-minutes", &[("n", card.terms.minutes.into())])} }
                }
            }
            if !card.round_name.is_empty() {
                p { class: "invite-round", "{card.round_name}" }
            }
            if !card.terms.note.is_empty() {
                p { class: "invite-note", "{card.terms.note}" }
            }
            if !said.is_empty() {
                p { class: "invite-said", "{said}" }
            }
            if !times.is_empty() {
                ul { class: "invite-times", "aria-label": l.tr("invite-other-times"),
                    for time in times {
                        li { key: "{time.0}",
                            {appointment_day(l, time, hall.wall(), hall.offset())}
                            " "
                            span { class: "figures", {crate::format::hour(time, hall.offset())} }
                        }
                    }
                }
            }
            div { class: "invite-buttons",
                if may.accept {
                    Button {
                        test: "invite-accept",
                        label: l.tr("invite-accept"),
                        small: true,
                        onpress: move |()| {
                            hall.send(Intent::Talk(TalkIntent::Accept { conversation, invitation, revision }));
                        },
                    }
                }
                if may.ask_to_move {
                    Button {
                        test: "invite-move",
                        label: l.tr("invite-move"),
                        kind: Kind::Secondary,
                        small: true,
                        onpress: on(Over::AskToMove),
                    }
                }
                if may.decline {
                    Button {
                        test: "invite-decline",
                        label: l.tr("invite-decline"),
                        kind: Kind::Secondary,
                        small: true,
                        onpress: on(Over::Decline),
                    }
                }
                if may.amend {
                    Button {
                        test: "invite-amend",
                        label: l.tr("invite-amend"),
                        kind: Kind::Secondary,
                        small: true,
                        onpress: on(|card| Over::Invite(Some(card))),
                    }
                }
                if may.withdraw {
                    Button {
                        test: "invite-withdraw",
                        label: l.tr("invite-withdraw"),
                        kind: Kind::Plain,
                        small: true,
                        onpress: on(Over::Withdraw),
                    }
                }
                if card.status == InvitationStatus::Accepted {
                    Button {
                        test: "invite-calendar",
                        label: l.tr("invite-calendar"),
                        glyph: Glyph::Calendar,
                        kind: Kind::Plain,
                        small: true,
                        onpress: move |()| {
                            hall.send(Intent::Talk(TalkIntent::SaveCalendar { conversation, invitation }));
                        },
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::{ConversationId, InvitationId, RoundId};
    use miantan_domain::model::InvitationTerms;

    fn card(status: InvitationStatus) -> InvitationCard {
        InvitationCard {
            id: InvitationId::from_parts(1, &[1; 10]),
            conversation: ConversationId::from_parts(1, &[1; 10]),
            revision: 1,
            terms: InvitationTerms { starts: WallTime(1_000), minutes: 30, note: String::new(), round: None },
            round: RoundId::from_parts(1, &[1; 10]),
            round_name: String::new(),
            employer_name: String::new(),
            with_password: false,
            status,
            sent: WallTime(0),
        }
    }

    #[test]
    fn nobody_can_accept_a_time_that_has_passed() {
        let sent = card(InvitationStatus::Sent);
        assert!(pressable(&sent, Side::Candidate, WallTime(0)).accept);
        assert_eq!(pressable(&sent, Side::Candidate, sent.terms.ends()), Allowed::default());
        // the recruiter can still name another time
        assert!(pressable(&sent, Side::Recruiter, sent.terms.ends()).amend);
        let accepted = card(InvitationStatus::Accepted);
        assert!(pressable(&accepted, Side::Candidate, accepted.terms.ends()).decline);
    }
}
