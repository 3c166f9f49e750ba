//! The camera of the step: started, switched, and what is said of it.

use super::super::app::App;
use super::super::event::Event;
use super::IdentityNews;
use super::machine::Input;
use crate::faces::Checker;
use crate::media::device_problem;
use crate::view::{CameraCheckView, DeviceProblem};
use miantan_media::preview::PreviewState;

impl App {
    pub(super) fn identity_camera(&mut self) {
        let (camera, _, _) = self.devices_in_use();
        let (number, events) = (self.number(), self.events.clone());
        let simulated = self.parts.media.is_simulated(camera.as_deref());
        let Some(identity) = self.at_identity() else { return };
        let Some(eye) = identity.checker.as_ref().map(Checker::eye) else { return };
        let step = identity.number;
        identity.camera_number = number;
        identity.camera_id.clone_from(&camera);
        identity.simulated = simulated;
        // Err from the channel: the session has ended.
        let tell = Box::new(move |state| {
            let news = Box::new(IdentityNews::Camera { number, state });
            let _ = events.send(Event::Identity { step, news });
        });
        let pictures = Box::new(move |frame| eye.show(frame));
        match self.parts.media.face_check(camera, tell, pictures) {
            Ok(running) => {
                if let Some(identity) = self.at_identity() {
                    identity.camera = Some(running);
                }
            }
            Err(problem) => {
                tracing::warn!(%problem, "the camera did not start");
                let problem = device_problem(&problem).unwrap_or(DeviceProblem::CameraLost);
                if let Some(identity) = self.at_identity() {
                    identity.problem = Some(problem);
                }
                self.identity(Input::CameraProblem(problem));
            }
        }
    }

    /// Another camera was chosen, or the default is another one.
    pub fn identity_camera_changed(&mut self) {
        let (camera, _, _) = self.devices_in_use();
        let simulated = self.parts.media.is_simulated(camera.as_deref());
        let Some(identity) = self.at_identity() else { return };
        if identity.camera_id == camera {
            return;
        }
        if let Some(running) = &identity.camera {
            running.switch(camera.clone());
            identity.camera_id = camera;
            identity.simulated = simulated;
            // What was used once in an attempt is told, whatever comes after it.
            identity.was_simulated |= simulated;
        }
    }

    pub(super) fn identity_camera_state(&mut self, number: u64, state: &PreviewState) {
        let Some(identity) = self.at_identity().filter(|identity| identity.camera_number == number) else {
            return;
        };
        if identity.camera.is_none() {
            return;
        }
        let problem = state
            .problem
            .as_ref()
            .map(|problem| device_problem(problem).unwrap_or(DeviceProblem::CameraLost));
        identity.problem = problem;
        identity.camera_view = CameraCheckView {
            live: state.frames > 0 && problem.is_none(),
            width: state.width,
            height: state.height,
            fps: state.fps,
        };
        if let Some(problem) = problem {
            self.identity(Input::CameraProblem(problem));
        }
    }
}
