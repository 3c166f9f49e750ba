//! What candidates tell of themselves, and what others may read of it.

use super::{all, one, run};
use crate::store::sqlite::row::{from_json, from_name, id, json, name, person};
use crate::store::sqlite::talks::{self, Memory};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::ResumeView;
use rusqlite::{Connection, Row};

pub(super) fn resume(c: &Connection, candidate: CandidateId) -> Stored<Option<ResumeDoc>> {
    one(
        c,
        "SELECT resume_version, name, headline, resume FROM candidate WHERE id = ?1 AND erased = 0",
        &[&candidate.0.as_bytes()],
        |r| {
            Ok(ResumeDoc {
                version: r.get::<_, i64>(0)? as u64,
                name: r.get(1)?,
                headline: r.get(2)?,
                resume: from_json(r, 3)?,
            })
        },
    )
}

pub(super) fn put_resume(
    c: &Connection,
    memory: &Memory,
    candidate: CandidateId,
    doc: &ResumeDoc,
) -> Stored<(ResumeKept, Vec<TalkNews>)> {
    let Some(kept) = resume(c, candidate)? else { return Ok((ResumeKept::Changed, Vec::new())) };
    let shown = kept.name != doc.name || kept.headline != doc.headline;
    if kept.version != doc.version {
        // the answer to a change that was made got lost
        let again = kept.version == doc.version + 1 && !shown && kept.resume == doc.resume;
        return Ok((if again { ResumeKept::Yes(Box::new(kept)) } else { ResumeKept::Changed }, Vec::new()));
    }
    if let Some(photo) = doc.resume.photo {
        let sql =
            "SELECT 1 FROM object WHERE id = ?1 AND owner = ?2 AND file_use = 'photo' AND state = 'done'";
        let owner = person(Person::Candidate(candidate));
        if one(c, sql, &[&photo.0.as_bytes(), &owner], |r| r.get::<_, i64>(0))?.is_none() {
            return Ok((ResumeKept::PhotoUnknown, Vec::new()));
        }
    }
    let doc = ResumeDoc { version: doc.version + 1, ..doc.clone() };
    run(
        c,
        "UPDATE candidate SET resume_version = ?2, name = ?3, headline = ?4, resume = ?5 WHERE id = ?1",
        &[&candidate.0.as_bytes(), &(doc.version as i64), &doc.name, &doc.headline, &json(&doc.resume)?],
    )?;
    let news = if shown { talks::changed(c, memory, candidate)? } else { Vec::new() };
    Ok((ResumeKept::Yes(Box::new(doc)), news))
}

fn file(r: &Row<'_>) -> rusqlite::Result<AttachmentResume> {
    Ok(AttachmentResume {
        object: ObjectId(id(r, 0)?),
        name: r.get(1)?,
        size: r.get::<_, i64>(2)? as u64,
        at: WallTime(r.get(3)?),
    })
}

pub(super) fn attachments(c: &Connection, candidate: CandidateId) -> Stored<Vec<AttachmentResume>> {
    all(
        c,
        "SELECT o.id, o.name, o.kept, a.at FROM attachment AS a JOIN object AS o ON o.id = a.object
         WHERE a.candidate = ?1 ORDER BY a.at, o.id",
        &[&candidate.0.as_bytes()],
        file,
    )
}

pub(super) fn add_attachment(
    c: &Connection,
    candidate: CandidateId,
    object: ObjectId,
    now: WallTime,
) -> Stored<AttachmentKept> {
    let kept = attachments(c, candidate)?;
    if kept.iter().any(|file| file.object == object) {
        return Ok(AttachmentKept::Yes(kept));
    }
    let sql = "SELECT 1 FROM object WHERE id = ?1 AND owner = ?2 AND file_use = 'resume' AND state = 'done'";
    let (object, owner) = (object.0.as_bytes(), person(Person::Candidate(candidate)));
    if one(c, sql, &[&object, &owner], |r| r.get::<_, i64>(0))?.is_none() {
        return Ok(AttachmentKept::Unknown);
    }
    if kept.len() >= ATTACHMENTS_MAX {
        return Ok(AttachmentKept::Full);
    }
    let sql = "INSERT INTO attachment (object, candidate, at) VALUES (?1, ?2, ?3)";
    run(c, sql, &[&object, &candidate.0.as_bytes(), &now.0])?;
    attachments(c, candidate).map(AttachmentKept::Yes)
}

/// How each purpose stands, or everything that was ever said, oldest first.
pub(super) fn consents(c: &Connection, candidate: CandidateId, history: bool) -> Stored<Vec<Consent>> {
    all(
        c,
        "SELECT purpose, version, given, at FROM consent AS n
         WHERE candidate = ?1 AND (?2 OR NOT EXISTS (
             SELECT 1 FROM consent AS l WHERE l.candidate = ?1 AND l.purpose = n.purpose AND l.id > n.id))
         ORDER BY id",
        &[&candidate.0.as_bytes(), &history],
        |r| {
            Ok(Consent {
                purpose: from_name(r, 0)?,
                version: r.get(1)?,
                given: r.get(2)?,
                at: WallTime(r.get(3)?),
            })
        },
    )
}

pub(super) fn consent(c: &Connection, candidate: CandidateId, consent: Consent) -> Stored<()> {
    let stands = consents(c, candidate, false)?.into_iter().find(|c| c.purpose == consent.purpose);
    if stands.is_some_and(|s| s.version == consent.version && s.given == consent.given) {
        return Ok(());
    }
    let (candidate, purpose) = (candidate.0.as_bytes(), name(&consent.purpose)?);
    run(
        c,
        "INSERT INTO consent (candidate, purpose, version, given, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[&candidate, &purpose, &consent.version, &consent.given, &consent.at.0],
    )
    .map(|_| ())
}

/// Whether an employer may read the online résumé: it was sent with an application, or the organiser
/// invited the person to a round of this employer; and the person did not take the consent back.
pub(in crate::store::sqlite) fn shows_resume(
    c: &Connection,
    employer: EmployerId,
    candidate: CandidateId,
) -> Stored<bool> {
    let (employer, candidate_id) = (employer.0.as_bytes(), candidate.0.as_bytes());
    let sent = one(
        c,
        "SELECT EXISTS (SELECT 1 FROM application AS a JOIN conversation AS t ON t.key = a.talk
                        WHERE t.candidate = ?2 AND t.employer = ?1 AND a.object = x'')
             OR EXISTS (SELECT 1 FROM invitation AS i JOIN round AS r ON r.id = i.round
                        WHERE i.candidate = ?2 AND r.employer = ?1 AND i.cancelled = 0)",
        &[&employer, &candidate_id],
        |r| r.get::<_, bool>(0),
    )?;
    let withdrawn = consents(c, candidate, false)?
        .iter()
        .any(|consent| consent.purpose == Purpose::ResumeToEmployers && !consent.given);
    Ok(sent == Some(true) && !withdrawn)
}

/// Files sent to this employer with applications, newest first.
pub(in crate::store::sqlite) fn sent_files(
    c: &Connection,
    employer: EmployerId,
    candidate: CandidateId,
) -> Stored<Vec<AttachmentResume>> {
    all(
        c,
        "SELECT a.object, a.object_name, a.object_size, max(a.object_at)
         FROM application AS a JOIN conversation AS t ON t.key = a.talk
         WHERE t.candidate = ?2 AND t.employer = ?1 AND a.object <> x''
         GROUP BY a.object ORDER BY max(a.at) DESC, a.object",
        &[&employer.0.as_bytes(), &candidate.0.as_bytes()],
        file,
    )
}

/// The photo in a candidate's résumé.
pub(in crate::store::sqlite) fn photo_of(c: &Connection, candidate: CandidateId) -> Stored<Option<ObjectId>> {
    Ok(resume(c, candidate)?.and_then(|doc| doc.resume.photo))
}

pub(super) fn resume_view(
    c: &Connection,
    employer: EmployerId,
    conversation: ConversationId,
) -> Stored<Option<ResumeView>> {
    let found = one(
        c,
        "SELECT k.id, k.name, k.headline, k.resume, k.phone,
                t.blocked = 0 AND EXISTS (SELECT 1 FROM talk_invitation AS v
                                          WHERE v.talk = t.key AND v.status = 'accepted')
         FROM conversation AS t JOIN candidate AS k ON k.id = t.candidate
         WHERE t.id = ?1 AND t.employer = ?2",
        &[&conversation.0.as_bytes(), &employer.0.as_bytes()],
        |r| {
            let view = ResumeView {
                name: r.get(1)?,
                headline: r.get(2)?,
                resume: Some(from_json(r, 3)?),
                attachments: Vec::new(),
                phone: Some(r.get::<_, String>(4)?).filter(|phone| !phone.is_empty()),
            };
            Ok((CandidateId(id(r, 0)?), view, r.get::<_, bool>(5)?))
        },
    )?;
    let Some((candidate, mut view, accepted)) = found else { return Ok(None) };
    view.attachments = sent_files(c, employer, candidate)?;
    if !shows_resume(c, employer, candidate)? {
        view.resume = None;
    }
    if !accepted {
        view.phone = None;
    }
    Ok(Some(view))
}
