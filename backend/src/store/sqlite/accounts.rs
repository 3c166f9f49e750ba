//! [`Accounts`] in SQLite. Limits, audit and tidying are in `attempts.rs`.

use super::rounds::{ROUND_COLUMNS, round_info};
use super::row::{failed, from_json, from_name, id};
use super::sessions::{Of, SESSION, bind, device, enter, open_session, session};
use super::{Sqlite, attempts, candidates};
use crate::limits::Ending;
use crate::sms::Phone;
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::{CandidateCard, MemberCard, Resume};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{CandidateSheet, Me};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

pub(super) fn one<T>(
    c: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Option<T>> {
    c.prepare_cached(sql).and_then(|mut s| s.query_row(values, read).optional()).map_err(failed)
}

const INVITATION: &str =
    "SELECT i.id, i.ticket, i.password_hash, i.appointed, i.opens, i.expires, i.cancelled,
            i.device, k.id, k.name, k.headline, i.position";
const INVITATION_FROM: &str = "FROM invitation AS i JOIN candidate AS k ON k.id = i.candidate
     JOIN round AS r ON r.id = i.round JOIN employer AS e ON e.id = r.employer";

fn card(row: &Row<'_>, first: usize) -> rusqlite::Result<CandidateCard> {
    Ok(CandidateCard {
        id: CandidateId(id(row, first)?),
        name: row.get(first + 1)?,
        headline: row.get(first + 2)?,
        position: row.get(first + 3)?,
    })
}

fn invitation(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    let password: String = row.get(2)?;
    let appointed: i64 = row.get(3)?;
    Ok(Invitation {
        id: InvitationId(id(row, 0)?),
        ticket: TicketId(id(row, 1)?),
        password_hash: (!password.is_empty()).then_some(password),
        appointed: (appointed != 0).then_some(WallTime(appointed)),
        opens: WallTime(row.get(4)?),
        expires: WallTime(row.get(5)?),
        cancelled: row.get(6)?,
        device: device(row, 7)?,
        card: card(row, 8)?,
        round: round_info(row, 12)?,
    })
}

fn login(row: &Row<'_>) -> rusqlite::Result<MemberLogin> {
    Ok(MemberLogin {
        employer: EmployerId(id(row, 0)?),
        employer_name: row.get(1)?,
        approved: row.get(2)?,
        member: MemberCard { id: MemberId(id(row, 3)?), name: row.get(4)?, role: from_name(row, 5)? },
        password_hash: row.get(6)?,
    })
}

#[async_trait]
impl Accounts for Sqlite {
    async fn member_login(&self, account: &Account, member: Option<&str>) -> Stored<Option<MemberLogin>> {
        let (uscc, key) = match account {
            Account::Uscc(uscc) => (uscc.clone(), String::new()),
            Account::Name(key) => (String::new(), key.clone()),
        };
        let member = member.map(str::to_owned);
        self.read(move |c| {
            one(
                c,
                "SELECT e.id, e.name, e.approved, m.id, m.name, m.role, m.password_hash
                 FROM employer AS e JOIN member AS m ON m.employer = e.id
                 WHERE (e.uscc = ?1 OR e.name_key = ?2) AND m.active = 1
                   AND CASE WHEN ?3 IS NULL THEN m.role = 'owner' ELSE m.name = ?3 END",
                &[&uscc, &key, &member],
                login,
            )
        })
        .await
    }

    async fn open_member_session(&self, member: MemberId, session: NewSession) -> Stored<SessionId> {
        self.write(move |c| open_session(c, &Of::Member(member), &session)).await
    }

    async fn invitation_by_code(&self, code: &Mac) -> Stored<Option<Invitation>> {
        let code = *code;
        self.read(move |c| {
            one(
                c,
                &format!("{INVITATION}, {ROUND_COLUMNS} {INVITATION_FROM} WHERE i.code = ?1"),
                &[&code],
                invitation,
            )
        })
        .await
    }

    async fn bind(&self, wanted: Bind) -> Stored<Bound> {
        self.write(move |c| bind(c, &wanted)).await
    }

    async fn enter(&self, session: SessionId, invitation: InvitationId, now: WallTime) -> Stored<Bound> {
        self.write(move |c| enter(c, session, invitation, now)).await
    }

    async fn leave_room(&self, session: SessionId) -> Stored<()> {
        self.write(move |c| {
            c.prepare_cached("UPDATE session SET invitation = NULL WHERE id = ?1 AND account = 1")
                .and_then(|mut s| s.execute([session.0]))
                .map(|_| ())
                .map_err(failed)
        })
        .await
    }

    async fn clear_room(&self, invitation: InvitationId) -> Stored<Vec<SessionId>> {
        self.write(move |c| {
            c.prepare_cached(
                "UPDATE session SET invitation = NULL WHERE invitation = ?1 AND account = 1 RETURNING id",
            )
            .and_then(|mut s| s.query_map([invitation.0.as_bytes()], |r| r.get(0).map(SessionId))?.collect())
            .map_err(failed)
        })
        .await
    }

    async fn invitation_of(&self, candidate: CandidateId, of: InvitationId) -> Stored<Option<Invitation>> {
        self.read(move |c| {
            one(
                c,
                &format!(
                    "{INVITATION}, {ROUND_COLUMNS} {INVITATION_FROM} WHERE i.id = ?1 AND i.candidate = ?2"
                ),
                &[&of.0.as_bytes(), &candidate.0.as_bytes()],
                invitation,
            )
        })
        .await
    }

    async fn session_by_token(&self, token: &Mac, now: WallTime) -> Stored<Option<Session>> {
        let token = *token;
        self.read(move |c| one(c, &format!("{SESSION} WHERE s.token = ?1"), &[&token], |r| session(r, now)))
            .await
    }

    async fn session(&self, of: SessionId, now: WallTime) -> Stored<Option<Session>> {
        self.read(move |c| one(c, &format!("{SESSION} WHERE s.id = ?1"), &[&of.0], |r| session(r, now))).await
    }

    async fn end_session(&self, session: SessionId, now: WallTime) -> Stored<()> {
        self.write(move |c| {
            c.prepare_cached("UPDATE session SET ended = ?2 WHERE id = ?1 AND ended = 0")
                .and_then(|mut s| s.execute(params![session.0, now.0]))
                .map(|_| ())
                .map_err(failed)
        })
        .await
    }

    async fn me(&self, who: &Who) -> Stored<Option<Me>> {
        match who.clone() {
            Who::Member { employer, employer_name, member } => {
                Ok(Some(Me::Member { employer, employer_name, member }))
            }
            Who::Candidate { candidate, name, account, room: Some(room) } => {
                self.read(move |c| {
                    let found = one(
                        c,
                        &format!(
                            "SELECT i.password_hash <> '', {ROUND_COLUMNS}
                             FROM invitation AS i JOIN round AS r ON r.id = i.round
                             JOIN employer AS e ON e.id = r.employer WHERE i.id = ?1 AND r.id = ?2"
                        ),
                        &[&room.invitation.0.as_bytes(), &room.round.0.as_bytes()],
                        |r| Ok((r.get(0)?, round_info(r, 1)?)),
                    )?;
                    let ticket = room.ticket;
                    Ok(found.map(|(with_password, round)| Me::Candidate {
                        candidate,
                        name,
                        round,
                        ticket,
                        with_password,
                        account,
                    }))
                })
                .await
            }
            Who::Candidate { candidate, name, account: true, room: None } => {
                self.read(move |c| {
                    one(c, "SELECT phone FROM candidate WHERE id = ?1", &[&candidate.0.as_bytes()], |r| {
                        r.get::<_, String>(0)
                    })
                    .map(|phone| {
                        phone.map(|phone| {
                            // an account is made by a number and has it until it is erased
                            let phone = Phone::parse(&phone).map(|p| p.masked()).unwrap_or_default();
                            Me::Account { candidate, name, phone }
                        })
                    })
                })
                .await
            }
            Who::Candidate { account: false, room: None, .. } => Ok(None),
        }
    }

    async fn sheet(&self, round: RoundId, ticket: TicketId) -> Stored<Option<CandidateSheet>> {
        self.read(move |c| {
            let found = one(
                c,
                "SELECT k.id, k.name, k.headline, i.position, k.resume, r.employer, t.id
                 FROM invitation AS i JOIN candidate AS k ON k.id = i.candidate JOIN round AS r ON r.id = i.round
                 LEFT JOIN talk_invitation AS ti ON ti.invitation = i.id
                 LEFT JOIN conversation AS t ON t.key = ti.talk
                 WHERE i.ticket = ?1 AND i.round = ?2",
                &[&ticket.0.as_bytes(), &round.0.as_bytes()],
                |r| {
                    let sheet = CandidateSheet {
                        card: card(r, 0)?,
                        resume: from_json(r, 4)?,
                        attachments: Vec::new(),
                        conversation: r.get::<_, Option<[u8; 16]>>(6)?.map(|id| ConversationId(uuid::Uuid::from_bytes(id))),
                    };
                    Ok((sheet, EmployerId(id(r, 5)?)))
                },
            )?;
            let Some((mut sheet, employer)) = found else { return Ok(None) };
            sheet.attachments = candidates::sent_files(c, employer, sheet.card.id)?;
            if !candidates::shows_resume(c, employer, sheet.card.id)? {
                sheet.resume = Resume::default();
            }
            Ok(Some(sheet))
        })
        .await
    }

    async fn knows_device(&self, device: DeviceId) -> Stored<bool> {
        self.read(move |c| {
            one(c, "SELECT EXISTS (SELECT 1 FROM session WHERE device = ?1)", &[&device.0.as_bytes()], |r| {
                r.get(0)
            })
            .map(|found| found == Some(true))
        })
        .await
    }

    async fn begin_attempt(&self, keys: Vec<AttemptKey>, now: WallTime) -> Stored<Begin> {
        self.write(move |c| attempts::begin(c, &keys, now)).await
    }

    async fn end_attempt(&self, keys: Vec<AttemptKey>, ending: Ending, now: WallTime) -> Stored<()> {
        self.write(move |c| attempts::end(c, &keys, ending, now)).await
    }

    async fn refused(&self, refusal: Refusal) -> Stored<()> {
        self.write(move |c| attempts::refused(c, &refusal)).await
    }

    async fn refusals(&self, since: WallTime, limit: u32) -> Stored<Vec<RefusalRow>> {
        self.read(move |c| attempts::refusals(c, since, limit)).await
    }

    async fn tidy(&self, now: WallTime) -> Stored<Tidied> {
        self.write(move |c| attempts::tidy(c, now)).await
    }
}
