//! Conversations on one device: shown at once, sent once, in order, whatever the network does.

use crate::desk::{Accident, Desk, talk_id};
use crate::device::*;
use crate::hall::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::LinkView;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;
use std::collections::BTreeSet;

pub fn say(text: &str) -> Intent {
    Intent::Talk(TalkIntent::Say { text: text.into() })
}

pub fn open(id: ConversationId) -> Intent {
    Intent::Talk(TalkIntent::Open(id))
}

pub fn items(view: &AppView) -> &[TalkItem] {
    view.talk.open.as_ref().map(|open| open.items.as_slice()).unwrap_or_default()
}

fn texts(view: &AppView) -> Vec<String> {
    let text = |item: &TalkItem| match &item.body {
        ItemBody::Text(text) => Some(text.clone()),
        _ => None,
    };
    items(view).iter().filter_map(text).collect()
}

pub fn states<'a>(view: &'a AppView, text: &str) -> Vec<&'a SendState> {
    let of = |item: &&TalkItem| item.body == ItemBody::Text(text.into());
    items(view).iter().filter(of).map(|item| &item.state).collect()
}

pub fn opened(view: &AppView, id: ConversationId) -> bool {
    view.talk.open.as_ref().is_some_and(|open| open.head.id == id)
}

/// A hall where the candidate has one conversation, and their phone with it open.
pub async fn lin_in_talk() -> (Hall, Phone, ConversationId) {
    let hall = Hall::open().await;
    let mut desk = Desk::of(Side::Candidate);
    let id = desk.begin(1, "青禾云帆");
    hall.has_desk(desk);
    let phone = Phone::of_lin(&hall).await;
    phone.sees("the list", |view| view.talk.list.heads.len() == 1).await;
    phone.wants(open(id));
    phone.sees("the conversation", |view| opened(view, id) && !items(view).is_empty()).await;
    (hall, phone, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_is_shown_at_once_and_never_twice_until_it_is_read() {
    let (hall, phone, id) = lin_in_talk().await;
    let mut view = phone.session().view();
    view.mark_unchanged();
    phone.wants(say("您好"));
    let mut steps = Vec::new();
    let watch = async {
        loop {
            view.changed().await.unwrap();
            let now = view.borrow_and_update().clone();
            let states = states(&now, "您好");
            if steps.is_empty() && states.is_empty() {
                continue; // something else came first
            }
            assert_eq!(states.len(), 1, "one copy in every view");
            if steps.last() != Some(states[0]) {
                steps.push(states[0].clone());
                match states[0] {
                    SendState::Sent => {
                        hall.desk_says(move |desk| desk.they_saw(id, Seen { delivered: 2, read: 0 }));
                    }
                    SendState::Delivered => {
                        hall.desk_says(move |desk| desk.they_saw(id, Seen { delivered: 2, read: 2 }));
                    }
                    SendState::Read => break,
                    _ => {}
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, watch).await.expect("it is read");
    let order = [SendState::Sending, SendState::Sent, SendState::Delivered, SendState::Read];
    assert!(steps.ends_with(&order[1..]), "{steps:?}");
    assert_eq!(hall.desk(|desk| desk.texts(id)), ["您好"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_shown_without_a_network() {
    let (hall, phone, id) = lin_in_talk().await;
    phone.wants(Intent::NetworkChanged { up: false });
    phone.sees("offline", |view| view.link == LinkView::Offline).await;
    phone.wants(say("在吗"));
    let view = phone.sees("it is shown", |view| !states(view, "在吗").is_empty()).await;
    assert_eq!(states(&view, "在吗"), [&SendState::Waiting]);
    assert!(hall.desk(|desk| desk.texts(id)).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_words_written_offline_arrive_in_order_and_once_on_a_breaking_network() {
    let (hall, phone, id) = lin_in_talk().await;
    phone.wants(Intent::NetworkChanged { up: false });
    phone.sees("offline", |view| view.link == LinkView::Offline).await;
    let all: Vec<String> = (0..1_000).map(|n| format!("第 {n} 句")).collect();
    for text in &all {
        phone.wants(say(text));
    }
    phone.sees("all waiting", |view| texts(view).len() == 1_000).await;
    let mut dice = 7_u64;
    hall.desk(|desk| {
        desk.accidents = (0..1_500)
            .map(|_| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                match (dice >> 33) % 120 {
                    0 => Some(Accident::Before),
                    1 => Some(Accident::After),
                    2 => Some(Accident::Half),
                    _ => None,
                }
            })
            .collect();
    });
    // Someone walks through the house: the network is back as soon as it is gone.
    let mut view = phone.session().view();
    let session = phone.session().clone();
    let walking = tokio::spawn(async move {
        session.send(Intent::NetworkChanged { up: true });
        while view.changed().await.is_ok() {
            if matches!(view.borrow_and_update().link, LinkView::Waiting { .. }) {
                session.send(Intent::NetworkChanged { up: true });
            }
        }
    });
    let done = |view: &AppView| {
        let mine: Vec<_> = items(view).iter().filter(|item| matches!(item.body, ItemBody::Text(_))).collect();
        mine.len() == 1_000 && mine.iter().all(|item| item.state == SendState::Sent)
    };
    let shown = phone.sees("all sent", done).await;
    walking.abort();
    assert_eq!(texts(&shown), all, "in order on the device");
    assert_eq!(hall.desk(|desk| desk.texts(id)), all, "in order and once in the hall");
    let cuts = hall.desk(|desk| desk.accidents.len());
    assert!(cuts < 500, "the accidents happened");
}

/// To the hall, the phone's clock leaps with each of its own: ids of changes, which carry a time, then sort otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_a_day_wrong_changes_no_order() {
    const DAY: i64 = 86_400_000;
    let (hall, mut phone, id) = lin_in_talk().await;
    let mut said = Vec::new();
    for (n, leap) in [0, -DAY, 2 * DAY, -3 * DAY].into_iter().enumerate() {
        hall.time_passes(leap);
        let before = phone.view().wall;
        phone.wants(Intent::NetworkChanged { up: false });
        phone.sees("offline", |view| view.link == LinkView::Offline).await;
        phone.wants(Intent::NetworkChanged { up: true });
        phone
            .sees("the hall's clock", |view| {
                view.link == LinkView::Live && (view.wall.0 - before.0 - leap).abs() < DAY / 2
            })
            .await;
        for text in [format!("第 {n} 天"), format!("第 {n} 天晚上")] {
            phone.wants(say(&text));
            said.push(text);
        }
        phone.sees("it is shown", |view| texts(view).len() == said.len()).await;
    }
    let sent = |view: &AppView| {
        let mine = items(view).iter().filter(|item| matches!(item.body, ItemBody::Text(_)));
        mine.filter(|item| item.state == SendState::Sent).count() == said.len()
    };
    let view = phone.sees("all sent", sent).await;
    assert_eq!(texts(&view), said, "on the screen");
    assert_eq!(hall.desk(|desk| desk.texts(id)), said, "in the hall");
    phone.killed().await;
    phone.start().await;
    phone.wants(open(id));
    let view = phone.sees("open again", |view| texts(view).len() == said.len()).await;
    assert_eq!(texts(&view), said, "as kept on the device");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_killed_at_any_point_of_sending_leaves_exactly_one_copy() {
    let (hall, mut phone, id) = lin_in_talk().await;
    let mut shown = BTreeSet::new();
    let mut dice = 99_u64;
    for n in 0..200 {
        let text = format!("{n}");
        phone.wants(say(&text));
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        for _ in 0..(dice >> 33) % 400 {
            tokio::task::yield_now().await;
        }
        if n % 3 == 0 {
            phone.sees("it is shown", |view| texts(view).contains(&text)).await;
        }
        if texts(&phone.view()).contains(&text) {
            shown.insert(text);
        }
        phone.killed().await;
        phone.start().await;
        phone.wants(open(id));
        phone.sees("open again", |view| opened(view, id)).await;
    }
    let sent = |view: &AppView| {
        items(view)
            .iter()
            .all(|item| item.state == SendState::Sent || item.from == Side::Recruiter || item.seq == 1)
            && !items(view).is_empty()
            && view.link == LinkView::Live
    };
    phone.sees("all sent", sent).await;
    let arrived = hall.desk(|desk| desk.texts(id));
    let once: BTreeSet<_> = arrived.iter().cloned().collect();
    assert_eq!(once.len(), arrived.len(), "no copy twice: {arrived:?}");
    assert!(shown.is_subset(&once), "what was shown is there");
    assert!(shown.len() >= 60, "{} were shown", shown.len());
    let numbers: Vec<u32> = arrived.iter().map(|text| text.parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "in order: {numbers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_away_is_fetched_once_and_can_be_read_offline() {
    let (hall, mut phone, id) = lin_in_talk().await;
    phone.killed().await;
    let other = hall.desk(|desk| {
        for n in 0..250 {
            desk.they_say(id, &format!("消息 {n}"));
        }
        let other = desk.begin(2, "远航");
        desk.they_say(other, "请来面试");
        other
    });
    phone.start().await;
    assert_eq!(phone.view().talk.list.heads.len(), 1, "the list is there before the network");
    phone.sees("caught up", |view| view.talk.list.heads.len() == 2 && view.talk.unread == 251).await;
    for (conversation, last) in [(other, 2), (id, 251)] {
        hall.hears("all of it, the newest first", |frame| match frame {
            ClientFrame::Seen { conversation: of, seen } if *of == conversation && seen.delivered == last => {
                Some(())
            }
            _ => None,
        })
        .await;
    }
    phone.killed().await;
    hall.desk(|desk| desk.unreachable = true);
    phone.start().await;
    phone.wants(open(id));
    let view = phone.sees("the last page", |view| opened(view, id) && items(view).len() == 60).await;
    assert!(view.talk.open.as_ref().unwrap().has_older);
    let mut length = 60;
    while length < 251 {
        phone.wants(Intent::Talk(TalkIntent::Older));
        let view = phone.sees("more", |view| items(view).len() > length).await;
        length = items(&view).len();
    }
    let view = phone.view();
    assert_eq!(items(&view).iter().map(|item| item.seq).collect::<Vec<_>>(), (1..=251).collect::<Vec<_>>());
    assert!(!view.talk.open.as_ref().unwrap().has_older);
    let asked = hall.desk(|desk| desk.asked.iter().filter(|of| **of == id).count());
    assert!(asked <= 5, "fetched once, in pages: {asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn read_marks_survive_a_kill_and_are_told_when_there_is_a_network() {
    let (hall, mut phone, id) = lin_in_talk().await;
    hall.desk_says(move |desk| desk.they_say(id, "您好"));
    phone.sees("unread", |view| view.talk.unread == 1).await;
    phone.wants(Intent::NetworkChanged { up: false });
    phone.sees("offline", |view| view.link == LinkView::Offline).await;
    phone.wants(Intent::Talk(TalkIntent::Seen { seq: 2 }));
    phone.sees("read", |view| view.talk.unread == 0 && view.talk.list.heads[0].unread == 0).await;
    phone.killed().await;
    phone.start().await;
    assert_eq!(phone.view().talk.unread, 0);
    // Nothing is opened, and the other side learns of it all the same.
    hall.hears("read", |frame| match frame {
        ClientFrame::Seen { seen, .. } if seen.read == 2 => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(hall.desk(|desk| desk.own_seen(id)), Seen { delivered: 2, read: 2 });
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_is_told_now_and_then_and_shown_for_a_while() {
    let (hall, phone, id) = lin_in_talk().await;
    hall.heard_so_far().await;
    for _ in 0..20 {
        phone.wants(Intent::Talk(TalkIntent::Typing));
    }
    phone.wants(say("好"));
    phone.sees("said", |view| states(view, "好") == [&SendState::Sent]).await;
    let told = hall.heard_so_far().await.iter().filter(|f| matches!(f, ClientFrame::Typing { .. })).count();
    assert!((1..20).contains(&told), "now and then: {told}");
    hall.says(ServerFrame::Typing { conversation: id, side: Side::Recruiter });
    let typing = |view: &AppView| view.talk.open.as_ref().is_some_and(|open| open.typing);
    phone.sees("they type", typing).await;
    hall.desk_says(move |desk| desk.they_say(id, "来了"));
    phone.sees("and have written", |view| !typing(view) && texts(view).contains(&"来了".into())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_word_says_why_and_can_be_sent_again_or_deleted() {
    let (hall, phone, id) = lin_in_talk().await;
    hall.desk(|desk| desk.refuses = Some(ProblemCode::ConversationBlocked));
    phone.wants(say("一"));
    phone.wants(say("二"));
    let failed = |view: &AppView, text: &str| {
        states(view, text).iter().any(
            |s| matches!(s, SendState::Failed(problem) if problem.code == ProblemCode::ConversationBlocked),
        )
    };
    let view = phone.sees("both refused", |view| failed(view, "一") && failed(view, "二")).await;
    let of =
        |text: &str| items(&view).iter().find(|item| item.body == ItemBody::Text(text.into())).unwrap().id;
    let (one, two) = (of("一"), of("二"));
    hall.desk(|desk| desk.refuses = None);
    phone.wants(Intent::RetryChange(one));
    phone.sees("sent", |view| states(view, "一") == [&SendState::Sent]).await;
    phone.wants(Intent::DeleteChange(two));
    phone.sees("gone", |view| states(view, "二").is_empty()).await;
    assert_eq!(hall.desk(|desk| desk.texts(id)), ["一"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_word_and_one_too_long_are_refused_here() {
    let (hall, phone, _) = lin_in_talk().await;
    hall.heard_so_far().await;
    for (text, code) in
        [("  ".to_owned(), ProblemCode::TextEmpty), ("长".repeat(2_001), ProblemCode::TextTooLong)]
    {
        phone.wants(say(&text));
        phone.sees("refused", |view| told(view, &NoticeWhat::Refused(code.into()))).await;
    }
    let changes = hall.heard_so_far().await.into_iter().filter(|f| matches!(f, ClientFrame::Change { .. }));
    assert_eq!(changes.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_by_one_character() {
    let (hall, phone, id) = lin_in_talk().await;
    for text in ["带上学位证", "Bring your ID card", "好"] {
        hall.desk_says(move |desk| desk.they_say(id, text));
    }
    phone.sees("all here", |view| items(view).len() == 4).await;
    let find = async |query: &str| {
        phone.wants(Intent::Talk(TalkIntent::Search(query.into())));
        let search = |view: &AppView| view.talk.open.as_ref().and_then(|open| open.search.clone());
        let found = |view: &AppView| search(view).is_some_and(|s| s.query == query && !s.hits.is_empty());
        let view = phone.sees("found", found).await;
        search(&view).unwrap().hits.iter().map(|hit| hit.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(find("证").await, ["带上学位证"]);
    assert_eq!(find("id CARD").await, ["Bring your ID card"]);
    assert_eq!(find("前端").await, ["前端开发工程师"]);
    phone.wants(Intent::Talk(TalkIntent::CloseSearch));
    phone.sees("closed", |view| view.talk.open.as_ref().unwrap().search.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_nobody_told_of_is_fetched_when_it_is_opened() {
    let (hall, phone, _) = lin_in_talk().await;
    let id = hall.desk(|desk| desk.begin(9, "新公司"));
    assert_eq!(id, talk_id(9));
    phone.wants(open(id));
    phone.sees("it", |view| opened(view, id) && items(view).len() == 1).await;
    phone.wants(open(talk_id(77)));
    phone.sees("unknown", |view| told(view, &NoticeWhat::Refused(ProblemCode::NotFound.into()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interview_is_announced_half_an_hour_before_and_nothing_is_left_after_signing_out() {
    let (hall, mut phone, id) = lin_in_talk().await;
    hall.desk_says(move |desk| {
        desk.invite(id, 5, InvitationStatus::Accepted);
        ServerFrame::Head(Box::new(desk.head(id)))
    });
    phone.sees("the card", |view| !view.talk.list.heads[0].invitations.is_empty()).await;
    let soon =
        |view: &AppView| view.notices.iter().any(|n| matches!(n.what, NoticeWhat::InterviewSoon { .. }));
    assert!(!soon(&phone.view()));
    hall.time_passes(12 * 3_600_000 - 29 * 60_000);
    hall.cuts();
    phone.sees("said", soon).await;
    phone.wants(Intent::SignOut);
    phone.sees("signed out", |view| matches!(view.who, WhoView::SignedOut { .. })).await;
    assert_eq!(phone.view().talk.list.heads.len(), 0);
    phone.shut_down().await;
    let bytes = std::fs::read(phone.folder.path().join("miantan.sqlite3")).unwrap();
    let name = "青禾云帆".as_bytes();
    assert!(!bytes.windows(name.len()).any(|window| window == name), "nothing of it is in the file");
}
