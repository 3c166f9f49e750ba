//! The candidate's half: check-in (J3–J7), waiting room (J8), confirmation (R4).

use super::app::App;
use super::checks::Check;
use super::identity::Identity;
use crate::store::{ServerData, Write};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::check_in::{self, CheckIn, Day, Hint, Input, Output, Plan};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{Change, Command, Room};
use std::sync::Arc;

/// One candidate signed in.
pub struct Candidate {
    pub name: String,
    pub ticket: TicketId,
    pub check_in: CheckIn,
    /// Shown for the step at hand.
    pub hints: Vec<Hint>,
    pub room: Option<Arc<Room>>,
    /// The check of the step at hand.
    pub check: Check,
    /// While the identity step is at hand.
    pub identity: Option<Box<Identity>>,
    /// Whose passes are kept, and the newest one; whether the server still has to be told, whether it was used here.
    pub id: CandidateId,
    pub kept_pass: Option<ReadinessPass>,
    pub pass_to_send: bool,
    pub pass_used: bool,
    /// On this connection, checks that the server does not know (any more) were reported again.
    pub reported_again: bool,
    /// Devices that changed in a call; told to the check-in after it.
    pub changed_in_call: Vec<CheckInStep>,
    plan: Plan,
    round: RoundInfo,
}

impl Candidate {
    /// As the store left it. The check-in begins with [`App::begin_candidate`].
    pub fn new(
        candidate: CandidateId,
        name: String,
        round: RoundInfo,
        ticket: TicketId,
        with_password: bool,
        today: Option<Day>,
        kept: &ServerData,
    ) -> Self {
        let saved = kept.check_ins.iter().find(|(of, _)| *of == ticket).map(|(_, saved)| saved.clone());
        // Without the server's time the day is not known: a phone with a wrong date must not lose the
        // check-in. The first word of the server is followed by `check_day`.
        let check_in = match saved {
            Some(saved) => {
                let day = today.unwrap_or(saved.day);
                CheckIn::restore(saved, day)
            }
            None => CheckIn::new(today.unwrap_or(Day(0))),
        };
        let room = kept.rooms.iter().find(|room| room.ticket == ticket).cloned().map(Arc::new);
        Self {
            name,
            ticket,
            check_in,
            hints: Vec::new(),
            room,
            check: Check::default(),
            identity: None,
            id: candidate,
            kept_pass: kept.readiness.iter().find(|(of, _)| *of == candidate).map(|(_, pass)| pass.clone()),
            pass_to_send: false,
            pass_used: false,
            reported_again: false,
            changed_in_call: Vec::new(),
            plan: Plan { with_password, identity: round.identity },
            round,
        }
    }

    /// As the newest word of the server has it.
    pub fn round(&self) -> &RoundInfo {
        self.room.as_ref().map_or(&self.round, |room| &room.round)
    }
}

impl App {
    /// Today, where the person is, by the server's clock; `None` before the server told its time.
    pub fn today(&self) -> Option<Day> {
        if !self.clock.is_the_servers() {
            return None;
        }
        let WallTime(utc) = self.clock.wall();
        Some(Day(utc.saturating_add(self.utc_offset_ms).div_euclid(86_400_000) as i32))
    }

    /// Signed in means that code and password were taken: on to the first step not done.
    pub fn begin_candidate(&mut self) {
        let Some(plan) = self.candidate().map(|candidate| candidate.plan) else { return };
        self.check_in(Input::Begin);
        self.check_in(Input::Joined(plan));
        self.use_pass();
    }

    pub fn check_in(&mut self, input: Input) {
        let now = self.clock.now();
        let Some(candidate) = self.candidate() else { return };
        if let Err(refused) = candidate.check_in.handle(now, input) {
            // A double press, or a button of a step that is over.
            tracing::debug!(%refused, "check-in");
        }
        let outputs: Vec<_> = std::iter::from_fn(|| candidate.check_in.poll_output()).collect();
        let (ticket, round) = (candidate.ticket, candidate.round.id);
        for output in outputs {
            match output {
                Output::Persist(saved) => {
                    if let Some(account) = &self.account {
                        let server = account.address.clone();
                        self.write(Write::CheckIn { server, ticket, saved });
                    }
                }
                Output::Enter(step) => {
                    if let Some(candidate) = self.candidate() {
                        candidate.hints.clear();
                    }
                    self.refresh_devices();
                    self.identity_step(step == CheckInStep::Identity);
                    self.start_check(Some(step));
                }
                Output::Report { step, outcome } => self.command(round, Command::CheckIn { step, outcome }),
                Output::Hints { hints, .. } => {
                    if let Some(candidate) = self.candidate() {
                        candidate.hints = hints;
                    }
                }
                Output::Done => {
                    if let Some(candidate) = self.candidate() {
                        candidate.hints.clear();
                    }
                    self.identity_step(false);
                    self.start_check(None);
                    self.give_pass();
                }
            }
        }
    }

    /// Another device is in use for this step.
    pub fn check_device_changed(&mut self, step: CheckInStep) {
        let busy = self.in_call();
        let Some(candidate) = self.candidate() else { return };
        if busy {
            if !candidate.changed_in_call.contains(&step) {
                candidate.changed_in_call.push(step);
            }
        } else {
            self.check_in(Input::DeviceChanged(step));
        }
    }

    /// After a call: what changed meanwhile, and the check that was at hand.
    pub fn check_after_call(&mut self) {
        let Some(candidate) = self.candidate() else { return };
        for step in std::mem::take(&mut candidate.changed_in_call) {
            self.check_in(Input::DeviceChanged(step));
        }
        self.resume_check();
    }

    /// Another day: devices are checked again. Not while a call runs.
    pub fn check_day(&mut self) {
        if self.in_call() || self.candidate().is_none() {
            return;
        }
        if let Some(today) = self.today() {
            self.check_in(Input::DayChanged(today));
        }
    }

    /// The server's room, whole.
    pub fn room(&mut self, room: Room) {
        let Some(candidate) = self.candidate() else { return };
        let older = candidate.room.as_ref().is_some_and(|known| room.seq < known.seq);
        if room.ticket != candidate.ticket || older {
            return;
        }
        let settled = room.identity;
        let room = Arc::new(room);
        candidate.room = Some(Arc::clone(&room));
        if let Some(account) = &self.account {
            let server = account.address.clone();
            self.write(Write::Room { server, room: Arc::clone(&room) });
        }
        if let Some(mark) = settled {
            self.check_in(Input::IdentitySettled(mark.assurance));
        }
        self.report_again(&room);
    }

    /// The server forgets device checks when another device takes over; back on this one they are
    /// still good and are told again, once per connection.
    fn report_again(&mut self, room: &Room) {
        let Some(account) = &self.account else { return };
        let on_the_way: Vec<CheckInStep> = account
            .outbox
            .durable()
            .filter_map(|(stored, _)| match stored.change {
                Change::Round { command: Command::CheckIn { step, .. }, .. } => Some(step),
                _ => None,
            })
            .collect();
        let Some(candidate) = self.candidate() else { return };
        if std::mem::replace(&mut candidate.reported_again, true) {
            return;
        }
        let unknown: Vec<_> = candidate
            .check_in
            .saved()
            .outcomes
            .into_iter()
            .filter(|(step, _)| check_in::is_tried_out(*step) && !on_the_way.contains(step))
            .filter(|reported| !room.checked.contains(reported))
            .collect();
        for (step, outcome) in unknown {
            self.command(room.round.id, Command::CheckIn { step, outcome });
        }
    }

    pub fn confirm(&mut self, accepted: bool, comment: String) {
        let Some(round) = self.candidate().map(|candidate| candidate.round.id) else { return };
        self.command(round, Command::Confirm { accepted, comment });
    }
}
