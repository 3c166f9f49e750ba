//! Sessions: of members, of codes, of accounts; and which room one is in.

use super::accounts::one;
use super::row::{failed, from_name, id};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::MemberCard;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, Row, params};

/// Open sessions one person keeps on one device: an answer lost on the way must not end the
/// session the device still has.
const SESSIONS_PER_DEVICE: i64 = 3;

/// A column that holds an id or nothing.
pub(super) fn device(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DeviceId>> {
    let empty = row.get_ref(column)?.as_blob().is_ok_and(<[u8]>::is_empty);
    if empty { Ok(None) } else { id(row, column).map(|id| Some(DeviceId(id))) }
}

/// What a session is of.
pub(super) enum Of {
    Member(MemberId),
    Code(InvitationId, CandidateId),
    Account(CandidateId),
}

pub(super) fn open_session(c: &Connection, of: &Of, new: &NewSession) -> Stored<SessionId> {
    let (member, candidate, account, invitation) = match of {
        Of::Member(id) => (Some(id.0.as_bytes()), None, false, None),
        Of::Code(id, candidate) => (None, Some(candidate.0.as_bytes()), false, Some(id.0.as_bytes())),
        Of::Account(candidate) => (None, Some(candidate.0.as_bytes()), true, None),
    };
    c.prepare_cached(
        "INSERT INTO session (token, device, member, candidate, account, invitation, made, expires, device_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .and_then(|mut s| {
        let device = new.device.0.as_bytes();
        s.execute(params![
            new.token,
            device,
            member,
            candidate,
            account,
            invitation,
            new.now.0,
            new.expires.0,
            new.device_key.as_ref().map_or(&[] as &[u8], |key| key)
        ])
    })
    .map_err(failed)?;
    let session = c.last_insert_rowid();
    c.prepare_cached(
        "UPDATE session SET ended = ?6 WHERE id IN (
             SELECT id FROM session
             WHERE device = ?1 AND ended = 0
               AND (member = ?2 OR (candidate = ?3 AND account = ?4 AND (account = 1 OR invitation = ?5)))
             ORDER BY id DESC LIMIT -1 OFFSET ?7)",
    )
    .and_then(|mut s| {
        let device = new.device.0.as_bytes();
        s.execute(params![device, member, candidate, account, invitation, new.now.0, SESSIONS_PER_DEVICE])
    })
    .map_err(failed)?;
    Ok(SessionId(session))
}

/// Sessions of an invitation on other devices: what a code opened is over, accounts leave the room.
fn push_out(
    c: &Connection,
    invitation: InvitationId,
    keep: DeviceId,
    now: WallTime,
) -> Stored<(Vec<SessionId>, Vec<SessionId>)> {
    let (id, device) = (invitation.0.as_bytes(), keep.0.as_bytes());
    let replaced = c
        .prepare_cached(
            "UPDATE session SET ended = ?3, replaced = 1
             WHERE invitation = ?1 AND device <> ?2 AND account = 0 AND ended = 0 RETURNING id",
        )
        .and_then(|mut s| s.query_map(params![id, device, now.0], |r| r.get(0).map(SessionId))?.collect())
        .map_err(failed)?;
    let moved = c
        .prepare_cached(
            "UPDATE session SET invitation = NULL
             WHERE invitation = ?1 AND device <> ?2 AND account = 1 AND ended = 0 RETURNING id",
        )
        .and_then(|mut s| s.query_map(params![id, device], |r| r.get(0).map(SessionId))?.collect())
        .map_err(failed)?;
    c.prepare_cached("UPDATE invitation SET device = ?2 WHERE id = ?1")
        .and_then(|mut s| s.execute(params![id, device]))
        .map_err(failed)?;
    Ok((replaced, moved))
}

pub(super) fn bind(c: &Connection, bind: &Bind) -> Stored<Bound> {
    let invitation = bind.invitation.0.as_bytes();
    let found =
        one(c, "SELECT device, cancelled, candidate FROM invitation WHERE id = ?1", &[&invitation], |r| {
            Ok((device(r, 0)?, r.get::<_, bool>(1)?, CandidateId(id(r, 2)?)))
        })?;
    let Some((holder, false, candidate)) = found else { return Ok(Bound::Cancelled) };
    let new = bind.session.device;
    if holder.is_some_and(|held| held != new) && !bind.takeover {
        return Ok(Bound::OtherDevice);
    }
    let (replaced, moved) = push_out(c, bind.invitation, new, bind.session.now)?;
    let session = open_session(c, &Of::Code(bind.invitation, candidate), &bind.session)?;
    Ok(Bound::Yes { session, replaced, moved })
}

pub(super) fn enter(
    c: &Connection,
    session: SessionId,
    invitation: InvitationId,
    now: WallTime,
) -> Stored<Bound> {
    let id = invitation.0.as_bytes();
    let found = one(
        c,
        "SELECT s.device, i.cancelled FROM session AS s JOIN invitation AS i ON i.candidate = s.candidate
         WHERE s.id = ?1 AND s.account = 1 AND i.id = ?2",
        &[&session.0, &id],
        |r| Ok((device(r, 0)?, r.get::<_, bool>(1)?)),
    )?;
    let Some((Some(device), false)) = found else { return Ok(Bound::Cancelled) };
    let (replaced, moved) = push_out(c, invitation, device, now)?;
    c.prepare_cached("UPDATE session SET invitation = ?2 WHERE id = ?1")
        .and_then(|mut s| s.execute(params![session.0, id]))
        .map_err(failed)?;
    Ok(Bound::Yes { session, replaced, moved })
}

pub(super) const SESSION: &str =
    "SELECT s.id, s.device, s.ended, s.replaced, s.expires, s.member IS NOT NULL,
            m.id, m.name, m.role, m.active, e.id, e.name, e.approved,
            s.account, i.id, k.id, k.name, i.ticket, i.round, i.cancelled, k.account,
            CASE WHEN i.card <> x'' THEN i.card ELSE i.candidate END, s.device_key, s.number_proved > 0
     FROM session AS s
     LEFT JOIN member AS m ON m.id = s.member LEFT JOIN employer AS e ON e.id = m.employer
     LEFT JOIN invitation AS i ON i.id = s.invitation LEFT JOIN candidate AS k ON k.id = s.candidate";

pub(super) fn session(row: &Row<'_>, now: WallTime) -> rusqlite::Result<Session> {
    let ended = row.get::<_, i64>(2)? != 0;
    let expired = row.get::<_, i64>(4)? <= now.0;
    let of_member = row.get::<_, bool>(5)?;
    let (who, active) = if of_member {
        let member = MemberCard { id: MemberId(id(row, 6)?), name: row.get(7)?, role: from_name(row, 8)? };
        let who = Who::Member { employer: EmployerId(id(row, 10)?), employer_name: row.get(11)?, member };
        (who, row.get::<_, bool>(9)? && row.get::<_, bool>(12)?)
    } else {
        let account = row.get::<_, bool>(13)?;
        let room = match row.get::<_, Option<bool>>(19)? {
            Some(false) => Some(InRoom {
                invitation: InvitationId(id(row, 14)?),
                ticket: TicketId(id(row, 17)?),
                round: RoundId(id(row, 18)?),
                holder: CandidateId(id(row, 21)?),
            }),
            // called off, or gone
            Some(true) | None => None,
        };
        let active = if account { row.get::<_, i64>(20)? > 0 } else { room.is_some() };
        let candidate = CandidateId(id(row, 15)?);
        (Who::Candidate { candidate, name: row.get(16)?, account, room }, active)
    };
    let state = if row.get::<_, bool>(3)? {
        SessionState::Replaced
    } else if ended || expired || !active {
        SessionState::Over
    } else {
        SessionState::Open
    };
    Ok(Session {
        id: SessionId(row.get(0)?),
        device: DeviceId(id(row, 1)?),
        who,
        state,
        device_key: row.get::<_, Vec<u8>>(22)?.try_into().ok(),
        number_proved: row.get(23)?,
    })
}
