//! Where pictures come from: a choice of camera, the trait a camera implements, and the registry in
//! which the phone's `platform` crate puts its own.
//!
//! It never opens a synthetic camera in place of a missing real one; those exist only with the
//! feature `synthetic` and only when named.

#[cfg(feature = "synthetic")]
pub mod actor;
mod capture;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(feature = "synthetic")]
pub mod pattern;
#[cfg(feature = "synthetic")]
mod synthetic;
#[cfg(feature = "synthetic")]
mod y4m;

use std::sync::{Arc, RwLock};

pub(crate) use capture::{Capture, CaptureEvent};

use crate::devices::Device;
use crate::frame::I420Frame;
use crate::problem::MediaProblem;

/// Which camera a call or a preview uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraChoice {
    /// The system's first camera (on a phone: the front one).
    Default,
    /// A camera by [`Device::id`].
    Device(String),
    /// A person made of a still; see [`actor::Role`].
    #[cfg(feature = "synthetic")]
    Actor { role: String, cue: actor::Cue },
    /// A moving pattern with the time in it.
    #[cfg(feature = "synthetic")]
    Synthetic,
    /// An uncompressed YUV4MPEG2 file, played in a loop at its own rate.
    #[cfg(feature = "synthetic")]
    Y4m(std::path::PathBuf),
}

/// Id under which the synthetic camera is listed in builds that have it.
#[cfg(feature = "synthetic")]
pub const SYNTHETIC_ID: &str = "synthetic";

/// An id that begins so names a [`CameraChoice::Y4m`] by its path; it is never listed.
#[cfg(feature = "synthetic")]
pub const FILM_PREFIX: &str = "synthetic:film:";

/// An id that begins so names a [`CameraChoice::Actor`]; what follows is its role.
#[cfg(feature = "synthetic")]
pub const ACTOR_PREFIX: &str = "synthetic:actor:";

/// Roles of synthetic people, separated by `|`: each is a camera in the list, and [`SYNTHETIC_ID`] shows the first.
#[cfg(feature = "synthetic")]
pub const ACTORS_VARIABLE: &str = "MIANTAN_ACTOR";

#[cfg(feature = "synthetic")]
fn actors() -> Vec<String> {
    let roles = std::env::var(ACTORS_VARIABLE).unwrap_or_default();
    roles.split('|').filter(|role| !role.is_empty()).map(str::to_owned).collect()
}

/// Whether pictures of the camera with this id come from no camera. There in every build: what is said of a person must
/// not hang on which features of another crate were asked for.
pub fn is_synthetic(id: &str) -> bool {
    #[cfg(feature = "synthetic")]
    return id == SYNTHETIC_ID || id.starts_with(FILM_PREFIX) || id.starts_with(ACTOR_PREFIX);
    #[cfg(not(feature = "synthetic"))]
    {
        let _ = id;
        false
    }
}

#[cfg(feature = "synthetic")]
impl CameraChoice {
    /// The camera with this id; a synthetic person hears this cue.
    pub fn of(id: String, cue: &actor::Cue) -> Self {
        let role = id.strip_prefix(ACTOR_PREFIX).map(str::to_owned);
        match role.or_else(|| actors().into_iter().next().filter(|_| id == SYNTHETIC_ID)) {
            Some(role) => Self::Actor { role, cue: cue.clone() },
            None => Self::Device(id),
        }
    }
}

/// What a camera is asked for; it may deliver something near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CameraFormat {
    pub width: u32,
    pub height: u32,
    /// Pictures per second.
    pub rate: u32,
}

impl CameraFormat {
    /// What calls and previews ask for.
    pub const CALL: Self = Self { width: 640, height: 360, rate: 30 };
    /// What the face check asks for: the shape every front camera has.
    pub const FACE: Self = Self { width: 640, height: 480, rate: 30 };
}

/// An open camera. It is made and used on one thread, and dropping it turns the camera off.
pub trait CameraSource {
    /// Blocks until the next picture, at most about a second; `Ok(None)` means none came in that time.
    ///
    /// # Errors
    /// [`MediaProblem::CameraLost`] when no more will come.
    fn next_frame(&mut self) -> Result<Option<I420Frame>, MediaProblem>;
}

/// A system's cameras.
pub trait CameraFactory: Send + Sync {
    /// The cameras there are now; empty when there are none or the permission is missing.
    fn list(&self) -> Vec<Device>;

    /// Id of the camera that looks away from the person, where there is one and the system tells: what one holds
    /// up to something is seen by it.
    fn outward(&self) -> Option<String> {
        None
    }

    /// Opens a camera by id, or the default one.
    ///
    /// # Errors
    /// [`MediaProblem::NoCamera`], [`MediaProblem::CameraRefused`] or [`MediaProblem::CameraLost`]
    /// (there, but it does not start: often still in use elsewhere).
    fn open(&self, id: Option<&str>, wanted: CameraFormat) -> Result<Box<dyn CameraSource>, MediaProblem>;
}

static REGISTERED: RwLock<Option<Arc<dyn CameraFactory>>> = RwLock::new(None);

/// Puts the phone's cameras in place; called once by `platform` at start. The last one registered counts.
pub fn register(factory: Box<dyn CameraFactory>) {
    *REGISTERED.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(factory.into());
}

fn factory() -> Option<Arc<dyn CameraFactory>> {
    let registered = REGISTERED.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    #[cfg(target_os = "linux")]
    let registered = registered.or_else(|| Some(Arc::new(linux::LinuxCameras)));
    registered
}

/// The cameras of this device. Blocks for as long as the system needs to look (tens of milliseconds).
pub fn list() -> Vec<Device> {
    #[cfg_attr(not(feature = "synthetic"), allow(unused_mut))]
    let mut cameras = factory().map(|factory| factory.list()).unwrap_or_default();
    #[cfg(feature = "synthetic")]
    cameras.push(Device {
        id: SYNTHETIC_ID.to_owned(),
        name: "Synthetic camera".to_owned(),
        is_default: cameras.is_empty(),
    });
    #[cfg(feature = "synthetic")]
    for role in actors() {
        let file = std::path::Path::new(role.split(['#', ';']).next().unwrap_or_default()).file_stem();
        let name = format!("Synthetic person {}", file.unwrap_or_default().to_string_lossy());
        cameras.push(Device { id: format!("{ACTOR_PREFIX}{role}"), name, is_default: false });
    }
    cameras
}

/// Id of the camera that looks away from the person, as far as the system tells.
pub fn outward() -> Option<String> {
    factory()?.outward()
}

fn open(choice: &CameraChoice, wanted: CameraFormat) -> Result<Box<dyn CameraSource>, MediaProblem> {
    let system = |id: Option<&str>| factory().ok_or(MediaProblem::NoCamera)?.open(id, wanted);
    match choice {
        CameraChoice::Default => system(None),
        #[cfg(feature = "synthetic")]
        CameraChoice::Actor { role, cue } => Ok(Box::new(actor::Actor::open(role, cue.clone())?)),
        #[cfg(feature = "synthetic")]
        CameraChoice::Device(id) if id.starts_with(ACTOR_PREFIX) => {
            let role = &id[ACTOR_PREFIX.len()..];
            Ok(Box::new(actor::Actor::open(role, actor::Cue::default())?))
        }
        #[cfg(feature = "synthetic")]
        CameraChoice::Device(id) if id == SYNTHETIC_ID => match actors().first() {
            Some(role) => Ok(Box::new(actor::Actor::open(role, actor::Cue::default())?)),
            None => Ok(Box::new(synthetic::SyntheticCamera::new(wanted))),
        },
        #[cfg(feature = "synthetic")]
        CameraChoice::Device(id) if id.starts_with(FILM_PREFIX) => {
            Ok(Box::new(y4m::Y4mCamera::open(id[FILM_PREFIX.len()..].as_ref())?))
        }
        CameraChoice::Device(id) => system(Some(id)),
        #[cfg(feature = "synthetic")]
        CameraChoice::Synthetic => Ok(Box::new(synthetic::SyntheticCamera::new(wanted))),
        #[cfg(feature = "synthetic")]
        CameraChoice::Y4m(path) => Ok(Box::new(y4m::Y4mCamera::open(path)?)),
    }
}
