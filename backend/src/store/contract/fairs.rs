//! Fairs, stands, positions, search, views, followers, builds.

use super::*;
use miantan_domain::wire::rest::{Build, FairEdit, StandEdit, System};
use proptest::strategy::{Strategy, ValueTree};

const FAIR: u8 = 20;
const OTHER_FAIR: u8 = 21;

fn fair_edit(title: &str, starts: WallTime) -> FairEdit {
    FairEdit {
        title: title.into(),
        kind: "网络招聘会".into(),
        starts,
        ends: starts.after(600 * MINUTE),
        city: "青禾市".into(),
        district: "云汀区".into(),
        venue: "线上".into(),
        introduction: "一\n\n二".into(),
    }
}

fn position_edit(title: &str) -> PositionEdit {
    PositionEdit {
        title: title.into(),
        salary: Salary { from: 7_500, to: 8_499 },
        city: "青禾市".into(),
        openings: 2,
        description: "写代码".into(),
        requirements: "会写代码".into(),
        open: true,
    }
}

fn employer(number: u8, name: &str) -> NewEmployer {
    NewEmployer {
        id: EmployerId(n(number)),
        uscc: format!("91310199MA9X{number:05}A"),
        name: name.into(),
        approved: true,
        members: vec![member(number + 100, "主", MemberRole::Owner)],
    }
}

/// Employers numbered from 30 with stands at one fair, each with these positions.
async fn fair_of(stores: &Stores, stands: &[(&str, &[&str])]) {
    let employers =
        stands.iter().zip(30..).map(|((name, _), number)| employer(number, name)).collect::<Vec<_>>();
    stores.fairs.import(Import { now: NOW, employers, ..Import::default() }).await.unwrap();
    stores.fairs.put_fair(FairId(n(FAIR)), fair_edit("春季", NOW)).await.unwrap();
    let mut id = 0_u128;
    for ((_, titles), number) in stands.iter().zip(30..) {
        let employer = EmployerId(n(number));
        assert_eq!(stores.fairs.add_exhibitor(FairId(n(FAIR)), employer).await, Ok(true));
        for title in *titles {
            id += 1;
            let position = PositionId(uuid::Uuid::from_u128(id));
            let edit = position_edit(title);
            assert_eq!(
                stores.fairs.put_position(FairId(n(FAIR)), employer, position, edit, NOW).await,
                Ok(true)
            );
        }
    }
}

fn asks(search: &str, after: Option<Cursor>, limit: u32) -> StandQuery {
    let search = (!search.is_empty()).then(|| search.to_owned());
    StandQuery { fair: FairId(n(FAIR)), search, after, limit }
}

/// Every stand found, by pages of so many: names and titles.
async fn finds(stores: &Stores, search: &str, limit: u32) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let list = stores.fairs.stands(asks(search, after, limit)).await.unwrap().unwrap();
        assert!(list.items.len() <= limit as usize);
        for card in &list.items {
            all.push((card.name.clone(), card.positions.iter().map(|p| p.title.clone()).collect()));
        }
        after = list.next;
        if after.is_none() {
            return all;
        }
        assert_eq!(list.items.len(), limit as usize, "a page that is not the last one is full");
    }
}

pub async fn a_fair_is_made_changed_and_listed(harness: impl Harness) {
    let stores = filled(&harness).await;
    let (fair, later) = (FairId(n(FAIR)), FairId(n(OTHER_FAIR)));
    assert_eq!(stores.fairs.fair(fair).await, Ok(None));
    stores.fairs.put_fair(fair, fair_edit("春季", NOW)).await.unwrap();
    stores.fairs.put_fair(later, fair_edit("秋季", NOW.after(MINUTE))).await.unwrap();
    stores.fairs.put_fair(fair, fair_edit("春季招聘会", NOW)).await.unwrap();
    let heads = stores.fairs.fairs().await.unwrap();
    assert_eq!(heads.iter().map(|head| head.title.as_str()).collect::<Vec<_>>(), ["秋季", "春季招聘会"]);
    let head = stores.fairs.fair(fair).await.unwrap().unwrap();
    assert_eq!((head.employers, head.positions, head.views, head.followers), (0, 0, 0, 0));
    assert!(head.open(NOW) && !head.open(NOW.after(-1)) && !head.open(NOW.after(600 * MINUTE)));
    // it cannot end before it begins
    let backwards = FairEdit { ends: NOW.after(-1), ..fair_edit("错", NOW) };
    assert!(matches!(stores.fairs.put_fair(fair, backwards).await, Err(StoreError::Conflict(_))));
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    assert_eq!(stores.fairs.fair(fair).await.unwrap().unwrap(), head);
}

pub async fn only_approved_employers_have_a_stand_to_be_seen(harness: impl Harness) {
    let stores = filled(&harness).await;
    let fair = FairId(n(FAIR));
    stores.fairs.put_fair(fair, fair_edit("春季", NOW)).await.unwrap();
    assert_eq!(stores.fairs.add_exhibitor(fair, EmployerId(n(99))).await, Ok(false));
    assert_eq!(stores.fairs.add_exhibitor(FairId(n(99)), EmployerId(n(EMPLOYER))).await, Ok(false));
    for employer in [EMPLOYER, OTHER_EMPLOYER, EMPLOYER] {
        assert_eq!(stores.fairs.add_exhibitor(fair, EmployerId(n(employer))).await, Ok(true));
    }
    let other = EmployerId(n(OTHER_EMPLOYER));
    let hidden = PositionId(n(50));
    assert_eq!(stores.fairs.put_position(fair, other, hidden, position_edit("运营"), NOW).await, Ok(true));
    let head = stores.fairs.fair(fair).await.unwrap().unwrap();
    assert_eq!((head.employers, head.positions), (1, 0));
    assert_eq!(finds(&stores, "", 10).await.len(), 1);
    assert!(finds(&stores, "望舒", 10).await.is_empty() && finds(&stores, "运营", 10).await.is_empty());
    assert_eq!(stores.fairs.stand(fair, other).await, Ok(None));
    assert_eq!(stores.fairs.position(hidden, NOW).await, Ok(None));
    let at = stores.fairs.fairs_of(EmployerId(n(EMPLOYER))).await.unwrap();
    assert_eq!(at.iter().map(|head| head.id).collect::<Vec<_>>(), [fair]);
    assert!(stores.fairs.fairs_of(EmployerId(n(99))).await.unwrap().is_empty());
}

pub async fn a_stand_and_its_positions_are_its_own(harness: impl Harness) {
    let stores = harness.stores();
    fair_of(&stores, &[("青禾云帆软件有限公司", &["前端开发", "PHP工程师"]), ("南屿青藤电子有限公司", &[])])
        .await;
    let (fair, mine, others) = (FairId(n(FAIR)), EmployerId(n(30)), EmployerId(n(31)));
    let first = PositionId(uuid::Uuid::from_u128(1));
    // another stand's position, another fair's, nobody's stand
    let steal = position_edit("偷");
    assert_eq!(stores.fairs.put_position(fair, others, first, steal.clone(), NOW).await, Ok(false));
    let nowhere = FairId(n(OTHER_FAIR));
    assert_eq!(stores.fairs.put_position(nowhere, mine, first, steal.clone(), NOW).await, Ok(false));
    assert_eq!(stores.fairs.put_position(fair, EmployerId(n(99)), first, steal, NOW).await, Ok(false));
    let edit = PositionEdit {
        salary: Salary { from: 3_000, to: 0 },
        open: false,
        description: "a\nb".into(),
        ..position_edit("后端开发")
    };
    assert_eq!(stores.fairs.put_position(fair, mine, first, edit, NOW).await, Ok(true));
    let details = stores.fairs.position(first, NOW).await.unwrap().unwrap();
    assert_eq!(details.card.title, "后端开发");
    assert_eq!(details.card.salary, Salary { from: 0, to: 0 }, "to be agreed has no beginning");
    assert!(!details.card.open && details.fair_open);
    assert_eq!((details.description.as_str(), details.fair_title.as_str()), ("a\nb", "春季"));
    assert!(!stores.fairs.position(first, NOW.after(-1)).await.unwrap().unwrap().fair_open);
    let stand_edit = StandEdit { short: "云帆".into(), introduction: "我们".into() };
    assert_eq!(stores.fairs.put_stand(fair, EmployerId(n(99)), stand_edit.clone()).await, Ok(false));
    assert_eq!(stores.fairs.put_stand(fair, mine, stand_edit).await, Ok(true));
    let stand = stores.fairs.stand(fair, mine).await.unwrap().unwrap();
    assert_eq!((stand.short.as_str(), stand.introduction.as_str()), ("云帆", "我们"));
    let titles: Vec<&str> = stand.positions.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(titles, ["后端开发", "PHP工程师"], "a changed position keeps its place");
    assert_eq!(stores.fairs.stand(fair, EmployerId(n(99))).await, Ok(None));
    // a page that was looked at before shows the change
    assert_eq!(finds(&stores, "", 10).await[0].1, ["后端开发", "PHP工程师"]);
}

pub async fn search_finds_names_and_titles_and_follows_changes(harness: impl Harness) {
    let stores = harness.stores();
    fair_of(
        &stores,
        &[
            ("青禾云帆软件有限公司", &["前端开发", "PHP工程师", "c++开发", "100%_销售"]),
            ("华夏ＰＨＰ学院", &["讲师", "助教", "教务", "保安", "司机"]),
            ("南屿青藤电子有限公司", &["射频工程师", "财务会计"]),
        ],
    )
    .await;
    let found = |search: &'static str| {
        let stores = &stores;
        async move { finds(stores, search, 2).await }
    };
    let titles = |names: &[&str]| names.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
    // a title gives these positions only, a name the stand's first ones
    let php = found("php").await;
    assert_eq!(php[0], ("青禾云帆软件有限公司".into(), titles(&["PHP工程师"])));
    assert_eq!(php[1], ("华夏ＰＨＰ学院".into(), titles(&["讲师", "助教", "教务", "保安"])));
    assert_eq!(php.len(), 2);
    for same in ["ＰＨＰ", "Php", " p h p "] {
        assert_eq!(found(same).await, php, "{same}");
    }
    for (text, count) in [
        ("工", 2),
        ("工程", 2),
        ("工程师", 2),
        ("射", 1),
        ("会计", 1),
        ("有限公司", 2),
        ("不在", 0),
        ("程公", 0),
    ] {
        assert_eq!(found(text).await.len(), count, "{text}");
    }
    // characters that mean something to SQL, LIKE and FTS mean themselves here
    for (text, count) in [
        ("%", 1),
        ("_", 1),
        ("%_", 1),
        ("0%_", 1),
        ("++", 1),
        ("*", 0),
        ("\"", 0),
        ("'", 0),
        ("(", 0),
        ("a OR b", 0),
    ] {
        assert_eq!(found(text).await.len(), count, "{text}");
    }
    assert_eq!(found("  ").await.len(), 3, "nothing to look for");
    // it follows what employers change
    let (fair, mine) = (FairId(n(FAIR)), EmployerId(n(30)));
    let first = PositionId(uuid::Uuid::from_u128(1));
    stores.fairs.put_position(fair, mine, first, position_edit("测试工程师"), NOW).await.unwrap();
    assert!(found("前端").await.is_empty());
    assert_eq!(found("测试").await.len(), 1);
    let edit = StandEdit { short: "小帆船".into(), introduction: String::new() };
    stores.fairs.put_stand(fair, mine, edit).await.unwrap();
    assert_eq!(found("帆船").await.len(), 1);
    let nowhere = StandQuery { fair: FairId(n(99)), search: Some("php".into()), after: None, limit: 5 };
    assert_eq!(stores.fairs.stands(nowhere).await, Ok(None));
}

/// Against a search that simply looks at everything.
pub async fn search_equals_looking_at_everything(harness: impl Harness) {
    let text = "[ab工程Ａ %_\"]{0,4}";
    let stand = (text, proptest::collection::vec(text, 0..5));
    let world = (proptest::collection::vec(stand, 1..8), proptest::collection::vec(text, 12));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let stores = harness.stores();
    let mut number = 0_u128;
    for _ in 0..24 {
        let (stands, searches) = world.new_tree(&mut runner).unwrap().current();
        // a fair of its own in the same store: what is in other fairs is not found
        number += 1;
        let fair = FairId(uuid::Uuid::from_u128(number << 64));
        stores.fairs.put_fair(fair, fair_edit("春季", NOW)).await.unwrap();
        let mut world = Vec::new();
        for (k, (name, titles)) in stands.iter().enumerate() {
            // names of employers are unique
            let name = format!("{name}·{number}·{k}");
            let id = EmployerId(uuid::Uuid::from_u128((number << 64) + k as u128));
            let new = NewEmployer {
                id,
                uscc: format!("{:018}", number * 100 + k as u128),
                members: vec![NewMember { id: MemberId(id.0), ..member(1, "主", MemberRole::Owner) }],
                ..employer(1, &name)
            };
            stores
                .fairs
                .import(Import { now: NOW, employers: vec![new], ..Import::default() })
                .await
                .unwrap();
            stores.fairs.add_exhibitor(fair, id).await.unwrap();
            for (p, title) in titles.iter().enumerate() {
                let position =
                    PositionId(uuid::Uuid::from_u128((number << 64) + (k as u128) * 100 + p as u128));
                stores.fairs.put_position(fair, id, position, position_edit(title), NOW).await.unwrap();
            }
            world.push((name, titles.clone()));
        }
        for search in searches {
            let key = name_key(&search);
            let expected: Vec<(String, Vec<String>, u32)> = world
                .iter()
                .filter_map(|(name, titles)| {
                    let mut titles = titles.clone();
                    if !name_key(name).contains(&key) {
                        titles.retain(|title| name_key(title).contains(&key));
                        if titles.is_empty() {
                            return None;
                        }
                    }
                    let count = titles.len() as u32;
                    titles.truncate(STAND_CARD_POSITIONS);
                    Some((name.clone(), titles, count))
                })
                .collect();
            let mut got = Vec::new();
            let mut after = None;
            loop {
                let query = StandQuery { fair, search: Some(search.clone()), after, limit: 3 };
                let list = stores.fairs.stands(query).await.unwrap().unwrap();
                for card in &list.items {
                    let titles = card.positions.iter().map(|p| p.title.clone()).collect();
                    got.push((card.name.clone(), titles, card.position_count));
                }
                after = list.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(got, expected, "search {search:?} in {world:?}");
        }
    }
}

pub async fn pages_of_stands_meet_without_gap(harness: impl Harness) {
    let stores = harness.stores();
    let names: Vec<String> = (0..45).map(|k| format!("公司{k}号")).collect();
    let stands: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &["岗"][..])).collect();
    fair_of(&stores, &stands).await;
    for limit in [1, 7, 44, 45, 46, 100] {
        for search in ["", "岗", "公司", "公司1"] {
            let found: Vec<String> =
                finds(&stores, search, limit).await.into_iter().map(|(name, _)| name).collect();
            let expected: Vec<String> =
                names.iter().filter(|name| search == "岗" || name.contains(search)).cloned().collect();
            assert_eq!(found, expected, "{search} by {limit}");
        }
    }
    let cursor = Cursor { place: -7, id: n(9) };
    assert_eq!(Cursor::parse(&cursor.encode()), Some(cursor));
    for bad in ["", "x", "AAAA", "%%%", &"A".repeat(33), &"A".repeat(500)] {
        assert_eq!(Cursor::parse(bad), None, "{bad}");
    }
}

pub async fn views_and_followers_are_counted_once_per_person(harness: impl Harness) {
    let stores = filled(&harness).await;
    let fair = FairId(n(FAIR));
    stores.fairs.put_fair(fair, fair_edit("春季", NOW)).await.unwrap();
    let counts = || async {
        let head = stores.fairs.fair(fair).await.unwrap().unwrap();
        (head.views, head.followers)
    };
    // device 1; again; the account of who holds it; that account on device 2; somebody else; nobody
    for names in
        [vec![mac(1)], vec![mac(1)], vec![mac(9), mac(1)], vec![mac(9), mac(2)], vec![mac(3)], vec![]]
    {
        stores.fairs.viewed(fair, names);
    }
    stores.fairs.viewed(FairId(n(99)), vec![mac(1)]);
    stores.fairs.write_views().await.unwrap();
    // in one batch an account may come before its device: never more than the persons' names
    let first = counts().await.0;
    assert!((2..=3).contains(&first), "{first}");
    for names in [vec![mac(1)], vec![mac(9)], vec![mac(2)], vec![mac(3)]] {
        stores.fairs.viewed(fair, names);
        stores.fairs.write_views().await.unwrap();
    }
    assert_eq!(counts().await.0, first);
    stores.fairs.write_views().await.unwrap();

    assert_eq!(stores.fairs.follow(FairId(n(99)), vec![mac(1)]).await, Ok(false));
    assert_eq!(stores.fairs.unfollow(FairId(n(99)), vec![mac(1)]).await, Ok(false));
    for (names, followers) in
        [(vec![mac(1)], 1), (vec![mac(1)], 1), (vec![mac(2)], 2), (vec![mac(9), mac(1)], 2)]
    {
        assert_eq!(stores.fairs.follow(fair, names).await, Ok(true));
        assert_eq!(counts().await.1, followers);
    }
    assert_eq!(stores.fairs.followed(fair, vec![mac(9)]).await, Ok(true));
    assert_eq!(stores.fairs.followed(fair, vec![mac(1)]).await, Ok(false), "the account took its place");
    assert_eq!(stores.fairs.followed(FairId(n(99)), vec![mac(9)]).await, Ok(false));
    for (names, followers) in [(vec![mac(8)], 2), (vec![mac(9), mac(1)], 1), (vec![mac(9), mac(1)], 1)] {
        assert_eq!(stores.fairs.unfollow(fair, names).await, Ok(true));
        assert_eq!(counts().await.1, followers);
    }
    // who looked is forgotten after the fair, the count is not
    assert_eq!(stores.fairs.forget_viewers(NOW.after(600 * MINUTE)).await, Ok(0));
    assert!(stores.fairs.forget_viewers(NOW.after(601 * MINUTE)).await.unwrap() >= 4);
    assert_eq!(counts().await, (first, 1));
}

/// A crowd at the same moment: everybody is counted, in few commits, and nobody waits for one.
pub async fn a_crowd_is_counted_whole(harness: impl Harness) {
    let stores = filled(&harness).await;
    let fair = FairId(n(FAIR));
    stores.fairs.put_fair(fair, fair_edit("春季", NOW)).await.unwrap();
    let mut tasks = Vec::new();
    for k in 0..40_u8 {
        let fairs = stores.fairs.clone();
        tasks.push(tokio::spawn(async move {
            for person in 0..50_u8 {
                let mut name = mac(person);
                name[0] = k / 2;
                fairs.viewed(fair, vec![name]);
            }
            fairs.write_views().await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(stores.fairs.fair(fair).await.unwrap().unwrap().views, 20 * 50);
}

pub async fn a_build_takes_the_place_of_the_one_before(harness: impl Harness) {
    let stores = harness.stores();
    assert!(stores.fairs.builds().await.unwrap().is_empty());
    let build = |system, version: &str| Build {
        system,
        version: version.into(),
        size: 7,
        sha256: "ab".repeat(32),
        file: "miantan.apk".into(),
        at: NOW,
    };
    for (system, version) in [(System::Linux, "1"), (System::Android, "1"), (System::Linux, "2")] {
        stores.fairs.put_build(build(system, version)).await.unwrap();
    }
    assert_eq!(
        stores.fairs.builds().await.unwrap(),
        [build(System::Android, "1"), build(System::Linux, "2")]
    );
}
