//! The identity step as a machine: what the person chose, what the server said and what the pictures show go in; what the
//! screen shows and what has to be done come out. Pure: time is an argument, pictures come as numbers.
//!
//! Loading → Choice → (Sms first) → Consent → Models → Framing → Taking → Challenge → Checking → settled, or NotPassed,
//! Broken and back. Every way out of the face check leads to a sentence and to the SMS way; the camera runs only in
//! Framing, Taking and Challenge, and never while the app is away.

mod attempt;
mod sms;
mod view;

use super::taken::{Full, Taken};
use crate::faces::Crops;
use crate::view::{
    ChallengeView, DeviceProblem, FormState, FramingView, IdentityStage, IdentityTrouble, IdentityView,
    NoFaceOffer, SmsWayView,
};
use miantan_domain::model::*;
use miantan_domain::rules::identity::challenge::Asked;
use miantan_domain::rules::identity::report::against;
use miantan_domain::rules::identity::{Challenge, ChallengeRun, Guide};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::rest::{CodeSent, IdentityAnswer, IdentityStatus};
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::VecDeque;

/// The straight pictures of the beginning must have come within this time, ms.
const TAKING_MS: u64 = 12_000;
/// While an attempt runs, time is looked at this often even without pictures, ms.
const TICK_MS: u64 = 200;

/// What happened.
#[derive(Debug)]
pub enum Input {
    Status(Result<IdentityStatus, Problem>),
    Reload,
    ChooseFace,
    ChooseSms,
    Back,
    Consent {
        face: bool,
        frames: bool,
    },
    /// The server noted the consents.
    Consented(Result<(), Problem>),
    Start,
    Cancel,
    Fetched {
        done: u64,
        of: u64,
    },
    /// Models and library are there and run.
    ModelsReady,
    NoModels(NoFaceOffer),
    /// The checker ended; another one is to be started before the next attempt.
    ModelsGone,
    Picture {
        facts: FrameFacts,
        full: Option<Full>,
    },
    CheckerFailed,
    CameraProblem(DeviceProblem),
    Attempt(Result<Attempt, Problem>),
    Answer(Result<IdentityAnswer, Problem>),
    SendCode,
    CodeSent(Result<CodeSent, Problem>),
    CheckCode(String),
    CodeChecked(Result<IdentityAnswer, Problem>),
    SmsIsEnough,
    /// The app went to the background, or the telephone has the devices; or it came back.
    Away(bool),
    Tick,
}

/// What the machine needs to know of an attempt. The reference is not its matter.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub nonce: Nonce,
    pub left: u32,
    pub thresholds: FaceThresholds,
}

/// How much of each picture is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Advice,
    Full,
}

/// What an attempt came to, to be signed.
#[derive(Debug)]
pub struct Finished {
    pub nonce: Nonce,
    pub scores: FaceScores,
    pub movements: Vec<MovementSeen>,
    pub reasons: Vec<FaceReason>,
    pub passed: bool,
    /// The frames the scores are of, where they are to be sent.
    pub crops: Vec<Crops>,
}

/// What must be done.
#[derive(Debug)]
pub enum Output {
    AskStatus,
    Consent {
        frames: bool,
    },
    FetchModels,
    StopFetching,
    Camera(bool),
    Measure(Measure),
    /// What the person is asked for, for a synthetic one.
    Cue(Option<Movement>),
    AskAttempt,
    /// The reference and everything compared with it is dropped.
    Forget,
    Report(Box<Finished>),
    SendCode,
    CheckCode {
        code: String,
        then_face: bool,
    },
    SmsIsEnough,
    Settled(IdentityMark),
}

#[derive(Debug)]
enum Stage {
    Loading,
    Failed(Problem),
    Choice,
    Consent { sending: bool },
    Models { done: u64, of: u64 },
    Framing { started: bool, asking: bool },
    Taking { attempt: Attempt, since: Timestamp, taken: Taken },
    Challenge { attempt: Attempt, run: ChallengeRun, taken: Taken },
    Checking,
    NotPassed(Vec<FaceReason>),
    Broken(IdentityTrouble),
    Sms { then_face: bool },
}

/// See the module.
#[derive(Debug)]
pub struct Machine {
    stage: Stage,
    status: Option<IdentityStatus>,
    /// Why this device cannot do it, whatever the server says.
    closed_here: Option<NoFaceOffer>,
    consented: bool,
    models_ready: bool,
    /// 开始校验 was pressed before the camera came.
    start_when_ready: bool,
    guide: Guide,
    sms: SmsWayView,
    /// A code is being asked for, or checked.
    asking_code: bool,
    away: bool,
    outputs: VecDeque<Output>,
    told: Told,
}

/// What is derived from the stage and told when it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Told {
    camera: bool,
    full: bool,
    cue: Option<Movement>,
}

impl Machine {
    /// Begins by asking the server.
    pub fn new() -> Self {
        Self {
            stage: Stage::Loading,
            status: None,
            closed_here: None,
            consented: false,
            models_ready: false,
            start_when_ready: false,
            guide: Guide::new(),
            sms: SmsWayView { sent: false, again_at: None, valid_until: None, form: FormState::Idle },
            asking_code: false,
            away: false,
            outputs: VecDeque::from([Output::AskStatus]),
            told: Told::default(),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come again although nothing happens.
    pub fn timeout(&self, now: Timestamp) -> Option<Timestamp> {
        match self.stage {
            Stage::Taking { .. } | Stage::Challenge { .. } => Some(now.after(TICK_MS)),
            Stage::Loading
            | Stage::Failed(_)
            | Stage::Choice
            | Stage::Consent { .. }
            | Stage::Models { .. }
            | Stage::Framing { .. }
            | Stage::Checking
            | Stage::NotPassed(_)
            | Stage::Broken(_)
            | Stage::Sms { .. } => None,
        }
    }

    fn rule(&self) -> IdentityRule {
        self.status.as_ref().map_or(IdentityRule::FaceOrSms, |status| status.rule)
    }

    /// `now`: of the picture, where the input is one.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Status(Ok(status)) => self.status_came(status),
            Input::Status(Err(problem)) => {
                if matches!(self.stage, Stage::Loading) {
                    self.stage = Stage::Failed(problem);
                }
            }
            Input::Reload => self.reload(),
            Input::ChooseFace => self.choose_face(false),
            Input::Start => self.start(),
            Input::ChooseSms => {
                if self.settles_by_choice() {
                    let then_face = matches!(self.stage, Stage::Choice);
                    self.leave_face();
                    self.by_sms(then_face);
                }
            }
            Input::Back | Input::Cancel => self.back(),
            Input::Consent { face, frames } => self.consent(face, frames),
            Input::Consented(result) => self.consent_noted(result),
            Input::Fetched { done, of } => {
                if let Stage::Models { done: d, of: o } = &mut self.stage {
                    (*d, *o) = (done, of);
                }
            }
            Input::ModelsReady => {
                self.models_ready = true;
                if matches!(self.stage, Stage::Models { .. }) {
                    self.on_to_framing();
                }
            }
            Input::NoModels(offer) => {
                self.closed_here = Some(offer);
                self.models_ready = false;
                if matches!(self.stage, Stage::Models { .. } | Stage::Framing { .. }) {
                    self.stage = Stage::Choice;
                }
            }
            Input::ModelsGone => self.models_ready = false,
            Input::Picture { facts, full } => self.picture(now, &facts, full),
            Input::CheckerFailed => self.broken(IdentityTrouble::Checker),
            Input::CameraProblem(problem) => {
                if self.in_attempt() {
                    self.broken(IdentityTrouble::Device(problem));
                }
            }
            Input::Attempt(result) => self.attempt(now, result),
            Input::Answer(result) => self.answer(result),
            Input::SendCode => self.send_code(now),
            Input::CodeSent(result) => self.code_sent(now, result),
            Input::CheckCode(code) => self.check_code(code),
            Input::CodeChecked(result) => self.code_checked(now, result),
            Input::SmsIsEnough => self.sms_is_enough(),
            Input::Away(away) => self.be_away(away),
            Input::Tick => self.tick(now),
        }
        self.tell_changes();
    }

    // ---- what the server says

    fn status_came(&mut self, status: IdentityStatus) {
        if let Some(mark) = status.settled {
            self.outputs.push_back(Output::Settled(mark));
        }
        self.status = Some(status);
        if matches!(self.stage, Stage::Loading | Stage::Failed(_)) {
            self.stage = Stage::Choice;
        }
    }

    fn reload(&mut self) {
        self.leave_face();
        self.closed_here = None;
        self.stage = Stage::Loading;
        self.outputs.push_back(Output::AskStatus);
    }

    // ---- the face way, up to the camera

    /// Why the face way is closed, apart from a number that can be proved.
    fn closed(&self) -> Option<NoFaceOffer> {
        if let Some(here) = &self.closed_here {
            return Some(here.clone());
        }
        match self.status.as_ref()?.no_face {
            None | Some(NoFaceWay::SmsFirst) => None,
            Some(why) => Some(NoFaceOffer::Server(why)),
        }
    }

    fn choose_face(&mut self, start: bool) {
        let Some(status) = &self.status else { return };
        let first = status.rule.sms_first() && !status.number_proved;
        // Consent for pictures that leave the device is for one attempt.
        let asked_already = self.consented && !status.rule.verifies();
        if !self.settles_by_choice() {
            return;
        }
        self.leave_face();
        self.start_when_ready = start;
        if self.closed().is_some() {
            self.stage = Stage::Choice;
        } else if first {
            self.stage = Stage::Sms { then_face: true };
        } else if !asked_already {
            self.stage = Stage::Consent { sending: false };
        } else {
            self.on_to_models();
        }
    }

    /// A stage in which the person may choose a way (again).
    fn settles_by_choice(&self) -> bool {
        match &self.stage {
            Stage::Loading | Stage::Failed(_) | Stage::Checking => false,
            Stage::Consent { sending } => !sending,
            Stage::Choice
            | Stage::Models { .. }
            | Stage::Framing { .. }
            | Stage::Taking { .. }
            | Stage::Challenge { .. }
            | Stage::NotPassed(_)
            | Stage::Broken(_)
            | Stage::Sms { .. } => true,
        }
    }

    fn consent(&mut self, face: bool, frames: bool) {
        let Stage::Consent { sending } = &mut self.stage else { return };
        if !face || (self.status.as_ref().is_some_and(|status| status.rule.verifies()) && !frames) {
            self.by_sms(false);
        } else if !*sending {
            *sending = true;
            self.outputs.push_back(Output::Consent { frames });
        }
    }

    fn consent_noted(&mut self, result: Result<(), Problem>) {
        if !matches!(self.stage, Stage::Consent { sending: true }) {
            return;
        }
        match result {
            Ok(()) => {
                self.consented = true;
                self.on_to_models();
            }
            Err(problem) => self.stage = Stage::Broken(IdentityTrouble::Server(problem)),
        }
    }

    fn on_to_models(&mut self) {
        if self.models_ready {
            self.on_to_framing();
        } else {
            self.stage = Stage::Models { done: 0, of: 0 };
            self.outputs.push_back(Output::FetchModels);
        }
    }

    fn on_to_framing(&mut self) {
        self.guide = Guide::new();
        let started = std::mem::take(&mut self.start_when_ready);
        self.stage = Stage::Framing { started, asking: false };
    }

    fn start(&mut self) {
        match &mut self.stage {
            Stage::Framing { started, .. } => *started = true,
            Stage::NotPassed(_) | Stage::Broken(_) => self.choose_face(true),
            Stage::Loading
            | Stage::Failed(_)
            | Stage::Choice
            | Stage::Consent { .. }
            | Stage::Models { .. }
            | Stage::Taking { .. }
            | Stage::Challenge { .. }
            | Stage::Checking
            | Stage::Sms { .. } => {}
        }
    }

    fn back(&mut self) {
        match self.stage {
            // Nothing to go back from, or the server has the word.
            Stage::Loading | Stage::Failed(_) | Stage::Choice | Stage::Checking => {}
            Stage::Consent { .. }
            | Stage::Models { .. }
            | Stage::Framing { .. }
            | Stage::Taking { .. }
            | Stage::Challenge { .. }
            | Stage::NotPassed(_)
            | Stage::Broken(_)
            | Stage::Sms { .. } => {
                self.leave_face();
                self.stage = Stage::Choice;
            }
        }
    }

    /// Whatever the face way has running ends.
    fn leave_face(&mut self) {
        self.start_when_ready = false;
        if matches!(self.stage, Stage::Models { .. }) {
            self.outputs.push_back(Output::StopFetching);
        }
        if self.in_attempt() {
            self.outputs.push_back(Output::Forget);
        }
    }

    fn in_attempt(&self) -> bool {
        matches!(self.stage, Stage::Taking { .. } | Stage::Challenge { .. })
    }

    /// An attempt, or the way to one, ends without a verdict.
    fn broken(&mut self, trouble: IdentityTrouble) {
        if self.in_attempt() || matches!(self.stage, Stage::Framing { .. } | Stage::Models { .. }) {
            self.leave_face();
            self.stage = Stage::Broken(trouble);
        }
    }

    fn be_away(&mut self, away: bool) {
        self.away = away;
        if away {
            self.guide = Guide::new();
            if self.in_attempt() {
                self.broken(IdentityTrouble::Interrupted);
            }
        }
    }
}
