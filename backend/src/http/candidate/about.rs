//! What candidates tell of themselves: profile, online résumé, résumé files.

use super::{Account, sweep_up};
use crate::http::body::Body;
use crate::http::employer::words;
use crate::http::error::ApiProblem;
use crate::http::join;
use crate::state::AppState;
use crate::store::{AttachmentKept, ResumeKept};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use miantan_domain::ids::ObjectId;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{AttachmentAdd, Me, Profile};
use miantan_domain::wire::{Problem, ProblemCode};
use time::{OffsetDateTime, UtcOffset};

/// Longest name of a person, in characters.
const NAME_MAX_CHARS: usize = 40;
/// Nobody older is expected.
const BIRTH_YEAR_MIN: u16 = 1900;

/// The month it is in China, counted from the year 0.
fn month_of(now: WallTime) -> i64 {
    let utc = OffsetDateTime::from_unix_timestamp(now.0 / 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let local = UtcOffset::from_hms(8, 0, 0).map_or(utc, |offset| utc.to_offset(offset));
    i64::from(local.year()) * 12 + i64::from(local.month() as u8) - 1
}

/// Month of birth, counted from the year 0, of somebody who is old enough. The day is not known: until
/// the month of the birthday is over, the younger age counts.
///
/// # Errors
/// `under_age`; `malformed` for a month there is none.
fn birth(profile: &Profile, now: WallTime) -> Result<i64, Problem> {
    let today = month_of(now);
    let birth = i64::from(profile.birth_year) * 12 + i64::from(profile.birth_month) - 1;
    if !(1..=12).contains(&profile.birth_month) || profile.birth_year < BIRTH_YEAR_MIN || birth > today {
        return Err(Problem::new(ProblemCode::Malformed, "no month of birth"));
    }
    if today - birth <= i64::from(CANDIDATE_AGE_MIN) * 12 {
        return Err(ProblemCode::UnderAge.into());
    }
    Ok(birth)
}

/// `PUT /me/profile`. Of somebody under age nothing is kept: an account that was not used yet goes as well.
pub(super) async fn profile(
    State(state): State<AppState>,
    Account { session, candidate }: Account,
    Body(request): Body<Profile>,
) -> Result<Json<Me>, ApiProblem> {
    let now = state.clock.wall();
    let birth = match birth(&request, now) {
        Ok(birth) => birth,
        Err(problem) => {
            if problem.code == ProblemCode::UnderAge {
                let left = state.stores.candidates.forget_minor(candidate, now).await?;
                sweep_up(&state, left).await;
            }
            return Err(problem.into());
        }
    };
    let name = words::name(&request.name, 1, NAME_MAX_CHARS)?;
    if !state.stores.candidates.set_profile(candidate, name, birth).await? {
        return Err(ProblemCode::NotSignedIn.into());
    }
    join::me(&state, session.id).await.map(Json)
}

/// `GET /me/resume`.
pub(super) async fn resume(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
) -> Result<Json<ResumeDoc>, ApiProblem> {
    let doc = state.stores.candidates.resume(candidate).await?;
    Ok(Json(doc.ok_or(ProblemCode::NotSignedIn)?))
}

/// Texts without what is not seen; too long ones are refused, not cut.
fn clean(mut doc: ResumeDoc) -> Result<ResumeDoc, Problem> {
    let too_long = |problem: Problem| match problem.code {
        ProblemCode::TextTooLong => Problem::new(ProblemCode::ResumeTooLong, problem.detail),
        _ => problem,
    };
    let line = |text: &mut String| {
        *text = words::line(text, RESUME_LINE_MAX_CHARS).map_err(too_long)?;
        Ok::<(), Problem>(())
    };
    let long = |text: &mut String| {
        *text = words::paragraphs(text, TEXT_MAX_CHARS).map_err(too_long)?;
        Ok::<(), Problem>(())
    };
    if !doc.resume.fits() {
        return Err(ProblemCode::ResumeTooLong.into());
    }
    // a résumé may be begun before one says who one is
    if !doc.name.is_empty() {
        doc.name = words::name(&doc.name, 1, NAME_MAX_CHARS)?;
    }
    line(&mut doc.headline)?;
    let resume = &mut doc.resume;
    for text in [&mut resume.city, &mut resume.objective, &mut resume.email] {
        line(text)?;
    }
    long(&mut resume.about)?;
    for entry in resume.education.iter_mut().chain(&mut resume.experience) {
        for text in [&mut entry.period, &mut entry.place, &mut entry.what] {
            line(text)?;
        }
        long(&mut entry.details)?;
    }
    resume.skills.iter_mut().try_for_each(line)?;
    Ok(doc)
}

/// `PUT /me/resume`.
pub(super) async fn put_resume(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
    Body(doc): Body<ResumeDoc>,
) -> Result<Json<ResumeDoc>, ApiProblem> {
    if i64::try_from(doc.version).is_err() {
        return Err(ProblemCode::ResumeChanged.into());
    }
    match state.stores.candidates.put_resume(candidate, clean(doc)?).await? {
        ResumeKept::Yes(doc) => Ok(Json(*doc)),
        ResumeKept::Changed => Err(ProblemCode::ResumeChanged.into()),
        ResumeKept::PhotoUnknown => Err(ProblemCode::FileUnknown.into()),
    }
}

/// `GET /me/attachments`.
pub(super) async fn attachments(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
) -> Result<Json<Vec<AttachmentResume>>, ApiProblem> {
    Ok(Json(state.stores.candidates.attachments(candidate).await?))
}

/// `POST /me/attachments`; the same again changes nothing.
pub(super) async fn add_attachment(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
    Body(request): Body<AttachmentAdd>,
) -> Result<Json<Vec<AttachmentResume>>, ApiProblem> {
    let now = state.clock.wall();
    match state.stores.candidates.add_attachment(candidate, request.object, now).await? {
        AttachmentKept::Yes(list) => Ok(Json(list)),
        AttachmentKept::Full => {
            let why = format!("at most {ATTACHMENTS_MAX} résumé files; remove one first");
            Err(Problem::new(ProblemCode::TooMany, why).into())
        }
        AttachmentKept::Unknown => Err(ProblemCode::FileUnknown.into()),
    }
}

/// `DELETE /me/attachments/{object}`.
pub(super) async fn remove_attachment(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
    Path(object): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let object: ObjectId = object.parse().map_err(|_| ProblemCode::FileUnknown)?;
    if state.stores.candidates.remove_attachment(candidate, object).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ProblemCode::FileUnknown.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-18 in China.
    const NOW: WallTime = WallTime(1_795_000_000_000);

    fn born(birth_year: u16, birth_month: u8) -> Result<i64, ProblemCode> {
        let profile = Profile { name: "林晓青".into(), birth_year, birth_month };
        birth(&profile, NOW).map_err(|problem| problem.code)
    }

    #[test]
    fn sixteen_is_counted_by_the_month() {
        assert_eq!(month_of(NOW), 2026 * 12 + 10);
        assert_eq!(born(2010, 10), Ok(2010 * 12 + 9));
        // may be fifteen still: the day is not known
        assert_eq!(born(2010, 11), Err(ProblemCode::UnderAge));
        assert_eq!(born(2026, 11), Err(ProblemCode::UnderAge));
        for (year, month) in [(2026, 12), (2010, 0), (2010, 13), (0, 1), (1899, 12), (u16::MAX, 1)] {
            assert_eq!(born(year, month), Err(ProblemCode::Malformed), "{year}-{month}");
        }
        // the night before the new year in London is the new year in China
        assert_eq!(month_of(WallTime(1_798_740_000_000)), 2027 * 12);
    }

    #[test]
    fn what_is_not_seen_is_left_out_and_what_is_too_long_refused() {
        let doc = |about: &str, line: &str| ResumeDoc {
            name: "林晓青".into(),
            resume: Resume { about: about.into(), skills: vec![line.into()], ..Resume::default() },
            ..ResumeDoc::default()
        };
        let kept = clean(doc("一\u{202e}\r\n<b>二</b>\0", "Ru\u{200b}st\n")).unwrap();
        assert_eq!((kept.resume.about.as_str(), kept.resume.skills[0].as_str()), ("一\n<b>二</b>", "Rust"));
        for long in [doc(&"长".repeat(2_001), ""), doc("", &"x".repeat(201)), doc(&"x".repeat(100_000), "")]
        {
            assert_eq!(clean(long).unwrap_err().code, ProblemCode::ResumeTooLong);
        }
        let headline = ResumeDoc { headline: "x".repeat(201), ..ResumeDoc::default() };
        assert_eq!(clean(headline).unwrap_err().code, ProblemCode::ResumeTooLong);
        let markup = ResumeDoc { name: "<img src=x>".into(), ..ResumeDoc::default() };
        assert_eq!(clean(markup).unwrap_err().code, ProblemCode::NameBad);
    }
}
