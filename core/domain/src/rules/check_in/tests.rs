//! One candidate, Lin, and her phone.

use super::*;
use crate::model::{CheckInStep, IdentityRule, StepOutcome};
use crate::time::Timestamp;
use crate::wire::ProblemCode;
use CheckInStep::*;
use proptest::prelude::*;

const TODAY: Day = Day(20_781);
const TOMORROW: Day = Day(20_782);

const PLAIN: Plan = Plan { with_password: false, identity: IdentityRule::NotRequired };
const LOCKED: Plan = Plan { with_password: true, identity: IdentityRule::NotRequired };
const EXAM: Plan = Plan { with_password: true, identity: IdentityRule::FaceOrSms };

/// A phone that stores what it is told to store, and checks it.
struct Phone {
    machine: CheckIn,
    now: Timestamp,
    stored: Option<Saved>,
    /// What the server was told.
    checked: server::Checked,
    /// The session: on the server, so it survives what the phone forgets.
    plan: Option<Plan>,
    done: bool,
}

impl Phone {
    fn new() -> Self {
        Self {
            machine: CheckIn::new(TODAY),
            now: Timestamp(1_000),
            stored: None,
            checked: Vec::new(),
            plan: None,
            done: false,
        }
    }

    fn joined(plan: Plan) -> Self {
        let mut lin = Self::new();
        lin.tell(Input::Begin).expect("begins");
        lin.join(plan);
        lin
    }

    /// In the waiting room of a plain invitation.
    fn checked_in() -> Self {
        let mut lin = Self::joined(PLAIN);
        for step in [Speaker, Microphone, Camera] {
            lin.tell(Input::Passed(step)).expect("passes");
        }
        assert!(lin.machine.is_done());
        lin
    }

    fn join(&mut self, plan: Plan) {
        self.plan = Some(plan);
        self.tell(Input::Joined(plan)).expect("joins");
    }

    fn tell(&mut self, input: Input) -> Result<Vec<Output>, Refused> {
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
    fn killed_and_opened_again(&mut self, day: Day) {
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

    fn step(&self) -> Option<CheckInStep> {
        self.machine.step()
    }
}

#[test]
fn a_plain_invitation_leads_from_the_code_to_the_waiting_room() {
    let mut lin = Phone::new();
    assert_eq!(lin.tell(Input::Begin), Ok(vec![Output::Enter(Code)]));
    lin.join(PLAIN);
    assert_eq!(lin.step(), Some(Speaker));
    let out = lin.tell(Input::Passed(Speaker)).expect("passes");
    assert_eq!(
        out[1..],
        [Output::Report { step: Speaker, outcome: StepOutcome::Passed }, Output::Enter(Microphone)]
    );
    lin.tell(Input::Passed(Microphone)).expect("passes");
    let out = lin.tell(Input::Passed(Camera)).expect("passes");
    assert_eq!(out.last(), Some(&Output::Done));
    assert!(server::may_be_ready(PLAIN.identity, &lin.checked));
}

#[test]
fn a_code_that_needs_a_password_leads_to_the_password() {
    let mut lin = Phone::new();
    lin.tell(Input::Begin).expect("begins");
    let out = lin.tell(Input::PasswordNeeded).expect("leads on");
    assert_eq!(out.last(), Some(&Output::Enter(Password)));
    assert_eq!(lin.tell(Input::PasswordNeeded), Err(Refused::NotThisStep));
    lin.join(LOCKED);
    assert_eq!(lin.step(), Some(Speaker));
    assert_eq!(lin.machine.state(Password), StepState::Passed);
}

#[test]
fn from_the_password_lin_can_go_back_to_another_code() {
    let mut lin = Phone::new();
    lin.tell(Input::Begin).expect("begins");
    lin.tell(Input::PasswordNeeded).expect("leads on");
    lin.tell(Input::Back).expect("goes back");
    assert_eq!(lin.step(), Some(Code));
    // This one has none.
    lin.join(PLAIN);
    assert_eq!(lin.machine.state(Password), StepState::NotRequired);
}

#[test]
fn nobody_passes_code_or_password_without_the_server() {
    let mut lin = Phone::new();
    assert_eq!(lin.tell(Input::Joined(PLAIN)), Err(Refused::NotBegun));
    lin.tell(Input::Begin).expect("begins");
    for input in [Input::Passed(Code), Input::Cannot(Code), Input::GoOnAnyway(Code)] {
        assert_eq!(lin.tell(input), Err(Refused::JoinFirst));
    }
    assert_eq!(lin.tell(Input::Passed(Speaker)), Err(Refused::NotThisStep));
}

#[test]
fn an_exam_waits_at_the_identity_and_cannot_be_talked_round() {
    let mut lin = Phone::joined(EXAM);
    assert_eq!((lin.step(), lin.machine.identity()), (Some(Identity), super::Identity::Needed));
    for input in [
        Input::Passed(Identity),
        Input::Cannot(Identity),
        Input::GoOnAnyway(Identity),
        Input::Passed(Speaker),
        Input::GoOnAnyway(Camera),
    ] {
        assert_eq!(lin.tell(input), Err(Refused::IdentityNeeded), "{input:?}");
    }
    lin.tell(Input::IdentitySettled(Assurance::Sms)).expect("settled");
    assert_eq!(lin.step(), Some(Speaker));
}

#[test]
fn an_identity_once_settled_survives_a_kill_and_a_night() {
    let mut lin = Phone::joined(EXAM);
    lin.tell(Input::IdentitySettled(Assurance::Face)).expect("settled");
    lin.killed_and_opened_again(TOMORROW);
    assert_eq!(lin.step(), Some(Speaker));
    assert_eq!(lin.machine.identity(), super::Identity::Passed { assurance: Assurance::Face });
}

#[test]
fn what_lin_cannot_hear_shows_the_hints_of_the_manual_in_its_order() {
    let mut lin = Phone::joined(PLAIN);
    let all = vec![Hint::Muted, Hint::VolumeLow, Hint::SwitchDevice, Hint::Hotline];
    assert_eq!(
        lin.tell(Input::Cannot(Speaker)),
        Ok(vec![Output::Hints { step: Speaker, hints: all.clone() }])
    );
    assert!(matches!(lin.machine.state(Speaker), StepState::Active { hinted: true, .. }));
    lin.tell(Input::Passed(Speaker)).expect("after turning it up");
    assert_eq!(lin.tell(Input::Cannot(Microphone)), Ok(vec![Output::Hints { step: Microphone, hints: all }]));
    lin.tell(Input::Passed(Microphone)).expect("passes");
    assert_eq!(
        lin.tell(Input::Cannot(Camera)),
        Ok(vec![Output::Hints { step: Camera, hints: vec![Hint::SwitchDevice, Hint::Hotline] }])
    );
}

#[test]
fn going_on_all_the_same_is_possible_after_the_hints_and_the_recruiter_is_told() {
    let mut lin = Phone::joined(PLAIN);
    assert_eq!(lin.tell(Input::GoOnAnyway(Speaker)), Err(Refused::HintsFirst));
    lin.tell(Input::Cannot(Speaker)).expect("hints");
    let out = lin.tell(Input::GoOnAnyway(Speaker)).expect("goes on");
    assert_eq!(
        out[1..],
        [Output::Report { step: Speaker, outcome: StepOutcome::Cannot }, Output::Enter(Microphone)]
    );
    assert_eq!(lin.machine.state(Speaker), StepState::Cannot);
    lin.tell(Input::Passed(Microphone)).expect("passes");
    lin.tell(Input::Passed(Camera)).expect("passes");
    assert!(server::may_be_ready(PLAIN.identity, &lin.checked), "ready, with a word to the recruiter");
}

#[test]
fn trying_again_plays_the_music_again_and_hides_the_hints() {
    let mut lin = Phone::joined(PLAIN);
    lin.tell(Input::Cannot(Speaker)).expect("hints");
    assert_eq!(lin.tell(Input::Retry(Speaker)), Ok(vec![Output::Enter(Speaker)]));
    let since = lin.now;
    assert_eq!(lin.machine.state(Speaker), StepState::Active { since, hinted: false });
    assert_eq!(lin.tell(Input::GoOnAnyway(Speaker)), Err(Refused::HintsFirst));
}

#[test]
fn a_killed_app_comes_back_to_the_microphone_step() {
    let mut lin = Phone::joined(LOCKED);
    lin.tell(Input::Passed(Speaker)).expect("passes");
    lin.killed_and_opened_again(TODAY);
    assert_eq!(lin.step(), Some(Microphone));
    assert_eq!(lin.machine.state(Speaker), StepState::Passed);
}

#[test]
fn a_killed_app_comes_back_to_the_waiting_room() {
    let mut lin = Phone::checked_in();
    lin.killed_and_opened_again(TODAY);
    assert!(lin.machine.is_done());
}

#[test]
fn an_app_killed_at_the_password_asks_for_the_code_again_because_codes_are_not_kept() {
    let mut lin = Phone::new();
    lin.tell(Input::Begin).expect("begins");
    lin.tell(Input::PasswordNeeded).expect("leads on");
    lin.killed_and_opened_again(TODAY);
    assert_eq!(lin.step(), Some(Code));
}

#[test]
fn a_new_day_checks_the_devices_again() {
    let mut lin = Phone::checked_in();
    assert_eq!(lin.tell(Input::DayChanged(TODAY)), Ok(vec![]));
    let out = lin.tell(Input::DayChanged(TOMORROW)).expect("a new day");
    assert_eq!(out.last(), Some(&Output::Enter(Speaker)));

    let mut lin = Phone::checked_in();
    lin.killed_and_opened_again(TOMORROW);
    assert_eq!(lin.step(), Some(Speaker), "as well when the app slept through midnight");
}

#[test]
fn another_headset_has_to_be_heard_again_and_nothing_else() {
    let mut lin = Phone::checked_in();
    let out = lin.tell(Input::DeviceChanged(Microphone)).expect("changed");
    assert_eq!(out.last(), Some(&Output::Enter(Microphone)));
    assert_eq!(lin.machine.state(Speaker), StepState::Passed);
    let out = lin.tell(Input::Passed(Microphone)).expect("passes");
    assert_eq!(out.last(), Some(&Output::Done));
}

#[test]
fn choosing_another_loudspeaker_during_its_own_step_changes_nothing() {
    let mut lin = Phone::joined(PLAIN);
    assert_eq!(lin.tell(Input::DeviceChanged(Speaker)), Ok(vec![]));
    assert_eq!(lin.tell(Input::DeviceChanged(Camera)), Ok(vec![]), "nor one not yet checked");
    assert_eq!(lin.tell(Input::DeviceChanged(Code)), Ok(vec![]), "nor what is no device");
}

#[test]
fn back_leads_one_device_back_and_no_further() {
    let mut lin = Phone::joined(PLAIN);
    lin.tell(Input::Passed(Speaker)).expect("passes");
    lin.tell(Input::Passed(Microphone)).expect("passes");
    lin.tell(Input::Back).expect("back");
    assert_eq!(lin.step(), Some(Microphone));
    lin.tell(Input::Back).expect("back");
    assert_eq!(lin.step(), Some(Speaker));
    assert_eq!(lin.tell(Input::Back), Err(Refused::NoWayBack));
}

#[test]
fn from_the_waiting_room_one_device_can_be_tried_again() {
    let mut lin = Phone::checked_in();
    assert_eq!(lin.tell(Input::Back), Err(Refused::NoWayBack));
    assert_eq!(lin.tell(Input::Retry(Code)), Err(Refused::NoWayBack));
    let out = lin.tell(Input::Retry(Camera)).expect("again");
    assert_eq!(out.last(), Some(&Output::Enter(Camera)));
    lin.tell(Input::Cannot(Camera)).expect("hints");
    lin.tell(Input::GoOnAnyway(Camera)).expect("goes on");
    assert!(lin.checked.contains(&(Camera, StepOutcome::Cannot)), "the newest word counts");
}

#[test]
fn a_step_cannot_be_tried_again_before_it_was_reached() {
    let mut lin = Phone::joined(PLAIN);
    assert_eq!(lin.tell(Input::Retry(Camera)), Err(Refused::NotThisStep));
}

#[test]
fn someone_signed_in_whose_phone_lost_its_data_starts_at_the_devices() {
    let mut lin = Phone::checked_in();
    let plan = lin.plan.expect("signed in");
    lin.stored = None;
    lin.killed_and_opened_again(TODAY);
    lin.join(plan);
    assert_eq!(lin.step(), Some(Speaker));
}

#[test]
fn a_second_tap_on_the_same_button_does_nothing() {
    let mut lin = Phone::joined(PLAIN);
    lin.tell(Input::Passed(Speaker)).expect("passes");
    assert_eq!(lin.tell(Input::Passed(Speaker)), Err(Refused::NotThisStep));
    assert_eq!(lin.tell(Input::Begin), Ok(vec![]));
}

#[test]
fn a_damaged_store_cannot_invent_an_identity_or_a_skipped_code() {
    let saved = Saved {
        plan: EXAM,
        assurance: None,
        day: TODAY,
        outcomes: vec![
            (Code, StepOutcome::Cannot),
            (Password, StepOutcome::Passed),
            (Identity, StepOutcome::Passed),
            (Speaker, StepOutcome::Passed),
        ],
    };
    let mut machine = CheckIn::restore(saved, TODAY);
    machine.handle(Timestamp(0), Input::Begin).expect("begins");
    assert_eq!(machine.step(), Some(Code));
    machine.handle(Timestamp(0), Input::Joined(EXAM)).expect("joins");
    assert_eq!(machine.step(), Some(Identity));
}

#[test]
fn the_server_takes_no_ones_word_for_an_identity() {
    let mut checked = server::Checked::new();
    assert_eq!(server::report(&mut checked, Identity, StepOutcome::Passed), Err(ProblemCode::IdentityNeeded));
    for step in [Code, Password] {
        assert_eq!(server::report(&mut checked, step, StepOutcome::Passed), Err(ProblemCode::NotAllowed));
    }
    for step in [Camera, Speaker, Microphone] {
        assert_eq!(server::report(&mut checked, step, StepOutcome::Passed), Ok(true));
        assert_eq!(server::report(&mut checked, step, StepOutcome::Passed), Ok(false));
    }
    assert!(server::may_be_ready(IdentityRule::NotRequired, &checked));
    assert!(!server::may_be_ready(IdentityRule::FaceOrSms, &checked));
    assert!(server::settle_identity(&mut checked));
    assert!(!server::settle_identity(&mut checked));
    assert!(server::may_be_ready(IdentityRule::FaceOrSms, &checked));
    assert_eq!(
        checked.iter().map(|(step, _)| *step).collect::<Vec<_>>(),
        [Identity, Speaker, Microphone, Camera],
        "kept in the order of the steps"
    );
    server::forget_devices(&mut checked);
    assert_eq!(checked, [(Identity, StepOutcome::Passed)]);
    assert!(!server::may_be_ready(IdentityRule::FaceOrSms, &checked));
}

#[test]
fn the_stored_form_stays_as_it_is() {
    let mut lin = Phone::joined(EXAM);
    lin.tell(Input::IdentitySettled(Assurance::Sms)).expect("settled");
    lin.tell(Input::Passed(Speaker)).expect("passes");
    assert_eq!(
        serde_json::to_string(&lin.machine.saved()).expect("serialises"),
        concat!(
            r#"{"plan":{"with_password":true,"identity":"face_or_sms"},"assurance":"sms","day":20781,"#,
            r#""outcomes":[["code","passed"],["password","passed"],["speaker","passed"]]}"#
        )
    );
}

#[derive(Debug, Clone, Copy)]
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
        1 => day.prop_map(|day| Step::Tell(Input::DayChanged(day))),
    ]
}

/// What is proved, kept by the simplest means: facts set by the inputs that prove them.
#[derive(Debug, Default)]
struct Proved {
    plan: Option<Plan>,
    identity: bool,
    devices: std::collections::BTreeSet<CheckInStep>,
    day: Option<Day>,
}

impl Proved {
    fn day(&mut self, day: Day) {
        if self.day.replace(day) != Some(day) {
            self.devices.clear();
        }
    }

    fn note(&mut self, input: Input, step_before: Option<CheckInStep>) {
        match input {
            Input::Joined(plan) => self.plan = Some(plan),
            Input::IdentitySettled(_) => self.identity = true,
            Input::Passed(step) | Input::GoOnAnyway(step) => drop(self.devices.insert(step)),
            Input::DeviceChanged(step) | Input::Retry(step) => drop(self.devices.remove(&step)),
            Input::Back => match step_before {
                Some(Microphone) => drop(self.devices.remove(&Speaker)),
                Some(Camera) => drop(self.devices.remove(&Microphone)),
                Some(Password) => self.plan = None,
                Some(Code | Identity | Speaker) | None => {}
            },
            Input::DayChanged(day) => self.day(day),
            Input::Begin | Input::PasswordNeeded | Input::Cannot(_) => {}
        }
    }

    fn everything(&self) -> bool {
        let identity = match self.plan.map(|plan| plan.identity) {
            None => return false,
            Some(IdentityRule::NotRequired) => true,
            Some(IdentityRule::FaceOrSms) => self.identity,
        };
        identity && [Speaker, Microphone, Camera].iter().all(|step| self.devices.contains(step))
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
            if lin.tell(input).is_ok() {
                proved.note(input, before);
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
                Some(Identity) => Input::IdentitySettled(Assurance::Face),
                Some(step) => Input::Passed(step),
            };
            lin.tell(input).expect("taken");
        }
        prop_assert!(lin.machine.is_done());
    }
}
