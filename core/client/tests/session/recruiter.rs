//! The recruiter's queue: folded from events, resumed after gaps, kept through kills.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::{QueueSnapshot, RoundEvent};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;

fn snapshot() -> ServerFrame {
    let queue = QueueSnapshot { state: queue(), presence: vec![(ticket(), Presence::Ready)] };
    ServerFrame::Queue { round: round().id, queue: Box::new(queue) }
}

fn marked(seq: u64, outcome: Outcome) -> ServerFrame {
    let event = RoundEvent::OutcomeMarked { ticket: ticket(), outcome, by: MemberId(uuid(4)) };
    ServerFrame::Event { round: round().id, seq, at: WallTime(9), event }
}

fn shown(view: &AppView) -> Option<&QueueView> {
    recruiter(view)?.queue.as_ref()
}

fn outcome(view: &AppView) -> Option<Outcome> {
    shown(view)?.state.tickets[&ticket()].outcome
}

async fn watch_since(hall: &Hall) -> u64 {
    hall.hears("watch", |frame| match frame {
        ClientFrame::Watch { since, .. } => Some(*since),
        _ => None,
    })
    .await
}

async fn watching(hall: &Hall) -> Phone {
    let phone = Phone::of_wang(hall).await;
    phone.sees("rounds", |v| matches!(recruiter(v).unwrap().rounds, Loadable::Ready(_))).await;
    phone.wants(Intent::OpenRound(round().id));
    assert_eq!(watch_since(hall).await, 0);
    hall.says(snapshot());
    phone.sees("the queue", |view| shown(view).is_some_and(|queue| queue.next == Some(ticket()))).await;
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_folded_old_ones_skipped_and_gaps_resumed() {
    let hall = Hall::open().await;
    let phone = watching(&hall).await;
    hall.says(marked(2, Outcome::Pending));
    phone.sees("pending", |view| outcome(view) == Some(Outcome::Pending)).await;
    // an old one again, then one that is too new
    hall.says(marked(2, Outcome::Unsuitable));
    hall.says(marked(4, Outcome::Suitable));
    assert_eq!(watch_since(&hall).await, 2);
    assert_eq!(outcome(&phone.view()), Some(Outcome::Pending));
    hall.says(marked(3, Outcome::Unsuitable));
    hall.says(marked(4, Outcome::Suitable));
    phone.sees("suitable", |view| outcome(view) == Some(Outcome::Suitable)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_app_shows_the_round_at_once_and_resumes_from_there() {
    let hall = Hall::open().await;
    let mut phone = watching(&hall).await;
    phone.killed().await;
    phone.start().await;
    let view = phone.view();
    let queue = shown(&view).expect("the same round, from the store");
    assert_eq!((queue.state.seq, queue.live, queue.next), (1, false, None));
    assert_eq!(watch_since(&hall).await, 1);
    let presence = ServerFrame::Presence { round: round().id, ticket: ticket(), presence: Presence::Ready };
    hall.says(presence);
    phone.sees("live and ready", |v| shown(v).is_some_and(|q| q.live && q.next == Some(ticket()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_stores_the_newest_state() {
    let hall = Hall::open().await;
    let mut phone = watching(&hall).await;
    hall.says(marked(2, Outcome::Suitable));
    phone.sees("marked", |view| outcome(view) == Some(Outcome::Suitable)).await;
    phone.shut_down().await;
    phone.start().await;
    assert_eq!(outcome(&phone.view()), Some(Outcome::Suitable));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_one_tap_away() {
    let hall = Hall::open().await;
    let phone = watching(&hall).await;
    phone.wants(Intent::OpenSheet(ticket()));
    phone
        .sees("the sheet", |view| {
            matches!(&recruiter(view).unwrap().sheet, Some((of, Loadable::Ready(sheet)))
                if *of == ticket() && sheet.resume.city == "青禾市")
        })
        .await;
    phone.wants(Intent::CloseSheet);
    phone.sees("closed", |view| recruiter(view).unwrap().sheet.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_stages_and_announcements_are_commands_of_the_open_round() {
    let hall = Hall::open().await;
    let phone = watching(&hall).await;
    phone.wants(Intent::MarkOutcome { ticket: ticket(), outcome: Outcome::Suitable });
    phone.wants(Intent::MoveStage(Stage::Announcement));
    phone.wants(Intent::Announce(vec![ticket()]));
    let (_, first) = hall.hears_command("outcome", |_| true).await;
    assert_eq!(first, Command::MarkOutcome { ticket: ticket(), outcome: Outcome::Suitable });
    let (_, second) = hall.hears_command("stage", |_| true).await;
    assert_eq!(second, Command::MoveStage { to: Stage::Announcement });
    let (_, third) = hall.hears_command("announcement", |_| true).await;
    assert_eq!(third, Command::Announce { tickets: vec![ticket()] });
    phone.wants(Intent::CloseRound);
    phone.sees("the list of rounds", |view| shown(view).is_none()).await;
}
