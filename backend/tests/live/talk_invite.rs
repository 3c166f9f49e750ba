//! Invitations over real sockets, down to the place in the queue; and what is done after a crash.

use crate::device::Device;
use crate::talk::conversation;
use crate::world::{PATIENCE, PHONE, Plan, World, round};
use miantan_backend::clock::Clock;
use miantan_backend::sms::SmsKind;
use miantan_backend::store::{Guard, Party, Person, TalkChange, TalkTask, TalkWish, Talker};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::rules::talk::Author;
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::*;
use uuid::Uuid;

const HOUR: i64 = 3_600_000;

fn terms(starts: WallTime, round: Option<RoundId>) -> InvitationTerms {
    InvitationTerms { starts, minutes: 30, note: "请带作品".into(), round }
}

/// Invites to a round and answers with the id.
async fn invite(wang: &mut Device, talk: ConversationId, terms: InvitationTerms) -> InvitationId {
    let invitation = InvitationId(Uuid::now_v7());
    wang.talk(talk, TalkCommand::Invite { invitation, terms }).await.unwrap();
    invitation
}

fn status(head: &TalkHead) -> &InvitationStatus {
    &head.invitations[0].status
}

#[tokio::test]
async fn an_accepted_invitation_is_a_place_in_the_queue_until_it_is_withdrawn() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.recruiter("wang", 2).await;
    let mut lin = world.candidate(1, 1).await;
    wang.follows(None).await;
    lin.follows(None).await;
    let starts = world.server().state().clock.wall().after(HOUR);
    let invitation = invite(&mut wang, talk, terms(starts, Some(round(2)))).await;
    let head = lin.head("card", |head| !head.invitations.is_empty()).await;
    assert_eq!((head.invitations[0].id, head.invitations[0].round), (invitation, round(2)));
    assert_eq!(lin.entry(talk).await.1.body, EntryBody::Invited { invitation });

    lin.talk(talk, TalkCommand::Accept { invitation, revision: 1 }).await.unwrap();
    wang.head("accepted", |head| *status(head) == InvitationStatus::Accepted).await;
    let mut ticket = None;
    wang.hear("ticket", |frame| match frame {
        ServerFrame::Event {
            event: RoundEvent::TicketTaken { ticket: taken, card, appointed, .. }, ..
        } if *appointed == Some(starts) => {
            assert_eq!(card.name, "林");
            ticket = Some(*taken);
            Some(())
        }
        _ => None,
    })
    .await;
    let ticket = ticket.unwrap();

    // at another time: the place is given up, and taken anew with the next yes
    let other = starts.after(HOUR);
    let amend = TalkCommand::Amend { invitation, revision: 1, terms: terms(other, Some(round(2))) };
    wang.talk(talk, amend).await.unwrap();
    wang.event("given up", |e| *e == RoundEvent::GivenUp { ticket }).await;
    let stale = lin.talk(talk, TalkCommand::Accept { invitation, revision: 1 }).await;
    assert_eq!(stale, Err(ProblemCode::InvitationChanged));
    lin.talk(talk, TalkCommand::Accept { invitation, revision: 2 }).await.unwrap();
    wang.event("back", |e| *e == RoundEvent::Reappointed { ticket, appointed: Some(other) }).await;

    let withdraw = TalkCommand::Withdraw { invitation, reason: "名额已满".into() };
    wang.talk(talk, withdraw).await.unwrap();
    wang.event("given up", |e| *e == RoundEvent::GivenUp { ticket }).await;
    lin.head("withdrawn", |head| matches!(status(head), InvitationStatus::Withdrawn { .. })).await;
}

#[tokio::test]
async fn the_code_of_an_invitation_opens_the_room_and_says_yes() {
    let world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.recruiter("wang", 2).await;
    wang.follows(None).await;
    let state = world.server().state();
    let starts = state.clock.wall().after(HOUR);
    let invitation = invite(&mut wang, talk, terms(starts, Some(round(2)))).await;
    let code = state.secrets.invitation_code(invitation, 0);
    let mut lin = world.join_by(&code, 2).await;
    lin.connect(&world).await;
    wang.head("accepted", |head| *status(head) == InvitationStatus::Accepted).await;
    lin.room("waiting", |room| matches!(room.place, RoomPlace::Waiting { .. })).await;
    // declined in the conversation: the room is closed, the device is told
    lin.talk(talk, TalkCommand::Decline { invitation, revision: 1, reason: "有课".into() }).await.unwrap();
    lin.ends().await;
    let over = |f: &ServerFrame| matches!(f, ServerFrame::Bye { reason: ByeReason::SessionOver, .. });
    let words = lin.last_words();
    assert!(words.iter().any(over), "{words:?}");
}

/// The process is killed between the commit of a yes and the place in the queue.
#[tokio::test]
async fn what_was_promised_before_a_crash_is_done_at_the_start() {
    let mut world = World::open().await;
    let talk = conversation(&world, 1).await;
    let mut wang = world.sign_in("wang", 2).await;
    wang.connect(&world).await;
    let starts = world.server().state().clock.wall().after(HOUR);
    let invitation = invite(&mut wang, talk, terms(starts, Some(round(2)))).await;
    world.stop().await;
    let ticket = {
        let stores = world.stores().await;
        let lin = CandidateId(Uuid::from_u128(0x0301));
        let by = Talker {
            person: Person::Candidate(lin),
            party: Party::Candidate(lin),
            author: Author::Candidate,
            name: String::new(),
        };
        let command = TalkCommand::Accept { invitation, revision: 1 };
        let wish = TalkWish::Command { conversation: talk, command, plan: None };
        let (id, at) = (ChangeId(Uuid::now_v7()), Clock::system().wall());
        let change = TalkChange { by, id, at, wish, guard: Guard::default() };
        stores.talks.change(change).await.unwrap().await.unwrap().unwrap().unwrap();
        let jobs = stores.talks.due_jobs(at.after(1), 9).await.unwrap();
        let taken = jobs.iter().find_map(|job| match job.task {
            TalkTask::TakeTicket { ticket, .. } => Some(ticket),
            _ => None,
        });
        taken.expect("a place is owed")
    };
    world.start().await;
    wang.connect(&world).await;
    wang.watch(0).await;
    let there = wang.snapshot().await.state.tickets.contains_key(&ticket);
    if !there {
        wang.event("ticket", |e| matches!(e, RoundEvent::TicketTaken { ticket: t, .. } if *t == ticket))
            .await;
    }
}

#[tokio::test]
async fn an_invitation_nobody_answers_expires_by_the_servers_clock() {
    let clock = Clock::manual(Clock::system().wall());
    let world = World::planned(Plan { clock: Some(clock.clone()), ..Plan::default() }).await;
    let (talk, other) = (conversation(&world, 1).await, conversation(&world, 2).await);
    let mut wang = world.recruiter("wang", 2).await;
    let mut lin = world.candidate(1, 1).await;
    wang.follows(None).await;
    lin.follows(None).await;
    let now = clock.wall();
    let invitation = invite(&mut wang, talk, terms(now.after(HOUR), Some(round(2)))).await;
    clock.advance(3 * HOUR as u64);
    // the server's own timers run by real time; a change wakes it before
    invite(&mut wang, other, terms(clock.wall().after(HOUR), Some(round(2)))).await;
    lin.head("expired", |head| *status(head) == InvitationStatus::Expired).await;
    let late = lin.talk(talk, TalkCommand::Accept { invitation, revision: 1 }).await;
    assert_eq!(late, Err(ProblemCode::InvitationOver));
}

/// Waits until the outbox holds a message of this kind to candidate 4; its text.
async fn message(world: &World, kind: SmsKind, part: &str) -> String {
    let outbox = world.server().state().sms.outbox.clone().expect("nothing is really sent");
    let mut news = outbox.watch();
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(message) = outbox.latest(PHONE, kind).filter(|message| message.text.contains(part)) {
                return message.text;
            }
            news.changed().await.unwrap();
        }
    });
    found.await.expect("a message")
}

/// Whoever has agreed gets the code by SMS, hears of a new time and of the end; others get nothing.
#[tokio::test]
async fn messages_carry_the_code_and_tell_of_changes() {
    let world = World::open().await;
    let (wus, lins) = (conversation(&world, 4).await, conversation(&world, 1).await);
    let mut wang = world.recruiter("wang", 2).await;
    let starts = world.server().state().clock.wall().after(HOUR);
    // lin's number is not known
    invite(&mut wang, lins, terms(starts, Some(round(2)))).await;
    let invitation = invite(&mut wang, wus, terms(starts, Some(round(2)))).await;
    let code = world.server().state().secrets.invitation_code(invitation, 0);
    let text = message(&world, SmsKind::Invitation, &code.grouped()).await;
    assert!(text.contains("面谈 2") && text.contains(&format!("/i/{}", code.as_str())), "{text}");
    let later = terms(starts.after(HOUR), Some(round(2)));
    wang.talk(wus, TalkCommand::Amend { invitation, revision: 1, terms: later }).await.unwrap();
    let when = text.split('，').nth(1).unwrap();
    tokio::time::timeout(PATIENCE, async {
        while message(&world, SmsKind::Invitation, &code.grouped()).await.contains(when) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("a message with the new time");
    wang.talk(wus, TalkCommand::Withdraw { invitation, reason: "名额已满".into() }).await.unwrap();
    message(&world, SmsKind::Withdrawal, "面谈 2").await;
    let outbox = world.server().state().sms.outbox.clone().unwrap();
    assert!(outbox.list().iter().all(|message| message.to == PHONE));
    assert_eq!(outbox.list().len(), 3);
}
