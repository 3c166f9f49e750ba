//! An invitation (面试邀约) from its sending to its end. Pure and the same on both sides: the server
//! decides with it, the device uses it to say what can be pressed.
//!
//! | state | recruiter may | candidate may | by itself |
//! | --- | --- | --- | --- |
//! | sent | amend, withdraw | accept, decline, ask to move | expires at its end |
//! | accepted | amend, withdraw | decline, ask to move | stays |
//! | move asked | amend, withdraw | accept, decline, ask again | expires at its end |
//! | declined, withdrawn, expired | nothing: a new invitation is another one | | |
//!
//! Amending counts the revision up and asks anew. An answer names the revision that was on screen:
//! nobody accepts a time they have not seen. Doing again what is so already changes nothing and is
//! no error, so two devices of a person cannot disagree.
//!
//! Never here: who may speak (rules::talk), codes, tickets and messages (the driver's part, asked
//! for by [`Effect`]).

use crate::model::*;
use crate::time::WallTime;
use crate::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Shortest and longest interview, in minutes.
pub const MINUTES_MIN: u16 = 5;
pub const MINUTES_MAX: u16 = 480;
/// How far ahead one can invite, in ms: half a year.
pub const AHEAD_MAX_MS: i64 = 183 * 24 * 3_600_000;
/// The reminder comes so long before the time.
pub const REMIND_BEFORE_MS: i64 = 30 * 60_000;

/// An invitation as far as its rules go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// From 1.
    pub revision: u32,
    pub terms: InvitationTerms,
    #[serde(flatten)]
    pub status: InvitationStatus,
}

/// What somebody does with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    // recruiter
    Amend(InvitationTerms),
    Withdraw { reason: String },
    // candidate
    Accept,
    Decline { reason: String },
    AskToMove { note: String, times: Vec<WallTime> },
    // time
    Expire,
}

impl Act {
    /// Whose act it is; `None`: time's.
    pub const fn side(&self) -> Option<Side> {
        match self {
            Self::Amend(_) | Self::Withdraw { .. } => Some(Side::Recruiter),
            Self::Accept | Self::Decline { .. } | Self::AskToMove { .. } => Some(Side::Candidate),
            Self::Expire => None,
        }
    }
}

/// What must happen outside, in the transaction that keeps the new state, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The candidate gets a place in the round's queue at the appointed time.
    TakeTicket,
    /// The place is given up.
    GiveUpTicket,
    /// The code opens nothing any more.
    CancelCode,
    /// A short message to the candidate: invited, changed, withdrawn.
    Tell(Occasion),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    Invited,
    Amended,
    Withdrawn,
}

/// Whether terms can be sent at `now`.
pub fn check_terms(terms: &InvitationTerms, now: WallTime) -> Result<(), Problem> {
    if terms.starts <= now {
        return Err(ProblemCode::InvitationTimePast.into());
    }
    let minutes = (MINUTES_MIN..=MINUTES_MAX).contains(&terms.minutes);
    let near = terms.starts.0.saturating_sub(now.0) <= AHEAD_MAX_MS;
    if !minutes || !near {
        return Err(ProblemCode::InvitationTermsBad.into());
    }
    check_words(&terms.note)
}

/// A new invitation.
pub fn begin(terms: InvitationTerms, now: WallTime) -> Result<(Standing, Vec<Effect>), Problem> {
    check_terms(&terms, now)?;
    let standing = Standing { revision: 1, terms, status: InvitationStatus::Sent };
    Ok((standing, vec![Effect::Tell(Occasion::Invited)]))
}

/// When it expires by itself, as long as nobody accepted.
pub fn expires(standing: &Standing) -> Option<WallTime> {
    match standing.status {
        InvitationStatus::Sent | InvitationStatus::MoveAsked { .. } => Some(standing.terms.ends()),
        InvitationStatus::Accepted
        | InvitationStatus::Declined { .. }
        | InvitationStatus::Withdrawn { .. }
        | InvitationStatus::Expired => None,
    }
}

/// One act on a standing invitation. `seen`: the revision the acting person saw. `Ok(None)`: it is so
/// already.
pub fn step(
    standing: &Standing,
    seen: u32,
    act: Act,
    now: WallTime,
) -> Result<Option<(Standing, Vec<Effect>)>, Problem> {
    let over = || Err(ProblemCode::InvitationOver.into());
    let accepted = match &standing.status {
        InvitationStatus::Accepted => true,
        InvitationStatus::Sent | InvitationStatus::MoveAsked { .. } => false,
        InvitationStatus::Declined { .. } => {
            return if matches!(act, Act::Decline { .. } | Act::Expire) { Ok(None) } else { over() };
        }
        InvitationStatus::Withdrawn { .. } => {
            return if matches!(act, Act::Withdraw { .. } | Act::Expire) { Ok(None) } else { over() };
        }
        InvitationStatus::Expired => {
            return if matches!(act, Act::Expire | Act::Withdraw { .. }) { Ok(None) } else { over() };
        }
    };
    if act.side().is_some() && seen != standing.revision {
        return Err(ProblemCode::InvitationChanged.into());
    }
    if act.side() == Some(Side::Candidate) && expires(standing).is_some_and(|end| end <= now) {
        return over();
    }
    let to = |status, effects| {
        let terms = standing.terms.clone();
        Ok(Some((Standing { revision: standing.revision, terms, status }, effects)))
    };
    let place = |mut effects: Vec<Effect>| {
        if accepted {
            effects.insert(0, Effect::GiveUpTicket);
        }
        effects
    };
    match act {
        Act::Accept if accepted => Ok(None),
        Act::Accept => to(InvitationStatus::Accepted, vec![Effect::TakeTicket]),
        Act::Decline { reason } => {
            check_words(&reason)?;
            to(InvitationStatus::Declined { reason }, place(vec![Effect::CancelCode]))
        }
        Act::AskToMove { note, times } => {
            check_words(&note)?;
            if times.len() > MOVE_TIMES_MAX || times.iter().any(|time| *time <= now) {
                return Err(ProblemCode::InvitationTermsBad.into());
            }
            to(InvitationStatus::MoveAsked { note, times }, place(Vec::new()))
        }
        Act::Amend(terms) => {
            check_terms(&terms, now)?;
            let revision = standing.revision.saturating_add(1);
            let next = Standing { revision, terms, status: InvitationStatus::Sent };
            Ok(Some((next, place(vec![Effect::Tell(Occasion::Amended)]))))
        }
        Act::Withdraw { reason } => {
            check_words(&reason)?;
            let effects = place(vec![Effect::CancelCode, Effect::Tell(Occasion::Withdrawn)]);
            to(InvitationStatus::Withdrawn { reason }, effects)
        }
        Act::Expire => match expires(standing) {
            Some(end) if end <= now => to(InvitationStatus::Expired, vec![Effect::CancelCode]),
            Some(_) | None => Ok(None),
        },
    }
}

/// What a side may do now, for the buttons.
pub fn allowed(status: &InvitationStatus, side: Side) -> Allowed {
    let open = matches!(
        status,
        InvitationStatus::Sent | InvitationStatus::Accepted | InvitationStatus::MoveAsked { .. }
    );
    match side {
        Side::Recruiter => Allowed { amend: open, withdraw: open, ..Allowed::default() },
        Side::Candidate => Allowed {
            accept: open && *status != InvitationStatus::Accepted,
            decline: open,
            ask_to_move: open,
            ..Allowed::default()
        },
    }
}

/// Which buttons there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "five buttons")]
pub struct Allowed {
    pub accept: bool,
    pub decline: bool,
    pub ask_to_move: bool,
    pub amend: bool,
    pub withdraw: bool,
}

fn check_words(text: &str) -> Result<(), Problem> {
    if text.chars().count() > TEXT_MAX_CHARS { Err(ProblemCode::TextTooLong.into()) } else { Ok(()) }
}
