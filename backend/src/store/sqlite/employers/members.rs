//! Members of employers, and their sessions.

use super::super::row::{from_name, id, name};
use super::{act, all, one, run};
use crate::store::{Adding, By, MEMBERS_MAX, NewMember, Removing, SessionId, StoreError, Stored};
use miantan_domain::ids::{EmployerId, MemberId};
use miantan_domain::model::{MemberCard, MemberRole};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::MemberLine;
use rusqlite::{Connection, Row};

/// Removed members of one name at most; nobody hires and dismisses somebody that often.
const NAMESAKES_MAX: u32 = 1_000;

struct Known {
    employer: EmployerId,
    name: String,
    role: MemberRole,
    active: bool,
}

fn find(c: &Connection, member: MemberId) -> Stored<Option<Known>> {
    let read = |r: &Row<'_>| {
        Ok(Known {
            employer: EmployerId(id(r, 0)?),
            name: r.get(1)?,
            role: from_name(r, 2)?,
            active: r.get(3)?,
        })
    };
    one(c, "SELECT employer, name, role, active FROM member WHERE id = ?1", &[&member.0.as_bytes()], read)
}

/// Whether there is such a member now, of this employer where one is named.
pub(super) fn is_active(c: &Connection, employer: Option<EmployerId>, member: MemberId) -> Stored<bool> {
    let found = find(c, member)?;
    Ok(found.is_some_and(|m| m.active && employer.is_none_or(|employer| m.employer == employer)))
}

pub(super) fn list(c: &Connection, employer: EmployerId, now: WallTime) -> Stored<Vec<MemberLine>> {
    all(
        c,
        "SELECT m.id, m.name, m.role,
                (SELECT count(*) FROM session AS s WHERE s.member = m.id AND s.ended = 0 AND s.expires > ?2)
         FROM member AS m WHERE m.employer = ?1 AND m.active = 1 ORDER BY m.role <> 'owner', m.name, m.id",
        &[&employer.0.as_bytes(), &now.0],
        |r| {
            let member = MemberCard { id: MemberId(id(r, 0)?), name: r.get(1)?, role: from_name(r, 2)? };
            Ok(MemberLine { member, sessions: r.get(3)? })
        },
    )
}

pub(super) fn add(c: &Connection, employer: EmployerId, new: &NewMember, by: By) -> Stored<Adding> {
    if let Some(known) = find(c, new.id)? {
        let same = known.employer == employer
            && known.active
            && (known.name.as_str(), known.role) == (new.name.as_str(), new.role);
        return Ok(if same { Adding::Added } else { Adding::IdTaken });
    }
    let namesake = one(
        c,
        "SELECT active FROM member WHERE employer = ?1 AND name = ?2",
        &[&employer.0.as_bytes(), &new.name],
        |r| r.get::<_, bool>(0),
    )?;
    match namesake {
        Some(true) => return Ok(Adding::NameTaken),
        Some(false) => number(c, employer, &new.name)?,
        None => {}
    }
    let active = one(
        c,
        "SELECT count(*) FROM member WHERE employer = ?1 AND active = 1",
        &[&employer.0.as_bytes()],
        |r| r.get::<_, u32>(0),
    )?;
    if active.unwrap_or(0) >= MEMBERS_MAX {
        return Ok(Adding::Full);
    }
    insert(c, employer, new)?;
    act(c, "member_added", new.id.0, by)?;
    Ok(Adding::Added)
}

pub(super) fn insert(c: &Connection, employer: EmployerId, new: &NewMember) -> Stored<()> {
    run(
        c,
        "INSERT INTO member (id, employer, name, role, password_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[&new.id.0.as_bytes(), &employer.0.as_bytes(), &new.name, &name(&new.role)?, &new.password_hash],
    )
    .map(|_| ())
}

/// A removed member's name is free again: theirs gets the first free number.
fn number(c: &Connection, employer: EmployerId, name: &str) -> Stored<()> {
    for number in 1..=NAMESAKES_MAX {
        let numbered = format!("{name}·{number}");
        let changed = run(
            c,
            "UPDATE member SET name = ?3 WHERE employer = ?1 AND name = ?2 AND active = 0
                 AND NOT EXISTS (SELECT 1 FROM member WHERE employer = ?1 AND name = ?3)",
            &[&employer.0.as_bytes(), &name, &numbered],
        )?;
        if changed == 1 {
            return Ok(());
        }
    }
    Err(StoreError::Failed("no number is left for a removed member".into()))
}

pub(super) fn remove(c: &Connection, employer: EmployerId, member: MemberId, by: By) -> Stored<Removing> {
    let Some(known) = find(c, member)?.filter(|m| m.employer == employer) else {
        return Ok(Removing::Unknown);
    };
    if !known.active {
        return Ok(Removing::Removed(Vec::new()));
    }
    // an employer has one owner
    if known.role == MemberRole::Owner {
        return Ok(Removing::LastOwner);
    }
    run(c, "UPDATE member SET active = 0 WHERE id = ?1", &[&member.0.as_bytes()])?;
    act(c, "member_removed", member.0, by)?;
    end_sessions(c, member, None, by.at).map(Removing::Removed)
}

/// Ends all sessions of a member but `keep`, and says which.
pub(super) fn end_sessions(
    c: &Connection,
    member: MemberId,
    keep: Option<SessionId>,
    now: WallTime,
) -> Stored<Vec<SessionId>> {
    all(
        c,
        "UPDATE session SET ended = ?3 WHERE member = ?1 AND id <> ?2 AND ended = 0 RETURNING id",
        &[&member.0.as_bytes(), &keep.map_or(0, |s| s.0), &now.0],
        |r| r.get(0).map(SessionId),
    )
}

/// All members of an employer that was never approved: none of them was ever let in.
pub(super) fn retire_all(c: &Connection, employer: EmployerId) -> Stored<()> {
    let names: Vec<String> =
        all(c, "SELECT name FROM member WHERE employer = ?1", &[&employer.0.as_bytes()], |r| r.get(0))?;
    run(c, "UPDATE member SET active = 0 WHERE employer = ?1", &[&employer.0.as_bytes()])?;
    names.iter().try_for_each(|name| number(c, employer, name))
}
