//! Conversations and those who send what they should not, reach for what is not theirs, or do not read.

use crate::device::Device;
use crate::talk::{between, conversation, text};
use crate::world::{World, new_change};
use miantan_backend::store::Person;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

fn nobodys() -> ConversationId {
    ConversationId(Uuid::now_v7())
}

/// Another employer's conversation, another candidate's, and one that does not exist look the same; and
/// whoever reached for them is written down.
#[tokio::test]
async fn conversations_of_others_do_not_exist() {
    let world = World::open().await;
    let (lins, foreign) = (conversation(&world, 1).await, between(&world, 2, 1).await);
    let mut lin = world.candidate(1, 1).await;
    let mut chen = world.candidate(1, 2).await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut sun = world.recruiter("sun", 3).await;
    for device in [&mut lin, &mut chen, &mut wang, &mut sun] {
        device.follows(None).await;
    }
    for (device, others) in [(&mut chen, lins), (&mut sun, lins), (&mut wang, foreign)] {
        for talk in [others, nobodys()] {
            assert_eq!(device.talk(talk, text("x")).await, Err(ProblemCode::NotFound));
            device.say(&ClientFrame::Seen { conversation: talk, seen: Seen::default() }).await;
            assert_eq!(device.problem().await, ProblemCode::NotFound);
            device.say(&ClientFrame::Typing { conversation: talk }).await;
            assert_eq!(device.problem().await, ProblemCode::NotFound);
            let decline = TalkCommand::Decline {
                invitation: InvitationId(Uuid::now_v7()),
                revision: 1,
                reason: String::new(),
            };
            assert_eq!(device.talk(talk, decline).await, Err(ProblemCode::NotFound));
        }
    }
    // in one's own conversation: a file and an invitation that are not there
    let file = Saying::File { object: ObjectId(Uuid::now_v7()), name: "a.pdf".into(), size: 1 };
    let said = wang.talk(lins, TalkCommand::Say { saying: file }).await;
    assert_eq!(said, Err(ProblemCode::FileUnknown));
    let withdraw = TalkCommand::Withdraw { invitation: InvitationId(Uuid::now_v7()), reason: String::new() };
    assert_eq!(wang.talk(lins, withdraw).await, Err(ProblemCode::InvitationUnknown));
    assert!(
        !lin.rest().await.iter().any(|f| matches!(f, ServerFrame::Entry { .. } | ServerFrame::Typing { .. }))
    );

    let state = world.server().state();
    let rows = state.stores.accounts.refusals(WallTime(0), 99).await.unwrap();
    let audited = |who: Person, code: &str| {
        rows.iter()
            .filter(|r| r.action == "talk" && r.who == Some(who) && r.code == code)
            .map(|r| r.count)
            .sum()
    };
    let chens: u64 = audited(Person::Candidate(CandidateId(Uuid::from_u128(0x0302))), "not_found");
    assert_eq!(chens, 8);
    let wangs: u64 = audited(Person::Member(MemberId(Uuid::from_u128(11))), "file_unknown");
    assert_eq!(wangs, 1);
}

async fn says_too_much(lin: &mut Device, talk: ConversationId, chars: usize) -> Result<u64, ProblemCode> {
    lin.talk(talk, text(&"长".repeat(chars))).await
}

#[tokio::test]
async fn bad_texts_are_refused_and_nobody_else_notices() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    wang.follows(None).await;
    wang.rest().await;

    assert_eq!(says_too_much(&mut lin, talk, TEXT_MAX_CHARS + 1).await, Err(ProblemCode::TextTooLong));
    assert_eq!(says_too_much(&mut lin, talk, 20_000).await, Err(ProblemCode::TextTooLong));
    assert_eq!(lin.talk(talk, text(" \u{3000}\n")).await, Err(ProblemCode::TextEmpty));
    // 100 kB: larger than any frame
    let id = new_change();
    let large = ClientFrame::Change {
        id,
        change: Change::Talk { conversation: talk, command: text(&"x".repeat(100_000)) },
    };
    let _ = lin.try_say(Message::text(serde_json::to_string(&large).unwrap())).await;
    lin.ends().await;
    let words = lin.last_words();
    let told = |f: &ServerFrame| matches!(f, ServerFrame::Problem(p) if p.code == ProblemCode::TooLarge);
    assert!(words.iter().any(told), "{words:?}");

    // bytes that are no text: the socket ends, the next one is as good as new
    lin.connect(&world).await;
    let broken = tokio_tungstenite::tungstenite::protocol::frame::Frame::message(
        vec![b'"', 0xff, 0xfe, b'"'],
        tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode::Data(
            tokio_tungstenite::tungstenite::protocol::frame::coding::Data::Text,
        ),
        true,
    );
    let _ = lin.try_say(Message::Frame(broken)).await;
    lin.ends().await;
    lin.connect(&world).await;
    assert!(!wang.rest().await.iter().any(|f| matches!(f, ServerFrame::Entry { .. })));

    // markup is text, the longest text passes, and what cannot be a command is refused by its id
    let markup = "<script>alert(1)</script> &amp; \u{202e}\u{0} {{x}} ' OR 1=1 --";
    lin.talk(talk, text(markup)).await.unwrap();
    assert_eq!(wang.entry(talk).await.1.body, EntryBody::Text { text: markup.into() });
    let longest = "长".repeat(TEXT_MAX_CHARS);
    lin.talk(talk, text(&longest)).await.unwrap();
    assert_eq!(wang.entry(talk).await.1.body, EntryBody::Text { text: longest });
    let id = new_change();
    lin.say_text(format!(
        r#"{{"kind":"change","id":"{id}","change":{{"of":"talk","conversation":"{talk}","command":{{"do":"say","say":"text"}}}}}}"#
    ))
    .await;
    assert_eq!(lin.answered(id).await, Err(ProblemCode::Malformed));
    lin.follows(None).await;
    // an old app may send what it likes as its time: there is no place for it
    assert_eq!(lin.talk(talk, text("好")).await, Ok(3));
}

/// A recruiter whose phone sleeps in the middle of a flood of messages is sent away; candidates and the
/// colleague notice nothing.
#[tokio::test]
async fn who_does_not_read_messages_is_sent_away_and_catches_up() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut slow = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let since = slow.follows(None).await;
    zhao.follows(None).await;
    let state = world.server().state();
    let byes = || state.metrics.get("miantan_byes_total", &[("reason", "too_slow")]);
    let long = "长".repeat(TEXT_MAX_CHARS);
    let mut said = 0;
    while byes() == 0 {
        let mut ids = Vec::new();
        for _ in 0..100 {
            ids.push(lin.hand_over(talk, text(&long)).await);
        }
        for id in ids {
            said = lin.answered(id).await.unwrap();
            assert_eq!(zhao.entry(talk).await.1.seq, said);
        }
        assert!(said < 20_000, "the slow one is never sent away");
    }
    slow.ends().await;
    slow.connect(&world).await;
    slow.follows(Some(since)).await;
    let head = slow.head("what was missed", |head| head.id == talk).await;
    assert_eq!(head.last_seq, said);
}
