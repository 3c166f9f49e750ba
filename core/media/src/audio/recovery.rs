//! When to open which device, when it counts as lost, and what to report: the rules shared by
//! capture and playback.
//!
//! Pure: time is an argument, devices are names. It never opens anything.

use std::time::{Duration, Instant};

use super::DeviceEvent;
use super::devices::Direction;
use crate::MediaProblem;

/// A running device that moved no sample for this long is lost.
const STALLED: Duration = Duration::from_secs(2);
/// The same while it reports errors.
const STALLED_DOUBTFUL: Duration = Duration::from_millis(800);
/// Waits between rounds of attempts; the last one stays.
const WAITS: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// A busy device (somebody is just closing it) is tried again quickly, this often, unreported.
const BUSY_WAIT: Duration = Duration::from_millis(100);
const BUSY_TRIES: u32 = 10;

/// Why a device could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenFailure {
    Missing,
    Refused,
    Busy,
}

/// Which device to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attempt {
    Chosen(String),
    SystemDefault,
}

impl Attempt {
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Chosen(id) => Some(id),
            Self::SystemDefault => None,
        }
    }
}

#[derive(Debug)]
enum State {
    /// Nothing is wanted now (the call is paused).
    Off,
    /// About to try `attempt`.
    Trying {
        attempt: Attempt,
        not_before: Instant,
    },
    Running {
        last_progress: Instant,
        moved: bool,
    },
}

/// See the module.
#[derive(Debug)]
pub(super) struct Recovery {
    direction: Direction,
    chosen: Option<String>,
    state: State,
    /// Rounds of attempts that failed since sound last flowed.
    rounds: usize,
    busy: u32,
    /// The problem that was reported and not yet taken back.
    reported: Option<MediaProblem>,
    /// Sound flowed at least once: what fails now was lost, not missing.
    had_sound: bool,
}

impl Recovery {
    pub fn new(direction: Direction, chosen: Option<String>, now: Instant) -> Self {
        let mut recovery = Self {
            direction,
            chosen,
            state: State::Off,
            rounds: 0,
            busy: 0,
            reported: None,
            had_sound: false,
        };
        recovery.start(now);
        recovery
    }

    fn first(&self) -> Attempt {
        self.chosen.clone().map_or(Attempt::SystemDefault, Attempt::Chosen)
    }

    fn start(&mut self, now: Instant) {
        self.rounds = 0;
        self.busy = 0;
        self.state = State::Trying { attempt: self.first(), not_before: now };
    }

    /// Another device was chosen (`None`: the default). The caller closes the old one.
    pub fn choose(&mut self, chosen: Option<String>, now: Instant) {
        self.chosen = chosen;
        self.had_sound = false;
        if !matches!(self.state, State::Off) {
            self.start(now);
        }
    }

    /// Whether a device is wanted at all. The caller closes it when it is not.
    pub fn want(&mut self, wanted: bool, now: Instant) {
        match (&self.state, wanted) {
            (State::Off, true) => self.start(now),
            (_, false) => self.state = State::Off,
            _ => {}
        }
    }

    /// The device to open now, if any.
    pub fn due(&self, now: Instant) -> Option<Attempt> {
        match &self.state {
            State::Trying { attempt, not_before } if *not_before <= now => Some(attempt.clone()),
            _ => None,
        }
    }

    pub fn opened(&mut self, now: Instant) {
        self.busy = 0;
        self.state = State::Running { last_progress: now, moved: false };
    }

    pub fn failed(&mut self, failure: OpenFailure, now: Instant) -> Option<DeviceEvent> {
        let State::Trying { attempt, .. } = &self.state else {
            return None;
        };
        let attempt = attempt.clone();
        if failure == OpenFailure::Busy && self.busy < BUSY_TRIES {
            self.busy += 1;
            self.state = State::Trying { attempt, not_before: now + BUSY_WAIT };
            return None;
        }
        let (next, wait) = match &attempt {
            // The default stands in at once; a refusal holds for it as well, but asking is cheap.
            Attempt::Chosen(_) => (Attempt::SystemDefault, Duration::ZERO),
            Attempt::SystemDefault => {
                let wait = WAITS[self.rounds.min(WAITS.len() - 1)];
                self.rounds += 1;
                (self.first(), wait)
            }
        };
        self.busy = 0;
        self.state = State::Trying { attempt: next, not_before: now + wait };
        let problem = match (self.direction, failure, self.had_sound) {
            (Direction::Input, OpenFailure::Refused, _) => MediaProblem::MicrophoneRefused,
            (Direction::Input, _, true) => MediaProblem::MicrophoneLost,
            (Direction::Input, _, false) => MediaProblem::NoMicrophone,
            (Direction::Output, _, true) => MediaProblem::SpeakerLost,
            (Direction::Output, _, false) => MediaProblem::NoSpeaker,
        };
        self.report(problem)
    }

    /// Samples moved.
    pub fn progress(&mut self, now: Instant) -> Option<DeviceEvent> {
        let State::Running { last_progress, moved } = &mut self.state else {
            return None;
        };
        *last_progress = now;
        *moved = true;
        self.rounds = 0;
        self.had_sound = true;
        self.reported.take().map(|_| DeviceEvent::Recovered)
    }

    /// No sample moved: whether the device counts as lost by now; sooner where it is doubtful (errors
    /// came). The caller closes it then.
    pub fn is_stalled(&self, doubtful: bool, now: Instant) -> bool {
        let limit = if doubtful { STALLED_DOUBTFUL } else { STALLED };
        matches!(&self.state, State::Running { last_progress, .. }
            if now.saturating_duration_since(*last_progress) > limit)
    }

    /// The running device reported an error or stalled; the caller has closed it.
    pub fn lost(&mut self, now: Instant) -> Option<DeviceEvent> {
        let State::Running { moved, .. } = self.state else {
            return None;
        };
        // A device that opens and dies at once must not be opened in a tight circle.
        let wait = if moved {
            Duration::ZERO
        } else {
            let wait = WAITS[self.rounds.min(WAITS.len() - 1)];
            self.rounds += 1;
            wait
        };
        self.state = State::Trying { attempt: self.first(), not_before: now + wait };
        self.report(match self.direction {
            Direction::Input => MediaProblem::MicrophoneLost,
            Direction::Output => MediaProblem::SpeakerLost,
        })
    }

    fn report(&mut self, problem: MediaProblem) -> Option<DeviceEvent> {
        if self.reported.as_ref() == Some(&problem) {
            return None;
        }
        // "Lost" stays the word for what was lost, however its successors fail.
        let lost = [MediaProblem::MicrophoneLost, MediaProblem::SpeakerLost];
        let is_missing = matches!(problem, MediaProblem::NoMicrophone | MediaProblem::NoSpeaker);
        if is_missing && self.reported.as_ref().is_some_and(|r| lost.contains(r)) {
            return None;
        }
        self.reported = Some(problem.clone());
        Some(DeviceEvent::Problem(problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn chosen(id: &str) -> Attempt {
        Attempt::Chosen(id.to_owned())
    }

    #[test]
    fn audio_recovery_lost_headset_falls_back_to_the_default() {
        let t = Instant::now();
        let mut recovery = Recovery::new(Direction::Input, Some("headset".to_owned()), t);
        assert_eq!(recovery.due(t), Some(chosen("headset")));
        recovery.opened(t);
        assert_eq!(recovery.due(t), None);
        assert_eq!(recovery.progress(t), None);
        let t = t + SECOND;
        let lost = Some(DeviceEvent::Problem(MediaProblem::MicrophoneLost));
        assert_eq!(recovery.lost(t), lost);
        assert_eq!(recovery.due(t), Some(chosen("headset")));
        assert_eq!(recovery.failed(OpenFailure::Missing, t), None, "reported once");
        assert_eq!(recovery.due(t), Some(Attempt::SystemDefault));
        recovery.opened(t);
        assert_eq!(recovery.progress(t), Some(DeviceEvent::Recovered));
        assert_eq!(recovery.progress(t), None);
    }

    #[test]
    fn audio_recovery_nothing_there_is_said_once_and_tried_ever_slower() {
        let mut t = Instant::now();
        let mut recovery = Recovery::new(Direction::Output, None, t);
        let missing = Some(DeviceEvent::Problem(MediaProblem::NoSpeaker));
        assert_eq!(recovery.failed(OpenFailure::Missing, t), missing);
        let mut tries = 0;
        for _ in 0..1_000 {
            t += Duration::from_millis(10);
            if recovery.due(t).is_some() {
                tries += 1;
                assert_eq!(recovery.failed(OpenFailure::Missing, t), None);
            }
        }
        assert!((4..=8).contains(&tries), "{tries} tries in 10 s");
        t += 3 * SECOND;
        assert_eq!(recovery.due(t), Some(Attempt::SystemDefault));
        recovery.opened(t);
        assert_eq!(recovery.progress(t), Some(DeviceEvent::Recovered));
    }

    #[test]
    fn audio_recovery_refusal_is_named() {
        let t = Instant::now();
        let mut recovery = Recovery::new(Direction::Input, None, t);
        assert_eq!(
            recovery.failed(OpenFailure::Refused, t),
            Some(DeviceEvent::Problem(MediaProblem::MicrophoneRefused))
        );
    }

    #[test]
    fn audio_recovery_busy_device_gets_a_second_before_it_is_a_problem() {
        let mut t = Instant::now();
        let mut recovery = Recovery::new(Direction::Output, None, t);
        for _ in 0..10 {
            assert_eq!(recovery.failed(OpenFailure::Busy, t), None);
            assert_eq!(recovery.due(t), None);
            t += Duration::from_millis(101);
            assert!(recovery.due(t).is_some());
        }
        assert!(recovery.failed(OpenFailure::Busy, t).is_some());
    }

    #[test]
    fn audio_recovery_stall_and_dying_devices() {
        let mut t = Instant::now();
        let mut recovery = Recovery::new(Direction::Input, None, t);
        recovery.opened(t);
        assert!(!recovery.is_stalled(false, t + SECOND));
        assert!(recovery.is_stalled(true, t + SECOND));
        t += 3 * SECOND;
        assert!(recovery.is_stalled(false, t));
        assert!(recovery.lost(t).is_some());
        assert_eq!(recovery.due(t), None, "not in a tight circle");
        t += SECOND;
        assert!(recovery.due(t).is_some());
    }

    #[test]
    fn audio_recovery_pause_closes_and_resume_opens() {
        let t = Instant::now();
        let mut recovery = Recovery::new(Direction::Input, None, t);
        recovery.opened(t);
        recovery.want(false, t);
        assert_eq!(recovery.due(t + SECOND), None);
        recovery.choose(Some("other".to_owned()), t);
        assert_eq!(recovery.due(t + SECOND), None);
        recovery.want(true, t);
        assert_eq!(recovery.due(t), Some(chosen("other")));
    }
}
