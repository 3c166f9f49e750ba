//! Brings in a whole prepared fair with its employers, rounds and candidates.

use super::super::rounds;
use super::super::row::{failed, json, name};
use super::search;
use crate::store::*;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::time::WallTime;
use rusqlite::{Connection, ToSql};

fn insert(c: &Connection, sql: &str, values: &[&dyn ToSql]) -> Stored<()> {
    c.prepare_cached(sql).and_then(|mut s| s.execute(values)).map(|_| ()).map_err(failed)
}

fn employer(c: &Connection, new: &NewEmployer, now: WallTime) -> Stored<()> {
    let id = new.id.0.as_bytes();
    insert(
        c,
        "INSERT INTO employer (id, uscc, name, name_key, approved, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[&id, &new.uscc, &new.name, &name_key(&new.name), &new.approved, &now.0],
    )?;
    for member in &new.members {
        insert(
            c,
            "INSERT INTO member (id, employer, name, role, password_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[&member.id.0.as_bytes(), &id, &member.name, &name(&member.role)?, &member.password_hash],
        )?;
    }
    Ok(())
}

fn fair(c: &Connection, new: &NewFair, now: WallTime) -> Stored<()> {
    let fair = new.id.0.as_bytes();
    insert(
        c,
        "INSERT INTO fair (id, title, kind, starts, ends, city, district, venue, introduction, views, followers)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            &fair,
            &new.title,
            &new.kind,
            &new.starts.0,
            &new.ends.0,
            &new.city,
            &new.district,
            &new.venue,
            &new.introduction,
            &new.views,
            &new.followers,
        ],
    )?;
    for (place, stand) in new.exhibitors.iter().enumerate() {
        let employer = stand.employer.0.as_bytes();
        insert(
            c,
            "INSERT INTO exhibitor (fair, employer, place, short, introduction) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[&fair, &employer, &(place as i64), &stand.short, &stand.introduction],
        )?;
        for (place, job) in stand.positions.iter().enumerate() {
            insert(
                c,
                "INSERT INTO position (id, fair, employer, place, title, salary_from, salary_to, openings, city,
                                       description, requirements, changed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                &[
                    &job.id.0.as_bytes(),
                    &fair,
                    &employer,
                    &(place as i64),
                    &job.title,
                    &job.salary_from,
                    &job.salary_to,
                    &job.openings,
                    &job.city,
                    &job.description,
                    &job.requirements,
                    &now.0,
                ],
            )?;
        }
        search::reindex(c, new.id, stand.employer)?;
    }
    Ok(())
}

fn round(c: &Connection, new: &NewRound, now: WallTime) -> Stored<()> {
    let info = &new.info;
    insert(
        c,
        "INSERT INTO round (id, employer, name, stages, starts, ends, identity, ring_ms, grace_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            &info.id.0.as_bytes(),
            &new.employer.0.as_bytes(),
            &info.name,
            &json(&info.stages)?,
            &info.starts.0,
            &info.ends.0,
            &name(&info.identity)?,
            &(info.ring_ms as i64),
            &(info.grace_ms as i64),
        ],
    )?;
    let moved =
        new.stage.map(|(to, by)| Numbered { seq: 1, at: now, event: RoundEvent::StageMoved { to, by } });
    rounds::append(c, info.id, moved.as_slice())
}

fn invitation(c: &Connection, new: &NewInvitation) -> Stored<()> {
    let device = new.device.map(|d| d.0.as_bytes().to_vec()).unwrap_or_default();
    insert(
        c,
        "INSERT INTO invitation (id, round, candidate, ticket, position, code, password_hash, appointed, opens,
                                 expires, cancelled, device)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &[
            &new.id.0.as_bytes(),
            &new.round.0.as_bytes(),
            &new.candidate.0.as_bytes(),
            &new.ticket.0.as_bytes(),
            &new.position,
            &new.code,
            &new.password_hash.as_deref().unwrap_or_default(),
            &new.appointed.map_or(0, |at| at.0),
            &new.opens.0,
            &new.expires.0,
            &new.cancelled,
            &device,
        ],
    )
}

/// All of it; the caller's transaction makes it everything or nothing.
pub(super) fn run(c: &Connection, import: &Import) -> Stored<()> {
    import.employers.iter().try_for_each(|new| employer(c, new, import.now))?;
    import.fairs.iter().try_for_each(|new| fair(c, new, import.now))?;
    import.rounds.iter().try_for_each(|new| round(c, new, import.now))?;
    for new in &import.candidates {
        insert(
            c,
            "INSERT INTO candidate (id, name, headline, resume, phone, phone_key, seen, birth)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                &new.id.0.as_bytes(),
                &new.name,
                &new.headline,
                &json(&new.resume)?,
                &new.phone.as_ref().map_or("", |known| known.phone.digits()),
                &new.phone.as_ref().map_or_else(Vec::new, |known| known.key.to_vec()),
                &import.now.0,
                // the organiser knows the year only
                &(i64::from(new.resume.birth_year) * 12),
            ],
        )?;
    }
    import.invitations.iter().try_for_each(|new| invitation(c, new))
}
