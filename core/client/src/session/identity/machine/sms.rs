//! The SMS way: a code to the number on file.

use super::*;

impl Machine {
    pub(super) fn send_code(&mut self, now: Timestamp) {
        let early = self.sms.again_at.is_some_and(|at| at > now);
        if matches!(self.stage, Stage::Sms { .. }) && !self.asking_code && !early {
            self.asking_code = true;
            self.sms.form = FormState::Sending;
            self.outputs.push_back(Output::SendCode);
        }
    }

    pub(super) fn code_sent(&mut self, now: Timestamp, result: Result<CodeSent, Problem>) {
        self.asking_code = false;
        match result {
            Ok(sent) => {
                self.sms = SmsWayView {
                    sent: true,
                    again_at: Some(now.after(sent.again_after_ms)),
                    valid_until: Some(now.after(sent.valid_ms)),
                    form: FormState::Idle,
                };
            }
            Err(problem) => {
                let again_at = problem.retry_after_ms.map(|ms| now.after(ms));
                self.sms.again_at = again_at.or(self.sms.again_at);
                self.sms.form = FormState::Failed { problem, again_at };
            }
        }
    }

    pub(super) fn check_code(&mut self, code: String) {
        let Stage::Sms { then_face } = self.stage else { return };
        if !self.asking_code {
            self.asking_code = true;
            self.sms.form = FormState::Sending;
            self.outputs.push_back(Output::CheckCode { code, then_face });
        }
    }

    /// The way by SMS instead of the face check; `then_face`: both are meant where the round has them one after the other.
    pub(super) fn by_sms(&mut self, then_face: bool) {
        let Some(status) = &self.status else { return };
        let first = status.rule.sms_first();
        if first && status.number_proved {
            self.stage = Stage::Choice;
            self.sms_is_enough();
        } else {
            self.stage = Stage::Sms { then_face: then_face && first && self.closed().is_none() };
        }
    }

    pub(super) fn sms_is_enough(&mut self) {
        if self.status.as_ref().is_some_and(|status| status.number_proved) && !self.asking_code {
            self.asking_code = true;
            self.sms.form = FormState::Sending;
            self.outputs.push_back(Output::SmsIsEnough);
        }
    }

    pub(super) fn code_checked(&mut self, now: Timestamp, result: Result<IdentityAnswer, Problem>) {
        self.asking_code = false;
        match result {
            Ok(answer) => {
                self.sms.form = FormState::Idle;
                self.attempts(&answer);
                match answer.settled {
                    Some(mark) => self.outputs.push_back(Output::Settled(mark)),
                    None if answer.number_proved && matches!(self.stage, Stage::Sms { then_face: true }) => {
                        self.choose_face(false);
                    }
                    None => self.stage = Stage::Choice,
                }
            }
            // no code was asked for: the number was proved before
            Err(problem) if matches!(self.stage, Stage::Choice) => {
                self.sms.form = FormState::Idle;
                self.stage = Stage::Broken(IdentityTrouble::Server(problem));
            }
            Err(problem) => {
                let again_at = problem.retry_after_ms.map(|ms| now.after(ms));
                self.sms.form = FormState::Failed { problem, again_at };
            }
        }
    }
}
