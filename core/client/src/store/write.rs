//! Every change of the store, as data: the event loop collects them and hands them over at once.

use super::StoreError;
use super::fair::{self, FairWrite};
use super::talk::{self, Owner, TalkWrite};
use miantan_domain::ids::*;
use miantan_domain::model::ReadinessPass;
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::round::RoundState;
use miantan_domain::rules::{check_in, outbox};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::Room;
use miantan_domain::wire::rest::Me;
use rusqlite::{Connection, Transaction, params};
use std::sync::Arc;

/// One change.
#[derive(Debug, Clone)]
pub enum Write {
    /// The server in use from now on; `None`: back at the first screen.
    UseServer(Option<String>),
    /// A server answered: remember it as the newest. `device` is taken at its first time only.
    Server {
        address: String,
        organiser: String,
        hotline: String,
        device: DeviceId,
    },
    /// Chosen devices; `None`: the system's default.
    Devices {
        camera: Option<String>,
        microphone: Option<String>,
        speaker: Option<String>,
    },
    SignedIn {
        server: String,
        me: Box<Me>,
    },
    /// The session is over; what was kept for its ticket or account stays.
    SessionOver {
        server: String,
    },
    /// Signed out by the person: all that was kept for this account goes.
    Erase {
        server: String,
        account: String,
        ticket: Option<TicketId>,
    },
    OpenRound {
        server: String,
        round: Option<RoundId>,
    },
    CheckIn {
        server: String,
        ticket: TicketId,
        saved: check_in::Saved,
    },
    Room {
        server: String,
        room: Arc<Room>,
    },
    /// The newest passed check-in of a person.
    Readiness {
        server: String,
        candidate: CandidateId,
        pass: Box<ReadinessPass>,
    },
    Round {
        server: String,
        account: String,
        state: Arc<RoundState>,
    },
    Outbox {
        server: String,
        account: String,
        entry: outbox::Stored,
    },
    OutboxGone {
        server: String,
        account: String,
        id: ChangeId,
    },
    CallBegan {
        server: String,
        account: String,
        call: CallId,
        ticket: TicketId,
        peer: String,
        at: WallTime,
    },
    CallEnded {
        server: String,
        call: CallId,
        at: WallTime,
        reason: EndReason,
        talked_ms: u64,
    },
    /// Something about conversations.
    Talk {
        owner: Arc<Owner>,
        what: TalkWrite,
    },
    /// Something about fairs, a candidate's account or a registration.
    Fair {
        owner: Arc<Owner>,
        what: FairWrite,
    },
}

pub(super) fn all(connection: &mut Connection, writes: &[Write]) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    for write in writes {
        one(&transaction, write)?;
    }
    transaction.commit()?;
    Ok(())
}

fn one(db: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::UseServer(address) => {
            db.prepare_cached("UPDATE device SET server = ?1")?
                .execute([address.as_deref().unwrap_or_default()])?;
        }
        Write::Server { address, organiser, hotline, device } => {
            db.prepare_cached(
                "INSERT INTO server (address, organiser, hotline, device, used)
                 VALUES (?1, ?2, ?3, ?4, (SELECT COALESCE(MAX(used), 0) + 1 FROM server))
                 ON CONFLICT (address) DO UPDATE SET organiser = excluded.organiser,
                     hotline = excluded.hotline, used = excluded.used",
            )?
            .execute(params![address, organiser, hotline, device.to_string()])?;
        }
        Write::Devices { camera, microphone, speaker } => {
            db.prepare_cached("UPDATE device SET camera = ?1, microphone = ?2, speaker = ?3")?.execute(
                params![
                    camera.as_deref().unwrap_or_default(),
                    microphone.as_deref().unwrap_or_default(),
                    speaker.as_deref().unwrap_or_default()
                ],
            )?;
        }
        Write::SignedIn { server, me } => {
            db.prepare_cached(
                "INSERT INTO session (server, me, round) VALUES (?1, ?2, '')
                 ON CONFLICT (server) DO UPDATE SET me = excluded.me, round = ''",
            )?
            .execute(params![server, serde_json::to_string(me)?])?;
        }
        Write::SessionOver { server } => {
            db.prepare_cached("DELETE FROM session WHERE server = ?1")?.execute([server])?;
        }
        Write::Erase { server, account, ticket } => erase(db, server, account, *ticket)?,
        Write::OpenRound { server, round } => {
            let round = round.map(|round| round.to_string()).unwrap_or_default();
            db.prepare_cached("UPDATE session SET round = ?2 WHERE server = ?1")?
                .execute(params![server, round])?;
        }
        Write::CheckIn { server, ticket, saved } => {
            db.prepare_cached(
                "INSERT INTO check_in (server, ticket, saved) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, ticket) DO UPDATE SET saved = excluded.saved",
            )?
            .execute(params![server, ticket.to_string(), serde_json::to_string(saved)?])?;
        }
        Write::Room { server, room } => {
            db.prepare_cached(
                "INSERT INTO room (server, ticket, seq, room) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (server, ticket) DO UPDATE SET seq = excluded.seq, room = excluded.room",
            )?
            .execute(params![
                server,
                room.ticket.to_string(),
                room.seq as i64,
                serde_json::to_string(room.as_ref())?
            ])?;
        }
        Write::Readiness { server, candidate, pass } => {
            db.prepare_cached(
                "INSERT INTO readiness (server, candidate, pass) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, candidate) DO UPDATE SET pass = excluded.pass",
            )?
            .execute(params![server, candidate.to_string(), serde_json::to_string(pass)?])?;
        }
        Write::Round { server, account, state } => {
            db.prepare_cached(
                "INSERT INTO round_state (server, account, round, seq, state) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (server, account, round) DO UPDATE SET seq = excluded.seq,
                     state = excluded.state",
            )?
            .execute(params![
                server,
                account,
                state.info.id.to_string(),
                state.seq as i64,
                serde_json::to_string(state.as_ref())?
            ])?;
        }
        Write::Outbox { server, account, entry } => {
            db.prepare_cached(
                "INSERT INTO outbox (server, account, id, entry) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (server, account, id) DO UPDATE SET entry = excluded.entry",
            )?
            .execute(params![
                server,
                account,
                entry.id.to_string(),
                serde_json::to_string(entry)?
            ])?;
        }
        Write::OutboxGone { server, account, id } => {
            db.prepare_cached("DELETE FROM outbox WHERE server = ?1 AND account = ?2 AND id = ?3")?
                .execute(params![server, account, id.to_string()])?;
        }
        Write::CallBegan { server, account, call, ticket, peer, at } => {
            db.prepare_cached(
                "INSERT INTO call_log (server, account, call, ticket, peer, started)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (server, call) DO NOTHING",
            )?
            .execute(params![
                server,
                account,
                call.to_string(),
                ticket.to_string(),
                peer,
                at.0
            ])?;
        }
        Write::CallEnded { server, call, at, reason, talked_ms } => {
            db.prepare_cached(
                "UPDATE call_log SET ended = ?3, reason = ?4, talked_ms = ?5
                 WHERE server = ?1 AND call = ?2 AND ended = 0",
            )?
            .execute(params![
                server,
                call.to_string(),
                at.0,
                serde_json::to_string(reason)?,
                *talked_ms as i64
            ])?;
        }
        Write::Talk { owner, what } => talk::write(db, owner, what)?,
        Write::Fair { owner, what } => fair::write(db, owner, what)?,
    }
    Ok(())
}

fn erase(
    db: &Transaction<'_>,
    server: &str,
    account: &str,
    ticket: Option<TicketId>,
) -> Result<(), StoreError> {
    db.execute("DELETE FROM session WHERE server = ?1", [server])?;
    fair::erase_tickets(db, server, account)?;
    db.execute("DELETE FROM readiness WHERE server = ?1", [server])?;
    for table in ["round_state", "outbox", "call_log", "talk", "inbox", "seen", "resume", "upload"] {
        let sql = format!("DELETE FROM {table} WHERE server = ?1 AND account = ?2");
        db.execute(&sql, [server, account])?;
    }
    if let Some(ticket) = ticket {
        let ticket = ticket.to_string();
        for table in ["check_in", "room"] {
            let sql = format!("DELETE FROM {table} WHERE server = ?1 AND ticket = ?2");
            db.execute(&sql, [server, ticket.as_str()])?;
        }
    }
    Ok(())
}
