//! The app's half. See [`super`] for its rules.

use super::state::*;
use crate::model::{Assurance, CheckInStep, IdentityRule, StepOutcome};
use crate::time::Timestamp;
use std::collections::{BTreeMap, VecDeque};

/// One candidate's check-in on one device.
#[derive(Debug, Clone)]
pub struct CheckIn {
    /// What is known of the invitation; complete from [`Input::Joined`] on.
    plan: Plan,
    /// How the identity was settled, if it was; counts only where the plan asks for it.
    assurance: Option<Assurance>,
    day: Day,
    /// Of all steps but identity.
    outcomes: BTreeMap<CheckInStep, StepOutcome>,
    place: Place,
    outputs: VecDeque<Output>,
}

/// As it was when an input came, to tell what became different.
struct Before {
    saved: Saved,
    place: Place,
    /// How many outputs were waiting.
    outputs: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    NotBegun,
    At { step: CheckInStep, since: Timestamp, hinted: bool },
    Done,
}

impl CheckIn {
    /// A new one, before the code was entered. For someone who is signed in already and has nothing
    /// stored, [`Input::Begin`] and [`Input::Joined`] lead past the code.
    pub fn new(today: Day) -> Self {
        Self {
            plan: Plan::default(),
            assurance: None,
            day: today,
            outcomes: BTreeMap::new(),
            place: Place::NotBegun,
            outputs: VecDeque::new(),
        }
    }

    /// As it was stored, less what is not good any more. Waits for [`Input::Begin`], then enters the step that was at hand.
    pub fn restore(saved: Saved, today: Day) -> Self {
        let stored = saved.clone();
        let mut machine = Self::new(saved.day);
        machine.plan = saved.plan;
        machine.assurance = saved.assurance;
        // A damaged store must not make an outcome that the rules do not know.
        machine.outcomes = saved
            .outcomes
            .into_iter()
            .filter(|(step, outcome)| match step {
                CheckInStep::Identity => false,
                CheckInStep::Code | CheckInStep::Password => *outcome == StepOutcome::Passed,
                CheckInStep::Speaker
                | CheckInStep::Microphone
                | CheckInStep::Camera
                | CheckInStep::Network => true,
            })
            .collect();
        if !machine.joined() {
            // The code itself was not kept, and without it a password is worth nothing.
            machine.forget_entry();
            machine.plan = Plan::default();
        }
        if saved.day != today {
            machine.day = today;
            machine.forget_devices();
        }
        let now = machine.saved();
        if now != stored {
            machine.outputs.push_back(Output::Persist(now));
        }
        machine
    }

    /// What to store for [`Self::restore`].
    pub fn saved(&self) -> Saved {
        Saved {
            plan: self.plan,
            assurance: self.assurance,
            day: self.day,
            outcomes: self.outcomes.iter().map(|(step, outcome)| (*step, *outcome)).collect(),
        }
    }

    /// What happened at `now`.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), Refused> {
        let before = Before { saved: self.saved(), place: self.place, outputs: self.outputs.len() };
        match input {
            Input::Begin => self.begin(now),
            Input::PasswordNeeded => self.password_needed()?,
            Input::Joined(plan) => self.joined_with(plan)?,
            Input::Passed(step) => self.pass(step)?,
            Input::Cannot(step) => self.cannot(step)?,
            Input::GoOnAnyway(step) => self.go_on(step)?,
            Input::Back => self.back()?,
            Input::Pass(steps) => self.pass_applies(steps),
            Input::Retry(step) => self.retry(now, step)?,
            Input::DeviceChanged(step) => {
                if is_device(step) {
                    self.outcomes.remove(&step);
                }
            }
            Input::IdentitySettled(assurance) => {
                self.assurance = Some(assurance);
            }
            Input::DayChanged(day) => {
                if day != self.day {
                    self.day = day;
                    self.forget_devices();
                }
            }
        }
        self.settle(now, &before);
        Ok(())
    }

    /// The next thing to do outside, if any.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The step at hand; `None` before [`Input::Begin`] and when done.
    pub const fn step(&self) -> Option<CheckInStep> {
        match self.place {
            Place::At { step, .. } => Some(step),
            Place::NotBegun | Place::Done => None,
        }
    }

    pub const fn is_done(&self) -> bool {
        matches!(self.place, Place::Done)
    }

    /// Where the identity step stands.
    pub const fn identity(&self) -> IdentityState {
        match (self.plan.identity, self.assurance) {
            (IdentityRule::NotRequired, _) => IdentityState::NotRequired,
            (
                IdentityRule::FaceOrSms | IdentityRule::VerifiedFaceOrSms | IdentityRule::SmsThenFace,
                assurance,
            ) => match assurance {
                None => IdentityState::Needed,
                Some(assurance) => IdentityState::Passed { assurance },
            },
        }
    }

    pub const fn plan(&self) -> Plan {
        self.plan
    }

    /// The steps of this invitation, in order, with their states.
    pub fn steps(&self) -> Vec<(CheckInStep, StepState)> {
        self.required().map(|step| (step, self.state(step))).collect()
    }

    /// Where one step stands.
    pub fn state(&self, step: CheckInStep) -> StepState {
        if !self.requires(step) {
            return StepState::NotRequired;
        }
        match self.place {
            Place::At { step: at, since, hinted } if at == step => {
                return StepState::Active { since, hinted };
            }
            Place::At { .. } | Place::NotBegun | Place::Done => {}
        }
        match self.outcome(step) {
            None => StepState::Todo,
            Some(StepOutcome::Passed) => StepState::Passed,
            Some(StepOutcome::Cannot) => StepState::Cannot,
        }
    }

    const fn requires(&self, step: CheckInStep) -> bool {
        match step {
            CheckInStep::Code
            | CheckInStep::Speaker
            | CheckInStep::Microphone
            | CheckInStep::Camera
            | CheckInStep::Network => true,
            CheckInStep::Password => self.plan.with_password,
            CheckInStep::Identity => self.plan.identity.required(),
        }
    }

    fn required(&self) -> impl Iterator<Item = CheckInStep> {
        STEPS.into_iter().filter(|step| self.requires(*step))
    }

    fn outcome(&self, step: CheckInStep) -> Option<StepOutcome> {
        match step {
            CheckInStep::Identity => match self.identity() {
                IdentityState::NotRequired | IdentityState::Needed => None,
                IdentityState::Passed { .. } => Some(StepOutcome::Passed),
            },
            CheckInStep::Code
            | CheckInStep::Password
            | CheckInStep::Speaker
            | CheckInStep::Microphone
            | CheckInStep::Camera
            | CheckInStep::Network => self.outcomes.get(&step).copied(),
        }
    }

    /// Code and, where there is one, password were taken.
    fn joined(&self) -> bool {
        self.outcome(CheckInStep::Code).is_some()
            && (!self.plan.with_password || self.outcome(CheckInStep::Password).is_some())
    }

    fn forget_entry(&mut self) {
        self.outcomes.remove(&CheckInStep::Code);
        self.outcomes.remove(&CheckInStep::Password);
    }

    fn forget_devices(&mut self) {
        self.outcomes.retain(|step, _| !is_tried_out(*step));
    }

    fn begin(&mut self, now: Timestamp) {
        match self.place {
            // The first step; `settle` moves on from it where it is done already.
            Place::NotBegun => {
                let step = CheckInStep::Code;
                self.place = Place::At { step, since: now, hinted: false };
            }
            Place::At { .. } | Place::Done => {}
        }
    }

    /// Only the step at hand can be answered.
    fn at(&self, wanted: CheckInStep) -> Result<(), Refused> {
        match self.place {
            Place::NotBegun => Err(Refused::NotBegun),
            Place::At { step, .. } if step == wanted => Ok(()),
            // A step behind the identity cannot be reached before it: say why.
            Place::At { step: CheckInStep::Identity, .. } if is_tried_out(wanted) => {
                Err(Refused::IdentityNeeded)
            }
            Place::At { .. } | Place::Done => Err(Refused::NotThisStep),
        }
    }

    fn password_needed(&mut self) -> Result<(), Refused> {
        self.at(CheckInStep::Code)?;
        self.plan.with_password = true;
        self.outcomes.insert(CheckInStep::Code, StepOutcome::Passed);
        Ok(())
    }

    fn joined_with(&mut self, plan: Plan) -> Result<(), Refused> {
        if self.place == Place::NotBegun {
            return Err(Refused::NotBegun);
        }
        self.plan = plan;
        self.forget_entry();
        self.outcomes.insert(CheckInStep::Code, StepOutcome::Passed);
        if plan.with_password {
            self.outcomes.insert(CheckInStep::Password, StepOutcome::Passed);
        }
        Ok(())
    }

    fn pass(&mut self, step: CheckInStep) -> Result<(), Refused> {
        self.at(step)?;
        match step {
            CheckInStep::Identity => Err(Refused::IdentityNeeded),
            CheckInStep::Code | CheckInStep::Password => Err(Refused::JoinFirst),
            CheckInStep::Speaker | CheckInStep::Microphone | CheckInStep::Camera | CheckInStep::Network => {
                self.report(step, StepOutcome::Passed);
                Ok(())
            }
        }
    }

    fn cannot(&mut self, step: CheckInStep) -> Result<(), Refused> {
        self.at(step)?;
        match step {
            CheckInStep::Identity => Err(Refused::IdentityNeeded),
            CheckInStep::Code | CheckInStep::Password => Err(Refused::JoinFirst),
            CheckInStep::Speaker | CheckInStep::Microphone | CheckInStep::Camera | CheckInStep::Network => {
                match &mut self.place {
                    Place::At { hinted, .. } => *hinted = true,
                    Place::NotBegun | Place::Done => return Err(Refused::NotThisStep),
                }
                self.outputs.push_back(Output::Hints { step, hints: Hint::of(step).to_vec() });
                Ok(())
            }
        }
    }

    fn go_on(&mut self, step: CheckInStep) -> Result<(), Refused> {
        self.at(step)?;
        match step {
            CheckInStep::Identity => Err(Refused::IdentityNeeded),
            CheckInStep::Code | CheckInStep::Password => Err(Refused::JoinFirst),
            CheckInStep::Speaker | CheckInStep::Microphone | CheckInStep::Camera | CheckInStep::Network => {
                match self.place {
                    Place::At { hinted: true, .. } => {
                        self.report(step, StepOutcome::Cannot);
                        Ok(())
                    }
                    Place::At { hinted: false, .. } => Err(Refused::HintsFirst),
                    Place::NotBegun | Place::Done => Err(Refused::NotThisStep),
                }
            }
        }
    }

    /// Only what is not done yet: what was found here and now is truer than a pass.
    fn pass_applies(&mut self, steps: Vec<(CheckInStep, StepOutcome)>) {
        for (step, outcome) in steps {
            if is_tried_out(step) && !self.outcomes.contains_key(&step) {
                self.report(step, outcome);
            }
        }
    }

    fn report(&mut self, step: CheckInStep, outcome: StepOutcome) {
        self.outcomes.insert(step, outcome);
        self.outputs.push_back(Output::Report { step, outcome });
    }

    /// From the password to another code; between devices. Out of the waiting room leads
    /// [`Input::Retry`], and out of a session only signing out.
    fn back(&mut self) -> Result<(), Refused> {
        match self.place {
            Place::NotBegun => Err(Refused::NotBegun),
            Place::Done => Err(Refused::NoWayBack),
            Place::At { step, .. } => match step {
                CheckInStep::Code | CheckInStep::Identity | CheckInStep::Speaker => Err(Refused::NoWayBack),
                CheckInStep::Password => {
                    self.forget_entry();
                    self.plan.with_password = false;
                    Ok(())
                }
                CheckInStep::Microphone => {
                    self.outcomes.remove(&CheckInStep::Speaker);
                    Ok(())
                }
                CheckInStep::Camera => {
                    self.outcomes.remove(&CheckInStep::Microphone);
                    Ok(())
                }
                CheckInStep::Network => {
                    self.outcomes.remove(&CheckInStep::Camera);
                    Ok(())
                }
            },
        }
    }

    fn retry(&mut self, now: Timestamp, step: CheckInStep) -> Result<(), Refused> {
        if self.place == Place::NotBegun {
            return Err(Refused::NotBegun);
        }
        if self.at(step).is_ok() {
            self.place = Place::At { step, since: now, hinted: false };
            self.outputs.push_back(Output::Enter(step));
            return Ok(());
        }
        if !is_tried_out(step) {
            return Err(Refused::NoWayBack);
        }
        if self.outcomes.remove(&step).is_none() {
            return self.at(step);
        }
        Ok(())
    }

    /// Puts the place where the outcomes say, and tells what became different.
    fn settle(&mut self, now: Timestamp, before: &Before) {
        let next = self.required().find(|step| self.outcome(*step).is_none());
        let (at_before, was_done) = match before.place {
            Place::NotBegun => (None, false),
            Place::At { step, .. } => (Some(step), false),
            Place::Done => (None, true),
        };
        match (self.place, next) {
            (Place::NotBegun, _) => {}
            (Place::At { .. } | Place::Done, None) => self.place = Place::Done,
            (Place::At { step, .. }, Some(next)) if step == next => {}
            (Place::At { .. } | Place::Done, Some(step)) => {
                self.place = Place::At { step, since: now, hinted: false };
            }
        }
        let saved = self.saved();
        if saved != before.saved {
            // Ahead of this input's other outputs: what is told outside must be safe from a kill.
            self.outputs.insert(before.outputs, Output::Persist(saved));
        }
        match self.place {
            Place::NotBegun => {}
            Place::At { step, .. } => {
                if at_before != Some(step) {
                    self.outputs.push_back(Output::Enter(step));
                }
            }
            Place::Done => {
                if !was_done {
                    self.outputs.push_back(Output::Done);
                }
            }
        }
    }
}
