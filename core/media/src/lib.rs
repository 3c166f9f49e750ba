//! Pictures and sound of a call: cameras, codecs, the peer connection, and frames to the screen.
//!
//! [`call::CallMedia`] is one call between two devices; [`preview::CameraPreview`] and the audio
//! checks serve the device check before it; [`scan::CameraScan`] reads QR codes; [`screen::Screen`] carries pictures
//! to the page.
//!
//! This crate never records, never talks to the backend (signals go in and out as values), and
//! never substitutes a synthetic device for a missing real one.

pub mod audio;
pub mod call;
pub mod camera;
pub mod devices;
pub mod frame;
pub mod preview;
pub mod problem;
pub mod reach;
pub mod scan;
pub mod screen;
pub mod video;

pub use call::{CallConfig, CallMedia, CallStats, MediaEvent, Quality};
pub use camera::CameraChoice;
pub use frame::{I420Frame, Rotation};
pub use preview::CameraPreview;
pub use problem::MediaProblem;
pub use scan::{CameraScan, ScanNews};
pub use screen::{Screen, ScreenAddress, View};
