//! Sending: promise, parts, inspection.

use super::{failed, id, refused};
use crate::http::auth::Auth;
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::objects::names::safe_name;
use crate::objects::store::{Progress, Upload as Bytes};
use crate::objects::{MAX_FILE_BYTES, Purpose};
use crate::secrets;
use crate::state::AppState;
use crate::store::*;
use crate::talk;
use axum::Json;
use axum::body::Bytes as Part;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use miantan_domain::wire::rest::{FileUse, NewObject, ObjectInfo, PART_MAX_BYTES, Upload};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What one person may send within a day.
const QUOTA: FileQuota = FileQuota { bytes: 200 * 1024 * 1024, files: 500 };
/// Whole files read to be looked at, at once; each is up to 20 MiB.
static LOOKED_AT: Semaphore = Semaphore::const_new(4);
/// Longest name that is looked at, in bytes; the safe one is shorter.
const NAME_MAX_BYTES: usize = 400;
/// Every so many bytes it is written down that the upload is alive.
const TOUCH_EVERY: u64 = 4 * 1024 * 1024;

/// `POST /objects`.
pub(super) async fn promise(
    State(state): State<AppState>,
    Auth(session): Auth,
    Body(new): Body<NewObject>,
) -> Result<Json<Upload>, ApiProblem> {
    let owner = session.who.person();
    let conversation = match (new.file_use, new.conversation, owner) {
        (FileUse::ChatImage | FileUse::ChatFile, Some(conversation), _) => {
            let talker = talk::talker(&session.who).ok_or(ProblemCode::NotAllowed)?;
            let parties = state.stores.talks.parties(talker.party, conversation).await?;
            parties.ok_or(ProblemCode::NotFound)?;
            Some(conversation)
        }
        (FileUse::Resume | FileUse::Photo, None, Person::Candidate(_)) => None,
        (FileUse::Resume | FileUse::Photo, None, Person::Member(_)) => {
            return Err(Problem::new(ProblemCode::NotAllowed, "for candidates only").into());
        }
        (FileUse::Licence, ..) => {
            let why = "licences are sent with PUT /registrations/{id}/licence";
            return Err(Problem::new(ProblemCode::NotAllowed, why).into());
        }
        (FileUse::ChatImage | FileUse::ChatFile, None, _)
        | (FileUse::Resume | FileUse::Photo, Some(_), _) => {
            let why = "a conversation belongs to what is said in one, and to nothing else";
            return Err(Problem::new(ProblemCode::Malformed, why).into());
        }
    };
    if new.size > MAX_FILE_BYTES {
        return Err(Problem::new(ProblemCode::FileTooLarge, "at most 20 MiB").into());
    }
    if new.size == 0 {
        return Err(Problem::new(ProblemCode::FileBroken, "the file is empty").into());
    }
    let sha256 =
        sum(&new.sha256).ok_or_else(|| Problem::new(ProblemCode::Malformed, "sha256: 64 hex digits"))?;
    let mut name = new.name;
    name.truncate(name.floor_char_boundary(NAME_MAX_BYTES));
    let at = state.clock.wall();
    let bytes = uuid::Builder::from_unix_timestamp_millis(at.0 as u64, &secrets::random()).into_uuid();
    let promise = FilePromise {
        id: new.id,
        owner,
        file_use: new.file_use,
        conversation,
        name,
        size: new.size,
        sha256,
        bytes,
        at,
    };
    match state.stores.files.promise(promise, QUOTA).await? {
        Promised::Yes(row) => Ok(Json(stands(&state, *row).await?)),
        Promised::Taken => Err(ProblemCode::FileUnknown.into()),
        Promised::Quota { wait_ms } => {
            let why = "this is all one person may send in a day";
            Err(Problem::new(ProblemCode::TooMany, why).retry_after(wait_ms).into())
        }
    }
}

fn sum(hex: &str) -> Option<[u8; 32]> {
    let hex = hex.as_bytes();
    if hex.len() != 64 || !hex.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let digit = |c: u8| if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 };
    let mut sum = [0; 32];
    for (byte, pair) in sum.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = digit(pair[0]) << 4 | digit(pair[1]);
    }
    Some(sum)
}

/// A file of this person's own.
async fn own(state: &AppState, session: &Session, object: &str) -> Result<FileRow, ApiProblem> {
    let row = state.stores.files.file(id(object)?).await?;
    let row = row.filter(|row| row.owner == session.who.person());
    Ok(row.ok_or(ProblemCode::FileUnknown)?)
}

/// `GET /objects/{object}/upload`.
pub(super) async fn upload(
    State(state): State<AppState>,
    Auth(session): Auth,
    Path(object): Path<String>,
) -> Result<Json<Upload>, ApiProblem> {
    let row = own(&state, &session, &object).await?;
    Ok(Json(stands(&state, row).await?))
}

#[derive(Deserialize)]
pub(super) struct At {
    offset: u64,
}

/// `PUT /objects/{object}?offset=N`.
pub(super) async fn part(
    State(state): State<AppState>,
    Auth(session): Auth,
    Path(object): Path<String>,
    at: Result<Query<At>, QueryRejection>,
    part: Result<Part, BytesRejection>,
) -> Result<Json<Upload>, ApiProblem> {
    let Query(At { offset }) =
        at.map_err(|_| Problem::new(ProblemCode::Malformed, "offset: where these bytes begin"))?;
    let row = own(&state, &session, &object).await?;
    let part = part.map_err(|rejection| {
        let large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
        ApiProblem::from(if large { ProblemCode::TooLarge } else { ProblemCode::Malformed })
    })?;
    if part.len() > PART_MAX_BYTES {
        return Err(ProblemCode::TooLarge.into());
    }
    if part.is_empty() {
        return Err(Problem::new(ProblemCode::Malformed, "a part has bytes").into());
    }
    if row.state != FileState::Open {
        return Ok(Json(stands(&state, row).await?));
    }
    begin(&state, &row).await?;
    let end = state.objects.append(row.bytes, offset, part.to_vec()).await.map_err(failed)?;
    if end / TOUCH_EVERY != offset / TOUCH_EVERY {
        state.stores.files.touched(row.id, state.clock.wall()).await?;
    }
    Ok(Json(stands(&state, row).await?))
}

/// Makes the place for the bytes, or finds it.
async fn begin(state: &AppState, row: &FileRow) -> Result<u64, Problem> {
    let bytes = Bytes { id: row.bytes, size: row.size, sha256: row.sha256 };
    state.objects.begin(bytes).await.map_err(failed)
}

/// How far a file is. One whose bytes are all here is looked at first: whoever asks again after an answer
/// was lost, or after the server broke off, gets it done.
async fn stands(state: &AppState, row: FileRow) -> Result<Upload, ApiProblem> {
    let id = row.id;
    let row = match row.state {
        FileState::Open => {
            let offset = begin(state, &row).await?;
            if offset < row.size {
                return Ok(Upload { id, offset, done: None });
            }
            // to its end, even when the client hangs up
            let (its, own) = (state.clone(), row.clone());
            let work = tokio::spawn(async move { finish(&its, &own).await });
            work.await.map_err(|_| ProblemCode::Internal)??;
            state.stores.files.file(id).await?.ok_or(ProblemCode::FileUnknown)?
        }
        FileState::Done(_) | FileState::Refused(_) => row,
    };
    match row.state {
        FileState::Done(facts) => {
            let info = ObjectInfo {
                id,
                name: row.name,
                media_type: facts.kind.mime().to_owned(),
                size: facts.size,
                width: facts.width,
                height: facts.height,
            };
            Ok(Upload { id, offset: row.size, done: Some(info) })
        }
        FileState::Refused(problem) => Err(problem.into()),
        FileState::Open => Err(Problem::from(ProblemCode::Internal).into()),
    }
}

/// Proves the bytes, looks at them, keeps what is good under an id of its own.
async fn finish(state: &AppState, row: &FileRow) -> Result<(), ApiProblem> {
    let _turn = LOOKED_AT.acquire().await.map_err(|_| ProblemCode::Internal)?;
    let files = &state.stores.files;
    // another request may have been quicker
    let now_it_is = files.file(row.id).await?.ok_or(ProblemCode::FileUnknown)?;
    if now_it_is.state != FileState::Open {
        return Ok(());
    }
    let refuse = async |problem: Problem| -> Result<(), ApiProblem> {
        files.file_refused(row.id, problem.code, problem.detail, state.clock.wall()).await?;
        remove(state, row.bytes).await;
        Ok(())
    };
    if let Progress::Part { .. } = state.objects.progress(row.bytes).await.map_err(failed)?
        && let Err(error) = state.objects.finish(row.bytes).await
    {
        let problem = failed(error);
        // bytes that are not the promised ones can never become them
        return if problem.code == ProblemCode::FileBroken {
            refuse(problem).await
        } else {
            Err(problem.into())
        };
    }
    let sent = state.objects.read(row.bytes, 0..row.size).await.map_err(failed)?;
    let accepted = match state.inspector.accept(sent, purpose(row.file_use)).await {
        Ok(accepted) => accepted,
        Err(why) => return refuse(refused(&why)).await,
    };
    let at = state.clock.wall();
    let fresh = || uuid::Builder::from_unix_timestamp_millis(at.0 as u64, &secrets::random()).into_uuid();
    let mut made: Vec<Uuid> = Vec::new();
    let (mut bytes, mut size) = (row.bytes, row.size);
    if let Some(cleaned) = accepted.cleaned {
        (bytes, size) = (fresh(), cleaned.len() as u64);
        state.objects.put(bytes, cleaned).await.map_err(failed)?;
        made.push(bytes);
    }
    let (mut width, mut height, mut thumb) = (0, 0, None);
    if let Some(picture) = accepted.picture {
        (width, height) = (picture.width, picture.height);
        let id = fresh();
        state.objects.put(id, picture.thumbnail).await.map_err(failed)?;
        made.push(id);
        thumb = Some(id);
    }
    let facts = FileFacts { kind: accepted.kind, size, width, height, thumb };
    let name = safe_name(&row.name, accepted.kind);
    if files.file_done(row.id, name, facts, bytes, at).await? {
        if bytes != row.bytes {
            remove(state, row.bytes).await;
        }
    } else {
        for id in made {
            remove(state, id).await;
        }
    }
    Ok(())
}

const fn purpose(file_use: FileUse) -> Purpose {
    match file_use {
        FileUse::Resume => Purpose::Resume,
        FileUse::ChatImage => Purpose::ChatImage,
        FileUse::ChatFile => Purpose::ChatFile,
        FileUse::Photo => Purpose::Photo,
        FileUse::Licence => Purpose::Licence,
    }
}

async fn remove(state: &AppState, bytes: Uuid) {
    if let Err(error) = state.objects.delete(bytes).await {
        tracing::warn!(%error, "bytes nobody needs are still there; the sweep takes them");
    }
}
