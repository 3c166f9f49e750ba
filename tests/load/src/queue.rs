//! A round on a busy day: candidates are in the waiting room and their presence changes (they take a telephone call
//! and come back), so many times a second all together; recruiters watch. What is timed is one change from just
//! before it is written to the candidate's socket until the watching device has read it.
//!
//! Changes are sent by the clock, not when the last has arrived, so that a slow server cannot make its own work
//! lighter; by how much we ourselves were behind the clock is a figure of its own (`late_ms_p99`).

use crate::device::{Device, Reading};
use crate::figures::{Figures, ms, percentile};
use crate::people::People;
use crate::{Place, idle};
use anyhow::{Context, bail};
use miantan_domain::ids::TicketId;
use miantan_domain::model::Presence;
use miantan_domain::wire::live::{ClientFrame, ServerFrame};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How many candidates' devices
    #[arg(long, default_value_t = 1_000)]
    pub devices: usize,
    /// How many devices of the recruiter watch; each gets every event
    #[arg(long, default_value_t = 1)]
    pub watchers: usize,
    /// Changes a second, all candidates together
    #[arg(long, default_value_t = 1_000.0)]
    pub rate: f64,
    /// How long, in seconds; with fractions
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
}

/// How long after the last change its event may still come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a watcher still expects of one candidate, oldest first, and whether something of it came already.
#[derive(Default)]
struct Expected {
    changes: Mutex<VecDeque<(Presence, Instant)>>,
    began: AtomicBool,
}

/// One watching device's book.
struct Watch {
    of: HashMap<TicketId, usize>,
    expected: Vec<Expected>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    times: Vec<Duration>,
    /// Events that nobody caused, or in the wrong order.
    wrong: usize,
    last: Option<Instant>,
}

/// # Errors
/// When the round cannot be watched, or no event comes at all.
pub async fn run(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    people: &People,
    options: &Options,
) -> anyhow::Result<Figures> {
    let round = people.candidates.first().context("no candidates")?.round;
    if people.candidates.iter().any(|candidate| candidate.round != round) {
        bail!("the candidates are in several rounds; one can be watched at a time");
    }
    if options.rate.is_nan() || options.rate <= 0.0 || people.desks.is_empty() {
        bail!("--rate must be above 0 and --watchers at least 1");
    }
    // The candidates first: their coming is not what is measured.
    let (senders, receivers): (Vec<_>, Vec<_>) =
        people.candidates.iter().map(|_| mpsc::channel::<Presence>(8)).unzip();
    let mut receivers: Vec<Option<mpsc::Receiver<Presence>>> = receivers.into_iter().map(Some).collect();
    let watches: Arc<Vec<Watch>> = Arc::new(
        people
            .desks
            .iter()
            .map(|_| Watch {
                of: people.candidates.iter().enumerate().map(|(n, c)| (c.ticket, n)).collect(),
                expected: people.candidates.iter().map(|_| Expected::default()).collect(),
                seen: Mutex::default(),
            })
            .collect(),
    );
    let failures = Arc::new(AtomicUsize::new(0));
    let open = idle::open(place, tls, &people.candidates, Presence::Online, |index, device| {
        let orders = receivers[index].take();
        let (watches, failures) = (Arc::clone(&watches), Arc::clone(&failures));
        async move {
            if let Some(orders) = orders {
                change(index, device, orders, &watches).await;
                failures.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await;
    if open.failed > 0 {
        bail!("{} of {} devices did not open", open.failed, people.candidates.len());
    }
    let mut watching = tokio::task::JoinSet::new();
    for (index, desk) in people.desks.iter().enumerate() {
        let mut device = Device::open(&place.server, &desk.token, tls, Presence::Online).await?;
        device.writing.say(&ClientFrame::Watch { round, since: 0 }).await?;
        snapshot(&mut device.reading).await?;
        let watches = Arc::clone(&watches);
        watching.spawn(async move {
            let Device { mut writing, mut reading, heartbeat } = device;
            let beat = async {
                for n in 0.. {
                    tokio::time::sleep(heartbeat).await;
                    if writing.say(&ClientFrame::Ping { n }).await.is_err() {
                        return;
                    }
                }
            };
            tokio::select! { () = beat => {}, () = watches[index].follow(&mut reading) => {} }
        });
    }

    let (began, mut late) = send(&senders, options).await;
    let deadline = Instant::now() + PATIENCE;
    let sent = late.len();
    while watches.iter().any(|watch| watch.missing(sent) > 0) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lost_devices = failures.load(Ordering::Relaxed);
    watching.abort_all();

    let mut times = Vec::new();
    let (mut errors, mut last) = (lost_devices, began);
    for watch in watches.iter() {
        let missing = watch.missing(sent);
        let seen = watch.seen.lock().unwrap_or_else(PoisonError::into_inner);
        times.extend(&seen.times);
        errors += missing + seen.wrong;
        last = last.max(seen.last.unwrap_or(began));
    }
    if times.is_empty() {
        bail!("no event came");
    }
    late.sort_unstable();
    let took = last.saturating_duration_since(began);
    Ok(Figures::of("queue", people.candidates.len(), errors, &mut times, took)
        .with("sent", sent as f64)
        .with("late_ms_p99", ms(percentile(&late, 99))))
}

/// Gives the orders by the clock. Returns when it began, and by how much each order was late.
async fn send(senders: &[mpsc::Sender<Presence>], options: &Options) -> (Instant, Vec<Duration>) {
    let count = (options.rate * options.seconds.max(0.0)).round() as usize;
    let began = Instant::now();
    let mut late = Vec::with_capacity(count);
    for n in 0..count {
        let due = began + Duration::from_secs_f64(n as f64 / options.rate);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        let presence =
            if (n / senders.len()).is_multiple_of(2) { Presence::OnPhoneCall } else { Presence::Online };
        // Err: the device is lost, which is counted, or so far behind that its events are missing, which is seen.
        let _ = senders[n % senders.len()].try_send(presence);
        late.push(Instant::now().saturating_duration_since(due));
    }
    (began, late)
}

/// One candidate's device: changes when told, hears what comes. Returns when the socket ends.
async fn change(index: usize, device: Device, mut orders: mpsc::Receiver<Presence>, watches: &[Watch]) {
    let Device { mut writing, mut reading, heartbeat } = device;
    let say = async {
        for n in 0.. {
            let frame = match tokio::time::timeout(heartbeat, orders.recv()).await {
                Ok(Some(presence)) => {
                    let now = Instant::now();
                    for watch in watches {
                        watch.expected[index].push(presence, now);
                    }
                    ClientFrame::Presence { presence }
                }
                // all is told: only stay
                Ok(None) => {
                    tokio::time::sleep(heartbeat).await;
                    ClientFrame::Ping { n }
                }
                Err(_) => ClientFrame::Ping { n },
            };
            if writing.say(&frame).await.is_err() {
                return;
            }
        }
    };
    let hear = async { while reading.skip().await.is_ok() {} };
    tokio::select! { () = say => {}, () = hear => {} }
}

/// Waits for the whole queue, after which events follow.
async fn snapshot(reading: &mut Reading) -> anyhow::Result<()> {
    loop {
        match reading.hear().await.context("the round cannot be watched")? {
            ServerFrame::Queue { .. } => return Ok(()),
            ServerFrame::Problem(problem) => bail!("the round cannot be watched: {}", problem.code.as_str()),
            _ => {}
        }
    }
}

impl Watch {
    async fn follow(&self, reading: &mut Reading) {
        while let Ok(frame) = reading.hear().await {
            if let ServerFrame::Presence { ticket, presence, .. } = frame {
                self.saw(ticket, presence, Instant::now());
            }
        }
    }

    fn saw(&self, ticket: TicketId, presence: Presence, at: Instant) {
        // others may be in the round: theirs is not ours
        let Some(&index) = self.of.get(&ticket) else { return };
        let expected = &self.expected[index];
        let mut changes = expected.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match changes.front() {
            Some(&(wanted, since)) if wanted == presence => {
                changes.pop_front();
                expected.began.store(true, Ordering::Relaxed);
                seen.times.push(at.saturating_duration_since(since));
                seen.last = Some(at);
            }
            // its coming, which the watcher may hear of as well
            _ if presence == Presence::Online && !expected.began.load(Ordering::Relaxed) => {}
            _ => seen.wrong += 1,
        }
    }

    /// How many of so many changes were not seen yet.
    fn missing(&self, sent: usize) -> usize {
        sent.saturating_sub(self.seen.lock().unwrap_or_else(PoisonError::into_inner).times.len())
    }
}

impl Expected {
    fn push(&self, presence: Presence, at: Instant) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push_back((presence, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(n: u8) -> TicketId {
        TicketId::from_parts(u64::from(n), &[n; 10])
    }

    fn watch() -> Watch {
        Watch {
            of: HashMap::from([(ticket(1), 0)]),
            expected: vec![Expected::default()],
            seen: Mutex::default(),
        }
    }

    #[test]
    fn events_are_timed_in_order_and_missing_ones_counted() {
        let (watch, start) = (watch(), Instant::now());
        let after = |ms| start + Duration::from_millis(ms);
        watch.expected[0].push(Presence::OnPhoneCall, start);
        watch.expected[0].push(Presence::Online, after(5));
        watch.saw(ticket(1), Presence::Online, after(1)); // its coming
        watch.saw(ticket(1), Presence::OnPhoneCall, after(7));
        watch.saw(ticket(2), Presence::OnPhoneCall, start);
        assert_eq!(watch.missing(2), 1);
        watch.saw(ticket(1), Presence::Online, after(9));
        assert_eq!(watch.missing(2), 0);
        let seen = watch.seen.lock().expect("whole");
        let times: Vec<u128> = seen.times.iter().map(Duration::as_millis).collect();
        assert_eq!((times.as_slice(), seen.wrong), (&[7, 4][..], 0));
    }

    #[test]
    fn what_nobody_caused_is_wrong() {
        let (watch, now) = (watch(), Instant::now());
        watch.saw(ticket(1), Presence::OnPhoneCall, now);
        watch.expected[0].push(Presence::Online, now);
        watch.saw(ticket(1), Presence::Offline, now);
        watch.saw(ticket(1), Presence::Online, now);
        watch.saw(ticket(1), Presence::Online, now);
        assert_eq!(watch.seen.lock().expect("whole").wrong, 3);
        assert_eq!(watch.missing(1), 0);
    }
}
