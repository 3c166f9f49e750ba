//! Models and the thread that looks at the pictures.

use super::super::app::App;
use super::super::event::Event;
use super::machine::Input;
use super::{IdentityNews, taken};
use crate::faces::{self, Checker, FaceNews};
use crate::rest::Server;
use crate::view::NoFaceOffer;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::{Problem, ProblemCode};

impl App {
    pub(super) fn fetch_models(&mut self, server: Server) {
        let folder = self.models_dir.clone();
        let events = self.events.clone();
        let Some(identity) = self.at_identity() else { return };
        let number = identity.number;
        let library = miantan_face::runtime::start(None);
        if let Err(error) = library {
            tracing::warn!(%error, "no face check on this device");
            self.identity(Input::NoModels(NoFaceOffer::NoRuntime));
            return;
        }
        let task = tokio::spawn(async move {
            // Err from the channel: the session has ended.
            let tell = |done, of| {
                let news = Box::new(IdentityNews::Fetched { done, of });
                let _ = events.send(Event::Identity { step: number, news });
            };
            let result = faces::fetch(&server, &folder, tell).await;
            let _ =
                events.send(Event::Identity { step: number, news: Box::new(IdentityNews::Models(result)) });
        });
        identity.fetching = Some(task.abort_handle());
    }

    pub(super) fn start_checker(&mut self) {
        let (folder, events) = (self.models_dir.clone(), self.events.clone());
        let Some(identity) = self.at_identity() else { return };
        let number = identity.number;
        identity.ready = false;
        let started = Checker::start(folder, None, move |news| {
            // Err: the session has ended.
            let _ = events.send(Event::Identity { step: number, news: Box::new(IdentityNews::Face(news)) });
        });
        match started {
            Ok(checker) => identity.checker = Some(checker),
            Err(error) => {
                tracing::error!(%error, "no thread for the face check");
                self.identity(Input::NoModels(NoFaceOffer::NoRuntime));
            }
        }
    }

    pub(super) fn face_news(&mut self, news: FaceNews) {
        match news {
            FaceNews::Ready => {
                if let Some(identity) = self.at_identity() {
                    identity.ready = true;
                }
                self.identity(Input::ModelsReady);
            }
            FaceNews::NoRuntime => {
                self.without_checker();
                self.identity(Input::NoModels(NoFaceOffer::NoRuntime));
            }
            FaceNews::NoModel(detail) => {
                self.without_checker();
                let problem = Problem::new(ProblemCode::ModelsDiffer, detail);
                self.identity(Input::NoModels(NoFaceOffer::ModelsBroken(problem)));
            }
            FaceNews::Looked(looked) => {
                let now = self.clock.now();
                let at = Timestamp(now.0.saturating_sub(looked.age_ms));
                let full = looked.full.map(|full| taken::Full {
                    cosine: full.cosine,
                    liveness: full.liveness,
                    with_first: full.with_first,
                    crops: full.crops,
                });
                self.identity_at(at, Input::Picture { facts: looked.facts, full });
            }
            FaceNews::Broken => {
                self.without_checker();
                self.identity(Input::CheckerFailed);
            }
        }
    }

    /// The thread is gone: the next way to the camera starts another.
    fn without_checker(&mut self) {
        if let Some(identity) = self.at_identity() {
            identity.checker = None;
            identity.ready = false;
        }
        self.identity(Input::ModelsGone);
    }
}
