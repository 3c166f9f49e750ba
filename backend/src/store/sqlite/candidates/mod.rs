//! [`Candidates`] in SQLite: `number` proves and joins accounts, `about` keeps what candidates tell of
//! themselves, `export` shows all of it, `erase` removes all of it.

mod about;
mod erase;
mod export;
mod number;

pub(super) use about::{photo_of, sent_files, shows_resume};
pub(super) use number::now_called;

use super::Sqlite;
use super::row::failed;
use super::talks;
use crate::sms::Phone;
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::ResumeView;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

fn one<T>(
    c: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Option<T>> {
    c.prepare_cached(sql).and_then(|mut s| s.query_row(values, read).optional()).map_err(failed)
}

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

#[async_trait]
impl Candidates for Sqlite {
    async fn sign_in(&self, sign_in: CandidateSignInAs) -> Stored<NumberTaken> {
        self.keep(move |c, memory| number::sign_in(c, memory, &sign_in)).await
    }

    async fn link(&self, session: SessionId, proof: NumberProof) -> Stored<NumberTaken> {
        self.keep(move |c, memory| number::link(c, memory, session, &proof)).await
    }

    async fn phone(&self, candidate: CandidateId) -> Stored<Option<Phone>> {
        self.read(move |c| {
            let found =
                one(c, "SELECT phone FROM candidate WHERE id = ?1", &[&candidate.0.as_bytes()], |r| {
                    r.get::<_, String>(0)
                })?;
            Ok(found.and_then(|text| Phone::parse(&text).ok()))
        })
        .await
    }

    async fn set_profile(&self, candidate: CandidateId, name: String, birth: i64) -> Stored<bool> {
        self.keep(move |c, memory| {
            let sql = "UPDATE candidate SET name = ?2, birth = ?3 WHERE id = ?1 AND erased = 0";
            let there = run(c, sql, &[&candidate.0.as_bytes(), &name, &birth])? > 0;
            Ok((there, talks::changed(c, memory, candidate)?))
        })
        .await
    }

    async fn forget_minor(&self, candidate: CandidateId, now: WallTime) -> Stored<Leftovers> {
        self.keep(move |c, memory| {
            let used = one(
                c,
                "SELECT EXISTS (SELECT 1 FROM invitation WHERE candidate = ?1)
                     OR EXISTS (SELECT 1 FROM conversation WHERE candidate = ?1)",
                &[&candidate.0.as_bytes()],
                |r| r.get::<_, bool>(0),
            )?;
            if used != Some(false) {
                return Ok((Leftovers::default(), Vec::new()));
            }
            let (leftovers, news) = erase::erase(c, memory, candidate, now)?;
            run(c, "DELETE FROM candidate WHERE id = ?1", &[&candidate.0.as_bytes()])?;
            Ok((leftovers, news))
        })
        .await
    }

    async fn resume(&self, candidate: CandidateId) -> Stored<Option<ResumeDoc>> {
        self.read(move |c| about::resume(c, candidate)).await
    }

    async fn put_resume(&self, candidate: CandidateId, doc: ResumeDoc) -> Stored<ResumeKept> {
        self.keep(move |c, memory| about::put_resume(c, memory, candidate, &doc)).await
    }

    async fn attachments(&self, candidate: CandidateId) -> Stored<Vec<AttachmentResume>> {
        self.read(move |c| about::attachments(c, candidate)).await
    }

    async fn add_attachment(
        &self,
        candidate: CandidateId,
        object: ObjectId,
        now: WallTime,
    ) -> Stored<AttachmentKept> {
        self.write(move |c| about::add_attachment(c, candidate, object, now)).await
    }

    async fn remove_attachment(&self, candidate: CandidateId, object: ObjectId) -> Stored<bool> {
        self.write(move |c| {
            let sql = "DELETE FROM attachment WHERE object = ?1 AND candidate = ?2";
            run(c, sql, &[&object.0.as_bytes(), &candidate.0.as_bytes()]).map(|gone| gone > 0)
        })
        .await
    }

    async fn consents(&self, candidate: CandidateId) -> Stored<Vec<Consent>> {
        self.read(move |c| about::consents(c, candidate, false)).await
    }

    async fn consent(&self, candidate: CandidateId, consent: Consent) -> Stored<()> {
        self.write(move |c| about::consent(c, candidate, consent)).await
    }

    async fn resume_view(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
    ) -> Stored<Option<ResumeView>> {
        self.read(move |c| about::resume_view(c, employer, conversation)).await
    }

    async fn export(&self, candidate: CandidateId) -> Stored<Option<serde_json::Value>> {
        self.read(move |c| export::export(c, candidate)).await
    }

    async fn deletion(&self, candidate: CandidateId) -> Stored<Option<WallTime>> {
        self.read(move |c| erase::asked(c, candidate)).await
    }

    async fn ask_deletion(&self, candidate: CandidateId, at: Option<WallTime>) -> Stored<Option<WallTime>> {
        self.write(move |c| {
            let at = at.map_or(0, |at| at.0);
            let sql = "UPDATE candidate SET erase = CASE WHEN ?2 > 0 AND erase > 0 THEN erase ELSE ?2 END
                       WHERE id = ?1";
            run(c, sql, &[&candidate.0.as_bytes(), &at])?;
            erase::asked(c, candidate)
        })
        .await
    }

    async fn to_erase(
        &self,
        asked_before: WallTime,
        idle: Idle,
        now: WallTime,
        limit: u32,
    ) -> Stored<Vec<CandidateId>> {
        self.read(move |c| erase::due(c, asked_before, idle, now, limit)).await
    }

    async fn forget_reports(&self, before: WallTime) -> Stored<()> {
        self.write(move |c| run(c, "DELETE FROM talk_report WHERE at < ?1", &[&before.0]).map(|_| ())).await
    }

    async fn erase(&self, candidate: CandidateId, now: WallTime) -> Stored<Leftovers> {
        self.keep(move |c, memory| erase::erase(c, memory, candidate, now)).await
    }
}
