//! One device: the same machines the app drives, a store that survives being killed, and a media
//! stack that is only a state.

use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::client::{CallClient, Input as CallInput, Output as CallOutput};
use miantan_domain::rules::link::{self, Generation, Link};
use miantan_domain::rules::outbox::{self, Outbox};
use miantan_domain::rules::round::{Followed, RoundMirror};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::{Change, ClientFrame, Command, Room, ServerFrame};
use std::collections::BTreeMap;

/// A running media stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    pub call: CallId,
    pub epoch: u32,
    pub flows: bool,
    pub dry_since: u64,
}

/// What the device wants from the network.
#[derive(Debug)]
pub enum Wish {
    Open(Generation),
    Close(Generation),
    Send(ClientFrame),
    WatchMedia,
}

/// The end of a command, as this device was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub id: ChangeId,
    pub command: Command,
    pub accepted: bool,
}

pub struct Device {
    pub id: DeviceId,
    pub round: RoundId,
    /// The ticket of a candidate's device; none on a recruiter's.
    pub ticket: Option<TicketId>,
    pub alive: bool,
    pub online: bool,
    pub presence: Presence,
    pub link: Link,
    pub outbox: Outbox,
    pub call: CallClient,
    pub mirror: RoundMirror,
    pub room: Option<Room>,
    pub media: Option<Media>,
    /// Survives being killed: durable commands, and the newest socket number.
    stored: BTreeMap<ChangeId, outbox::Stored>,
    commands: BTreeMap<ChangeId, Command>,
    pub told: Vec<Told>,
    pub wishes: Vec<Wish>,
    changes: u64,
    /// How often the app was started: sockets of an earlier process are not this one's.
    starts: u64,
}

impl Device {
    /// A socket's name in the world, from its number in this process.
    fn outside(&self, generation: Generation) -> Generation {
        Generation((self.starts << 32) | generation.0)
    }

    /// The socket's number in this process, if it belongs to this process.
    pub fn inside(&self, generation: Generation) -> Option<Generation> {
        (self.alive && generation.0 >> 32 == self.starts).then_some(Generation(generation.0 & 0xffff_ffff))
    }

    /// The socket in use.
    pub fn socket(&self) -> Option<Generation> {
        self.link.socket().map(|g| self.outside(g))
    }

    pub fn new(id: DeviceId, round: RoundId, ticket: Option<TicketId>) -> Self {
        Self {
            id,
            round,
            ticket,
            alive: false,
            online: true,
            presence: Presence::Online,
            link: Link::new(),
            outbox: Outbox::new(),
            call: CallClient::default(),
            mirror: RoundMirror::new(round, None),
            room: None,
            media: None,
            stored: BTreeMap::new(),
            commands: BTreeMap::new(),
            told: Vec::new(),
            wishes: Vec::new(),
            changes: 0,
            starts: 0,
        }
    }

    pub fn start(&mut self, now: Timestamp) {
        self.alive = true;
        self.starts += 1;
        self.presence = Presence::Ready;
        let stored = self.stored.values().cloned().collect();
        let restored = self.outbox.handle(now, outbox::Input::Restored(stored));
        assert_eq!(restored, Ok(()), "a fresh outbox takes what was stored");
        self.link(now, link::Input::Start);
    }

    /// Memory is gone; the store is not. Returns the socket that dies with the process.
    pub fn kill(&mut self) -> Option<Generation> {
        let socket = self.socket();
        self.alive = false;
        self.link = Link::new();
        self.outbox = Outbox::new();
        self.call = CallClient::default();
        self.mirror = RoundMirror::new(self.round, None);
        self.media = None;
        self.wishes.clear();
        socket
    }

    pub fn next_timeout(&self) -> Option<u64> {
        if !self.alive {
            return None;
        }
        let times = [
            self.link.poll_timeout().map(|(t, _)| t),
            self.outbox.poll_timeout().map(|(t, _)| t),
            self.call.poll_timeout().map(|(t, _)| t),
        ];
        times.into_iter().flatten().min().map(|t| t.0)
    }

    pub fn timeout(&mut self, now: Timestamp, random: u64) {
        self.link(now, link::Input::Timeout { random });
        self.box_input(now, outbox::Input::Timeout);
        self.call(now, CallInput::Timeout);
    }

    pub fn link(&mut self, now: Timestamp, input: link::Input) {
        self.link.handle(now, input);
        while let Some(output) = self.link.poll_output() {
            match output {
                link::Output::OpenSocket { generation } => {
                    self.wishes.push(Wish::Open(self.outside(generation)));
                }
                link::Output::CloseSocket { generation } => {
                    self.wishes.push(Wish::Close(self.outside(generation)));
                }
                link::Output::SendHello { .. } => {
                    let call = self.call.in_call();
                    let hello = ClientFrame::Hello { versions: vec![1], presence: self.presence, call };
                    self.wishes.push(Wish::Send(hello));
                }
                link::Output::SendPing { n, .. } => self.wishes.push(Wish::Send(ClientFrame::Ping { n })),
                link::Output::BecameLive { .. } => {
                    if self.ticket.is_none() {
                        self.mirror.reconnected();
                        let since = self.mirror.since();
                        self.wishes.push(Wish::Send(ClientFrame::Watch { round: self.round, since }));
                    }
                    self.box_input(now, outbox::Input::LinkLive);
                }
                link::Output::BecameDown { .. } => self.box_input(now, outbox::Input::LinkDown),
                link::Output::SessionOver | link::Output::VersionUnsupported => {
                    unreachable!("the simulated server never says so")
                }
            }
        }
    }

    fn box_input(&mut self, now: Timestamp, input: outbox::Input) {
        // a full outbox or a repeated id would be this simulation's own mistake
        self.outbox.handle(now, input).expect("the outbox takes it");
        while let Some(output) = self.outbox.poll_output() {
            match output {
                outbox::Output::Send(frame) => self.wishes.push(Wish::Send(frame)),
                outbox::Output::Store(stored) => {
                    self.stored.insert(stored.id, stored);
                }
                outbox::Output::Forget(id) => {
                    self.stored.remove(&id);
                }
                outbox::Output::Failed { .. } => {}
                outbox::Output::Settled { id, result } => {
                    let command = self.commands.remove(&id).expect("a command of this device");
                    if let (Command::Ring { call, .. }, Err(_)) = (&command, &result) {
                        let call = *call;
                        self.call(now, CallInput::RingRefused(call));
                    }
                    self.told.push(Told { id, command, accepted: result.is_ok() });
                }
            }
        }
    }

    pub fn command(&mut self, now: Timestamp, round: RoundId, command: Command) {
        self.changes += 1;
        let id = ChangeId(uuid::Uuid::from_u128((self.id.0.as_u128() << 40) + u128::from(self.changes)));
        self.commands.insert(id, command.clone());
        let change = Change::Round { round, command };
        self.box_input(now, outbox::Input::Add { id, change, waits: false });
    }

    /// A press or a media event; refused presses are what double presses come to.
    pub fn call(&mut self, now: Timestamp, input: CallInput) {
        let _ = self.call.handle(now, input);
        while let Some(output) = self.call.poll_output() {
            match output {
                CallOutput::Command { round, command } => self.command(now, round, command),
                CallOutput::StartMedia { call, plan, .. } => {
                    self.media = Some(Media { call, epoch: plan.epoch, flows: false, dry_since: now.0 });
                    self.wishes.push(Wish::WatchMedia);
                }
                CallOutput::StopMedia => self.media = None,
                CallOutput::Signal { .. }
                | CallOutput::MediaSignal(_)
                | CallOutput::Prepare
                | CallOutput::PauseMedia(_)
                | CallOutput::Ringtone(_)
                | CallOutput::Changed => {}
            }
        }
    }

    pub fn set_presence(&mut self, presence: Presence) {
        if self.presence != presence {
            self.presence = presence;
            if self.link.is_live() {
                self.wishes.push(Wish::Send(ClientFrame::Presence { presence }));
            }
        }
    }

    pub fn frame(&mut self, now: Timestamp, generation: Generation, frame: ServerFrame) {
        self.link(now, link::Input::Heard { generation });
        match frame {
            ServerFrame::Welcome { heartbeat_ms, .. } => {
                self.link(now, link::Input::Welcomed { generation, heartbeat_ms });
            }
            ServerFrame::Room(room) => {
                if self.room.as_ref().is_none_or(|known| known.seq <= room.seq) {
                    self.room = Some(*room);
                }
            }
            frame
            @ (ServerFrame::Queue { .. } | ServerFrame::Event { .. } | ServerFrame::Presence { .. }) => {
                if let Followed::Gap { since } = self.mirror.follow(&frame) {
                    self.wishes.push(Wish::Send(ClientFrame::Watch { round: self.round, since }));
                }
            }
            ServerFrame::Call(frame) => self.call(now, CallInput::Frame(frame)),
            ServerFrame::Accepted { id, seq } => self.box_input(now, outbox::Input::Accepted { id, seq }),
            ServerFrame::Refused { id, problem } => {
                self.box_input(now, outbox::Input::Refused { id, problem });
            }
            ServerFrame::Head(_)
            | ServerFrame::Entry { .. }
            | ServerFrame::Seen { .. }
            | ServerFrame::Typing { .. }
            | ServerFrame::Inbox { .. }
            | ServerFrame::Signal { .. }
            | ServerFrame::Problem(_)
            | ServerFrame::Pong { .. }
            | ServerFrame::Bye { .. }
            | ServerFrame::Unknown => {}
        }
    }

    /// Durable commands that neither were answered nor failed for good.
    pub fn unsettled(&self) -> usize {
        self.outbox.durable().filter(|(_, standing)| !matches!(standing, outbox::Standing::Failed(_))).count()
    }
}
