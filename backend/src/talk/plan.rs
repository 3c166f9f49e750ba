//! What the store cannot make up by itself: random ids, codes, the organiser's day.

use crate::secrets;
use crate::state::AppState;
use crate::store::InvitationPlan;
use miantan_domain::code::InviteCode;
use miantan_domain::ids::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::TalkCommand;
use time::OffsetDateTime;
use time::macros::format_description;

/// Codes an invitation can have, should one be another's already: once in some hundred million years.
const CODES: u32 = 2;

/// For commands that set an invitation's terms; `None` for all others.
pub fn plan(state: &AppState, command: &TalkCommand) -> Option<InvitationPlan> {
    let (invitation, terms) = match command {
        TalkCommand::Invite { invitation, terms } | TalkCommand::Amend { invitation, terms, .. } => {
            (*invitation, terms)
        }
        TalkCommand::Say { .. }
        | TalkCommand::Mark { .. }
        | TalkCommand::Withdraw { .. }
        | TalkCommand::Accept { .. }
        | TalkCommand::Decline { .. }
        | TalkCommand::AskToMove { .. }
        | TalkCommand::Block { .. } => return None,
    };
    let now = state.clock.wall().0.max(0) as u64;
    let day = state.config.today(terms.starts);
    let codes =
        (0..CODES).map(|number| state.secrets.code(&state.secrets.invitation_code(invitation, number)));
    Some(InvitationPlan {
        round: RoundId::from_parts(now, &secrets::random()),
        round_name: format!("{}面谈", day_of(state, terms.starts)),
        day,
        ticket: TicketId::from_parts(now, &secrets::random()),
        codes: codes.collect(),
    })
}

/// The code of an invitation.
pub fn invitation_code(state: &AppState, invitation: InvitationId, number: u32) -> InviteCode {
    state.secrets.invitation_code(invitation, number)
}

pub fn fresh_conversation(state: &AppState) -> ConversationId {
    ConversationId::from_parts(state.clock.wall().0.max(0) as u64, &secrets::random())
}

/// The id of a change the server itself makes.
pub fn fresh_change(state: &AppState) -> ChangeId {
    ChangeId::from_parts(state.clock.wall().0.max(0) as u64, &secrets::random())
}

/// `11月26日`, at the organiser's place.
pub(super) fn day_of(state: &AppState, at: WallTime) -> String {
    local(state, at)
        .and_then(|at| at.format(format_description!("[month padding:none]月[day padding:none]日")).ok())
        .unwrap_or_default()
}

/// `11月26日 14:30`, at the organiser's place.
pub(super) fn day_and_time_of(state: &AppState, at: WallTime) -> String {
    local(state, at)
        .and_then(|at| {
            at.format(format_description!("[month padding:none]月[day padding:none]日 [hour]:[minute]")).ok()
        })
        .unwrap_or_default()
}

fn local(state: &AppState, at: WallTime) -> Option<OffsetDateTime> {
    let offset = i64::from(state.config.utc_offset_minutes) * 60;
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000).checked_add(offset)?).ok()
}
