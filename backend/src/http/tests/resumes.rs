//! Employers read the résumés that were sent to them (T1).

use super::people::*;
use super::*;
use crate::store::{Party, TalkQuery};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::rest::{CandidateSheet, FileUse, MyApplication, ResumeView};

async fn talk_of(organiser: &Organiser, candidate: CandidateId) -> ConversationId {
    let query = TalkQuery { limit: 1, ..TalkQuery::default() };
    organiser.state.stores.talks.list(Party::Candidate(candidate), query).await.unwrap().items[0].id
}

#[tokio::test]
async fn an_applicants_resume_is_read_and_printed() {
    let organiser = Organiser::open().await;
    let lin = organiser.person(STRANGER).await;
    lin.introduces("林晓/青").await;
    let doc = json!({ "version": 0, "name": "林晓/青", "headline": "青禾大学 · 软件工程",
        "resume": { "city": "青禾市", "skills": ["Rust", "网络"], "about": "做事踏实" } });
    lin.send("PUT", "/me/resume", &doc).await.json::<ResumeDoc>();
    let [owner, other, _] = organiser.three().await;
    let position = organiser.positions_of(owner.employer())[0];
    organiser.applies(&lin, position, ResumeChoice::Online).await.unwrap();
    let again = organiser.applies(&lin, position, ResumeChoice::Online).await;
    assert_eq!(again, Err(ProblemCode::AlreadyApplied));
    let talk = talk_of(&organiser, lin.id()).await;
    let view: ResumeView = owner.get(&format!("/talks/{talk}/resume")).await.json();
    assert_eq!((view.name.as_str(), view.phone), ("林晓/青", None));
    assert_eq!(view.resume.unwrap().skills, ["Rust", "网络"]);
    let mine: Vec<MyApplication> = lin.get("/me/applications").await.json();
    assert!(mine[0].seen, "the candidate sees that it was opened");
    let paper = owner.get(&format!("/talks/{talk}/resume.pdf")).await;
    assert_eq!((paper.status, paper.kind.as_str()), (StatusCode::OK, "application/pdf"));
    assert!(paper.body.starts_with(b"%PDF-"));
    let name = paper.headers["content-disposition"].to_str().unwrap();
    // 林晓青-简历.pdf
    assert!(
        name.starts_with("attachment; ")
            && name.ends_with("%E6%9E%97%E6%99%93%E9%9D%92-%E7%AE%80%E5%8E%86.pdf"),
        "{name}"
    );
    // nobody else's
    for path in
        [format!("/talks/{talk}/resume"), format!("/talks/{talk}/resume.pdf"), "/talks/x/resume".into()]
    {
        assert_eq!(other.get(&path).await.code(), ProblemCode::NotFound);
        assert_eq!(lin.get(&path).await.code(), ProblemCode::NotAllowed);
    }
}

#[tokio::test]
async fn the_number_is_shown_after_an_accepted_invitation_only() {
    let organiser = Organiser::open().await;
    let lin = organiser.person(STRANGER).await;
    let [owner, ..] = organiser.three().await;
    let talk = organiser.conversation(owner.employer(), lin.id()).await;
    let phone = async || owner.get(&format!("/talks/{talk}/resume")).await.json::<ResumeView>().phone;
    assert_eq!(phone().await, None);
    let invitation = InvitationId(uuid());
    organiser.invited(&owner, talk, invitation).await;
    assert_eq!(phone().await, None, "not answered yet");
    // entering by the account accepts it as the code does
    let enter = format!("/me/interviews/{invitation}/enter");
    let me: Me = lin.send("POST", &enter, &json!({})).await.json();
    assert!(matches!(me, Me::Candidate { account: true, .. }));
    assert_eq!(phone().await.as_deref(), Some(STRANGER));
    // withdrawn: out of the room, and the number is hidden again
    let withdraw = TalkCommand::Withdraw { invitation, reason: String::new() };
    organiser.says(&owner.me, talk, withdraw).await.unwrap();
    assert!(matches!(lin.get("/me").await.json::<Me>(), Me::Account { .. }));
    assert_eq!(phone().await, None);
    assert_eq!(lin.send("POST", &enter, &json!({})).await.code(), ProblemCode::CodeCancelled);
}

#[tokio::test]
async fn the_queue_shows_the_files_that_were_sent() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let lin = organiser.person(&line.phone).await;
    let [owner, ..] = organiser.three().await;
    let parcel = Parcel::new(FileUse::Resume, "简历.pdf", crate::objects::sniff::samples::pdf());
    lin.caller().uploaded(&parcel).await;
    lin.send("POST", "/me/attachments", &json!({ "object": parcel.id })).await;
    let position = organiser.positions_of(owner.employer())[0];
    organiser.applies(&lin, position, ResumeChoice::Attachment { object: parcel.id }).await.unwrap();
    let joined = organiser.device().join(line).await;
    let Me::Candidate { round, ticket, .. } = joined.me else { panic!() };
    let sheet: CandidateSheet =
        owner.get(&format!("/rounds/{}/tickets/{ticket}/sheet", round.id)).await.json();
    assert_eq!(sheet.attachments.iter().map(|file| file.object).collect::<Vec<_>>(), [parcel.id]);
    assert_eq!(sheet.attachments[0].name, "简历.pdf");
    assert!(!sheet.resume.is_blank());
}
