//! The hall in virtual time: people, devices, one server, and a network that does what networks do.

mod chaos;
mod people;

use crate::checks::Checks;
use crate::device::{Device, Wish};
use crate::net::{Net, Parcel};
use crate::server::{Server, Who};
use crate::{Broken, Sabotage};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::client::{CallStage, Input as CallInput};
use miantan_domain::rules::link::{Generation, Input as LinkInput, SocketEnd};
use miantan_domain::rules::round::TicketStatus;
use miantan_domain::time::{Moment, Timestamp, WallTime};
use miantan_domain::wire::live::{Command, RoomPlace};
use rand::rngs::SmallRng;
use rand::{Rng, RngExt, SeedableRng};
use std::collections::BTreeMap;
use uuid::Uuid;

const RECRUITERS: u128 = 3;
const CANDIDATES: u128 = 7;
/// The wall clock at the beginning: some morning.
const WALL_START: i64 = 1_795_500_000_000;

/// One run.
pub struct World {
    pub now: u64,
    pub steps: u64,
    rng: SmallRng,
    net: Net,
    pub server: Server,
    pub devices: BTreeMap<DeviceId, Device>,
    pub checks: Checks,
    noisy: bool,
}

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    pub seed: u64,
    pub steps: u64,
    pub virtual_ms: u64,
    pub calls: usize,
    pub completed: usize,
    pub acknowledged: usize,
    pub broken: Vec<Broken>,
}

fn uuid(kind: u128, n: u128) -> Uuid {
    Uuid::from_u128((kind << 64) + n)
}

fn info(n: u128) -> RoundInfo {
    RoundInfo {
        id: RoundId(uuid(1, n)),
        name: format!("面谈 {n}"),
        employer: "青禾科技".into(),
        stages: vec![Stage::Interview, Stage::Announcement, Stage::Closed],
        starts: WallTime(WALL_START),
        ends: WallTime(i64::MAX),
        identity: IdentityRule::NotRequired,
        ring_ms: 30_000,
        grace_ms: 120_000,
    }
}

impl World {
    /// Two rounds, three recruiters (one works in the second round), seven candidates; the last one
    /// is invited to both rounds and has a second device.
    pub fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut world = Self {
            now: 1_000,
            steps: 0,
            rng: SmallRng::seed_from_u64(seed),
            net: Net::default(),
            server: Server::new(sabotage),
            devices: BTreeMap::new(),
            checks: Checks::default(),
            noisy: true,
        };
        let at = world.at();
        for n in 1..=2 {
            world.server.open_round(at, info(n));
        }
        for n in 1..=RECRUITERS {
            let round = RoundId(uuid(1, if n == RECRUITERS { 2 } else { 1 }));
            world.add(uuid(4, n), round, None, Who::Member { member: MemberId(uuid(2, n)), round });
        }
        for n in 1..=CANDIDATES {
            world.candidate(n, n, 1);
        }
        // the same person, another round, another phone
        world.candidate(CANDIDATES + 1, CANDIDATES, 2);
        world.candidate(CANDIDATES + 2, CANDIDATES + 1, 2);
        world.net.post(5_000, Parcel::Chaos);
        world
    }

    fn candidate(&mut self, n: u128, person: u128, round: u128) {
        let (ticket, round) = (TicketId(uuid(5, n)), RoundId(uuid(1, round)));
        let card = CandidateCard {
            id: CandidateId(uuid(3, person)),
            name: format!("候选人{person}"),
            headline: String::new(),
            position: String::new(),
        };
        let appointed = self.rng.random_bool(0.5).then(|| WALL_START + self.rng.random_range(0..3) * 600_000);
        self.checks.invited(ticket, card.id, appointed);
        let at = self.at();
        self.server.take_ticket(at, round, ticket, card, appointed);
        self.add(uuid(6, n), round, Some(ticket), Who::Candidate { round, ticket });
        self.checks.written(&mut self.server);
    }

    fn add(&mut self, id: Uuid, round: RoundId, ticket: Option<TicketId>, who: Who) {
        let id = DeviceId(id);
        self.server.sessions.insert(id, who);
        self.devices.insert(id, Device::new(id, round, ticket));
        let start = self.now + self.rng.random_range(0..4_000);
        self.net.post(start, Parcel::StartApp(id));
        let act = start + self.rng.random_range(500..3_000);
        self.net.post(act, Parcel::Act(id));
    }

    fn at(&self) -> Moment {
        Moment { now: Timestamp(self.now), wall: WallTime(WALL_START + self.now as i64) }
    }

    /// Runs noisily for so many steps, then quietly until nothing is left to happen.
    pub fn run(mut self, seed: u64, steps: u64) -> Report {
        while self.steps < steps && self.checks.broken.is_empty() {
            self.step();
        }
        if self.checks.broken.is_empty() {
            self.calm_down();
        }
        Report {
            seed,
            steps: self.steps,
            virtual_ms: self.now,
            calls: self.checks.call_count(),
            completed: self.checks.ended_count(miantan_domain::rules::call::EndReason::Completed),
            acknowledged: self.checks.acknowledged_count(),
            broken: self.checks.broken,
        }
    }

    /// Everything works again; connected calls are hung up, rings are left to their limits. Twenty
    /// minutes later nothing may be left open and everyone must see the same.
    fn calm_down(&mut self) {
        self.noisy = false;
        let ids: Vec<DeviceId> = self.devices.keys().copied().collect();
        for id in ids {
            self.mend(id);
            self.start_app(id);
        }
        let end = self.now + 20 * 60_000;
        while self.now < end && self.checks.broken.is_empty() {
            if self.next_at().is_none_or(|t| t > end) {
                break;
            }
            self.step();
        }
        self.checks.quiet(&self.server);
        let mut odd = Vec::new();
        for device in self.devices.values() {
            let server = self.server.rounds[&device.round].state();
            if device.media.is_some() || device.call.busy() {
                odd.push(format!("{}: still in a call: {:?}", device.id, device.call.view()));
            }
            if device.unsettled() > 0 {
                odd.push(format!("{}: {} commands not settled", device.id, device.unsettled()));
            }
            match device.ticket {
                None => {
                    if device.mirror.state() != Some(server) {
                        odd.push(format!("{}: the recruiter's copy differs", device.id));
                    }
                }
                Some(ticket) => {
                    let (mine, theirs) = (&device.room, server.room(ticket));
                    let same = mine.as_ref().zip(theirs.as_ref()).is_some_and(|(a, b)| {
                        (a.stage, a.place, &a.notes, &a.announced)
                            == (b.stage, b.place, &b.notes, &b.announced)
                    });
                    if !same {
                        odd.push(format!("{}: the room differs: {mine:?} / {theirs:?}", device.id));
                    }
                }
            }
        }
        for what in odd {
            self.checks.disagree(what);
        }
    }

    fn next_at(&self) -> Option<u64> {
        let devices = self.devices.values().filter_map(Device::next_timeout);
        let server = self.server.next_timeout(self.at()).map(|(t, _)| t);
        devices.chain(server).chain(self.net.next_at()).min()
    }

    /// The next thing that happens.
    fn step(&mut self) {
        self.steps += 1;
        let Some(next) = self.next_at() else { return };
        self.now = self.now.max(next);
        if self.net.next_at() == Some(next)
            && let Some(parcel) = self.net.take()
        {
            self.deliver(parcel);
        } else if let Some((due, round)) = self.server.next_timeout(self.at())
            && due <= self.now
        {
            let at = self.at();
            self.server.timeout(at, round);
        } else {
            let random = self.rng.next_u64();
            let now = Timestamp(self.now);
            let due = self.devices.values_mut().find(|d| d.next_timeout().is_some_and(|t| t <= now.0));
            if let Some(device) = due {
                device.timeout(now, random);
            }
        }
        self.settle();
    }

    /// Carries out what the step left to do, and looks at the invariants.
    fn settle(&mut self) {
        self.checks.written(&mut self.server);
        // the server may die after its commit, before its first word about it
        if self.noisy && !self.server.outgoing.is_empty() && self.rng.random_bool(0.000_2) {
            self.restart_server();
        }
        for (device, generation, frame) in std::mem::take(&mut self.server.outgoing) {
            let delay = self.delay();
            self.net.send(
                self.now,
                delay,
                device,
                false,
                Parcel::ToDevice(device, generation, Box::new(frame)),
            );
        }
        let mut todo = Vec::new();
        for device in self.devices.values_mut() {
            for told in std::mem::take(&mut device.told) {
                self.checks.told(&told);
            }
            let socket = device.socket();
            todo.extend(
                std::mem::take(&mut device.wishes).into_iter().map(|w| (device.id, device.online, socket, w)),
            );
        }
        for (id, online, socket, wish) in todo {
            let delay = self.delay();
            match wish {
                Wish::Open(generation) => {
                    let parcel = if online {
                        Parcel::Opened(id, generation)
                    } else {
                        Parcel::DeviceSees(id, generation)
                    };
                    self.net.post(self.now + delay * 2, parcel);
                }
                Wish::Close(generation) => {
                    self.net.send(self.now, delay, id, true, Parcel::ServerSees(id, generation));
                }
                Wish::Send(frame) => {
                    if let Some(generation) = socket.filter(|_| online) {
                        self.net.send(self.now, delay, id, true, Parcel::ToServer(id, generation, frame));
                    }
                }
                Wish::WatchMedia => self.net.post(self.now + 150, Parcel::Media(id)),
            }
        }
    }

    fn delay(&mut self) -> u64 {
        if self.rng.random_bool(0.02) {
            self.rng.random_range(200..4_000)
        } else {
            self.rng.random_range(1..80)
        }
    }

    fn deliver(&mut self, parcel: Parcel) {
        let (at, now) = (self.at(), Timestamp(self.now));
        match parcel {
            Parcel::Opened(id, generation) => {
                let Some(device) = self.devices.get_mut(&id) else { return };
                let Some(inside) = device.inside(generation).filter(|_| device.socket() == Some(generation))
                else {
                    return;
                };
                self.server.opened(id, generation);
                device.link(now, LinkInput::SocketOpened { generation: inside });
            }
            Parcel::ToServer(id, generation, frame) => {
                if self.server.is_open(id, generation) {
                    self.server.frame(at, id, frame);
                }
            }
            Parcel::ToDevice(id, generation, frame) => {
                let Some(device) = self.devices.get_mut(&id) else { return };
                if device.online
                    && device.socket() == Some(generation)
                    && let Some(inside) = device.inside(generation)
                {
                    device.frame(now, inside, *frame);
                }
            }
            Parcel::ServerSees(id, generation) => self.server.closed(at, id, generation),
            Parcel::DeviceSees(id, generation) => {
                let random = self.rng.next_u64();
                let Some(device) = self.devices.get_mut(&id) else { return };
                if let Some(inside) = device.inside(generation) {
                    let why = SocketEnd::Lost;
                    device.link(now, LinkInput::SocketClosed { generation: inside, why, random });
                }
            }
            Parcel::Act(id) => {
                self.act(id);
                let pause = self.rng.random_range(300..6_000);
                self.net.post(self.now + pause, Parcel::Act(id));
            }
            Parcel::Media(id) => self.media(id),
            Parcel::StartApp(id) => self.start_app(id),
            Parcel::Mend(id) => self.mend(id),
            Parcel::Chaos => {
                if self.noisy {
                    self.chaos();
                    let pause = self.rng.random_range(500..20_000);
                    self.net.post(self.now + pause, Parcel::Chaos);
                }
            }
        }
    }

    fn start_app(&mut self, id: DeviceId) {
        let now = Timestamp(self.now);
        if let Some(device) = self.devices.get_mut(&id).filter(|d| !d.alive) {
            device.start(now);
        }
    }

    fn mend(&mut self, id: DeviceId) {
        if let Some(device) = self.devices.get_mut(&id).filter(|d| !d.online) {
            device.online = true;
            device.link(Timestamp(self.now), LinkInput::NetworkUp);
        }
    }
}

/// Runs one seed for so many noisy steps.
pub fn run(seed: u64, steps: u64, sabotage: Option<Sabotage>) -> Report {
    World::new(seed, sabotage).run(seed, steps)
}
