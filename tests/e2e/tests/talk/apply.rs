//! From the first look at a fair to a conversation (F1, F2, F4, T1, T4).

use miantan_client::Intent;
use miantan_client::intent::{AccountIntent, FairIntent, TalkIntent};
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::wire::ProblemCode;
use miantan_e2e::{Hall, seen};

/// Lin reads the fair signed out, signs in by phone, applies once; Wang reads the résumé and marks.
#[tokio::test(flavor = "multi_thread")]
async fn lin_finds_a_position_applies_and_wang_reads_the_resume() {
    let hall = Hall::open().await;
    let employer = hall.seeded.employer.name.clone();
    let lin = hall.newcomer("13900139001").await;

    // signed out: list, page, search by one character, stand, position
    lin.opens_the_fair().await;
    let view = lin.view();
    let Loadable::Ready(page) = &seen::fair(&view).unwrap().page else { panic!("no page") };
    assert_eq!((page.card.employers, page.card.positions), (12, 269));
    let position = lin.finds("帆", &employer).await;
    assert!(position.open && !position.applied);
    lin.fair(FairIntent::Apply { position: position.id, resume: ResumeChoice::Online });
    lin.sees("only who is signed in applies", |v| seen::was_refused(v, ProblemCode::NotSignedIn)).await;

    lin.signs_in(&hall).await;
    assert_eq!(seen::account(&lin.view()).unwrap().phone, "139****9001");
    lin.tells_name("林晓青").await;
    // not without a résumé
    lin.fair(FairIntent::Apply { position: position.id, resume: ResumeChoice::Online });
    let refused = |v: &AppView| match seen::mine(v)?.applied.get(&position.id)? {
        ApplyState::Failed { problem, .. } => Some(problem.code),
        ApplyState::Waiting { .. } | ApplyState::Applied => None,
    };
    lin.sees("a résumé is missing", |v| refused(v) == Some(ProblemCode::ResumeMissing)).await;
    lin.writes_resume(miantan_e2e::applicant::resume("青禾大学 · 软件工程")).await;
    let talk = lin.applies(position.id).await;

    // a second time is refused in words, and there is one application
    lin.fair(FairIntent::Apply { position: position.id, resume: ResumeChoice::Online });
    lin.sees("once is enough", |v| seen::was_refused(v, ProblemCode::AlreadyApplied)).await;
    lin.account(AccountIntent::LoadApplications);
    let applications = |v: &AppView| match &seen::mine(v)?.applications {
        Some(Loadable::Ready(list)) => Some(list.clone()),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    };
    let list = lin.is_shown("我的投递", |v| applications(v).filter(|list| !list.is_empty())).await;
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0].employer_name, list[0].conversation, list[0].seen), (&employer, talk, false));

    // both have the conversation
    lin.opens_talk(talk).await;
    let applied = |item: &TalkItem| item.body == ItemBody::Applied { position: position.title.clone() };
    lin.sees_item("the application", applied).await;
    let wang = hall.recruiter_at_the_desk().await;
    let view = wang.sees("lin in the list", |v| v.talk.list.heads.iter().any(|head| head.id == talk)).await;
    let head = view.talk.list.heads.iter().find(|head| head.id == talk).unwrap();
    assert_eq!((head.candidate_name.as_str(), head.mark), ("林晓青", Mark::Unmarked));
    assert_eq!((view.talk.list.counts.all, view.talk.list.counts.unmarked), (1, 1));

    // the résumé, and as a PDF
    wang.talk(TalkIntent::OpenResume(talk));
    let resume = |v: &AppView| match &seen::conversation(v)?.resume {
        Some(Loadable::Ready(resume)) => Some(resume.clone()),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    };
    let resume = wang.is_shown("the résumé", resume).await;
    assert_eq!((resume.name.as_str(), &resume.phone), ("林晓青", &None), "no number before an invitation");
    assert_eq!(resume.resume.as_ref().unwrap().education[0].place, "青禾大学");
    wang.sees_item("the application", applied).await;
    let (name, pdf) = wang.finds_saved(TalkIntent::DownloadResume(talk)).await;
    assert!(name.rsplit('.').next() == Some("pdf") && pdf.starts_with(b"%PDF"), "{name}");
    lin.account(AccountIntent::LoadApplications);
    lin.sees("the employer has opened it", |v| applications(v).is_some_and(|list| list[0].seen)).await;

    // the mark, with its history; lin's device never hears of it
    wang.talk(TalkIntent::Mark { conversation: talk, mark: Mark::Qualified });
    wang.talk(TalkIntent::LoadMarks);
    let marks = |v: &AppView| match &seen::conversation(v)?.marks {
        Some(Loadable::Ready(marks)) => Some(marks.clone()),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    };
    wang.sees("qualified", |v| v.talk.list.counts.qualified == 1 && v.talk.list.counts.unmarked == 0).await;
    wang.says("您好，简历收到了。");
    lin.hears("您好，简历收到了。").await;
    // the message went after the mark, in order: the mark is on the server by now
    wang.talk(TalkIntent::LoadMarks);
    let marks = wang.is_shown("the history", |v| marks(v).filter(|marks| marks.len() == 1)).await;
    assert_eq!((marks[0].mark, marks[0].name.as_str()), (Mark::Qualified, "王敏"));
    let view = lin.view();
    assert_eq!(seen::conversation(&view).unwrap().head.mark, Mark::Unmarked);
    assert!(view.talk.list.heads.iter().all(|head| head.mark == Mark::Unmarked));
    lin.wants(Intent::SignOut);
    lin.sees("out", |v| seen::form(v).is_some()).await;
}
