//! Invitations: the round of the day, the code, the ticket.

use super::state::Row;
use crate::store::sqlite::row::{failed, id, json};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::invitation::{self, Effect, Standing};
use miantan_domain::rules::talk::Decision;
use miantan_domain::time::WallTime;
use miantan_domain::wire::{Problem, ProblemCode};
use rusqlite::{Connection, OptionalExtension, params};

/// A code opens so long before the appointment, in ms, and so long after its end: interviews run late.
const OPENS_BEFORE_MS: i64 = 24 * 3_600_000;
const OPEN_AFTER_MS: i64 = 4 * 3_600_000;
/// A round that is made for an invitation lasts from 8 to 20 o'clock at least, in ms of its day.
const DAY_FROM_MS: i64 = 8 * 3_600_000;
const DAY_TO_MS: i64 = 20 * 3_600_000;
/// How long it rings in such a round, and how long a place is kept.
const RING_MS: i64 = 45_000;
const GRACE_MS: i64 = 600_000;

/// Where an appointment takes place, found out before anything is written.
pub(super) struct Place {
    round: RoundId,
    /// None: the round is there already.
    make: Option<String>,
    /// The round from then to then; another than before: it is made longer.
    span: (WallTime, WallTime),
    longer: bool,
    /// A new invitation's ticket and code.
    ticket: TicketId,
    code: Option<(u32, Mac)>,
}

/// A round as invitations look at it.
struct Found {
    id: RoundId,
    starts: WallTime,
    ends: WallTime,
}

fn round_by_id(c: &Connection, employer: EmployerId, round: RoundId) -> Stored<Option<Found>> {
    c.prepare_cached("SELECT id, starts, ends FROM round WHERE id = ?1 AND employer = ?2")
        .and_then(|mut s| s.query_row(params![round.0.as_bytes(), employer.0.as_bytes()], found).optional())
        .map_err(failed)
}

/// The employer's round of a day: the one that holds the time rather than another, and none that is over.
fn round_of_day(
    c: &Connection,
    employer: EmployerId,
    day: (WallTime, WallTime),
    at: WallTime,
) -> Stored<Option<Found>> {
    c.prepare_cached(
        "SELECT id, starts, ends FROM round AS r
         WHERE employer = ?1 AND starts >= ?2 AND starts < ?3
           AND NOT EXISTS (SELECT 1 FROM round_event AS v WHERE v.round = r.id
               AND v.event LIKE '%\"event\":\"stage_moved\"%' AND v.event LIKE '%\"to\":\"closed\"%')
         ORDER BY starts <= ?4 AND ends > ?4 DESC, starts, id LIMIT 1",
    )
    .and_then(|mut s| s.query_row(params![employer.0.as_bytes(), day.0.0, day.1.0, at.0], found).optional())
    .map_err(failed)
}

fn found(r: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { id: RoundId(id(r, 0)?), starts: WallTime(r.get(1)?), ends: WallTime(r.get(2)?) })
}

/// Where the decided terms take place; `None`: they are as they were.
pub(super) fn place(
    c: &Connection,
    row: &Row,
    decision: &Decision,
    before: Option<&Standing>,
    plan: Option<&InvitationPlan>,
) -> Stored<Result<Option<Place>, Problem>> {
    let Some((invitation, standing, _)) = &decision.invitation else { return Ok(Ok(None)) };
    if before.is_some_and(|before| before.revision == standing.revision) {
        return Ok(Ok(None));
    }
    let Some(plan) = plan else {
        return Err(StoreError::Failed("an invitation without a plan".into()));
    };
    let (terms, day, employer) = (&standing.terms, plan.day, row.parties.employer);
    let bad = |detail: &str| Ok(Err(Problem::new(ProblemCode::InvitationTermsBad, detail)));
    let there = match terms.round {
        Some(round) => {
            let Some(there) = round_by_id(c, employer, round)? else {
                return Ok(Err(ProblemCode::NotFound.into()));
            };
            if there.ends <= day.0 || there.starts >= day.1 {
                return bad("the round is on another day");
            }
            Some(there)
        }
        None => round_of_day(c, employer, day, terms.starts)?,
    };
    let new = before.is_none();
    let code = if new { free_code(c, *invitation, plan)? } else { None };
    if new && code.is_none() {
        return Ok(Err(Problem::new(ProblemCode::InvitationChanged, "the invitation's id is taken")));
    }
    let (round, make, own) = if let Some(found) = there {
        (found.id, None, (found.starts, found.ends))
    } else {
        let span = (day.0.after(DAY_FROM_MS), day.0.after(DAY_TO_MS));
        (plan.round, Some(plan.round_name.clone()), span)
    };
    let span = (own.0.min(terms.starts), own.1.max(terms.ends()));
    let longer = make.is_none() && span != own;
    Ok(Ok(Some(Place { round, make, span, longer, ticket: plan.ticket, code })))
}

/// The first of the invitation's codes that nobody has; `None`: the id is another's.
fn free_code(c: &Connection, invitation: InvitationId, plan: &InvitationPlan) -> Stored<Option<(u32, Mac)>> {
    let taken = |sql: &str, value: &[u8]| {
        c.prepare_cached(sql).and_then(|mut s| s.query_row([value], |r| r.get::<_, bool>(0))).map_err(failed)
    };
    if taken("SELECT EXISTS (SELECT 1 FROM invitation WHERE id = ?1)", invitation.0.as_bytes())? {
        return Ok(None);
    }
    for (number, code) in (0..).zip(&plan.codes) {
        if !taken("SELECT EXISTS (SELECT 1 FROM invitation WHERE code = ?1)", code)? {
            return Ok(Some((number, *code)));
        }
    }
    Err(StoreError::Conflict("every code of the invitation is taken".into()))
}

/// Keeps how an invitation stands now. Answers with the round that was made longer for it.
pub(super) fn keep(
    c: &Connection,
    row: &Row,
    invitation: InvitationId,
    standing: &Standing,
    place: Option<Place>,
    now: WallTime,
) -> Stored<Option<RoundId>> {
    let code = place.as_ref().and_then(|place| place.code);
    let longer = place.as_ref().filter(|place| place.longer).map(|place| place.round);
    if let Some(place) = place {
        keep_round(c, row, &place)?;
        keep_appointment(c, row, invitation, standing, &place, now)?;
    }
    let (terms, text) = (&standing.terms, json(standing)?);
    let due = invitation::expires(standing).map_or(0, |at| at.0);
    let status = status(&standing.status);
    if let Some((code, _)) = code {
        c.prepare_cached(
            "INSERT INTO talk_invitation (invitation, talk, standing, status, starts, ends, sent, due, code)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .and_then(|mut s| {
            let (id, ends) = (invitation.0.as_bytes(), terms.ends().0);
            s.execute(params![id, row.key, text, status, terms.starts.0, ends, now.0, due, code])
        })
        .map_err(failed)?;
    } else {
        c.prepare_cached(
            "UPDATE talk_invitation SET standing = ?2, status = ?3, starts = ?4, ends = ?5, due = ?6
             WHERE invitation = ?1",
        )
        .and_then(|mut s| {
            let (id, ends) = (invitation.0.as_bytes(), terms.ends().0);
            s.execute(params![id, text, status, terms.starts.0, ends, due])
        })
        .map_err(failed)?;
    }
    Ok(longer)
}

fn keep_round(c: &Connection, row: &Row, place: &Place) -> Stored<()> {
    let (round, (starts, ends)) = (place.round.0.as_bytes(), place.span);
    if let Some(name) = &place.make {
        let stages = json(&[Stage::Interview, Stage::Announcement, Stage::Closed])?;
        c.prepare_cached(
            "INSERT INTO round (id, employer, name, stages, starts, ends, identity, ring_ms, grace_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'not_required', ?7, ?8)",
        )
        .and_then(|mut s| {
            let employer = row.parties.employer.0.as_bytes();
            s.execute(params![round, employer, name, stages, starts.0, ends.0, RING_MS, GRACE_MS])
        })
        .map_err(failed)?;
    } else if place.longer {
        c.prepare_cached("UPDATE round SET starts = ?2, ends = ?3 WHERE id = ?1")
            .and_then(|mut s| s.execute(params![round, starts.0, ends.0]))
            .map_err(failed)?;
    }
    Ok(())
}

/// The row that the code opens.
fn keep_appointment(
    c: &Connection,
    row: &Row,
    invitation: InvitationId,
    standing: &Standing,
    place: &Place,
    now: WallTime,
) -> Stored<()> {
    let (id, round) = (invitation.0.as_bytes(), place.round.0.as_bytes());
    let starts = standing.terms.starts;
    let opens = starts.after(-OPENS_BEFORE_MS).min(place.span.0).max(now);
    let expires = standing.terms.ends().max(place.span.1).after(OPEN_AFTER_MS);
    if let Some((_, code)) = &place.code {
        let title: Option<String> = c
            .prepare_cached("SELECT title FROM application WHERE talk = ?1 ORDER BY at DESC, id DESC LIMIT 1")
            .and_then(|mut s| s.query_row([row.key], |r| r.get(0)).optional())
            .map_err(failed)?;
        c.prepare_cached(
            "INSERT INTO invitation (id, round, candidate, ticket, position, code, appointed, opens, expires)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .and_then(|mut s| {
            s.execute(params![
                id,
                round,
                row.parties.candidate.0.as_bytes(),
                place.ticket.0.as_bytes(),
                title.unwrap_or_default(),
                code,
                starts.0,
                opens.0,
                expires.0
            ])
        })
        .map_err(failed)?;
    } else {
        c.prepare_cached(
            "UPDATE invitation SET round = ?2, appointed = ?3, opens = ?4, expires = ?5 WHERE id = ?1",
        )
        .and_then(|mut s| s.execute(params![id, round, starts.0, opens.0, expires.0]))
        .map_err(failed)?;
    }
    Ok(())
}

/// Whether an effect closes the code.
pub(super) fn close_code(c: &Connection, invitation: InvitationId, effects: &[Effect]) -> Stored<()> {
    if effects.contains(&Effect::CancelCode) {
        c.prepare_cached("UPDATE invitation SET cancelled = 1 WHERE id = ?1")
            .and_then(|mut s| s.execute([invitation.0.as_bytes()]))
            .map_err(failed)?;
    }
    Ok(())
}

const fn status(status: &InvitationStatus) -> &'static str {
    match status {
        InvitationStatus::Sent => "sent",
        InvitationStatus::Accepted => "accepted",
        InvitationStatus::Declined { .. } => "declined",
        InvitationStatus::MoveAsked { .. } => "move_asked",
        InvitationStatus::Withdrawn { .. } => "withdrawn",
        InvitationStatus::Expired => "expired",
    }
}
