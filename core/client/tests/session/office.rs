//! An employer's way into a fair, and its office.

use crate::counter::{Asked, Counter};
use crate::device::*;
use crate::fairs::{details, employer, fair_card, fair_id, position_id};
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;

/// With a good check digit (GB 32100-2015).
const USCC: &str = "91350100M000100Y43";

fn wants(phone: &Phone, intent: OfficeIntent) {
    phone.wants(Intent::Office(intent));
}

fn registration(state: RegistrationState) -> Registration {
    Registration {
        id: RegistrationId(uuid(600)),
        fair: fair_id(),
        fair_title: fair_card().title,
        name: "青禾云帆".into(),
        uscc: USCC.into(),
        contact: "王敏".into(),
        at: WallTime(NOON),
        state,
    }
}

fn registers(phone: &Phone, uscc: &str, password: &str) {
    wants(
        phone,
        OfficeIntent::Register {
            fair: fair_id(),
            name: " 青禾云帆 ".into(),
            uscc: uscc.into(),
            contact: "王敏".into(),
            phone: "13800138000".into(),
            password: password.into(),
        },
    );
}

fn state(view: &AppView) -> Option<&RegistrationState> {
    view.registration.as_ref().map(|view| &view.registration.state)
}

fn failed(code: ProblemCode) -> impl Fn(&AppView) -> bool {
    move |view| matches!(form(view), Some(FormState::Failed { problem, .. }) if problem.code == code)
}

fn says_stands(counter: &Counter, state: RegistrationState) {
    counter.says(&format!("GET /registrations/{}", uuid(600)), &registration(state));
}

async fn registered(hall: &Hall) -> Phone {
    let phone = Phone::new().await;
    phone.at(hall).await;
    let made =
        Registered { registration: registration(RegistrationState::LicenceMissing), token: "of-it".into() };
    hall.counter().says("POST /registrations", &made);
    registers(&phone, USCC, "a-good-password");
    phone.sees("registered", |view| state(view) == Some(&RegistrationState::LicenceMissing)).await;
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_checked_here_and_sent_again_as_the_same_one() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    registers(&phone, "91350100M000100Y44", "a-good-password");
    phone.sees("the check digit", failed(ProblemCode::UsccBad)).await;
    registers(&phone, USCC, "short");
    phone.sees("the password", failed(ProblemCode::PasswordWeak)).await;
    assert!(hall.counter().asked("POST /registrations").is_empty());
    hall.counter().refuses("POST /registrations", ProblemCode::TimedOut);
    registers(&phone, USCC, "a-good-password");
    phone.sees("no answer", failed(ProblemCode::TimedOut)).await;
    let made =
        Registered { registration: registration(RegistrationState::LicenceMissing), token: "of-it".into() };
    hall.counter().says("POST /registrations", &made);
    registers(&phone, USCC, "a-good-password");
    let view = phone.sees("registered", |view| state(view).is_some()).await;
    assert_eq!(form(&view), Some(&FormState::Idle));
    let asked: Vec<NewRegistration> =
        hall.counter().asked("POST /registrations").iter().map(Asked::read).collect();
    assert_eq!(asked[0].id, asked[1].id);
    assert_eq!((asked[1].name.as_str(), asked[1].uscc.as_str()), ("青禾云帆", USCC));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_licence_follows_after_a_kill_and_the_decision_is_seen() {
    let hall = Hall::open().await;
    let mut phone = registered(&hall).await;
    let text: Arc<[u8]> = b"no licence".as_slice().into();
    wants(&phone, OfficeIntent::Licence { name: "a.txt".into(), bytes: text });
    phone.sees("no picture", failed(ProblemCode::FileTypeRefused)).await;
    hall.counter().gone(true);
    let licence: Arc<[u8]> = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![5; 200_000]].concat().into();
    wants(&phone, OfficeIntent::Licence { name: "执照.png".into(), bytes: licence.clone() });
    let uploading = |view: &AppView| view.registration.as_ref().is_some_and(|r| r.uploading.is_some());
    phone.sees("on its way", uploading).await;
    phone.killed().await;
    let put = format!("PUT /registrations/{}/licence", uuid(600));
    let before = hall.counter().asked(&put).len();
    phone.start().await;
    assert_eq!(state(&phone.view()), Some(&RegistrationState::LicenceMissing), "in the very first view");
    hall.counter().says(&put, &registration(RegistrationState::Waiting));
    says_stands(hall.counter(), RegistrationState::LicenceMissing);
    hall.counter().gone(false);
    let view = phone.sees("waits", |view| state(view) == Some(&RegistrationState::Waiting)).await;
    assert!(view.registration.as_ref().unwrap().uploading.is_none());
    let sent = hall.counter().asked(&put).pop().unwrap();
    assert!(hall.counter().asked(&put).len() > before && sent.body == licence[..]);
    assert_eq!(sent.token.as_deref(), Some("Bearer of-it"));
    let rejected = RegistrationState::Rejected { reason: "看不清".into() };
    says_stands(hall.counter(), rejected.clone());
    wants(&phone, OfficeIntent::CheckRegistration);
    phone.sees("rejected, and why", |view| state(view) == Some(&rejected)).await;
    hall.counter().gone(true);
    wants(&phone, OfficeIntent::CheckRegistration);
    let offline = |view: &AppView| {
        view.notices
            .iter()
            .any(|n| matches!(&n.what, NoticeWhat::Refused(p) if p.code == ProblemCode::Offline))
    };
    let view = phone.sees("told", offline).await;
    assert_eq!(state(&view), Some(&rejected));
    wants(&phone, OfficeIntent::ForgetRegistration);
    phone.sees("forgotten", |view| view.registration.is_none()).await;
    phone.killed().await;
    phone.start().await;
    assert!(phone.view().registration.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_are_kept_apart_per_server() {
    let (here, there) = (Hall::open().await, Hall::open().await);
    let phone = registered(&here).await;
    phone.wants(Intent::UseServer(there.url.clone()));
    phone.sees("nothing there", |view| view.registration.is_none()).await;
    phone.wants(Intent::UseServer(here.url.clone()));
    phone.sees("here", |view| state(view).is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_signs_in_at_once() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    let sent = CodeSent { masked: "138****8000".into(), again_after_ms: 60_000, valid_ms: 300_000 };
    hall.counter().says("POST /employer/reset", &sent);
    wants(&phone, OfficeIntent::AskReset { account: "青禾云帆".into(), member: None });
    phone
        .sees("a code was sent", |view| {
            matches!(&view.who, WhoView::SignedOut { code: Some(code), .. } if code.masked == "138****8000")
        })
        .await;
    let confirm = |code: &str| OfficeIntent::ConfirmReset {
        account: "青禾云帆".into(),
        member: None,
        code: code.into(),
        password: "another-password".into(),
    };
    hall.counter().refuses("POST /employer/reset/confirm", Problem::from(ProblemCode::SmsCodeWrong));
    wants(&phone, confirm("000000"));
    phone.sees("wrong", failed(ProblemCode::SmsCodeWrong)).await;
    hall.counter().says("POST /employer/reset/confirm", &());
    hall.answers_sign_in(Ok(wang()));
    wants(&phone, confirm("123456"));
    phone.sees("the recruiter's app", |view| recruiter(view).is_some()).await;
}

fn office(view: &AppView) -> &OfficeView {
    &recruiter(view).expect("a recruiter").office
}

fn form_is(form: OfficeForm) -> impl Fn(&AppView) -> bool {
    move |view| office(view).form == form
}

fn stand(positions: Vec<PositionCard>) -> Stand {
    Stand {
        fair: fair_id(),
        fair_title: fair_card().title,
        employer: employer(1),
        name: "青禾云帆".into(),
        short: String::new(),
        introduction: "做软件".into(),
        positions,
    }
}

fn edit() -> PositionEdit {
    PositionEdit {
        title: "前端开发".into(),
        salary: Salary { from: 7_500, to: 8_499 },
        city: "青禾市".into(),
        openings: 2,
        description: "写页面".into(),
        requirements: String::new(),
        open: true,
    }
}

fn positions(view: &AppView) -> Option<usize> {
    match &office(view).stand {
        Some((_, Loadable::Ready(stand))) => Some(stand.positions.len()),
        Some((_, Loadable::Loading | Loadable::Failed(_))) | None => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stand_and_positions_are_fresh_after_each_save() {
    let hall = Hall::open().await;
    let counter = hall.counter();
    let phone = Phone::of_wang(&hall).await;
    counter.says("GET /employer/fairs", &vec![fair_card()]);
    wants(&phone, OfficeIntent::LoadFairs);
    phone
        .sees("its fairs", |view| matches!(&office(view).fairs, Some(Loadable::Ready(f)) if f.len() == 1))
        .await;
    let path = format!("/employer/fairs/{}/stand", fair_id());
    counter.says(&format!("GET {path}"), &stand(Vec::new()));
    wants(&phone, OfficeIntent::OpenStand(fair_id()));
    phone.sees("the stand", |view| positions(view) == Some(0)).await;
    counter.says(&format!("PUT {path}"), &Stand { short: "云帆".into(), ..stand(Vec::new()) });
    let words = StandEdit { short: "云帆".into(), introduction: "做软件".into() };
    wants(&phone, OfficeIntent::SaveStand { fair: fair_id(), edit: words });
    phone
        .sees("saved", |view| {
            let named = matches!(&office(view).stand, Some((_, Loadable::Ready(s))) if s.short == "云帆");
            named && form_is(OfficeForm::Done)(view)
        })
        .await;
    // a position that cannot be is not even sent
    let save = |edit: PositionEdit| OfficeIntent::SavePosition {
        fair: fair_id(),
        position: None,
        edit: Box::new(edit),
    };
    wants(&phone, save(PositionEdit { openings: 0, ..edit() }));
    let bad = |view: &AppView| matches!(&office(view).form, OfficeForm::Failed(p) if p.code == ProblemCode::PositionBad);
    phone.sees("not like this", bad).await;
    // offline, then again: the same position
    counter.gone(true);
    wants(&phone, save(edit()));
    let offline = |view: &AppView| matches!(&office(view).form, OfficeForm::Failed(p) if p.code == ProblemCode::Offline);
    phone.sees("offline", offline).await;
    let sent = |counter: &Counter| -> Vec<String> {
        let all = counter.everything();
        all.into_iter().filter(|what| what.starts_with("PUT") && what.contains("/positions/")).collect()
    };
    let first = sent(counter)[0].clone();
    counter.gone(false);
    counter.says(&first, &details(1));
    counter.says(&format!("GET {path}"), &stand(vec![details(1).card]));
    wants(&phone, save(edit()));
    phone.sees("listed", |view| positions(view) == Some(1) && form_is(OfficeForm::Done)(view)).await;
    assert_eq!(sent(counter), [first.clone(), first]);
    counter.says(&format!("GET /positions/{}", position_id(1)), &details(1));
    wants(&phone, OfficeIntent::OpenPosition(position_id(1)));
    phone.sees("open", |view| matches!(office(view).position, Some(Loadable::Ready(_)))).await;
    wants(&phone, OfficeIntent::ClosePosition);
    phone.sees("closed", |view| office(view).position.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_and_a_password_changes() {
    let hall = Hall::open().await;
    let counter = hall.counter();
    let phone = Phone::of_wang(&hall).await;
    let line = |n: u128, name: &str| MemberLine {
        member: MemberCard { id: MemberId(uuid(n)), name: name.into(), role: MemberRole::Recruiter },
        sessions: 1,
    };
    let members = |count: usize| move |view: &AppView| matches!(&office(view).members, Some(Loadable::Ready(list)) if list.len() == count);
    counter.says("GET /employer/members", &vec![line(4, "王敏")]);
    wants(&phone, OfficeIntent::LoadMembers);
    phone.sees("one", members(1)).await;
    let new = |password: &str| {
        OfficeIntent::AddMember(NewMemberRequest {
            id: MemberId(uuid(44)),
            name: "李雷".into(),
            role: MemberRole::Panellist,
            password: password.into(),
        })
    };
    wants(&phone, new("short"));
    phone.sees("weak", form_is(OfficeForm::Failed(ProblemCode::PasswordWeak.into()))).await;
    counter.refuses("POST /employer/members", ProblemCode::MemberKnown);
    wants(&phone, new("long-enough"));
    let known = |view: &AppView| matches!(&office(view).form, OfficeForm::Failed(p) if p.code == ProblemCode::MemberKnown);
    phone.sees("known", known).await;
    counter.says("POST /employer/members", &vec![line(4, "王敏"), line(44, "李雷")]);
    wants(&phone, new("long-enough"));
    phone.sees("two", members(2)).await;
    counter.says(&format!("DELETE /employer/members/{}", uuid(44)), &vec![line(4, "王敏")]);
    wants(&phone, OfficeIntent::RemoveMember(MemberId(uuid(44))));
    phone.sees("one again", members(1)).await;
    counter.says(&format!("DELETE /employer/members/{}/sessions", uuid(4)), &());
    wants(&phone, OfficeIntent::EndSessions(MemberId(uuid(4))));
    counter.hears(&format!("DELETE /employer/members/{}/sessions", uuid(4)), 1).await;
    phone.sees("done", form_is(OfficeForm::Done)).await;
    counter.says("PUT /employer/password", &());
    wants(&phone, OfficeIntent::ChangePassword { old: "long-enough".into(), new: "longer-still".into() });
    let change = counter.hears("PUT /employer/password", 1).await.read::<PasswordChange>();
    assert_eq!(change.new, "longer-still");
    phone.sees("done", form_is(OfficeForm::Done)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_round_is_in_both_lists() {
    let hall = Hall::open().await;
    let counter = hall.counter();
    let phone = Phone::of_wang(&hall).await;
    counter.says("GET /employer/rounds", &Vec::<RoundSummary>::new());
    wants(&phone, OfficeIntent::LoadRounds);
    phone.sees("none", |view| matches!(&office(view).rounds, Some(Loadable::Ready(r)) if r.is_empty())).await;
    let edit = RoundEdit {
        name: "春季面谈".into(),
        stages: vec![Stage::Interview],
        starts: WallTime(NOON),
        ends: WallTime(NOON + 3_600_000),
        identity: IdentityRule::NotRequired,
        ring_ms: 30_000,
        grace_ms: 600_000,
    };
    let backwards = RoundEdit { ends: WallTime(NOON - 1), ..edit.clone() };
    wants(&phone, OfficeIntent::SaveRound { round: None, edit: Box::new(backwards) });
    let bad = |view: &AppView| matches!(&office(view).form, OfficeForm::Failed(p) if p.code == ProblemCode::RoundBad);
    phone.sees("backwards", bad).await;
    let id = round().id;
    counter.says(&format!("PUT /employer/rounds/{id}"), &round());
    let summary = RoundSummary { round: round(), stage: Stage::Interview, waiting: 0, done: 0 };
    counter.says("GET /employer/rounds", &vec![summary]);
    wants(&phone, OfficeIntent::SaveRound { round: Some(id), edit: Box::new(edit) });
    phone
        .sees("listed", |view| matches!(&office(view).rounds, Some(Loadable::Ready(r)) if r.len() == 1))
        .await;
}
