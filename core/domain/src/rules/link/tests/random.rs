//! Random scripts: sockets that open, die and talk out of turn, networks that come and go.

use super::world::*;
use crate::rules::link::*;
use crate::wire::live::ByeReason;
use proptest::prelude::*;

/// One step of a random script; `age` picks the socket it speaks of: 0 the newest.
#[derive(Debug, Clone)]
enum Step {
    Simple(Input),
    Opened { age: u64 },
    Closed { age: u64, why: SocketEnd, random: u64 },
    Heard { age: u64 },
    Welcomed { age: u64, heartbeat_ms: u64 },
    Bye { age: u64, reason: ByeReason, retry_after_ms: u64, random: u64 },
    Wait { ms: u64 },
    Wake { random: u64 },
}

fn age() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0_u64), 1 => 1..4_u64]
}

fn step() -> impl Strategy<Value = Step> {
    let simple = prop_oneof![
        Just(Input::Start),
        Just(Input::Stop),
        Just(Input::NetworkUp),
        Just(Input::NetworkDown),
        Just(Input::NetworkChanged),
        Just(Input::Foreground),
    ];
    let end = prop_oneof![
        6 => Just(SocketEnd::Lost),
        2 => Just(SocketEnd::ClosedByServer),
        1 => Just(SocketEnd::NotSignedIn),
        1 => Just(SocketEnd::VersionUnsupported),
    ];
    let reason = prop_oneof![
        Just(ByeReason::Restarting),
        Just(ByeReason::SessionOver),
        Just(ByeReason::Superseded),
        Just(ByeReason::TooSlow),
        Just(ByeReason::Flood),
    ];
    prop_oneof![
        3 => simple.prop_map(Step::Simple),
        4 => age().prop_map(|age| Step::Opened { age }),
        2 => (age(), end, any::<u64>()).prop_map(|(age, why, random)| Step::Closed { age, why, random }),
        2 => age().prop_map(|age| Step::Heard { age }),
        4 => (age(), any::<u64>()).prop_map(|(age, heartbeat_ms)| Step::Welcomed { age, heartbeat_ms }),
        1 => (age(), reason, any::<u64>(), any::<u64>()).prop_map(
            |(age, reason, retry_after_ms, random)| Step::Bye { age, reason, retry_after_ms, random }
        ),
        3 => (0..60_000_u64).prop_map(|ms| Step::Wait { ms }),
        4 => any::<u64>().prop_map(|random| Step::Wake { random }),
    ]
}

fn play(phone: &mut Phone, step: &Step) {
    let of = |phone: &Phone, age: u64| Generation(phone.last.0.saturating_sub(age));
    match *step {
        Step::Simple(input) => drop(phone.tell(input)),
        Step::Opened { age } => drop(phone.tell(Input::SocketOpened { generation: of(phone, age) })),
        Step::Closed { age, why, random } => {
            let generation = of(phone, age);
            phone.tell(Input::SocketClosed { generation, why, random });
        }
        Step::Heard { age } => drop(phone.tell(Input::Heard { generation: of(phone, age) })),
        Step::Welcomed { age, heartbeat_ms } => {
            let generation = of(phone, age);
            phone.tell(Input::Welcomed { generation, heartbeat_ms });
        }
        Step::Bye { age, reason, retry_after_ms, random } => {
            let generation = of(phone, age);
            phone.tell(Input::Bye { generation, reason, retry_after_ms, random });
        }
        Step::Wait { ms } => phone.now = phone.now.after(ms),
        Step::Wake { random } => {
            if phone.link.poll_timeout().is_some() {
                phone.wake(random);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The phone of these tests asserts at each output: one socket at most, numbers that grow, live
    /// and down in turns, nothing sent into nowhere.
    #[test]
    fn a_link_never_has_two_sockets_and_always_finds_back(
        script in proptest::collection::vec(step(), 0..120),
        random in any::<u64>(),
    ) {
        let mut phone = Phone::new();
        for step in script {
            play(&mut phone, &step);
            // While someone is signed in there is always a next moment: it cannot hang.
            prop_assert_eq!(
                phone.link.poll_timeout().is_none(),
                phone.link.view() == LinkView::Stopped
            );
        }
        // Then the world behaves: from wherever it is, it becomes live.
        phone.tell(Input::Start);
        let quiet = phone.now;
        for _ in 0..100 {
            if phone.link.is_live() {
                break;
            }
            match phone.link.socket() {
                Some(generation) => {
                    phone.tell(Input::SocketOpened { generation });
                    phone.tell(Input::Welcomed { generation, heartbeat_ms: HEARTBEAT_MS });
                }
                None => drop(phone.wake(random)),
            }
        }
        prop_assert!(phone.link.is_live(), "never found back");
        prop_assert!(phone.now.since(quiet) <= RETRY_AFTER_MAX_MS + BACK_OFF_MAX_MS);
    }

    /// A timeout that is handled never asks for the same moment again: no busy loop.
    #[test]
    fn waking_a_link_always_moves_time_or_state(
        script in proptest::collection::vec(step(), 0..60),
        random in any::<u64>(),
    ) {
        let mut phone = Phone::new();
        for step in script {
            play(&mut phone, &step);
        }
        for _ in 0..20 {
            let Some(before) = phone.link.poll_timeout() else { break };
            phone.wake(random);
            prop_assert_ne!(phone.link.poll_timeout(), Some(before));
        }
    }
}
