//! Limits on guessing, the audit of refusals, and tidying, as statements.

use super::row::{failed, person, person_of};
use crate::limits::{Count, Ending};
use crate::store::*;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, OptionalExtension, params};

const DAY_MS: i64 = 86_400_000;

fn key(key: &AttemptKey) -> Vec<u8> {
    match key {
        AttemptKey::Device(device) => [b"d".as_slice(), device.0.as_bytes()].concat(),
        AttemptKey::Address(mac) => [b"a".as_slice(), mac].concat(),
        AttemptKey::Registration(mac) => [b"r".as_slice(), mac].concat(),
    }
}

fn count(c: &Connection, which: &AttemptKey) -> Stored<Count> {
    c.prepare_cached("SELECT failures, last, counted, pending, begun FROM attempt WHERE key = ?1")
        .and_then(|mut s| {
            s.query_row([key(which)], |r| {
                Ok(Count {
                    failures: r.get(0)?,
                    last: WallTime(r.get(1)?),
                    counted: WallTime(r.get(2)?),
                    pending: r.get(3)?,
                    begun: WallTime(r.get(4)?),
                })
            })
            .optional()
        })
        .map(Option::unwrap_or_default)
        .map_err(failed)
}

fn keep(c: &Connection, which: &AttemptKey, count: Count) -> Stored<()> {
    c.prepare_cached(
        "INSERT INTO attempt (key, failures, last, counted, pending, begun) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last = excluded.last,
             counted = excluded.counted, pending = excluded.pending, begun = excluded.begun",
    )
    .and_then(|mut s| {
        s.execute(params![
            key(which),
            count.failures,
            count.last.0,
            count.counted.0,
            count.pending,
            count.begun.0
        ])
    })
    .map(|_| ())
    .map_err(failed)
}

pub(super) fn begin(c: &Connection, keys: &[AttemptKey], now: WallTime) -> Stored<Begin> {
    let mut counts = Vec::with_capacity(keys.len());
    let mut wait = 0;
    for which in keys {
        let count = count(c, which)?;
        wait = wait.max(count.wait(which.rule(), now));
        counts.push(count);
    }
    if wait > 0 {
        return Ok(Begin::Wait(wait));
    }
    for (which, count) in keys.iter().zip(counts) {
        keep(c, which, count.begun(which.rule(), now))?;
    }
    Ok(Begin::Go)
}

pub(super) fn end(c: &Connection, keys: &[AttemptKey], ending: Ending, now: WallTime) -> Stored<()> {
    for which in keys {
        keep(c, which, count(c, which)?.ended(which.rule(), ending, now))?;
    }
    Ok(())
}

pub(super) fn refused(c: &Connection, refusal: &Refusal) -> Stored<()> {
    let minute = refusal.at.0 - refusal.at.0.rem_euclid(60_000);
    let who = refusal.who.map(|who| person(who).to_vec()).unwrap_or_default();
    let address = refusal.address.map(|mac| mac.to_vec()).unwrap_or_default();
    c.prepare_cached(
        "INSERT INTO refusal (minute, action, code, who, address) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (minute, action, code, who, address) DO UPDATE SET count = count + 1",
    )
    .and_then(|mut s| s.execute(params![minute, refusal.action, refusal.code.as_str(), who, address]))
    .map(|_| ())
    .map_err(failed)
}

pub(super) fn refusals(c: &Connection, since: WallTime, limit: u32) -> Stored<Vec<RefusalRow>> {
    let since = since.0 - since.0.rem_euclid(60_000);
    let mut statement = c
        .prepare_cached(
            "SELECT minute, action, code, who, sum(count) FROM refusal WHERE minute >= ?1
             GROUP BY minute, action, code, who ORDER BY minute, action, code, who LIMIT ?2",
        )
        .map_err(failed)?;
    let rows = statement
        .query_map(params![since, limit], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get::<_, Vec<u8>>(3)?, r.get::<_, i64>(4)?))
        })
        .map_err(failed)?;
    rows.map(|row| {
        let (minute, action, code, who, count) = row.map_err(failed)?;
        Ok(RefusalRow { minute: WallTime(minute), action, code, who: person_of(&who)?, count: count as u64 })
    })
    .collect()
}

pub(super) fn tidy(c: &Connection, now: WallTime) -> Stored<Tidied> {
    let gone = |sql: &str, before: i64| -> Stored<u64> {
        c.execute(sql, [before]).map(|n| n as u64).map_err(failed)
    };
    Ok(Tidied {
        sessions: gone(
            "DELETE FROM session WHERE (ended > 0 AND ended < ?1) OR expires < ?1",
            now.0 - 30 * DAY_MS,
        )?,
        // a day without a try: everything is forgotten by then (60 free failures take ten minutes)
        attempts: gone("DELETE FROM attempt WHERE last < ?1 AND begun < ?1", now.0 - DAY_MS)?,
        answers: gone("DELETE FROM answer WHERE at < ?1", now.0 - 7 * DAY_MS)?,
        refusals: gone("DELETE FROM refusal WHERE minute < ?1", now.0 - 180 * DAY_MS)?,
    })
}
