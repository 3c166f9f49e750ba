//! Stories told one at a time.

use super::world::*;
use crate::rules::outbox::*;
use crate::wire::live::{Command, MediaReport};
use crate::wire::{Problem, ProblemCode};

#[test]
fn a_note_is_stored_sent_accepted_and_forgotten() {
    let mut lin = Phone::live();
    lin.add(1, note("您好"));
    assert!(lin.store.contains_key(&id(1)));
    assert_eq!(lin.sent(), [id(1)]);
    lin.accept(1, 7);
    assert!(lin.store.is_empty());
    assert_eq!(lin.results(), [(id(1), Ok(7))]);
    assert_eq!(lin.outbox.poll_timeout(), None);
}

#[test]
fn notes_written_in_a_tunnel_go_out_in_order_behind_it() {
    let mut lin = Phone::new();
    for n in 1..=3 {
        lin.add(n, note("…"));
    }
    assert_eq!(lin.sent(), []);
    lin.link_live();
    assert_eq!(lin.sent(), [id(1), id(2), id(3)]);
}

#[test]
fn what_was_not_answered_before_the_break_is_sent_again_after_it() {
    let mut lin = Phone::live();
    for n in 1..=3 {
        lin.add(n, note("…"));
    }
    lin.accept(1, 1);
    lin.link_down();
    lin.link_live();
    assert_eq!(lin.sent(), [id(2), id(3)]);
    // The answer of the first connection arrives late: it is as good as any, and only one counts.
    lin.accept(2, 2);
    lin.accept(2, 2);
    assert_eq!(lin.results(), [(id(1), Ok(1)), (id(2), Ok(2))]);
}

#[test]
fn a_killed_app_sends_what_it_had_stored_in_the_old_order() {
    let mut lin = Phone::new();
    // Ids do not decide the order.
    for n in [9, 4, 7] {
        lin.add(n, note("…"));
    }
    lin.killed_and_opened_again();
    lin.add(1, checked());
    lin.killed_and_opened_again();
    lin.link_live();
    assert_eq!(lin.sent(), [id(9), id(4), id(7), id(1)]);
}

#[test]
fn at_most_thirty_two_are_unanswered() {
    let mut lin = Phone::new();
    for n in 0..40 {
        lin.add(n, note("…"));
    }
    lin.link_live();
    assert_eq!(lin.sent().len(), 32);
    lin.accept(0, 1);
    assert_eq!(lin.sent(), [id(32)]);
}

#[test]
fn a_ring_never_waits_behind_a_full_window() {
    let mut wang = Phone::new();
    for n in 0..40 {
        wang.add(n, note("…"));
    }
    wang.link_live();
    wang.sent();
    wang.add(100, ring(1));
    assert_eq!(wang.sent(), [id(100)]);
}

#[test]
fn a_note_refused_for_good_waits_for_the_person_and_can_be_sent_again() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    lin.add(2, note("…"));
    lin.sent();
    lin.refuse_code(1, ProblemCode::StageWrong);
    assert_eq!(lin.failed.len(), 1);
    assert_eq!(lin.results(), [], "failed is not its end");
    assert_eq!(lin.store[&id(1)].failed.as_ref().map(|p| p.code), Some(ProblemCode::StageWrong));

    lin.killed_and_opened_again();
    lin.link_live();
    assert_eq!(lin.sent(), [id(2)], "it is not sent again by itself");
    lin.tell(Input::Retry(id(1)));
    assert_eq!(lin.sent(), [id(1)]);
    lin.accept(2, 5);
    lin.accept(1, 6);
    assert_eq!(lin.results(), [(id(2), Ok(5)), (id(1), Ok(6))]);
    assert!(lin.store.is_empty());
}

#[test]
fn a_retried_note_stands_behind_what_was_written_since() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    lin.refuse_code(1, ProblemCode::StageWrong);
    lin.link_down();
    lin.add(2, note("…"));
    lin.tell(Input::Retry(id(1)));
    lin.killed_and_opened_again();
    lin.link_live();
    assert_eq!(lin.sent(), [id(2), id(1)]);
}

#[test]
fn a_failed_note_can_be_given_up() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    assert_eq!(lin.outbox.handle(lin.now, Input::Delete(id(1))), Err(Refused::NotFailed));
    lin.refuse_code(1, ProblemCode::TextTooLong);
    lin.tell(Input::Delete(id(1)));
    assert!(lin.store.is_empty());
    assert_eq!(lin.results(), [(id(1), Err(ProblemCode::TextTooLong))]);
    assert_eq!(lin.outbox.handle(lin.now, Input::Retry(id(1))), Err(Refused::NotFailed));
}

#[test]
fn a_server_that_is_out_of_storage_is_asked_again_later_and_nothing_overtakes() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    lin.sent();
    lin.refuse_code(1, ProblemCode::StorageFailed);
    lin.add(2, note("…"));
    assert_eq!(lin.sent(), []);

    let refused = lin.now;
    assert_eq!(lin.wake(), Why::TryAgain);
    assert_eq!(lin.now.since(refused), 2_000);
    assert_eq!(lin.sent(), [id(1)], "one at a time until the server is well");
    lin.accept(1, 1);
    assert_eq!(lin.sent(), [id(2)]);
}

#[test]
fn a_server_that_names_a_time_is_given_it() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    let refused = lin.now;
    lin.refuse(id(1), Problem::from(ProblemCode::TooMany).retry_after(7_500));
    lin.sent();
    lin.wake();
    assert_eq!(lin.now.since(refused), 7_500);
    assert_eq!(lin.sent(), [id(1)]);
}

#[test]
fn a_new_connection_does_not_shorten_the_pause() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    lin.refuse(id(1), Problem::from(ProblemCode::SlowDown).retry_after(60_000));
    lin.link_down();
    lin.link_live();
    assert_eq!(lin.sent(), []);
    lin.wake();
    assert_eq!(lin.sent(), [id(1)]);
}

#[test]
fn one_command_that_the_server_cannot_digest_does_not_hold_up_the_rest_for_ever() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    lin.add(2, note("…"));
    lin.sent();
    lin.accept(2, 1);
    lin.add(3, note("…"));
    lin.sent();
    let begun = lin.now;
    for _ in 1..SERVER_FAILURES_MAX {
        lin.refuse_code(1, ProblemCode::Internal);
        lin.wake();
    }
    lin.refuse_code(1, ProblemCode::Internal);
    assert_eq!(lin.failed.len(), 1);
    assert_eq!(lin.now.since(begun), 2_000 + 4_000 + 8_000 + 16_000 + 32_000);
    lin.accept(3, 2);
    assert_eq!(lin.outbox.durable().count(), 1, "only the failed one is left");
}

#[test]
fn being_slowed_down_is_never_a_failure() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    for _ in 0..50 {
        lin.refuse_code(1, ProblemCode::SlowDown);
        lin.wake();
    }
    assert!(lin.failed.is_empty());
    lin.accept(1, 1);
    assert_eq!(lin.results(), [(id(1), Ok(1))]);
}

#[test]
fn a_ring_that_cannot_be_delivered_is_given_up_after_five_seconds() {
    let mut wang = Phone::new();
    wang.add(1, ring(1));
    let rung = wang.now;
    assert_eq!(wang.wake(), Why::Expires);
    assert_eq!(wang.now.since(rung), 5_000);
    assert_eq!(wang.results(), [(id(1), Err(ProblemCode::TimedOut))]);
    wang.link_live();
    assert_eq!(wang.sent(), []);
}

#[test]
fn a_ring_from_before_the_sleep_does_not_go_out_after_it() {
    let mut wang = Phone::new();
    wang.add(1, ring(1));
    // The phone wakes, and the connection is there before the timer is.
    wang.now = wang.now.after(3_600_000);
    wang.link_live();
    assert_eq!(wang.sent(), []);
    assert_eq!(wang.results(), [(id(1), Err(ProblemCode::TimedOut))]);
}

#[test]
fn a_ring_is_refused_at_once_whatever_the_reason() {
    for code in [ProblemCode::CandidateBusy, ProblemCode::Internal, ProblemCode::SlowDown] {
        let mut wang = Phone::live();
        wang.add(1, ring(1));
        wang.refuse_code(1, code);
        assert_eq!(wang.results(), [(id(1), Err(code))]);
    }
}

#[test]
fn hanging_up_survives_a_break_of_half_a_minute() {
    let mut lin = Phone::live();
    lin.add(1, Command::HangUp { call: call(1) });
    lin.sent();
    lin.link_down();
    lin.now = lin.now.after(29_000);
    lin.link_live();
    assert_eq!(lin.sent(), [id(1)]);
    lin.wake();
    assert_eq!(lin.results(), [(id(1), Err(ProblemCode::TimedOut))]);
}

#[test]
fn hanging_up_is_tried_again_when_the_server_stumbles() {
    let mut lin = Phone::live();
    lin.add(1, Command::HangUp { call: call(1) });
    lin.sent();
    lin.refuse_code(1, ProblemCode::StorageFailed);
    assert_eq!(lin.sent(), []);
    assert_eq!(lin.wake(), Why::TryAgain);
    assert_eq!(lin.sent(), [id(1)]);
}

#[test]
fn only_the_newest_word_about_a_calls_media_is_sent() {
    let mut lin = Phone::new();
    lin.add(1, media(1, MediaReport::Flowing));
    lin.add(2, media(2, MediaReport::Flowing));
    lin.add(3, media(1, MediaReport::OnPhoneCall));
    lin.link_live();
    assert_eq!(lin.sent(), [id(2), id(3)]);
    assert_eq!(lin.results(), [(id(1), Err(ProblemCode::TimedOut))]);
    // Its late answer changes nothing any more.
    lin.accept(1, 9);
    assert_eq!(lin.results().len(), 1);
}

#[test]
fn a_ring_taken_back_before_it_went_out_does_not_ring() {
    let mut wang = Phone::new();
    wang.add(1, ring(1));
    wang.add(2, Command::HangUp { call: call(1) });
    wang.link_live();
    assert_eq!(wang.sent(), [id(2)]);
}

#[test]
fn passing_commands_die_with_the_app() {
    let mut wang = Phone::new();
    wang.add(1, ring(1));
    wang.killed_and_opened_again();
    wang.link_live();
    assert_eq!(wang.sent(), []);
}

#[test]
fn the_same_id_is_taken_once() {
    let mut lin = Phone::live();
    lin.add(1, note("…"));
    let again = add(1, checked());
    assert_eq!(lin.outbox.handle(lin.now, again), Err(Refused::IdTaken));
    assert_eq!(lin.sent(), [id(1)]);
}

#[test]
fn the_outbox_has_an_end() {
    let mut lin = Phone::new();
    for n in 0..u32::try_from(KEPT_MAX).expect("small") {
        lin.outbox.handle(lin.now, add(n, checked())).expect("room");
    }
    let more = add(999_999, checked());
    assert_eq!(lin.outbox.handle(lin.now, more), Err(Refused::Full));
    // Calling still works.
    lin.add(999_999, ring(1));
}

#[test]
fn restoring_comes_first_or_not_at_all() {
    let mut lin = Phone::new();
    lin.add(1, note("…"));
    assert_eq!(lin.outbox.handle(lin.now, Input::Restored(Vec::new())), Err(Refused::RestoredTooLate));
}

#[test]
fn a_stored_command_shows_no_text_in_a_log() {
    let mut lin = Phone::new();
    lin.add(1, note("secret of lin"));
    let shown = format!("{:?}", lin.store[&id(1)]);
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn a_stored_command_reads_back_as_it_was_written() {
    let mut lin = Phone::live();
    lin.add(1, note("您好"));
    lin.refuse_code(1, ProblemCode::StageWrong);
    let stored = &lin.store[&id(1)];
    let text = serde_json::to_string(stored).expect("serialises");
    assert_eq!(&serde_json::from_str::<Stored>(&text).expect("reads"), stored);
}
