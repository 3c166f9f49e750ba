//! Candidates' accounts, and files.

use super::*;
use crate::objects::Kind;
use crate::sms::Phone;
use miantan_domain::wire::rest::FileUse;

fn number(key: u8) -> KnownPhone {
    KnownPhone { phone: Phone::parse(&format!("139000000{key:02}")).unwrap(), key: mac(key) }
}

fn proof(key: u8) -> NumberProof {
    NumberProof { number: number(key), policy: 1, now: NOW }
}

fn sign_in(key: u8, fresh: u8, token: u8, on: u8) -> CandidateSignInAs {
    CandidateSignInAs { proof: proof(key), fresh: CandidateId(n(fresh)), session: session(token, on) }
}

async fn whose(stores: &Stores, token: u8) -> Option<Person> {
    let found = stores.accounts.session_by_token(&mac(token), NOW).await.unwrap();
    found.filter(|s| s.state == SessionState::Open).map(|s| s.who.person())
}

pub async fn of_sign_ins_together_one_account_is_made(harness: impl Harness) {
    let stores = filled(&harness).await;
    let tasks: Vec<_> = (0..32_u8)
        .map(|k| {
            let candidates = stores.candidates.clone();
            tokio::spawn(async move { candidates.sign_in(sign_in(1, 100 + k, 150 + k, 200)).await.unwrap() })
        })
        .collect();
    for task in tasks {
        assert!(matches!(task.await.unwrap(), NumberTaken::Yes { .. }));
    }
    // on one device the newest three stay, all of one account
    let mut people = BTreeSet::new();
    let mut open = 0;
    for k in 0..32 {
        if let Some(person) = whose(&stores, 150 + k).await {
            open += 1;
            people.insert(person);
        }
    }
    assert_eq!((open, people.len()), (3, 1));
    // on another device as well, and after a restart
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    stores.candidates.sign_in(sign_in(1, 99, 190, 201)).await.unwrap();
    assert_eq!(whose(&stores, 190).await, people.first().copied());
    let Some(Person::Candidate(candidate)) = people.first().copied() else { panic!() };
    assert_eq!(stores.candidates.phone(candidate).await.unwrap(), Some(number(1).phone));
    let consents = stores.candidates.consents(candidate).await.unwrap();
    assert_eq!(consents.len(), 1, "agreed to once, however often said");
}

pub async fn a_code_joins_the_account_of_its_own_number(harness: impl Harness) {
    let stores = filled(&harness).await;
    let bind = |token| Bind {
        invitation: InvitationId(n(LIN_INVITED)),
        session: session(token, 21),
        takeover: true,
    };
    let Ok(Bound::Yes { session: by_code, .. }) = stores.accounts.bind(bind(1)).await else { panic!() };
    // nobody has this number: lin's account is lin
    let linked = stores.candidates.link(by_code, proof(1)).await.unwrap();
    assert_eq!(linked, NumberTaken::Yes { session: by_code, changed: Vec::new() });
    let Some(Session { who: Who::Candidate { candidate, account, room, .. }, .. }) =
        stores.accounts.session(by_code, NOW).await.unwrap()
    else {
        panic!()
    };
    assert_eq!((candidate, account), (CandidateId(n(LIN)), true));
    assert_eq!(room.map(|room| room.ticket), Some(TicketId(n(LIN_TICKET))));
    // another number is somebody else's
    assert_eq!(stores.candidates.link(by_code, proof(2)).await, Ok(NumberTaken::OtherNumber));
    assert_eq!(stores.candidates.link(SessionId(9_999), proof(1)).await, Ok(NumberTaken::NoCode));
    // chen, who came by a code, proves lin's number: they are one person
    let chen = Bind { invitation: InvitationId(n(CHEN_INVITED)), ..bind(2) };
    let Ok(Bound::Yes { session: chens, .. }) = stores.accounts.bind(chen).await else { panic!() };
    let linked = stores.candidates.link(chens, proof(1)).await.unwrap();
    assert_eq!(linked, NumberTaken::Yes { session: chens, changed: Vec::new() });
    assert_eq!(whose(&stores, 2).await, Some(Person::Candidate(CandidateId(n(LIN)))));
    let both = [LIN_INVITED, CHEN_INVITED];
    for invitation in both {
        let of = stores.accounts.invitation_of(CandidateId(n(LIN)), InvitationId(n(invitation))).await;
        assert!(of.unwrap().is_some());
    }
    // a call under the old id takes the same slot
    assert_eq!(stores.rounds.claim_slots(claim(1, LIN, OWNER)).await, Ok(Claimed::Yes));
    assert_eq!(
        stores.rounds.claim_slots(claim(2, CHEN, RECRUITER)).await,
        Ok(Claimed::Busy(Side::Candidate))
    );
}

pub async fn whoever_is_erased_leaves_a_name_only(harness: impl Harness) {
    let stores = filled(&harness).await;
    stores.candidates.sign_in(sign_in(1, 50, 1, 21)).await.unwrap();
    let candidate = CandidateId(n(50));
    assert!(stores.candidates.set_profile(candidate, "林晓青".into(), 2003 * 12).await.unwrap());
    let idle = Idle { accounts: 1_000_000 * MINUTE, invited: 1_000_000 * MINUTE };
    let due = |now: WallTime| {
        let candidates = stores.candidates.clone();
        async move { candidates.to_erase(now.after(-10), idle, now, 10).await.unwrap() }
    };
    assert_eq!(stores.candidates.ask_deletion(candidate, Some(NOW)).await, Ok(Some(NOW)));
    assert_eq!(stores.candidates.ask_deletion(candidate, Some(NOW.after(5))).await, Ok(Some(NOW)));
    assert_eq!(due(NOW.after(9)).await, []);
    assert_eq!(due(NOW.after(10)).await, [candidate]);
    let left = stores.candidates.erase(candidate, NOW.after(10)).await.unwrap();
    assert_eq!(left.sessions.len(), 1);
    assert_eq!(whose(&stores, 1).await, None);
    assert_eq!(stores.candidates.phone(candidate).await, Ok(None));
    assert_eq!(stores.candidates.resume(candidate).await, Ok(None));
    assert_eq!(stores.candidates.export(candidate).await, Ok(None));
    assert_eq!(due(NOW.after(20)).await, [], "once");
    stores.candidates.sign_in(sign_in(1, 51, 2, 21)).await.unwrap();
    assert_eq!(whose(&stores, 2).await, Some(Person::Candidate(CandidateId(n(51)))));
}

fn promised(id: u8, owner: u8, size: u64) -> FilePromise {
    FilePromise {
        id: ObjectId(n(id)),
        owner: Person::Candidate(CandidateId(n(owner))),
        file_use: FileUse::Resume,
        conversation: None,
        name: "简历.pdf".into(),
        size,
        sha256: mac(id),
        bytes: n(id + 100),
        at: NOW,
    }
}

pub async fn a_file_is_promised_once_and_finished_once(harness: impl Harness) {
    let stores = filled(&harness).await;
    let files = &stores.files;
    let quota = FileQuota { bytes: 1_000, files: 3 };
    let Ok(Promised::Yes(row)) = files.promise(promised(1, LIN, 600), quota).await else { panic!() };
    assert_eq!(row.state, FileState::Open);
    // the same again, even with other bytes to come in at, is the same
    let again = FilePromise { bytes: n(99), at: NOW.after(1), ..promised(1, LIN, 600) };
    assert_eq!(files.promise(again, quota).await, Ok(Promised::Yes(row)));
    assert_eq!(files.promise(promised(1, CHEN, 600), quota).await, Ok(Promised::Taken));
    assert_eq!(files.promise(promised(1, LIN, 601), quota).await, Ok(Promised::Taken));
    assert!(matches!(files.promise(promised(2, LIN, 401), quota).await, Ok(Promised::Quota { .. })));
    assert!(matches!(files.promise(promised(2, CHEN, 401), quota).await, Ok(Promised::Yes(_))));
    let facts = FileFacts { kind: Kind::Pdf, size: 590, width: 0, height: 0, thumb: None };
    let done = |bytes: u8| files.file_done(ObjectId(n(1)), "a.pdf".into(), facts.clone(), n(bytes), NOW);
    assert_eq!((done(101).await, done(77).await), (Ok(true), Ok(false)));
    let refused = files.file_refused(ObjectId(n(1)), ProblemCode::FileBroken, String::new(), NOW).await;
    assert_eq!(refused, Ok(()));
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    let row = stores.files.file(ObjectId(n(1))).await.unwrap().unwrap();
    assert_eq!((row.state, row.bytes), (FileState::Done(facts), n(101)));
    let unknown = stores.files.unknown_bytes(vec![n(101), n(77), n(102)]).await;
    assert_eq!(unknown, Ok(vec![n(77)]));
    let stranger = Person::Candidate(CandidateId(n(CHEN)));
    assert_eq!(stores.files.may_read(ObjectId(n(1)), stranger, None).await, Ok(false));
    let employer = Some(EmployerId(n(EMPLOYER)));
    let owner = Person::Member(MemberId(n(OWNER)));
    assert_eq!(stores.files.may_read(ObjectId(n(1)), owner, employer).await, Ok(false));
    let gone = stores.files.forget_files(NOW.after(1), NOW).await;
    assert_eq!(gone, Ok(vec![n(102)]), "the one nobody finished");
    assert_eq!(stores.files.forget_files(NOW, NOW.after(1)).await, Ok(vec![n(101)]));
}
