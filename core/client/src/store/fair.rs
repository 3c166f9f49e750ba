//! What is kept of fairs, of a candidate's account and of an employer's registration.

use super::StoreError;
use super::read::value;
use super::talk::Owner;
use miantan_domain::ids::ObjectId;
use miantan_domain::model::{Registration, ResumeDoc};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::FileUse;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Most answers kept of one server for anybody; the oldest go. A fair with all that was opened in it
/// has a few dozen.
const SEEN_MAX: i64 = 600;

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `Vec<FairCard>`.
    Fairs,
    /// `FairPage`.
    Page,
    /// The first `StandCard`s of a fair, without a search.
    Stands,
    /// `Stand`, of `fair/employer`.
    Stand,
    /// `PositionDetails`.
    Position,
    /// Whether this account (or, signed out, this device) follows the fair.
    Followed,
    /// `Vec<MyApplication>`.
    Applications,
    /// A position for which an application was accepted.
    Applied,
    /// `Vec<InvitationCard>`.
    Interviews,
    /// `Vec<AttachmentResume>`.
    Attachments,
    /// A ticket whose room this account was in: its check-in and room go with the account.
    Ticket,
    /// What was half written in a conversation, a text.
    Draft,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Fairs => "fairs",
            Self::Page => "page",
            Self::Stands => "stands",
            Self::Stand => "stand",
            Self::Position => "position",
            Self::Followed => "followed",
            Self::Applications => "applications",
            Self::Applied => "applied",
            Self::Interviews => "interviews",
            Self::Attachments => "attachments",
            Self::Ticket => "ticket",
            Self::Draft => "draft",
        }
    }
}

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptUpload {
    pub object: ObjectId,
    pub file_use: FileUse,
    pub name: String,
}

/// One change of what is kept. `owner.account` is '' for what anybody may see.
#[derive(Debug, Clone)]
pub enum FairWrite {
    Seen {
        kind: Kind,
        id: String,
        body: String,
    },
    Unseen {
        kind: Kind,
        id: String,
    },
    Resume {
        doc: Arc<ResumeDoc>,
        changed: bool,
    },
    Upload(KeptUpload),
    UploadGone(ObjectId),
    Registration {
        registration: Box<Registration>,
        checked: WallTime,
    },
    RegistrationGone,
    /// What belonged to `from` is this account's from now on: a code session has joined it.
    Joined {
        from: String,
    },
}

pub(super) fn write(db: &Transaction<'_>, owner: &Owner, what: &FairWrite) -> Result<(), StoreError> {
    let Owner { server, account } = owner;
    match what {
        FairWrite::Seen { kind, id, body } => {
            db.prepare_cached(
                "INSERT INTO seen (server, account, kind, id, used, body)
                 VALUES (?1, ?2, ?3, ?4,
                     (SELECT COALESCE(MAX(used), 0) + 1 FROM seen WHERE server = ?1 AND account = ?2), ?5)
                 ON CONFLICT (server, account, kind, id) DO UPDATE SET used = excluded.used,
                     body = excluded.body",
            )?
            .execute(params![server, account, kind.word(), id, body])?;
            if account.is_empty() {
                db.prepare_cached(
                    "DELETE FROM seen WHERE server = ?1 AND account = '' AND used <=
                         (SELECT MAX(used) FROM seen WHERE server = ?1 AND account = '') - ?2",
                )?
                .execute(params![server, SEEN_MAX])?;
            }
        }
        FairWrite::Unseen { kind, id } => {
            db.prepare_cached(
                "DELETE FROM seen WHERE server = ?1 AND account = ?2 AND kind = ?3 AND id = ?4",
            )?
            .execute(params![server, account, kind.word(), id])?;
        }
        FairWrite::Resume { doc, changed } => {
            db.prepare_cached(
                "INSERT INTO resume (server, account, doc, changed) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (server, account) DO UPDATE SET doc = excluded.doc,
                     changed = excluded.changed",
            )?
            .execute(params![server, account, serde_json::to_string(doc.as_ref())?, changed])?;
        }
        FairWrite::Upload(KeptUpload { object, file_use, name }) => {
            db.prepare_cached(
                "INSERT INTO upload (server, account, object, file_use, name) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (server, account, object) DO NOTHING",
            )?
            .execute(params![
                server,
                account,
                object.to_string(),
                serde_json::to_string(file_use)?,
                name
            ])?;
        }
        FairWrite::UploadGone(object) => {
            db.prepare_cached("DELETE FROM upload WHERE server = ?1 AND account = ?2 AND object = ?3")?
                .execute(params![server, account, object.to_string()])?;
        }
        FairWrite::Registration { registration, checked } => {
            db.prepare_cached(
                "INSERT INTO registration (server, body, checked) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server) DO UPDATE SET body = excluded.body, checked = excluded.checked",
            )?
            .execute(params![
                server,
                serde_json::to_string(registration.as_ref())?,
                checked.0
            ])?;
        }
        FairWrite::RegistrationGone => {
            db.prepare_cached("DELETE FROM registration WHERE server = ?1")?.execute([server])?;
        }
        FairWrite::Joined { from } => joined(db, server, from, account)?,
    }
    Ok(())
}

/// What waits to be sent goes with its person; conversations are fetched anew.
fn joined(db: &Transaction<'_>, server: &str, from: &str, to: &str) -> Result<(), StoreError> {
    for table in ["outbox", "call_log"] {
        let sql = format!("UPDATE OR IGNORE {table} SET account = ?3 WHERE server = ?1 AND account = ?2");
        db.execute(&sql, [server, from, to])?;
    }
    for table in ["outbox", "talk", "inbox"] {
        let sql = format!("DELETE FROM {table} WHERE server = ?1 AND account = ?2");
        db.execute(&sql, [server, from])?;
    }
    Ok(())
}

/// Check-ins and rooms of an account that is being erased, besides the one it is in.
pub(super) fn erase_tickets(db: &Transaction<'_>, server: &str, account: &str) -> Result<(), StoreError> {
    for table in ["check_in", "room"] {
        let sql = format!(
            "DELETE FROM {table} WHERE server = ?1 AND ticket IN
                 (SELECT id FROM seen WHERE server = ?1 AND account = ?2 AND kind = ?3)"
        );
        db.execute(&sql, [server, account, Kind::Ticket.word()])?;
    }
    Ok(())
}

/// One answer, as it was last.
pub(super) fn seen<T: DeserializeOwned>(
    db: &Connection,
    owner: &Owner,
    kind: Kind,
    id: &str,
) -> Result<Option<T>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM seen WHERE server = ?1 AND account = ?2 AND kind = ?3 AND id = ?4")?
        .query_row(params![owner.server, owner.account, kind.word(), id], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| value("seen", &body)))
}

/// Ids of all answers of this kind.
pub(super) fn seen_ids(db: &Connection, owner: &Owner, kind: Kind) -> Result<Vec<String>, StoreError> {
    let mut rows =
        db.prepare_cached("SELECT id FROM seen WHERE server = ?1 AND account = ?2 AND kind = ?3")?;
    let ids = rows.query_map(params![owner.server, owner.account, kind.word()], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The résumé in the editor, and whether the server still has to get it.
pub(super) fn resume(db: &Connection, owner: &Owner) -> Result<Option<(ResumeDoc, bool)>, StoreError> {
    let row: Option<(String, bool)> = db
        .query_row(
            "SELECT doc, changed FROM resume WHERE server = ?1 AND account = ?2",
            params![owner.server, owner.account],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(row.and_then(|(doc, changed)| Some((value("resume", &doc)?, changed))))
}

pub(super) fn uploads(db: &Connection, owner: &Owner) -> Result<Vec<KeptUpload>, StoreError> {
    let mut rows = db.prepare(
        "SELECT object, file_use, name FROM upload WHERE server = ?1 AND account = ?2 ORDER BY object",
    )?;
    let rows = rows.query_map(params![owner.server, owner.account], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let upload = |(object, file_use, name): (String, String, String)| {
        Some(KeptUpload { object: object.parse().ok()?, file_use: value("upload", &file_use)?, name })
    };
    Ok(rows.into_iter().filter_map(upload).collect())
}

pub(super) fn registration(
    db: &Connection,
    server: &str,
) -> Result<Option<(Registration, WallTime)>, StoreError> {
    let row: Option<(String, i64)> = db
        .query_row("SELECT body, checked FROM registration WHERE server = ?1", [server], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(row.and_then(|(body, checked)| Some((value("registration", &body)?, WallTime(checked)))))
}
