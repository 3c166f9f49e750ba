//! Codes by SMS: a candidate signs in or joins an account, an employer's password is set anew. Numbers
//! and codes live only as long as the form; nothing of them is stored or logged.

use super::app::App;
use super::event::Event;
use crate::view::{CodeView, FormState};
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};

/// News of codes.
pub enum CodeNews {
    Sent {
        phone: String,
        result: Result<CodeSent, Problem>,
    },
    Joined(Result<Me, Problem>),
    /// To bring an invitation to this device.
    TakeOver(Result<CodeSent, Problem>),
    /// The password is set; the same goes on as a sign-in.
    Reset {
        account: String,
        member: Option<String>,
        password: String,
        result: Result<(), Problem>,
    },
}

/// A mainland number as it may be typed: blanks, hyphens, a country code, full-width digits.
/// `None`: it is none.
pub fn mainland(typed: &str) -> Option<String> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '＋' => '+',
        c => c,
    };
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(narrow).collect();
    let plain = plain.strip_prefix("+86").or_else(|| plain.strip_prefix("0086")).unwrap_or(&plain);
    let good = plain.len() == 11 && plain.starts_with('1') && plain.bytes().all(|b| b.is_ascii_digit());
    good.then(|| plain.to_owned())
}

/// A code as it may be typed.
pub fn code_of(typed: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    typed.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

impl App {
    pub fn ask_code(&mut self, phone: &str) {
        let Some(chosen) = &self.choice.chosen else { return };
        let server = self.parts.http.server(&chosen.address, None);
        let device = chosen.device;
        let Some(phone) = mainland(phone) else {
            self.code_failed(ProblemCode::PhoneBad.into());
            return;
        };
        let form = self.sending_code();
        let request = CodeRequest { phone: phone.clone(), device };
        self.later(async move {
            let result = server.ask_code(&request).await;
            Event::Code { form, news: Box::new(CodeNews::Sent { phone, result }) }
        });
    }

    pub fn candidate_sign_in(&mut self, phone: &str, code: &str) {
        if self.account.is_some() {
            return;
        }
        let Some(chosen) = &self.choice.chosen else { return };
        let server = self.parts.http.server(&chosen.address, None);
        let device = chosen.device;
        let Some(phone) = mainland(phone) else {
            self.code_failed(ProblemCode::PhoneBad.into());
            return;
        };
        let (policy, code) = (self.policy_agreed(), code_of(code));
        let device_key = self.device_key().map(|key| key.public());
        let form = self.sending_code();
        self.later(async move {
            let result = async {
                let policy = match policy {
                    Some(policy) => policy,
                    None => server.info().await?.policy,
                };
                let request = CandidateSignIn { phone, code, device, policy, device_key };
                server.candidate_sign_in(&request).await
            };
            Event::Entered { form, result: result.await }
        });
    }

    /// A code session proves its number and joins the account.
    pub fn link_account(&mut self, phone: &str, code: &str) {
        if self.candidate().is_none() || self.mine().is_some() {
            return;
        }
        let Some(server) = self.rest() else { return };
        let Some(phone) = mainland(phone) else {
            self.code_failed(ProblemCode::PhoneBad.into());
            return;
        };
        let (policy, code) = (self.policy_agreed(), code_of(code));
        let form = self.sending_code();
        self.later(async move {
            let result = async {
                let policy = match policy {
                    Some(policy) => policy,
                    None => server.info().await?.policy,
                };
                server.link_account(&CandidateLink { phone, code, policy }).await
            };
            Event::Code { form, news: Box::new(CodeNews::Joined(result.await)) }
        });
    }

    pub fn ask_reset(&mut self, account: &str, member: Option<String>) {
        if self.account.is_some() {
            return;
        }
        let Some(chosen) = &self.choice.chosen else { return };
        let server = self.parts.http.server(&chosen.address, None);
        let request = ResetRequest { account: account.trim().to_owned(), member, device: chosen.device };
        let form = self.sending_code();
        self.later(async move {
            let result = server.ask_reset(&request).await;
            Event::Code { form, news: Box::new(CodeNews::Sent { phone: String::new(), result }) }
        });
    }

    pub fn confirm_reset(&mut self, account: &str, member: Option<String>, code: &str, password: String) {
        if self.account.is_some() {
            return;
        }
        let Some(chosen) = &self.choice.chosen else { return };
        if password.chars().count() < PASSWORD_MIN_CHARS {
            self.code_failed(ProblemCode::PasswordWeak.into());
            return;
        }
        let server = self.parts.http.server(&chosen.address, None);
        let (account, code) = (account.trim().to_owned(), code_of(code));
        let request = ResetConfirm {
            account: account.clone(),
            member: member.clone(),
            code,
            password: password.clone(),
            device: chosen.device,
        };
        let form = self.sending_code();
        self.later(async move {
            let result = server.confirm_reset(&request).await;
            Event::Code { form, news: Box::new(CodeNews::Reset { account, member, password, result }) }
        });
    }

    pub async fn code_news(&mut self, form: u64, news: CodeNews) {
        if !self.entrance.ends(form) {
            return;
        }
        match news {
            CodeNews::Sent { phone, result: Ok(sent) } => {
                let now = self.clock.now();
                self.entrance.sms = Some(CodeView {
                    phone,
                    masked: sent.masked,
                    again_at: now.after(sent.again_after_ms),
                    valid_until: now.after(sent.valid_ms),
                });
                self.entrance.form = FormState::Idle;
            }
            CodeNews::TakeOver(result) => self.take_over_sent(result),
            CodeNews::Joined(Ok(me)) => self.joined_account(me).await,
            CodeNews::Reset { account, member, password, result: Ok(()) } => {
                self.entrance.sms = None;
                self.sign_in(&account, password, member);
            }
            CodeNews::Sent { result: Err(problem), .. }
            | CodeNews::Joined(Err(problem))
            | CodeNews::Reset { result: Err(problem), .. } => {
                self.another_policy(&problem);
                self.code_failed(problem);
            }
        }
    }

    /// Another policy is in force than the one that was agreed to: it is shown.
    pub fn another_policy(&mut self, problem: &Problem) {
        if problem.code == ProblemCode::ConsentNeeded {
            self.policy = None;
            self.load_policy();
        }
    }

    /// The policy that was shown, else the newest one of the server; `None`: it was not heard yet.
    fn policy_agreed(&self) -> Option<u32> {
        if let Some(crate::view::Loadable::Ready(policy)) = &self.policy {
            return Some(policy.version);
        }
        self.choice.chosen.as_ref().map(|chosen| chosen.policy).filter(|version| *version > 0)
    }

    pub fn code_view(&self) -> Option<CodeView> {
        self.entrance.sms.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::mainland;

    #[test]
    fn numbers_in_every_form_people_type_them() {
        for typed in
            ["13800138000", " 138 0013-8000", "+86 13800138000", "008613800138000", "１３８００１３８０００"]
        {
            assert_eq!(mainland(typed).as_deref(), Some("13800138000"), "{typed}");
        }
        for typed in ["", "1380013800", "138001380000", "23800138000", "+1 13800138000", "1380013800a"] {
            assert_eq!(mainland(typed), None, "{typed}");
        }
    }
}
