//! Into the room of an accepted invitation and out of it: the same session, another role. The server
//! says first; then the device remembers it, and connects anew.

use super::super::app::{App, Role};
use super::super::candidate::Candidate;
use super::{Formed, MineNews};
use crate::store::{FairWrite, Kind, Write};
use miantan_domain::ids::*;
use miantan_domain::rules::link::Input as LinkInput;
use miantan_domain::wire::rest::{Me, SignedIn};
use miantan_domain::wire::{Problem, ProblemCode};

impl App {
    pub fn enter_room(&mut self, invitation: InvitationId) {
        if self.may_change_rooms() {
            self.mine_form(
                move |server| async move { server.enter_room(invitation).await.map(Formed::Room) },
            );
        }
    }

    /// A code has opened an invitation of whoever is signed in by phone: the account goes into the room,
    /// rather than giving way to a session that knows only the code.
    pub fn opens_for_account(&self, me: &Me) -> bool {
        let Some(account) = self.account.as_ref().filter(|account| account.mine.is_some()) else {
            return false;
        };
        let Me::Candidate { candidate, account: false, .. } = me else { return false };
        account.key == format!("candidate {candidate}")
    }

    pub fn enter_by_code(&mut self, code_session: SignedIn) {
        self.reset_form();
        let (Some(account), Me::Candidate { round, .. }) = (&self.account, &code_session.me) else { return };
        let by_code = self.parts.http.server(&account.address, Some(code_session.token.clone()));
        let round = round.id;
        if let Some(mine) = self.mine() {
            mine.known = false;
        }
        self.mine_later(move |server| async move {
            let entered = async {
                let list = server.interviews().await?;
                let card = list.iter().find(|card| card.round == round);
                let card = card.ok_or_else(|| Problem::from(ProblemCode::InvitationUnknown))?;
                server.enter_room(card.id).await
            };
            let result = entered.await;
            if result.is_ok()
                && let Err(problem) = by_code.sign_out().await
            {
                tracing::info!(code = %problem.code, "the session of the code ends by itself");
            }
            MineNews::ByCode { code_session, result }
        });
    }

    pub async fn entered_by_code(&mut self, code_session: SignedIn, result: Result<Me, Problem>) {
        match result {
            Ok(me) => self.is_now(me).await,
            // The code itself is good: its own session is better than no way in.
            Err(problem) => {
                tracing::info!(code = %problem.code, "the account cannot go in; the code can");
                self.signed_in(code_session).await;
            }
        }
    }

    pub fn leave_room(&mut self) {
        if self.may_change_rooms() {
            self.mine_form(|server| async move { server.leave_room().await.map(Formed::Room) });
        }
    }

    fn may_change_rooms(&mut self) -> bool {
        if self.in_call() {
            self.form_of_mine_failed(Problem::new(ProblemCode::NotAllowed, "in a call"));
            return false;
        }
        if let Some(mine) = self.mine() {
            mine.known = false;
        }
        true
    }

    /// The server's word on who this session belongs to.
    pub async fn is_now(&mut self, me: Me) {
        let Some(account) = &self.account else { return };
        let address = account.address.clone();
        let busy = self.in_call();
        let Some(mine) = self.mine() else { return };
        mine.known = true;
        let same_room = match &me {
            Me::Account { name, phone, .. } => {
                mine.name.clone_from(name);
                mine.phone.clone_from(phone);
                None
            }
            Me::Candidate { name, ticket, account: true, .. } => {
                mine.name.clone_from(name);
                Some(*ticket)
            }
            // Not this session any more; the socket is told so, too.
            Me::Candidate { account: false, .. } | Me::Member { .. } => return,
        };
        let room = match self.account.as_ref().map(|account| &account.role) {
            Some(Role::Candidate(candidate)) => Some(candidate.ticket),
            Some(Role::Account | Role::Recruiter(_)) | None => None,
        };
        if room == same_room {
            if let (Some(candidate), Me::Candidate { name, .. }) = (self.candidate(), &me) {
                candidate.name.clone_from(name);
            }
            self.write(Write::SignedIn { server: address, me: Box::new(me) });
            return;
        }
        if busy {
            // A call is of the room it runs in; the next connection asks again.
            if let Some(mine) = self.mine() {
                mine.known = false;
            }
            return;
        }
        self.stop_check();
        self.write(Write::SignedIn { server: address.clone(), me: Box::new(me.clone()) });
        let role = match me {
            Me::Candidate { candidate, name, round, ticket, with_password, .. } => {
                self.remember_ticket(ticket);
                let kept = self.kept(&address).await;
                let today = self.today();
                let new = Candidate::new(candidate, name, round, ticket, with_password, today, &kept);
                Role::Candidate(Box::new(new))
            }
            Me::Account { .. } | Me::Member { .. } => Role::Account,
        };
        // It must be safe from a kill before the server sees another role.
        self.store_all().await;
        self.link(LinkInput::Stop);
        let Some(account) = &mut self.account else { return };
        account.role = role;
        account.pending_stale = true;
        if self.candidate().is_some() {
            self.begin_candidate();
        }
        self.link(LinkInput::Start);
    }

    /// Its check-in and its room go when the account is erased.
    pub fn remember_ticket(&mut self, ticket: TicketId) {
        let Some(mine) = self.mine() else { return };
        let seen = FairWrite::Seen { kind: Kind::Ticket, id: ticket.to_string(), body: "true".into() };
        let write = mine.write(seen);
        self.write(write);
    }
}
