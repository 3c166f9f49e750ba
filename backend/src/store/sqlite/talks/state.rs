//! The row of a conversation: what a decision looks at and what it changes.

use crate::store::sqlite::row::{failed, from_json, from_name, id};
use crate::store::{Parties, Party, Stored};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::invitation::Standing;
use miantan_domain::rules::talk::TalkState;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// A conversation. Its invitations are read by [`Row::with_invitations`] only.
pub(super) struct Row {
    pub key: i64,
    pub id: ConversationId,
    pub parties: Parties,
    pub state: TalkState,
    pub pos: u64,
    pub candidate_pos: u64,
    pub candidate_unread: u32,
    pub recruiter_unread: u32,
}

const COLUMNS: &str = "key, id, employer, candidate, last_seq, candidate_delivered, candidate_read,
     recruiter_delivered, recruiter_read, mark, blocked, pos, candidate_pos, candidate_unread, recruiter_unread";

fn read(r: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let n = |column| r.get::<_, i64>(column).map(|n| n as u64);
    Ok(Row {
        key: r.get(0)?,
        id: ConversationId(id(r, 1)?),
        parties: Parties { employer: EmployerId(id(r, 2)?), candidate: CandidateId(id(r, 3)?) },
        state: TalkState {
            last_seq: n(4)?,
            candidate_seen: Seen { delivered: n(5)?, read: n(6)? },
            recruiter_seen: Seen { delivered: n(7)?, read: n(8)? },
            mark: from_name(r, 9)?,
            blocked: r.get(10)?,
            invitations: BTreeMap::new(),
        },
        pos: n(11)?,
        candidate_pos: n(12)?,
        candidate_unread: r.get(13)?,
        recruiter_unread: r.get(14)?,
    })
}

impl Row {
    /// A conversation of this party; another's is as absent as one that does not exist.
    pub fn of(c: &Connection, party: Party, conversation: ConversationId) -> Stored<Option<Self>> {
        let found = c
            .prepare_cached(&format!("SELECT {COLUMNS} FROM conversation WHERE id = ?1"))
            .and_then(|mut s| s.query_row([conversation.0.as_bytes()], read).optional())
            .map_err(failed)?;
        Ok(found.filter(|row| row.parties.has(party)))
    }

    pub fn by_key(c: &Connection, key: i64) -> Stored<Option<Self>> {
        c.prepare_cached(&format!("SELECT {COLUMNS} FROM conversation WHERE key = ?1"))
            .and_then(|mut s| s.query_row([key], read).optional())
            .map_err(failed)
    }

    /// The one between these two at this fair.
    pub fn between(c: &Connection, parties: Parties, fair: Option<FairId>) -> Stored<Option<Self>> {
        let fair = fair.map_or_else(Vec::new, |fair| fair.0.as_bytes().to_vec());
        c.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM conversation
             WHERE candidate = ?1 AND employer = ?2 AND coalesce(fair, x'') = ?3"
        ))
        .and_then(|mut s| {
            let (candidate, employer) = (parties.candidate.0.as_bytes(), parties.employer.0.as_bytes());
            s.query_row(params![candidate, employer, fair], read).optional()
        })
        .map_err(failed)
    }

    /// With what the invitation rules look at.
    pub fn with_invitations(mut self, c: &Connection) -> Stored<Self> {
        let invitations = c
            .prepare_cached("SELECT invitation, standing FROM talk_invitation WHERE talk = ?1")
            .and_then(|mut s| {
                s.query_map([self.key], |r| Ok((InvitationId(id(r, 0)?), from_json::<Standing>(r, 1)?)))?
                    .collect::<Result<_, _>>()
            })
            .map_err(failed)?;
        self.state.invitations = invitations;
        Ok(self)
    }

    /// One more entry of `from`.
    pub fn grew(&mut self, from: Side) {
        match from {
            Side::Candidate => self.recruiter_unread = self.recruiter_unread.saturating_add(1),
            Side::Recruiter => self.candidate_unread = self.candidate_unread.saturating_add(1),
        }
    }

    /// Counts anew what `side` has not read.
    pub fn count_unread(&mut self, c: &Connection, side: Side) -> Stored<()> {
        let read = self.state.seen(side).read;
        let unread = if read >= self.state.last_seq {
            0
        } else {
            c.prepare_cached("SELECT count(*) FROM entry WHERE talk = ?1 AND seq > ?2 AND side = ?3")
                .and_then(|mut s| {
                    s.query_row(params![self.key, read as i64, self::side(side.other())], |r| r.get(0))
                })
                .map_err(failed)?
        };
        match side {
            Side::Candidate => self.candidate_unread = unread,
            Side::Recruiter => self.recruiter_unread = unread,
        }
        Ok(())
    }

    /// What a message or a seen-mark changes. Mark and block are left alone: their checks would be most of the cost
    /// of a message's own row.
    pub fn save_numbers(&self, c: &Connection) -> Stored<()> {
        let state = &self.state;
        c.prepare_cached(
            "UPDATE conversation SET last_seq = ?2, candidate_delivered = ?3, candidate_read = ?4,
                 recruiter_delivered = ?5, recruiter_read = ?6, pos = ?7, candidate_pos = ?8,
                 candidate_unread = ?9, recruiter_unread = ?10
             WHERE key = ?1",
        )
        .and_then(|mut s| {
            s.execute(params![
                self.key,
                state.last_seq as i64,
                state.candidate_seen.delivered as i64,
                state.candidate_seen.read as i64,
                state.recruiter_seen.delivered as i64,
                state.recruiter_seen.read as i64,
                self.pos as i64,
                self.candidate_pos as i64,
                self.candidate_unread,
                self.recruiter_unread,
            ])
        })
        .map(|_| ())
        .map_err(failed)
    }

    pub fn save(&self, c: &Connection) -> Stored<()> {
        let state = &self.state;
        c.prepare_cached(
            "UPDATE conversation SET last_seq = ?2, candidate_delivered = ?3, candidate_read = ?4,
                 recruiter_delivered = ?5, recruiter_read = ?6, mark = ?7, blocked = ?8, pos = ?9,
                 candidate_pos = ?10, candidate_unread = ?11, recruiter_unread = ?12
             WHERE key = ?1",
        )
        .and_then(|mut s| {
            s.execute(params![
                self.key,
                state.last_seq as i64,
                state.candidate_seen.delivered as i64,
                state.candidate_seen.read as i64,
                state.recruiter_seen.delivered as i64,
                state.recruiter_seen.read as i64,
                mark(state.mark),
                state.blocked,
                self.pos as i64,
                self.candidate_pos as i64,
                self.candidate_unread,
                self.recruiter_unread,
            ])
        })
        .map(|_| ())
        .map_err(failed)
    }
}

/// As in the column.
pub(super) const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Unmarked => "unmarked",
        Mark::Shortlisted => "shortlisted",
        Mark::Qualified => "qualified",
        Mark::Eliminated => "eliminated",
    }
}

/// As in the column.
pub(super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Candidate => "candidate",
        Side::Recruiter => "recruiter",
    }
}
