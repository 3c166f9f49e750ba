//! Random taps, kills, days and devices.

use super::world::*;
use crate::model::CheckInStep::{self, *};
use crate::model::{Assurance, StepOutcome};
use crate::rules::check_in::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
enum Step {
    Tell(Input),
    /// The right answer to whatever is at hand.
    Willing,
    Killed(Day),
}

fn any_step() -> impl Strategy<Value = CheckInStep> {
    prop::sample::select(STEPS.to_vec())
}

fn any_plan() -> impl Strategy<Value = Plan> {
    prop::sample::select(vec![PLAIN, LOCKED, EXAM])
}

fn script_step() -> impl Strategy<Value = Step> {
    let day = prop::sample::select(vec![TODAY, TODAY, TODAY, TOMORROW]);
    prop_oneof![
        8 => Just(Step::Willing),
        1 => day.clone().prop_map(Step::Killed),
        1 => Just(Step::Tell(Input::Begin)),
        1 => Just(Step::Tell(Input::PasswordNeeded)),
        1 => any_plan().prop_map(|plan| Step::Tell(Input::Joined(plan))),
        2 => any_step().prop_map(|step| Step::Tell(Input::Passed(step))),
        2 => any_step().prop_map(|step| Step::Tell(Input::Cannot(step))),
        2 => any_step().prop_map(|step| Step::Tell(Input::GoOnAnyway(step))),
        1 => Just(Step::Tell(Input::Back)),
        1 => any_step().prop_map(|step| Step::Tell(Input::Retry(step))),
        1 => any_step().prop_map(|step| Step::Tell(Input::DeviceChanged(step))),
        1 => Just(Step::Tell(Input::IdentitySettled(Assurance::Sms))),
        1 => any_step().prop_map(|step| Step::Tell(Input::Pass(vec![(step, StepOutcome::Passed)]))),
        1 => day.prop_map(|day| Step::Tell(Input::DayChanged(day))),
    ]
}

/// What is proved, kept by the simplest means: facts set by the inputs that prove them.
#[derive(Debug, Default)]
struct Proved {
    plan: Option<Plan>,
    identity: bool,
    devices: BTreeSet<CheckInStep>,
    day: Option<Day>,
}

impl Proved {
    fn day(&mut self, day: Day) {
        if self.day.replace(day) != Some(day) {
            self.devices.clear();
        }
    }

    fn note(&mut self, input: &Input, step_before: Option<CheckInStep>) {
        match input {
            Input::Joined(plan) => self.plan = Some(*plan),
            Input::IdentitySettled(_) => self.identity = true,
            Input::Passed(step) | Input::GoOnAnyway(step) => drop(self.devices.insert(*step)),
            Input::Pass(steps) => {
                self.devices.extend(steps.iter().map(|(step, _)| *step).filter(|step| is_tried_out(*step)));
            }
            // another network does not send anybody out of the waiting room
            Input::DeviceChanged(Network) | Input::Begin | Input::PasswordNeeded | Input::Cannot(_) => {}
            Input::DeviceChanged(step) | Input::Retry(step) => drop(self.devices.remove(step)),
            Input::Back => match step_before {
                Some(Microphone) => drop(self.devices.remove(&Speaker)),
                Some(Camera) => drop(self.devices.remove(&Microphone)),
                Some(Network) => drop(self.devices.remove(&Camera)),
                Some(Password) => self.plan = None,
                Some(Code | Identity | Speaker) | None => {}
            },
            Input::DayChanged(day) => self.day(*day),
        }
    }

    fn everything(&self) -> bool {
        let Some(plan) = self.plan else { return false };
        (self.identity || !plan.identity.required())
            && [Speaker, Microphone, Camera, Network].iter().all(|step| self.devices.contains(step))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Done exactly when everything that this invitation asks for was proved, whatever order of
    /// taps, kills, days and devices led there.
    #[test]
    fn done_needs_every_required_step_and_nothing_more(
        plan in any_plan(),
        script in proptest::collection::vec(script_step(), 0..80),
    ) {
        let mut lin = Phone::new();
        let mut proved = Proved { day: Some(TODAY), ..Proved::default() };
        lin.tell(Input::Begin).expect("begins");
        for step in script {
            let before = lin.step();
            let input = match step {
                Step::Killed(day) => {
                    lin.killed_and_opened_again(day);
                    proved.day(day);
                    if lin.step() == Some(Code) {
                        proved.plan = None;
                    }
                    continue;
                }
                Step::Tell(input) => input,
                Step::Willing => match before {
                    None => continue,
                    Some(Code | Password) => Input::Joined(plan),
                    Some(Identity) => Input::IdentitySettled(Assurance::Staff),
                    Some(step) => Input::Passed(step),
                },
            };
            if lin.tell(input.clone()).is_ok() {
                proved.note(&input, before);
            }
            prop_assert_eq!(lin.machine.is_done(), proved.everything(), "{:?}", proved);
            if lin.machine.is_done() {
                let mut checked = lin.checked.clone();
                if proved.identity {
                    server::settle_identity(&mut checked);
                }
                prop_assert!(server::may_be_ready(lin.machine.plan().identity, &checked));
            }
            // Killing and opening changes nothing of the place.
            let mut twin = CheckIn::restore(lin.machine.saved(), lin.machine.saved().day);
            twin.handle(lin.now, Input::Begin).expect("begins");
            if before != Some(Password) && lin.step() != Some(Password) {
                prop_assert_eq!(twin.step(), lin.step());
            }
        }
        // A willing person always gets there.
        for _ in 0..STEPS.len() {
            let input = match lin.step() {
                None => break,
                Some(Code | Password) => Input::Joined(plan),
                Some(Identity) => Input::IdentitySettled(Assurance::Device),
                Some(step) => Input::Passed(step),
            };
            lin.tell(input).expect("taken");
        }
        prop_assert!(lin.machine.is_done());
    }
}
