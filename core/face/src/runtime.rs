//! ONNX Runtime: finds the shared library, starts it once per process, runs models. On iOS it is linked, not looked for.
//! Nothing else in this crate knows `ort`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session, SessionOutputs};
use ort::value::TensorRef;

use crate::error::FaceError;
use crate::models::{ModelFiles, Role};

/// What runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Provider {
    /// Everywhere; the values of the reference.
    #[default]
    Cpu,
    /// Android's neural networks interface.
    Nnapi,
    /// Google's kernels for ARM, Android and iOS.
    Xnnpack,
    /// Apple's neural engine.
    CoreMl,
}

impl Provider {
    /// Whether this program can ask for it; the library may still lack it.
    pub const fn is_built_in(self) -> bool {
        match self {
            Self::Cpu => true,
            Self::Nnapi => cfg!(target_os = "android"),
            Self::Xnnpack => cfg!(any(target_os = "android", target_os = "ios")),
            Self::CoreMl => cfg!(any(target_os = "ios", target_os = "macos")),
        }
    }
}

/// ONNX Runtime is not there.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error(
        "ONNX Runtime was not found ({searched}); run `cargo xtask setup`, or set MIANTAN_ONNXRUNTIME to the library's path"
    )]
    NotFound { searched: String },
    #[error("ONNX Runtime at {} cannot be used: {reason}; version 1.17 or later is needed", path.display())]
    Unusable { path: PathBuf, reason: String },
    #[error("ONNX Runtime does not start: {0}")]
    Start(String),
    #[error("{0:?} is not for this system; use Cpu")]
    Provider(Provider),
}

/// Set to the library's path, or to the folder that has it.
pub const VARIABLE: &str = "MIANTAN_ONNXRUNTIME";

/// The environment lives as long as the process: ONNX Runtime has one and cannot start a second.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// Finds and starts ONNX Runtime, once. A library that was asked for must exist even when another one runs already; that one
/// stays.
///
/// # Errors
/// When there is no library, or it is none of ONNX Runtime. Trying again later is allowed.
pub fn start(library: Option<&Path>) -> Result<(), RuntimeError> {
    environment(library).map(drop)
}

fn environment(library: Option<&Path>) -> Result<Environment, RuntimeError> {
    let place = find(library)?;
    let mut running = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*running {
        return Ok(environment.clone());
    }
    let environment = load(&place)?;
    *running = Some(environment.clone());
    Ok(environment)
}

#[cfg(not(target_os = "ios"))]
fn load(place: &Path) -> Result<Environment, RuntimeError> {
    let unusable = |error: ort::LoadDynamicError| RuntimeError::Unusable {
        path: place.to_owned(),
        reason: error.to_string(),
    };
    let builder = ort::init_from(place).map_err(unusable)?;
    builder.with_telemetry(false).build().map_err(|error| RuntimeError::Start(error.to_string()))
}

#[cfg(target_os = "ios")]
fn load(_: &Path) -> Result<Environment, RuntimeError> {
    ort::init().with_telemetry(false).build().map_err(|error| RuntimeError::Start(error.to_string()))
}

/// Where the library is: where the caller says, `$MIANTAN_ONNXRUNTIME`, beside the program, or where `cargo xtask setup` puts it.
/// Android's own loader finds it inside the app by its name.
fn find(library: Option<&Path>) -> Result<PathBuf, RuntimeError> {
    if cfg!(target_os = "ios") {
        return Ok(PathBuf::new());
    }
    // What was asked for by name is not replaced by something else.
    let asked = library.map(Path::to_owned).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    let places = match asked {
        Some(place) => vec![place],
        None if cfg!(target_os = "android") => return Ok(PathBuf::from("libonnxruntime.so")),
        None => beside().into_iter().chain(development()).collect(),
    };
    let found = places.iter().find_map(|place| if place.is_dir() { in_folder(place) } else { file(place) });
    found.ok_or_else(|| {
        let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
        RuntimeError::NotFound { searched: format!("looked at {}", places.join(", ")) }
    })
}

fn beside() -> Option<PathBuf> {
    std::env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// The checkout this was built from.
fn development() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    Some(workspace.join("target/tools/onnxruntime"))
}

/// Whole paths only: a bare name would be looked for by the system's loader, anywhere.
fn file(path: &Path) -> Option<PathBuf> {
    if path.is_file() { path.canonicalize().ok() } else { None }
}

/// Libraries carry their version in the name: libonnxruntime.so, libonnxruntime.so.1.32.0.
fn in_folder(folder: &Path) -> Option<PathBuf> {
    let name = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let versioned = format!("{name}.");
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| {
            let entry = entry.file_name();
            entry.to_str().is_some_and(|entry| entry == name || entry.starts_with(&versioned))
        })
        .map(|entry| entry.path())
        .collect();
    // The plain name is the shortest.
    names.sort();
    names.iter().find_map(|path| file(path))
}

/// A model that is ready to run.
pub(crate) struct Net {
    model: &'static str,
    session: Session,
}

impl Net {
    pub fn load(
        files: &ModelFiles,
        role: Role,
        library: Option<&Path>,
        provider: Provider,
        threads: usize,
    ) -> Result<Self, FaceError> {
        let (entry, bytes) = files.get(role)?;
        let environment = environment(library)?;
        if !provider.is_built_in() {
            return Err(RuntimeError::Provider(provider).into());
        }
        let session = session(&environment, bytes, provider, threads.max(1))
            .map_err(|reason| failed(&entry.file, &reason))?;
        Ok(Self { model: &entry.file, session })
    }

    /// Whether the model has these outputs.
    pub fn gives(&self, names: &[&str]) -> Result<(), FaceError> {
        let outputs = self.session.outputs();
        match names.iter().find(|name| outputs.iter().all(|output| output.name() != **name)) {
            None => Ok(()),
            Some(name) => Err(failed(self.model, &format!("it has no output {name}"))),
        }
    }

    /// Runs the model on one tensor and hands its outputs to `read`.
    pub fn run<R>(
        &mut self,
        shape: [usize; 4],
        tensor: &[f32],
        read: impl FnOnce(&Outputs<'_>) -> Result<R, FaceError>,
    ) -> Result<R, FaceError> {
        let model = self.model;
        let failed = |error: ort::Error| failed(model, &error.to_string());
        let input = TensorRef::from_array_view((shape, tensor)).map_err(failed)?;
        let values = self.session.run(ort::inputs![input]).map_err(failed)?;
        read(&Outputs { model, values })
    }

    pub fn not_a_number(&self) -> FaceError {
        FaceError::NotANumber { model: self.model.to_owned() }
    }
}

fn session(
    environment: &Environment,
    bytes: &[u8],
    provider: Provider,
    threads: usize,
) -> Result<Session, String> {
    // The builder's errors carry the builder, which is of no use to anyone.
    let text = |error: ort::Error<SessionBuilder>| error.to_string();
    let builder = Session::builder(environment).map_err(|error| error.to_string())?;
    let builder = builder.with_optimization_level(GraphOptimizationLevel::All).map_err(text)?;
    let builder = builder.with_intra_threads(threads).map_err(text)?;
    let builder = builder.with_inter_threads(1).map_err(text)?;
    // Threads that wait by spinning take a phone's battery.
    let builder = builder.with_intra_op_spinning(false).map_err(text)?;
    let mut builder = provide(builder, provider).map_err(text)?;
    builder.commit_from_memory(bytes).map_err(|error| error.to_string())
}

#[cfg(not(any(target_os = "android", target_os = "ios", target_os = "macos")))]
#[expect(clippy::result_large_err, reason = "the type is ort's")]
#[expect(clippy::unnecessary_wraps, reason = "other systems have providers that can fail")]
fn provide(builder: SessionBuilder, _: Provider) -> Result<SessionBuilder, ort::Error<SessionBuilder>> {
    Ok(builder)
}

#[cfg(any(target_os = "android", target_os = "ios", target_os = "macos"))]
#[expect(clippy::result_large_err, reason = "the type is ort's")]
fn provide(
    builder: SessionBuilder,
    provider: Provider,
) -> Result<SessionBuilder, ort::Error<SessionBuilder>> {
    match provider {
        #[cfg(target_os = "android")]
        Provider::Nnapi => {
            builder.with_execution_providers([ort::ep::NNAPI::default().build().error_on_failure()])
        }
        #[cfg(any(target_os = "android", target_os = "ios"))]
        Provider::Xnnpack => {
            builder.with_execution_providers([ort::ep::XNNPACK::default().build().error_on_failure()])
        }
        #[cfg(any(target_os = "ios", target_os = "macos"))]
        Provider::CoreMl => {
            builder.with_execution_providers([ort::ep::CoreML::default().build().error_on_failure()])
        }
        // Others were refused before.
        _ => Ok(builder),
    }
}

fn failed(model: &str, reason: &str) -> FaceError {
    FaceError::Model { model: model.to_owned(), reason: reason.to_owned() }
}

/// What a model gave.
pub(crate) struct Outputs<'a> {
    model: &'static str,
    values: SessionOutputs<'a>,
}

impl Outputs<'_> {
    /// `len` numbers, of which none was looked at.
    pub fn get(&self, name: &str, len: usize) -> Result<&[f32], FaceError> {
        let value = self.values.get(name).ok_or_else(|| failed(self.model, &format!("no output {name}")))?;
        let (_, numbers) =
            value.try_extract_tensor::<f32>().map_err(|error| failed(self.model, &error.to_string()))?;
        if numbers.len() == len {
            Ok(numbers)
        } else {
            Err(failed(self.model, &format!("{name} has {} numbers instead of {len}", numbers.len())))
        }
    }

    /// `len` finite numbers.
    pub fn finite(&self, name: &str, len: usize) -> Result<&[f32], FaceError> {
        let numbers = self.get(name, len)?;
        if numbers.iter().all(|number| number.is_finite()) { Ok(numbers) } else { Err(self.not_a_number()) }
    }

    pub fn not_a_number(&self) -> FaceError {
        FaceError::NotANumber { model: self.model.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_named_with_the_way_to_get_it() {
        let error = start(Some(Path::new("/nowhere/libonnxruntime.so"))).expect_err("nothing is there");
        let text = error.to_string();
        assert!(text.contains("/nowhere/libonnxruntime.so") && text.contains("cargo xtask setup"), "{text}");
    }

    #[test]
    fn a_folder_gives_its_library_by_any_version() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(find(Some(folder.path())).is_err());
        std::fs::write(folder.path().join("libonnxruntime_providers_shared.so"), "").expect("written");
        assert!(find(Some(folder.path())).is_err());
        let name =
            format!("{}onnxruntime{}.1.32.0", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        std::fs::write(folder.path().join(&name), "").expect("written");
        assert!(find(Some(folder.path())).expect("found").ends_with(&name));
    }

    #[test]
    fn other_systems_providers_are_refused() {
        assert!(Provider::Cpu.is_built_in());
        assert!(!(Provider::Nnapi.is_built_in() && Provider::CoreMl.is_built_in()));
    }
}
