//! Employers sign in (F5) and read what is theirs, and nothing else.

use super::*;
use crate::store::{Import, NewEmployer, NewMember, Person};
use miantan_domain::ids::{EmployerId, MemberId, TicketId};
use miantan_domain::model::{MemberRole, Stage};
use miantan_domain::uscc::Uscc;
use miantan_domain::wire::rest::{CandidateSheet, Me, RoundSummary};

#[tokio::test]
async fn an_owner_signs_in_by_code_or_by_full_name() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let spaced = format!(" {} ", line.name.replace('有', " 有"));
    for account in [line.uscc.clone(), line.uscc.to_lowercase(), line.name.clone(), spaced] {
        let signed: SignedIn = organiser.device().try_sign_in(&account, &line.password, None).await.json();
        let Me::Member { employer_name, member, .. } = signed.me else { panic!("a member") };
        assert_eq!(
            (employer_name.as_str(), member.role),
            (line.name.as_str(), MemberRole::Owner),
            "{account}"
        );
    }
}

#[tokio::test]
async fn a_named_member_has_a_password_of_their_own() {
    let organiser = Organiser::open().await;
    let lines = &organiser.seeded.employers;
    let recruiter = lines.iter().find(|line| line.member.is_some()).unwrap();
    let owner = lines.iter().find(|line| line.uscc == recruiter.uscc && line.member.is_none()).unwrap();
    let signed = organiser.device().sign_in(recruiter).await;
    let Me::Member { member, .. } = signed.me else { panic!() };
    assert_eq!((Some(&member.name), member.role), (recruiter.member.as_ref(), MemberRole::Recruiter));
    let name = recruiter.member.as_deref();
    let mixed = organiser.device().try_sign_in(&owner.uscc, &owner.password, name).await;
    assert_eq!(mixed.code(), ProblemCode::CredentialsWrong);
    // an empty name is the owner
    let empty = organiser.device().try_sign_in(&owner.uscc, &owner.password, Some(" ")).await;
    assert_eq!(empty.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_tells_whether_a_company_exists() {
    let organiser = Organiser::open().await;
    let line = organiser.seeded.employer.clone();
    let nobody = Uscc::from_body("91310199MA9X99991").unwrap();
    let mut broken = line.uscc.clone();
    let last = broken.pop().unwrap();
    broken.push(if last == '1' { '2' } else { '1' });
    let good = &line.password;
    let tries = [
        (line.uscc.as_str(), "wrong", None),
        (line.name.as_str(), "wrong", None),
        (line.uscc.as_str(), good.as_str(), Some("无此人")),
        (nobody.as_str(), good.as_str(), None),
        (broken.as_str(), good.as_str(), None),
        ("没有这家公司有限公司", good.as_str(), None),
        ("", "", None),
    ];
    let mut bodies = Vec::new();
    for (account, password, member) in tries {
        let before = organiser.state.secrets.checks();
        let answer = organiser.device().try_sign_in(account, password, member).await;
        assert_eq!(answer.code(), ProblemCode::CredentialsWrong, "{account}");
        // the hash is what takes the time: every try costs exactly one
        assert_eq!(organiser.state.secrets.checks(), before + 1, "{account}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the answers differ");
}

#[tokio::test]
async fn an_employer_waits_for_the_organisers_approval() {
    let organiser = Organiser::open().await;
    let uscc = Uscc::from_body("91310199MA9X99991").unwrap().as_str().to_owned();
    let member = NewMember {
        id: MemberId::from_parts(0, &[1; 10]),
        name: "甲".into(),
        role: MemberRole::Owner,
        password_hash: secrets::hash_password("right").unwrap(),
    };
    let employer = NewEmployer {
        id: EmployerId::from_parts(0, &[2; 10]),
        uscc: uscc.clone(),
        name: "新来有限公司".into(),
        approved: false,
        members: vec![member],
    };
    let import = Import { now: NOW, employers: vec![employer], ..Import::default() };
    organiser.state.stores.fairs.import(import).await.unwrap();
    let desk = organiser.device();
    assert_eq!(desk.try_sign_in(&uscc, "right", None).await.code(), ProblemCode::NotAllowed);
    assert_eq!(desk.try_sign_in(&uscc, "wrong", None).await.code(), ProblemCode::CredentialsWrong);
}

#[tokio::test]
async fn a_recruiter_sees_the_rounds_of_their_own_employer_today() {
    let organiser = Organiser::open().await;
    for line in &organiser.seeded.candidates[..3] {
        organiser.device().join(line).await;
    }
    let desk = organiser.device();
    let signed = desk.sign_in(&organiser.seeded.employer).await;
    let rounds: Vec<RoundSummary> = desk.get("/api/v1/rounds/today", Some(&signed.token)).await.json();
    assert_eq!(rounds.len(), 1);
    assert_eq!(rounds[0].round.name, organiser.seeded.round);
    assert_eq!((rounds[0].stage, rounds[0].waiting, rounds[0].done), (Stage::Interview, 3, 0));
    // two weeks later it is not today's any more
    organiser.clock.advance(14 * 86_400_000);
    let rounds: Vec<RoundSummary> = desk.get("/api/v1/rounds/today", Some(&signed.token)).await.json();
    assert!(rounds.is_empty());
    organiser.clock.advance(30 * 86_400_000);
    assert_eq!(desk.get("/api/v1/rounds/today", Some(&signed.token)).await.code(), ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_sheet_is_for_its_own_employer_only() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let lin = organiser.device().join(line).await;
    let Me::Candidate { round, ticket, .. } = &lin.me else { panic!() };
    let path = format!("/api/v1/rounds/{}/tickets/{ticket}/sheet", round.id);

    let desk = organiser.device();
    let own = desk.sign_in(&organiser.seeded.employer).await;
    let sheet: CandidateSheet = desk.get(&path, Some(&own.token)).await.json();
    assert_eq!(sheet.card.name, line.name);
    assert!(!sheet.resume.education.is_empty());

    let other = organiser.seeded.employers.iter().find(|e| e.uscc != organiser.seeded.employer.uscc).unwrap();
    let stranger = organiser.device();
    let signed = stranger.sign_in(other).await;
    let refused = stranger.get(&path, Some(&signed.token)).await;
    assert_eq!(refused.code(), ProblemCode::TicketUnknown);
    // as one that does not exist
    let nowhere = TicketId::from_parts(0, &[7; 10]);
    let missing = format!("/api/v1/rounds/{}/tickets/{nowhere}/sheet", round.id);
    assert_eq!(stranger.get(&missing, Some(&signed.token)).await.body, refused.body);
    for broken in ["/api/v1/rounds/x/tickets/y/sheet", "/api/v1/rounds/..%2f/tickets/%00/sheet"] {
        assert_eq!(desk.get(broken, Some(&own.token)).await.code(), ProblemCode::TicketUnknown, "{broken}");
    }
    assert_eq!(desk.get(&path, Some(&lin.token)).await.code(), ProblemCode::NotAllowed);
    assert_eq!(desk.get(&path, None).await.code(), ProblemCode::NotSignedIn);

    let Me::Member { member, .. } = &signed.me else { panic!() };
    let rows = organiser.state.stores.accounts.refusals(NOW, 100).await.unwrap();
    let audited =
        rows.iter().find(|row| row.who == Some(Person::Member(member.id))).expect("the refusal is audited");
    assert_eq!((audited.code.as_str(), audited.count), ("ticket_unknown", 2));
    assert!(audited.action.contains("sheet"), "{}", audited.action);
}
