//! An employer wants to take part in a fair (F3): registered on this device, kept until it is decided
//! and seen. Its token, which opens nothing else, is in the platform's store for secrets; the licence is
//! a file of the app until the server has it.

use super::super::app::App;
use super::super::event::Event;
use crate::files;
use crate::session::sms::mainland;
use crate::session::uploads;
use crate::store::{FairWrite, Owner, Write};
use crate::view::{FormState, NoticeWhat, OfficeForm, RegistrationView};
use miantan_domain::ids::*;
use miantan_domain::model::{Registration, RegistrationState};
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::uscc::Uscc;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::path::PathBuf;
use std::sync::Arc;

/// Folder of the licence until the server has it.
const LICENCES: &str = "licence";

/// Name under which a registration's token is kept.
fn secret_name(address: &str) -> String {
    format!("registration {address}")
}

/// The registration of the server in use.
#[derive(Default)]
pub struct Registering {
    made: Option<Made>,
    /// What was sent last without an answer: sent again with the same words, it is the same one.
    tried: Option<NewRegistration>,
    sending: Option<u64>,
}

struct Made {
    registration: Registration,
    checked: WallTime,
    token: String,
    uploading: Option<u8>,
    upload: Option<tokio::task::AbortHandle>,
    failures: u32,
    again_at: Option<Timestamp>,
}

impl Drop for Made {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.abort();
        }
    }
}

/// News of a registration.
pub enum RegistrationNews {
    Registered { form: u64, result: Result<Registered, Problem> },
    Stands { id: RegistrationId, asked: bool, result: Result<Registration, Problem> },
    Licence { id: RegistrationId, result: Result<Registration, Problem> },
    Handed { id: RegistrationId, percent: u8 },
}

impl App {
    /// `words`: name, USCC, contact, phone.
    pub fn register(&mut self, fair: FairId, words: [&String; 4], password: String) {
        let [name, uscc, contact, phone] = words.map(|word| word.trim().to_owned());
        let member = self.recruiter().is_some();
        let checked = match (Uscc::parse(&uscc), mainland(&phone)) {
            (Err(bad), _) => Err(Problem::new(ProblemCode::UsccBad, bad.to_string())),
            (Ok(_), None) => Err(ProblemCode::PhoneBad.into()),
            (Ok(_), Some(_)) if name.chars().count() < 2 || contact.chars().count() < 2 => {
                Err(ProblemCode::NameBad.into())
            }
            // A known employer has its passwords.
            (Ok(_), Some(_)) if !member && password.chars().count() < PASSWORD_MIN_CHARS => {
                Err(ProblemCode::PasswordWeak.into())
            }
            (Ok(uscc), Some(phone)) => Ok((uscc.as_str().to_owned(), phone)),
        };
        let (uscc, phone) = match checked {
            Ok(checked) => checked,
            Err(problem) => return self.register_failed(problem),
        };
        let (unix_ms, random) = self.id_parts();
        let id = RegistrationId::from_parts(unix_ms, &random);
        let mut request = NewRegistration { id, fair, name, uscc, contact, phone, password };
        if let Some(tried) = &self.registering.tried {
            let again = NewRegistration { id: tried.id, ..request.clone() };
            if again == *tried {
                request = again;
            }
        }
        self.registering.tried = Some(request.clone());
        // An approved employer registers as itself; a candidate's token has nothing to do with it.
        let server = if member { self.rest() } else { self.without_session() };
        let Some(server) = server else { return };
        let form = self.number();
        self.registering.sending = Some(form);
        self.register_form(FormState::Sending);
        self.registration_later(async move {
            RegistrationNews::Registered { form, result: server.register(&request).await }
        });
    }

    fn without_session(&self) -> Option<crate::rest::Server> {
        let chosen = self.choice.chosen.as_ref()?;
        Some(self.parts.http.server(&chosen.address, None))
    }

    fn registration_later<F>(&self, asked: F)
    where
        F: Future<Output = RegistrationNews> + Send + 'static,
    {
        let Some(chosen) = &self.choice.chosen else { return };
        let address = chosen.address.clone();
        self.later(async move { Event::Registration { address, news: Box::new(asked.await) } });
    }

    /// Where the state of the form is seen: in the office, else at the entrance.
    fn register_form(&mut self, state: FormState) {
        if let Some(office) = self.office() {
            office.view.form = match state {
                FormState::Sending => OfficeForm::Sending,
                FormState::Failed { problem, .. } => OfficeForm::Failed(problem),
                FormState::Idle | FormState::PasswordNeeded { .. } | FormState::OtherDevice { .. } => {
                    OfficeForm::Done
                }
            };
        } else {
            self.entrance.form = state;
        }
    }

    fn register_failed(&mut self, problem: Problem) {
        let again_at = problem.retry_after_ms.map(|ms| self.clock.now().after(ms));
        self.register_form(FormState::Failed { problem, again_at });
    }

    /// What this device registered on the server in use, after it was chosen.
    pub async fn restore_registration(&mut self) {
        self.registering = Registering::default();
        let Some(chosen) = &self.choice.chosen else { return };
        let address = chosen.address.clone();
        self.store_all().await;
        let (registration, checked) = match self.parts.store.registration(&address).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "the stored registration cannot be read");
                return;
            }
        };
        match self.services.secrets.get(&secret_name(&address)) {
            Ok(Some(token)) => {
                self.registering.made = Some(made(registration, checked, token));
                self.check_registration(false);
                self.licence_again();
            }
            // It cannot be looked at any more; the organiser still has it.
            Ok(None) => self.forget_registration(),
            Err(error) => tracing::error!(%error, "the registration's token cannot be read"),
        }
    }

    /// `asked`: the person wants to know, and is told when the server cannot be asked.
    pub fn check_registration(&mut self, asked: bool) {
        let Some((server, id)) = self.registration_server() else { return };
        self.registration_later(async move {
            RegistrationNews::Stands { id, asked, result: server.registration(id).await }
        });
    }

    fn registration_server(&self) -> Option<(crate::rest::Server, RegistrationId)> {
        let (chosen, made) = (self.choice.chosen.as_ref()?, self.registering.made.as_ref()?);
        let server = self.parts.http.server(&chosen.address, Some(made.token.clone()));
        Some((server, made.registration.id))
    }

    pub fn forget_registration(&mut self) {
        let Some(chosen) = &self.choice.chosen else { return };
        let address = chosen.address.clone();
        self.drop_licence();
        self.registering = Registering::default();
        self.write_registration(FairWrite::RegistrationGone);
        if let Err(error) = self.services.secrets.remove(&secret_name(&address)) {
            tracing::error!(%error, "the registration's token was not removed");
        }
    }

    fn write_registration(&mut self, what: FairWrite) {
        let Some(chosen) = &self.choice.chosen else { return };
        let owner = Owner { server: chosen.address.clone(), account: String::new() };
        self.write(Write::Fair { owner: Arc::new(owner), what });
    }

    pub fn registration_news(&mut self, address: &str, news: RegistrationNews) {
        if self.choice.chosen.as_ref().is_none_or(|chosen| chosen.address != address) {
            return;
        }
        match news {
            RegistrationNews::Registered { form, result } => self.registered(form, result),
            RegistrationNews::Stands { id, asked, result } => match result {
                Ok(registration) if self.is_registration(id) => self.registration_stands(registration),
                Ok(_) => {}
                Err(problem) if asked => self.notices.tell(NoticeWhat::Refused(problem)),
                Err(problem) => tracing::info!(code = %problem.code, "the registration was not told"),
            },
            RegistrationNews::Handed { id, percent } => {
                if self.is_registration(id)
                    && let Some(made) = &mut self.registering.made
                {
                    made.uploading = Some(percent);
                }
            }
            RegistrationNews::Licence { id, result } => {
                if self.is_registration(id) {
                    self.licence_sent(result);
                }
            }
        }
    }

    fn is_registration(&self, id: RegistrationId) -> bool {
        self.registering.made.as_ref().is_some_and(|made| made.registration.id == id)
    }

    fn registered(&mut self, form: u64, result: Result<Registered, Problem>) {
        let current = self.registering.sending.take_if(|sent| *sent == form).is_some();
        match result {
            Ok(Registered { registration, token }) => {
                let Some(chosen) = &self.choice.chosen else { return };
                let address = chosen.address.clone();
                if let Err(error) = self.services.secrets.set(&secret_name(&address), &token) {
                    tracing::error!(%error, "the registration will not outlive this run");
                    self.notices.tell(NoticeWhat::StorageFailed);
                }
                self.registering.tried = None;
                let checked = self.clock.wall();
                self.registering.made = Some(made(registration.clone(), checked, token));
                self.registration_stands(registration);
                if current {
                    self.register_form(FormState::Idle);
                }
            }
            Err(problem) if current => self.register_failed(problem),
            Err(problem) => self.notices.tell(NoticeWhat::Refused(problem)),
        }
    }

    fn registration_stands(&mut self, registration: Registration) {
        let checked = self.clock.wall();
        let Some(made) = &mut self.registering.made else { return };
        made.registration = registration.clone();
        made.checked = checked;
        if registration.state != RegistrationState::LicenceMissing {
            made.uploading = None;
            self.drop_licence();
        }
        self.write_registration(FairWrite::Registration { registration: Box::new(registration), checked });
    }

    // ---- the licence

    fn licence_path(&self) -> Option<PathBuf> {
        let made = self.registering.made.as_ref()?;
        Some(self.files_dir.join(LICENCES).join(made.registration.id.to_string()))
    }

    fn drop_licence(&self) {
        let Some(path) = self.licence_path() else { return };
        if let Err(error) = std::fs::remove_file(path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the licence was not removed");
        }
    }

    /// Kept first: a lost network or a killed app only delays it.
    pub fn send_licence(&mut self, bytes: &Arc<[u8]>) {
        let refused = match files::kind(bytes) {
            _ if bytes.len() as u64 > FILE_MAX_BYTES => Some(ProblemCode::FileTooLarge),
            Some("pdf" | "png" | "jpg") => None,
            Some(_) | None => Some(ProblemCode::FileTypeRefused),
        };
        if let Some(code) = refused {
            return self.register_failed(code.into());
        }
        let Some(path) = self.licence_path() else { return };
        let folder = self.files_dir.join(LICENCES);
        let kept = std::fs::create_dir_all(folder).and_then(|()| files::write_whole(&path, bytes));
        if let Err(error) = kept {
            tracing::error!(%error, "the licence was not kept");
            return self.register_failed(ProblemCode::StorageFailed.into());
        }
        let Some(made) = &mut self.registering.made else { return };
        if let Some(upload) = made.upload.take() {
            upload.abort();
        }
        made.uploading = Some(0);
        made.failures = 0;
        made.again_at = None;
        self.upload_licence();
    }

    /// The network may be back, or the app was killed.
    pub fn licence_again(&mut self) {
        let waits = self.licence_path().is_some_and(|path| path.is_file());
        let Some(made) = &mut self.registering.made else { return };
        made.again_at = None;
        if waits && made.upload.is_none() {
            made.uploading.get_or_insert(0);
            self.upload_licence();
        }
    }

    fn upload_licence(&mut self) {
        let (Some((server, id)), Some(path)) = (self.registration_server(), self.licence_path()) else {
            return;
        };
        let Some(chosen) = &self.choice.chosen else { return };
        let (address, events) = (chosen.address.clone(), self.events.clone());
        let told = (address.clone(), events.clone());
        let task = tokio::spawn(async move {
            let result = match tokio::task::spawn_blocking(move || std::fs::read(path)).await {
                Ok(Ok(bytes)) => {
                    let of = bytes.len().max(1) as u64;
                    let tell = move |handed: u64| {
                        let percent = (handed * 100 / of).min(100) as u8;
                        let news = Box::new(RegistrationNews::Handed { id, percent });
                        // Err: the session has ended.
                        let _ = told.1.send(Event::Registration { address: told.0.clone(), news });
                    };
                    server.put_licence(id, bytes.into(), tell).await
                }
                Ok(Err(_)) | Err(_) => Err(ProblemCode::FileUnknown.into()),
            };
            let news = Box::new(RegistrationNews::Licence { id, result });
            // Err: the session has ended.
            let _ = events.send(Event::Registration { address, news });
        });
        if let Some(made) = &mut self.registering.made {
            made.upload = Some(task.abort_handle());
        }
    }

    fn licence_sent(&mut self, result: Result<Registration, Problem>) {
        let now = self.clock.now();
        let Some(made) = &mut self.registering.made else { return };
        made.upload = None;
        match result {
            Ok(registration) => {
                self.registration_stands(registration);
                // A refusal of the one before it is settled.
                if matches!(self.entrance.form, FormState::Failed { .. }) {
                    self.register_form(FormState::Idle);
                }
            }
            Err(problem)
                if uploads::is_final(&problem)
                    || uploads::is_full(&problem)
                    || problem.code == ProblemCode::NotSignedIn =>
            {
                made.uploading = None;
                self.drop_licence();
                self.register_failed(problem);
            }
            Err(problem) => {
                tracing::info!(code = %problem.code, "the licence waits");
                made.uploading = Some(0);
                made.again_at = Some(now.after(uploads::pause(&problem, made.failures)));
                made.failures += 1;
            }
        }
    }

    pub fn registration_timeout(&self) -> Option<Timestamp> {
        self.registering.made.as_ref()?.again_at
    }

    pub fn registration_time(&mut self) {
        if self.registration_timeout().is_some_and(|at| at <= self.clock.now()) {
            self.licence_again();
        }
    }

    pub fn registration_view(&self) -> Option<Arc<RegistrationView>> {
        let made = self.registering.made.as_ref()?;
        Some(Arc::new(RegistrationView {
            registration: made.registration.clone(),
            uploading: made.uploading,
            checked: made.checked,
        }))
    }
}

fn made(registration: Registration, checked: WallTime, token: String) -> Made {
    Made { registration, checked, token, uploading: None, upload: None, failures: 0, again_at: None }
}
