//! The identity step (J4) on this device: drives [`machine::Machine`]. Camera, face checker, models and the server's
//! answers are brought to it, and what it wants is done; it exists while the step is at hand and everything of it goes with
//! it. The reference is on the checker's thread for one attempt only; nothing of it is stored.

mod attempt;
mod camera;
mod checking;
pub mod machine;
pub mod seal;
pub mod taken;
#[cfg(test)]
mod tests;

use super::app::App;
use super::event::Event;
use crate::faces::{self, Checker, FaceNews};
use crate::intent::IdentityIntent;
use crate::media::DeviceCheck;
use crate::rest::Server;
use crate::view::*;
use machine::{Input, Machine, Measure, Output};
use miantan_domain::model::*;
use miantan_domain::rules::check_in::Input as CheckIn;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use miantan_media::preview::PreviewState;
use tokio::task::AbortHandle;

/// News for the step with this number.
pub enum IdentityNews {
    Status(Result<IdentityStatus, Problem>),
    Consented(Result<(), Problem>),
    Fetched {
        done: u64,
        of: u64,
    },
    /// The files are there.
    Models(Result<(), Problem>),
    Face(FaceNews),
    Camera {
        number: u64,
        state: PreviewState,
    },
    Attempt(Result<Box<FaceAttempt>, Problem>),
    Answer(Result<IdentityAnswer, Problem>),
    CodeSent(Result<CodeSent, Problem>),
    CodeChecked(Result<IdentityAnswer, Problem>),
}

/// The step at hand.
pub struct Identity {
    number: u64,
    machine: Machine,
    camera: Option<Box<dyn DeviceCheck>>,
    camera_number: u64,
    camera_id: Option<String>,
    camera_view: CameraCheckView,
    problem: Option<DeviceProblem>,
    simulated: bool,
    /// A simulated camera was used in this attempt.
    was_simulated: bool,
    checker: Option<Checker>,
    ready: bool,
    fetching: Option<AbortHandle>,
    /// Where consented frames of the attempt go.
    frames_key: Option<String>,
}

impl Drop for Identity {
    fn drop(&mut self) {
        if let Some(fetching) = &self.fetching {
            fetching.abort();
        }
    }
}

impl Identity {
    pub fn view(&self, now: Timestamp) -> IdentityView {
        let mut view = self.machine.view(now);
        view.simulated = self.simulated;
        if let IdentityStage::Framing(framing) = &mut view.stage {
            framing.camera = self.camera_view;
            framing.problem = self.problem;
        }
        view
    }
}

impl App {
    /// The step is at hand now, or not any more.
    pub fn identity_step(&mut self, at_hand: bool) {
        let number = self.number();
        let away = self.identity_away();
        let Some(candidate) = self.candidate() else { return };
        if !at_hand {
            candidate.identity = None;
            return;
        }
        if candidate.identity.is_some() {
            return;
        }
        candidate.identity = Some(Box::new(Identity {
            number,
            machine: Machine::new(),
            camera: None,
            camera_number: 0,
            camera_id: None,
            camera_view: CameraCheckView::default(),
            problem: None,
            simulated: false,
            was_simulated: false,
            checker: None,
            ready: false,
            fetching: None,
            frames_key: None,
        }));
        self.identity(Input::Away(away));
    }

    /// Someone else has the devices, or nobody looks at the screen.
    fn identity_away(&self) -> bool {
        !self.foreground
            || self.phone_call
            || self.in_call()
            || self.account.as_ref().is_some_and(|account| account.call.has_camera())
    }

    /// Whether the step may use the camera changed, perhaps.
    pub fn identity_presence(&mut self) {
        let away = self.identity_away();
        self.identity(Input::Away(away));
    }

    /// Everything of the step lets go of its devices now.
    pub fn identity_pause(&mut self) {
        self.identity(Input::Away(true));
    }

    pub fn identity_timeout(&self) -> Option<Timestamp> {
        self.candidate_ref()?.identity.as_ref()?.machine.timeout(self.clock.now())
    }

    pub fn identity_time(&mut self) {
        if self.identity_timeout().is_some() {
            self.identity(Input::Tick);
        }
    }

    /// The screen stays on while a face is looked at.
    pub fn identity_films(&self) -> bool {
        self.candidate_ref()
            .and_then(|c| c.identity.as_ref())
            .is_some_and(|identity| identity.camera.is_some())
    }

    pub fn identity_intent(&mut self, intent: IdentityIntent) {
        self.identity(match intent {
            IdentityIntent::Reload => Input::Reload,
            IdentityIntent::ChooseFace => Input::ChooseFace,
            IdentityIntent::ChooseSms => Input::ChooseSms,
            IdentityIntent::Back => Input::Back,
            IdentityIntent::Consent { face, frames } => Input::Consent { face, frames },
            IdentityIntent::Start => Input::Start,
            IdentityIntent::Cancel => Input::Cancel,
            IdentityIntent::SendCode => Input::SendCode,
            IdentityIntent::CheckCode(code) => Input::CheckCode(super::sms::code_of(&code)),
            IdentityIntent::SmsIsEnough => Input::SmsIsEnough,
        });
    }

    fn identity(&mut self, input: Input) {
        let now = self.clock.now();
        self.identity_at(now, input);
    }

    fn identity_at(&mut self, now: Timestamp, input: Input) {
        let Some(identity) = self.candidate().and_then(|candidate| candidate.identity.as_mut()) else {
            return;
        };
        identity.machine.handle(now, input);
        let outputs: Vec<_> = std::iter::from_fn(|| identity.machine.poll_output()).collect();
        for output in outputs {
            self.identity_output(output);
        }
    }

    fn at_identity(&mut self) -> Option<&mut Identity> {
        self.candidate()?.identity.as_deref_mut()
    }

    /// Starts something whose result is news for the step.
    fn identity_later<F>(&mut self, work: F)
    where
        F: Future<Output = IdentityNews> + Send + 'static,
    {
        let Some(number) = self.at_identity().map(|identity| identity.number) else { return };
        self.later(async move { Event::Identity { step: number, news: Box::new(work.await) } });
    }

    fn identity_output(&mut self, output: Output) {
        let Some(server) = self.rest() else { return };
        match output {
            Output::AskStatus => {
                self.identity_later(async move { IdentityNews::Status(server.identity().await) });
            }
            Output::Consent { frames } => {
                self.identity_later(async move { IdentityNews::Consented(consent(&server, frames).await) });
            }
            Output::FetchModels => self.fetch_models(server),
            Output::StopFetching => {
                if let Some(fetching) = self.at_identity().and_then(|identity| identity.fetching.take()) {
                    fetching.abort();
                }
            }
            Output::Camera(true) => self.identity_camera(),
            Output::Camera(false) => {
                if let Some(identity) = self.at_identity() {
                    identity.camera = None;
                    identity.camera_view = CameraCheckView::default();
                    identity.problem = None;
                }
            }
            Output::Measure(measure) => {
                if let Some(checker) = self.at_identity().and_then(|identity| identity.checker.as_ref()) {
                    checker.measure(measure == Measure::Full);
                }
            }
            Output::Cue(movement) => self.parts.media.cue(movement),
            Output::AskAttempt => {
                let ask = FaceAttemptAsk { models: faces::roles() };
                self.identity_later(async move {
                    IdentityNews::Attempt(server.face_attempt(&ask).await.map(Box::new))
                });
            }
            Output::Forget => {
                if let Some(checker) = self.at_identity().and_then(|identity| identity.checker.as_ref()) {
                    checker.forget();
                }
            }
            Output::Report(finished) => self.tell_verdict(server, *finished),
            Output::SendCode => {
                self.identity_later(async move { IdentityNews::CodeSent(server.identity_sms().await) });
            }
            Output::CheckCode { code, then_face } => {
                let code = IdentityCode { code, then_face };
                self.identity_later(
                    async move { IdentityNews::CodeChecked(server.identity_check(&code).await) },
                );
            }
            Output::SmsIsEnough => {
                self.identity_later(async move { IdentityNews::CodeChecked(server.identity_enough().await) });
            }
            Output::Settled(mark) => {
                self.check_in(CheckIn::IdentitySettled(mark.assurance));
            }
        }
    }

    pub fn identity_news(&mut self, step: u64, news: IdentityNews) {
        if self.at_identity().is_none_or(|identity| identity.number != step) {
            return;
        }
        match news {
            IdentityNews::Status(result) => self.identity(Input::Status(result)),
            IdentityNews::Consented(result) => self.identity(Input::Consented(result)),
            IdentityNews::Fetched { done, of } => self.identity(Input::Fetched { done, of }),
            IdentityNews::Models(Ok(())) => self.start_checker(),
            IdentityNews::Models(Err(problem)) => {
                self.identity(Input::NoModels(NoFaceOffer::ModelsBroken(problem)));
            }
            IdentityNews::Face(news) => self.face_news(news),
            IdentityNews::Camera { number, state } => self.identity_camera_state(number, &state),
            IdentityNews::Attempt(result) => self.attempt_came(result),
            IdentityNews::Answer(result) => self.identity(Input::Answer(result)),
            IdentityNews::CodeSent(result) => self.identity(Input::CodeSent(result)),
            IdentityNews::CodeChecked(result) => self.identity(Input::CodeChecked(result)),
        }
    }
}

/// Each consent for itself, as the law wants it.
async fn consent(server: &Server, frames: bool) -> Result<(), Problem> {
    let version = IDENTITY_CONSENT_VERSION;
    server.set_consent(&ConsentChange { purpose: Purpose::FaceCheck, version, given: true }).await?;
    if frames {
        server.set_consent(&ConsentChange { purpose: Purpose::FaceFrames, version, given: true }).await?;
    }
    Ok(())
}
