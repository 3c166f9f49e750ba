//! One conversation on one device: which entries are here, what to ask for, how far they were read.

use crate::ids::ConversationId;
use crate::model::{Seen, Side};
use crate::time::Timestamp;
use crate::wire::live::ClientFrame;
use std::collections::VecDeque;

/// Entries asked for at once.
pub const PAGE: u32 = 100;
/// First pause after a failed question, doubled each time up to the longest.
pub const AGAIN_FIRST_MS: u64 = 1_000;
pub const AGAIN_MAX_MS: u64 = 60_000;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Entries numbered above this.
    After(u64),
    /// The last entries numbered below this.
    Before(u64),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    LinkLive,
    LinkDown,
    /// A head was received or restored: so many entries there are, so far both sides have come.
    Head {
        last_seq: u64,
        own: Seen,
    },
    /// A live entry.
    Entry {
        seq: u64,
    },
    /// The answer to an [`Ask`], in order.
    Page {
        ask: Ask,
        seqs: Vec<u64>,
    },
    AskFailed(Ask),
    /// The person wants to see what is before the oldest entry here.
    Older,
    /// Entries up to this one were on screen.
    Read {
        seq: u64,
    },
    /// The server's word on this side's seen-mark.
    OwnSeen(Seen),
    Timeout,
}

/// What the driver must do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Store the entries of this input that lie in `from..=to`; all others are not wanted.
    Keep {
        from: u64,
        to: u64,
    },
    /// Store how far this device has come.
    KeepSeen(Seen),
    Ask(Ask),
    Send(ClientFrame),
}

/// Entries `low..=high` are on the device, without a hole; none when `high < low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub low: u64,
    pub high: u64,
}

impl Held {
    pub const NONE: Self = Self { low: 1, high: 0 };

    pub const fn is_empty(self) -> bool {
        self.high < self.low
    }
}

/// See the module's page.
#[derive(Debug, Clone)]
pub struct TalkMirror {
    conversation: ConversationId,
    side: Side,
    live: bool,
    /// As far as the server told.
    last: u64,
    held: Held,
    asking: Option<Ask>,
    /// The person waits for older entries.
    older: bool,
    failures: u32,
    again_at: Option<Timestamp>,
    /// How far this device has come, and what the server knows of it.
    seen: Seen,
    told: Seen,
    /// Sent on this connection and not answered.
    telling: bool,
    outputs: VecDeque<Output>,
}

impl TalkMirror {
    /// With what the device had kept.
    pub fn restored(conversation: ConversationId, side: Side, held: Held, seen: Seen) -> Self {
        Self {
            conversation,
            side,
            live: false,
            last: held.high,
            held,
            asking: None,
            older: false,
            failures: 0,
            again_at: None,
            seen,
            told: Seen::default(),
            telling: false,
            outputs: VecDeque::new(),
        }
    }

    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::LinkLive => {
                self.live = true;
                self.asking = None;
                self.telling = false;
                self.failures = 0;
                self.again_at = None;
            }
            Input::LinkDown => {
                self.live = false;
                self.asking = None;
                self.telling = false;
            }
            Input::Head { last_seq, own } => {
                self.last = self.last.max(last_seq);
                self.told = self.told.merge(own);
                self.see(own);
            }
            Input::Entry { seq } => self.entry(seq),
            Input::Page { ask, seqs } => self.page(ask, &seqs),
            Input::AskFailed(ask) => {
                if self.asking == Some(ask) {
                    self.asking = None;
                    let pause = AGAIN_FIRST_MS.saturating_mul(1 << self.failures.min(16)).min(AGAIN_MAX_MS);
                    self.failures += 1;
                    self.again_at = Some(now.after(pause));
                }
            }
            Input::Older => self.older = true,
            Input::Read { seq } => {
                let read = seq.min(self.held.high);
                self.see(Seen { delivered: 0, read });
            }
            Input::OwnSeen(seen) => {
                self.told = self.told.merge(seen);
                self.telling = false;
                self.see(seen);
            }
            Input::Timeout => {}
        }
        if self.again_at.is_some_and(|at| at <= now) {
            self.again_at = None;
        }
        self.ask();
        self.tell();
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to send [`Input::Timeout`]: a failed question is due again.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.again_at.filter(|_| self.live)
    }

    pub fn held(&self) -> Held {
        self.held
    }

    /// There is something older than what is here.
    pub fn has_older(&self) -> bool {
        self.held.low > 1 && self.last > 0
    }

    /// Everything the server has told of is here.
    pub fn is_complete(&self) -> bool {
        self.held.high >= self.last
    }

    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// A question is under way.
    pub fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    fn entry(&mut self, seq: u64) {
        self.last = self.last.max(seq);
        let next = if self.held.is_empty() { seq == 1 } else { seq == self.held.high + 1 };
        if next {
            self.keep(seq, seq);
        }
        // Repeated: it is here. Beyond a hole: it comes again with the answer to the question.
    }

    fn page(&mut self, ask: Ask, seqs: &[u64]) {
        if self.asking != Some(ask) {
            return;
        }
        self.asking = None;
        self.failures = 0;
        match ask {
            Ask::After(_) => {
                let from = self.held.high + 1;
                let to = run(from, seqs.iter().copied());
                if from <= to {
                    self.keep(from, to);
                } else {
                    // Nothing follows what is here: the server has no more than that.
                    self.last = self.last.min(self.held.high);
                }
            }
            Ask::Before(before) => {
                self.older = false;
                let to = before.min(self.last.saturating_add(1)).saturating_sub(1);
                let from = run_back(to, seqs.iter().rev().copied());
                if from <= to && from > 0 {
                    self.keep(from, to);
                } else if self.held.is_empty() {
                    self.last = 0;
                }
            }
        }
    }

    fn keep(&mut self, from: u64, to: u64) {
        self.held = if self.held.is_empty() {
            Held { low: from, high: to }
        } else {
            Held { low: self.held.low.min(from), high: self.held.high.max(to) }
        };
        self.outputs.push_back(Output::Keep { from, to });
        self.see(Seen { delivered: self.held.high, read: 0 });
    }

    fn see(&mut self, more: Seen) {
        let next = self.seen.merge(more);
        if next != self.seen {
            self.seen = next;
            self.outputs.push_back(Output::KeepSeen(next));
        }
    }

    fn ask(&mut self) {
        if !self.live || self.asking.is_some() || self.again_at.is_some() {
            return;
        }
        let ask = if self.held.is_empty() && self.last > 0 {
            Ask::Before(self.last + 1)
        } else if self.held.high < self.last {
            Ask::After(self.held.high)
        } else if self.older && self.held.low > 1 {
            Ask::Before(self.held.low)
        } else {
            self.older = false;
            return;
        };
        self.asking = Some(ask);
        self.outputs.push_back(Output::Ask(ask));
    }

    /// One at a time: what is read meanwhile goes with the next.
    fn tell(&mut self) {
        if self.live && !self.telling && self.told.merge(self.seen) != self.told {
            self.telling = true;
            let frame = ClientFrame::Seen { conversation: self.conversation, seen: self.seen };
            self.outputs.push_back(Output::Send(frame));
        }
    }

    /// The side this device is on.
    pub fn side(&self) -> Side {
        self.side
    }
}

/// The end of the unbroken run that starts at `from`; below `from` when there is none.
fn run(from: u64, seqs: impl Iterator<Item = u64>) -> u64 {
    seqs.fold(from - 1, |end, seq| if seq == end + 1 { seq } else { end })
}

/// The start of the unbroken run that ends at `to`; above `to` when there is none.
fn run_back(to: u64, seqs: impl Iterator<Item = u64>) -> u64 {
    seqs.fold(to + 1, |start, seq| if start > 1 && seq == start - 1 { seq } else { start })
}
