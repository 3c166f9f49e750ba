//! Everything that is held about a person, for that person.

use super::about::{attachments, consents, resume};
use super::all;
use crate::store::sqlite::row::person;
use crate::store::{Person, Stored};
use miantan_domain::ids::*;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows as JSON objects named by their columns; ids as text, times as they are, columns whose names end
/// with `_json` as what they hold.
fn rows(c: &Connection, sql: &str, who: &[u8]) -> Stored<Vec<Value>> {
    all(c, sql, &[&who], |row| {
        let mut object = Map::new();
        let statement: &rusqlite::Statement<'_> = row.as_ref();
        for (at, name) in statement.column_names().enumerate() {
            let value = match row.get_ref(at)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => n.into(),
                ValueRef::Real(n) => n.into(),
                ValueRef::Text(text) => {
                    let text = String::from_utf8_lossy(text);
                    match name.strip_suffix("_json") {
                        Some(_) => serde_json::from_str(&text).unwrap_or(Value::Null),
                        None => text.into(),
                    }
                }
                ValueRef::Blob(bytes) => {
                    Uuid::from_slice(bytes).map_or(Value::Null, |id| id.to_string().into())
                }
            };
            object.insert(name.strip_suffix("_json").unwrap_or(name).to_owned(), value);
        }
        Ok(Value::Object(object))
    })
}

pub(super) fn export(c: &Connection, candidate: CandidateId) -> Stored<Option<Value>> {
    // one moment for all of it
    let moment = c.unchecked_transaction().map_err(super::failed)?;
    let who = candidate.0.as_bytes();
    let owner = person(Person::Candidate(candidate));
    let Some(doc) = resume(c, candidate)? else { return Ok(None) };
    let account = rows(
        c,
        "SELECT id, name, phone, account AS account_since, seen, birth / 12 AS birth_year, birth % 12 + 1 AS birth_month,
                erase AS deletion_asked FROM candidate WHERE id = ?1",
        who,
    )?;
    let files = rows(
        c,
        "SELECT id, file_use, name, kept AS size, made, conversation, said FROM object
         WHERE owner = ?1 AND state = 'done' ORDER BY made",
        &owner,
    )?;
    let files: Vec<Value> = files
        .into_iter()
        .map(|mut file| {
            if let Some(id) = file.get("id").and_then(Value::as_str) {
                file["link"] = format!("/api/v1/objects/{id}").into();
            }
            file
        })
        .collect();
    let value = json!({
        "account": account.into_iter().next(),
        "consents": consents(c, candidate, true)?,
        "resume": doc,
        "attachments": attachments(c, candidate)?,
        "files": files,
        "id_photo": rows(c, "SELECT size, at FROM face_photo WHERE candidate = ?1", who)?.into_iter().next(),
        "face_checks": rows(
            c,
            "SELECT issued, answered, state, scores AS scores_json, found AS found_json, reasons AS reasons_json,
                    assurance, doubt, frames_at FROM face_attempt WHERE candidate = ?1 ORDER BY issued",
            who,
        )?,
        "applications": rows(
            c,
            "SELECT a.id, a.title, e.name AS employer, f.title AS fair, a.at, a.seen, a.object_name AS attachment
             FROM application AS a JOIN conversation AS t ON t.key = a.talk
             JOIN employer AS e ON e.id = t.employer LEFT JOIN fair AS f ON f.id = t.fair
             WHERE a.candidate = ?1 ORDER BY a.at",
            who,
        )?,
        "conversations": conversations(c, candidate)?,
        "interviews": rows(
            c,
            "SELECT i.id, r.name AS round, e.name AS employer, i.position, i.appointed, i.opens, i.expires,
                    i.cancelled, v.standing AS standing_json
             FROM invitation AS i JOIN round AS r ON r.id = i.round JOIN employer AS e ON e.id = r.employer
             LEFT JOIN talk_invitation AS v ON v.invitation = i.id
             WHERE i.candidate = ?1 ORDER BY i.opens",
            who,
        )?,
        "rounds": rows(
            c,
            "SELECT r.name AS round, v.at, v.event AS event_json
             FROM invitation AS i JOIN round AS r ON r.id = i.round JOIN round_event AS v ON v.round = i.round
             WHERE i.candidate = ?1 AND instr(v.event, lower(substr(hex(i.ticket), 1, 8) || '-' ||
                 substr(hex(i.ticket), 9, 4) || '-' || substr(hex(i.ticket), 13, 4) || '-' ||
                 substr(hex(i.ticket), 17, 4) || '-' || substr(hex(i.ticket), 21, 12))) > 0
                 AND json_extract(v.event, '$.event') IN
                     ('ticket_taken', 'checked_in', 'identity_settled', 'network_measured', 'noted', 'announced', 'confirmed')
             ORDER BY v.at, v.seq",
            who,
        )?,
        "sessions": rows(
            c,
            "SELECT device, made, expires, ended FROM session WHERE candidate = ?1 ORDER BY made",
            who,
        )?,
        "reports": rows(c, "SELECT reason, at FROM talk_report WHERE who = ?1 ORDER BY at", &owner)?,
    });
    drop(moment);
    Ok(Some(value))
}

/// Conversations with their entries, oldest first. The employers' marks are theirs and not shown.
fn conversations(c: &Connection, candidate: CandidateId) -> Stored<Vec<Value>> {
    let who = candidate.0.as_bytes();
    let mut said: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for mut entry in rows(
        c,
        "SELECT t.id AS talk, n.seq, n.side, n.author, n.at, n.body AS body_json
         FROM conversation AS t JOIN entry AS n ON n.talk = t.key WHERE t.candidate = ?1 ORDER BY t.key, n.seq",
        who,
    )? {
        let talk = entry.as_object_mut().and_then(|fields| fields.remove("talk"));
        let talk = talk.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        said.entry(talk).or_default().push(entry);
    }
    let talks = rows(
        c,
        "SELECT t.id, e.name AS employer, f.title AS fair, t.made, t.blocked FROM conversation AS t
         JOIN employer AS e ON e.id = t.employer LEFT JOIN fair AS f ON f.id = t.fair
         WHERE t.candidate = ?1 ORDER BY t.key",
        who,
    )?;
    let of = |id: &Value| id.as_str().and_then(|id| said.get(id).cloned()).unwrap_or_default();
    Ok(talks
        .into_iter()
        .map(|mut talk| {
            talk["entries"] = of(&talk["id"]).into();
            talk
        })
        .collect())
}
