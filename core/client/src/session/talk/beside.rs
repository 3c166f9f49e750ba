//! The conversation that belongs to a ticket (R3): messages in the waiting room, in the call and on the recruiter's sheet
//! are those of the conversation in which the invitation was sent. A ticket of the organiser's own invitation has none;
//! its texts are the room's notes ([ADR 0015](../../../../../docs/adr/0015-messages-of-a-ticket.md)).
//!
//! A candidate's device has all its conversations and finds the one with an invitation to the round; a recruiter's has
//! not, and learns it from the ticket's sheet. Never here: opening it, which is a wish like any other.

use super::super::app::{App, Role};
use super::super::event::Event;
use crate::view::Beside;
use miantan_domain::ids::*;
use miantan_domain::model::TalkHead;
use miantan_domain::wire::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of tickets' conversations.
#[derive(Debug, Default)]
pub struct Tickets {
    /// A candidate's: the round it was looked for, and what was found.
    room: Option<(RoundId, Option<ConversationId>)>,
    /// A recruiter's, by ticket, as the server said.
    told: BTreeMap<TicketId, Told>,
    /// Conversations that the server does not have any more.
    gone: BTreeSet<ConversationId>,
}

#[derive(Debug, Clone)]
enum Told {
    Asked,
    Failed(Problem),
    Is(Option<ConversationId>),
}

impl Tickets {
    pub fn gone(&mut self, conversation: ConversationId) {
        self.gone.insert(conversation);
    }

    /// A sheet came, or did not.
    pub fn came(&mut self, ticket: TicketId, conversation: Result<Option<ConversationId>, Problem>) {
        let told = match conversation {
            Ok(conversation) => Told::Is(conversation),
            Err(problem) => Told::Failed(problem),
        };
        // What was known stays true: a ticket does not move to another conversation.
        if !matches!((self.told.get(&ticket), &told), (Some(Told::Is(_)), Told::Failed(_))) {
            self.told.insert(ticket, told);
        }
    }
}

/// Whether the head's conversation invited to this round.
fn invites_to(head: &TalkHead, round: RoundId) -> bool {
    head.invitations.iter().any(|card| card.round == round)
}

impl App {
    /// The ticket whose messages are at hand, where a recruiter has one: the call's, else the sheet's.
    fn ticket_at_hand(&self) -> Option<TicketId> {
        let account = self.account.as_ref()?;
        let Role::Recruiter(recruiter) = &account.role else { return None };
        let called = account.call.machine.view().map(|call| call.ticket);
        called.or_else(|| recruiter.sheet.as_ref().map(|(ticket, _)| *ticket))
    }

    /// Before the view is made: which conversation is beside what is on screen.
    pub async fn freshen_beside(&mut self) {
        let beside = match self.account.as_ref().map(|account| &account.role) {
            None | Some(Role::Account) => Beside::Notes,
            Some(Role::Candidate(candidate)) => {
                let round = candidate.round().id;
                match self.conversation_of_room(round).await {
                    Some(conversation) => self.beside_of(conversation).await,
                    None => Beside::Notes,
                }
            }
            Some(Role::Recruiter(_)) => match self.ticket_at_hand() {
                None => Beside::Notes,
                Some(ticket) => self.beside_ticket(ticket).await,
            },
        };
        let Some(talk) = self.talk() else { return };
        let before = talk.view.beside.conversation();
        let gone = before.is_some() && before != beside.conversation();
        talk.view.beside = beside;
        // What was open beside the room or the sheet goes with it.
        if gone && talk.open.as_ref().map(|open| open.id) == before {
            self.talk_close();
        }
    }

    async fn beside_ticket(&mut self, ticket: TicketId) -> Beside {
        let told = self.talk().and_then(|talk| talk.tickets.told.get(&ticket).cloned());
        match told {
            None => {
                self.ask_of_ticket(ticket);
                Beside::Loading
            }
            Some(Told::Asked) => Beside::Loading,
            Some(Told::Failed(problem)) => Beside::Failed(problem),
            Some(Told::Is(None)) => Beside::Notes,
            Some(Told::Is(Some(conversation))) => self.beside_of(conversation).await,
        }
    }

    /// Known to this device, or asked for.
    async fn beside_of(&mut self, conversation: ConversationId) -> Beside {
        let known = self.know(conversation).await;
        let Some(talk) = self.talk() else { return Beside::Notes };
        match talk.known.get(&conversation).filter(|_| known) {
            Some(known) => Beside::Talk(talk.overlay.on(&known.head)),
            None if talk.tickets.gone.contains(&conversation) => Beside::Notes,
            None => {
                talk.want_head(conversation);
                Beside::Loading
            }
        }
    }

    /// The person wants to know once more.
    pub fn load_beside(&mut self) {
        if let Some(ticket) = self.ticket_at_hand() {
            self.ask_of_ticket(ticket);
        }
    }

    /// Asks for a ticket's sheet, which names the conversation.
    pub fn ask_of_ticket(&mut self, ticket: TicketId) {
        let Some(round) = self.recruiter().and_then(|recruiter| recruiter.open_round()) else { return };
        let (Some(number), Some(server)) = (self.account.as_ref().map(|a| a.number), self.rest()) else {
            return;
        };
        if let Some(told) = self.talk().map(|talk| &mut talk.tickets.told)
            && !matches!(told.get(&ticket), Some(Told::Is(_)))
        {
            told.insert(ticket, Told::Asked);
        }
        self.later(async move {
            Event::Sheet { account: number, ticket, result: server.sheet(round, ticket).await }
        });
    }

    /// What a sheet said of its ticket, whoever asked for it.
    pub fn told_of_ticket(
        &mut self,
        ticket: TicketId,
        conversation: Result<Option<ConversationId>, Problem>,
    ) {
        if let Some(talk) = self.talk() {
            talk.tickets.came(ticket, conversation);
        }
    }

    /// On a new connection, what failed on an old one is asked for when it is at hand again.
    pub fn tickets_live(&mut self) {
        if let Some(talk) = self.talk() {
            talk.tickets.told.retain(|_, told| matches!(told, Told::Is(_)));
        }
    }

    /// The candidate's conversation that invited to this round.
    async fn conversation_of_room(&mut self, round: RoundId) -> Option<ConversationId> {
        let talk = self.talk()?;
        let looked = talk.tickets.room.filter(|(of, _)| *of == round);
        if let Some((_, found @ Some(_))) = looked {
            return found;
        }
        let of = |head: &Arc<TalkHead>| invites_to(head, round).then_some(head.id);
        let mut found = talk.known.values().find_map(|known| of(&known.head));
        // The store is looked through once; what comes later is among those known.
        if found.is_none() && looked.is_none() {
            let owner = Arc::clone(&talk.owner);
            found = match self.parts.store.talk_of_round(&owner, round).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "the room's conversation cannot be read");
                    None
                }
            };
        }
        let talk = self.talk()?;
        talk.tickets.room = Some((round, found));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::wire::ProblemCode;

    #[test]
    fn what_is_known_of_a_ticket_is_not_lost_by_a_failed_question() {
        let ticket = TicketId::from_parts(1, &[1; 10]);
        let conversation = ConversationId::from_parts(1, &[2; 10]);
        let mut tickets = Tickets::default();
        tickets.came(ticket, Err(ProblemCode::Offline.into()));
        assert!(matches!(tickets.told[&ticket], Told::Failed(_)));
        tickets.came(ticket, Ok(Some(conversation)));
        tickets.came(ticket, Err(ProblemCode::Offline.into()));
        assert!(matches!(tickets.told[&ticket], Told::Is(Some(id)) if id == conversation));
    }
}
