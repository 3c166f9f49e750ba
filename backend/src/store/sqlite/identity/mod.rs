//! [`Identity`] in SQLite: photos here, attempts in `attempts.rs`.

mod attempts;

use super::Sqlite;
use super::accounts::one;
use super::candidates::now_called;
use super::row::{failed, id};
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::Nonce;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, Row, ToSql};
use uuid::Uuid;

fn all<T>(
    c: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Vec<T>> {
    c.prepare_cached(sql).and_then(|mut s| s.query_map(values, read)?.collect()).map_err(failed)
}

fn run(c: &Connection, sql: &str, values: &[&dyn ToSql]) -> Stored<usize> {
    c.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed)
}

fn photos(c: &Connection) -> Stored<u64> {
    let count = one(c, "SELECT count(*) FROM face_photo", &[], |r| r.get::<_, i64>(0))?;
    Ok(count.unwrap_or_default() as u64)
}

fn lies_at(c: &Connection, candidate: CandidateId) -> Stored<Option<Uuid>> {
    one(c, "SELECT bytes FROM face_photo WHERE candidate = ?1", &[&candidate.0.as_bytes()], |r| id(r, 0))
}

fn put_photo(c: &Connection, photo: &NewPhoto) -> Stored<PhotoKept> {
    let candidate = now_called(c, photo.candidate)?;
    let there = "SELECT 1 FROM candidate WHERE id = ?1 AND erased = 0";
    if one(c, there, &[&candidate.0.as_bytes()], |r| r.get::<_, i64>(0))?.is_none() {
        return Ok(PhotoKept::Unknown);
    }
    let before = lies_at(c, candidate)?;
    if before.is_none() && photos(c)? >= photo.most {
        return Ok(PhotoKept::Full);
    }
    run(
        c,
        "INSERT INTO face_photo (candidate, bytes, size, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (candidate) DO UPDATE SET bytes = excluded.bytes, size = excluded.size, at = excluded.at,
             unusable = 0",
        &[&candidate.0.as_bytes(), &photo.bytes.as_bytes(), &(photo.size as i64), &photo.at.0],
    )?;
    Ok(PhotoKept::Yes { before })
}

#[async_trait]
impl Identity for Sqlite {
    async fn photo(&self, candidate: CandidateId) -> Stored<Option<PhotoRow>> {
        self.read(move |c| {
            one(
                c,
                "SELECT bytes, size, at, unusable, (SELECT count(*) FROM face_photo AS o WHERE o.number <= p.number)
                 FROM face_photo AS p WHERE candidate = ?1",
                &[&candidate.0.as_bytes()],
                |r| {
                    Ok(PhotoRow {
                        bytes: id(r, 0)?,
                        size: r.get::<_, i64>(1)? as u64,
                        at: WallTime(r.get(2)?),
                        unusable: r.get(3)?,
                        rank: r.get::<_, i64>(4)? as u64,
                    })
                },
            )
        })
        .await
    }

    async fn photos(&self) -> Stored<u64> {
        self.read(photos).await
    }

    async fn put_photo(&self, photo: NewPhoto) -> Stored<PhotoKept> {
        self.write(move |c| put_photo(c, &photo)).await
    }

    async fn photo_unusable(&self, bytes: Uuid) -> Stored<()> {
        self.write(move |c| {
            run(c, "UPDATE face_photo SET unusable = 1 WHERE bytes = ?1", &[&bytes.as_bytes()]).map(drop)
        })
        .await
    }

    async fn remove_photo(&self, candidate: CandidateId) -> Stored<Option<Uuid>> {
        self.write(move |c| {
            let candidate = now_called(c, candidate)?;
            let bytes = lies_at(c, candidate)?;
            run(c, "DELETE FROM face_photo WHERE candidate = ?1", &[&candidate.0.as_bytes()])?;
            Ok(bytes)
        })
        .await
    }

    async fn by_phone(&self, key: Mac) -> Stored<Vec<Found>> {
        self.read(move |c| {
            all(
                c,
                "SELECT k.id, k.name, p.number IS NOT NULL FROM candidate AS k
                 LEFT JOIN face_photo AS p ON p.candidate = k.id
                 WHERE k.phone_key = ?1 AND k.phone_key <> x'' ORDER BY k.account > 0 DESC, k.id",
                &[&key],
                |r| Ok(Found { candidate: CandidateId(id(r, 0)?), name: r.get(1)?, photo: r.get(2)? }),
            )
        })
        .await
    }

    async fn attempts(&self, ticket: TicketId) -> Stored<Attempts> {
        self.read(move |c| attempts::of(c, ticket)).await
    }

    async fn begin_attempt(&self, ask: AttemptAsk) -> Stored<AttemptBegun> {
        self.write(move |c| attempts::begin(c, &ask)).await
    }

    async fn attempt(&self, nonce: Nonce) -> Stored<Option<AttemptRow>> {
        self.read(move |c| attempts::one_of(c, &nonce)).await
    }

    async fn end_attempt(&self, nonce: Nonce, end: AttemptEnd) -> Stored<bool> {
        self.write(move |c| attempts::end(c, &nonce, &end)).await
    }

    async fn put_frames(&self, nonce: Nonce, frames: FramesKept) -> Stored<FramesPut> {
        self.write(move |c| attempts::put_frames(c, &nonce, &frames)).await
    }

    async fn forget_frames(&self, before: WallTime) -> Stored<Vec<Uuid>> {
        self.write(move |c| attempts::forget_frames(c, "frames_at < ?1", &before.0)).await
    }

    async fn forget_frames_of(&self, candidate: CandidateId) -> Stored<Vec<Uuid>> {
        self.write(move |c| attempts::forget_frames(c, "candidate = ?1", &candidate.0.as_bytes())).await
    }

    async fn tidy_identity(
        &self,
        open_before: WallTime,
        before: WallTime,
        codes_before: WallTime,
    ) -> Stored<Vec<Uuid>> {
        self.write(move |c| {
            run(c, "DELETE FROM identity_code WHERE at < ?1", &[&codes_before.0])?;
            attempts::tidy(c, open_before, before)
        })
        .await
    }

    async fn number_proved(&self, session: SessionId, at: WallTime) -> Stored<()> {
        self.write(move |c| {
            run(c, "UPDATE session SET number_proved = ?2 WHERE id = ?1", &[&session.0, &at.0]).map(drop)
        })
        .await
    }

    async fn code_sent_for(&self, number: Mac, ticket: TicketId, at: WallTime) -> Stored<()> {
        self.write(move |c| {
            run(
                c,
                "INSERT INTO identity_code (number, ticket, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (number) DO UPDATE SET ticket = excluded.ticket, at = excluded.at",
                &[&number, &ticket.0.as_bytes(), &at.0],
            )
            .map(drop)
        })
        .await
    }

    async fn code_was_for(&self, number: Mac, ticket: TicketId) -> Stored<bool> {
        self.read(move |c| {
            let sql = "SELECT EXISTS (SELECT 1 FROM identity_code WHERE number = ?1 AND ticket = ?2)";
            one(c, sql, &[&number, &ticket.0.as_bytes()], |r| r.get(0)).map(|was| was == Some(true))
        })
        .await
    }
}
