//! Whether a call flows: interrupted and resumed, the other side's camera on or off, and how good the
//! network is. Pure: time and measurements are arguments.

use super::Quality;

/// Nothing received for this long is an interruption.
pub(super) const SILENCE_MS: u64 = 1000;
/// No picture for this long while other packets come: the other side's camera is off.
const NO_PICTURE_MS: u64 = 1000;
/// What counts as "other packets come" for the line above.
const FLOWING_MS: u64 = 600;

/// What ICE says of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Path {
    #[default]
    Up,
    /// No connectivity check came for 2 s. Checks are two packets a second: a crowded link loses four in a row while
    /// sound comes through, so silence decides, only sooner.
    Doubtful,
    Failed,
}

impl Path {
    /// Nothing received for this long is an interruption.
    fn silence_ms(self) -> u64 {
        match self {
            Self::Up => SILENCE_MS,
            Self::Doubtful => FLOWING_MS,
            Self::Failed => 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Interrupted,
    Resumed,
    RemoteVideoOff,
}

/// One look at the call.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    pub(super) now_ms: u64,
    /// 0 is never.
    pub(super) last_received_ms: u64,
    pub(super) last_video_ms: u64,
    pub(super) remote_video: bool,
}

#[derive(Debug, Default)]
pub(super) struct Health {
    connected_ms: Option<u64>,
    path: Path,
    interrupted: bool,
}

impl Health {
    pub(super) fn connected(&mut self, now_ms: u64) {
        self.connected_ms.get_or_insert(now_ms);
        self.path = Path::Up;
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected_ms.is_some()
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    pub(super) fn path(&mut self, path: Path) {
        self.path = path;
    }

    pub(super) fn look(&mut self, look: Look) -> Option<Change> {
        let connected = self.connected_ms?;
        let heard = look.last_received_ms.max(connected);
        let silent = look.now_ms.saturating_sub(heard) >= self.path.silence_ms();
        if silent != self.interrupted {
            self.interrupted = !self.interrupted;
            return Some(if self.interrupted { Change::Interrupted } else { Change::Resumed });
        }
        let flowing = look.now_ms.saturating_sub(look.last_received_ms) < FLOWING_MS;
        let dark = look.now_ms.saturating_sub(look.last_video_ms) >= NO_PICTURE_MS;
        (look.remote_video && flowing && dark && !self.interrupted).then_some(Change::RemoteVideoOff)
    }
}

/// Good: under 2 % lost and under 200 ms there and back. Fair: under 8 % and under 400 ms. Poor: worse.
/// Lost: interrupted. Conversation gets tiring from about 400 ms (ITU-T G.114 one way plus processing), and
/// Opus with FEC hides up to about 8 %.
pub(super) fn quality(interrupted: bool, loss_percent: f32, round_trip_ms: Option<u32>) -> Quality {
    let delay = round_trip_ms.unwrap_or(0);
    if interrupted {
        Quality::Lost
    } else if loss_percent >= 8.0 || delay >= 400 {
        Quality::Poor
    } else if loss_percent >= 2.0 || delay >= 200 {
        Quality::Fair
    } else {
        Quality::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(now_ms: u64, last_received_ms: u64) -> Look {
        Look { now_ms, last_received_ms, last_video_ms: last_received_ms, remote_video: true }
    }

    #[test]
    fn silence_interrupts_once_and_a_packet_resumes() {
        let mut health = Health::default();
        assert_eq!(health.look(look(90_000, 0)), None, "nothing is lost before the call is up");
        health.connected(1000);
        assert_eq!(health.look(look(1999, 0)), None);
        assert_eq!(health.look(look(2000, 0)), Some(Change::Interrupted));
        assert_eq!(health.look(look(2500, 0)), None);
        assert_eq!(health.look(look(2600, 2550)), Some(Change::Resumed));
        assert_eq!(health.look(look(2700, 2650)), None);
    }

    #[test]
    fn a_path_that_failed_interrupts_although_packets_came_just_now() {
        let mut health = Health::default();
        health.connected(1000);
        health.path(Path::Failed);
        assert_eq!(health.look(look(1100, 1090)), Some(Change::Interrupted));
        health.path(Path::Up);
        assert_eq!(health.look(look(1300, 1290)), Some(Change::Resumed));
    }

    #[test]
    fn lost_checks_interrupt_nothing_while_sound_comes_through() {
        let mut health = Health::default();
        health.connected(1000);
        health.path(Path::Doubtful);
        assert_eq!(health.look(look(3000, 2900)), None);
        assert_eq!(health.look(look(3499, 2900)), None);
        assert_eq!(health.look(look(3500, 2900)), Some(Change::Interrupted), "sooner than on a sure path");
        assert_eq!(health.look(look(3600, 3580)), Some(Change::Resumed));
    }

    #[test]
    fn a_dark_camera_is_told_from_a_dead_network() {
        let mut health = Health::default();
        health.connected(1000);
        let mut dark = look(5000, 4900);
        dark.last_video_ms = 3950;
        assert_eq!(health.look(dark), Some(Change::RemoteVideoOff));
        dark.remote_video = false;
        assert_eq!(health.look(dark), None);
        dark.remote_video = true;
        dark.last_received_ms = 3950;
        assert_eq!(health.look(dark), Some(Change::Interrupted), "everything stopped: not the camera");
    }

    #[test]
    fn quality_follows_its_thresholds() {
        assert_eq!(quality(false, 0.0, None), Quality::Good);
        assert_eq!(quality(false, 2.0, Some(10)), Quality::Fair);
        assert_eq!(quality(false, 0.0, Some(200)), Quality::Fair);
        assert_eq!(quality(false, 8.0, Some(10)), Quality::Poor);
        assert_eq!(quality(false, 0.0, Some(400)), Quality::Poor);
        assert_eq!(quality(true, 0.0, Some(1)), Quality::Lost);
    }
}
