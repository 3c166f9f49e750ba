//! [`Rounds`] in SQLite.

use super::Sqlite;
use super::row::{failed, from_json, from_name, id, json, person};
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::{RoundInfo, Side};
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Columns of [`round_info`], from `round AS r JOIN employer AS e`.
pub(super) const ROUND_COLUMNS: &str =
    "r.id, r.name, e.name, r.stages, r.starts, r.ends, r.identity, r.ring_ms, r.grace_ms";

/// A [`RoundInfo`] from [`ROUND_COLUMNS`] that start at `first`.
pub(super) fn round_info(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<RoundInfo> {
    Ok(RoundInfo {
        id: RoundId(id(row, first)?),
        name: row.get(first + 1)?,
        employer: row.get(first + 2)?,
        stages: from_json(row, first + 3)?,
        starts: WallTime(row.get(first + 4)?),
        ends: WallTime(row.get(first + 5)?),
        identity: from_name(row, first + 6)?,
        ring_ms: row.get::<_, i64>(first + 7)? as u64,
        grace_ms: row.get::<_, i64>(first + 8)? as u64,
    })
}

fn numbered(row: &rusqlite::Row<'_>) -> rusqlite::Result<Numbered> {
    Ok(Numbered { seq: row.get::<_, i64>(0)? as u64, at: WallTime(row.get(1)?), event: from_json(row, 2)? })
}

fn events(c: &Connection, round: RoundId, since: u64, limit: i64) -> Stored<Vec<Numbered>> {
    let mut statement = c
        .prepare_cached(
            "SELECT seq, at, event FROM round_event WHERE round = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )
        .map_err(failed)?;
    let since = i64::try_from(since).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![round.0.as_bytes(), since, limit], numbered).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

/// Appends events to a round's log; the first must follow the last one stored.
pub(super) fn append(c: &Connection, round: RoundId, new: &[Numbered]) -> Stored<()> {
    if new.is_empty() {
        return Ok(());
    }
    let mut last: i64 = c
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM round_event WHERE round = ?1")
        .and_then(|mut s| s.query_row([round.0.as_bytes()], |r| r.get(0)))
        .map_err(failed)?;
    let mut insert = c
        .prepare_cached("INSERT INTO round_event (round, seq, at, event) VALUES (?1, ?2, ?3, ?4)")
        .map_err(failed)?;
    for Numbered { seq, at, event } in new {
        last += 1;
        if i64::try_from(*seq).ok() != Some(last) {
            return Err(StoreError::Conflict(format!("event {seq} where {last} is next")));
        }
        insert.execute(params![round.0.as_bytes(), last, at.0, json(event)?]).map_err(failed)?;
    }
    Ok(())
}

/// Ends calls: their slots are free and their ids take none again.
fn free(c: &Connection, calls: &[CallId]) -> Stored<()> {
    for call in calls {
        c.prepare_cached("DELETE FROM call_slot WHERE call = ?1")
            .and_then(|mut s| s.execute([call.0.as_bytes()]))
            .map_err(failed)?;
        c.prepare_cached("UPDATE call SET over = 1 WHERE id = ?1")
            .and_then(|mut s| s.execute([call.0.as_bytes()]))
            .map_err(failed)?;
    }
    Ok(())
}

fn claim(c: &Connection, claim: SlotClaim) -> Stored<Claimed> {
    let known: Option<bool> = c
        .prepare_cached("SELECT over FROM call WHERE id = ?1")
        .and_then(|mut s| s.query_row([claim.call.0.as_bytes()], |r| r.get(0)).optional())
        .map_err(failed)?;
    if known == Some(true) {
        return Err(StoreError::Conflict("the call is over".into()));
    }
    // a ticket's log may name a candidate by an id of before
    let candidate = super::candidates::now_called(c, claim.candidate)?;
    let sides =
        [(Side::Candidate, Person::Candidate(candidate)), (Side::Recruiter, Person::Member(claim.member))];
    for (side, who) in sides {
        let holder: Option<(Uuid, i64)> = c
            .prepare_cached("SELECT call, lease_until FROM call_slot WHERE person = ?1")
            .and_then(|mut s| s.query_row([person(who)], |r| Ok((id(r, 0)?, r.get(1)?))).optional())
            .map_err(failed)?;
        match holder {
            Some((call, _)) if call == claim.call.0 => {}
            Some((_, lease)) if lease > claim.now.0 => return Ok(Claimed::Busy(side)),
            Some((call, _)) => free(c, &[CallId(call)])?,
            None => {}
        }
    }
    c.prepare_cached(
        "INSERT OR IGNORE INTO call (id, round, candidate, member, claimed) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .and_then(|mut s| {
        s.execute(params![
            claim.call.0.as_bytes(),
            claim.round.0.as_bytes(),
            claim.candidate.0.as_bytes(),
            claim.member.0.as_bytes(),
            claim.now.0
        ])
    })
    .map_err(failed)?;
    for (_, who) in sides {
        // the primary key is what keeps a person out of two calls; the look above only names the side
        let taken = c
            .prepare_cached(
                "INSERT INTO call_slot (person, call, lease_until) VALUES (?1, ?2, ?3)
                 ON CONFLICT (person) DO UPDATE SET lease_until = excluded.lease_until WHERE call = excluded.call",
            )
            .and_then(|mut s| s.execute(params![person(who), claim.call.0.as_bytes(), claim.lease_until.0]))
            .map_err(failed)?;
        if taken != 1 {
            return Err(StoreError::Conflict("a call slot is taken".into()));
        }
    }
    Ok(Claimed::Yes)
}

#[async_trait]
impl Rounds for Sqlite {
    async fn load(&self, round: RoundId) -> Stored<Option<StoredRound>> {
        self.read(move |c| {
            let head = c
                .prepare_cached(&format!(
                    "SELECT r.employer, {ROUND_COLUMNS} FROM round AS r JOIN employer AS e ON e.id = r.employer
                     WHERE r.id = ?1"
                ))
                .and_then(|mut s| {
                    s.query_row([round.0.as_bytes()], |r| Ok((EmployerId(id(r, 0)?), round_info(r, 1)?))).optional()
                })
                .map_err(failed)?;
            let Some((employer, info)) = head else { return Ok(None) };
            Ok(Some(StoredRound { info, employer, events: events(c, round, 0, -1)? }))
        })
        .await
    }

    async fn owner(&self, round: RoundId) -> Stored<Option<EmployerId>> {
        self.read(move |c| {
            c.prepare_cached("SELECT employer FROM round WHERE id = ?1")
                .and_then(|mut s| s.query_row([round.0.as_bytes()], |r| id(r, 0)).optional())
                .map(|found| found.map(EmployerId))
                .map_err(failed)
        })
        .await
    }

    async fn of_employer(&self, employer: EmployerId, from: WallTime, to: WallTime) -> Stored<Vec<RoundId>> {
        self.read(move |c| {
            let mut statement = c
                .prepare_cached(
                    "SELECT id FROM round WHERE employer = ?1 AND starts < ?3 AND ends > ?2 ORDER BY starts, name, id",
                )
                .map_err(failed)?;
            let rows = statement
                .query_map(params![employer.0.as_bytes(), from.0, to.0], |r| id(r, 0).map(RoundId))
                .map_err(failed)?;
            rows.collect::<Result<_, _>>().map_err(failed)
        })
        .await
    }

    async fn events_since(&self, round: RoundId, since: u64, limit: u32) -> Stored<Vec<Numbered>> {
        self.read(move |c| events(c, round, since, i64::from(limit))).await
    }

    async fn commit(&self, commit: RoundCommit) -> Stored<()> {
        self.write(move |c| {
            append(c, commit.round, &commit.events)?;
            if let Some(answer) = &commit.answer {
                c.prepare_cached("INSERT INTO answer (who, change, at, result) VALUES (?1, ?2, ?3, ?4)")
                    .and_then(|mut s| {
                        let result = json(&answer.result)
                            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
                        s.execute(params![
                            person(answer.who),
                            answer.change.0.as_bytes(),
                            answer.at.0,
                            result
                        ])
                    })
                    .map_err(failed)?;
            }
            free(c, &commit.free)
        })
        .await
    }

    async fn answer_of(&self, who: Person, change: ChangeId) -> Stored<Option<Result<u64, Problem>>> {
        self.read(move |c| {
            c.prepare_cached("SELECT result FROM answer WHERE who = ?1 AND change = ?2")
                .and_then(|mut s| {
                    s.query_row(params![person(who), change.0.as_bytes()], |r| from_json(r, 0)).optional()
                })
                .map_err(failed)
        })
        .await
    }

    async fn claim_slots(&self, wanted: SlotClaim) -> Stored<Claimed> {
        self.write(move |c| claim(c, wanted)).await
    }

    async fn renew_slots(&self, calls: Vec<CallId>, lease_until: WallTime) -> Stored<()> {
        self.write(move |c| {
            for call in calls {
                c.prepare_cached("UPDATE call_slot SET lease_until = ?2 WHERE call = ?1")
                    .and_then(|mut s| s.execute(params![call.0.as_bytes(), lease_until.0]))
                    .map_err(failed)?;
            }
            Ok(())
        })
        .await
    }

    async fn free_slots(&self, calls: Vec<CallId>) -> Stored<()> {
        self.write(move |c| free(c, &calls)).await
    }

    async fn with_slots(&self) -> Stored<Vec<RoundId>> {
        self.read(|c| {
            let mut statement = c
                .prepare_cached(
                    "SELECT DISTINCT call.round FROM call_slot JOIN call ON call.id = call_slot.call",
                )
                .map_err(failed)?;
            let rows = statement.query_map([], |r| id(r, 0).map(RoundId)).map_err(failed)?;
            rows.collect::<Result<_, _>>().map_err(failed)
        })
        .await
    }

    async fn free_stale_slots(&self, open: Vec<CallId>) -> Stored<u64> {
        self.write(move |c| {
            let held: Vec<CallId> = c
                .prepare_cached("SELECT DISTINCT call FROM call_slot")
                .and_then(|mut s| s.query_map([], |r| id(r, 0).map(CallId))?.collect())
                .map_err(failed)?;
            let open: BTreeSet<CallId> = open.into_iter().collect();
            let stale: Vec<CallId> = held.into_iter().filter(|call| !open.contains(call)).collect();
            free(c, &stale)?;
            Ok(stale.len() as u64)
        })
        .await
    }
}
