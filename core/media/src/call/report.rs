//! The once-a-second figures of a call, as differences of what flowed.

use std::sync::atomic::{AtomicU64, Ordering};

use webrtc::peer_connection::{RTCStatsReport, RTCStatsReportEntry};

use super::CallStats;
use super::health::quality;
use super::tap::Flow;

const EVERY_MS: u64 = 1000;

#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    bytes_in: u64,
    bytes_out: u64,
    packets_in: u64,
    packets_lost: u64,
    pictures: u64,
}

impl Totals {
    fn of(flow: &Flow) -> Self {
        let read = |value: &AtomicU64| value.load(Ordering::Relaxed);
        Self {
            bytes_in: read(&flow.bytes_in),
            bytes_out: read(&flow.bytes_out),
            packets_in: read(&flow.packets_in),
            packets_lost: read(&flow.packets_lost),
            pictures: read(&flow.pictures_decoded),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Reporter {
    since_ms: u64,
    before: Totals,
}

impl Reporter {
    pub(super) fn start(&mut self, now_ms: u64, flow: &Flow) {
        self.since_ms = now_ms;
        self.before = Totals::of(flow);
    }

    pub(super) fn is_due(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.since_ms) >= EVERY_MS
    }

    pub(super) fn make(
        &mut self,
        now_ms: u64,
        flow: &Flow,
        report: &RTCStatsReport,
        interrupted: bool,
    ) -> CallStats {
        let passed_ms = now_ms.saturating_sub(self.since_ms).max(1);
        let (now, before) = (Totals::of(flow), self.before);
        self.start(now_ms, flow);
        // Bytes per millisecond times eight are kilobits per second.
        let kbps = |now: u64, before: u64| (now.saturating_sub(before) * 8 / passed_ms) as u32;
        let lost = now.packets_lost.saturating_sub(before.packets_lost);
        let came = now.packets_in.saturating_sub(before.packets_in);
        let loss_percent = if lost == 0 { 0.0 } else { lost as f32 * 100.0 / (lost + came) as f32 };
        let round_trip_ms = round_trip_ms(report);
        flow.round_trip_ms.store(round_trip_ms.unwrap_or(0), Ordering::Relaxed);
        CallStats {
            round_trip_ms,
            loss_percent,
            sent_kbps: kbps(now.bytes_out, before.bytes_out),
            available_kbps: flow.estimate().bits_per_second / 1000,
            received_kbps: kbps(now.bytes_in, before.bytes_in),
            fps_in: now.pictures.saturating_sub(before.pictures) as f32 * 1000.0 / passed_ms as f32,
            width_in: flow.width_in.load(Ordering::Relaxed),
            height_in: flow.height_in.load(Ordering::Relaxed),
            quality: quality(interrupted, loss_percent, round_trip_ms),
        }
    }
}

/// From the other side's RTCP reports; before the first one, from the ICE checks of the chosen pair.
fn round_trip_ms(report: &RTCStatsReport) -> Option<u32> {
    let reported = report
        .iter()
        .filter_map(|entry| match entry {
            RTCStatsReportEntry::RemoteInboundRtp(stats) if stats.round_trip_time_measurements > 0 => {
                Some(stats.round_trip_time)
            }
            _ => None,
        })
        .reduce(f64::max);
    let checked = || {
        report
            .candidate_pairs()
            .find(|pair| pair.nominated && pair.responses_received > 0)
            .map(|pair| pair.current_round_trip_time)
    };
    reported.or_else(checked).map(|seconds| (seconds * 1000.0).round() as u32)
}
