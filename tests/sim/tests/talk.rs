//! Half a million steps of talk, and each promise shown to fire.
//!
//! `MIANTAN_SIM_SEED=n` starts from another seed; a failure prints the seed that brings it back.

use miantan_sim::talk::{Check, Fault, run};

const STEPS_PER_SEED: u64 = 5_000;

#[test]
fn half_a_million_steps_of_talk_lose_double_and_swap_nothing() {
    let first: u64 = std::env::var("MIANTAN_SIM_SEED").map_or(20_261_124, |n| n.parse().expect("a number"));
    let (mut steps, mut entries, mut acknowledged) = (0, 0, 0);
    for seed in first..first + 100 {
        let report = run(seed, STEPS_PER_SEED, None);
        assert!(report.broken.is_empty(), "MIANTAN_SIM_SEED={seed} broke: {:#?}", report.broken);
        steps += report.steps;
        entries += report.entries;
        acknowledged += report.acknowledged;
    }
    println!("seeds from {first}: {steps} steps, {entries} entries, {acknowledged} acknowledged");
    assert!(acknowledged > 20_000, "the scripts really get somewhere: {acknowledged}");
}

/// The broken rule is noticed, and noticed by the check that stands for it.
fn fires(fault: Fault, check: Check) {
    let found = (1..=60).find_map(|seed| run(seed, STEPS_PER_SEED, Some(fault)).broken.into_iter().next());
    let found = found.unwrap_or_else(|| panic!("{fault:?} went unnoticed"));
    assert_eq!(found.check, check, "{}", found.what);
}

#[test]
fn a_doubled_message_is_noticed() {
    fires(Fault::ForgetsIds, Check::ExactlyOnce);
}

#[test]
fn an_acknowledged_message_that_is_nowhere_is_noticed() {
    fires(Fault::AcknowledgesUnwritten, Check::ExactlyOnce);
}

#[test]
fn messages_that_overtake_each_other_are_noticed() {
    fires(Fault::NoLaneGuard, Check::InOrder);
}

#[test]
fn a_lost_tail_is_noticed() {
    fires(Fault::LosesTail, Check::ExactlyOnce);
}

#[test]
fn a_device_that_counts_too_early_misses_something_and_is_noticed() {
    fires(Fault::CountsTooEarly, Check::NothingMissed);
}

#[test]
fn a_seen_mark_that_goes_back_is_noticed() {
    fires(Fault::SeenGoesBack, Check::SeenOnlyGrows);
}
