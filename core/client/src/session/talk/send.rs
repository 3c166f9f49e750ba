//! What a person does in conversations: every change goes through the outbox, and is shown as done
//! from the next view on. [`Overlay`] is how heads look with what is on its way; a change that the
//! server refuses falls out of it, and everything is as it was.

use super::super::app::App;
use super::open::Open;
use super::{Talk, list};
use crate::intent::TalkIntent;
use crate::view::{ItemBody, NoticeWhat, SendState, TalkItem};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::{self, Outbox, Standing};
use miantan_domain::rules::{invitation, talk as rules};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{Change, TalkCommand};
use miantan_domain::wire::rest::TalkCounts;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Accepted as this entry, which is not here yet.
pub struct Landing {
    pub conversation: ConversationId,
    pub seq: u64,
    pub id: ChangeId,
    command: TalkCommand,
}

/// Commands that are not answered, by conversation, in order.
#[derive(Default)]
pub struct Overlay(BTreeMap<ConversationId, Vec<(ChangeId, TalkCommand)>>);

impl Overlay {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The head with all that is on its way.
    pub fn on(&self, head: &Arc<TalkHead>) -> Arc<TalkHead> {
        let Some(commands) = self.0.get(&head.id) else { return Arc::clone(head) };
        let mut changed = TalkHead::clone(head);
        for (id, command) in commands {
            apply(&mut changed, *id, command);
        }
        Arc::new(changed)
    }

    pub fn counts<'a>(
        &self,
        mut counts: TalkCounts,
        row: impl Fn(ConversationId) -> Option<&'a Arc<TalkHead>>,
    ) -> TalkCounts {
        for (id, commands) in &self.0 {
            let mark = commands.iter().rev().find_map(|(_, command)| match command {
                TalkCommand::Mark { mark } => Some(*mark),
                _ => None,
            });
            let Some((mark, head)) = mark.zip(row(*id)) else { continue };
            let less = list::of_mark(&mut counts, head.mark);
            *less = less.saturating_sub(1);
            *list::of_mark(&mut counts, mark) += 1;
        }
        counts
    }
}

/// When a change was made, by the device's clock: for show only.
fn made(id: ChangeId) -> WallTime {
    // UUIDv7: the first 48 bits.
    WallTime((id.0.as_u128() >> 80) as i64)
}

/// How a head looks once `command` was done. Nothing, where the server would refuse it.
fn apply(head: &mut TalkHead, id: ChangeId, command: &TalkCommand) {
    match command {
        TalkCommand::Say { .. } => {}
        TalkCommand::Mark { mark } => head.mark = *mark,
        TalkCommand::Block { on } => head.blocked = *on,
        TalkCommand::Invite { invitation, terms } => {
            if head.invitations.iter().any(|card| card.id == *invitation) {
                return;
            }
            let card = InvitationCard {
                id: *invitation,
                conversation: head.id,
                revision: 1,
                terms: terms.clone(),
                // Made by the server where none was chosen.
                round: terms.round.unwrap_or(RoundId::from_parts(0, &[0; 10])),
                round_name: String::new(),
                employer_name: head.employer_name.clone(),
                with_password: false,
                status: InvitationStatus::Sent,
                sent: made(id),
            };
            head.invitations.insert(0, card);
        }
        TalkCommand::Amend { invitation, revision, terms } => {
            with(head, *invitation, Some(*revision), |card| {
                card.terms = terms.clone();
                card.status = InvitationStatus::Sent;
            });
        }
        TalkCommand::Withdraw { invitation, reason } => {
            let reason = reason.clone();
            with(head, *invitation, None, |card| card.status = InvitationStatus::Withdrawn { reason });
        }
        TalkCommand::Accept { invitation, revision } => {
            with(head, *invitation, Some(*revision), |card| card.status = InvitationStatus::Accepted);
        }
        TalkCommand::Decline { invitation, revision, reason } => {
            let reason = reason.clone();
            with(head, *invitation, Some(*revision), |card| {
                card.status = InvitationStatus::Declined { reason };
            });
        }
        TalkCommand::AskToMove { invitation, revision, note, times } => {
            let (note, times) = (note.clone(), times.clone());
            with(head, *invitation, Some(*revision), |card| {
                card.status = InvitationStatus::MoveAsked { note, times };
            });
        }
    }
}

fn with(
    head: &mut TalkHead,
    id: InvitationId,
    revision: Option<u32>,
    change: impl FnOnce(&mut InvitationCard),
) {
    let card = head.invitations.iter_mut().find(|card| card.id == id);
    if let Some(card) = card.filter(|card| revision.is_none_or(|revision| revision == card.revision)) {
        change(card);
    }
}

/// What the history will say of it; `None`: nothing.
fn entry_of(command: &TalkCommand) -> Option<EntryBody> {
    let moved = |invitation: &InvitationId, to: InvitationStatus| {
        Some(EntryBody::InvitationMoved { invitation: *invitation, to })
    };
    match command {
        TalkCommand::Say { saying } => Some(saying.clone().into()),
        TalkCommand::Invite { invitation, .. } => Some(EntryBody::Invited { invitation: *invitation }),
        TalkCommand::Amend { invitation, .. } => moved(invitation, InvitationStatus::Sent),
        TalkCommand::Withdraw { invitation, reason } => {
            moved(invitation, InvitationStatus::Withdrawn { reason: reason.clone() })
        }
        TalkCommand::Accept { invitation, .. } => moved(invitation, InvitationStatus::Accepted),
        TalkCommand::Decline { invitation, reason, .. } => {
            moved(invitation, InvitationStatus::Declined { reason: reason.clone() })
        }
        TalkCommand::AskToMove { invitation, note, times, .. } => {
            moved(invitation, InvitationStatus::MoveAsked { note: note.clone(), times: times.clone() })
        }
        TalkCommand::Mark { .. } | TalkCommand::Block { .. } => None,
    }
}

impl Talk {
    /// What the outbox holds changed: so does what is shown of it.
    pub fn outbox_changed(&mut self, outbox: &Outbox) {
        let before = std::mem::take(&mut self.overlay.0);
        for (stored, standing) in outbox.durable() {
            let Change::Talk { conversation, command } = &stored.change else { continue };
            let plain = matches!(command, TalkCommand::Say { .. });
            if !plain && !matches!(standing, Standing::Failed(_)) {
                let commands = self.overlay.0.entry(*conversation).or_default();
                commands.push((stored.id, command.clone()));
            }
        }
        self.open_stale = true;
        self.list_stale |= !before.is_empty() || !self.overlay.is_empty();
    }

    /// Items of this conversation that have no entry here yet, in the order in which they go.
    pub fn on_the_way<'a>(
        &'a self,
        id: ConversationId,
        head: &'a TalkHead,
        outbox: &'a Outbox,
    ) -> impl Iterator<Item = TalkItem> + 'a {
        let landing = self
            .landing
            .iter()
            .filter(move |landing| landing.conversation == id)
            .filter_map(|landing| self.item(landing.id, &landing.command, SendState::Sent, head));
        let going = outbox.durable().filter_map(move |(stored, standing)| match &stored.change {
            Change::Talk { conversation, command } if *conversation == id => {
                self.item(stored.id, command, self.state(stored, standing), head)
            }
            _ => None,
        });
        landing.chain(going)
    }

    fn state(&self, stored: &outbox::Stored, standing: Standing<'_>) -> SendState {
        match standing {
            Standing::Failed(problem) => SendState::Failed(problem.clone()),
            Standing::Sent => SendState::Sending,
            Standing::Waiting if stored.waits => self.files.state(stored.id),
            Standing::Waiting => SendState::Waiting,
        }
    }

    fn item(
        &self,
        id: ChangeId,
        command: &TalkCommand,
        state: SendState,
        head: &TalkHead,
    ) -> Option<TalkItem> {
        let body = match self.body(&entry_of(command)?, head) {
            // Refused: the card is not in the head.
            ItemBody::Invited(None) => match command {
                TalkCommand::Invite { .. } => {
                    let mut shown = head.clone();
                    apply(&mut shown, id, command);
                    ItemBody::Invited(shown.invitations.into_iter().next())
                }
                _ => ItemBody::Invited(None),
            },
            body => body,
        };
        let by = if self.side == Side::Recruiter { self.by.clone() } else { String::new() };
        Some(TalkItem { id, seq: 0, from: self.side, by, at: made(id), body, state })
    }
}

impl App {
    pub async fn talk_change(&mut self, intent: TalkIntent) {
        let open = self.talk().and_then(|talk| talk.open.as_ref()).map(|open: &Open| open.id);
        let (conversation, command) = match intent {
            TalkIntent::Say { text } => {
                let saying = Saying::Text { text };
                if let Err(problem) = rules::check_saying(&saying) {
                    self.notices.tell(NoticeWhat::Refused(problem));
                    return;
                }
                (open, TalkCommand::Say { saying })
            }
            TalkIntent::Invite { terms } => {
                let (unix_ms, random) = self.id_parts();
                let invitation = InvitationId::from_parts(unix_ms, &random);
                (open, TalkCommand::Invite { invitation, terms })
            }
            TalkIntent::Amend { invitation, revision, terms } => {
                (open, TalkCommand::Amend { invitation, revision, terms })
            }
            TalkIntent::Withdraw { invitation, reason } => {
                (open, TalkCommand::Withdraw { invitation, reason })
            }
            TalkIntent::Mark { conversation, mark } => (Some(conversation), TalkCommand::Mark { mark }),
            TalkIntent::Accept { conversation, invitation, revision } => {
                (Some(conversation), TalkCommand::Accept { invitation, revision })
            }
            TalkIntent::Decline { conversation, invitation, revision, reason } => {
                (Some(conversation), TalkCommand::Decline { invitation, revision, reason })
            }
            TalkIntent::AskToMove { conversation, invitation, revision, note, times } => {
                (Some(conversation), TalkCommand::AskToMove { invitation, revision, note, times })
            }
            TalkIntent::Block { conversation, on } => (Some(conversation), TalkCommand::Block { on }),
            _ => return,
        };
        let Some(conversation) = conversation else { return };
        self.know(conversation).await;
        if let Err(problem) = self.check_change(conversation, &command) {
            self.notices.tell(NoticeWhat::Refused(problem));
            return;
        }
        self.talk_command(conversation, command, false);
    }

    /// What can be told before it is sent. The time is only judged by a server's clock.
    fn check_change(&mut self, id: ConversationId, command: &TalkCommand) -> Result<(), Problem> {
        let wall = self.clock.is_the_servers().then(|| self.wall());
        let head = self.talk().and_then(|talk| Some(Arc::clone(&talk.known.get(&id)?.head)));
        let blocked = head.is_some_and(|head| head.blocked);
        match command {
            TalkCommand::Say { .. } | TalkCommand::Invite { .. } | TalkCommand::Amend { .. } if blocked => {
                Err(ProblemCode::ConversationBlocked.into())
            }
            TalkCommand::Invite { terms, .. } | TalkCommand::Amend { terms, .. } => {
                wall.map_or(Ok(()), |wall| invitation::check_terms(terms, wall))
            }
            TalkCommand::Say { .. }
            | TalkCommand::Mark { .. }
            | TalkCommand::Withdraw { .. }
            | TalkCommand::Accept { .. }
            | TalkCommand::Decline { .. }
            | TalkCommand::AskToMove { .. }
            | TalkCommand::Block { .. } => Ok(()),
        }
    }

    /// Into the outbox. `waits`: a file must be on the server first.
    pub fn talk_command(
        &mut self,
        conversation: ConversationId,
        command: TalkCommand,
        waits: bool,
    ) -> Option<ChangeId> {
        let (unix_ms, random) = self.id_parts();
        let id = ChangeId::from_parts(unix_ms, &random);
        let account = self.account.as_mut()?;
        let change = Change::Talk { conversation, command };
        account.changes.insert(id, change.clone());
        self.outbox(outbox::Input::Add { id, change, waits });
        // Not there: the outbox was full, and the person was told.
        self.account.as_ref().filter(|account| account.changes.contains_key(&id)).map(|_| id)
    }

    /// A change of a conversation was refused for good. What stands in no history falls back by itself;
    /// a message waits where it is for the person to retry or delete it.
    pub fn talk_refused(&mut self, id: ChangeId, problem: Problem) {
        let Some(account) = &self.account else { return };
        let shown = account.talk.open.as_ref().map(|open| open.id);
        let (quiet, falls_back) = match account.changes.get(&id) {
            Some(Change::Talk { conversation, command }) => {
                (shown == Some(*conversation) && entry_of(command).is_some(), entry_of(command).is_none())
            }
            _ => (false, false),
        };
        if !quiet {
            self.notices.tell(NoticeWhat::Refused(problem));
        }
        if falls_back {
            self.outbox(outbox::Input::Delete(id));
        }
    }

    /// The end of a change: accepted as this entry, or deleted by the person.
    pub fn talk_settled(
        &mut self,
        id: ChangeId,
        conversation: ConversationId,
        command: TalkCommand,
        result: &Result<u64, Problem>,
    ) {
        self.file_settled(&command, result.is_ok());
        let Some(talk) = self.talk() else { return };
        talk.open_stale = true;
        let Ok(seq) = result else { return };
        let Some(known) = talk.known.get(&conversation) else { return };
        let held = known.mirror.held();
        let old = Arc::clone(&known.head);
        // Until the server's own head is here, as if it had come.
        let mut head = TalkHead::clone(&old);
        apply(&mut head, id, &command);
        if head != *old {
            talk.replace(Some(&old), head);
        }
        if *seq > held.high && entry_of(&command).is_some() {
            talk.landing.push(Landing { conversation, seq: *seq, id, command });
        }
    }
}
