//! Conversations over real sockets: what one side says, the other hears; once, in order, also after
//! being away.

use crate::device::Device;
use crate::world::{World, new_change};
use miantan_backend::store::{OpenTalk, Parties};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Qinghe's and a candidate's conversation, by the candidate's number.
pub async fn conversation(world: &World, candidate: u128) -> ConversationId {
    between(world, 1, candidate).await
}

pub async fn between(world: &World, employer: u128, candidate: u128) -> ConversationId {
    let state = world.server().state();
    let open = OpenTalk {
        fresh: ConversationId(Uuid::now_v7()),
        parties: Parties {
            employer: EmployerId(Uuid::from_u128(employer)),
            candidate: CandidateId(Uuid::from_u128(0x0300 + candidate)),
        },
        fair: None,
        at: state.clock.wall(),
    };
    state.stores.talks.open(open).await.unwrap().expect("both are there")
}

pub fn text(text: &str) -> TalkCommand {
    TalkCommand::Say { saying: Saying::Text { text: text.into() } }
}

impl Device {
    pub async fn follows(&mut self, since: Option<u64>) -> u64 {
        self.say(&ClientFrame::Inbox { since }).await;
        self.hear("inbox", |f| if let ServerFrame::Inbox { pos } = f { Some(*pos) } else { None }).await
    }

    pub async fn hand_over(&mut self, conversation: ConversationId, command: TalkCommand) -> ChangeId {
        let id = new_change();
        self.hand_over_as(id, conversation, command).await;
        id
    }

    pub async fn hand_over_as(&mut self, id: ChangeId, conversation: ConversationId, command: TalkCommand) {
        self.say(&ClientFrame::Change { id, change: Change::Talk { conversation, command } }).await;
    }

    pub async fn answered(&mut self, id: ChangeId) -> Result<u64, ProblemCode> {
        self.hear("answer", |frame| match frame {
            ServerFrame::Accepted { id: of, seq } if *of == id => Some(Ok(*seq)),
            ServerFrame::Refused { id: of, problem } if *of == id => Some(Err(problem.code)),
            _ => None,
        })
        .await
    }

    pub async fn talk(
        &mut self,
        conversation: ConversationId,
        command: TalkCommand,
    ) -> Result<u64, ProblemCode> {
        let id = self.hand_over(conversation, command).await;
        self.answered(id).await
    }

    /// The next entry of a conversation.
    pub async fn entry(&mut self, conversation: ConversationId) -> (u64, Entry) {
        self.hear("entry", |frame| match frame {
            ServerFrame::Entry { conversation: of, pos, entry } if *of == conversation => {
                Some((*pos, entry.clone()))
            }
            _ => None,
        })
        .await
    }

    pub async fn head(&mut self, what: &str, wanted: impl Fn(&TalkHead) -> bool) -> TalkHead {
        self.hear(what, |frame| match frame {
            ServerFrame::Head(head) if wanted(head) => Some((**head).clone()),
            _ => None,
        })
        .await
    }

    pub async fn sees_read(&mut self, conversation: ConversationId, side: Side) -> Seen {
        self.hear("seen", |frame| match frame {
            ServerFrame::Seen { conversation: of, side: whose, seen, .. }
                if (*of, *whose) == (conversation, side) =>
            {
                Some(*seen)
            }
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn what_one_says_the_other_hears_and_reads() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    wang.follows(None).await;
    lin.follows(None).await;

    assert_eq!(lin.talk(talk, text("您好")).await, Ok(1));
    let (_, heard) = wang.entry(talk).await;
    assert_eq!((heard.seq, heard.from, heard.by.as_str()), (1, Side::Candidate, ""));
    assert_eq!(heard.body, EntryBody::Text { text: "您好".into() });
    assert_eq!(lin.entry(talk).await.1, heard, "the sender's devices hear it as well");

    wang.say(&ClientFrame::Seen { conversation: talk, seen: Seen { delivered: 1, read: 1 } }).await;
    assert_eq!(lin.sees_read(talk, Side::Recruiter).await, Seen { delivered: 1, read: 1 });
    wang.sees_read(talk, Side::Recruiter).await;
    wang.say(&ClientFrame::Typing { conversation: talk }).await;
    lin.hear("typing", |f| {
        matches!(f, ServerFrame::Typing { conversation, side: Side::Recruiter } if *conversation == talk)
            .then_some(())
    })
    .await;
    assert_eq!(wang.talk(talk, text("请介绍一下自己")).await, Ok(2));
    let (_, heard) = lin.entry(talk).await;
    assert_eq!((heard.seq, heard.from, heard.by.as_str()), (2, Side::Recruiter, "wang"));
    // said again: the device asks in vain whether it was news, and is answered all the same
    wang.say(&ClientFrame::Seen { conversation: talk, seen: Seen { delivered: 1, read: 0 } }).await;
    assert_eq!(wang.sees_read(talk, Side::Recruiter).await, Seen { delivered: 1, read: 1 });
}

/// A device that was away asks what it missed, and hears each changed conversation once, whole.
#[tokio::test]
async fn who_was_away_hears_what_changed() {
    let world = World::open().await;
    let (lins, chens) = (conversation(&world, 1).await, conversation(&world, 2).await);
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let mut chen = world.candidate(1, 2).await;
    let start = wang.follows(None).await;
    assert_eq!(wang.follows(Some(start)).await, start, "nothing yet");
    wang.vanish();
    for k in 1..=5 {
        assert_eq!(lin.talk(lins, text("您好")).await, Ok(k));
    }
    wang.connect(&world).await;
    let now = wang.follows(Some(start)).await;
    let head = wang.head("lin's", |head| head.id == lins).await;
    assert_eq!((head.last_seq, head.unread, head.pos), (5, 5, now));
    assert!(!wang.rest().await.iter().any(|f| matches!(f, ServerFrame::Entry { .. } | ServerFrame::Head(_))));
    // from here on everything comes by itself, with larger numbers
    chen.talk(chens, text("在吗")).await.unwrap();
    assert!(wang.entry(chens).await.0 > now);
    // a device from before a deletion knows more than there is: it hears of all there is
    wang.follows(Some(u64::MAX)).await;
    let told: BTreeSet<ConversationId> =
        [wang.head("first", |_| true).await.id, wang.head("second", |_| true).await.id].into();
    assert_eq!(told, [lins, chens].into());
}

/// A thousand messages written offline, sent without waiting; the connection breaks in the middle and
/// everything is sent again.
#[tokio::test]
async fn a_thousand_messages_come_once_and_in_order() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.recruiter("wang", 1).await;
    wang.follows(None).await;
    let mut lin = world.candidate(1, 1).await;
    let written: Vec<(ChangeId, String)> = (0..1_000).map(|k| (new_change(), format!("第{k}条"))).collect();
    for (id, what) in &written[..600] {
        lin.hand_over_as(*id, talk, text(what)).await;
    }
    // some were answered, some only kept, some not even read
    lin.answered(written[99].0).await.unwrap();
    lin.vanish();
    lin.connect(&world).await;
    for (id, what) in &written[50..] {
        lin.hand_over_as(*id, talk, text(what)).await;
    }
    for (k, (id, _)) in written.iter().enumerate().skip(50) {
        assert_eq!(lin.answered(*id).await, Ok(k as u64 + 1));
    }
    for (k, (id, what)) in written.iter().enumerate() {
        let (_, entry) = wang.entry(talk).await;
        assert_eq!((entry.seq, entry.id), (k as u64 + 1, *id));
        assert_eq!(entry.body, EntryBody::Text { text: what.clone() });
    }
    assert!(!wang.rest().await.iter().any(|f| matches!(f, ServerFrame::Entry { .. })));
}

/// Two phones of one candidate and two members of one employer in one conversation.
#[tokio::test]
async fn all_devices_of_both_sides_hear_the_same() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let (mut wang, mut zhao) = (world.recruiter("wang", 1).await, world.recruiter("zhao", 1).await);
    let (mut one, mut two) = (world.candidate(1, 1).await, world.candidate(2, 1).await);
    let mut stranger = world.recruiter("sun", 3).await;
    for device in [&mut wang, &mut zhao, &mut one, &mut two, &mut stranger] {
        device.follows(None).await;
    }
    let mut ids = Vec::new();
    for k in 0..40 {
        let speaker = [&mut wang, &mut one, &mut zhao, &mut two].into_iter().nth(k % 4).unwrap();
        ids.push(speaker.hand_over(talk, text(&k.to_string())).await);
    }
    let mut heard: Vec<Vec<Entry>> = Vec::new();
    for device in [&mut wang, &mut zhao, &mut one, &mut two] {
        let mut own = Vec::new();
        for _ in &ids {
            own.push(device.entry(talk).await.1);
        }
        heard.push(own);
    }
    assert!(heard.iter().all(|own| *own == heard[0]));
    assert!(heard[0].iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
    // marks are the employer's own, and nothing of it all reaches others
    wang.talk(talk, TalkCommand::Mark { mark: Mark::Qualified }).await.unwrap();
    zhao.head("mark", |head| head.mark == Mark::Qualified).await;
    let quiet = |frames: Vec<ServerFrame>| {
        !frames.iter().any(|f| matches!(f, ServerFrame::Head(_) | ServerFrame::Entry { .. }))
    };
    assert!(quiet(one.rest().await));
    assert!(quiet(stranger.rest().await));
}
