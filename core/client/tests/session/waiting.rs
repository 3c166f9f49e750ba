//! The waiting room: kept through kills and lost networks; what is sent is sent once.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::LinkView;
use miantan_domain::wire::live::*;
use miantan_domain::wire::{Problem, ProblemCode};

fn waits_behind(view: &AppView, n: u32) -> bool {
    let room = candidate(view).and_then(|candidate| candidate.room.as_ref());
    room.is_some_and(|room| room.place == RoomPlace::Waiting { ahead: n })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_app_is_back_in_the_same_place_before_the_network_is() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    hall.says(ServerFrame::Room(Box::new(room(7, 2))));
    phone.sees("two ahead", |view| waits_behind(view, 2)).await;
    phone.killed().await;
    phone.start().await;
    let first = phone.view();
    assert!(waits_behind(&first, 2));
    assert!(candidate(&first).unwrap().check_in.done);
    // and then live again, as ready as before
    let presence = hall
        .hears("hello", |frame| match frame {
            ClientFrame::Hello { presence, .. } if *presence == Presence::Ready => Some(*presence),
            _ => None,
        })
        .await;
    assert_eq!(presence, Presence::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_room_never_replaces_a_newer_one() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    hall.says(ServerFrame::Room(Box::new(room(9, 1))));
    phone.sees("one ahead", |view| waits_behind(view, 1)).await;
    hall.says(ServerFrame::Room(Box::new(room(8, 5))));
    hall.says(ServerFrame::Room(Box::new(room(10, 0))));
    phone.sees("next", |view| waits_behind(view, 0)).await;
    // room 8 was handled between the two: it left no trace in the store either
    let mut phone = phone;
    phone.killed().await;
    phone.start().await;
    assert!(waits_behind(&phone.view(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_only_when_checked_in_and_in_front() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    let presence = async |wanted: Presence| {
        hall.hears("presence", |frame| match frame {
            ClientFrame::Presence { presence } | ClientFrame::Hello { presence, .. } => {
                (*presence == wanted).then_some(())
            }
            _ => None,
        })
        .await;
    };
    presence(Presence::Online).await;
    phone.passes_checks().await;
    presence(Presence::Ready).await;
    phone.wants(Intent::Foreground(false));
    presence(Presence::Online).await;
    phone.wants(Intent::Foreground(true));
    presence(Presence::Ready).await;
    phone.wants(Intent::PhoneCall(true));
    presence(Presence::OnPhoneCall).await;
    phone.wants(Intent::PhoneCall(false));
    presence(Presence::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_written_while_cut_off_is_sent_once_after_a_kill() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    hall.accepts(false);
    phone.wants(Intent::SendNote { ticket: ticket(), text: "我在等".into() });
    let is_note = |command: &Command| matches!(command, Command::Note { .. });
    let (first, _) = hall.hears_command("the note", is_note).await;
    let pending = |view: &AppView| candidate(view).map(|c| c.pending.len());
    phone.sees("the note waits", |view| pending(view) == Some(1)).await;
    // never answered: the socket breaks and the app is killed
    hall.cuts();
    phone.killed().await;
    hall.accepts(true);
    phone.start().await;
    assert_eq!(pending(&phone.view()), Some(1), "shown at once, as waiting");
    let (second, _) = hall.hears_command("the note again", is_note).await;
    assert_eq!(first, second, "the same change, so that the server makes it once");
    phone.sees("nothing waits", |view| pending(view) == Some(0)).await;
    phone.killed().await;
    phone.start().await;
    assert_eq!(pending(&phone.view()), Some(0), "it is not sent a third time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_is_kept_with_its_reason_until_the_person_decides() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    hall.accepts(false);
    phone.wants(Intent::Confirm { accepted: true, comment: String::new() });
    let (id, _) = hall.hears_command("confirm", |c| matches!(c, Command::Confirm { .. })).await;
    let problem = Problem::from(ProblemCode::NotAnnounced);
    hall.says(ServerFrame::Refused { id, problem: problem.clone() });
    let failed = |view: &AppView| {
        candidate(view).is_some_and(|c| {
            c.pending.iter().any(|p| p.failed.as_ref().is_some_and(|f| f.code == ProblemCode::NotAnnounced))
        })
    };
    let view = phone.sees("refused", failed).await;
    assert!(told(&view, &NoticeWhat::Refused(problem)));
    phone.wants(Intent::RetryChange(id));
    let (again, _) = hall.hears_command("retried", |c| matches!(c, Command::Confirm { .. })).await;
    assert_eq!(id, again);
    hall.says(ServerFrame::Refused { id, problem: ProblemCode::NotAnnounced.into() });
    phone.sees("refused again", failed).await;
    phone.wants(Intent::DeleteChange(id));
    phone.sees("gone", |view| candidate(view).is_some_and(|c| c.pending.is_empty())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_socket_comes_back_by_itself() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    phone.sees("live", |view| view.link == LinkView::Live).await;
    hall.cuts();
    hall.sockets(2).await;
    phone.sees("live again", |view| view.link == LinkView::Live).await;
    phone.wants(Intent::NetworkChanged { up: false });
    phone.sees("offline", |view| view.link == LinkView::Offline).await;
    phone.wants(Intent::NetworkChanged { up: true });
    hall.sockets(3).await;
    phone.sees("live once more", |view| view.link == LinkView::Live).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_a_newer_server_and_rubbish_are_passed_over() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    hall.says_text(r#"{"kind":"something_new","more":1}"#);
    hall.says_text("{");
    hall.says_text(r#"{"kind":"room"}"#);
    hall.says(ServerFrame::Room(Box::new(room(3, 4))));
    phone.sees("the room behind the rubbish", |view| waits_behind(view, 4)).await;
    assert_eq!(phone.view().link, LinkView::Live);
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_the_server_does_not_know_any_more_are_told_again() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    phone.sees("all told", |view| candidate(view).is_some_and(|c| c.pending.is_empty())).await;
    phone.killed().await;
    phone.start().await;
    hall.sockets(2).await;
    hall.heard_so_far().await;
    let mut known = room(8, 0);
    known.checked = vec![(CheckInStep::Speaker, StepOutcome::Passed)];
    hall.says(ServerFrame::Room(Box::new(known)));
    for wanted in [CheckInStep::Microphone, CheckInStep::Camera] {
        let (_, command) = hall.hears_command("a check", |c| matches!(c, Command::CheckIn { .. })).await;
        assert_eq!(command, Command::CheckIn { step: wanted, outcome: StepOutcome::Passed });
    }
}
