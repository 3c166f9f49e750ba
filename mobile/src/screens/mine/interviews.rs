//! 我的面试: the invitations, soonest first, with what can be answered and the way into the room.

use super::answers::{Answer, Answering};
use super::{form, mine};
use crate::bridge::use_hall;
use crate::format::span;
use crate::i18n::Lang;
use crate::parts::{
    Button, FailedPart, FormProblem, Glyph, Icon, Kind, LoadingPart, NothingPart, SubPage, use_form,
};
use crate::screens::talks::times::appointment_day;
use crate::screens::talks::words::status;
use dioxus::prelude::*;
use miantan_client::view::Loadable;
use miantan_client::{Intent, intent::AccountIntent, intent::TalkIntent};
use miantan_domain::model::{InvitationCard, InvitationStatus, Side, TalkHead};
use miantan_domain::rules::invitation::allowed;
use miantan_domain::time::WallTime;
use std::sync::Arc;

/// The room is proposed so long before the appointment and so long after its end, in ms: time for the check-in
/// before, and interviews run late. The server's own times are wider, and are what counts.
const ENTER_BEFORE_MS: i64 = 2 * 3_600_000;
const ENTER_AFTER_MS: i64 = 4 * 3_600_000;

/// Whether the room of an invitation is worth entering now.
fn may_enter(card: &InvitationCard, now: WallTime) -> bool {
    card.status == InvitationStatus::Accepted
        && card.terms.starts.after(-ENTER_BEFORE_MS) <= now
        && now <= card.terms.ends().after(ENTER_AFTER_MS)
}

/// Whether it belongs below the line: over, or long past.
fn is_past(card: &InvitationCard, now: WallTime) -> bool {
    !allowed(&card.status, Side::Candidate).decline || card.terms.ends().after(ENTER_AFTER_MS) < now
}

/// How far it is, for an accepted one that is near.
fn soon(l: Lang, card: &InvitationCard, now: WallTime) -> Option<String> {
    let minutes = card.terms.starts.since(now).div_ceil(60_000);
    match (&card.status, minutes) {
        (InvitationStatus::Accepted, 1..=120) => {
            Some(l.tr_with("interview-in", &[("time", crate::format::waited(l, minutes * 60_000).into())]))
        }
        _ => None,
    }
}

/// The card as this device's own answers leave it: they show at once in the conversation's head, the list follows
/// when the server has them.
fn answered(card: &InvitationCard, heads: &[Arc<TalkHead>]) -> InvitationCard {
    heads
        .iter()
        .find(|head| head.id == card.conversation)
        .and_then(|head| {
            head.invitations.iter().find(|own| own.id == card.id && own.revision >= card.revision)
        })
        .unwrap_or(card)
        .clone()
}

/// What was said with its state.
fn said(card: &InvitationCard) -> Option<&str> {
    let text = match &card.status {
        InvitationStatus::Declined { reason } | InvitationStatus::Withdrawn { reason } => reason,
        InvitationStatus::MoveAsked { note, .. } => note,
        InvitationStatus::Sent | InvitationStatus::Accepted | InvitationStatus::Expired => return None,
    };
    Some(text.as_str()).filter(|text| !text.is_empty())
}

#[component]
pub(super) fn Interviews(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Account(AccountIntent::LoadInterviews));
    let mut answering = use_signal(|| None::<Answering>);
    use_hook(load);
    let entering = use_form(form, Intent::Account(AccountIntent::FormSeen));
    let Some(mine) = mine(&view) else { return rsx! {} };
    let now = hall.wall();
    rsx! {
        SubPage { test: "interviews", title: l.tr("mine-interviews"), onback,
            FormProblem { problem: entering.problem() }
            match mine.interviews.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(list)) if list.is_empty() => rsx! {
                    NothingPart {
                        glyph: Glyph::Calendar,
                        title: l.tr("interviews-none"),
                        more: l.tr("interviews-none-more"),
                    }
                },
                Some(Loadable::Ready(list)) => {
                    let heads = &view.talk.list.heads;
                    let (past, ahead): (Vec<_>, Vec<_>) =
                        list.iter().map(|card| answered(card, heads)).partition(|card| is_past(card, now));
                    rsx! {
                        ul { class: "stack",
                            for card in ahead {
                                li { key: "{card.id}",
                                    Interview {
                                        card: card.clone(),
                                        entering: entering.busy(&card.id.to_string()),
                                        onenter: move |()| entering.send(
                                            &card.id.to_string(),
                                            Intent::Account(AccountIntent::Enter(card.id)),
                                        ),
                                        onanswer: move |with| answering.set(Some(with)),
                                    }
                                }
                            }
                        }
                        if !past.is_empty() {
                            h2 { class: "section-title", {l.tr("interviews-past")} }
                            ul { class: "stack",
                                for card in past {
                                    li { key: "{card.id}", Interview { card } }
                                }
                            }
                        }
                    }
                }
            }
        }
        if let Some(with) = answering() {
            Answer { with, onclose: move |()| answering.set(None) }
        }
    }
}

#[component]
fn Interview(
    card: InvitationCard,
    #[props(default)] entering: bool,
    #[props(default)] onenter: Option<EventHandler<()>>,
    #[props(default)] onanswer: Option<EventHandler<Answering>>,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let (now, offset) = (hall.wall(), hall.offset());
    let (kind, word) = status(l, &card.status, Side::Candidate);
    let id = card.id;
    let conversation = card.conversation;
    let revision = card.revision;
    let can = allowed(&card.status, Side::Candidate);
    let enters = onenter.filter(|_| may_enter(&card, now));
    let passed = is_past(&card, now);
    rsx! {
        article { class: "card interview", "data-test": "interview-{id}", "data-past": passed,
            p { class: "interview-top",
                span { class: "standing {kind}", "data-test": "interview-status", "{word}" }
                if let Some(soon) = soon(l, &card, now) {
                    span { class: "soon", "{soon}" }
                }
            }
            p { class: "interview-when",
                span { {appointment_day(l, card.terms.starts, now, offset)} }
                strong { class: "figures", {span(card.terms.starts, card.terms.ends(), offset)} }
            }
            button {
                r#type: "button",
                class: "interview-what",
                "data-test": "interview-talk-{id}",
                onclick: move |_| hall.send(Intent::Talk(TalkIntent::Open(conversation))),
                span { class: "row-text",
                    span { class: "row-title", "{card.round_name}" }
                    span { class: "row-more", "{card.employer_name}" }
                }
                Icon { glyph: Glyph::Chat }
            }
            if !card.terms.note.is_empty() {
                p { class: "quote", "{card.terms.note}" }
            }
            if let Some(said) = said(&card) {
                p { class: "aside", "{said}" }
            }
            if let Some(onenter) = enters {
                Button {
                    test: "interview-enter-{id}",
                    label: if entering { l.tr("join-sending") } else { l.tr("interview-enter") },
                    glyph: Glyph::Camera,
                    kind: Kind::Go,
                    busy: entering,
                    onpress: move |()| onenter.call(()),
                }
            }
            if let Some(onanswer) = onanswer {
                if can.accept {
                    Button {
                        test: "interview-accept-{id}",
                        label: l.tr("interview-accept"),
                        onpress: move |()| hall.send(Intent::Talk(TalkIntent::Accept { conversation, invitation: id, revision })),
                    }
                }
                div { class: "interview-more",
                    if card.status == InvitationStatus::Accepted {
                        Button {
                            test: "interview-calendar-{id}",
                            label: l.tr("interview-calendar"),
                            glyph: Glyph::Calendar,
                            kind: Kind::Secondary,
                            small: true,
                            onpress: move |()| hall.send(Intent::Talk(TalkIntent::SaveCalendar { conversation, invitation: id })),
                        }
                    }
                    if can.ask_to_move {
                        Button {
                            test: "interview-move-{id}",
                            label: l.tr("interview-move"),
                            kind: Kind::Secondary,
                            small: true,
                            onpress: {
                                let card = card.clone();
                                move |()| onanswer.call(Answering { card: card.clone(), moving: true })
                            },
                        }
                    }
                    if can.decline {
                        Button {
                            test: "interview-decline-{id}",
                            label: l.tr("interview-decline"),
                            kind: Kind::Secondary,
                            small: true,
                            onpress: {
                                let card = card.clone();
                                move |()| onanswer.call(Answering { card: card.clone(), moving: false })
                            },
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
    use miantan_domain::ids::{CandidateId, ConversationId, EmployerId, InvitationId, RoundId};
    use miantan_domain::model::{InvitationTerms, Mark, Seen};

    const HOUR: i64 = 3_600_000;

    fn card(status: InvitationStatus) -> InvitationCard {
        InvitationCard {
            id: InvitationId::from_parts(1, &[1; 10]),
            conversation: ConversationId::from_parts(1, &[1; 10]),
            revision: 1,
            terms: InvitationTerms {
                starts: WallTime(100 * HOUR),
                minutes: 30,
                note: String::new(),
                round: None,
            },
            round: RoundId::from_parts(1, &[1; 10]),
            round_name: "软件岗位面谈".into(),
            employer_name: "青禾".into(),
            with_password: false,
            status,
            sent: WallTime(0),
        }
    }

    #[test]
    fn the_room_is_open_around_the_time_of_an_accepted_one() {
        let accepted = card(InvitationStatus::Accepted);
        let at = |hours_tenths: i64| WallTime(hours_tenths * HOUR / 10);
        assert!(!may_enter(&accepted, at(979)));
        assert!(may_enter(&accepted, at(980)));
        assert!(may_enter(&accepted, at(1_045)));
        assert!(!may_enter(&accepted, at(1_046)));
        assert!(!may_enter(&card(InvitationStatus::Sent), at(1_000)));
    }

    #[test]
    fn what_is_over_stands_below() {
        let before = WallTime(99 * HOUR);
        assert!(!is_past(&card(InvitationStatus::Sent), before));
        assert!(!is_past(&card(InvitationStatus::MoveAsked { note: String::new(), times: vec![] }), before));
        assert!(is_past(&card(InvitationStatus::Declined { reason: String::new() }), before));
        assert!(is_past(&card(InvitationStatus::Expired), before));
        assert!(is_past(&card(InvitationStatus::Accepted), WallTime(200 * HOUR)));
    }

    #[test]
    fn near_ones_say_how_near() {
        let accepted = card(InvitationStatus::Accepted);
        let zh = soon(Lang::Zh, &accepted, WallTime(100 * HOUR - 25 * 60_000)).expect("near");
        assert!(zh.contains("25"), "{zh}");
        assert_eq!(soon(Lang::Zh, &accepted, WallTime(90 * HOUR)), None);
        assert_eq!(soon(Lang::Zh, &accepted, WallTime(101 * HOUR)), None);
    }

    #[test]
    fn an_answer_shows_before_the_list_has_it() {
        let sent = card(InvitationStatus::Sent);
        let head = |invitation: InvitationCard| {
            Arc::new(TalkHead {
                id: sent.conversation,
                pos: 1,
                side: Side::Candidate,
                fair: None,
                fair_title: String::new(),
                employer: EmployerId::from_parts(1, &[1; 10]),
                employer_name: String::new(),
                candidate: CandidateId::from_parts(1, &[1; 10]),
                candidate_name: String::new(),
                candidate_line: String::new(),
                last_seq: 0,
                last: None,
                candidate_seen: Seen::default(),
                recruiter_seen: Seen::default(),
                unread: 0,
                mark: Mark::default(),
                applications: Vec::new(),
                invitations: vec![invitation],
                blocked: false,
            })
        };
        let accepted = card(InvitationStatus::Accepted);
        assert_eq!(answered(&sent, &[head(accepted.clone())]).status, InvitationStatus::Accepted);
        // the list knows newer terms than the head
        let amended = InvitationCard { revision: 2, ..sent.clone() };
        assert_eq!(answered(&amended, &[head(accepted)]), amended);
        assert_eq!(answered(&sent, &[]), sent);
    }

    #[test]
    fn reasons_are_shown_where_given() {
        assert_eq!(said(&card(InvitationStatus::Declined { reason: "已有安排".into() })), Some("已有安排"));
        assert_eq!(said(&card(InvitationStatus::Declined { reason: String::new() })), None);
        assert_eq!(said(&card(InvitationStatus::Sent)), None);
    }
}
