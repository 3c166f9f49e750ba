//! The view of the moment, made from the state.

use super::app::{Account, App, Role};
use super::candidate::Candidate;
use super::entrance::Entrance;
use super::recruiter::Recruiter;
use crate::view::*;
use miantan_domain::ids::TicketId;
use miantan_domain::rules::link::LinkView;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::NoteView;
use std::sync::Arc;

impl App {
    pub fn make_view(&self) -> AppView {
        let moment = self.clock.moment();
        let account = self.account.as_deref();
        AppView {
            now: moment.now,
            wall: moment.wall,
            servers: self.servers.clone(),
            server: self.server_view(),
            link: account.map_or(LinkView::Stopped, |account| account.link.view()),
            who: match account {
                None => WhoView::SignedOut { form: self.entrance.form.clone(), code: self.code_view() },
                Some(account) => match &account.role {
                    Role::Account => WhoView::Account(Box::new(account_view(account))),
                    Role::Candidate(candidate) => WhoView::Candidate(Box::new(candidate_view(
                        account,
                        candidate,
                        &self.entrance,
                        moment.now,
                    ))),
                    Role::Recruiter(recruiter) => {
                        WhoView::Recruiter(Box::new(recruiter_view(account, recruiter)))
                    }
                },
            },
            wish: self.wish,
            policy: self.policy.clone(),
            fairs: self.fairs_view(),
            talk: self.talk_view(),
            registration: self.registration_view(),
            call: account.and_then(|account| self.call_screen(account)),
            devices: self.device_view(),
            scan: self.scan.view(),
            notices: self.notices.list(),
            screen_url: self.parts.media.screen_url(),
        }
    }

    fn server_view(&self) -> ServerView {
        let choice = &self.choice;
        if let Some(chosen) = &choice.chosen {
            return ServerView::Chosen {
                address: chosen.address.clone(),
                organiser: chosen.organiser.clone(),
                hotline: chosen.hotline.clone(),
            };
        }
        match (&choice.asking, &choice.failed) {
            (Some(asking), _) => ServerView::Asking { address: asking.address.clone() },
            (None, Some((address, problem))) => {
                ServerView::Failed { address: address.clone(), problem: problem.clone() }
            }
            (None, None) => ServerView::None,
        }
    }
}

fn account_view(account: &Account) -> AccountView {
    let mine = account.mine.as_deref();
    AccountView {
        name: mine.map(|mine| mine.name.clone()).unwrap_or_default(),
        phone: mine.map(|mine| mine.phone.clone()).unwrap_or_default(),
        mine: mine.map(|mine| mine.view.clone()).unwrap_or_default(),
    }
}

fn candidate_view(
    account: &Account,
    candidate: &Candidate,
    entrance: &Entrance,
    now: Timestamp,
) -> CandidateView {
    let mut checks = candidate.check.view.clone();
    checks.network = candidate.check.network.view;
    CandidateView {
        name: candidate.name.clone(),
        round: candidate.round().clone(),
        ticket: candidate.ticket,
        check_in: CheckInView {
            steps: candidate.check_in.steps(),
            step: candidate.check_in.step(),
            hints: candidate.hints.clone(),
            done: candidate.check_in.is_done(),
        },
        checks,
        identity: candidate.identity.as_ref().map(|identity| Box::new(identity.view(now))),
        room: candidate.room.clone(),
        mine: account.mine.as_ref().map(|mine| Box::new(mine.view.clone())),
        code: entrance.sms.clone(),
        form: entrance.form.clone(),
        pending: Arc::clone(&account.pending),
    }
}

fn recruiter_view(account: &Account, recruiter: &Recruiter) -> RecruiterView {
    let queue = recruiter.open.as_ref().and_then(|open| {
        Some(QueueView {
            round: open.mirror.round(),
            live: account.link.is_live(),
            state: open.state.clone()?,
            presence: Arc::clone(&open.presence),
            next: open.mirror.next_ready(),
        })
    });
    RecruiterView {
        employer_name: recruiter.employer_name.clone(),
        member: recruiter.member.clone(),
        rounds: recruiter.rounds.clone(),
        queue,
        office: recruiter.office.view.clone(),
        sheet: recruiter.sheet.clone(),
        pending: Arc::clone(&account.pending),
    }
}

impl App {
    fn call_screen(&self, account: &Account) -> Option<CallScreen> {
        let view = account.call.machine.view()?;
        let facts = &account.call.facts;
        let (round_name, notes) = match &account.role {
            Role::Candidate(candidate) => {
                let notes = candidate.room.as_ref().map(|room| room.notes.clone()).unwrap_or_default();
                (candidate.round().name.clone(), notes)
            }
            Role::Recruiter(recruiter) => beside_call(recruiter, view.ticket),
            Role::Account => (String::new(), Vec::new()),
        };
        Some(CallScreen {
            view,
            round_name,
            muted: facts.muted,
            camera_on: facts.camera_on,
            remote_video: facts.remote_video,
            remote_pause: facts.remote_pause,
            sending: facts.sending,
            quality: facts.quality,
            stats: facts.figures,
            problems: facts.problems.clone(),
            sound_to: self.devices.sound_to(self.options.speaker.as_ref()),
            notes: Arc::new(notes),
        })
    }
}

/// Name of the round and texts of the ticket, as far as the open round has them.
fn beside_call(recruiter: &Recruiter, ticket: TicketId) -> (String, Vec<NoteView>) {
    let state = recruiter.open.as_ref().and_then(|open| open.state.as_ref());
    let Some(state) = state else { return (String::new(), Vec::new()) };
    let notes = state.tickets.get(&ticket).map(|ticket| ticket.notes.clone()).unwrap_or_default();
    (state.info.name.clone(), notes)
}
