//! One installation of the app, as far as conversations go.

use super::Fault;
use super::server::Account;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::{self, Outbox};
use miantan_domain::rules::talk::{Ask, Held, InboxMirror, Input, Output, TalkMirror};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::*;
use std::collections::{BTreeMap, BTreeSet};

/// What outlives the app.
#[derive(Clone, Default)]
pub struct Store {
    pub outbox: BTreeMap<ChangeId, outbox::Stored>,
    pub entries: BTreeMap<ConversationId, BTreeSet<u64>>,
    pub seen: BTreeMap<ConversationId, Seen>,
    pub inbox: Option<u64>,
}

pub struct Device {
    pub account: Account,
    pub store: Store,
    pub now: Timestamp,
    pub live: bool,
    outbox: Outbox,
    inbox: InboxMirror,
    pub mirrors: BTreeMap<ConversationId, TalkMirror>,
    /// Frames to send, in order.
    pub out: Vec<ClientFrame>,
    /// REST questions without an answer.
    pub asked: Vec<(ConversationId, Ask)>,
    /// What the person was told about each change: done, or refused for good.
    pub told: Vec<(ChangeId, bool)>,
    said: u32,
    number: usize,
    fault: Option<Fault>,
}

impl Device {
    pub fn new(number: usize, account: Account, talks: &[ConversationId], fault: Option<Fault>) -> Self {
        let mut device = Self {
            account,
            store: Store { inbox: Some(0), ..Store::default() },
            now: Timestamp(1),
            live: false,
            outbox: Outbox::new(),
            inbox: InboxMirror::default(),
            mirrors: BTreeMap::new(),
            out: Vec::new(),
            asked: Vec::new(),
            told: Vec::new(),
            said: 0,
            number,
            fault,
        };
        for talk in talks {
            device.store.entries.insert(*talk, BTreeSet::new());
        }
        device.start();
        device
    }

    /// The app starts from its store.
    pub fn start(&mut self) {
        self.live = false;
        self.out.clear();
        self.asked.clear();
        self.outbox = Outbox::new();
        let stored = self.store.outbox.values().cloned().collect();
        self.outbox(outbox::Input::Restored(stored));
        self.inbox = InboxMirror::restored(self.store.inbox);
        let side = self.account.author().side();
        self.mirrors = self
            .store
            .entries
            .iter()
            .map(|(id, entries)| {
                let held = match (entries.first(), entries.last()) {
                    (Some(&low), Some(&high)) => Held { low, high },
                    _ => Held::NONE,
                };
                let seen = self.store.seen.get(id).copied().unwrap_or_default();
                (*id, TalkMirror::restored(*id, side, held, seen))
            })
            .collect();
    }

    pub fn connected(&mut self) {
        self.live = true;
        let question = self.inbox.live();
        self.out.push(question);
        self.outbox(outbox::Input::LinkLive);
        for id in self.talks() {
            self.mirror(id, Input::LinkLive, &[]);
        }
    }

    pub fn disconnected(&mut self) {
        self.live = false;
        self.out.clear();
        self.asked.clear();
        self.inbox.down();
        self.outbox(outbox::Input::LinkDown);
        for id in self.talks() {
            self.mirror(id, Input::LinkDown, &[]);
        }
    }

    pub fn talks(&self) -> Vec<ConversationId> {
        self.mirrors.keys().copied().collect()
    }

    /// The person says something; the id tells who said it and when.
    pub fn say(&mut self, conversation: ConversationId) -> ChangeId {
        self.said += 1;
        let id = ChangeId(uuid::Uuid::from_u128(((self.number as u128) << 64) + u128::from(self.said)));
        let command = TalkCommand::Say { saying: Saying::Text { text: format!("{}", self.said) } };
        let change = Change::Talk { conversation, command };
        self.outbox(outbox::Input::Add { id, change, waits: false });
        id
    }

    pub fn read_all(&mut self, conversation: ConversationId) {
        let seq = self.mirrors[&conversation].held().high;
        self.mirror(conversation, Input::Read { seq }, &[]);
    }

    pub fn frame(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Accepted { id, seq } => self.outbox(outbox::Input::Accepted { id, seq }),
            ServerFrame::Refused { id, problem } => self.outbox(outbox::Input::Refused { id, problem }),
            ServerFrame::Entry { conversation, pos, entry } => {
                self.mirror(conversation, Input::Entry { seq: entry.seq }, &[entry.seq]);
                self.heard(pos);
            }
            ServerFrame::Head(head) => {
                let own = head.seen(head.side);
                self.mirror(head.id, Input::Head { last_seq: head.last_seq, own }, &[]);
                self.heard(head.pos);
            }
            ServerFrame::Seen { conversation, pos, side, seen } => {
                if side == self.account.author().side() {
                    self.mirror(conversation, Input::OwnSeen(seen), &[]);
                }
                self.heard(pos);
            }
            ServerFrame::Inbox { pos } => {
                if let Some(pos) = self.inbox.told_all(pos) {
                    self.store.inbox = Some(pos);
                }
            }
            _ => {}
        }
    }

    fn heard(&mut self, pos: u64) {
        if self.fault == Some(Fault::CountsTooEarly) {
            self.inbox.told_all(pos);
        }
        if let Some(pos) = self.inbox.heard(pos).or(self.inbox.pos().filter(|_| self.inbox.is_caught_up())) {
            self.store.inbox = Some(pos);
        }
    }

    /// A page came, or its request failed.
    pub fn page(&mut self, conversation: ConversationId, ask: Ask, seqs: Option<Vec<u64>>) {
        match seqs {
            Some(seqs) => {
                let brought = seqs.clone();
                self.mirror(conversation, Input::Page { ask, seqs }, &brought);
            }
            None => self.mirror(conversation, Input::AskFailed(ask), &[]),
        }
    }

    pub fn timeouts(&mut self) {
        self.outbox(outbox::Input::Timeout);
        for id in self.talks() {
            self.mirror(id, Input::Timeout, &[]);
        }
    }

    /// Nothing is left to send or to be answered.
    pub fn is_idle(&self) -> bool {
        self.asked.is_empty() && self.outbox.durable().next().is_none()
    }

    fn outbox(&mut self, input: outbox::Input) {
        self.outbox.handle(self.now, input).expect("not refused");
        while let Some(output) = self.outbox.poll_output() {
            match output {
                outbox::Output::Send(frame) => self.out.push(frame),
                outbox::Output::Store(stored) => {
                    self.store.outbox.insert(stored.id, stored);
                }
                outbox::Output::Forget(id) => {
                    self.store.outbox.remove(&id);
                }
                outbox::Output::Failed { id, .. } => self.told.push((id, false)),
                outbox::Output::Settled { id, result } => self.told.push((id, result.is_ok())),
            }
        }
    }

    fn mirror(&mut self, id: ConversationId, input: Input, brought: &[u64]) {
        let now = self.now;
        let Some(mirror) = self.mirrors.get_mut(&id) else { return };
        mirror.handle(now, input);
        while let Some(output) = mirror.poll_output() {
            match output {
                Output::Keep { from, to } => {
                    let entries = self.store.entries.entry(id).or_default();
                    entries.extend(brought.iter().filter(|seq| (from..=to).contains(seq)));
                }
                Output::KeepSeen(seen) => {
                    self.store.seen.insert(id, seen);
                }
                Output::Ask(ask) => self.asked.push((id, ask)),
                Output::Send(frame) => self.out.push(frame),
            }
        }
    }
}
