//! Everything about a person is removed, and a name that says so is left where others' records need one.

use super::{all, one, run};
use crate::store::sqlite::row::{id, json, person};
use crate::store::sqlite::talks::{self, Memory};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::{EntryBody, Resume};
use miantan_domain::time::WallTime;
use rusqlite::Connection;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) fn asked(c: &Connection, candidate: CandidateId) -> Stored<Option<WallTime>> {
    let sql = "SELECT erase FROM candidate WHERE id = ?1";
    let at = one(c, sql, &[&candidate.0.as_bytes()], |r| r.get::<_, i64>(0))?;
    Ok(at.filter(|at| *at > 0).map(WallTime))
}

pub(super) fn due(
    c: &Connection,
    asked_before: WallTime,
    idle: Idle,
    now: WallTime,
    limit: u32,
) -> Stored<Vec<CandidateId>> {
    all(
        c,
        "SELECT id FROM candidate AS k
         WHERE erased = 0 AND (
             (erase > 0 AND erase <= ?1)
             OR (account > 0 AND seen < ?2 AND NOT EXISTS (
                 SELECT 1 FROM session AS s WHERE s.candidate = k.id AND s.ended = 0 AND s.expires > ?4))
             OR (account = 0 AND seen < ?3 AND NOT EXISTS (
                 SELECT 1 FROM invitation AS i JOIN round AS r ON r.id = i.round
                 WHERE i.candidate = k.id AND r.ends >= ?3)))
         ORDER BY erase DESC, id LIMIT ?5",
        &[&asked_before.0, &(now.0 - idle.accounts), &(now.0 - idle.invited), &now.0, &limit],
        |r| id(r, 0).map(CandidateId),
    )
}

pub(super) fn erase(
    c: &Connection,
    memory: &Memory,
    candidate: CandidateId,
    now: WallTime,
) -> Stored<(Leftovers, Vec<TalkNews>)> {
    let who = candidate.0.as_bytes();
    let owner = person(Person::Candidate(candidate));
    let mut left = Leftovers {
        sessions: all(c, "SELECT id FROM session WHERE candidate = ?1 AND ended = 0", &[&who], |r| {
            r.get(0).map(SessionId)
        })?,
        places: all(
            c,
            "SELECT i.round, i.ticket FROM invitation AS i JOIN round AS r ON r.id = i.round
             WHERE i.candidate = ?1 AND i.cancelled = 0 AND r.ends > ?2",
            &[&who, &now.0],
            |r| Ok((RoundId(id(r, 0)?), TicketId(id(r, 1)?))),
        )?,
        bytes: Vec::new(),
    };
    for (bytes, thumb) in all(c, "SELECT bytes, thumb FROM object WHERE owner = ?1", &[&owner], |r| {
        Ok((r.get::<_, Vec<u8>>(0)?, r.get::<_, Vec<u8>>(1)?))
    })? {
        left.bytes.extend([bytes, thumb].iter().filter_map(|id| Uuid::from_slice(id).ok()));
    }
    for bytes in all(
        c,
        "SELECT bytes FROM face_photo WHERE candidate = ?1
         UNION ALL SELECT frames FROM face_attempt WHERE candidate = ?1 AND frames <> x''",
        &[&who],
        |r| id(r, 0),
    )? {
        left.bytes.push(bytes);
    }
    logs(c, candidate)?;
    entries(c, candidate)?;
    for sql in [
        "DELETE FROM attachment WHERE candidate = ?1",
        "DELETE FROM consent WHERE candidate = ?1",
        "DELETE FROM face_photo WHERE candidate = ?1",
        "DELETE FROM face_attempt WHERE candidate = ?1",
        "DELETE FROM session WHERE candidate = ?1",
        "DELETE FROM candidate_alias WHERE candidate = ?1",
        "UPDATE invitation SET cancelled = 1, device = x'' WHERE candidate = ?1",
        "UPDATE application SET object = x'', object_name = '', object_size = 0, object_at = 0 WHERE candidate = ?1",
    ] {
        run(c, sql, &[&who])?;
    }
    run(c, "DELETE FROM object WHERE owner = ?1", &[&owner])?;
    run(c, "DELETE FROM answer WHERE who = ?1", &[&owner])?;
    run(c, "DELETE FROM talk_change WHERE who = ?1", &[&owner])?;
    run(
        c,
        "UPDATE candidate SET name = ?2, headline = '', resume = ?3, phone = '', phone_key = x'', account = 0,
             seen = 0, birth = 0, resume_version = 0, erase = 0, erased = ?4 WHERE id = ?1",
        &[&who, &ERASED_NAME, &json(&Resume::default())?, &now.0],
    )?;
    let news = talks::changed(c, memory, candidate)?;
    Ok((left, news))
}

/// What they said is taken out of conversations; numbers, times and the others' words stay.
fn entries(c: &Connection, candidate: CandidateId) -> Stored<()> {
    let said = json(&EntryBody::Text { text: ERASED_TEXT.into() })?;
    run(
        c,
        "UPDATE entry SET body = ?2 WHERE side = 'candidate'
             AND talk IN (SELECT key FROM conversation WHERE candidate = ?1)
             AND json_extract(body, '$.entry') IN ('text', 'image', 'file')",
        &[&candidate.0.as_bytes(), &said],
    )?;
    // reasons and remarks they gave with invitations
    run(
        c,
        "UPDATE entry SET body = json_remove(body, '$.to.reason', '$.to.note') WHERE side = 'candidate'
             AND talk IN (SELECT key FROM conversation WHERE candidate = ?1)
             AND json_extract(body, '$.entry') = 'invitation_moved'",
        &[&candidate.0.as_bytes()],
    )?;
    let standings = all(
        c,
        "SELECT v.invitation, v.standing FROM talk_invitation AS v JOIN conversation AS t ON t.key = v.talk
         WHERE t.candidate = ?1",
        &[&candidate.0.as_bytes()],
        |r| Ok((r.get::<_, Vec<u8>>(0)?, r.get::<_, String>(1)?)),
    )?;
    for (invitation, text) in standings {
        let Ok(mut standing) = serde_json::from_str::<Value>(&text) else { continue };
        let status = standing.get("status").and_then(Value::as_str).map(str::to_owned);
        let Some(fields) = standing.as_object_mut() else { continue };
        let theirs = matches!(status.as_deref(), Some("declined" | "move_asked"));
        if theirs && (fields.remove("reason").is_some() | fields.remove("note").is_some()) {
            let sql = "UPDATE talk_invitation SET standing = ?2 WHERE invitation = ?1";
            run(c, sql, &[&invitation, &standing.to_string()])?;
        }
    }
    Ok(())
}

/// Rounds' logs name the holders of tickets and keep what they wrote: the events stay, the words go.
fn logs(c: &Connection, candidate: CandidateId) -> Stored<()> {
    let tickets = all(
        c,
        "SELECT round, ticket FROM invitation WHERE candidate = ?1",
        &[&candidate.0.as_bytes()],
        |r| Ok((r.get::<_, Vec<u8>>(0)?, id(r, 1)?.to_string())),
    )?;
    for (round, ticket) in tickets {
        let events = all(
            c,
            "SELECT seq, event FROM round_event WHERE round = ?1 AND instr(event, ?2) > 0",
            &[&round, &ticket],
            |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)),
        )?;
        for (seq, text) in events {
            let Ok(mut event) = serde_json::from_str::<Value>(&text) else { continue };
            if let Some(fields) = event.as_object_mut()
                && nameless(fields)
            {
                let sql = "UPDATE round_event SET event = ?3 WHERE round = ?1 AND seq = ?2";
                run(c, sql, &[&round, &seq, &event.to_string()])?;
            }
        }
    }
    Ok(())
}

/// Takes the holder's name and words out of an event. Whether anything was in it.
fn nameless(event: &mut Map<String, Value>) -> bool {
    let mut changed = false;
    if let Some(card) = event.get_mut("card").and_then(Value::as_object_mut) {
        card.insert("name".into(), ERASED_NAME.into());
        card.insert("headline".into(), "".into());
        changed = true;
    }
    if let Some(note) = event.get_mut("note").and_then(Value::as_object_mut)
        && note.get("from").and_then(Value::as_str) == Some("candidate")
    {
        note.insert("text".into(), ERASED_TEXT.into());
        changed = true;
    }
    if let Some(confirmation) = event.get_mut("confirmation").and_then(Value::as_object_mut) {
        changed |= confirmation.remove("comment").is_some();
    }
    changed
}
