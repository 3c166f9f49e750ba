//! Candidates and recruiters write to each other. Each message is a change of a conversation as the app makes it: kept
//! by the server before it is acknowledged, and then told to the other side. One recruiter of each employer is there,
//! so that a message is delivered once; the sender's own copy of it is not counted.
//!
//! With `--rate` messages are due by the clock, not when the last was answered, and a message's time runs from when it
//! was due, waiting included; by how much the clock itself was late is a figure of its own (`late_ms_p99`). With
//! `--rate 0` everybody sends as fast as acknowledgements come. With `--offline N` candidates come back with so many
//! messages each: what is timed is one of them from before it connects until the last is acknowledged.

mod book;
mod device;

use crate::device::Device;
use crate::figures::{Figures, ms, percentile};
use crate::people::People;
use crate::processor;
use crate::{Place, unix_ms};
use anyhow::{Context, bail};
use book::Book;
use device::{Orders, Talker, follow};
use futures_util::StreamExt;
use miantan_domain::ids::ConversationId;
use miantan_domain::model::{Presence, Side};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How many devices, candidates' and recruiters' together
    #[arg(long, default_value_t = 1_000)]
    pub devices: usize,
    /// How many of them are recruiters', each of another employer
    #[arg(long, default_value_t = 100)]
    pub recruiters: usize,
    /// Messages a second, all together; 0: as fast as they are acknowledged
    #[arg(long, default_value_t = 10_500.0)]
    pub rate: f64,
    /// How long, in seconds; with fractions
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// How many messages of one device may be unanswered
    #[arg(long, default_value_t = 32)]
    pub window: usize,
    /// Instead: candidates come back with so many messages each
    #[arg(long, default_value_t = 0)]
    pub offline: usize,
    /// So many of them
    #[arg(long, default_value_t = 10)]
    pub senders: usize,
}

impl Options {
    /// Candidates' devices.
    pub fn candidates(&self) -> usize {
        if self.offline > 0 { self.senders } else { self.devices.saturating_sub(self.recruiters) }
    }
}

/// How long after the last message its acknowledgement and delivery may still come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Within that time everybody who was offline is done or lost.
const CATCH_UP_PATIENCE: Duration = Duration::from_mins(1);
/// More than any server of ours takes in a second.
const MOST_PER_S: f64 = 100_000.0;
/// Orders that may wait for one device.
const ORDERS: usize = 1_024;

/// # Errors
/// When a device does not open, nobody has a conversation with somebody else who is there, or nothing is delivered.
pub async fn run(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    people: &People,
    options: &Options,
) -> anyhow::Result<Figures> {
    if options.rate.is_nan() || options.rate < 0.0 || options.window == 0 {
        bail!("--rate must not be below 0, and --window at least 1");
    }
    let recruiters = people.recruiters.iter().map(|desk| (desk.token.as_str(), Side::Recruiter));
    let candidates = people.candidates.iter().map(|candidate| (candidate.token.as_str(), Side::Candidate));
    let (mut talkers, candidates_pos) =
        open(place, tls, recruiters.chain(candidates).collect(), options.window).await?;
    let talking = keep_common(&mut talkers);
    if talking == 0 {
        bail!(
            "no candidate has a conversation with a recruiter who is there: seed with --conversations, \
             and with as many --employers as there are recruiters"
        );
    }
    if options.offline > 0 {
        return offline(place, tls, people, options, talkers, candidates_pos).await;
    }
    let before = place.pid.map(processor::used).transpose()?;
    let seconds = options.seconds.max(0.0);
    let (count, free_running) = match options.rate {
        0.0 => ((MOST_PER_S * seconds) as usize, true),
        rate => ((rate * seconds).round() as usize, false),
    };
    let book = Arc::new(Book::new(count, unix_ms(), rand::random()));
    let devices = talkers.len();
    let (mut living, mut givers) = (JoinSet::new(), Vec::new());
    for talker in talkers {
        let orders = match (talker.talks.is_empty(), free_running) {
            (true, _) => Orders::Nothing,
            (false, true) => Orders::Until(book.began() + Duration::from_secs_f64(seconds)),
            (false, false) => {
                let (giver, given) = mpsc::channel(ORDERS);
                givers.push(giver);
                Orders::Given(given)
            }
        };
        living.spawn(talker.live(orders, Arc::clone(&book)));
    }
    let mut late = if free_running {
        tokio::time::sleep_until((book.began() + Duration::from_secs_f64(seconds)).into()).await;
        Vec::new()
    } else {
        give(&book, &givers, options.rate).await
    };
    settle(&book, PATIENCE).await;
    let used = place.pid.map(processor::used).transpose()?;
    living.abort_all();
    let mut times = book.times();
    if times.delivered.is_empty() {
        bail!("nothing was delivered");
    }
    late.sort_unstable();
    times.acknowledged.sort_unstable();
    let errors = book.errors(&times);
    let (sent, messages) = (times.sent as f64, times.delivered.len() as f64);
    let mut figures = Figures::of("chat", devices, errors, &mut times.delivered, times.took)
        .with("sent", sent)
        .with("talking", talking as f64)
        .with("ack_ms_p50", ms(percentile(&times.acknowledged, 50)))
        .with("ack_ms_p99", ms(percentile(&times.acknowledged, 99)))
        .with("late_ms_p99", ms(percentile(&late, 99)));
    if let (Some(before), Some(used)) = (before, used) {
        let each = used.saturating_sub(before).as_secs_f64() * 1e6 / messages;
        figures = figures.with("server_us_per_message", each);
    }
    Ok(figures)
}

/// Opens a device for each of these people. Also gives up to where each candidate was told, in their order.
async fn open(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    people: Vec<(&str, Side)>,
    window: usize,
) -> anyhow::Result<(Vec<Talker>, Vec<u64>)> {
    let opening = people.into_iter().map(async |(token, side)| {
        let mut device = Device::open(&place.server, token, tls, Presence::Online).await?;
        let (talks, pos) = follow(&mut device, 0).await?;
        anyhow::Ok((Talker { device, side, talks, window }, pos))
    });
    let mut opening = futures_util::stream::iter(opening).buffered(place.at_once.max(1));
    let (mut talkers, mut positions) = (Vec::new(), Vec::new());
    while let Some(opened) = opening.next().await {
        let (talker, pos) = opened.context("a device does not open")?;
        if talker.side == Side::Candidate {
            positions.push(pos);
        }
        talkers.push(talker);
    }
    Ok((talkers, positions))
}

/// Leaves everybody the conversations whose other side is there too. How many devices have one.
fn keep_common(talkers: &mut [Talker]) -> usize {
    let of = |side| -> BTreeSet<ConversationId> {
        talkers.iter().filter(|talker| talker.side == side).flat_map(|talker| talker.talks.clone()).collect()
    };
    let (candidates, recruiters) = (of(Side::Candidate), of(Side::Recruiter));
    for talker in talkers.iter_mut() {
        talker.talks.retain(|talk| candidates.contains(talk) && recruiters.contains(talk));
    }
    talkers.iter().filter(|talker| !talker.talks.is_empty()).count()
}

/// Gives the orders by the clock, to all in turn. By how much each was late.
async fn give(book: &Book, givers: &[mpsc::Sender<usize>], rate: f64) -> Vec<Duration> {
    let mut late = Vec::new();
    while let Some(number) = book.draw() {
        let due = book.began() + Duration::from_secs_f64(number as f64 / rate);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        book.sent(number, due);
        // Err: the device is lost, or so far behind that this message is missing, which is an error too
        let _ = givers[number % givers.len()].try_send(number);
        late.push(Instant::now().saturating_duration_since(due));
    }
    late
}

/// Waits until everything has come, or no longer.
async fn settle(book: &Book, patience: Duration) {
    let deadline = Instant::now() + patience;
    while !book.is_settled() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The candidates go, and come back with much to say.
async fn offline(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    people: &People,
    options: &Options,
    talkers: Vec<Talker>,
    positions: Vec<u64>,
) -> anyhow::Result<Figures> {
    let (candidates, recruiters): (Vec<_>, Vec<_>) =
        talkers.into_iter().partition(|talker| talker.side == Side::Candidate);
    let talks: Vec<Vec<ConversationId>> = candidates.into_iter().map(|talker| talker.talks).collect();
    if talks.iter().any(Vec::is_empty) {
        bail!("a sender has no conversation with a recruiter who is there: more --recruiters are needed");
    }
    let book = Arc::new(Book::new(options.offline * options.senders, unix_ms(), rand::random()));
    let devices = recruiters.len() + talks.len();
    let mut living = JoinSet::new();
    for recruiter in recruiters {
        living.spawn(recruiter.live(Orders::Nothing, Arc::clone(&book)));
    }
    let numbers = |sender: usize| sender * options.offline..(sender + 1) * options.offline;
    for (sender, (talks, pos)) in talks.into_iter().zip(positions).enumerate() {
        let (server, token) = (place.server.clone(), people.candidates[sender].token.clone());
        let (tls, book, window) = (Arc::clone(tls), Arc::clone(&book), options.window);
        let orders = Orders::Queued(numbers(sender));
        living.spawn(async move {
            let back = async {
                let mut device = Device::open(&server, &token, &tls, Presence::Online).await?;
                follow(&mut device, pos).await?;
                anyhow::Ok(device)
            };
            match back.await {
                Ok(device) => {
                    Talker { device, side: Side::Candidate, talks, window }.live(orders, book).await;
                }
                Err(_) => {
                    book.lost.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    // settled is also what nobody began to send: everything must have been said
    let deadline = Instant::now() + CATCH_UP_PATIENCE;
    while !(book.times().sent == options.offline * options.senders && book.is_settled())
        && book.lost.load(Ordering::Relaxed) == 0
        && Instant::now() < deadline
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    living.abort_all();
    let mut times = book.times();
    let done = (0..options.senders).map(|sender| book.all_acknowledged(numbers(sender)));
    let mut caught_up: Vec<Duration> = done.clone().flatten().collect();
    if caught_up.is_empty() {
        bail!("nobody has caught up");
    }
    let errors = book.errors(&times) + done.filter(Option::is_none).count();
    times.acknowledged.sort_unstable();
    let took = caught_up.iter().max().copied().unwrap_or_default();
    Ok(Figures::of("offline", devices, errors, &mut caught_up, took)
        .with("messages", times.sent as f64)
        .with("ack_ms_p99", ms(percentile(&times.acknowledged, 99)))
        .with("delivered_after_ms", ms(times.took))
        .with("catch_up_s", took.as_secs_f64()))
}
