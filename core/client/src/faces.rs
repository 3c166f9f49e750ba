//! Models on this device and the thread that looks at faces. Models come from the organiser's server once, are checked
//! against the build's own list and used again; an altered file is deleted and fetched anew. The thread looks at the newest
//! picture only, so that a slow look delays nothing but itself.
//!
//! The reference and what is compared with it live on that thread alone, until [`Checker::forget`] or its end; pictures and
//! vectors never leave it except as numbers, and as crops where the person consented.

use crate::rest::Server;
use base64::Engine as _;
use miantan_domain::model::FrameFacts;
use miantan_domain::wire::rest::ModelInfo;
use miantan_domain::wire::{Problem, ProblemCode};
use miantan_face::models::check;
use miantan_face::{
    Depth, Embedding, FaceChecker, FaceError, Manifest, ModelEntry, ModelFiles, Options, Picture, Role,
};
use miantan_media::I420Frame;
use miantan_media::frame::now_ms;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Time between looks for advice, at least. A dozen sentences a second are more than anybody reads.
const ADVICE_EVERY: Duration = Duration::from_millis(70);
/// Of each look's own length the thread rests, so that the preview has the processor too.
const REST: u32 = 4;

/// As in `GET /models` and in reports.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Detector => "detector",
        Role::Landmarks => "landmarks",
        Role::Embedding => "embedding",
        Role::LivenessNear => "liveness_near",
        Role::LivenessWide => "liveness_wide",
        Role::SecondEmbedding => "second_embedding",
    }
}

/// Role → SHA-256 of the models this build works with.
pub fn roles() -> BTreeMap<String, String> {
    Manifest::bundled()
        .needed()
        .map(|entry| (role_name(entry.role).to_owned(), entry.sha256.clone()))
        .collect()
}

// ---- models

/// Brings every needed model into the folder. `tell` is told bytes there and bytes in all.
///
/// # Errors
/// What the person is told: the server was not reached, has other models, or sent something else twice.
pub async fn fetch(server: &Server, folder: &Path, tell: impl Fn(u64, u64)) -> Result<(), Problem> {
    let of: u64 = Manifest::bundled().needed().map(|entry| entry.bytes).sum();
    let mut done = 0;
    let mut missing = Vec::new();
    for entry in Manifest::bundled().needed() {
        if is_there(folder, entry).await? {
            done += entry.bytes;
        } else {
            missing.push(entry);
        }
    }
    tell(done, of);
    if missing.is_empty() {
        return Ok(());
    }
    tokio::fs::create_dir_all(folder).await.map_err(|error| storage(&error))?;
    let offered = server.models().await?;
    for entry in missing {
        offers(&offered, entry)?;
        one(server, folder, entry, |there| tell(done + there, of)).await?;
        done += entry.bytes;
    }
    tell(done, of);
    Ok(())
}

/// The server must have the very model that this build was tried with.
fn offers(offered: &[ModelInfo], entry: &ModelEntry) -> Result<(), Problem> {
    if offered.iter().any(|model| model.sha256 == entry.sha256) {
        return Ok(());
    }
    let detail = format!("the server has no model {} ({})", entry.file, role_name(entry.role));
    Err(Problem::new(ProblemCode::ModelsDiffer, detail))
}

fn path_of(folder: &Path, entry: &ModelEntry) -> PathBuf {
    folder.join(&entry.sha256)
}

/// Whether the file is there and the right one; an altered one is deleted.
async fn is_there(folder: &Path, entry: &'static ModelEntry) -> Result<bool, Problem> {
    let path = path_of(folder, entry);
    let bytes = match tokio::fs::read(&path).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(storage(&error)),
    };
    if let Err(altered) = blocking(move || check(entry, &bytes)).await? {
        tracing::warn!(%altered, "deleted, to be fetched again");
        tokio::fs::remove_file(&path).await.map_err(|error| storage(&error))?;
        return Ok(false);
    }
    Ok(true)
}

/// One model, from where its download stopped; once more from the start when it came altered.
async fn one(
    server: &Server,
    folder: &Path,
    entry: &'static ModelEntry,
    tell: impl Fn(u64),
) -> Result<(), Problem> {
    let part = folder.join(format!("{}.part", entry.sha256));
    let mut altered = None;
    for _ in 0..2 {
        server.model(&entry.sha256, entry.bytes, &part, &tell).await?;
        let bytes = tokio::fs::read(&part).await.map_err(|error| storage(&error))?;
        match blocking(move || check(entry, &bytes)).await? {
            Ok(()) => {
                return tokio::fs::rename(&part, path_of(folder, entry))
                    .await
                    .map_err(|error| storage(&error));
            }
            Err(error) => {
                tracing::warn!(%error, "a model came altered");
                tokio::fs::remove_file(&part).await.map_err(|error| storage(&error))?;
                altered = Some(error.to_string());
            }
        }
    }
    Err(Problem::new(ProblemCode::ModelsDiffer, altered.unwrap_or_default()))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    // Err: it panicked; as good as a file that cannot be used.
    tokio::task::spawn_blocking(work).await.map_err(|_| ProblemCode::StorageFailed.into())
}

fn storage(error: &std::io::Error) -> Problem {
    Problem::new(ProblemCode::StorageFailed, error.to_string())
}

// ---- the thread

/// What the models saw of one face (`FRAME_CROPS_BYTES`), wiped when it is dropped and shown nowhere.
pub struct Crops(pub Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Crops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Crops(..)")
    }
}

/// What a look found.
#[derive(Debug)]
pub struct Looked {
    /// Age of the picture when the look ended, ms.
    pub age_ms: u64,
    pub facts: FrameFacts,
    pub full: Option<Compared>,
}

/// A whole look, compared with the reference.
#[derive(Debug)]
pub struct Compared {
    pub cosine: f32,
    pub liveness: f32,
    pub with_first: f32,
    pub crops: Option<Crops>,
}

/// What the thread tells.
#[derive(Debug)]
pub enum FaceNews {
    Ready,
    /// ONNX Runtime is not there or does not work.
    NoRuntime,
    /// A model is missing or does not run.
    NoModel(String),
    Looked(Looked),
    /// Looks fail; the last news.
    Broken,
}

/// The thread; dropping the handle ends it.
pub struct Checker {
    slot: Arc<Slot>,
}

#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    frame: Option<I420Frame>,
    full: bool,
    crops: bool,
    reference: Option<Embedding>,
    first: Option<Embedding>,
    over: bool,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes pictures for the thread, on the camera's.
#[derive(Clone)]
pub struct Eye(Arc<Slot>);

impl Eye {
    /// The newest picture; one not looked at yet is dropped.
    pub fn show(&self, frame: I420Frame) {
        let mut state = self.0.lock();
        if !state.over {
            state.frame = Some(frame);
            self.0.news.notify_one();
        }
    }
}

impl Checker {
    /// Loads the models on a thread of its own and waits for pictures.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        folder: PathBuf,
        library: Option<PathBuf>,
        tell: impl Fn(FaceNews) + Send + 'static,
    ) -> std::io::Result<Self> {
        let slot = Arc::new(Slot::default());
        let theirs = Arc::clone(&slot);
        std::thread::Builder::new().name("miantan-face".to_owned()).spawn(move || {
            match load(&folder, library) {
                Ok(checker) => {
                    tell(FaceNews::Ready);
                    look_on(checker, &theirs, &tell);
                }
                Err(error) => {
                    tracing::warn!(%error, "the face check does not start");
                    tell(match error {
                        FaceError::Runtime(_) => FaceNews::NoRuntime,
                        other => FaceNews::NoModel(other.to_string()),
                    });
                }
            }
        })?;
        Ok(Self { slot })
    }

    pub fn eye(&self) -> Eye {
        Eye(Arc::clone(&self.slot))
    }

    /// From the next picture on: only advice, or the whole measurement.
    pub fn measure(&self, full: bool) {
        self.slot.lock().full = full;
    }

    /// What faces are compared with from now on (256 floats, base64), and whether crops are wanted. `false`: it is none.
    pub fn reference(&self, reference: &str, crops: bool) -> bool {
        let bytes = base64::engine::general_purpose::STANDARD.decode(reference).map(Zeroizing::new);
        let reference = bytes.ok().and_then(|bytes| Embedding::from_bytes(&bytes).ok());
        let mut state = self.slot.lock();
        state.first = None;
        state.crops = crops;
        state.reference = reference;
        state.reference.is_some()
    }

    /// Drops everything that faces were compared with.
    pub fn forget(&self) {
        let mut state = self.slot.lock();
        state.reference = None;
        state.first = None;
        state.crops = false;
        state.frame = None;
    }
}

impl Drop for Checker {
    fn drop(&mut self) {
        self.forget();
        self.slot.lock().over = true;
        self.slot.news.notify_one();
    }
}

fn load(folder: &Path, library: Option<PathBuf>) -> Result<FaceChecker, FaceError> {
    let files = ModelFiles::open(folder)?;
    FaceChecker::load(&files, &Options { library, ..Options::default() })
}

/// Until the handle is gone.
fn look_on(mut checker: FaceChecker, slot: &Slot, tell: &impl Fn(FaceNews)) {
    let mut failures = 0;
    loop {
        let (frame, full) = {
            let mut state = slot.lock();
            while state.frame.is_none() && !state.over {
                state = slot.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.over {
                return;
            }
            let Some(frame) = state.frame.take() else { continue };
            (frame, state.full && state.reference.is_some())
        };
        let began = Instant::now();
        match look(&mut checker, slot, frame, full) {
            Ok(looked) => {
                failures = 0;
                tell(FaceNews::Looked(looked));
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(%error, "a picture could not be looked at");
                if failures == 5 {
                    tell(FaceNews::Broken);
                    return;
                }
            }
        }
        let took = began.elapsed();
        let rest = if full { took / REST } else { (took / REST).max(ADVICE_EVERY.saturating_sub(took)) };
        std::thread::sleep(rest);
    }
}

fn look(checker: &mut FaceChecker, slot: &Slot, frame: I420Frame, full: bool) -> Result<Looked, FaceError> {
    let captured_ms = frame.captured_ms;
    let frame = frame.upright();
    let width = frame.width as usize;
    let picture = Picture::i420(frame.width, frame.height, frame.planes(), [width, width / 2, width / 2])?;
    let look = checker.look(&picture, if full { Depth::Frame } else { Depth::Advice })?;
    let mut compared = None;
    if let (Some(embedding), Some(liveness)) = (look.embedding, look.liveness) {
        let wants_crops = slot.lock().crops;
        let crops = if wants_crops { checker.crops().map(Crops) } else { None };
        let mut state = slot.lock();
        // Forgotten meanwhile: nothing is compared any more.
        if let Some(cosine) = state.reference.as_ref().map(|reference| reference.cosine(&embedding)) {
            let with_first = state.first.as_ref().map_or(1.0, |first| first.cosine(&embedding));
            if state.first.is_none() {
                state.first = Some(embedding);
            }
            compared = Some(Compared { cosine, liveness, with_first, crops });
        }
    }
    Ok(Looked { age_ms: now_ms().saturating_sub(captured_ms), facts: look.facts, full: compared })
}
