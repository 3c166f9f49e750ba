//! [`Employers`] in SQLite.

mod members;
mod registrations;
mod rounds;

use super::Sqlite;
use super::row::{failed, id, person, person_of};
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{MemberLine, RoundEdit};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use uuid::Uuid;

/// The organiser, where others are a person's 17 bytes.
const ORGANISER: &[u8] = b"o";

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

/// Runs a statement; how many rows it changed.
fn run(c: &Connection, sql: &str, values: &[&dyn ToSql]) -> Stored<usize> {
    c.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed)
}

/// Writes down what was done.
fn act(c: &Connection, action: &str, subject: Uuid, by: By) -> Stored<()> {
    let who = match by.who {
        Doer::Organiser => ORGANISER.to_vec(),
        Doer::Person(who) => person(who).to_vec(),
        Doer::Nobody => Vec::new(),
    };
    let address = by.address.map(|mac| mac.to_vec()).unwrap_or_default();
    run(
        c,
        "INSERT INTO act (at, who, action, subject, address) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[&by.at.0, &who, &action, &subject.as_bytes(), &address],
    )
    .map(|_| ())
}

fn acts(c: &Connection, since: WallTime, limit: u32) -> Stored<Vec<Act>> {
    let rows = all(
        c,
        "SELECT at, who, action, subject FROM act WHERE at >= ?1 ORDER BY id LIMIT ?2",
        &[&since.0, &limit],
        |r| Ok((WallTime(r.get(0)?), r.get::<_, Vec<u8>>(1)?, r.get::<_, String>(2)?, id(r, 3)?)),
    )?;
    rows.into_iter()
        .map(|(at, who, action, subject)| {
            let who = match who.as_slice() {
                [] => Doer::Nobody,
                ORGANISER => Doer::Organiser,
                bytes => person_of(bytes)?.map_or(Doer::Nobody, Doer::Person),
            };
            Ok(Act { at, who, action, subject })
        })
        .collect()
}

#[async_trait]
impl Employers for Sqlite {
    async fn register(&self, draft: RegistrationDraft, by: By) -> Stored<Registering> {
        self.write(move |c| registrations::register(c, &draft, by)).await
    }

    async fn registration(&self, id: RegistrationId) -> Stored<Option<RegistrationRow>> {
        self.read(move |c| registrations::find(c, id)).await
    }

    async fn registrations(&self, standing: Option<Standing>, limit: u32) -> Stored<Vec<Registration>> {
        self.read(move |c| registrations::list(c, standing, limit)).await
    }

    async fn licence_sent(&self, id: RegistrationId) -> Stored<bool> {
        self.write(move |c| {
            run(
                c,
                "UPDATE registration SET uploads = uploads + 1 WHERE id = ?1 AND uploads < ?2",
                &[&id.0.as_bytes(), &LICENCES_MAX],
            )
            .map(|rows| rows == 1)
        })
        .await
    }

    async fn set_licence(&self, id: RegistrationId, licence: Licence, by: By) -> Stored<LicenceSet> {
        self.write(move |c| registrations::set_licence(c, id, &licence, by)).await
    }

    async fn decide(&self, decision: Decision) -> Stored<Decided> {
        self.write(move |c| registrations::decide(c, decision)).await
    }

    async fn tidy_registrations(&self, now: WallTime) -> Stored<Vec<ObjectId>> {
        self.write(move |c| registrations::tidy(c, now)).await
    }

    async fn members(&self, employer: EmployerId, now: WallTime) -> Stored<Vec<MemberLine>> {
        self.read(move |c| members::list(c, employer, now)).await
    }

    async fn add_member(&self, employer: EmployerId, member: NewMember, by: By) -> Stored<Adding> {
        self.write(move |c| members::add(c, employer, &member, by)).await
    }

    async fn remove_member(&self, employer: EmployerId, member: MemberId, by: By) -> Stored<Removing> {
        self.write(move |c| members::remove(c, employer, member, by)).await
    }

    async fn end_member_sessions(
        &self,
        employer: EmployerId,
        member: MemberId,
        by: By,
    ) -> Stored<Option<Vec<SessionId>>> {
        self.write(move |c| {
            if !members::is_active(c, Some(employer), member)? {
                return Ok(None);
            }
            act(c, "member_sessions_ended", member.0, by)?;
            members::end_sessions(c, member, None, by.at).map(Some)
        })
        .await
    }

    async fn password_hash(&self, member: MemberId) -> Stored<Option<String>> {
        self.read(move |c| {
            one(
                c,
                "SELECT password_hash FROM member WHERE id = ?1 AND active = 1",
                &[&member.0.as_bytes()],
                |r| r.get(0),
            )
        })
        .await
    }

    async fn set_password(
        &self,
        member: MemberId,
        hash: String,
        keep: Option<SessionId>,
        by: By,
    ) -> Stored<Option<Vec<SessionId>>> {
        self.write(move |c| {
            if !members::is_active(c, None, member)? {
                return Ok(None);
            }
            run(c, "UPDATE member SET password_hash = ?2 WHERE id = ?1", &[&member.0.as_bytes(), &hash])?;
            act(c, "password_set", member.0, by)?;
            members::end_sessions(c, member, keep, by.at).map(Some)
        })
        .await
    }

    async fn reset_contact(&self, account: &Account, member: Option<&str>) -> Stored<Option<ResetContact>> {
        let (uscc, key) = match account {
            Account::Uscc(uscc) => (uscc.clone(), String::new()),
            Account::Name(key) => (String::new(), key.clone()),
        };
        let member = member.map(str::to_owned);
        self.read(move |c| {
            one(
                c,
                "SELECT m.id, e.phone FROM employer AS e JOIN member AS m ON m.employer = e.id
                 WHERE (e.uscc = ?1 OR e.name_key = ?2) AND e.approved = 1 AND e.phone <> '' AND m.active = 1
                   AND CASE WHEN ?3 IS NULL THEN m.role = 'owner' ELSE m.name = ?3 END",
                &[&uscc, &key, &member],
                |r| Ok(ResetContact { member: MemberId(id(r, 0)?), phone: r.get(1)? }),
            )
        })
        .await
    }

    async fn employer(&self, id: EmployerId) -> Stored<Option<EmployerHead>> {
        self.read(move |c| {
            one(
                c,
                "SELECT name, uscc, approved, contact, phone FROM employer WHERE id = ?1",
                &[&id.0.as_bytes()],
                |r| {
                    Ok(EmployerHead {
                        name: r.get(0)?,
                        uscc: r.get(1)?,
                        approved: r.get(2)?,
                        contact: r.get(3)?,
                        phone: r.get(4)?,
                    })
                },
            )
        })
        .await
    }

    async fn set_contact(&self, employer: EmployerId, contact: String, phone: String, by: By) -> Stored<()> {
        self.write(move |c| {
            let sql = "UPDATE employer SET contact = ?2, phone = ?3 WHERE id = ?1";
            if run(c, sql, &[&employer.0.as_bytes(), &contact, &phone])? != 1 {
                return Err(StoreError::Failed("there is no such employer".into()));
            }
            act(c, "contact_set", employer.0, by)
        })
        .await
    }

    async fn rounds_of(&self, employer: EmployerId, limit: u32) -> Stored<Vec<RoundId>> {
        self.read(move |c| {
            all(
                c,
                "SELECT id FROM round WHERE employer = ?1 ORDER BY starts DESC, name, id LIMIT ?2",
                &[&employer.0.as_bytes(), &limit],
                |r| id(r, 0).map(RoundId),
            )
        })
        .await
    }

    async fn put_round(
        &self,
        employer: EmployerId,
        id: RoundId,
        edit: RoundEdit,
        by: By,
    ) -> Stored<RoundPut> {
        self.write(move |c| rounds::put(c, employer, id, &edit, by)).await
    }

    async fn acted(&self, action: &str, subject: Uuid, by: By) -> Stored<()> {
        let action = action.to_owned();
        self.write(move |c| act(c, &action, subject, by)).await
    }

    async fn acts(&self, since: WallTime, limit: u32) -> Stored<Vec<Act>> {
        self.read(move |c| acts(c, since, limit)).await
    }
}
