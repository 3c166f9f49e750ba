//! From an invitation in a conversation to the interview (T3).

use miantan_backend::sms::SmsKind;
use miantan_client::Intent;
use miantan_client::intent::{AccountIntent, TalkIntent};
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::TicketStatus;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::RoomPlace;
use miantan_domain::wire::rest::Busy;
use miantan_e2e::person::Candidate;
use miantan_e2e::{Applicant, Hall, Recruiter, seen};

const MINUTE: i64 = 60_000;

fn terms(starts: WallTime) -> InvitationTerms {
    InvitationTerms { starts, minutes: 20, note: "请带作品集".into(), round: None }
}

/// What the open conversation's newest invitation has come to, with its revision.
fn status(view: &AppView) -> Option<(&InvitationStatus, u32)> {
    seen::invitation(view).map(|card| (&card.status, card.revision))
}

async fn invites(wang: &Recruiter, starts: WallTime) -> InvitationCard {
    wang.talk(TalkIntent::Invite { terms: terms(starts) });
    // with a round: the server's word, not the own echo
    wang.is_shown("the card", |v| seen::invitation(v).filter(|card| !card.round_name.is_empty()).cloned())
        .await
}

async fn accepts(lin: &Applicant, card: &InvitationCard, revision: u32) {
    let (conversation, invitation) = (card.conversation, card.id);
    lin.talk(TalkIntent::Accept { conversation, invitation, revision });
    lin.sees("accepted", |v| status(v) == Some((&InvitationStatus::Accepted, revision))).await;
}

/// The only ticket of the round that is open.
fn ticket(view: &AppView) -> Option<(TicketId, WallTime, TicketStatus)> {
    let ticket = seen::queue(view)?.state.tickets.values().next()?;
    Some((ticket.id, ticket.appointed?, ticket.status))
}

/// The code of the invitation as the short message says it.
fn code_of(text: &str) -> String {
    let after = text.split("邀请码").nth(1).expect("a code in the message");
    after.split('，').next().expect("its end").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn wang_invites_lin_asks_for_another_time_comes_and_talks() {
    let hall = Hall::open().await;
    let (wang, line) = hall.recruiter_without_rounds().await;
    let lin = hall.newcomer("13900139004").await;
    let talk = lin.applies_to(&hall, "林晓青", &line.name).await;
    lin.allows_sms().await;
    wang.opens_talk(talk).await;
    lin.opens_talk(talk).await;

    let before = hall.last_sms();
    let starts = wang.view().wall.after(3 * MINUTE);
    let card = invites(&wang, starts).await;
    let message = hall.sms(&lin.number, SmsKind::Invitation, before).await;
    assert!(message.text.contains(&card.round_name) && message.text.contains(&line.name));
    assert!(message.text.contains("/i/") && !code_of(&message.text).is_empty());
    lin.sees_item(
        "the card",
        |item| matches!(&item.body, ItemBody::Invited(Some(shown)) if shown.id == card.id),
    )
    .await;

    // another time, please
    let (conversation, invitation) = (talk, card.id);
    let later = starts.after(2 * MINUTE);
    let times = vec![later];
    lin.talk(TalkIntent::AskToMove { conversation, invitation, revision: 1, note: "有课".into(), times });
    let asked = |v: &AppView| match status(v) {
        Some((InvitationStatus::MoveAsked { note, times }, 1)) => Some((note.clone(), times.clone())),
        _ => None,
    };
    assert_eq!(wang.is_shown("asked to move", asked).await, ("有课".to_owned(), vec![later]));
    wang.talk(TalkIntent::Amend { invitation, revision: 1, terms: terms(later) });
    lin.sees("the new time", |v| {
        status(v) == Some((&InvitationStatus::Sent, 2)) && seen::invitation(v).unwrap().terms.starts == later
    })
    .await;
    accepts(&lin, &card, 2).await;
    wang.sees("accepted", |v| status(v) == Some((&InvitationStatus::Accepted, 2))).await;

    // the time is taken now, for both: another invitation for it would be warned of
    wang.talk(TalkIntent::LoadBusy { from: later.after(-60 * MINUTE), to: later.after(60 * MINUTE) });
    let taken = |busy: &Busy| busy.from < terms(later).ends() && later < busy.to;
    let clashes = |v: &AppView| match &seen::conversation(v)?.busy {
        Some(Loadable::Ready(busy)) => Some(busy.iter().copied().filter(taken).collect::<Vec<_>>()),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    };
    let (from, to) = (later, terms(later).ends());
    let both = [false, true].map(|candidate| Busy { from, to, candidate });
    assert_eq!(wang.is_shown("busy times", clashes).await, both);

    // a place in that round's queue, at that time
    wang.wants(Intent::ReloadRounds);
    wang.opens(&card.round_name).await;
    let (place, appointed, _) = wang.is_shown("a ticket", ticket).await;
    assert_eq!(appointed, later);

    // from 我的面试 into the room, through the check-in, and they talk
    lin.account(AccountIntent::LoadInterviews);
    let interviews = |v: &AppView| match &seen::mine(v)?.interviews {
        Some(Loadable::Ready(list)) => list.iter().find(|line| line.id == invitation).cloned(),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    };
    assert_eq!(lin.is_shown("我的面试", interviews).await.status, InvitationStatus::Accepted);
    lin.account(AccountIntent::Enter(invitation));
    lin.sees("in the room", |v| seen::candidate(v).is_some()).await;
    assert_eq!(lin.ticket(), place);
    lin.checks_in().await;
    assert!(matches!(seen::place(&lin.view()), Some(RoomPlace::Waiting { .. })));
    wang.talks_with(&lin).await;
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
    lin.wants(Intent::DismissCall);
    // out of the room: the account again, with its conversation
    lin.account(AccountIntent::LeaveRoom);
    let view = lin.sees("the account again", |v| seen::account(v).is_some()).await;
    assert!(view.talk.list.heads.iter().any(|head| head.id == talk));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_invitation_gives_its_place_up_and_a_code_alone_says_yes() {
    let hall = Hall::open().await;
    let (wang, line) = hall.recruiter_without_rounds().await;
    let lin = hall.newcomer("13900139005").await;
    let talk = lin.applies_to(&hall, "林晓青", &line.name).await;
    lin.allows_sms().await;
    wang.opens_talk(talk).await;
    lin.opens_talk(talk).await;

    let first = invites(&wang, wang.view().wall.after(3 * MINUTE)).await;
    lin.sees("the card", |v| seen::invitation(v).is_some_and(|card| card.id == first.id)).await;
    accepts(&lin, &first, 1).await;
    wang.wants(Intent::ReloadRounds);
    wang.opens(&first.round_name).await;
    let (place, ..) = wang.is_shown("a ticket", ticket).await;
    let before = hall.last_sms();
    wang.talk(TalkIntent::Withdraw { invitation: first.id, reason: "名额已满".into() });
    lin.sees(
        "withdrawn",
        |v| matches!(status(v), Some((InvitationStatus::Withdrawn { reason }, _)) if reason == "名额已满"),
    )
    .await;
    wang.sees("the place is given up", |v| {
        seen::ticket(v, place).is_none_or(|ticket| ticket.status != TicketStatus::Waiting)
    })
    .await;
    hall.sms(&lin.number, SmsKind::Withdrawal, before).await;

    // a new one; lin types its code on another phone, and that is a yes
    let before = hall.last_sms();
    let second = invites_again(&wang, &first).await;
    let message = hall.sms(&lin.number, SmsKind::Invitation, before).await;
    let other: Candidate = hall.guest(0).await;
    other.enters_code(&code_of(&message.text));
    let view = other.sees("in the room", |v| seen::candidate(v).is_some()).await;
    assert_eq!(seen::candidate(&view).unwrap().name, "林晓青");
    wang.sees("accepted", |v| {
        seen::invitation(v)
            .is_some_and(|card| card.id == second.id && card.status == InvitationStatus::Accepted)
    })
    .await;
    lin.sees("accepted here too", |v| {
        seen::invitation(v)
            .is_some_and(|card| card.id == second.id && card.status == InvitationStatus::Accepted)
    })
    .await;
}

async fn invites_again(wang: &Recruiter, first: &InvitationCard) -> InvitationCard {
    wang.talk(TalkIntent::Invite { terms: terms(wang.view().wall.after(5 * MINUTE)) });
    let new = |card: &&InvitationCard| card.id != first.id && !card.round_name.is_empty();
    wang.is_shown("another card", |v| seen::invitation(v).filter(new).cloned()).await
}
