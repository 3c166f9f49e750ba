//! Media that only notes what it was told, and says what the test says.

use miantan_client::media::*;
use miantan_domain::signal::Signal;
use miantan_media::audio::{MicPhase, MicState, SpeakerState};
use miantan_media::devices::{Device, DeviceList};
use miantan_media::preview::PreviewState;
use miantan_media::{I420Frame, MediaEvent, MediaProblem, ScanNews};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What happened, in order, in words: `call 1 offers`, `signal EndOfCandidates`, `preview off` …
#[derive(Clone)]
pub struct Notes {
    log: watch::Sender<Vec<String>>,
}

impl Notes {
    fn note(&self, what: impl Into<String>) {
        self.log.send_modify(|log| log.push(what.into()));
    }

    pub fn all(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// Waits until this was noted.
    pub async fn saw(&self, what: &str) {
        self.saw_times(what, 1).await;
    }

    /// Waits until this was noted so often.
    pub async fn saw_times(&self, what: &str, times: usize) {
        let mut log = self.log.subscribe();
        let found = log.wait_for(|log| log.iter().filter(|line| *line == what).count() >= times);
        let waited = tokio::time::timeout(Duration::from_secs(20), found).await;
        assert!(waited.is_ok(), "never happened: {what}; only {:?}", self.all());
    }
}

pub struct NotedMedia {
    pub notes: Notes,
    lists: Mutex<DeviceList>,
    calls: Mutex<Vec<Arc<Tell<StackNews>>>>,
    microphone: Mutex<Option<Arc<Tell<MicState>>>>,
    scan: Mutex<Option<Arc<Tell<ScanNews>>>>,
    /// No device can be opened.
    refuses: Mutex<Option<MediaProblem>>,
}

impl NotedMedia {
    pub fn new() -> Arc<Self> {
        let device = |id: &str| Device { id: id.into(), name: id.into(), is_default: true };
        let lists = DeviceList {
            cameras: vec![device("front"), Device { is_default: false, ..device("back") }],
            microphones: vec![device("mic")],
            speakers: vec![device("ear")],
            outward_camera: None,
        };
        Arc::new(Self {
            notes: Notes { log: watch::channel(Vec::new()).0 },
            lists: Mutex::new(lists),
            calls: Mutex::default(),
            microphone: Mutex::default(),
            scan: Mutex::default(),
            refuses: Mutex::default(),
        })
    }

    pub fn refuses(&self, problem: Option<MediaProblem>) {
        *self.refuses.lock().unwrap() = problem;
    }

    pub fn plug_out_speakers(&self) {
        let other = Device { id: "other".into(), name: "other".into(), is_default: true };
        self.lists.lock().unwrap().speakers = vec![other];
    }

    /// The newest call's stack says this.
    pub fn says(&self, event: MediaEvent) {
        self.news(StackNews::Media(event));
    }

    pub fn news(&self, news: StackNews) {
        let tell = self.calls.lock().unwrap().last().cloned().expect("a call");
        tell(news);
    }

    pub fn microphone_says(&self, phase: MicPhase, level_dbfs: f32, recorded_ms: u32) {
        let tell = self.microphone.lock().unwrap().clone().expect("a microphone check");
        tell(MicState { level_dbfs, peak: 0.0, recorded_ms, phase, problem: None });
    }

    pub fn scan_says(&self, news: ScanNews) {
        let tell = self.scan.lock().unwrap().clone().expect("a scan");
        tell(news);
    }

    /// This camera looks away from the person.
    pub fn looks_outward(&self, camera: &str) {
        self.lists.lock().unwrap().outward_camera = Some(camera.into());
    }

    fn may(&self) -> Result<(), MediaProblem> {
        self.refuses.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }
}

struct Thing {
    what: String,
    notes: Notes,
}

impl Thing {
    fn start(what: impl Into<String>, notes: &Notes) -> Self {
        let what = what.into();
        notes.note(format!("{what} on"));
        Self { what, notes: notes.clone() }
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.notes.note(format!("{} off", self.what));
    }
}

impl DeviceCheck for Thing {
    fn switch(&self, id: Option<String>) {
        self.notes.note(format!("{} → {}", self.what, id.unwrap_or_default()));
    }
}

impl MicrophoneTest for Thing {
    fn switch(&self, id: Option<String>) {
        self.notes.note(format!("{} → {}", self.what, id.unwrap_or_default()));
    }
    fn record(&self) {
        self.notes.note("record");
    }
    fn stop(&self) {
        self.notes.note("stop");
    }
    fn play_back(&self, _speaker: Option<String>) -> Result<bool, MediaProblem> {
        self.notes.note("play back");
        Ok(true)
    }
}

impl CallStack for Thing {
    fn signal(&self, signal: Signal) {
        self.notes.note(format!("signal {signal:?}"));
    }
    fn set_muted(&self, muted: bool) {
        self.notes.note(format!("muted {muted}"));
    }
    fn set_camera_on(&self, on: bool) {
        self.notes.note(format!("camera {on}"));
    }
    fn switch_camera(&self, id: Option<String>) {
        self.notes.note(format!("camera → {}", id.unwrap_or_default()));
    }
    fn switch_microphone(&self, id: Option<String>) {
        self.notes.note(format!("microphone → {}", id.unwrap_or_default()));
    }
    fn switch_speaker(&self, id: Option<String>) {
        self.notes.note(format!("speaker → {}", id.unwrap_or_default()));
    }
    fn restart_ice(&self) {
        self.notes.note("restart ice");
    }
    fn pause(&self, paused: bool) {
        self.notes.note(format!("paused {paused}"));
    }
    fn hide(&self, hidden: bool) {
        self.notes.note(format!("hidden {hidden}"));
    }
}

impl MediaHost for NotedMedia {
    fn screen_url(&self) -> Arc<str> {
        "ws://127.0.0.1:1/key".into()
    }
    fn devices(&self) -> DeviceList {
        self.lists.lock().unwrap().clone()
    }
    fn call(&self, setup: StackSetup, tell: Tell<StackNews>) -> Box<dyn CallStack> {
        self.calls.lock().unwrap().push(Arc::new(tell));
        let side = if setup.offers { "offers" } else { "answers" };
        self.notes.note(format!("muted {} camera {}", setup.muted, setup.camera_on));
        Box::new(Thing::start(format!("call {} {side}", setup.plan.epoch), &self.notes))
    }
    fn preview(
        &self,
        _camera: Option<String>,
        tell: Tell<PreviewState>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        self.may()?;
        tell(PreviewState { width: 640, height: 360, fps: 30.0, frames: 1, problem: None });
        Ok(Box::new(Thing::start("preview", &self.notes)))
    }
    fn face_check(
        &self,
        camera: Option<String>,
        tell: Tell<PreviewState>,
        _pictures: Tell<I420Frame>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        self.preview(camera, tell)
    }
    fn scan(
        &self,
        camera: Option<String>,
        tell: Tell<ScanNews>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        self.may()?;
        *self.scan.lock().unwrap() = Some(Arc::new(tell));
        self.notes.note(format!("scan through {}", camera.unwrap_or_default()));
        Ok(Box::new(Thing::start("scan", &self.notes)))
    }
    fn speaker_check(
        &self,
        _speaker: Option<String>,
        tell: Tell<SpeakerState>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        self.may()?;
        tell(SpeakerState { level_dbfs: -20.0, problem: None });
        Ok(Box::new(Thing::start("music", &self.notes)))
    }
    fn microphone_check(
        &self,
        _microphone: Option<String>,
        tell: Tell<MicState>,
    ) -> Result<Box<dyn MicrophoneTest>, MediaProblem> {
        self.may()?;
        *self.microphone.lock().unwrap() = Some(Arc::new(tell));
        Ok(Box::new(Thing::start("microphone", &self.notes)))
    }
    fn ring(&self, _speaker: Option<String>) -> Result<Box<dyn Send>, MediaProblem> {
        Ok(Box::new(Thing::start("ring", &self.notes)))
    }
}
