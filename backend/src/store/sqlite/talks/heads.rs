//! Conversations as one side sees them.

use super::people::maybe_id;
use crate::store::sqlite::row::{failed, from_json, from_name, id};
use crate::store::{Party, Stored};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::invitation::Standing;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, OptionalExtension, params};

/// The position of a party's last change.
pub(super) fn pos(c: &Connection, party: Party) -> Stored<u64> {
    let (sql, who) = match party {
        Party::Employer(employer) => ("SELECT max(pos) FROM conversation WHERE employer = ?1", employer.0),
        Party::Candidate(candidate) => {
            ("SELECT max(candidate_pos) FROM conversation WHERE candidate = ?1", candidate.0)
        }
    };
    c.prepare_cached(sql)
        .and_then(|mut s| s.query_row([who.as_bytes()], |r| r.get::<_, Option<i64>>(0)))
        .map(|pos| pos.unwrap_or(0) as u64)
        .map_err(failed)
}

/// Changed after `since`, lowest position first.
pub(super) fn since(c: &Connection, party: Party, since: u64, limit: u32) -> Stored<Vec<TalkHead>> {
    let (sql, who) = match party {
        Party::Employer(employer) => (
            "SELECT key FROM conversation WHERE employer = ?1 AND pos > ?2 ORDER BY pos LIMIT ?3",
            employer.0,
        ),
        Party::Candidate(candidate) => (
            "SELECT key FROM conversation WHERE candidate = ?1 AND candidate_pos > ?2
             ORDER BY candidate_pos LIMIT ?3",
            candidate.0,
        ),
    };
    let snapshot = c.unchecked_transaction().map_err(failed)?;
    let since = i64::try_from(since).unwrap_or(i64::MAX);
    let keys: Vec<i64> = c
        .prepare_cached(sql)
        .and_then(|mut s| s.query_map(params![who.as_bytes(), since, limit], |r| r.get(0))?.collect())
        .map_err(failed)?;
    let heads = heads(c, &keys, party.side())?;
    drop(snapshot);
    Ok(heads)
}

/// In the order of the keys.
pub(super) fn heads(c: &Connection, keys: &[i64], side: Side) -> Stored<Vec<TalkHead>> {
    let found: Stored<Vec<Option<TalkHead>>> = keys.iter().map(|key| head(c, *key, side)).collect();
    Ok(found?.into_iter().flatten().collect())
}

pub(super) fn head(c: &Connection, key: i64, side: Side) -> Stored<Option<TalkHead>> {
    let found = c
        .prepare_cached(
            "SELECT t.id, t.pos, t.candidate_pos, t.fair, coalesce(f.title, ''), e.id, e.name, k.id, k.name,
                    k.headline, t.last_seq, t.candidate_delivered, t.candidate_read, t.recruiter_delivered,
                    t.recruiter_read, t.candidate_unread, t.recruiter_unread, t.mark, t.blocked
             FROM conversation AS t JOIN employer AS e ON e.id = t.employer
             JOIN candidate AS k ON k.id = t.candidate LEFT JOIN fair AS f ON f.id = t.fair
             WHERE t.key = ?1",
        )
        .and_then(|mut s| {
            s.query_row([key], |r| {
                let n = |column| r.get::<_, i64>(column).map(|n| n as u64);
                let (pos, unread, mark) = match side {
                    Side::Candidate => (n(2)?, r.get(15)?, Mark::Unmarked),
                    Side::Recruiter => (n(1)?, r.get(16)?, from_name(r, 17)?),
                };
                Ok(TalkHead {
                    id: ConversationId(id(r, 0)?),
                    pos,
                    side,
                    fair: maybe_id(r, 3)?.map(FairId),
                    fair_title: r.get(4)?,
                    employer: EmployerId(id(r, 5)?),
                    employer_name: r.get(6)?,
                    candidate: CandidateId(id(r, 7)?),
                    candidate_name: r.get(8)?,
                    candidate_line: r.get(9)?,
                    last_seq: n(10)?,
                    last: None,
                    candidate_seen: Seen { delivered: n(11)?, read: n(12)? },
                    recruiter_seen: Seen { delivered: n(13)?, read: n(14)? },
                    unread,
                    mark,
                    applications: Vec::new(),
                    invitations: Vec::new(),
                    blocked: r.get(18)?,
                })
            })
            .optional()
        })
        .map_err(failed)?;
    let Some(mut head) = found else { return Ok(None) };
    if head.last_seq > 0 {
        head.last = c
            .prepare_cached(&format!("SELECT {ENTRY_COLUMNS} FROM entry WHERE talk = ?1 AND seq = ?2"))
            .and_then(|mut s| s.query_row(params![key, head.last_seq as i64], entry).optional())
            .map_err(failed)?;
    }
    head.applications = applications(c, key)?;
    head.invitations = invitations(c, Of::Talk(key))?;
    Ok(Some(head))
}

/// Columns of [`entry`].
pub(super) const ENTRY_COLUMNS: &str = "seq, change, side, author, at, body";

pub(super) fn entry(r: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: r.get::<_, i64>(0)? as u64,
        id: ChangeId(id(r, 1)?),
        from: from_name(r, 2)?,
        by: r.get(3)?,
        at: WallTime(r.get(4)?),
        body: from_json(r, 5)?,
    })
}

fn applications(c: &Connection, key: i64) -> Stored<Vec<ApplicationCard>> {
    c.prepare_cached(
        "SELECT id, position, title, at, object, object_name, object_size, object_at
         FROM application WHERE talk = ?1 ORDER BY at DESC, id DESC",
    )
    .and_then(|mut s| {
        s.query_map([key], |r| {
            let object = maybe_id(r, 4)?.map(ObjectId);
            let (name, size, at) = (r.get(5)?, r.get::<_, i64>(6)? as u64, WallTime(r.get(7)?));
            Ok(ApplicationCard {
                id: ApplicationId(id(r, 0)?),
                position: PositionId(id(r, 1)?),
                title: r.get(2)?,
                at: WallTime(r.get(3)?),
                attachment: object.map(|object| AttachmentResume { object, name, size, at }),
            })
        })?
        .collect()
    })
    .map_err(failed)
}

/// Whose invitations.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// A conversation's, newest first.
    Talk(i64),
    /// A candidate's, soonest first.
    Candidate(CandidateId),
    One(InvitationId),
}

/// Invitations sent in conversations.
pub(super) fn invitations(c: &Connection, of: Of) -> Stored<Vec<InvitationCard>> {
    const CARDS: &str =
        "SELECT v.invitation, t.id, v.standing, i.round, r.name, e.name, i.password_hash <> '', v.sent
         FROM talk_invitation AS v JOIN invitation AS i ON i.id = v.invitation
         JOIN conversation AS t ON t.key = v.talk JOIN round AS r ON r.id = i.round
         JOIN employer AS e ON e.id = t.employer";
    let card = |r: &rusqlite::Row<'_>| {
        let Standing { revision, terms, status } = from_json(r, 2)?;
        Ok(InvitationCard {
            id: InvitationId(id(r, 0)?),
            conversation: ConversationId(id(r, 1)?),
            revision,
            terms,
            round: RoundId(id(r, 3)?),
            round_name: r.get(4)?,
            employer_name: r.get(5)?,
            with_password: r.get(6)?,
            status,
            sent: WallTime(r.get(7)?),
        })
    };
    let cards = match of {
        Of::Talk(key) => c
            .prepare_cached(&format!("{CARDS} WHERE v.talk = ?1 ORDER BY v.sent DESC, v.invitation DESC"))
            .and_then(|mut s| s.query_map([key], card)?.collect()),
        Of::Candidate(candidate) => c
            .prepare_cached(&format!("{CARDS} WHERE i.candidate = ?1 ORDER BY v.starts, v.invitation"))
            .and_then(|mut s| s.query_map([candidate.0.as_bytes()], card)?.collect()),
        Of::One(invitation) => c
            .prepare_cached(&format!("{CARDS} WHERE v.invitation = ?1"))
            .and_then(|mut s| s.query_map([invitation.0.as_bytes()], card)?.collect()),
    };
    cards.map_err(failed)
}
