//! One file on its way to the server, in parts. Where it stands only the server knows: it is asked at
//! each beginning, after a kill as after a lost network. When to try again is the caller's business.

use crate::rest::Server;
use miantan_domain::ids::ObjectId;
use miantan_domain::rules::outbox::RefusalClass;
use miantan_domain::wire::rest::{FileUse, NewObject, ObjectInfo, PART_MAX_BYTES, Upload};
use miantan_domain::wire::{Problem, ProblemCode};
use sha2::{Digest, Sha256};

/// First pause after a failed upload, doubled each time up to the longest.
pub const AGAIN_FIRST_MS: u64 = 1_000;
pub const AGAIN_MAX_MS: u64 = 60_000;
/// Offsets of one upload that the server disagreed with, before it is taken for broken.
const DISAGREEMENTS_MAX: u32 = 3;

/// What the server is told of a file before its first byte.
pub fn announce(id: ObjectId, file_use: FileUse, name: String, bytes: &[u8]) -> NewObject {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    let sha256 = Sha256::digest(bytes).iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect();
    NewObject { id, file_use, name, size: bytes.len() as u64, sha256, conversation: None }
}

/// Sends a file from where the server has it to its end; `tell` is told `(there, of)` in bytes.
pub async fn send(
    server: &Server,
    new: &NewObject,
    bytes: &[u8],
    tell: impl Fn(u64, u64),
) -> Result<ObjectInfo, Problem> {
    let mut stands = server.begin_upload(new).await?;
    let mut disagreements = 0;
    loop {
        let Upload { offset, done, .. } = stands;
        tell(offset, new.size);
        if let Some(done) = done {
            return Ok(done);
        }
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        if from >= bytes.len() {
            return Err(ProblemCode::UploadIncomplete.into());
        }
        let part = bytes[from..bytes.len().min(from + PART_MAX_BYTES)].to_vec();
        stands = match server.put_part(new.id, offset, part).await {
            Ok(stands) => stands,
            Err(problem)
                if problem.code == ProblemCode::UploadOffset && disagreements < DISAGREEMENTS_MAX =>
            {
                disagreements += 1;
                server.upload(new.id).await?
            }
            Err(problem) => return Err(problem),
        };
    }
}

/// Whether trying again cannot help.
pub fn is_final(problem: &Problem) -> bool {
    match problem.code {
        // The session is ending; the file is as good as before.
        ProblemCode::NotSignedIn | ProblemCode::ReplacedByDevice => false,
        code => RefusalClass::of(code) == RefusalClass::ForGood,
    }
}

/// Whether a limit was reached that no waiting lifts: too many, and no word of when to come again.
pub fn is_full(problem: &Problem) -> bool {
    problem.code == ProblemCode::TooMany && problem.retry_after_ms.is_none()
}

/// The pause after the n-th failure in a row, in ms.
pub fn pause(problem: &Problem, failures: u32) -> u64 {
    problem.retry_after_ms.unwrap_or((AGAIN_FIRST_MS << failures.min(16)).min(AGAIN_MAX_MS))
}
