//! One candidate's whole day, and one recruiter's.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::call::client::CallStage;
use miantan_domain::rules::round::TicketStatus;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::RoomPlace;
use miantan_e2e::{Hall, seen};

/// Code, password, checks, waiting room, ring, interview, outcome, confirmation (J2–J8, Q2, R1–R4).
#[tokio::test(flavor = "multi_thread")]
async fn lin_comes_waits_talks_and_confirms() {
    let hall = Hall::open().await;
    let wang = hall.recruiter().await;
    // the second invitation of the sample fair has a password
    let lin = hall.guest(1).await;
    assert!(lin.line.password.is_some());
    lin.joins().await;
    lin.checks_in().await;

    let view = lin.view();
    let room = seen::room(&view).unwrap();
    assert_eq!((room.round.name.as_str(), room.number), (hall.seeded.round.as_str(), 1));
    assert_eq!((room.place, room.stage), (RoomPlace::Waiting { ahead: 0 }, Stage::Interview));
    let passed = [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera, CheckInStep::Network]
        .map(|step| (step, StepOutcome::Passed));
    lin.sees("the server knows the checks", |v| seen::room(v).is_some_and(|r| r.checked == passed)).await;

    lin.wants(Intent::SendNote { ticket: lin.ticket(), text: "您好，我准备好了。".into() });
    let notes = |view: &AppView| seen::ticket(view, lin.ticket()).map(|ticket| ticket.notes.clone());
    wang.sees("lin's words", |v| notes(v).is_some_and(|n| n.len() == 1 && n[0].from == Side::Candidate))
        .await;

    wang.talks_with(&lin).await;
    println!(
        "answer → first decoded frame: candidate {} ms, recruiter {} ms",
        lin.first_frame_ms(),
        wang.first_frame_ms()
    );
    assert!(lin.view().call.as_ref().unwrap().view.with.contains(&hall.seeded.employer.name));
    lin.sees("sound and pictures arrive", seen::hears_other).await;
    wang.wants(Intent::MarkOutcome { ticket: lin.ticket(), outcome: Outcome::Suitable });
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
    lin.wants(Intent::DismissCall);
    lin.sees("interviewed", |v| seen::place(v) == Some(RoomPlace::Interviewed)).await;
    assert_eq!(seen::room(&lin.view()).unwrap().announced, None, "not before the announcement");

    wang.wants(Intent::MoveStage(Stage::Announcement));
    wang.wants(Intent::Announce(vec![lin.ticket()]));
    let announced = |view: &AppView| seen::room(view).and_then(|room| room.announced.clone());
    lin.sees("the outcome", |v| announced(v).is_some_and(|a| a.outcome == Outcome::Suitable)).await;
    lin.wants(Intent::Confirm { accepted: true, comment: "谢谢".into() });
    let confirmed = |view: &AppView| {
        let ticket = seen::ticket(view, lin.ticket())?;
        ticket.announced.as_ref()?.confirmation.clone()
    };
    let view = wang.sees("lin confirmed", |v| confirmed(v).is_some()).await;
    let confirmation = confirmed(&view).unwrap();
    assert_eq!((confirmation.accepted, confirmation.comment.as_str()), (true, "谢谢"));
    lin.sees("confirmed here too", |v| announced(v).is_some_and(|a| a.confirmation.is_some())).await;
}

/// One person waits for two employers; only one of them gets through at a time.
#[tokio::test(flavor = "multi_thread")]
async fn two_recruiters_ring_one_person_and_the_second_is_told() {
    let hall = Hall::open().await;
    let [here, there] = hall.candidate_of_both().await;
    let wang = hall.recruiter().await;
    let he = hall.other_recruiter().await;
    wang.talks_with(&here).await;
    he.rings(&there).await;
    let busy = |view: &AppView| {
        view.notices
            .iter()
            .any(|n| matches!(&n.what, NoticeWhat::Refused(p) if p.code == ProblemCode::CandidateBusy))
    };
    let view = he.sees("busy", busy).await;
    assert!(view.call.is_none());
    assert!(there.view().call.is_none(), "nothing rings on the other phone");
    wang.wants(Intent::HangUp);
    // her own screen shows the end at once; on the other side it is the server's word
    here.sees("the end", seen::ended).await;
    he.talks_with(&there).await;
}

/// Sign-in, queue in order, sheet, interview, mute and camera, outcome, end, next (F5, Q1–Q5).
#[tokio::test(flavor = "multi_thread")]
async fn wang_signs_in_interviews_one_after_the_other_and_ends() {
    let hall = Hall::open().await;
    // nobody is appointed among these three: the order is that of coming
    let lin = hall.candidate(3).await;
    let chen = hall.candidate(5).await;
    let wang = hall.stranger().await;
    let line = hall.seeded.employer.clone();
    // by the full company name, as on the door
    wang.signs_in(&line.name, &line.password, None).await;
    wang.opens(&hall.seeded.round).await;
    let view = wang.sees("both in line", |v| seen::queue(v).is_some_and(|q| q.state.line().len() == 2)).await;
    let line: Vec<_> = seen::queue(&view).unwrap().state.line().iter().map(|ticket| ticket.id).collect();
    assert_eq!(line, [lin.ticket(), chen.ticket()]);
    chen.sees("one ahead", |v| seen::place(v) == Some(RoomPlace::Waiting { ahead: 1 })).await;
    wang.sees("lin is next", |v| seen::queue(v).is_some_and(|q| q.next == Some(lin.ticket()))).await;

    wang.wants(Intent::OpenSheet(lin.ticket()));
    let view = wang
        .sees("the sheet", |v| {
            matches!(&seen::recruiter(v).unwrap().sheet, Some((of, Loadable::Ready(_))) if *of == lin.ticket())
        })
        .await;
    let Some((_, Loadable::Ready(sheet))) = &seen::recruiter(&view).unwrap().sheet else { panic!() };
    assert_eq!(sheet.card.name, lin.line.name);
    assert!(!sheet.resume.education.is_empty());

    // declined once, then answered
    wang.rings(&lin).await;
    lin.sees("it rings", seen::rings).await;
    lin.wants(Intent::Decline);
    wang.sees("declined", |v| {
        let reason = v.call.as_ref().map(|call| call.view.stage);
        matches!(reason, Some(CallStage::Ended { reason: EndReason::Declined, .. }))
    })
    .await;
    wang.wants(Intent::DismissCall);
    lin.sees("over here too", seen::ended).await;
    lin.wants(Intent::DismissCall);
    wang.talks_with(&lin).await;
    chen.sees("nobody ahead", |v| seen::place(v) == Some(RoomPlace::Waiting { ahead: 0 })).await;

    wang.wants(Intent::SetMuted(true));
    wang.wants(Intent::SetCamera(false));
    lin.sees("wang's picture stops", |v| v.call.as_ref().is_some_and(|call| !call.remote_video)).await;
    wang.wants(Intent::SetCamera(true));
    lin.sees("wang's picture is back", |v| v.call.as_ref().is_some_and(|call| call.remote_video)).await;
    wang.wants(Intent::SendNote { ticket: lin.ticket(), text: "请介绍一下项目。".into() });
    lin.sees("wang's words", |v| v.call.as_ref().is_some_and(|call| call.notes.len() == 1)).await;
    // chen cannot be rung meanwhile
    wang.wants(Intent::Ring(chen.ticket()));
    wang.sees("busy", |v| {
        v.notices
            .iter()
            .any(|n| matches!(&n.what, NoticeWhat::Refused(p) if p.code == ProblemCode::RecruiterBusy))
    })
    .await;
    wang.wants(Intent::HangUp);
    wang.sees("interviewed", |v| {
        seen::ticket(v, lin.ticket())
            .is_some_and(|t| t.status == TicketStatus::Interviewed && t.talked_ms > 0)
    })
    .await;
    wang.wants(Intent::MarkOutcome { ticket: lin.ticket(), outcome: Outcome::Pending });
    wang.sees("marked", |v| seen::ticket(v, lin.ticket()).unwrap().outcome == Some(Outcome::Pending)).await;
    // pending cannot be announced
    wang.wants(Intent::MoveStage(Stage::Announcement));
    wang.wants(Intent::Announce(vec![lin.ticket()]));
    wang.sees("refused", |v| {
        seen::recruiter(v)
            .unwrap()
            .pending
            .iter()
            .any(|change| change.failed.as_ref().is_some_and(|p| p.code == ProblemCode::OutcomePending))
    })
    .await;
    wang.sees("chen is next", |v| seen::queue(v).is_some_and(|q| q.next == Some(chen.ticket()))).await;
}
