//! Reading: by whoever sent it and by those it was meant for.

use super::{failed, id};
use crate::http::auth::Auth;
use crate::http::error::ApiProblem;
use crate::objects::names::{Disposition, content_disposition};
use crate::state::AppState;
use crate::store::{FileFacts, FileRow, FileState, Who};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use miantan_domain::ids::ObjectId;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;
use std::ops::Range;
use uuid::Uuid;

/// Bytes read and sent at once.
const PIECE: u64 = 128 * 1024;
/// Largest thumbnail that is read, in bytes; they are far smaller.
const THUMB_MAX_BYTES: u64 = 1024 * 1024;

#[derive(Deserialize)]
pub(super) struct Size {
    size: Option<String>,
}

/// `GET /objects/{object}`, `?size=thumb`. Whoever may not read it, hears what everybody hears of a file
/// that does not exist; the audit knows.
pub(super) async fn read(
    State(state): State<AppState>,
    Auth(session): Auth,
    Path(object): Path<String>,
    asked: Result<Query<Size>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let Query(Size { size }) = asked.map_err(|_| ProblemCode::Malformed)?;
    let files = &state.stores.files;
    let row = files.file(id(&object)?).await?.ok_or(ProblemCode::FileUnknown)?;
    let FileState::Done(facts) = row.state.clone() else { return Err(ProblemCode::FileUnknown.into()) };
    let person = session.who.person();
    let employer = match session.who {
        Who::Member { employer, .. } => Some(employer),
        Who::Candidate { .. } => None,
    };
    if row.owner != person && !files.may_read(row.id, person, employer).await? {
        return Err(ProblemCode::FileUnknown.into());
    }
    match size.as_deref() {
        None | Some("" | "full") => whole(&state, &row, &facts, &headers).await,
        Some("thumb") => thumbnail(&state, &row, &facts, &headers).await,
        Some(_) => Err(Problem::new(ProblemCode::Malformed, "size: thumb, or nothing").into()),
    }
}

/// The same id is the same bytes for ever.
pub(in crate::http) fn not_modified(headers: &HeaderMap, tag: &str) -> bool {
    let asked = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    asked.is_some_and(|asked| asked.split(',').any(|one| matches!(one.trim(), "*") || one.trim() == tag))
}

async fn thumbnail(
    state: &AppState,
    row: &FileRow,
    facts: &FileFacts,
    headers: &HeaderMap,
) -> Result<Response, ApiProblem> {
    let tag = format!("\"{}-thumb\"", row.id);
    let thumb = facts.thumb.ok_or_else(|| Problem::new(ProblemCode::FileUnknown, "it is no picture"))?;
    if not_modified(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let bytes = state.objects.read(thumb, 0..THUMB_MAX_BYTES).await.map_err(failed)?;
    let shown = content_disposition("thumb.jpg", Disposition::Inline);
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg".to_owned()),
        (header::ETAG, tag),
        (header::CONTENT_DISPOSITION, shown),
        (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// What part of `size` bytes a `Range` header asks for (RFC 9110, one range); `None`: all of it. Anything
/// else than one range is read as none, as the RFC allows.
pub(in crate::http) fn range(header: Option<&str>, size: u64) -> Result<Option<Range<u64>>, ()> {
    let Some(asked) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else { return Ok(None) };
    let Some((from, to)) = asked.split_once('-') else { return Ok(None) };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (from.trim().is_empty(), number(from), to.trim().is_empty(), number(to)) {
        // the last so many
        (true, _, false, Some(last)) if last > 0 => Ok(Some(size.saturating_sub(last)..size)),
        (true, _, false, Some(_)) => Err(()),
        (false, Some(from), true, _) if from < size => Ok(Some(from..size)),
        (false, Some(from), false, Some(to)) if from <= to && from < size => {
            Ok(Some(from..to.saturating_add(1).min(size)))
        }
        (false, Some(from), ..) if from >= size => Err(()),
        _ => Ok(None),
    }
}

async fn whole(
    state: &AppState,
    row: &FileRow,
    facts: &FileFacts,
    headers: &HeaderMap,
) -> Result<Response, ApiProblem> {
    let tag = format!("\"{}\"", row.id);
    if not_modified(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    // a range of what was another file before is no range of this one
    let fits = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let asked = range(text(header::RANGE).filter(|_| fits), facts.size);
    let Ok(asked) = asked else {
        let all = format!("bytes */{}", facts.size);
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response());
    };
    let disposition = if facts.kind.is_picture() { Disposition::Inline } else { Disposition::Attachment };
    let part = asked.clone().unwrap_or(0..facts.size);
    let mut response = Response::builder()
        .status(if asked.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(header::CONTENT_TYPE, facts.kind.mime())
        .header(header::CONTENT_LENGTH, part.end - part.start)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, tag)
        .header(header::CONTENT_DISPOSITION, content_disposition(&row.name, disposition))
        // whatever is in it, it runs nothing
        .header(header::CONTENT_SECURITY_POLICY, "sandbox");
    if asked.is_some() {
        let sent = format!("bytes {}-{}/{}", part.start, part.end - 1, facts.size);
        response = response.header(header::CONTENT_RANGE, sent);
    }
    // the first piece now: what cannot be read is a problem and not a broken answer
    let first = state.objects.read(row.bytes, part.start..part.end.min(part.start + PIECE)).await;
    let first = first.map_err(failed)?;
    let next = part.start + first.len() as u64;
    let rest = pieces(state.clone(), row.bytes, next..part.end);
    let body = Body::from_stream(stream::StreamExt::chain(stream::once(async { Ok(first) }), rest));
    response.body(body).map_err(|error| {
        tracing::error!(%error, "a file's answer cannot be made");
        ProblemCode::Internal.into()
    })
}

fn pieces(
    state: AppState,
    bytes: Uuid,
    range: Range<u64>,
) -> impl stream::Stream<Item = std::io::Result<Vec<u8>>> {
    stream::try_unfold(range.start, move |at| {
        let state = state.clone();
        async move {
            if at >= range.end {
                return Ok(None);
            }
            let piece = state.objects.read(bytes, at..range.end.min(at + PIECE)).await;
            let piece = piece.map_err(std::io::Error::other)?;
            if piece.is_empty() {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
            }
            let next = at + piece.len() as u64;
            Ok(Some((piece, next)))
        }
    })
}

/// The bytes of a picture, for a sheet of paper; `None` when it is not there.
pub(crate) async fn whole_picture(state: &AppState, object: ObjectId) -> Option<Vec<u8>> {
    let row = state.stores.files.file(object).await.ok()??;
    let FileState::Done(facts) = row.state else { return None };
    if !facts.kind.is_picture() {
        return None;
    }
    state.objects.read(row.bytes, 0..facts.size).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_wants() {
        for (asked, expected) in [
            (None, Ok(None)),
            (Some("bytes=0-9"), Ok(Some(0..10))),
            (Some("bytes=90-"), Ok(Some(90..100))),
            (Some("bytes=-10"), Ok(Some(90..100))),
            (Some("bytes=-1000"), Ok(Some(0..100))),
            (Some("bytes=50-1000"), Ok(Some(50..100))),
            (Some("bytes=99-99"), Ok(Some(99..100))),
            (Some("bytes=100-"), Err(())),
            (Some("bytes=18446744073709551615-"), Err(())),
            (Some("bytes=-0"), Err(())),
            // not one range: all of it
            (Some("bytes=0-1,4-5"), Ok(None)),
            (Some("bytes=9-1"), Ok(None)),
            (Some("lines=1-2"), Ok(None)),
            (Some("bytes=a-b"), Ok(None)),
            (Some("bytes=0-18446744073709551615"), Ok(Some(0..100))),
        ] {
            assert_eq!(range(asked, 100), expected, "{asked:?}");
        }
    }
}
