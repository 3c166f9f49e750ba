//! Others' conversations, files and invitations are as absent as what never was, and who asks is noted.

use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_e2e::{Hall, raw, samples, seen};
use serde_json::json;

/// Another id of the same kind, which nothing has.
fn nothing<T: std::fmt::Display>(id: T) -> String {
    let mut text = id.to_string();
    let last = if text.ends_with('0') { '1' } else { '0' };
    text.pop();
    text.push(last);
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_a_conversation_its_file_or_its_invitation() {
    let hall = Hall::open().await;
    let lin = hall.newcomer("13900139007").await;
    let talk = lin.applies_to_the_first_employer(&hall, "林晓青").await;
    let wang = hall.recruiter_at_the_desk().await;
    wang.opens_talk(talk).await;
    lin.opens_talk(talk).await;
    lin.talk(TalkIntent::SendFile { name: "作品集.pdf".into(), bytes: samples::pdf(5_000).into() });
    let item = wang.sees_item("a file", |item| matches!(item.body, ItemBody::File { .. })).await;
    let ItemBody::File { object, .. } = item.body else { panic!("no file") };
    let starts = wang.view().wall.after(600_000);
    let terms =
        miantan_domain::model::InvitationTerms { starts, minutes: 20, note: String::new(), round: None };
    wang.talk(TalkIntent::Invite { terms });
    let invitation: InvitationId = wang
        .is_shown("the card", |v| seen::invitation(v).filter(|c| !c.round_name.is_empty()).map(|c| c.id))
        .await;

    // what is there, as its own people see it, so that a path that is simply wrong is noticed
    let server = hall.address();
    let token = async |path: &str, body: serde_json::Value| {
        let answer = raw::request(server, "POST", path, None, Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.code());
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        json["token"].as_str().unwrap().to_owned()
    };
    let device = |n: u64| DeviceId::from_parts(n, &[7; 10]).to_string();
    let sign_in = |line: &miantan_backend::seed::EmployerLine, n: u64| {
        let mut body = json!({ "account": line.uscc, "password": line.password, "device": device(n) });
        if let Some(member) = &line.member {
            body["member"] = json!(member);
        }
        body
    };
    let own = token("/employer/sign-in", sign_in(&hall.seeded.employer, 1)).await;
    let line = hall.seeded.employers.last().unwrap();
    let stranger = token("/employer/sign-in", sign_in(line, 2)).await;
    let chen = token("/join", json!({ "code": hall.invitation(3).code, "device": device(3) })).await;

    let (from, to) = (WallTime(starts.0 - 3_600_000).0, starts.0);
    let paths = |talk: &str, object: &str, invitation: &str| {
        let of_talk = ["", "/entries?after=0", "/marks", "/resume", "/resume.pdf"];
        let mut paths: Vec<String> = of_talk.iter().map(|end| format!("/talks/{talk}{end}")).collect();
        paths.push(format!("/talks/{talk}/busy?from={from}&to={to}"));
        paths.push(format!("/talks/{talk}/invitations/{invitation}.ics"));
        paths.push(format!("/objects/{object}"));
        paths.push(format!("/objects/{object}?size=thumb"));
        paths
    };
    let there = paths(&talk.to_string(), &object.to_string(), &invitation.to_string());
    let never = paths(&nothing(talk), &nothing(object), &nothing(invitation));
    for path in there.iter().filter(|path| !path.contains("thumb")) {
        let answer = raw::request(server, "GET", path, Some(&own), None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.code());
    }
    for (path, absent) in there.iter().zip(&never) {
        for (who, token) in [("stranger", &stranger), ("chen", &chen)] {
            let real = raw::request(server, "GET", path, Some(token), None).await;
            let none = raw::request(server, "GET", absent, Some(token), None).await;
            assert_eq!((real.status, real.code()), (none.status, none.code()), "{who}: {path}");
            // what only employers ask for tells a candidate so, whether it exists or not
            let told = ["not_found", "file_unknown"].contains(&real.code().as_str())
                || (who == "chen" && real.code() == "not_allowed");
            assert!(told, "{who}: {path}: {} {}", real.status, real.code());
        }
        let nobody = raw::request(server, "GET", path, None, None).await;
        assert_eq!(nobody.code(), "not_signed_in", "{path}");
    }
    let report = json!({ "id": nothing(talk), "conversation": talk.to_string(), "reason": "看看" });
    let answer = raw::request(server, "POST", "/reports", Some(&stranger), Some(&report)).await;
    assert_eq!(answer.code(), "not_found");

    // noted, each kind of question with its answer
    for (action, code) in [
        ("talks/{conversation}", "not_found"),
        ("talks/{conversation}/entries", "not_found"),
        ("talks/{conversation}/resume", "not_found"),
        ("talks/{conversation}/invitations/{file}", "not_found"),
        ("reports", "not_found"),
    ] {
        let noted = hall.state().metrics.get("miantan_refused_total", &[("action", action), ("code", code)]);
        assert!(noted > 0, "{action} {code} is not in the audit");
    }
    let objects = ["not_found", "file_unknown"].map(|code| {
        hall.state().metrics.get("miantan_refused_total", &[("action", "objects/{object}"), ("code", code)])
    });
    assert!(objects.iter().sum::<i64>() > 0, "questions for others' files are not in the audit");

    // through the app: told so, and nothing on the stranger's screen
    let (he, _) = hall.recruiter_without_rounds().await;
    he.talk(TalkIntent::Open(talk));
    let view = he.sees("it is not there", |v| seen::was_refused(v, ProblemCode::NotFound)).await;
    assert!(seen::conversation(&view).is_none() && view.talk.list.heads.is_empty());
}
