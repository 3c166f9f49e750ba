//! Both halves of a call, told as short stories. Lossy links are `tests/sim`'s business.

use super::client::{CallClient, CallStage, Input as C, Output as Do, Refused};
use super::server::{CallServer, Input as S, Output as SOut, Refused as SRefused, Why};
use super::*;
use crate::ids::{CallId, DeviceId, RoundId, TicketId};
use crate::model::Side;
use crate::time::{Moment, Timestamp, WallTime};
use crate::wire::live::{CallFrame, Command, MediaReport};
use uuid::Uuid;

const RING: u64 = 45_000;

fn at(ms: u64) -> Moment {
    Moment { now: Timestamp(ms), wall: WallTime(1_000_000 + ms as i64) }
}

fn device(n: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(n))
}

fn call_id(n: u128) -> CallId {
    CallId(Uuid::from_u128(n))
}

fn ringing() -> CallServer {
    CallServer::ring(at(0), Side::Recruiter, device(1), RING, 0)
}

fn media(side: Side, report: MediaReport) -> S {
    S::Media { side, epoch: 1, report }
}

fn connected() -> CallServer {
    let mut call = ringing();
    call.handle(Timestamp(1_000), S::Answer(device(2))).unwrap();
    call.handle(Timestamp(1_100), media(Side::Recruiter, MediaReport::Flowing)).unwrap();
    call.handle(Timestamp(1_200), media(Side::Candidate, MediaReport::Flowing)).unwrap();
    assert!(matches!(call.phase(Timestamp(1_200)), CallPhase::Connected { .. }));
    call
}

/// Lets the server's clock run to its next timeout and says why it woke.
fn wake(call: &mut CallServer) -> (Timestamp, Why, Option<SOut>) {
    let (due, why) = call.poll_timeout().expect("a timeout is due");
    let out = call.handle(due, S::Timeout).unwrap();
    (due, why, out)
}

#[test]
fn a_ring_nobody_hears_is_nudged_and_then_unreachable() {
    let mut call = ringing();
    let (due, why, out) = wake(&mut call);
    assert_eq!((due, why, out), (Timestamp(NUDGE_AFTER_MS), Why::RingUnreached, Some(SOut::Nudge)));
    let (due, why, _) = wake(&mut call);
    assert_eq!((due, why), (Timestamp(RING), Why::RingOver));
    assert_eq!(call.ended(), Some(EndReason::Unreachable));
    assert_eq!(call.poll_timeout(), None);
}

#[test]
fn a_ring_that_rings_but_is_not_answered_is_missed() {
    let mut call = ringing();
    call.handle(Timestamp(50), S::Reached).unwrap();
    assert_eq!(wake(&mut call).1, Why::RingOver);
    assert_eq!(call.ended(), Some(EndReason::Missed));
}

#[test]
fn declining_cancelling_and_hanging_up_each_have_their_reason() {
    let mut declined = ringing();
    declined.handle(Timestamp(1), S::Decline).unwrap();
    assert_eq!(declined.ended(), Some(EndReason::Declined));

    let mut cancelled = ringing();
    cancelled.handle(Timestamp(1), S::HangUp(Side::Recruiter)).unwrap();
    assert_eq!(cancelled.ended(), Some(EndReason::Cancelled));

    let mut completed = connected();
    completed.handle(Timestamp(61_200), S::HangUp(Side::Recruiter)).unwrap();
    assert_eq!(completed.ended(), Some(EndReason::Completed));
    assert_eq!(completed.talked_ms(Timestamp(99_000)), 60_000);

    let mut left = connected();
    left.handle(Timestamp(2_000), S::HangUp(Side::Candidate)).unwrap();
    assert_eq!(left.ended(), Some(EndReason::LeftByCandidate));
    assert!(EndReason::LeftByCandidate.cut_off());
}

#[test]
fn a_call_ends_once() {
    let mut call = connected();
    call.handle(Timestamp(2_000), S::HangUp(Side::Recruiter)).unwrap();
    for input in [S::HangUp(Side::Candidate), S::Decline, S::Timeout, S::Reached, S::Gone(Side::Candidate)] {
        assert_eq!(call.handle(Timestamp(3_000), input), Err(SRefused::Over));
    }
    assert_eq!(call.ended(), Some(EndReason::Completed));
}

#[test]
fn answering_twice_is_one_answer_and_a_second_device_is_refused() {
    let mut call = ringing();
    call.handle(Timestamp(1), S::Answer(device(2))).unwrap();
    let version = call.version();
    call.handle(Timestamp(2), S::Answer(device(2))).unwrap();
    assert_eq!(call.version(), version);
    assert_eq!(call.handle(Timestamp(3), S::Answer(device(3))), Err(SRefused::AnsweredElsewhere));
}

#[test]
fn media_that_never_comes_up_ends_the_call_and_keeps_the_place() {
    let mut call = ringing();
    call.handle(Timestamp(1_000), S::Answer(device(2))).unwrap();
    call.handle(Timestamp(1_100), media(Side::Recruiter, MediaReport::Flowing)).unwrap();
    let (due, why, _) = wake(&mut call);
    assert_eq!((due, why), (Timestamp(1_000 + CONNECT_LIMIT_MS), Why::ConnectOver));
    assert_eq!(call.ended(), Some(EndReason::ConnectFailed));
}

#[test]
fn a_lost_network_interrupts_for_thirty_seconds_and_talked_time_stands_still() {
    let mut call = connected();
    call.handle(Timestamp(11_200), media(Side::Candidate, MediaReport::Reconnecting)).unwrap();
    let phase = call.phase(Timestamp(20_000));
    assert!(
        matches!(
            phase,
            CallPhase::Interrupted { by: Side::Candidate, why: Interruption::Network, talked_ms: 10_000, .. }
        ),
        "{phase:?}"
    );
    call.handle(Timestamp(21_200), media(Side::Candidate, MediaReport::Flowing)).unwrap();
    assert_eq!(call.talked_ms(Timestamp(22_200)), 11_000);

    call.handle(Timestamp(22_200), media(Side::Recruiter, MediaReport::Reconnecting)).unwrap();
    assert_eq!(wake(&mut call).0, Timestamp(22_200 + INTERRUPTED_LIMIT_MS));
    assert_eq!(call.ended(), Some(EndReason::Lost));
}

#[test]
fn a_phone_call_may_last_ten_minutes_counted_from_its_beginning() {
    let mut call = connected();
    call.handle(Timestamp(2_000), media(Side::Candidate, MediaReport::Reconnecting)).unwrap();
    call.handle(Timestamp(5_000), media(Side::Candidate, MediaReport::OnPhoneCall)).unwrap();
    let (due, why) = call.poll_timeout().unwrap();
    assert_eq!((due, why), (Timestamp(2_000 + PHONE_CALL_LIMIT_MS), Why::InterruptedOver));
    call.handle(Timestamp(300_000), media(Side::Candidate, MediaReport::Flowing)).unwrap();
    assert!(matches!(call.phase(Timestamp(300_000)), CallPhase::Connected { .. }));
}

#[test]
fn a_socket_that_is_back_soon_is_no_interruption() {
    let mut call = connected();
    call.handle(Timestamp(2_000), S::Gone(Side::Candidate)).unwrap();
    assert_eq!(call.poll_timeout(), Some((Timestamp(2_000 + SOCKET_GRACE_MS), Why::SocketGone)));
    call.handle(Timestamp(6_900), S::Back(Side::Candidate)).unwrap();
    assert_eq!(call.poll_timeout(), None);

    call.handle(Timestamp(8_000), S::Gone(Side::Recruiter)).unwrap();
    wake(&mut call);
    let phase = call.phase(Timestamp(13_000));
    assert!(
        matches!(phase, CallPhase::Interrupted { by: Side::Recruiter, why: Interruption::DeviceGone, .. }),
        "{phase:?}"
    );
}

#[test]
fn a_killed_app_is_not_the_other_sides_network() {
    let gone = |call: &CallServer| match call.phase(Timestamp(9_000)) {
        CallPhase::Interrupted { by, why, .. } => (by, why),
        other => panic!("{other:?}"),
    };
    // the recruiter's stack notices that nothing comes any more, after the socket or before it
    let mut call = connected();
    call.handle(Timestamp(2_000), S::Gone(Side::Candidate)).unwrap();
    call.handle(Timestamp(3_000), media(Side::Recruiter, MediaReport::Reconnecting)).unwrap();
    assert_eq!(gone(&call), (Side::Candidate, Interruption::DeviceGone));
    let mut call = connected();
    call.handle(Timestamp(2_000), media(Side::Recruiter, MediaReport::Reconnecting)).unwrap();
    assert_eq!(gone(&call), (Side::Recruiter, Interruption::Network));
    call.handle(Timestamp(3_000), S::Gone(Side::Candidate)).unwrap();
    assert_eq!(gone(&call), (Side::Candidate, Interruption::DeviceGone));
}

#[test]
fn a_killed_app_asks_for_a_rebuild_and_old_reports_are_dropped() {
    let mut call = connected();
    call.handle(Timestamp(2_000), media(Side::Candidate, MediaReport::Rebuild)).unwrap();
    assert_eq!(call.epoch(), 2);
    // the other side's report of the old stack says nothing about the new one
    call.handle(Timestamp(2_100), media(Side::Recruiter, MediaReport::Flowing)).unwrap();
    call.handle(Timestamp(2_200), media(Side::Candidate, MediaReport::Rebuild)).unwrap();
    assert_eq!(call.epoch(), 2, "a repeated request of the same epoch is the same request");
    for side in [Side::Candidate, Side::Recruiter] {
        call.handle(Timestamp(2_500), S::Media { side, epoch: 2, report: MediaReport::Flowing }).unwrap();
    }
    assert!(matches!(call.phase(Timestamp(2_500)), CallPhase::Connected { .. }));
}

#[test]
fn after_a_restart_of_the_server_the_call_waits_for_its_devices() {
    let mut call = CallServer::restored(at(50_000), Side::Recruiter, device(1), device(2), 7_000, 3);
    assert!(call.is_answered());
    for side in [Side::Candidate, Side::Recruiter] {
        call.handle(Timestamp(51_000), S::Media { side, epoch: 3, report: MediaReport::Flowing }).unwrap();
    }
    assert!(matches!(call.phase(Timestamp(52_000)), CallPhase::Connected { talked_ms: 8_000, .. }));
    let mut nobody = CallServer::restored(at(50_000), Side::Recruiter, device(1), device(2), 7_000, 3);
    wake(&mut nobody);
    assert_eq!(nobody.ended(), Some(EndReason::Lost));
}

// ---- the device's half -------------------------------------------------------------------------

fn round() -> RoundId {
    RoundId(Uuid::from_u128(70))
}

fn ticket() -> TicketId {
    TicketId(Uuid::from_u128(80))
}

fn frame(side: Side, version: u64, phase: CallPhase) -> C {
    C::Frame(Box::new(CallFrame {
        call: call_id(9),
        round: round(),
        ticket: ticket(),
        version,
        side,
        with: "青禾科技".into(),
        phase,
    }))
}

fn plan(epoch: u32) -> MediaPlan {
    MediaPlan { epoch, ice: Vec::new(), path: crate::signal::MediaPath::Direct }
}

fn outputs(client: &mut CallClient) -> Vec<Do> {
    std::iter::from_fn(|| client.poll_output()).filter(|o| *o != Do::Changed).collect()
}

fn ring_frame(side: Side) -> C {
    frame(side, 1, CallPhase::Ringing { by: Side::Recruiter, left_ms: 45_000, reached: false })
}

fn said(command: Command) -> Do {
    Do::Command { round: round(), command }
}

#[test]
fn a_candidates_phone_rings_answers_and_starts_media_only_then() {
    let mut lin = CallClient::default();
    lin.handle(Timestamp(0), ring_frame(Side::Candidate)).unwrap();
    assert_eq!(
        outputs(&mut lin),
        [Do::Ringtone(true), Do::Prepare, said(Command::Reached { call: call_id(9) })]
    );
    lin.handle(Timestamp(5), C::Answer).unwrap();
    assert_eq!(outputs(&mut lin), [Do::Ringtone(false), said(Command::Answer { call: call_id(9) })]);
    assert_eq!(lin.view().unwrap().stage, CallStage::Connecting, "the press shows at once");
    lin.handle(Timestamp(6), frame(Side::Candidate, 2, CallPhase::Connecting { plan: plan(1) })).unwrap();
    assert_eq!(
        outputs(&mut lin),
        [Do::Ringtone(false), Do::StartMedia { call: call_id(9), plan: plan(1), offers: false }]
    );
    lin.handle(Timestamp(7), C::MediaFlows { epoch: 1 }).unwrap();
    assert_eq!(
        outputs(&mut lin),
        [said(Command::Media { call: call_id(9), epoch: 1, state: MediaReport::Flowing })]
    );
}

#[test]
fn pressing_answer_twice_answers_once() {
    let mut lin = CallClient::default();
    lin.handle(Timestamp(0), ring_frame(Side::Candidate)).unwrap();
    lin.handle(Timestamp(1), C::Answer).unwrap();
    outputs(&mut lin);
    assert_eq!(lin.handle(Timestamp(2), C::Answer), Err(Refused::NoCall));
    assert_eq!(outputs(&mut lin), []);
}

#[test]
fn a_recruiter_rings_one_at_a_time() {
    let mut wang = CallClient::default();
    let ring = |n| C::Ring { call: call_id(n), round: round(), ticket: ticket() };
    wang.handle(Timestamp(0), ring(9)).unwrap();
    assert_eq!(wang.handle(Timestamp(1), ring(10)), Err(Refused::Busy));
    wang.handle(Timestamp(2), C::RingRefused(call_id(9))).unwrap();
    assert!(wang.view().is_none());
    wang.handle(Timestamp(3), ring(11)).unwrap();
    let (due, _) = wang.poll_timeout().unwrap();
    wang.handle(due, C::Timeout).unwrap();
    assert!(wang.view().is_none(), "a ring the server never confirmed is given up");
}

#[test]
fn a_late_frame_changes_nothing() {
    let mut lin = CallClient::default();
    lin.handle(Timestamp(0), ring_frame(Side::Candidate)).unwrap();
    lin.handle(Timestamp(1), C::Answer).unwrap();
    lin.handle(Timestamp(2), frame(Side::Candidate, 3, CallPhase::Connected { talked_ms: 0, plan: plan(1) }))
        .unwrap();
    lin.handle(Timestamp(3), frame(Side::Candidate, 2, CallPhase::Connecting { plan: plan(1) })).unwrap();
    assert!(matches!(lin.view().unwrap().stage, CallStage::Connected { .. }));
}

#[test]
fn an_app_started_again_in_a_call_asks_for_a_rebuild_and_follows_it() {
    let mut lin = CallClient::default();
    let connected = |version, epoch| {
        frame(Side::Candidate, version, CallPhase::Connected { talked_ms: 9, plan: plan(epoch) })
    };
    lin.handle(Timestamp(0), connected(5, 1)).unwrap();
    let rebuild = said(Command::Media { call: call_id(9), epoch: 1, state: MediaReport::Rebuild });
    assert_eq!(outputs(&mut lin), [rebuild]);
    lin.handle(Timestamp(1), connected(6, 2)).unwrap();
    assert!(outputs(&mut lin).contains(&Do::StartMedia { call: call_id(9), plan: plan(2), offers: false }));
}

#[test]
fn the_other_side_replaces_its_stack_when_the_epoch_grows() {
    let mut wang = CallClient::default();
    wang.handle(Timestamp(0), C::Ring { call: call_id(9), round: round(), ticket: ticket() }).unwrap();
    wang.handle(Timestamp(1), frame(Side::Recruiter, 2, CallPhase::Connecting { plan: plan(1) })).unwrap();
    outputs(&mut wang);
    wang.handle(
        Timestamp(2),
        frame(Side::Recruiter, 3, CallPhase::Connected { talked_ms: 0, plan: plan(2) }),
    )
    .unwrap();
    assert_eq!(
        outputs(&mut wang),
        [
            Do::StopMedia,
            Do::Ringtone(false),
            Do::StartMedia { call: call_id(9), plan: plan(2), offers: true }
        ]
    );
    wang.handle(Timestamp(3), C::MediaFlows { epoch: 1 }).unwrap();
    assert_eq!(outputs(&mut wang), [], "a stack of an old epoch has nothing to say");
}

#[test]
fn a_telephone_call_pauses_and_is_told() {
    let mut lin = CallClient::default();
    lin.handle(Timestamp(0), ring_frame(Side::Candidate)).unwrap();
    lin.handle(Timestamp(1), C::Answer).unwrap();
    lin.handle(Timestamp(2), frame(Side::Candidate, 2, CallPhase::Connecting { plan: plan(1) })).unwrap();
    lin.handle(Timestamp(3), C::MediaFlows { epoch: 1 }).unwrap();
    outputs(&mut lin);
    lin.handle(Timestamp(4), C::PhoneCall(true)).unwrap();
    let report = |state| said(Command::Media { call: call_id(9), epoch: 1, state });
    assert_eq!(outputs(&mut lin), [Do::PauseMedia(true), report(MediaReport::OnPhoneCall)]);
    lin.handle(Timestamp(5), C::PhoneCall(false)).unwrap();
    assert_eq!(outputs(&mut lin), [Do::PauseMedia(false), report(MediaReport::Flowing)]);
}

#[test]
fn hanging_up_stops_media_before_the_server_says_so() {
    let mut wang = CallClient::default();
    wang.handle(Timestamp(0), C::Ring { call: call_id(9), round: round(), ticket: ticket() }).unwrap();
    wang.handle(Timestamp(1), frame(Side::Recruiter, 2, CallPhase::Connecting { plan: plan(1) })).unwrap();
    outputs(&mut wang);
    wang.handle(Timestamp(2), C::HangUp).unwrap();
    assert_eq!(
        outputs(&mut wang),
        [said(Command::HangUp { call: call_id(9) }), Do::Ringtone(false), Do::StopMedia]
    );
    assert_eq!(wang.handle(Timestamp(3), C::HangUp), Err(Refused::NoCall));
    wang.handle(
        Timestamp(4),
        frame(Side::Recruiter, 9, CallPhase::Ended { reason: EndReason::Completed, talked_ms: 1 }),
    )
    .unwrap();
    wang.handle(Timestamp(5), C::Dismiss).unwrap();
    assert!(wang.view().is_none());
}

#[test]
fn declining_shows_at_once_and_an_answer_after_it_is_refused() {
    let mut lin = CallClient::default();
    lin.handle(Timestamp(0), ring_frame(Side::Candidate)).unwrap();
    lin.handle(Timestamp(1), C::Decline).unwrap();
    outputs(&mut lin);
    let over = CallStage::Ended { reason: EndReason::Declined, talked_ms: 0 };
    assert_eq!(lin.view().unwrap().stage, over);
    assert_eq!(lin.handle(Timestamp(2), C::Answer), Err(Refused::NoCall));
}

#[test]
fn hung_up_without_a_network_stays_hung_up() {
    let mut lin = CallClient::default();
    let connected =
        |version| frame(Side::Candidate, version, CallPhase::Connected { talked_ms: 9, plan: plan(1) });
    lin.handle(Timestamp(0), ring_frame(Side::Candidate)).unwrap();
    lin.handle(Timestamp(1), C::Answer).unwrap();
    lin.handle(Timestamp(2), connected(2)).unwrap();
    lin.handle(Timestamp(3), C::HangUp).unwrap();
    lin.handle(Timestamp(4), C::Dismiss).unwrap();
    assert!(lin.view().is_none(), "nobody is kept on a screen for want of a network");
    outputs(&mut lin);
    // the server never heard of it and believes in the call
    lin.handle(Timestamp(60_000), connected(7)).unwrap();
    assert_eq!(outputs(&mut lin), [said(Command::HangUp { call: call_id(9) })]);
    assert!(lin.view().is_none());
    let ended = CallPhase::Ended { reason: EndReason::LeftByCandidate, talked_ms: 9 };
    lin.handle(Timestamp(60_100), frame(Side::Candidate, 8, ended)).unwrap();
    assert_eq!(outputs(&mut lin), []);
}
