//! The scanner of the first screen (J2): reads a QR code with the camera and goes where its text leads, as if it had
//! been typed. It runs while it is wanted, nobody is signed in, the app is in the foreground and no telephone call has
//! the devices; what is no address and no link of ours is said so, and the looking goes on.
//!
//! Texts are never kept and never logged: they may carry a code.

use super::app::App;
use super::devices::in_use;
use super::event::Event;
use crate::link;
use crate::media::{DeviceCheck, device_problem};
use crate::view::{DeviceProblem, ScanView};
use miantan_media::{MediaProblem, ScanNews};

/// The scanner.
#[derive(Default)]
pub struct Scan {
    /// The person opened it and did not close it.
    wanted: bool,
    number: u64,
    running: Option<Box<dyn DeviceCheck>>,
    /// The camera it was started with or switched to last.
    camera: Option<String>,
    /// Chosen for this scan only: the camera that reads posters is not the one for calls.
    chosen: Option<String>,
    view: ScanView,
}

impl Scan {
    pub fn view(&self) -> ScanView {
        self.view
    }

    /// Open, whether or not its camera is on.
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }
}

/// What the person is told; where pictures cannot be had at all, as if the camera had stopped.
fn problem_of(problem: &MediaProblem) -> DeviceProblem {
    device_problem(problem).unwrap_or(DeviceProblem::CameraLost)
}

impl App {
    pub fn start_scan(&mut self) {
        if self.account.is_some() {
            return;
        }
        if !self.scan.wanted {
            self.scan.wanted = true;
            self.scan.chosen = None;
            self.scan.view = ScanView::Starting;
            self.refresh_devices();
        }
        self.resume_scan();
    }

    /// The camera goes off and the scanner closes.
    pub fn stop_scan(&mut self) {
        self.scan.wanted = false;
        self.scan.running = None;
        self.scan.view = ScanView::Off;
    }

    /// The camera goes off until [`App::resume_scan`]; the scanner stays open.
    pub fn pause_scan(&mut self) {
        if self.scan.wanted {
            self.scan.running = None;
            self.scan.view = ScanView::Starting;
        }
    }

    /// Begins to look if it may and does not.
    pub fn resume_scan(&mut self) {
        let may = self.scan.wanted && self.foreground && !self.phone_call && self.account.is_none();
        if !may || self.scan.running.is_some() {
            return;
        }
        let camera = self.scan_camera();
        let (number, events) = (self.number(), self.events.clone());
        // Err: the session has ended.
        let tell = Box::new(move |news| {
            let _ = events.send(Event::Scan { scan: number, news });
        });
        self.scan.number = number;
        self.scan.camera.clone_from(&camera);
        match self.parts.media.scan(camera, tell) {
            Ok(running) => {
                self.scan.running = Some(running);
                self.scan.view = ScanView::Starting;
            }
            Err(problem) => {
                tracing::warn!(%problem, "the scanner did not start");
                self.scan.view = ScanView::Problem(problem_of(&problem));
            }
        }
    }

    /// The camera to look through: the one chosen for this scan; the one this build was told to use; the one that
    /// looks away from the person; the one for calls.
    fn scan_camera(&self) -> Option<String> {
        let chosen = self.scan.chosen.as_ref();
        chosen
            .or(self.options.camera.as_ref())
            .or(self.devices.outward_camera())
            .or(self.devices.camera.as_ref())
            .cloned()
    }

    /// Another camera, for this scan only.
    pub fn choose_scan_camera(&mut self, id: Option<String>) {
        self.scan.chosen = id;
        self.scan_devices_changed();
    }

    /// The camera after the one in use.
    pub fn next_scan_camera(&mut self) {
        let cameras = self.device_view().cameras;
        let used = in_use(&cameras, self.scan.camera.as_ref());
        let at = cameras.iter().position(|item| Some(&item.id) == used.as_ref());
        let next = at.and_then(|at| cameras.get((at + 1) % cameras.len()));
        if let Some(next) = next {
            self.choose_scan_camera(Some(next.id.clone()));
        }
    }

    /// Lists or choices are others: perhaps another camera is to be used.
    pub fn scan_devices_changed(&mut self) {
        let camera = self.scan_camera();
        let Some(running) = &self.scan.running else { return };
        if camera != self.scan.camera {
            running.switch(camera.clone());
            self.scan.camera = camera;
            self.scan.view = ScanView::Starting;
        }
    }

    pub async fn scan_news(&mut self, number: u64, news: &ScanNews) {
        if self.scan.number != number || self.scan.running.is_none() {
            return;
        }
        self.scan.view = match (news, self.scan.view) {
            (ScanNews::Found(text), _) => {
                if link::parse(text, self.allow_plain_http).is_ok() {
                    self.stop_scan();
                    self.use_server(text).await;
                    return;
                }
                ScanView::NotOurs
            }
            (ScanNews::Problem(problem), _) => ScanView::Problem(problem_of(problem)),
            // The foreign code may still be in sight: `Gone` says when it is not.
            (ScanNews::Live, ScanView::NotOurs) => ScanView::NotOurs,
            (ScanNews::Live, _) | (ScanNews::Gone, ScanView::NotOurs) => ScanView::Looking,
            (ScanNews::Gone, view) => view,
        };
    }
}
