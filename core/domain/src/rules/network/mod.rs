//! What the network check's figures mean for a call.

use crate::model::{NetworkFigures, NetworkVerdict, RelayWay};

#[cfg(test)]
mod tests;

/// Kilobits a second, each way, for 640×360 at 30 pictures a second with room to breathe; the ladder's own limits below
/// it (DESIGN.md, *Media*).
const CLEAR_KBPS: u32 = 500;
const SMALL_KBPS: u32 = 250;
const SOUND_KBPS: u32 = 60;
/// Opus with FEC hides up to about this loss; beyond twice of it words are lost.
const LOSS_GOOD: f32 = 5.0;
const LOSS_WEAK: f32 = 15.0;
/// Round trip from which people begin to interrupt each other (ITU-T G.114: 400 ms one way is the limit), ms.
const ROUND_TRIP_GOOD: u32 = 400;
const ROUND_TRIP_WEAK: u32 = 800;

pub fn judge(figures: &NetworkFigures) -> NetworkVerdict {
    let Some(round_trip) = figures.round_trip_ms else { return NetworkVerdict::Unreachable };
    let loss = match (figures.relay, figures.loss_percent) {
        (RelayWay::Works, Some(loss)) => loss,
        (RelayWay::Works, None) | (RelayWay::Blocked, _) => return NetworkVerdict::NoUdp,
        // nothing to measure it with: nobody is told that a network blocks what was never tried
        (RelayWay::NotOffered, _) => 0.0,
    };
    let narrow = figures.up_kbps.min(figures.down_kbps);
    if narrow < SOUND_KBPS || loss.is_nan() || loss > LOSS_WEAK || round_trip > ROUND_TRIP_WEAK {
        NetworkVerdict::Weak
    } else if narrow < SMALL_KBPS {
        NetworkVerdict::SoundOnly
    } else if narrow < CLEAR_KBPS || loss > LOSS_GOOD || round_trip > ROUND_TRIP_GOOD {
        NetworkVerdict::SmallPicture
    } else {
        NetworkVerdict::Good
    }
}

/// Whether the step passes by itself; otherwise the person reads what it means and goes on, or tries again.
pub const fn good_enough(verdict: NetworkVerdict) -> bool {
    match verdict {
        NetworkVerdict::Good | NetworkVerdict::SmallPicture => true,
        NetworkVerdict::SoundOnly
        | NetworkVerdict::Weak
        | NetworkVerdict::NoUdp
        | NetworkVerdict::Unreachable => false,
    }
}
