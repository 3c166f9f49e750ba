//! The hall's REST about conversations and files.

use crate::desk::Desk;
use crate::hall::{Hands, Shared, json, rejected};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use miantan_domain::ids::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::sync::Arc;

type Parameters = Query<BTreeMap<String, String>>;

pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/talks", get(talks))
        .route("/talks/{conversation}", get(talk))
        .route("/talks/{conversation}/entries", get(entries))
        .route("/talks/{conversation}/resume.pdf", get(|| async { b"%PDF-1.7".to_vec() }))
        .route("/objects", post(begin))
        .route("/objects/{object}", put(part).get(object))
        .route("/objects/{object}/upload", get(upload))
}

/// As someone signed in, at a desk that can be reached.
fn at<T>(
    shared: &Shared,
    headers: &HeaderMap,
    work: impl FnOnce(&mut Desk) -> Result<T, Problem>,
) -> Result<T, Problem> {
    if let Some(problem) = rejected(shared, headers) {
        return Err(problem);
    }
    let mut desk = shared.desk.lock().unwrap();
    let desk = desk.as_mut().ok_or_else(|| Problem::from(ProblemCode::NotAllowed))?;
    if desk.unreachable { Err(ProblemCode::Offline.into()) } else { work(desk) }
}

async fn talks(State(shared): Hands, headers: HeaderMap, Query(query): Parameters) -> Response {
    json(at(&shared, &headers, |desk| Ok(desk.page(&query))))
}

async fn talk(State(shared): Hands, headers: HeaderMap, Path(id): Path<ConversationId>) -> Response {
    json(at(&shared, &headers, |desk| {
        if desk.talks.contains_key(&id) { Ok(desk.head(id)) } else { Err(ProblemCode::NotFound.into()) }
    }))
}

async fn entries(
    State(shared): Hands,
    headers: HeaderMap,
    Path(id): Path<ConversationId>,
    Query(query): Parameters,
) -> Response {
    json(at(&shared, &headers, |desk| desk.entries(id, &query)))
}

async fn begin(State(shared): Hands, headers: HeaderMap, axum::Json(new): axum::Json<NewObject>) -> Response {
    json(at(&shared, &headers, |desk| desk.begin_upload(new)))
}

async fn upload(State(shared): Hands, headers: HeaderMap, Path(id): Path<ObjectId>) -> Response {
    json(at(&shared, &headers, |desk| desk.upload(id)))
}

async fn part(
    State(shared): Hands,
    headers: HeaderMap,
    Path(id): Path<ObjectId>,
    Query(query): Parameters,
    bytes: Bytes,
) -> Response {
    let offset = query.get("offset").and_then(|offset| offset.parse().ok()).expect("an offset");
    json(at(&shared, &headers, |desk| desk.part(id, offset, &bytes)))
}

async fn object(
    State(shared): Hands,
    headers: HeaderMap,
    Path(id): Path<ObjectId>,
    Query(query): Parameters,
) -> Response {
    let found = at(&shared, &headers, |desk| {
        desk.thumbs += usize::from(query.contains_key("size"));
        let upload = desk.uploads.get(&id).ok_or_else(|| Problem::from(ProblemCode::FileUnknown))?;
        Ok(upload.bytes.clone())
    });
    match found {
        Ok(bytes) => bytes.into_response(),
        Err(problem) => json::<()>(Err(problem)),
    }
}
