use super::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::Held;
use miantan_domain::wire::rest::TalkCounts;
use std::sync::Arc;
use uuid::Uuid;

const HALL: &str = "https://hall.example.cn";

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn owner(account: &str) -> Arc<Owner> {
    Arc::new(Owner { server: HALL.into(), account: account.into() })
}

fn head(n: u128, pos: u64) -> TalkHead {
    TalkHead {
        id: ConversationId(id(n)),
        pos,
        side: Side::Recruiter,
        fair: None,
        fair_title: String::new(),
        employer: EmployerId(id(1)),
        employer_name: "青禾云帆".into(),
        candidate: CandidateId(id(2)),
        candidate_name: format!("考生{n}"),
        candidate_line: String::new(),
        last_seq: 3,
        last: None,
        candidate_seen: Seen::default(),
        recruiter_seen: Seen::default(),
        unread: 0,
        mark: Mark::Unmarked,
        applications: Vec::new(),
        invitations: Vec::new(),
        blocked: false,
    }
}

fn text(seq: u64, text: &str) -> Entry {
    Entry {
        seq,
        id: ChangeId(id(u128::from(seq))),
        from: Side::Candidate,
        by: String::new(),
        at: WallTime(1),
        body: EntryBody::Text { text: text.into() },
    }
}

fn put(owner: &Arc<Owner>, what: TalkWrite) -> Write {
    Write::Talk { owner: Arc::clone(owner), what }
}

fn put_head(owner: &Arc<Owner>, head: TalkHead, held: Held) -> Write {
    put(owner, TalkWrite::Head { head: Arc::new(head), held, seen: Seen { delivered: 3, read: 2 } })
}

async fn hall() -> Store {
    let store = Store::on(in_memory());
    let server = Write::Server {
        address: HALL.into(),
        organiser: String::new(),
        hotline: String::new(),
        device: DeviceId(id(9)),
    };
    store.write(vec![server]).await.unwrap();
    store
}

fn names(kept: &[KeptTalk]) -> Vec<&str> {
    kept.iter().map(|kept| kept.head.candidate_name.as_str()).collect()
}

#[tokio::test]
async fn a_conversation_comes_back_as_it_was_kept_and_only_to_its_owner() {
    let store = hall().await;
    let (wang, other) = (owner("member 1"), owner("member 2"));
    let held = Held { low: 1, high: 3 };
    let entries = vec![text(1, "一"), text(2, "二"), text(3, "三")];
    let conversation = ConversationId(id(7));
    store
        .write(vec![
            put_head(&wang, head(7, 5), held),
            put(&wang, TalkWrite::Entries { conversation, entries: entries.clone() }),
            put(&wang, TalkWrite::Position(5)),
            put(&wang, TalkWrite::Counts(TalkCounts { all: 1, ..TalkCounts::default() })),
        ])
        .await
        .unwrap();
    let kept = store.talk(&wang, conversation).await.unwrap().unwrap();
    assert_eq!(kept, KeptTalk { head: head(7, 5), held, seen: Seen { delivered: 3, read: 2 } });
    assert_eq!(store.talk_entries(&wang, conversation, 2, 9).await.unwrap(), entries[1..]);
    let start = store.talk_start(&wang, WallTime(0)).await.unwrap();
    assert_eq!((start.pos, start.counts.all), (Some(5), 1));
    assert_eq!(start.behind, [(conversation, 5)], "the server does not know what was seen");
    assert_eq!(store.talk(&other, conversation).await.unwrap(), None);
    assert!(store.talk_entries(&other, conversation, 1, 9).await.unwrap().is_empty());
    assert!(store.talk_search(&other, conversation, "一", 9).await.unwrap().is_empty());
    assert!(store.talks(&other, &TalkFilter::default(), None, 9).await.unwrap().is_empty());
    assert_eq!(store.talk_start(&other, WallTime(0)).await.unwrap(), TalkStart::default());
}

#[tokio::test]
async fn the_list_is_filtered_and_goes_on_below_a_position() {
    let store = hall().await;
    let wang = owner("member 1");
    let position = PositionId(id(77));
    let mut marked = head(1, 30);
    marked.mark = Mark::Qualified;
    let mut unread = head(2, 20);
    unread.unread = 2;
    let mut applied = head(3, 10);
    applied.applications.push(ApplicationCard {
        id: ApplicationId(id(5)),
        position,
        title: "Rust 工程师".into(),
        at: WallTime(0),
        attachment: None,
    });
    let heads = [marked, unread, applied].map(|head| put_head(&wang, head, Held::NONE));
    store.write(heads.to_vec()).await.unwrap();
    let find =
        async |filter: TalkFilter| names(&store.talks(&wang, &filter, None, 9).await.unwrap()).join(",");
    let all = TalkFilter::default;
    assert_eq!(find(all()).await, "考生1,考生2,考生3");
    assert_eq!(find(TalkFilter { mark: Some(Mark::Qualified), ..all() }).await, "考生1");
    assert_eq!(find(TalkFilter { unread: true, ..all() }).await, "考生2");
    assert_eq!(find(TalkFilter { position: Some(position), ..all() }).await, "考生3");
    assert_eq!(find(TalkFilter { text: " rust ".into(), ..all() }).await, "考生3");
    assert_eq!(find(TalkFilter { text: "生2".into(), ..all() }).await, "考生2");
    assert_eq!(find(TalkFilter { text: "100%".into(), ..all() }).await, "");
    let below = store.talks(&wang, &all(), Some((WallTime(0), 20)), 9).await.unwrap();
    assert_eq!(names(&below), ["考生3"]);
    assert_eq!(store.talks(&wang, &all(), None, 2).await.unwrap().len(), 2);
    let start = store.talk_start(&wang, WallTime(0)).await.unwrap();
    assert_eq!((start.unread, start.behind.len()), (2, 3), "no entries are here");
}

#[tokio::test]
async fn search_finds_one_character_and_takes_signs_as_they_are() {
    let store = hall().await;
    let wang = owner("member 1");
    let conversation = ConversationId(id(7));
    let mut file = text(4, "");
    file.body = EntryBody::File { object: ObjectId(id(1)), name: "简历_Final.PDF".into(), size: 1 };
    let entries = vec![text(1, "面试在三点"), text(2, "100% 可以"), text(3, "我可以"), file];
    store
        .write(vec![
            put_head(&wang, head(7, 5), Held { low: 1, high: 4 }),
            put(&wang, TalkWrite::Entries { conversation, entries }),
        ])
        .await
        .unwrap();
    let find = async |query: &str| {
        let found = store.talk_search(&wang, conversation, query, 9).await.unwrap();
        found.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(find("三").await, [1]);
    assert_eq!(find("可以").await, [3, 2], "newest first");
    assert_eq!(find("%").await, [2]);
    assert_eq!(find("_final.pdf").await, [4]);
    assert!(find("没有").await.is_empty());
}

#[tokio::test]
async fn a_conversation_that_is_gone_takes_its_entries_along() {
    let store = hall().await;
    let wang = owner("member 1");
    let conversation = ConversationId(id(7));
    let keep = || {
        vec![
            put_head(&wang, head(7, 5), Held { low: 1, high: 1 }),
            put(&wang, TalkWrite::Entries { conversation, entries: vec![text(1, "一")] }),
        ]
    };
    store.write(keep()).await.unwrap();
    store.write(vec![put(&wang, TalkWrite::Gone(conversation))]).await.unwrap();
    assert!(store.talk_search(&wang, conversation, "一", 9).await.unwrap().is_empty());
    store.write(keep()).await.unwrap();
    let erase = Write::Erase { server: HALL.into(), account: "member 1".into(), ticket: None };
    store.write(vec![put(&wang, TalkWrite::Position(3)), erase]).await.unwrap();
    assert_eq!(store.talk_start(&wang, WallTime(0)).await.unwrap(), TalkStart::default());
    assert_eq!(store.talk(&wang, conversation).await.unwrap(), None);
}
