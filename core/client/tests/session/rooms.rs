//! From an account into a room and out of it; the app comes back where it was.

use crate::account::*;
use crate::apply::invitation;
use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::intent::AccountIntent;
use miantan_client::view::*;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::{ClientFrame, ServerFrame};
use miantan_domain::wire::rest::Me;

fn lin_in_the_room() -> Me {
    let Me::Candidate { candidate, name, round, ticket, with_password, .. } = lin() else { panic!() };
    Me::Candidate { candidate, name, round, ticket, with_password, account: true }
}

fn enter() -> String {
    format!("POST /me/interviews/{}/enter", invitation().id)
}

fn in_room(view: &AppView) -> bool {
    candidate(view).is_some_and(|candidate| candidate.mine.is_some())
}

async fn enters(hall: &Hall, phone: &Phone) {
    hall.counter().is(lin_in_the_room());
    hall.counter().says(&enter(), &lin_in_the_room());
    wants(phone, AccountIntent::Enter(invitation().id));
    phone.sees("the room", in_room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn into_the_room_and_out_again_with_kills_between() {
    let hall = Hall::open().await;
    let mut phone = of_account(&hall).await;
    enters(&hall, &phone).await;
    hall.sockets(2).await;
    hall.hears("the new greeting", |frame| matches!(frame, ClientFrame::Hello { .. }).then_some(())).await;
    hall.says(ServerFrame::Room(Box::new(room(3, 1))));
    phone.sees("its place", |view| candidate(view).is_some_and(|c| c.room.is_some())).await;
    phone.wants(Intent::CheckBegin);
    phone.passes_checks().await;
    phone.killed().await;
    phone.start().await;
    let view = phone.view();
    assert!(in_room(&view) && candidate(&view).unwrap().check_in.done, "back in the room at once");
    hall.sockets(3).await;
    hall.counter().refuses("POST /me/leave-room", ProblemCode::Offline);
    wants(&phone, AccountIntent::LeaveRoom);
    phone
        .sees("still there, and told why", |view| {
            candidate(view).and_then(|c| c.mine.as_ref()).is_some_and(
                |mine| matches!(&mine.form, OfficeForm::Failed(p) if p.code == ProblemCode::Offline),
            )
        })
        .await;
    hall.counter().is(lin_of_account());
    hall.counter().says("POST /me/leave-room", &lin_of_account());
    wants(&phone, AccountIntent::LeaveRoom);
    let view = phone.sees("the account", |view| account(view).is_some()).await;
    assert_eq!(account(&view).unwrap().phone, "138****8000");
    hall.sockets(4).await;
    phone.killed().await;
    phone.start().await;
    assert!(account(&phone.view()).is_some());
    // the same room again: nothing has to be checked again
    enters(&hall, &phone).await;
    assert!(candidate(&phone.view()).unwrap().check_in.done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_door_says_why() {
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    hall.counter().refuses(&enter(), ProblemCode::CodeTooEarly);
    wants(&phone, AccountIntent::Enter(invitation().id));
    phone
        .sees("too early", |view| {
            account(view).is_some_and(
                |a| matches!(&a.mine.form, OfficeForm::Failed(p) if p.code == ProblemCode::CodeTooEarly),
            )
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_a_kill_swallowed_is_asked_for_again() {
    let hall = Hall::open().await;
    let mut phone = of_account(&hall).await;
    phone.killed().await;
    // the server let it in, and the device never heard
    hall.counter().is(lin_in_the_room());
    phone.start().await;
    phone.sees("the room", in_room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_an_own_invitation_takes_the_account_along() {
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    hall.counter().says("GET /me/interviews", &vec![invitation()]);
    hall.counter().is(lin_in_the_room());
    hall.counter().says(&enter(), &lin_in_the_room());
    hall.answers_join(Ok(lin()));
    phone.wants(Intent::UseServer(miantan_client::link::invitation_link(&hall.url, CODE)));
    phone.sees("the room, with the account", in_room).await;
    // one that no list knows: the code alone leads in
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    hall.answers_join(Ok(lin()));
    phone.wants(Intent::UseServer(miantan_client::link::invitation_link(&hall.url, CODE)));
    phone.sees("the room", |view| candidate(view).is_some_and(|candidate| candidate.mine.is_none())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_opened_without_an_answer_leads_in_all_the_same() {
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    hall.counter().is(lin_in_the_room());
    hall.counter().refuses(&enter(), ProblemCode::TimedOut);
    wants(&phone, AccountIntent::Enter(invitation().id));
    phone.sees("the room", in_room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_takes_the_rooms_along() {
    let hall = Hall::open().await;
    let mut phone = of_account(&hall).await;
    enters(&hall, &phone).await;
    phone.wants(Intent::CheckBegin);
    phone.passes_checks().await;
    hall.counter().is(lin_of_account());
    hall.counter().says("POST /me/leave-room", &lin_of_account());
    wants(&phone, AccountIntent::LeaveRoom);
    phone.sees("the account", |view| account(view).is_some()).await;
    phone.wants(Intent::SignOut);
    phone.sees("out", |view| form(view).is_some()).await;
    phone.shut_down().await;
    phone.start().await;
    signs_in(&phone).await;
    enters(&hall, &phone).await;
    assert!(!candidate(&phone.view()).unwrap().check_in.done, "the check-in went with the account");
}
