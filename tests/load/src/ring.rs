//! A recruiter interviews one candidate after the other while all of them wait in the room: ring, answer, the offer and
//! the answer of a connection, media on both sides, hang up. No media is sent: what is timed is the server. The times of
//! the line are ring → the candidate's device rings, from just before the ring is written until it has been read.
//!
//! One recruiter is in one call at a time, so a slow server makes fewer calls a second; every call moves the places of
//! all who wait behind it, which is the load. Nor are there more a second than `--rate`: one socket may say fifty frames a
//! second, and a call takes four or five.

use crate::device::{Device, Reading, Writing};
use crate::figures::{Figures, ms, percentile};
use crate::people::People;
use crate::{Place, idle, unix_ms};
use anyhow::{Context, bail};
use miantan_domain::ids::{CallId, ChangeId, RoundId, TicketId};
use miantan_domain::model::Presence;
use miantan_domain::rules::call::CallPhase;
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::{Change, ClientFrame, Command, MediaReport, ServerFrame};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How many candidates' devices wait
    #[arg(long, default_value_t = 1_000)]
    pub devices: usize,
    /// How many of them are rung, one after the other
    #[arg(long, default_value_t = 100)]
    pub calls: usize,
    /// Calls a second, at most
    #[arg(long, default_value_t = 5.0)]
    pub rate: f64,
}

/// For each thing a call waits for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of a description's usual size, in bytes; the server passes it on unread, apart from its first line.
const SDP_BYTES: usize = 1_500;

/// What a candidate's device saw of a ring.
struct Rung {
    call: CallId,
    at: Instant,
}

/// The times of each call.
#[derive(Default)]
struct Times {
    /// Ring → it rings.
    rung: Vec<Duration>,
    /// The answer → the ringing side knows how to connect.
    answered: Vec<Duration>,
    /// Offer → answer, both through the server.
    signalled: Vec<Duration>,
    /// Hang up → the recruiter's device knows that it is over.
    ended: Vec<Duration>,
}

/// # Errors
/// When the round cannot be rung, or not one call comes about.
pub async fn run(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    people: &People,
    options: &Options,
) -> anyhow::Result<Figures> {
    let desk = people.desks.first().context("no recruiter")?;
    let round = people.candidates.first().context("--devices must be at least 1")?.round;
    let lost = Arc::new(AtomicUsize::new(0));
    let (rung, mut rings) = mpsc::channel(8);
    let open = idle::open(place, tls, &people.candidates, Presence::Ready, |index, device| {
        let (lost, rung) = (Arc::clone(&lost), rung.clone());
        let ticket_round = people.candidates[index].round;
        async move {
            let Err(error) = answer(device, ticket_round, &rung).await;
            // the first says why; a thousand would say the same
            if lost.fetch_add(1, Ordering::Relaxed) == 0 {
                eprintln!("a device is lost: {error:#}");
            }
        }
    })
    .await;
    if open.failed > 0 {
        bail!("{} of {} devices did not open", open.failed, people.candidates.len());
    }
    let mut recruiter = Recruiter {
        device: Device::open(&place.server, &desk.token, tls, Presence::Ready).await?,
        round,
        pinged: Instant::now(),
        pings: 0,
    };
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / options.rate.max(0.01)));
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut times, mut failed, began) = (Times::default(), 0, Instant::now());
    let rung_ones = people.candidates.iter().filter(|candidate| candidate.round == round);
    for candidate in rung_ones.take(options.calls) {
        pace.tick().await;
        if let Err(error) = recruiter.interviews(candidate.ticket, &mut rings, &mut times).await {
            failed += 1;
            eprintln!("a call did not come about: {error:#}");
        }
    }
    let took = began.elapsed();
    drop(open);
    if times.ended.is_empty() {
        bail!("no call came about");
    }
    let errors = failed + lost.load(Ordering::Relaxed);
    let mut figures = Figures::of("ring", people.candidates.len(), errors, &mut times.rung, took);
    for (name, list) in [
        ("answer_ms_p99", &mut times.answered),
        ("signal_ms_p99", &mut times.signalled),
        ("end_ms_p99", &mut times.ended),
    ] {
        list.sort_unstable();
        figures = figures.with(name, ms(percentile(list, 99)));
    }
    Ok(figures)
}

struct Recruiter {
    device: Device,
    round: RoundId,
    pinged: Instant,
    pings: u64,
}

impl Recruiter {
    /// One call from its ring to its end.
    async fn interviews(
        &mut self,
        ticket: TicketId,
        rings: &mut mpsc::Receiver<Rung>,
        times: &mut Times,
    ) -> anyhow::Result<()> {
        let call = CallId::from_parts(unix_ms(), &rand::random());
        let ringing = Instant::now();
        self.asks(Command::Ring { call, ticket }).await?;
        // Heard first, so that a refusal is known at once.
        let epoch = self.hears("an answer", |frame| plan(frame, call)).await?;
        let known = Instant::now();
        let rung = tokio::time::timeout(PATIENCE, async {
            // a ring of before, given up, may still be told of
            while let Some(rung) = rings.recv().await {
                if rung.call == call {
                    return Some(rung);
                }
            }
            None
        });
        let rung = rung.await.ok().flatten().context("an answer, and no device that rang")?;
        times.rung.push(rung.at.saturating_duration_since(ringing));
        times.answered.push(known.saturating_duration_since(rung.at));

        let offering = Instant::now();
        let signal = Signal::Offer { sdp: sdp(), restart: false };
        self.device.writing.say(&ClientFrame::Signal { call, epoch, signal }).await?;
        self.hears("the other's description", |frame| match frame {
            ServerFrame::Signal { call: of, signal: Signal::Answer { .. }, .. } if *of == call => Some(()),
            _ => None,
        })
        .await?;
        times.signalled.push(offering.elapsed());
        self.asks(Command::Media { call, epoch, state: MediaReport::Flowing }).await?;
        self.hears("a connection", |frame| {
            phase(frame, call).filter(|phase| matches!(phase, CallPhase::Connected { .. })).map(|_| ())
        })
        .await?;

        let ending = Instant::now();
        self.asks(Command::HangUp { call }).await?;
        self.hears("an end", |frame| {
            phase(frame, call).filter(|phase| matches!(phase, CallPhase::Ended { .. })).map(|_| ())
        })
        .await?;
        times.ended.push(ending.elapsed());
        Ok(())
    }

    async fn asks(&mut self, command: Command) -> anyhow::Result<()> {
        ask(&mut self.device.writing, self.round, command).await
    }

    /// Waits for a frame that is it; a refusal of what was asked ends the call.
    async fn hears<T>(
        &mut self,
        what: &'static str,
        mut wanted: impl FnMut(&ServerFrame) -> Option<T>,
    ) -> anyhow::Result<T> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let frame = tokio::time::timeout_at(deadline, self.device.reading.hear()).await;
            let frame = frame.with_context(|| format!("{what} does not come"))??;
            if let Some(found) = wanted(&frame) {
                if self.pinged.elapsed() > self.device.heartbeat {
                    self.pinged = Instant::now();
                    self.pings += 1;
                    self.device.writing.say(&ClientFrame::Ping { n: self.pings }).await?;
                }
                return Ok(found);
            }
            match frame {
                ServerFrame::Refused { problem, .. } | ServerFrame::Problem(problem) => {
                    bail!("the server refuses: {}", problem.code.as_str())
                }
                _ => {}
            }
        }
    }
}

/// A candidate's device: answers when it is rung, describes itself when asked, and says that media flows.
async fn answer(device: Device, round: RoundId, rung: &mpsc::Sender<Rung>) -> anyhow::Result<Infallible> {
    let Device { mut writing, mut reading, heartbeat } = device;
    let (mut answered, mut pings) = (None, 0);
    let mut beat = tokio::time::interval(heartbeat);
    loop {
        let frame = tokio::select! {
            _ = beat.tick() => {
                pings += 1;
                writing.say(&ClientFrame::Ping { n: pings }).await?;
                continue;
            }
            frame = next(&mut reading) => frame?,
        };
        match frame {
            ServerFrame::Call(told) => {
                let ringing = matches!(told.phase, CallPhase::Ringing { by, .. } if by != told.side);
                if ringing && answered != Some(told.call) {
                    answered = Some(told.call);
                    let call = told.call;
                    ask(&mut writing, round, Command::Reached { call }).await?;
                    // Err: nobody measures any more.
                    let _ = rung.send(Rung { call, at: Instant::now() }).await;
                    ask(&mut writing, round, Command::Answer { call }).await?;
                }
            }
            ServerFrame::Signal { call, epoch, signal: Signal::Offer { .. } } => {
                let signal = Signal::Answer { sdp: sdp() };
                writing.say(&ClientFrame::Signal { call, epoch, signal }).await?;
                let flowing = Command::Media { call, epoch, state: MediaReport::Flowing };
                ask(&mut writing, round, flowing).await?;
            }
            _ => {}
        }
    }
}

/// As [`Reading::hear`], without reading what is not about calls: rooms come to everybody at every call.
async fn next(reading: &mut Reading) -> anyhow::Result<ServerFrame> {
    loop {
        let text = reading.text().await?;
        if !text.starts_with(r#"{"kind":"room""#) {
            return Ok(serde_json::from_str(&text)?);
        }
    }
}

async fn ask(writing: &mut Writing, round: RoundId, command: Command) -> anyhow::Result<()> {
    let id = ChangeId::from_parts(unix_ms(), &rand::random());
    writing.say(&ClientFrame::Change { id, change: Change::Round { round, command } }).await
}

fn phase(frame: &ServerFrame, call: CallId) -> Option<&CallPhase> {
    match frame {
        ServerFrame::Call(told) if told.call == call => Some(&told.phase),
        _ => None,
    }
}

/// The epoch in which the two sides are to connect.
fn plan(frame: &ServerFrame, call: CallId) -> Option<u32> {
    phase(frame, call)?.plan().map(|plan| plan.epoch)
}

fn sdp() -> String {
    let mut sdp = String::from("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n");
    while sdp.len() < SDP_BYTES {
        sdp.push_str("a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host\r\n");
    }
    sdp
}
