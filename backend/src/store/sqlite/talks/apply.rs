//! Applications, and how conversations come to be.

use super::Memory;
use super::change::{Kept, Maker, tell_heads, write_entry};
use super::people::{self, words};
use super::state::Row;
use crate::store::sqlite::row::{failed, id};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::{ApplyFacts, Author, may_apply};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::MyApplication;
use miantan_domain::wire::{Problem, ProblemCode};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// What a candidate sends.
pub(super) struct NewApplication {
    pub id: ApplicationId,
    pub position: PositionId,
    pub resume: ResumeChoice,
    /// The conversation's id, should it be new.
    pub fresh: ConversationId,
}

/// A position with what an application looks at.
struct Wanted {
    fair: FairId,
    employer: EmployerId,
    title: String,
    open: bool,
    starts: WallTime,
    ends: WallTime,
}

/// Only positions that everybody sees: of employers the organiser let in.
fn wanted(c: &Connection, position: PositionId) -> Stored<Option<Wanted>> {
    c.prepare_cached(
        "SELECT p.fair, p.employer, p.title, p.open, f.starts, f.ends
         FROM position AS p JOIN fair AS f ON f.id = p.fair JOIN employer AS e ON e.id = p.employer
         WHERE p.id = ?1 AND e.approved = 1",
    )
    .and_then(|mut s| {
        s.query_row([position.0.as_bytes()], |r| {
            Ok(Wanted {
                fair: FairId(id(r, 0)?),
                employer: EmployerId(id(r, 1)?),
                title: r.get(2)?,
                open: r.get(3)?,
                starts: WallTime(r.get(4)?),
                ends: WallTime(r.get(5)?),
            })
        })
        .optional()
    })
    .map_err(failed)
}

fn exists(c: &Connection, sql: &str, id: &uuid::Uuid) -> Stored<bool> {
    c.prepare_cached(sql)
        .and_then(|mut s| s.query_row([id.as_bytes()], |r| r.get(0)).optional())
        .map(|found| found == Some(true))
        .map_err(failed)
}

pub(super) fn apply(
    c: &Connection,
    memory: &Memory,
    by: &Talker,
    (id, at): (ChangeId, WallTime),
    new: &NewApplication,
) -> Stored<Result<Kept, Problem>> {
    let (Author::Candidate, Party::Candidate(candidate)) = (by.author, by.party) else {
        return Ok(Err(ProblemCode::NotAllowed.into()));
    };
    let Some(position) = wanted(c, new.position)? else { return Ok(Err(ProblemCode::NotFound.into())) };
    let Some(applicant) = people::applicant(c, candidate)? else {
        return Ok(Err(ProblemCode::NotFound.into()));
    };
    let attachment = match new.resume {
        ResumeChoice::Online => None,
        ResumeChoice::Attachment { object } => people::attachment(c, candidate, object)?,
    };
    let parties = Parties { employer: position.employer, candidate };
    let known = Row::between(c, parties, Some(position.fair))?;
    let facts = ApplyFacts {
        fair_open: fair_open(position.starts, position.ends, at),
        position_open: position.open,
        applied: applied(c, candidate, &[new.position])?.contains(&new.position),
        profile: applicant.profile,
        resume: match new.resume {
            ResumeChoice::Online => applicant.resume,
            ResumeChoice::Attachment { .. } => attachment.is_some(),
        },
        blocked: known.as_ref().is_some_and(|row| row.state.blocked),
    };
    if let Err(problem) = may_apply(facts) {
        return Ok(Err(problem));
    }
    if exists(c, "SELECT 1 FROM application WHERE id = ?1", &new.id.0)? {
        return Ok(Err(Problem::new(ProblemCode::Malformed, "the application's id is taken")));
    }

    let fresh = known.is_none();
    let mut row = match known {
        Some(row) => row,
        None => make(c, memory, new.fresh, parties, Some(position.fair), at)?,
    };
    insert(c, new, candidate, row.key, &position.title, attachment.as_ref(), at)?;
    let search = words(&applicant.name, &people::titles(c, row.key)?);
    c.prepare_cached("UPDATE conversation SET words = ?2 WHERE key = ?1")
        .and_then(|mut s| s.execute(params![row.key, search]))
        .map_err(failed)?;
    row.state.last_seq += 1;
    let body = EntryBody::Applied { application: new.id, position: position.title };
    let maker = Maker { side: Side::Candidate, name: "", member: None, id, at };
    let mut news = Vec::new();
    if fresh {
        // a device hears of the conversation before it hears what is in it
        row.pos = memory.next_pos(c)?;
        let head_pos = row.pos;
        let entry = write_entry(c, memory, &mut row, body, &maker)?;
        row.save(c)?;
        tell_heads(c, &row, true, &mut news)?;
        for told in &mut news {
            if let TalkNews::Head { head, .. } = told {
                head.pos = head_pos;
            }
        }
        news.push(entry);
    } else {
        news.push(write_entry(c, memory, &mut row, body, &maker)?);
        row.pos = memory.next_pos(c)?;
        row.candidate_pos = row.pos;
        row.save(c)?;
        tell_heads(c, &row, true, &mut news)?;
    }
    Ok(Ok(Kept { seq: row.state.last_seq, news }))
}

fn insert(
    c: &Connection,
    new: &NewApplication,
    candidate: CandidateId,
    talk: i64,
    title: &str,
    attachment: Option<&AttachmentResume>,
    at: WallTime,
) -> Stored<()> {
    let object = attachment.map_or_else(Vec::new, |file| file.object.0.as_bytes().to_vec());
    let file = attachment.map_or(("", 0, 0), |file| (file.name.as_str(), file.size as i64, file.at.0));
    c.prepare_cached(
        "INSERT INTO application
             (id, candidate, position, talk, title, at, object, object_name, object_size, object_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .and_then(|mut s| {
        let (new_id, position) = (new.id.0.as_bytes(), new.position.0.as_bytes());
        s.execute(params![
            new_id,
            candidate.0.as_bytes(),
            position,
            talk,
            title,
            at.0,
            object,
            file.0,
            file.1,
            file.2
        ])
    })
    .map(|_| ())
    .map_err(failed)
}

/// A new conversation with nothing in it. An id that is taken is a conflict: it was drawn by the server.
fn make(
    c: &Connection,
    memory: &Memory,
    fresh: ConversationId,
    parties: Parties,
    fair: Option<FairId>,
    at: WallTime,
) -> Stored<Row> {
    let name: Option<String> = c
        .prepare_cached("SELECT name FROM candidate WHERE id = ?1")
        .and_then(|mut s| s.query_row([parties.candidate.0.as_bytes()], |r| r.get(0)).optional())
        .map_err(failed)?;
    let pos = memory.next_pos(c)? as i64;
    c.prepare_cached(
        "INSERT INTO conversation (id, employer, candidate, fair, made, words, pos, candidate_pos)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    )
    .and_then(|mut s| {
        let fair = fair.map(|fair| *fair.0.as_bytes());
        let (employer, candidate) = (parties.employer.0.as_bytes(), parties.candidate.0.as_bytes());
        let words = words(&name.unwrap_or_default(), &[]);
        s.execute(params![fresh.0.as_bytes(), employer, candidate, fair, at.0, words, pos])
    })
    .map_err(failed)?;
    let row = Row::by_key(c, c.last_insert_rowid())?;
    row.ok_or_else(|| StoreError::Failed("a conversation is not there".into()))
}

pub(super) fn open(
    c: &Connection,
    memory: &Memory,
    open: &OpenTalk,
) -> Stored<(Option<ConversationId>, Vec<TalkNews>)> {
    if let Some(row) = Row::between(c, open.parties, open.fair)? {
        return Ok((Some(row.id), Vec::new()));
    }
    let there = exists(c, "SELECT 1 FROM employer WHERE id = ?1", &open.parties.employer.0)?
        && exists(c, "SELECT 1 FROM candidate WHERE id = ?1", &open.parties.candidate.0)?
        && match open.fair {
            Some(fair) => exists(c, "SELECT 1 FROM fair WHERE id = ?1", &fair.0)?,
            None => true,
        };
    if !there {
        return Ok((None, Vec::new()));
    }
    let row = make(c, memory, open.fresh, open.parties, open.fair, open.at)?;
    let mut news = Vec::new();
    tell_heads(c, &row, true, &mut news)?;
    Ok((Some(row.id), news))
}

pub(super) fn applied(
    c: &Connection,
    candidate: CandidateId,
    positions: &[PositionId],
) -> Stored<BTreeSet<PositionId>> {
    let mut statement = c
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM application WHERE candidate = ?1 AND position = ?2)")
        .map_err(failed)?;
    let mut applied = BTreeSet::new();
    for position in positions {
        let there: bool = statement
            .query_row(params![candidate.0.as_bytes(), position.0.as_bytes()], |r| r.get(0))
            .map_err(failed)?;
        if there {
            applied.insert(*position);
        }
    }
    Ok(applied)
}

/// 我的投递, newest first.
pub(super) fn mine(c: &Connection, candidate: CandidateId) -> Stored<Vec<MyApplication>> {
    c.prepare_cached(
        "SELECT a.id, t.id, f.id, f.title, e.name, p.id, a.title, p.salary_from, p.salary_to, a.at, a.seen
         FROM application AS a JOIN conversation AS t ON t.key = a.talk
         JOIN position AS p ON p.id = a.position JOIN fair AS f ON f.id = p.fair
         JOIN employer AS e ON e.id = t.employer
         WHERE a.candidate = ?1 ORDER BY a.at DESC, a.id DESC",
    )
    .and_then(|mut s| {
        s.query_map([candidate.0.as_bytes()], |r| {
            Ok(MyApplication {
                id: ApplicationId(id(r, 0)?),
                conversation: ConversationId(id(r, 1)?),
                fair: FairId(id(r, 2)?),
                fair_title: r.get(3)?,
                employer_name: r.get(4)?,
                position: PositionId(id(r, 5)?),
                title: r.get(6)?,
                salary: Salary { from: r.get(7)?, to: r.get(8)? },
                at: WallTime(r.get(9)?),
                seen: r.get(10)?,
            })
        })?
        .collect()
    })
    .map_err(failed)
}

/// Whether the employer has not opened an application of this conversation yet.
pub(super) fn unseen(c: &Connection, talk: i64) -> Stored<bool> {
    c.prepare_cached("SELECT EXISTS (SELECT 1 FROM application WHERE talk = ?1 AND seen = 0)")
        .and_then(|mut s| s.query_row([talk], |r| r.get(0)))
        .map_err(failed)
}

pub(super) fn seen(c: &Connection, talk: i64) -> Stored<()> {
    c.prepare_cached("UPDATE application SET seen = 1 WHERE talk = ?1 AND seen = 0")
        .and_then(|mut s| s.execute([talk]))
        .map(|_| ())
        .map_err(failed)
}
