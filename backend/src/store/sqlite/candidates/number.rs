//! Numbers and whose they are.

use super::about::consent;
use super::{all, one, run};
use crate::store::sqlite::row::{id, person};
use crate::store::sqlite::sessions::{Of, open_session};
use crate::store::sqlite::talks::{self, Memory};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::{Consent, Purpose, Resume};
use rusqlite::Connection;

/// The id a candidate has now.
pub(in crate::store::sqlite) fn now_called(c: &Connection, candidate: CandidateId) -> Stored<CandidateId> {
    let sql = "SELECT candidate FROM candidate_alias WHERE old = ?1";
    let found = one(c, sql, &[&candidate.0.as_bytes()], |r| id(r, 0).map(CandidateId))?;
    Ok(found.unwrap_or(candidate))
}

pub(super) fn sign_in(
    c: &Connection,
    memory: &Memory,
    sign_in: &CandidateSignInAs,
) -> Stored<(NumberTaken, Vec<TalkNews>)> {
    let (candidate, changed, news) = take(c, memory, &sign_in.proof, None, Some(sign_in.fresh))?;
    let session = open_session(c, &Of::Account(candidate), &sign_in.session)?;
    Ok((NumberTaken::Yes { session, changed }, news))
}

pub(super) fn link(
    c: &Connection,
    memory: &Memory,
    session: SessionId,
    proof: &NumberProof,
) -> Stored<(NumberTaken, Vec<TalkNews>)> {
    let found = one(
        c,
        "SELECT k.id, k.phone_key FROM session AS s JOIN candidate AS k ON k.id = s.candidate
         WHERE s.id = ?1 AND s.ended = 0",
        &[&session.0],
        |r| Ok((CandidateId(id(r, 0)?), r.get::<_, Vec<u8>>(1)?)),
    )?;
    let Some((candidate, known)) = found else { return Ok((NumberTaken::NoCode, Vec::new())) };
    if !known.is_empty() && known != proof.number.key {
        return Ok((NumberTaken::OtherNumber, Vec::new()));
    }
    let (into, mut changed, news) = take(c, memory, proof, Some(candidate), None)?;
    run(
        c,
        "UPDATE session SET account = 1, candidate = ?2 WHERE id = ?1",
        &[&session.0, &into.0.as_bytes()],
    )?;
    // whoever asked knows
    changed.retain(|other| *other != session);
    Ok((NumberTaken::Yes { session, changed }, news))
}

/// Whose number it is from now on: its account; or `holder`, or whoever the organiser knows by it, or
/// somebody new. All of them are one person then.
fn take(
    c: &Connection,
    memory: &Memory,
    proof: &NumberProof,
    holder: Option<CandidateId>,
    fresh: Option<CandidateId>,
) -> Stored<(CandidateId, Vec<SessionId>, Vec<TalkNews>)> {
    let key = proof.number.key;
    let sql = "SELECT id, account > 0 FROM candidate
               WHERE phone_key = ?1 AND phone_key <> x'' ORDER BY account > 0 DESC, account, id";
    let known = all(c, sql, &[&key], |r| Ok((CandidateId(id(r, 0)?), r.get::<_, bool>(1)?)))?;
    let account = known.iter().find(|(_, account)| *account).map(|(id, _)| *id);
    let now = proof.now;
    let here = account.or(holder).or_else(|| known.first().map(|(id, _)| *id));
    let into = here.or(fresh).ok_or_else(|| StoreError::Failed("nobody has this number".into()))?;
    if here.is_none() {
        let (id, resume) = (into.0.as_bytes(), super::super::row::json(&Resume::default())?);
        run(c, "INSERT INTO candidate (id, name, resume) VALUES (?1, '', ?2)", &[&id, &resume])?;
    }
    let (mut changed, mut joined) = (Vec::new(), false);
    let others = known.iter().map(|(id, _)| *id).chain(holder).filter(|other| *other != into);
    let mut others: Vec<CandidateId> = others.collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        changed.extend(merge(c, other, into, now.0)?);
        joined = true;
    }
    run(
        c,
        "UPDATE candidate SET phone = ?2, phone_key = ?3, seen = ?4,
                account = CASE WHEN account > 0 THEN account ELSE ?4 END
         WHERE id = ?1",
        &[&into.0.as_bytes(), &proof.number.phone.digits(), &key, &now.0],
    )?;
    consent(c, into, Consent { purpose: Purpose::Policy, version: proof.policy, given: true, at: now })?;
    let news = if joined { talks::changed(c, memory, into)? } else { Vec::new() };
    Ok((into, changed, news))
}

/// `from` is `into`: everything of theirs changes hands. Answers with their sessions.
fn merge(c: &Connection, from: CandidateId, into: CandidateId, now: i64) -> Stored<Vec<SessionId>> {
    let (old, new) = (from.0.as_bytes(), into.0.as_bytes());
    talks::merge(c, from, into)?;
    // rounds whose log knows the ticket go on calling its holder as before
    run(
        c,
        "UPDATE invitation SET card = ?1
         WHERE candidate = ?1 AND card = x'' AND EXISTS (
             SELECT 1 FROM round_event AS v WHERE v.round = invitation.round AND instr(v.event, ?2) > 0)",
        &[&old, &from.0.to_string()],
    )?;
    for table in ["invitation", "consent", "attachment", "session", "face_attempt"] {
        c.execute(&format!("UPDATE {table} SET candidate = ?2 WHERE candidate = ?1"), [old, new])
            .map_err(super::failed)?;
    }
    let (was, is) = (person(Person::Candidate(from)), person(Person::Candidate(into)));
    for (table, column) in [
        ("answer", "who"),
        ("talk_change", "who"),
        ("talk_report", "who"),
        ("call_slot", "person"),
        ("object", "owner"),
    ] {
        // what both have already stays theirs
        c.execute(&format!("UPDATE OR IGNORE {table} SET {column} = ?2 WHERE {column} = ?1"), [was, is])
            .map_err(super::failed)?;
    }
    // one photo is enough; the other one's bytes are unknown from then on and are swept
    run(c, "UPDATE OR IGNORE face_photo SET candidate = ?2 WHERE candidate = ?1", &[&old, &new])?;
    run(c, "UPDATE candidate_alias SET candidate = ?2 WHERE candidate = ?1", &[&old, &new])?;
    // whoever has told nothing of themselves yet is as the organiser knows them
    run(
        c,
        "UPDATE candidate SET name = f.name, headline = f.headline
         FROM (SELECT name, headline FROM candidate WHERE id = ?1) AS f
         WHERE candidate.id = ?2 AND candidate.name = ''",
        &[&old, &new],
    )?;
    let blank: Option<Resume> = one(c, "SELECT resume FROM candidate WHERE id = ?1", &[&new], |r| {
        super::super::row::from_json::<Resume>(r, 0)
    })?;
    if blank.is_some_and(|resume| resume.is_blank()) {
        run(
            c,
            "UPDATE candidate SET resume = (SELECT resume FROM candidate WHERE id = ?1),
                    resume_version = resume_version + 1 WHERE id = ?2",
            &[&old, &new],
        )?;
    }
    run(c, "DELETE FROM candidate WHERE id = ?1", &[&old])?;
    run(c, "INSERT INTO candidate_alias (old, candidate, at) VALUES (?1, ?2, ?3)", &[&old, &new, &now])?;
    let sql = "SELECT id FROM session WHERE candidate = ?1 AND account = 0 AND ended = 0";
    all(c, sql, &[&new], |r| r.get(0).map(SessionId))
}
