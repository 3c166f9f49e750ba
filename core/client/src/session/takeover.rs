//! An invitation that is open on another device moves here with a code by SMS to the number on file. What joining needs
//! again (the invitation's code, its password) is in memory while the form shows this way, and nowhere else.

use super::app::App;
use super::event::Event;
use super::sms::{CodeNews, code_of};
use crate::view::{FormState, SmsWayView};
use miantan_domain::wire::rest::{CodeSent, JoinRequest};
use miantan_domain::wire::{Problem, ProblemCode};

/// The form at its beginning.
pub fn form(code: String) -> FormState {
    let way = SmsWayView { sent: false, again_at: None, valid_until: None, form: FormState::Idle };
    FormState::OtherDevice { code, phone: None, way: Box::new(way) }
}

/// Whether this problem is about the code by SMS (or the way to the server), so that the person stays at that form.
fn is_about_the_way(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::SmsCodeWrong
            | ProblemCode::SmsCodeExpired
            | ProblemCode::SmsTriesUsed
            | ProblemCode::SmsTooSoon
            | ProblemCode::SmsLimit
            | ProblemCode::SmsFailed
            | ProblemCode::NumberMissing
            | ProblemCode::SlowDown
            | ProblemCode::TooMany
            | ProblemCode::Offline
            | ProblemCode::TimedOut
            | ProblemCode::ServerStorage
            | ProblemCode::Internal
    )
}

impl App {
    fn way(&mut self) -> Option<&mut SmsWayView> {
        match &mut self.entrance.form {
            FormState::OtherDevice { way, .. } => Some(way),
            FormState::Idle
            | FormState::Sending
            | FormState::PasswordNeeded { .. }
            | FormState::Failed { .. } => None,
        }
    }

    /// The request as it was, with a code by SMS or none.
    fn join_again(&mut self, sms_code: Option<String>) -> Option<JoinRequest> {
        let device = self.choice.chosen.as_ref()?.device;
        let FormState::OtherDevice { code, way, .. } = &self.entrance.form else { return None };
        if way.form == FormState::Sending {
            return None;
        }
        let device_key = self.device_key().map(|key| key.public());
        let password = self.entrance.password.as_ref().map(|password| password.to_string());
        Some(JoinRequest { code: code.clone(), password, device, device_key, sms_code })
    }

    pub fn take_over_send(&mut self) {
        let now = self.clock.now();
        let early = self.way().is_some_and(|way| way.again_at.is_some_and(|at| at > now));
        let Some(request) = self.join_again(None).filter(|_| !early) else { return };
        let Some(server) = self.open_server() else { return };
        let form = self.entrance_number();
        if let Some(way) = self.way() {
            way.form = FormState::Sending;
        }
        self.later(async move {
            let result = server.join_sms(&request).await;
            Event::Code { form, news: Box::new(CodeNews::TakeOver(result)) }
        });
    }

    pub fn take_over_check(&mut self, typed: &str) {
        let Some(request) = self.join_again(Some(code_of(typed))) else { return };
        let Some(server) = self.open_server() else { return };
        let form = self.entrance_number();
        if let Some(way) = self.way() {
            way.form = FormState::Sending;
        }
        self.later(async move { Event::Entered { form, result: server.join(&request).await } });
    }

    pub fn take_over_sent(&mut self, result: Result<CodeSent, Problem>) {
        let now = self.clock.now();
        match result {
            Ok(sent) => {
                if let FormState::OtherDevice { phone, way, .. } = &mut self.entrance.form {
                    *phone = Some(sent.masked);
                    **way = SmsWayView {
                        sent: true,
                        again_at: Some(now.after(sent.again_after_ms)),
                        valid_until: Some(now.after(sent.valid_ms)),
                        form: FormState::Idle,
                    };
                }
            }
            Err(problem) => self.take_over_failed(problem),
        }
    }

    /// Whether the problem was shown at the form of this way.
    pub fn take_over_refused(&mut self, problem: &Problem) -> bool {
        let here = self.way().is_some() && is_about_the_way(problem.code);
        if here {
            self.take_over_failed(problem.clone());
        }
        here
    }

    fn take_over_failed(&mut self, problem: Problem) {
        let again_at = problem.retry_after_ms.map(|ms| self.clock.now().after(ms));
        if let Some(way) = self.way() {
            way.again_at = again_at.filter(|_| problem.code != ProblemCode::SmsCodeWrong).or(way.again_at);
            way.form = FormState::Failed { problem, again_at };
        }
    }
}
