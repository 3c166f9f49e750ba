//! Messages beside a room, a sheet and a call (R3): those of the conversation where there is one, notes where not.

use crate::desk::{Desk, talk_id};
use crate::device::*;
use crate::hall::*;
use crate::talk::{items, open, opened, say, states};
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::ConversationId;
use miantan_domain::model::*;
use miantan_domain::rules::round::QueueSnapshot;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;

fn beside(view: &AppView) -> Option<ConversationId> {
    match &view.talk.beside {
        Beside::Talk(head) => Some(head.id),
        Beside::Notes | Beside::Loading | Beside::Failed(_) => None,
    }
}

/// A hall in which lin was invited in a conversation, and their phone in the room.
async fn lin_was_invited_in_a_conversation() -> (Hall, Phone, ConversationId) {
    let hall = Hall::open().await;
    let mut desk = Desk::of(Side::Candidate);
    desk.begin(1, "别的公司");
    let id = desk.begin(2, "青禾云帆");
    desk.invite(id, 9, InvitationStatus::Accepted);
    assert_eq!(desk.head(id).invitations[0].round, round().id);
    hall.has_desk(desk);
    let phone = Phone::of_lin(&hall).await;
    (hall, phone, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_shows_the_conversation_that_invited_and_still_does_after_a_kill_without_a_network() {
    let (hall, mut phone, id) = lin_was_invited_in_a_conversation().await;
    phone.sees("the conversation beside the room", |view| beside(view) == Some(id)).await;
    hall.desk_says(move |desk| desk.they_say(id, "请准备好身份证"));
    let told = |view: &AppView| matches!(&view.talk.beside, Beside::Talk(head) if head.unread == 1);
    phone.sees("it is not read", told).await;
    phone.wants(open(id));
    phone.sees("the messages", |view| opened(view, id) && items(view).len() == 2).await;
    phone.wants(say("好的"));
    phone.sees("it is sent", |view| states(view, "好的") == [&SendState::Sent]).await;
    assert_eq!(hall.desk(|desk| desk.texts(id)), ["请准备好身份证", "好的"]);

    hall.accepts(false);
    hall.desk(|desk| desk.unreachable = true);
    phone.killed().await;
    phone.start().await;
    phone.sees("the same after a kill", |view| beside(view) == Some(id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_invited_by_the_organiser_has_the_rooms_notes() {
    let hall = Hall::open().await;
    let mut desk = Desk::of(Side::Candidate);
    desk.begin(1, "别的公司");
    hall.has_desk(desk);
    let phone = Phone::of_lin(&hall).await;
    let view = phone.sees("the list", |view| view.talk.list.heads.len() == 1).await;
    assert_eq!(view.talk.beside, Beside::Notes);
}

/// Wang with the queue open, in which a ticket came from this conversation.
async fn wang_at_the_queue(hall: &Hall) -> Phone {
    let phone = Phone::of_wang(hall).await;
    phone.sees("rounds", |v| matches!(recruiter(v).unwrap().rounds, Loadable::Ready(_))).await;
    phone.wants(Intent::OpenRound(round().id));
    let queue = QueueSnapshot { state: queue(), presence: vec![(ticket(), Presence::Ready)] };
    hall.hears("watch", |frame| matches!(frame, ClientFrame::Watch { .. }).then_some(())).await;
    hall.says(ServerFrame::Queue { round: round().id, queue: Box::new(queue) });
    phone.sees("the queue", |view| recruiter(view).unwrap().queue.is_some()).await;
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_names_the_conversation_and_nothing_is_beside_it_when_it_is_closed() {
    let hall = Hall::open().await;
    let mut desk = Desk::of(Side::Recruiter);
    let id = desk.begin(1, "林晓");
    hall.has_desk(desk);
    hall.has_sheet_talk(id);
    let phone = wang_at_the_queue(&hall).await;
    assert_eq!(phone.view().talk.beside, Beside::Notes);
    phone.wants(Intent::OpenSheet(ticket()));
    phone.sees("the conversation beside the sheet", |view| beside(view) == Some(id)).await;
    phone.wants(Intent::CloseSheet);
    phone.sees("nothing", |view| view.talk.beside == Beside::Notes).await;
    // a ring without a sheet: what is known is still known, also in the call
    phone.wants(Intent::Ring(ticket()));
    phone.sees("beside the call", |view| view.call.is_some() && beside(view) == Some(id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_is_gone_leaves_the_notes() {
    let hall = Hall::open().await;
    hall.has_desk(Desk::of(Side::Recruiter));
    hall.has_sheet_talk(talk_id(77));
    let phone = wang_at_the_queue(&hall).await;
    phone.wants(Intent::OpenSheet(ticket()));
    phone
        .sees("the sheet", |view| {
            matches!(&recruiter(view).unwrap().sheet, Some((_, Loadable::Ready(_))))
                && view.talk.beside == Beside::Notes
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beside_a_sheet_can_be_asked_for_again() {
    let hall = Hall::open().await;
    let mut desk = Desk::of(Side::Recruiter);
    let id = desk.begin(1, "林晓");
    hall.has_desk(desk);
    hall.has_sheet_talk(id);
    let phone = wang_at_the_queue(&hall).await;
    hall.refuses_sheets(Some(ProblemCode::Internal));
    phone.wants(Intent::OpenSheet(ticket()));
    phone.sees("why not", |view| matches!(view.talk.beside, Beside::Failed(_))).await;
    hall.refuses_sheets(None);
    phone.wants(Intent::Talk(TalkIntent::LoadBeside));
    phone.sees("the conversation", |view| beside(view) == Some(id)).await;
}
