//! Files over REST: sent in parts that resume, looked at before anybody else sees them, read by those they
//! were meant for.
//!
//! A file's id is the sender's; its bytes lie under ids of the server's own, so that no id a stranger
//! chose ever names something on the disk.
//!
//! Architecture Invariant: whether a file exists is told only to those who may read it.

mod read;
mod send;

use super::error::ApiProblem;
use crate::objects::Refused;
use crate::objects::store::StoreError;
use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use miantan_domain::ids::ObjectId;
use miantan_domain::wire::rest::PART_MAX_BYTES;
use miantan_domain::wire::{Problem, ProblemCode};

pub(crate) use read::whole_picture;
pub(in crate::http) use read::{not_modified, range};

pub(super) fn routes() -> Router<AppState> {
    // one byte more than allowed: what is too long must not look like what fits
    let part = DefaultBodyLimit::max(PART_MAX_BYTES + 1);
    Router::new()
        .route("/objects", post(send::promise))
        .route("/objects/{object}/upload", get(send::upload))
        .route("/objects/{object}", get(read::read).put(send::part).layer(part))
}

fn id(text: &str) -> Result<ObjectId, ApiProblem> {
    text.parse().map_err(|_| ProblemCode::FileUnknown.into())
}

/// Why a file is not kept, as a problem.
pub(in crate::http) fn refused(refused: &Refused) -> Problem {
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

/// What the place for bytes says, as a problem.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(in crate::http) fn failed(error: StoreError) -> Problem {
    let detail = error.to_string();
    match error {
        StoreError::Unknown => ProblemCode::FileUnknown.into(),
        StoreError::WrongOffset { .. } => Problem::new(ProblemCode::UploadOffset, detail),
        StoreError::TooLong { .. } => Problem::new(ProblemCode::FileTooLarge, detail),
        StoreError::Differs { .. } | StoreError::WrongSum => Problem::new(ProblemCode::FileBroken, detail),
        StoreError::Incomplete { .. } => Problem::new(ProblemCode::UploadIncomplete, detail),
        StoreError::NoSpace => Problem::new(ProblemCode::ServerStorage, detail),
        StoreError::Conflict | StoreError::Io(_) | StoreError::Stopped => {
            tracing::error!(error = detail, "the object store failed");
            ProblemCode::Internal.into()
        }
    }
}
