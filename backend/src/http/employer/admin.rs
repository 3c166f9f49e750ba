//! The organiser's API (O1), opened by the token in the data folder.

use super::registrations::lost;
use super::who::Organiser;
use super::words;
use crate::http::body::Body;
use crate::http::builds;
use crate::http::error::ApiProblem;
use crate::http::origin::Origin;
use crate::objects::names::{Disposition, content_disposition, safe_name};
use crate::objects::{Kind, MAX_FILE_BYTES};
use crate::secrets;
use crate::sms::outbox::Outgoing;
use crate::sms::retry::Attempts;
use crate::sms::{Phone, SmsMessage, SmsTemplate};
use crate::state::AppState;
use crate::store::{Decided, Decision, LicenceKind, Standing, Verdict};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use miantan_domain::ids::{EmployerId, FairId, MemberId, RegistrationId};
use miantan_domain::model::{FairPage, Registration, RegistrationState};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, Decide, FairEdit, ReportLine};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;

/// Registrations or reports listed at most.
const LISTED: u32 = 1_000;
/// Longest reason of a rejection, in characters.
const REASON_MAX: usize = 500;
/// A fair lasts at most so long, in ms.
const FAIR_MAX_MS: u64 = 400 * 86_400_000;

#[derive(Deserialize)]
pub(super) struct Which {
    state: Option<Standing>,
}

/// `GET /admin/registrations?state=`.
pub(super) async fn registrations(
    State(state): State<AppState>,
    _organiser: Organiser,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Vec<Registration>>, ApiProblem> {
    let Query(which) = which.map_err(|_| {
        let why = "state is licence_missing, waiting, approved or rejected";
        Problem::new(ProblemCode::Malformed, why)
    })?;
    Ok(Json(state.stores.employers.registrations(which.state, LISTED).await?))
}

fn registration_id(text: &str) -> Result<RegistrationId, ProblemCode> {
    text.parse().map_err(|_| ProblemCode::NotFound)
}

/// `GET /admin/registrations/{id}/licence`: to be saved, never shown by a browser as part of this site.
pub(super) async fn licence(
    State(state): State<AppState>,
    organiser: Organiser,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiProblem> {
    let id = registration_id(&id)?;
    let row = state.stores.employers.registration(id).await?.ok_or(ProblemCode::NotFound)?;
    let licence = row.licence.ok_or(ProblemCode::FileUnknown)?;
    let kind = match licence.kind {
        LicenceKind::Pdf => Kind::Pdf,
        LicenceKind::Png => Kind::Png,
        LicenceKind::Jpeg => Kind::Jpeg,
    };
    let bytes =
        state.objects.read(licence.object.0, 0..MAX_FILE_BYTES).await.map_err(|error| lost(&error))?;
    state.stores.employers.acted("licence_read", id.0, organiser.by).await?;
    let name = safe_name(&format!("{} 营业执照", row.registration.name), kind);
    let headers = [
        (header::CONTENT_TYPE, kind.mime().to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name, Disposition::Attachment)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, bytes))
}

/// `POST /admin/registrations/{id}/decide`.
pub(super) async fn decide(
    State(state): State<AppState>,
    organiser: Organiser,
    Path(id): Path<String>,
    Body(decide): Body<Decide>,
) -> Result<Json<Registration>, ApiProblem> {
    let registration = registration_id(&id)?;
    let now = state.clock.wall().0 as u64;
    let verdict = match decide {
        Decide::Approve => Verdict::Approve {
            employer: EmployerId::from_parts(now, &secrets::random()),
            owner: MemberId::from_parts(now, &secrets::random()),
        },
        Decide::Reject { reason } => {
            Verdict::Reject { reason: words::some(words::paragraphs(&reason, REASON_MAX)?)? }
        }
    };
    let decision = Decision { registration, verdict, by: organiser.by };
    match state.stores.employers.decide(decision).await? {
        Decided::Now { registration, phone } => {
            tell(&state, &registration, &phone);
            Ok(Json(registration))
        }
        Decided::Before(registration) => Ok(Json(registration)),
        Decided::Over => Err(ProblemCode::RegistrationOver.into()),
        Decided::Unknown => Err(ProblemCode::NotFound.into()),
        Decided::LicenceMissing => {
            Err(Problem::new(ProblemCode::UploadIncomplete, "the licence is still missing").into())
        }
        Decided::EmployerKnown => {
            let why = "another approved employer has this name or code, or another contact";
            Err(Problem::new(ProblemCode::EmployerKnown, why).into())
        }
    }
}

/// The contact is told by SMS. The decision stands whether or not it arrives: the registration's page says
/// it as well.
fn tell(state: &AppState, registration: &Registration, phone: &str) {
    let Ok(to) = Phone::parse(phone) else {
        tracing::error!(registration = %registration.id, "a registration's number cannot be read");
        return;
    };
    let (approved, reason) = match &registration.state {
        RegistrationState::Rejected { reason } => (false, reason.clone()),
        RegistrationState::Approved | RegistrationState::Waiting | RegistrationState::LicenceMissing => {
            (true, String::new())
        }
    };
    let template = SmsTemplate::Approval { employer: registration.name.clone(), approved, reason };
    let (desk, now) = (state.sms.desk.clone(), state.clock.wall());
    tokio::spawn(async move { desk.drive(&SmsMessage { to, template }, Attempts::none(now)).await });
}

/// `PUT /admin/fairs/{fair}`.
pub(super) async fn fair(
    State(state): State<AppState>,
    organiser: Organiser,
    Origin(origin): Origin,
    Path(fair): Path<String>,
    Body(edit): Body<FairEdit>,
) -> Result<Json<FairPage>, ApiProblem> {
    let id: FairId = fair.parse().map_err(|_| ProblemCode::NotFound)?;
    let edit = fit(&edit)?;
    state.stores.fairs.put_fair(id, edit).await?;
    state.stores.employers.acted("fair_put", id.0, organiser.by).await?;
    let head = state.stores.fairs.fair(id).await?.ok_or(ProblemCode::NotFound)?;
    Ok(Json(head.page(false, format!("{origin}/fairs/{id}"))))
}

/// The edit with clean texts, checked.
fn fit(edit: &FairEdit) -> Result<FairEdit, Problem> {
    if edit.ends <= edit.starts || edit.ends.since(edit.starts) > FAIR_MAX_MS || edit.starts < WallTime(0) {
        return Err(Problem::new(ProblemCode::Malformed, "a fair ends after it starts, within 400 days"));
    }
    Ok(FairEdit {
        title: words::some(words::line(&edit.title, 100)?)?,
        kind: words::some(words::line(&edit.kind, 30)?)?,
        city: words::line(&edit.city, 60)?,
        district: words::line(&edit.district, 60)?,
        venue: words::line(&edit.venue, 200)?,
        introduction: words::paragraphs(&edit.introduction, 10_000)?,
        starts: edit.starts,
        ends: edit.ends,
    })
}

#[derive(Deserialize)]
pub(super) struct BuildNames {
    version: String,
    file: String,
}

/// `PUT /admin/builds/{system}?version=&file=`: the file is the body, of up to a gigabyte.
pub(super) async fn build(
    State(state): State<AppState>,
    organiser: Organiser,
    Path(system): Path<String>,
    names: Result<Query<BuildNames>, QueryRejection>,
    request: Request,
) -> Result<Json<Build>, ApiProblem> {
    let system = builds::system(&system)?;
    let Query(names) =
        names.map_err(|_| Problem::new(ProblemCode::Malformed, "version and file are to be named"))?;
    let build = builds::keep(&state, system, &names.version, &names.file, request.into_body()).await?;
    // a build has no id of its own
    let action = format!("build_put_{}", system.as_str());
    state.stores.employers.acted(&action, uuid::Uuid::nil(), organiser.by).await?;
    Ok(Json(build))
}

/// `GET /admin/reports`: newest first.
pub(super) async fn reports(
    State(state): State<AppState>,
    _organiser: Organiser,
) -> Result<Json<Vec<ReportLine>>, ApiProblem> {
    Ok(Json(state.stores.talks.reports(LISTED).await?))
}

/// `GET /admin/sms`: what the development outbox holds, newest first; nothing where messages are really sent.
pub(super) async fn sms(
    State(state): State<AppState>,
    _organiser: Organiser,
) -> Result<Json<Vec<Outgoing>>, ApiProblem> {
    let mut messages = state.sms.outbox.as_ref().map(crate::sms::Outbox::list).unwrap_or_default();
    messages.reverse();
    Ok(Json(messages))
}
