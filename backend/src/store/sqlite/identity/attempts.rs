//! Face attempts: counted when they begin, answered at most once, kept as an audit.

use super::{all, one, run};
use crate::store::sqlite::row::{from_json, from_name, id, json, name};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::{Assurance, FaceReason, FaceScores, Nonce};
use miantan_domain::time::WallTime;
use rusqlite::{Connection, Row, ToSql};
use uuid::Uuid;

pub(super) fn of(c: &Connection, ticket: TicketId) -> Stored<Attempts> {
    let found = one(
        c,
        "SELECT count(*), coalesce(max(doubt), 0), coalesce(max(assurance), '') FROM face_attempt WHERE ticket = ?1",
        &[&ticket.0.as_bytes()],
        |r| {
            let passed: String = r.get(2)?;
            let passed = if passed.is_empty() { None } else { from_name::<Assurance>(r, 2).map(Some)? };
            Ok(Attempts { used: r.get(0)?, doubt: r.get(1)?, passed })
        },
    )?;
    Ok(found.unwrap_or_default())
}

fn unanswered(c: &Connection, which: &str, value: &dyn ToSql) -> Stored<()> {
    let sql = format!(
        "UPDATE face_attempt SET state = 'unanswered', reasons = ?2 WHERE state = 'open' AND {which}"
    );
    run(c, &sql, &[value, &json(&[FaceReason::Unanswered])?]).map(drop)
}

pub(super) fn begin(c: &Connection, ask: &AttemptAsk) -> Stored<AttemptBegun> {
    let used = of(c, ask.ticket)?.used;
    if used >= ask.most {
        return Ok(AttemptBegun::Used);
    }
    unanswered(c, "ticket = ?1", &ask.ticket.0.as_bytes())?;
    run(
        c,
        "INSERT INTO face_attempt (nonce, ticket, candidate, device, device_key, issued, models, wanted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            ask.nonce.bytes(),
            &ask.ticket.0.as_bytes(),
            &ask.candidate.0.as_bytes(),
            &ask.device.0.as_bytes(),
            &ask.device_key,
            &ask.now.0,
            &json(&ask.models)?,
            &ask.wanted,
        ],
    )?;
    Ok(AttemptBegun::Yes { left: ask.most - used - 1 })
}

fn scores(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<FaceScores>> {
    let text: String = row.get(column)?;
    if text.is_empty() { Ok(None) } else { from_json(row, column).map(Some) }
}

pub(super) fn one_of(c: &Connection, nonce: &Nonce) -> Stored<Option<AttemptRow>> {
    one(
        c,
        "SELECT ticket, candidate, device_key, issued, models, wanted, state, found, frames, scores, reasons, assurance
         FROM face_attempt WHERE nonce = ?1",
        &[nonce.bytes()],
        |r| {
            let state: String = r.get(6)?;
            let passed: String = r.get(11)?;
            Ok(AttemptRow {
                nonce: *nonce,
                ticket: TicketId(id(r, 0)?),
                candidate: CandidateId(id(r, 1)?),
                device_key: r.get(2)?,
                issued: WallTime(r.get(3)?),
                models: from_json(r, 4)?,
                wanted: r.get(5)?,
                state: match state.as_str() {
                    "open" => AttemptState::Open,
                    "passed" => AttemptState::Passed,
                    "failed" => AttemptState::Failed,
                    // the table allows no other
                    _ => AttemptState::Unanswered,
                },
                found: scores(r, 7)?,
                frames: Uuid::from_slice(&r.get::<_, Vec<u8>>(8)?).ok(),
                scores: scores(r, 9)?,
                reasons: from_json(r, 10)?,
                assurance: if passed.is_empty() { None } else { from_name(r, 11).map(Some)? },
            })
        },
    )
}

pub(super) fn end(c: &Connection, nonce: &Nonce, end: &AttemptEnd) -> Stored<bool> {
    let (state, assurance) = match &end.passed {
        Some(assurance) => ("passed", name(assurance)?),
        None => ("failed", String::new()),
    };
    let changed = run(
        c,
        "UPDATE face_attempt SET state = ?2, assurance = ?3, scores = ?4, reasons = ?5, doubt = ?6, answered = ?7
         WHERE nonce = ?1 AND state = 'open'",
        &[
            nonce.bytes(),
            &state,
            &assurance,
            &json(&end.scores)?,
            &json(&end.reasons)?,
            &end.doubt,
            &end.at.0,
        ],
    )?;
    Ok(changed > 0)
}

pub(super) fn put_frames(c: &Connection, nonce: &Nonce, frames: &FramesKept) -> Stored<FramesPut> {
    let before = one(
        c,
        "SELECT frames FROM face_attempt WHERE nonce = ?1 AND state = 'open' AND wanted = 1",
        &[nonce.bytes()],
        |r| r.get::<_, Vec<u8>>(0),
    )?;
    let Some(before) = before else { return Ok(FramesPut::Over) };
    run(
        c,
        "UPDATE face_attempt SET frames = ?2, found = ?3, frames_at = ?4 WHERE nonce = ?1",
        &[nonce.bytes(), &frames.bytes.as_bytes(), &json(&frames.found)?, &frames.at.0],
    )?;
    Ok(FramesPut::Yes { before: Uuid::from_slice(&before).ok() })
}

/// `which` is a condition with `?1`.
pub(super) fn forget_frames(c: &Connection, which: &str, value: &dyn ToSql) -> Stored<Vec<Uuid>> {
    let sql = format!("SELECT frames FROM face_attempt WHERE frames <> x'' AND {which}");
    let bytes = all(c, &sql, &[value], |r| id(r, 0))?;
    if !bytes.is_empty() {
        run(c, &format!("UPDATE face_attempt SET frames = x'' WHERE frames <> x'' AND {which}"), &[value])?;
    }
    Ok(bytes)
}

pub(super) fn tidy(c: &Connection, open_before: WallTime, before: WallTime) -> Stored<Vec<Uuid>> {
    unanswered(c, "issued < ?1", &open_before.0)?;
    let bytes = forget_frames(c, "issued < ?1", &before.0)?;
    run(c, "DELETE FROM face_attempt WHERE issued < ?1", &[&before.0])?;
    Ok(bytes)
}
