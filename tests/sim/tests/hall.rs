//! A million steps of the joined machines, and each invariant shown to fire.
//!
//! `MIANTAN_SIM_SEED=n` starts from another seed, `MIANTAN_SIM_STEPS=n` runs longer. A failure
//! prints the seed that brings it back.

use miantan_sim::world::{Report, run};
use miantan_sim::{Rule, Sabotage};

const STEPS_PER_SEED: u64 = 25_000;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

#[test]
fn a_million_steps_keep_every_promise() {
    let first = number("MIANTAN_SIM_SEED", 20_261_124);
    let wanted = number("MIANTAN_SIM_STEPS", 1_000_000);
    let (mut steps, mut calls, mut completed, mut acknowledged, mut hours) = (0, 0, 0, 0, 0.0);
    for seed in first.. {
        let Report { steps: s, calls: c, completed: d, acknowledged: a, broken, virtual_ms, .. } =
            run(seed, STEPS_PER_SEED, None);
        assert!(broken.is_empty(), "MIANTAN_SIM_SEED={seed} broke: {broken:#?}");
        (steps, calls, completed, acknowledged) = (steps + s, calls + c, completed + d, acknowledged + a);
        hours += virtual_ms as f64 / 3_600_000.0;
        if steps >= wanted {
            break;
        }
    }
    println!(
        "seeds from {first}: {steps} steps, {hours:.0} hours of virtual time, {calls} calls, \
         {completed} completed, {acknowledged} acknowledged messages"
    );
    // the scripts really get somewhere
    assert!(calls > 1_000 && completed > 100 && acknowledged > 1_000, "{calls} {completed} {acknowledged}");
}

#[test]
fn the_same_seed_is_the_same_world() {
    let (a, b) = (run(7, 20_000, None), run(7, 20_000, None));
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

/// The broken rule is noticed, and noticed by the check that stands for it.
fn fires(sabotage: Sabotage, rule: Rule) {
    let found = (1..=40).find_map(|seed| run(seed, 60_000, Some(sabotage)).broken.into_iter().next());
    let found = found.unwrap_or_else(|| panic!("{sabotage:?} went unnoticed"));
    assert_eq!(found.rule, rule, "{}", found.what);
}

#[test]
fn two_calls_at_once_are_noticed() {
    fires(Sabotage::SlotsAlwaysFree, Rule::NobodyInTwoCalls);
}

#[test]
fn a_queue_out_of_order_is_noticed() {
    fires(Sabotage::IgnoresAppointments, Rule::QueueOrderKept);
}

#[test]
fn a_call_that_never_ends_is_noticed() {
    fires(Sabotage::NoCallTimeouts, Rule::EveryCallEndsOnce);
}

#[test]
fn a_call_that_ends_twice_is_noticed() {
    fires(Sabotage::EndsTwice, Rule::EveryCallEndsOnce);
}

#[test]
fn a_doubled_message_is_noticed() {
    fires(Sabotage::ForgetsAnswers, Rule::AcknowledgedExistsOnce);
}

#[test]
fn an_acknowledged_message_that_is_nowhere_is_noticed() {
    fires(Sabotage::AcknowledgesUnwritten, Rule::AcknowledgedExistsOnce);
}

#[test]
fn someone_left_in_a_call_that_ended_is_noticed() {
    fires(Sabotage::KeepsEndsToItself, Rule::EveryoneAgrees);
}

#[test]
fn a_lost_ticket_is_noticed() {
    fires(Sabotage::LosesTickets, Rule::TicketNeverLost);
}
