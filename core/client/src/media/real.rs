//! [`MediaHost`] by `miantan-media`: real devices, real codecs, the real peer connection.

use super::{CallStack, DeviceCheck, MediaHost, MicrophoneTest, StackNews, StackSetup, Tell};
use miantan_domain::signal::Signal;
use miantan_media::audio::{AudioStartError, MicState, MicrophoneCheck, Ringer, SpeakerCheck, SpeakerState};
use miantan_media::devices::DeviceList;
use miantan_media::preview::PreviewState;
use miantan_media::{
    CallConfig, CallMedia, CameraChoice, CameraPreview, CameraScan, I420Frame, MediaEvent, MediaProblem,
    ScanNews, Screen,
};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, watch};

/// The devices of this machine.
#[derive(Debug)]
pub struct RealMedia {
    screen: Screen,
    /// Local addresses calls may use; empty: all but loopback.
    addresses: Vec<IpAddr>,
    /// Held by a call's stack from its start to its end: the next one waits until the devices of
    /// the one before are free.
    devices: Arc<Mutex<()>>,
    #[cfg(feature = "synthetic")]
    cue: miantan_media::camera::actor::Cue,
}

impl RealMedia {
    /// Opens the frame server. Must be called within a tokio runtime.
    pub async fn start(addresses: Vec<IpAddr>, origins: Option<Vec<String>>) -> Result<Self, MediaProblem> {
        let screen = match origins {
            Some(origins) => Screen::start_for(origins).await?,
            None => Screen::start().await?,
        };
        Ok(Self {
            screen,
            addresses,
            devices: Arc::default(),
            #[cfg(feature = "synthetic")]
            cue: miantan_media::camera::actor::Cue::default(),
        })
    }
}

impl RealMedia {
    #[cfg(feature = "synthetic")]
    fn face_camera(&self, id: Option<String>) -> CameraChoice {
        id.map_or(CameraChoice::Default, |id| CameraChoice::of(id, &self.cue))
    }

    #[cfg(not(feature = "synthetic"))]
    #[allow(clippy::unused_self)]
    fn face_camera(&self, id: Option<String>) -> CameraChoice {
        choice(id)
    }
}

/// A preview whose synthetic person hears what is asked.
#[cfg(feature = "synthetic")]
struct FaceCheck(CameraPreview, miantan_media::camera::actor::Cue);

#[cfg(feature = "synthetic")]
impl DeviceCheck for FaceCheck {
    fn switch(&self, id: Option<String>) {
        self.0.switch(id.map_or(CameraChoice::Default, |id| CameraChoice::of(id, &self.1)));
    }
}

fn choice(id: Option<String>) -> CameraChoice {
    id.map_or(CameraChoice::Default, CameraChoice::Device)
}

/// Sound that cannot be set up at all: no thread, no codec.
fn no_sound(error: &AudioStartError) -> MediaProblem {
    MediaProblem::Codec(error.to_string())
}

/// Passes on a state now and at each change, until its sender goes.
fn follow<T: Clone + Send + Sync + 'static>(mut state: watch::Receiver<T>, tell: Tell<T>) {
    tokio::spawn(async move {
        loop {
            let now = state.borrow_and_update().clone();
            tell(now);
            if state.changed().await.is_err() {
                break;
            }
        }
    });
}

impl MediaHost for RealMedia {
    fn screen_url(&self) -> Arc<str> {
        self.screen.address().url.into()
    }

    fn devices(&self) -> DeviceList {
        miantan_media::devices::list_devices()
    }

    fn call(&self, setup: StackSetup, tell: Tell<StackNews>) -> Box<dyn CallStack> {
        let (wishes, inbox) = mpsc::unbounded_channel();
        let config = CallConfig {
            offers: setup.offers,
            ice_servers: setup.plan.ice,
            path: setup.plan.path,
            camera: setup.camera_on.then(|| choice(setup.camera.clone())),
            microphone: setup.microphone,
            speaker: setup.speaker,
            addresses: self.addresses.clone(),
            screen: Some(self.screen.clone()),
        };
        let stack = Stack { config, muted: setup.muted, camera: setup.camera, inbox, tell };
        tokio::spawn(stack.run(Arc::clone(&self.devices)));
        Box::new(Handle(wishes))
    }

    fn preview(
        &self,
        camera: Option<String>,
        tell: Tell<PreviewState>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        let preview = CameraPreview::start(choice(camera), self.screen.clone())?;
        follow(preview.state(), tell);
        Ok(Box::new(Preview(preview)))
    }

    fn face_check(
        &self,
        camera: Option<String>,
        tell: Tell<PreviewState>,
        pictures: Tell<I420Frame>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        let preview = CameraPreview::start_watched(self.face_camera(camera), self.screen.clone(), pictures)?;
        follow(preview.state(), tell);
        #[cfg(feature = "synthetic")]
        return Ok(Box::new(FaceCheck(preview, self.cue.clone())));
        #[cfg(not(feature = "synthetic"))]
        Ok(Box::new(Preview(preview)))
    }

    fn is_simulated(&self, camera: Option<&str>) -> bool {
        camera.is_some_and(miantan_media::camera::is_synthetic)
    }

    #[cfg(feature = "synthetic")]
    fn cue(&self, movement: Option<miantan_domain::model::Movement>) {
        self.cue.ask(movement);
    }

    fn scan(
        &self,
        camera: Option<String>,
        tell: Tell<ScanNews>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        let (scan, mut news) = CameraScan::start(choice(camera), self.screen.clone())?;
        // Ends with the scan.
        tokio::spawn(async move {
            while let Some(news) = news.recv().await {
                tell(news);
            }
        });
        Ok(Box::new(Scan(scan)))
    }

    fn speaker_check(
        &self,
        speaker: Option<String>,
        tell: Tell<SpeakerState>,
    ) -> Result<Box<dyn DeviceCheck>, MediaProblem> {
        let check = SpeakerCheck::start(speaker).map_err(|error| no_sound(&error))?;
        follow(check.state(), tell);
        Ok(Box::new(Speaker(check)))
    }

    fn microphone_check(
        &self,
        microphone: Option<String>,
        tell: Tell<MicState>,
    ) -> Result<Box<dyn MicrophoneTest>, MediaProblem> {
        let check = MicrophoneCheck::start(microphone).map_err(|error| no_sound(&error))?;
        follow(check.state(), tell);
        Ok(Box::new(Microphone(check)))
    }

    fn ring(&self, speaker: Option<String>) -> Result<Box<dyn Send>, MediaProblem> {
        let ringer = Ringer::start(speaker).map_err(|error| no_sound(&error))?;
        Ok(Box::new(ringer))
    }
}

struct Preview(CameraPreview);

impl DeviceCheck for Preview {
    fn switch(&self, id: Option<String>) {
        self.0.switch(choice(id));
    }
}

struct Scan(CameraScan);

impl DeviceCheck for Scan {
    fn switch(&self, id: Option<String>) {
        self.0.switch(choice(id));
    }
}

struct Speaker(SpeakerCheck);

impl DeviceCheck for Speaker {
    fn switch(&self, id: Option<String>) {
        self.0.switch(id);
    }
}

struct Microphone(MicrophoneCheck);

impl MicrophoneTest for Microphone {
    fn switch(&self, id: Option<String>) {
        self.0.switch(id);
    }

    fn record(&self) {
        self.0.record();
    }

    fn stop(&self) {
        self.0.stop();
    }

    fn play_back(&self, speaker: Option<String>) -> Result<bool, MediaProblem> {
        self.0.play_back(speaker).map_err(|error| no_sound(&error))
    }
}

/// What the session wants of a running stack, in order.
enum Wish {
    Signal(Signal),
    Muted(bool),
    CameraOn(bool),
    Camera(Option<String>),
    Microphone(Option<String>),
    Speaker(Option<String>),
    RestartIce,
    Pause(bool),
    Hide(bool),
}

/// Dropping it ends the stack.
struct Handle(mpsc::UnboundedSender<Wish>);

impl Handle {
    fn wish(&self, wish: Wish) {
        // Err: the stack ended by itself and has told so.
        let _ = self.0.send(wish);
    }
}

impl CallStack for Handle {
    fn signal(&self, signal: Signal) {
        self.wish(Wish::Signal(signal));
    }
    fn set_muted(&self, muted: bool) {
        self.wish(Wish::Muted(muted));
    }
    fn set_camera_on(&self, on: bool) {
        self.wish(Wish::CameraOn(on));
    }
    fn switch_camera(&self, id: Option<String>) {
        self.wish(Wish::Camera(id));
    }
    fn switch_microphone(&self, id: Option<String>) {
        self.wish(Wish::Microphone(id));
    }
    fn switch_speaker(&self, id: Option<String>) {
        self.wish(Wish::Speaker(id));
    }
    fn restart_ice(&self) {
        self.wish(Wish::RestartIce);
    }
    fn pause(&self, paused: bool) {
        self.wish(Wish::Pause(paused));
    }
    fn hide(&self, hidden: bool) {
        self.wish(Wish::Hide(hidden));
    }
}

struct Stack {
    config: CallConfig,
    muted: bool,
    camera: Option<String>,
    inbox: mpsc::UnboundedReceiver<Wish>,
    tell: Tell<StackNews>,
}

impl Stack {
    async fn run(mut self, devices: Arc<Mutex<()>>) {
        let _mine = devices.lock().await;
        if self.inbox.is_closed() {
            return;
        }
        let (media, events) = match CallMedia::start(self.config.clone()).await {
            Ok(started) => started,
            Err(problem) => {
                (self.tell)(StackNews::Over(Some(problem)));
                return;
            }
        };
        media.set_muted(self.muted);
        if self.config.camera.is_none() {
            // Off for now; this one is turned on.
            media.switch_camera(choice(self.camera)).await;
        }
        let tell = self.tell;
        let (over_in, over) = tokio::sync::oneshot::channel();
        tokio::spawn(pass_on(events, tell, over_in));
        let wishes = async {
            // Signals that cannot be used are the other side's mistake: the call stays as it was.
            while let Some(wish) = self.inbox.recv().await {
                match wish {
                    Wish::Signal(signal) => {
                        if let Err(problem) = media.signal(signal).await {
                            tracing::warn!(%problem, "a signal of the other side was not taken");
                        }
                    }
                    Wish::Muted(muted) => media.set_muted(muted),
                    Wish::CameraOn(on) => media.set_camera_on(on),
                    Wish::Camera(id) => media.switch_camera(choice(id)).await,
                    Wish::Microphone(id) => media.switch_microphone(id).await,
                    Wish::Speaker(id) => media.switch_speaker(id).await,
                    Wish::RestartIce => media.restart_ice().await,
                    Wish::Pause(true) => media.pause(),
                    Wish::Pause(false) => media.resume(),
                    Wish::Hide(hidden) => media.set_hidden(hidden),
                }
            }
        };
        tokio::select! {
            () = wishes => {}
            _ = over => {}
        }
        // Devices are free when this returns; only then may the next stack open them.
        media.close().await;
    }
}

async fn pass_on(
    mut events: mpsc::Receiver<MediaEvent>,
    tell: Tell<StackNews>,
    over: tokio::sync::oneshot::Sender<()>,
) {
    while let Some(event) = events.recv().await {
        tell(StackNews::Media(event));
    }
    tell(StackNews::Over(None));
    let _ = over.send(());
}
