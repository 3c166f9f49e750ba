//! The place of the bandwidth estimator: it is told what the network did and says how much to send.
//! The adaptive one comes with the weak-network issue; until then [`Fixed`] keeps the start rate.

/// What every call starts to send, in bits per second of video.
pub const START_BITS_PER_SECOND: u32 = 700_000;

/// One second of the network's answers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NetworkReport {
    pub now_ms: u64,
    pub round_trip_ms: Option<u32>,
    /// 0 to 100.
    pub loss_percent: f32,
    pub sent_kbps: u32,
}

pub trait BandwidthEstimator: Send {
    fn report(&mut self, report: NetworkReport);

    /// Video bits per second to send from now on.
    fn target(&self) -> u32;
}

/// Always the same target.
#[derive(Debug, Clone, Copy)]
pub struct Fixed(pub u32);

impl Default for Fixed {
    fn default() -> Self {
        Self(START_BITS_PER_SECOND)
    }
}

impl BandwidthEstimator for Fixed {
    fn report(&mut self, _report: NetworkReport) {}

    fn target(&self) -> u32 {
        self.0
    }
}
