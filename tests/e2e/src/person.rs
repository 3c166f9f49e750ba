//! People with phones. A person does something and waits until it is seen; a phone can be killed and
//! started again, its folder stays.

use crate::seen;
use crate::wire::Wire;
use miantan_backend::seed::CandidateLine;
use miantan_client::view::*;
use miantan_client::{Intent, MediaOptions, Session, SessionConfig};
use miantan_domain::ids::TicketId;
use miantan_domain::model::*;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

/// Nothing takes so long unless it never happens.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// What a phone has.
#[derive(Debug, Clone, Copy)]
pub struct Devices {
    pub camera: bool,
    pub microphone: bool,
}

impl Default for Devices {
    fn default() -> Self {
        Self { camera: true, microphone: true }
    }
}

/// A phone with the app.
pub struct Phone {
    folder: tempfile::TempDir,
    pub wire: Wire,
    devices: Devices,
    /// A root this phone trusts besides the public ones.
    root: Option<Vec<u8>>,
    session: Option<Session>,
}

impl Phone {
    pub async fn new(wire: Wire, devices: Devices, root: Option<Vec<u8>>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut phone = Self { folder, wire, devices, root, session: None };
        phone.starts().await;
        phone
    }

    /// The app is started; what the store knows is on screen at once.
    pub async fn starts(&mut self) {
        // An id nothing answers to is a device that is not there.
        let or_none = |there: bool, id: &str| Some(if there { id } else { "gone" }.to_owned());
        // Nothing of a test shows up on the desktop of whoever runs it.
        let services = miantan_platform::services(self.folder.path(), None);
        let mut config = SessionConfig::new(self.folder.path(), services);
        config.downloads = self.saved();
        // Long enough for a line without a wait of its own; what is measured is not the machine's matter here.
        config.network_check_ms = 800;
        config.extra_roots = self.root.clone().into_iter().collect();
        config.media = MediaOptions {
            camera: or_none(self.devices.camera, "synthetic"),
            microphone: or_none(self.devices.microphone, "synthetic:tone"),
            speaker: Some("synthetic:sink".into()),
            addresses: vec!["127.0.0.1".parse().expect("loopback")],
            origins: None,
        };
        self.session = Some(Session::open(config).await.expect("the app starts"));
    }

    /// Where the person finds what was saved.
    pub fn saved(&self) -> std::path::PathBuf {
        self.folder.path().join("saved")
    }

    /// The process dies: nothing is said, nothing is flushed.
    pub async fn is_killed(&mut self) {
        let mut view = self.session.take().expect("it runs").view();
        let gone = async { while view.changed().await.is_ok() {} };
        tokio::time::timeout(PATIENCE, gone).await.expect("it dies");
    }

    pub async fn is_killed_and_started(&mut self) {
        self.is_killed().await;
        self.starts().await;
    }

    fn session(&self) -> &Session {
        self.session.as_ref().expect("it runs")
    }

    pub fn wants(&self, intent: Intent) {
        self.session().send(intent);
    }

    pub fn view(&self) -> Arc<AppView> {
        self.session().view().borrow().clone()
    }

    /// The screen, to see every change of it.
    pub fn watches(&self) -> tokio::sync::watch::Receiver<Arc<AppView>> {
        self.session().view()
    }

    /// Waits until this is on screen.
    pub async fn sees(&self, what: &str, shown: impl Fn(&AppView) -> bool) -> Arc<AppView> {
        let mut view = self.session().view();
        let waited = tokio::time::timeout(PATIENCE, view.wait_for(|view| shown(view))).await;
        let Ok(found) = waited else { panic!("never seen: {what}; on screen is {:#?}", self.view()) };
        found.expect("the app runs").clone()
    }

    /// First screen: the address is typed.
    pub async fn comes_to_the_hall(&self) {
        self.wants(Intent::UseServer(self.wire.url()));
        self.sees("the organiser's name", |view| matches!(view.server, ServerView::Chosen { .. })).await;
    }

    /// Connected, with both sides' pictures moving.
    pub async fn talks(&self) {
        self.sees("connected", seen::talks).await;
        self.sees("the other side's picture", seen::sees_other).await;
    }

    /// Answer to first decoded picture, in ms.
    pub fn first_frame_ms(&self) -> u64 {
        let view = self.view();
        let stats = view.call.as_ref().and_then(|call| call.stats);
        stats.and_then(|stats| stats.first_frame_ms).expect("a picture was seen")
    }
}

/// Someone with an invitation.
pub struct Candidate {
    phone: Phone,
    pub line: CandidateLine,
}

impl Deref for Candidate {
    type Target = Phone;
    fn deref(&self) -> &Phone {
        &self.phone
    }
}

impl DerefMut for Candidate {
    fn deref_mut(&mut self) -> &mut Phone {
        &mut self.phone
    }
}

impl Candidate {
    pub async fn arrives(phone: Phone, line: CandidateLine) -> Self {
        phone.comes_to_the_hall().await;
        Self { phone, line }
    }

    /// Code, and the password where there is one.
    pub async fn joins(&self) {
        self.enters_code(&self.line.code);
        if let Some(password) = &self.line.password {
            self.sees("the password is asked for", |view| {
                matches!(seen::form(view), Some(FormState::PasswordNeeded { wrong: false, .. }))
            })
            .await;
            self.enters_password(password);
        }
        self.sees("joined", |view| seen::candidate(view).is_some()).await;
    }

    pub fn enters_code(&self, code: &str) {
        self.wants(Intent::Join { code: code.into(), password: None });
    }

    pub fn enters_password(&self, password: &str) {
        let code = self.line.code.clone();
        self.wants(Intent::Join { code, password: Some(password.into()) });
    }

    /// 可以听见, 可以听见, 可以看见, each after it was really there; the network passes by itself.
    pub async fn checks_in(&self) {
        self.hears_music().await;
        self.hears_own_voice().await;
        self.sees_self().await;
        self.is_in_the_room().await;
    }

    pub async fn is_in_the_room(&self) {
        self.sees("checked in", seen::checked_in).await;
        self.sees("the room", |view| seen::room(view).is_some()).await;
    }

    pub async fn hears_music(&self) {
        self.wants(Intent::CheckBegin);
        self.sees("music plays", |view| {
            seen::step(view) == Some(CheckInStep::Speaker)
                && seen::candidate(view).is_some_and(|c| c.checks.speaker_playing)
        })
        .await;
        self.wants(Intent::CheckPassed(CheckInStep::Speaker));
    }

    pub async fn hears_own_voice(&self) {
        let microphone = |view: &AppView| seen::candidate(view).map(|candidate| candidate.checks.microphone);
        self.sees("the level moves", |view| microphone(view).is_some_and(|m| m.level_dbfs > -40.0)).await;
        self.wants(Intent::RecordToggle);
        self.sees("recording", |view| {
            microphone(view).is_some_and(|m| matches!(m.phase, MicrophonePhase::Recording { ms: 300.., .. }))
        })
        .await;
        self.wants(Intent::RecordToggle);
        self.sees("recorded", |view| {
            microphone(view).is_some_and(|m| matches!(m.phase, MicrophonePhase::Recorded { .. }))
        })
        .await;
        self.wants(Intent::PlayRecording);
        self.sees("heard", |view| microphone(view).is_some_and(|m| m.phase == MicrophonePhase::Heard)).await;
        self.wants(Intent::CheckPassed(CheckInStep::Microphone));
    }

    pub async fn sees_self(&self) {
        self.sees("a live picture", |view| {
            seen::step(view) == Some(CheckInStep::Camera)
                && seen::candidate(view).is_some_and(|c| c.checks.camera.live)
        })
        .await;
        self.wants(Intent::CheckPassed(CheckInStep::Camera));
    }

    /// Goes on without what is not there, after the hints.
    pub async fn checks_in_as_far_as_possible(&self) {
        self.hears_music().await;
        if self.phone.devices.microphone {
            self.hears_own_voice().await;
        } else {
            self.goes_without(CheckInStep::Microphone, DeviceProblem::NoMicrophone).await;
        }
        if self.phone.devices.camera {
            self.sees_self().await;
        } else {
            self.goes_without(CheckInStep::Camera, DeviceProblem::NoCamera).await;
        }
        self.is_in_the_room().await;
    }

    async fn goes_without(&self, step: CheckInStep, problem: DeviceProblem) {
        self.sees("what is missing", |view| {
            seen::step(view) == Some(step)
                && seen::candidate(view).is_some_and(|c| c.checks.problem == Some(problem))
        })
        .await;
        self.wants(Intent::CheckCannot(step));
        self.sees("hints", |view| seen::candidate(view).is_some_and(|c| !c.check_in.hints.is_empty())).await;
        self.wants(Intent::CheckGoOnAnyway(step));
    }

    pub fn ticket(&self) -> TicketId {
        seen::candidate(&self.view()).expect("joined").ticket
    }

    pub async fn answers(&self) {
        self.sees("it rings", seen::rings).await;
        self.wants(Intent::Answer);
    }
}

/// A member of an employer.
pub struct Recruiter {
    phone: Phone,
}

impl Deref for Recruiter {
    type Target = Phone;
    fn deref(&self) -> &Phone {
        &self.phone
    }
}

impl DerefMut for Recruiter {
    fn deref_mut(&mut self) -> &mut Phone {
        &mut self.phone
    }
}

impl Recruiter {
    pub async fn arrives(phone: Phone) -> Self {
        phone.comes_to_the_hall().await;
        Self { phone }
    }

    pub async fn signs_in(&self, account: &str, password: &str, member: Option<&str>) {
        let member = member.map(Into::into);
        self.wants(Intent::SignIn { account: account.into(), password: password.into(), member });
        self.sees("signed in", |view| seen::recruiter(view).is_some()).await;
    }

    /// Opens the round of this name and waits until its queue is live.
    pub async fn opens(&self, name: &str) {
        let find = |view: &AppView| match &seen::recruiter(view)?.rounds {
            Loadable::Ready(rounds) => {
                rounds.iter().find(|summary| summary.round.name == name).map(|summary| summary.round.id)
            }
            Loadable::Loading | Loadable::Failed(_) => None,
        };
        let view = self.sees("the round", |view| find(view).is_some()).await;
        self.wants(Intent::OpenRound(find(&view).expect("just seen")));
        self.sees("a live queue", |view| seen::queue(view).is_some_and(|queue| queue.live)).await;
    }

    /// Waits until this candidate can be rung, and rings.
    pub async fn rings(&self, candidate: &Candidate) {
        let ticket = candidate.ticket();
        self.sees("ready", |view| seen::presence(view, ticket) == Presence::Ready).await;
        self.wants(Intent::Ring(ticket));
    }

    /// Rings, and both talk.
    pub async fn talks_with(&self, candidate: &Candidate) {
        self.rings(candidate).await;
        candidate.answers().await;
        self.talks().await;
        candidate.talks().await;
    }
}
