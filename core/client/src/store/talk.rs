//! Conversations in the store: what is kept of each, which entries, how far they were read.
//! History opens from here; nothing here knows of the server.

use super::StoreError;
use super::read::value;
use crate::view::TalkFilter;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::Held;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::TalkCounts;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::sync::Arc;

/// Whose: nothing of one account is ever read for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub server: String,
    pub account: String,
}

/// One change of what is kept of conversations.
#[derive(Debug, Clone)]
pub enum TalkWrite {
    Head {
        head: Arc<TalkHead>,
        held: Held,
        seen: Seen,
    },
    /// Its row must be there: a head is always written before its entries.
    Entries {
        conversation: ConversationId,
        entries: Vec<Entry>,
    },
    /// The server does not have it any more.
    Gone(ConversationId),
    Position(u64),
    Counts(TalkCounts),
}

/// A conversation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTalk {
    pub head: TalkHead,
    pub held: Held,
    pub seen: Seen,
}

/// See [`list_place`].
pub type ListPlace = (WallTime, u64);

/// Where a conversation stands in the list: the larger, the further up. By its newest entry, as who
/// works through a list must not lose their place because they read, or marked someone.
pub fn list_place(head: &TalkHead) -> ListPlace {
    (head.last.as_ref().map_or(WallTime(0), |entry| entry.at), head.pos)
}

/// What a session begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TalkStart {
    /// `None`: never caught up.
    pub pos: Option<u64>,
    pub counts: TalkCounts,
    /// Unread entries over all conversations.
    pub unread: u32,
    /// Conversations with entries that are not here, or with a seen-mark that the server does not know;
    /// with their `pos`.
    pub behind: Vec<(ConversationId, u64)>,
    /// Conversations with an accepted interview that is not over.
    pub interviews: Vec<KeptTalk>,
}

pub(super) fn write(db: &Transaction<'_>, owner: &Owner, what: &TalkWrite) -> Result<(), StoreError> {
    let Owner { server, account } = owner;
    match what {
        TalkWrite::Head { head, held, seen } => write_head(db, owner, head, *held, *seen)?,
        TalkWrite::Entries { conversation, entries } => {
            let talk: Option<i64> = db
                .prepare_cached(
                    "SELECT talk FROM talk WHERE server = ?1 AND account = ?2 AND conversation = ?3",
                )?
                .query_row(params![server, account, conversation.to_string()], |row| row.get(0))
                .optional()?;
            let Some(talk) = talk else { return Ok(()) };
            let mut insert = db.prepare_cached(
                "INSERT INTO talk_entry (talk, seq, words, entry) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (talk, seq) DO NOTHING",
            )?;
            for entry in entries {
                let json = serde_json::to_string(entry)?;
                insert.execute(params![talk, entry.seq as i64, words_of(entry), json])?;
            }
        }
        TalkWrite::Gone(conversation) => {
            db.prepare_cached("DELETE FROM talk WHERE server = ?1 AND account = ?2 AND conversation = ?3")?
                .execute(params![server, account, conversation.to_string()])?;
        }
        TalkWrite::Position(pos) => {
            db.prepare_cached(
                "INSERT INTO inbox (server, account, pos) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, account) DO UPDATE SET pos = excluded.pos",
            )?
            .execute(params![server, account, *pos as i64])?;
        }
        TalkWrite::Counts(counts) => {
            db.prepare_cached(
                "INSERT INTO inbox (server, account, counts) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, account) DO UPDATE SET counts = excluded.counts",
            )?
            .execute(params![server, account, serde_json::to_string(counts)?])?;
        }
    }
    Ok(())
}

fn write_head(
    db: &Transaction<'_>,
    owner: &Owner,
    head: &TalkHead,
    held: Held,
    seen: Seen,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO talk (server, account, conversation, pos, moved, last_seq, unread, mark, words,
             positions, interview, held_low, held_high, delivered, read, told, head)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (server, account, conversation) DO UPDATE SET pos = excluded.pos,
             moved = excluded.moved, last_seq = excluded.last_seq, unread = excluded.unread, mark = excluded.mark,
             words = excluded.words, positions = excluded.positions, interview = excluded.interview,
             held_low = excluded.held_low, held_high = excluded.held_high,
             delivered = excluded.delivered, read = excluded.read, told = excluded.told,
             head = excluded.head",
    )?
    .execute(params![
        owner.server,
        owner.account,
        head.id.to_string(),
        head.pos as i64,
        list_place(head).0.0,
        head.last_seq as i64,
        head.unread,
        mark_word(head.mark),
        words_of_head(head),
        positions_of(head),
        interview_end(head),
        held.low as i64,
        held.high as i64,
        seen.delivered as i64,
        seen.read as i64,
        i64::from(head.seen(head.side).merge(seen) == head.seen(head.side)),
        serde_json::to_string(head)?
    ])?;
    Ok(())
}

fn positions_of(head: &TalkHead) -> String {
    let mut positions = String::new();
    for card in &head.applications {
        positions.push_str(&card.position.to_string());
        positions.push(' ');
    }
    positions
}

/// As on the wire.
fn mark_word(mark: Mark) -> &'static str {
    match mark {
        Mark::Unmarked => "unmarked",
        Mark::Shortlisted => "shortlisted",
        Mark::Qualified => "qualified",
        Mark::Eliminated => "eliminated",
    }
}

fn interview_end(head: &TalkHead) -> i64 {
    let accepted = head.invitations.iter().filter(|card| card.status == InvitationStatus::Accepted);
    accepted.map(|card| card.terms.ends().0).max().unwrap_or(0)
}

/// What of a conversation a filter's text is looked for in.
pub fn words_of_head(head: &TalkHead) -> String {
    let other = match head.side {
        Side::Candidate => &head.employer_name,
        Side::Recruiter => &head.candidate_name,
    };
    let mut words = other.to_lowercase();
    for card in &head.applications {
        words.push('\n');
        words.push_str(&card.title.to_lowercase());
    }
    words
}

/// What of an entry is searched.
pub fn words_of(entry: &Entry) -> String {
    match &entry.body {
        EntryBody::Text { text } => text.to_lowercase(),
        EntryBody::File { name, .. } => name.to_lowercase(),
        EntryBody::Applied { position, .. } => position.to_lowercase(),
        EntryBody::Image { .. }
        | EntryBody::Invited { .. }
        | EntryBody::InvitationMoved { .. }
        | EntryBody::Unknown => String::new(),
    }
}

const KEPT: &str = "head, held_low, held_high, delivered, read";

type RawTalk = (String, i64, i64, i64, i64);

fn raw(row: &Row<'_>) -> rusqlite::Result<RawTalk> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn kept((head, low, high, delivered, read): RawTalk) -> Option<KeptTalk> {
    let number = |n: i64| n.max(0) as u64;
    Some(KeptTalk {
        head: value("talk", &head)?,
        held: Held { low: number(low), high: number(high) },
        seen: Seen { delivered: number(delivered), read: number(read) },
    })
}

pub(super) fn start(db: &Connection, owner: &Owner, now: WallTime) -> Result<TalkStart, StoreError> {
    let whose = params![owner.server, owner.account];
    let inbox: Option<(i64, String)> = db
        .query_row("SELECT pos, counts FROM inbox WHERE server = ?1 AND account = ?2", whose, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (pos, counts) = inbox.unwrap_or((-1, String::new()));
    let unread: i64 = db.query_row(
        "SELECT COALESCE(SUM(unread), 0) FROM talk WHERE server = ?1 AND account = ?2",
        whose,
        |row| row.get(0),
    )?;
    let mut rows = db.prepare(
        "SELECT conversation, pos FROM talk
         WHERE server = ?1 AND account = ?2 AND (held_high < last_seq OR told = 0)",
    )?;
    let behind: Vec<(String, i64)> =
        rows.query_map(whose, |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut rows = db
        .prepare(&format!("SELECT {KEPT} FROM talk WHERE server = ?1 AND account = ?2 AND interview > ?3"))?;
    let interviews: Vec<RawTalk> =
        rows.query_map(params![owner.server, owner.account, now.0], raw)?.collect::<Result<_, _>>()?;
    Ok(TalkStart {
        pos: u64::try_from(pos).ok(),
        counts: if counts.is_empty() { None } else { value("inbox", &counts) }.unwrap_or_default(),
        unread: u32::try_from(unread).unwrap_or(u32::MAX),
        behind: behind.into_iter().filter_map(|(id, pos)| Some((id.parse().ok()?, pos as u64))).collect(),
        interviews: interviews.into_iter().filter_map(kept).collect(),
    })
}

/// The conversation with an invitation to this round, whatever became of it; the one with the newest entry.
pub(super) fn of_round(
    db: &Connection,
    owner: &Owner,
    round: RoundId,
) -> Result<Option<ConversationId>, StoreError> {
    let mut rows = db.prepare_cached(&format!(
        "SELECT {KEPT} FROM talk WHERE server = ?1 AND account = ?2 AND instr(head, ?3) > 0
         ORDER BY moved DESC, pos DESC"
    ))?;
    let found = rows.query_map(params![owner.server, owner.account, round.to_string()], raw)?;
    for row in found {
        let head = kept(row?).map(|kept| kept.head);
        if let Some(head) = head.filter(|head| head.invitations.iter().any(|card| card.round == round)) {
            return Ok(Some(head.id));
        }
    }
    Ok(None)
}

/// By [`list_place`], the newest first, at most `limit`; only those behind `below`.
pub(super) fn list(
    db: &Connection,
    owner: &Owner,
    filter: &TalkFilter,
    below: Option<ListPlace>,
    limit: usize,
) -> Result<Vec<KeptTalk>, StoreError> {
    let (moved, pos) = below.map_or((i64::MAX, i64::MAX), |(moved, pos)| (moved.0, pos as i64));
    let mut rows = db.prepare_cached(&format!(
        "SELECT {KEPT} FROM talk
         WHERE server = ?1 AND account = ?2 AND (moved, pos) < (?3, ?9)
           AND (?4 = '' OR mark = ?4) AND (?5 = '' OR instr(positions, ?5) > 0)
           AND (?6 = 0 OR unread > 0) AND (?7 = '' OR instr(words, ?7) > 0)
         ORDER BY moved DESC, pos DESC LIMIT ?8"
    ))?;
    let found = rows.query_map(
        params![
            owner.server,
            owner.account,
            moved,
            filter.mark.map_or("", mark_word),
            filter.position.map(|position| position.to_string()).unwrap_or_default(),
            i64::from(filter.unread),
            filter.text.trim().to_lowercase(),
            limit as i64,
            pos
        ],
        raw,
    )?;
    let found: Vec<RawTalk> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter_map(kept).collect())
}

pub(super) fn one(
    db: &Connection,
    owner: &Owner,
    conversation: ConversationId,
) -> Result<Option<KeptTalk>, StoreError> {
    let sql = format!("SELECT {KEPT} FROM talk WHERE server = ?1 AND account = ?2 AND conversation = ?3");
    let found = db
        .prepare_cached(&sql)?
        .query_row(params![owner.server, owner.account, conversation.to_string()], raw)
        .optional()?;
    Ok(found.and_then(kept))
}

/// In order; one that cannot be read is shown as unknown, so that numbers stay without a hole.
pub(super) fn entries(
    db: &Connection,
    owner: &Owner,
    conversation: ConversationId,
    from: u64,
    to: u64,
) -> Result<Vec<Entry>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT e.entry FROM talk AS t JOIN talk_entry AS e ON e.talk = t.talk
         WHERE t.server = ?1 AND t.account = ?2 AND t.conversation = ?3 AND e.seq BETWEEN ?4 AND ?5
         ORDER BY e.seq",
    )?;
    let found = rows.query_map(
        params![owner.server, owner.account, conversation.to_string(), from as i64, to as i64],
        |row| row.get::<_, String>(0),
    )?;
    let found: Vec<String> = found.collect::<Result<_, _>>()?;
    Ok(found.iter().filter_map(|entry| value("talk_entry", entry)).collect())
}

/// Entries of one conversation that hold `query`, newest first, at most `limit`. A look at each row:
/// it finds one Chinese character as well as a sentence, which no index of three-letter pieces does.
pub(super) fn search(
    db: &Connection,
    owner: &Owner,
    conversation: ConversationId,
    query: &str,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT e.entry FROM talk AS t JOIN talk_entry AS e ON e.talk = t.talk
         WHERE t.server = ?1 AND t.account = ?2 AND t.conversation = ?3 AND instr(e.words, ?4) > 0
         ORDER BY e.seq DESC LIMIT ?5",
    )?;
    let found = rows.query_map(
        params![
            owner.server,
            owner.account,
            conversation.to_string(),
            query.trim().to_lowercase(),
            limit as i64
        ],
        |row| row.get::<_, String>(0),
    )?;
    let found: Vec<String> = found.collect::<Result<_, _>>()?;
    Ok(found.iter().filter_map(|entry| value("talk_entry", entry)).collect())
}
