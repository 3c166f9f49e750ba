//! What candidates tell of themselves and agree to, and how it is seen, taken along and removed.

use super::people::*;
use super::*;
use crate::objects::sniff::samples;
use crate::retention::{self, ERASE_AFTER_DAYS, TABLE};
use crate::store::{ERASED_NAME, ERASED_TEXT, SessionState};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::{Deletion, FileUse};

const DAY: i64 = 86_400_000;

fn ms(time: i64) -> u64 {
    u64::try_from(time).unwrap()
}

#[tokio::test]
async fn a_profile_says_who_one_is() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let Me::Account { name, .. } = person.introduces("  林晓青 ").await else { panic!() };
    assert_eq!(name, "林晓青");
    let profile =
        |name: &str, year: i64, month: i64| json!({ "name": name, "birth_year": year, "birth_month": month });
    for (body, code) in [
        (profile("<script>alert(1)</script>", 2003, 5), ProblemCode::NameBad),
        (profile("林\u{0}晓青", 2003, 5), ProblemCode::NameBad),
        (profile("林\u{202e}晓青", 2003, 5), ProblemCode::NameBad),
        (profile("", 2003, 5), ProblemCode::NameBad),
        (profile(&"长".repeat(41), 2003, 5), ProblemCode::NameBad),
        (profile(&"x".repeat(100_000), 2003, 5), ProblemCode::TooLarge),
        (profile("林晓青", 2003, 13), ProblemCode::Malformed),
        (profile("林晓青", -1, 5), ProblemCode::Malformed),
    ] {
        assert_eq!(person.send("PUT", "/me/profile", &body).await.code(), code, "{body}");
    }
    let Me::Account { name, .. } = person.get("/me").await.json() else { panic!() };
    assert_eq!(name, "林晓青");
}

#[tokio::test]
async fn of_somebody_under_age_nothing_is_kept() {
    let organiser = Organiser::open().await;
    let young = organiser.person(STRANGER).await;
    let body = json!({ "name": "小林", "birth_year": 2012, "birth_month": 1 });
    assert_eq!(young.send("PUT", "/me/profile", &body).await.code(), ProblemCode::UnderAge);
    assert_eq!(young.get("/me").await.code(), ProblemCode::NotSignedIn);
    let path = organiser.state.config.data.join(sqlite::DATABASE_FILE);
    let c = rusqlite::Connection::open(path).unwrap();
    let rows = |sql: &str| c.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(rows("SELECT count(*) FROM candidate WHERE phone = '13900001111'"), 0);
    assert_eq!(rows("SELECT count(*) FROM candidate WHERE name = '小林'"), 0);
    assert_eq!(rows("SELECT count(*) FROM consent"), 0);
    // whom an organiser invited stays as the organiser knows them
    let line = &organiser.seeded.candidates[0];
    let invited = organiser.person(&line.phone).await;
    assert_eq!(invited.send("PUT", "/me/profile", &body).await.code(), ProblemCode::UnderAge);
    let Me::Account { name, .. } = invited.get("/me").await.json() else { panic!() };
    assert_eq!(name, line.name);
}

#[tokio::test]
async fn a_resume_is_written_from_the_version_one_has_seen() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let doc: ResumeDoc = person.get("/me/resume").await.json();
    assert_eq!(doc, ResumeDoc::default());
    let written = ResumeDoc {
        name: "林晓青".into(),
        headline: "青禾大学".into(),
        resume: Resume { about: "<b>踏实</b>".into(), skills: vec!["Rust".into()], ..Resume::default() },
        ..doc
    };
    let put = async |doc: &ResumeDoc| person.send("PUT", "/me/resume", &json!(doc)).await;
    let first: ResumeDoc = put(&written).await.json();
    assert_eq!((first.version, &first.resume), (1, &written.resume));
    // its answer got lost: the same again is the same
    assert_eq!(put(&written).await.json::<ResumeDoc>(), first);
    let other = ResumeDoc { headline: "别处".into(), ..written.clone() };
    assert_eq!(put(&other).await.code(), ProblemCode::ResumeChanged);
    assert_eq!(
        put(&ResumeDoc { version: u64::MAX, ..other.clone() }).await.code(),
        ProblemCode::ResumeChanged
    );
    assert_eq!(person.get("/me/resume").await.json::<ResumeDoc>(), first);
    assert_eq!(put(&ResumeDoc { version: 1, ..other }).await.json::<ResumeDoc>().version, 2);
    let entries = vec![ResumeEntry::default(); 31];
    for resume in [
        Resume { education: entries, ..Resume::default() },
        Resume { skills: vec!["x".into(); 61], ..Resume::default() },
        Resume { city: "长".repeat(201), ..Resume::default() },
    ] {
        let doc = ResumeDoc { version: 2, resume, ..ResumeDoc::default() };
        assert_eq!(put(&doc).await.code(), ProblemCode::ResumeTooLong);
    }
    let large = Resume { about: "长".repeat(100_000), ..Resume::default() };
    assert_eq!(put(&ResumeDoc { resume: large, ..ResumeDoc::default() }).await.code(), ProblemCode::TooLarge);
    let photo = Resume { photo: Some(ObjectId(uuid())), ..Resume::default() };
    let doc = ResumeDoc { version: 2, resume: photo, ..ResumeDoc::default() };
    assert_eq!(put(&doc).await.code(), ProblemCode::FileUnknown);
}

#[tokio::test]
async fn ten_files_are_kept_and_no_more() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let mut last = ObjectId(uuid());
    for n in 0..11 {
        let parcel = Parcel::new(FileUse::Resume, &format!("{n}.pdf"), samples::pdf());
        person.caller().uploaded(&parcel).await;
        let answer = person.send("POST", "/me/attachments", &json!({ "object": parcel.id })).await;
        if n < 10 {
            assert_eq!(answer.json::<Vec<AttachmentResume>>().len(), n + 1);
            // twice is once
            let again = person.send("POST", "/me/attachments", &json!({ "object": parcel.id })).await;
            assert_eq!(again.json::<Vec<AttachmentResume>>().len(), n + 1);
        } else {
            assert_eq!(answer.code(), ProblemCode::TooMany);
        }
        last = parcel.id;
    }
    let stranger = organiser.person("13900002222").await;
    for id in [last, ObjectId(uuid())] {
        let add = stranger.send("POST", "/me/attachments", &json!({ "object": id })).await;
        assert_eq!(add.code(), ProblemCode::FileUnknown);
        let remove = stranger.send("DELETE", &format!("/me/attachments/{id}"), &json!({})).await;
        assert_eq!(remove.code(), ProblemCode::FileUnknown);
    }
}

#[tokio::test]
async fn consents_are_given_taken_back_and_remembered() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let given: Vec<Consent> = person.get("/me/consents").await.json();
    assert_eq!(
        given.iter().map(|c| (c.purpose, c.version, c.given)).collect::<Vec<_>>(),
        [(Purpose::Policy, 1, true)]
    );
    let change = async |purpose: &str, version: u32, given: bool| {
        let body = json!({ "purpose": purpose, "version": version, "given": given });
        person.send("POST", "/me/consents", &body).await
    };
    assert_eq!(change("sms_notices", 1, true).await.json::<Vec<Consent>>().len(), 2);
    assert_eq!(change("sms_notices", 2, true).await.code(), ProblemCode::ConsentNeeded);
    assert_eq!(change("policy", 1, false).await.code(), ProblemCode::NotAllowed);
    assert_eq!(change("everything", 1, true).await.code(), ProblemCode::Malformed);
    let now: Vec<Consent> = change("sms_notices", 1, false).await.json();
    assert!(now.iter().any(|c| c.purpose == Purpose::SmsNotices && !c.given));
    let export: Value = person.get("/me/export").await.json();
    assert_eq!(export["consents"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn everything_held_can_be_taken_along() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let device = organiser.device();
    device.join(line).await;
    let lin = organiser.person(&line.phone).await;
    let [owner, ..] = organiser.three().await;
    let talk = organiser.conversation(owner.employer(), lin.id()).await;
    let parcel =
        Parcel { conversation: Some(talk), ..Parcel::new(FileUse::ChatFile, "作品.pdf", samples::pdf()) };
    let info = lin.caller().uploaded(&parcel).await;
    organiser.says(&lin.me, talk, text("您好")).await.unwrap();
    organiser.says(&lin.me, talk, file_said(&info)).await.unwrap();
    organiser.says(&owner.me, talk, text("欢迎")).await.unwrap();
    let answer = lin.get("/me/export").await;
    let all: Value = answer.json();
    assert_eq!(all["account"]["phone"], json!(line.phone));
    assert_eq!(all["resume"]["name"], json!(line.name));
    assert_eq!(all["files"][0]["link"], json!(format!("/api/v1/objects/{}", parcel.id)));
    let entries = all["conversations"][0]["entries"].as_array().unwrap();
    assert_eq!(entries[0]["body"]["text"], "您好");
    assert_eq!(entries[2]["body"]["text"], "欢迎");
    assert_eq!(all["interviews"][0]["round"], json!(organiser.seeded.round));
    assert_eq!(all["rounds"][0]["event"]["event"], "ticket_taken");
    assert_eq!(all["sessions"].as_array().unwrap().len(), 2);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(!text.contains(&lin.token) && !text.contains("password"));
    assert!(!text.contains(&organiser.seeded.candidates[1].name), "nobody else is in it");
}

#[tokio::test]
async fn deletion_is_asked_for_taken_back_and_done_after_a_week() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let device = organiser.device();
    let joined = device.join(line).await;
    let Me::Candidate { round, ticket, .. } = &joined.me else { panic!() };
    let lin = organiser.person(&line.phone).await;
    let [owner, ..] = organiser.three().await;
    let talk = organiser.conversation(owner.employer(), lin.id()).await;
    let parcel = Parcel {
        conversation: Some(talk),
        ..Parcel::new(FileUse::ChatFile, "晓青作品集.pdf", samples::pdf())
    };
    let info = lin.caller().uploaded(&parcel).await;
    organiser.says(&lin.me, talk, text("我住在云汀区 3 号")).await.unwrap();
    organiser.says(&lin.me, talk, file_said(&info)).await.unwrap();
    organiser.says(&owner.me, talk, text("欢迎")).await.unwrap();
    let bytes = organiser.state.stores.files.file(parcel.id).await.unwrap().unwrap().bytes;

    assert_eq!(lin.get("/me/deletion").await.json::<Deletion>().asked, None);
    let asked: Deletion = lin.send("POST", "/me/deletion", &json!({})).await.json();
    let at = asked.asked.unwrap();
    assert!(asked.by.unwrap().since(at) <= 15 * DAY as u64);
    organiser.clock.advance(ms(DAY));
    assert_eq!(
        lin.send("POST", "/me/deletion", &json!({})).await.json::<Deletion>(),
        asked,
        "the first time counts"
    );
    assert_eq!(lin.send("DELETE", "/me/deletion", &json!({})).await.json::<Deletion>().asked, None);
    organiser.clock.advance(ms(8 * DAY));
    retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(lin.get("/me").await.status, StatusCode::OK, "taken back");

    lin.send("POST", "/me/deletion", &json!({})).await;
    organiser.clock.advance(ms(ERASE_AFTER_DAYS * DAY - 1));
    retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(lin.get("/me").await.status, StatusCode::OK, "not yet");
    organiser.clock.advance(ms(1));
    retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(lin.get("/me").await.code(), ProblemCode::NotSignedIn);
    let mac = organiser.state.secrets.token(&joined.token);
    let session =
        organiser.state.stores.accounts.session_by_token(&mac, organiser.clock.wall()).await.unwrap();
    assert!(session.is_none_or(|session| session.state == SessionState::Over));

    // the employer reads on, of somebody without a name
    let head: Value = owner.get(&format!("/talks/{talk}")).await.json();
    assert_eq!(head["candidate_name"], ERASED_NAME);
    let entries: Value = owner.get(&format!("/talks/{talk}/entries?after=0")).await.json();
    let texts: Vec<&str> =
        entries.as_array().unwrap().iter().map(|e| e["body"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, [ERASED_TEXT, ERASED_TEXT, "欢迎"]);
    assert_eq!(owner.get(&format!("/objects/{}", parcel.id)).await.code(), ProblemCode::FileUnknown);
    assert!(organiser.state.objects.read(bytes, 0..1).await.is_err());
    // nothing that names them is anywhere in the data folder
    let _ = (round, ticket);
    organiser.state.hall.stop().await;
    for word in [line.name.as_str(), &line.phone, "云汀区 3 号", "晓青作品集"] {
        assert_eq!(organiser.rows_with(word), Vec::<String>::new(), "{word}");
    }
    let file = organiser.database_file();
    for word in ["云汀区 3 号", "晓青作品集"] {
        let bytes = word.as_bytes();
        assert!(!file.windows(bytes.len()).any(|part| part == bytes), "{word} is still in the file");
    }
    // and the number is free for somebody new
    let fresh = organiser.person(&line.phone).await;
    assert_ne!(fresh.id(), lin.id());
}

#[tokio::test]
async fn people_who_do_not_come_back_are_forgotten() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let line = &organiser.seeded.candidates[3];
    let rule = |data: &str| TABLE.iter().find(|rule| rule.data.contains(data)).unwrap().days;
    let (account, invited) = (rule("账号：手机号"), rule("受邀但未注册"));
    organiser.clock.advance(ms(invited * DAY - DAY));
    retention::enforce(&organiser.state).await.unwrap();
    assert!(!organiser.rows_with(&line.phone).is_empty());
    organiser.clock.advance(ms(3 * DAY));
    retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(organiser.rows_with(&line.phone), Vec::<String>::new());
    assert!(!organiser.rows_with(STRANGER).is_empty(), "an account is kept longer");
    organiser.clock.advance(ms((account - invited) * DAY));
    retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(organiser.rows_with(STRANGER), Vec::<String>::new());
    drop(person);
}

#[test]
fn the_table_is_what_the_documentation_says() {
    let text = include_str!("../../../../docs/privacy.md");
    for rule in TABLE {
        let days = if rule.days == 0 { "—".to_owned() } else { format!("{} 天", rule.days) };
        let row = format!("| {} | {} | {} | {} | {} |", rule.data, rule.purpose, days, rule.from, rule.who);
        assert!(text.contains(&row), "docs/privacy.md has no row\n{row}");
    }
}
