//! One phone: a session with its folder and secrets, which survive when it is killed.

use crate::hall::{Hall, PATIENCE, lin, wang};
use crate::media::NotedMedia;
use miantan_client::platform::*;
use miantan_client::view::*;
use miantan_client::{Intent, Session, SessionConfig};
use miantan_domain::model::CheckInStep;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub const CODE: &str = "ABC-DEF-GHJ";

#[derive(Default)]
struct Pocket(Mutex<HashMap<String, String>>);

impl SecretStore for Pocket {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }
    fn set(&self, name: &str, value: &str) -> Result<(), SecretError> {
        self.0.lock().unwrap().insert(name.into(), value.into());
        Ok(())
    }
    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

struct Nothing;

const NOT: NotAvailable = NotAvailable { what: "a test has no telephone" };

impl SystemSettings for Nothing {
    fn open(&self) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Dialler for Nothing {
    fn dial(&self, _number: &str) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Awake for Nothing {
    fn keep_awake(&self, _on: bool) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl PhoneCalls for Nothing {
    fn watch(&self, _tell: PhoneCallTell) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Notifier for Nothing {
    fn show(&self, _note: &LocalNote) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Network for Nothing {
    fn watch(&self, _tell: NetworkTell) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}

/// A system that says where its sound goes, when the test says so.
#[derive(Default)]
pub struct Routes(std::sync::Mutex<Option<AudioRouteTell>>);

impl Routes {
    pub fn goes_to(&self, route: AudioRoute) {
        self.0.lock().unwrap().as_ref().expect("somebody watches")(route);
    }
}

impl AudioRoutes for Routes {
    fn watch(&self, tell: AudioRouteTell) -> Result<(), NotAvailable> {
        *self.0.lock().unwrap() = Some(tell);
        Ok(())
    }
}

pub struct Phone {
    pub routes: Arc<Routes>,
    pub folder: tempfile::TempDir,
    services: Services,
    pub media: Arc<NotedMedia>,
    session: Option<Session>,
}

impl Phone {
    pub async fn new() -> Self {
        let (nothing, routes) = (Arc::new(Nothing), Arc::new(Routes::default()));
        let services = Services {
            secrets: Arc::new(Pocket::default()),
            settings: nothing.clone(),
            dialler: nothing.clone(),
            awake: nothing.clone(),
            phone_calls: nothing.clone(),
            network: nothing.clone(),
            audio_routes: routes.clone(),
            notifier: nothing,
        };
        let folder = tempfile::tempdir().unwrap();
        let mut phone = Self { routes, folder, services, media: NotedMedia::new(), session: None };
        phone.start().await;
        phone
    }

    /// Signed in as the candidate, with a socket.
    pub async fn of_lin(hall: &Hall) -> Self {
        let phone = Self::new().await;
        hall.answers_join(Ok(lin()));
        phone.at(hall).await;
        phone.wants(Intent::Join { code: CODE.into(), password: None });
        phone.sees("the candidate's app", |view| matches!(view.who, WhoView::Candidate(_))).await;
        hall.sockets(1).await;
        phone.wants(Intent::CheckBegin);
        phone
    }

    /// The candidate, through the check-in.
    pub async fn of_ready_lin(hall: &Hall) -> Self {
        let phone = Self::of_lin(hall).await;
        phone.passes_checks().await;
        phone.sees("all told", |view| candidate(view).is_some_and(|c| c.pending.is_empty())).await;
        phone
    }

    pub async fn of_wang(hall: &Hall) -> Self {
        let phone = Self::new().await;
        hall.answers_sign_in(Ok(wang()));
        phone.at(hall).await;
        phone.wants(Intent::SignIn { account: "青禾云帆".into(), password: "p".into(), member: None });
        phone.sees("the recruiter's app", |view| matches!(view.who, WhoView::Recruiter(_))).await;
        hall.sockets(1).await;
        phone
    }

    pub async fn at(&self, hall: &Hall) {
        self.wants(Intent::UseServer(hall.url.clone()));
        self.sees("the server", |view| matches!(view.server, ServerView::Chosen { .. })).await;
    }

    pub async fn passes_checks(&self) {
        for step in [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera] {
            self.sees("the step", |view| candidate(view).is_some_and(|c| c.check_in.step == Some(step)))
                .await;
            self.wants(Intent::CheckPassed(step));
        }
        self.goes_on_without_a_relay().await;
        self.sees("checked in", |view| candidate(view).is_some_and(|c| c.check_in.done)).await;
    }

    /// The hall of these tests has no relay: the step says so, and lin goes on all the same.
    pub async fn goes_on_without_a_relay(&self) {
        self.sees("what it means", |view| {
            candidate(view).is_some_and(|c| {
                c.check_in.step == Some(CheckInStep::Network)
                    && matches!(c.checks.network, NetworkCheckView::Done { .. })
            })
        })
        .await;
        self.wants(Intent::CheckCannot(CheckInStep::Network));
        self.sees("hints", |view| candidate(view).is_some_and(|c| !c.check_in.hints.is_empty())).await;
        self.wants(Intent::CheckGoOnAnyway(CheckInStep::Network));
    }

    pub async fn start(&mut self) {
        let mut config = SessionConfig::new(self.folder.path(), self.services.clone());
        config.network_check_ms = 600;
        config.downloads = self.folder.path().join("found-here");
        self.media = NotedMedia::new();
        self.session = Some(Session::open_with(config, self.media.clone()).await.unwrap());
    }

    /// The process dies: nothing is said to anybody.
    pub async fn killed(&mut self) {
        let mut view = self.session.take().expect("it runs").view();
        // the loop has let go of everything when its view channel closes
        let gone = async { while view.changed().await.is_ok() {} };
        tokio::time::timeout(PATIENCE, gone).await.expect("it stops");
    }

    pub async fn shut_down(&mut self) {
        let session = self.session.take().expect("it runs");
        tokio::time::timeout(PATIENCE, session.shutdown()).await.expect("it ends");
    }

    pub fn session(&self) -> &Session {
        self.session.as_ref().expect("it runs")
    }

    pub fn wants(&self, intent: Intent) {
        self.session().send(intent);
    }

    pub fn view(&self) -> Arc<AppView> {
        self.session().view().borrow().clone()
    }

    /// Waits until the view shows this.
    pub async fn sees(&self, what: &str, shown: impl Fn(&AppView) -> bool) -> Arc<AppView> {
        let mut view = self.session().view();
        let waited = tokio::time::timeout(PATIENCE, view.wait_for(|view| shown(view))).await;
        let Ok(found) = waited else { panic!("never shown: {what}; the view is {:#?}", self.view()) };
        found.expect("the session runs").clone()
    }
}

pub fn candidate(view: &AppView) -> Option<&CandidateView> {
    match &view.who {
        WhoView::Candidate(candidate) => Some(candidate),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Recruiter(_) => None,
    }
}

pub fn recruiter(view: &AppView) -> Option<&RecruiterView> {
    match &view.who {
        WhoView::Recruiter(recruiter) => Some(recruiter),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Candidate(_) => None,
    }
}

pub fn form(view: &AppView) -> Option<&FormState> {
    match &view.who {
        WhoView::SignedOut { form, .. } => Some(form),
        WhoView::Account(_) | WhoView::Candidate(_) | WhoView::Recruiter(_) => None,
    }
}

pub fn told(view: &AppView, what: &NoticeWhat) -> bool {
    view.notices.iter().any(|notice| notice.what == *what)
}
