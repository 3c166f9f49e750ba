//! Conversations of a candidate who is called otherwise now, or turned out to be somebody known already.

use super::Memory;
use super::change::tell_heads;
use super::people::renamed;
use super::state::Row;
use crate::store::sqlite::row::{failed, id};
use crate::store::{Parties, Stored, TalkNews};
use miantan_domain::ids::*;
use miantan_domain::model::{Mark, Side};
use rusqlite::{Connection, params};

fn keys(c: &Connection, candidate: CandidateId) -> Stored<Vec<i64>> {
    c.prepare_cached("SELECT key FROM conversation WHERE candidate = ?1 ORDER BY key")
        .and_then(|mut s| s.query_map([candidate.0.as_bytes()], |r| r.get(0))?.collect())
        .map_err(failed)
}

/// The candidate's name, line or conversations changed: both sides are shown them anew.
pub(in crate::store::sqlite) fn changed(
    c: &Connection,
    memory: &Memory,
    candidate: CandidateId,
) -> Stored<Vec<TalkNews>> {
    renamed(c, candidate)?;
    let mut news = Vec::new();
    for key in keys(c, candidate)? {
        let Some(mut row) = Row::by_key(c, key)? else { continue };
        let pos = memory.next_pos(c)?;
        (row.pos, row.candidate_pos) = (pos, pos);
        row.save(c)?;
        tell_heads(c, &row, true, &mut news)?;
    }
    Ok(news)
}

/// `from` and `into` are one person: what `from` said, applied for and was invited to is `into`'s. Where
/// both talked with the same employer at the same fair, one conversation is left, with `from`'s entries
/// after the others. Of two applications for one position the older one of `into` stays.
pub(in crate::store::sqlite) fn merge(c: &Connection, from: CandidateId, into: CandidateId) -> Stored<()> {
    let (old, new) = (from.0.as_bytes(), into.0.as_bytes());
    let run =
        |sql: &str| c.prepare_cached(sql).and_then(|mut s| s.execute([old, new])).map(|_| ()).map_err(failed);
    run("DELETE FROM application WHERE candidate = ?1
         AND position IN (SELECT position FROM application WHERE candidate = ?2)")?;
    for key in keys(c, from)? {
        let Some(row) = Row::by_key(c, key)? else { continue };
        let fair: Option<FairId> = c
            .prepare_cached("SELECT coalesce(fair, x'') FROM conversation WHERE key = ?1")
            .and_then(|mut s| {
                s.query_row([key], |r| {
                    let none = r.get_ref(0)?.as_blob().is_ok_and(<[u8]>::is_empty);
                    if none { Ok(None) } else { id(r, 0).map(|fair| Some(FairId(fair))) }
                })
            })
            .map_err(failed)?;
        let parties = Parties { employer: row.parties.employer, candidate: into };
        match Row::between(c, parties, fair)? {
            Some(kept) => join(c, &row, kept)?,
            None => {
                c.prepare_cached("UPDATE conversation SET candidate = ?2 WHERE key = ?1")
                    .and_then(|mut s| s.execute(params![key, new]))
                    .map_err(failed)?;
            }
        }
    }
    run("UPDATE application SET candidate = ?2 WHERE candidate = ?1")
}

/// Puts a conversation behind another one of the same two sides.
fn join(c: &Connection, row: &Row, mut kept: Row) -> Stored<()> {
    let before = kept.state.last_seq;
    // first: an entry with a file opens the file in the conversation it is in
    c.prepare_cached("UPDATE object SET conversation = ?2 WHERE conversation = ?1")
        .and_then(|mut s| s.execute([row.id.0.as_bytes(), kept.id.0.as_bytes()]))
        .map_err(failed)?;
    c.prepare_cached(
        "INSERT INTO entry (talk, seq, change, side, author, at, body)
         SELECT ?2, seq + ?3, change, side, author, at, body FROM entry WHERE talk = ?1",
    )
    .and_then(|mut s| s.execute(params![row.key, kept.key, before as i64]))
    .map_err(failed)?;
    for table in ["application", "talk_invitation", "mark_change", "talk_report"] {
        c.execute(&format!("UPDATE {table} SET talk = ?2 WHERE talk = ?1"), [row.key, kept.key])
            .map_err(failed)?;
    }
    kept.state.last_seq += row.state.last_seq;
    kept.state.blocked |= row.state.blocked;
    if kept.state.mark == Mark::Unmarked {
        kept.state.mark = row.state.mark;
    }
    kept.count_unread(c, Side::Candidate)?;
    kept.count_unread(c, Side::Recruiter)?;
    kept.save(c)?;
    c.execute("DELETE FROM conversation WHERE key = ?1", [row.key]).map(|_| ()).map_err(failed)
}
