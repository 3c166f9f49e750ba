//! What is sent, by what the network carries: the ladder's step, the rates of pictures and sound, and
//! filler while a better path is hoped for. Looked at ten times a second.

use super::Session;
use crate::call::outgoing::Plan;
use crate::call::{MediaEvent, RemotePause};
use crate::video::Ladder;
use crate::video::bandwidth::{Estimate, Prober};
use crate::video::ladder::Climber;

/// Headers around fifty packets of sound a second.
const SOUND_HEADERS: u32 = 24_000;
/// What is left of a video rate for the pictures themselves.
const PICTURE_PART: f64 = 0.93;
/// Fewer bits than this make no picture.
const PICTURES_LEAST: u32 = 30_000;
/// On a path this narrow pictures are sent packet by packet, so that sound is not kept waiting behind them.
const NARROW: u32 = 500_000;
/// How much faster than the allowance one picture may go out.
const HASTE: u32 = 2;
/// What Opus' FEC is told of losses, in percent: never none, and never so much that little sound is left.
const LOSS_TOLD: std::ops::RangeInclusive<f32> = 5.0..=30.0;

#[derive(Debug, Default)]
pub(super) struct Pace {
    climber: Climber,
    prober: Prober,
}

impl Pace {
    fn look(
        &mut self,
        now_ms: u64,
        estimate: Estimate,
        pictures: bool,
        pause: Option<RemotePause>,
    ) -> (Plan, Option<Ladder>) {
        let changed = self.climber.look(now_ms, estimate.bits_per_second);
        let step = self.climber.step();
        // Without a picture to send there is nothing to find a better path for.
        let probe_bits = self.prober.rate(now_ms, pictures && step > Ladder::Full, estimate);
        let pause = pause.or((step == Ladder::AudioOnly).then_some(RemotePause::Network));
        let plan = Plan {
            step,
            video_bits: video_bits(step, estimate),
            pace_bits: if estimate.bits_per_second < NARROW { estimate.allowance * HASTE } else { 0 },
            probe_bits,
            pause,
        };
        (plan, changed)
    }
}

fn video_bits(step: Ladder, estimate: Estimate) -> u32 {
    let left = estimate.allowance.saturating_sub(step.sound() + SOUND_HEADERS);
    ((f64::from(left) * PICTURE_PART) as u32).clamp(PICTURES_LEAST, step.most())
}

impl Session {
    pub(super) fn pace(&mut self, now_ms: u64) {
        if !self.health.is_connected() || self.health.is_interrupted() {
            return;
        }
        let estimate = self.flow.estimate();
        let pause = self.own_pause();
        let (plan, changed) = self.pace.look(now_ms, estimate, pause.is_none(), pause);
        self.plan.send_if_modified(|before| std::mem::replace(before, plan) != plan);
        if let Some(audio) = &self.audio {
            let loss = estimate.loss_percent.clamp(*LOSS_TOLD.start(), *LOSS_TOLD.end());
            audio.set_network(plan.step.sound(), loss.round() as u8);
        }
        if let Some(step) = changed {
            tracing::info!(
                ?step,
                kbps = estimate.bits_per_second / 1000,
                queue_ms = estimate.queue_ms,
                "what the network carries"
            );
            self.tell(MediaEvent::Sending(step));
        }
    }

    /// Why this side has no picture to send, whatever the network.
    fn own_pause(&self) -> Option<RemotePause> {
        if self.paused {
            Some(RemotePause::PhoneCall)
        } else if !self.camera_on || self.camera_failed || self.capture.is_none() {
            Some(RemotePause::CameraOff)
        } else if self.hidden {
            Some(RemotePause::Away)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(kbps: u32) -> Estimate {
        Estimate { bits_per_second: kbps * 1000, allowance: kbps * 1000, ..Estimate::default() }
    }

    #[test]
    fn what_is_sent_fits_what_is_carried() {
        for kbps in [130, 200, 260, 300, 399] {
            let mut pace = Pace::default();
            let mut last = None;
            for ms in (0..2_000).step_by(100) {
                last = Some(pace.look(ms, estimate(kbps), true, None).0);
            }
            let plan = last.unwrap();
            let sent = plan.video_bits + plan.step.sound() + SOUND_HEADERS;
            assert!(sent <= kbps * 1000, "{sent} of {kbps} kb/s: {plan:?}");
            assert!(plan.pace_bits > plan.video_bits, "a picture goes out before the next: {plan:?}");
        }
    }

    #[test]
    fn the_reason_for_no_picture_is_the_persons_before_the_networks() {
        let mut pace = Pace::default();
        let look = |pace: &mut Pace, ms, pause| pace.look(ms, estimate(80), true, pause).0;
        look(&mut pace, 0, None);
        assert_eq!(look(&mut pace, 500, None).pause, Some(RemotePause::Network));
        let phone = Some(RemotePause::PhoneCall);
        assert_eq!(look(&mut pace, 600, phone).pause, phone);
    }

    #[test]
    fn filler_is_for_pictures_only() {
        for pictures in [true, false] {
            let mut pace = Pace::default();
            let filler = (0..30_000)
                .step_by(100)
                .any(|ms| pace.look(ms, estimate(80), pictures, None).0.probe_bits > 0);
            assert_eq!(filler, pictures);
        }
    }
}
