//! A full disk (`max_page_count`): what does not fit is refused whole, what was answered is there, and with
//! room again everything goes on.

use super::*;
use crate::store::contract::{NOW, hall};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::rules::talk::Author;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::{NoteView, TalkCommand};
use uuid::Uuid;

// as in the contract's hall
const ROUND: RoundId = RoundId(Uuid::from_bytes([4; 16]));
const LIN: CandidateId = CandidateId(Uuid::from_bytes([5; 16]));
const EMPLOYER: EmployerId = EmployerId(Uuid::from_bytes([1; 16]));
const TALK: ConversationId = ConversationId(Uuid::from_bytes([70; 16]));

/// So many more pages fit; none: as many as it likes.
async fn room(store: &Sqlite, more: Option<i64>) {
    let set = store.write(move |c| {
        let count: i64 = c.query_row("PRAGMA page_count", [], |r| r.get(0)).map_err(row::failed)?;
        let most = more.map_or(1_000_000, |more| count + more);
        c.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).map_err(row::failed)
    });
    set.await.unwrap();
}

/// Lin says so many things at once: their ids and answers.
async fn says(stores: &Stores, guard: &Guard, many: usize, text: &str) -> Vec<(ChangeId, Stored<u64>)> {
    let by = Talker {
        person: Person::Candidate(LIN),
        party: Party::Candidate(LIN),
        author: Author::Candidate,
        name: String::new(),
    };
    let mut answers = Vec::new();
    for _ in 0..many {
        let command = TalkCommand::Say { saying: Saying::Text { text: text.to_owned() } };
        let wish = TalkWish::Command { conversation: TALK, command, plan: None };
        let id = ChangeId(Uuid::now_v7());
        let change = TalkChange { by: by.clone(), id, at: NOW, wish, guard: Guard::clone(guard) };
        answers.push((id, stores.talks.change(change).await.unwrap()));
    }
    let mut heard = Vec::new();
    for (id, answer) in answers {
        let settled = answer.await.unwrap();
        // behind one that was not kept: it waits for that one
        let held = |problem: Problem| {
            assert_eq!(problem.code, ProblemCode::SlowDown, "{problem}");
            StoreError::CannotWrite("what came before it".into())
        };
        heard.push((id, settled.and_then(|answer| answer.map_err(held))));
    }
    heard
}

/// Everything that was answered, under its number; and no gap.
async fn is_there(stores: &Stores, said: &[(ChangeId, u64)]) {
    let party = Party::Candidate(LIN);
    let entries = stores.talks.entries(party, TALK, Stretch::After(0), 100_000).await.unwrap().unwrap();
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "numbered without a gap");
    let kept: Vec<(ChangeId, u64)> = entries.iter().map(|entry| (entry.id, entry.seq)).collect();
    assert_eq!(kept, said, "what was answered, and nothing else");
}

fn noted(seq: u64, text: &str) -> Numbered {
    let id = ChangeId(Uuid::from_u128(seq.into()));
    let note = NoteView { id, from: Side::Recruiter, text: text.into(), at: NOW };
    Numbered { seq, at: NOW, event: RoundEvent::Noted { ticket: TicketId(Uuid::nil()), note } }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_whole_and_what_was_answered_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_one(dir.path()).unwrap();
    let stores = stores(store.clone());
    stores.fairs.import(hall()).await.unwrap();
    let parties = Parties { employer: EMPLOYER, candidate: LIN };
    let open = OpenTalk { fresh: TALK, parties, fair: None, at: NOW };
    assert_eq!(stores.talks.open(open).await, Ok(Some(TALK)));
    let (mut said, mut events) = (Vec::new(), 0_u64);
    for more in [0, 3, 1, 10] {
        room(&store, Some(more)).await;
        // on a new socket each time, as after a refusal; until nothing fits
        let mut refused = 0;
        while refused < 3 {
            for (id, answer) in says(&stores, &Guard::default(), 5, &"面谈".repeat(500)).await {
                match answer {
                    Ok(seq) => said.push((id, seq)),
                    Err(StoreError::CannotWrite(_)) => refused += 1,
                    Err(other) => panic!("{other}"),
                }
            }
        }
        is_there(&stores, &said).await;
        // what a round's actor writes together is refused together
        let (who, change) = (Person::Candidate(LIN), ChangeId(Uuid::now_v7()));
        let long = "轮到您了".repeat(4_000);
        let commit = || RoundCommit {
            round: ROUND,
            events: vec![noted(events + 1, "短"), noted(events + 2, &long)],
            answer: Some(KeptAnswer { who, change, at: NOW, result: Ok(events + 2) }),
            free: Vec::new(),
        };
        let answer = stores.rounds.commit(commit()).await;
        assert!(matches!(answer, Err(StoreError::CannotWrite(_))), "{answer:?}");
        assert_eq!(stores.rounds.answer_of(who, change).await, Ok(None));
        assert_eq!(stores.rounds.load(ROUND).await.unwrap().unwrap().events.len() as u64, events);

        room(&store, None).await;
        stores.rounds.commit(commit()).await.unwrap();
        events += 2;
        assert_eq!(stores.rounds.answer_of(who, change).await, Ok(Some(Ok(events))));
        for (id, answer) in says(&stores, &Guard::default(), 3, "又可以了").await {
            said.push((id, answer.unwrap()));
        }
        is_there(&stores, &said).await;
    }
    let sound: String = store
        .read(|c| c.query_row("PRAGMA integrity_check", [], |r| r.get(0)).map_err(row::failed))
        .await
        .unwrap();
    assert_eq!(sound, "ok");
}
