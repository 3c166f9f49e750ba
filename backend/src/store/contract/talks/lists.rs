//! Lists, pages, what was missed, reports, what is forgotten.

use super::*;

const MANY: u32 = 230;

/// So many candidates of the first employer, each with a conversation in which something was said.
async fn crowd(stores: &Stores) {
    let candidates = (0..MANY).map(|k| NewCandidate {
        id: CandidateId(uuid::Uuid::from_u128(0x9000 + u128::from(k))),
        name: format!("考生{k}"),
        headline: String::new(),
        resume: Resume::default(),
        phone: None,
    });
    let import = Import { now: NOW, candidates: candidates.collect(), ..Import::default() };
    stores.fairs.import(import).await.unwrap();
    for k in 0..u128::from(MANY) {
        let candidate = CandidateId(uuid::Uuid::from_u128(0x9000 + k));
        let fresh = ConversationId(uuid::Uuid::from_u128(0xA000 + k));
        let parties = Parties { employer: EmployerId(n(EMPLOYER)), candidate };
        stores.talks.open(OpenTalk { fresh, parties, fair: None, at: NOW }).await.unwrap();
        let by = Talker {
            person: Person::Candidate(candidate),
            party: Party::Candidate(candidate),
            author: Author::Candidate,
            name: String::new(),
        };
        let say = TalkWish::Command { conversation: fresh, command: text("您好"), plan: None };
        settle(stores, change(by, k, say)).await.unwrap();
        if k % 3 == 0 {
            let mark = TalkCommand::Mark { mark: Mark::Shortlisted };
            let wish = TalkWish::Command { conversation: fresh, command: mark, plan: None };
            settle(stores, change(wang(), 5_000 + k, wish)).await.unwrap();
        }
    }
}

async fn all(stores: &Stores, query: TalkQuery) -> Vec<TalkHead> {
    let (mut found, mut below) = (Vec::new(), None);
    loop {
        let list = stores.talks.list(wang().party, TalkQuery { below, ..query.clone() }).await.unwrap();
        assert!(list.items.len() <= query.limit as usize);
        found.extend(list.items);
        below = list.next;
        if below.is_none() {
            return found;
        }
    }
}

pub async fn pages_of_conversations_meet_and_filters_combine(harness: impl Harness) {
    let stores = filled(&harness).await;
    crowd(&stores).await;
    let any = TalkQuery { limit: 23, ..TalkQuery::default() };
    let heads = all(&stores, any.clone()).await;
    assert_eq!(heads.len(), MANY as usize);
    assert!(heads.is_sorted_by(|a, b| a.pos > b.pos), "newest change first, none twice");
    let marked = TalkQuery { mark: Some(Mark::Shortlisted), ..any.clone() };
    assert_eq!(all(&stores, marked.clone()).await.len(), 77);
    // 1, 1x, 1xx
    let named = |search: &str| Some(search.to_owned());
    assert_eq!(all(&stores, TalkQuery { search: named("考 生２１"), ..any.clone() }).await.len(), 11);
    let both = TalkQuery { search: named("21"), ..marked.clone() };
    let names: BTreeSet<String> = all(&stores, both).await.into_iter().map(|h| h.candidate_name).collect();
    assert_eq!(names, ["考生21", "考生210", "考生213", "考生216", "考生219"].map(str::to_owned).into());
    assert!(all(&stores, TalkQuery { search: named("%"), ..any.clone() }).await.is_empty());
    assert!(all(&stores, TalkQuery { position: Some(PositionId(n(1))), ..any.clone() }).await.is_empty());
    // read some: fewer are unread, the counts say so whatever the filter
    for k in 0..30 {
        let conversation = ConversationId(uuid::Uuid::from_u128(0xA000 + k));
        let seen = stores.talks.see(wang(), conversation, Seen { delivered: 1, read: 1 }).await.unwrap();
        seen.await.unwrap().unwrap().unwrap();
    }
    let unread = TalkQuery { unread: true, limit: 200, ..TalkQuery::default() };
    let list = stores.talks.list(wang().party, unread).await.unwrap();
    assert_eq!(list.items.len(), 200);
    let counts = list.counts;
    assert_eq!((counts.all, counts.unread, counts.shortlisted, counts.unmarked), (MANY, MANY - 30, 77, 153));
    let none = stores.talks.list(sun().party, any).await.unwrap();
    assert_eq!((none.items.len(), none.counts.all, none.next), (0, 0, None));
}

/// While one asks part by part what was missed, others go on: nothing is left out.
pub async fn what_was_missed_is_found_while_others_go_on(harness: impl Harness) {
    let stores = filled(&harness).await;
    crowd(&stores).await;
    let party = wang().party;
    let (mut told, mut since) = (std::collections::BTreeMap::new(), 0);
    for step in 0_u128.. {
        let heads = stores.talks.heads_since(party, since, 20).await.unwrap();
        let short = heads.len() < 20;
        assert!(heads.is_sorted_by(|a, b| a.pos < b.pos));
        since = heads.last().map_or(since, |head| head.pos);
        told.extend(heads.into_iter().map(|head| (head.id, head)));
        if short {
            break;
        }
        // conversations at both ends are marked
        for k in [step * 7 % u128::from(MANY), u128::from(MANY) - 1 - step] {
            let mark =
                TalkCommand::Mark { mark: if step % 2 == 0 { Mark::Qualified } else { Mark::Eliminated } };
            let conversation = ConversationId(uuid::Uuid::from_u128(0xA000 + k));
            let wish = TalkWish::Command { conversation, command: mark, plan: None };
            settle(&stores, change(wang(), 9_000 + step * 2 + u128::from(k == 0), wish)).await.unwrap();
        }
    }
    assert_eq!(told.len(), MANY as usize);
    for (id, head) in told {
        assert_eq!(stores.talks.head(party, id).await.unwrap(), Some(head));
    }
    assert_eq!(stores.talks.pos(party).await, Ok(since));
}

pub async fn a_history_is_read_from_both_ends(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    for k in 1..=30 {
        says(&stores, lin(), k, LIN_TALK, &format!("{k}")).await.unwrap();
    }
    let seqs = async |stretch, limit| {
        let entries =
            stores.talks.entries(wang().party, talk(LIN_TALK), stretch, limit).await.unwrap().unwrap();
        entries.into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(Stretch::After(27), 9).await, [28, 29, 30]);
    assert_eq!(seqs(Stretch::After(0), 2).await, [1, 2]);
    assert_eq!(seqs(Stretch::Before(4), 9).await, [1, 2, 3]);
    assert_eq!(seqs(Stretch::Before(u64::MAX), 2).await, [29, 30]);
    assert!(seqs(Stretch::After(u64::MAX), 9).await.is_empty());
    assert!(seqs(Stretch::Before(0), 9).await.is_empty());
}

pub async fn reports_reach_the_organiser_once(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    let report = |number, by: Talker, reason: &str| NewReport {
        id: id(number),
        person: by.person,
        party: by.party,
        conversation: talk(LIN_TALK),
        reason: reason.into(),
        at: NOW.after(number as i64),
    };
    for _ in 0..2 {
        assert_eq!(stores.talks.report(report(1, lin(), "收费")).await, Ok(true));
    }
    assert_eq!(stores.talks.report(report(2, wang(), "冒名")).await, Ok(true));
    let lines = stores.talks.reports(9).await.unwrap();
    let told: Vec<(Side, &str)> = lines.iter().map(|line| (line.by, line.reason.as_str())).collect();
    assert_eq!(told, [(Side::Recruiter, "冒名"), (Side::Candidate, "收费")]);
    assert_eq!(lines[0].candidate_name, "林晓青");
}

pub async fn changes_are_forgotten_after_their_time(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    says(&stores, lin(), 1, LIN_TALK, "您好").await.unwrap();
    assert_eq!(stores.talks.tidy_talks(NOW, NOW).await, Ok(0), "not before their time");
    assert_eq!(stores.talks.tidy_talks(NOW, NOW.after(1)).await, Ok(1));
    assert_eq!(texts(&stores, lin().party, LIN_TALK).await, ["您好"], "what was said stays");
}
