//! Search over the names of employers and the titles of positions.
//!
//! Every stand has its names and titles in one column in the form they are compared in, and a row for
//! each character and each pair of neighbouring characters in them, in the page's order. One or two
//! characters are looked up in those rows directly; longer texts by their rarest pair, and each stand
//! that has it is read. So one index answers for every length (FTS5's trigrams need three), gives a
//! page's worth and stops, and never leaves its fair.

use super::super::row::failed;
use crate::store::{Stored, name_key};
use miantan_domain::ids::{EmployerId, FairId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// Pairs of a search text that are counted to find the rarest.
const PAIRS_COUNTED: usize = 12;

/// Every character and pair of neighbours of one line.
fn grams(line: &str) -> impl Iterator<Item = &str> {
    let starts = || line.char_indices().map(|(at, c)| (at, at + c.len_utf8()));
    let pairs = starts().zip(starts().skip(1)).map(|((from, _), (_, to))| &line[from..to]);
    starts().map(|(from, to)| &line[from..to]).chain(pairs)
}

/// The row to look a text up by; `None`: nothing in this fair can contain it. `text` is a
/// [`name_key`] and not empty.
pub(super) fn rarest(c: &Connection, fair: FairId, text: &str) -> Stored<Option<String>> {
    let pairs: Vec<&str> = grams(text).filter(|gram| gram.chars().nth(1).is_some()).collect();
    if pairs.len() < 2 {
        return Ok(Some(text.to_owned()));
    }
    let mut count =
        c.prepare_cached("SELECT count(*) FROM stand_gram WHERE fair = ?1 AND gram = ?2").map_err(failed)?;
    let mut rarest = None;
    for pair in pairs.into_iter().take(PAIRS_COUNTED) {
        let stands: i64 = count.query_row(params![fair.0.as_bytes(), pair], |r| r.get(0)).map_err(failed)?;
        if stands == 0 {
            return Ok(None);
        }
        if rarest.is_none_or(|(fewest, _)| stands < fewest) {
            rarest = Some((stands, pair));
        }
    }
    Ok(rarest.map(|(_, pair)| pair.to_owned()))
}

/// Brings a stand's rows up to date, in the transaction of the change.
pub(super) fn reindex(c: &Connection, fair: FairId, employer: EmployerId) -> Stored<()> {
    let (stand_fair, stand_employer) = (fair.0.as_bytes(), employer.0.as_bytes());
    let stand = c
        .prepare_cached(
            "SELECT e.name, x.short, x.place, x.words FROM exhibitor AS x JOIN employer AS e ON e.id = x.employer
             WHERE x.fair = ?1 AND x.employer = ?2",
        )
        .map_err(failed)?
        .query_row(params![stand_fair, stand_employer], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get::<_, i64>(2)?, r.get::<_, String>(3)?))
        })
        .optional()
        .map_err(failed)?;
    let Some((name, short, place, before)) = stand else { return Ok(()) };
    let mut titles = c
        .prepare_cached("SELECT title FROM position WHERE fair = ?1 AND employer = ?2 ORDER BY place")
        .map_err(failed)?;
    let titles = titles.query_map([stand_fair, stand_employer], |r| r.get::<_, String>(0)).map_err(failed)?;
    let mut lines: Vec<String> = Vec::new();
    for text in [Ok(name), Ok(short)].into_iter().chain(titles) {
        let line = name_key(&text.map_err(failed)?);
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    let words = lines.join("\n");
    if words == before {
        return Ok(());
    }
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        c.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed)
    };
    run(
        "UPDATE exhibitor SET words = ?3 WHERE fair = ?1 AND employer = ?2",
        &[stand_fair, stand_employer, &words],
    )?;
    run("DELETE FROM stand_gram WHERE fair = ?1 AND employer = ?2", &[stand_fair, stand_employer])?;
    let all: BTreeSet<&str> = lines.iter().flat_map(|line| grams(line)).collect();
    for gram in all {
        run(
            "INSERT INTO stand_gram (fair, gram, place, employer) VALUES (?1, ?2, ?3, ?4)",
            &[stand_fair, &gram, &place, stand_employer],
        )?;
    }
    Ok(())
}

/// After an employer's name changed: all of its stands.
pub(in super::super) fn reindex_employer(c: &Connection, employer: EmployerId) -> Stored<()> {
    let fairs =
        stands(c, "SELECT fair, employer FROM exhibitor WHERE employer = ?1", &[employer.0.as_bytes()])?;
    fairs.into_iter().try_for_each(|(fair, employer)| reindex(c, fair, employer))
}

/// Stands from before there was a search.
pub(in super::super) fn index_missing(c: &Connection) -> Stored<()> {
    let missing = stands(c, "SELECT fair, employer FROM exhibitor WHERE words = ''", &[])?;
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = c.unchecked_transaction().map_err(failed)?;
    missing.into_iter().try_for_each(|(fair, employer)| reindex(c, fair, employer))?;
    transaction.commit().map_err(failed)
}

fn stands(c: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Stored<Vec<(FairId, EmployerId)>> {
    let mut statement = c.prepare_cached(sql).map_err(failed)?;
    let rows = statement
        .query_map(values, |r| Ok((FairId(super::id(r, 0)?), EmployerId(super::id(r, 1)?))))
        .map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_pairs_of_a_line() {
        let of = |line| grams(line).collect::<Vec<_>>();
        assert_eq!(of("php工程"), ["p", "h", "p", "工", "程", "ph", "hp", "p工", "工程"]);
        assert_eq!(of("工"), ["工"]);
        assert_eq!(of(""), Vec::<&str>::new());
    }
}
