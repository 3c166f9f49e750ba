//! Who looked at a fair and who follows it: rows of HMACs, each person counted once.

use super::super::row::failed;
use crate::store::{Mac, Stored};
use miantan_domain::ids::FairId;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, ToSql};
use std::collections::{HashMap, HashSet};

/// Views noted and not yet written: per fair, each person's names.
pub(super) type Views = HashMap<FairId, HashSet<Vec<Mac>>>;

fn run(c: &Connection, sql: &str, values: &[&dyn ToSql]) -> Stored<usize> {
    c.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed)
}

fn knows(c: &Connection, sql: &str, fair: FairId, names: &[Mac]) -> Stored<bool> {
    let mut statement = c.prepare_cached(sql).map_err(failed)?;
    for name in names {
        if statement.exists([&fair.0.as_bytes()[..], &name[..]]).map_err(failed)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes views. Those of fairs that are gone are gone as well.
pub(super) fn write_views(c: &Connection, views: &Views) -> Stored<()> {
    for (fair, persons) in views {
        let mut new = 0;
        for names in persons {
            let known = knows(c, "SELECT 1 FROM fair_view WHERE fair = ?1 AND person = ?2", *fair, names)?;
            for name in names {
                run(
                    c,
                    "INSERT OR IGNORE INTO fair_view (fair, person) SELECT id, ?2 FROM fair WHERE id = ?1",
                    &[fair.0.as_bytes(), name],
                )?;
            }
            new += i64::from(!known && !names.is_empty());
        }
        if new > 0 {
            run(c, "UPDATE fair SET views = views + ?2 WHERE id = ?1", &[fair.0.as_bytes(), &new])?;
        }
    }
    Ok(())
}

pub(super) fn forget_viewers(c: &Connection, ended_before: WallTime) -> Stored<u64> {
    run(c, "DELETE FROM fair_view WHERE fair IN (SELECT id FROM fair WHERE ends < ?1)", &[&ended_before.0])
        .map(|names| names as u64)
}

pub(super) fn follows(c: &Connection, fair: FairId, names: &[Mac]) -> Stored<bool> {
    knows(c, "SELECT 1 FROM fair_follow WHERE fair = ?1 AND person = ?2", fair, names)
}

/// `follow`: names\[0\] stays alone; else none of them.
pub(super) fn set(c: &Connection, fair: FairId, names: &[Mac], follow: bool) -> Stored<bool> {
    if !super::read::exists(c, fair)? {
        return Ok(false);
    }
    let before = follows(c, fair, names)?;
    for name in names {
        run(c, "DELETE FROM fair_follow WHERE fair = ?1 AND person = ?2", &[fair.0.as_bytes(), name])?;
    }
    let kept = names.first().filter(|_| follow);
    if let Some(name) = kept {
        run(c, "INSERT INTO fair_follow (fair, person) VALUES (?1, ?2)", &[fair.0.as_bytes(), name])?;
    }
    let change = i64::from(kept.is_some()) - i64::from(before);
    if change != 0 {
        run(c, "UPDATE fair SET followers = followers + ?2 WHERE id = ?1", &[fair.0.as_bytes(), &change])?;
    }
    Ok(true)
}
