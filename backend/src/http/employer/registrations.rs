//! Employers wish to take part in a fair (F3). A registration opens with its own token; an approved employer
//! registers by one of its members.

use super::who::{MaybeMember, by, by_member, may_edit};
use super::{password, words};
use crate::http::auth::{MemberAuth, bearer};
use crate::http::body::Body;
use crate::http::client::ClientAddress;
use crate::http::error::ApiProblem;
use crate::http::guess;
use crate::limits::Ending;
use crate::objects::{Kind, MAX_FILE_BYTES, Purpose, Refused};
use crate::secrets;
use crate::sms::Phone;
use crate::state::AppState;
use crate::store::*;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use miantan_domain::ids::{ObjectId, RegistrationId};
use miantan_domain::model::{Registration, RegistrationState};
use miantan_domain::uscc::Uscc;
use miantan_domain::wire::rest::{NewRegistration, Registered};
use miantan_domain::wire::{Problem, ProblemCode};
use std::net::IpAddr;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Licences on their way in at once; each may hold 20 MiB until it is looked at.
static UPLOADS: Semaphore = Semaphore::const_new(16);
/// A licence that takes longer to come in is given up: others wait for the place.
const UPLOAD_LIMIT: Duration = Duration::from_secs(90);

/// A registration whose words are good.
struct Wish {
    request: NewRegistration,
    uscc: Uscc,
    phone: Phone,
    known: Option<MemberAuth>,
}

impl Wish {
    fn read(mut request: NewRegistration, known: Option<MemberAuth>) -> Result<Self, Problem> {
        request.name = words::name(&request.name, 2, 100)?;
        request.contact = words::name(&request.contact, 2, 40)?;
        let uscc = Uscc::parse(&request.uscc)
            .map_err(|error| Problem::new(ProblemCode::UsccBad, error.to_string()))?;
        let phone = Phone::parse(&request.phone)?;
        if let Some(member) = &known {
            // a known employer has its passwords
            may_edit(member.member.role)?;
        } else {
            let own = [request.name.as_str(), &request.contact, uscc.as_str(), phone.digits()];
            words::password(&request.password, &own)?;
        }
        Ok(Self { request, uscc, phone, known })
    }

    /// Whether this is what was registered under the same id.
    fn is(&self, row: &RegistrationRow) -> bool {
        let kept = &row.registration;
        kept.fair == self.request.fair
            && kept.name == self.request.name
            && kept.uscc == self.uscc.as_str()
            && kept.contact == self.request.contact
            && row.phone == self.phone.digits()
    }
}

/// `POST /registrations`.
pub(super) async fn register(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    MaybeMember(known): MaybeMember,
    Body(request): Body<NewRegistration>,
) -> Result<Json<Registered>, ApiProblem> {
    let wish = Wish::read(request, known)?;
    let Ok(waiting) = state.tries.clone().try_acquire_owned() else {
        return Err(Problem::from(ProblemCode::TooMany).retry_after(2_000).into());
    };
    // to its end, even when the client hangs up: a registration made must count
    let task = tokio::spawn(async move {
        let _waiting = waiting;
        let _permit = state.gate.clone().acquire_owned().await.map_err(|_| ProblemCode::Internal)?;
        let accounts = &state.stores.accounts;
        let keys = vec![AttemptKey::Registration(state.secrets.address(address))];
        if let Begin::Wait(ms) = accounts.begin_attempt(keys.clone(), state.clock.wall()).await? {
            return Err(Problem::from(ProblemCode::SlowDown).retry_after(ms).into());
        }
        let made = make(&state, wish, address).await;
        // each new one counts, and so does asking which companies are known; a repeat does not
        let ending = match &made {
            Ok((_, true)) => Ending::Failed,
            Err(ApiProblem(problem)) if problem.code == ProblemCode::EmployerKnown => Ending::Failed,
            Ok((_, false)) | Err(_) => Ending::Neutral,
        };
        accounts.end_attempt(keys, ending, state.clock.wall()).await?;
        made
    });
    let (registration, _) = task.await.unwrap_or_else(|_| Err(ProblemCode::Internal.into()))?;
    Ok(Json(registration))
}

/// The registration, and whether it is a new one.
async fn make(state: &AppState, wish: Wish, address: IpAddr) -> Result<(Registered, bool), ApiProblem> {
    let id = wish.request.id;
    if let Some(row) = state.stores.employers.registration(id).await? {
        return again(state, &wish, &row).await.map(|registered| (registered, false));
    }
    let (from, by) = if let Some(MemberAuth { employer, member }) = &wish.known {
        (Registrant::Employer(*employer), by_member(state, member, address))
    } else {
        let password_hash = password::hash(wish.request.password.clone()).await?;
        (Registrant::New { password_hash }, by(state, Doer::Nobody, address))
    };
    let draft = RegistrationDraft {
        id,
        fair: wish.request.fair,
        name: wish.request.name.clone(),
        uscc: wish.uscc.as_str().to_owned(),
        contact: wish.request.contact.clone(),
        phone: wish.phone.digits().to_owned(),
        token: state.secrets.token(&state.secrets.registration_token(id)),
        from,
    };
    match state.stores.employers.register(draft, by).await? {
        Registering::Made(registration) => {
            let token = state.secrets.registration_token(id);
            Ok((Registered { registration, token }, true))
        }
        Registering::Again(row) => again(state, &wish, &row).await.map(|registered| (registered, false)),
        Registering::FairUnknown => Err(Problem::new(ProblemCode::NotFound, "there is no such fair").into()),
        Registering::FairOver => Err(ProblemCode::FairClosed.into()),
        Registering::EmployerKnown => {
            let why = "this company is approved already: sign in to take part";
            Err(Problem::new(ProblemCode::EmployerKnown, why).into())
        }
    }
}

/// The same request once more: only who made it gets its answer.
async fn again(state: &AppState, wish: &Wish, row: &RegistrationRow) -> Result<Registered, ApiProblem> {
    let decided =
        matches!(row.registration.state, RegistrationState::Approved | RegistrationState::Rejected { .. });
    let same = if let Some(member) = &wish.known {
        wish.is(row) && row.employer == Some(member.employer)
    } else {
        let hash = Some(row.password_hash.clone()).filter(|hash| !hash.is_empty());
        let opens = guess::password_opens(state, wish.request.password.clone(), hash).await?;
        if decided {
            return Err(ProblemCode::RegistrationOver.into());
        }
        opens && wish.is(row)
    };
    if !same {
        return Err(Problem::new(ProblemCode::NotAllowed, "this id belongs to another registration").into());
    }
    let token = state.secrets.registration_token(row.registration.id);
    Ok(Registered { registration: row.registration.clone(), token })
}

/// The registration this token opens. Which registrations exist is nobody else's business.
async fn opened(state: &AppState, id: &str, headers: &HeaderMap) -> Result<RegistrationRow, ApiProblem> {
    let unknown = ProblemCode::NotSignedIn;
    let id: RegistrationId = id.parse().map_err(|_| unknown)?;
    let token = state.secrets.token(bearer(headers).ok_or(unknown)?);
    let row = state.stores.employers.registration(id).await?;
    let row = row.filter(|row| secrets::same(&row.token, &token));
    Ok(row.ok_or(unknown)?)
}

/// `GET /registrations/{id}`.
pub(super) async fn see(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Registration>, ApiProblem> {
    Ok(Json(opened(&state, &id, &headers).await?.registration))
}

/// `PUT /registrations/{id}/licence`: the last one sent counts, until the organiser decides.
pub(super) async fn licence(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Registration>, ApiProblem> {
    let row = opened(&state, &id, request.headers()).await?;
    let id = row.registration.id;
    match row.registration.state {
        RegistrationState::LicenceMissing | RegistrationState::Waiting => {}
        RegistrationState::Approved | RegistrationState::Rejected { .. } => {
            return Err(ProblemCode::RegistrationOver.into());
        }
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if length.is_some_and(|bytes: u64| bytes > MAX_FILE_BYTES) {
        return Err(ProblemCode::FileTooLarge.into());
    }
    if !state.stores.employers.licence_sent(id).await? {
        return Err(Problem::new(ProblemCode::TooMany, "this registration has sent all it may").into());
    }
    let Ok(_place) = UPLOADS.try_acquire() else {
        return Err(Problem::from(ProblemCode::TooMany).retry_after(5_000).into());
    };
    let bytes = tokio::time::timeout(UPLOAD_LIMIT, whole(request))
        .await
        .map_err(|_| Problem::new(ProblemCode::TimedOut, "the picture came in too slowly"))??;
    let accepted =
        state.inspector.accept(bytes.clone(), Purpose::Licence).await.map_err(|why| refused(&why))?;
    let kind = match accepted.kind {
        Kind::Pdf => LicenceKind::Pdf,
        Kind::Png => LicenceKind::Png,
        Kind::Jpeg => LicenceKind::Jpeg,
        Kind::Docx => return Err(ProblemCode::FileTypeRefused.into()),
    };
    let object = ObjectId::from_parts(state.clock.wall().0 as u64, &secrets::random());
    state.objects.put(object.0, accepted.cleaned.unwrap_or(bytes)).await.map_err(|error| lost(&error))?;
    let by = by(&state, Doer::Nobody, address);
    let set = state.stores.employers.set_licence(id, Licence { object, kind }, by).await;
    let (answer, superfluous) = match set {
        Ok(LicenceSet::Kept { registration, replaced }) => (Ok(Json(registration)), replaced),
        Ok(LicenceSet::Over) => (Err(ProblemCode::RegistrationOver.into()), Some(object)),
        Err(error) => (Err(error.into()), Some(object)),
    };
    if let Some(object) = superfluous
        && let Err(error) = state.objects.delete(object.0).await
    {
        tracing::warn!(%error, "a licence nobody needs is still there");
    }
    answer
}

/// A body of at most [`MAX_FILE_BYTES`]; what is longer is not read to its end.
async fn whole(request: Request) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut stream = request.into_body().into_data_stream();
    while let Some(piece) = stream.next().await {
        let piece =
            piece.map_err(|_| Problem::new(ProblemCode::UploadIncomplete, "the picture broke off"))?;
        if (bytes.len() + piece.len()) as u64 > MAX_FILE_BYTES {
            return Err(ProblemCode::FileTooLarge.into());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Why a file is not kept, as a problem.
fn refused(refused: &Refused) -> Problem {
    let code = match refused {
        Refused::TooLarge { .. } | Refused::TooManyPixels { .. } => ProblemCode::FileTooLarge,
        Refused::Foreign { .. } | Refused::WrongKind { .. } => ProblemCode::FileTypeRefused,
        Refused::Empty
        | Refused::Truncated { .. }
        | Refused::Damaged { .. }
        | Refused::ExpandsTooMuch
        | Refused::Unsafe { .. } => ProblemCode::FileBroken,
    };
    Problem::new(code, refused.to_string())
}

/// The place for files failed.
pub(super) fn lost(error: &crate::objects::store::StoreError) -> Problem {
    tracing::error!(%error, "the object store failed");
    match error {
        crate::objects::store::StoreError::NoSpace => ProblemCode::ServerStorage.into(),
        crate::objects::store::StoreError::Unknown => ProblemCode::FileUnknown.into(),
        _ => ProblemCode::Internal.into(),
    }
}
