//! [`Files`] in SQLite.

use super::row::{failed, from_name, id, name, person, person_of};
use super::{Sqlite, candidates};
use crate::objects::Kind;
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::{Problem, ProblemCode};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use uuid::Uuid;

const DAY_MS: i64 = 86_400_000;
/// Files taken out in one go.
const FORGET_AT_ONCE: i64 = 500;

const COLUMNS: &str = "id, owner, file_use, conversation, name, size, sha256, state, why, detail, kind, kept,
     width, height, bytes, thumb";

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Pdf => "pdf",
        Kind::Docx => "docx",
        Kind::Png => "png",
        Kind::Jpeg => "jpeg",
    }
}

fn kind(text: &str) -> Option<Kind> {
    [Kind::Pdf, Kind::Docx, Kind::Png, Kind::Jpeg].into_iter().find(|kind| kind_name(*kind) == text)
}

fn code(text: &str) -> ProblemCode {
    ProblemCode::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(ProblemCode::FileBroken)
}

/// An id that may be empty.
fn maybe(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    let nothing = row.get_ref(column)?.as_blob().is_ok_and(<[u8]>::is_empty);
    if nothing { Ok(None) } else { id(row, column).map(Some) }
}

fn one<T>(
    c: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Option<T>> {
    c.prepare_cached(sql).and_then(|mut s| s.query_row(values, read).optional()).map_err(failed)
}

fn file(c: &Connection, of: ObjectId) -> Stored<Option<FileRow>> {
    let found = one(c, &format!("SELECT {COLUMNS} FROM object WHERE id = ?1"), &[&of.0.as_bytes()], |r| {
        let state: String = r.get(7)?;
        let state = match (state.as_str(), kind(&r.get::<_, String>(10)?)) {
            ("done", Some(kind)) => FileState::Done(FileFacts {
                kind,
                size: r.get::<_, i64>(11)? as u64,
                width: r.get(12)?,
                height: r.get(13)?,
                thumb: maybe(r, 15)?,
            }),
            ("refused", _) => {
                FileState::Refused(Problem::new(code(&r.get::<_, String>(8)?), r.get::<_, String>(9)?))
            }
            _ => FileState::Open,
        };
        let owner: Vec<u8> = r.get(1)?;
        let row = |owner| -> rusqlite::Result<FileRow> {
            Ok(FileRow {
                id: ObjectId(id(r, 0)?),
                owner,
                file_use: from_name(r, 2)?,
                conversation: maybe(r, 3)?.map(ConversationId),
                name: r.get(4)?,
                size: r.get::<_, i64>(5)? as u64,
                sha256: r.get(6)?,
                state,
                bytes: maybe(r, 14)?.unwrap_or_default(),
            })
        };
        Ok(person_of(&owner).map(|owner| owner.map(row)))
    })?;
    match found {
        Some(row) => row?.transpose().map_err(failed),
        None => Ok(None),
    }
}

fn promise(c: &Connection, new: &FilePromise, quota: FileQuota) -> Stored<Promised> {
    if let Some(row) = file(c, new.id)? {
        let same = row.owner == new.owner
            && row.file_use == new.file_use
            && row.conversation == new.conversation
            && row.size == new.size
            && row.sha256 == new.sha256;
        return Ok(if same { Promised::Yes(Box::new(row)) } else { Promised::Taken });
    }
    let owner = person(new.owner);
    let since = new.at.0 - DAY_MS;
    let sent = one(
        c,
        "SELECT coalesce(sum(size), 0), count(*), coalesce(min(made), 0) FROM object WHERE owner = ?1 AND made > ?2",
        &[&owner, &since],
        |r| Ok((r.get::<_, i64>(0)? as u64, r.get::<_, i64>(1)? as u64, r.get::<_, i64>(2)?)),
    )?;
    let (bytes, files, oldest) = sent.unwrap_or_default();
    if bytes + new.size > quota.bytes || files + 1 > quota.files {
        let wait_ms = (oldest + DAY_MS - new.at.0).clamp(1_000, DAY_MS) as u64;
        return Ok(Promised::Quota { wait_ms });
    }
    let conversation = new.conversation.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec());
    c.prepare_cached(
        "INSERT INTO object (id, owner, file_use, conversation, name, size, sha256, bytes, made, touched)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
    )
    .and_then(|mut s| {
        let file_use =
            name(&new.file_use).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        s.execute(params![
            new.id.0.as_bytes(),
            owner,
            file_use,
            conversation,
            new.name,
            new.size as i64,
            new.sha256,
            new.bytes.as_bytes(),
            new.at.0
        ])
    })
    .map_err(failed)?;
    let row = file(c, new.id)?;
    row.map(|row| Promised::Yes(Box::new(row)))
        .ok_or_else(|| StoreError::Failed("a file is not there".into()))
}

/// In the order of what is asked most: said in a conversation, sent with an application, the photo.
fn may_read(c: &Connection, of: ObjectId, who: Person, employer: Option<EmployerId>) -> Stored<bool> {
    let candidate = match who {
        Person::Candidate(id) => id.0.as_bytes().to_vec(),
        Person::Member(_) => Vec::new(),
    };
    let employer_id = employer.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec());
    let object = of.0.as_bytes();
    let open = one(
        c,
        "SELECT EXISTS (SELECT 1 FROM object AS o JOIN conversation AS t ON t.id = o.conversation
                        WHERE o.id = ?1 AND o.said = 1 AND (t.candidate = ?2 OR t.employer = ?3))
             OR EXISTS (SELECT 1 FROM application AS a JOIN conversation AS t ON t.key = a.talk
                        WHERE a.object = ?1 AND a.object <> x'' AND t.employer = ?3)",
        &[&object, &candidate, &employer_id],
        |r| r.get::<_, bool>(0),
    )?;
    if open == Some(true) {
        return Ok(true);
    }
    let Some(employer) = employer else { return Ok(false) };
    let Some(FileRow { owner: Person::Candidate(owner), .. }) = file(c, of)? else { return Ok(false) };
    Ok(candidates::photo_of(c, owner)? == Some(of) && candidates::shows_resume(c, employer, owner)?)
}

fn forget(c: &Connection, open_before: WallTime, loose_before: WallTime) -> Stored<Vec<Uuid>> {
    c.prepare_cached(
        "DELETE FROM object WHERE id IN (
             SELECT o.id FROM object AS o
             WHERE (o.state = 'open' AND o.touched < ?1)
                OR (o.state = 'refused' AND o.touched < ?2)
                OR (o.state = 'done' AND o.touched < ?2 AND o.said = 0
                    AND NOT EXISTS (SELECT 1 FROM attachment AS a WHERE a.object = o.id)
                    AND NOT EXISTS (SELECT 1 FROM application AS p WHERE p.object = o.id AND p.object <> x'')
                    AND NOT (o.file_use = 'photo' AND EXISTS (
                        SELECT 1 FROM candidate AS k WHERE k.id = substr(o.owner, 2)
                            AND unhex(coalesce(json_extract(k.resume, '$.photo'), ''), '-') = o.id)))
                OR (o.said = 1 AND o.conversation <> x''
                    AND NOT EXISTS (SELECT 1 FROM conversation AS t WHERE t.id = o.conversation))
             LIMIT ?3)
         RETURNING bytes, thumb",
    )
    .and_then(|mut s| {
        let rows = s.query_map(params![open_before.0, loose_before.0, FORGET_AT_ONCE], |r| {
            Ok([maybe(r, 0)?, maybe(r, 1)?])
        })?;
        let rows: Vec<[Option<Uuid>; 2]> = rows.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().flatten().flatten().collect())
    })
    .map_err(failed)
}

#[async_trait]
impl Files for Sqlite {
    async fn promise(&self, new: FilePromise, quota: FileQuota) -> Stored<Promised> {
        self.write(move |c| promise(c, &new, quota)).await
    }

    async fn file(&self, id: ObjectId) -> Stored<Option<FileRow>> {
        self.read(move |c| file(c, id)).await
    }

    async fn touched(&self, id: ObjectId, at: WallTime) -> Stored<()> {
        self.write(move |c| {
            c.prepare_cached("UPDATE object SET touched = ?2 WHERE id = ?1 AND state = 'open'")
                .and_then(|mut s| s.execute(params![id.0.as_bytes(), at.0]))
                .map(|_| ())
                .map_err(failed)
        })
        .await
    }

    async fn file_done(
        &self,
        id: ObjectId,
        name: String,
        facts: FileFacts,
        bytes: Uuid,
        at: WallTime,
    ) -> Stored<bool> {
        self.write(move |c| {
            let thumb = facts.thumb.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
            c.prepare_cached(
                "UPDATE object SET state = 'done', name = ?2, kind = ?3, kept = ?4, width = ?5, height = ?6,
                     bytes = ?7, thumb = ?8, touched = ?9 WHERE id = ?1 AND state = 'open'",
            )
            .and_then(|mut s| {
                s.execute(params![
                    id.0.as_bytes(),
                    name,
                    kind_name(facts.kind),
                    facts.size as i64,
                    facts.width,
                    facts.height,
                    bytes.as_bytes(),
                    thumb,
                    at.0
                ])
            })
            .map(|changed| changed == 1)
            .map_err(failed)
        })
        .await
    }

    async fn file_refused(&self, id: ObjectId, why: ProblemCode, detail: String, at: WallTime) -> Stored<()> {
        self.write(move |c| {
            c.prepare_cached(
                "UPDATE object SET state = 'refused', why = ?2, detail = ?3, bytes = x'', touched = ?4
                 WHERE id = ?1 AND state = 'open'",
            )
            .and_then(|mut s| s.execute(params![id.0.as_bytes(), why.as_str(), detail, at.0]))
            .map(|_| ())
            .map_err(failed)
        })
        .await
    }

    async fn may_read(&self, id: ObjectId, person: Person, employer: Option<EmployerId>) -> Stored<bool> {
        self.read(move |c| may_read(c, id, person, employer)).await
    }

    async fn forget_files(&self, open_before: WallTime, loose_before: WallTime) -> Stored<Vec<Uuid>> {
        self.write(move |c| forget(c, open_before, loose_before)).await
    }

    async fn unknown_bytes(&self, ids: Vec<Uuid>) -> Stored<Vec<Uuid>> {
        self.read(move |c| {
            let mut unknown = Vec::new();
            for id in ids {
                let known = one(
                    c,
                    "SELECT EXISTS (SELECT 1 FROM object WHERE bytes = ?1)
                         OR EXISTS (SELECT 1 FROM object WHERE thumb = ?1 AND thumb <> x'')
                         OR EXISTS (SELECT 1 FROM registration WHERE licence = ?1 AND licence <> x'')
                         OR EXISTS (SELECT 1 FROM face_photo WHERE bytes = ?1)
                         OR EXISTS (SELECT 1 FROM face_attempt WHERE frames = ?1 AND frames <> x'')",
                    &[&id.as_bytes()],
                    |r| r.get::<_, bool>(0),
                )?;
                if known != Some(true) {
                    unknown.push(id);
                }
            }
            Ok(unknown)
        })
        .await
    }
}
