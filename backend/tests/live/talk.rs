//! Conversations over real sockets: what one side says, the other hears; once, in order, also after
//! being away.

use crate::device::Device;
use crate::world::{World, new_change};
use miantan_backend::store::{OpenTalk, Parties};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;
use uuid::Uuid;

/// Qinghe's and a candidate's conversation, by the candidate's number.
async fn conversation(world: &World, candidate: u128) -> ConversationId {
    between(world, 1, candidate).await
}

async fn between(world: &World, employer: u128, candidate: u128) -> ConversationId {
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

fn text(text: &str) -> TalkCommand {
    TalkCommand::Say { saying: Saying::Text { text: text.into() } }
}

impl Device {
    async fn follows(&mut self, since: Option<u64>) -> u64 {
        self.say(&ClientFrame::Inbox { since }).await;
        self.hear("inbox", |f| if let ServerFrame::Inbox { pos } = f { Some(*pos) } else { None }).await
    }

    async fn hand_over(&mut self, conversation: ConversationId, command: TalkCommand) -> ChangeId {
        let id = new_change();
        self.hand_over_as(id, conversation, command).await;
        id
    }

    async fn hand_over_as(&mut self, id: ChangeId, conversation: ConversationId, command: TalkCommand) {
        self.say(&ClientFrame::Change { id, change: Change::Talk { conversation, command } }).await;
    }

    async fn answered(&mut self, id: ChangeId) -> Result<u64, ProblemCode> {
        self.hear("answer", |frame| match frame {
            ServerFrame::Accepted { id: of, seq } if *of == id => Some(Ok(*seq)),
            ServerFrame::Refused { id: of, problem } if *of == id => Some(Err(problem.code)),
            _ => None,
        })
        .await
    }

    async fn talk(&mut self, conversation: ConversationId, command: TalkCommand) -> Result<u64, ProblemCode> {
        let id = self.hand_over(conversation, command).await;
        self.answered(id).await
    }

    /// The next entry of a conversation.
    async fn entry(&mut self, conversation: ConversationId) -> (u64, Entry) {
        self.hear("entry", |frame| match frame {
            ServerFrame::Entry { conversation: of, pos, entry } if *of == conversation => {
                Some((*pos, entry.clone()))
            }
            _ => None,
        })
        .await
    }

    async fn head(&mut self, what: &str, wanted: impl Fn(&TalkHead) -> bool) -> TalkHead {
        self.hear(what, |frame| match frame {
            ServerFrame::Head(head) if wanted(head) => Some((**head).clone()),
            _ => None,
        })
        .await
    }

    async fn sees_read(&mut self, conversation: ConversationId, side: Side) -> Seen {
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
