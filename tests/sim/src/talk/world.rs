//! The scheduler: what arrives next, and what breaks.

use super::device::Device;
use super::server::{Account, Kept, Server};
use super::{Broken, Check, Fault};
use miantan_domain::ids::*;
use miantan_domain::rules::talk::TalkState;
use miantan_domain::wire::live::{ClientFrame, ServerFrame};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use uuid::Uuid;

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Report {
    pub steps: u64,
    pub entries: usize,
    pub acknowledged: usize,
    pub broken: Vec<Broken>,
}

#[derive(Default)]
struct Line {
    up: VecDeque<ClientFrame>,
    down: VecDeque<ServerFrame>,
}

struct World {
    rng: StdRng,
    server: Server,
    devices: Vec<Device>,
    /// Of the devices that are connected.
    lines: BTreeMap<usize, Line>,
    /// What each device said where, in order.
    said: BTreeMap<(usize, ConversationId), Vec<ChangeId>>,
    acknowledged: BTreeSet<ChangeId>,
    broken: Vec<Broken>,
}

/// Runs the talk for so many steps of noise, then lets it come to rest.
pub fn run(seed: u64, steps: u64, fault: Option<Fault>) -> Report {
    let mut world = World::new(seed, fault);
    for _ in 0..steps {
        world.step();
        if !world.broken.is_empty() {
            break;
        }
    }
    world.rest();
    world.cut_catch_ups();
    world.check();
    let entries = world.server.disk.talks.values().map(|k| k.entries.len()).sum();
    Report { steps, entries, acknowledged: world.acknowledged.len(), broken: world.broken }
}

impl World {
    fn new(seed: u64, fault: Option<Fault>) -> Self {
        let mut server = Server::new(fault);
        let mut by_account: BTreeMap<Account, Vec<ConversationId>> = BTreeMap::new();
        for employer in 0..2 {
            for candidate in 0..3 {
                let id = ConversationId(Uuid::from_u128(1_000 + u128::from(employer * 10 + candidate)));
                let members = [Account::Candidate(candidate), Account::Employer(employer)];
                for member in members {
                    by_account.entry(member).or_default().push(id);
                }
                let kept = Kept { members, state: TalkState::default(), entries: Vec::new(), pos: 0 };
                server.disk.talks.insert(id, kept);
            }
        }
        // an employer has two devices, a candidate one; the first candidate has two as well
        let owners = [
            Account::Employer(0),
            Account::Employer(0),
            Account::Employer(1),
            Account::Candidate(0),
            Account::Candidate(0),
            Account::Candidate(1),
            Account::Candidate(2),
        ];
        let devices =
            owners.iter().enumerate().map(|(n, a)| Device::new(n, *a, &by_account[a], fault)).collect();
        Self {
            rng: StdRng::seed_from_u64(seed),
            server,
            devices,
            lines: BTreeMap::new(),
            said: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            broken: Vec::new(),
        }
    }

    fn step(&mut self) {
        let at = self.rng.random_range(0..self.devices.len());
        let ms = self.rng.random_range(0..400);
        for device in &mut self.devices {
            device.now = device.now.after(ms);
        }
        match self.rng.random_range(0..1_000) {
            0..200 => self.up(at, true),
            200..420 => self.down(at),
            420..520 => self.person(at),
            520..640 => self.rest_answer(at, true),
            640..780 => {
                self.server.catch_up(at);
                self.carry();
            }
            780..880 => self.devices[at].timeouts(),
            880..960 => self.connect(at),
            960..985 => self.break_socket(at),
            985..995 => {
                self.break_socket(at);
                self.devices[at].start();
            }
            _ => {
                self.server.die();
                for at in 0..self.devices.len() {
                    self.break_socket(at);
                }
            }
        }
        self.after(at);
    }

    /// What the step left in everybody's hands.
    fn after(&mut self, at: usize) {
        if let Some(line) = self.lines.get_mut(&at) {
            line.up.extend(self.devices[at].out.drain(..));
        } else {
            self.devices[at].out.clear();
        }
        self.carry();
        for (id, done) in std::mem::take(&mut self.devices[at].told) {
            if done {
                self.acknowledged.insert(id);
                let copies = self.server.copies().get(&id).copied().unwrap_or(0);
                if copies != 1 {
                    self.fail(Check::ExactlyOnce, format!("{id} was acknowledged and exists {copies} times"));
                }
            }
        }
        if let Some(what) = self.server.seen_back.take() {
            self.fail(Check::SeenOnlyGrows, what);
        }
    }

    fn carry(&mut self) {
        for (device, frame) in std::mem::take(&mut self.server.out) {
            if let Some(line) = self.lines.get_mut(&device) {
                line.down.push_back(frame);
            }
        }
    }

    fn up(&mut self, at: usize, noise: bool) {
        let Some(frame) = self.lines.get_mut(&at).and_then(|line| line.up.pop_front()) else { return };
        let fails = noise && self.rng.random_bool(0.03);
        self.server.frame(at, frame, fails);
    }

    fn down(&mut self, at: usize) {
        let Some(frame) = self.lines.get_mut(&at).and_then(|line| line.down.pop_front()) else { return };
        self.devices[at].frame(frame);
    }

    fn person(&mut self, at: usize) {
        let talks = self.devices[at].talks();
        let talk = talks[self.rng.random_range(0..talks.len())];
        if self.rng.random_bool(0.3) {
            self.devices[at].read_all(talk);
        } else {
            // people type several lines in a row
            for _ in 0..self.rng.random_range(1..4) {
                let id = self.devices[at].say(talk);
                self.said.entry((at, talk)).or_default().push(id);
            }
        }
    }

    fn rest_answer(&mut self, at: usize, noise: bool) {
        if self.devices[at].asked.is_empty() {
            return;
        }
        let (talk, ask) = self.devices[at].asked.remove(0);
        let lost = noise && self.rng.random_bool(0.2);
        let limit = self.rng.random_range(1..40);
        let seqs = (!lost).then(|| self.server.page(talk, ask, limit));
        self.devices[at].page(talk, ask, seqs);
    }

    fn connect(&mut self, at: usize) {
        if self.lines.contains_key(&at) {
            return;
        }
        self.lines.insert(at, Line::default());
        self.server.open(at, self.devices[at].account);
        self.devices[at].connected();
    }

    fn break_socket(&mut self, at: usize) {
        if self.lines.remove(&at).is_some() {
            self.server.close(at);
            self.devices[at].disconnected();
        }
    }

    /// No more noise: everything is delivered until nothing moves.
    fn rest(&mut self) {
        for at in 0..self.devices.len() {
            self.break_socket(at);
            self.connect(at);
            self.after(at);
        }
        self.settle(None);
    }

    /// Each device once loses its connection in the middle of catching up, with something new told
    /// before something old: noise alone rarely leaves that as the last thing that happened.
    fn cut_catch_ups(&mut self) {
        for at in 0..self.devices.len() {
            self.break_socket(at);
            let talks = self.devices[at].talks();
            for talk in &talks {
                self.other_says(at, *talk);
            }
            self.settle(Some(at));
            self.connect(at);
            self.after(at);
            while self.lines.get(&at).is_some_and(|line| !line.up.is_empty()) {
                self.up(at, false);
                self.carry();
            }
            self.other_says(at, talks[0]);
            self.settle(Some(at));
            while self.lines.get(&at).is_some_and(|line| !line.down.is_empty()) {
                self.down(at);
            }
            self.after(at);
            self.break_socket(at);
            self.connect(at);
            self.after(at);
            self.settle(None);
            self.complete(at);
        }
    }

    /// The device has every entry of its conversations, back to where it began.
    fn complete(&mut self, at: usize) {
        for (talk, entries) in self.devices[at].store.entries.clone() {
            let last = self.server.disk.talks[&talk].state.last_seq;
            let low = self.devices[at].mirrors[&talk].held().low;
            let want: BTreeSet<u64> = if last == 0 { BTreeSet::new() } else { (low..=last).collect() };
            if entries != want {
                let what = format!("device {at} has {} of {last} in {talk}", entries.len());
                self.fail(Check::NothingMissed, what);
            }
        }
    }

    fn other_says(&mut self, at: usize, talk: ConversationId) {
        let other = (0..self.devices.len())
            .find(|n| *n != at && self.devices[*n].talks().contains(&talk))
            .expect("two sides of a conversation");
        let id = self.devices[other].say(talk);
        self.said.entry((other, talk)).or_default().push(id);
        self.after(other);
    }

    /// Until nothing moves; `but`: this device stands still.
    fn settle(&mut self, but: Option<usize>) {
        for _ in 0..200_000 {
            let mut moved = false;
            for at in (0..self.devices.len()).filter(|at| Some(*at) != but) {
                self.devices[at].now = self.devices[at].now.after(500);
                self.devices[at].timeouts();
                self.after(at);
                let waits = self.lines.get(&at).is_some_and(|l| !l.up.is_empty() || !l.down.is_empty());
                let asks = !self.devices[at].asked.is_empty();
                let tells = self.server.catch_up(at);
                self.up(at, false);
                self.after(at);
                self.down(at);
                self.after(at);
                self.rest_answer(at, false);
                self.after(at);
                let sends = self.lines.contains_key(&at) && !self.devices[at].is_idle();
                moved |= waits || asks || tells || sends;
            }
            if !moved {
                return;
            }
        }
        self.fail(Check::NothingMissed, "it never comes to rest".into());
    }

    fn check(&mut self) {
        let copies = self.server.copies();
        for id in self.acknowledged.clone() {
            let count = copies.get(&id).copied().unwrap_or(0);
            if count != 1 {
                self.fail(Check::ExactlyOnce, format!("{id} was acknowledged and exists {count} times"));
            }
        }
        for ((device, talk), said) in self.said.clone() {
            let mine: BTreeSet<ChangeId> = said.iter().copied().collect();
            let entries = &self.server.disk.talks[&talk].entries;
            let stands: Vec<ChangeId> = entries.iter().copied().filter(|id| mine.contains(id)).collect();
            if stands != said {
                let what = format!(
                    "device {device} said {} things in {talk}, {} stand there, or in another order",
                    said.len(),
                    stands.len()
                );
                self.fail(Check::InOrder, what);
            }
        }
        for at in 0..self.devices.len() {
            self.complete(at);
        }
    }

    fn fail(&mut self, check: Check, what: String) {
        self.broken.push(Broken { check, what });
    }
}
