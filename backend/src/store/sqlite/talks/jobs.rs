//! What must still happen outside because of an invitation, as rows written with what asks for it.

use super::heads::{self, Of};
use super::people;
use crate::store::sqlite::row::{failed, from_json, id, json};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::invitation::{Effect, Occasion, REMIND_BEFORE_MS, Standing};
use miantan_domain::time::WallTime;
use rusqlite::{Connection, OptionalExtension, params};

/// Old tasks and changes removed in one go.
const TIDY_AT_ONCE: i64 = 2_000;

/// An invitation's place in a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    round: RoundId,
    ticket: TicketId,
}

pub(super) fn seat(c: &Connection, invitation: InvitationId) -> Stored<Option<Seat>> {
    c.prepare_cached("SELECT round, ticket FROM invitation WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([invitation.0.as_bytes()], |r| {
                Ok(Seat { round: RoundId(id(r, 0)?), ticket: TicketId(id(r, 1)?) })
            })
            .optional()
        })
        .map_err(failed)
}

/// What a change of an invitation brings about.
pub(super) struct Due<'a> {
    /// Where its place was before.
    pub seat: Option<Seat>,
    pub standing: &'a Standing,
    pub effects: &'a [Effect],
    /// A round that was made longer for it.
    pub longer: Option<RoundId>,
}

/// Writes the tasks. The invitation's row is as it is from now on.
pub(super) fn put(c: &Connection, invitation: InvitationId, due: &Due<'_>, now: WallTime) -> Stored<()> {
    let Due { seat: before, standing, effects, longer } = due;
    let (terms, revision) = (&standing.terms, standing.revision);
    if let Some(round) = *longer {
        insert(c, invitation, TalkTask::Reload { round }, now)?;
    }
    for effect in *effects {
        match effect {
            Effect::TakeTicket => {
                if let Some(Seat { round, ticket }) = seat(c, invitation)? {
                    insert(
                        c,
                        invitation,
                        TalkTask::TakeTicket { round, ticket, appointed: terms.starts },
                        now,
                    )?;
                }
                let remind = terms.starts.after(-REMIND_BEFORE_MS);
                if remind > now {
                    insert(c, invitation, TalkTask::Remind { revision }, remind)?;
                }
            }
            Effect::GiveUpTicket => {
                if let Some(Seat { round, ticket }) = *before {
                    insert(c, invitation, TalkTask::GiveUp { round, ticket }, now)?;
                }
            }
            Effect::CancelCode => insert(c, invitation, TalkTask::CodeOver, now)?,
            Effect::Tell(Occasion::Invited | Occasion::Amended) => {
                insert(c, invitation, TalkTask::TellInvited { revision }, now)?;
            }
            Effect::Tell(Occasion::Withdrawn) => insert(c, invitation, TalkTask::TellWithdrawn, now)?,
        }
    }
    Ok(())
}

fn insert(c: &Connection, invitation: InvitationId, task: TalkTask, due: WallTime) -> Stored<()> {
    let task = json(&task)?;
    c.prepare_cached("INSERT INTO talk_job (invitation, task, since, due) VALUES (?1, ?2, ?3, ?3)")
        .and_then(|mut s| s.execute(params![invitation.0.as_bytes(), task, due.0]))
        .map(|_| ())
        .map_err(failed)
}

/// Oldest first.
pub(super) fn due(c: &Connection, now: WallTime, limit: u32) -> Stored<Vec<TalkJob>> {
    c.prepare_cached(
        "SELECT id, invitation, task, since, tries FROM talk_job
         WHERE state = 'waiting' AND due <= ?1 ORDER BY id LIMIT ?2",
    )
    .and_then(|mut s| {
        s.query_map(params![now.0, limit], |r| {
            Ok(TalkJob {
                id: r.get(0)?,
                invitation: InvitationId(id(r, 1)?),
                task: from_json(r, 2)?,
                since: WallTime(r.get(3)?),
                tries: r.get(4)?,
            })
        })?
        .collect()
    })
    .map_err(failed)
}

pub(super) fn end(c: &Connection, job: i64, end: JobEnd, now: WallTime) -> Stored<()> {
    let (state, due, ended) = match end {
        JobEnd::Done => ("done", None, now.0),
        JobEnd::GivenUp => ("given_up", None, now.0),
        JobEnd::Again(at) => ("waiting", Some(at.0), 0),
    };
    c.prepare_cached(
        "UPDATE talk_job SET state = ?2, due = coalesce(?3, due), ended = ?4, tries = tries + 1 WHERE id = ?1",
    )
    .and_then(|mut s| s.execute(params![job, state, due, ended]))
    .map(|_| ())
    .map_err(failed)
}

pub(super) fn next_due(c: &Connection) -> Stored<Option<WallTime>> {
    c.prepare_cached(
        "SELECT min(due) FROM (
             SELECT min(due) AS due FROM talk_job WHERE state = 'waiting'
             UNION ALL SELECT min(due) FROM talk_invitation WHERE due > 0)",
    )
    .and_then(|mut s| s.query_row([], |r| r.get::<_, Option<i64>>(0)))
    .map(|due| due.map(WallTime))
    .map_err(failed)
}

pub(super) fn facts(c: &Connection, invitation: InvitationId) -> Stored<Option<InvitationFacts>> {
    let Some(card) = heads::invitations(c, Of::One(invitation))?.pop() else { return Ok(None) };
    let found = c
        .prepare_cached(
            "SELECT t.employer, k.id, k.name, k.headline, i.position, v.code
             FROM talk_invitation AS v JOIN invitation AS i ON i.id = v.invitation
             JOIN conversation AS t ON t.key = v.talk JOIN candidate AS k ON k.id = i.candidate
             WHERE v.invitation = ?1",
        )
        .and_then(|mut s| {
            s.query_row([invitation.0.as_bytes()], |r| {
                let queue = CandidateCard {
                    id: CandidateId(id(r, 1)?),
                    name: r.get(2)?,
                    headline: r.get(3)?,
                    position: r.get(4)?,
                };
                Ok((EmployerId(id(r, 0)?), queue, r.get(5)?))
            })
            .optional()
        })
        .map_err(failed)?;
    let Some((employer, queue, code)) = found else { return Ok(None) };
    let parties = Parties { employer, candidate: queue.id };
    let phone = people::phone(c, queue.id)?;
    Ok(Some(InvitationFacts { parties, invitation: card, card: queue, code, phone }))
}

pub(super) fn sessions(c: &Connection, invitation: InvitationId) -> Stored<Vec<SessionId>> {
    c.prepare_cached("SELECT id FROM session WHERE invitation = ?1 AND account = 0 AND ended = 0")
        .and_then(|mut s| s.query_map([invitation.0.as_bytes()], |r| r.get(0).map(SessionId))?.collect())
        .map_err(failed)
}

pub(super) fn tidy(c: &Connection, jobs_before: WallTime, changes_before: WallTime) -> Stored<u64> {
    let jobs = c
        .prepare_cached(
            "DELETE FROM talk_job WHERE id IN (
                 SELECT id FROM talk_job WHERE state <> 'waiting' AND ended < ?1 ORDER BY id LIMIT ?2)",
        )
        .and_then(|mut s| s.execute(params![jobs_before.0, TIDY_AT_ONCE]))
        .map_err(failed)?;
    // ids are by age, as far as clients' clocks go: the first ones are the oldest
    let changes = c
        .prepare_cached(
            "DELETE FROM talk_change WHERE (change, who) IN (
                 SELECT change, who FROM talk_change ORDER BY change, who LIMIT ?2) AND at < ?1",
        )
        .and_then(|mut s| s.execute(params![changes_before.0, TIDY_AT_ONCE]))
        .map_err(failed)?;
    Ok((jobs + changes) as u64)
}
