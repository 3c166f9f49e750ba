//! Brings the estimator and the packet chain together: what the other side reports of each packet goes
//! in, and what the path carries is put where the call's loop finds it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use rtc::interceptor::{BandwidthEstimator as Estimator, PacketReport};

use super::tap::Flow;
use crate::frame::now_ms;
use crate::video::bandwidth::{BandwidthEstimator, Fate, PACKET_OVERHEAD};

/// A packet left so lately that reports may be expected.
const SENDING_MS: u64 = 300;

pub(super) struct Congestion {
    estimator: BandwidthEstimator,
    began: Instant,
    flow: Arc<Flow>,
}

impl Congestion {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        Self { estimator: BandwidthEstimator::default(), began: Instant::now(), flow }
    }

    fn since(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.began).as_micros() as u64
    }
}

impl Estimator for Congestion {
    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        let fates: Vec<Fate> = reports
            .iter()
            // Arrived, but the report says not when; or the report itself was lost: nothing to learn from.
            .filter(|report| {
                report.arrival.is_some()
                    || !report.arrived && self.flow.is_reported(report.twcc_sequence_number)
            })
            .map(|report| Fate {
                sent_us: self.since(report.departure),
                arrived_us: report.arrival.map(|arrival| arrival.as_micros() as u64),
                bytes: report.size as u32 + PACKET_OVERHEAD,
            })
            .collect();
        let now = self.since(now);
        self.estimator.report(now, &fates);
        self.flow.set_estimate(self.estimator.estimate());
    }

    fn target_bitrate(&self) -> f64 {
        f64::from(self.estimator.estimate().allowance)
    }

    fn handle_timeout(&mut self, now: Instant) {
        let sent = self.flow.last_sent_ms.load(Ordering::Relaxed);
        let sending = sent > 0 && now_ms().saturating_sub(sent) < SENDING_MS;
        let now = self.since(now);
        self.estimator.tick(now, sending);
        self.flow.set_estimate(self.estimator.estimate());
    }
}
