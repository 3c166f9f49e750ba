//! Rounds an employer makes and edits (F6).

use super::*;
use crate::bus::{Inbox, Note, Topic};
use miantan_domain::ids::RoundId;
use miantan_domain::model::{RoundInfo, Stage};
use miantan_domain::wire::rest::RoundSummary;
use std::time::Duration;

const HOUR: i64 = 3_600_000;

fn round() -> Value {
    json!({
        "name": " 软件岗位面谈 ", "stages": ["briefing", "interview", "announcement", "closed"],
        "starts": NOW.after(HOUR), "ends": NOW.after(9 * HOUR), "identity": "face_or_sms", "ring_ms": 45_000,
        "grace_ms": 600_000,
    })
}

fn path(id: RoundId) -> String {
    format!("/employer/rounds/{id}")
}

fn new_id() -> RoundId {
    RoundId::from_parts(NOW.0 as u64, &secrets::random())
}

#[tokio::test]
async fn an_employer_makes_a_round_and_finds_it() {
    let organiser = Organiser::open().await;
    let [owner, other, recruiter] = organiser.three().await;
    let id = new_id();
    let info: RoundInfo = owner.send("PUT", &path(id), &round()).await.json();
    assert_eq!((info.id, info.name.as_str()), (id, "软件岗位面谈"));
    assert_eq!(info.employer, organiser.seeded.employer.name);
    let again: RoundInfo = owner.send("PUT", &path(id), &round()).await.json();
    assert_eq!(again, info);
    let rounds: Vec<RoundSummary> = owner.get("/employer/rounds").await.json();
    assert_eq!(rounds.len(), 2);
    assert_eq!((&rounds[0].round, rounds[0].stage), (&info, Stage::Briefing), "the newest first");
    let theirs: Vec<RoundSummary> = other.get("/employer/rounds").await.json();
    assert!(theirs.iter().all(|summary| summary.round.id != id));
    // a recruiter may as well; a panellist reads only
    recruiter.send("PUT", &path(new_id()), &round()).await.json::<RoundInfo>();
    let panellist = organiser.panellist(&owner).await;
    assert_eq!(panellist.send("PUT", &path(id), &round()).await.code(), ProblemCode::NotAllowed);
    assert_eq!(panellist.get("/employer/rounds").await.json::<Vec<RoundSummary>>().len(), 2);
    // its flow may still change: it begins anew with it, whoever has looked at it before
    let mut short = round();
    short["stages"] = json!(["interview", "closed"]);
    owner.send("PUT", &path(id), &short).await.json::<RoundInfo>();
    let rounds: Vec<RoundSummary> = owner.get("/employer/rounds").await.json();
    assert_eq!((rounds[0].round.id, rounds[0].stage), (id, Stage::Interview));
    // no grace is no grace
    let mut none = round();
    none["grace_ms"] = json!(0);
    let info: RoundInfo = owner.send("PUT", &path(id), &none).await.json();
    assert!(info.grace_ms <= 1);
}

#[tokio::test]
async fn another_employers_round_does_not_exist() {
    let organiser = Organiser::open().await;
    let [owner, other, _] = organiser.three().await;
    let id = new_id();
    owner.send("PUT", &path(id), &round()).await.json::<RoundInfo>();
    let mut stolen = round();
    stolen["name"] = json!("偷来的");
    assert_eq!(other.send("PUT", &path(id), &stolen).await.code(), ProblemCode::NotFound);
    let info = organiser.state.stores.rounds.load(id).await.unwrap().unwrap();
    assert_eq!((info.info.name.as_str(), info.employer), ("软件岗位面谈", owner.employer()));
    let refused = organiser.refused(&other).await;
    assert!(
        refused.iter().any(|(action, code)| action.contains("rounds") && code == "not_found"),
        "{refused:?}"
    );
    for broken in ["x", "%00", "..%2f"] {
        let answer = owner.send("PUT", &format!("/employer/rounds/{broken}"), &round()).await;
        assert_eq!(answer.code(), ProblemCode::NotFound, "{broken}");
    }
}

#[tokio::test]
async fn a_round_is_checked_in_every_field() {
    let organiser = Organiser::open().await;
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let bad = [
        ("name", json!("")),
        ("name", json!("\u{0}\u{202e}")),
        ("name", json!("长".repeat(61))),
        ("stages", json!([])),
        ("stages", json!(["briefing", "closed"])),
        ("stages", json!(["interview", "briefing"])),
        ("stages", json!(["interview", "interview"])),
        ("ends", json!(NOW.after(HOUR))),
        ("ends", json!(NOW)),
        ("ends", json!(NOW.after(17 * HOUR + 1))),
        ("starts", json!(i64::MIN)),
        ("ring_ms", json!(9_999)),
        ("ring_ms", json!(120_001)),
        ("ring_ms", json!(u64::MAX)),
        ("grace_ms", json!(3_600_001)),
    ];
    let id = new_id();
    for (field, value) in bad {
        let mut body = round();
        body[field] = value;
        assert_eq!(
            owner.send("PUT", &path(id), &body).await.code(),
            ProblemCode::RoundBad,
            "{field}: {body}"
        );
    }
    for (starts, ends) in [(i64::MAX - HOUR, i64::MAX), (-HOUR, HOUR), (NOW.0 - 3 * HOUR, NOW.0)] {
        let mut body = round();
        (body["starts"], body["ends"]) = (json!(starts), json!(ends));
        assert_eq!(owner.send("PUT", &path(id), &body).await.code(), ProblemCode::RoundBad, "{body}");
    }
    for (field, value) in [("stages", json!(["lunch"])), ("identity", json!("magic")), ("ring_ms", json!(-1))]
    {
        let mut body = round();
        body[field] = value;
        assert_eq!(owner.send("PUT", &path(id), &body).await.code(), ProblemCode::Malformed, "{field}");
    }
    let mut body = round();
    body["name"] = json!("字".repeat(100_000));
    assert_eq!(owner.send("PUT", &path(id), &body).await.code(), ProblemCode::TooLarge);
    assert!(organiser.state.stores.rounds.load(id).await.unwrap().is_none());
    body["name"] = json!("<b>𠮷</b>😀");
    let info: RoundInfo = owner.send("PUT", &path(id), &body).await.json();
    assert_eq!(info.name, "<b>𠮷</b>😀");
}

#[tokio::test]
async fn a_round_under_way_gets_a_new_name_and_everybody_in_it_reads_it() {
    let organiser = Organiser::open().await;
    let lin = organiser.device().join(&organiser.seeded.candidates[0]).await;
    let Me::Candidate { round: info, .. } = lin.me else { panic!() };
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let (inbox, mut reads, _) = Inbox::new();
    organiser.state.hall.bus().join(Topic::Round(info.id), &inbox);
    let mut edit = json!({
        "name": "改了名的面谈会", "stages": info.stages, "starts": info.starts, "ends": info.ends.after(HOUR),
        "identity": info.identity, "ring_ms": info.ring_ms, "grace_ms": info.grace_ms,
    });
    let changed: RoundInfo = owner.send("PUT", &path(info.id), &edit).await.json();
    assert_eq!((changed.name.as_str(), changed.ends), ("改了名的面谈会", info.ends.after(HOUR)));
    let told = tokio::time::timeout(Duration::from_mins(1), reads.recv()).await.expect("told").unwrap();
    let Note::Frame(text) = told else { panic!("{told:?}") };
    assert!(text.contains("改了名的面谈会"), "{text}");
    let rounds: Vec<RoundSummary> = owner.get("/rounds/today").await.json();
    assert_eq!(
        (rounds[0].round.name.as_str(), rounds[0].waiting),
        ("改了名的面谈会", 1),
        "the queue is kept"
    );
    for (field, value) in [
        ("stages", json!(["interview", "closed"])),
        ("starts", json!(info.starts.after(1))),
        ("identity", json!("face_or_sms")),
        ("ring_ms", json!(60_000)),
        ("grace_ms", json!(60_000)),
    ] {
        let before = edit[field].clone();
        edit[field] = value;
        assert_eq!(owner.send("PUT", &path(info.id), &edit).await.code(), ProblemCode::RoundBad, "{field}");
        edit[field] = before;
    }
    // it can be ended early
    edit["ends"] = json!(NOW);
    assert_eq!(owner.send("PUT", &path(info.id), &edit).await.json::<RoundInfo>().ends, NOW);
}
