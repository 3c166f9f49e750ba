//! Applying, once and whatever the network does; the lists of an account.

use crate::account::*;
use crate::device::*;
use crate::fairs::{fair_id, position_id};
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::intent::FairIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{Change, ClientFrame, ServerFrame};
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};

pub fn application() -> MyApplication {
    MyApplication {
        id: ApplicationId(uuid(400)),
        conversation: ConversationId(uuid(401)),
        fair: fair_id(),
        fair_title: "青禾市春季网络招聘会".into(),
        employer_name: "青禾云帆".into(),
        position: position_id(1),
        title: "前端开发".into(),
        salary: Salary::default(),
        at: WallTime(NOON),
        seen: false,
    }
}

pub fn invitation() -> InvitationCard {
    InvitationCard {
        id: InvitationId(uuid(500)),
        conversation: ConversationId(uuid(401)),
        revision: 1,
        terms: InvitationTerms { starts: WallTime(NOON), minutes: 30, note: String::new(), round: None },
        round: round().id,
        round_name: round().name,
        employer_name: "青禾云帆".into(),
        with_password: false,
        status: InvitationStatus::Accepted,
        sent: WallTime(NOON),
    }
}

fn applies(phone: &Phone, resume: ResumeChoice) {
    phone.wants(Intent::Fair(FairIntent::Apply { position: position_id(1), resume }));
}

async fn hears_application(hall: &Hall) -> (ChangeId, ApplicationId, ResumeChoice) {
    hall.hears("the application", |frame| match frame {
        ClientFrame::Change { id, change: Change::Apply { application, position, resume } } => {
            assert_eq!(*position, position_id(1));
            Some((*id, *application, *resume))
        }
        _ => None,
    })
    .await
}

fn state(view: &AppView) -> Option<&ApplyState> {
    account(view).and_then(|account| account.mine.applied.get(&position_id(1)))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_waits_survives_a_kill_and_is_sent_once() {
    let hall = Hall::open().await;
    let mut phone = of_account(&hall).await;
    hall.goes_away();
    applies(&phone, ResumeChoice::Online);
    phone.sees("waits", |view| matches!(state(view), Some(ApplyState::Waiting { .. }))).await;
    // a second press
    applies(&phone, ResumeChoice::Online);
    let first = hears_application(&hall).await;
    phone.killed().await;
    phone.start().await;
    assert!(matches!(state(&phone.view()), Some(ApplyState::Waiting { id }) if *id == first.0));
    hall.sockets(2).await;
    assert_eq!(hears_application(&hall).await, first);
    hall.counter().gone(false);
    let list = hall.counter().asked("GET /me/applications").len();
    hall.says(ServerFrame::Accepted { id: first.0, seq: 1 });
    phone.sees("applied", |view| state(view) == Some(&ApplyState::Applied)).await;
    hall.counter().hears("GET /me/applications", list + 1).await;
    // also while the server's list is not to be had
    phone.killed().await;
    hall.counter().gone(true);
    phone.start().await;
    assert_eq!(state(&phone.view()), Some(&ApplyState::Applied));
    applies(&phone, ResumeChoice::Online);
    let twice = |view: &AppView| told(view, &NoticeWhat::Refused(ProblemCode::AlreadyApplied.into()));
    phone.sees("once is enough", twice).await;
    let changes = hall.heard_so_far().await;
    assert!(!changes.iter().any(|frame| matches!(frame, ClientFrame::Change { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_application_keeps_its_reason_until_the_person_acts() {
    let hall = Hall::open().await;
    let mut phone = of_account(&hall).await;
    hall.accepts(false);
    applies(&phone, ResumeChoice::Online);
    let (id, ..) = hears_application(&hall).await;
    hall.says(ServerFrame::Refused { id, problem: ProblemCode::ResumeMissing.into() });
    let missing = |view: &AppView| matches!(state(view), Some(ApplyState::Failed { problem, .. }) if problem.code == ProblemCode::ResumeMissing);
    phone.sees("why", missing).await;
    phone.killed().await;
    phone.start().await;
    assert!(missing(&phone.view()));
    hall.sockets(2).await;
    phone.wants(Intent::RetryChange(id));
    assert_eq!(hears_application(&hall).await.0, id);
    hall.says(ServerFrame::Refused { id, problem: ProblemCode::ResumeMissing.into() });
    phone.sees("again", missing).await;
    // with a file instead
    let file = ResumeChoice::Attachment { object: ObjectId(uuid(7)) };
    applies(&phone, file);
    let (other, _, resume) = hears_application(&hall).await;
    assert!(other != id && resume == file);
    hall.says(ServerFrame::Refused { id: other, problem: ProblemCode::FairClosed.into() });
    phone
        .sees("closed", |view| matches!(state(view), Some(ApplyState::Failed { id, .. }) if *id == other))
        .await;
    phone.wants(Intent::DeleteChange(other));
    phone.sees("given up", |view| state(view).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_has_already_counts_as_applied() {
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    hall.accepts(false);
    applies(&phone, ResumeChoice::Online);
    let (id, ..) = hears_application(&hall).await;
    hall.says(ServerFrame::Refused { id, problem: Problem::from(ProblemCode::AlreadyApplied) });
    phone.sees("applied", |view| state(view) == Some(&ApplyState::Applied)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_candidates_account_applies() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    applies(&phone, ResumeChoice::Online);
    let sign_in = |view: &AppView| told(view, &NoticeWhat::Refused(ProblemCode::NotSignedIn.into()));
    phone.sees("sign in first", sign_in).await;
    let phone = Phone::of_wang(&hall).await;
    applies(&phone, ResumeChoice::Online);
    let not = |view: &AppView| told(view, &NoticeWhat::Refused(ProblemCode::NotAllowed.into()));
    phone.sees("not as an employer", not).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_on_the_device_and_fresh_when_a_conversation_changed() {
    let hall = Hall::open().await;
    hall.has_desk(crate::desk::Desk::of(Side::Candidate));
    let mut phone = of_account(&hall).await;
    hall.counter().says("GET /me/applications", &vec![application()]);
    hall.counter().says("GET /me/interviews", &vec![invitation()]);
    let head = hall.desk(|desk| {
        let id = desk.begin(1, "林晓青");
        desk.head(id)
    });
    hall.says(ServerFrame::Head(Box::new(head)));
    let full = |view: &AppView| {
        let Some(account) = account(view) else { return false };
        let (one, two) = (&account.mine.applications, &account.mine.interviews);
        matches!(one, Some(Loadable::Ready(list)) if list.len() == 1)
            && matches!(two, Some(Loadable::Ready(list)) if list.len() == 1)
    };
    let view = phone.sees("both", full).await;
    assert_eq!(state(&view), Some(&ApplyState::Applied));
    phone.killed().await;
    hall.counter().gone(true);
    phone.start().await;
    assert!(full(&phone.view()), "in the very first view");
}
