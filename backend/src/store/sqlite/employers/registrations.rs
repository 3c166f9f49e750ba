//! Registrations and what the organiser decides about them.

use super::super::fairs;
use super::super::row::{from_name, id, name};
use super::{act, all, members, one, run};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, Row};

const DAY_MS: i64 = 86_400_000;
/// Retention, in days.
const UNFINISHED_DAYS: i64 = 30;
const REJECTED_DAYS: i64 = 90;
const ACTS_DAYS: i64 = 730;

/// Columns of [`registration`], from `registration AS g JOIN fair AS f`.
const COLUMNS: &str = "g.id, g.fair, f.title, g.name, g.uscc, g.contact, g.made, g.state, g.reason";

fn registration(row: &Row<'_>) -> rusqlite::Result<Registration> {
    let state = match from_name(row, 7)? {
        Standing::LicenceMissing => RegistrationState::LicenceMissing,
        Standing::Waiting => RegistrationState::Waiting,
        Standing::Approved => RegistrationState::Approved,
        Standing::Rejected => RegistrationState::Rejected { reason: row.get(8)? },
    };
    Ok(Registration {
        id: RegistrationId(id(row, 0)?),
        fair: FairId(id(row, 1)?),
        fair_title: row.get(2)?,
        name: row.get(3)?,
        uscc: row.get(4)?,
        contact: row.get(5)?,
        at: WallTime(row.get(6)?),
        state,
    })
}

fn row(row: &Row<'_>) -> rusqlite::Result<RegistrationRow> {
    let kind: String = row.get(14)?;
    let licence = if kind.is_empty() {
        None
    } else {
        Some(Licence { object: ObjectId(id(row, 13)?), kind: from_name(row, 14)? })
    };
    let employer = match row.get_ref(12)? {
        rusqlite::types::ValueRef::Null => None,
        _ => Some(EmployerId(id(row, 12)?)),
    };
    Ok(RegistrationRow {
        registration: registration(row)?,
        phone: row.get(9)?,
        password_hash: row.get(10)?,
        token: row.get(11)?,
        employer,
        licence,
    })
}

pub(super) fn find(c: &Connection, id: RegistrationId) -> Stored<Option<RegistrationRow>> {
    one(
        c,
        &format!(
            "SELECT {COLUMNS}, g.phone, g.password_hash, g.token, g.employer, g.licence, g.licence_kind
             FROM registration AS g JOIN fair AS f ON f.id = g.fair WHERE g.id = ?1"
        ),
        &[&id.0.as_bytes()],
        row,
    )
}

/// One that this transaction has just seen.
fn found(c: &Connection, id: RegistrationId) -> Stored<Registration> {
    let row = find(c, id)?.ok_or_else(|| StoreError::Failed("the registration is gone".into()))?;
    Ok(row.registration)
}

pub(super) fn list(c: &Connection, standing: Option<Standing>, limit: u32) -> Stored<Vec<Registration>> {
    let standing = standing.map(|standing| name(&standing)).transpose()?;
    all(
        c,
        &format!(
            "SELECT {COLUMNS} FROM registration AS g JOIN fair AS f ON f.id = g.fair
             WHERE ?1 IS NULL OR g.state = ?1 ORDER BY g.made, g.id LIMIT ?2"
        ),
        &[&standing, &limit],
        registration,
    )
}

pub(super) fn register(c: &Connection, draft: &RegistrationDraft, by: By) -> Stored<Registering> {
    if let Some(row) = find(c, draft.id)? {
        return Ok(Registering::Again(Box::new(row)));
    }
    let fair = draft.fair.0.as_bytes();
    let ends = one(c, "SELECT ends FROM fair WHERE id = ?1", &[&fair], |r| r.get::<_, i64>(0))?;
    match ends {
        None => return Ok(Registering::FairUnknown),
        Some(ends) if ends <= by.at.0 => return Ok(Registering::FairOver),
        Some(_) => {}
    }
    let (employer, hash, standing) = match &draft.from {
        Registrant::New { password_hash } => (None, password_hash.as_str(), Standing::LicenceMissing),
        // its licence was seen when it was approved
        Registrant::Employer(employer) => (Some(*employer), "", Standing::Waiting),
    };
    let key = name_key(&draft.name);
    let fits = match employer {
        None => {
            let sql = "SELECT 1 FROM employer WHERE approved = 1 AND (uscc = ?1 OR name_key = ?2)";
            one(c, sql, &[&draft.uscc, &key], |_| Ok(()))?.is_none()
        }
        Some(own) => {
            let sql = "SELECT 1 FROM employer WHERE id = ?1 AND approved = 1 AND uscc = ?2 AND name_key = ?3";
            one(c, sql, &[&own.0.as_bytes(), &draft.uscc, &key], |_| Ok(()))?.is_some()
                && !has_stand(c, draft.fair, own)?
        }
    };
    if !fits {
        return Ok(Registering::EmployerKnown);
    }
    run(
        c,
        "INSERT INTO registration (id, fair, employer, name, name_key, uscc, contact, phone, password_hash, token,
                                   state, made)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &[
            &draft.id.0.as_bytes(),
            &fair,
            &employer.map(|e| e.0.into_bytes()),
            &draft.name,
            &key,
            &draft.uscc,
            &draft.contact,
            &draft.phone,
            &hash,
            &draft.token,
            &name(&standing)?,
            &by.at.0,
        ],
    )?;
    act(c, "registration_made", draft.id.0, by)?;
    found(c, draft.id).map(Registering::Made)
}

fn has_stand(c: &Connection, fair: FairId, employer: EmployerId) -> Stored<bool> {
    let found = one(
        c,
        "SELECT 1 FROM exhibitor WHERE fair = ?1 AND employer = ?2",
        &[&fair.0.as_bytes(), &employer.0.as_bytes()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(super) fn set_licence(
    c: &Connection,
    registration: RegistrationId,
    licence: &Licence,
    by: By,
) -> Stored<LicenceSet> {
    let Some(row) = find(c, registration)? else { return Ok(LicenceSet::Over) };
    match row.registration.state {
        RegistrationState::LicenceMissing | RegistrationState::Waiting => {}
        RegistrationState::Approved | RegistrationState::Rejected { .. } => return Ok(LicenceSet::Over),
    }
    run(
        c,
        "UPDATE registration SET licence = ?2, licence_kind = ?3, state = 'waiting' WHERE id = ?1",
        &[&registration.0.as_bytes(), &licence.object.0.as_bytes(), &name(&licence.kind)?],
    )?;
    act(c, "licence_set", registration.0, by)?;
    let replaced = row.licence.map(|old| old.object).filter(|old| *old != licence.object);
    Ok(LicenceSet::Kept { registration: found(c, registration)?, replaced })
}

pub(super) fn decide(c: &Connection, decision: Decision) -> Stored<Decided> {
    let Decision { registration, verdict, by } = decision;
    let Some(row) = find(c, registration)? else { return Ok(Decided::Unknown) };
    match (&row.registration.state, &verdict) {
        (RegistrationState::Approved, Verdict::Approve { .. })
        | (RegistrationState::Rejected { .. }, Verdict::Reject { .. }) => {
            return Ok(Decided::Before(row.registration));
        }
        (RegistrationState::Approved, Verdict::Reject { .. })
        | (RegistrationState::Rejected { .. }, Verdict::Approve { .. }) => return Ok(Decided::Over),
        (RegistrationState::LicenceMissing, Verdict::Approve { .. }) => return Ok(Decided::LicenceMissing),
        (RegistrationState::LicenceMissing, Verdict::Reject { .. }) | (RegistrationState::Waiting, _) => {}
    }
    let (employer, standing, reason) = match verdict {
        Verdict::Reject { reason } => (row.employer, Standing::Rejected, reason),
        Verdict::Approve { employer, owner } => {
            let Some(employer) = employer_of(c, &row, employer, owner, by)? else {
                return Ok(Decided::EmployerKnown);
            };
            if !fairs::add_exhibitor(c, row.registration.fair, employer)? {
                return Err(StoreError::Failed("no stand for an approved employer".into()));
            }
            (Some(employer), Standing::Approved, String::new())
        }
    };
    let action =
        if standing == Standing::Approved { "registration_approved" } else { "registration_rejected" };
    run(
        c,
        "UPDATE registration SET state = ?2, reason = ?3, employer = ?4, password_hash = '', decided = ?5
         WHERE id = ?1",
        &[
            &registration.0.as_bytes(),
            &name(&standing)?,
            &reason,
            &employer.map(|e| e.0.into_bytes()),
            &by.at.0,
        ],
    )?;
    act(c, action, registration.0, by)?;
    Ok(Decided::Now { registration: found(c, registration)?, phone: row.phone })
}

struct Holder {
    id: EmployerId,
    uscc: String,
    name_key: String,
    approved: bool,
    phone: String,
}

/// The employer a registration becomes: the one that asked, the one the same contact was approved with, or a
/// new one. `None`: name or code are somebody else's.
fn employer_of(
    c: &Connection,
    row: &RegistrationRow,
    new: EmployerId,
    owner: MemberId,
    by: By,
) -> Stored<Option<EmployerId>> {
    if let Some(own) = row.employer {
        return Ok(Some(own));
    }
    let registration = &row.registration;
    let key = name_key(&registration.name);
    let holders = all(
        c,
        "SELECT id, uscc, name_key, approved, phone FROM employer WHERE uscc = ?1 OR name_key = ?2",
        &[&registration.uscc, &key],
        |r| {
            Ok(Holder {
                id: EmployerId(id(r, 0)?),
                uscc: r.get(1)?,
                name_key: r.get(2)?,
                approved: r.get(3)?,
                phone: r.get(4)?,
            })
        },
    )?;
    let employer = match holders.as_slice() {
        [] => {
            run(
                c,
                "INSERT INTO employer (id, uscc, name, name_key, approved, made, contact, phone)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7)",
                &[
                    &new.0.as_bytes(),
                    &registration.uscc,
                    &registration.name,
                    &key,
                    &by.at.0,
                    &registration.contact,
                    &row.phone,
                ],
            )?;
            new
        }
        // the same company registered for two fairs before the first was approved: it keeps its first password
        [one] if one.approved => {
            let same = one.uscc == registration.uscc && one.name_key == key && one.phone == row.phone;
            return Ok(same.then_some(one.id));
        }
        // brought in, but never let in: whoever holds the licence is its owner
        [one] if one.uscc == registration.uscc => {
            members::retire_all(c, one.id)?;
            run(
                c,
                "UPDATE employer SET name = ?2, name_key = ?3, approved = 1, contact = ?4, phone = ?5 WHERE id = ?1",
                &[&one.id.0.as_bytes(), &registration.name, &key, &registration.contact, &row.phone],
            )?;
            fairs::search::reindex_employer(c, one.id)?;
            one.id
        }
        _ => return Ok(None),
    };
    let owner = NewMember {
        id: owner,
        name: registration.contact.clone(),
        role: MemberRole::Owner,
        password_hash: row.password_hash.clone(),
    };
    members::insert(c, employer, &owner)?;
    act(c, "employer_approved", employer.0, by)?;
    Ok(Some(employer))
}

pub(super) fn tidy(c: &Connection, now: WallTime) -> Stored<Vec<ObjectId>> {
    run(c, "DELETE FROM act WHERE at < ?1", &[&(now.0 - ACTS_DAYS * DAY_MS)])?;
    let gone: Vec<Vec<u8>> = all(
        c,
        "DELETE FROM registration
         WHERE (state = 'licence_missing' AND made < ?1) OR (state = 'rejected' AND decided < ?2)
         RETURNING licence",
        &[&(now.0 - UNFINISHED_DAYS * DAY_MS), &(now.0 - REJECTED_DAYS * DAY_MS)],
        |r| r.get(0),
    )?;
    Ok(gone.iter().filter_map(|bytes| uuid::Uuid::from_slice(bytes).ok()).map(ObjectId).collect())
}
