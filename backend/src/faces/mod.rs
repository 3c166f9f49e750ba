//! Faces on the server: the models it hands to its apps ([`Shelf`]), the threads that make a reference from an
//! organiser's photo and look at pictures candidates agreed to send ([`Pool`]), and the box those come in ([`sealed`]).
//!
//! What is made here lives as long as one request: no embedding is stored, cached or logged. Whether somebody
//! consented is the caller's question, asked before.
//!
//! Architecture Invariant: pictures are looked at on threads of their own with a bounded queue; a rush is told to
//! slow down and never holds the server's other work up.

mod check;
mod models;
mod pool;
pub mod sealed;

pub use check::{Unusable, frame_scores};
pub use models::{Model, Shelf};
pub use pool::{Pool, PoolError};

use crate::config::{Config, FaceConfig};
use miantan_domain::model::{FaceScores, NoFaceWay};
use miantan_domain::wire::{Problem, ProblemCode};
use miantan_face::{Embedding, FaceChecker, FaceError, Options, Picture, ReferenceError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// Folder of the models in the data folder.
pub const MODELS_FOLDER: &str = "models";
/// Pictures that wait for each thread: some 3 s of work.
const QUEUE: usize = 64;
/// A rush passes: come again after so long.
const BUSY_MS: u64 = 2_000;

/// The server's face check; clones are the same one. Nothing is read or loaded before it is first asked for.
#[derive(Clone)]
pub struct Faces(Arc<Inner>);

struct Inner {
    config: FaceConfig,
    folder: Option<PathBuf>,
    shelf: OnceCell<Shelf>,
    pool: OnceCell<Option<Pool<FaceChecker>>>,
}

/// Why there is no reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReference {
    /// No single face is in the photo.
    Photo,
    Problem(Problem),
}

impl Faces {
    pub fn new(config: &Config) -> Self {
        let own = config.data.join(MODELS_FOLDER);
        let own = own.is_dir().then_some(own);
        Self(Arc::new(Inner {
            folder: config.face.models.clone().or(own).or_else(miantan_face::models::folder),
            config: config.face.clone(),
            shelf: OnceCell::new(),
            pool: OnceCell::new(),
        }))
    }

    /// The models that are here, whole and checked.
    pub async fn shelf(&self) -> &Shelf {
        let open = async || {
            let Some(folder) = self.0.folder.clone().filter(|_| self.0.config.enabled) else {
                return Shelf::default();
            };
            tokio::task::spawn_blocking(move || Shelf::open(&folder)).await.unwrap_or_default()
        };
        self.0.shelf.get_or_init(open).await
    }

    /// Whether there is a face check at all.
    ///
    /// # Errors
    /// `Off`, or `NoModels` when models or ONNX Runtime are missing; the log says what.
    pub async fn ready(&self) -> Result<(), NoFaceWay> {
        self.pool().await.map(|_| ())
    }

    async fn pool(&self) -> Result<&Pool<FaceChecker>, NoFaceWay> {
        if !self.0.config.enabled {
            return Err(NoFaceWay::Off);
        }
        let load = async || {
            let (folder, config) = (self.0.folder.clone(), self.0.config.clone());
            let loaded = tokio::task::spawn_blocking(move || load(folder, &config)).await;
            match loaded {
                Ok(Ok(checkers)) => Some(Pool::start(checkers, QUEUE)),
                Ok(Err(error)) => {
                    tracing::error!(%error, "there is no face check; the SMS way is left");
                    None
                }
                Err(_) => {
                    tracing::error!("loading the face check broke off; the SMS way is left");
                    None
                }
            }
        };
        self.0.pool.get_or_init(load).await.as_ref().ok_or(NoFaceWay::NoModels)
    }

    /// The reference embedding of a photo: made for one answer and dropped after it.
    ///
    /// # Errors
    /// [`NoReference`]; `slow_down` in a rush.
    pub async fn reference(&self, photo: Vec<u8>) -> Result<Embedding, NoReference> {
        let pool = self.pool().await.map_err(|way| NoReference::Problem(no_way(way)))?;
        let made = pool.run(move |checker| reference(checker, &photo)).await;
        made.map_err(|error| NoReference::Problem(error.into()))?
    }

    /// What the server finds in the frames of an attempt, against the photo.
    ///
    /// # Errors
    /// `report_bad` for frames that cannot be looked at, `slow_down` in a rush.
    pub async fn check(&self, photo: Vec<u8>, frames: Zeroizing<Vec<u8>>) -> Result<FaceScores, Problem> {
        let pool = self.pool().await.map_err(no_way)?;
        let found = pool.run(move |checker| {
            let reference = reference(checker, &photo).map_err(|why| match why {
                NoReference::Photo => no_way(NoFaceWay::ReferenceUnusable),
                NoReference::Problem(problem) => problem,
            })?;
            frame_scores(checker, &reference, &frames).map_err(|why| match why {
                Unusable::Form => Problem::new(ProblemCode::ReportBad, "these are no whole frames"),
                Unusable::Face(error) => looked_at_badly(&error),
            })
        });
        found.await?
    }
}

/// `miantan-backend face-report`: how often the thresholds are wrong with the people of a folder.
///
/// # Errors
/// With what to do about it: no models, no ONNX Runtime, no pairs in the folder.
pub fn report(
    config: &Config,
    folder: &Path,
    svg: Option<&Path>,
    out: &mut impl std::io::Write,
) -> anyhow::Result<()> {
    let faces = Faces::new(config);
    let one = FaceConfig { checkers: 1, ..config.face.clone() };
    let mut checkers = load(faces.0.folder.clone(), &one)?;
    let checker = checkers.first_mut().ok_or_else(|| anyhow::anyhow!("no checker was loaded"))?;
    let report = miantan_face::report::face_report(checker, folder, &config.face.thresholds())?;
    write!(out, "{}", report.text())?;
    if let Some(path) = svg {
        std::fs::write(path, report.det_svg())
            .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
        writeln!(out, "{}", path.display())?;
    }
    Ok(())
}

/// There is no face check, and why; the app has a sentence for each.
pub fn no_way(way: NoFaceWay) -> Problem {
    let why = serde_json::to_value(way).ok().and_then(|name| name.as_str().map(str::to_owned));
    Problem::new(ProblemCode::FaceUnavailable, why.unwrap_or_default())
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy => Self::from(ProblemCode::SlowDown).retry_after(BUSY_MS),
            PoolError::Broken => {
                tracing::error!("a face check broke off");
                ProblemCode::Internal.into()
            }
        }
    }
}

fn load(folder: Option<PathBuf>, config: &FaceConfig) -> anyhow::Result<Vec<FaceChecker>> {
    let folder = folder.ok_or_else(|| {
        anyhow::anyhow!(
            "there is no folder of models: set `face.models` or put them into `models` in the data folder"
        )
    })?;
    let files = miantan_face::ModelFiles::open(&folder)?;
    let options = Options { library: config.onnxruntime.clone(), threads: 1, ..Options::default() };
    let load = |_| FaceChecker::load(&files, &options).map_err(Into::into);
    (0..config.checkers).map(load).collect()
}

fn reference(checker: &mut FaceChecker, photo: &[u8]) -> Result<Embedding, NoReference> {
    let picture = Picture::decode(photo).map_err(|_| NoReference::Photo)?;
    checker.reference(&picture).map_err(|error| match error {
        ReferenceError::NoFace | ReferenceError::SeveralFaces | ReferenceError::TooSmall { .. } => {
            NoReference::Photo
        }
        ReferenceError::Face(error) => NoReference::Problem(looked_at_badly(&error)),
    })
}

fn looked_at_badly(error: &FaceError) -> Problem {
    tracing::error!(%error, "a picture could not be looked at");
    ProblemCode::Internal.into()
}
