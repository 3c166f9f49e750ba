//! The machine itself. See [`super`] for its rules.

use super::state::*;
use crate::ids::ChangeId;
use crate::time::Timestamp;
use crate::wire::live::{Change, ClientFrame, Lane};
use crate::wire::{Problem, ProblemCode};
use std::collections::{BTreeSet, VecDeque};

/// One device's commands to one server.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    link: LinkState,
    /// In order.
    durable: VecDeque<Durable>,
    /// In order. Few: each lives for seconds.
    passing: Vec<Passing>,
    failed: Vec<Failed>,
    next_order: u64,
    pace: Pace,
    outputs: VecDeque<Output>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum LinkState {
    #[default]
    Down,
    Live,
}

/// How durable commands may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pace {
    /// Up to [`WINDOW`] unanswered.
    #[default]
    Full,
    /// None: the server refused one for now.
    Paused { until: Timestamp },
    /// One at a time, until one is accepted.
    Careful,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Waiting,
    /// On the present connection.
    Sent,
    /// Refused for now; waiting again from then on. (Durable ones wait together: [`Pace::Paused`].)
    Later {
        at: Timestamp,
    },
}

#[derive(Debug, Clone)]
struct Durable {
    stored: Stored,
    progress: Progress,
    server_failures: u32,
}

#[derive(Debug, Clone)]
struct Passing {
    id: ChangeId,
    change: Change,
    progress: Progress,
    until: Timestamp,
}

#[derive(Debug, Clone)]
struct Failed {
    stored: Stored,
    problem: Problem,
}

impl Outbox {
    pub fn new() -> Self {
        Self::default()
    }

    /// What happened at `now`.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), Refused> {
        self.expire(now);
        match input {
            Input::Add { id, change, waits } => self.add(now, id, change, waits)?,
            Input::Ready(id) => self.ready(id),
            Input::Hopeless { id, problem } => self.hopeless(id, problem),
            Input::Restored(stored) => self.restore(stored)?,
            Input::LinkLive => {
                self.link = LinkState::Live;
                self.nothing_is_sent();
            }
            Input::LinkDown => {
                self.link = LinkState::Down;
                self.nothing_is_sent();
            }
            Input::Accepted { id, seq } => self.accepted(id, seq),
            Input::Refused { id, problem } => self.refused(now, id, problem),
            Input::Retry(id) => self.retry(id)?,
            Input::Delete(id) => self.delete(id)?,
            Input::Timeout => {}
        }
        self.send(now);
        Ok(())
    }

    /// The next thing to do outside, if any.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to send [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Why)> {
        let expires = self.passing.iter().map(|p| (p.until, Why::Expires));
        let later = self.passing.iter().filter_map(|p| match p.progress {
            Progress::Later { at } => Some((at, Why::TryAgain)),
            Progress::Waiting | Progress::Sent => None,
        });
        let pause = match self.pace {
            Pace::Paused { until } => Some((until, Why::TryAgain)),
            Pace::Full | Pace::Careful => None,
        };
        let again = later.chain(pause).filter(|_| self.link == LinkState::Live);
        expires.chain(again).min_by_key(|(at, _)| *at)
    }

    /// Durable commands that are not settled: those on their way in their order, then failed ones.
    pub fn durable(&self) -> impl Iterator<Item = (&Stored, Standing<'_>)> {
        let on_the_way = self.durable.iter().map(|d| {
            let standing = match d.progress {
                Progress::Waiting | Progress::Later { .. } => Standing::Waiting,
                Progress::Sent => Standing::Sent,
            };
            (&d.stored, standing)
        });
        on_the_way.chain(self.failed.iter().map(|f| (&f.stored, Standing::Failed(&f.problem))))
    }

    fn knows(&self, id: ChangeId) -> bool {
        self.durable.iter().any(|d| d.stored.id == id)
            || self.passing.iter().any(|p| p.id == id)
            || self.failed.iter().any(|f| f.stored.id == id)
    }

    fn add(&mut self, now: Timestamp, id: ChangeId, change: Change, waits: bool) -> Result<(), Refused> {
        if self.knows(id) {
            return Err(Refused::IdTaken);
        }
        match Lasting::of(&change) {
            Lasting::Durable => {
                if self.durable.len() + self.failed.len() >= KEPT_MAX {
                    return Err(Refused::Full);
                }
                let stored = Stored { id, order: self.take_order(), change, waits, failed: None };
                self.append(stored);
            }
            Lasting::Passing { limit_ms } => {
                self.drop_superseded_by(&change);
                let until = now.after(limit_ms);
                let progress = Progress::Waiting;
                self.passing.push(Passing { id, change, progress, until });
            }
        }
        Ok(())
    }

    fn take_order(&mut self) -> u64 {
        let order = self.next_order;
        self.next_order += 1;
        order
    }

    fn append(&mut self, stored: Stored) {
        self.outputs.push_back(Output::Store(stored.clone()));
        self.durable.push_back(Durable { stored, progress: Progress::Waiting, server_failures: 0 });
    }

    fn drop_superseded_by(&mut self, newer: &Change) {
        let outputs = &mut self.outputs;
        self.passing.retain(|older| {
            let keep = !supersedes(newer, &older.change);
            if !keep {
                outputs.push_back(timed_out(older.id, "superseded by a newer command"));
            }
            keep
        });
    }

    fn ready(&mut self, id: ChangeId) {
        let waiting = self.durable.iter_mut().find(|d| d.stored.id == id && d.stored.waits);
        if let Some(durable) = waiting {
            durable.stored.waits = false;
            self.outputs.push_back(Output::Store(durable.stored.clone()));
        }
    }

    /// Only what waits for a file: nobody can take back what may be on its way.
    fn hopeless(&mut self, id: ChangeId, problem: Problem) {
        if let Some(at) = self.durable.iter().position(|d| d.stored.id == id && d.stored.waits) {
            self.fail(at, problem);
        }
    }

    fn restore(&mut self, mut stored: Vec<Stored>) -> Result<(), Refused> {
        let untouched = self.next_order == 0 && self.passing.is_empty();
        if !untouched {
            return Err(Refused::RestoredTooLate);
        }
        stored.sort_by_key(|s| s.order);
        for entry in stored {
            // A store keyed by id cannot hold one twice; another one must not double a command.
            if self.knows(entry.id) {
                continue;
            }
            self.next_order = self.next_order.max(entry.order.saturating_add(1));
            match entry.failed.clone() {
                Some(problem) => self.failed.push(Failed { stored: entry, problem }),
                None => self.durable.push_back(Durable {
                    stored: entry,
                    progress: Progress::Waiting,
                    server_failures: 0,
                }),
            }
        }
        Ok(())
    }

    fn nothing_is_sent(&mut self) {
        for durable in &mut self.durable {
            durable.progress = Progress::Waiting;
        }
        for passing in &mut self.passing {
            passing.progress = Progress::Waiting;
        }
    }

    /// Answers of an earlier connection count as well; of an unknown id, not.
    fn accepted(&mut self, id: ChangeId, seq: u64) {
        let durable = self.durable.iter().position(|d| d.stored.id == id);
        let failed = self.failed.iter().position(|f| f.stored.id == id);
        let passing = self.passing.iter().position(|p| p.id == id);
        if let Some(at) = durable {
            self.durable.remove(at);
            self.outputs.push_back(Output::Forget(id));
            match self.pace {
                Pace::Careful => self.pace = Pace::Full,
                Pace::Full | Pace::Paused { .. } => {}
            }
        } else if let Some(at) = failed {
            self.failed.remove(at);
            self.outputs.push_back(Output::Forget(id));
        } else if let Some(at) = passing {
            self.passing.remove(at);
        } else {
            return;
        }
        self.outputs.push_back(Output::Settled { id, result: Ok(seq) });
    }

    fn refused(&mut self, now: Timestamp, id: ChangeId, problem: Problem) {
        if let Some(at) = self.passing.iter().position(|p| p.id == id) {
            self.refused_passing(now, at, problem);
        } else if let Some(at) = self.durable.iter().position(|d| d.stored.id == id) {
            self.refused_durable(now, at, problem);
        }
    }

    /// Who rings wants to know at once that it failed; what tells the end or the state of a call is
    /// tried again while it is true.
    fn refused_passing(&mut self, now: Timestamp, at: usize, problem: Problem) {
        let passing = &mut self.passing[at];
        let ms = problem.retry_after_ms.unwrap_or(TRY_AGAIN_FIRST_MS);
        let again = now.after(ms);
        let worth_it = match RefusalClass::of(problem.code) {
            RefusalClass::ForGood => false,
            RefusalClass::Slower | RefusalClass::ServerFailed => {
                tells(&passing.change) && again < passing.until
            }
        };
        if worth_it {
            passing.progress = Progress::Later { at: again };
        } else {
            let id = self.passing.remove(at).id;
            self.outputs.push_back(Output::Settled { id, result: Err(problem) });
        }
    }

    fn refused_durable(&mut self, now: Timestamp, at: usize, problem: Problem) {
        match RefusalClass::of(problem.code) {
            RefusalClass::ForGood => self.fail(at, problem),
            RefusalClass::Slower => {
                let ms = problem.retry_after_ms.unwrap_or(TRY_AGAIN_FIRST_MS);
                self.pause(now, at, ms);
            }
            RefusalClass::ServerFailed => {
                let times = self.durable[at].server_failures;
                if times + 1 >= SERVER_FAILURES_MAX {
                    self.fail(at, problem);
                } else {
                    self.durable[at].server_failures = times + 1;
                    let own = TRY_AGAIN_FIRST_MS << times;
                    self.pause(now, at, problem.retry_after_ms.unwrap_or(own));
                }
            }
        }
    }

    /// The one at `at` is to be sent again after `ms`, and nothing else before.
    fn pause(&mut self, now: Timestamp, at: usize, ms: u64) {
        self.durable[at].progress = Progress::Waiting;
        let until = now.after(ms.min(TRY_AGAIN_MAX_MS));
        let until = match self.pace {
            // Several of a window are refused for the same reason: the longest wish holds.
            Pace::Paused { until: earlier } => earlier.max(until),
            Pace::Full | Pace::Careful => until,
        };
        self.pace = Pace::Paused { until };
    }

    fn fail(&mut self, at: usize, problem: Problem) {
        let Some(Durable { mut stored, .. }) = self.durable.remove(at) else { return };
        stored.failed = Some(problem.clone());
        let id = stored.id;
        self.outputs.push_back(Output::Store(stored.clone()));
        self.outputs.push_back(Output::Failed { id, problem: problem.clone() });
        self.failed.push(Failed { stored, problem });
    }

    fn take_failed(&mut self, id: ChangeId) -> Result<Failed, Refused> {
        let at = self.failed.iter().position(|f| f.stored.id == id).ok_or(Refused::NotFailed)?;
        Ok(self.failed.remove(at))
    }

    fn retry(&mut self, id: ChangeId) -> Result<(), Refused> {
        let Failed { mut stored, .. } = self.take_failed(id)?;
        stored.failed = None;
        stored.order = self.take_order();
        self.append(stored);
        Ok(())
    }

    fn delete(&mut self, id: ChangeId) -> Result<(), Refused> {
        let Failed { problem, .. } = self.take_failed(id)?;
        self.outputs.push_back(Output::Forget(id));
        self.outputs.push_back(Output::Settled { id, result: Err(problem) });
        Ok(())
    }

    /// Before anything else at every input: after a long sleep a ring of yesterday must not go out
    /// on the first connection of today.
    fn expire(&mut self, now: Timestamp) {
        let outputs = &mut self.outputs;
        self.passing.retain(|p| {
            let keep = now < p.until;
            if !keep {
                outputs.push_back(timed_out(p.id, "not answered in time"));
            }
            keep
        });
        match self.pace {
            Pace::Paused { until } if now >= until => self.pace = Pace::Careful,
            Pace::Paused { .. } | Pace::Full | Pace::Careful => {}
        }
    }

    fn send(&mut self, now: Timestamp) {
        match self.link {
            LinkState::Down => return,
            LinkState::Live => {}
        }
        for p in &mut self.passing {
            let due = match p.progress {
                Progress::Waiting => true,
                Progress::Sent => false,
                Progress::Later { at } => now >= at,
            };
            if due && now < p.until {
                p.progress = Progress::Sent;
                self.outputs.push_back(change_frame(p.id, &p.change));
            }
        }
        let window = match self.pace {
            Pace::Full => WINDOW,
            Pace::Careful => 1,
            Pace::Paused { .. } => return,
        };
        let mut unanswered = self.durable.iter().filter(|d| d.progress == Progress::Sent).count();
        let mut held: BTreeSet<Lane> = BTreeSet::new();
        for d in &mut self.durable {
            if unanswered >= window {
                break;
            }
            if d.stored.waits {
                held.insert(d.stored.change.lane());
            }
            if !held.is_empty() && held.contains(&d.stored.change.lane()) {
                continue;
            }
            if d.progress == Progress::Waiting {
                d.progress = Progress::Sent;
                unanswered += 1;
                self.outputs.push_back(change_frame(d.stored.id, &d.stored.change));
            }
        }
    }
}

fn change_frame(id: ChangeId, change: &Change) -> Output {
    Output::Send(ClientFrame::Change { id, change: change.clone() })
}

fn timed_out(id: ChangeId, detail: &str) -> Output {
    Output::Settled { id, result: Err(Problem::new(ProblemCode::TimedOut, detail)) }
}
