//! What the public reads.

use super::super::row::{failed, id};
use super::search;
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, System};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Counts every change of what the pages show, by triggers.
pub(super) fn version(c: &Connection) -> Stored<i64> {
    c.prepare_cached("SELECT version FROM fair_version WHERE only = 1")
        .and_then(|mut s| s.query_row([], |r| r.get(0)))
        .map_err(failed)
}

fn head(row: &Row<'_>) -> rusqlite::Result<FairHead> {
    let count = |column| row.get::<_, i64>(column).map(|n| n as u64);
    Ok(FairHead {
        id: FairId(id(row, 0)?),
        title: row.get(1)?,
        kind: row.get(2)?,
        starts: WallTime(row.get(3)?),
        ends: WallTime(row.get(4)?),
        city: row.get(5)?,
        district: row.get(6)?,
        venue: row.get(7)?,
        introduction: row.get(8)?,
        views: count(9)?,
        followers: count(10)?,
        employers: count(11)?,
        positions: count(12)?,
    })
}

pub(super) fn heads(c: &Connection) -> Stored<Vec<FairHead>> {
    let mut statement = c
        .prepare_cached(
            "SELECT f.id, f.title, f.kind, f.starts, f.ends, f.city, f.district, f.venue, f.introduction, f.views,
                    f.followers,
                    (SELECT count(*) FROM exhibitor AS x JOIN employer AS e ON e.id = x.employer
                     WHERE x.fair = f.id AND e.approved = 1),
                    (SELECT coalesce(sum((SELECT count(*) FROM position AS p
                                          WHERE p.fair = x.fair AND p.employer = x.employer)), 0)
                     FROM exhibitor AS x JOIN employer AS e ON e.id = x.employer
                     WHERE x.fair = f.id AND e.approved = 1)
             FROM fair AS f ORDER BY f.starts DESC, f.id DESC",
        )
        .map_err(failed)?;
    let rows = statement.query_map([], head).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

/// Views and followers, which change with every visitor and are in no kept page.
pub(super) fn visitors(c: &Connection, heads: Vec<FairHead>) -> Stored<Vec<FairHead>> {
    let mut statement =
        c.prepare_cached("SELECT views, followers FROM fair WHERE id = ?1").map_err(failed)?;
    let mut current = Vec::with_capacity(heads.len());
    for head in heads {
        let counts = statement
            .query_row([head.id.0.as_bytes()], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?)))
            .optional()
            .map_err(failed)?;
        // gone since
        let Some((views, followers)) = counts else { continue };
        current.push(FairHead { views: views as u64, followers: followers as u64, ..head });
    }
    Ok(current)
}

pub(super) fn fairs_of(c: &Connection, employer: EmployerId) -> Stored<Vec<FairId>> {
    let mut statement = c.prepare_cached("SELECT fair FROM exhibitor WHERE employer = ?1").map_err(failed)?;
    let rows = statement.query_map([employer.0.as_bytes()], |r| id(r, 0).map(FairId)).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

fn card(row: &Row<'_>) -> rusqlite::Result<PositionCard> {
    Ok(PositionCard {
        id: PositionId(id(row, 0)?),
        title: row.get(1)?,
        salary: Salary { from: row.get(2)?, to: row.get(3)? },
        city: row.get(4)?,
        openings: row.get(5)?,
        open: row.get(6)?,
        // whoever knows who asks fills it in
        applied: false,
    })
}

fn positions(c: &Connection, fair: FairId, employer: EmployerId, limit: i64) -> Stored<Vec<PositionCard>> {
    let mut statement = c
        .prepare_cached(
            "SELECT id, title, salary_from, salary_to, city, openings, open FROM position
             WHERE fair = ?1 AND employer = ?2 ORDER BY place, id LIMIT ?3",
        )
        .map_err(failed)?;
    let rows = statement
        .query_map(params![fair.0.as_bytes(), employer.0.as_bytes(), limit], card)
        .map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

fn count_positions(c: &Connection, fair: FairId, employer: EmployerId) -> Stored<u32> {
    c.prepare_cached("SELECT count(*) FROM position WHERE fair = ?1 AND employer = ?2")
        .and_then(|mut s| s.query_row(params![fair.0.as_bytes(), employer.0.as_bytes()], |r| r.get(0)))
        .map_err(failed)
}

pub(super) fn exists(c: &Connection, fair: FairId) -> Stored<bool> {
    c.prepare_cached("SELECT EXISTS (SELECT 1 FROM fair WHERE id = ?1)")
        .and_then(|mut s| s.query_row([fair.0.as_bytes()], |r| r.get(0)))
        .map_err(failed)
}

/// The head of a [`StandCard`] and its place.
struct Found {
    cursor: Cursor,
    name: String,
    short: String,
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        cursor: Cursor { place: row.get(0)?, id: id(row, 1)? },
        name: row.get(2)?,
        short: row.get(3)?,
    })
}

/// `query.search` in the form of [`name_key`]; empty: all stands. `None`: no such fair.
pub(super) fn stands(c: &Connection, query: &StandQuery, search: &str) -> Stored<Option<StandList>> {
    if !exists(c, query.fair)? {
        return Ok(None);
    }
    let fair = query.fair.0.as_bytes();
    let after = query.after.unwrap_or(Cursor { place: i64::MIN, id: uuid::Uuid::nil() });
    let limit = query.limit as usize;
    let one_more = i64::from(query.limit) + 1;
    let mut found: Vec<Found> = if search.is_empty() {
        let mut statement = c
            .prepare_cached(
                "SELECT x.place, x.employer, e.name, x.short
                 FROM exhibitor AS x JOIN employer AS e ON e.id = x.employer
                 WHERE x.fair = ?1 AND (x.place, x.employer) > (?2, ?3) AND e.approved = 1
                 ORDER BY x.place, x.employer LIMIT ?4",
            )
            .map_err(failed)?;
        let rows = statement
            .query_map(params![fair, after.place, after.id.as_bytes(), one_more], found)
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)?
    } else {
        let Some(gram) = search::rarest(c, query.fair, search)? else {
            return Ok(Some(StandList::default()));
        };
        let mut statement = c
            .prepare_cached(
                "SELECT g.place, g.employer, e.name, x.short
                 FROM stand_gram AS g
                 CROSS JOIN exhibitor AS x ON x.fair = g.fair AND x.employer = g.employer
                 CROSS JOIN employer AS e ON e.id = g.employer
                 WHERE g.fair = ?1 AND g.gram = ?5 AND (g.place, g.employer) > (?2, ?3)
                       AND instr(x.words, ?6) > 0 AND e.approved = 1
                 ORDER BY g.place, g.employer LIMIT ?4",
            )
            .map_err(failed)?;
        let rows = statement
            .query_map(params![fair, after.place, after.id.as_bytes(), one_more, gram, search], found)
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)?
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let next = more.then(|| found.last().map(|last| last.cursor)).flatten();
    let items = found.into_iter().map(|one| stand_card(c, query.fair, one, search));
    Ok(Some(StandList { items: items.collect::<Stored<_>>()?, next }))
}

fn stand_card(c: &Connection, fair: FairId, found: Found, search: &str) -> Stored<StandCard> {
    let employer = EmployerId(found.cursor.id);
    let by_name = search.is_empty()
        || name_key(&found.name).contains(search)
        || name_key(&found.short).contains(search);
    let (positions, position_count) = if by_name {
        (positions(c, fair, employer, STAND_CARD_POSITIONS as i64)?, count_positions(c, fair, employer)?)
    } else {
        let mut all = positions(c, fair, employer, -1)?;
        all.retain(|card| name_key(&card.title).contains(search));
        let count = all.len() as u32;
        all.truncate(STAND_CARD_POSITIONS);
        (all, count)
    };
    Ok(StandCard { employer, name: found.name, short: found.short, positions, position_count })
}

pub(super) fn stand(c: &Connection, fair: FairId, employer: EmployerId) -> Stored<Option<Stand>> {
    let found = c
        .prepare_cached(
            "SELECT f.title, e.name, x.short, x.introduction
             FROM exhibitor AS x JOIN fair AS f ON f.id = x.fair JOIN employer AS e ON e.id = x.employer
             WHERE x.fair = ?1 AND x.employer = ?2 AND e.approved = 1",
        )
        .map_err(failed)?
        .query_row(params![fair.0.as_bytes(), employer.0.as_bytes()], |r| {
            Ok(Stand {
                fair,
                fair_title: r.get(0)?,
                employer,
                name: r.get(1)?,
                short: r.get(2)?,
                introduction: r.get(3)?,
                positions: Vec::new(),
            })
        })
        .optional()
        .map_err(failed)?;
    let Some(mut stand) = found else { return Ok(None) };
    stand.positions = positions(c, fair, employer, -1)?;
    Ok(Some(stand))
}

pub(super) fn position(
    c: &Connection,
    position: PositionId,
    now: WallTime,
) -> Stored<Option<PositionDetails>> {
    c.prepare_cached(
        "SELECT p.id, p.title, p.salary_from, p.salary_to, p.city, p.openings, p.open,
                p.fair, f.title, f.starts, f.ends, p.employer, e.name, p.description, p.requirements
         FROM position AS p JOIN fair AS f ON f.id = p.fair JOIN employer AS e ON e.id = p.employer
         WHERE p.id = ?1 AND e.approved = 1",
    )
    .map_err(failed)?
    .query_row([position.0.as_bytes()], |r| {
        Ok(PositionDetails {
            card: card(r)?,
            fair: FairId(id(r, 7)?),
            fair_title: r.get(8)?,
            fair_open: fair_open(WallTime(r.get(9)?), WallTime(r.get(10)?), now),
            employer: EmployerId(id(r, 11)?),
            employer_name: r.get(12)?,
            description: r.get(13)?,
            requirements: r.get(14)?,
        })
    })
    .optional()
    .map_err(failed)
}

pub(super) fn builds(c: &Connection) -> Stored<Vec<Build>> {
    let mut statement =
        c.prepare_cached("SELECT system, version, size, sha256, file, at FROM build").map_err(failed)?;
    let rows = statement
        .query_map([], |r| {
            Ok(Build {
                system: super::super::row::from_name(r, 0)?,
                version: r.get(1)?,
                size: r.get::<_, i64>(2)? as u64,
                sha256: r.get(3)?,
                file: r.get(4)?,
                at: WallTime(r.get(5)?),
            })
        })
        .map_err(failed)?;
    let mut builds: Vec<Build> = rows.collect::<Result<_, _>>().map_err(failed)?;
    builds.sort_by_key(|build| System::ALL.iter().position(|system| *system == build.system));
    Ok(builds)
}
