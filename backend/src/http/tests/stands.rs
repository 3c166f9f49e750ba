//! Stands and positions (F6): what an employer writes, and that it writes its own only.

use super::*;
use miantan_domain::ids::{FairId, PositionId};
use miantan_domain::model::{FairCard, PositionDetails, Stand};

fn position() -> Value {
    json!({
        "title": "前端开发", "salary": { "from": 7500, "to": 8499 }, "city": "青禾市", "openings": 3,
        "description": "做页面\r\n写测试", "requirements": "<b>会</b> 𠮷 😀", "open": true,
    })
}

async fn fair(desk: &Desk<'_>) -> FairId {
    desk.get("/employer/fairs").await.json::<Vec<FairCard>>()[0].id
}

fn new_id() -> PositionId {
    PositionId::from_parts(NOW.0 as u64, &secrets::random())
}

#[tokio::test]
async fn a_stand_is_edited_and_shown() {
    let organiser = Organiser::open().await;
    let [owner, _, recruiter] = organiser.three().await;
    let fair = fair(&owner).await;
    let path = format!("/employer/fairs/{fair}/stand");
    let before: Stand = owner.get(&path).await.json();
    assert_eq!((before.employer, before.fair), (owner.employer(), fair));
    let edit = json!({ "short": " 云帆 ", "introduction": "一\r\n\r\n二<script>\u{0}" });
    let after: Stand = owner.send("PUT", &path, &edit).await.json();
    assert_eq!((after.short.as_str(), after.introduction.as_str()), ("云帆", "一\n\n二<script>"));
    let public = owner.device.get(&format!("/api/v1/fairs/{fair}/stands/{}", owner.employer()), None).await;
    assert_eq!(public.json::<Stand>().short, "云帆");
    recruiter.send("PUT", &path, &edit).await.json::<Stand>();
    for (field, value) in [("short", "长".repeat(21)), ("introduction", "x".repeat(5_001))] {
        let mut bad = edit.clone();
        bad[field] = json!(value);
        assert_eq!(owner.send("PUT", &path, &bad).await.code(), ProblemCode::TextTooLong, "{field}");
        bad[field] = json!("字".repeat(100_000));
        assert_eq!(owner.send("PUT", &path, &bad).await.code(), ProblemCode::TooLarge, "{field}");
    }
    assert!(organiser.acts().await.contains(&"stand_changed".to_owned()));
}

#[tokio::test]
async fn positions_are_made_and_edited_by_their_own_employer_only() {
    let organiser = Organiser::open().await;
    let [owner, other, _] = organiser.three().await;
    let (fair, id) = (fair(&owner).await, new_id());
    let path = format!("/employer/fairs/{fair}/positions/{id}");
    let made: PositionDetails = owner.send("PUT", &path, &position()).await.json();
    assert_eq!((made.card.id, made.employer, made.card.openings), (id, owner.employer(), 3));
    assert_eq!(
        (made.description.as_str(), made.requirements.as_str()),
        ("做页面\n写测试", "<b>会</b> 𠮷 😀")
    );
    let again: PositionDetails = owner.send("PUT", &path, &position()).await.json();
    assert_eq!(again, made);
    let mut closed = position();
    closed["open"] = json!(false);
    let details: PositionDetails = owner.send("PUT", &path, &closed).await.json();
    assert!(!details.card.open);

    // another employer's position is as unknown as a fair without a stand, and each is audited
    let mut stolen = position();
    stolen["title"] = json!("偷来的职位");
    assert_eq!(other.send("PUT", &path, &stolen).await.code(), ProblemCode::NotFound);
    let public: PositionDetails = other.device.get(&format!("/api/v1/positions/{id}"), None).await.json();
    assert_eq!(public.card.title, "前端开发");
    let nowhere = FairId::from_parts(0, &[7; 10]);
    let elsewhere = format!("/employer/fairs/{nowhere}/positions/{id}");
    assert_eq!(owner.send("PUT", &elsewhere, &position()).await.code(), ProblemCode::NotFound);
    assert_eq!(owner.get(&format!("/employer/fairs/{nowhere}/stand")).await.code(), ProblemCode::NotFound);
    for broken in ["/employer/fairs/x/stand", "/employer/fairs/%00/stand"] {
        assert_eq!(owner.get(broken).await.code(), ProblemCode::NotFound);
    }
    let refused = organiser.refused(&other).await;
    assert!(
        refused.iter().any(|(action, code)| action.contains("positions") && code == "not_found"),
        "{refused:?}"
    );
    // a fair at which only others have a stand
    organiser.state.stores.fairs.put_fair(nowhere, edit_of_a_fair()).await.unwrap();
    assert_eq!(owner.send("PUT", &elsewhere, &position()).await.code(), ProblemCode::NotFound);
}

fn edit_of_a_fair() -> miantan_domain::wire::rest::FairEdit {
    miantan_domain::wire::rest::FairEdit {
        title: "另一个招聘会".into(),
        kind: "网络招聘会".into(),
        starts: NOW,
        ends: NOW.after(1_000_000),
        city: String::new(),
        district: String::new(),
        venue: String::new(),
        introduction: String::new(),
    }
}

#[tokio::test]
async fn a_position_is_checked_in_every_field() {
    let organiser = Organiser::open().await;
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let fair = fair(&owner).await;
    let count = |stand: Stand| stand.positions.len();
    let stand = format!("/employer/fairs/{fair}/stand");
    let before = count(owner.get(&stand).await.json());
    let path = format!("/employer/fairs/{fair}/positions/{}", new_id());
    let bad = [
        ("title", json!("")),
        ("title", json!(" \u{200b}\u{0} ")),
        ("title", json!("长".repeat(61))),
        ("city", json!("长".repeat(61))),
        ("salary", json!({ "from": 9000, "to": 8000 })),
        ("openings", json!(0)),
        ("openings", json!(10_000)),
        ("description", json!("x".repeat(5_001))),
        ("requirements", json!("x".repeat(5_001))),
    ];
    for (field, value) in bad {
        let mut body = position();
        body[field] = value;
        assert_eq!(owner.send("PUT", &path, &body).await.code(), ProblemCode::PositionBad, "{field}");
    }
    for (field, value) in
        [("openings", json!(-1)), ("salary", json!({ "from": -1, "to": 5 })), ("open", json!(2))]
    {
        let mut body = position();
        body[field] = value;
        assert_eq!(owner.send("PUT", &path, &body).await.code(), ProblemCode::Malformed, "{field}");
    }
    for field in ["title", "city", "description", "requirements"] {
        let mut body = position();
        body[field] = json!("字".repeat(100_000));
        assert_eq!(owner.send("PUT", &path, &body).await.code(), ProblemCode::TooLarge, "{field}");
    }
    assert_eq!(count(owner.get(&stand).await.json()), before);
    // the longest that may be, of the widest letters
    let mut long = position();
    long["title"] = json!("𠮷".repeat(60));
    long["description"] = json!("𠮷".repeat(5_000));
    long["requirements"] = json!("字".repeat(5_000));
    let made: PositionDetails = owner.send("PUT", &path, &long).await.json();
    assert_eq!(made.description.chars().count(), 5_000);
    // after the fair nothing new, but what is there can still be closed
    organiser.clock.advance(20 * 86_400_000);
    long["open"] = json!(false);
    assert_eq!(owner.send("PUT", &path, &long).await.status, StatusCode::OK);
    let new = format!("/employer/fairs/{fair}/positions/{}", new_id());
    assert_eq!(owner.send("PUT", &new, &position()).await.code(), ProblemCode::FairClosed);
}

#[tokio::test]
async fn a_panellist_writes_nothing() {
    let organiser = Organiser::open().await;
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let panellist = organiser.panellist(&owner).await;
    let fair = fair(&panellist).await;
    let stand = format!("/employer/fairs/{fair}/stand");
    assert_eq!(panellist.get(&stand).await.status, StatusCode::OK);
    let edit = json!({ "short": "", "introduction": "" });
    assert_eq!(panellist.send("PUT", &stand, &edit).await.code(), ProblemCode::NotAllowed);
    let path = format!("/employer/fairs/{fair}/positions/{}", new_id());
    assert_eq!(panellist.send("PUT", &path, &position()).await.code(), ProblemCode::NotAllowed);
    assert_eq!(organiser.refused(&panellist).await.len(), 2);
}
