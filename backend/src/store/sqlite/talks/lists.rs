//! Lists, histories, marks, times that are taken, reports.

use super::heads::{self, ENTRY_COLUMNS, entry};
use super::state::{Row, mark, side};
use crate::store::sqlite::row::{failed, from_name, id, person};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Busy, MarkChange, ReportLine, TalkCounts};
use rusqlite::{Connection, params};

/// An appointment of an imported invitation has no length: it counts as one so long, in ms.
const IMPORTED_LENGTH_MS: i64 = 30 * 60_000;

pub(super) fn list(c: &Connection, party: Party, query: &TalkQuery) -> Stored<TalkList> {
    let snapshot = c.unchecked_transaction().map_err(failed)?;
    let search = query.search.as_deref().map(name_key).unwrap_or_default();
    let below = query.below.map_or(i64::MAX, |pos| i64::try_from(pos).unwrap_or(i64::MAX));
    let position = query.position.map_or_else(Vec::new, |position| position.0.as_bytes().to_vec());
    let most = i64::from(query.limit) + 1;
    let row = |r: &rusqlite::Row<'_>| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?));
    let found: rusqlite::Result<Vec<(i64, i64)>> = match party {
        Party::Employer(employer) => c
            .prepare_cached(
                "SELECT t.key, t.pos FROM conversation AS t
                 WHERE t.employer = ?1 AND t.pos < ?2 AND (?3 = '' OR t.mark = ?3)
                   AND (?4 = 0 OR t.recruiter_unread > 0)
                   AND (?5 = x'' OR EXISTS (SELECT 1 FROM application AS a WHERE a.talk = t.key AND a.position = ?5))
                   AND (?6 = '' OR instr(t.words, ?6) > 0)
                 ORDER BY t.pos DESC LIMIT ?7",
            )
            .and_then(|mut s| {
                let marked = query.mark.map_or("", mark);
                let values =
                    params![employer.0.as_bytes(), below, marked, query.unread, position, search, most];
                s.query_map(values, row)?.collect()
            }),
        // candidates know no marks
        Party::Candidate(candidate) => c
            .prepare_cached(
                "SELECT t.key, t.candidate_pos FROM conversation AS t JOIN employer AS e ON e.id = t.employer
                 WHERE t.candidate = ?1 AND t.candidate_pos < ?2 AND (?3 = 0 OR t.candidate_unread > 0)
                   AND (?4 = x'' OR EXISTS (SELECT 1 FROM application AS a WHERE a.talk = t.key AND a.position = ?4))
                   AND (?5 = '' OR instr(e.name_key, ?5) > 0)
                 ORDER BY t.candidate_pos DESC LIMIT ?6",
            )
            .and_then(|mut s| {
                let values = params![candidate.0.as_bytes(), below, query.unread, position, search, most];
                s.query_map(values, row)?.collect()
            }),
    };
    let mut found = found.map_err(failed)?;
    let more = found.len() as i64 == most;
    found.truncate(query.limit as usize);
    let next = found.last().filter(|_| more).map(|(_, pos)| *pos as u64);
    let keys: Vec<i64> = found.iter().map(|(key, _)| *key).collect();
    let items = heads::heads(c, &keys, party.side())?;
    let counts = counts(c, party)?;
    drop(snapshot);
    Ok(TalkList { items, next, counts })
}

fn counts(c: &Connection, party: Party) -> Stored<TalkCounts> {
    let (sql, who) = match party {
        Party::Employer(employer) => (
            "SELECT count(*), coalesce(sum(recruiter_unread > 0), 0), coalesce(sum(mark = 'unmarked'), 0),
                    coalesce(sum(mark = 'shortlisted'), 0), coalesce(sum(mark = 'qualified'), 0),
                    coalesce(sum(mark = 'eliminated'), 0)
             FROM conversation WHERE employer = ?1",
            employer.0,
        ),
        Party::Candidate(candidate) => (
            "SELECT count(*), coalesce(sum(candidate_unread > 0), 0), 0, 0, 0, 0
             FROM conversation WHERE candidate = ?1",
            candidate.0,
        ),
    };
    c.prepare_cached(sql)
        .and_then(|mut s| {
            s.query_row([who.as_bytes()], |r| {
                Ok(TalkCounts {
                    all: r.get(0)?,
                    unread: r.get(1)?,
                    unmarked: r.get(2)?,
                    shortlisted: r.get(3)?,
                    qualified: r.get(4)?,
                    eliminated: r.get(5)?,
                })
            })
        })
        .map_err(failed)
}

/// In order.
pub(super) fn entries(c: &Connection, key: i64, stretch: Stretch, limit: u32) -> Stored<Vec<Entry>> {
    let bound = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let (sql, bound) = match stretch {
        Stretch::After(seq) => (
            format!("SELECT {ENTRY_COLUMNS} FROM entry WHERE talk = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"),
            bound(seq),
        ),
        Stretch::Before(seq) => (
            format!(
                "SELECT {ENTRY_COLUMNS} FROM entry WHERE talk = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
            ),
            bound(seq),
        ),
    };
    let mut entries: Vec<Entry> = c
        .prepare_cached(&sql)
        .and_then(|mut s| s.query_map(params![key, bound, limit], entry)?.collect())
        .map_err(failed)?;
    if matches!(stretch, Stretch::Before(_)) {
        entries.reverse();
    }
    Ok(entries)
}

pub(super) fn marks(c: &Connection, key: i64) -> Stored<Vec<MarkChange>> {
    c.prepare_cached("SELECT mark, member, name, at FROM mark_change WHERE talk = ?1 ORDER BY id")
        .and_then(|mut s| {
            s.query_map([key], |r| {
                Ok(MarkChange {
                    mark: from_name(r, 0)?,
                    by: MemberId(id(r, 1)?),
                    name: r.get(2)?,
                    at: WallTime(r.get(3)?),
                })
            })?
            .collect()
        })
        .map_err(failed)
}

/// Accepted invitations of the candidate with whomever; and the employer's own, with whomever.
pub(super) fn busy(c: &Connection, parties: Parties, from: WallTime, to: WallTime) -> Stored<Vec<Busy>> {
    let read = |candidate: bool| {
        move |r: &rusqlite::Row<'_>| {
            Ok(Busy { from: WallTime(r.get(0)?), to: WallTime(r.get(1)?), candidate })
        }
    };
    let mut busy: Vec<Busy> = c
        .prepare_cached(
            "SELECT v.starts, v.ends FROM invitation AS i JOIN talk_invitation AS v ON v.invitation = i.id
             WHERE i.candidate = ?1 AND v.status = 'accepted' AND v.starts < ?3 AND v.ends > ?2
             UNION ALL
             SELECT i.appointed, i.appointed + ?4 FROM invitation AS i
             WHERE i.candidate = ?1 AND i.appointed > 0 AND i.cancelled = 0 AND i.appointed < ?3
               AND i.appointed + ?4 > ?2
               AND NOT EXISTS (SELECT 1 FROM talk_invitation AS v WHERE v.invitation = i.id)",
        )
        .and_then(|mut s| {
            let candidate = parties.candidate.0.as_bytes();
            s.query_map(params![candidate, from.0, to.0, IMPORTED_LENGTH_MS], read(true))?.collect()
        })
        .map_err(failed)?;
    let own: Vec<Busy> = c
        .prepare_cached(
            "SELECT v.starts, v.ends FROM round AS r JOIN invitation AS i ON i.round = r.id
             JOIN talk_invitation AS v ON v.invitation = i.id
             WHERE r.employer = ?1 AND r.starts < ?3 AND r.ends > ?2
               AND v.status = 'accepted' AND v.starts < ?3 AND v.ends > ?2",
        )
        .and_then(|mut s| {
            let employer = parties.employer.0.as_bytes();
            s.query_map(params![employer, from.0, to.0], read(false))?.collect()
        })
        .map_err(failed)?;
    busy.extend(own);
    busy.sort_by_key(|taken| (taken.from, taken.to, taken.candidate));
    busy.dedup();
    Ok(busy)
}

pub(super) fn report(c: &Connection, report: &NewReport) -> Stored<bool> {
    let Some(row) = Row::of(c, report.party, report.conversation)? else { return Ok(false) };
    c.prepare_cached(
        "INSERT OR IGNORE INTO talk_report (id, who, talk, side, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .and_then(|mut s| {
        s.execute(params![
            report.id.0.as_bytes(),
            person(report.person),
            row.key,
            side(report.party.side()),
            report.reason,
            report.at.0
        ])
    })
    .map(|_| true)
    .map_err(failed)
}

pub(super) fn reports(c: &Connection, limit: u32) -> Stored<Vec<ReportLine>> {
    c.prepare_cached(
        "SELECT p.at, p.side, e.name, k.name, t.id, p.reason
         FROM talk_report AS p JOIN conversation AS t ON t.key = p.talk
         JOIN employer AS e ON e.id = t.employer JOIN candidate AS k ON k.id = t.candidate
         ORDER BY p.at DESC LIMIT ?1",
    )
    .and_then(|mut s| {
        s.query_map([limit], |r| {
            Ok(ReportLine {
                at: WallTime(r.get(0)?),
                by: from_name(r, 1)?,
                employer_name: r.get(2)?,
                candidate_name: r.get(3)?,
                conversation: ConversationId(id(r, 4)?),
                reason: r.get(5)?,
            })
        })?
        .collect()
    })
    .map_err(failed)
}
