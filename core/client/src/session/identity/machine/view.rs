//! What follows from the stage: camera, depth and cue, told when they change, and the screen.

use super::*;

impl Machine {
    pub(super) fn tell_changes(&mut self) {
        let wanted = self.wanted();
        let told = std::mem::replace(&mut self.told, wanted);
        if wanted.full != told.full {
            self.outputs.push_back(Output::Measure(if wanted.full {
                Measure::Full
            } else {
                Measure::Advice
            }));
        }
        if wanted.cue != told.cue {
            self.outputs.push_back(Output::Cue(wanted.cue));
        }
        if wanted.camera != told.camera {
            self.outputs.push_back(Output::Camera(wanted.camera));
        }
    }

    pub(super) fn wanted(&self) -> Told {
        let camera = !self.away;
        match &self.stage {
            Stage::Framing { .. } => Told { camera, full: false, cue: None },
            Stage::Taking { .. } => Told { camera, full: true, cue: None },
            Stage::Challenge { run, .. } => match run.asked() {
                Asked::Move { movement, .. } => Told { camera, full: false, cue: Some(movement) },
                Asked::Straight | Asked::Done | Asked::Failed(_) => Told { camera, full: true, cue: None },
            },
            Stage::Loading
            | Stage::Failed(_)
            | Stage::Choice
            | Stage::Consent { .. }
            | Stage::Models { .. }
            | Stage::Checking
            | Stage::NotPassed(_)
            | Stage::Broken(_)
            | Stage::Sms { .. } => Told::default(),
        }
    }

    /// For the screen. Camera, its problem and whether it is simulated are the driver's to fill in.
    pub fn view(&self, now: Timestamp) -> IdentityView {
        let status = self.status.as_ref();
        let closed = self.closed();
        IdentityView {
            attempts: status.map_or(0, |status| status.attempts),
            attempts_left: status.map_or(0, |status| status.attempts_left),
            no_face: closed,
            phone: status.filter(|status| status.no_sms.is_none()).and_then(|status| status.phone.clone()),
            sms_first: self.rule().sms_first(),
            number_proved: status.is_some_and(|status| status.number_proved),
            verifies: self.rule().verifies(),
            frames_days: status.map_or(0, |status| status.frames_days),
            simulated: false,
            stage: self.stage_view(now),
        }
    }

    pub(super) fn stage_view(&self, now: Timestamp) -> IdentityStage {
        let of = miantan_domain::rules::identity::challenge::MOVEMENTS;
        match &self.stage {
            Stage::Loading => IdentityStage::Loading,
            Stage::Failed(problem) => IdentityStage::Failed(problem.clone()),
            Stage::Choice => IdentityStage::Choice,
            Stage::Consent { .. } => IdentityStage::Consent { frames: self.rule().verifies() },
            Stage::Models { done, of } => IdentityStage::Models { done: *done, of: *of },
            Stage::Framing { started, .. } => IdentityStage::Framing(FramingView {
                started: *started,
                advice: self.guide.advice(),
                steady: self.guide.steady(now),
                camera: crate::view::CameraCheckView::default(),
                problem: None,
            }),
            Stage::Taking { .. } => {
                IdentityStage::Challenge(ChallengeView { movement: None, index: 0, of, until: None })
            }
            Stage::Challenge { run, .. } => IdentityStage::Challenge(match run.asked() {
                Asked::Move { movement, index, until } => {
                    ChallengeView { movement: Some(movement), index, of, until: Some(until) }
                }
                Asked::Straight | Asked::Done | Asked::Failed(_) => {
                    ChallengeView { movement: None, index: run.seen().len().min(of - 1), of, until: None }
                }
            }),
            Stage::Checking => IdentityStage::Checking,
            Stage::NotPassed(reasons) => IdentityStage::NotPassed { reasons: reasons.clone() },
            Stage::Broken(trouble) => IdentityStage::Broken(trouble.clone()),
            Stage::Sms { .. } => IdentityStage::Sms(self.sms.clone()),
        }
    }
}
