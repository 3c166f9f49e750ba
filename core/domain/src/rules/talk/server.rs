//! The server's decisions about a conversation and about applications.

use super::TalkState;
use crate::ids::*;
use crate::model::*;
use crate::rules::invitation::{self, Act, Effect, Standing};
use crate::time::WallTime;
use crate::wire::live::TalkCommand;
use crate::wire::{Problem, ProblemCode};

/// Most invitations in one conversation.
pub const INVITATIONS_MAX: usize = 50;

/// What a command changes. Everything empty: it is so already, and is accepted as such.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The next entry.
    pub entry: Option<EntryBody>,
    /// The new mark; its history gets a line.
    pub mark: Option<Mark>,
    pub blocked: Option<bool>,
    /// The new standing of an invitation and what follows from it.
    pub invitation: Option<(InvitationId, Standing, Vec<Effect>)>,
}

/// Who does it. Members who only sit in panels read and write, but neither mark nor invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Candidate,
    Member(MemberRole),
}

impl Author {
    pub const fn side(self) -> Side {
        match self {
            Self::Candidate => Side::Candidate,
            Self::Member(_) => Side::Recruiter,
        }
    }
}

/// What `command` of `by` changes at the wall time `now` (the server's).
pub fn decide(
    state: &TalkState,
    by: Author,
    command: TalkCommand,
    now: WallTime,
) -> Result<Decision, Problem> {
    let host = matches!(by, Author::Member(MemberRole::Owner | MemberRole::Recruiter));
    let candidate = matches!(by, Author::Candidate);
    let not_allowed = || Err(ProblemCode::NotAllowed.into());
    match command {
        TalkCommand::Say { saying } => {
            if state.blocked {
                return Err(ProblemCode::ConversationBlocked.into());
            }
            check_saying(&saying)?;
            Ok(Decision { entry: Some(saying.into()), ..Decision::default() })
        }
        TalkCommand::Mark { mark } if host => {
            Ok(Decision { mark: (mark != state.mark).then_some(mark), ..Decision::default() })
        }
        TalkCommand::Invite { invitation, terms } if host => invite(state, invitation, terms, now),
        TalkCommand::Amend { invitation, revision, terms } if host => {
            if state.blocked {
                return Err(ProblemCode::ConversationBlocked.into());
            }
            act(state, invitation, revision, Act::Amend(terms), now)
        }
        TalkCommand::Withdraw { invitation, reason } if host => {
            // whatever it became meanwhile: withdrawn is withdrawn
            let revision = standing(state, invitation)?.revision;
            act(state, invitation, revision, Act::Withdraw { reason }, now)
        }
        TalkCommand::Accept { invitation, revision } if candidate => {
            act(state, invitation, revision, Act::Accept, now)
        }
        TalkCommand::Decline { invitation, revision, reason } if candidate => {
            act(state, invitation, revision, Act::Decline { reason }, now)
        }
        TalkCommand::AskToMove { invitation, revision, note, times } if candidate => {
            act(state, invitation, revision, Act::AskToMove { note, times }, now)
        }
        TalkCommand::Block { on } if candidate => {
            Ok(Decision { blocked: (on != state.blocked).then_some(on), ..Decision::default() })
        }
        TalkCommand::Mark { .. }
        | TalkCommand::Invite { .. }
        | TalkCommand::Amend { .. }
        | TalkCommand::Withdraw { .. }
        | TalkCommand::Accept { .. }
        | TalkCommand::Decline { .. }
        | TalkCommand::AskToMove { .. }
        | TalkCommand::Block { .. } => not_allowed(),
    }
}

/// An invitation whose time has passed without an answer. Asked by the server's clock.
pub fn expire(state: &TalkState, invitation: InvitationId, now: WallTime) -> Result<Decision, Problem> {
    act(state, invitation, 0, Act::Expire, now)
}

fn invite(
    state: &TalkState,
    id: InvitationId,
    terms: InvitationTerms,
    now: WallTime,
) -> Result<Decision, Problem> {
    if state.blocked {
        return Err(ProblemCode::ConversationBlocked.into());
    }
    if state.invitations.contains_key(&id) {
        return Err(Problem::new(ProblemCode::InvitationChanged, "this invitation is there already"));
    }
    if state.invitations.len() >= INVITATIONS_MAX {
        return Err(Problem::new(ProblemCode::InvitationTermsBad, "no more invitations in one conversation"));
    }
    let (standing, effects) = invitation::begin(terms, now)?;
    let entry = Some(EntryBody::Invited { invitation: id });
    Ok(Decision { entry, invitation: Some((id, standing, effects)), ..Decision::default() })
}

fn standing(state: &TalkState, id: InvitationId) -> Result<&Standing, Problem> {
    state.invitations.get(&id).ok_or_else(|| ProblemCode::InvitationUnknown.into())
}

fn act(
    state: &TalkState,
    id: InvitationId,
    revision: u32,
    act: Act,
    now: WallTime,
) -> Result<Decision, Problem> {
    let Some((next, effects)) = invitation::step(standing(state, id)?, revision, act, now)? else {
        return Ok(Decision::default());
    };
    let entry = EntryBody::InvitationMoved { invitation: id, to: next.status.clone() };
    Ok(Decision { entry: Some(entry), invitation: Some((id, next, effects)), ..Decision::default() })
}

/// Whether something can be said; the device asks before it keeps it, the server before it takes it.
pub fn check_saying(saying: &Saying) -> Result<(), Problem> {
    match saying {
        Saying::Text { text } if text.chars().count() > TEXT_MAX_CHARS => {
            Err(ProblemCode::TextTooLong.into())
        }
        Saying::Text { text } if text.trim().is_empty() => Err(ProblemCode::TextEmpty.into()),
        Saying::Text { .. } | Saying::Image { .. } | Saying::File { .. } => Ok(()),
    }
}

/// What an application is decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "five facts, each with its own refusal")]
pub struct ApplyFacts {
    /// The fair's period is now.
    pub fair_open: bool,
    pub position_open: bool,
    /// The same candidate has applied for the same position.
    pub applied: bool,
    /// Name and age are known.
    pub profile: bool,
    /// The chosen résumé is there and not blank.
    pub resume: bool,
    /// The candidate blocked this employer at this fair.
    pub blocked: bool,
}

/// Whether a résumé can be sent for a position (F4).
pub fn may_apply(facts: ApplyFacts) -> Result<(), Problem> {
    let refuse = |code: ProblemCode| Err(code.into());
    if facts.applied {
        return refuse(ProblemCode::AlreadyApplied);
    }
    if !facts.fair_open {
        return refuse(ProblemCode::FairClosed);
    }
    if !facts.position_open {
        return refuse(ProblemCode::PositionClosed);
    }
    if facts.blocked {
        return refuse(ProblemCode::ConversationBlocked);
    }
    if !facts.profile {
        return refuse(ProblemCode::ProfileNeeded);
    }
    if !facts.resume {
        return refuse(ProblemCode::ResumeMissing);
    }
    Ok(())
}
