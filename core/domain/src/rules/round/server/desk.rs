//! What people decide and write: texts, stages, outcomes, confirmations.

use super::*;

impl RoundServer {
    pub(super) fn note(
        &mut self,
        at: Moment,
        by: Actor,
        id: ChangeId,
        ticket: TicketId,
        text: String,
    ) -> Result<(), Problem> {
        if let Actor::Candidate { ticket: own, .. } = by
            && own != ticket
        {
            return Err(ProblemCode::TicketUnknown.into());
        }
        check_text(&text)?;
        if text.trim().is_empty() {
            return Err(ProblemCode::TextEmpty.into());
        }
        if self.ticket(ticket)?.notes.len() >= NOTES_MAX {
            // not `too_many_requests`: an outbox would try that for ever and hold up what is behind it
            return Err(ProblemCode::NotesFull.into());
        }
        let note = NoteView { id, from: by.side(), text, at: at.wall };
        self.persist(at, RoundEvent::Noted { ticket, note });
        self.outputs.push_back(Output::Room(Some(ticket)));
        Ok(())
    }

    pub(super) fn notify(
        &mut self,
        at: Moment,
        by: Actor,
        id: ChangeId,
        text: String,
    ) -> Result<(), Problem> {
        host(by)?;
        check_text(&text)?;
        if text.trim().is_empty() {
            return Err(ProblemCode::TextEmpty.into());
        }
        if self.state.notices.len() >= NOTES_MAX {
            return Err(ProblemCode::NotesFull.into());
        }
        self.persist(at, RoundEvent::Notified { notice: NoticeView { id, text, at: at.wall } });
        self.outputs.push_back(Output::Room(None));
        Ok(())
    }

    pub(super) fn confirm(
        &mut self,
        at: Moment,
        by: Actor,
        accepted: bool,
        comment: String,
    ) -> Result<(), Problem> {
        let Actor::Candidate { ticket, .. } = by else { return Err(ProblemCode::NotAllowed.into()) };
        check_text(&comment)?;
        let announced = self.ticket(ticket)?.announced.as_ref().ok_or(ProblemCode::NotAnnounced)?;
        if announced.confirmation.is_some() {
            return Err(ProblemCode::AlreadyConfirmed.into());
        }
        let confirmation = Confirmation { accepted, comment, at: at.wall };
        self.persist(at, RoundEvent::Confirmed { ticket, confirmation });
        self.outputs.push_back(Output::Room(Some(ticket)));
        Ok(())
    }

    pub(super) fn move_stage(&mut self, at: Moment, by: Actor, to: Stage) -> Result<(), Problem> {
        let member = host(by)?;
        if !self.state.info.stages.contains(&to) {
            return Err(Problem::new(ProblemCode::StageWrong, "the round has no such stage"));
        }
        if self.state.stage == Stage::Closed {
            return Err(Problem::new(ProblemCode::StageWrong, "the round is closed"));
        }
        if to != self.state.stage {
            self.persist(at, RoundEvent::StageMoved { to, by: member });
            self.outputs.push_back(Output::Room(None));
        }
        Ok(())
    }

    pub(super) fn announce(&mut self, at: Moment, by: Actor, tickets: Vec<TicketId>) -> Result<(), Problem> {
        let member = host(by)?;
        let staged = self.state.info.stages.contains(&Stage::Announcement);
        if staged && self.state.stage != Stage::Announcement {
            return Err(Problem::new(
                ProblemCode::StageWrong,
                "outcomes are announced in the announcement stage",
            ));
        }
        for &id in &tickets {
            match self.ticket(id)?.outcome {
                None => return Err(ProblemCode::OutcomeMissing.into()),
                Some(Outcome::Pending) => return Err(ProblemCode::OutcomePending.into()),
                Some(Outcome::Suitable | Outcome::Unsuitable) => {}
            }
        }
        // what is announced already stays as it was, with its confirmation
        let tickets: Vec<TicketId> =
            tickets.into_iter().filter(|id| self.state.tickets[id].announced.is_none()).collect();
        if !tickets.is_empty() {
            let each = tickets.clone();
            self.persist(at, RoundEvent::Announced { tickets, by: member });
            self.outputs.extend(each.into_iter().map(|t| Output::Room(Some(t))));
        }
        Ok(())
    }
}

/// Owners and recruiters decide; panellists do not.
pub(super) fn host(by: Actor) -> Result<MemberId, Problem> {
    match by {
        Actor::Member { member, role: MemberRole::Owner | MemberRole::Recruiter, .. } => Ok(member),
        Actor::Member { role: MemberRole::Panellist, .. } | Actor::Candidate { .. } => {
            Err(ProblemCode::NotAllowed.into())
        }
    }
}

fn check_text(text: &str) -> Result<(), Problem> {
    if text.chars().count() > TEXT_MAX_CHARS { Err(ProblemCode::TextTooLong.into()) } else { Ok(()) }
}
