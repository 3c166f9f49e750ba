//! The recruiter's half: today's rounds, the queue of the open one (Q1), candidate sheets, outcomes.

use super::app::App;
use super::event::Event;
use super::office::Office;
use crate::store::Write;
use crate::view::Loadable;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::Generation;
use miantan_domain::rules::round::{Followed, RoundMirror, RoundState};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::Problem;
use miantan_domain::wire::live::{ClientFrame, Command, ServerFrame};
use miantan_domain::wire::rest::{CandidateSheet, RoundSummary};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The whole round is stored at most this often: it can be large, and what is missing after a kill
/// the server sends again from the stored sequence on.
const SAVE_EVERY_MS: u64 = 2_000;

/// One member signed in.
pub struct Recruiter {
    pub employer_name: String,
    pub member: MemberCard,
    pub rounds: Loadable<Arc<Vec<RoundSummary>>>,
    pub open: Option<OpenRound>,
    pub office: Office,
    pub sheet: Option<(TicketId, Loadable<Arc<CandidateSheet>>)>,
    /// Rounds as they were stored, to begin from when one is opened.
    kept: BTreeMap<RoundId, RoundState>,
}

/// The round being watched.
pub struct OpenRound {
    pub mirror: RoundMirror,
    /// Shared with the screen; made again at each change.
    pub state: Option<Arc<RoundState>>,
    pub presence: Arc<BTreeMap<TicketId, Presence>>,
    /// The mirror is newer than what is shared.
    stale: bool,
    saved_seq: Option<u64>,
    saved_at: Timestamp,
}

impl OpenRound {
    fn new(round: RoundId, stored: Option<RoundState>) -> Self {
        let state = stored.clone().map(Arc::new);
        let saved_seq = stored.as_ref().map(|state| state.seq);
        let mirror = RoundMirror::new(round, stored);
        Self { mirror, state, presence: Arc::default(), stale: false, saved_seq, saved_at: Timestamp(0) }
    }

    /// Shares what the mirror has; once for many events, as a round can be large.
    fn freshen(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.state = self.mirror.state().cloned().map(Arc::new);
        self.presence = Arc::new(self.mirror.presence().clone());
    }

    /// When the round is to be stored, if it is not.
    fn save_at(&self) -> Option<Timestamp> {
        let state = self.state.as_ref()?;
        (self.saved_seq != Some(state.seq)).then(|| self.saved_at.after(SAVE_EVERY_MS))
    }
}

impl Recruiter {
    /// As the store left it; the round that was open is open again.
    pub fn new(
        employer_name: String,
        member: MemberCard,
        open: Option<RoundId>,
        key: &str,
        rounds: Vec<(String, RoundState)>,
    ) -> Self {
        let kept: BTreeMap<_, _> =
            rounds.into_iter().filter(|(owner, _)| owner == key).map(|(_, s)| (s.info.id, s)).collect();
        let open = open.map(|round| OpenRound::new(round, kept.get(&round).cloned()));
        let office = Office::default();
        Self { employer_name, member, rounds: Loadable::Loading, open, office, sheet: None, kept }
    }

    pub fn open_round(&self) -> Option<RoundId> {
        self.open.as_ref().map(|open| open.mirror.round())
    }
}

impl App {
    /// Asks for today's rounds; the list on screen stays until the answer.
    pub fn load_rounds(&mut self) {
        let Some(recruiter) = self.recruiter() else { return };
        if !matches!(recruiter.rounds, Loadable::Ready(_)) {
            recruiter.rounds = Loadable::Loading;
        }
        let Some(number) = self.account.as_ref().map(|account| account.number) else { return };
        let Some(server) = self.rest() else { return };
        self.later(async move { Event::Rounds { account: number, result: server.rounds_today().await } });
    }

    pub fn rounds_loaded(&mut self, number: u64, result: Result<Vec<RoundSummary>, Problem>) {
        if self.account.as_ref().is_none_or(|account| account.number != number) {
            return;
        }
        let Some(recruiter) = self.recruiter() else { return };
        match result {
            Ok(rounds) => recruiter.rounds = Loadable::Ready(Arc::new(rounds)),
            // A list that was loaded before is worth more than the reason it was not loaded again.
            Err(_) if matches!(recruiter.rounds, Loadable::Ready(_)) => {}
            Err(problem) => recruiter.rounds = Loadable::Failed(problem),
        }
    }

    pub fn open_round(&mut self, round: RoundId) {
        let Some(recruiter) = self.recruiter() else { return };
        if recruiter.open_round() == Some(round) {
            return;
        }
        self.close_round();
        let Some(recruiter) = self.recruiter() else { return };
        recruiter.open = Some(OpenRound::new(round, recruiter.kept.get(&round).cloned()));
        self.remember_round(Some(round));
        let live = self.account.as_ref().filter(|account| account.link.is_live());
        if let Some(generation) = live.and_then(|account| account.link.socket()) {
            self.watch_round(generation);
        }
    }

    pub fn close_round(&mut self) {
        self.save_round(true);
        let Some(recruiter) = self.recruiter() else { return };
        if let Some(open) = recruiter.open.take()
            && let Some(state) = open.mirror.state()
        {
            recruiter.kept.insert(state.info.id, state.clone());
        }
        recruiter.sheet = None;
        self.remember_round(None);
    }

    fn remember_round(&mut self, round: Option<RoundId>) {
        if let Some(account) = &self.account {
            let server = account.address.clone();
            self.write(Write::OpenRound { server, round });
        }
    }

    /// On a new connection: resume where the copy is.
    pub fn watch_round(&mut self, generation: Generation) {
        let Some(recruiter) = self.recruiter() else { return };
        let Some(open) = &mut recruiter.open else { return };
        open.mirror.reconnected();
        open.stale = true;
        let frame = ClientFrame::Watch { round: open.mirror.round(), since: open.mirror.since() };
        self.frame(generation, frame);
    }

    /// A snapshot, an event or a presence.
    pub fn round_frame(&mut self, frame: &ServerFrame) {
        let Some(recruiter) = self.recruiter() else { return };
        let Some(open) = &mut recruiter.open else { return };
        match open.mirror.follow(frame) {
            Followed::Nothing => {}
            Followed::Changed => open.stale = true,
            Followed::Gap { since } => {
                let round = open.mirror.round();
                tracing::info!(since, "events are missing; resuming");
                self.send(ClientFrame::Watch { round, since });
            }
        }
    }

    /// Before the view is made: shares what the events brought.
    pub fn freshen_round(&mut self) {
        if let Some(open) = self.recruiter().and_then(|recruiter| recruiter.open.as_mut()) {
            open.freshen();
        }
    }

    /// When the open round is to be stored.
    pub fn save_timeout(&self) -> Option<Timestamp> {
        match &self.account.as_ref()?.role {
            super::app::Role::Recruiter(recruiter) => recruiter.open.as_ref()?.save_at(),
            super::app::Role::Account | super::app::Role::Candidate(_) => None,
        }
    }

    /// Stores the open round when it is due, or at once.
    pub fn save_round(&mut self, at_once: bool) {
        let now = self.clock.now();
        let Some(account) = &self.account else { return };
        let (server, key) = (account.address.clone(), account.key.clone());
        self.freshen_round();
        let Some(open) = self.recruiter().and_then(|recruiter| recruiter.open.as_mut()) else { return };
        if !open.save_at().is_some_and(|at| at_once || at <= now) {
            return;
        }
        let Some(state) = open.state.clone() else { return };
        open.saved_seq = Some(state.seq);
        open.saved_at = now;
        let write = Write::Round { server, account: key, state };
        if at_once {
            self.write(write);
        } else {
            // Writing a large round takes a while, and no frame depends on it.
            let events = self.events.clone();
            self.parts.store.write_later(vec![write], move |error| {
                tracing::error!(%error, "the round was not stored");
                // Err: the session has ended.
                let _ = events.send(Event::NotStored);
            });
        }
    }

    pub fn open_sheet(&mut self, ticket: TicketId) {
        let Some(recruiter) = self.recruiter().filter(|recruiter| recruiter.open.is_some()) else { return };
        recruiter.sheet = Some((ticket, Loadable::Loading));
        self.ask_of_ticket(ticket);
    }

    pub fn close_sheet(&mut self) {
        if let Some(recruiter) = self.recruiter() {
            recruiter.sheet = None;
        }
    }

    pub fn sheet_loaded(&mut self, number: u64, ticket: TicketId, result: Result<CandidateSheet, Problem>) {
        if self.account.as_ref().is_none_or(|account| account.number != number) {
            return;
        }
        self.told_of_ticket(ticket, result.as_ref().map(|sheet| sheet.conversation).map_err(Clone::clone));
        let Some(recruiter) = self.recruiter() else { return };
        if let Some((open, sheet)) = &mut recruiter.sheet
            && *open == ticket
        {
            *sheet = match result {
                Ok(loaded) => Loadable::Ready(Arc::new(loaded)),
                Err(problem) => Loadable::Failed(problem),
            };
        }
    }

    /// A command about the open round.
    pub fn round_command(&mut self, command: Command) {
        if let Some(round) = self.recruiter().and_then(|recruiter| recruiter.open_round()) {
            self.command(round, command);
        }
    }

    /// The round of a note or a ring: a candidate's own, or the one a recruiter has open.
    pub fn current_round(&mut self) -> Option<RoundId> {
        let own = self.candidate().map(|candidate| candidate.round().id);
        own.or_else(|| self.recruiter().and_then(|recruiter| recruiter.open_round()))
    }
}
