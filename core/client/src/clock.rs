//! The device's two clocks. This is the only place of the client that reads one.
//!
//! [`Clock::now`] goes on while the phone sleeps: `CLOCK_BOOTTIME` on Linux and Android; on Apple
//! systems `CLOCK_MONOTONIC`, which counts sleep there (`clock_gettime(3)`). [`Clock::wall`] is the
//! server's wall time once a server told it, and is never used for order or timeouts.

use miantan_domain::time::{Moment, Timestamp, WallTime};

/// The measuring clock of this process, and what is known of the server's wall clock.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// The server's wall time at a moment of the measuring clock. The device's own wall clock is
    /// often minutes off and may be set by hand at any time.
    anchor: Option<(Timestamp, WallTime)>,
}

impl Clock {
    /// Milliseconds of the clock that counts sleep.
    pub fn now(&self) -> Timestamp {
        measure()
    }

    /// Both clocks at once.
    pub fn moment(&self) -> Moment {
        let now = measure();
        let wall = match self.anchor {
            Some((at, wall)) => wall.after(now.since(at) as i64),
            None => device_wall(),
        };
        Moment { now, wall }
    }

    /// Whether [`Self::wall`] is a server's time.
    pub fn is_the_servers(&self) -> bool {
        self.anchor.is_some()
    }

    pub fn wall(&self) -> WallTime {
        self.moment().wall
    }

    /// A server told its time just now.
    pub fn server_says(&mut self, wall: WallTime) {
        self.anchor = Some((measure(), wall));
    }

    /// Another server is in use: the last one's time says nothing about it.
    pub fn forget_server(&mut self) {
        self.anchor = None;
    }
}

fn measure() -> Timestamp {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    Timestamp(time.tv_sec as u64 * 1_000 + time.tv_nsec as u64 / 1_000_000)
}

fn device_wall() -> WallTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    WallTime(since.map_or(0, |d| d.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_wall_time_replaces_the_devices() {
        let mut clock = Clock::default();
        let own = clock.wall();
        clock.server_says(WallTime(own.0 + 3_600_000));
        let ahead = clock.wall().0 - own.0;
        assert!((3_600_000..3_610_000).contains(&ahead), "{ahead}");
        clock.forget_server();
        assert!(clock.wall().0 - own.0 < 10_000);
    }

    #[test]
    fn the_measuring_clock_does_not_go_back() {
        let clock = Clock::default();
        let first = clock.now();
        assert!(clock.now() >= first);
        assert!(first.0 > 0);
    }
}
