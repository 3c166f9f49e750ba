//! What conversations need to know of candidates and files. Each question is one function, so that
//! whoever keeps those tables finds them here.

use crate::store::sqlite::row::{failed, from_json, id};
use crate::store::{Person, Stored, name_key};
use miantan_domain::ids::*;
use miantan_domain::model::*;
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
    c.prepare_cached("SELECT name, resume FROM candidate WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([candidate.0.as_bytes()], |r| {
                let name: String = r.get(0)?;
                let resume: Resume = from_json(r, 1)?;
                Ok(Applicant { profile: !name.is_empty(), name, resume: !resume.is_blank() })
            })
            .optional()
        })
        .map_err(failed)
}

/// A résumé file of this candidate.
pub(super) fn attachment(
    _c: &Connection,
    _candidate: CandidateId,
    _object: ObjectId,
) -> Stored<Option<AttachmentResume>> {
    // MERGE(B2a): from the table of 0003
    Ok(None)
}

/// Whether a finished file of this person may be said in this conversation.
pub(super) fn usable(
    _c: &Connection,
    _object: ObjectId,
    _by: Person,
    _conversation: ConversationId,
) -> Stored<bool> {
    // MERGE(B4): from the table of 0006
    Ok(false)
}

/// The number of a candidate who agreed to messages.
pub(super) fn phone(_c: &Connection, _candidate: CandidateId) -> Stored<Option<String>> {
    // MERGE(B2a): candidate.phone and the consent `sms_notices`
    Ok(None)
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
pub(in crate::store::sqlite) fn renamed(c: &Connection, candidate: CandidateId) -> Stored<()> {
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
