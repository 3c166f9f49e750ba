//! What conversations need to know of candidates and files. Each question is one function, so that
//! whoever keeps those tables finds them here.

use crate::store::sqlite::row::{failed, from_json, id, person};
use crate::store::{Person, Stored, name_key};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, OptionalExtension, params};

/// A candidate as an application looks at them.
pub(super) struct Applicant {
    pub name: String,
    /// Name and age are known.
    pub profile: bool,
    /// The online résumé has something in it.
    pub resume: bool,
}

pub(super) fn applicant(c: &Connection, candidate: CandidateId) -> Stored<Option<Applicant>> {
    c.prepare_cached("SELECT name, resume, account > 0, birth FROM candidate WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([candidate.0.as_bytes()], |r| {
                let name: String = r.get(0)?;
                let resume: Resume = from_json(r, 1)?;
                // whom the organiser brought in without an account was asked by the organiser
                let age_known = !r.get::<_, bool>(2)? || r.get::<_, i64>(3)? > 0;
                Ok(Applicant { profile: !name.is_empty() && age_known, name, resume: !resume.is_blank() })
            })
            .optional()
        })
        .map_err(failed)
}

/// A résumé file of this candidate.
pub(super) fn attachment(
    c: &Connection,
    candidate: CandidateId,
    object: ObjectId,
) -> Stored<Option<AttachmentResume>> {
    c.prepare_cached(
        "SELECT o.name, o.kept, a.at FROM attachment AS a JOIN object AS o ON o.id = a.object
         WHERE a.object = ?1 AND a.candidate = ?2 AND o.state = 'done'",
    )
    .and_then(|mut s| {
        s.query_row([object.0.as_bytes(), candidate.0.as_bytes()], |r| {
            let (name, size) = (r.get(0)?, r.get::<_, i64>(1)? as u64);
            Ok(AttachmentResume { object, name, size, at: WallTime(r.get(2)?) })
        })
        .optional()
    })
    .map_err(failed)
}

/// Whether a finished file of this person may be said in this conversation.
pub(super) fn usable(
    c: &Connection,
    object: ObjectId,
    by: Person,
    conversation: ConversationId,
) -> Stored<bool> {
    c.prepare_cached(
        "SELECT 1 FROM object WHERE id = ?1 AND owner = ?2 AND conversation = ?3 AND state = 'done'
             AND file_use IN ('chat_image', 'chat_file')",
    )
    .and_then(|mut s| s.exists(params![object.0.as_bytes(), person(by), conversation.0.as_bytes()]))
    .map_err(failed)
}

/// The number of a candidate who agreed to messages. Whoever has an account was asked; whom the organiser
/// invited without one gave the number to be invited.
pub(super) fn phone(c: &Connection, candidate: CandidateId) -> Stored<Option<String>> {
    c.prepare_cached(
        "SELECT k.phone FROM candidate AS k WHERE k.id = ?1 AND k.phone <> '' AND coalesce(
             (SELECT n.given FROM consent AS n WHERE n.candidate = k.id AND n.purpose = 'sms_notices'
              ORDER BY n.id DESC LIMIT 1), k.account = 0)",
    )
    .and_then(|mut s| s.query_row([candidate.0.as_bytes()], |r| r.get(0)).optional())
    .map_err(failed)
}

/// What a search looks through.
pub(super) fn words(name: &str, titles: &[String]) -> String {
    let mut words = name_key(name);
    for title in titles {
        words.push('\n');
        words.push_str(&name_key(title));
    }
    words
}

/// Titles applied for in a conversation, newest first.
pub(super) fn titles(c: &Connection, key: i64) -> Stored<Vec<String>> {
    c.prepare_cached("SELECT title FROM application WHERE talk = ?1 ORDER BY at DESC, id")
        .and_then(|mut s| s.query_map([key], |r| r.get(0))?.collect())
        .map_err(failed)
}

/// A candidate has another name: their conversations are found by it. In the transaction that changes it.
pub(super) fn renamed(c: &Connection, candidate: CandidateId) -> Stored<()> {
    let who = candidate.0.as_bytes();
    let name: Option<String> = c
        .prepare_cached("SELECT name FROM candidate WHERE id = ?1")
        .and_then(|mut s| s.query_row([who], |r| r.get(0)).optional())
        .map_err(failed)?;
    let Some(name) = name else { return Ok(()) };
    let talks: Vec<i64> = c
        .prepare_cached("SELECT key FROM conversation WHERE candidate = ?1")
        .and_then(|mut s| s.query_map([who], |r| r.get(0))?.collect())
        .map_err(failed)?;
    for key in talks {
        let words = words(&name, &titles(c, key)?);
        c.prepare_cached("UPDATE conversation SET words = ?2 WHERE key = ?1")
            .and_then(|mut s| s.execute(params![key, words]))
            .map_err(failed)?;
    }
    Ok(())
}

/// An id that a column may hold or not.
pub(super) fn maybe_id(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<uuid::Uuid>> {
    let nothing = match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => true,
        rusqlite::types::ValueRef::Blob(bytes) => bytes.is_empty(),
        _ => false,
    };
    if nothing { Ok(None) } else { id(row, column).map(Some) }
}
