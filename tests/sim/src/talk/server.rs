//! The server of the talk: a disk, and sockets with their guards.

use super::Fault;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::LaneGuard;
use miantan_domain::rules::talk::{Author, TalkState, decide};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::{BTreeMap, VecDeque};

/// An account: a candidate, or an employer (its members share it here).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    Candidate(u8),
    Employer(u8),
}

impl Account {
    pub const fn author(self) -> Author {
        match self {
            Self::Candidate(_) => Author::Candidate,
            Self::Employer(_) => Author::Member(MemberRole::Recruiter),
        }
    }
}

/// One conversation on disk.
#[derive(Clone)]
pub struct Kept {
    pub members: [Account; 2],
    pub state: TalkState,
    pub entries: Vec<ChangeId>,
    pub pos: u64,
}

/// What outlives the process.
#[derive(Clone, Default)]
pub struct Disk {
    pub talks: BTreeMap<ConversationId, Kept>,
    pub answers: BTreeMap<(Account, ChangeId), u64>,
    pub pos: u64,
}

/// One socket of one device.
pub struct Socket {
    pub account: Account,
    guard: LaneGuard,
    /// Heads still to be told, then the position.
    heads: VecDeque<ConversationId>,
    upto: Option<u64>,
}

pub struct Server {
    pub disk: Disk,
    /// The disk before the last write, for [`Fault::LosesTail`].
    before: Disk,
    sockets: BTreeMap<usize, Socket>,
    pub fault: Option<Fault>,
    /// Frames for devices, in order.
    pub out: Vec<(usize, ServerFrame)>,
    /// Seen-marks as they were, to notice one that goes back.
    pub seen_back: Option<String>,
}

impl Server {
    pub fn new(fault: Option<Fault>) -> Self {
        Self {
            disk: Disk::default(),
            before: Disk::default(),
            sockets: BTreeMap::new(),
            fault,
            out: Vec::new(),
            seen_back: None,
        }
    }

    pub fn open(&mut self, device: usize, account: Account) {
        let socket = Socket { account, guard: LaneGuard::default(), heads: VecDeque::new(), upto: None };
        self.sockets.insert(device, socket);
    }

    pub fn close(&mut self, device: usize) {
        self.sockets.remove(&device);
    }

    /// The process dies; what was written stays.
    pub fn die(&mut self) {
        self.sockets.clear();
        self.out.clear();
        if self.fault == Some(Fault::LosesTail) && !self.before.talks.is_empty() {
            self.disk = self.before.clone();
        }
    }

    fn write(&mut self) {
        if self.fault == Some(Fault::LosesTail) {
            self.before = self.disk.clone();
        }
    }

    fn tell(&mut self, id: ConversationId, frame: &ServerFrame) {
        let members = self.disk.talks[&id].members;
        let to = self.sockets.iter().filter(|(_, s)| members.contains(&s.account)).map(|(d, _)| *d);
        self.out.extend(to.map(|device| (device, frame.clone())));
    }

    /// `fails`: the store cannot take a write now.
    pub fn frame(&mut self, device: usize, frame: ClientFrame, fails: bool) {
        let Some(account) = self.sockets.get(&device).map(|s| s.account) else { return };
        match frame {
            ClientFrame::Change { id, change } => {
                let lane = change.lane();
                let guarded = self.fault != Some(Fault::NoLaneGuard);
                let socket = self.sockets.get_mut(&device).expect("open");
                let admitted = if guarded { socket.guard.admit(lane, id) } else { Ok(()) };
                let answer = admitted.and_then(|()| self.change(account, id, change, fails));
                let frame = match answer {
                    Ok(seq) => ServerFrame::Accepted { id, seq },
                    Err(problem) => {
                        let socket = self.sockets.get_mut(&device).expect("open");
                        socket.guard.refused(lane, id, &problem);
                        ServerFrame::Refused { id, problem }
                    }
                };
                self.out.push((device, frame));
            }
            ClientFrame::Inbox { since } => {
                let since = since.unwrap_or(0);
                let mut heads: Vec<(u64, ConversationId)> = self
                    .disk
                    .talks
                    .iter()
                    .filter(|(_, k)| k.members.contains(&account) && k.pos > since)
                    .map(|(id, k)| (k.pos, *id))
                    .collect();
                heads.sort_unstable();
                let upto = Some(self.disk.pos);
                let socket = self.sockets.get_mut(&device).expect("open");
                socket.heads = heads.into_iter().map(|(_, id)| id).collect();
                socket.upto = upto;
            }
            ClientFrame::Seen { conversation, seen } => self.see(account, conversation, seen),
            _ => {}
        }
    }

    fn change(
        &mut self,
        account: Account,
        id: ChangeId,
        change: Change,
        fails: bool,
    ) -> Result<u64, Problem> {
        let Change::Talk { conversation, command } = change else {
            return Err(ProblemCode::UnknownKind.into());
        };
        if let Some(seq) = self.disk.answers.get(&(account, id))
            && self.fault != Some(Fault::ForgetsIds)
        {
            return Ok(*seq);
        }
        if fails {
            return Err(ProblemCode::StorageFailed.into());
        }
        if self.fault == Some(Fault::AcknowledgesUnwritten) && id.0.as_u128().is_multiple_of(7) {
            return Ok(0);
        }
        self.write();
        let known = self.disk.talks.get_mut(&conversation).filter(|k| k.members.contains(&account));
        let kept = known.ok_or(ProblemCode::NotFound)?;
        let decision = decide(&kept.state, account.author(), command, WallTime(0))?;
        let entry = decision.entry.clone();
        kept.state.apply(&decision);
        let seq = kept.state.last_seq;
        self.disk.pos += 1;
        kept.pos = self.disk.pos;
        let pos = kept.pos;
        if entry.is_some() {
            kept.entries.push(id);
        }
        self.disk.answers.insert((account, id), seq);
        if let Some(body) = entry {
            let from = account.author().side();
            let entry = Entry { seq, id, from, by: String::new(), at: WallTime(0), body };
            self.tell(conversation, &ServerFrame::Entry { conversation, pos, entry });
        }
        Ok(seq)
    }

    fn see(&mut self, account: Account, id: ConversationId, seen: Seen) {
        let Some(kept) = self.disk.talks.get_mut(&id).filter(|k| k.members.contains(&account)) else {
            return;
        };
        let side = account.author().side();
        let before = kept.state.seen(side);
        if self.fault == Some(Fault::SeenGoesBack) {
            match side {
                Side::Candidate => kept.state.candidate_seen = seen,
                Side::Recruiter => kept.state.recruiter_seen = seen,
            }
        } else {
            kept.state.see(side, seen);
        }
        let after = kept.state.seen(side);
        let last = kept.state.last_seq;
        if after.read < before.read || after.delivered < before.delivered || after.delivered > last {
            self.seen_back = Some(format!("{id}: {before:?} became {after:?}, of {last}"));
        }
        if after != before {
            self.disk.pos += 1;
            kept.pos = self.disk.pos;
        }
        let pos = kept.pos;
        self.tell(id, &ServerFrame::Seen { conversation: id, pos, side, seen: after });
    }

    /// Tells a device one more thing of what it missed; false: nothing is left to tell.
    pub fn catch_up(&mut self, device: usize) -> bool {
        let Some(socket) = self.sockets.get_mut(&device) else { return false };
        let (account, next) = (socket.account, socket.heads.pop_front());
        if let Some(id) = next {
            let frame = self.head(id, account);
            self.out.push((device, frame));
            return true;
        }
        let Some(pos) = socket.upto.take() else { return false };
        self.out.push((device, ServerFrame::Inbox { pos }));
        true
    }

    fn head(&self, id: ConversationId, account: Account) -> ServerFrame {
        let kept = &self.disk.talks[&id];
        ServerFrame::Head(Box::new(TalkHead {
            id,
            pos: kept.pos,
            side: account.author().side(),
            fair: None,
            fair_title: String::new(),
            employer: EmployerId(uuid::Uuid::nil()),
            employer_name: String::new(),
            candidate: CandidateId(uuid::Uuid::nil()),
            candidate_name: String::new(),
            candidate_line: String::new(),
            last_seq: kept.state.last_seq,
            last: None,
            candidate_seen: kept.state.candidate_seen,
            recruiter_seen: kept.state.recruiter_seen,
            unread: 0,
            mark: Mark::default(),
            applications: Vec::new(),
            invitations: Vec::new(),
            blocked: false,
        }))
    }

    /// REST: numbers of the entries asked for.
    pub fn page(&self, id: ConversationId, ask: miantan_domain::rules::talk::Ask, limit: u64) -> Vec<u64> {
        use miantan_domain::rules::talk::Ask;
        let last = self.disk.talks[&id].state.last_seq;
        match ask {
            Ask::After(after) => (after + 1..=last).take(limit as usize).collect(),
            Ask::Before(before) => {
                let to = before.saturating_sub(1).min(last);
                (to.saturating_sub(limit - 1).max(1)..=to).collect()
            }
        }
    }

    /// How often each change stands in the conversations.
    pub fn copies(&self) -> BTreeMap<ChangeId, u32> {
        let mut copies = BTreeMap::new();
        for id in self.disk.talks.values().flat_map(|k| &k.entries) {
            *copies.entry(*id).or_default() += 1;
        }
        copies
    }
}
