//! An employer's rounds, as it writes them.

use super::super::rounds::{ROUND_COLUMNS, round_info};
use super::super::row::{id, json, name};
use super::{act, one, run};
use crate::store::{By, RoundPut, Stored};
use miantan_domain::ids::{EmployerId, RoundId};
use miantan_domain::model::RoundInfo;
use miantan_domain::wire::rest::RoundEdit;
use rusqlite::Connection;

fn find(c: &Connection, round: RoundId) -> Stored<Option<(EmployerId, RoundInfo)>> {
    one(
        c,
        &format!(
            "SELECT r.employer, {ROUND_COLUMNS} FROM round AS r JOIN employer AS e ON e.id = r.employer
             WHERE r.id = ?1"
        ),
        &[&round.0.as_bytes()],
        |r| Ok((EmployerId(id(r, 0)?), round_info(r, 1)?)),
    )
}

/// Whether more happened in it than that candidates came.
fn has_history(c: &Connection, round: RoundId) -> Stored<bool> {
    let found = one(
        c,
        "SELECT EXISTS (SELECT 1 FROM round_event WHERE round = ?1 AND json_extract(event, '$.event') IN
             ('stage_moved', 'call_started', 'outcome_marked', 'announced'))",
        &[&round.0.as_bytes()],
        |r| r.get(0),
    )?;
    Ok(found == Some(true))
}

pub(super) fn put(
    c: &Connection,
    employer: EmployerId,
    round: RoundId,
    edit: &RoundEdit,
    by: By,
) -> Stored<RoundPut> {
    let before = find(c, round)?;
    // the table wants a grace above 0; a millisecond is none
    let grace = edit.grace_ms.max(1);
    let Some((owner, before)) = before else {
        run(
            c,
            "INSERT INTO round (id, employer, name, stages, starts, ends, identity, ring_ms, grace_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &[
                &round.0.as_bytes(),
                &employer.0.as_bytes(),
                &edit.name,
                &json(&edit.stages)?,
                &edit.starts.0,
                &edit.ends.0,
                &name(&edit.identity)?,
                &(edit.ring_ms as i64),
                &(grace as i64),
            ],
        )?;
        act(c, "round_made", round.0, by)?;
        let made = find(c, round)?.map(|(_, info)| info);
        return Ok(made.map_or(RoundPut::NotOwn, |info| RoundPut::Done { info, changed: false }));
    };
    if owner != employer {
        return Ok(RoundPut::NotOwn);
    }
    let after = RoundInfo {
        id: round,
        name: edit.name.clone(),
        employer: before.employer.clone(),
        stages: edit.stages.clone(),
        starts: edit.starts,
        ends: edit.ends,
        identity: edit.identity,
        ring_ms: edit.ring_ms,
        grace_ms: grace,
    };
    if after == before {
        return Ok(RoundPut::Done { info: after, changed: false });
    }
    let gentle = RoundInfo { name: before.name.clone(), ends: before.ends, ..after.clone() } == before;
    if !gentle && (before.starts <= by.at || has_history(c, round)?) {
        return Ok(RoundPut::Begun);
    }
    run(
        c,
        "UPDATE round SET name = ?2, stages = ?3, starts = ?4, ends = ?5, identity = ?6, ring_ms = ?7, grace_ms = ?8
         WHERE id = ?1",
        &[
            &round.0.as_bytes(),
            &after.name,
            &json(&after.stages)?,
            &after.starts.0,
            &after.ends.0,
            &name(&after.identity)?,
            &(after.ring_ms as i64),
            &(after.grace_ms as i64),
        ],
    )?;
    // codes that are good to the round's end stay good to its end
    run(
        c,
        "UPDATE invitation SET expires = ?3 WHERE round = ?1 AND expires = ?2",
        &[&round.0.as_bytes(), &before.ends.0, &after.ends.0],
    )?;
    act(c, "round_changed", round.0, by)?;
    Ok(RoundPut::Done { info: after, changed: true })
}
