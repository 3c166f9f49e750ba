//! [`Fairs`] in SQLite.

use super::row::{failed, id, json, name};
use super::{Sqlite, rounds};
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::FairId;
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

fn fair(c: &Connection, new: &NewFair) -> Stored<()> {
    let fair = new.id.0.as_bytes();
    insert(
        c,
        "INSERT INTO fair (id, title, kind, starts, ends, city, district, venue, introduction, views)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
        ],
    )?;
    for (place, stand) in new.exhibitors.iter().enumerate() {
        let employer = stand.employer.0.as_bytes();
        insert(
            c,
            "INSERT INTO exhibitor (fair, employer, place) VALUES (?1, ?2, ?3)",
            &[&fair, &employer, &(place as i64)],
        )?;
        for (place, job) in stand.positions.iter().enumerate() {
            insert(
                c,
                "INSERT INTO position (id, fair, employer, place, title, salary_from, salary_to, openings, city)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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
                ],
            )?;
        }
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

fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<FairHead> {
    Ok(FairHead {
        id: FairId(id(row, 0)?),
        title: row.get(1)?,
        kind: row.get(2)?,
        starts: WallTime(row.get(3)?),
        ends: WallTime(row.get(4)?),
        city: row.get(5)?,
        district: row.get(6)?,
        venue: row.get(7)?,
        introduction: row.get(8)?,
        views: row.get::<_, i64>(9)? as u64,
        employers: row.get::<_, i64>(10)? as u64,
        positions: row.get::<_, i64>(11)? as u64,
    })
}

#[async_trait]
impl Fairs for Sqlite {
    async fn import(&self, import: Import) -> Stored<()> {
        self.write(move |c| {
            import.employers.iter().try_for_each(|new| employer(c, new, import.now))?;
            import.fairs.iter().try_for_each(|new| fair(c, new))?;
            import.rounds.iter().try_for_each(|new| round(c, new, import.now))?;
            for new in &import.candidates {
                insert(
                    c,
                    "INSERT INTO candidate (id, name, headline, resume) VALUES (?1, ?2, ?3, ?4)",
                    &[&new.id.0.as_bytes(), &new.name, &new.headline, &json(&new.resume)?],
                )?;
            }
            import.invitations.iter().try_for_each(|new| invitation(c, new))
        })
        .await
    }

    async fn counts(&self) -> Stored<Counts> {
        self.read(|c| {
            c.query_row(
                "SELECT (SELECT count(*) FROM fair), (SELECT count(*) FROM employer), (SELECT count(*) FROM position),
                        (SELECT count(*) FROM round), (SELECT count(*) FROM candidate),
                        (SELECT count(*) FROM invitation)",
                [],
                |r| {
                    let n = |column| r.get::<_, i64>(column).map(|n| n as u64);
                    Ok(Counts {
                        fairs: n(0)?,
                        employers: n(1)?,
                        positions: n(2)?,
                        rounds: n(3)?,
                        candidates: n(4)?,
                        invitations: n(5)?,
                    })
                },
            )
            .map_err(failed)
        })
        .await
    }

    async fn fairs(&self) -> Stored<Vec<FairHead>> {
        self.read(|c| {
            let mut statement = c
                .prepare_cached(
                    "SELECT f.id, f.title, f.kind, f.starts, f.ends, f.city, f.district, f.venue, f.introduction,
                            f.views, (SELECT count(*) FROM exhibitor AS x WHERE x.fair = f.id),
                            (SELECT count(*) FROM position AS p WHERE p.fair = f.id)
                     FROM fair AS f ORDER BY f.starts DESC, f.id",
                )
                .map_err(failed)?;
            let rows = statement.query_map([], head).map_err(failed)?;
            rows.collect::<Result<_, _>>().map_err(failed)
        })
        .await
    }
}
