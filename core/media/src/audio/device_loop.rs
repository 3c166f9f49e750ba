//! The thread that keeps one sound device at work: opens it, moves samples every few milliseconds, and
//! brings it back after it was lost. Microphone and speaker differ only in what a turn does.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::DeviceEvent;
use super::devices::Direction;
use super::recovery::{OpenFailure, Recovery};

/// How often samples are moved.
const TICK: Duration = Duration::from_millis(4);

/// What a turn did with the device.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// Samples moved.
    pub moved: bool,
    /// The device reported its end.
    pub failed: bool,
    /// It reports errors, and may come round.
    pub doubtful: bool,
}

/// One side of the sound, on its thread.
pub(super) trait Side: Send + 'static {
    const THREAD: &'static str;
    const DIRECTION: Direction;
    type Device;

    fn open(id: Option<&str>) -> Result<Self::Device, OpenFailure>;

    /// Moves what is due, also while there is no device: time in the call goes on.
    fn turn(&mut self, device: Option<&mut Self::Device>, now: Instant) -> Turn;

    fn event(&mut self, event: DeviceEvent);

    /// When there will be nothing left to do, if that is known.
    fn end(&self) -> Option<Instant> {
        None
    }

    /// The end has come; the device is closed.
    fn ended(&mut self) {}
}

enum Command {
    Switch(Option<String>),
    Active(bool),
}

/// A device's thread; dropping it closes the device within some milliseconds, without waiting.
#[derive(Debug)]
pub(super) struct DeviceLoop {
    commands: Sender<Command>,
}

impl DeviceLoop {
    /// Starts with the device of this id, or the system's default.
    pub fn start<S: Side>(id: Option<String>, side: S) -> Result<Self, std::io::Error> {
        let (commands, receiver) = channel();
        std::thread::Builder::new().name(S::THREAD.to_owned()).spawn(move || {
            let recovery = Recovery::new(S::DIRECTION, id, Instant::now());
            // Devices are opened and closed on this thread alone: not all of them may change it.
            Worker { side, device: None, recovery }.run(&receiver);
        })?;
        Ok(Self { commands })
    }

    /// Changes to another device (`None`: the system's default).
    pub fn switch(&self, id: Option<String>) {
        // Fails only after the side has ended, when there is nothing to switch.
        let _ = self.commands.send(Command::Switch(id));
    }

    /// Inactive: the device is closed, as a phone call needs it.
    pub fn set_active(&self, active: bool) {
        let _ = self.commands.send(Command::Active(active));
    }
}

struct Worker<S: Side> {
    side: S,
    device: Option<S::Device>,
    recovery: Recovery,
}

impl<S: Side> Worker<S> {
    fn run(mut self, commands: &Receiver<Command>) {
        loop {
            match commands.recv_timeout(TICK) {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.tick();
            if self.side.end().is_some_and(|end| end <= Instant::now()) {
                // Closed first: whoever hears of the end may open the device again at once.
                self.device = None;
                self.side.ended();
                return;
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Switch(id) => {
                self.device = None;
                self.recovery.choose(id, now);
            }
            Command::Active(active) => {
                if !active {
                    self.device = None;
                }
                self.recovery.want(active, now);
            }
        }
    }

    fn tick(&mut self) {
        if let Some(attempt) = self.recovery.due(Instant::now()) {
            match S::open(attempt.id()) {
                Ok(device) => {
                    self.device = Some(device);
                    self.recovery.opened(Instant::now());
                }
                Err(failure) => {
                    let event = self.recovery.failed(failure, Instant::now());
                    self.tell(event);
                }
            }
        }
        let now = Instant::now();
        let turn = self.side.turn(self.device.as_mut(), now);
        if self.device.is_none() {
            return;
        }
        if turn.moved {
            let event = self.recovery.progress(now);
            self.tell(event);
        }
        if turn.failed || self.recovery.is_stalled(turn.doubtful, now) {
            self.device = None;
            let event = self.recovery.lost(Instant::now());
            self.tell(event);
        }
    }

    fn tell(&mut self, event: Option<DeviceEvent>) {
        if let Some(event) = event {
            tracing::info!(?event, device = S::THREAD, "sound");
            self.side.event(event);
        }
    }
}
