//! What the store gives back. A single value that cannot be read is left out with a warning, so that
//! one damaged row never keeps someone from their place; the server sends it again.

use super::StoreError;
use crate::view::KnownServer;
use miantan_domain::ids::*;
use miantan_domain::model::ReadinessPass;
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::round::RoundState;
use miantan_domain::rules::{check_in, outbox};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::Room;
use miantan_domain::wire::rest::Me;
use rusqlite::{Connection, OptionalExtension};
use serde::de::DeserializeOwned;

/// What a starting app needs before it knows its server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// Newest first.
    pub servers: Vec<KnownServer>,
    /// The one in use when the app ended.
    pub server: Option<String>,
    pub camera: Option<String>,
    pub microphone: Option<String>,
    pub speaker: Option<String>,
}

/// Everything kept for one server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerData {
    pub organiser: String,
    pub hotline: String,
    /// This installation as the server knows it; `None` before the first contact.
    pub device: Option<DeviceId>,
    pub me: Option<Me>,
    /// The round a recruiter had open.
    pub round: Option<RoundId>,
    pub check_ins: Vec<(TicketId, check_in::Saved)>,
    pub rooms: Vec<Room>,
    pub readiness: Vec<(CandidateId, ReadinessPass)>,
    pub rounds: Vec<(String, RoundState)>,
    pub outbox: Vec<(String, outbox::Stored)>,
}

/// One call as this device remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLogEntry {
    pub call: CallId,
    pub ticket: TicketId,
    pub with: String,
    pub started: WallTime,
    /// `None`: its end was not seen by this device.
    pub ended: Option<(EndReason, WallTime)>,
    /// Connected milliseconds of all calls of the ticket up to its end.
    pub talked_ms: u64,
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

pub(super) fn start(db: &Connection) -> Result<Start, StoreError> {
    let mut start = db.query_row("SELECT server, camera, microphone, speaker FROM device", [], |row| {
        Ok(Start {
            servers: Vec::new(),
            server: some(row.get(0)?),
            camera: some(row.get(1)?),
            microphone: some(row.get(2)?),
            speaker: some(row.get(3)?),
        })
    })?;
    let mut rows = db.prepare("SELECT address, organiser FROM server ORDER BY used DESC")?;
    let servers =
        rows.query_map([], |row| Ok(KnownServer { address: row.get(0)?, organiser: row.get(1)? }))?;
    start.servers = servers.collect::<Result<_, _>>()?;
    Ok(start)
}

pub(super) fn server(db: &Connection, address: &str) -> Result<ServerData, StoreError> {
    let row = db
        .query_row("SELECT organiser, hotline, device FROM server WHERE address = ?1", [address], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((organiser, hotline, device)) = row else { return Ok(ServerData::default()) };
    let session = db
        .query_row("SELECT me, round FROM session WHERE server = ?1", [address], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let (me, round) = session.unzip();
    Ok(ServerData {
        organiser,
        hotline,
        device: device.parse().ok(),
        me: me.and_then(|text| value("session", &text)),
        round: round.and_then(|text| text.parse().ok()),
        check_ins: pairs(db, "SELECT ticket, saved FROM check_in WHERE server = ?1", address)?
            .into_iter()
            .filter_map(|(ticket, saved)| Some((ticket.parse().ok()?, value("check_in", &saved)?)))
            .collect(),
        rooms: pairs(db, "SELECT ticket, room FROM room WHERE server = ?1", address)?
            .into_iter()
            .filter_map(|(_, room)| value("room", &room))
            .collect(),
        readiness: pairs(db, "SELECT candidate, pass FROM readiness WHERE server = ?1", address)?
            .into_iter()
            .filter_map(|(candidate, pass)| Some((candidate.parse().ok()?, value("readiness", &pass)?)))
            .collect(),
        rounds: pairs(db, "SELECT account, state FROM round_state WHERE server = ?1", address)?
            .into_iter()
            .filter_map(|(account, state)| Some((account, value("round_state", &state)?)))
            .collect(),
        outbox: pairs(db, "SELECT account, entry FROM outbox WHERE server = ?1", address)?
            .into_iter()
            .filter_map(|(account, entry)| Some((account, value("outbox", &entry)?)))
            .collect(),
    })
}

pub(super) fn calls(db: &Connection, address: &str) -> Result<Vec<CallLogEntry>, StoreError> {
    let mut rows = db.prepare(
        "SELECT call, ticket, peer, started, ended, reason, talked_ms FROM call_log
         WHERE server = ?1 ORDER BY started DESC, call DESC",
    )?;
    let entries = rows.query_map([address], |row| {
        let (call, ticket): (String, String) = (row.get(0)?, row.get(1)?);
        let (ended, reason): (i64, String) = (row.get(4)?, row.get(5)?);
        let ended = if ended == 0 { None } else { value("call_log", &reason).map(|r| (r, WallTime(ended))) };
        let entry = call.parse().ok().zip(ticket.parse().ok()).map(|(call, ticket)| (call, ticket, ended));
        let with: String = row.get(2)?;
        let (started, talked): (i64, i64) = (row.get(3)?, row.get(6)?);
        Ok(entry.map(|(call, ticket, ended)| CallLogEntry {
            call,
            ticket,
            with,
            started: WallTime(started),
            ended,
            talked_ms: talked.max(0) as u64,
        }))
    })?;
    let entries: Vec<Option<CallLogEntry>> = entries.collect::<Result<_, _>>()?;
    Ok(entries.into_iter().flatten().collect())
}

fn pairs(db: &Connection, sql: &str, address: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut rows = db.prepare(sql)?;
    let pairs = rows.query_map([address], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pairs.collect::<Result<_, _>>()?)
}

pub(super) fn value<T: DeserializeOwned>(table: &'static str, text: &str) -> Option<T> {
    match serde_json::from_str(text) {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(table, category = ?error.classify(), "a stored row cannot be read");
            None
        }
    }
}
