//! Cameras of a Linux desktop through V4L2 (`nokhwa`).
//!
//! Compiled and type-checked everywhere Linux is built, but a container has no `/dev/video*`: capture
//! itself has only ever run on desktops.

use nokhwa::Camera;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{
    ApiBackend, CameraFormat as NokhwaFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType,
    Resolution,
};

use super::{CameraFactory, CameraFormat, CameraSource};
use crate::devices::Device;
use crate::frame::{I420Frame, now_ms};
use crate::problem::MediaProblem;

/// Packed formats converted without a detour through RGB, best first; MJPEG is what cheap cameras have
/// at 30 pictures per second.
const FORMATS: [FrameFormat; 4] =
    [FrameFormat::NV12, FrameFormat::YUYV, FrameFormat::MJPEG, FrameFormat::RAWRGB];

pub(super) struct LinuxCameras;

impl CameraFactory for LinuxCameras {
    fn list(&self) -> Vec<Device> {
        // A webcam has a second node for metadata that cannot capture; it shares the name and comes
        // after the first, so only the first node of a name is listed.
        let mut found: Vec<(u32, String)> = nokhwa::query(ApiBackend::Video4Linux)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|info| Some((info.index().as_index().ok()?, info.human_name())))
            .collect();
        found.sort_unstable();
        let mut cameras: Vec<Device> = Vec::new();
        for (index, name) in found {
            if cameras.iter().all(|camera| camera.name != name) {
                cameras.push(Device { id: index.to_string(), name, is_default: cameras.is_empty() });
            }
        }
        cameras
    }

    fn open(&self, id: Option<&str>, wanted: CameraFormat) -> Result<Box<dyn CameraSource>, MediaProblem> {
        let id = match id {
            Some(id) => id.to_owned(),
            None => self.list().into_iter().next().ok_or(MediaProblem::NoCamera)?.id,
        };
        let index = id.parse().map_err(|_| MediaProblem::NoCamera)?;
        check_node(index)?;
        let near =
            NokhwaFormat::new(Resolution::new(wanted.width, wanted.height), FrameFormat::YUYV, wanted.rate);
        let asked = RequestedFormat::with_formats(RequestedFormatType::Closest(near), &FORMATS);
        // Some drivers list nothing close in one format; any decodable mode is better than no picture.
        let fallback = RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS);
        let mut camera = Camera::new(CameraIndex::Index(index), asked)
            .or_else(|_| Camera::new(CameraIndex::Index(index), fallback))
            .map_err(|_| MediaProblem::CameraLost)?;
        camera.open_stream().map_err(|_| MediaProblem::CameraLost)?;
        Ok(Box::new(LinuxCamera { camera }))
    }
}

/// Tells "not there" and "not allowed" apart, which the library's error texts do not.
fn check_node(index: u32) -> Result<(), MediaProblem> {
    match std::fs::OpenOptions::new().read(true).write(true).open(format!("/dev/video{index}")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(MediaProblem::NoCamera),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(MediaProblem::CameraRefused)
        }
        _ => Ok(()),
    }
}

struct LinuxCamera {
    camera: Camera,
}

impl CameraSource for LinuxCamera {
    fn next_frame(&mut self) -> Result<Option<I420Frame>, MediaProblem> {
        let buffer = self.camera.frame().map_err(|_| MediaProblem::CameraLost)?;
        let captured_ms = now_ms();
        let (width, height) = (buffer.resolution().width(), buffer.resolution().height());
        let frame = match buffer.source_frame_format() {
            FrameFormat::YUYV => I420Frame::from_yuyv(width, height, buffer.buffer(), captured_ms),
            FrameFormat::NV12 => I420Frame::from_nv12(width, height, buffer.buffer(), captured_ms),
            _ => match buffer.decode_image::<RgbFormat>() {
                Ok(image) => I420Frame::from_rgb(width, height, image.as_raw(), captured_ms),
                // A torn JPEG at start or on a shaky USB cable is skipped, not the end of the camera.
                Err(_) => None,
            },
        };
        Ok(frame)
    }
}
