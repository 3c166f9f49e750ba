//! The server: durable tables, and round machines driven as the backend's actors drive them.

use crate::Sabotage;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::{CallPhase, EndReason, MediaPlan};
use miantan_domain::rules::link::Generation;
use miantan_domain::rules::round::server::{Actor, Input, Output, RoundServer};
use miantan_domain::rules::round::{RoundEvent, RoundState};
use miantan_domain::time::Moment;
use miantan_domain::wire::live::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who is behind a device, as the session says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Candidate { round: RoundId, ticket: TicketId },
    Member { member: MemberId, round: RoundId },
}

/// What outlives the process.
#[derive(Default)]
pub struct Disk {
    pub infos: BTreeMap<RoundId, RoundInfo>,
    pub logs: BTreeMap<RoundId, Vec<(Moment, RoundEvent)>>,
    pub answers: BTreeMap<(DeviceId, ChangeId), u64>,
    pub slots: BTreeMap<Uuid, CallId>,
}

/// One socket the process holds.
struct Socket {
    generation: Generation,
    watch: Option<RoundId>,
}

pub struct Server {
    pub disk: Disk,
    pub rounds: BTreeMap<RoundId, RoundServer>,
    pub sessions: BTreeMap<DeviceId, Who>,
    sockets: BTreeMap<DeviceId, Socket>,
    pub sabotage: Option<Sabotage>,
    /// Events written since the checks last looked.
    pub fresh: Vec<(RoundId, RoundEvent)>,
    /// Frames to send: device, socket, frame.
    pub outgoing: Vec<(DeviceId, Generation, ServerFrame)>,
}

impl Server {
    pub fn new(sabotage: Option<Sabotage>) -> Self {
        Self {
            disk: Disk::default(),
            rounds: BTreeMap::new(),
            sessions: BTreeMap::new(),
            sockets: BTreeMap::new(),
            sabotage,
            fresh: Vec::new(),
            outgoing: Vec::new(),
        }
    }

    pub fn open_round(&mut self, at: Moment, info: RoundInfo) {
        self.disk.infos.insert(info.id, info.clone());
        self.disk.logs.insert(info.id, Vec::new());
        self.rounds.insert(info.id, RoundServer::restored(at, RoundState::new(info)));
    }

    /// The process dies and comes back: sockets and machines are gone, the disk is not.
    pub fn restart(&mut self, at: Moment) {
        self.outgoing.clear();
        self.sockets.clear();
        self.rounds.clear();
        let ids: Vec<RoundId> = self.disk.infos.keys().copied().collect();
        if self.sabotage == Some(Sabotage::EndsTwice) {
            for log in self.disk.logs.values_mut() {
                let ended =
                    log.iter().rev().find(|(_, e)| matches!(e, RoundEvent::CallEnded { .. })).cloned();
                self.fresh.extend(ended.clone().map(|(_, e)| (ids[0], e)));
                log.extend(ended);
            }
        }
        if self.sabotage == Some(Sabotage::LosesTickets) {
            for log in self.disk.logs.values_mut() {
                if let Some(last) = log.iter().rposition(|(_, e)| matches!(e, RoundEvent::TicketTaken { .. }))
                {
                    log.remove(last);
                }
            }
        }
        for id in ids {
            let mut state = RoundState::new(self.disk.infos[&id].clone());
            for (at, event) in &self.disk.logs[&id] {
                state.apply(at.wall, event);
            }
            self.rounds.insert(id, RoundServer::restored(at, state));
            self.drain(at, id);
        }
        let open: BTreeSet<CallId> = self.rounds.values().flat_map(RoundServer::calls).collect();
        self.disk.slots.retain(|_, call| open.contains(call));
    }

    pub fn is_open(&self, device: DeviceId, generation: Generation) -> bool {
        self.sockets.get(&device).is_some_and(|s| s.generation == generation)
    }

    pub fn opened(&mut self, device: DeviceId, generation: Generation) {
        self.sockets.insert(device, Socket { generation, watch: None });
    }

    pub fn closed(&mut self, at: Moment, device: DeviceId, generation: Generation) {
        if !self.is_open(device, generation) {
            return;
        }
        self.sockets.remove(&device);
        if let Some(who) = self.sessions.get(&device).copied() {
            self.feed(at, round_of(who), Input::Disconnected(device));
        }
    }

    pub fn take_ticket(
        &mut self,
        at: Moment,
        round: RoundId,
        ticket: TicketId,
        card: CandidateCard,
        time: Option<i64>,
    ) {
        let time = if self.sabotage == Some(Sabotage::IgnoresAppointments) { None } else { time };
        let appointed = time.map(miantan_domain::time::WallTime);
        self.feed(at, round, Input::Take { ticket, card, appointed });
    }

    pub fn give_up(&mut self, at: Moment, round: RoundId, ticket: TicketId) {
        self.feed(at, round, Input::GiveUp(ticket));
    }

    pub fn timeout(&mut self, at: Moment, round: RoundId) {
        self.feed(at, round, Input::Timeout);
    }

    pub fn next_timeout(&self, at: Moment) -> Option<(u64, RoundId)> {
        self.rounds
            .iter()
            .filter_map(|(id, r)| Some((r.poll_timeout(at)?, *id)))
            .filter(|((_, why), _)| !(self.sabotage == Some(Sabotage::NoCallTimeouts) && *why == "call"))
            .map(|((due, _), id)| (due.0, id))
            .min()
    }

    /// A frame from a device's open socket.
    pub fn frame(&mut self, at: Moment, device: DeviceId, frame: ClientFrame) {
        let Some(who) = self.sessions.get(&device).copied() else { return };
        let round = round_of(who);
        match frame {
            ClientFrame::Hello { presence, call, .. } => {
                self.say(device, ServerFrame::Welcome { version: 1, time: at.wall, heartbeat_ms: 15_000 });
                self.feed(at, round, Input::Connected(device));
                self.present(at, who, device, presence);
                self.catch_up(at, who, device, call);
            }
            ClientFrame::Watch { round: wanted, since } => self.watch(device, wanted, since),
            ClientFrame::Presence { presence } => self.present(at, who, device, presence),
            ClientFrame::Change { id, change: Change::Round { round, command } } => {
                if let Some(&seq) = self.disk.answers.get(&(device, id))
                    && self.sabotage != Some(Sabotage::ForgetsAnswers)
                {
                    self.say(device, ServerFrame::Accepted { id, seq });
                    return;
                }
                if self.sabotage == Some(Sabotage::AcknowledgesUnwritten)
                    && matches!(command, Command::Note { .. })
                {
                    self.say(device, ServerFrame::Accepted { id, seq: 0 });
                    return;
                }
                let by = match who {
                    Who::Candidate { ticket, .. } => Actor::Candidate { ticket, device },
                    Who::Member { member, .. } => Actor::Member { member, role: MemberRole::Owner, device },
                };
                self.feed(at, round, Input::Command { by, id, command });
            }
            // conversations have a simulation of their own
            ClientFrame::Change { .. }
            | ClientFrame::Inbox { .. }
            | ClientFrame::Seen { .. }
            | ClientFrame::Typing { .. }
            | ClientFrame::Signal { .. } => {}
            ClientFrame::Ping { n } => self.say(device, ServerFrame::Pong { n }),
        }
    }

    fn present(&mut self, at: Moment, who: Who, device: DeviceId, presence: Presence) {
        if let Who::Candidate { round, ticket } = who {
            self.feed(at, round, Input::Presence { ticket, device, presence });
        }
    }

    /// What a device gets on its greeting: its room and the calls that concern it.
    fn catch_up(&mut self, at: Moment, who: Who, device: DeviceId, believed: Option<CallId>) {
        let Some(round) = self.rounds.get(&round_of(who)) else { return };
        let mut frames = Vec::new();
        if let Who::Candidate { ticket, .. } = who
            && let Some(room) = round.state().room(ticket)
        {
            frames.push(ServerFrame::Room(Box::new(room)));
        }
        let calls: Vec<CallId> = round.calls().collect();
        let tells = self.sabotage != Some(Sabotage::KeepsEndsToItself);
        if let Some(call) = believed.filter(|call| tells && !calls.contains(call)) {
            let over =
                self.call_frame(at, round_of(who), call, device).unwrap_or_else(|| forgotten(at, who, call));
            frames.push(ServerFrame::Call(Box::new(over)));
        }
        for call in calls {
            frames.extend(
                self.call_frame(at, round_of(who), call, device).map(|f| ServerFrame::Call(Box::new(f))),
            );
        }
        for frame in frames {
            self.say(device, frame);
        }
    }

    fn watch(&mut self, device: DeviceId, id: RoundId, since: u64) {
        let (Some(socket), Some(round)) = (self.sockets.get_mut(&device), self.rounds.get(&id)) else {
            return;
        };
        socket.watch = Some(id);
        let log = &self.disk.logs[&id];
        let missing = (log.len() as u64).checked_sub(since);
        let frames: Vec<ServerFrame> = match missing {
            Some(n) if since > 0 && n <= 50 => (since + 1..)
                .zip(&log[since as usize..])
                .map(|(seq, (at, event))| ServerFrame::Event {
                    round: id,
                    seq,
                    at: at.wall,
                    event: event.clone(),
                })
                .chain(
                    round.snapshot().presence.into_iter().map(|(ticket, presence)| ServerFrame::Presence {
                        round: id,
                        ticket,
                        presence,
                    }),
                )
                .collect(),
            _ => vec![ServerFrame::Queue { round: id, queue: Box::new(round.snapshot()) }],
        };
        for frame in frames {
            self.say(device, frame);
        }
    }

    fn feed(&mut self, at: Moment, round: RoundId, input: Input) {
        let Some(machine) = self.rounds.get_mut(&round) else { return };
        machine.handle(at, input);
        self.drain(at, round);
    }

    fn drain(&mut self, at: Moment, id: RoundId) {
        let mut rooms: BTreeSet<TicketId> = BTreeSet::new();
        let mut everyone = false;
        while let Some(output) = self.rounds.get_mut(&id).and_then(RoundServer::poll_output) {
            match output {
                Output::Persist { seq, at: wall, event } => {
                    self.disk.logs.get_mut(&id).expect("a log").push((at, event.clone()));
                    self.fresh.push((id, event.clone()));
                    let frame = ServerFrame::Event { round: id, seq, at: wall, event };
                    self.say_watchers(id, &frame);
                }
                Output::ClaimSlots { call, candidate, member } => {
                    let taken = |p: &Uuid| self.disk.slots.contains_key(p);
                    let busy = if self.sabotage == Some(Sabotage::SlotsAlwaysFree) {
                        None
                    } else if taken(&candidate.0) {
                        Some(Side::Candidate)
                    } else if taken(&member.0) {
                        Some(Side::Recruiter)
                    } else {
                        None
                    };
                    let input = if let Some(who) = busy {
                        Input::SlotsBusy { call, who }
                    } else {
                        self.disk.slots.insert(candidate.0, call);
                        self.disk.slots.insert(member.0, call);
                        Input::SlotsClaimed(call)
                    };
                    self.rounds.get_mut(&id).expect("the round").handle(at, input);
                }
                Output::FreeSlots { call } => self.disk.slots.retain(|_, c| *c != call),
                Output::Reply { id: change, device, result } => {
                    let frame = match result {
                        Ok(seq) => {
                            self.disk.answers.insert((device, change), seq);
                            ServerFrame::Accepted { id: change, seq }
                        }
                        Err(problem) => ServerFrame::Refused { id: change, problem },
                    };
                    self.say(device, frame);
                }
                Output::Room(Some(ticket)) => {
                    rooms.insert(ticket);
                }
                Output::Room(None) => everyone = true,
                Output::Call(call) => {
                    let devices: Vec<DeviceId> = self.sockets.keys().copied().collect();
                    for device in devices {
                        if let Some(frame) = self.call_frame(at, id, call, device) {
                            self.say(device, ServerFrame::Call(Box::new(frame)));
                        }
                    }
                }
                Output::Presence { ticket, presence } => {
                    self.say_watchers(id, &ServerFrame::Presence { round: id, ticket, presence });
                }
                Output::Nudge { .. } => {}
            }
        }
        let sessions: Vec<(DeviceId, Who)> = self.sessions.iter().map(|(d, w)| (*d, *w)).collect();
        for (device, who) in sessions {
            if let Who::Candidate { round, ticket } = who
                && round == id
                && (everyone || rooms.contains(&ticket))
                && let Some(room) = self.rounds[&id].state().room(ticket)
            {
                self.say(device, ServerFrame::Room(Box::new(room)));
            }
        }
    }

    /// The frame of a call for a device of one of its two persons.
    fn call_frame(&self, at: Moment, round: RoundId, call: CallId, device: DeviceId) -> Option<CallFrame> {
        let info = self.rounds.get(&round)?.call(at.now, call)?;
        let (side, bound) = match *self.sessions.get(&device)? {
            Who::Candidate { ticket, .. } if ticket == info.ticket => {
                (Side::Candidate, info.candidate_device)
            }
            Who::Member { member, .. } if member == info.member => (Side::Recruiter, info.member_device),
            Who::Candidate { .. } | Who::Member { .. } => return None,
        };
        let mut phase = info.phase;
        if bound.is_some_and(|b| b != device) {
            phase = CallPhase::Ended { reason: EndReason::AnsweredElsewhere, talked_ms: 0 };
        }
        let plan: Option<&MediaPlan> = phase.plan();
        debug_assert!(plan.is_none_or(|p| p.epoch == info.epoch));
        let with = String::new();
        Some(CallFrame { call, round, ticket: info.ticket, version: info.version, side, with, phase })
    }

    fn say_watchers(&mut self, round: RoundId, frame: &ServerFrame) {
        let to: Vec<(DeviceId, Generation)> = self
            .sockets
            .iter()
            .filter(|(_, s)| s.watch == Some(round))
            .map(|(d, s)| (*d, s.generation))
            .collect();
        self.outgoing.extend(to.into_iter().map(|(d, g)| (d, g, frame.clone())));
    }

    fn say(&mut self, device: DeviceId, frame: ServerFrame) {
        if let Some(socket) = self.sockets.get(&device) {
            self.outgoing.push((device, socket.generation, frame));
        }
    }
}

/// A call nobody knows any more is over.
fn forgotten(at: Moment, who: Who, call: CallId) -> CallFrame {
    let (side, ticket) = match who {
        Who::Candidate { ticket, .. } => (Side::Candidate, ticket),
        Who::Member { .. } => (Side::Recruiter, TicketId(Uuid::nil())),
    };
    let phase = CallPhase::Ended { reason: EndReason::Lost, talked_ms: 0 };
    let (round, version) = (round_of(who), u64::try_from(at.wall.0).unwrap_or(0));
    CallFrame { call, round, ticket, version, side, with: String::new(), phase }
}

fn round_of(who: Who) -> RoundId {
    match who {
        Who::Candidate { round, .. } | Who::Member { round, .. } => round,
    }
}
