//! A candidate's account: in by SMS, profile, privacy, out; kept apart per server.

use crate::device::*;
use crate::hall::*;
use miantan_client::intent::AccountIntent;
use miantan_client::view::*;
use miantan_client::{Intent, view};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};

pub const PHONE: &str = "13800138000";

pub fn lin_of_account() -> Me {
    Me::Account { candidate: CandidateId(uuid(2)), name: "林晓青".into(), phone: "138****8000".into() }
}

pub fn account(view: &AppView) -> Option<&AccountView> {
    match &view.who {
        WhoView::Account(account) => Some(account),
        WhoView::SignedOut { .. } | WhoView::Candidate(_) | WhoView::Recruiter(_) => None,
    }
}

pub fn wants(phone: &Phone, intent: AccountIntent) {
    phone.wants(Intent::Account(intent));
}

/// The counter as it is for a candidate who has done nothing yet.
pub fn lays_out_an_account(hall: &Hall, me: &Me) {
    let counter = hall.counter();
    counter.is(me.clone());
    counter.says("POST /candidate/code", &code_sent());
    counter.says("POST /candidate/sign-in", &SignedIn { token: "token-of-lin".into(), me: me.clone() });
    counter.says("GET /me/applications", &Vec::<MyApplication>::new());
    counter.says("GET /me/interviews", &Vec::<InvitationCard>::new());
    counter.says("GET /me/resume", &ResumeDoc::default());
}

fn code_sent() -> CodeSent {
    CodeSent { masked: "138****8000".into(), again_after_ms: 60_000, valid_ms: 300_000 }
}

fn sign_in() -> AccountIntent {
    AccountIntent::SignIn { phone: PHONE.into(), code: " 123 456 ".into() }
}

pub async fn signs_in(phone: &Phone) {
    wants(phone, sign_in());
    phone.sees("the account", |view| account(view).is_some()).await;
}

/// Signed in by phone, with a socket.
pub async fn of_account(hall: &Hall) -> Phone {
    lays_out_an_account(hall, &lin_of_account());
    let phone = Phone::new().await;
    phone.at(hall).await;
    signs_in(&phone).await;
    hall.sockets(1).await;
    phone
}

fn code(view: &AppView) -> Option<&CodeView> {
    match &view.who {
        WhoView::SignedOut { code, .. } => code.as_ref(),
        WhoView::Candidate(candidate) => candidate.code.as_ref(),
        WhoView::Account(_) | WhoView::Recruiter(_) => None,
    }
}

fn mine(view: &AppView) -> Option<&MineView> {
    account(view).map(|account| &account.mine)
}

fn failed(code: ProblemCode) -> impl Fn(&AppView) -> bool {
    move |view| matches!(form(view), Some(FormState::Failed { problem, .. }) if problem.code == code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_and_a_code_make_an_account() {
    let hall = Hall::open().await;
    let newcomer =
        Me::Account { candidate: CandidateId(uuid(2)), name: String::new(), phone: "138****8000".into() };
    lays_out_an_account(&hall, &newcomer);
    let mut phone = Phone::new().await;
    phone.at(&hall).await;
    hall.counter().says("GET /policy", &Policy { version: 3, text: "隐私".into() });
    wants(&phone, AccountIntent::LoadPolicy);
    phone.sees("the policy", |view| matches!(view.policy, Some(Loadable::Ready(_)))).await;
    wants(&phone, AccountIntent::AskCode { phone: "138 0013 800".into() });
    phone.sees("no number", failed(ProblemCode::PhoneBad)).await;
    assert!(hall.counter().asked("POST /candidate/code").is_empty());
    wants(&phone, AccountIntent::AskCode { phone: "+86 138-0013-8000".into() });
    let view = phone.sees("a code was sent", |view| code(view).is_some()).await;
    let sent = code(&view).unwrap();
    assert_eq!((sent.phone.as_str(), sent.masked.as_str()), (PHONE, "138****8000"));
    assert!(sent.again_at > view.now && sent.valid_until > sent.again_at);
    assert_eq!(form(&view), Some(&FormState::Idle));
    // a wrong one, and then too many
    hall.counter().refuses("POST /candidate/sign-in", ProblemCode::SmsCodeWrong);
    wants(&phone, sign_in());
    phone.sees("wrong", failed(ProblemCode::SmsCodeWrong)).await;
    let slow = Problem::from(ProblemCode::SlowDown).retry_after(30_000);
    hall.counter().refuses("POST /candidate/sign-in", slow);
    wants(&phone, sign_in());
    let view = phone.sees("slowed", failed(ProblemCode::SlowDown)).await;
    assert!(matches!(form(&view), Some(FormState::Failed { again_at: Some(at), .. }) if *at > view.now));
    assert!(code(&view).is_some(), "the code that was sent is still good");
    lays_out_an_account(&hall, &newcomer);
    signs_in(&phone).await;
    let request = hall.counter().hears("POST /candidate/sign-in", 3).await.read::<CandidateSignIn>();
    assert_eq!((request.phone.as_str(), request.code.as_str(), request.policy), (PHONE, "123456", 3));
    assert_eq!(account(&phone.view()).unwrap().name, "");
    // who it is
    hall.counter().refuses("PUT /me/profile", ProblemCode::UnderAge);
    let profile = Profile { name: " 林晓青 ".into(), birth_year: 2003, birth_month: 5 };
    wants(&phone, AccountIntent::SaveProfile(profile.clone()));
    let refused = |view: &AppView| {
        mine(view)
            .is_some_and(|m| matches!(&m.form, OfficeForm::Failed(p) if p.code == ProblemCode::UnderAge))
    };
    phone.sees("too young", refused).await;
    wants(&phone, AccountIntent::FormSeen);
    phone.sees("seen", |view| mine(view).is_some_and(|m| m.form == OfficeForm::Idle)).await;
    hall.counter().says("PUT /me/profile", &lin_of_account());
    hall.counter().is(lin_of_account());
    wants(&phone, AccountIntent::SaveProfile(profile));
    phone.sees("done", |view| mine(view).is_some_and(|m| m.form == OfficeForm::Done)).await;
    assert_eq!(hall.counter().hears("PUT /me/profile", 2).await.read::<Profile>().name, "林晓青");
    assert_eq!(account(&phone.view()).unwrap().name, "林晓青");
    hall.sockets(1).await;
    // and it stays so without a network
    phone.killed().await;
    hall.counter().gone(true);
    phone.start().await;
    let view = phone.view();
    assert_eq!(account(&view).map(|a| (a.name.as_str(), a.phone.as_str())), Some(("林晓青", "138****8000")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_policy_on_screen_the_newest_is_meant() {
    let hall = Hall::open().await;
    lays_out_an_account(&hall, &lin_of_account());
    let phone = Phone::new().await;
    phone.at(&hall).await;
    signs_in(&phone).await;
    assert_eq!(hall.counter().asked("POST /candidate/sign-in")[0].read::<CandidateSignIn>().policy, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_policy_in_force_is_shown() {
    let hall = Hall::open().await;
    lays_out_an_account(&hall, &lin_of_account());
    let phone = Phone::new().await;
    phone.at(&hall).await;
    hall.counter().says("GET /policy", &Policy { version: 2, text: "新的".into() });
    hall.counter().refuses("POST /candidate/sign-in", ProblemCode::ConsentNeeded);
    wants(&phone, sign_in());
    let new = |view: &AppView| matches!(&view.policy, Some(Loadable::Ready(policy)) if policy.version == 2);
    phone.sees("the new one", |view| new(view) && failed(ProblemCode::ConsentNeeded)(view)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_nothing_of_the_account() {
    let hall = Hall::open().await;
    let mut phone = of_account(&hall).await;
    let doc = ResumeDoc { headline: "青禾大学".into(), ..ResumeDoc::default() };
    hall.counter().refuses("PUT /me/resume", ProblemCode::Offline);
    wants(&phone, AccountIntent::EditResume(Box::new(doc)));
    phone.sees("typed", |view| mine(view).is_some_and(|m| m.resume.doc.is_some())).await;
    crate::fairs::lays_out_a_fair(hall.counter());
    crate::fairs::opens_the_fair(&phone).await;
    phone.wants(Intent::SignOut);
    phone.sees("out", |view| form(view).is_some()).await;
    phone.shut_down().await;
    let bytes = std::fs::read(phone.folder.path().join("miantan.sqlite3")).unwrap();
    let held = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!held("青禾大学") && !held("138****8000"), "it is still in the file");
    phone.start().await;
    assert!(form(&phone.view()).is_some());
    signs_in(&phone).await;
    assert!(mine(&phone.view()).unwrap().resume.doc.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_two_servers_know_nothing_of_each_other() {
    let (here, there) = (Hall::open().await, Hall::open().await);
    let application = crate::apply::application();
    let phone = Phone::new().await;
    lays_out_an_account(&here, &lin_of_account());
    here.counter().says("GET /me/applications", &vec![application]);
    phone.at(&here).await;
    signs_in(&phone).await;
    let applied = |count: usize| {
        move |view: &AppView| {
            mine(view).is_some_and(|m| {
                m.applied.len() == count
                    && matches!(&m.applications, Some(Loadable::Ready(list)) if list.len() == count)
            })
        }
    };
    phone.sees("one", applied(1)).await;
    lays_out_an_account(&there, &lin_of_account());
    phone.wants(Intent::UseServer(there.url.clone()));
    phone.sees("the other server", |view| form(view).is_some()).await;
    signs_in(&phone).await;
    phone.sees("none", applied(0)).await;
    here.counter().gone(true);
    phone.wants(Intent::UseServer(here.url.clone()));
    phone.sees("the first again, from the device", applied(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_session_joins_the_account_of_its_number() {
    let hall = Hall::open().await;
    let mut phone = Phone::of_ready_lin(&hall).await;
    lays_out_an_account(&hall, &lin());
    // something that still has to be sent
    hall.accepts(false);
    phone.wants(Intent::SendNote { ticket: ticket(), text: "我到了".into() });
    let (note, _) = hall
        .hears_command("the note", |c| matches!(c, miantan_domain::wire::live::Command::Note { .. }))
        .await;
    wants(&phone, AccountIntent::AskCode { phone: PHONE.into() });
    phone.sees("a code was sent", |view| code(view).is_some()).await;
    hall.counter().refuses("POST /candidate/link", ProblemCode::SmsCodeWrong);
    let link = || AccountIntent::Link { phone: PHONE.into(), code: "000000".into() };
    wants(&phone, link());
    let wrong = |view: &AppView| {
        candidate(view).is_some_and(
            |c| matches!(&c.form, FormState::Failed { problem, .. } if problem.code == ProblemCode::SmsCodeWrong),
        )
    };
    phone.sees("wrong", wrong).await;
    let Me::Candidate { candidate: id, name, round, ticket, with_password, .. } = lin() else { panic!() };
    let joined = Me::Candidate { candidate: id, name, round, ticket, with_password, account: true };
    hall.counter().is(joined.clone());
    hall.counter().says("POST /candidate/link", &joined);
    wants(&phone, link());
    let view = phone.sees("joined", |view| candidate(view).is_some_and(|c| c.mine.is_some())).await;
    let joined = candidate(&view).unwrap();
    assert!(joined.check_in.done && joined.code.is_none() && joined.form == FormState::Idle);
    let (again, _) = hall
        .hears_command("the same note", |c| matches!(c, miantan_domain::wire::live::Command::Note { .. }))
        .await;
    assert_eq!(again, note);
    phone.killed().await;
    phone.start().await;
    assert!(candidate(&phone.view()).is_some_and(|c| c.mine.is_some() && c.pending.len() == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn privacy_is_seen_changed_exported_and_ended() {
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    let counter = hall.counter();
    let consent = |given| Consent { purpose: Purpose::SmsNotices, version: 1, given, at: WallTime(NOON) };
    counter.says("GET /policy", &Policy { version: 1, text: "隐私".into() });
    counter.says("GET /me/consents", &vec![consent(true)]);
    counter.says("GET /me/deletion", &Deletion { asked: None, by: None });
    wants(&phone, AccountIntent::LoadPrivacy);
    fn privacy(view: &AppView) -> Option<&PrivacyView> {
        match mine(view)?.privacy.as_ref()? {
            Loadable::Ready(privacy) => Some(privacy),
            Loadable::Loading | Loadable::Failed(_) => None,
        }
    }
    phone.sees("privacy", |view| privacy(view).is_some()).await;
    counter.says("POST /me/consents", &vec![consent(false)]);
    wants(&phone, AccountIntent::SetConsent { purpose: Purpose::SmsNotices, version: 1, given: false });
    phone.sees("withdrawn", |view| privacy(view).is_some_and(|p| !p.consents[0].given)).await;
    let asked = Deletion { asked: Some(WallTime(NOON)), by: Some(WallTime(NOON + 1)) };
    counter.says("POST /me/deletion", &asked);
    wants(&phone, AccountIntent::Deletion(true));
    phone.sees("asked for", |view| privacy(view).is_some_and(|p| p.deletion == asked)).await;
    counter.says("DELETE /me/deletion", &Deletion { asked: None, by: None });
    wants(&phone, AccountIntent::Deletion(false));
    phone.sees("taken back", |view| privacy(view).is_some_and(|p| p.deletion.asked.is_none())).await;
    counter.gives("GET /me/export", b"{\"name\":\"x\"}");
    wants(&phone, AccountIntent::Export);
    let saved = |view: &AppView| {
        view.notices.iter().find_map(|notice| match &notice.what {
            view::NoticeWhat::Saved { path, .. } => Some(path.clone()),
            _ => None,
        })
    };
    let view = phone.sees("saved", |view| saved(view).is_some()).await;
    assert_eq!(std::fs::read(saved(&view).unwrap()).unwrap(), b"{\"name\":\"x\"}");
    counter.gone(true);
    wants(&phone, AccountIntent::Deletion(true));
    let offline = |view: &AppView| {
        mine(view).is_some_and(|m| matches!(&m.form, OfficeForm::Failed(p) if p.code == ProblemCode::Offline))
    };
    phone.sees("not done, and said so", offline).await;
}
