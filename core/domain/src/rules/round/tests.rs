//! A round with people in it.

use super::server::{Actor, Input, Output, RoundServer};
use super::*;
use crate::ids::*;
use crate::model::*;
use crate::rules::call::EndReason;
use crate::time::{Moment, Timestamp, WallTime};
use crate::wire::live::{Command, MediaReport, RoomPlace};
use crate::wire::{Problem, ProblemCode};
use uuid::Uuid;

const GRACE: u64 = 600_000;

fn device(n: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(1_000 + n))
}

fn ticket(n: u128) -> TicketId {
    TicketId(Uuid::from_u128(n))
}

fn call(n: u128) -> CallId {
    CallId(Uuid::from_u128(5_000 + n))
}

/// The round with a store that always grants slots (unless told otherwise), and its log.
struct Hall {
    round: RoundServer,
    now: u64,
    changes: u128,
    log: Vec<RoundEvent>,
    out: Vec<Output>,
    busy: Option<Side>,
}

impl Hall {
    fn new(stages: &[Stage]) -> Self {
        let info = RoundInfo {
            id: RoundId(Uuid::from_u128(1)),
            name: "软件类岗位面谈".into(),
            employer: "青禾科技".into(),
            stages: stages.to_vec(),
            starts: WallTime(0),
            ends: WallTime(i64::MAX),
            identity: IdentityRule::NotRequired,
            ring_ms: 45_000,
            grace_ms: GRACE,
        };
        let round = RoundServer::restored(Moment::default(), RoundState::new(info));
        Self { round, now: 0, changes: 0, log: Vec::new(), out: Vec::new(), busy: None }
    }

    fn open() -> Self {
        Self::new(&[Stage::Interview, Stage::Announcement, Stage::Closed])
    }

    fn at(&self) -> Moment {
        Moment { now: Timestamp(self.now), wall: WallTime(self.now as i64) }
    }

    fn feed(&mut self, input: Input) {
        self.round.handle(self.at(), input);
        while let Some(output) = self.round.poll_output() {
            match &output {
                Output::Persist { seq, event, .. } => {
                    self.log.push(event.clone());
                    assert_eq!(*seq as usize, self.log.len(), "numbers have no gaps");
                }
                Output::ClaimSlots { call, .. } => {
                    let call = *call;
                    match self.busy {
                        None => self.round.handle(self.at(), Input::SlotsClaimed(call)),
                        Some(who) => self.round.handle(self.at(), Input::SlotsBusy { call, who }),
                    }
                }
                Output::FreeSlots { .. }
                | Output::Reply { .. }
                | Output::Room(_)
                | Output::Call(_)
                | Output::Presence { .. }
                | Output::Nudge { .. } => {}
            }
            self.out.push(output);
        }
    }

    /// One command, and its answer.
    fn ask(&mut self, by: Actor, command: Command) -> Result<u64, Problem> {
        self.changes += 1;
        let id = ChangeId(Uuid::from_u128(self.changes));
        self.out.clear();
        self.feed(Input::Command { by, id, command });
        let answers: Vec<_> = self
            .out
            .iter()
            .filter_map(|o| match o {
                Output::Reply { id: of, result, .. } if *of == id => Some(result.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(answers.len(), 1, "every command is answered once");
        answers.into_iter().next().unwrap()
    }

    fn refused(&mut self, by: Actor, command: Command) -> ProblemCode {
        self.ask(by, command).expect_err("refused").code
    }

    fn candidate(&mut self, n: u128, name: &str, appointed: Option<i64>) -> Actor {
        let card = CandidateCard {
            id: CandidateId(Uuid::from_u128(100 + n)),
            name: name.into(),
            headline: String::new(),
            position: String::new(),
        };
        self.feed(Input::Take { ticket: ticket(n), card, appointed: appointed.map(WallTime) });
        self.presence(n, Presence::Ready);
        Actor::Candidate { ticket: ticket(n), device: device(n) }
    }

    fn presence(&mut self, n: u128, presence: Presence) {
        self.feed(Input::Presence { ticket: ticket(n), device: device(n), presence });
    }

    fn recruiter(n: u128) -> Actor {
        Actor::Member {
            member: MemberId(Uuid::from_u128(200 + n)),
            role: MemberRole::Owner,
            device: device(50 + n),
        }
    }

    fn line(&self) -> Vec<u32> {
        self.round.state().line().iter().map(|t| t.number).collect()
    }

    fn status(&self, n: u128) -> TicketStatus {
        self.round.state().tickets[&ticket(n)].status
    }

    fn ring(&mut self, by: Actor, n: u128, c: u128) -> Result<u64, Problem> {
        self.ask(by, Command::Ring { call: call(c), ticket: ticket(n) })
    }

    /// Ring, answer, media on both sides.
    fn connect(&mut self, wang: Actor, lin: Actor, n: u128, c: u128) {
        self.ring(wang, n, c).unwrap();
        self.ask(lin, Command::Answer { call: call(c) }).unwrap();
        for who in [wang, lin] {
            self.ask(who, Command::Media { call: call(c), epoch: 1, state: MediaReport::Flowing }).unwrap();
        }
        let stage = CallMark::Connected;
        assert_eq!(self.status(n), TicketStatus::InCall { call: call(c), stage });
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some((due, _)) = self.round.poll_timeout(self.at()) {
            if due.0 > end {
                break;
            }
            self.now = self.now.max(due.0);
            self.feed(Input::Timeout);
        }
        self.now = end;
    }
}

#[test]
fn lin_is_rung_talks_and_confirms_the_result() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    let wang = Hall::recruiter(1);
    hall.connect(wang, lin, 1, 1);
    hall.now += 60_000;
    hall.ask(wang, Command::MarkOutcome { ticket: ticket(1), outcome: Outcome::Suitable }).unwrap();
    hall.ask(wang, Command::HangUp { call: call(1) }).unwrap();
    assert_eq!(hall.status(1), TicketStatus::Interviewed);
    let room = hall.round.state().room(ticket(1)).unwrap();
    assert_eq!((room.place, room.announced), (RoomPlace::Interviewed, None), "internal until announced");

    assert_eq!(
        hall.refused(wang, Command::Announce { tickets: vec![ticket(1)] }),
        ProblemCode::StageWrong,
        "not in the announcement stage yet"
    );
    hall.ask(wang, Command::MoveStage { to: Stage::Announcement }).unwrap();
    assert_eq!(
        hall.refused(lin, Command::Confirm { accepted: true, comment: String::new() }),
        ProblemCode::NotAnnounced
    );
    hall.ask(wang, Command::Announce { tickets: vec![ticket(1)] }).unwrap();
    hall.ask(lin, Command::Confirm { accepted: true, comment: String::new() }).unwrap();
    assert_eq!(
        hall.refused(lin, Command::Confirm { accepted: false, comment: String::new() }),
        ProblemCode::AlreadyConfirmed
    );
    let announced = hall.round.state().room(ticket(1)).unwrap().announced.unwrap();
    assert_eq!(announced.outcome, Outcome::Suitable);
    assert!(announced.confirmation.unwrap().accepted);
}

#[test]
fn the_line_is_appointed_time_then_number() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    hall.candidate(2, "陈", Some(10_000));
    hall.candidate(3, "周", Some(5_000));
    hall.candidate(4, "吴", Some(10_000));
    assert_eq!(hall.line(), [3, 2, 4, 1]);
    let room = hall.round.state().room(ticket(1)).unwrap();
    assert_eq!(room.place, RoomPlace::Waiting { ahead: 3 });
}

#[test]
fn absent_at_ones_turn_keeps_the_place_for_the_grace_and_then_goes_behind() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    hall.candidate(2, "陈", None);
    hall.candidate(3, "周", None);
    let wang = Hall::recruiter(1);
    hall.presence(1, Presence::Offline);
    assert_eq!(hall.round.state().next_ready(|t| hall.round.presence(t)), Some(ticket(2)));
    hall.ring(wang, 2, 1).unwrap();
    assert!(matches!(hall.status(1), TicketStatus::Skipped { .. }));
    hall.ask(wang, Command::HangUp { call: call(1) }).unwrap();

    // back within the grace: still first
    hall.wait(GRACE - 1_000);
    hall.presence(1, Presence::Ready);
    assert_eq!(hall.status(1), TicketStatus::Waiting);
    assert_eq!(hall.line(), [1, 2, 3]);

    // away again for longer than the grace
    hall.presence(1, Presence::Offline);
    hall.ring(wang, 2, 2).unwrap();
    hall.ask(wang, Command::HangUp { call: call(2) }).unwrap();
    hall.wait(GRACE);
    assert_eq!(hall.line(), [2, 3, 1]);
    assert_eq!(hall.round.state().tickets.len(), 3, "a ticket is never lost");
}

#[test]
fn someone_on_the_telephone_is_not_absent() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    hall.candidate(2, "陈", None);
    hall.presence(1, Presence::OnPhoneCall);
    hall.ring(Hall::recruiter(1), 2, 1).unwrap();
    assert_eq!(hall.status(1), TicketStatus::Waiting);
}

#[test]
fn two_recruiters_ring_one_candidate_and_one_is_told_busy() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    hall.ring(Hall::recruiter(1), 1, 1).unwrap();
    assert_eq!(hall.ring(Hall::recruiter(2), 1, 2).unwrap_err().code, ProblemCode::CandidateBusy);
    // pressing twice is the same ring
    hall.ring(Hall::recruiter(1), 1, 1).unwrap();
    assert_eq!(hall.log.iter().filter(|e| matches!(e, RoundEvent::CallStarted { .. })).count(), 1);
}

#[test]
fn the_stores_word_decides_about_busy_people() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    hall.busy = Some(Side::Recruiter);
    assert_eq!(hall.ring(Hall::recruiter(1), 1, 1).unwrap_err().code, ProblemCode::RecruiterBusy);
    assert_eq!(hall.status(1), TicketStatus::Waiting);
    hall.busy = None;
    hall.ring(Hall::recruiter(1), 1, 2).unwrap();
}

#[test]
fn a_lost_call_keeps_the_place_and_either_side_calls_again() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    hall.candidate(2, "陈", None);
    let wang = Hall::recruiter(1);
    hall.connect(wang, lin, 1, 1);
    hall.now += 10_000;
    hall.feed(Input::Disconnected(device(1)));
    hall.wait(60_000);
    assert_eq!(hall.status(1), TicketStatus::CutOff { call: call(1) });
    assert_eq!(hall.line(), [1, 2]);
    let room = hall.round.state().room(ticket(1)).unwrap();
    assert!(
        matches!(room.place, RoomPlace::CutOff { talked_ms, .. } if talked_ms >= 10_000),
        "{:?}",
        room.place
    );

    hall.presence(1, Presence::Ready);
    hall.ring(lin, 1, 2).unwrap();
    // the recruiter presses "call again" at the same moment: one call, answered
    hall.ring(wang, 1, 3).unwrap();
    let stage = CallMark::Connecting;
    assert_eq!(hall.status(1), TicketStatus::InCall { call: call(2), stage });
}

#[test]
fn a_candidate_cannot_ring_out_of_the_blue() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    hall.candidate(2, "陈", None);
    assert_eq!(hall.ring(lin, 1, 1).unwrap_err().code, ProblemCode::NotAllowed);
    assert_eq!(hall.ring(lin, 2, 1).unwrap_err().code, ProblemCode::NotAllowed);
}

#[test]
fn nobody_meddles_with_anothers_call() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    let chen = hall.candidate(2, "陈", None);
    let (wang, zhao) = (Hall::recruiter(1), Hall::recruiter(2));
    hall.ring(wang, 1, 1).unwrap();
    for command in [
        Command::Answer { call: call(1) },
        Command::Decline { call: call(1) },
        Command::HangUp { call: call(1) },
        Command::Media { call: call(1), epoch: 1, state: MediaReport::Flowing },
    ] {
        assert_eq!(hall.refused(chen, command.clone()), ProblemCode::CallUnknown);
        assert_eq!(hall.refused(zhao, command), ProblemCode::CallUnknown);
    }
    assert_eq!(hall.refused(wang, Command::Answer { call: call(1) }), ProblemCode::NotAllowed);
    assert_eq!(hall.refused(lin, Command::Answer { call: call(7) }), ProblemCode::CallUnknown);
    hall.ask(lin, Command::Decline { call: call(1) }).unwrap();
    assert_eq!(hall.refused(lin, Command::Answer { call: call(1) }), ProblemCode::CallOver);
    assert_eq!(hall.status(1), TicketStatus::Waiting, "declining costs no place");
}

#[test]
fn candidates_do_not_host_and_panellists_do_not_decide() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    let panellist = Actor::Member {
        member: MemberId(Uuid::from_u128(9)),
        role: MemberRole::Panellist,
        device: device(90),
    };
    for command in [
        Command::MoveStage { to: Stage::Closed },
        Command::MarkOutcome { ticket: ticket(1), outcome: Outcome::Suitable },
        Command::Announce { tickets: vec![ticket(1)] },
    ] {
        assert_eq!(hall.refused(lin, command.clone()), ProblemCode::NotAllowed);
        assert_eq!(hall.refused(panellist, command), ProblemCode::NotAllowed);
    }
}

#[test]
fn pending_and_missing_outcomes_are_not_announced() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    hall.candidate(2, "陈", None);
    let wang = Hall::recruiter(1);
    hall.ask(wang, Command::MarkOutcome { ticket: ticket(1), outcome: Outcome::Pending }).unwrap();
    hall.ask(wang, Command::MoveStage { to: Stage::Announcement }).unwrap();
    let both = Command::Announce { tickets: vec![ticket(1), ticket(2)] };
    assert_eq!(hall.refused(wang, both.clone()), ProblemCode::OutcomePending);
    hall.ask(wang, Command::MarkOutcome { ticket: ticket(1), outcome: Outcome::Unsuitable }).unwrap();
    assert_eq!(hall.refused(wang, both), ProblemCode::OutcomeMissing);
    assert!(hall.round.state().tickets[&ticket(1)].announced.is_none(), "all or nothing");
}

#[test]
fn rings_belong_to_the_interview_stage() {
    let mut hall = Hall::new(&[Stage::Briefing, Stage::Interview, Stage::Closed]);
    hall.candidate(1, "林", None);
    let wang = Hall::recruiter(1);
    assert_eq!(hall.ring(wang, 1, 1).unwrap_err().code, ProblemCode::StageWrong);
    assert_eq!(hall.refused(wang, Command::MoveStage { to: Stage::Announcement }), ProblemCode::StageWrong);
    hall.ask(wang, Command::MoveStage { to: Stage::Interview }).unwrap();
    hall.ring(wang, 1, 1).unwrap();
}

#[test]
fn texts_have_limits_and_only_ones_own_ticket() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    hall.candidate(2, "陈", None);
    let note = |n, text: &str| Command::Note { ticket: ticket(n), text: text.into() };
    hall.ask(lin, note(1, "您好")).unwrap();
    assert_eq!(hall.refused(lin, note(2, "您好")), ProblemCode::TicketUnknown);
    assert_eq!(hall.refused(lin, note(1, "  ")), ProblemCode::TextEmpty);
    assert_eq!(hall.refused(lin, note(1, &"长".repeat(TEXT_MAX_CHARS + 1))), ProblemCode::TextTooLong);
    hall.ask(lin, note(1, &"长".repeat(TEXT_MAX_CHARS))).unwrap();
}

#[test]
fn a_ticket_full_of_texts_says_so_for_good_and_holds_nothing_up() {
    use crate::rules::outbox::RefusalClass;
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    let note = || Command::Note { ticket: ticket(1), text: "您好".into() };
    for _ in 0..super::server::NOTES_MAX {
        hall.ask(lin, note()).unwrap();
    }
    let code = hall.refused(lin, note());
    assert_eq!((code, RefusalClass::of(code)), (ProblemCode::NotesFull, RefusalClass::ForGood));
}

#[test]
fn identity_is_never_a_matter_of_a_report() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    let claim = Command::CheckIn { step: CheckInStep::Identity, outcome: StepOutcome::Passed };
    assert_eq!(hall.refused(lin, claim), ProblemCode::IdentityNeeded);
}

#[test]
fn a_round_restored_from_its_log_is_the_same_round() {
    let mut hall = Hall::open();
    let lin = hall.candidate(1, "林", None);
    let chen = hall.candidate(2, "陈", None);
    let (wang, zhao) = (Hall::recruiter(1), Hall::recruiter(2));
    hall.connect(wang, lin, 1, 1);
    hall.ring(zhao, 2, 2).unwrap();
    let _ = chen;

    let mut state = RoundState::new(hall.round.state().info.clone());
    for event in &hall.log {
        state.apply(WallTime(hall.now as i64), event);
    }
    assert_eq!(state.seq, hall.round.state().seq);
    hall.now += 3_000;
    hall.round = RoundServer::restored(hall.at(), state);
    hall.feed(Input::Timeout);
    assert_eq!(hall.status(2), TicketStatus::Waiting, "a ring does not outlive the server");
    for who in [wang, lin] {
        hall.feed(Input::Connected(who.device()));
        hall.ask(who, Command::Media { call: call(1), epoch: 1, state: MediaReport::Flowing }).unwrap();
    }
    let stage = CallMark::Connected;
    assert_eq!(hall.status(1), TicketStatus::InCall { call: call(1), stage });
    hall.ask(wang, Command::HangUp { call: call(1) }).unwrap();
    let ends = hall
        .log
        .iter()
        .filter(|e| matches!(e, RoundEvent::CallEnded { call: c, reason: EndReason::Completed, .. } if *c == call(1)))
        .count();
    assert_eq!(ends, 1);
}

#[test]
fn a_ring_cancelled_before_the_store_spoke_comes_to_nothing() {
    let mut hall = Hall::open();
    hall.candidate(1, "林", None);
    let wang = Hall::recruiter(1);
    let at = hall.at();
    let change = |n| ChangeId(Uuid::from_u128(n));
    let ring = Command::Ring { call: call(1), ticket: ticket(1) };
    hall.round.handle(at, Input::Command { by: wang, id: change(1), command: ring });
    let hang_up = Command::HangUp { call: call(1) };
    hall.round.handle(at, Input::Command { by: wang, id: change(2), command: hang_up });
    hall.round.handle(at, Input::SlotsClaimed(call(1)));
    let outputs: Vec<_> = std::iter::from_fn(|| hall.round.poll_output()).collect();
    assert!(outputs.contains(&Output::FreeSlots { call: call(1) }), "{outputs:?}");
    assert_eq!(hall.status(1), TicketStatus::Waiting);
    assert_eq!(hall.round.calls().count(), 0);
}
