//! Invitations: round, code, ticket, what must happen outside.

use super::*;
use miantan_domain::rules::invitation::REMIND_BEFORE_MS;

const INVITED: u8 = 80;
const HOUR: i64 = 60 * MINUTE;

fn terms(starts: WallTime, round: Option<u8>) -> InvitationTerms {
    InvitationTerms { starts, minutes: 30, note: "带作品".into(), round: round.map(|id| RoundId(n(id))) }
}

fn invitation_id() -> InvitationId {
    InvitationId(n(INVITED))
}

fn invite(terms: InvitationTerms) -> TalkCommand {
    TalkCommand::Invite { invitation: invitation_id(), terms }
}

fn accept(revision: u32) -> TalkCommand {
    TalkCommand::Accept { invitation: invitation_id(), revision }
}

async fn card(stores: &Stores, to: u8) -> InvitationCard {
    let head = head(stores, lin().party, to).await;
    head.invitations.into_iter().find(|card| card.id == invitation_id()).unwrap()
}

/// The tasks that are due then, and ends them.
async fn due(stores: &Stores, at: WallTime) -> Vec<TalkTask> {
    let jobs = stores.talks.due_jobs(at, 99).await.unwrap();
    for job in &jobs {
        assert_eq!(job.invitation, invitation_id());
        stores.talks.end_job(job.id, JobEnd::Done, at).await.unwrap();
    }
    jobs.into_iter().map(|job| job.task).collect()
}

pub async fn an_invitation_finds_its_round_and_makes_ticket_and_code(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    let starts = NOW.after(2 * HOUR);
    assert_eq!(does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, None))).await, Ok(1));
    let told = heard.take();
    let [TalkNews::Entry { pos, .. }, TalkNews::Work, TalkNews::Head { head, .. }, TalkNews::Head { .. }] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert!(head.pos > *pos, "the head replaces what the entry made");
    // that day the employer has a round already
    let invited = card(&stores, LIN_TALK).await;
    assert_eq!((invited.round, invited.round_name.as_str()), (RoundId(n(ROUND)), "面谈会"));
    assert_eq!((invited.revision, invited.status.clone()), (1, InvitationStatus::Sent));
    let code = stores.accounts.invitation_by_code(&mac(221)).await.unwrap().unwrap();
    assert_eq!((code.id, code.ticket), (invitation_id(), TicketId(n(211))));
    assert_eq!(code.appointed, Some(starts));
    assert!(code.opens <= NOW && code.expires > starts.after(30 * MINUTE) && !code.cancelled);
    assert_eq!(due(&stores, NOW).await, [TalkTask::TellInvited { revision: 1 }]);

    assert_eq!(does(&stores, lin(), 2, LIN_TALK, accept(1)).await, Ok(2));
    let (round, ticket) = (RoundId(n(ROUND)), TicketId(n(211)));
    assert_eq!(due(&stores, NOW).await, [TalkTask::TakeTicket { round, ticket, appointed: starts }]);
    assert_eq!(stores.talks.next_due().await, Ok(Some(starts.after(-REMIND_BEFORE_MS))));
    assert_eq!(due(&stores, starts).await, [TalkTask::Remind { revision: 1 }]);
    assert_eq!(stores.talks.next_due().await, Ok(None));
    let mine = stores.talks.interviews(CandidateId(n(LIN))).await.unwrap();
    assert_eq!(mine, [card(&stores, LIN_TALK).await], "imported invitations are of no conversation");
    let facts = stores.talks.facts(invitation_id()).await.unwrap().unwrap();
    assert_eq!((facts.card.name.as_str(), facts.code, facts.phone), ("林晓青", 0, None));
}

pub async fn a_day_without_a_round_gets_one(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    let day = NOW.after(48 * HOUR);
    let away = InvitationPlan { day: (day, day.after(24 * HOUR)), ..plan(2) };
    // before eight o'clock: the day begins earlier
    let early = day.after(7 * HOUR);
    let invite_then = |starts| TalkWish::Command {
        conversation: talk(LIN_TALK),
        command: invite(terms(starts, None)),
        plan: Some(away.clone()),
    };
    settle(&stores, change(wang(), 1, invite_then(early))).await.unwrap();
    let made = stores.rounds.load(away.round).await.unwrap().unwrap();
    assert_eq!(made.employer, EmployerId(n(EMPLOYER)));
    assert_eq!(made.info.name, "11月18日面谈");
    assert_eq!(made.info.stages, [Stage::Interview, Stage::Announcement, Stage::Closed]);
    assert_eq!((made.info.starts, made.info.ends), (early, day.after(20 * HOUR)));
    assert_eq!(card(&stores, LIN_TALK).await.round, away.round);
    // the next one of that day is in the same round, which becomes longer for it
    due(&stores, NOW).await;
    let late = TalkWish::Command {
        conversation: talk(CHEN_TALK),
        command: TalkCommand::Invite {
            invitation: InvitationId(n(81)),
            terms: terms(day.after(20 * HOUR), None),
        },
        plan: Some(InvitationPlan { ticket: TicketId(n(99)), codes: vec![mac(199)], ..plan(3) }),
    };
    let TalkWish::Command { conversation, command, plan: Some(later) } = late else { unreachable!() };
    let later = InvitationPlan { day: away.day, ..later };
    let wish = TalkWish::Command { conversation, command, plan: Some(later) };
    settle(&stores, change(wang(), 2, wish)).await.unwrap();
    let longer = stores.rounds.load(away.round).await.unwrap().unwrap();
    assert_eq!(longer.info.ends, day.after(20 * HOUR + 30 * MINUTE));
    let jobs = stores.talks.due_jobs(NOW, 9).await.unwrap();
    assert!(jobs.iter().any(|job| job.task == TalkTask::Reload { round: away.round }));
}

pub async fn a_moved_invitation_gives_its_place_up_and_takes_it_anew(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    let starts = NOW.after(2 * HOUR);
    does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, None))).await.unwrap();
    does(&stores, lin(), 2, LIN_TALK, accept(1)).await.unwrap();
    due(&stores, NOW).await;
    // to a day of its own
    let day = NOW.after(48 * HOUR);
    let amend = TalkCommand::Amend {
        invitation: invitation_id(),
        revision: 1,
        terms: terms(day.after(10 * HOUR), None),
    };
    let away = InvitationPlan { day: (day, day.after(24 * HOUR)), ..plan(2) };
    let wish = TalkWish::Command { conversation: talk(LIN_TALK), command: amend, plan: Some(away) };
    settle(&stores, change(wang(), 3, wish)).await.unwrap();
    let (old, ticket) = (RoundId(n(ROUND)), TicketId(n(211)));
    let tasks = due(&stores, NOW).await;
    assert_eq!(tasks, [TalkTask::GiveUp { round: old, ticket }, TalkTask::TellInvited { revision: 2 }]);
    // nobody accepts what they have not seen
    assert_eq!(does(&stores, lin(), 4, LIN_TALK, accept(1)).await, Err(ProblemCode::InvitationChanged));
    does(&stores, lin(), 5, LIN_TALK, accept(2)).await.unwrap();
    let appointed = day.after(10 * HOUR);
    let round = RoundId(n(202));
    assert_eq!(due(&stores, NOW).await, [TalkTask::TakeTicket { round, ticket, appointed }]);
    let code = stores.accounts.invitation_by_code(&mac(221)).await.unwrap().unwrap();
    assert_eq!((code.round.id, code.ticket, code.appointed), (round, ticket, Some(appointed)));

    let withdraw = TalkCommand::Withdraw { invitation: invitation_id(), reason: "名额已满".into() };
    does(&stores, wang(), 6, LIN_TALK, withdraw).await.unwrap();
    let tasks = due(&stores, NOW).await;
    assert_eq!(tasks, [TalkTask::GiveUp { round, ticket }, TalkTask::CodeOver, TalkTask::TellWithdrawn]);
    assert!(stores.accounts.invitation_by_code(&mac(221)).await.unwrap().unwrap().cancelled);
}

pub async fn an_invitation_expires_once(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    let starts = NOW.after(2 * HOUR);
    does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, None))).await.unwrap();
    due(&stores, NOW).await;
    let end = starts.after(30 * MINUTE);
    assert_eq!(stores.talks.next_due().await, Ok(Some(end)));
    heard.take();
    assert_eq!(stores.talks.expire(end.after(-1)).await, Ok(0));
    assert_eq!(stores.talks.expire(end).await, Ok(1));
    assert_eq!(stores.talks.expire(end).await, Ok(0));
    assert_eq!(card(&stores, LIN_TALK).await.status, InvitationStatus::Expired);
    assert!(heard.take().iter().any(|news| matches!(news, TalkNews::Entry { .. })));
    assert_eq!(due(&stores, end).await, [TalkTask::CodeOver]);
    assert_eq!(stores.talks.next_due().await, Ok(None));
    let late = TalkChange { at: end, ..change(lin(), 2, wish(LIN_TALK, accept(1))) };
    assert_eq!(settle(&stores, late).await, Err(ProblemCode::InvitationOver));
}

pub async fn entering_the_code_accepts(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    // one that was imported is left as it is
    stores.talks.entered(InvitationId(n(LIN_INVITED)), id(50), NOW).await.unwrap();
    let starts = NOW.after(2 * HOUR);
    does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, None))).await.unwrap();
    heard.take();
    for k in 0..2 {
        stores.talks.entered(invitation_id(), id(51 + k), NOW).await.unwrap();
        assert_eq!(card(&stores, LIN_TALK).await.status, InvitationStatus::Accepted);
    }
    let entries = heard.take().iter().filter(|news| matches!(news, TalkNews::Entry { .. })).count();
    assert_eq!(entries, 1);
    assert!(due(&stores, NOW).await.iter().any(|task| matches!(task, TalkTask::TakeTicket { .. })));
}

pub async fn invitations_of_others_do_not_exist(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    let starts = NOW.after(2 * HOUR);
    // another employer's round, a round of another day, an id that is taken
    let foreign = does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, Some(OTHER_ROUND)))).await;
    assert_eq!(foreign, Err(ProblemCode::NotFound));
    let nowhere = does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, Some(99)))).await;
    assert_eq!(nowhere, Err(ProblemCode::NotFound));
    let wrong_day = TalkWish::Command {
        conversation: talk(LIN_TALK),
        command: invite(terms(NOW.after(48 * HOUR), Some(ROUND))),
        plan: Some(InvitationPlan { day: (NOW.after(40 * HOUR), NOW.after(64 * HOUR)), ..plan(1) }),
    };
    let refused = settle(&stores, change(wang(), 1, wrong_day)).await;
    assert_eq!(refused, Err(ProblemCode::InvitationTermsBad));
    let taken = TalkCommand::Invite { invitation: InvitationId(n(LIN_INVITED)), terms: terms(starts, None) };
    assert_eq!(does(&stores, wang(), 1, LIN_TALK, taken).await, Err(ProblemCode::InvitationChanged));
    assert!(stores.talks.due_jobs(NOW.after(99 * HOUR), 9).await.unwrap().is_empty());

    does(&stores, wang(), 2, LIN_TALK, invite(terms(starts, Some(ROUND)))).await.unwrap();
    let talks = &stores.talks;
    // in one's own conversation one cannot reach into another
    assert_eq!(does(&stores, chen(), 3, CHEN_TALK, accept(1)).await, Err(ProblemCode::InvitationUnknown));
    let withdraw = TalkCommand::Withdraw { invitation: invitation_id(), reason: String::new() };
    let reached = does(&stores, sun(), 3, OTHER_TALK, withdraw).await;
    assert_eq!(reached, Err(ProblemCode::InvitationUnknown));
    for (party, conversation) in [
        (sun().party, LIN_TALK),
        (chen().party, LIN_TALK),
        (sun().party, OTHER_TALK),
        (lin().party, OTHER_TALK),
    ] {
        assert_eq!(talks.invitation(party, talk(conversation), invitation_id()).await, Ok(None));
    }
    for party in [lin().party, wang().party] {
        assert!(talks.invitation(party, talk(LIN_TALK), invitation_id()).await.unwrap().is_some());
    }
}

/// Whose appointment it is, nobody is told.
pub async fn taken_times_are_shown_across_employers(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    let starts = NOW.after(2 * HOUR);
    does(&stores, wang(), 1, LIN_TALK, invite(terms(starts, None))).await.unwrap();
    let busy = async |employer: u8, conversation: u8, hours: (i64, i64)| {
        let (from, to) = (NOW.after(hours.0 * HOUR), NOW.after(hours.1 * HOUR));
        let employer = EmployerId(n(employer));
        stores.talks.busy(employer, talk(conversation), from, to).await.unwrap().unwrap()
    };
    assert!(busy(OTHER_EMPLOYER, OTHER_TALK, (1, 9)).await.is_empty(), "not before it is accepted");
    does(&stores, lin(), 2, LIN_TALK, accept(1)).await.unwrap();
    let (from, to) = (starts, starts.after(30 * MINUTE));
    let taken = |candidate| miantan_domain::wire::rest::Busy { from, to, candidate };
    assert_eq!(busy(OTHER_EMPLOYER, OTHER_TALK, (1, 9)).await, [taken(true)]);
    assert_eq!(busy(EMPLOYER, CHEN_TALK, (1, 9)).await, [taken(false)], "the employer's own");
    assert!(busy(OTHER_EMPLOYER, OTHER_TALK, (3, 9)).await.is_empty());
    // an imported appointment counts as well
    let soon = busy(EMPLOYER, CHEN_TALK, (0, 1)).await;
    assert_eq!(soon.len(), 1);
    assert!(soon[0].candidate && soon[0].from == NOW.after(MINUTE));
}
