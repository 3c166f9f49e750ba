//! The entrances: invitation code and password (J2, J3), employer sign-in (F5), and the way out.
//! Codes and passwords live only as long as the request that carries them; a code is kept in memory
//! while its password is asked for.

use super::app::{Account, App, Role};
use super::call::Call;
use super::candidate::Candidate;
use super::event::Event;
use super::recruiter::Recruiter;
use super::takeover;
use crate::store::{FairWrite, Owner, ServerData, Write};
use crate::view::{CodeView, FormState, NoticeWhat};
use miantan_domain::code::InviteCode;
use miantan_domain::model::{MemberCard, Side};
use miantan_domain::rules::link::{Input as LinkInput, Link};
use miantan_domain::rules::outbox::{Input as OutboxInput, Outbox};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The form that was sent last. Not `Debug`: it may hold a password.
pub struct Entrance {
    pub form: FormState,
    /// Number of the request under way.
    sending: Option<u64>,
    /// The code whose password is asked for, or that was just sent.
    code: Option<String>,
    /// The request under way carries a password.
    with_password: bool,
    /// That password, for as long as the invitation may have to be asked for again from this device.
    pub password: Option<Zeroizing<String>>,
    /// A code by SMS was asked for.
    pub sms: Option<CodeView>,
}

impl Default for Entrance {
    fn default() -> Self {
        Self {
            form: FormState::Idle,
            sending: None,
            code: None,
            with_password: false,
            password: None,
            sms: None,
        }
    }
}

impl Entrance {
    /// Whether this request is the one under way; it is not any more.
    pub fn ends(&mut self, form: u64) -> bool {
        self.sending.take_if(|sending| *sending == form).is_some()
    }
}

/// Name under which a server's token is kept.
fn secret_name(address: &str) -> String {
    format!("session {address}")
}

/// What belongs to one person on one server.
fn account_key(me: &Me) -> String {
    match me {
        Me::Candidate { ticket, account: false, .. } => format!("ticket {ticket}"),
        Me::Candidate { candidate, .. } | Me::Account { candidate, .. } => format!("candidate {candidate}"),
        Me::Member { member: MemberCard { id, .. }, .. } => format!("member {id}"),
    }
}

impl App {
    pub fn join(&mut self, code: String, password: Option<String>) {
        let Some(chosen) = &self.choice.chosen else { return };
        if self.in_call() {
            return;
        }
        let with_password = password.is_some();
        let (device, address) = (chosen.device, chosen.address.clone());
        self.entrance.password = password.clone().map(Zeroizing::new);
        if InviteCode::parse(&code).is_none() {
            // It cannot be a code: the server need not be asked, and nothing is slowed.
            let problem = Problem::new(ProblemCode::CodeWrong, "not the form of an invitation code");
            self.form_failed(problem);
            return;
        }
        self.entrance.code = Some(code);
        self.entrance.with_password = with_password;
        let server = self.parts.http.server(&address, None);
        let form = self.sending();
        let device_key = self.device_key().map(|key| key.public());
        let code = self.entrance.code.clone().unwrap_or_default();
        let request = JoinRequest { code, password, device, device_key, sms_code: None };
        self.later(async move { Event::Entered { form, result: server.join(&request).await } });
    }

    pub fn sign_in(&mut self, account: &str, password: String, member: Option<String>) {
        let Some(chosen) = &self.choice.chosen else { return };
        let member = member.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let account = account.trim().to_owned();
        let request = EmployerSignIn { account, password, member, device: chosen.device };
        let server = self.parts.http.server(&chosen.address, None);
        self.entrance.code = None;
        self.entrance.password = None;
        let form = self.sending();
        self.later(async move { Event::Entered { form, result: server.sign_in(&request).await } });
    }

    fn sending(&mut self) -> u64 {
        let form = self.number();
        self.entrance.sending = Some(form);
        self.entrance.form = FormState::Sending;
        form
    }

    /// Number of a request beside a form that stays as it is.
    pub fn entrance_number(&mut self) -> u64 {
        let form = self.number();
        self.entrance.sending = Some(form);
        form
    }

    /// As [`Self::sending`], for what has nothing to do with an invitation's code.
    pub fn sending_code(&mut self) -> u64 {
        self.entrance.code = None;
        self.entrance.with_password = false;
        self.sending()
    }

    /// What was asked with a number or a code by SMS was refused; also beside a room.
    pub fn code_failed(&mut self, problem: Problem) {
        self.entrance.code = None;
        let again_at = problem.retry_after_ms.map(|ms| self.clock.now().after(ms));
        self.entrance.form = FormState::Failed { problem, again_at };
    }

    pub fn reset_form(&mut self) {
        self.entrance = Entrance::default();
    }

    pub async fn entered(&mut self, form: u64, result: Result<SignedIn, Problem>) {
        if !self.entrance.ends(form) {
            return;
        }
        match result {
            Ok(signed_in) if self.opens_for_account(&signed_in.me) => self.enter_by_code(signed_in),
            Ok(signed_in) => self.signed_in(signed_in).await,
            Err(problem) => {
                self.another_policy(&problem);
                self.form_failed(problem);
            }
        }
    }

    fn form_failed(&mut self, problem: Problem) {
        if self.account.is_some() {
            // A link with a code was opened by someone who is in already: they stay where they are.
            self.reset_form();
            self.notices.tell(NoticeWhat::Refused(problem));
            return;
        }
        if self.take_over_refused(&problem) {
            return;
        }
        let code = self.entrance.code.clone();
        self.entrance.form = match (problem.code, code) {
            (ProblemCode::PasswordNeeded, Some(code)) => FormState::PasswordNeeded { code, wrong: false },
            (ProblemCode::PasswordWrong, Some(code)) => FormState::PasswordNeeded { code, wrong: true },
            (ProblemCode::OtherDevice, Some(code)) => takeover::form(code),
            _ => {
                let again_at = problem.retry_after_ms.map(|ms| self.clock.now().after(ms));
                FormState::Failed { problem, again_at }
            }
        };
    }

    /// When the form changes by itself: someone who was slowed down at the password is asked for it
    /// again, with the code still there.
    pub fn entrance_timeout(&self) -> Option<Timestamp> {
        match &self.entrance.form {
            FormState::Failed { problem, again_at }
                if self.entrance.with_password && problem.code == ProblemCode::SlowDown =>
            {
                *again_at
            }
            FormState::Idle
            | FormState::Sending
            | FormState::PasswordNeeded { .. }
            | FormState::OtherDevice { .. }
            | FormState::Failed { .. } => None,
        }
    }

    pub fn entrance_time(&mut self) {
        if self.entrance_timeout().is_some_and(|at| at <= self.clock.now())
            && let Some(code) = self.entrance.code.clone()
        {
            self.entrance.form = FormState::PasswordNeeded { code, wrong: false };
        }
    }

    pub async fn signed_in(&mut self, SignedIn { token, me }: SignedIn) {
        let Some(chosen) = &self.choice.chosen else { return };
        let address = chosen.address.clone();
        self.close_account();
        self.reset_form();
        if let Err(error) = self.services.secrets.set(&secret_name(&address), &token) {
            tracing::error!(%error, "the session will not outlive this run");
            self.notices.tell(NoticeWhat::StorageFailed);
        }
        self.write(Write::SignedIn { server: address.clone(), me: Box::new(me.clone()) });
        let kept = self.kept(&address).await;
        self.open_account(address, me, token, kept).await;
    }

    /// Goes on as whoever was signed in on the chosen server when the app ended.
    pub async fn enter_account(&mut self) {
        let Some(chosen) = &self.choice.chosen else { return };
        let address = chosen.address.clone();
        let mut kept = self.kept(&address).await;
        let Some(me) = kept.me.take() else { return };
        match self.services.secrets.get(&secret_name(&address)) {
            Ok(Some(token)) => self.open_account(address, me, token, kept).await,
            Ok(None) => {
                self.write(Write::SessionOver { server: address });
                self.notices.tell(NoticeWhat::SessionOver);
            }
            Err(error) => {
                // It may be readable next time (a phone that was not unlocked yet).
                tracing::error!(%error, "the session's token cannot be read");
                self.notices.tell(NoticeWhat::StorageFailed);
            }
        }
    }

    async fn open_account(&mut self, address: String, me: Me, token: String, kept: ServerData) {
        self.stop_scan();
        let key = account_key(&me);
        let now = self.clock.now();
        let mut outbox = Outbox::new();
        let stored: Vec<_> =
            kept.outbox.iter().filter(|(owner, _)| *owner == key).map(|(_, entry)| entry.clone()).collect();
        let changes: BTreeMap<_, _> = stored.iter().map(|entry| (entry.id, entry.change.clone())).collect();
        if let Err(refused) = outbox.handle(now, OutboxInput::Restored(stored)) {
            tracing::error!(%refused, "stored commands were not taken");
        }
        let (side, by) = match &me {
            Me::Member { member, .. } => (Side::Recruiter, member.name.clone()),
            Me::Candidate { .. } | Me::Account { .. } => (Side::Candidate, String::new()),
        };
        let owner = Owner { server: address.clone(), account: key.clone() };
        let talk = self.restore_talk(owner, side, by).await;
        let owner = Owner { server: address.clone(), account: key.clone() };
        let mine = match &me {
            Me::Account { name, phone, .. } => {
                Some(self.restore_mine(owner, name.clone(), phone.clone()).await)
            }
            Me::Candidate { name, account: true, .. } => {
                Some(self.restore_mine(owner, name.clone(), String::new()).await)
            }
            Me::Candidate { .. } | Me::Member { .. } => None,
        };
        let own_ticket = match &me {
            Me::Candidate { ticket, account: true, .. } => Some(*ticket),
            Me::Candidate { .. } | Me::Account { .. } | Me::Member { .. } => None,
        };
        let role = match me {
            Me::Account { .. } => Role::Account,
            Me::Candidate { candidate, name, round, ticket, with_password, .. } => {
                let today = self.today();
                let candidate = Candidate::new(candidate, name, round, ticket, with_password, today, &kept);
                Role::Candidate(Box::new(candidate))
            }
            Me::Member { employer_name, member, .. } => {
                let recruiter = Recruiter::new(employer_name, member, kept.round, &key, kept.rounds);
                Role::Recruiter(Box::new(recruiter))
            }
        };
        let number = self.number();
        self.account = Some(Box::new(Account {
            number,
            address,
            key,
            token,
            link: Link::new(),
            socket: None,
            told_presence: None,
            outbox,
            changes,
            pending: Arc::default(),
            pending_stale: true,
            waiting_signals: Vec::new(),
            call: Call::default(),
            talk,
            mine,
            role,
        }));
        if let Some(ticket) = own_ticket {
            self.remember_ticket(ticket);
        }
        self.applied_changed();
        self.fairs_for_another();
        self.talk_first_page().await;
        self.open_files();
        if self.candidate().is_some() {
            self.begin_candidate();
        } else {
            self.load_rounds();
        }
        self.link(LinkInput::Start);
    }

    /// A code session belongs to an account from now on. What waits to be sent goes with it, and so do
    /// files on their way; conversations come anew.
    pub async fn joined_account(&mut self, me: Me) {
        let Some(account) = &self.account else { return };
        let (address, from, token) = (account.address.clone(), account.key.clone(), account.token.clone());
        let key = account_key(&me);
        if self.in_call() {
            // The call's room stays as it is; the next start asks who this is.
            self.write(Write::SignedIn { server: address, me: Box::new(me) });
            return;
        }
        let old_files = self.account_files();
        self.close_account();
        self.reset_form();
        let owner = Owner { server: address.clone(), account: key };
        self.write(Write::Fair { owner: Arc::new(owner), what: FairWrite::Joined { from } });
        self.write(Write::SignedIn { server: address.clone(), me: Box::new(me.clone()) });
        let kept = self.kept(&address).await;
        self.open_account(address, me, token, kept).await;
        self.take_files(&old_files);
    }

    /// Lets go of whoever is signed in; everything stored stays.
    pub fn close_account(&mut self) {
        self.save_round(true);
        self.stop_check();
        // Sockets, media stacks and ringtones end with it.
        self.account = None;
    }

    /// The person signs out: on the server too, and nothing of theirs stays here.
    pub fn sign_out(&mut self) {
        let Some(account) = &self.account else { return };
        let (address, key) = (account.address.clone(), account.key.clone());
        if let Some(server) = self.rest() {
            tokio::spawn(async move {
                if let Err(problem) = server.sign_out().await {
                    // The token is forgotten here; on the server it ends by itself.
                    tracing::warn!(code = %problem.code, "the server was not told of the sign-out");
                }
            });
        }
        let ticket = self.candidate().map(|candidate| candidate.ticket);
        self.erase_files();
        self.close_account();
        self.forget_token(&address);
        self.write(Write::Erase { server: address, account: key, ticket });
        self.reset_form();
        self.fairs_for_another();
    }

    /// The server ended the session. The check-in and the room stay stored for the same ticket.
    pub fn session_ended(&mut self, number: u64, problem: Option<&Problem>) {
        let Some(account) = &self.account else { return };
        if account.number != number {
            return;
        }
        let address = account.address.clone();
        self.close_account();
        self.forget_token(&address);
        self.write(Write::SessionOver { server: address });
        self.reset_form();
        self.fairs_for_another();
        let moved = problem.is_some_and(|problem| problem.code == ProblemCode::ReplacedByDevice);
        self.notices.tell(if moved { NoticeWhat::SessionMoved } else { NoticeWhat::SessionOver });
    }

    fn forget_token(&mut self, address: &str) {
        if let Err(error) = self.services.secrets.remove(&secret_name(address)) {
            tracing::error!(%error, "the session's token was not removed");
            self.notices.tell(NoticeWhat::StorageFailed);
        }
    }
}
