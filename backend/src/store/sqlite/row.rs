//! Values in rows: ids, persons, JSON, and what an SQLite error means.

use crate::store::{Person, StoreError, Stored};
use miantan_domain::ids::{CandidateId, MemberId};
use rusqlite::ffi::ErrorCode;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// An SQLite error in the store's words.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(code, text) => {
            let text = text.clone().unwrap_or_else(|| code.to_string());
            match code.code {
                ErrorCode::ConstraintViolation => StoreError::Conflict(text),
                ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure => StoreError::CannotWrite(text),
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(text),
                _ => StoreError::Failed(text),
            }
        }
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
            StoreError::Damaged(error.to_string())
        }
        _ => StoreError::Failed(error.to_string()),
    }
}

/// A 16-byte id from a column.
pub(super) fn id(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(Uuid::from_bytes(bytes))
}

/// A person as 17 bytes: `c` or `m`, then the id.
pub(super) fn person(person: Person) -> [u8; 17] {
    let (kind, id) = match person {
        Person::Candidate(CandidateId(id)) => (b'c', id),
        Person::Member(MemberId(id)) => (b'm', id),
    };
    let mut bytes = [kind; 17];
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}

/// The reverse of [`person`]; `None` for an empty column.
pub(super) fn person_of(bytes: &[u8]) -> Stored<Option<Person>> {
    let Some((kind, id)) = bytes.split_first() else { return Ok(None) };
    let id = Uuid::from_slice(id).map_err(|e| StoreError::Damaged(format!("person: {e}")))?;
    match kind {
        b'c' => Ok(Some(Person::Candidate(CandidateId(id)))),
        b'm' => Ok(Some(Person::Member(MemberId(id)))),
        other => Err(StoreError::Damaged(format!("person of kind {other}"))),
    }
}

/// A value as JSON text for a column.
pub(super) fn json<T: Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Failed(format!("not writable as JSON: {e}")))
}

/// A value from a column of JSON text.
pub(super) fn from_json<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(e)))
}

/// A value whose JSON form is one string (an enum's name), from a column that holds the bare name.
pub(super) fn from_name<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_value(serde_json::Value::String(text))
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(e)))
}

/// The bare name of such a value.
pub(super) fn name<T: Serialize>(value: &T) -> Stored<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        Ok(other) => Err(StoreError::Failed(format!("not a name: {other}"))),
        Err(e) => Err(StoreError::Failed(format!("not writable as JSON: {e}"))),
    }
}
