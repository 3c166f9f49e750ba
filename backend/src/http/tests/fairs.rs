//! The public fair: lists, search, views and followers, builds, policy.

use super::*;
use miantan_domain::ids::{EmployerId, FairId, PositionId};
use miantan_domain::model::{FairCard, FairPage, PositionDetails, PositionEdit, Salary, Stand, StandCard};
use miantan_domain::wire::rest::{
    Build, DEVICE_HEADER, FAIR_PAGE_LIMIT, FAIR_PAGE_LIMIT_MAX, FairEdit, Page, Policy, StandEdit, System,
};

async fn json_of<T: DeserializeOwned>(organiser: &Organiser, path: &str, headers: &[(&str, &str)]) -> T {
    let (status, _, body) = organiser.ask("GET", path, headers).await;
    assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

async fn the_fair(organiser: &Organiser) -> FairCard {
    let page: Page<FairCard> = json_of(organiser, "/api/v1/fairs", &[]).await;
    page.items.into_iter().next().unwrap()
}

#[tokio::test]
async fn anybody_reads_the_fair_down_to_a_position() {
    let organiser =
        Organiser::open_with(|config| config.public_url = Some("https://mt.example.cn/".into())).await;
    let card = the_fair(&organiser).await;
    assert_eq!((card.employers, card.positions), (12, 269));
    let fair = card.id;
    let page: FairPage = json_of(&organiser, &format!("/api/v1/fairs/{fair}"), &[]).await;
    assert_eq!(page.card, card);
    assert_eq!(page.link, format!("https://mt.example.cn/fairs/{fair}"));
    assert_eq!((page.views, page.followers, page.followed), (397, 397, false));
    let stands: Page<StandCard> = json_of(&organiser, &format!("/api/v1/fairs/{fair}/stands"), &[]).await;
    assert_eq!((stands.items.len(), stands.next), (12, None));
    let first = &stands.items[0];
    assert_eq!((first.positions.len(), first.position_count), (4, 23));
    let path = format!("/api/v1/fairs/{fair}/stands/{}", first.employer);
    let stand: Stand = json_of(&organiser, &path, &[]).await;
    assert_eq!(stand.positions.len(), 23);
    assert_eq!(stand.positions[..4], first.positions);
    assert!(!stand.introduction.is_empty() && !stand.short.is_empty());
    let path = format!("/api/v1/positions/{}", stand.positions[0].id);
    let details: PositionDetails = json_of(&organiser, &path, &[]).await;
    assert_eq!((details.employer, &details.card), (first.employer, &stand.positions[0]));
    assert!(details.fair_open && details.card.open && !details.description.is_empty());
    // the fair is over: it still reads, and says so
    organiser.clock.advance(60 * 86_400_000);
    let later: PositionDetails = json_of(&organiser, &path, &[]).await;
    assert!(!later.fair_open);
}

#[tokio::test]
async fn what_is_not_there_is_unknown_and_what_is_wrong_is_malformed() {
    let organiser = Organiser::open().await;
    let fair = the_fair(&organiser).await.id;
    let nobody = uuid::Uuid::nil();
    for path in [
        format!("/api/v1/fairs/{nobody}"),
        "/api/v1/fairs/x".into(),
        format!("/api/v1/fairs/{nobody}/stands"),
        format!("/api/v1/fairs/{fair}/stands/{nobody}"),
        format!("/api/v1/positions/{nobody}"),
        "/api/v1/positions/..%2f".into(),
        "/api/v1/builds/android".into(),
        "/api/v1/builds/..%2f..%2fsecret.key".into(),
    ] {
        let answer = organiser.device().get(&path, None).await;
        assert_eq!(answer.code(), ProblemCode::NotFound, "{path}");
    }
    let long = "x".repeat(51);
    for query in ["cursor=x", "limit=many", "limit=-1", "limit=99999999999", &format!("q={long}"), "q=a&q=b"]
    {
        let answer = organiser.device().get(&format!("/api/v1/fairs/{fair}/stands?{query}"), None).await;
        assert_eq!(answer.code(), ProblemCode::Malformed, "{query}");
    }
    let answer = organiser.device().get("/api/v1/fairs?cursor=%00", None).await;
    assert_eq!(answer.code(), ProblemCode::Malformed);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let organiser = Organiser::open().await;
    let fairs = &organiser.state.stores.fairs;
    for k in 0..250_i64 {
        let edit = FairEdit {
            title: format!("第{k}场"),
            kind: "网络招聘会".into(),
            // some begin at the same moment
            starts: NOW.after(-86_400_000 * 30 - k / 3 * 1_000),
            ends: NOW.after(86_400_000),
            city: String::new(),
            district: String::new(),
            venue: String::new(),
            introduction: String::new(),
        };
        fairs.put_fair(FairId::from_parts(k as u64, &[7; 10]), edit).await.unwrap();
    }
    let first: Page<FairCard> = json_of(&organiser, "/api/v1/fairs", &[]).await;
    assert_eq!(first.items.len(), FAIR_PAGE_LIMIT as usize);
    let mut seen = Vec::new();
    let mut path = "/api/v1/fairs?limit=1000".to_owned();
    loop {
        let page: Page<FairCard> = json_of(&organiser, &path, &[]).await;
        assert!(page.items.len() <= FAIR_PAGE_LIMIT_MAX as usize);
        seen.extend(page.items.into_iter().map(|card| (card.starts, card.id)));
        let Some(next) = page.next else { break };
        path = format!("/api/v1/fairs?limit=1000&cursor={next}");
    }
    assert_eq!(seen.len(), 251);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, none twice");
}

#[tokio::test]
async fn search_finds_chinese_and_latin_by_one_two_and_more_characters() {
    let organiser = Organiser::open().await;
    let fair = the_fair(&organiser).await.id;
    for (text, finds) in [
        ("P", true),
        ("ph", true),
        ("ＰＨＰ", true),
        ("php工程师", true),
        ("云", true),
        ("云帆", true),
        ("云帆软件", true),
        ("拾光里", true),
        ("没有这个", false),
        ("%", false),
        ("' OR 1=1 --", false),
    ] {
        let text = text.bytes().fold(String::new(), |path, byte| format!("{path}%{byte:02X}"));
        let path = format!("/api/v1/fairs/{fair}/stands?q={text}&limit=100");
        let page: Page<StandCard> = json_of(&organiser, &path, &[]).await;
        assert_eq!(!page.items.is_empty(), finds, "{text}");
    }
}

#[tokio::test]
async fn a_person_is_counted_once_and_their_following_is_theirs() {
    let organiser = Organiser::open().await;
    let fair = the_fair(&organiser).await.id;
    let path = format!("/api/v1/fairs/{fair}");
    let follow = format!("{path}/follow");
    let fairs = &organiser.state.stores.fairs;
    let counts = || async {
        fairs.write_views().await.unwrap();
        let head = fairs.fair(fair).await.unwrap().unwrap();
        (head.views, head.followers)
    };
    let (mine, other) = (organiser.device(), organiser.device());
    let (mine_id, other_id) = (mine.id.to_string(), other.id.to_string());
    let as_mine = [(DEVICE_HEADER, mine_id.as_str())];
    let as_other = [(DEVICE_HEADER, other_id.as_str())];
    for _ in 0..3 {
        json_of::<FairPage>(&organiser, &path, &as_mine).await;
    }
    assert_eq!(counts().await, (398, 397));
    json_of::<FairPage>(&organiser, &path, &as_other).await;
    assert_eq!(counts().await, (399, 397));
    // two browsers behind one address; a program; nobody
    for agent in ["Mozilla/5.0 A", "Mozilla/5.0 A", "Mozilla/5.0 B", "SomeBot/1.0"] {
        json_of::<FairPage>(&organiser, &path, &[("user-agent", agent)]).await;
    }
    json_of::<FairPage>(&organiser, &path, &[]).await;
    assert_eq!(counts().await, (401, 397));

    let (status, _, _) = organiser.ask("PUT", &follow, &[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "nobody in particular cannot follow");
    for _ in 0..2 {
        assert_eq!(organiser.ask("PUT", &follow, &as_mine).await.0, StatusCode::NO_CONTENT);
    }
    assert_eq!(counts().await.1, 398);
    assert!(json_of::<FairPage>(&organiser, &path, &as_mine).await.followed);
    assert!(!json_of::<FairPage>(&organiser, &path, &as_other).await.followed);
    // the same person signs in on that device: still one follower and one view
    let token = mine.join(&organiser.seeded.candidates[0]).await.token;
    let bearer = format!("Bearer {token}");
    let signed_in = [("authorization", bearer.as_str()), as_mine[0]];
    assert!(json_of::<FairPage>(&organiser, &path, &signed_in).await.followed);
    assert_eq!(organiser.ask("PUT", &follow, &signed_in).await.0, StatusCode::NO_CONTENT);
    assert_eq!(counts().await, (401, 398));
    for _ in 0..2 {
        assert_eq!(organiser.ask("DELETE", &follow, &signed_in).await.0, StatusCode::NO_CONTENT);
    }
    assert_eq!(counts().await.1, 397);
    let nowhere = format!("/api/v1/fairs/{}/follow", uuid::Uuid::nil());
    for method in ["PUT", "DELETE"] {
        assert_eq!(organiser.ask(method, &nowhere, &as_mine).await.0, StatusCode::NOT_FOUND);
    }
    // a token that is over does not close a public page
    let stale = [("authorization", "Bearer nobody's"), as_other[0]];
    json_of::<FairPage>(&organiser, &path, &stale).await;
}

/// What is kept of those who looked says nothing of them.
#[tokio::test]
async fn no_id_and_no_address_of_onlookers_is_stored() {
    let organiser = Organiser::open().await;
    let fair = the_fair(&organiser).await.id;
    let device = organiser.device();
    let id = device.id.to_string();
    for headers in [[(DEVICE_HEADER, id.as_str())], [("user-agent", "Mozilla/5.0 SeldomSeenBrowser")]] {
        json_of::<FairPage>(&organiser, &format!("/api/v1/fairs/{fair}"), &headers).await;
    }
    organiser.ask("PUT", &format!("/api/v1/fairs/{fair}/follow"), &[(DEVICE_HEADER, &id)]).await;
    organiser.state.stores.fairs.write_views().await.unwrap();
    let mut bytes = Vec::new();
    for file in ["miantan.db", "miantan.db-wal"] {
        bytes.extend(std::fs::read(organiser.state.config.data.join(file)).unwrap());
    }
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(fair.0.as_bytes()), "the data must be in these files for the test to mean anything");
    assert!(!holds(device.id.0.as_bytes()) && !holds(b"SeldomSeen") && !holds(b"203.0.113.7"));
}

#[tokio::test]
async fn an_employers_change_is_on_the_page_at_once() {
    let organiser = Organiser::open().await;
    let card = the_fair(&organiser).await;
    let path = format!("/api/v1/fairs/{}/stands", card.id);
    let before: Page<StandCard> = json_of(&organiser, &path, &[]).await;
    let employer: EmployerId = before.items[0].employer;
    let fairs = &organiser.state.stores.fairs;
    let edit = StandEdit { short: "新名".into(), introduction: "新介绍".into() };
    fairs.put_stand(card.id, employer, edit).await.unwrap();
    let edit = PositionEdit {
        title: "Rust工程师".into(),
        salary: Salary { from: 0, to: 0 },
        city: "青禾市".into(),
        openings: 1,
        description: String::new(),
        requirements: String::new(),
        open: false,
    };
    let position = PositionId::from_parts(1, &[1; 10]);
    fairs.put_position(card.id, employer, position, edit, NOW).await.unwrap();
    let after: Page<StandCard> = json_of(&organiser, &path, &[]).await;
    assert_eq!((after.items[0].short.as_str(), after.items[0].position_count), ("新名", 24));
    assert_eq!(the_fair(&organiser).await.positions, 270);
    let found: Page<StandCard> = json_of(&organiser, &format!("{path}?q=rust"), &[]).await;
    assert_eq!(found.items[0].positions[0].id, position);
    assert!(!found.items[0].positions[0].open);
}

#[tokio::test]
async fn a_build_is_taken_in_listed_and_served_in_parts() {
    let organiser = Organiser::open().await;
    let bytes: Vec<u8> = (0..100_000_u32).map(|k| (k % 251) as u8).collect();
    let keep = |version: &'static str, file: &'static str, body: Vec<u8>| {
        let state = organiser.state.clone();
        async move { crate::http::builds::keep(&state, System::Android, version, file, Body::from(body)).await }
    };
    for (version, file, body) in [
        ("1.0", "a/b.apk", bytes.clone()),
        ("1.0", "..", bytes.clone()),
        ("1.0", "a\u{202e}b.apk", bytes.clone()),
        ("", "a.apk", bytes.clone()),
        ("<b>", "a.apk", bytes.clone()),
        ("1.0", "a.apk", Vec::new()),
    ] {
        assert_eq!(
            keep(version, file, body).await.unwrap_err().code,
            ProblemCode::Malformed,
            "{version} {file}"
        );
    }
    let build = keep("1.2.3", "面谈 1.2.3.apk", bytes.clone()).await.unwrap();
    assert_eq!(build.size, 100_000);
    // computed by another program: python3 -c "hashlib.sha256(bytes(k % 251 for k in range(100000)))"
    assert_eq!(build.sha256, "cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa");
    let builds: Vec<Build> = json_of(&organiser, "/api/v1/builds", &[]).await;
    assert_eq!(builds, [build]);
    let (status, headers, body) = organiser.ask("GET", "/api/v1/builds/android", &[]).await;
    assert_eq!((status, &body), (StatusCode::OK, &bytes));
    assert_eq!(headers["content-type"], "application/vnd.android.package-archive");
    let disposition = headers["content-disposition"].to_str().unwrap();
    assert!(
        disposition.starts_with("attachment;") && disposition.contains("%E9%9D%A2%E8%B0%88"),
        "{disposition}"
    );
    let (status, _, part) = organiser.ask("GET", "/api/v1/builds/android", &[("range", "bytes=10-19")]).await;
    assert_eq!((status, &part[..]), (StatusCode::PARTIAL_CONTENT, &bytes[10..20]));
    // nothing half-written is left, nor is what was refused
    let left: Vec<_> = std::fs::read_dir(organiser.state.config.data.join("builds")).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn the_policy_is_there_before_anything_is_collected() {
    let organiser = Organiser::open_with(|config| config.policy_version = 4).await;
    let policy: Policy = json_of(&organiser, "/api/v1/policy", &[]).await;
    assert_eq!(policy.version, 4);
    assert!(policy.text.contains("不录音") && policy.text.contains("15个工作日"));
}
