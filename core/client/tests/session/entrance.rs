//! First screen, code, password, sign-in, and how a session ends.

use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::rules::link::LinkView;
use miantan_domain::wire::live::{ByeReason, ServerFrame};
use miantan_domain::wire::{Problem, ProblemCode};

fn join(code: &str, password: Option<&str>) -> Intent {
    Intent::Join { code: code.into(), password: password.map(Into::into) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_shows_the_organiser_and_is_remembered() {
    let hall = Hall::open().await;
    let mut phone = Phone::new().await;
    assert_eq!(phone.view().server, ServerView::None);
    phone.at(&hall).await;
    let ServerView::Chosen { organiser, hotline, .. } = phone.view().server.clone() else { panic!() };
    assert_eq!((organiser.as_str(), hotline.as_str()), ("青禾市毕业生就业服务中心", "400-000-0000"));
    phone.killed().await;
    phone.start().await;
    // in the very first view, before the server is asked
    assert!(matches!(phone.view().server, ServerView::Chosen { .. }));
    phone.wants(Intent::LeaveServer);
    let view = phone.sees("the first screen", |view| view.server == ServerView::None).await;
    assert_eq!(view.servers.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_server_is_said_so() {
    let phone = Phone::new().await;
    let failed = |code| move |view: &AppView| matches!(&view.server, ServerView::Failed { problem, .. } if problem.code == code);
    phone.wants(Intent::UseServer("不是地址".into()));
    phone.sees("no address", failed(ProblemCode::Malformed)).await;
    phone.wants(Intent::UseServer("http://fair.example.cn".into()));
    phone.sees("not encrypted", failed(ProblemCode::NotAllowed)).await;
    // nobody listens on the port of a listener that is gone
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    phone.wants(Intent::UseServer(format!("http://{gone}")));
    phone.sees("not there", failed(ProblemCode::Offline)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_a_code_goes_straight_in() {
    let hall = Hall::open().await;
    hall.answers_join(Ok(lin()));
    let phone = Phone::new().await;
    phone.wants(Intent::UseServer(miantan_client::link::invitation_link(&hall.url, CODE)));
    phone.sees("the candidate's app", |view| candidate(view).is_some_and(|c| c.name == "林晓青")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_of_a_code_is_shown_as_what_it_is() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    for code in [
        ProblemCode::CodeWrong,
        ProblemCode::CodeUsed,
        ProblemCode::CodeExpired,
        ProblemCode::CodeTooEarly,
        ProblemCode::CodeCancelled,
        ProblemCode::IdentityNeeded,
    ] {
        hall.answers_join(Err(code.into()));
        phone.wants(join(CODE, None));
        phone
            .sees(
                code.as_str(),
                |view| matches!(form(view), Some(FormState::Failed { problem, .. }) if problem.code == code),
            )
            .await;
        phone.wants(Intent::ResetForm);
        phone.sees("an empty form", |view| form(view) == Some(&FormState::Idle)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_code_is_not_even_asked() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    phone.wants(join("12", None));
    phone
        .sees("wrong code", |view| {
            matches!(form(view), Some(FormState::Failed { problem, .. }) if problem.code == ProblemCode::CodeWrong)
        })
        .await;
    assert_eq!(hall.joins(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_and_may_be_wrong_or_slowed() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    let asks = |wrong| move |view: &AppView| matches!(form(view), Some(FormState::PasswordNeeded { code, wrong: w }) if code == CODE && *w == wrong);
    hall.answers_join(Err(ProblemCode::PasswordNeeded.into()));
    phone.wants(join(CODE, None));
    phone.sees("asks for the password", asks(false)).await;
    hall.answers_join(Err(ProblemCode::PasswordWrong.into()));
    phone.wants(join(CODE, Some("x")));
    phone.sees("wrong password", asks(true)).await;
    hall.answers_join(Err(Problem::from(ProblemCode::SlowDown).retry_after(300)));
    phone.wants(join(CODE, Some("y")));
    phone
        .sees("slowed", |view| {
            matches!(form(view), Some(FormState::Failed { problem, again_at: Some(_) }) if problem.code == ProblemCode::SlowDown)
        })
        .await;
    // it asks again by itself, with the code kept
    phone.sees("asks again", asks(false)).await;
    hall.answers_join(Ok(lin()));
    phone.wants(join(CODE, Some("z")));
    phone.sees("in", |view| candidate(view).is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sign_in_is_one_sentence() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    hall.answers_sign_in(Err(ProblemCode::CredentialsWrong.into()));
    phone.wants(Intent::SignIn { account: "a".into(), password: "b".into(), member: Some(" ".into()) });
    phone
        .sees("refused", |view| {
            matches!(form(view), Some(FormState::Failed { problem, .. }) if problem.code == ProblemCode::CredentialsWrong)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_takes_over_and_this_one_is_told() {
    let hall = Hall::open().await;
    let phone = Phone::of_lin(&hall).await;
    hall.rejects(ProblemCode::ReplacedByDevice);
    hall.says(ServerFrame::Bye { reason: ByeReason::SessionOver, retry_after_ms: 0 });
    let view = phone.sees("moved", |view| told(view, &NoticeWhat::SessionMoved)).await;
    assert_eq!(form(&view), Some(&FormState::Idle));
    assert_eq!(view.link, LinkView::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_good_any_more_leads_back_to_the_entrance() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    phone.killed().await;
    hall.rejects(ProblemCode::NotSignedIn);
    phone.start().await;
    assert!(candidate(&phone.view()).is_some(), "shown from the store at first");
    let view = phone.sees("over", |view| told(view, &NoticeWhat::SessionOver)).await;
    assert!(form(&view).is_some());
    // and it stays so
    phone.killed().await;
    phone.start().await;
    assert!(form(&phone.view()).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_again_after_a_lost_session_goes_on_where_it_was() {
    let hall = Hall::open().await;
    let phone = Phone::of_ready_lin(&hall).await;
    hall.says(ServerFrame::Room(Box::new(room(5, 2))));
    phone.sees("the room", |view| candidate(view).is_some_and(|c| c.room.is_some())).await;
    hall.says(ServerFrame::Bye { reason: ByeReason::SessionOver, retry_after_ms: 0 });
    phone.sees("over", |view| told(view, &NoticeWhat::SessionOver)).await;
    hall.answers_join(Ok(lin()));
    phone.wants(join(CODE, None));
    let view = phone.sees("in again", |view| candidate(view).is_some()).await;
    let candidate = candidate(&view).unwrap();
    assert!(candidate.check_in.done, "nothing has to be checked again");
    assert!(candidate.room.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_nothing_behind() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    phone.wants(Intent::SignOut);
    phone.sees("the entrance", |view| form(view).is_some()).await;
    phone.shut_down().await;
    phone.start().await;
    assert!(form(&phone.view()).is_some());
    hall.answers_join(Ok(lin()));
    phone.wants(join(CODE, None));
    let view = phone.sees("in again", |view| candidate(view).is_some()).await;
    assert!(!candidate(&view).unwrap().check_in.done, "the check-in went with the rest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_read_is_put_aside_with_a_notice() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_lin(&hall).await;
    phone.shut_down().await;
    for suffix in ["-wal", "-shm"] {
        std::fs::remove_file(phone.folder.path().join(format!("miantan.sqlite3{suffix}"))).ok();
    }
    std::fs::write(phone.folder.path().join("miantan.sqlite3"), [7; 4_096]).unwrap();
    phone.start().await;
    let view = phone.view();
    assert!(told(&view, &NoticeWhat::StorageReplaced));
    assert_eq!(view.server, ServerView::None);
    phone.at(&hall).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_can_store_nothing_says_so_and_works_for_this_run() {
    let hall = Hall::open().await;
    let mut phone = Phone::new().await;
    phone.shut_down().await;
    for suffix in ["", "-wal", "-shm"] {
        std::fs::remove_file(phone.folder.path().join(format!("miantan.sqlite3{suffix}"))).ok();
    }
    // the file's place is taken: no right can help
    std::fs::create_dir(phone.folder.path().join("miantan.sqlite3")).unwrap();
    phone.start().await;
    assert!(told(&phone.view(), &NoticeWhat::StorageFailed));
    hall.answers_join(Ok(lin()));
    phone.at(&hall).await;
    phone.wants(join(CODE, None));
    phone.sees("in", |view| candidate(view).is_some()).await;
    phone.passes_checks().await;
}
