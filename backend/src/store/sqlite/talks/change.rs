//! The transaction in which the rule decides and its decision is kept.
//!
//! A refusal changes nothing: whatever can be refused is looked at before the first row is written.

use super::state::{Row, mark, side};
use super::{Memory, apply, heads, invite, jobs, people};
use crate::store::sqlite::row::{failed, json, person};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::{self, Author, Decision};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::{Problem, ProblemCode};
use rusqlite::{Connection, OptionalExtension, params};

/// Invitations ended in one go.
const EXPIRE_AT_ONCE: u32 = 100;

/// What a change became.
pub(super) struct Kept {
    pub seq: u64,
    pub news: Vec<TalkNews>,
}

/// Who an entry is from, and when and by which change it was made.
pub(super) struct Maker<'a> {
    pub side: Side,
    /// The member's name.
    pub name: &'a str,
    pub member: Option<MemberId>,
    pub id: ChangeId,
    pub at: WallTime,
}

/// One change, once.
pub(super) fn make(c: &Connection, memory: &Memory, change: TalkChange) -> Stored<Result<Kept, Problem>> {
    let TalkChange { by, id, at, wish, .. } = change;
    let who = person(by.person);
    let wish = match wish {
        TalkWish::Command { conversation, command: TalkCommand::Say { saying }, plan: _ } => {
            return say(c, memory, &by, (id, at), conversation, saying);
        }
        other => other,
    };
    if let Some(seq) = made(c, id, &who)? {
        return Ok(Ok(Kept { seq, news: Vec::new() }));
    }
    let kept = match wish {
        TalkWish::Command { conversation, command, plan } => {
            command_of(c, memory, &by, (id, at), conversation, command, plan.as_ref())?
        }
        TalkWish::Apply { application, position, resume, fresh } => {
            let new = apply::NewApplication { id: application, position, resume, fresh };
            apply::apply(c, memory, &by, (id, at), &new)?
        }
    };
    if let Ok(kept) = &kept {
        remember(c, id, &who, kept.seq, at)?;
    }
    Ok(kept)
}

/// The number of a change that was made before.
fn made(c: &Connection, id: ChangeId, who: &[u8; 17]) -> Stored<Option<u64>> {
    c.prepare_cached("SELECT seq FROM talk_change WHERE change = ?1 AND who = ?2")
        .and_then(|mut s| s.query_row(params![id.0.as_bytes(), who], |r| r.get::<_, i64>(0)).optional())
        .map(|seq| seq.map(|seq| seq as u64))
        .map_err(failed)
}

/// False: it was made before, and is remembered already.
fn remember(c: &Connection, id: ChangeId, who: &[u8; 17], seq: u64, at: WallTime) -> Stored<bool> {
    c.prepare_cached(
        "INSERT INTO talk_change (change, who, seq, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )
    .and_then(|mut s| s.execute(params![id.0.as_bytes(), who, seq as i64, at.0]))
    .map(|rows| rows == 1)
    .map_err(failed)
}

/// What nearly all changes are, in as few statements as it takes: most are made for the first time, so that is
/// not asked first.
fn say(
    c: &Connection,
    memory: &Memory,
    by: &Talker,
    (id, at): (ChangeId, WallTime),
    conversation: ConversationId,
    saying: Saying,
) -> Stored<Result<Kept, Problem>> {
    let who = person(by.person);
    let repeated = |seq| Ok(Kept { seq, news: Vec::new() });
    let (mut row, decision) = match may_say(c, by, at, conversation, saying)? {
        Ok(decided) => decided,
        // whatever forbids it now: what was made stays made
        Err(problem) => return Ok(made(c, id, &who)?.map_or(Err(problem), repeated)),
    };
    row.state.apply(&decision);
    let seq = row.state.last_seq;
    if !remember(c, id, &who, seq, at)? {
        let seq = made(c, id, &who)?;
        return Ok(seq.map_or(Err(ProblemCode::Internal.into()), repeated));
    }
    let mut news = Vec::new();
    if let Some(body) = decision.entry {
        let maker = Maker { side: by.author.side(), name: &by.name, member: None, id, at };
        news.push(write_entry(c, memory, &mut row, body, &maker)?);
    }
    row.save_numbers(c)?;
    Ok(Ok(Kept { seq, news }))
}

/// The conversation and what is decided, or why not.
fn may_say(
    c: &Connection,
    by: &Talker,
    at: WallTime,
    conversation: ConversationId,
    saying: Saying,
) -> Stored<Result<(Row, Decision), Problem>> {
    let Some(row) = Row::of(c, by.party, conversation)? else {
        return Ok(Err(ProblemCode::NotFound.into()));
    };
    match &saying {
        Saying::Image { object, .. } | Saying::File { object, .. } => {
            if !people::usable(c, *object, by.person, conversation)? {
                return Ok(Err(ProblemCode::FileUnknown.into()));
            }
        }
        Saying::Text { .. } => {}
    }
    let decision = talk::decide(&row.state, by.author, TalkCommand::Say { saying }, at);
    Ok(decision.map(|decision| (row, decision)))
}

fn command_of(
    c: &Connection,
    memory: &Memory,
    by: &Talker,
    (id, at): (ChangeId, WallTime),
    conversation: ConversationId,
    command: TalkCommand,
    plan: Option<&InvitationPlan>,
) -> Stored<Result<Kept, Problem>> {
    let Some(mut row) = Row::of(c, by.party, conversation)? else {
        return Ok(Err(ProblemCode::NotFound.into()));
    };
    match &command {
        // `say` has taken these
        TalkCommand::Say { .. } => return Ok(Err(ProblemCode::Malformed.into())),
        TalkCommand::Mark { .. } | TalkCommand::Block { .. } => {}
        TalkCommand::Invite { .. }
        | TalkCommand::Amend { .. }
        | TalkCommand::Withdraw { .. }
        | TalkCommand::Accept { .. }
        | TalkCommand::Decline { .. }
        | TalkCommand::AskToMove { .. } => row = row.with_invitations(c)?,
    }
    let decision = match talk::decide(&row.state, by.author, command, at) {
        Ok(decision) => decision,
        Err(problem) => return Ok(Err(problem)),
    };
    let member = match (by.author, by.person) {
        (Author::Member(_), Person::Member(member)) => Some(member),
        _ => None,
    };
    let maker = Maker { side: by.author.side(), name: &by.name, member, id, at };
    keep(c, memory, row, decision, &maker, plan)
}

/// Keeps a decision: numbers and writes the entry, moves the row on, says what to tell.
pub(super) fn keep(
    c: &Connection,
    memory: &Memory,
    mut row: Row,
    decision: Decision,
    maker: &Maker<'_>,
    plan: Option<&InvitationPlan>,
) -> Stored<Result<Kept, Problem>> {
    let before = decision.invitation.as_ref().and_then(|(id, ..)| row.state.invitations.get(id).cloned());
    let place = match invite::place(c, &row, &decision, before.as_ref(), plan)? {
        Ok(place) => place,
        Err(problem) => return Ok(Err(problem)),
    };
    row.state.apply(&decision);
    let Decision { entry, mark: marked, blocked, invitation } = decision;
    let mut news = Vec::new();
    if let Some(body) = entry {
        news.push(write_entry(c, memory, &mut row, body, maker)?);
    }
    let for_both = blocked.is_some() || invitation.is_some();
    if let (Some(marked), Some(member)) = (marked, maker.member) {
        c.prepare_cached(
            "INSERT INTO mark_change (talk, mark, member, name, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut s| {
            s.execute(params![row.key, mark(marked), member.0.as_bytes(), maker.name, maker.at.0])
        })
        .map_err(failed)?;
    }
    if let Some((id, standing, effects)) = invitation {
        let seat = jobs::seat(c, id)?;
        let longer = invite::keep(c, &row, id, &standing, place, maker.at)?;
        invite::close_code(c, id, &effects)?;
        jobs::put(c, id, &jobs::Due { seat, standing: &standing, effects: &effects, longer }, maker.at)?;
        news.push(TalkNews::Work);
    }
    if for_both || marked.is_some() {
        row.pos = memory.next_pos(c)?;
        if for_both {
            row.candidate_pos = row.pos;
        }
    }
    row.save(c)?;
    if for_both || marked.is_some() {
        tell_heads(c, &row, for_both, &mut news)?;
    }
    Ok(Ok(Kept { seq: row.state.last_seq, news }))
}

/// The row counts the entry already.
pub(super) fn write_entry(
    c: &Connection,
    memory: &Memory,
    row: &mut Row,
    body: EntryBody,
    maker: &Maker<'_>,
) -> Stored<TalkNews> {
    let seq = row.state.last_seq;
    c.prepare_cached(
        "INSERT INTO entry (talk, seq, change, side, author, at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .and_then(|mut s| {
        let body = json(&body).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        let change = maker.id.0.as_bytes();
        s.execute(params![row.key, seq as i64, change, side(maker.side), maker.name, maker.at.0, body])
    })
    .map_err(failed)?;
    if let EntryBody::Image { object, .. } | EntryBody::File { object, .. } = &body {
        opens(c, *object, row.id)?;
    }
    row.grew(maker.side);
    let pos = memory.next_pos(c)?;
    (row.pos, row.candidate_pos) = (pos, pos);
    let entry = Entry { seq, id: maker.id, from: maker.side, by: maker.name.to_owned(), at: maker.at, body };
    Ok(TalkNews::Entry { parties: row.parties, conversation: row.id, pos, entry })
}

/// An entry with a file opens the file to the other side.
fn opens(c: &Connection, object: ObjectId, conversation: ConversationId) -> Stored<()> {
    c.prepare_cached("UPDATE object SET said = 1 WHERE id = ?1 AND conversation = ?2")
        .and_then(|mut s| s.execute([object.0.as_bytes(), conversation.0.as_bytes()]))
        .map(|_| ())
        .map_err(failed)
}

/// Heads as they are in the table now.
pub(super) fn tell_heads(
    c: &Connection,
    row: &Row,
    for_candidate: bool,
    news: &mut Vec<TalkNews>,
) -> Stored<()> {
    let sides = [Side::Recruiter].into_iter().chain(for_candidate.then_some(Side::Candidate));
    for side in sides {
        if let Some(head) = heads::head(c, row.key, side)? {
            news.push(TalkNews::Head { parties: row.parties, side, head: Box::new(head) });
        }
    }
    Ok(())
}

/// One side has come so far.
pub(super) fn see(
    c: &Connection,
    memory: &Memory,
    party: Party,
    conversation: ConversationId,
    seen: Seen,
) -> Stored<Result<(SeenAnswer, Vec<TalkNews>), Problem>> {
    let Some(mut row) = Row::of(c, party, conversation)? else {
        return Ok(Err(ProblemCode::NotFound.into()));
    };
    let side = party.side();
    let before = row.state.seen(side);
    let Some(now) = row.state.see(side, seen) else {
        let pos = match side {
            Side::Candidate => row.candidate_pos,
            Side::Recruiter => row.pos,
        };
        return Ok(Ok((SeenAnswer { pos, seen: before, news: false }, Vec::new())));
    };
    if now.read != before.read {
        row.count_unread(c, side)?;
    }
    let pos = memory.next_pos(c)?;
    (row.pos, row.candidate_pos) = (pos, pos);
    row.save_numbers(c)?;
    let news = TalkNews::Seen { parties: row.parties, conversation, pos, side, seen: now };
    Ok(Ok((SeenAnswer { pos, seen: now, news: true }, vec![news])))
}

/// Whether an invitation was sent in a conversation and waits for an answer.
pub(super) fn is_open(c: &Connection, invitation: InvitationId) -> Stored<bool> {
    c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM talk_invitation
             WHERE invitation = ?1 AND status IN ('sent', 'move_asked'))",
    )
    .and_then(|mut s| s.query_row([invitation.0.as_bytes()], |r| r.get(0)))
    .map_err(failed)
}

/// The code of an invitation was entered: if it is open, it is accepted.
pub(super) fn entered(
    c: &Connection,
    memory: &Memory,
    invitation: InvitationId,
    id: ChangeId,
    now: WallTime,
) -> Stored<((), Vec<TalkNews>)> {
    let Some(row) = of_invitation(c, invitation)? else { return Ok(((), Vec::new())) };
    let Some(revision) = row.state.invitations.get(&invitation).map(|s| s.revision) else {
        return Ok(((), Vec::new()));
    };
    let accept = TalkCommand::Accept { invitation, revision };
    // over or accepted already: then the code alone decides what it opens
    let Ok(decision) = talk::decide(&row.state, Author::Candidate, accept, now) else {
        return Ok(((), Vec::new()));
    };
    if decision == Decision::default() {
        return Ok(((), Vec::new()));
    }
    let maker = Maker { side: Side::Candidate, name: "", member: None, id, at: now };
    let kept = keep(c, memory, row, decision, &maker, None)?;
    Ok(((), kept.map(|kept| kept.news).unwrap_or_default()))
}

/// Invitations whose time passed.
pub(super) fn expire(c: &Connection, memory: &Memory, now: WallTime) -> Stored<(u64, Vec<TalkNews>)> {
    let due: Vec<InvitationId> = c
        .prepare_cached(
            "SELECT invitation FROM talk_invitation WHERE due > 0 AND due <= ?1 ORDER BY due LIMIT ?2",
        )
        .and_then(|mut s| {
            s.query_map(params![now.0, EXPIRE_AT_ONCE], |r| {
                crate::store::sqlite::row::id(r, 0).map(InvitationId)
            })?
            .collect()
        })
        .map_err(failed)?;
    let (mut ended, mut news) = (0, Vec::new());
    for invitation in due {
        let Some(row) = of_invitation(c, invitation)? else { continue };
        let decision = talk::expire(&row.state, invitation, now);
        // its own id: an invitation expires once
        let id = ChangeId(invitation.0);
        let maker = Maker { side: Side::Recruiter, name: "", member: None, id, at: now };
        match decision {
            Ok(decision) if decision != Decision::default() => {
                if let Ok(kept) = keep(c, memory, row, decision, &maker, None)? {
                    ended += 1;
                    news.extend(kept.news);
                }
            }
            Ok(_) | Err(_) => {
                // nothing that could expire: it is not looked at again
                c.prepare_cached("UPDATE talk_invitation SET due = 0 WHERE invitation = ?1")
                    .and_then(|mut s| s.execute([invitation.0.as_bytes()]))
                    .map_err(failed)?;
            }
        }
    }
    Ok((ended, news))
}

/// The conversation of an invitation, with all its invitations.
fn of_invitation(c: &Connection, invitation: InvitationId) -> Stored<Option<Row>> {
    let key: Option<i64> = c
        .prepare_cached("SELECT talk FROM talk_invitation WHERE invitation = ?1")
        .and_then(|mut s| s.query_row([invitation.0.as_bytes()], |r| r.get(0)).optional())
        .map_err(failed)?;
    let Some(key) = key else { return Ok(None) };
    Row::by_key(c, key)?.map(|row| row.with_invitations(c)).transpose()
}
