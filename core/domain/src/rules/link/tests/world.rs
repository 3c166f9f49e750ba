//! The phone that the stories and the random scripts play with.

use crate::rules::link::*;
use crate::time::Timestamp;
use std::collections::BTreeSet;

pub const HEARTBEAT_MS: u64 = 10_000;
/// The longest draw of the back-off; `0` is the shortest.
pub const LONGEST: u64 = u64::MAX;

/// A phone: carries out the link's outputs and checks what must always hold.
pub struct Phone {
    pub link: Link,
    pub now: Timestamp,
    pub sockets: BTreeSet<Generation>,
    pub last: Generation,
    pub live: bool,
    pub outputs: Vec<Output>,
}

impl Phone {
    pub fn new() -> Self {
        Self {
            link: Link::new(),
            now: Timestamp(1_000_000),
            sockets: BTreeSet::new(),
            last: Generation(0),
            live: false,
            outputs: Vec::new(),
        }
    }

    pub fn started() -> Self {
        let mut phone = Self::new();
        phone.tell(Input::Start);
        phone
    }

    pub fn live() -> Self {
        let mut phone = Self::started();
        phone.open_and_welcome();
        phone.outputs.clear();
        phone
    }

    /// Hands in one input and returns what came out of it.
    pub fn tell(&mut self, input: Input) -> Vec<Output> {
        if let Input::SocketClosed { generation, .. } = input {
            self.sockets.remove(&generation);
        }
        self.link.handle(self.now, input);
        let mut out = Vec::new();
        while let Some(output) = self.link.poll_output() {
            self.carry_out(output);
            out.push(output);
        }
        assert_eq!(self.live, self.link.is_live(), "what was told is what is");
        assert_eq!(self.sockets.iter().copied().next(), self.link.socket(), "it knows its socket");
        self.outputs.extend(&out);
        out
    }

    pub fn carry_out(&mut self, output: Output) {
        match output {
            Output::OpenSocket { generation } => {
                assert!(generation > self.last, "socket numbers grow");
                self.last = generation;
                self.sockets.insert(generation);
                assert_eq!(self.sockets.len(), 1, "two sockets at once: {:?}", self.sockets);
            }
            Output::CloseSocket { generation } => {
                assert!(self.sockets.remove(&generation), "closed a socket that was not there");
            }
            Output::SendHello { generation } | Output::SendPing { generation, .. } => {
                assert!(self.sockets.contains(&generation), "sent into nowhere");
            }
            Output::BecameLive { generation } => {
                assert!(self.sockets.contains(&generation));
                assert!(!std::mem::replace(&mut self.live, true), "live twice");
            }
            Output::BecameDown { .. } => {
                assert!(std::mem::replace(&mut self.live, false), "down without having been live");
            }
            Output::SessionOver | Output::VersionUnsupported => assert!(self.sockets.is_empty()),
        }
    }

    pub fn generation(&self) -> Generation {
        self.link.socket().expect("a socket")
    }

    pub fn open_and_welcome(&mut self) {
        let generation = self.generation();
        self.tell(Input::SocketOpened { generation });
        self.tell(Input::Welcomed { generation, heartbeat_ms: HEARTBEAT_MS });
        assert!(self.link.is_live());
    }

    pub fn lose_socket(&mut self, random: u64) -> Vec<Output> {
        let generation = self.generation();
        self.tell(Input::SocketClosed { generation, why: SocketEnd::Lost, random })
    }

    /// Sleeps until the link wants to be woken, and wakes it.
    pub fn wake(&mut self, random: u64) -> (Why, Vec<Output>) {
        let (at, why) = self.link.poll_timeout().expect("something to wait for");
        self.now = self.now.max(at);
        (why, self.tell(Input::Timeout { random }))
    }

    /// Wakes it until something other than the screen's second comes.
    pub fn wake_for_more_than_the_screen(&mut self, random: u64) -> (Why, Vec<Output>) {
        match self.wake(random) {
            (Why::ShowDown, _) => {
                let (why, out) = self.wake(random);
                assert_ne!(why, Why::ShowDown, "the screen is told once");
                (why, out)
            }
            other => other,
        }
    }

    pub fn waits_ms(&self) -> u64 {
        match self.link.view() {
            LinkView::Waiting { retry_at } => retry_at.since(self.now),
            view => panic!("should be waiting, is {view:?}"),
        }
    }
}
