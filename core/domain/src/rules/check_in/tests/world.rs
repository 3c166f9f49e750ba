//! Lin's phone: it stores what it is told to store, and checks it.

use crate::model::CheckInStep::{self, *};
use crate::model::IdentityRule;
use crate::rules::check_in::*;
use crate::time::Timestamp;

pub const TODAY: Day = Day(20_781);
pub const TOMORROW: Day = Day(20_782);

pub const PLAIN: Plan = Plan { with_password: false, identity: IdentityRule::NotRequired };
pub const LOCKED: Plan = Plan { with_password: true, identity: IdentityRule::NotRequired };
pub const EXAM: Plan = Plan { with_password: true, identity: IdentityRule::FaceOrSms };

/// A phone that stores what it is told to store, and checks it.
pub struct Phone {
    pub machine: CheckIn,
    pub now: Timestamp,
    pub stored: Option<Saved>,
    /// What the server was told.
    pub checked: server::Checked,
    /// The session: on the server, so it survives what the phone forgets.
    pub plan: Option<Plan>,
    pub done: bool,
}

impl Phone {
    pub fn new() -> Self {
        Self {
            machine: CheckIn::new(TODAY),
            now: Timestamp(1_000),
            stored: None,
            checked: Vec::new(),
            plan: None,
            done: false,
        }
    }

    pub fn joined(plan: Plan) -> Self {
        let mut lin = Self::new();
        lin.tell(Input::Begin).expect("begins");
        lin.join(plan);
        lin
    }

    /// In the waiting room of a plain invitation.
    pub fn checked_in() -> Self {
        let mut lin = Self::joined(PLAIN);
        for step in [Speaker, Microphone, Camera, Network] {
            lin.tell(Input::Passed(step)).expect("passes");
        }
        assert!(lin.machine.is_done());
        lin
    }

    pub fn join(&mut self, plan: Plan) {
        self.plan = Some(plan);
        self.tell(Input::Joined(plan)).expect("joins");
    }

    pub fn tell(&mut self, input: Input) -> Result<Vec<Output>, Refused> {
        self.now = self.now.after(1_000);
        let before = self.machine.clone();
        let result = self.machine.handle(self.now, input);
        let mut out = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            match &output {
                Output::Persist(saved) => {
                    assert!(out.is_empty(), "stored first of all");
                    self.stored = Some(saved.clone());
                }
                Output::Report { step, outcome } => {
                    server::report(&mut self.checked, *step, *outcome).expect("the server takes it");
                }
                Output::Done => self.done = true,
                Output::Enter(step) => {
                    assert_eq!(self.machine.step(), Some(*step));
                    self.done = false;
                }
                Output::Hints { .. } => {}
            }
            out.push(output);
        }
        if result.is_err() {
            assert!(out.is_empty(), "a refusal has no effect");
            assert_eq!(self.machine.saved(), before.saved());
            assert_eq!(self.machine.steps(), before.steps());
        }
        if let Some(stored) = &self.stored {
            assert_eq!(stored, &self.machine.saved(), "what is stored is what is");
        }
        assert_eq!(self.done, self.machine.is_done(), "done is told when it is so");
        result.map(|()| out)
    }

    /// Killed, and opened again on `day`; through JSON, as the device stores it.
    pub fn killed_and_opened_again(&mut self, day: Day) {
        self.machine = match &self.stored {
            None => CheckIn::new(day),
            Some(saved) => {
                let text = serde_json::to_string(saved).expect("serialises");
                CheckIn::restore(serde_json::from_str(&text).expect("reads"), day)
            }
        };
        self.done = false;
        self.tell(Input::Begin).expect("begins");
    }

    pub fn step(&self) -> Option<CheckInStep> {
        self.machine.step()
    }
}
