//! Conversations: who says what, once and in order; applications; invitations; lists.

mod apply;
mod invite;
mod lists;
mod say;

pub use apply::*;
pub use invite::*;
pub use lists::*;
pub use say::*;

use super::*;
use miantan_domain::rules::talk::Author;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::rest::FairEdit;
use std::sync::Mutex;

const FAIR: u8 = 20;
/// Conversations that tests open: lin's and chen's with the first employer, lin's with the other one.
const LIN_TALK: u8 = 70;
const CHEN_TALK: u8 = 71;
const OTHER_TALK: u8 = 72;

/// Everything told, in order.
#[derive(Default)]
struct Heard(Mutex<Vec<TalkNews>>);

impl TalkListener for Heard {
    fn told(&self, news: &[TalkNews]) {
        self.0.lock().unwrap().extend_from_slice(news);
    }
}

impl Heard {
    fn take(&self) -> Vec<TalkNews> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn id(number: u128) -> ChangeId {
    ChangeId(uuid::Uuid::from_u128(number))
}

fn talk(number: u8) -> ConversationId {
    ConversationId(n(number))
}

fn candidate_of(number: u8) -> Talker {
    Talker {
        person: Person::Candidate(CandidateId(n(number))),
        party: Party::Candidate(CandidateId(n(number))),
        author: Author::Candidate,
        name: String::new(),
    }
}

fn member_of(employer: u8, number: u8, name: &str, role: MemberRole) -> Talker {
    Talker {
        person: Person::Member(MemberId(n(number))),
        party: Party::Employer(EmployerId(n(employer))),
        author: Author::Member(role),
        name: name.into(),
    }
}

fn wang() -> Talker {
    member_of(EMPLOYER, OWNER, "王敏", MemberRole::Owner)
}

fn sun() -> Talker {
    member_of(OTHER_EMPLOYER, OTHER_OWNER, "孙", MemberRole::Owner)
}

fn lin() -> Talker {
    candidate_of(LIN)
}

fn chen() -> Talker {
    candidate_of(CHEN)
}

fn text(text: &str) -> TalkCommand {
    TalkCommand::Say { saying: Saying::Text { text: text.into() } }
}

fn wish(conversation: u8, command: TalkCommand) -> TalkWish {
    let plan = matches!(command, TalkCommand::Invite { .. } | TalkCommand::Amend { .. }).then(|| plan(1));
    TalkWish::Command { conversation: talk(conversation), command, plan }
}

/// Another ticket and other codes for each number.
fn plan(number: u8) -> InvitationPlan {
    InvitationPlan {
        round: RoundId(n(200 + number)),
        round_name: "11月18日面谈".into(),
        day: (NOW.after(-600 * MINUTE), NOW.after(840 * MINUTE)),
        ticket: TicketId(n(210 + number)),
        codes: vec![mac(220 + number), mac(230 + number)],
    }
}

fn change(by: Talker, number: u128, wish: TalkWish) -> TalkChange {
    TalkChange { by, id: id(number), at: NOW, wish, guard: Guard::default() }
}

async fn settle(stores: &Stores, change: TalkChange) -> Result<u64, ProblemCode> {
    let answer = stores.talks.change(change).await.unwrap();
    answer.await.unwrap().unwrap().map_err(|problem| problem.code)
}

async fn says(stores: &Stores, by: Talker, number: u128, to: u8, what: &str) -> Result<u64, ProblemCode> {
    settle(stores, change(by, number, wish(to, text(what)))).await
}

async fn does(
    stores: &Stores,
    by: Talker,
    number: u128,
    to: u8,
    command: TalkCommand,
) -> Result<u64, ProblemCode> {
    settle(stores, change(by, number, wish(to, command))).await
}

/// The hall with three conversations, and all that is told from here on.
async fn talks(harness: &impl Harness) -> (Stores, Arc<Heard>) {
    let stores = filled(harness).await;
    for (fresh, employer, candidate) in
        [(LIN_TALK, EMPLOYER, LIN), (CHEN_TALK, EMPLOYER, CHEN), (OTHER_TALK, OTHER_EMPLOYER, LIN)]
    {
        let parties = Parties { employer: EmployerId(n(employer)), candidate: CandidateId(n(candidate)) };
        let open = OpenTalk { fresh: talk(fresh), parties, fair: None, at: NOW };
        assert_eq!(stores.talks.open(open).await, Ok(Some(talk(fresh))));
        let again = OpenTalk { fresh: talk(99), ..open };
        assert_eq!(stores.talks.open(again).await, Ok(Some(talk(fresh))), "there is one already");
    }
    let heard = Arc::new(Heard::default());
    stores.talks.listen(heard.clone());
    (stores, heard)
}

async fn head(stores: &Stores, party: Party, conversation: u8) -> TalkHead {
    stores.talks.head(party, talk(conversation)).await.unwrap().unwrap()
}

async fn texts(stores: &Stores, party: Party, conversation: u8) -> Vec<String> {
    let entries =
        stores.talks.entries(party, talk(conversation), Stretch::After(0), 10_000).await.unwrap().unwrap();
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "numbered without a gap");
    let text = |entry: Entry| match entry.body {
        EntryBody::Text { text } => text,
        other => format!("{other:?}"),
    };
    entries.into_iter().map(text).collect()
}
