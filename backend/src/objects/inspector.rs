//! One call for a route: look at the bytes, clean them, make the thumbnail; a few at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::pictures;
use super::sniff::{self, Kind, Purpose, Refused};

/// A file that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub kind: Kind,
    /// What to keep instead of what was sent; `None` when that is clean already.
    pub cleaned: Option<Vec<u8>>,
    /// For pictures.
    pub picture: Option<Picture>,
}

/// What lists show of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Upright, in pixels.
    pub width: u32,
    pub height: u32,
    /// JPEG, at most [`pictures::THUMBNAIL_SIDE`] pixels a side.
    pub thumbnail: Vec<u8>,
}

/// Decides about `bytes` sent for `purpose`. Takes up to a second and up to some 450 MB for the largest pictures:
/// call it through [`Inspector`] from async code.
///
/// # Errors
/// Why the file is not kept.
pub fn accept(bytes: &[u8], purpose: Purpose) -> Result<Accepted, Refused> {
    let kind = sniff::inspect(bytes, purpose)?;
    if !kind.is_picture() {
        return Ok(Accepted { kind, cleaned: None, picture: None });
    }
    let (clean, orientation) = pictures::strip(bytes, kind)?;
    let decoded = pictures::decode(&clean, kind, orientation)?;
    let thumbnail = pictures::thumbnail(&decoded)
        .map_err(|_| Refused::Damaged { kind, why: "it cannot be made small" })?;
    let picture = Picture { width: decoded.width(), height: decoded.height(), thumbnail };
    let cleaned = match clean {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(clean) => Some(clean),
    };
    Ok(Accepted { kind, cleaned, picture: Some(picture) })
}

/// Runs [`accept`] on blocking threads, at most so many at once that pictures do not fill the memory.
#[derive(Debug, Clone)]
pub struct Inspector {
    turns: Arc<Semaphore>,
}

impl Inspector {
    /// `at_once` inspections run together, the others wait; each may take 450 MB.
    pub fn new(at_once: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// As [`accept`].
    ///
    /// # Errors
    /// Why the file is not kept. A decoder that panics counts as a damaged file.
    pub async fn accept(&self, bytes: Vec<u8>, purpose: Purpose) -> Result<Accepted, Refused> {
        // The semaphore is never closed; without a turn the work would merely not be held back.
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        let work = tokio::task::spawn_blocking(move || {
            // The turn lasts as long as the work, also when the one who asked has gone.
            let _turn = turn;
            accept(&bytes, purpose)
        });
        work.await.unwrap_or_else(|_| {
            let kind = purpose.kinds().last().copied().unwrap_or(Kind::Pdf);
            Err(Refused::Damaged { kind, why: "it cannot be read" })
        })
    }
}
