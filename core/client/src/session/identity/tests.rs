//! The step without camera, models and server: lin before a camera that is only numbers.

use super::machine::*;
use super::taken::Full;
use crate::faces::Crops;
use crate::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::identity::Challenge;
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::wire::rest::{CodeSent, IdentityAnswer, IdentityStatus};
use miantan_domain::wire::{Problem, ProblemCode};

fn status() -> IdentityStatus {
    IdentityStatus {
        rule: IdentityRule::FaceOrSms,
        settled: None,
        attempts: 3,
        attempts_left: 3,
        no_face: None,
        phone: Some("138****8000".into()),
        no_sms: None,
        number_proved: false,
        consent: 1,
        frames_days: 30,
    }
}

fn answer(settled: Option<Assurance>, reasons: &[FaceReason], left: u32) -> IdentityAnswer {
    IdentityAnswer {
        settled: settled.map(|assurance| IdentityMark { assurance, doubt: false, at: WallTime(1) }),
        reasons: reasons.to_vec(),
        attempts_left: left,
        number_proved: false,
    }
}

/// A face in the middle, in good light.
fn straight() -> FrameFacts {
    FrameFacts {
        width: 480.0,
        height: 640.0,
        face: Some(FaceFacts {
            bounds: [140.0, 170.0, 200.0, 250.0],
            score: 0.94,
            eye_distance: 90.0,
            luma_p95: 190.0,
            luma_median: 130.0,
            surround_luma: 130.0,
            sharpness: 300.0,
            ..FaceFacts::default()
        }),
        ..FrameFacts::default()
    }
}

fn doing(movement: Movement) -> FrameFacts {
    let mut facts = straight();
    if let Some(face) = &mut facts.face {
        match movement {
            Movement::TurnLeft => face.yaw = 26.0,
            Movement::TurnRight => face.yaw = -26.0,
            Movement::Nod => face.pitch = 16.0,
            Movement::ComeNearer => face.bounds = [110.0, 130.0, 260.0, 325.0],
        }
    }
    facts
}

struct Step {
    machine: Machine,
    now: u64,
    nonce: Nonce,
    /// Whether the camera is on, how much is measured.
    camera: bool,
    full: bool,
    cosine: f32,
    outputs: Vec<Output>,
}

impl Step {
    fn begins(status: IdentityStatus) -> Self {
        let mut step = Self {
            machine: Machine::new(),
            now: 1_000,
            nonce: Nonce::new([5; 32]),
            camera: false,
            full: false,
            cosine: 0.8,
            outputs: Vec::new(),
        };
        step.drain();
        assert!(matches!(step.outputs[..], [Output::AskStatus]), "{:?}", step.outputs);
        step.says(Input::Status(Ok(status)));
        step
    }

    fn drain(&mut self) {
        self.outputs = std::iter::from_fn(|| self.machine.poll_output()).collect();
        for output in &self.outputs {
            match output {
                Output::Camera(on) => self.camera = *on,
                Output::Measure(measure) => self.full = *measure == Measure::Full,
                _ => {}
            }
        }
    }

    fn says(&mut self, input: Input) {
        self.machine.handle(Timestamp(self.now), input);
        self.drain();
    }

    fn wants(&self, what: impl Fn(&Output) -> bool) -> bool {
        self.outputs.iter().any(what)
    }

    fn stage(&self) -> IdentityStage {
        self.machine.view(Timestamp(self.now)).stage
    }

    /// A picture, 100 ms after the last.
    fn sees(&mut self, facts: FrameFacts) {
        self.now += 100;
        let full = self.full.then(|| Full {
            cosine: self.cosine,
            liveness: 0.9,
            with_first: 1.0,
            crops: Some(Crops(zeroize::Zeroizing::new(vec![1]))),
        });
        self.says(Input::Picture { facts, full });
    }

    fn on_to_framing(&mut self) {
        self.says(Input::ChooseFace);
        assert_eq!(self.stage(), IdentityStage::Consent { frames: false });
        self.says(Input::Consent { face: true, frames: false });
        assert!(self.wants(|o| matches!(o, Output::Consent { frames: false })));
        self.says(Input::Consented(Ok(())));
        assert!(self.wants(|o| matches!(o, Output::FetchModels)));
        self.says(Input::Fetched { done: 10, of: 100 });
        assert_eq!(self.stage(), IdentityStage::Models { done: 10, of: 100 });
        assert!(!self.camera);
        self.says(Input::ModelsReady);
        assert!(self.camera, "the camera runs from the framing on");
    }

    fn on_to_attempt(&mut self) {
        self.says(Input::Start);
        for _ in 0..40 {
            self.sees(straight());
            if self.wants(|o| matches!(o, Output::AskAttempt)) {
                let thresholds = FaceThresholds::default();
                let attempt = Attempt { nonce: self.nonce, left: 2, thresholds };
                self.says(Input::Attempt(Ok(attempt)));
                return;
            }
        }
        panic!("never steady: {:?}", self.stage());
    }

    /// Does what is asked until the server is to decide.
    fn does_what_is_asked(&mut self) -> Finished {
        for _ in 0..300 {
            let asked = match self.stage() {
                IdentityStage::Challenge(view) => view.movement,
                other => panic!("not asked: {other:?}"),
            };
            self.sees(asked.map_or_else(straight, doing));
            if let Some(finished) = self.finished() {
                return finished;
            }
        }
        panic!("never finished");
    }

    fn finished(&mut self) -> Option<Finished> {
        let at = self.outputs.iter().position(|output| matches!(output, Output::Report(_)))?;
        match self.outputs.swap_remove(at) {
            Output::Report(finished) => Some(*finished),
            _ => None,
        }
    }
}

#[test]
fn lin_passes_with_her_face() {
    let mut lin = Step::begins(status());
    assert_eq!(lin.stage(), IdentityStage::Choice);
    lin.on_to_framing();
    lin.on_to_attempt();
    assert!(lin.full, "whole measurements from now on");
    let finished = lin.does_what_is_asked();
    assert!(finished.passed && finished.reasons.is_empty(), "{finished:?}");
    let kinds: Vec<_> = finished.movements.iter().map(|seen| seen.movement).collect();
    assert_eq!(kinds, Challenge::of(&lin.nonce).movements);
    assert!(finished.scores.frames >= 5);
    assert_eq!(finished.crops.len(), finished.scores.frames as usize);
    assert!(!lin.camera, "the server decides without the camera");
    assert_eq!(lin.stage(), IdentityStage::Checking);
    lin.says(Input::Answer(Ok(answer(Some(Assurance::Device), &[], 2))));
    assert!(lin.wants(|o| matches!(o, Output::Settled(_))));
}

#[test]
fn somebody_else_is_told_why_and_may_try_again_or_take_the_sms_way() {
    let mut chen = Step::begins(status());
    chen.cosine = 0.1;
    chen.on_to_framing();
    chen.on_to_attempt();
    let finished = chen.does_what_is_asked();
    assert!(!finished.passed);
    assert_eq!(finished.reasons, [FaceReason::OtherPerson]);
    chen.says(Input::Answer(Ok(answer(None, &[FaceReason::OtherPerson], 1))));
    assert_eq!(chen.stage(), IdentityStage::NotPassed { reasons: vec![FaceReason::OtherPerson] });
    chen.says(Input::Start);
    let IdentityStage::Framing(framing) = chen.stage() else { panic!("{:?}", chen.stage()) };
    assert!(framing.started, "once more, with the consent given already");
    chen.says(Input::ChooseSms);
    assert!(matches!(chen.stage(), IdentityStage::Sms(_)) && !chen.camera);
}

#[test]
fn after_the_last_attempt_only_the_sms_way_is_left() {
    let mut chen = Step::begins(status());
    chen.on_to_framing();
    chen.on_to_attempt();
    chen.does_what_is_asked();
    chen.says(Input::Answer(Ok(answer(None, &[FaceReason::NotLive], 0))));
    chen.says(Input::ChooseFace);
    assert_eq!(chen.stage(), IdentityStage::Choice);
    let view = chen.machine.view(Timestamp(chen.now));
    assert_eq!(view.no_face, Some(NoFaceOffer::Server(NoFaceWay::AttemptsUsed)));
    assert_eq!((view.attempts_left, view.phone.as_deref()), (0, Some("138****8000")));
}

#[test]
fn someone_who_does_nothing_has_missed_the_movement() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.on_to_attempt();
    let finished = (0..200).find_map(|_| {
        lin.sees(straight());
        lin.finished()
    });
    let finished = finished.expect("it ends");
    assert_eq!(finished.reasons, [FaceReason::MovementMissed]);
    assert!(!finished.passed && finished.movements.is_empty());
}

#[test]
fn time_goes_on_without_pictures() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    assert!(lin.machine.timeout(Timestamp(lin.now)).is_none());
    lin.on_to_attempt();
    for _ in 0..5 {
        lin.sees(straight());
    }
    assert!(lin.machine.timeout(Timestamp(lin.now)).is_some());
    lin.now += 10_000;
    lin.says(Input::Tick);
    let finished = lin.finished().expect("the camera froze");
    assert_eq!(finished.reasons, [FaceReason::FaceLost]);
}

#[test]
fn an_attempt_without_a_single_good_picture_is_not_reported() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.on_to_attempt();
    lin.now += 13_000;
    lin.says(Input::Tick);
    assert!(lin.finished().is_none());
    assert_eq!(lin.stage(), IdentityStage::NotPassed { reasons: vec![FaceReason::TooFewFrames] });
}

#[test]
fn refusing_costs_nothing() {
    let mut lin = Step::begins(status());
    lin.says(Input::ChooseFace);
    lin.says(Input::Consent { face: false, frames: false });
    assert!(matches!(lin.stage(), IdentityStage::Sms(_)));
    assert!(!lin.wants(|o| matches!(o, Output::Consent { .. })), "nothing is noted");
    // Where pictures would leave the phone, the second consent can be refused alone.
    let mut lin = Step::begins(IdentityStatus { rule: IdentityRule::VerifiedFaceOrSms, ..status() });
    lin.says(Input::ChooseFace);
    assert_eq!(lin.stage(), IdentityStage::Consent { frames: true });
    lin.says(Input::Consent { face: true, frames: false });
    assert!(matches!(lin.stage(), IdentityStage::Sms(_)));
}

#[test]
fn consent_for_pictures_is_for_one_attempt() {
    let mut lin = Step::begins(IdentityStatus { rule: IdentityRule::VerifiedFaceOrSms, ..status() });
    lin.says(Input::ChooseFace);
    lin.says(Input::Consent { face: true, frames: true });
    lin.says(Input::Consented(Ok(())));
    lin.says(Input::ModelsReady);
    lin.on_to_attempt();
    lin.does_what_is_asked();
    lin.says(Input::Answer(Ok(answer(None, &[FaceReason::FramesDiffer], 1))));
    lin.says(Input::ChooseFace);
    assert_eq!(lin.stage(), IdentityStage::Consent { frames: true });
}

#[test]
fn the_number_comes_first_where_the_round_wants_it() {
    let first =
        IdentityStatus { rule: IdentityRule::SmsThenFace, no_face: Some(NoFaceWay::SmsFirst), ..status() };
    let mut lin = Step::begins(first);
    assert_eq!(lin.machine.view(Timestamp(0)).no_face, None, "it is open, after the number");
    lin.says(Input::ChooseFace);
    lin.says(Input::SendCode);
    assert!(lin.wants(|o| matches!(o, Output::SendCode)));
    let sent = CodeSent { masked: "138****8000".into(), again_after_ms: 60_000, valid_ms: 300_000 };
    lin.says(Input::CodeSent(Ok(sent)));
    lin.says(Input::CheckCode("123456".into()));
    assert!(lin.wants(|o| matches!(o, Output::CheckCode { then_face: true, .. })));
    let proved = IdentityAnswer { number_proved: true, ..answer(None, &[], 3) };
    lin.says(Input::CodeChecked(Ok(proved)));
    assert_eq!(lin.stage(), IdentityStage::Consent { frames: false });
    lin.says(Input::SmsIsEnough);
    assert!(lin.wants(|o| matches!(o, Output::SmsIsEnough)));
}

#[test]
fn whoever_proves_the_number_first_may_leave_it_at_that() {
    let first =
        IdentityStatus { rule: IdentityRule::SmsThenFace, no_face: Some(NoFaceWay::SmsFirst), ..status() };
    let mut lin = Step::begins(first);
    lin.says(Input::ChooseSms);
    lin.says(Input::CheckCode("123456".into()));
    assert!(lin.wants(|o| matches!(o, Output::CheckCode { then_face: true, .. })), "the card leads to both");
    let proved = IdentityAnswer { number_proved: true, ..answer(None, &[], 3) };
    lin.says(Input::CodeChecked(Ok(proved)));
    assert_eq!(lin.stage(), IdentityStage::Consent { frames: false });
    lin.says(Input::Consent { face: false, frames: false });
    assert!(lin.wants(|o| matches!(o, Output::SmsIsEnough)), "no second code for a proved number");
    lin.says(Input::CodeChecked(Err(Problem::new(ProblemCode::Offline, ""))));
    assert!(matches!(lin.stage(), IdentityStage::Broken(IdentityTrouble::Server(_))), "a failure is said");
    lin.says(Input::ChooseSms);
    assert!(lin.wants(|o| matches!(o, Output::SmsIsEnough)));
}

#[test]
fn a_second_code_has_to_wait_and_a_wrong_one_is_said() {
    let mut lin = Step::begins(status());
    lin.says(Input::ChooseSms);
    lin.says(Input::SendCode);
    let sent = CodeSent { masked: "138****8000".into(), again_after_ms: 60_000, valid_ms: 300_000 };
    lin.says(Input::CodeSent(Ok(sent)));
    lin.says(Input::SendCode);
    assert!(!lin.wants(|o| matches!(o, Output::SendCode)), "not within the minute");
    lin.says(Input::CheckCode("000000".into()));
    lin.says(Input::CheckCode("000000".into()));
    assert!(!lin.wants(|o| matches!(o, Output::CheckCode { .. })), "one at a time");
    lin.says(Input::CodeChecked(Err(Problem::new(ProblemCode::SmsCodeWrong, ""))));
    let IdentityStage::Sms(sms) = lin.stage() else { panic!() };
    assert!(sms.sent && matches!(sms.form, FormState::Failed { .. }));
    lin.now += 60_001;
    lin.says(Input::SendCode);
    assert!(lin.wants(|o| matches!(o, Output::SendCode)));
}

#[test]
fn the_camera_is_released_when_the_app_is_away_and_an_attempt_does_not_outlive_that() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.says(Input::Away(true));
    assert!(!lin.camera);
    lin.says(Input::Away(false));
    assert!(lin.camera && matches!(lin.stage(), IdentityStage::Framing(_)));
    lin.on_to_attempt();
    lin.says(Input::Away(true));
    assert!(!lin.camera && lin.wants(|o| matches!(o, Output::Forget)));
    assert_eq!(lin.stage(), IdentityStage::Broken(IdentityTrouble::Interrupted));
    lin.says(Input::Away(false));
    assert!(!lin.camera, "not by itself");
    lin.says(Input::ChooseFace);
    assert!(lin.camera);
    lin.says(Input::Back);
    assert!(!lin.camera && lin.stage() == IdentityStage::Choice);
}

#[test]
fn a_device_without_runtime_or_with_broken_models_says_so_and_offers_the_sms_way() {
    let mut lin = Step::begins(status());
    lin.says(Input::ChooseFace);
    lin.says(Input::Consent { face: true, frames: false });
    lin.says(Input::Consented(Ok(())));
    lin.says(Input::NoModels(NoFaceOffer::NoRuntime));
    assert_eq!(lin.stage(), IdentityStage::Choice);
    assert_eq!(lin.machine.view(Timestamp(0)).no_face, Some(NoFaceOffer::NoRuntime));
    lin.says(Input::ChooseFace);
    assert_eq!(lin.stage(), IdentityStage::Choice);
    lin.says(Input::ChooseSms);
    assert!(matches!(lin.stage(), IdentityStage::Sms(_)));
    // Once more, after the reason was removed.
    lin.says(Input::Reload);
    lin.says(Input::Status(Ok(status())));
    assert_eq!(lin.machine.view(Timestamp(0)).no_face, None);
}

#[test]
fn what_the_server_refuses_is_said_and_how_things_stand_is_asked_again() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.says(Input::Start);
    while !lin.wants(|o| matches!(o, Output::AskAttempt)) {
        lin.sees(straight());
    }
    lin.says(Input::Attempt(Err(Problem::new(ProblemCode::AttemptsUsed, ""))));
    assert!(lin.wants(|o| matches!(o, Output::AskStatus)) && !lin.camera);
    assert_eq!(lin.stage(), IdentityStage::Loading);
    let used = IdentityStatus { attempts_left: 0, no_face: Some(NoFaceWay::AttemptsUsed), ..status() };
    lin.says(Input::Status(Ok(used)));
    assert_eq!(lin.stage(), IdentityStage::Choice);
    // A lost answer: it may have been decided.
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.on_to_attempt();
    lin.does_what_is_asked();
    lin.says(Input::Answer(Err(Problem::new(ProblemCode::Offline, ""))));
    assert!(lin.wants(|o| matches!(o, Output::AskStatus)));
    let mark = IdentityMark { assurance: Assurance::Device, doubt: false, at: WallTime(1) };
    lin.says(Input::Status(Ok(IdentityStatus { settled: Some(mark), ..status() })));
    assert!(lin.wants(|o| matches!(o, Output::Settled(_))));
}

#[test]
fn an_attempt_that_came_too_late_is_not_begun() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.says(Input::Start);
    while !lin.wants(|o| matches!(o, Output::AskAttempt)) {
        lin.sees(straight());
    }
    lin.says(Input::Back);
    let attempt = Attempt { nonce: lin.nonce, left: 2, thresholds: FaceThresholds::default() };
    lin.says(Input::Attempt(Ok(attempt)));
    assert!(lin.wants(|o| matches!(o, Output::Forget)), "its reference is dropped");
    assert_eq!(lin.stage(), IdentityStage::Choice);
    assert_eq!(lin.machine.view(Timestamp(0)).attempts_left, 2, "but it counts");
}

#[test]
fn a_camera_that_goes_ends_the_attempt_and_one_that_never_came_is_shown() {
    let mut lin = Step::begins(status());
    lin.on_to_framing();
    lin.says(Input::CameraProblem(DeviceProblem::CameraRefused));
    assert!(matches!(lin.stage(), IdentityStage::Framing(_)), "it may still be allowed");
    lin.on_to_attempt();
    lin.says(Input::CameraProblem(DeviceProblem::CameraLost));
    let lost = IdentityTrouble::Device(DeviceProblem::CameraLost);
    assert_eq!(lin.stage(), IdentityStage::Broken(lost));
}

#[test]
fn the_server_was_not_reached() {
    let mut machine = Machine::new();
    machine.handle(Timestamp(0), Input::Status(Err(Problem::new(ProblemCode::Offline, ""))));
    assert!(matches!(machine.view(Timestamp(0)).stage, IdentityStage::Failed(_)));
    machine.handle(Timestamp(0), Input::ChooseFace);
    machine.handle(Timestamp(0), Input::ChooseSms);
    assert!(matches!(machine.view(Timestamp(0)).stage, IdentityStage::Failed(_)), "nothing is skipped");
    machine.handle(Timestamp(0), Input::Reload);
    assert_eq!(machine.view(Timestamp(0)).stage, IdentityStage::Loading);
}
