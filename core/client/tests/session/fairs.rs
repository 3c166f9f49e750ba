//! Fairs: shown, searched, followed; offline as at the last visit.

use crate::counter::Counter;
use crate::device::*;
use crate::hall::*;
use miantan_client::view::*;
use miantan_client::{Intent, intent::FairIntent};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{Change, ClientFrame, ServerFrame};
use miantan_domain::wire::rest::Page;
use miantan_domain::wire::{Problem, ProblemCode};

pub fn fair_id() -> FairId {
    FairId(uuid(100))
}

pub fn employer(n: u128) -> EmployerId {
    EmployerId(uuid(200 + n))
}

pub fn position_id(n: u128) -> PositionId {
    PositionId(uuid(300 + n))
}

pub fn fair_card() -> FairCard {
    FairCard {
        id: fair_id(),
        title: "青禾市春季网络招聘会".into(),
        kind: "网络招聘会".into(),
        starts: WallTime(NOON),
        ends: WallTime(NOON + 86_400_000),
        city: "青禾市".into(),
        district: "云帆区".into(),
        employers: 3,
        positions: 3,
    }
}

fn page() -> FairPage {
    FairPage {
        card: fair_card(),
        venue: "线上".into(),
        introduction: "欢迎".into(),
        views: 7,
        followers: 10,
        followed: false,
        link: "https://fair.example.cn/fairs/1".into(),
    }
}

fn card(n: u128, title: &str) -> PositionCard {
    PositionCard {
        id: position_id(n),
        title: title.into(),
        salary: Salary { from: 7_500, to: 8_499 },
        city: "青禾市".into(),
        openings: 2,
        open: true,
        applied: false,
    }
}

fn stand_card(n: u128, name: &str, title: &str) -> StandCard {
    StandCard {
        employer: employer(n),
        name: name.into(),
        short: String::new(),
        positions: vec![card(n, title)],
        position_count: 1,
    }
}

pub fn details(n: u128) -> PositionDetails {
    PositionDetails {
        card: card(n, "前端开发"),
        fair: fair_id(),
        fair_title: "青禾市春季网络招聘会".into(),
        fair_open: true,
        employer: employer(n),
        employer_name: "青禾云帆".into(),
        description: "写页面".into(),
        requirements: String::new(),
    }
}

pub fn path(rest: &str) -> String {
    format!("GET /fairs/{}{rest}", fair_id())
}

/// A fair of three stands on two pages.
pub fn lays_out_a_fair(counter: &Counter) {
    counter.says("GET /fairs", &Page { items: vec![fair_card()], next: None });
    counter.says(&path(""), &page());
    let first = vec![stand_card(1, "青禾云帆", "前端开发"), stand_card(2, "远山教育", "会计")];
    counter.says(&path("/stands"), &Page { items: first, next: Some("after-2".into()) });
    let stand = Stand {
        fair: fair_id(),
        fair_title: "青禾市春季网络招聘会".into(),
        employer: employer(1),
        name: "青禾云帆".into(),
        short: String::new(),
        introduction: "做软件".into(),
        positions: vec![PositionCard { applied: true, ..card(1, "前端开发") }],
    };
    counter.says(&path(&format!("/stands/{}", employer(1))), &stand);
    counter.says(&format!("GET /positions/{}", position_id(1)), &details(1));
}

pub fn open(view: &AppView) -> Option<&FairScreen> {
    view.fairs.open.as_deref()
}

fn names(view: &AppView) -> Vec<String> {
    match open(view).map(|open| &open.stands) {
        Some(Loadable::Ready(stands)) => stands.iter().map(|stand| stand.name.clone()).collect(),
        _ => Vec::new(),
    }
}

pub fn wants(phone: &Phone, intent: FairIntent) {
    phone.wants(Intent::Fair(intent));
}

/// Open, and as the server has it.
pub async fn opens_the_fair(phone: &Phone) {
    wants(phone, FairIntent::Open(fair_id()));
    phone
        .sees("the fair", |view| {
            open(view).is_some_and(|open| {
                matches!((&open.page, &open.stands), (Loadable::Ready(_), Loadable::Ready(_))) && !open.stale
            })
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fair_is_shown_page_by_page() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let phone = Phone::new().await;
    phone.at(&hall).await;
    wants(&phone, FairIntent::LoadList);
    phone
        .sees("the list", |view| matches!(&view.fairs.list, Some(Loadable::Ready(list)) if list.len() == 1))
        .await;
    opens_the_fair(&phone).await;
    assert_eq!(names(&phone.view()), ["青禾云帆", "远山教育"]);
    let last = Page { items: vec![stand_card(3, "云海", "司机")], next: None };
    hall.counter().says(&path("/stands"), &last);
    wants(&phone, FairIntent::MoreStands);
    let view = phone.sees("the second page", |view| names(view).len() == 3).await;
    assert!(!open(&view).unwrap().more);
    let asked = hall.counter().asked(&path("/stands"));
    assert_eq!(asked.last().unwrap().query, "cursor=after-2");
    // one person, one name: the same installation every time, and no token
    assert!(asked[0].device.is_some());
    assert!(asked.iter().all(|one| one.device == asked[0].device && one.token.is_none()));
    wants(&phone, FairIntent::OpenStand(employer(1)));
    phone.sees("the stand", |view| matches!(open(view).unwrap().stand, Some(Loadable::Ready(_)))).await;
    wants(&phone, FairIntent::OpenPosition(position_id(1)));
    phone.sees("the position", |view| matches!(open(view).unwrap().position, Some(Loadable::Ready(_)))).await;
    wants(&phone, FairIntent::OpenStand(employer(2)));
    phone
        .sees("a stand that is not there", |view| {
            matches!(&open(view).unwrap().stand, Some(Loadable::Failed(p)) if p.code == ProblemCode::NotFound)
        })
        .await;
    wants(&phone, FairIntent::Close);
    phone.sees("closed", |view| open(view).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_is_there_without_a_network_and_fresh_with_it() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let mut phone = Phone::new().await;
    phone.at(&hall).await;
    wants(&phone, FairIntent::LoadList);
    opens_the_fair(&phone).await;
    wants(&phone, FairIntent::OpenStand(employer(1)));
    phone.sees("the stand", |view| matches!(open(view).unwrap().stand, Some(Loadable::Ready(_)))).await;
    wants(&phone, FairIntent::OpenPosition(position_id(1)));
    phone.sees("the position", |view| matches!(open(view).unwrap().position, Some(Loadable::Ready(_)))).await;
    phone.killed().await;
    hall.counter().gone(true);
    phone.start().await;
    wants(&phone, FairIntent::LoadList);
    phone.sees("the list", |view| matches!(view.fairs.list, Some(Loadable::Ready(_)))).await;
    wants(&phone, FairIntent::Open(fair_id()));
    let view = phone.sees("the fair of last time", |view| names(view).len() == 2).await;
    assert!(open(&view).unwrap().stale);
    assert!(matches!(open(&view).unwrap().page, Loadable::Ready(_)));
    wants(&phone, FairIntent::OpenStand(employer(1)));
    let view =
        phone.sees("the stand", |view| matches!(open(view).unwrap().stand, Some(Loadable::Ready(_)))).await;
    // who had applied is not kept where everybody looks
    let Some(Loadable::Ready(stand)) = &open(&view).unwrap().stand else { panic!() };
    assert!(!stand.positions[0].applied);
    wants(&phone, FairIntent::OpenPosition(position_id(1)));
    phone.sees("the position", |view| matches!(open(view).unwrap().position, Some(Loadable::Ready(_)))).await;
    // without a server, the device looks itself
    wants(&phone, FairIntent::Search("会计".into()));
    let view = phone.sees("found on the device", |view| names(view) == ["远山教育"]).await;
    assert!(open(&view).unwrap().stale);
    wants(&phone, FairIntent::Search(String::new()));
    phone.sees("all again", |view| names(view).len() == 2).await;
    hall.counter().gone(false);
    phone.wants(Intent::NetworkChanged { up: true });
    phone.sees("fresh", |view| open(view).is_some_and(|open| !open.stale)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fair_never_seen_says_why_it_is_not_there() {
    let hall = Hall::open().await;
    let phone = Phone::new().await;
    phone.at(&hall).await;
    hall.counter().gone(true);
    wants(&phone, FairIntent::Open(fair_id()));
    let failed = |code| {
        move |view: &AppView| {
            open(view).is_some_and(|open| matches!(&open.page, Loadable::Failed(p) if p.code == code))
        }
    };
    phone.sees("offline", failed(ProblemCode::Offline)).await;
    lays_out_a_fair(hall.counter());
    hall.counter().gone(false);
    // by itself, without anything from the system
    phone.sees("there", |view| open(view).is_some_and(|o| matches!(o.page, Loadable::Ready(_)))).await;
    wants(&phone, FairIntent::Open(FairId(uuid(999))));
    phone.sees("no such fair", failed(ProblemCode::NotFound)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_shows_what_is_here_at_once_and_then_what_the_server_finds() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let phone = Phone::new().await;
    phone.at(&hall).await;
    opens_the_fair(&phone).await;
    let found = Page {
        items: vec![stand_card(2, "远山教育", "会计"), stand_card(9, "九州", "会计主管")],
        next: None,
    };
    hall.counter().says(&path("/stands"), &found);
    wants(&phone, FairIntent::Search("会计".into()));
    let view = phone.sees("found", |view| names(view) == ["远山教育", "九州"]).await;
    assert_eq!(open(&view).unwrap().search, "会计");
    assert!(!open(&view).unwrap().stale);
    hall.counter().says(&path("/stands"), &Page::<StandCard> { items: Vec::new(), next: None });
    wants(&phone, FairIntent::Search("没有的".into()));
    phone
        .sees("nothing", |view| {
            open(view).is_some_and(|o| !o.stale && matches!(&o.stands, Loadable::Ready(s) if s.is_empty()))
        })
        .await;
    let asked = hall.counter().asked(&path("/stands"));
    assert!(asked.last().unwrap().query.starts_with("q="), "{}", asked.last().unwrap().query);
}

fn follows(on: bool, followers: u64) -> impl Fn(&AppView) -> bool {
    move |view| {
        let Some(open) = open(view) else { return false };
        let Loadable::Ready(page) = &open.page else { return false };
        (open.followed, page.followed, page.followers) == (on, on, followers)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_follows_without_signing_in_or_is_told_why_not() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let mut phone = Phone::new().await;
    phone.at(&hall).await;
    opens_the_fair(&phone).await;
    let put = format!("PUT /fairs/{}/follow", fair_id());
    hall.counter().refuses(&put, ProblemCode::TooMany);
    wants(&phone, FairIntent::Follow(true));
    let told_why = |view: &AppView| told(view, &NoticeWhat::Refused(ProblemCode::TooMany.into()));
    phone.sees("refused, and back", |view| told_why(view) && follows(false, 10)(view)).await;
    hall.counter().says(&put, &());
    wants(&phone, FairIntent::Follow(true));
    phone.sees("follows", follows(true, 11)).await;
    assert!(hall.counter().hears(&put, 2).await.device.is_some());
    // kept on the device, as the page is
    phone.sees("kept", |_| kept_as_followed(&phone)).await;
    phone.killed().await;
    hall.counter().gone(true);
    phone.start().await;
    wants(&phone, FairIntent::Open(fair_id()));
    phone.sees("still", follows(true, 11)).await;
}

fn kept_as_followed(phone: &Phone) -> bool {
    let db = rusqlite::Connection::open(phone.folder.path().join("miantan.sqlite3")).unwrap();
    let sql = "SELECT COUNT(*) FROM seen WHERE kind = 'followed' AND body = 'true'";
    db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_follows_offline_and_it_is_sent_once() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let mut phone = crate::account::of_account(&hall).await;
    opens_the_fair(&phone).await;
    assert!(hall.counter().asked(&path("")).iter().all(|asked| asked.token.is_some()));
    hall.goes_away();
    wants(&phone, FairIntent::Follow(true));
    phone.sees("at once", follows(true, 11)).await;
    let follow = |frame: &ClientFrame| match frame {
        ClientFrame::Change { id, change: Change::Follow { fair, on: true } } => Some((*id, *fair)),
        _ => None,
    };
    let (id, fair) = hall.hears("the follow", follow).await;
    assert_eq!(fair, fair_id());
    phone.killed().await;
    phone.start().await;
    wants(&phone, FairIntent::Open(fair_id()));
    phone.sees("still", |view| open(view).is_some_and(|open| open.followed && open.stale)).await;
    assert_eq!(hall.hears("again", follow).await.0, id);
    hall.says(ServerFrame::Accepted { id, seq: 1 });
    hall.comes_back();
    // the server's own page says so as well, from now on
    let followed = FairPage { followed: true, followers: 11, ..page() };
    hall.counter().says(&path(""), &followed);
    phone.wants(Intent::NetworkChanged { up: true });
    phone.sees("as the server has it", |view| follows(true, 11)(view) && !open(view).unwrap().stale).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_that_is_refused_falls_back() {
    let hall = Hall::open().await;
    lays_out_a_fair(hall.counter());
    let phone = crate::account::of_account(&hall).await;
    opens_the_fair(&phone).await;
    hall.accepts(false);
    wants(&phone, FairIntent::Follow(true));
    let id = hall
        .hears("the follow", |frame| match frame {
            ClientFrame::Change { id, change: Change::Follow { .. } } => Some(*id),
            _ => None,
        })
        .await;
    hall.says(ServerFrame::Refused { id, problem: Problem::from(ProblemCode::NotFound) });
    phone.sees("not followed", follows(false, 10)).await;
}
