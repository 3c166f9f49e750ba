//! The app's builds for download (J1): kept as files named by their SHA-256 in the data folder.

use super::error::ApiProblem;
use crate::objects::names::{Disposition, content_disposition};
use crate::state::AppState;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use miantan_domain::wire::rest::{Build, System};
use miantan_domain::wire::{Problem, ProblemCode};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tower_http::services::ServeFile;

/// Folder of the builds, in the data folder.
pub const BUILDS_FOLDER: &str = "builds";
/// Largest build, in bytes.
pub const BUILD_MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// Files of earlier builds stay so long.
const KEEP_UNUSED: Duration = Duration::from_hours(24);
/// Longest version and file name, in characters.
const NAME_MAX_CHARS: usize = 80;

/// Deletes a half-written file, wherever its making ends.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // after it got its name there is nothing here any more
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Takes a build in: streams it to disk, then makes it the system's current one. Who may do this is
/// the caller's question. The file of the build before stays for a day ([`sweep`]), so that downloads
/// under way end well.
///
/// # Errors
/// `malformed` for an empty file or an unusable name, `too_large`, `server_storage`.
pub async fn keep(
    state: &AppState,
    system: System,
    version: &str,
    file: &str,
    body: Body,
) -> Result<Build, Problem> {
    let (version, file) = (version.trim(), file.trim());
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | ' ' | '(' | ')');
    for (what, text) in [("version", version), ("file", file)] {
        let good = (1..=NAME_MAX_CHARS).contains(&text.chars().count());
        if !good || text.starts_with('.') || !text.chars().all(plain) {
            return Err(Problem::new(ProblemCode::Malformed, format!("{what} is no plain name")));
        }
    }
    let folder = state.config.data.join(BUILDS_FOLDER);
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "a build cannot be written");
        Problem::from(ProblemCode::ServerStorage)
    };
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let path = folder.join(format!("{}.part", uuid::Uuid::from_bytes(crate::secrets::random())));
    let unfinished = Unfinished(path.clone());
    let mut out = tokio::fs::File::create_new(&path).await.map_err(failed)?;
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(ProblemCode::Malformed, "the upload broke off"))?;
        size += chunk.len() as u64;
        if size > BUILD_MAX_BYTES {
            return Err(ProblemCode::TooLarge.into());
        }
        hash.update(&chunk);
        out.write_all(&chunk).await.map_err(failed)?;
    }
    if size == 0 {
        return Err(Problem::new(ProblemCode::Malformed, "the file is empty"));
    }
    out.flush().await.map_err(failed)?;
    out.sync_all().await.map_err(failed)?;
    let sha256 = hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    tokio::fs::rename(&path, folder.join(&sha256)).await.map_err(failed)?;
    drop(unfinished);
    let build =
        Build { system, version: version.into(), size, sha256, file: file.into(), at: state.clock.wall() };
    state.stores.fairs.put_build(build.clone()).await?;
    Ok(build)
}

/// Deletes files that belong to no build any more, a day after they came.
pub async fn sweep(state: &AppState) -> anyhow::Result<()> {
    let folder = state.config.data.join(BUILDS_FOLDER);
    if !tokio::fs::try_exists(&folder).await? {
        return Ok(());
    }
    let builds = state.stores.fairs.builds().await?;
    let mut files = tokio::fs::read_dir(&folder).await?;
    while let Some(file) = files.next_entry().await? {
        let name = file.file_name();
        let current = builds.iter().any(|build| name.to_str() == Some(&build.sha256));
        let age = file.metadata().await?.modified()?.elapsed().unwrap_or_default();
        if !current && age > KEEP_UNUSED {
            tokio::fs::remove_file(file.path()).await?;
        }
    }
    Ok(())
}

/// `GET /builds`.
pub(super) async fn builds(State(state): State<AppState>) -> Result<Json<Vec<Build>>, ApiProblem> {
    Ok(Json(state.stores.fairs.builds().await?))
}

/// `GET /builds/{system}`: the file, in ranges too.
pub(super) async fn build(
    State(state): State<AppState>,
    Path(system): Path<String>,
    request: Request,
) -> Result<Response, ApiProblem> {
    let builds = state.stores.fairs.builds().await?;
    let system = self::system(&system)?;
    let build = builds.into_iter().find(|build| build.system == system).ok_or(ProblemCode::NotFound)?;
    let path = state.config.data.join(BUILDS_FOLDER).join(&build.sha256);
    let served = ServeFile::new(path).try_call(request).await.map_err(|_| ProblemCode::Internal)?;
    if served.status() == StatusCode::NOT_FOUND {
        tracing::error!(system = build.system.as_str(), "the file of a build is not in the data folder");
        return Err(ProblemCode::NotFound.into());
    }
    let mut response = served.map(Body::new).into_response();
    let headers = response.headers_mut();
    let disposition = content_disposition(&build.file, Disposition::Attachment);
    let kind = match build.system {
        System::Android => "application/vnd.android.package-archive",
        System::Ios | System::Windows | System::Macos | System::Linux => "application/octet-stream",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let value = |text: String| HeaderValue::try_from(text).map_err(|_| ProblemCode::Internal);
    headers.insert(header::CONTENT_DISPOSITION, value(disposition)?);
    headers.insert(header::ETAG, value(format!("\"{}\"", build.sha256))?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    Ok(response)
}

/// A system from a path.
pub fn system(text: &str) -> Result<System, Problem> {
    let found = System::ALL.into_iter().find(|system| system.as_str() == text);
    found.ok_or_else(|| ProblemCode::NotFound.into())
}
