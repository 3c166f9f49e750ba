//! The network step: for some seconds round trips to the server, the way to the relay over UDP and the throughput each way
//! are measured; what it means for a call is `rules::network`'s to say. Good enough passes by itself, after the words were
//! on screen for a moment.

use super::app::App;
use super::event::Event;
use crate::rest::Server;
use crate::view::NetworkCheckView;
use miantan_domain::model::*;
use miantan_domain::rules::check_in::Input as CheckIn;
use miantan_domain::rules::network::{good_enough, judge};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::Command;
use miantan_domain::wire::rest::PROBE_MAX_BYTES;
use miantan_media::reach::{Reach, reach};
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

/// The words are on screen for so long before the step passes, ms.
const READ_MS: u64 = 1_500;
/// How often the progress is shown, ms.
const SHOWN_EVERY_MS: u64 = 250;
/// Round trips are the median of so many; the first one also opens the connection and does not count.
const ROUND_TRIPS: usize = 6;
/// First and smallest piece of a throughput measurement, bytes; doubled until it takes long enough to be measured.
const PIECE: u32 = 16 * 1024;
/// A piece that took so long says enough.
const LONG_ENOUGH: Duration = Duration::from_millis(250);

/// A measurement under way or done.
#[derive(Default)]
pub struct NetworkCheck {
    number: u64,
    began: Option<Timestamp>,
    task: Option<AbortHandle>,
    pub view: NetworkCheckView,
    /// When it passes by itself.
    passes: Option<Timestamp>,
}

impl Drop for NetworkCheck {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl NetworkCheck {
    pub fn is_running(&self) -> bool {
        matches!(self.view, NetworkCheckView::Measuring { .. })
    }

    pub fn verdict(&self) -> Option<NetworkVerdict> {
        match self.view {
            NetworkCheckView::Done { verdict, .. } => Some(verdict),
            NetworkCheckView::Idle | NetworkCheckView::Measuring { .. } => None,
        }
    }
}

impl App {
    /// Measures, unless it does or has done so.
    pub fn start_network_check(&mut self) {
        let (number, now, of_ms) = (self.number(), self.clock.now(), self.network_check_ms);
        let Some(server) = self.rest() else { return };
        let events = self.events.clone();
        let Some(candidate) = self.candidate() else { return };
        if candidate.check.network.view != NetworkCheckView::Idle {
            return;
        }
        let task = tokio::spawn(async move {
            let figures = measure(&server, Duration::from_millis(of_ms)).await;
            // Err: the session has ended.
            let _ = events.send(Event::NetworkChecked { check: number, figures });
        });
        candidate.check.network = NetworkCheck {
            number,
            began: Some(now),
            task: Some(task.abort_handle()),
            view: NetworkCheckView::Measuring { ms: 0, of_ms },
            passes: None,
        };
    }

    pub fn network_measured(&mut self, number: u64, figures: NetworkFigures) {
        let now = self.clock.now();
        let Some(candidate) = self.candidate().filter(|candidate| candidate.check.network.number == number)
        else {
            return;
        };
        let verdict = judge(&figures);
        let check = &mut candidate.check.network;
        check.view = NetworkCheckView::Done { figures, verdict };
        check.passes = good_enough(verdict).then(|| now.after(READ_MS));
        let round = candidate.round().id;
        self.command(round, Command::Network { verdict });
    }

    pub fn network_check_timeout(&self) -> Option<Timestamp> {
        let check = &self.candidate_ref()?.check.network;
        match check.view {
            NetworkCheckView::Measuring { .. } => Some(self.clock.now().after(SHOWN_EVERY_MS)),
            NetworkCheckView::Done { .. } => check.passes,
            NetworkCheckView::Idle => None,
        }
    }

    pub fn network_check_time(&mut self) {
        let now = self.clock.now();
        let Some(candidate) = self.candidate() else { return };
        let check = &mut candidate.check.network;
        if let NetworkCheckView::Measuring { ms, of_ms } = &mut check.view {
            *ms = check.began.map_or(0, |began| now.since(began)).min(*of_ms);
        }
        if check.passes.take_if(|at| *at <= now).is_some() {
            self.check_in(CheckIn::Passed(CheckInStep::Network));
        }
    }

    /// 继续: only what is good enough; everything else goes on after its hints.
    pub fn network_passed(&mut self) {
        let good =
            self.candidate().and_then(|candidate| candidate.check.network.verdict()).is_some_and(good_enough);
        if good {
            self.check_in(CheckIn::Passed(CheckInStep::Network));
        }
    }
}

/// All of it, in about this time.
async fn measure(server: &Server, within: Duration) -> NetworkFigures {
    let began = Instant::now();
    let (web, (relay, udp)) = tokio::join!(over_web(server, within), over_udp(server, within));
    // Measured for as long as was said: a line that is good for a moment only shows itself.
    tokio::time::sleep(within.saturating_sub(began.elapsed())).await;
    NetworkFigures {
        round_trip_ms: web.round_trip_ms,
        loss_percent: udp.loss_percent(),
        up_kbps: web.up_kbps,
        down_kbps: web.down_kbps,
        relay,
    }
}

async fn over_udp(server: &Server, within: Duration) -> (RelayWay, Reach) {
    match tokio::time::timeout(within, server.probe_relay()).await {
        Ok(Ok(relay)) if relay.servers.is_empty() => (RelayWay::NotOffered, Reach::default()),
        Ok(Ok(relay)) => {
            let found = reach(&relay.servers, within.mul_f32(0.8)).await;
            (if found.relay { RelayWay::Works } else { RelayWay::Blocked }, found)
        }
        Ok(Err(problem)) => {
            tracing::info!(code = %problem.code, "no relay to try");
            (RelayWay::Blocked, Reach::default())
        }
        Err(_) => (RelayWay::Blocked, Reach::default()),
    }
}

#[derive(Default)]
struct Web {
    round_trip_ms: Option<u32>,
    up_kbps: u32,
    down_kbps: u32,
}

async fn over_web(server: &Server, within: Duration) -> Web {
    let mut web = Web::default();
    let end = Instant::now() + within;
    let mut trips = Vec::new();
    for count in 0..=ROUND_TRIPS {
        let began = Instant::now();
        let left = end.saturating_duration_since(began);
        match tokio::time::timeout(left, server.info()).await {
            Ok(Ok(_)) if count > 0 => trips.push(began.elapsed().as_millis() as u32),
            Ok(Ok(_)) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
    trips.sort_unstable();
    web.round_trip_ms = trips.get(trips.len() / 2).copied();
    if web.round_trip_ms.is_none() {
        return web;
    }
    let half = end.saturating_duration_since(Instant::now()) / 2;
    web.down_kbps = down(server, half).await;
    web.up_kbps = up(server, end.saturating_duration_since(Instant::now())).await;
    web
}

fn kbps(bytes: u64, took: Duration) -> u32 {
    let ms = (took.as_secs_f64() * 1_000.0).max(0.1);
    (bytes as f64 * 8.0 / ms).min(f64::from(u32::MAX)) as u32
}

/// Grows the pieces until one takes long enough, within the time and the server's limit.
async fn down(server: &Server, within: Duration) -> u32 {
    let (end, mut bytes, mut best) = (Instant::now() + within, PIECE, 0);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let Ok(Ok((came, took))) = tokio::time::timeout(left, server.probe_down(bytes, left)).await else {
            break;
        };
        if came > 0 {
            best = kbps(came, took);
        }
        if took >= LONG_ENOUGH || bytes >= PROBE_MAX_BYTES || came < u64::from(bytes) {
            break;
        }
        bytes = (bytes * 4).min(PROBE_MAX_BYTES);
    }
    best
}

async fn up(server: &Server, within: Duration) -> u32 {
    let (end, mut bytes, mut best) = (Instant::now() + within, PIECE, 0);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let Ok(Ok(took)) = tokio::time::timeout(left, server.probe_up(bytes as usize)).await else { break };
        best = kbps(u64::from(bytes), took);
        if took >= LONG_ENOUGH || bytes >= PROBE_MAX_BYTES {
            break;
        }
        bytes = (bytes * 4).min(PROBE_MAX_BYTES);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobits_of_bytes_and_time() {
        assert_eq!(kbps(125_000, Duration::from_secs(1)), 1_000);
        assert_eq!(kbps(0, Duration::from_secs(1)), 0);
        assert!(kbps(4_000_000, Duration::ZERO) > 1_000_000, "no division by nothing");
    }
}
