//! Random scripts over a line that breaks, an app that is killed between any two effects, and a
//! server with moods.

use super::world::*;
use crate::ids::ChangeId;
use crate::rules::outbox::*;
use crate::wire::live::{Command, MediaReport};
use crate::wire::{Problem, ProblemCode};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy)]
enum Mood {
    Good,
    RefusesForGood,
    RefusesForNow(ProblemCode),
}

#[derive(Debug, Clone)]
enum Step {
    Note,
    Ring,
    HangUp {
        call: u32,
    },
    Media {
        call: u32,
    },
    LinkLive,
    LinkDown,
    /// The server works off up to so many commands; `answered`: its answers arrive.
    Serve {
        count: usize,
        mood: Mood,
        answered: bool,
    },
    /// Killed after so many further effects of an added note.
    KilledWhileWriting {
        effects: usize,
    },
    /// Killed after so many further effects of an answer.
    KilledWhileAnswered {
        effects: usize,
    },
    RetryFailed,
    DeleteFailed,
    Wait {
        ms: u64,
    },
    Wake,
}

fn step(moods: bool) -> impl Strategy<Value = Step> {
    let moody = if moods { 2 } else { 0 };
    let mood = prop_oneof![
        6 => Just(Mood::Good),
        moody => Just(Mood::RefusesForGood),
        moody => Just(Mood::RefusesForNow(ProblemCode::StorageFailed)),
        moody => Just(Mood::RefusesForNow(ProblemCode::SlowDown)),
    ];
    prop_oneof![
        8 => Just(Step::Note),
        2 => Just(Step::Ring),
        1 => (0..3_u32).prop_map(|call| Step::HangUp { call }),
        2 => (0..3_u32).prop_map(|call| Step::Media { call }),
        3 => Just(Step::LinkLive),
        2 => Just(Step::LinkDown),
        8 => (1..40_usize, mood, prop::bool::weighted(0.7))
            .prop_map(|(count, mood, answered)| Step::Serve { count, mood, answered }),
        1 => (0..3_usize).prop_map(|effects| Step::KilledWhileWriting { effects }),
        1 => (0..3_usize).prop_map(|effects| Step::KilledWhileAnswered { effects }),
        1 => Just(Step::RetryFailed),
        1 => Just(Step::DeleteFailed),
        2 => (0..8_000_u64).prop_map(|ms| Step::Wait { ms }),
        4 => Just(Step::Wake),
    ]
}

/// A server that does each id once and gives a repeated one its first answer. A refusal changed
/// nothing and is not remembered, so that the person's retry is a new try.
#[derive(Default)]
struct Server {
    done: Vec<ChangeId>,
}

impl Server {
    fn serve(&mut self, id: ChangeId, mood: Mood) -> Result<u64, Problem> {
        if let Some(at) = self.done.iter().position(|done| *done == id) {
            return Ok(at as u64 + 1);
        }
        match mood {
            Mood::RefusesForNow(code) => Err(code.into()),
            Mood::RefusesForGood => Err(ProblemCode::StageWrong.into()),
            Mood::Good => {
                self.done.push(id);
                Ok(self.done.len() as u64)
            }
        }
    }
}

struct World {
    phone: Phone,
    server: Server,
    next: u32,
    notes: Vec<ChangeId>,
    passing: Vec<ChangeId>,
}

impl World {
    fn new() -> Self {
        Self {
            phone: Phone::new(),
            server: Server::default(),
            next: 0,
            notes: Vec::new(),
            passing: Vec::new(),
        }
    }

    fn next(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn pass(&mut self, command: Command) {
        let n = self.next();
        self.passing.push(id(n));
        self.phone.add(n, command);
    }

    fn first_failed(&self) -> Option<ChangeId> {
        self.phone.store.values().find(|s| s.failed.is_some()).map(|s| s.id)
    }

    fn answer(&mut self, id: ChangeId, answer: Result<u64, Problem>) {
        match answer {
            Ok(seq) => self.phone.tell(Input::Accepted { id, seq }),
            Err(problem) => self.phone.refuse(id, problem),
        }
    }

    fn serve(&mut self, count: usize, mood: Mood, answered: bool) {
        for _ in 0..count {
            let Some((id, _)) = self.phone.line.pop_front() else { break };
            let answer = self.server.serve(id, mood);
            if answered {
                self.answer(id, answer);
            }
        }
        if !answered {
            // A connection that loses answers is a lost connection.
            self.phone.link_down();
        }
    }

    fn play(&mut self, step: &Step) {
        match *step {
            Step::Note => {
                let n = self.next();
                self.notes.push(id(n));
                self.phone.add(n, note("…"));
            }
            Step::Ring => {
                let n = self.next();
                self.pass(ring(n % 3));
            }
            Step::HangUp { call: n } => self.pass(Command::HangUp { call: call(n) }),
            Step::Media { call } => self.pass(media(call, MediaReport::Flowing)),
            Step::LinkLive => self.phone.link_live(),
            Step::LinkDown => self.phone.link_down(),
            Step::Serve { count, mood, answered } => self.serve(count, mood, answered),
            Step::KilledWhileWriting { effects } => {
                let n = self.next();
                let input = add(n, note("…"));
                self.phone.outbox.handle(self.phone.now, input).expect("not refused");
                for _ in 0..effects {
                    self.phone.carry_out_one();
                }
                // What was not stored was not promised to anybody.
                if self.phone.store.contains_key(&id(n)) {
                    self.notes.push(id(n));
                }
                self.killed();
            }
            Step::KilledWhileAnswered { effects } => {
                if let Some((id, _)) = self.phone.line.pop_front()
                    && let Ok(seq) = self.server.serve(id, Mood::Good)
                {
                    let input = Input::Accepted { id, seq };
                    self.phone.outbox.handle(self.phone.now, input).expect("not refused");
                    for _ in 0..effects {
                        self.phone.carry_out_one();
                    }
                }
                self.killed();
            }
            Step::RetryFailed => {
                if let Some(id) = self.first_failed() {
                    self.phone.tell(Input::Retry(id));
                }
            }
            Step::DeleteFailed => {
                if let Some(id) = self.first_failed() {
                    self.phone.tell(Input::Delete(id));
                }
            }
            Step::Wait { ms } => self.phone.now = self.phone.now.after(ms),
            Step::Wake => {
                if self.phone.outbox.poll_timeout().is_some() {
                    self.phone.wake();
                }
            }
        }
    }

    /// Passing commands die with the app, unsettled: nobody is there to be told.
    fn killed(&mut self) {
        self.passing.retain(|id| self.phone.settled.iter().any(|(settled, _)| settled == id));
        self.phone.killed_and_opened_again();
    }

    /// The line holds and the server is good until there is nothing left to do.
    fn calm_down(&mut self) {
        self.phone.link_live();
        for _ in 0..10_000 {
            if !self.phone.line.is_empty() {
                self.serve(usize::MAX, Mood::Good, true);
            } else if self.phone.outbox.poll_timeout().is_some() {
                self.phone.wake();
            } else {
                return;
            }
        }
        panic!("never calmed down");
    }

    fn settled_once(&self) -> Result<(), TestCaseError> {
        let mut seen = BTreeSet::new();
        for (id, _) in &self.phone.settled {
            prop_assert!(seen.insert(*id), "{} was settled twice", id);
        }
        let mut done = BTreeSet::new();
        for id in &self.server.done {
            prop_assert!(done.insert(*id), "{} was done twice", id);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happens, each durable command ends exactly once: done, or deleted by the person, or
    /// in the failed list; each passing one is settled.
    #[test]
    fn nothing_is_lost_and_everything_is_settled_once(
        script in proptest::collection::vec(step(true), 0..150),
    ) {
        let mut world = World::new();
        for step in script {
            world.play(&step);
            world.settled_once()?;
        }
        world.calm_down();
        world.settled_once()?;
        let settled: BTreeMap<_, _> = world.phone.settled.iter().cloned().collect();
        for id in &world.notes {
            let done = world.server.done.contains(id);
            match settled.get(id) {
                Some(Ok(_)) => prop_assert!(done),
                Some(Err(_)) => prop_assert!(world.phone.forgotten.contains(id)),
                // Killed between forgetting it and telling; or failed, and still kept.
                None if world.phone.forgotten.contains(id) => prop_assert!(done),
                None => prop_assert!(world.phone.store[id].failed.is_some()),
            }
        }
        for id in &world.passing {
            prop_assert!(settled.contains_key(id), "a passing command was never settled");
        }
        prop_assert!(world.phone.store.values().all(|s| s.failed.is_some()));
        prop_assert_eq!(world.phone.outbox.durable().count(), world.phone.store.len());
    }

    /// With a server that refuses nothing, breaks and kills never change the order.
    #[test]
    fn breaks_and_kills_do_not_reorder(script in proptest::collection::vec(step(false), 0..150)) {
        let mut world = World::new();
        for step in script {
            world.play(&step);
        }
        world.calm_down();
        let notes: BTreeSet<_> = world.notes.iter().copied().collect();
        let done: Vec<_> = world.server.done.iter().copied().filter(|id| notes.contains(id)).collect();
        prop_assert_eq!(done, world.notes);
    }
}
