//! An employer's office (F5, F6): stand, positions, members, rounds; `register` is the way into it (F3).
//!
//! Nothing of it is kept on the device and nothing waits for a network: what is shown is what the
//! server says, and a form that fails says so and keeps what was typed.

mod register;

pub use register::{Registering, RegistrationNews};

use super::app::App;
use super::event::Event;
use crate::intent::OfficeIntent;
use crate::rest::Server;
use crate::view::{Loadable, NoticeWhat, OfficeForm, OfficeView};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;

#[derive(Default)]
pub struct Office {
    pub view: OfficeView,
    /// Which position is open.
    position: Option<PositionId>,
    sending: Option<u64>,
    /// Ids of a new position and a new round whose form has not ended well yet: sent again, it is
    /// the same one.
    new_position: Option<PositionId>,
    new_round: Option<RoundId>,
}

/// News of the office.
pub enum OfficeNews {
    Fairs(Result<Vec<FairCard>, Problem>),
    Stand {
        fair: FairId,
        result: Result<Stand, Problem>,
    },
    Position {
        position: PositionId,
        result: Result<PositionDetails, Problem>,
    },
    Members(Result<Vec<MemberLine>, Problem>),
    Rounds(Result<Vec<RoundSummary>, Problem>),
    /// The n-th form was answered.
    Form {
        form: u64,
        result: Result<Done, Problem>,
    },
}

/// What came of a form.
pub enum Done {
    Stand(Stand),
    Position(PositionDetails),
    Members(Vec<MemberLine>),
    Round,
    Password,
}

fn load<T>(slot: &mut Option<Loadable<Arc<T>>>, result: Result<T, Problem>) {
    match result {
        Ok(value) => *slot = Some(Loadable::Ready(Arc::new(value))),
        // What was loaded before is worth more than the reason it was not loaded again.
        Err(_) if matches!(slot, Some(Loadable::Ready(_))) => {}
        Err(problem) => *slot = Some(Loadable::Failed(problem)),
    }
}

fn loading<T>(slot: &mut Option<Loadable<T>>) {
    if !matches!(slot, Some(Loadable::Ready(_))) {
        *slot = Some(Loadable::Loading);
    }
}

impl App {
    fn office(&mut self) -> Option<&mut Office> {
        self.recruiter().map(|recruiter| &mut recruiter.office)
    }

    pub fn office_intent(&mut self, intent: OfficeIntent) {
        match intent {
            OfficeIntent::Register { fair, name, uscc, contact, phone, password } => {
                self.register(fair, [&name, &uscc, &contact, &phone], password);
            }
            OfficeIntent::Licence { bytes, .. } => self.send_licence(&bytes),
            OfficeIntent::CheckRegistration => self.check_registration(true),
            OfficeIntent::ForgetRegistration => self.forget_registration(),
            OfficeIntent::AskReset { account, member } => self.ask_reset(&account, member),
            OfficeIntent::ConfirmReset { account, member, code, password } => {
                self.confirm_reset(&account, member, &code, password);
            }
            OfficeIntent::LoadFairs => {
                let Some(office) = self.office() else { return };
                loading(&mut office.view.fairs);
                self.office_later(|server| async move { OfficeNews::Fairs(server.own_fairs().await) });
            }
            OfficeIntent::OpenStand(fair) => {
                let Some(office) = self.office() else { return };
                if office.view.stand.as_ref().is_none_or(|(open, _)| *open != fair) {
                    office.view.stand = Some((fair, Loadable::Loading));
                }
                self.ask_own_stand(fair);
            }
            OfficeIntent::CloseStand => {
                if let Some(office) = self.office() {
                    office.view.stand = None;
                }
            }
            OfficeIntent::SaveStand { fair, edit } => self.office_form(move |server| async move {
                server.save_stand(fair, &edit).await.map(Done::Stand)
            }),
            OfficeIntent::OpenPosition(position) => {
                let Some(office) = self.office() else { return };
                if office.position != Some(position) {
                    office.position = Some(position);
                    office.view.position = Some(Loadable::Loading);
                }
                self.office_later(move |server| async move {
                    OfficeNews::Position { position, result: server.position(position).await }
                });
            }
            OfficeIntent::ClosePosition => {
                let Some(office) = self.office() else { return };
                office.position = None;
                office.new_position = None;
                office.view.position = None;
            }
            OfficeIntent::SavePosition { fair, position, edit } => self.save_position(fair, position, *edit),
            OfficeIntent::LoadMembers => {
                let Some(office) = self.office() else { return };
                loading(&mut office.view.members);
                self.office_later(|server| async move { OfficeNews::Members(server.members().await) });
            }
            OfficeIntent::AddMember(request) => {
                if request.password.chars().count() < PASSWORD_MIN_CHARS {
                    return self.office_failed(ProblemCode::PasswordWeak.into());
                }
                self.office_form(
                    |server| async move { server.add_member(&request).await.map(Done::Members) },
                );
            }
            OfficeIntent::RemoveMember(member) => self.office_form(move |server| async move {
                server.remove_member(member).await.map(Done::Members)
            }),
            OfficeIntent::EndSessions(member) => self.office_form(move |server| async move {
                server.end_sessions(member).await?;
                server.members().await.map(Done::Members)
            }),
            OfficeIntent::ChangePassword { old, new } => {
                if new.chars().count() < PASSWORD_MIN_CHARS {
                    return self.office_failed(ProblemCode::PasswordWeak.into());
                }
                let change = PasswordChange { old, new };
                self.office_form(|server| async move {
                    server.change_password(&change).await.map(|()| Done::Password)
                });
            }
            OfficeIntent::LoadRounds => self.load_own_rounds(),
            OfficeIntent::SaveRound { round, edit } => self.save_own_round(round, *edit),
            OfficeIntent::FormSeen => {
                if let Some(office) = self.office().filter(|office| office.sending.is_none()) {
                    office.view.form = OfficeForm::Idle;
                }
            }
        }
    }

    fn office_later<F>(&self, ask: impl FnOnce(Server) -> F)
    where
        F: Future<Output = OfficeNews> + Send + 'static,
    {
        let (Some(server), Some(account)) = (self.rest(), &self.account) else { return };
        let (account, asked) = (account.number, ask(server));
        self.later(async move { Event::Office { account, news: Box::new(asked.await) } });
    }

    /// For what the person waits for; one form at a time.
    fn office_form<F>(&mut self, ask: impl FnOnce(Server) -> F)
    where
        F: Future<Output = Result<Done, Problem>> + Send + 'static,
    {
        let form = self.number();
        let Some(office) = self.office() else { return };
        office.sending = Some(form);
        office.view.form = OfficeForm::Sending;
        self.office_later(|server| {
            let asked = ask(server);
            async move { OfficeNews::Form { form, result: asked.await } }
        });
    }

    fn office_failed(&mut self, problem: Problem) {
        if let Some(office) = self.office() {
            office.sending = None;
            office.view.form = OfficeForm::Failed(problem);
        }
    }

    fn ask_own_stand(&self, fair: FairId) {
        self.office_later(move |server| async move {
            OfficeNews::Stand { fair, result: server.own_stand(fair).await }
        });
    }

    fn load_own_rounds(&mut self) {
        let Some(office) = self.office() else { return };
        loading(&mut office.view.rounds);
        self.office_later(|server| async move { OfficeNews::Rounds(server.own_rounds().await) });
    }

    fn save_position(&mut self, fair: FairId, position: Option<PositionId>, edit: PositionEdit) {
        if let Err(fault) = edit.check() {
            return self.office_failed(Problem::new(ProblemCode::PositionBad, fault.to_string()));
        }
        let (unix_ms, random) = self.id_parts();
        let Some(office) = self.office() else { return };
        let new = || *office.new_position.get_or_insert(PositionId::from_parts(unix_ms, &random));
        let position = position.unwrap_or_else(new);
        self.office_form(move |server| async move {
            server.save_position(fair, position, &edit).await.map(Done::Position)
        });
    }

    fn save_own_round(&mut self, round: Option<RoundId>, edit: RoundEdit) {
        if let Err(fault) = edit.check() {
            return self.office_failed(Problem::new(ProblemCode::RoundBad, fault.to_string()));
        }
        let (unix_ms, random) = self.id_parts();
        let Some(office) = self.office() else { return };
        let new = || *office.new_round.get_or_insert(RoundId::from_parts(unix_ms, &random));
        let round = round.unwrap_or_else(new);
        self.office_form(
            move |server| async move { server.save_round(round, &edit).await.map(|_| Done::Round) },
        );
    }

    pub fn office_news(&mut self, account: u64, news: OfficeNews) {
        if self.account.as_ref().is_none_or(|current| current.number != account) {
            return;
        }
        let Some(office) = self.office() else { return };
        match news {
            OfficeNews::Fairs(result) => load(&mut office.view.fairs, result),
            OfficeNews::Stand { fair, result } => {
                if let Some((open, slot)) = office.view.stand.as_mut().filter(|(open, _)| *open == fair) {
                    let mut loaded = Some(std::mem::replace(slot, Loadable::Loading));
                    load(&mut loaded, result);
                    office.view.stand = loaded.map(|loaded| (*open, loaded));
                }
            }
            OfficeNews::Position { position, result } => {
                if office.position == Some(position) {
                    load(&mut office.view.position, result);
                }
            }
            OfficeNews::Members(result) => load(&mut office.view.members, result),
            OfficeNews::Rounds(result) => load(&mut office.view.rounds, result),
            OfficeNews::Form { form, result } => {
                let current = office.sending.take_if(|sent| *sent == form).is_some();
                match result {
                    Ok(done) => {
                        if current {
                            office.view.form = OfficeForm::Done;
                        }
                        self.office_done(done);
                    }
                    Err(problem) if current => office.view.form = OfficeForm::Failed(problem),
                    Err(problem) => self.notices.tell(NoticeWhat::Refused(problem)),
                }
            }
        }
    }

    /// Done on the server: what is shown of it is fresh.
    fn office_done(&mut self, done: Done) {
        let Some(office) = self.office() else { return };
        match done {
            Done::Stand(stand) => {
                if office.view.stand.as_ref().is_some_and(|(open, _)| *open == stand.fair) {
                    office.view.stand = Some((stand.fair, Loadable::Ready(Arc::new(stand))));
                }
            }
            Done::Position(details) => {
                office.new_position = None;
                let fair = details.fair;
                let open = office.view.stand.as_mut().filter(|(open, _)| *open == fair);
                if let Some((_, Loadable::Ready(stand))) = open {
                    // At once; the server's own list follows.
                    let stand = Arc::make_mut(stand);
                    match stand.positions.iter_mut().find(|card| card.id == details.card.id) {
                        Some(card) => *card = details.card.clone(),
                        None => stand.positions.push(details.card.clone()),
                    }
                }
                if office.position == Some(details.card.id) {
                    office.view.position = Some(Loadable::Ready(Arc::new(details)));
                }
                self.ask_own_stand(fair);
            }
            Done::Members(list) => office.view.members = Some(Loadable::Ready(Arc::new(list))),
            Done::Round => {
                office.new_round = None;
                self.load_own_rounds();
                self.load_rounds();
            }
            Done::Password => {}
        }
    }
}
