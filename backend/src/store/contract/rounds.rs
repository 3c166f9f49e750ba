//! Event log, answers, call slots.

use super::*;

pub async fn a_log_survives_a_restart(harness: impl Harness) {
    let stores = filled(&harness).await;
    stores.rounds.commit(commit(vec![noted(1, "你好"), noted(2, "请稍候")])).await.unwrap();
    stores.rounds.commit(commit(vec![noted(3, "轮到您了")])).await.unwrap();
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    let loaded = stores.rounds.load(RoundId(n(ROUND))).await.unwrap().unwrap();
    assert_eq!(loaded.employer, EmployerId(n(EMPLOYER)));
    assert_eq!(loaded.info.employer, "青禾云帆软件（青禾）有限公司");
    assert_eq!(loaded.info.stages, [Stage::Briefing, Stage::Interview, Stage::Closed]);
    assert_eq!(loaded.events, [noted(1, "你好"), noted(2, "请稍候"), noted(3, "轮到您了")]);
    let since = stores.rounds.events_since(RoundId(n(ROUND)), 1, 1).await.unwrap();
    assert_eq!(since, [noted(2, "请稍候")]);
    assert!(stores.rounds.events_since(RoundId(n(ROUND)), u64::MAX, 9).await.unwrap().is_empty());
    assert!(stores.rounds.load(RoundId(n(99))).await.unwrap().is_none());
    assert!(stores.rounds.events_since(RoundId(n(99)), 0, 9).await.unwrap().is_empty());
}

pub async fn a_commit_is_whole_or_nothing(harness: impl Harness) {
    let stores = filled(&harness).await;
    let who = Person::Member(MemberId(n(OWNER)));
    assert_eq!(stores.rounds.claim_slots(claim(50, LIN, OWNER)).await, Ok(Claimed::Yes));
    // number 3 does not follow number 1
    let broken = RoundCommit {
        answer: Some(answer(who, 60, Ok(1))),
        free: vec![CallId(n(50))],
        ..commit(vec![noted(1, "一"), noted(3, "三")])
    };
    assert!(matches!(stores.rounds.commit(broken).await, Err(StoreError::Conflict(_))));
    assert!(stores.rounds.load(RoundId(n(ROUND))).await.unwrap().unwrap().events.is_empty());
    assert_eq!(stores.rounds.answer_of(who, ChangeId(n(60))).await, Ok(None));
    assert_eq!(
        stores.rounds.claim_slots(claim(51, LIN, RECRUITER)).await,
        Ok(Claimed::Busy(Side::Candidate))
    );
    // a repeated answer breaks the whole commit, too
    let good = RoundCommit { answer: Some(answer(who, 60, Ok(1))), ..commit(vec![noted(1, "一")]) };
    stores.rounds.commit(good).await.unwrap();
    let again = RoundCommit { answer: Some(answer(who, 60, Ok(2))), ..commit(vec![noted(2, "二")]) };
    assert!(matches!(stores.rounds.commit(again).await, Err(StoreError::Conflict(_))));
    assert_eq!(stores.rounds.load(RoundId(n(ROUND))).await.unwrap().unwrap().events.len(), 1);
    // a round nobody has
    let nowhere = RoundCommit { round: RoundId(n(99)), ..commit(vec![noted(1, "一")]) };
    assert!(stores.rounds.commit(nowhere).await.is_err());
}

pub async fn an_answer_is_given_again_to_its_own_account_only(harness: impl Harness) {
    let stores = filled(&harness).await;
    let (lin, chen) = (Person::Candidate(CandidateId(n(LIN))), Person::Candidate(CandidateId(n(CHEN))));
    // the same bytes as another kind of person
    let namesake = Person::Member(MemberId(n(LIN)));
    let refused = Err(Problem::new(ProblemCode::StageWrong, "x").retry_after(5));
    for (change, result) in [(60, Ok(7)), (61, refused.clone())] {
        let kept = RoundCommit { answer: Some(answer(lin, change, result)), ..commit(Vec::new()) };
        stores.rounds.commit(kept).await.unwrap();
    }
    assert_eq!(stores.rounds.answer_of(lin, ChangeId(n(60))).await, Ok(Some(Ok(7))));
    assert_eq!(stores.rounds.answer_of(lin, ChangeId(n(61))).await, Ok(Some(refused)));
    for other in [chen, namesake] {
        assert_eq!(stores.rounds.answer_of(other, ChangeId(n(60))).await, Ok(None));
    }
}

pub async fn writers_of_one_log_leave_no_gap(harness: impl Harness) {
    let stores = filled(&harness).await;
    let tries = (0..40).map(|who| {
        let rounds = stores.rounds.clone();
        tokio::spawn(async move {
            let mut kept = 0;
            for seq in 1..=10 {
                kept += u32::from(rounds.commit(commit(vec![noted(seq, &format!("{who}"))])).await.is_ok());
            }
            kept
        })
    });
    let mut kept = 0;
    for task in tries.collect::<Vec<_>>() {
        kept += task.await.unwrap();
    }
    let events = stores.rounds.load(RoundId(n(ROUND))).await.unwrap().unwrap().events;
    assert_eq!(kept as usize, events.len());
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
}

pub async fn nobody_is_in_two_calls(harness: impl Harness) {
    let stores = filled(&harness).await;
    // many rounds of: everybody rings everybody at once
    for wave in 0..5_u8 {
        let mut tasks = Vec::new();
        for k in 0..24_u8 {
            let rounds = stores.rounds.clone();
            let wanted = claim(60 + wave * 24 + k, 30 + k % 4, 40 + k / 8);
            tasks.push(tokio::spawn(async move { (wanted, rounds.claim_slots(wanted).await.unwrap()) }));
        }
        let mut candidates = BTreeSet::new();
        let mut members = BTreeSet::new();
        let mut running = Vec::new();
        for task in tasks {
            let (wanted, got) = task.await.unwrap();
            if got == Claimed::Yes {
                assert!(candidates.insert(wanted.candidate), "a candidate is in two calls");
                assert!(members.insert(wanted.member), "a member is in two calls");
                running.push(wanted.call);
            }
        }
        // three members, four candidates: no pair is left that could still talk
        assert_eq!(running.len(), 3);
        stores.rounds.free_slots(running).await.unwrap();
    }
    assert!(stores.rounds.with_slots().await.unwrap().is_empty());
}

pub async fn slots_say_who_is_busy_and_are_freed(harness: impl Harness) {
    let stores = filled(&harness).await;
    let rounds = &stores.rounds;
    assert_eq!(rounds.claim_slots(claim(50, LIN, OWNER)).await, Ok(Claimed::Yes));
    assert_eq!(rounds.claim_slots(claim(50, LIN, OWNER)).await, Ok(Claimed::Yes), "the same ring again");
    assert_eq!(rounds.claim_slots(claim(51, LIN, RECRUITER)).await, Ok(Claimed::Busy(Side::Candidate)));
    assert_eq!(rounds.claim_slots(claim(52, CHEN, OWNER)).await, Ok(Claimed::Busy(Side::Recruiter)));
    assert_eq!(rounds.with_slots().await.unwrap(), [RoundId(n(ROUND))]);
    // a refused claim takes neither side
    assert_eq!(rounds.claim_slots(claim(53, CHEN, RECRUITER)).await, Ok(Claimed::Yes));
    let over = RoundCommit { free: vec![CallId(n(50))], ..commit(vec![noted(1, "结束")]) };
    rounds.commit(over).await.unwrap();
    assert!(matches!(rounds.claim_slots(claim(50, LIN, OWNER)).await, Err(StoreError::Conflict(_))));
    assert_eq!(rounds.claim_slots(claim(54, LIN, OWNER)).await, Ok(Claimed::Yes));
}

pub async fn slots_of_dead_calls_come_free(harness: impl Harness) {
    let stores = filled(&harness).await;
    stores.rounds.claim_slots(claim(50, LIN, OWNER)).await.unwrap();
    stores.rounds.claim_slots(claim(51, CHEN, RECRUITER)).await.unwrap();
    drop(stores);
    let harness = harness.restarted();
    let rounds = harness.stores().rounds;
    assert_eq!(rounds.free_stale_slots(vec![CallId(n(51))]).await, Ok(1));
    assert_eq!(rounds.claim_slots(claim(52, LIN, OWNER)).await, Ok(Claimed::Yes));
    assert_eq!(rounds.claim_slots(claim(53, CHEN, OWNER)).await, Ok(Claimed::Busy(Side::Candidate)));
    // a lease that nobody renewed is over; a renewed one is not
    rounds.renew_slots(vec![CallId(n(52))], NOW.after(9 * MINUTE)).await.unwrap();
    let later =
        |wanted| SlotClaim { now: NOW.after(2 * MINUTE), lease_until: NOW.after(3 * MINUTE), ..wanted };
    assert_eq!(
        rounds.claim_slots(later(claim(54, LIN, RECRUITER))).await,
        Ok(Claimed::Busy(Side::Candidate))
    );
    assert_eq!(rounds.claim_slots(later(claim(55, CHEN, RECRUITER))).await, Ok(Claimed::Yes));
}

pub async fn rounds_are_found_by_their_day_and_employer(harness: impl Harness) {
    let stores = filled(&harness).await;
    let of = |employer: u8, from, to| {
        let rounds = stores.rounds.clone();
        async move { rounds.of_employer(EmployerId(n(employer)), from, to).await.unwrap() }
    };
    let end = NOW.after(600 * MINUTE);
    assert_eq!(of(EMPLOYER, NOW.after(-MINUTE), NOW.after(MINUTE)).await, [RoundId(n(ROUND))]);
    assert_eq!(of(EMPLOYER, end.after(-1), end.after(MINUTE)).await, [RoundId(n(ROUND))]);
    assert!(of(EMPLOYER, end, end.after(MINUTE)).await.is_empty());
    assert!(of(EMPLOYER, NOW.after(-MINUTE), NOW).await.is_empty());
    assert_eq!(of(OTHER_EMPLOYER, NOW, end).await, [RoundId(n(OTHER_ROUND))]);
    assert_eq!(stores.rounds.owner(RoundId(n(ROUND))).await, Ok(Some(EmployerId(n(EMPLOYER)))));
    assert_eq!(stores.rounds.owner(RoundId(n(99))).await, Ok(None));
}
