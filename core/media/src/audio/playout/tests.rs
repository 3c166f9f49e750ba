//! A sender, a network with delays, and a receiver that pulls every 20 ms, all in virtual time.

use super::*;

/// One sent packet: number (from 0) and when it arrives, in milliseconds; `None`: lost.
type Network = fn(u64) -> Option<u64>;

fn packet(number: u64, first_sequence: u16, first_timestamp: u32) -> Arrival {
    Arrival {
        sequence: first_sequence.wrapping_add(number as u16),
        timestamp: first_timestamp.wrapping_add(number as u32 * 960),
        samples: 960,
        payload: Bytes::copy_from_slice(&number.to_be_bytes()),
    }
}

fn number(payload: &Bytes) -> u64 {
    u64::from_be_bytes(payload[..].try_into().unwrap())
}

struct Heard {
    /// What each pull gave.
    pulls: Vec<Playout>,
    /// Numbers of the packets played or recovered, in order.
    numbers: Vec<u64>,
    recovered: Vec<u64>,
    stats: PlayoutStats,
    /// Greatest delay held, in milliseconds.
    greatest_delay: u32,
}

/// Sends `count` packets through `network` from the given starting numbers and pulls until the end.
fn play(count: u64, first_sequence: u16, first_timestamp: u32, network: Network) -> Heard {
    let mut arrivals: Vec<(u64, u64)> =
        (0..count).filter_map(|n| network(n).map(|delay| (n * 20 + delay, n))).collect();
    arrivals.sort_unstable();
    let mut arrivals = arrivals.into_iter().peekable();
    let mut buffer = PlayoutBuffer::new();
    let mut heard = Heard {
        pulls: Vec::new(),
        numbers: Vec::new(),
        recovered: Vec::new(),
        stats: PlayoutStats::default(),
        greatest_delay: 0,
    };
    let mut debt = 0i64;
    for now in (7..count * 20 + 1_000).step_by(20) {
        while let Some((_, n)) = arrivals.next_if(|(at, _)| *at <= now) {
            buffer.insert(packet(n, first_sequence, first_timestamp));
        }
        heard.greatest_delay = heard.greatest_delay.max(buffer.stats().delay_ms);
        debt += STEP;
        while debt > 0 {
            let pulled = buffer.pull();
            debt -= match &pulled {
                Playout::Packet { payload, shorten } => {
                    heard.numbers.push(number(payload));
                    if *shorten { STEP - 480 } else { STEP }
                }
                Playout::Recover { following, samples } => {
                    heard.numbers.push(number(following) - 1);
                    heard.recovered.push(number(following) - 1);
                    *samples as i64
                }
                Playout::Conceal { samples } | Playout::Silence { samples } => *samples as i64,
            };
            heard.pulls.push(pulled);
        }
    }
    heard.stats = buffer.stats();
    assert!(
        heard.numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "played twice or backwards: {:?}",
        heard.numbers
    );
    heard
}

fn concealed_in_speech(heard: &Heard) -> usize {
    let last = heard.pulls.iter().rposition(|p| matches!(p, Playout::Packet { .. })).unwrap();
    heard.pulls[..last].iter().filter(|p| matches!(p, Playout::Conceal { .. })).count()
}

#[test]
fn audio_playout_steady_network_plays_everything_once_with_a_short_delay() {
    let heard = play(500, 0, 0, |_| Some(30));
    assert_eq!(heard.numbers, (0..500).collect::<Vec<_>>());
    assert_eq!(concealed_in_speech(&heard), 0);
    assert!(heard.greatest_delay <= 80, "{} ms", heard.greatest_delay);
}

#[test]
fn audio_playout_sequence_and_timestamp_wrap_are_not_noticed() {
    let heard = play(500, u16::MAX - 100, u32::MAX - 960 * 200, |_| Some(30));
    assert_eq!(heard.numbers, (0..500).collect::<Vec<_>>());
    assert_eq!(heard.stats.late + heard.stats.dropped, 0);
}

#[test]
fn audio_playout_reordered_packets_come_out_in_order() {
    let heard = play(300, 65_500, 77, |n| Some(if n % 7 == 3 { 55 } else { 30 }));
    assert_eq!(heard.numbers, (0..300).collect::<Vec<_>>());
}

#[test]
fn audio_playout_duplicates_are_played_once() {
    let mut buffer = PlayoutBuffer::new();
    let mut played = Vec::new();
    for n in 0..50 {
        for _ in 0..3 {
            buffer.insert(packet(n, 9, 9));
        }
        if let Playout::Packet { payload, .. } = buffer.pull() {
            played.push(number(&payload));
        }
        if n > 3 {
            buffer.insert(packet(n - 3, 9, 9));
        }
    }
    assert_eq!(played, (0..48).collect::<Vec<_>>());
    assert_eq!(buffer.stats().dropped, 100 + 46);
}

#[test]
fn audio_playout_single_losses_are_recovered_from_the_next_packet() {
    let heard = play(400, 65_000, 5, |n| (n % 10 != 4).then_some(30));
    assert_eq!(heard.numbers, (0..400).collect::<Vec<_>>());
    assert_eq!(heard.recovered.len(), 40);
    assert!(heard.recovered.iter().all(|n| n % 10 == 4));
    assert_eq!(concealed_in_speech(&heard), 0);
}

#[test]
fn audio_playout_of_three_lost_in_a_row_two_are_concealed_and_one_recovered() {
    let heard = play(100, 0, 0, |n| (!(50..53).contains(&n)).then_some(30));
    assert_eq!(heard.recovered, [52]);
    assert_eq!(concealed_in_speech(&heard), 2);
    assert_eq!(heard.numbers.len(), 98);
}

#[test]
fn audio_playout_jitter_is_learnt_and_then_loses_nothing() {
    // Delays between 20 and 110 ms, scattered.
    let heard = play(3_000, 0, 0, |n| Some(20 + (n * 7_919) % 91));
    let concealed_late = {
        let half = heard.pulls.len() / 2;
        let last = heard.pulls.iter().rposition(|p| matches!(p, Playout::Packet { .. })).unwrap();
        heard.pulls[half..last].iter().filter(|p| matches!(p, Playout::Conceal { .. })).count()
    };
    assert!(heard.numbers.len() >= 2_990, "{} of 3000", heard.numbers.len());
    assert!(concealed_late * 50 < heard.pulls.len() / 2, "{concealed_late} concealed");
    assert!(heard.greatest_delay <= 240, "{} ms", heard.greatest_delay);
}

#[test]
fn audio_playout_delay_comes_back_when_the_network_calms_down() {
    // 5 s of rough network, then calm.
    let heard = play(3_000, 0, 0, |n| Some(if n < 250 { 20 + (n * 7_919) % 121 } else { 30 }));
    assert!(heard.stats.shortened > 0);
    let mut buffer = PlayoutBuffer::new();
    let mut last_delay = 0;
    for n in 0..3_000 {
        buffer.insert(packet(n, 0, 0));
        if n == 0 {
            // Everything is 100 ms too early from now on: five packets in reserve.
            for ahead in 1..=5 {
                buffer.insert(packet(ahead, 0, 0));
            }
        }
        let mut debt = STEP;
        while debt > 0 {
            debt -= match buffer.pull() {
                Playout::Packet { shorten: true, .. } => STEP - 480,
                Playout::Packet { .. } => STEP,
                Playout::Recover { samples, .. }
                | Playout::Conceal { samples }
                | Playout::Silence { samples } => samples as i64,
            };
        }
        last_delay = buffer.stats().delay_ms;
    }
    assert!(last_delay <= 60, "{last_delay} ms are still held");
}

#[test]
fn audio_playout_a_burst_after_a_stall_does_not_become_delay() {
    // Packets 100..150 all arrive when 150 is sent: a second of stall.
    let heard = play(400, 0, 0, |n| Some(if (100..150).contains(&n) { 30 + (150 - n) * 20 } else { 30 }));
    assert!(heard.greatest_delay <= 240, "{} ms", heard.greatest_delay);
    assert!(heard.stats.skipped > 30);
    assert!((160..400).all(|n| heard.numbers.contains(&n)));
}

#[test]
fn audio_playout_a_mute_is_silence_and_speech_resumes_whole() {
    // 3 s mute: no packets, sequence numbers go on, timestamps jump.
    let mut buffer = PlayoutBuffer::new();
    let mut played = Vec::new();
    let mut quiet = 0;
    for tick in 0..400u32 {
        let muted = (100..250).contains(&tick);
        if !muted {
            let sent = if tick < 100 { tick } else { tick - 150 };
            buffer.insert(Arrival {
                sequence: sent as u16,
                timestamp: tick * 960,
                samples: 960,
                payload: Bytes::copy_from_slice(&u64::from(sent).to_be_bytes()),
            });
        }
        match buffer.pull() {
            Playout::Packet { payload, .. } => played.push(number(&payload)),
            Playout::Silence { .. } => quiet += 1,
            Playout::Conceal { .. } => {}
            Playout::Recover { .. } => panic!("nothing was lost"),
        }
    }
    assert_eq!(played, (0..248).collect::<Vec<_>>());
    assert!(quiet > 100, "{quiet} silent pulls");
    assert_eq!(buffer.stats().recovered + buffer.stats().dropped, 0);
}

#[test]
fn audio_playout_a_restarted_sender_is_heard_again() {
    let mut buffer = PlayoutBuffer::new();
    for n in 0..100 {
        buffer.insert(packet(n, 5_000, 0));
        buffer.pull();
    }
    let mut heard = 0;
    for n in 0..100 {
        // Starts over a little before where it was: looks like very late packets at first.
        buffer.insert(packet(n, 4_900, 900_000_000));
        heard += u32::from(matches!(buffer.pull(), Playout::Packet { .. }));
    }
    assert!(heard >= 40, "{heard}");
    let mut heard = 0;
    for n in 0..50 {
        buffer.insert(packet(n, 40_000, 17));
        heard += u32::from(matches!(buffer.pull(), Playout::Packet { .. }));
    }
    assert!(heard >= 45, "{heard}");
}

#[test]
fn audio_playout_nonsense_never_breaks_it() {
    let mut buffer = PlayoutBuffer::new();
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    for _ in 0..200_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        buffer.insert(Arrival {
            sequence: if seed.is_multiple_of(8) { (seed >> 8) as u16 } else { (seed >> 8) as u16 & 0x1FF },
            timestamp: (seed >> 24) as u32,
            samples: (seed >> 56) as u32 * 30,
            payload: Bytes::from_static(b"x"),
        });
        match buffer.pull() {
            Playout::Recover { samples, .. } | Playout::Conceal { samples } => {
                assert!(samples > 0 && samples % 120 == 0 && samples <= 8_000);
            }
            Playout::Silence { samples } => assert!(samples > 0),
            Playout::Packet { .. } => {}
        }
        assert!(buffer.packets.len() < 2_000);
    }
}
