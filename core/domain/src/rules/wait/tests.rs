use super::*;
use crate::ids::*;
use crate::model::*;
use crate::rules::call::EndReason;
use crate::rules::round::RoundEvent;
use crate::time::WallTime;
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A round with so many candidates in line.
fn hall(candidates: u128) -> RoundState {
    let mut state = RoundState::new(RoundInfo {
        id: RoundId(id(1)),
        name: "软件类岗位面谈".into(),
        employer: "青禾科技".into(),
        stages: vec![Stage::Interview, Stage::Closed],
        starts: WallTime(0),
        ends: WallTime(1),
        identity: IdentityRule::NotRequired,
        ring_ms: 45_000,
        grace_ms: 600_000,
    });
    for n in 0..candidates {
        let card = CandidateCard {
            id: CandidateId(id(n)),
            name: "林".into(),
            headline: String::new(),
            position: String::new(),
        };
        let ticket = TicketId(id(n));
        state.apply(
            WallTime(0),
            &RoundEvent::TicketTaken { ticket, card, number: n as u32 + 1, appointed: None },
        );
    }
    state
}

/// Candidate `n` talked with `member` for so many minutes.
fn interviewed(state: &mut RoundState, n: u128, member: u128, minutes: u64) {
    let (call, ticket) = (CallId(id(100 + n)), TicketId(id(n)));
    let (member, device) = (MemberId(id(member)), DeviceId(id(1)));
    let talked_ms = minutes * 60_000;
    let at = WallTime(n as i64 * 1_000_000);
    state.apply(at, &RoundEvent::CallStarted { call, ticket, member, by: Side::Recruiter, device });
    let over = RoundEvent::CallEnded { call, ticket, reason: EndReason::Completed, talked_ms };
    state.apply(at.after(talked_ms as i64), &over);
}

#[test]
fn nobody_is_told_a_time_that_nobody_knows() {
    let mut hall = hall(8);
    assert_eq!(Pace::of(&hall).range(2), None);
    interviewed(&mut hall, 0, 1, 10);
    interviewed(&mut hall, 1, 1, 10);
    assert_eq!(Pace::of(&hall).range(2), None, "two interviews are no pace");
}

#[test]
fn the_range_follows_the_rounds_own_pace() {
    let mut hall = hall(8);
    for n in 0..3 {
        interviewed(&mut hall, n, 1, 10);
    }
    // 10 min and 45 s each; two before Lin
    assert_eq!(Pace::of(&hall).range(2), Some(WaitRange { from_min: 21, to_min: 33 }));
    assert_eq!(Pace::of(&hall).range(0), Some(WaitRange { from_min: 0, to_min: 11 }));
}

#[test]
fn two_recruiters_are_twice_as_fast() {
    let mut hall = hall(12);
    for n in 0..6 {
        interviewed(&mut hall, n, 1 + n % 2, 10);
    }
    assert_eq!(Pace::of(&hall).range(4), Some(WaitRange { from_min: 21, to_min: 33 }));
}

#[test]
fn uneven_interviews_make_a_wide_range() {
    let mut hall = hall(10);
    for (n, minutes) in [3, 5, 8, 20, 30].into_iter().enumerate() {
        interviewed(&mut hall, n as u128, 1, minutes);
    }
    let range = Pace::of(&hall).range(1).expect("known");
    assert!(range.from_min <= 6 && range.to_min >= 41, "{range:?}");
}

#[test]
fn outside_the_interviews_nothing_is_estimated() {
    let mut hall = hall(8);
    for n in 0..4 {
        interviewed(&mut hall, n, 1, 10);
    }
    let by = MemberId(id(1));
    hall.apply(WallTime(1), &RoundEvent::StageMoved { to: Stage::Closed, by });
    assert_eq!(Pace::of(&hall).range(0), None);
}

#[test]
fn lins_room_tells_it_while_lin_waits_and_not_after() {
    let mut hall = hall(5);
    for n in 0..3 {
        interviewed(&mut hall, n, 1, 10);
    }
    let room = |hall: &RoundState, n| hall.room(TicketId(id(n))).expect("a room");
    assert_eq!(room(&hall, 4).wait, Some(WaitRange { from_min: 10, to_min: 22 }));
    assert_eq!(room(&hall, 0).wait, None);
}
