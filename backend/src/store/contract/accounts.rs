//! Sign-in, invitations, sessions, limits, audit; and bringing a fair in.

use super::*;

pub async fn a_member_is_found_by_code_or_name(harness: impl Harness) {
    let stores = filled(&harness).await;
    let find = |account: Account, member: Option<&'static str>| {
        let accounts = stores.accounts.clone();
        async move { accounts.member_login(&account, member).await.unwrap().map(|l| (l.member.id, l.approved)) }
    };
    let owner = Some((MemberId(n(OWNER)), true));
    assert_eq!(find(Account::Uscc("91310199MA9X10009A".into()), None).await, owner);
    for typed in ["青禾云帆软件（青禾）有限公司", "青禾云帆软件(青禾) 有限公司"] {
        assert_eq!(find(Account::Name(name_key(typed)), None).await, owner);
    }
    let by_name = |name| find(Account::Uscc("91310199MA9X10009A".into()), Some(name));
    assert_eq!(by_name("何明").await, Some((MemberId(n(RECRUITER)), true)));
    assert_eq!(by_name("王敏").await, owner);
    assert_eq!(by_name("无此人").await, None);
    assert_eq!(find(Account::Name(name_key("青禾云帆")), None).await, None);
    assert_eq!(find(Account::Name(String::new()), None).await, None);
    let other = find(Account::Name(name_key("望舒灯塔互联科技有限公司")), None).await;
    assert_eq!(other, Some((MemberId(n(OTHER_OWNER)), false)));
}

pub async fn an_invitation_is_told_whole(harness: impl Harness) {
    let stores = filled(&harness).await;
    let chen = stores.accounts.invitation_by_code(&mac(102)).await.unwrap().unwrap();
    assert_eq!(chen.card.name, "陈思远");
    assert_eq!(chen.card.position, "前端开发");
    assert_eq!((chen.password_hash.as_deref(), chen.appointed), (Some("hash"), Some(NOW.after(MINUTE))));
    assert_eq!(
        (chen.round.id, chen.ticket, chen.device),
        (RoundId(n(ROUND)), TicketId(n(CHEN_TICKET)), None)
    );
    let lin = stores.accounts.invitation_by_code(&mac(101)).await.unwrap().unwrap();
    assert_eq!((lin.password_hash, lin.appointed), (None, None));
    assert!(stores.accounts.invitation_by_code(&mac(1)).await.unwrap().is_none());
    let sheet = stores.accounts.sheet(RoundId(n(ROUND)), TicketId(n(LIN_TICKET))).await.unwrap().unwrap();
    assert_eq!(
        (sheet.card.name.as_str(), sheet.resume.skills.as_slice()),
        ("林晓青", ["Rust".to_owned()].as_slice())
    );
    // the right ticket in another round
    let elsewhere = stores.accounts.sheet(RoundId(n(OTHER_ROUND)), TicketId(n(LIN_TICKET))).await.unwrap();
    assert!(elsewhere.is_none());
}

fn bind(token: u8, on: u8, takeover: bool) -> Bind {
    Bind { invitation: InvitationId(n(LIN_INVITED)), session: session(token, on), takeover }
}

async fn state_of(stores: &Stores, token: u8) -> Option<SessionState> {
    stores.accounts.session_by_token(&mac(token), NOW).await.unwrap().map(|s| s.state)
}

pub async fn an_invitation_moves_only_where_it_may(harness: impl Harness) {
    let stores = filled(&harness).await;
    let Bound::Yes { session: first, replaced, .. } = stores.accounts.bind(bind(1, 21, false)).await.unwrap()
    else {
        panic!("the first device must get it")
    };
    assert!(replaced.is_empty());
    assert_eq!(stores.accounts.bind(bind(2, 22, false)).await, Ok(Bound::OtherDevice));
    assert_eq!(state_of(&stores, 1).await, Some(SessionState::Open));
    assert_eq!(state_of(&stores, 2).await, None);
    // its own device again: both tokens go on, one of them may have been lost on the way
    assert!(matches!(stores.accounts.bind(bind(3, 21, false)).await, Ok(Bound::Yes { .. })));
    assert_eq!(state_of(&stores, 1).await, Some(SessionState::Open));
    let Ok(Bound::Yes { replaced, .. }) = stores.accounts.bind(bind(4, 22, true)).await else {
        panic!("a takeover is allowed")
    };
    assert_eq!(replaced.len(), 2);
    assert!(replaced.contains(&first));
    for (token, state) in [(1, SessionState::Replaced), (3, SessionState::Replaced), (4, SessionState::Open)]
    {
        assert_eq!(state_of(&stores, token).await, Some(state), "token {token}");
    }
    let bound = stores.accounts.invitation_by_code(&mac(101)).await.unwrap().unwrap();
    assert_eq!(bound.device, Some(device(22)));
}

pub async fn of_devices_that_join_together_one_stays(harness: impl Harness) {
    let stores = filled(&harness).await;
    for takeover in [false, true] {
        let mut tasks = Vec::new();
        for k in 0..32_u8 {
            let accounts = stores.accounts.clone();
            let wanted = bind(100 + k + if takeover { 50 } else { 0 }, 100 + k, takeover);
            tasks.push(tokio::spawn(async move { accounts.bind(wanted).await.unwrap() }));
        }
        let mut joined = 0;
        for task in tasks {
            joined += u32::from(matches!(task.await.unwrap(), Bound::Yes { .. }));
        }
        assert_eq!(joined, if takeover { 32 } else { 1 });
        let holder = stores.accounts.invitation_by_code(&mac(101)).await.unwrap().unwrap().device;
        let mut open = BTreeSet::new();
        for token in 100..=181 {
            if let Some(s) = stores.accounts.session_by_token(&mac(token), NOW).await.unwrap()
                && s.state == SessionState::Open
            {
                open.insert(s.device);
            }
        }
        assert_eq!(open.into_iter().collect::<Vec<_>>(), holder.into_iter().collect::<Vec<_>>());
    }
}

pub async fn a_session_knows_whose_it_is_and_ends(harness: impl Harness) {
    let stores = filled(&harness).await;
    let accounts = &stores.accounts;
    let id = accounts.open_member_session(MemberId(n(RECRUITER)), session(1, 21)).await.unwrap();
    let found = accounts.session_by_token(&mac(1), NOW).await.unwrap().unwrap();
    let card = MemberCard { id: MemberId(n(RECRUITER)), name: "何明".into(), role: MemberRole::Recruiter };
    let employer_name = "青禾云帆软件（青禾）有限公司".to_owned();
    assert_eq!(found.who, Who::Member { employer: EmployerId(n(EMPLOYER)), employer_name, member: card });
    assert_eq!((found.id, found.device, found.state), (id, device(21), SessionState::Open));
    let expired = accounts.session_by_token(&mac(1), NOW.after(60 * MINUTE)).await.unwrap().unwrap();
    assert_eq!(expired.state, SessionState::Over);
    assert!(accounts.knows_device(device(21)).await.unwrap());
    assert!(!accounts.knows_device(device(22)).await.unwrap());
    accounts.end_session(id, NOW).await.unwrap();
    assert_eq!(state_of(&stores, 1).await, Some(SessionState::Over));
    // an employer that is not approved (any more) has no open session
    accounts.open_member_session(MemberId(n(OTHER_OWNER)), session(2, 22)).await.unwrap();
    assert_eq!(state_of(&stores, 2).await, Some(SessionState::Over));
    // the fourth session on a device ends the first
    for token in 10..14 {
        accounts.open_member_session(MemberId(n(OWNER)), session(token, 23)).await.unwrap();
    }
    assert_eq!(state_of(&stores, 10).await, Some(SessionState::Over));
    assert_eq!(state_of(&stores, 11).await, Some(SessionState::Open));
    // and a candidate's
    accounts.bind(bind(30, 24, true)).await.unwrap();
    let lin = accounts.session_by_token(&mac(30), NOW).await.unwrap().unwrap();
    let me = accounts.me(&lin.who).await.unwrap().unwrap();
    let miantan_domain::wire::rest::Me::Candidate { name, ticket, round, with_password, .. } = me else {
        panic!("lin is a candidate")
    };
    assert_eq!((name.as_str(), ticket, with_password), ("林晓青", TicketId(n(LIN_TICKET)), false));
    assert_eq!(round.id, RoundId(n(ROUND)));
}

pub async fn tries_at_the_same_moment_do_not_slip_past(harness: impl Harness) {
    let stores = filled(&harness).await;
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let accounts = stores.accounts.clone();
        tasks.push(tokio::spawn(async move {
            accounts.begin_attempt(vec![AttemptKey::Device(device(21))], NOW).await.unwrap()
        }));
    }
    let mut begun = 0;
    for task in tasks {
        begun += u32::from(task.await.unwrap() == Begin::Go);
    }
    assert_eq!(begun, 2, "one free failure, and the next try");
}

pub async fn failures_slow_and_are_forgotten(harness: impl Harness) {
    let stores = filled(&harness).await;
    let accounts = &stores.accounts;
    let keys = |on: u8| vec![AttemptKey::Device(device(on)), AttemptKey::Address(mac(200))];
    let mut now = NOW;
    for wait in [0, 0, 1_000, 2_000, 4_000] {
        let begin = accounts.begin_attempt(keys(21), now).await.unwrap();
        if wait > 0 {
            assert_eq!(begin, Begin::Wait(wait));
            now = now.after(wait as i64);
            assert_eq!(accounts.begin_attempt(keys(21), now).await.unwrap(), Begin::Go);
        } else {
            assert_eq!(begin, Begin::Go);
        }
        accounts.end_attempt(keys(21), Ending::Failed, now).await.unwrap();
    }
    // another device behind the same address is not held up
    assert_eq!(accounts.begin_attempt(keys(22), now).await.unwrap(), Begin::Go);
    accounts.end_attempt(keys(22), Ending::Neutral, now).await.unwrap();
    // the rightful person waits, gets in, and is free again
    now = now.after(8_000);
    assert_eq!(accounts.begin_attempt(keys(21), now).await.unwrap(), Begin::Go);
    accounts.end_attempt(keys(21), Ending::Succeeded, now).await.unwrap();
    for _ in 0..2 {
        assert_eq!(accounts.begin_attempt(keys(21), now).await.unwrap(), Begin::Go);
        accounts.end_attempt(keys(21), Ending::Failed, now).await.unwrap();
    }
    // an address has a far higher ceiling
    for k in 0..60_u8 {
        let keys = vec![AttemptKey::Device(device(100 + k)), AttemptKey::Address(mac(201))];
        assert_eq!(accounts.begin_attempt(keys.clone(), now).await.unwrap(), Begin::Go, "failure {k}");
        accounts.end_attempt(keys, Ending::Failed, now).await.unwrap();
    }
    let newcomer = vec![AttemptKey::Device(device(99)), AttemptKey::Address(mac(201))];
    assert_eq!(accounts.begin_attempt(newcomer.clone(), now).await.unwrap(), Begin::Go);
    accounts.end_attempt(newcomer.clone(), Ending::Failed, now).await.unwrap();
    assert_eq!(accounts.begin_attempt(newcomer, now).await.unwrap(), Begin::Wait(1_000));
}

pub async fn refusals_are_counted(harness: impl Harness) {
    let stores = filled(&harness).await;
    let accounts = &stores.accounts;
    let who = Some(Person::Member(MemberId(n(OWNER))));
    let refusal = |at: WallTime, who, address| Refusal {
        at,
        action: "join".into(),
        code: ProblemCode::CodeWrong,
        who,
        address,
    };
    accounts.refused(refusal(NOW, None, Some(mac(1)))).await.unwrap();
    accounts.refused(refusal(NOW.after(1), None, Some(mac(1)))).await.unwrap();
    accounts.refused(refusal(NOW.after(1), None, Some(mac(2)))).await.unwrap();
    accounts.refused(refusal(NOW, who, None)).await.unwrap();
    accounts.refused(refusal(NOW.after(2 * MINUTE), None, None)).await.unwrap();
    let rows = accounts.refusals(NOW, 100).await.unwrap();
    let seen: Vec<(Option<Person>, u64)> = rows.iter().map(|row| (row.who, row.count)).collect();
    assert_eq!(seen, [(None, 3), (who, 1), (None, 1)]);
    assert!(rows.iter().all(|row| row.code == "code_wrong" && row.action == "join"));
    assert_eq!(accounts.refusals(NOW.after(2 * MINUTE), 100).await.unwrap().len(), 1);
}

pub async fn what_is_over_is_removed_and_nothing_else(harness: impl Harness) {
    let stores = filled(&harness).await;
    let accounts = &stores.accounts;
    let day = 24 * 60 * MINUTE;
    accounts.open_member_session(MemberId(n(OWNER)), session(1, 21)).await.unwrap();
    let long = NewSession { expires: NOW.after(90 * day), ..session(2, 21) };
    accounts.open_member_session(MemberId(n(OWNER)), long).await.unwrap();
    accounts.begin_attempt(vec![AttemptKey::Device(device(21))], NOW).await.unwrap();
    let who = Person::Member(MemberId(n(OWNER)));
    let kept = RoundCommit { answer: Some(answer(who, 60, Ok(1))), ..commit(vec![noted(1, "一")]) };
    stores.rounds.commit(kept).await.unwrap();
    assert_eq!(accounts.tidy(NOW.after(MINUTE)).await, Ok(Tidied::default()));
    let after = accounts.tidy(NOW.after(32 * day)).await.unwrap();
    assert_eq!(after, Tidied { sessions: 1, attempts: 1, answers: 1, refusals: 0 });
    assert_eq!(state_of(&stores, 2).await, Some(SessionState::Open));
    assert_eq!(stores.rounds.load(RoundId(n(ROUND))).await.unwrap().unwrap().events.len(), 1);
}

pub async fn an_import_is_whole_or_nothing(harness: impl Harness) {
    let stores = harness.stores();
    assert_eq!(stores.fairs.counts().await, Ok(Counts::default()));
    // the last invitation takes the first one's code
    let mut broken = hall();
    broken.invitations[1].code = broken.invitations[0].code;
    assert!(matches!(stores.fairs.import(broken).await, Err(StoreError::Conflict(_))));
    assert_eq!(stores.fairs.counts().await, Ok(Counts::default()));
    // two owners of one employer
    let mut broken = hall();
    broken.employers[0].members[1].role = MemberRole::Owner;
    assert!(stores.fairs.import(broken).await.is_err());
    stores.fairs.import(hall()).await.unwrap();
    let counts = stores.fairs.counts().await.unwrap();
    assert_eq!((counts.employers, counts.rounds, counts.candidates, counts.invitations), (2, 2, 2, 2));
    // the same name in other letters is the same company
    let mut twin = hall();
    twin.employers.truncate(1);
    twin.employers[0].id = EmployerId(n(90));
    twin.employers[0].uscc = "91310199MA9X10749A".into();
    twin.employers[0].name = "青禾云帆软件(青禾)有限公司".into();
    let twin = Import { employers: twin.employers, ..Import::default() };
    assert!(matches!(stores.fairs.import(twin).await, Err(StoreError::Conflict(_))));
}
