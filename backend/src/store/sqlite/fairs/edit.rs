//! What organisers and employers change. Each runs in the caller's transaction.

use super::super::row::{failed, name};
use super::search;
use crate::store::Stored;
use miantan_domain::ids::*;
use miantan_domain::model::PositionEdit;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, FairEdit, StandEdit};
use rusqlite::{Connection, ToSql};

/// Rows changed.
fn run(c: &Connection, sql: &str, values: &[&dyn ToSql]) -> Stored<usize> {
    c.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed)
}

pub(super) fn fair(c: &Connection, id: FairId, edit: &FairEdit) -> Stored<()> {
    run(
        c,
        "INSERT INTO fair (id, title, kind, starts, ends, city, district, venue, introduction)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET title = ?2, kind = ?3, starts = ?4, ends = ?5, city = ?6, district = ?7,
                                        venue = ?8, introduction = ?9",
        &[
            id.0.as_bytes(),
            &edit.title,
            &edit.kind,
            &edit.starts.0,
            &edit.ends.0,
            &edit.city,
            &edit.district,
            &edit.venue,
            &edit.introduction,
        ],
    )
    .map(drop)
}

/// Also for other changes that bring an employer to a fair. See [`crate::store::Fairs::add_exhibitor`].
pub(in super::super) fn add_exhibitor(c: &Connection, fair: FairId, employer: EmployerId) -> Stored<bool> {
    let (of, who) = (fair.0.as_bytes(), employer.0.as_bytes());
    let there: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM fair WHERE id = ?1) AND EXISTS (SELECT 1 FROM employer WHERE id = ?2)",
        )
        .and_then(|mut s| s.query_row([of, who], |r| r.get(0)))
        .map_err(failed)?;
    if !there {
        return Ok(false);
    }
    run(
        c,
        "INSERT INTO exhibitor (fair, employer, place)
         SELECT ?1, ?2, coalesce(max(place) + 1, 0) FROM exhibitor WHERE fair = ?1
         ON CONFLICT (fair, employer) DO NOTHING",
        &[of, who],
    )?;
    search::reindex(c, fair, employer)?;
    Ok(true)
}

pub(super) fn stand(c: &Connection, fair: FairId, employer: EmployerId, edit: &StandEdit) -> Stored<bool> {
    let changed = run(
        c,
        "UPDATE exhibitor SET short = ?3, introduction = ?4 WHERE fair = ?1 AND employer = ?2",
        &[fair.0.as_bytes(), employer.0.as_bytes(), &edit.short, &edit.introduction],
    )?;
    search::reindex(c, fair, employer)?;
    Ok(changed > 0)
}

pub(super) fn position(
    c: &Connection,
    fair: FairId,
    employer: EmployerId,
    position: PositionId,
    edit: &PositionEdit,
    now: WallTime,
) -> Stored<bool> {
    // "to be agreed" has no beginning either
    let from = if edit.salary.to == 0 { 0 } else { edit.salary.from };
    let changed = run(
        c,
        "INSERT INTO position (id, fair, employer, place, title, salary_from, salary_to, openings, city,
                               description, requirements, open, changed)
         SELECT ?1, x.fair, x.employer,
                (SELECT coalesce(max(p.place) + 1, 0) FROM position AS p
                 WHERE p.fair = x.fair AND p.employer = x.employer),
                ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
         FROM exhibitor AS x WHERE x.fair = ?2 AND x.employer = ?3
         ON CONFLICT (id) DO UPDATE SET title = ?4, salary_from = ?5, salary_to = ?6, openings = ?7, city = ?8,
                                        description = ?9, requirements = ?10, open = ?11, changed = ?12
                          WHERE fair = ?2 AND employer = ?3",
        &[
            position.0.as_bytes(),
            fair.0.as_bytes(),
            employer.0.as_bytes(),
            &edit.title,
            &from,
            &edit.salary.to,
            &edit.openings,
            &edit.city,
            &edit.description,
            &edit.requirements,
            &edit.open,
            &now.0,
        ],
    )?;
    search::reindex(c, fair, employer)?;
    Ok(changed > 0)
}

pub(super) fn build(c: &Connection, build: &Build) -> Stored<()> {
    run(
        c,
        "INSERT INTO build (system, version, size, sha256, file, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (system) DO UPDATE SET version = ?2, size = ?3, sha256 = ?4, file = ?5, at = ?6",
        &[
            &name(&build.system)?,
            &build.version,
            &(build.size as i64),
            &build.sha256,
            &build.file,
            &build.at.0,
        ],
    )
    .map(drop)
}
