//! Registrations, members, rounds, and what is written down of who did it.

use super::*;
use miantan_domain::wire::rest::{FairEdit, RoundEdit};

const FAIR: u8 = 40;
const REGISTERED: u8 = 41;
const NEW_EMPLOYER: u8 = 42;
const NEW_OWNER: u8 = 43;
const SECOND_FAIR: u8 = 44;
const USCC: &str = "914403001922038216";
const DAY: i64 = 24 * 60 * MINUTE;

fn organiser() -> By {
    By { who: Doer::Organiser, address: None, at: NOW }
}

fn nobody() -> By {
    By { who: Doer::Nobody, address: Some(mac(9)), at: NOW }
}

fn owner() -> By {
    By { who: Doer::Person(Person::Member(MemberId(n(OWNER)))), address: None, at: NOW }
}

fn fair(title: &str) -> FairEdit {
    FairEdit {
        title: title.into(),
        kind: "网络招聘会".into(),
        starts: NOW,
        ends: NOW.after(10 * DAY),
        city: "青禾市".into(),
        district: String::new(),
        venue: String::new(),
        introduction: String::new(),
    }
}

fn draft(id: u8) -> RegistrationDraft {
    RegistrationDraft {
        id: RegistrationId(n(id)),
        fair: FairId(n(FAIR)),
        name: "远山雁字通信技术有限公司".into(),
        uscc: USCC.into(),
        contact: "周强".into(),
        phone: "13800138000".into(),
        token: mac(id),
        from: Registrant::New { password_hash: "hash of 周强".into() },
    }
}

fn of_employer(id: u8, fair: u8) -> RegistrationDraft {
    RegistrationDraft {
        fair: FairId(n(fair)),
        name: "青禾云帆软件（青禾）有限公司".into(),
        uscc: "91310199MA9X10009A".into(),
        from: Registrant::Employer(EmployerId(n(EMPLOYER))),
        ..draft(id)
    }
}

async fn fair_filled(harness: &impl Harness) -> Stores {
    let stores = filled(harness).await;
    for (id, title) in [(FAIR, "春季招聘会"), (SECOND_FAIR, "秋季招聘会")] {
        stores.fairs.put_fair(FairId(n(id)), fair(title)).await.unwrap();
    }
    stores
}

async fn made(stores: &Stores, draft: RegistrationDraft) -> Registration {
    match stores.employers.register(draft, nobody()).await.unwrap() {
        Registering::Made(registration) => registration,
        _ => panic!("not made"),
    }
}

async fn with_licence(stores: &Stores, id: u8) -> LicenceSet {
    let licence = Licence { object: ObjectId(n(id + 100)), kind: LicenceKind::Png };
    stores.employers.set_licence(RegistrationId(n(id)), licence, nobody()).await.unwrap()
}

fn approve(id: u8, employer: u8, owner: u8) -> Decision {
    let verdict = Verdict::Approve { employer: EmployerId(n(employer)), owner: MemberId(n(owner)) };
    Decision { registration: RegistrationId(n(id)), verdict, by: organiser() }
}

fn reject(id: u8, reason: &str) -> Decision {
    let verdict = Verdict::Reject { reason: reason.into() };
    Decision { registration: RegistrationId(n(id)), verdict, by: organiser() }
}

/// What became of it, in one word.
async fn decide(stores: &Stores, decision: Decision) -> &'static str {
    match stores.employers.decide(decision).await.unwrap() {
        Decided::Now { .. } => "now",
        Decided::Before(_) => "before",
        Decided::Over => "over",
        Decided::Unknown => "unknown",
        Decided::LicenceMissing => "licence missing",
        Decided::EmployerKnown => "employer known",
    }
}

async fn refusal(stores: &Stores, draft: RegistrationDraft) -> &'static str {
    match stores.employers.register(draft, nobody()).await.unwrap() {
        Registering::Made(_) => "made",
        Registering::FairUnknown => "fair unknown",
        Registering::FairOver => "fair over",
        Registering::EmployerKnown => "employer known",
        Registering::Again(_) => "again",
    }
}

pub async fn a_registration_becomes_an_employer_with_its_owner_and_stand(harness: impl Harness) {
    let stores = fair_filled(&harness).await;
    let registration = made(&stores, draft(REGISTERED)).await;
    assert_eq!((registration.fair_title.as_str(), registration.at), ("春季招聘会", NOW));
    assert_eq!(registration.state, RegistrationState::LicenceMissing);
    assert_eq!(decide(&stores, approve(REGISTERED, NEW_EMPLOYER, NEW_OWNER)).await, "licence missing");
    let LicenceSet::Kept { registration, replaced: None } = with_licence(&stores, REGISTERED).await else {
        panic!("not kept");
    };
    assert_eq!(registration.state, RegistrationState::Waiting);
    // nobody signs in before
    let account = Account::Uscc(USCC.into());
    assert!(stores.accounts.member_login(&account, None).await.unwrap().is_none());

    let decided = stores.employers.decide(approve(REGISTERED, NEW_EMPLOYER, NEW_OWNER)).await.unwrap();
    let Decided::Now { registration, phone } = decided else { panic!("not decided") };
    assert_eq!((registration.state, phone.as_str()), (RegistrationState::Approved, "13800138000"));
    let login = stores.accounts.member_login(&account, None).await.unwrap().unwrap();
    assert!(login.approved);
    assert_eq!(
        (login.member.name.as_str(), login.member.role, login.password_hash.as_str()),
        ("周强", MemberRole::Owner, "hash of 周强")
    );
    let stand = stores.fairs.stand(FairId(n(FAIR)), EmployerId(n(NEW_EMPLOYER))).await.unwrap().unwrap();
    assert_eq!(stand.name, "远山雁字通信技术有限公司");
    let row = stores.employers.registration(RegistrationId(n(REGISTERED))).await.unwrap().unwrap();
    assert_eq!((row.employer, row.password_hash.as_str()), (Some(EmployerId(n(NEW_EMPLOYER))), ""));
    let contact = stores.employers.reset_contact(&account, None).await.unwrap().unwrap();
    assert_eq!((contact.member, contact.phone.as_str()), (MemberId(n(NEW_OWNER)), "13800138000"));

    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    assert_eq!(decide(&stores, approve(REGISTERED, 50, 51)).await, "before");
    let actions: Vec<(Doer, String)> =
        stores.employers.acts(NOW, 100).await.unwrap().into_iter().map(|act| (act.who, act.action)).collect();
    let (organiser, nobody) = (Doer::Organiser, Doer::Nobody);
    assert_eq!(
        actions,
        [
            (nobody, "registration_made".to_owned()),
            (nobody, "licence_set".to_owned()),
            (organiser, "employer_approved".to_owned()),
            (organiser, "registration_approved".to_owned()),
        ]
    );
}

pub async fn a_registration_is_decided_once(harness: impl Harness) {
    let stores = fair_filled(&harness).await;
    for round in 0..20_u8 {
        let id = 60 + round;
        let name = format!("第{round}家有限公司");
        let uscc = miantan_domain::uscc::Uscc::from_body(&format!("91310199MA9X20{round:02}A")).unwrap();
        made(&stores, RegistrationDraft { name, uscc: uscc.as_str().into(), ..draft(id) }).await;
        with_licence(&stores, id).await;
        // two organisers at the same moment
        let (one, two) = tokio::join!(
            decide(&stores, approve(id, id + 30, id + 60)),
            decide(&stores, reject(id, "执照看不清")),
        );
        let mut both = [one, two];
        both.sort_unstable();
        assert_eq!(both, ["now", "over"]);
        let state = stores.employers.registration(RegistrationId(n(id))).await.unwrap().unwrap();
        let approved = state.registration.state == RegistrationState::Approved;
        assert_eq!(approved, one == "now");
        let login = stores.accounts.member_login(&Account::Uscc(uscc.as_str().into()), None).await.unwrap();
        assert_eq!(login.is_some(), approved);
        // the same way again is no error, and changes nothing
        let again = if approved { approve(id, 1, 2) } else { reject(id, "另一个理由") };
        let other = if approved { reject(id, "反悔") } else { approve(id, 1, 2) };
        assert_eq!((decide(&stores, again).await, decide(&stores, other).await), ("before", "over"));
        let after = stores.employers.registration(RegistrationId(n(id))).await.unwrap().unwrap();
        assert_eq!(after.registration.state, state.registration.state);
    }
    assert_eq!(decide(&stores, reject(200, "x")).await, "unknown");
    let waiting = stores.employers.registrations(Some(Standing::Waiting), 100).await.unwrap();
    assert!(waiting.is_empty());
    assert_eq!(stores.employers.registrations(None, 100).await.unwrap().len(), 20);
    assert_eq!(stores.employers.registrations(None, 7).await.unwrap().len(), 7);
}

pub async fn names_and_codes_of_approved_employers_are_taken(harness: impl Harness) {
    let stores = fair_filled(&harness).await;
    let spaced = "青禾云帆软件(青禾) 有限公司";
    assert_eq!(
        refusal(&stores, RegistrationDraft { name: spaced.into(), ..draft(41) }).await,
        "employer known"
    );
    let code = RegistrationDraft { uscc: "91310199MA9X10009A".into(), ..draft(41) };
    assert_eq!(refusal(&stores, code).await, "employer known");
    assert_eq!(
        refusal(&stores, RegistrationDraft { fair: FairId(n(99)), ..draft(41) }).await,
        "fair unknown"
    );
    let over = By { at: NOW.after(10 * DAY), ..nobody() };
    assert!(matches!(stores.employers.register(draft(41), over).await.unwrap(), Registering::FairOver));

    // signed in, the employer takes part at once, but as itself only
    let stranger = RegistrationDraft { uscc: USCC.into(), ..of_employer(42, FAIR) };
    assert_eq!(refusal(&stores, stranger).await, "employer known");
    assert_eq!(made(&stores, of_employer(43, FAIR)).await.state, RegistrationState::Waiting);
    assert_eq!(decide(&stores, approve(43, 50, 51)).await, "now");
    let employer = EmployerId(n(EMPLOYER));
    assert!(stores.fairs.stand(FairId(n(FAIR)), employer).await.unwrap().is_some());
    assert_eq!(stores.employers.members(employer, NOW).await.unwrap().len(), 2);
    assert_eq!(refusal(&stores, of_employer(44, FAIR)).await, "employer known");
    assert_eq!(refusal(&stores, of_employer(44, SECOND_FAIR)).await, "made");
    assert_eq!(refusal(&stores, of_employer(44, SECOND_FAIR)).await, "again");

    // two registrations of one company, for two fairs: one employer with its first owner
    for (id, fair) in [(45, FAIR), (46, SECOND_FAIR)] {
        made(&stores, RegistrationDraft { fair: FairId(n(fair)), ..draft(id) }).await;
        with_licence(&stores, id).await;
    }
    for id in [45, 46] {
        assert_eq!(decide(&stores, approve(id, id + 10, id + 20)).await, "now");
    }
    assert!(stores.fairs.stand(FairId(n(SECOND_FAIR)), EmployerId(n(55))).await.unwrap().is_some());
    assert!(stores.employers.employer(EmployerId(n(56))).await.unwrap().is_none());

    // somebody else with the name of a company that was approved meanwhile
    let late = stores.employers.register(draft(47), nobody()).await.unwrap();
    assert!(matches!(late, Registering::EmployerKnown));
}

pub async fn a_registration_of_another_contact_waits_for_no_employer(harness: impl Harness) {
    let stores = fair_filled(&harness).await;
    made(&stores, draft(41)).await;
    made(&stores, RegistrationDraft { phone: "13900139000".into(), ..draft(42) }).await;
    for id in [41, 42] {
        with_licence(&stores, id).await;
    }
    assert_eq!(decide(&stores, approve(41, 50, 51)).await, "now");
    assert_eq!(decide(&stores, approve(42, 52, 53)).await, "employer known");
    assert_eq!(decide(&stores, reject(42, "该单位已注册")).await, "now");
    // an employer that was brought in but never let in belongs to whoever has its licence
    let brought = RegistrationDraft {
        name: "望舒灯塔互联科技有限公司".into(),
        uscc: "91310199MA9X10379A".into(),
        contact: "王敏".into(),
        ..draft(43)
    };
    made(&stores, brought).await;
    with_licence(&stores, 43).await;
    assert_eq!(decide(&stores, approve(43, 54, 55)).await, "now");
    let account = Account::Uscc("91310199MA9X10379A".into());
    let login = stores.accounts.member_login(&account, None).await.unwrap().unwrap();
    assert_eq!((login.employer, login.member.id), (EmployerId(n(OTHER_EMPLOYER)), MemberId(n(55))));
    assert_eq!((login.approved, login.password_hash.as_str()), (true, "hash of 周强"));
    let members = stores.employers.members(EmployerId(n(OTHER_EMPLOYER)), NOW).await.unwrap();
    assert_eq!(members.len(), 1, "its member of before is none any more");
}

pub async fn the_last_licence_counts_until_the_decision(harness: impl Harness) {
    let stores = fair_filled(&harness).await;
    made(&stores, draft(REGISTERED)).await;
    let id = RegistrationId(n(REGISTERED));
    let set = |object: u8| {
        let licence = Licence { object: ObjectId(n(object)), kind: LicenceKind::Pdf };
        stores.employers.set_licence(id, licence, nobody())
    };
    for _ in 0..LICENCES_MAX {
        assert!(stores.employers.licence_sent(id).await.unwrap());
    }
    assert!(!stores.employers.licence_sent(id).await.unwrap());
    assert!(!stores.employers.licence_sent(RegistrationId(n(99))).await.unwrap());
    assert!(matches!(set(1).await.unwrap(), LicenceSet::Kept { replaced: None, .. }));
    let LicenceSet::Kept { replaced, .. } = set(2).await.unwrap() else { panic!("not kept") };
    assert_eq!(replaced, Some(ObjectId(n(1))));
    let row = stores.employers.registration(id).await.unwrap().unwrap();
    assert_eq!(row.licence, Some(Licence { object: ObjectId(n(2)), kind: LicenceKind::Pdf }));
    decide(&stores, reject(REGISTERED, "看不清")).await;
    assert_eq!(set(3).await.unwrap(), LicenceSet::Over);
}

pub async fn registrations_that_are_over_are_removed(harness: impl Harness) {
    let stores = fair_filled(&harness).await;
    for id in [41, 42, 43, 44] {
        let name = format!("第{id}家有限公司");
        made(&stores, RegistrationDraft { name, ..draft(id) }).await;
    }
    for id in [42, 43, 44] {
        with_licence(&stores, id).await;
    }
    decide(&stores, reject(43, "看不清")).await;
    decide(&stores, approve(44, 50, 51)).await;
    let left = || async {
        let list = stores.employers.registrations(None, 100).await.unwrap();
        list.iter().map(|r| r.id.0.as_bytes()[0]).collect::<Vec<u8>>()
    };
    let tidy = |days: i64| stores.employers.tidy_registrations(NOW.after(days * DAY + 1));
    assert_eq!(tidy(29).await.unwrap(), []);
    assert_eq!(left().await, [41, 42, 43, 44]);
    assert_eq!(tidy(30).await.unwrap(), [], "it had no licence");
    assert_eq!(left().await, [42, 43, 44]);
    assert_eq!(tidy(90).await.unwrap(), [ObjectId(n(143))]);
    assert_eq!(left().await, [42, 44], "what waits and what was approved stays");
    let acts = || async { stores.employers.acts(NOW, 100).await.unwrap().len() };
    assert!(acts().await > 5);
    tidy(730).await.unwrap();
    assert_eq!((acts().await, left().await), (0, vec![42, 44]));
}

async fn names(stores: &Stores) -> Vec<(String, u32)> {
    let members = stores.employers.members(EmployerId(n(EMPLOYER)), NOW).await.unwrap();
    members.into_iter().map(|line| (line.member.name, line.sessions)).collect()
}

pub async fn members_come_and_go_with_their_sessions(harness: impl Harness) {
    let stores = filled(&harness).await;
    let employer = EmployerId(n(EMPLOYER));
    let add = |new: NewMember| stores.employers.add_member(employer, new, owner());
    let remove = |id: u8| stores.employers.remove_member(employer, MemberId(n(id)), owner());
    let recruiter = MemberId(n(RECRUITER));
    let one = stores.accounts.open_member_session(recruiter, session(1, 1)).await.unwrap();
    let two = stores.accounts.open_member_session(recruiter, session(2, 2)).await.unwrap();
    assert_eq!(names(&stores).await, [("王敏".to_owned(), 0), ("何明".to_owned(), 2)]);

    let lan = member(50, "兰", MemberRole::Panellist);
    assert_eq!(add(lan.clone()).await.unwrap(), Adding::Added);
    assert_eq!(add(lan.clone()).await.unwrap(), Adding::Added, "the same again");
    assert_eq!(add(member(50, "别名", MemberRole::Panellist)).await.unwrap(), Adding::IdTaken);
    assert_eq!(add(member(OTHER_OWNER, "兰", MemberRole::Panellist)).await.unwrap(), Adding::IdTaken);
    assert_eq!(add(member(51, "何明", MemberRole::Panellist)).await.unwrap(), Adding::NameTaken);

    assert_eq!(remove(OWNER).await.unwrap(), Removing::LastOwner);
    assert_eq!(remove(OTHER_OWNER).await.unwrap(), Removing::Unknown);
    assert_eq!(remove(99).await.unwrap(), Removing::Unknown);
    assert_eq!(remove(RECRUITER).await.unwrap(), Removing::Removed(vec![one, two]));
    assert_eq!(remove(RECRUITER).await.unwrap(), Removing::Removed(vec![]));
    for token in [1, 2] {
        let state = stores.accounts.session_by_token(&mac(token), NOW).await.unwrap().unwrap().state;
        assert_eq!(state, SessionState::Over);
    }
    // the name is free again, twice
    for id in [52, 53] {
        assert_eq!(add(member(id, "何明", MemberRole::Recruiter)).await.unwrap(), Adding::Added);
        remove(id).await.unwrap();
    }
    assert_eq!(add(member(54, "何明", MemberRole::Recruiter)).await.unwrap(), Adding::Added);
    let account = Account::Uscc("91310199MA9X10009A".into());
    for (name, there) in [("何明", true), ("何明·1", false), ("何明·3", false)] {
        let login = stores.accounts.member_login(&account, Some(name)).await.unwrap();
        assert_eq!(login.is_some(), there, "{name}");
    }
    let ended =
        stores.employers.end_member_sessions(employer, MemberId(n(OTHER_OWNER)), owner()).await.unwrap();
    assert_eq!(ended, None);
    // so many and no more
    for number in 0..u32::from(u16::MAX) {
        let id = MemberId(uuid::Uuid::from_u128(u128::from(number) + 1));
        let new = NewMember { id, ..member(0, &format!("成员{number}"), MemberRole::Recruiter) };
        if add(new).await.unwrap() == Adding::Full {
            break;
        }
    }
    assert_eq!(names(&stores).await.len(), MEMBERS_MAX as usize);
}

pub async fn a_new_password_ends_the_other_sessions(harness: impl Harness) {
    let stores = filled(&harness).await;
    let recruiter = MemberId(n(RECRUITER));
    let keep = stores.accounts.open_member_session(recruiter, session(1, 1)).await.unwrap();
    let other = stores.accounts.open_member_session(recruiter, session(2, 2)).await.unwrap();
    let set = |member: u8, keep: Option<SessionId>| {
        stores.employers.set_password(MemberId(n(member)), "new".into(), keep, owner())
    };
    assert_eq!(set(RECRUITER, Some(keep)).await.unwrap(), Some(vec![other]));
    assert_eq!(stores.employers.password_hash(recruiter).await.unwrap().as_deref(), Some("new"));
    assert_eq!(set(RECRUITER, None).await.unwrap(), Some(vec![keep]));
    assert_eq!(set(99, None).await.unwrap(), None);
    // who may have a code, and where it goes
    let account = Account::Uscc("91310199MA9X10009A".into());
    assert!(stores.employers.reset_contact(&account, None).await.unwrap().is_none(), "no number is known");
    let employer = EmployerId(n(EMPLOYER));
    stores.employers.set_contact(employer, "王敏".into(), "13800138000".into(), organiser()).await.unwrap();
    for (name, id) in [(None, OWNER), (Some("何明"), RECRUITER), (Some("王敏"), OWNER)] {
        let contact = stores.employers.reset_contact(&account, name).await.unwrap().unwrap();
        assert_eq!((contact.member, contact.phone.as_str()), (MemberId(n(id)), "13800138000"));
    }
    assert!(stores.employers.reset_contact(&account, Some("无此人")).await.unwrap().is_none());
    stores.employers.remove_member(employer, recruiter, owner()).await.unwrap();
    assert!(stores.employers.reset_contact(&account, Some("何明")).await.unwrap().is_none());
    assert_eq!(stores.employers.password_hash(recruiter).await.unwrap(), None);
    // never let in
    let other = EmployerId(n(OTHER_EMPLOYER));
    stores.employers.set_contact(other, "王敏".into(), "13800138000".into(), organiser()).await.unwrap();
    let account = Account::Uscc("91310199MA9X10379A".into());
    assert!(stores.employers.reset_contact(&account, None).await.unwrap().is_none());
}

fn edit() -> RoundEdit {
    RoundEdit {
        name: "春招面谈".into(),
        stages: vec![Stage::Interview, Stage::Closed],
        starts: NOW.after(DAY),
        ends: NOW.after(DAY + 60 * MINUTE),
        identity: IdentityRule::NotRequired,
        ring_ms: 30_000,
        grace_ms: 0,
    }
}

pub async fn a_round_that_has_begun_changes_its_name_and_end_only(harness: impl Harness) {
    let stores = filled(&harness).await;
    let (employer, id) = (EmployerId(n(EMPLOYER)), RoundId(n(70)));
    let put =
        |edit: RoundEdit, at: WallTime| stores.employers.put_round(employer, id, edit, By { at, ..owner() });
    let RoundPut::Done { info, changed: false } = put(edit(), NOW).await.unwrap() else { panic!("not made") };
    assert_eq!((info.name.as_str(), info.employer.as_str()), ("春招面谈", "青禾云帆软件（青禾）有限公司"));
    assert!(
        matches!(put(edit(), NOW).await.unwrap(), RoundPut::Done { changed: false, .. }),
        "the same again"
    );
    let other = EmployerId(n(OTHER_EMPLOYER));
    assert_eq!(stores.employers.put_round(other, id, edit(), owner()).await.unwrap(), RoundPut::NotOwn);
    // candidates came, nothing else: everything may change
    let card = CandidateCard {
        id: CandidateId(n(LIN)),
        name: "林晓青".into(),
        headline: String::new(),
        position: String::new(),
    };
    let taken = RoundEvent::TicketTaken { ticket: TicketId(n(71)), card, number: 1, appointed: None };
    let first = RoundCommit { round: id, ..commit(vec![Numbered { seq: 1, at: NOW, event: taken }]) };
    stores.rounds.commit(first).await.unwrap();
    let later = RoundEdit {
        stages: vec![Stage::Briefing, Stage::Interview],
        starts: NOW.after(2 * DAY),
        ends: NOW.after(2 * DAY + MINUTE),
        ..edit()
    };
    let RoundPut::Done { info, changed: true } = put(later.clone(), NOW).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!((info.stages.len(), info.starts), (2, NOW.after(2 * DAY)));
    // from its start on
    let named = RoundEdit { name: "改名".into(), ends: NOW.after(2 * DAY + 9 * MINUTE), ..later.clone() };
    assert!(matches!(put(named.clone(), later.starts).await.unwrap(), RoundPut::Done { changed: true, .. }));
    for bad in [
        RoundEdit { starts: NOW.after(DAY), ..named.clone() },
        RoundEdit { stages: vec![Stage::Interview], ..named.clone() },
        RoundEdit { identity: IdentityRule::FaceOrSms, ..named.clone() },
        RoundEdit { ring_ms: 31_000, ..named.clone() },
        RoundEdit { grace_ms: 60_000, ..named.clone() },
    ] {
        assert_eq!(put(bad, later.starts).await.unwrap(), RoundPut::Begun);
    }
    // or before it, once the flow was moved
    let moved = RoundEvent::StageMoved { to: Stage::Interview, by: MemberId(n(OWNER)) };
    let second = RoundCommit { round: id, ..commit(vec![Numbered { seq: 2, at: NOW, event: moved }]) };
    stores.rounds.commit(second).await.unwrap();
    assert_eq!(put(RoundEdit { ring_ms: 31_000, ..named.clone() }, NOW).await.unwrap(), RoundPut::Begun);
    assert_eq!(stores.rounds.load(id).await.unwrap().unwrap().info.name, "改名");
    assert_eq!(
        stores.employers.rounds_of(employer, 9).await.unwrap(),
        [id, RoundId(n(ROUND))],
        "newest first"
    );
    // invitations that are good to its end follow it
    let info = stores.rounds.load(RoundId(n(ROUND))).await.unwrap().unwrap().info;
    let longer = RoundEdit {
        name: info.name,
        stages: info.stages,
        starts: info.starts,
        ends: NOW.after(660 * MINUTE),
        identity: info.identity,
        ring_ms: info.ring_ms,
        grace_ms: info.grace_ms,
    };
    stores.employers.put_round(employer, RoundId(n(ROUND)), longer, owner()).await.unwrap();
    let invitation = stores.accounts.invitation_by_code(&mac(101)).await.unwrap().unwrap();
    assert_eq!(invitation.expires, NOW.after(660 * MINUTE));
}

pub async fn what_is_done_is_written_down_with_who(harness: impl Harness) {
    let stores = filled(&harness).await;
    let subject = n(77);
    stores.employers.acted("fair_put", subject, organiser()).await.unwrap();
    stores.employers.acted("stand_changed", subject, owner()).await.unwrap();
    let later = By { at: NOW.after(MINUTE), ..nobody() };
    stores.employers.acted("registration_made", subject, later).await.unwrap();
    drop(stores);
    let acts = harness.restarted().stores().employers.acts(NOW, 2).await.unwrap();
    let act = |who, action: &str| Act { at: NOW, who, action: action.into(), subject };
    assert_eq!(acts, [act(Doer::Organiser, "fair_put"), act(owner().who, "stand_changed")]);
}
