//! `kill -9` of the server at hundreds of moments while somebody talks or a round runs: after the last
//! restart there is exactly one copy of each change, in the order in which they were made.

use crate::serving::{Serving, place};
use crate::speaker::Speaker;
use miantan_backend::store::sqlite;
use miantan_domain::rules::round::RoundEvent;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::Duration;

/// How often the process is killed while somebody talks, and while a round runs.
const KILLS: usize = 200;
const KILLS_OF_A_ROUND: usize = 60;

fn chance() -> StdRng {
    let seed = std::env::var("KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0x6d69_616e);
    println!("KILL_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Somebody writes, and the server is killed so often.
async fn goes_on(lin: &mut Speaker, data: &std::path::Path, kills: usize, most: usize) {
    let mut chance = chance();
    for _ in 0..kills {
        let mut serving = Serving::start(data);
        let (more, moment) = (chance.random_range(0..most), chance.random_range(0..4_000));
        lin.talks(&serving.url, more).await;
        // with a window of changes on their way: before they are read, in the transaction, in the commit,
        // before the answer
        tokio::time::sleep(Duration::from_micros(moment)).await;
        serving.kill();
    }
    // whatever had no answer is sent once more
    let serving = Serving::start(data);
    lin.talks(&serving.url, lin.waiting()).await;
    assert!(lin.accepted() >= kills, "{}", lin.accepted());
}

#[tokio::test]
async fn a_server_that_is_killed_at_any_moment_keeps_each_message_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut lin = Speaker::at(place(dir.path()).await);
    goes_on(&mut lin, dir.path(), KILLS, 60).await;
    lin.finds_everything(&Serving::start(dir.path()).url).await;
}

#[tokio::test]
async fn a_round_whose_server_is_killed_has_each_event_once_and_keeps_the_ticket() {
    let dir = tempfile::tempdir().unwrap();
    let place = place(dir.path()).await;
    let (round, ticket) = (place.round, place.ticket);
    let mut lin = Speaker::waiting_in(place);
    goes_on(&mut lin, dir.path(), KILLS_OF_A_ROUND, 6).await;
    let log = sqlite::open(dir.path()).unwrap().rounds.load(round).await.unwrap().unwrap().events;
    assert!(log.iter().zip(1..).all(|(event, seq)| event.seq == seq), "numbered without a gap");
    let noted = log.iter().filter_map(|event| match &event.event {
        RoundEvent::Noted { ticket: of, note } if *of == ticket => Some((event.seq, note.id)),
        _ => None,
    });
    lin.wrote(&noted.collect::<Vec<_>>());
    let taken = log
        .iter()
        .filter(|e| matches!(&e.event, RoundEvent::TicketTaken { ticket: of, .. } if *of == ticket));
    assert_eq!(taken.count(), 1, "one place");
}
