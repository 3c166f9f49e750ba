//! Stories told one at a time.

use super::world::*;
use crate::model::CheckInStep::*;
use crate::model::{Assurance, IdentityRule, StepOutcome};
use crate::rules::check_in::*;
use crate::time::Timestamp;
use crate::wire::ProblemCode;

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
    assert_eq!(out.last(), Some(&Output::Enter(Network)));
    let out = lin.tell(Input::Passed(Network)).expect("passes");
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
    assert_eq!((lin.step(), lin.machine.identity()), (Some(Identity), IdentityState::Needed));
    for input in [
        Input::Passed(Identity),
        Input::Cannot(Identity),
        Input::GoOnAnyway(Identity),
        Input::Passed(Speaker),
        Input::GoOnAnyway(Camera),
    ] {
        assert_eq!(lin.tell(input.clone()), Err(Refused::IdentityNeeded), "{input:?}");
    }
    lin.tell(Input::IdentitySettled(Assurance::Sms)).expect("settled");
    assert_eq!(lin.step(), Some(Speaker));
}

#[test]
fn an_identity_once_settled_survives_a_kill_and_a_night() {
    let mut lin = Phone::joined(EXAM);
    lin.tell(Input::IdentitySettled(Assurance::Device)).expect("settled");
    lin.killed_and_opened_again(TOMORROW);
    assert_eq!(lin.step(), Some(Speaker));
    assert_eq!(lin.machine.identity(), IdentityState::Passed { assurance: Assurance::Device });
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
fn another_network_sends_nobody_out_of_the_waiting_room() {
    let mut lin = Phone::checked_in();
    assert_eq!(lin.tell(Input::DeviceChanged(Network)), Ok(vec![]));
    let out = lin.tell(Input::Retry(Network)).expect("but it can be measured again");
    assert_eq!(out.last(), Some(&Output::Enter(Network)));
}

#[test]
fn a_weak_network_is_told_and_lin_may_go_on() {
    let mut lin = Phone::checked_in();
    lin.tell(Input::Retry(Network)).expect("again");
    assert_eq!(
        lin.tell(Input::Cannot(Network)),
        Ok(vec![Output::Hints { step: Network, hints: vec![Hint::SwitchNetwork, Hint::Hotline] }])
    );
    lin.tell(Input::GoOnAnyway(Network)).expect("goes on");
    assert!(lin.machine.is_done());
    assert!(lin.checked.contains(&(Network, StepOutcome::Cannot)));
}

#[test]
fn a_readiness_pass_of_this_day_leads_past_what_was_checked() {
    let mut lin = Phone::joined(EXAM);
    let pass: Vec<_> = [Speaker, Microphone, Camera, Network].map(|step| (step, StepOutcome::Passed)).into();
    lin.tell(Input::Pass(pass)).expect("applies");
    assert_eq!(lin.step(), Some(Identity), "never past the identity");
    lin.tell(Input::IdentitySettled(Assurance::Device)).expect("settled");
    assert!(lin.machine.is_done());
    for step in [Speaker, Microphone, Camera, Network] {
        assert!(lin.checked.contains(&(step, StepOutcome::Passed)), "the server is told");
    }
}

#[test]
fn a_pass_never_takes_the_place_of_what_was_found_here_and_now() {
    let mut lin = Phone::joined(PLAIN);
    lin.tell(Input::Cannot(Speaker)).expect("hints");
    lin.tell(Input::GoOnAnyway(Speaker)).expect("goes on");
    lin.tell(Input::Pass(vec![(Speaker, StepOutcome::Passed)])).expect("applies");
    assert_eq!(lin.machine.state(Speaker), StepState::Cannot);
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
    for step in [Network, Camera, Speaker, Microphone] {
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
        [Identity, Speaker, Microphone, Camera, Network],
        "kept in the order of the steps"
    );
    server::forget_devices(&mut checked);
    assert_eq!(checked, [(Identity, StepOutcome::Passed)], "the identity stays");
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
