//! The machine itself. See [`super`] for its picture.

use super::condition::{Down, Live, Silence, State, full_jitter};
use super::state::*;
use crate::time::Timestamp;
use crate::wire::live::ByeReason;
use std::collections::VecDeque;

/// One device's connection to its server.
#[derive(Debug, Clone)]
pub struct Link {
    state: State,
    /// The newest socket; open or opening exactly while [`State::has_socket`].
    generation: Generation,
    /// What the system last said of the network. It has no say over a socket that works.
    network: bool,
    pings: u64,
    outputs: VecDeque<Output>,
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

impl Link {
    /// Stopped; a network is assumed until the system says otherwise.
    pub fn new() -> Self {
        Self {
            state: State::Stopped,
            generation: Generation(0),
            network: true,
            pings: 0,
            outputs: VecDeque::new(),
        }
    }

    /// What happened at `now`. Nothing can be refused; what no longer matters is ignored.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Start => self.start(now),
            Input::Stop => self.stop(DownWhy::Stopped),
            Input::NetworkUp => {
                // Systems repeat themselves; only news is a reason to hurry.
                if !std::mem::replace(&mut self.network, true) {
                    self.hurry(now);
                }
            }
            Input::NetworkDown => self.network_down(now),
            Input::NetworkChanged => self.network_changed(now),
            Input::Foreground => self.foreground(now),
            Input::SocketOpened { generation } => {
                if self.is_current(generation) {
                    self.opened(now);
                }
            }
            Input::SocketClosed { generation, why, random } => {
                if self.is_current(generation) {
                    self.closed(now, why, random);
                }
            }
            Input::Heard { generation } => {
                if self.is_current(generation) {
                    self.heard(now);
                }
            }
            Input::Welcomed { generation, heartbeat_ms } => {
                if self.is_current(generation) {
                    self.welcomed(now, heartbeat_ms);
                }
            }
            Input::Bye { generation, reason, retry_after_ms, random } => {
                if self.is_current(generation) {
                    self.bye(now, reason, retry_after_ms, random);
                }
            }
            Input::Timeout { random } => self.timeout(now, random),
        }
    }

    /// The next thing to do outside, if any.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to send [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Why)> {
        let own = match self.state {
            State::Stopped => None,
            State::Offline { until, .. } => Some((until, Why::OfflineTry)),
            State::Connecting { until, .. } => Some((until, Why::ConnectLimit)),
            State::Greeting { until, .. } => Some((until, Why::HelloLimit)),
            State::Live(live) => Some(match live.silence {
                Silence::Heard { at } => (at.after(live.heartbeat_ms), Why::Heartbeat),
                Silence::Asked { until, .. } => (until, Why::PongLimit),
            }),
            State::BackingOff { until, .. } => Some((until, Why::BackOffOver)),
        };
        let show = self
            .state
            .down()
            .filter(|down| !down.shown)
            .map(|down| (down.since.after(SHOW_AFTER_MS), Why::ShowDown));
        own.into_iter().chain(show).min_by_key(|(at, _)| *at)
    }

    /// For the screen; combine with [`Self::shown_as_down`].
    pub fn view(&self) -> LinkView {
        match self.state {
            State::Stopped => LinkView::Stopped,
            State::Offline { .. } => LinkView::Offline,
            // A try that the system gives no hope: the screen should not flicker for it.
            State::Connecting { .. } | State::Greeting { .. } if !self.network => LinkView::Offline,
            State::Connecting { down, .. } | State::Greeting { down, .. } => {
                LinkView::Connecting { since: down.since }
            }
            State::Live(_) => LinkView::Live,
            State::BackingOff { until, .. } => LinkView::Waiting { retry_at: until },
        }
    }

    /// Not live for [`SHOW_AFTER_MS`] or longer: say "reconnecting" on the screen.
    pub fn shown_as_down(&self, now: Timestamp) -> bool {
        self.state.down().is_some_and(|down| now.since(down.since) >= SHOW_AFTER_MS)
    }

    /// Since when there has been no live connection; `None` while live or stopped.
    pub fn down_since(&self) -> Option<Timestamp> {
        self.state.down().map(|down| down.since)
    }

    pub const fn is_live(&self) -> bool {
        matches!(self.state, State::Live(_))
    }

    /// The socket that is open or opening.
    pub fn socket(&self) -> Option<Generation> {
        self.state.has_socket().then_some(self.generation)
    }

    fn is_current(&self, generation: Generation) -> bool {
        self.socket() == Some(generation)
    }

    fn start(&mut self, now: Timestamp) {
        match self.state {
            State::Stopped => {
                let down = Down { since: now, failures: 0, shown: false };
                if self.network {
                    self.connect(now, down);
                } else {
                    self.state = State::Offline { down, until: now.after(OFFLINE_TRY_MS) };
                }
            }
            State::Offline { .. }
            | State::Connecting { .. }
            | State::Greeting { .. }
            | State::Live(_)
            | State::BackingOff { .. } => {}
        }
    }

    /// Lets go of the socket, if there is one, and stays still.
    fn stop(&mut self, why: DownWhy) {
        self.close();
        self.tell_down(why);
        self.state = State::Stopped;
    }

    fn network_down(&mut self, now: Timestamp) {
        self.network = false;
        let down = match self.state {
            State::Stopped | State::Offline { .. } => return,
            State::Connecting { down, .. }
            | State::Greeting { down, .. }
            | State::BackingOff { down, .. } => down,
            State::Live(live) => Down { since: now, failures: live.failures_at(now), shown: false },
        };
        self.close();
        self.tell_down(DownWhy::NoNetwork);
        self.state = State::Offline { down, until: now.after(OFFLINE_TRY_MS) };
    }

    fn network_changed(&mut self, now: Timestamp) {
        self.network = true;
        match self.state {
            State::Stopped => {}
            State::Live(live) => self.probe(now, live),
            // A try over the old network is not worth waiting for.
            State::Connecting { down, .. }
            | State::Greeting { down, .. }
            | State::Offline { down, .. }
            | State::BackingOff { down, .. } => self.reconnect(now, down),
        }
    }

    fn foreground(&mut self, now: Timestamp) {
        match self.state {
            State::Stopped => {}
            State::Live(live) => self.probe(now, live),
            State::Offline { down, .. } | State::BackingOff { down, .. } => self.reconnect(now, down),
            State::Connecting { down, until } | State::Greeting { down, until } => {
                // Its time ran out while the phone slept.
                if now >= until {
                    self.reconnect(now, down);
                }
            }
        }
    }

    /// A reason to hope: whoever waits tries now.
    fn hurry(&mut self, now: Timestamp) {
        match self.state {
            State::Offline { down, .. } | State::BackingOff { down, .. } => self.reconnect(now, down),
            State::Stopped | State::Connecting { .. } | State::Greeting { .. } | State::Live(_) => {}
        }
    }

    fn opened(&mut self, now: Timestamp) {
        match self.state {
            State::Connecting { down, .. } => {
                self.state = State::Greeting { down, until: now.after(HELLO_LIMIT_MS) };
                self.outputs.push_back(Output::SendHello { generation: self.generation });
            }
            State::Stopped
            | State::Offline { .. }
            | State::Greeting { .. }
            | State::Live(_)
            | State::BackingOff { .. } => {}
        }
    }

    fn welcomed(&mut self, now: Timestamp, heartbeat_ms: u64) {
        let heartbeat_ms = heartbeat_ms.clamp(*HEARTBEAT_BOUNDS_MS.start(), *HEARTBEAT_BOUNDS_MS.end());
        let silence = Silence::Heard { at: now };
        match self.state {
            State::Greeting { down, .. } => {
                self.state = State::Live(Live { since: now, failures: down.failures, heartbeat_ms, silence });
                self.outputs.push_back(Output::BecameLive { generation: self.generation });
            }
            State::Live(live) => self.state = State::Live(Live { heartbeat_ms, silence, ..live }),
            // A welcome before the hello was sent means nothing.
            State::Stopped | State::Offline { .. } | State::Connecting { .. } | State::BackingOff { .. } => {}
        }
    }

    fn heard(&mut self, now: Timestamp) {
        match self.state {
            State::Live(live) => {
                self.state = State::Live(Live { silence: Silence::Heard { at: now }, ..live });
            }
            State::Stopped
            | State::Offline { .. }
            | State::Connecting { .. }
            | State::Greeting { .. }
            | State::BackingOff { .. } => {}
        }
    }

    fn closed(&mut self, now: Timestamp, why: SocketEnd, random: u64) {
        match why {
            SocketEnd::Lost | SocketEnd::ClosedByServer => {
                self.lose(now, DownWhy::Closed(why), 0, random);
            }
            SocketEnd::NotSignedIn | SocketEnd::VersionUnsupported => {
                self.tell_down(DownWhy::Closed(why));
                self.state = State::Stopped;
                self.outputs.push_back(match why {
                    SocketEnd::VersionUnsupported => Output::VersionUnsupported,
                    SocketEnd::Lost | SocketEnd::ClosedByServer | SocketEnd::NotSignedIn => {
                        Output::SessionOver
                    }
                });
            }
        }
    }

    fn bye(&mut self, now: Timestamp, reason: ByeReason, retry_after_ms: u64, random: u64) {
        let asked = retry_after_ms.min(RETRY_AFTER_MAX_MS);
        match reason {
            ByeReason::SessionOver => {
                self.stop(DownWhy::Bye(reason));
                self.outputs.push_back(Output::SessionOver);
            }
            ByeReason::Restarting | ByeReason::TooSlow | ByeReason::Flood => {
                self.close();
                self.lose(now, DownWhy::Bye(reason), asked, random);
            }
            ByeReason::Superseded => {
                self.close();
                self.lose(now, DownWhy::Bye(reason), asked.max(SUPERSEDED_WAIT_MS), random);
            }
        }
    }

    fn timeout(&mut self, now: Timestamp, random: u64) {
        if let Some(down) = self.state.down_mut() {
            down.shown |= now.since(down.since) >= SHOW_AFTER_MS;
        }
        match self.state {
            State::Stopped => {}
            State::Offline { down, until } | State::BackingOff { down, until } => {
                if now >= until {
                    self.connect(now, down);
                }
            }
            State::Connecting { until, .. } | State::Greeting { until, .. } => {
                if now >= until {
                    self.close();
                    self.lose(now, DownWhy::Silent, 0, random);
                }
            }
            State::Live(live) => self.listen(now, live, random),
        }
    }

    /// Ping after a heartbeat of silence, and give up when pings stay unanswered.
    fn listen(&mut self, now: Timestamp, live: Live, random: u64) {
        match live.silence {
            Silence::Heard { at } => {
                if now >= at.after(live.heartbeat_ms) {
                    self.ask(live, now.after(live.pong_limit()), PINGS_MISSED_MAX);
                }
            }
            Silence::Asked { until, misses_left } => {
                if now < until {
                    return;
                }
                if misses_left > 1 {
                    self.ask(live, now.after(live.pong_limit()), misses_left - 1);
                } else {
                    self.close();
                    self.lose(now, DownWhy::Silent, 0, random);
                }
            }
        }
    }

    /// Asks for a sign of life at once, with no second chance.
    fn probe(&mut self, now: Timestamp, live: Live) {
        let limit = now.after(PROBE_LIMIT_MS);
        let until = match live.silence {
            // A last ping is under way: many changes in a row must not put off its end. One whose
            // end passed while the phone slept had no fair chance, and is asked anew.
            Silence::Asked { until, misses_left: 1 } if until > now => until.min(limit),
            Silence::Asked { .. } | Silence::Heard { .. } => limit,
        };
        self.ask(live, until, 1);
    }

    fn ask(&mut self, live: Live, until: Timestamp, misses_left: u32) {
        self.pings += 1;
        self.state = State::Live(Live { silence: Silence::Asked { until, misses_left }, ..live });
        self.outputs.push_back(Output::SendPing { generation: self.generation, n: self.pings });
    }

    /// Away from a socket that is closed already: wait at least `least_ms`, and a random time more.
    fn lose(&mut self, now: Timestamp, why: DownWhy, least_ms: u64, random: u64) {
        let down = match self.state {
            State::Connecting { down, .. } | State::Greeting { down, .. } => down,
            State::Live(live) => Down { since: now, failures: live.failures_at(now), shown: false },
            State::Stopped | State::Offline { .. } | State::BackingOff { .. } => return,
        };
        self.tell_down(why);
        let wait = least_ms.saturating_add(full_jitter(down.failures, random));
        let down = Down { failures: down.failures.saturating_add(1), ..down };
        self.state = if self.network {
            State::BackingOff { down, until: now.after(wait) }
        } else {
            State::Offline { down, until: now.after(wait.max(OFFLINE_TRY_MS)) }
        };
    }

    fn connect(&mut self, now: Timestamp, down: Down) {
        self.generation.0 += 1;
        self.state = State::Connecting { down, until: now.after(CONNECT_LIMIT_MS) };
        self.outputs.push_back(Output::OpenSocket { generation: self.generation });
    }

    fn reconnect(&mut self, now: Timestamp, down: Down) {
        self.close();
        self.connect(now, down);
    }

    fn close(&mut self) {
        if let Some(generation) = self.socket() {
            self.outputs.push_back(Output::CloseSocket { generation });
        }
    }

    fn tell_down(&mut self, why: DownWhy) {
        if self.is_live() {
            self.outputs.push_back(Output::BecameDown { why });
        }
    }
}
